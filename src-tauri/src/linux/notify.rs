//! Notifications with real buttons, over the desktop's own interface (Desktop Notifications Specification 1.2).
//!
//! Spoken directly instead of through a library: those at hand open a connection per notification, and one of them
//! reports success when there is no server. Here one connection lasts as long as the app, a server that starts late or
//! again is found, and a notice nobody can show falls back to what a click on it would have done.

use attendant_core::shell::Notice;
use futures_lite::StreamExt as _;
use std::collections::HashMap;
use tauri::image::Image;
use tokio::sync::mpsc;
use zbus::proxy::Proxy;
use zbus::zvariant::Value;

/// The button a click on the notification itself means.
const DEFAULT: &str = "default";
/// The `expire_timeout` of a notification that stays until it is answered.
const STAYS: i32 = 0;
/// The `expire_timeout` that leaves the time to the desktop.
const AS_USUAL: i32 = -1;

/// An answer to a notice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answered {
    /// The notice's key.
    pub key: String,
    /// The action's name, or `default`.
    pub action: String,
}

enum Order {
    Show(Notice),
    Withdraw(String),
}

/// The notifications, from outside.
#[derive(Clone)]
pub struct Notifier {
    orders: mpsc::UnboundedSender<Order>,
}

impl Notifier {
    /// Starts the notifications; answers go to `answers`. Must be called inside the async runtime.
    pub fn start(answers: mpsc::UnboundedSender<Answered>) -> Self {
        let (orders, waiting) = mpsc::unbounded_channel();
        tauri::async_runtime::spawn(run(waiting, answers));
        Self { orders }
    }

    /// Shows `notice` in place of an earlier one of the same key.
    pub fn show(&self, notice: Notice) {
        let _ = self.orders.send(Order::Show(notice));
    }

    /// Takes the notice of `key` away.
    pub fn withdraw(&self, key: String) {
        let _ = self.orders.send(Order::Withdraw(key));
    }
}

async fn run(mut orders: mpsc::UnboundedReceiver<Order>, answers: mpsc::UnboundedSender<Answered>) {
    let mut early = None;
    while let Some(order) = early.take().or(orders.recv().await) {
        let server = match Server::connect().await {
            Ok(server) => server,
            Err(error) => {
                tracing::info!(%error, "no desktop bus: notifications fall back to windows");
                fall_back(order, &answers);
                continue;
            }
        };
        early = serve(server, order, &mut orders, &answers).await;
        if early.is_none() {
            return;
        }
    }
}

/// Works until the connection or the app ends. Returns an order that came when the connection had ended.
async fn serve(
    mut server: Server,
    first: Order,
    orders: &mut mpsc::UnboundedReceiver<Order>,
    answers: &mpsc::UnboundedSender<Answered>,
) -> Option<Order> {
    let mut next = Some(first);
    loop {
        if let Some(order) = next.take() {
            match order {
                Order::Show(notice) => match server.show(&notice).await {
                    Ok(Reach::Buttons) => {}
                    Ok(Reach::WordsOnly) => fall_back(Order::Show(notice), answers),
                    Err(error) => {
                        tracing::info!(%error, "no notification server: falling back to a window");
                        fall_back(Order::Show(notice), answers);
                    }
                },
                Order::Withdraw(key) => server.withdraw(&key).await,
            }
        }
        tokio::select! {
            order = orders.recv() => next = Some(order?),
            signal = server.signals.next() => match signal {
                Some(signal) => {
                    if let Some(answer) = server.heard(&signal).await {
                        let _ = answers.send(answer);
                    }
                }
                None => return orders.recv().await,
            },
        }
    }
}

/// What a click on the notice would have done. A notice that asks nothing is only words, and is left out.
fn fall_back(order: Order, answers: &mpsc::UnboundedSender<Answered>) {
    if let Order::Show(Notice { key, actions, .. }) = order
        && !actions.is_empty()
    {
        let _ = answers.send(Answered { key, action: DEFAULT.to_owned() });
    }
}

/// What became of a shown notice.
enum Reach {
    /// The person can answer it.
    Buttons,
    /// The server shows words only.
    WordsOnly,
}

/// The desktop's notification server and what it shows of ours.
struct Server {
    proxy: Proxy<'static>,
    signals: zbus::proxy::SignalStream<'static>,
    shown: HashMap<String, u32>,
}

impl Server {
    async fn connect() -> zbus::Result<Self> {
        const NAME: &str = "org.freedesktop.Notifications";
        let connection = zbus::Connection::session().await?;
        let proxy: Proxy<'static> = zbus::proxy::Builder::new(&connection)
            .destination(NAME)?
            .path("/org/freedesktop/Notifications")?
            .interface(NAME)?
            .cache_properties(zbus::proxy::CacheProperties::No)
            .build()
            .await?;
        let signals = proxy.receive_all_signals().await?;
        Ok(Self { proxy, signals, shown: HashMap::new() })
    }

    async fn show(&mut self, notice: &Notice) -> zbus::Result<Reach> {
        // Asked every time: the server may be another one than last time.
        let can: Vec<String> = self.proxy.call("GetCapabilities", &()).await?;
        let can = |what| can.iter().any(|one| one == what);
        let reach = if can("actions") { Reach::Buttons } else { Reach::WordsOnly };
        let body = if can("body-markup") { escaped(&notice.body) } else { notice.body.clone() };
        let asks = !notice.actions.is_empty();
        let mut actions = vec![DEFAULT, "Open"];
        actions.extend(notice.actions.iter().flat_map(|(action, label)| [action.as_str(), label.as_str()]));
        let hints = HashMap::from([
            ("urgency", Value::from(1_u8)),
            ("resident", Value::from(asks)),
            ("desktop-entry", Value::from("attendant-desktop")),
            ("image-data", picture(&tauri::include_image!("../icons/app-128.png"))),
        ]);
        let replaces = self.shown.get(&notice.key).copied().unwrap_or(0);
        let id: u32 = self
            .proxy
            .call(
                "Notify",
                &(
                    "Attendant",
                    replaces,
                    "",
                    &notice.title,
                    body,
                    if matches!(reach, Reach::Buttons) { actions } else { Vec::new() },
                    hints,
                    if asks { STAYS } else { AS_USUAL },
                ),
            )
            .await?;
        self.shown.insert(notice.key.clone(), id);
        Ok(reach)
    }

    async fn withdraw(&mut self, key: &str) {
        if let Some(id) = self.shown.remove(key) {
            // It may be gone already, which is what was wanted.
            let _ = self.proxy.call::<_, _, ()>("CloseNotification", &(id,)).await;
        }
    }

    async fn heard(&mut self, signal: &zbus::Message) -> Option<Answered> {
        let header = signal.header();
        match header.member()?.as_str() {
            "ActionInvoked" => {
                let (id, action): (u32, String) = signal.body().deserialize().ok()?;
                let key = self.key_of(id)?;
                self.withdraw(&key).await;
                Some(Answered { key, action })
            }
            "NotificationClosed" => {
                let (id, _why): (u32, u32) = signal.body().deserialize().ok()?;
                let key = self.key_of(id)?;
                self.shown.remove(&key);
                None
            }
            _ => None,
        }
    }

    fn key_of(&self, id: u32) -> Option<String> {
        self.shown.iter().find(|(_, shown)| **shown == id).map(|(key, _)| key.clone())
    }
}

/// Names come from files and programs; where the server reads markup they must not become any.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// The `image-data` hint: width, height, row stride, alpha, bits per sample, channels, bytes.
fn picture(image: &Image<'_>) -> Value<'static> {
    let side = |length: u32| i32::try_from(length).unwrap_or_default();
    let (width, height) = (side(image.width()), side(image.height()));
    Value::from((width, height, width * 4, true, 8_i32, 4_i32, image.rgba().to_vec()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn notice(actions: &[(&str, &str)]) -> Notice {
        Notice {
            key: "k".to_owned(),
            title: "Sign in".to_owned(),
            body: String::new(),
            actions: actions.iter().map(|(name, label)| ((*name).to_owned(), (*label).to_owned())).collect(),
        }
    }

    #[test]
    fn only_a_notice_that_asks_falls_back() {
        let (answers, mut heard) = mpsc::unbounded_channel();
        fall_back(Order::Show(notice(&[])), &answers);
        fall_back(Order::Withdraw("k".to_owned()), &answers);
        assert!(heard.try_recv().is_err());
        fall_back(Order::Show(notice(&[("sign_in", "Sign in")])), &answers);
        assert_eq!(heard.try_recv().unwrap(), Answered { key: "k".to_owned(), action: DEFAULT.to_owned() });
    }

    #[test]
    fn markup_in_names_is_shown_as_it_is() {
        assert_eq!(escaped("<b>A & B</b>"), "&lt;b&gt;A &amp; B&lt;/b&gt;");
    }
}

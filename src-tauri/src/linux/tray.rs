//! The tray: a StatusNotifierItem that follows the view. A desktop may have no tray, or get one later: the item waits
//! for it, and [`Tray::is_shown`] says whether anybody can see it.

use crate::standing::{Line, Picture, Standing};
use ksni::menu::StandardItem;
use ksni::{MenuItem, OfflineReason, ToolTip, TrayMethods as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tauri::image::Image;
use tokio::sync::mpsc;

/// What the person chose in the tray.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chosen {
    /// Show the main window.
    Open,
    /// Sign in to the registration of this id.
    SignIn(String),
    /// End the app.
    Quit,
}

/// The tray, from outside.
#[derive(Clone)]
pub struct Tray {
    standings: mpsc::UnboundedSender<Standing>,
    shown: Arc<AtomicBool>,
}

impl Tray {
    /// Starts the tray; choices go to `chosen`. Must be called inside the async runtime.
    pub fn start(standing: Standing, chosen: mpsc::UnboundedSender<Chosen>) -> Self {
        let (standings, mut changes) = mpsc::unbounded_channel();
        let shown = Arc::new(AtomicBool::new(false));
        let item = Item { standing, chosen, shown: shown.clone() };
        tauri::async_runtime::spawn(async move {
            // Set before, because the item only reports changes from here on.
            item.shown.store(true, Ordering::Relaxed);
            let shown = item.shown.clone();
            let handle = match item.assume_sni_available(true).spawn().await {
                Ok(handle) => handle,
                Err(error) => {
                    shown.store(false, Ordering::Relaxed);
                    tracing::info!(%error, "there is no tray");
                    return;
                }
            };
            while let Some(standing) = changes.recv().await {
                handle.update(move |item: &mut Item| item.standing = standing).await;
            }
        });
        Self { standings, shown }
    }

    /// Shows `standing`.
    pub fn show(&self, standing: Standing) {
        let _ = self.standings.send(standing);
    }

    /// Whether the desktop shows the tray now.
    pub fn is_shown(&self) -> bool {
        self.shown.load(Ordering::Relaxed)
    }
}

/// The item as the desktop sees it.
struct Item {
    standing: Standing,
    chosen: mpsc::UnboundedSender<Chosen>,
    shown: Arc<AtomicBool>,
}

impl Item {
    fn says(text: &str) -> MenuItem<Self> {
        StandardItem { label: label(text), enabled: false, ..Default::default() }.into()
    }

    fn does(text: &str, chosen: Chosen) -> MenuItem<Self> {
        StandardItem {
            label: label(text),
            activate: Box::new(move |item: &mut Self| {
                let _ = item.chosen.send(chosen.clone());
            }),
            ..Default::default()
        }
        .into()
    }

    fn line(line: &Line) -> MenuItem<Self> {
        match line {
            Line::Says(text) => Self::says(text),
            Line::SignIn { id, label } => Self::does(label, Chosen::SignIn(id.clone())),
        }
    }
}

impl ksni::Tray for Item {
    fn id(&self) -> String {
        "attendant".to_owned()
    }

    fn title(&self) -> String {
        format!("Attendant: {}", self.standing.sentence)
    }

    fn status(&self) -> ksni::Status {
        match self.standing.picture {
            Picture::NeedsYou => ksni::Status::NeedsAttention,
            Picture::Covered | Picture::SignedOut => ksni::Status::Active,
        }
    }

    fn icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixmaps(self.standing.picture)
    }

    fn attention_icon_pixmap(&self) -> Vec<ksni::Icon> {
        pixmaps(Picture::NeedsYou)
    }

    fn tool_tip(&self) -> ToolTip {
        ToolTip {
            title: "Attendant".to_owned(),
            description: markup(&self.standing.sentence),
            ..ToolTip::default()
        }
    }

    fn activate(&mut self, _x: i32, _y: i32) {
        let _ = self.chosen.send(Chosen::Open);
    }

    fn menu(&self) -> Vec<MenuItem<Self>> {
        let mut menu = Vec::new();
        for group in [&self.standing.needs_you, &self.standing.others] {
            menu.extend(group.iter().map(Self::line));
            if !group.is_empty() {
                menu.push(MenuItem::Separator);
            }
        }
        menu.push(Self::does("Open Attendant", Chosen::Open));
        menu.push(Self::does("Quit Attendant", Chosen::Quit));
        menu
    }

    fn watcher_online(&self) {
        self.shown.store(true, Ordering::Relaxed);
    }

    fn watcher_offline(&self, reason: OfflineReason) -> bool {
        tracing::info!(?reason, "the desktop shows no tray");
        self.shown.store(false, Ordering::Relaxed);
        true
    }
}

/// A menu label that shows `text` as it is: an underscore would mark an access key.
fn label(text: &str) -> String {
    text.replace('_', "__")
}

/// A tooltip may hold markup, and names come from files.
fn markup(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

/// One petrol for light and dark panels: 3.7 to 1 on white, 4.5 to 1 on near black. The drawings give the shape only.
const COLOUR: [u8; 3] = [0x2f, 0x91, 0x9c];

fn pixmaps(picture: Picture) -> Vec<ksni::Icon> {
    match picture {
        Picture::Covered => [
            tauri::include_image!("../icons/tray-covered-16.png"),
            tauri::include_image!("../icons/tray-covered-32.png"),
            tauri::include_image!("../icons/tray-covered-128.png"),
        ],
        Picture::NeedsYou => [
            tauri::include_image!("../icons/tray-needs-you-16.png"),
            tauri::include_image!("../icons/tray-needs-you-32.png"),
            tauri::include_image!("../icons/tray-needs-you-128.png"),
        ],
        Picture::SignedOut => [
            tauri::include_image!("../icons/tray-signed-out-16.png"),
            tauri::include_image!("../icons/tray-signed-out-32.png"),
            tauri::include_image!("../icons/tray-signed-out-128.png"),
        ],
    }
    .iter()
    .map(pixmap)
    .collect()
}

fn pixmap(image: &Image<'_>) -> ksni::Icon {
    let [red, green, blue] = COLOUR;
    let data =
        image.rgba().as_chunks::<4>().0.iter().flat_map(|[.., alpha]| [*alpha, red, green, blue]).collect();
    ksni::Icon {
        width: i32::try_from(image.width()).unwrap_or_default(),
        height: i32::try_from(image.height()).unwrap_or_default(),
        data,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{registration, view};
    use attendant_protocol::SessionState;
    use ksni::Tray as _;

    fn item(state: SessionState) -> (Item, mpsc::UnboundedReceiver<Chosen>) {
        let (chosen, choices) = mpsc::unbounded_channel();
        let standing = Standing::of(&view(&[registration("a_b", state)]), &chrono::Utc);
        (Item { standing, chosen, shown: Arc::default() }, choices)
    }

    #[test]
    fn the_menu_signs_in_opens_and_quits() {
        let (mut item, mut choices) = item(SessionState::NeedsPerson);
        let mut labels = Vec::new();
        for entry in item.menu() {
            if let MenuItem::Standard(entry) = entry {
                if entry.enabled {
                    (entry.activate)(&mut item);
                }
                labels.push(entry.label);
            }
        }
        assert_eq!(labels, ["a__b needs you", "Sign in to a__b", "Open Attendant", "Quit Attendant"]);
        for expected in [Chosen::SignIn("a_b".to_owned()), Chosen::Open, Chosen::Quit] {
            assert_eq!(choices.try_recv().unwrap(), expected);
        }
    }

    #[test]
    fn pictures_differ_and_have_the_sizes_they_say() {
        let of = |picture| pixmaps(picture).into_iter().map(|icon| icon.data).collect::<Vec<_>>();
        let all = [Picture::Covered, Picture::NeedsYou, Picture::SignedOut];
        for picture in all {
            for icon in pixmaps(picture) {
                assert_eq!(icon.data.len(), usize::try_from(icon.width * icon.height * 4).unwrap());
                assert!(icon.data.as_chunks::<4>().0.iter().any(|[alpha, ..]| *alpha == 255));
            }
        }
        assert_ne!(of(all[0]), of(all[1]));
        assert_ne!(of(all[1]), of(all[2]));
    }

    #[test]
    fn attention_is_asked_for_only_when_needed() {
        assert_eq!(item(SessionState::NeedsPerson).0.status(), ksni::Status::NeedsAttention);
        assert_eq!(item(SessionState::Active).0.status(), ksni::Status::Active);
    }
}

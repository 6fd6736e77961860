//! A notification server that remembers what was shown and lets a story press the buttons
//! (Desktop Notifications Specification 1.2).

use super::{Seen, Shared};
use crate::Result;
use std::collections::HashMap;
use std::sync::PoisonError;
use zbus::blocking::Connection;
use zbus::interface;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;

pub(super) const NAME: &str = "org.freedesktop.Notifications";
pub(super) const PATH: &str = "/org/freedesktop/Notifications";

/// A notification as it was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The server's number for it.
    pub id: u32,
    /// Its headline.
    pub title: String,
    /// Its text.
    pub body: String,
    /// `(action, label)` pairs.
    pub actions: Vec<(String, String)>,
    /// It was withdrawn or answered.
    pub closed: bool,
}

pub(super) struct Server {
    seen: Shared,
    last: u32,
}

impl Server {
    pub(super) fn new(seen: Shared) -> Self {
        Self { seen, last: 0 }
    }
}

#[interface(name = "org.freedesktop.Notifications")]
impl Server {
    #[expect(clippy::too_many_arguments, reason = "the specification's signature")]
    fn notify(
        &mut self,
        _app_name: String,
        replaces_id: u32,
        _icon: String,
        title: String,
        body: String,
        actions: Vec<String>,
        _hints: HashMap<String, OwnedValue>,
        _expire: i32,
    ) -> u32 {
        let id = if replaces_id == 0 {
            self.last += 1;
            self.last
        } else {
            replaces_id
        };
        let actions =
            actions.chunks_exact(2).map(|pair| (pair[0].clone(), pair[1].clone())).collect::<Vec<_>>();
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        close(&mut seen, id);
        seen.notifications.push(Shown { id, title, body, actions, closed: false });
        id
    }

    async fn close_notification(&self, #[zbus(signal_emitter)] emitter: SignalEmitter<'_>, id: u32) {
        close(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner), id);
        // Nobody has to listen.
        let _ = Self::notification_closed(&emitter, id, 3).await;
    }

    fn get_capabilities(&self) -> Vec<&str> {
        vec!["actions", "body", "persistence"]
    }

    fn get_server_information(&self) -> (&str, &str, &str, &str) {
        ("Test notifications", "Attendant", "1", "1.2")
    }

    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: &str) -> zbus::Result<()>;
}

pub(super) fn close(seen: &mut Seen, id: u32) {
    seen.notifications.iter_mut().filter(|shown| shown.id == id).for_each(|shown| shown.closed = true);
}

/// What a server does when the person presses a button: it says so, and then that the notification is gone.
pub(super) fn answer(connection: &Connection, id: u32, action: &str) -> Result<()> {
    connection.emit_signal(None::<&str>, PATH, NAME, "ActionInvoked", &(id, action))?;
    connection.emit_signal(None::<&str>, PATH, NAME, "NotificationClosed", &(id, 2_u32))?;
    Ok(())
}

//! The parts of a desktop that a story looks at and answers through: notifications and the tray.

mod notifications;
mod tray;

pub use notifications::Shown;
pub use tray::Tray;

use crate::Result;
use crate::patience::wait_for;
use crate::world::Without;
use std::sync::{Arc, Mutex, PoisonError};
use zbus::blocking::{Connection, connection};

/// What programs told the desktop so far.
#[derive(Debug, Default)]
struct Seen {
    notifications: Vec<Shown>,
    items: Vec<tray::Registered>,
}

type Shared = Arc<Mutex<Seen>>;

/// Notification server and tray on a private bus.
pub struct Desktop {
    connection: Connection,
    seen: Shared,
}

impl Desktop {
    /// Takes the names on the bus at `address`.
    ///
    /// # Errors
    /// Somebody else has them, or there is no bus.
    pub fn start(address: &str, without: Without) -> Result<Self> {
        let seen = Shared::default();
        let mut builder = connection::Builder::address(address)?;
        if !without.notifications {
            builder = builder
                .serve_at(notifications::PATH, notifications::Server::new(seen.clone()))?
                .name(notifications::NAME)?;
        }
        if !without.tray {
            builder = builder.serve_at(tray::PATH, tray::Watcher::new(seen.clone()))?.name(tray::NAME)?;
        }
        Ok(Self { connection: builder.build()?, seen })
    }

    /// Every notification so far, the oldest first.
    pub fn notifications(&self) -> Vec<Shown> {
        self.look(|seen| seen.notifications.clone())
    }

    /// Waits for a notification that is on the screen and fits.
    ///
    /// # Errors
    /// None came.
    pub fn notification(&self, what: &str, fits: impl Fn(&Shown) -> bool) -> Result<Shown> {
        wait_for(&format!("the notification {what}"), || {
            Ok(self.notifications().into_iter().rev().find(|shown| !shown.closed && fits(shown)))
        })
    }

    /// The person uses a button of a notification, or `default` for its body.
    ///
    /// # Errors
    /// The bus is gone.
    pub fn answer(&self, shown: &Shown, action: &str) -> Result<()> {
        notifications::answer(&self.connection, shown.id, action)?;
        self.look(|seen| notifications::close(seen, shown.id));
        Ok(())
    }

    /// Waits for an icon in the tray; of several programs' the newest that still answers.
    ///
    /// # Errors
    /// None came.
    pub fn tray(&self) -> Result<Tray<'_>> {
        wait_for("an icon in the tray", || {
            let items = self.look(|seen| seen.items.clone());
            let mut trays = items.into_iter().rev().map(|item| Tray::new(&self.connection, item));
            Ok(trays.find(|tray| tray.title().is_ok()))
        })
    }

    fn look<T>(&self, look: impl FnOnce(&mut Seen) -> T) -> T {
        look(&mut self.seen.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

//! A tray: accepts status icons as a desktop panel does, reads their menus and chooses entries
//! (StatusNotifierItem and `com.canonical.dbusmenu`).

use super::Shared;
use crate::Result;
use crate::patience::wait_for;
use anyhow::Context;
use std::collections::HashMap;
use std::sync::PoisonError;
use zbus::blocking::{Connection, Proxy};
use zbus::interface;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

pub(super) const NAME: &str = "org.kde.StatusNotifierWatcher";
pub(super) const PATH: &str = "/StatusNotifierWatcher";
const ITEM: &str = "org.kde.StatusNotifierItem";
const MENU: &str = "com.canonical.dbusmenu";

/// Where a registered icon lives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Registered {
    destination: String,
    path: String,
}

pub(super) struct Watcher {
    seen: Shared,
}

impl Watcher {
    pub(super) fn new(seen: Shared) -> Self {
        Self { seen }
    }
}

#[interface(name = "org.kde.StatusNotifierWatcher")]
impl Watcher {
    /// Some programs give their bus name, some an object path.
    async fn register_status_notifier_item(
        &mut self,
        #[zbus(header)] header: Header<'_>,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
        service: String,
    ) {
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let item = if service.starts_with('/') {
            Registered { destination: sender, path: service.clone() }
        } else {
            Registered { destination: service.clone(), path: "/StatusNotifierItem".into() }
        };
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).items.push(item);
        // Nobody has to listen.
        let _ = Self::status_notifier_item_registered(&emitter, &service).await;
    }

    fn register_status_notifier_host(&self, _service: String) {}

    #[zbus(property)]
    fn registered_status_notifier_items(&self) -> Vec<String> {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.items.iter().map(|item| format!("{}{}", item.destination, item.path)).collect()
    }

    #[zbus(property)]
    fn is_status_notifier_host_registered(&self) -> bool {
        true
    }

    #[zbus(property)]
    fn protocol_version(&self) -> i32 {
        0
    }

    #[zbus(signal)]
    async fn status_notifier_item_registered(emitter: &SignalEmitter<'_>, service: &str) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_item_unregistered(
        emitter: &SignalEmitter<'_>,
        service: &str,
    ) -> zbus::Result<()>;

    #[zbus(signal)]
    async fn status_notifier_host_registered(emitter: &SignalEmitter<'_>) -> zbus::Result<()>;
}

/// One icon in the tray.
pub struct Tray<'a> {
    connection: &'a Connection,
    item: Registered,
}

/// `(id, properties, children)` of `com.canonical.dbusmenu`.
type Layout = (i32, HashMap<String, OwnedValue>, Vec<OwnedValue>);

impl<'a> Tray<'a> {
    pub(super) fn new(connection: &'a Connection, item: Registered) -> Self {
        Self { connection, item }
    }

    /// The icon's name, or none if it is drawn as pixels only.
    ///
    /// # Errors
    /// The icon is gone.
    pub fn icon(&self) -> Result<String> {
        Ok(self.proxy(ITEM)?.get_property("IconName")?)
    }

    /// The text beside the icon.
    ///
    /// # Errors
    /// The icon is gone.
    pub fn title(&self) -> Result<String> {
        Ok(self.proxy(ITEM)?.get_property("Title")?)
    }

    /// `Active`, `Passive` or `NeedsAttention`.
    ///
    /// # Errors
    /// The icon is gone.
    pub fn status(&self) -> Result<String> {
        Ok(self.proxy(ITEM)?.get_property("Status")?)
    }

    /// The menu's entries as `(id, label)`, separators left out.
    ///
    /// # Errors
    /// The icon is gone, or has no menu.
    pub fn menu(&self) -> Result<Vec<(i32, String)>> {
        let menu = self.menu_proxy()?;
        let (_revision, (_, _, children)): (u32, Layout) =
            menu.call("GetLayout", &(0, -1, Vec::<&str>::new()))?;
        let mut entries = Vec::new();
        for child in children {
            let (id, properties, _): Layout = child.try_into()?;
            if let Some(Value::Str(label)) = properties.get("label").map(|value| &**value) {
                // An underscore marks the letter for the keyboard.
                entries.push((id, label.replace('_', "")));
            }
        }
        Ok(entries)
    }

    /// Waits for an entry that starts with `label` and chooses it.
    ///
    /// # Errors
    /// There is no such entry.
    pub fn choose(&self, label: &str) -> Result<()> {
        let id = wait_for(&format!("\"{label}\" in the tray's menu"), || {
            let entries = self.menu()?;
            Ok(entries.into_iter().find(|(_, text)| text.starts_with(label)).map(|(id, _)| id))
        })?;
        let () = self.menu_proxy()?.call("Event", &(id, "clicked", Value::from(0_i32), 0_u32))?;
        Ok(())
    }

    fn menu_proxy(&self) -> Result<Proxy<'_>> {
        let path: OwnedObjectPath = self.proxy(ITEM)?.get_property("Menu")?;
        Ok(Proxy::new(self.connection, self.item.destination.clone(), path, MENU)?)
    }

    fn proxy(&self, interface: &'static str) -> Result<Proxy<'_>> {
        Proxy::new(self.connection, self.item.destination.clone(), self.item.path.clone(), interface)
            .context("the tray's icon")
    }
}

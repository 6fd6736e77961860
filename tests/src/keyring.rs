//! The real keyring of a world, looked at from outside the app: the Secret Service API over the private bus.

use crate::Result;
use crate::patience::wait_for;
use anyhow::Context;
use std::collections::HashMap;
use zbus::blocking::{Connection, Proxy, connection};
use zbus::zvariant::{ObjectPath, OwnedObjectPath, OwnedValue, Value};

/// The password of a world's keyring.
pub const PASSWORD: &str = "correct horse";

const SERVICE: &str = "org.freedesktop.secrets";
const ROOT: &str = "/org/freedesktop/secrets";
const COLLECTION: &str = "/org/freedesktop/secrets/collection/login";

/// One item: what can be read without its secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Item {
    /// What a person sees in a keyring manager.
    pub label: String,
    /// What programs search by.
    pub attributes: HashMap<String, String>,
}

/// A look at the keyring.
pub struct Keyring(Connection);

impl Keyring {
    /// Connects to the bus at `address`.
    ///
    /// # Errors
    /// There is no bus.
    pub fn open(address: &str) -> Result<Self> {
        Ok(Self(connection::Builder::address(address)?.build()?))
    }

    /// Every item in the login collection.
    ///
    /// # Errors
    /// The keyring does not answer.
    pub fn items(&self) -> Result<Vec<Item>> {
        let collection = self.proxy(COLLECTION, "org.freedesktop.Secret.Collection")?;
        let paths: Vec<OwnedObjectPath> = collection.get_property("Items")?;
        paths
            .into_iter()
            .map(|path| {
                let item = Proxy::new(&self.0, SERVICE, path, "org.freedesktop.Secret.Item")?;
                Ok(Item { label: item.get_property("Label")?, attributes: item.get_property("Attributes")? })
            })
            .collect()
    }

    /// The items that Attendant made.
    ///
    /// # Errors
    /// The keyring does not answer.
    pub fn ours(&self) -> Result<Vec<Item>> {
        let mut items = self.items()?;
        items.retain(|item| {
            item.attributes
                .values()
                .chain([&item.label])
                .any(|text| text.to_lowercase().contains("attendant"))
        });
        Ok(items)
    }

    /// Deletes every item, as a reset or another program would.
    ///
    /// # Errors
    /// The keyring refused.
    pub fn empty(&self) -> Result<()> {
        let collection = self.proxy(COLLECTION, "org.freedesktop.Secret.Collection")?;
        let paths: Vec<OwnedObjectPath> = collection.get_property("Items")?;
        for path in paths {
            let item = Proxy::new(&self.0, SERVICE, path, "org.freedesktop.Secret.Item")?;
            let _prompt: OwnedObjectPath = item.call("Delete", &())?;
        }
        Ok(())
    }

    /// Locks it.
    ///
    /// # Errors
    /// The keyring refused.
    pub fn lock(&self) -> Result<()> {
        let service = self.proxy(ROOT, "org.freedesktop.Secret.Service")?;
        let collection = ObjectPath::try_from(COLLECTION)?;
        let _locked: (Vec<OwnedObjectPath>, OwnedObjectPath) = service.call("Lock", &(vec![collection],))?;
        Ok(())
    }

    /// Unlocks it with the password, without a window.
    ///
    /// # Errors
    /// The keyring refused.
    pub fn unlock(&self) -> Result<()> {
        let service = self.proxy(ROOT, "org.freedesktop.Secret.Service")?;
        let (_, session): (OwnedValue, OwnedObjectPath) =
            service.call("OpenSession", &("plain", Value::from("")))?;
        let inside = self.proxy(ROOT, "org.gnome.keyring.InternalUnsupportedGuiltRiddenInterface")?;
        let secret = (session, Vec::<u8>::new(), PASSWORD.as_bytes().to_vec(), "text/plain");
        let () = inside.call("UnlockWithMasterPassword", &(ObjectPath::try_from(COLLECTION)?, secret))?;
        Ok(())
    }

    fn proxy(&self, path: &'static str, interface: &'static str) -> Result<Proxy<'_>> {
        Proxy::new(&self.0, SERVICE, path, interface).context("the keyring")
    }
}

/// Waits until the keyring answers on the bus at `address`.
///
/// # Errors
/// It did not come.
pub fn wait_ready(address: &str) -> Result<()> {
    let keyring = Keyring::open(address)?;
    wait_for("the keyring", || keyring.items().map(|_| Some(())))
}

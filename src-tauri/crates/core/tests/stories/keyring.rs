//! A keyring in memory that outlives the app, and can be locked or taken away.

use attendant_core::vault::{KeyringFinding, Look, StoreFactory};
use keyring::api::{CredentialApi, CredentialStoreApi};
use keyring::{Credential, CredentialStore, Entry, Error};
use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

type Items = Arc<Mutex<BTreeMap<String, Vec<u8>>>>;

#[derive(Debug, Clone)]
pub struct MemoryKeyring {
    pub items: Items,
    look: Arc<Mutex<Look>>,
}

impl MemoryKeyring {
    pub fn new() -> Self {
        Self { items: Items::default(), look: Arc::new(Mutex::new(Look::Open)) }
    }

    pub fn becomes(&self, look: Look) {
        *self.look.lock().unwrap() = look;
    }

    pub fn is_empty(&self) -> bool {
        self.items.lock().unwrap().is_empty()
    }
}

impl StoreFactory for MemoryKeyring {
    fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
        Ok(Arc::new(MemoryStore { items: self.items.clone() }))
    }

    fn look(&self, _user: Option<&str>) -> Look {
        self.look.lock().unwrap().clone()
    }

    fn unlock(&self) -> Result<(), KeyringFinding> {
        self.becomes(Look::Open);
        Ok(())
    }

    fn name(&self) -> Option<String> {
        Some("Test keyring".into())
    }

    fn limit(&self) -> usize {
        64 * 1024
    }
}

#[derive(Debug)]
struct MemoryStore {
    items: Items,
}

impl CredentialStoreApi for MemoryStore {
    fn vendor(&self) -> String {
        "stories".into()
    }

    fn id(&self) -> String {
        "memory".into()
    }

    fn build(&self, service: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> keyring::Result<Entry> {
        let credential: Arc<Credential> =
            Arc::new(MemoryItem { items: self.items.clone(), service: service.into(), user: user.into() });
        Ok(Entry::new_with_credential(credential))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

#[derive(Debug)]
struct MemoryItem {
    items: Items,
    service: String,
    user: String,
}

impl CredentialApi for MemoryItem {
    fn set_secret(&self, secret: &[u8]) -> keyring::Result<()> {
        self.items.lock().unwrap().insert(self.user.clone(), secret.to_vec());
        Ok(())
    }

    fn get_secret(&self) -> keyring::Result<Vec<u8>> {
        self.items.lock().unwrap().get(&self.user).cloned().ok_or(Error::NoEntry)
    }

    fn delete_credential(&self) -> keyring::Result<()> {
        self.items.lock().unwrap().remove(&self.user).map(drop).ok_or(Error::NoEntry)
    }

    fn get_credential(&self) -> keyring::Result<Option<Arc<Credential>>> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        Some((self.service.clone(), self.user.clone()))
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

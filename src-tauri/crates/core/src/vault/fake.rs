//! A keyring for tests: kept in memory, with a daemon that can be restarted, locked, slow, cut or broken.

use super::{KeyringFinding, Look, StoreFactory};
use keyring::api::{CredentialApi, CredentialStoreApi};
use keyring::{Credential, CredentialStore, Entry, Error};
use std::any::Any;
use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The daemon.
#[derive(Debug, Default)]
pub(crate) struct Daemon {
    pub(crate) items: BTreeMap<String, Vec<Vec<u8>>>,
    /// Counts restarts; a store of an earlier life fails.
    pub(crate) life: u32,
    pub(crate) opened: u32,
    pub(crate) writes: u32,
    pub(crate) unlocks: u32,
    /// What writing stores instead, if it lies.
    pub(crate) cut_at: Option<usize>,
    /// Fails this write and all later ones, counted from 1.
    pub(crate) fails_from_write: Option<u32>,
    pub(crate) says_no: Option<String>,
    /// Calls wait while this is set.
    pub(crate) held: bool,
}

#[derive(Debug)]
pub(crate) struct FakeKeyring {
    shared: Arc<(Mutex<Daemon>, Condvar)>,
    look: Mutex<Look>,
    person_says_yes: Mutex<bool>,
    limit: usize,
}

impl FakeKeyring {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            shared: Arc::default(),
            look: Mutex::new(Look::Open),
            person_says_yes: Mutex::new(true),
            limit,
        })
    }

    pub(crate) fn daemon(&self) -> MutexGuard<'_, Daemon> {
        self.shared.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Lets calls that wait go on.
    pub(crate) fn release(&self) {
        self.daemon().held = false;
        self.shared.1.notify_all();
    }

    pub(crate) fn set_look(&self, look: Look) {
        *self.look.lock().unwrap() = look;
    }

    pub(crate) fn set_person_says_yes(&self, yes: bool) {
        *self.person_says_yes.lock().unwrap() = yes;
    }
}

impl StoreFactory for FakeKeyring {
    fn open(&self) -> keyring::Result<Arc<CredentialStore>> {
        let mut daemon = self.daemon();
        daemon.opened += 1;
        Ok(Arc::new(FakeStore { shared: self.shared.clone(), life: daemon.life }))
    }

    fn look(&self, _user: Option<&str>) -> Look {
        self.look.lock().unwrap().clone()
    }

    fn unlock(&self) -> Result<(), KeyringFinding> {
        self.daemon().unlocks += 1;
        if !*self.person_says_yes.lock().unwrap() {
            return Err(KeyringFinding::Locked);
        }
        self.set_look(Look::Open);
        Ok(())
    }

    fn name(&self) -> Option<String> {
        Some("Fake Keyring".to_owned())
    }

    fn limit(&self) -> usize {
        self.limit
    }
}

#[derive(Debug)]
struct FakeStore {
    shared: Arc<(Mutex<Daemon>, Condvar)>,
    life: u32,
}

#[derive(Debug)]
struct FakeItem {
    shared: Arc<(Mutex<Daemon>, Condvar)>,
    life: u32,
    user: String,
    /// One of several under the same name.
    nth: Option<usize>,
}

fn failure(words: &str) -> Error {
    Error::PlatformFailure(words.to_owned().into())
}

impl CredentialStoreApi for FakeStore {
    fn vendor(&self) -> String {
        "fake".to_owned()
    }

    fn id(&self) -> String {
        "fake".to_owned()
    }

    fn build(&self, _: &str, user: &str, _: Option<&HashMap<&str, &str>>) -> keyring::Result<Entry> {
        let item =
            FakeItem { shared: self.shared.clone(), life: self.life, user: user.to_owned(), nth: None };
        Ok(Entry::new_with_credential(Arc::new(item)))
    }

    fn search(&self, _: &HashMap<&str, &str>) -> keyring::Result<Vec<Entry>> {
        let users: Vec<String> = self.shared.0.lock().unwrap().items.keys().cloned().collect();
        users.iter().map(|user| self.build("", user, None)).collect()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }
}

impl FakeItem {
    fn daemon(&self) -> keyring::Result<MutexGuard<'_, Daemon>> {
        let mut daemon = self.shared.0.lock().unwrap();
        while daemon.held {
            daemon = self.shared.1.wait(daemon).unwrap();
        }
        if daemon.life != self.life {
            return Err(failure("no session"));
        }
        if let Some(words) = &daemon.says_no {
            return Err(failure(words));
        }
        Ok(daemon)
    }

    fn ambiguous(&self, count: usize) -> Error {
        let one = |nth| {
            let item = FakeItem {
                shared: self.shared.clone(),
                life: self.life,
                user: self.user.clone(),
                nth: Some(nth),
            };
            Entry::new_with_credential(Arc::new(item))
        };
        Error::Ambiguous((0..count).map(one).collect())
    }
}

impl CredentialApi for FakeItem {
    fn set_secret(&self, secret: &[u8]) -> keyring::Result<()> {
        let mut daemon = self.daemon()?;
        daemon.writes += 1;
        if daemon.fails_from_write.is_some_and(|from| daemon.writes >= from) {
            return Err(failure("disk full"));
        }
        let stored = match daemon.cut_at {
            Some(at) => secret.get(..at).unwrap_or(secret).to_vec(),
            None => secret.to_vec(),
        };
        daemon.items.insert(self.user.clone(), vec![stored]);
        Ok(())
    }

    fn get_secret(&self) -> keyring::Result<Vec<u8>> {
        let daemon = self.daemon()?;
        let Some(found) = daemon.items.get(&self.user) else { return Err(Error::NoEntry) };
        match (self.nth, found.as_slice()) {
            (Some(nth), many) => many.get(nth).cloned().ok_or(Error::NoEntry),
            (None, [one]) => Ok(one.clone()),
            (None, many) => Err(self.ambiguous(many.len())),
        }
    }

    fn delete_credential(&self) -> keyring::Result<()> {
        let mut daemon = self.daemon()?;
        match self.nth {
            None => daemon.items.remove(&self.user).map(drop).ok_or(Error::NoEntry),
            Some(nth) => {
                // The others keep their places, as object paths do.
                let found = daemon.items.get_mut(&self.user).ok_or(Error::NoEntry)?;
                found[nth].clear();
                let left: Vec<_> = found.iter().filter(|value| !value.is_empty()).cloned().collect();
                if left.len() == 1 {
                    daemon.items.insert(self.user.clone(), left);
                }
                Ok(())
            }
        }
    }

    fn get_credential(&self) -> keyring::Result<Option<Arc<Credential>>> {
        Ok(None)
    }

    fn get_specifiers(&self) -> Option<(String, String)> {
        None
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn debug_fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.user)
    }
}

//! Refresh tokens, in and out of the operating system's keyring. The only place that touches it.
//!
//! Keyring calls may block for as long as a person looks at a question, so they all run on one thread, in order. A
//! caller waits with a deadline; a call that outlives it goes on, and its result shows in [`Vault::watch`]. The store is
//! thrown away after any failure of the platform and opened again, because a daemon that was restarted does not know
//! the old connection.
//!
//! No call but [`Vault::unlock`] asks the person anything: whether the collection is locked is looked up first. There
//! is no fallback to a file.

#[cfg(test)]
pub(crate) mod fake;
mod finding;
mod item;
mod kept;
pub mod secret_service;
#[cfg(test)]
mod tests;
mod worker;

pub use finding::KeyringFinding;
pub use kept::{Kept, KeptError};

use self::worker::{Job, Work};
use crate::registration::RegistrationId;
use crate::view::{KeyringState, KeyringView};
use keyring::{CredentialStore, Entry};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::time::Duration;
use tokio::sync::{oneshot, watch};

/// The `service` attribute of all our items. The `username` is the registration's id; neither holds a value.
pub const SERVICE: &str = "attendant";

/// How long a caller waits for the keyring. The UI says that it waits from then on.
pub const DEADLINE: Duration = Duration::from_secs(3);

/// How long a caller waits for the person to unlock it.
pub const UNLOCK_DEADLINE: Duration = Duration::from_secs(300);

/// What a look at the keyring shows, without asking the person anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Look {
    /// It can be read and written.
    Open,
    /// The collection, or our item in it, is locked.
    Locked,
    /// There is no keyring, or nobody answers for it.
    Absent,
    /// It answered something else; its words, cleaned.
    Refused(String),
}

/// A platform's keyring. One file per platform implements it.
pub trait StoreFactory: Send + Sync {
    /// Opens the store, afresh each time.
    fn open(&self) -> keyring::Result<Arc<CredentialStore>>;

    /// The item of `user` in `store`.
    fn entry(&self, store: &CredentialStore, user: &str) -> keyring::Result<Entry> {
        store.build(SERVICE, user, None)
    }

    /// Looks whether the item of `user`, and the place where it would be made, can be used now. Must not ask the person.
    fn look(&self, user: Option<&str>) -> Look;

    /// Asks the person to unlock the keyring, and waits for the answer.
    fn unlock(&self) -> Result<(), KeyringFinding>;

    /// What people call it, such as `GNOME Keyring`; none while nobody answers, or for a program we do not know.
    fn name(&self) -> Option<String>;

    /// The largest item it takes, in bytes.
    fn limit(&self) -> usize;
}

/// A handle to the keyring's thread. The thread ends with the last handle.
#[derive(Clone)]
pub struct Vault {
    jobs: mpsc::Sender<Job>,
    next: Arc<AtomicU64>,
    finished: Arc<AtomicU64>,
    state: watch::Sender<KeyringView>,
    deadline: Duration,
}

impl Vault {
    /// Starts the thread. Nothing is asked of the keyring before the first call.
    pub fn start(factory: Arc<dyn StoreFactory>, deadline: Duration) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel();
        let (state, _) =
            watch::channel(KeyringView { state: KeyringState::Unknown, name: worker::NAMELESS.to_owned() });
        let finished = Arc::new(AtomicU64::new(0));
        worker::start(factory, queue, state.clone(), finished.clone())?;
        Ok(Self { jobs, next: Arc::new(AtomicU64::new(1)), finished, state, deadline })
    }

    /// How the keyring is. [`KeyringState::Waiting`] while a call is out for longer than its deadline, or the person
    /// is being asked.
    pub fn watch(&self) -> watch::Receiver<KeyringView> {
        self.state.subscribe()
    }

    /// What people call it, as far as known.
    pub fn name(&self) -> String {
        self.state.borrow().name.clone()
    }

    /// Keeps the sign-in of `id`: in place of an older one, only if it differs, and read back before this returns.
    pub async fn put(&self, id: &RegistrationId, kept: &Kept) -> Result<(), KeyringFinding> {
        let (id, value) = (id.to_string(), kept.encode());
        self.ask(self.deadline, |answer| Work::Put { id, value, answer }).await
    }

    /// The sign-in of `id`; none if there is none. [`KeyringFinding::Lost`] if this run put one there and it is gone,
    /// or if what is there is not a sign-in: that is set aside under another name, not deleted.
    pub async fn get(&self, id: &RegistrationId) -> Result<Option<Kept>, KeyringFinding> {
        let id = id.to_string();
        self.ask(self.deadline, |answer| Work::Get { id, answer }).await
    }

    /// Removes the sign-in of `id` and looks that it is gone. Removing nothing is fine. Happens after the deadline too.
    pub async fn delete(&self, id: &RegistrationId) -> Result<(), KeyringFinding> {
        let id = id.to_string();
        self.ask(self.deadline, |answer| Work::Delete { id, answer }).await
    }

    /// Whether the keyring could be used now. Writes nothing and asks nobody.
    pub async fn probe(&self) -> Result<(), KeyringFinding> {
        self.ask(self.deadline, |answer| Work::Probe { id: None, answer }).await
    }

    /// The same, and whether the item of `id` can be read; [`KeyringFinding::Lost`] if there is none.
    pub async fn probe_item(&self, id: &RegistrationId) -> Result<(), KeyringFinding> {
        let id = Some(id.to_string());
        self.ask(self.deadline, |answer| Work::Probe { id, answer }).await
    }

    /// Asks the person to unlock the keyring. [`KeyringFinding::Locked`] if they close the question.
    pub async fn unlock(&self) -> Result<(), KeyringFinding> {
        self.ask(UNLOCK_DEADLINE, |answer| Work::Unlock { answer }).await
    }

    /// Removes every item of Attendant's.
    pub async fn erase_all(&self) -> Result<(), KeyringFinding> {
        self.ask(self.deadline, |answer| Work::EraseAll { answer }).await
    }

    async fn ask<T>(
        &self,
        deadline: Duration,
        work: impl FnOnce(worker::Answer<T>) -> Work,
    ) -> Result<T, KeyringFinding> {
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let (answer, answered) = oneshot::channel();
        let gone = |_| KeyringFinding::Refused("the keyring's thread ended".to_owned());
        self.jobs.send(Job { number, work: work(answer) }).map_err(|_| gone(()))?;
        match tokio::time::timeout(deadline, answered).await {
            Ok(outcome) => outcome.map_err(|_| gone(()))?,
            Err(_) => {
                self.state.send_if_modified(|view| {
                    // Looked at under the channel's lock: an end that comes later overwrites this.
                    let waits = self.finished.load(Ordering::SeqCst) < number;
                    let changed = waits && view.state != KeyringState::Waiting;
                    if changed {
                        view.state = KeyringState::Waiting;
                    }
                    changed
                });
                Err(KeyringFinding::Timeout)
            }
        }
    }
}

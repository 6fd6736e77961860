//! The keyring's thread: one job at a time, in the order they came.

use super::item::{Item, ItemError};
use super::kept::{Kept, KeptError};
use super::{KeyringFinding, Look, SERVICE, StoreFactory};
use crate::secret::Secret;
use crate::text::clean;
use crate::view::{KeyringState, KeyringView};
use keyring::{CredentialStore, Error};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::Receiver;
use tokio::sync::{oneshot, watch};

/// Stands where no name is known: "Sign-ins are kept in your keyring".
pub(super) const NAMELESS: &str = "your keyring";

pub(super) type Answer<T> = oneshot::Sender<Result<T, KeyringFinding>>;

/// Something to do, numbered in order.
pub(super) struct Job {
    pub(super) number: u64,
    pub(super) work: Work,
}

pub(super) enum Work {
    Put { id: String, value: Secret, answer: Answer<()> },
    Get { id: String, answer: Answer<Option<Kept>> },
    Delete { id: String, answer: Answer<()> },
    Probe { id: Option<String>, answer: Answer<()> },
    Unlock { answer: Answer<()> },
    EraseAll { answer: Answer<()> },
}

pub(super) fn start(
    factory: Arc<dyn StoreFactory>,
    jobs: Receiver<Job>,
    state: watch::Sender<KeyringView>,
    finished: Arc<AtomicU64>,
) -> std::io::Result<()> {
    let worker = Worker { factory, store: None, stored: HashSet::new(), state, finished };
    std::thread::Builder::new().name("keyring".to_owned()).spawn(move || worker.run(jobs))?;
    Ok(())
}

struct Worker {
    factory: Arc<dyn StoreFactory>,
    store: Option<Arc<CredentialStore>>,
    /// What this run has put or seen there: if it is gone later, it was lost, not absent.
    stored: HashSet<String>,
    state: watch::Sender<KeyringView>,
    finished: Arc<AtomicU64>,
}

impl Worker {
    fn run(mut self, jobs: Receiver<Job>) {
        while let Ok(job) = jobs.recv() {
            match job.work {
                Work::Put { id, value, answer } => {
                    let outcome = self.put(&id, &value);
                    self.end(job.number, outcome, answer);
                }
                // Nobody waits for it any more; a put or a delete is done all the same.
                Work::Get { answer, .. } if answer.is_closed() => self.finish(job.number, None),
                Work::Get { id, answer } => {
                    let outcome = self.get(&id);
                    self.end(job.number, outcome, answer);
                }
                Work::Delete { id, answer } => {
                    let outcome = self.with_item(&id, |item| item.delete());
                    if outcome.is_ok() {
                        self.stored.remove(&id);
                    }
                    self.end(job.number, outcome, answer);
                }
                Work::Probe { id, answer } => {
                    let outcome = self.probe(id.as_deref());
                    self.end(job.number, outcome, answer);
                }
                Work::Unlock { answer } => {
                    self.state.send_modify(|view| view.state = KeyringState::Waiting);
                    let outcome = self.factory.unlock().and_then(|()| self.probe(None));
                    self.end(job.number, outcome, answer);
                }
                Work::EraseAll { answer } => {
                    let outcome = self.erase_all();
                    self.end(job.number, outcome, answer);
                }
            }
        }
    }

    fn end<T>(&self, number: u64, outcome: Result<T, KeyringFinding>, answer: Answer<T>) {
        let state = match &outcome {
            Ok(_) => KeyringState::Available,
            Err(finding) => finding.state(),
        };
        self.finish(number, Some(state));
        let _ = answer.send(outcome);
    }

    fn finish(&self, number: u64, state: Option<KeyringState>) {
        self.finished.store(number, Ordering::SeqCst);
        let Some(state) = state else { return };
        let known = self.state.borrow().clone();
        // Who answers may change when it was away; asking each time would double every call.
        let name = if known.state != state || known.name == NAMELESS {
            self.factory.name().unwrap_or_else(|| NAMELESS.to_owned())
        } else {
            known.name
        };
        self.state.send_if_modified(|view| {
            let now = KeyringView { state, name };
            let changed = *view != now;
            *view = now;
            changed
        });
    }

    fn put(&mut self, id: &str, value: &Secret) -> Result<(), KeyringFinding> {
        self.with_item(id, |item| item.write(value.expose().as_bytes()))?;
        self.stored.insert(id.to_owned());
        Ok(())
    }

    fn get(&mut self, id: &str) -> Result<Option<Kept>, KeyringFinding> {
        let read = self.with_item(id, |item| match item.read() {
            Err(ItemError::Damaged) => Ok(Err(KeptError::Damaged)),
            other => Ok(Ok(other?)),
        })?;
        let decoded = read.and_then(|bytes| {
            let Some(bytes) = bytes else { return Ok(None) };
            let text = std::str::from_utf8(&bytes).map_err(|_| KeptError::Damaged)?;
            Kept::decode(text).map(Some)
        });
        match decoded {
            Ok(Some(kept)) => {
                self.stored.insert(id.to_owned());
                Ok(Some(kept))
            }
            Ok(None) if self.stored.contains(id) => Err(KeyringFinding::Lost),
            Ok(None) => Ok(None),
            Err(KeptError::Newer) => {
                Err(KeyringFinding::Refused("a newer Attendant wrote what is in it".to_owned()))
            }
            Err(KeptError::Damaged) => {
                tracing::warn!(
                    registration = id,
                    "what the keyring holds is not a sign-in; setting it aside"
                );
                self.with_item(id, |item| item.set_aside())?;
                Err(KeyringFinding::Lost)
            }
        }
    }

    fn probe(&mut self, id: Option<&str>) -> Result<(), KeyringFinding> {
        let Some(id) = id else {
            check(self.factory.look(None))?;
            return self.with_store(None, |_, _| Ok(()));
        };
        if self.with_item(id, |item| item.read())?.is_some() { Ok(()) } else { Err(KeyringFinding::Lost) }
    }

    fn erase_all(&mut self) -> Result<(), KeyringFinding> {
        self.with_store(None, |_, store| {
            for entry in store.search(&HashMap::from([("service", SERVICE)]))? {
                match entry.delete_credential() {
                    Ok(()) | Err(Error::NoEntry) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            Ok(())
        })?;
        self.stored.clear();
        Ok(())
    }

    fn with_item<T>(
        &mut self,
        id: &str,
        act: impl Fn(&Item<'_>) -> Result<T, ItemError>,
    ) -> Result<T, KeyringFinding> {
        self.with_store(Some(id), |factory, store| act(&Item { factory, store, user: id }))
    }

    /// Does `act` with an open store, once more with a fresh one if the old one does not answer. Everything done here
    /// may be done twice.
    fn with_store<T>(
        &mut self,
        id: Option<&str>,
        act: impl Fn(&dyn StoreFactory, &CredentialStore) -> Result<T, ItemError>,
    ) -> Result<T, KeyringFinding> {
        let factory = self.factory.clone();
        loop {
            // Calls into the store would ask the person about a locked collection, and block.
            if let Err(finding) = check(factory.look(id)) {
                self.store = None;
                return Err(finding);
            }
            let reused = self.store.is_some();
            let store = match self.store.take() {
                Some(store) => store,
                None => factory.open().map_err(|error| finding_of(&error))?,
            };
            match act(&*factory, &*store) {
                Ok(value) => {
                    self.store = Some(store);
                    return Ok(value);
                }
                Err(ItemError::Store(Error::PlatformFailure(error))) if reused => {
                    tracing::debug!(%error, "the keyring's store no longer answers; opening another");
                }
                Err(error) => {
                    return Err(match error {
                        ItemError::TooLarge => KeyringFinding::TooLarge,
                        ItemError::Damaged => KeyringFinding::Lost,
                        ItemError::Differs => {
                            KeyringFinding::Refused("it does not hold what was written".to_owned())
                        }
                        // It may have been locked or have ended meanwhile.
                        ItemError::Store(error) => {
                            check(factory.look(id)).err().unwrap_or(finding_of(&error))
                        }
                    });
                }
            }
        }
    }
}

fn check(look: Look) -> Result<(), KeyringFinding> {
    match look {
        Look::Open => Ok(()),
        Look::Locked => Err(KeyringFinding::Locked),
        Look::Absent => Err(KeyringFinding::Absent),
        Look::Refused(words) => Err(KeyringFinding::Refused(words)),
    }
}

/// The library's words are its own and the system's; none of its messages quotes a secret.
#[expect(clippy::wildcard_enum_match_arm, reason = "the library's list is open")]
fn finding_of(error: &Error) -> KeyringFinding {
    match error {
        Error::NoStorageAccess(_) => KeyringFinding::Locked,
        Error::TooLong(..) => KeyringFinding::TooLarge,
        other => KeyringFinding::Refused(clean(&other.to_string(), 160)),
    }
}

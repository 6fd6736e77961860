//! Who owns what. A router takes commands and never waits; one actor per session owns it; shared facts stand in the
//! [`Context`]; a publisher turns them into views.

mod actor;
mod book;
pub mod command;
mod desk;
mod handle;
pub mod prompts;
mod publish;
mod router;

pub use actor::SessionFacts;
pub use book::{Book, Incoming};
pub use desk::Desk;
pub use handle::SessionHandle;

use crate::activity::{Activity, Record, What};
use crate::clock::Clock;
use crate::config::Config;
use crate::error::Problem;
use crate::http::Http;
use crate::ledger::Ledger;
use crate::paths::Paths;
use crate::random::Randomness;
use crate::registration::{Registration, RegistrationId};
use crate::shell::Shell;
use crate::vault::{Kept, KeyringFinding, Vault};
use crate::view::Settings;
use attendant_protocol::Code;
use prompts::Prompts;
use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::Notify;

/// Everything from outside that core needs, passed in once.
pub struct World {
    /// Time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub random: Arc<dyn Randomness>,
    /// The desktop.
    pub shell: Arc<dyn Shell>,
    /// The one HTTP client.
    pub http: Http,
    /// The keyring.
    pub vault: Vault,
    /// Where files live. The folders exist.
    pub paths: Paths,
}

/// What the controller's parts share.
pub struct Context {
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Randomness>,
    pub(crate) shell: Arc<dyn Shell>,
    pub(crate) http: Http,
    pub(crate) vault: Vault,
    pub(crate) paths: Paths,
    pub(crate) ledger: Ledger,
    pub(crate) prompts: Prompts,
    pub(crate) activity: Activity,
    pub(crate) approvals: crate::broker::approval::Approvals,
    /// Something a view shows has changed.
    pub(crate) changed: Notify,
    /// Access was handed out. A view shows it, in a moment.
    pub(crate) used: Notify,
    book: Mutex<Book>,
    sessions: Mutex<BTreeMap<RegistrationId, SessionHandle>>,
    running: Arc<(AtomicUsize, Notify)>,
}

/// Something that quitting waits for.
pub struct Running(Arc<(AtomicUsize, Notify)>);

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.0.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.1.notify_waiters();
        }
    }
}

impl Context {
    /// Preferences, grants and everything else that is small and shared.
    pub(crate) fn book(&self) -> MutexGuard<'_, Book> {
        self.book.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn sessions(&self) -> MutexGuard<'_, BTreeMap<RegistrationId, SessionHandle>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn settings(&self) -> Settings {
        self.book().config.settings.clone()
    }

    /// Runs `effect` so that quitting waits for it: a refresh token must not be lost between the network and the keyring.
    pub(crate) fn track(&self, effect: impl Future<Output = ()> + Send + 'static) {
        let running = self.running();
        tokio::spawn(async move {
            effect.await;
            drop(running);
        });
    }

    /// Something that quitting waits for, until it is dropped.
    pub(crate) fn running(&self) -> Running {
        self.running.0.fetch_add(1, Ordering::SeqCst);
        Running(self.running.clone())
    }

    /// Waits until no tracked effect runs.
    pub(crate) async fn settled(&self) {
        loop {
            let quiet = self.running.1.notified();
            tokio::pin!(quiet);
            quiet.as_mut().enable();
            if self.running.0.load(Ordering::SeqCst) == 0 {
                return;
            }
            quiet.await;
        }
    }

    /// Puts a sign-in into the keyring and reads it back.
    pub(crate) async fn keep(&self, id: &RegistrationId, kept: &Kept) -> Result<(), KeyringFinding> {
        self.vault.put(id, kept).await
    }

    /// Records what happened to a session. Its failure is logged: only a release depends on its record.
    pub(crate) fn record(&self, what: What, registration: &Registration, code: Option<Code>) {
        let record = Record { code, ..Record::new(self.clock.now(), what, &registration.id) };
        if let Err(problem) = self.activity.append(&record) {
            tracing::warn!(%problem, "cannot record what happened");
        }
    }

    /// Takes back every grant for `id`.
    pub(crate) fn end_grants(&self, id: &RegistrationId) {
        self.book().grants.retain(|grant| grant.registration != *id);
        self.changed.notify_one();
    }

    /// The session a caller means: by id or name, or the only one.
    pub(crate) fn find(&self, wanted: Option<&str>) -> Result<SessionHandle, Problem> {
        let sessions = self.sessions();
        let Some(wanted) = wanted else {
            let mut all = sessions.values();
            return match (all.next(), all.next()) {
                (Some(only), None) => Ok(only.clone()),
                (None, _) => Err(Problem::new(
                    Code::RegistrationNotFound,
                    "There is no registration on this computer.",
                )
                .with_advice("Import the sheet your administrator sent: attendant import FILE.")),
                (Some(_), Some(_)) => Err(Problem::new(
                    Code::RegistrationAmbiguous,
                    "There are several registrations on this computer, and none was named.",
                )),
            };
        };
        let by_id = sessions.values().find(|one| one.registration.id.as_str() == wanted);
        let found = by_id.or_else(|| sessions.values().find(|one| one.registration.name == wanted));
        found.cloned().ok_or_else(|| {
            let wanted = crate::text::clean(wanted, 60);
            Problem::new(
                Code::RegistrationNotFound,
                format!("There is no registration \u{201c}{wanted}\u{201d} on this computer."),
            )
        })
    }
}

/// Starts the controller: reads the configuration, wakes one actor per registration, and begins to publish views.
/// Must be called inside a tokio runtime.
pub fn start(world: World) -> Result<Desk, Problem> {
    let World { clock, random, shell, http, vault, paths } = world;
    let activity = Activity::open(&paths, clock.now())?;
    // A broken file is shown, never overwritten: the person's other registrations are in it.
    let (config, problem) = match Config::load(&paths.config_file()) {
        Ok(config) => (config, None),
        Err(error) => (Config::default(), Some(Problem::from(error))),
    };
    let registrations = config.registrations.clone();
    let context = Arc::new(Context {
        ledger: Ledger::new(&paths),
        prompts: Prompts::new(shell.clone(), random.clone()),
        approvals: Default::default(),
        book: Mutex::new(Book::new(config, problem)),
        sessions: Mutex::default(),
        changed: Notify::new(),
        used: Notify::new(),
        running: Arc::default(),
        clock,
        random,
        shell,
        http,
        vault,
        paths,
        activity,
    });
    for registration in registrations {
        context.add_session(registration);
    }
    let views = publish::start(context.clone());
    Ok(router::start(context, views))
}

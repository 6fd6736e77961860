//! Everything one practice tenant knows, behind one lock. Requests are short and never wait while they hold it, so
//! one lock is enough, and it makes "exactly one of two concurrent redemptions succeeds" true by construction.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use crate::clock::Clock;
use crate::control::{Answer, Command, Minted, apply};
use crate::faults::Faults;
use crate::grants::Grants;
use crate::keys::SigningKey;
use crate::options::Options;
use crate::orchestrator::data::Tenant;
use crate::random::Random;
use crate::seed::World;
use crate::sheet;
use crate::stats::Stats;

/// A practice tenant. Clones share everything.
#[derive(Clone)]
pub struct State(Arc<Inner>);

struct Inner {
    options: Options,
    world: World,
    base: OnceLock<String>,
    store: Mutex<Store>,
}

/// The part that changes.
pub(crate) struct Store {
    pub(crate) clock: Clock,
    pub(crate) random: Random,
    pub(crate) keys: SigningKey,
    pub(crate) grants: Grants,
    pub(crate) faults: Faults,
    pub(crate) stats: Stats,
    pub(crate) tenants: Vec<Tenant>,
    /// Seconds; a knob changes it.
    pub(crate) access_lifetime: i64,
    /// The error the next refresh request gets.
    pub(crate) refuse_next_refresh: Option<String>,
    /// `None` unless [`Options::remember_minted`].
    pub(crate) minted: Option<Vec<Minted>>,
}

impl Store {
    pub(crate) fn remember(&mut self, kind: &'static str, value: &str) {
        if let Some(minted) = &mut self.minted {
            minted.push(Minted { kind: kind.to_owned(), value: value.to_owned() });
        }
    }
}

impl State {
    /// A practice tenant that nobody has used yet. Makes its signing key, which takes a moment.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let random = if options.repeatable { Random::repeatable(options.seed) } else { Random::system() };
        let store = Store {
            clock: options.clock.clone(),
            random,
            keys: SigningKey::generate(),
            grants: Grants::default(),
            faults: Faults::default(),
            stats: Stats::default(),
            tenants: Tenant::all(options.seed),
            access_lifetime: 3600,
            refuse_next_refresh: None,
            minted: options.remember_minted.then(Vec::new),
        };
        let world = World::new(&options);
        Self(Arc::new(Inner { options, world, base: OnceLock::new(), store: Mutex::new(store) }))
    }

    /// Tells the tenant where it listens, which decides its issuer and every address it hands out.
    /// [`run`](crate::run) does this too; call it earlier to know [`issuer`](Self::issuer) before. The first call wins.
    pub fn listens_on(&self, address: SocketAddr) {
        self.0.base.get_or_init(|| format!("http://{address}"));
    }

    /// `http://127.0.0.1:PORT`, or an empty string before [`listens_on`](Self::listens_on).
    #[must_use]
    pub fn base(&self) -> &str {
        self.0.base.get().map_or("", String::as_str)
    }

    /// The issuer: `{base}/identity_`.
    #[must_use]
    pub fn issuer(&self) -> String {
        format!("{}/identity_", self.base())
    }

    /// The App ID of the non-confidential application.
    #[must_use]
    pub fn app_id(&self) -> &str {
        &self.0.world.app_for_sheet().id
    }

    /// The App ID of a confidential application with user scopes, whose secret nobody has.
    #[must_use]
    pub fn confidential_app_id(&self) -> &str {
        &self.0.world.apps[1].id
    }

    /// The App ID of a confidential application with application scopes only.
    #[must_use]
    pub fn application_scope_app_id(&self) -> &str {
        &self.0.world.apps[2].id
    }

    /// The hand-off sheet as TOML.
    #[must_use]
    pub fn sheet_toml(&self) -> String {
        sheet::toml(&sheet::Sheet::of(self))
    }

    /// Turns a knob or asks a question.
    pub fn control(&self, command: Command) -> Answer {
        apply(self, command)
    }

    pub(crate) fn options(&self) -> &Options {
        &self.0.options
    }

    pub(crate) fn world(&self) -> &World {
        &self.0.world
    }

    pub(crate) fn lock(&self) -> MutexGuard<'_, Store> {
        self.0.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("base", &self.base()).finish_non_exhaustive()
    }
}

//! The knobs: what a test, the demo or the app's practice controls may change while the tenant runs.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::{Endpoint, Failure, When};
use crate::grants::RefreshState;
use crate::keys::SigningKey;
use crate::state::State;
use crate::stats::Stats;

/// One thing to do. On the control socket: `{"do":"advance_clock","seconds":3600}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Command {
    /// How long access tokens made from now on live, in seconds (1 to 86400).
    SetAccessLifetime {
        /// Seconds.
        seconds: i64,
    },
    /// Every access token in circulation stops working at the API and at userinfo, as if its time were over.
    ExpireAccess {},
    /// The next refresh request gets this error. With `invalid_grant` the presented token is dead afterwards.
    RefuseNextRefresh {
        /// An OAuth error code; `invalid_grant` when left out.
        #[serde(default = "invalid_grant")]
        error: String,
    },
    /// The next requests get this answer and nothing is done for them.
    FailNext {
        /// Where.
        endpoint: Endpoint,
        /// HTTP status; 503 when left out. 200 with a body serves nonsense.
        #[serde(default = "unavailable")]
        status: u16,
        /// How many requests.
        #[serde(default = "once")]
        times: u32,
        /// The body, empty when left out.
        #[serde(default)]
        body: String,
        /// The body's content type.
        #[serde(default)]
        content_type: Option<String>,
        /// A `Retry-After` header.
        #[serde(default)]
        retry_after: Option<String>,
    },
    /// The next answers come late.
    DelayNext {
        /// Where.
        endpoint: Endpoint,
        /// Milliseconds.
        ms: u64,
        /// How many requests.
        #[serde(default = "once")]
        times: u32,
        /// Before the work (default) or after it.
        #[serde(default)]
        when: When,
    },
    /// The next requests are worked on in full, and then the connection closes without an answer.
    DropNextReply {
        /// Where; the token endpoint when left out.
        #[serde(default = "token_endpoint")]
        endpoint: Endpoint,
        /// How many requests.
        #[serde(default = "once")]
        times: u32,
    },
    /// Takes back every fault that was asked for and did not happen yet.
    ClearFaults {},
    /// Moves the practice clock. Negative goes back.
    AdvanceClock {
        /// Seconds.
        seconds: i64,
    },
    /// Every refresh token, code and browser session ends. Access tokens live on, as at UiPath, unless asked.
    RevokeAll {
        /// End access tokens too.
        #[serde(default)]
        access: bool,
    },
    /// A new signing key. Tokens signed with the old one stop working; the key set lists only the new one.
    RotateKeys {},
    /// What happened so far.
    Stats {},
    /// Every token, code and verifier so far; needs `--remember-minted`.
    Minted {},
    /// Every queue item of every tenant, as Orchestrator would list it.
    QueueItems {},
}

fn invalid_grant() -> String {
    "invalid_grant".to_owned()
}

fn unavailable() -> u16 {
    503
}

fn once() -> u32 {
    1
}

fn token_endpoint() -> Endpoint {
    Endpoint::Token
}

/// What came of a [`Command`].
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// It was done.
    Done {
        /// Always true.
        ok: bool,
    },
    /// The counters.
    Stats {
        /// Since the start.
        stats: Stats,
    },
    /// Everything that was ever minted.
    Minted {
        /// In the order of minting.
        minted: Vec<Minted>,
    },
    /// All queue items.
    QueueItems {
        /// QueueItemDto, with `Tenant` added.
        queue_items: Vec<Value>,
    },
    /// It was not done.
    Refused {
        /// What is wrong.
        error: String,
        /// What to do instead.
        advice: String,
    },
}

impl Answer {
    fn done() -> Self {
        Self::Done { ok: true }
    }

    pub(crate) fn refused(error: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::Refused { error: error.into(), advice: advice.into() }
    }
}

/// One secret that was made here, or seen here.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Minted {
    /// `access_token`, `refresh_token`, `id_token`, `code` or `code_verifier`.
    pub kind: String,
    /// The secret.
    pub value: String,
}

pub(crate) fn apply(practice: &State, command: Command) -> Answer {
    let mut guard = practice.lock();
    let store = &mut *guard;
    match command {
        Command::SetAccessLifetime { seconds } => {
            if !(1..=86_400).contains(&seconds) {
                return Answer::refused("A lifetime is 1 to 86400 seconds.", "Give `seconds` in that range.");
            }
            store.access_lifetime = seconds;
        }
        Command::ExpireAccess {} => {
            let now = store.clock.now();
            store.grants.access.values_mut().for_each(|token| token.expires_at = token.expires_at.min(now));
        }
        Command::RefuseNextRefresh { error } => store.refuse_next_refresh = Some(error),
        Command::FailNext { endpoint, status, times, body, content_type, retry_after } => {
            if !(200..=599).contains(&status) {
                return Answer::refused("A status is 200 to 599.", "Give `status` in that range.");
            }
            store.faults.fail(endpoint, Failure { status, content_type, body, retry_after }, times);
        }
        Command::DelayNext { endpoint, ms, times, when } => store.faults.delay(endpoint, ms, when, times),
        Command::DropNextReply { endpoint, times } => store.faults.drop_reply(endpoint, times),
        Command::ClearFaults {} => {
            store.faults.clear();
            store.refuse_next_refresh = None;
        }
        Command::AdvanceClock { seconds } => store.clock.advance(seconds),
        Command::RevokeAll { access } => {
            store.grants.codes.clear();
            store.grants.sessions.clear();
            store.grants.revoke_refresh_where(|token| token.state == RefreshState::Live);
            if access {
                store.grants.revoke_access_where(|_| true);
            }
        }
        Command::RotateKeys {} => {
            store.keys = SigningKey::generate();
            store.grants.revoke_access_where(|_| true);
        }
        Command::Stats {} => return Answer::Stats { stats: store.stats.clone() },
        Command::Minted {} => {
            return match &store.minted {
                Some(minted) => Answer::Minted { minted: minted.clone() },
                None => Answer::refused(
                    "Nothing was remembered.",
                    "Start the practice tenant with `--remember-minted`.",
                ),
            };
        }
        Command::QueueItems {} => {
            return Answer::QueueItems {
                queue_items: store.tenants.iter().flat_map(|tenant| tenant.all_queue_items()).collect(),
            };
        }
    }
    Answer::done()
}

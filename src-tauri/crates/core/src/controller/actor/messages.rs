//! What reaches a session's actor: the person, callers, and its own effects coming back.

use crate::clock::Time;
use crate::controller::Running;
use crate::controller::command::{Answer, SessionCommand};
use crate::error::Problem;
use crate::refresh::RefreshOutcome;
use crate::secret::Secret;
use crate::signin::discovery::Provider;
use crate::signin::{AttemptEvent, Begun, Completed, SignInError};
use crate::vault::{Kept, KeyringFinding};
use crate::view::PromptAnswer;
use attendant_protocol::SignInResult;
use std::time::Duration;

/// One message to a session's actor.
#[expect(
    clippy::large_enum_variant,
    reason = "a handful a minute; a box for each would cost more than the move"
)]
pub enum Message {
    /// From the person.
    Person(SessionCommand),
    /// A caller needs something.
    Need(Need),
    /// Wait for the sign-in that is under way.
    Outcome(Answer<SignInResult>),
    /// The prompt or notification about this session was answered.
    Answered(PromptAnswer),
    /// A caller hung up.
    Left,
    /// Nothing is handed out any more; whoever waits is told.
    Refuse(Problem),
    /// An effect came back.
    Done(Done),
    /// The registration is removed: sign out, then end.
    Remove(Answer<()>),
}

/// What a caller needs.
pub struct Need {
    /// What the caller is called, for the prompt.
    pub name: String,
    /// When it stops waiting.
    pub gives_up_at: Time,
    /// A token lasting at least this long; none to wait only until somebody is signed in.
    pub token_for: Option<Duration>,
    /// Where the answer goes.
    pub answer: Answer<Released>,
}

/// What a caller gets.
#[derive(Debug)]
pub struct Released {
    /// The access token, if one was asked for.
    pub access: Option<Secret>,
    /// When it expires.
    pub expires_at: Time,
    /// Its real scopes.
    pub scope: Vec<String>,
}

/// An effect that came back. `epoch` tells whether it still belongs to the session that started it.
#[expect(
    clippy::large_enum_variant,
    reason = "a handful a minute; a box for each would cost more than the move"
)]
pub enum Done {
    /// The keyring answered at start or after [`SessionCommand::TryAgain`].
    Restored {
        /// The session's epoch when it was asked.
        epoch: u64,
        /// What it holds.
        found: Result<Option<Kept>, KeyringFinding>,
    },
    /// A sign-in is prepared, or could not be.
    Begun {
        /// The attempt's number.
        attempt: u64,
        /// The attempt.
        result: Result<Begun, SignInError>,
    },
    /// Something happened to the attempt.
    Attempt {
        /// The attempt's number.
        attempt: u64,
        /// What.
        event: AttemptEvent,
    },
    /// The code was exchanged, or could not be.
    Completed {
        /// The attempt's number.
        attempt: u64,
        /// The tokens.
        result: Box<Result<Completed, SignInError>>,
    },
    /// The keyring took, or refused, the refresh token of a new sign-in.
    SignInKept {
        /// The attempt's number.
        attempt: u64,
        /// What was signed in.
        completed: Box<Completed>,
        /// What the keyring said.
        finding: Result<(), KeyringFinding>,
        /// Quitting waits until this is dealt with.
        running: Running,
    },
    /// A renewal ended.
    Renewed {
        /// The session's epoch when it began.
        epoch: u64,
        /// The description of the server it went to.
        provider: Option<Provider>,
        /// How.
        outcome: RefreshOutcome,
        /// Whether the new refresh token is in the keyring.
        saved: Result<(), KeyringFinding>,
        /// Quitting waits until this is dealt with.
        running: Running,
    },
    /// The keyring was in the way before anything was spent.
    KeyringInTheWay {
        /// The session's epoch.
        epoch: u64,
        /// What it said.
        finding: KeyringFinding,
    },
    /// No browser opened to end the provider's session.
    NoBrowserToSignOut,
    /// An unsaved refresh token reached the keyring.
    Saved {
        /// The session's epoch.
        epoch: u64,
    },
}

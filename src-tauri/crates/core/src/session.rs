//! A session's life, as a pure function: `step(session, event) -> (session, effects)`.
//!
//! Nothing here waits, reads a clock, or holds a secret. The actor that owns the session ([`crate::controller`]) feeds
//! events in and carries the effects out, so every row of this table can be tested as a table.
//!
//! `SignedOut → AwaitingBrowser → Exchanging → Active → Refreshing → Active … → NeedsPerson(reason)`

use crate::clock::Time;
use attendant_protocol::{Code, SessionState};
use chrono::TimeDelta;

/// How much earlier than its expiry an access token stops being handed out: clocks differ, calls take time.
pub const EXPIRY_MARGIN: TimeDelta = TimeDelta::seconds(60);

/// Facts about the access token in hand. The token itself is elsewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Access {
    /// When the server stops accepting it.
    pub expires_at: Time,
    /// How long it lasted when it was new.
    pub life: TimeDelta,
    /// Its real scopes.
    pub scope: Vec<String>,
}

impl Access {
    /// Until when it may be handed out.
    pub fn held_until(&self) -> Time {
        self.expires_at - EXPIRY_MARGIN
    }

    /// How long a new one can be used: longer than this, no renewal gives.
    pub fn longest(&self) -> TimeDelta {
        self.life - EXPIRY_MARGIN
    }
}

/// Facts about a sign-in that exists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// When the person signed in. The 60 days count from here, not from the last renewal.
    pub signed_in_at: Time,
    /// When the sign-in ends, if the provider's rule is known.
    pub ends_at: Option<Time>,
    /// Who signed in, as the provider names them.
    pub account: Option<String>,
    /// The access token in hand, if there is one.
    pub access: Option<Access>,
    /// Whether there is a refresh token to renew with.
    pub renewable: bool,
    /// Whether it survives a restart. `false`: in memory only.
    pub saved: bool,
    /// The answer to the last renewal was lost: the same token may be tried once more, then never again.
    pub reply_lost: bool,
    /// A server error came back since the last success: the token may be spent, though the server answered.
    pub maybe_spent: bool,
    /// The server could not be reached; renewing is tried again then.
    pub retry_at: Option<Time>,
}

impl Held {
    /// Whether the access token in hand may be handed out at `now`.
    pub fn covers(&self, now: Time) -> bool {
        self.access.as_ref().is_some_and(|access| access.held_until() > now)
    }

    /// Whether there is anything to renew with, and time left to.
    fn can_renew(&self, now: Time) -> bool {
        self.renewable && self.ends_at.is_none_or(|end| end > now)
    }
}

/// Where a session stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// Nobody is signed in.
    SignedOut,
    /// The browser was asked to open. What was there before goes on until the new sign-in succeeds.
    AwaitingBrowser {
        /// Since when.
        since: Time,
        /// When waiting ends.
        gives_up_at: Time,
        /// What was there before.
        before: Box<Session>,
    },
    /// The browser answered; the code is being exchanged.
    Exchanging {
        /// What was there before.
        before: Box<Session>,
    },
    /// Signed in.
    Active(Held),
    /// Signed in, and a renewal is on its way.
    Refreshing(Held),
    /// Only the person can help.
    NeedsPerson {
        /// Why.
        reason: Code,
        /// Since when.
        since: Time,
        /// The sign-in that still exists, when only the keyring is in the way; or what is known of the last one.
        held: Option<Held>,
    },
}

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A sign-in begins; the listener is bound.
    SignInBegan {
        /// When waiting for the browser ends.
        gives_up_at: Time,
    },
    /// The browser brought an answer.
    BrowserAnswered,
    /// The sign-in ended without success: cancelled, refused, out of time.
    SignInEnded,
    /// The exchange succeeded and the refresh token is kept as well as it can be.
    SignedIn(Held),
    /// The keyring gave back a sign-in of an earlier run.
    Restored(Held),
    /// The sign-in cannot be read or used; only the person can help.
    Blocked(Code),
    /// Somebody needs an access token.
    TokenNeeded,
    /// Somebody needs a token that lasts longer than the one in hand.
    LongerNeeded,
    /// A renewal succeeded.
    Refreshed {
        /// The new access token's facts.
        access: Access,
        /// Whether the new refresh token is in the keyring.
        saved: bool,
    },
    /// A renewal did not get through.
    RefreshLater {
        /// When it may be tried again.
        retry_at: Time,
        /// The server failed after it had the token: a later refusal may come from that.
        maybe_spent: bool,
    },
    /// The request left and no answer came: the token may be spent.
    ReplyLost,
    /// The provider refused the renewal for good, or nothing is left to renew with.
    RefreshRefused(Code),
    /// An unsaved refresh token reached the keyring after all.
    Saved,
    /// The person signed out.
    SignedOut,
}

/// What the actor must do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Spend the refresh token now.
    Refresh,
    /// Hand the access token to everyone who waits.
    Release,
    /// Ask the person, saying why; whoever waits goes on waiting.
    AskPerson(Code),
    /// Nobody needs to be asked any more.
    StopAsking,
    /// Tell the waiting that the server cannot be reached now.
    TryLater,
    /// Tell those who need longer than the token in hand that there is none.
    TooLong,
    /// Wipe tokens from memory and delete what is kept.
    Wipe,
}

/// Decides what `event` makes of `session`.
pub fn step(session: Session, event: Event, now: Time) -> (Session, Vec<Effect>) {
    use Effect::{AskPerson, Release, StopAsking, TooLong, TryLater, Wipe};
    match (session, event) {
        (_, Event::SignedOut) => (Session::SignedOut, vec![StopAsking, Wipe]),

        (
            Session::AwaitingBrowser { before, .. } | Session::Exchanging { before },
            Event::SignInBegan { gives_up_at },
        ) => (Session::AwaitingBrowser { since: now, gives_up_at, before }, vec![]),
        (before, Event::SignInBegan { gives_up_at }) => {
            (Session::AwaitingBrowser { since: now, gives_up_at, before: Box::new(before) }, vec![StopAsking])
        }
        (Session::AwaitingBrowser { before, .. }, Event::BrowserAnswered) => {
            (Session::Exchanging { before }, vec![])
        }
        (Session::AwaitingBrowser { before, .. } | Session::Exchanging { before }, Event::SignInEnded) => {
            (*before, vec![])
        }
        (_, Event::SignedIn(held)) => (Session::Active(held), vec![StopAsking, Release]),

        // While a new sign-in is under way, the one before goes on living its own life.
        (Session::AwaitingBrowser { since, gives_up_at, before }, event) => {
            let (before, effects) = step(*before, event, now);
            (Session::AwaitingBrowser { since, gives_up_at, before: Box::new(before) }, quietly(effects))
        }
        (Session::Exchanging { before }, event) => {
            let (before, effects) = step(*before, event, now);
            (Session::Exchanging { before: Box::new(before) }, quietly(effects))
        }

        (_, Event::Restored(held)) => (Session::Active(held), vec![StopAsking]),
        (session, Event::Blocked(reason)) => {
            let held = held_of(session);
            (Session::NeedsPerson { reason, since: now, held }, vec![])
        }

        (Session::SignedOut, Event::TokenNeeded | Event::LongerNeeded) => {
            (Session::SignedOut, vec![AskPerson(Code::SignInNeeded)])
        }
        (Session::NeedsPerson { reason, since, held }, Event::TokenNeeded | Event::LongerNeeded) => {
            (Session::NeedsPerson { reason, since, held }, vec![AskPerson(reason)])
        }
        (Session::Active(held), Event::TokenNeeded) if held.covers(now) => {
            (Session::Active(held), vec![Release])
        }
        (Session::Active(held), Event::LongerNeeded) if held.covers(now) && !held.can_renew(now) => {
            (Session::Active(held), vec![TooLong])
        }
        (Session::Active(held), Event::TokenNeeded | Event::LongerNeeded) => renew(held, now),
        (Session::Refreshing(held), Event::TokenNeeded | Event::LongerNeeded) => {
            (Session::Refreshing(held), vec![])
        }

        (Session::Refreshing(held), Event::Refreshed { access, saved }) => {
            let held = Held {
                access: Some(access),
                saved,
                reply_lost: false,
                maybe_spent: false,
                retry_at: None,
                ..held
            };
            (Session::Active(held), vec![Release])
        }
        (Session::Refreshing(held), Event::RefreshLater { retry_at, maybe_spent }) => {
            let maybe_spent = held.maybe_spent || maybe_spent;
            (Session::Active(Held { retry_at: Some(retry_at), maybe_spent, ..held }), vec![TryLater])
        }
        (Session::Refreshing(held), Event::ReplyLost) if held.reply_lost => ended(held, Code::ReplyLost, now),
        (Session::Refreshing(held), Event::ReplyLost) => {
            (Session::Active(Held { reply_lost: true, retry_at: None, ..held }), vec![TryLater])
        }
        (Session::Refreshing(held), Event::RefreshRefused(code)) => {
            // After a lost reply, or an error of the server's, a refusal means that the token was spent then.
            let spent = held.reply_lost || held.maybe_spent;
            let reason = if spent && code == Code::InvalidGrant { Code::ReplyLost } else { code };
            ended(held, reason, now)
        }
        (Session::Active(held), Event::Saved) => (Session::Active(Held { saved: true, ..held }), vec![]),
        (Session::Refreshing(held), Event::Saved) => {
            (Session::Refreshing(Held { saved: true, ..held }), vec![])
        }

        // Answers to something that is over.
        (session, Event::BrowserAnswered | Event::SignInEnded | Event::Saved) => (session, vec![]),
        (
            session,
            Event::Refreshed { .. }
            | Event::RefreshLater { .. }
            | Event::ReplyLost
            | Event::RefreshRefused(_),
        ) => (session, vec![]),
    }
}

/// Somebody needs another token than the one in hand.
fn renew(held: Held, now: Time) -> (Session, Vec<Effect>) {
    if held.ends_at.is_some_and(|end| end <= now) {
        return ended(held, Code::SignInExpired, now);
    }
    if !held.renewable {
        return ended(held, Code::NoRefreshToken, now);
    }
    if held.retry_at.is_some_and(|at| at > now) {
        return (Session::Active(held), vec![]);
    }
    (Session::Refreshing(Held { retry_at: None, ..held }), vec![Effect::Refresh])
}

/// The sign-in is over; what is known about it stays, so that the person can be told whose it was.
fn ended(held: Held, reason: Code, now: Time) -> (Session, Vec<Effect>) {
    let held = Held { access: None, renewable: false, saved: false, retry_at: None, ..held };
    let session = Session::NeedsPerson { reason, since: now, held: Some(held) };
    (session, vec![Effect::Wipe, Effect::AskPerson(reason)])
}

fn held_of(session: Session) -> Option<Held> {
    match session {
        Session::Active(held) | Session::Refreshing(held) => Some(held),
        Session::NeedsPerson { held, .. } => held,
        Session::AwaitingBrowser { before, .. } | Session::Exchanging { before } => held_of(*before),
        Session::SignedOut => None,
    }
}

/// The person is already in the browser: nothing more to ask.
fn quietly(effects: Vec<Effect>) -> Vec<Effect> {
    effects.into_iter().filter(|effect| !matches!(effect, Effect::AskPerson(_))).collect()
}

impl Session {
    /// The state's name on the wire.
    pub fn state(&self) -> SessionState {
        match self {
            Session::SignedOut => SessionState::SignedOut,
            Session::AwaitingBrowser { .. } => SessionState::AwaitingBrowser,
            Session::Exchanging { .. } => SessionState::Exchanging,
            Session::Active(_) => SessionState::Active,
            Session::Refreshing(_) => SessionState::Refreshing,
            Session::NeedsPerson { .. } => SessionState::NeedsPerson,
        }
    }

    /// The sign-in that serves callers now, if there is one.
    pub fn held(&self) -> Option<&Held> {
        match self {
            Session::Active(held) | Session::Refreshing(held) => Some(held),
            Session::NeedsPerson { held, .. } => held.as_ref(),
            Session::AwaitingBrowser { before, .. } | Session::Exchanging { before } => before.held(),
            Session::SignedOut => None,
        }
    }

    /// The sign-in, while somebody is signed in and no renewal is on its way.
    pub fn active(&self) -> Option<&Held> {
        match self {
            Session::Active(held) => Some(held),
            Session::AwaitingBrowser { before, .. } | Session::Exchanging { before } => before.active(),
            Session::SignedOut | Session::Refreshing(_) | Session::NeedsPerson { .. } => None,
        }
    }

    /// Whether no sign-in is in use, so that what the keyring says decides.
    pub fn awaits_keyring(&self) -> bool {
        match self {
            Session::SignedOut | Session::NeedsPerson { .. } => true,
            Session::AwaitingBrowser { before, .. } | Session::Exchanging { before } => {
                before.awaits_keyring()
            }
            Session::Active(_) | Session::Refreshing(_) => false,
        }
    }

    /// Whether a renewal is on its way, whatever else is.
    pub fn is_refreshing(&self) -> bool {
        match self {
            Session::Refreshing(_) => true,
            Session::AwaitingBrowser { before, .. } | Session::Exchanging { before } => {
                before.is_refreshing()
            }
            Session::SignedOut | Session::Active(_) | Session::NeedsPerson { .. } => false,
        }
    }

    /// Why the person is needed, if they are.
    pub fn reason(&self) -> Option<Code> {
        match self {
            Session::NeedsPerson { reason, .. } => Some(*reason),
            Session::AwaitingBrowser { before, .. } | Session::Exchanging { before } => before.reason(),
            Session::SignedOut | Session::Active(_) | Session::Refreshing(_) => None,
        }
    }
}

#[cfg(test)]
#[path = "session_tests.rs"]
mod tests;

//! One renewal, as a transaction: mark it, send it, keep the new token, take the mark away.
//!
//! UiPath's refresh tokens are single use, so no layer repeats a refresh by itself. What may be done after each ending
//! is decided by [`crate::session::step`]; this file only tells the endings apart.

use crate::clock::Time;
use crate::http::Http;
use crate::ledger::{Ledger, Marks};
use crate::registration::Registration;
use crate::secret::Secret;
use crate::signin::discovery::Provider;
use crate::signin::exchange::{self, TokenError, Tokens};
use attendant_protocol::Code;
use chrono::TimeDelta;
use std::time::Duration;

/// How a renewal ended.
#[derive(Debug)]
pub enum RefreshOutcome {
    /// New tokens. The refresh token that was sent is spent.
    Refreshed(Tokens),
    /// The server could not be reached or is busy.
    TryLater {
        /// What the server asked for, if it asked.
        after: Option<Duration>,
        /// Why, for the person who waits.
        code: Code,
        /// The server failed after it had the token.
        maybe_spent: bool,
    },
    /// The request left and no usable answer came: the token may be spent.
    ReplyLost,
    /// The provider refused for good.
    NeedsPerson {
        /// Why.
        reason: Code,
    },
}

/// The first pause after a renewal that did not get through; it doubles up to [`LONGEST_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// The longest pause between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(300);

/// When to try again after `failures` failures in a row. `jitter` is uniformly random: everyone who lost the same
/// server must not come back in the same second.
pub fn retry_at(now: Time, failures: u32, after: Option<Duration>, jitter: u8) -> Time {
    let pause = FIRST_PAUSE.saturating_mul(1 << failures.min(9)).min(LONGEST_PAUSE);
    let spread = pause.mul_f64(0.75 + f64::from(jitter) / 512.0);
    let pause = after.map_or(spread, |asked| asked.max(spread)).min(LONGEST_PAUSE * 2);
    now + TimeDelta::from_std(pause).unwrap_or(TimeDelta::seconds(300))
}

/// Spends `refresh_token` once. The caller has made sure that nobody else spends it.
pub async fn renew(
    http: &Http,
    provider: &Provider,
    registration: &Registration,
    refresh_token: &Secret,
    ledger: &Ledger,
) -> RefreshOutcome {
    let before = ledger.marks(&registration.id);
    // A mark that is still there is of a run that was killed while its renewal was under way: that answer is lost.
    let before = Marks { reply_lost: before.reply_lost || before.renewing, ..before };
    // The mark must be on disk before the token leaves: a crash in between may have spent it.
    if let Err(error) = ledger.mark(&registration.id, Marks { renewing: true, ..before }) {
        tracing::warn!(registration = %registration.id, %error, "cannot mark a renewal; it waits");
        return RefreshOutcome::TryLater { after: None, code: Code::StateUnwritable, maybe_spent: false };
    }
    let outcome = match exchange::refresh(http, provider, &registration.app_id, refresh_token, None).await {
        // The mark stays until the new token is kept; the actor takes it away.
        Ok(tokens) => return RefreshOutcome::Refreshed(tokens),
        Err(error) => told_apart(&error),
    };
    let lost = matches!(outcome, RefreshOutcome::ReplyLost);
    let after = Marks { renewing: false, reply_lost: before.reply_lost || lost, ..before };
    if let Err(error) = ledger.mark(&registration.id, after) {
        tracing::warn!(registration = %registration.id, %error, "cannot take a renewal's mark away");
    }
    outcome
}

fn told_apart(error: &TokenError) -> RefreshOutcome {
    match error {
        TokenError::NotSent(reason) => {
            RefreshOutcome::TryLater { after: None, code: reason.code(), maybe_spent: false }
        }
        TokenError::Busy { retry_after, maybe_spent, .. } => RefreshOutcome::TryLater {
            after: *retry_after,
            code: Code::ProviderBusy,
            maybe_spent: *maybe_spent,
        },
        TokenError::Ambiguous(_) | TokenError::Invalid(_) => RefreshOutcome::ReplyLost,
        TokenError::Refused { code, .. } => RefreshOutcome::NeedsPerson { reason: *code },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Time {
        chrono::DateTime::from_timestamp(1_800_000_000, 0).unwrap()
    }

    #[test]
    fn pauses_double_up_to_five_minutes() {
        let pause = |failures, jitter| (retry_at(now(), failures, None, jitter) - now()).num_milliseconds();
        assert_eq!(pause(0, 128), 1_000);
        assert_eq!(pause(3, 128), 8_000);
        assert_eq!(pause(30, 128), 300_000);
        assert!(pause(3, 0) < pause(3, 255), "spread by the jitter");
    }

    #[test]
    fn a_server_that_names_a_pause_is_heard() {
        let at = retry_at(now(), 0, Some(Duration::from_secs(90)), 0);
        assert_eq!((at - now()).num_seconds(), 90);
    }
}

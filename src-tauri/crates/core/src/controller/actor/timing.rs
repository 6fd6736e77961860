//! What is due, and when the actor wakes next: never in the past without doing something about it.

use super::Actor;
use super::sign_in::Attempt;
use crate::clock::Time;
use crate::error::Problem;
use crate::error::reason_sentence;
use attendant_protocol::Code;
use chrono::TimeDelta;

/// How long callers wait for a server that cannot be reached before they are told.
const OFFLINE_PATIENCE: TimeDelta = TimeDelta::seconds(20);

impl Actor {
    /// The next moment something is due.
    pub(super) fn next_wake(&mut self) -> Option<Time> {
        let waits = !self.waiting.is_empty();
        let held = self.session.held();
        let retry = held.and_then(|held| held.retry_at).filter(|_| waits);
        let lapse = held.filter(|held| held.covers(self.now())).and_then(|held| held.access.as_ref());
        [
            self.waiting.next_deadline().filter(|_| waits),
            self.asking.as_ref().and_then(|asking| asking.next),
            retry,
            retry.and(self.waiting.since()).map(|since| since + OFFLINE_PATIENCE),
            lapse.map(crate::session::Access::held_until),
            self.attempt.as_ref().and_then(Attempt::waits_until),
            self.save_again_at,
            self.look_again_at.filter(|_| self.keyring_in_the_way()),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Something is due.
    pub(super) fn on_time(&mut self) {
        let now = self.now();
        if self.attempt.as_ref().and_then(Attempt::waits_until).is_some_and(|until| until <= now) {
            self.end_attempt(
                &Problem::new(Code::SignInTimeout, "No answer came back from the browser."),
                false,
            );
        }
        if self.save_again_at.is_some_and(|at| at <= now) {
            self.save_again();
        }
        if self.keyring_in_the_way() && self.look_again_at.is_some_and(|at| at <= now) {
            self.look_again();
        }
        if self.session.held().is_some_and(|held| held.retry_at.is_some()) {
            let problem = self.offline_problem();
            self.waiting.refuse(&problem, now, Some(OFFLINE_PATIENCE));
        }
        let problem = self.why_nothing_came();
        self.waiting.give_up(&problem, now);
        if self.waiting.is_empty() {
            self.stop_asking();
        } else {
            self.serve();
        }
        if self.asking.as_ref().and_then(|asking| asking.next).is_some_and(|next| next <= now) {
            self.ask_now();
        }
    }

    pub(super) fn why_nothing_came(&self) -> Problem {
        if self.session.held().is_some_and(|held| held.retry_at.is_some()) {
            return self.offline_problem();
        }
        if self.session.is_refreshing() {
            let host = self.registration.host.host_str().unwrap_or("The server");
            return Problem::new(Code::ServerTimeout, format!("{host} has not answered yet."));
        }
        let reason = self.session.reason().unwrap_or(Code::SignInNeeded);
        // A sign-in that waits in a locked keyring is not to be made again.
        let code = if reason == Code::KeyringLocked { reason } else { Code::SignInNeeded };
        Problem::new(code, reason_sentence(reason, &self.registration.name))
    }

    pub(super) fn offline_problem(&self) -> Problem {
        self.problem.clone().unwrap_or_else(|| {
            let host = self.registration.host.host_str().unwrap_or("the server");
            Problem::new(Code::Offline, format!("{host} cannot be reached now. Your sign-in is kept."))
        })
    }
}

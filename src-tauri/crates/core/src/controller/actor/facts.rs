//! What others may know about a session: everything but its tokens.

use super::Actor;
use crate::error::Problem;
use crate::registration::Registration;
use crate::session::Session;
use crate::view::AttemptView;
use attendant_protocol::WaitingAutomation;
use std::sync::Arc;

/// A snapshot of one session, without secrets.
#[derive(Debug, Clone, PartialEq)]
pub struct SessionFacts {
    /// Whose.
    pub registration: Arc<Registration>,
    /// Where it stands.
    pub session: Session,
    /// The sign-in that waits for the browser.
    pub attempt: Option<AttemptView>,
    /// Who waits.
    pub waiting: Vec<WaitingAutomation>,
    /// What went wrong last.
    pub problem: Option<Problem>,
    /// The provider can end the session in the browser.
    pub can_end_browser_session: bool,
}

impl SessionFacts {
    /// The facts of a session nobody has looked at yet.
    pub fn new(registration: Arc<Registration>) -> Self {
        Self {
            registration,
            session: Session::SignedOut,
            attempt: None,
            waiting: Vec::new(),
            problem: None,
            can_end_browser_session: false,
        }
    }
}

impl Actor {
    /// Tells everyone who watches, if anything changed.
    pub(super) fn publish(&mut self) {
        let provider = self.purse.provider.as_ref();
        let now = SessionFacts {
            registration: self.registration.clone(),
            session: self.session.clone(),
            attempt: self.attempt.as_ref().map(super::Attempt::view),
            waiting: self.waiting.list(),
            problem: self.problem.clone(),
            can_end_browser_session: provider.is_some_and(|provider| provider.end_session_endpoint.is_some()),
        };
        let changed = self.facts.send_if_modified(|facts| {
            let changed = *facts != now;
            *facts = now;
            changed
        });
        if changed {
            self.context.changed.notify_one();
        }
    }
}

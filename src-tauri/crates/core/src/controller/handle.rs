//! A session from outside: its facts, and a way to its actor.

use super::Context;
use super::actor::messages::{Message, Need, Released};
use super::actor::{Actor, SessionFacts};
use super::command::SessionCommand;
use crate::clock::Time;
use crate::error::Problem;
use crate::registration::Registration;
use attendant_protocol::{Code, SignInResult};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot, watch};

/// One session.
#[derive(Clone)]
pub struct SessionHandle {
    /// Whose it is.
    pub registration: Arc<Registration>,
    actor: mpsc::UnboundedSender<Message>,
    facts: watch::Receiver<SessionFacts>,
}

impl SessionHandle {
    /// Its facts now and later.
    pub(crate) fn watch(&self) -> watch::Receiver<SessionFacts> {
        self.facts.clone()
    }

    /// Its facts now.
    pub(crate) fn facts(&self) -> SessionFacts {
        self.facts.borrow().clone()
    }

    pub(crate) fn person(&self, command: SessionCommand) {
        self.send(Message::Person(command));
    }

    pub(super) fn prompt_answered(&self, answer: crate::view::PromptAnswer) {
        self.send(Message::Answered(answer));
    }

    /// Tells everyone who waits why nothing comes.
    pub(super) fn refuse(&self, problem: Problem) {
        self.send(Message::Refuse(problem));
    }

    /// Waits until somebody is signed in, or, with `token_for`, for a token that lasts at least that long.
    pub(crate) async fn need(
        &self,
        name: String,
        gives_up_at: Time,
        token_for: Option<Duration>,
    ) -> Result<Released, Problem> {
        let (answer, wait) = oneshot::channel();
        self.send(Message::Need(Need { name, gives_up_at, token_for, answer }));
        let mut caller = Caller { session: self, served: false, wait };
        let result = (&mut caller.wait).await.unwrap_or_else(|_| Err(gone()));
        caller.served = true;
        result
    }

    /// Waits for the end of the sign-in that is under way.
    pub(crate) async fn outcome(&self) -> Result<SignInResult, Problem> {
        let (answer, wait) = oneshot::channel();
        self.send(Message::Outcome(answer));
        wait.await.unwrap_or_else(|_| Err(gone()))
    }

    /// Ends the session for good.
    pub(super) async fn remove(&self) -> Result<(), Problem> {
        let (answer, wait) = oneshot::channel();
        self.send(Message::Remove(answer));
        wait.await.unwrap_or_else(|_| Err(gone()))
    }

    fn send(&self, message: Message) {
        if self.actor.send(message).is_err() {
            tracing::debug!(registration = %self.registration.id, "the session has ended");
        }
    }
}

/// Says so when a caller hangs up: nobody is to be asked for its sake any more.
struct Caller<'a> {
    session: &'a SessionHandle,
    served: bool,
    wait: oneshot::Receiver<Result<Released, Problem>>,
}

impl Drop for Caller<'_> {
    fn drop(&mut self) {
        if !self.served {
            self.wait.close();
            self.session.send(Message::Left);
        }
    }
}

fn gone() -> Problem {
    Problem::new(Code::RegistrationNotFound, "The registration was removed meanwhile.")
}

impl Context {
    /// Wakes the actor of `registration`.
    pub(super) fn add_session(self: &Arc<Self>, registration: Registration) -> SessionHandle {
        let registration = Arc::new(registration);
        let (actor, facts) = Actor::start(self.clone(), registration.clone());
        let handle = SessionHandle { registration, actor, facts };
        self.sessions().insert(handle.registration.id.clone(), handle.clone());
        self.changed.notify_one();
        handle
    }
}

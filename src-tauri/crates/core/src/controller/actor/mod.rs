//! The one owner of a session. It holds the tokens, asks [`step`] what every event means, and carries the effects out.
//!
//! Effects that take time run as tasks and come back as [`Done`] messages, so the actor never waits and a slow answer
//! can be told from a current one by its epoch.

mod asking;
mod facts;
mod keyring;
mod leaving;
pub mod messages;
mod renew;
mod sign_in;
mod timing;
mod waiting;

pub use facts::SessionFacts;

use self::asking::Asking;
use self::messages::{Done, Message, Need};
use self::sign_in::Attempt;
use self::waiting::Waiting;
use super::Context;
use super::command::{Answer, SessionCommand};
use crate::clock::Time;
use crate::error::Problem;
use crate::registration::Registration;
use crate::secret::Secret;
use crate::session::{Effect, Event, Session, step};
use crate::signin::AttemptControl;
use crate::signin::discovery::Provider;
use crate::vault::Kept;
use attendant_protocol::{Code, SignInResult};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// The tokens of one session, and where they come from.
#[derive(Default)]
struct Purse {
    access: Option<Secret>,
    kept: Option<Kept>,
    id_token: Option<Secret>,
    provider: Option<Provider>,
}

/// Whose sign-in it is.
struct Owner {
    subject: String,
    account: Option<String>,
}

/// A session with its owner.
pub struct Actor {
    context: Arc<Context>,
    registration: Arc<Registration>,
    session: Session,
    purse: Purse,
    /// Whose sign-in this is, until the person signs out: somebody else answering is caught.
    owner: Option<Owner>,
    /// Counts sign-ins and sign-outs: an effect of an earlier epoch is overtaken.
    epoch: u64,
    attempt: Option<Attempt>,
    /// Shows its outcome in the browser for a moment longer.
    ended_attempt: Option<AttemptControl>,
    attempts: u64,
    asking: Option<Asking>,
    /// The person said Later, or left a sign-in unfinished: nothing is asked before then.
    quiet_until: Option<Time>,
    waiting: Waiting,
    outcome: Vec<Answer<SignInResult>>,
    /// How the last sign-in ended, for whoever asks a moment too late to wait for it.
    last_outcome: Option<Result<SignInResult, Problem>>,
    problem: Option<Problem>,
    failures: u32,
    /// An unsaved refresh token is offered to the keyring again then.
    save_again_at: Option<Time>,
    /// A keyring that is in the way is looked at again then.
    look_again_at: Option<Time>,
    own: mpsc::UnboundedSender<Message>,
    facts: watch::Sender<SessionFacts>,
}

impl Actor {
    /// Starts the actor of `registration`. The returned sender is the only way to it.
    pub fn start(
        context: Arc<Context>,
        registration: Arc<Registration>,
    ) -> (mpsc::UnboundedSender<Message>, watch::Receiver<SessionFacts>) {
        let (own, inbox) = mpsc::unbounded_channel();
        let facts = watch::Sender::new(SessionFacts::new(registration.clone()));
        let seen = facts.subscribe();
        let actor = Self {
            context,
            registration,
            session: Session::SignedOut,
            purse: Purse::default(),
            owner: None,
            epoch: 0,
            attempt: None,
            ended_attempt: None,
            attempts: 0,
            asking: None,
            quiet_until: None,
            waiting: Waiting::default(),
            outcome: Vec::new(),
            last_outcome: None,
            problem: None,
            failures: 0,
            save_again_at: None,
            look_again_at: None,
            own: own.clone(),
            facts,
        };
        tokio::spawn(actor.run(inbox));
        (own, seen)
    }

    async fn run(mut self, mut inbox: mpsc::UnboundedReceiver<Message>) {
        self.restore();
        loop {
            self.publish();
            let wake = self.next_wake();
            let alarm = async {
                match wake {
                    Some(at) => self.context.clock.sleep_until(at).await,
                    None => std::future::pending().await,
                }
            };
            let message = tokio::select! {
                message = inbox.recv() => message,
                () = alarm => {
                    self.on_time();
                    // A view says what is true now: what lapsed changes it, though no fact changed.
                    self.context.changed.notify_one();
                    continue;
                }
            };
            match message {
                None => return,
                Some(Message::Remove(answer)) => {
                    self.sign_out(false);
                    self.publish();
                    // What is on its way finds nobody from now on, and cleans up after itself; what came is dealt with.
                    inbox.close();
                    while let Some(message) = inbox.recv().await {
                        if let Message::Done(done) = message {
                            self.on_done(done);
                        }
                    }
                    let _ = answer.send(Ok(()));
                    return;
                }
                Some(message) => self.on_message(message),
            }
        }
    }

    fn on_message(&mut self, message: Message) {
        match message {
            Message::Person(command) => self.on_person(command),
            Message::Need(need) => self.on_need(need),
            Message::Outcome(answer) => self.on_outcome(answer),
            Message::Answered(answer) => self.on_prompt_answer(answer),
            Message::Left => {
                if self.waiting.is_empty() {
                    self.stop_asking();
                }
            }
            Message::Refuse(problem) => {
                self.waiting.refuse(&problem, self.now(), None);
                self.stop_asking();
            }
            Message::Done(done) => self.on_done(done),
            Message::Remove(_) => {} // ends the loop above
        }
    }

    fn on_person(&mut self, command: SessionCommand) {
        match command {
            SessionCommand::SignIn { other_account, open, answer } => {
                self.begin_sign_in(other_account, open, answer)
            }
            SessionCommand::Cancel(answer) => {
                self.end_attempt(&Problem::new(Code::SignInCancelled, "The sign-in was cancelled."), true);
                let _ = answer.send(Ok(()));
            }
            SessionCommand::OpenAgain(answer) => {
                let _ = answer.send(self.open_again());
            }
            SessionCommand::Link(answer) => {
                let _ = answer.send(self.link());
            }
            SessionCommand::Paste(text, answer) => {
                let _ = answer.send(self.paste(&text));
            }
            SessionCommand::Stranger(yes, answer) => {
                let _ = answer.send(self.answer_stranger(yes));
            }
            SessionCommand::SignOut { browser, answer } => {
                self.sign_out(browser);
                let _ = answer.send(Ok(()));
            }
            SessionCommand::TryAgain(answer) => {
                self.try_again();
                let _ = answer.send(Ok(()));
            }
        }
    }

    fn on_need(&mut self, need: Need) {
        let now = self.now();
        self.waiting.add(need, now);
        self.serve();
    }

    /// Serves whoever waits, as far as the session allows.
    fn serve(&mut self) {
        if self.waiting.is_empty() {
            return;
        }
        if let Some(held) = self.session.active().cloned() {
            self.waiting.release_signed_in(&held, self.now());
            if self.waiting.is_empty() {
                return;
            }
        }
        self.apply(Event::TokenNeeded);
        let covered = self.session.active().is_some_and(|held| held.covers(self.now()));
        if covered && !self.waiting.is_empty() {
            self.apply(Event::LongerNeeded);
        }
    }

    /// Asks [`step`] and carries its effects out.
    fn apply(&mut self, event: Event) {
        let fresh = matches!(event, Event::Refreshed { .. } | Event::SignedIn(_));
        let now = self.now();
        let (session, effects) = step(std::mem::replace(&mut self.session, Session::SignedOut), event, now);
        self.session = session;
        for effect in effects {
            match effect {
                Effect::Refresh => self.begin_renewal(),
                Effect::Release => self.release(fresh),
                Effect::AskPerson(reason) => self.ask_person(reason),
                Effect::StopAsking => self.stop_asking(),
                Effect::TryLater => {}
                Effect::TooLong => self.release(true),
                Effect::Wipe => self.wipe(),
            }
        }
    }

    fn release(&mut self, fresh: bool) {
        let now = self.now();
        let (Some(held), Some(access)) = (self.session.held().cloned(), &self.purse.access) else { return };
        self.waiting.release(&held, access, now, fresh);
    }

    /// Forgets every token of this session, here and in the keyring.
    fn wipe(&mut self) {
        self.epoch += 1;
        self.purse = Purse { provider: self.purse.provider.take(), ..Purse::default() };
        self.save_again_at = None;
        self.failures = 0;
        self.context.http.rebuild();
        if let Err(error) = self.context.ledger.forget(&self.registration.id) {
            tracing::warn!(registration = %self.registration.id, %error, "cannot remove the marks of a sign-in");
        }
        let (context, id) = (self.context.clone(), self.registration.id.clone());
        self.context.track(async move {
            if let Err(finding) = context.vault.delete(&id).await {
                tracing::warn!(registration = %id, ?finding, "the keyring did not delete a sign-in");
            }
        });
    }

    fn now(&self) -> Time {
        self.context.clock.now()
    }

    fn on_done(&mut self, done: Done) {
        match done {
            Done::Begun { attempt, result } => self.on_begun(attempt, result),
            Done::Attempt { attempt, event } => self.on_attempt(attempt, event),
            Done::Completed { attempt, result } => self.on_completed(attempt, *result),
            Done::SignInKept { attempt, completed, finding, running } => {
                self.on_sign_in_kept(attempt, *completed, finding);
                drop(running);
            }
            // Two looks may come back: the first one that helped was enough.
            Done::Restored { epoch, found } if epoch == self.epoch && self.session.awaits_keyring() => {
                self.on_restored(found);
            }
            Done::Renewed { epoch, provider, outcome, saved, running } => {
                if epoch == self.epoch {
                    self.on_renewed(provider, outcome, saved);
                } else {
                    self.overtaken(outcome, provider);
                }
                drop(running);
            }
            Done::KeyringInTheWay { epoch, finding } if epoch == self.epoch => {
                self.on_keyring_in_the_way(&finding)
            }
            Done::NoBrowserToSignOut => self.on_no_browser_to_sign_out(),
            Done::Saved { epoch } if epoch == self.epoch => self.on_saved(),
            Done::Restored { .. } | Done::KeyringInTheWay { .. } | Done::Saved { .. } => {}
        }
    }
}

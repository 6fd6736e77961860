//! The one owner of a session. It holds the tokens, asks [`step`] what every event means, and carries the effects out.
//!
//! Effects that take time run as tasks and come back as [`Done`] messages, so the actor never waits and a slow answer
//! can be told from a current one by its epoch.

mod facts;
pub mod messages;
mod renew;
mod sign_in;
mod waiting;

pub use facts::SessionFacts;

use self::messages::{Done, Message, Need};
use self::sign_in::Attempt;
use self::waiting::Waiting;
use super::Context;
use super::command::{Answer, SessionCommand};
use crate::clock::{Time, rfc3339};
use crate::error::{Problem, reason_sentence};
use crate::registration::Registration;
use crate::secret::Secret;
use crate::session::{Effect, Event, Session, step};
use crate::shell::Notice;
use crate::signin::AttemptControl;
use crate::signin::discovery::Provider;
use crate::vault::Kept;
use crate::view::{PromptAnswer, PromptView};
use attendant_protocol::{Code, SignInResult};
use chrono::TimeDelta;
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// How long callers wait for a server that cannot be reached before they are told.
const OFFLINE_PATIENCE: TimeDelta = TimeDelta::seconds(20);

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

/// The person is being asked for this session.
struct Asking {
    reason: Code,
    /// When the first notice is due, or the next reminder.
    next: Option<Time>,
    /// The open prompt.
    prompt: Option<String>,
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

    fn ask_person(&mut self, reason: Code) {
        // A sign-in that is being prepared is the answer already.
        if self.attempt.is_some() || self.waiting.is_empty() {
            return;
        }
        if self.asking.as_ref().is_some_and(|asking| asking.reason == reason) {
            return;
        }
        self.stop_asking();
        let grace = TimeDelta::seconds(self.context.settings().wait_before_asking_seconds.into());
        let since = self.waiting.since().unwrap_or_else(|| self.now());
        let next = self.quiet_until.map_or(since + grace, |quiet| quiet.max(since + grace));
        self.asking = Some(Asking { reason, next: Some(next), prompt: None });
    }

    fn stop_asking(&mut self) {
        let Some(asking) = self.asking.take() else { return };
        if let Some(prompt) = asking.prompt {
            self.context.prompts.close(&prompt);
        }
        self.context.shell.withdraw(&self.notice_key());
    }

    /// Shows the notification and the prompt.
    fn ask_now(&mut self) {
        let Some(reason) = self.asking.as_ref().map(|asking| asking.reason) else { return };
        let now = self.now();
        let name = self.registration.name.clone();
        let waiting = self.waiting.list();
        let sentence = reason_sentence(reason, &name);
        let until = now + TimeDelta::minutes(self.context.settings().remind_minutes.into());
        let id = self.context.prompts.next_id();
        let prompt = PromptView::SignIn {
            id: id.clone(),
            registration: self.registration.id.to_string(),
            name: name.clone(),
            place: self.registration.place(),
            account: self.session.held().and_then(|held| held.account.clone()),
            reason: Problem::new(reason, sentence.clone()),
            waiting: waiting.clone(),
            later_until: rfc3339(until),
            on_this_computer: self.registration.realm().is_loopback(),
        };
        let body = match waiting.as_slice() {
            [] => sentence,
            [one] => format!("{} is waiting. {sentence}", one.name),
            more => format!("{} automations are waiting. {sentence}", more.len()),
        };
        self.context.shell.notify(&Notice {
            key: self.notice_key(),
            title: format!("Sign in to {name}"),
            body,
            actions: vec![("sign_in".into(), "Sign in".into()), ("later".into(), "Later".into())],
        });
        let answer = self.context.prompts.open(id.clone(), prompt);
        let own = self.own.clone();
        tokio::spawn(async move {
            if let Ok(answer) = answer.await {
                let _ = own.send(Message::Answered(answer));
            }
        });
        self.asking = Some(Asking { reason, next: None, prompt: Some(id) });
    }

    fn on_prompt_answer(&mut self, answer: PromptAnswer) {
        let Some(asking) = &mut self.asking else { return };
        if let Some(prompt) = asking.prompt.take() {
            self.context.prompts.close(&prompt);
        }
        self.context.shell.withdraw(&self.notice_key());
        if answer == PromptAnswer::SignIn {
            let (answer, _nobody) = tokio::sync::oneshot::channel();
            if self.session.reason() == Some(Code::KeyringLocked) {
                self.asking = None;
                self.be_quiet(); // if they close the keyring's own question, that was a Later
                return self.try_again();
            }
            return self.begin_sign_in(false, true, answer);
        }
        self.be_quiet();
        let next = self.quiet_until;
        if let Some(asking) = &mut self.asking {
            asking.next = next;
        }
    }

    /// The person knows; the next reminder comes after the pause they chose.
    fn be_quiet(&mut self) {
        self.quiet_until =
            Some(self.now() + TimeDelta::minutes(self.context.settings().remind_minutes.into()));
    }

    fn notice_key(&self) -> String {
        format!("sign-in:{}", self.registration.id)
    }

    /// The next moment something is due.
    fn next_wake(&mut self) -> Option<Time> {
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
    fn on_time(&mut self) {
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

    fn why_nothing_came(&self) -> Problem {
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

    fn offline_problem(&self) -> Problem {
        self.problem.clone().unwrap_or_else(|| {
            let host = self.registration.host.host_str().unwrap_or("the server");
            Problem::new(Code::Offline, format!("{host} cannot be reached now. Your sign-in is kept."))
        })
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

//! The sign-in of one session: begin, wait for the browser, exchange, keep, and only then replace what was there.

use super::messages::{Done, Message};
use super::{Actor, Owner, Purse};
use crate::clock::{Time, rfc3339};
use crate::controller::command::Answer;
use crate::error::Problem;
use crate::ledger::Marks;
use crate::session::{Access, Event, Held};
use crate::signin::{self, AttemptControl, AttemptEvent, Begin, Begun, Completed, Finish, SignInError};
use crate::vault::{Kept, KeyringFinding};
use crate::view::AttemptView;
use attendant_protocol::{Code, SignInResult};
use chrono::TimeDelta;

/// How long the browser may take.
pub const SIGN_IN_WAIT: TimeDelta = TimeDelta::minutes(10);

/// The life assumed for an access token whose server does not say (RFC 6749 §5.1 only recommends it).
const ASSUMED_LIFE: u64 = 300;

/// The longest life believed.
const LONGEST_LIFE: u64 = 24 * 3600;

/// A sign-in under way.
pub struct Attempt {
    number: u64,
    since: Time,
    gives_up_at: Time,
    /// None while the listener is being bound and the server's description fetched.
    control: Option<AttemptControl>,
    /// Who wants to know the authorization URL once there is one, and whether to open the browser for them.
    callers: Vec<(bool, Answer<String>)>,
    other_account: bool,
    no_browser: bool,
    stranger_answered: bool,
    paste_problem: Option<Problem>,
    /// The browser has answered: it can no longer be cancelled, only signed out again.
    answered: bool,
}

impl Attempt {
    /// When waiting for the browser ends; none once it has answered: what follows has its own limits, and what was
    /// put into the keyring by then must not be left to nobody.
    pub(super) fn waits_until(&self) -> Option<Time> {
        (!self.answered).then_some(self.gives_up_at)
    }

    /// For the window.
    pub(super) fn view(&self) -> AttemptView {
        AttemptView {
            since: rfc3339(self.since),
            gives_up_at: rfc3339(self.gives_up_at),
            no_browser: self.no_browser,
            stranger_answered: self.stranger_answered,
            paste_problem: self.paste_problem.clone(),
        }
    }
}

impl Actor {
    pub(super) fn begin_sign_in(&mut self, other_account: bool, open: bool, answer: Answer<String>) {
        if let Some(Attempt { control: Some(control), .. }) = &self.attempt {
            // A second click opens the same sign-in again; a second port would only confuse the browser.
            let url = control.authorization_url().to_string();
            let opened = if open { self.open_again() } else { Ok(()) };
            let _ = answer.send(opened.map(|()| url));
            return;
        }
        if let Some(attempt) = &mut self.attempt {
            return attempt.callers.push((open, answer));
        }
        self.stop_asking();
        self.problem = None;
        self.last_outcome = None;
        self.attempts += 1;
        let (number, now) = (self.attempts, self.now());
        self.attempt = Some(Attempt {
            number,
            since: now,
            gives_up_at: now + SIGN_IN_WAIT,
            control: None,
            callers: vec![(open, answer)],
            other_account,
            no_browser: false,
            stranger_answered: false,
            paste_problem: None,
            answered: false,
        });
        let (context, registration, own) =
            (self.context.clone(), self.registration.clone(), self.own.clone());
        let ended = self.ended_attempt.take();
        tokio::spawn(async move {
            // The last attempt may still be showing its outcome at the very port this one wants.
            if let Some(ended) = ended {
                ended.close().await;
            }
            let begin = Begin {
                http: &context.http,
                registration: &registration,
                random: context.random.clone(),
                clock: context.clock.clone(),
                other_account,
            };
            let result = signin::begin(begin).await;
            let _ = own.send(Message::Done(Done::Begun { attempt: number, result }));
        });
    }

    pub(super) fn on_begun(&mut self, number: u64, result: Result<Begun, SignInError>) {
        if self.attempt.as_ref().is_none_or(|attempt| attempt.number != number) {
            if let Ok(begun) = result {
                begun.control.cancel();
            }
            return;
        }
        let Begun { control, mut events } = match result {
            Ok(begun) => begun,
            Err(error) => return self.end_attempt(&error.problem(), false),
        };
        let own = self.own.clone();
        tokio::spawn(async move {
            while let Some(event) = events.recv().await {
                if own.send(Message::Done(Done::Attempt { attempt: number, event })).is_err() {
                    return;
                }
            }
        });
        let url = control.authorization_url().to_string();
        let Some(attempt) = &mut self.attempt else { return };
        attempt.control = Some(control);
        let (gives_up_at, callers) = (attempt.gives_up_at, std::mem::take(&mut attempt.callers));
        self.apply(Event::SignInBegan { gives_up_at });
        if callers.iter().any(|(open, _)| *open) {
            // A missing browser does not end the attempt: the link can be copied.
            if let Err(problem) = self.open_again() {
                tracing::info!(registration = %self.registration.id, code = %problem.code.as_str(), "no browser opened");
            }
        }
        for (_, answer) in callers {
            let _ = answer.send(Ok(url.clone()));
        }
    }

    pub(super) fn open_again(&mut self) -> Result<(), Problem> {
        let url = self.control()?.ticket_url();
        let opened = self.context.shell.open_browser(&url);
        if let Some(attempt) = &mut self.attempt {
            attempt.no_browser = opened.is_err();
        }
        opened.map_err(|_| Problem::new(Code::NoBrowser, "No browser opened."))
    }

    pub(super) fn link(&mut self) -> Result<String, Problem> {
        Ok(self.control()?.ticket_url().to_string())
    }

    pub(super) fn paste(&mut self, text: &str) -> Result<(), Problem> {
        let result = self.control()?.paste(text);
        if let Some(attempt) = &mut self.attempt {
            attempt.paste_problem = result.as_ref().err().cloned();
        }
        result
    }

    pub(super) fn answer_stranger(&mut self, yes: bool) -> Result<(), Problem> {
        self.control()?.stranger(yes);
        if let Some(attempt) = &mut self.attempt {
            attempt.stranger_answered = false;
        }
        Ok(())
    }

    fn control(&self) -> Result<&AttemptControl, Problem> {
        let control = self.attempt.as_ref().and_then(|attempt| attempt.control.as_ref());
        control.ok_or_else(|| Problem::new(Code::SignInNeeded, "No sign-in is waiting for a browser."))
    }

    pub(super) fn on_attempt(&mut self, number: u64, event: AttemptEvent) {
        let Some(attempt) = self.attempt.as_mut().filter(|attempt| attempt.number == number) else { return };
        match event {
            AttemptEvent::Stranger => attempt.stranger_answered = true,
            AttemptEvent::Refused(error) => {
                let problem = error.problem();
                self.end_attempt(&problem, false);
            }
            AttemptEvent::Expired if attempt.answered => {}
            AttemptEvent::Expired => {
                let problem = Problem::new(Code::SignInTimeout, "No answer came back from the browser.");
                self.end_attempt(&problem, false);
            }
            AttemptEvent::Answered(answered) => {
                attempt.answered = true;
                attempt.stranger_answered = false;
                self.apply(Event::BrowserAnswered);
                let (context, own) = (self.context.clone(), self.own.clone());
                tokio::spawn(async move {
                    let result = Box::new(signin::complete(&context.http, &*context.clock, answered).await);
                    let _ = own.send(Message::Done(Done::Completed { attempt: number, result }));
                });
            }
        }
    }

    pub(super) fn on_completed(&mut self, number: u64, result: Result<Completed, SignInError>) {
        let current = self.attempt.as_ref().is_some_and(|attempt| attempt.number == number);
        let completed = match result {
            Ok(completed) if current => completed,
            Ok(completed) => return self.give_back(completed),
            Err(error) if current => return self.end_attempt(&error.problem(), false),
            Err(_) => return,
        };
        if let Some(problem) = self.other_person(&completed) {
            self.give_back(completed);
            return self.end_attempt(&problem, false);
        }
        // Keep first: the old sign-in goes on until the new one is safe.
        let (context, own, id) = (self.context.clone(), self.own.clone(), self.registration.id.clone());
        let kept = self.kept(&completed, self.now());
        let running = self.context.running();
        tokio::spawn(async move {
            let finding = match &kept {
                Some(kept) => context.keep(&id, kept).await,
                None => Ok(()),
            };
            let completed = Box::new(completed);
            let done = Done::SignInKept { attempt: number, completed, finding, running };
            if own.send(Message::Done(done)).is_err() {
                let _ = context.vault.delete(&id).await; // the registration was removed meanwhile
            }
        });
    }

    pub(super) fn on_sign_in_kept(
        &mut self,
        number: u64,
        completed: Completed,
        finding: Result<(), KeyringFinding>,
    ) {
        if self.attempt.as_ref().is_none_or(|attempt| attempt.number != number) {
            self.give_back(completed);
            return self.settle_keyring();
        }
        let now = self.now();
        let kept = self.kept(&completed, now);
        let held = self.held(&completed, now, kept.is_some() && finding.is_ok());
        let old = self.purse.kept.take();
        if let (Some(old), Some(provider)) = (old, self.purse.provider.clone()) {
            self.revoke(provider, old.refresh);
        }
        self.epoch += 1;
        self.failures = 0;
        self.save_again_at = finding.is_err().then(|| now + super::keyring::SAVE_AGAIN);
        let account = held.account.clone();
        let saved = Some(held.saved);
        self.quiet_until = None;
        if let Some(identity) = &completed.identity {
            if self.owner.as_ref().is_some_and(|owner| owner.subject != identity.subject) {
                // What was allowed was allowed as somebody else.
                self.context.end_grants(&self.registration.id);
            }
            self.owner = Some(Owner { subject: identity.subject.clone(), account: identity.account.clone() });
        }
        let Completed { tokens, provider, .. } = completed;
        self.purse =
            Purse { access: Some(tokens.access), kept, id_token: tokens.id_token, provider: Some(provider) };
        let marks = Marks { kept: held.saved, renewing: false, reply_lost: false };
        if let Err(error) = self.context.ledger.mark(&self.registration.id, marks) {
            tracing::warn!(registration = %self.registration.id, %error, "cannot mark a sign-in as kept");
        }
        self.problem = finding.err().map(|finding| finding.problem());
        if let Some(Attempt { control: Some(control), .. }) = self.attempt.take() {
            control
                .finish(Finish::SignedIn { name: self.registration.name.clone(), account: account.clone() });
            self.ended_attempt = Some(control);
        }
        self.context.record(crate::activity::What::SignedIn, &self.registration, None);
        self.apply(Event::SignedIn(held));
        self.serve();
        let outcome = SignInResult { account, saved, ..SignInResult::default() };
        self.last_outcome = Some(Ok(outcome.clone()));
        for waiting in self.outcome.drain(..) {
            let _ = waiting.send(Ok(outcome.clone()));
        }
    }

    /// Ends the attempt without success; what was there before is untouched.
    pub(super) fn end_attempt(&mut self, problem: &Problem, by_person: bool) {
        if by_person && self.attempt.as_ref().is_some_and(|attempt| attempt.answered) {
            return;
        }
        let Some(attempt) = self.attempt.take() else { return };
        for (_, answer) in attempt.callers {
            let _ = answer.send(Err(problem.clone()));
        }
        if let Some(control) = attempt.control {
            if attempt.answered || problem.code != Code::SignInCancelled {
                control.finish(Finish::Failed(problem.clone()));
                self.ended_attempt = Some(control);
            } else {
                control.cancel();
            }
        }
        self.problem = (!by_person).then(|| problem.clone());
        self.last_outcome = Some(Err(problem.clone()));
        self.be_quiet();
        self.apply(Event::SignInEnded);
        for waiting in self.outcome.drain(..) {
            let _ = waiting.send(Err(problem.clone()));
        }
        self.serve();
    }

    /// Waits for the end of the sign-in that is under way.
    pub(super) fn on_outcome(&mut self, answer: Answer<SignInResult>) {
        if self.attempt.is_some() {
            self.outcome.push(answer);
        } else {
            let nobody = || Err(Problem::new(Code::SignInNeeded, "No sign-in is under way."));
            let _ = answer.send(self.last_outcome.clone().unwrap_or_else(nobody));
        }
    }

    /// Whether somebody else answered than the person this sign-in belongs to.
    fn other_person(&self, completed: &Completed) -> Option<Problem> {
        let (expected, identity) = (self.owner.as_ref()?, completed.identity.as_ref()?);
        let asked_for_another = self.attempt.as_ref().is_some_and(|attempt| attempt.other_account);
        if asked_for_another || expected.subject == identity.subject {
            return None;
        }
        let (new, old) = (
            identity.account.as_deref().unwrap_or("another account"),
            expected.account.as_deref().unwrap_or("someone else"),
        );
        let text =
            format!("You signed in as {new}, but this registration belongs to {old}. Nothing was stored.");
        Some(Problem::new(Code::OtherPerson, text))
    }

    fn kept(&self, completed: &Completed, now: Time) -> Option<Kept> {
        let refresh = completed.tokens.refresh.as_ref()?.duplicate();
        let identity = completed.identity.as_ref();
        Some(Kept {
            refresh,
            signed_in_at: now,
            issuer: completed.provider.issuer.clone(),
            subject: identity.map(|one| one.subject.clone()),
            account: identity.and_then(|one| one.account.clone()),
            app_id: self.registration.app_id.clone(),
            scope: self.scope_of(&completed.tokens.scope),
            generation: self.epoch,
        })
    }

    fn held(&self, completed: &Completed, now: Time, saved: bool) -> Held {
        let tokens = &completed.tokens;
        Held {
            signed_in_at: now,
            ends_at: self.registration.sign_in_days().map(|days| now + TimeDelta::days(days.into())),
            account: completed.identity.as_ref().and_then(|identity| identity.account.clone()),
            access: Some(self.access(tokens.expires_in, &tokens.scope, now)),
            renewable: tokens.refresh.is_some(),
            saved,
            reply_lost: false,
            maybe_spent: false,
            retry_at: None,
        }
    }

    pub(super) fn access(&self, expires_in: Option<u64>, scope: &Option<Vec<String>>, now: Time) -> Access {
        let life = expires_in.unwrap_or(ASSUMED_LIFE).min(LONGEST_LIFE);
        let life = TimeDelta::seconds(i64::try_from(life).unwrap_or(300));
        Access { expires_at: now + life, life, scope: self.scope_of(scope) }
    }

    /// A missing `scope` means what was asked for was granted (RFC 6749 §5.1).
    fn scope_of(&self, scope: &Option<Vec<String>>) -> Vec<String> {
        scope.clone().unwrap_or_else(|| self.registration.scopes.clone())
    }

    /// Tokens that nobody may use: revoked, best effort, and wiped.
    fn give_back(&self, completed: Completed) {
        if let Some(refresh) = completed.tokens.refresh {
            self.revoke(completed.provider, refresh);
        }
    }
}

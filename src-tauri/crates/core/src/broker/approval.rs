//! Asks the person. Anything but an explicit yes in time is a no; identical asks join; whoever hangs up gets nothing.

use super::caller::{Caller, Run};
use super::policy::{Grant, Refusal, Who, durations};
use crate::clock::{Time, rfc3339};
use crate::controller::{Context, SessionFacts, SessionHandle};
use crate::registration::RegistrationId;
use crate::scopes;
use crate::view::{GrantDuration, PromptAnswer, PromptView, ScopeView};
use attendant_protocol::{Code, TokenAsk};
use chrono::{Local, TimeDelta};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use tokio::io::unix::AsyncFd;
use tokio::sync::{oneshot, watch};

/// Programs that may wait for approval at once; each further one would be another dialog in someone's face.
const MOST_WAITING: usize = 8;

/// How long a plain no holds.
const COOLDOWN: TimeDelta = TimeDelta::seconds(60);

/// How long the buttons sleep after the prompt appeared, and again after focus or change, in milliseconds.
pub const ARM_MS: u32 = 500;

/// How long "It no longer waits. Nothing was given." stays.
const GONE_SHOWN: TimeDelta = TimeDelta::seconds(5);

/// What the person decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Yes, for this long, beginning with this process.
    Allowed(GrantDuration, Run),
    /// No, or nothing in time.
    Refused(Code),
}

/// What makes two asks identical.
type Key = (Who, RegistrationId, Vec<String>);

/// The asks that wait. The prompt's task owns the sender; whoever asks the same subscribes to it.
#[derive(Default)]
pub struct Approvals {
    waiting: Mutex<HashMap<Key, Weak<watch::Sender<Option<Decision>>>>>,
}

impl Approvals {
    fn lock(&self) -> MutexGuard<'_, HashMap<Key, Weak<watch::Sender<Option<Decision>>>>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Asks the person whether `caller` may use `wanted` of `session`. Dropping the future withdraws this caller's ask.
pub(crate) async fn ask(
    context: &Arc<Context>,
    session: &SessionHandle,
    caller: &Caller,
    request: &TokenAsk,
    wanted: &[String],
) -> Decision {
    let key = (Who::joining(caller), session.registration.id.clone(), wanted.to_vec());
    let mut decision = {
        let mut waiting = context.approvals.lock();
        waiting.retain(|_, sender| sender.strong_count() > 0);
        match waiting.get(&key).and_then(Weak::upgrade) {
            Some(sender) => sender.subscribe(),
            None if waiting.len() >= MOST_WAITING => return Decision::Refused(Code::RateLimited),
            None => {
                let (sender, decision) = watch::channel(None);
                let sender = Arc::new(sender);
                waiting.insert(key.clone(), Arc::downgrade(&sender));
                let prompt = Prompt::new(context, session, caller, request, wanted, key);
                tokio::spawn(prompt.run(sender));
                decision
            }
        }
    };
    let decided = decision.wait_for(Option::is_some).await.ok().and_then(|decision| *decision);
    decided.unwrap_or(Decision::Refused(Code::Denied))
}

/// One prompt with everything its answer needs.
struct Prompt {
    context: Arc<Context>,
    registration: RegistrationId,
    facts: watch::Receiver<SessionFacts>,
    /// Whose sign-in the prompt names; none if the provider names nobody.
    account: Option<String>,
    caller: Caller,
    wanted: Vec<String>,
    key: Key,
    id: String,
    view: PromptView,
}

impl Prompt {
    fn new(
        context: &Arc<Context>,
        session: &SessionHandle,
        caller: &Caller,
        request: &TokenAsk,
        wanted: &[String],
        key: Key,
    ) -> Self {
        let registration = &session.registration;
        let id = context.prompts.next_id();
        let facts = session.watch();
        let account = facts.borrow().session.held().and_then(|held| held.account.clone());
        let view = PromptView::Approve {
            id: id.clone(),
            name: registration.name.clone(),
            place: registration.place(),
            account: account.clone(),
            caller: caller.view(request.name.as_deref(), request.reason.as_deref()),
            scopes: wanted
                .iter()
                .map(|name| ScopeView {
                    name: name.clone(),
                    words: scopes::words(name).map(str::to_owned),
                    granted: None,
                })
                .collect(),
            // A token cannot be cut down after the fact, and UiPath ignores `scope` when renewing.
            whole_token: true,
            durations: durations(caller),
            gives_up_at: None,
            answer_seconds: context.settings().approval_seconds,
            arm_ms: ARM_MS,
            more: 0,
            gone: false,
            on_this_computer: registration.realm().is_loopback(),
        };
        let (context, registration, caller) = (context.clone(), registration.id.clone(), caller.clone());
        Self { context, registration, facts, account, caller, wanted: wanted.to_vec(), key, id, view }
    }

    async fn run(self, sender: Arc<watch::Sender<Option<Decision>>>) {
        let mut answer = self.context.prompts.open(self.id.clone(), self.view.clone());
        let countdown = self.countdown();
        tokio::pin!(countdown);
        let signed_out = self.signed_out();
        tokio::pin!(signed_out);
        let decision = loop {
            tokio::select! {
                biased;
                answer = &mut answer => break self.decide(answer.ok()),
                () = &mut countdown => {
                    self.context.prompts.close(&self.id);
                    break Decision::Refused(Code::ApprovalTimeout);
                }
                () = &mut signed_out => {
                    self.context.prompts.close(&self.id);
                    break Decision::Refused(Code::SignInNeeded);
                }
                () = sender.closed() => {
                    if self.withdrawn(&sender) {
                        return self.gone(answer).await;
                    }
                }
            }
        };
        self.context.approvals.lock().remove(&self.key);
        sender.send_replace(Some(decision));
        self.context.changed.notify_one();
    }

    /// Whether the sign-in is still the one the prompt names.
    fn is_theirs(&self, facts: &SessionFacts) -> bool {
        facts.session.held().is_some_and(|held| held.account == self.account)
    }

    /// Waits until the sign-in the prompt names is over.
    async fn signed_out(&self) {
        let mut facts = self.facts.clone();
        // A session that ended for good drops its sender: that is over, too.
        let _ = facts.wait_for(|facts| !self.is_theirs(facts)).await.is_ok();
    }

    /// Whether nobody waits any more; then nobody can join either. Somebody may have joined since the last one left.
    fn withdrawn(&self, sender: &watch::Sender<Option<Decision>>) -> bool {
        let mut waiting = self.context.approvals.lock();
        let nobody = sender.receiver_count() == 0;
        if nobody {
            waiting.remove(&self.key);
        }
        nobody
    }

    /// The time to answer begins when the prompt is shown, not while it queues behind others.
    async fn countdown(&self) {
        let mut shown = self.context.prompts.shown();
        let is_ours = |view: &Option<PromptView>| matches!(view, Some(PromptView::Approve { id, .. }) if *id == self.id);
        if shown.wait_for(is_ours).await.is_err() {
            return;
        }
        let Some(seconds) = self.context.settings().approval_seconds else {
            return std::future::pending().await;
        };
        let until = self.context.clock.now() + TimeDelta::seconds(seconds.into());
        self.context.prompts.update(&self.id, |view| {
            if let PromptView::Approve { gives_up_at, .. } = view {
                *gives_up_at = Some(rfc3339(until));
            }
        });
        self.context.clock.sleep_until(until).await;
    }

    /// Everyone who asked hung up: say so for a moment. An answer now grants nothing.
    async fn gone(&self, answer: oneshot::Receiver<PromptAnswer>) {
        self.context.prompts.update(&self.id, |view| {
            if let PromptView::Approve { gone, .. } = view {
                *gone = true;
            }
        });
        let until = self.context.clock.now() + GONE_SHOWN;
        tokio::select! {
            _ = answer => {}
            () = self.context.clock.sleep_until(until) => self.context.prompts.close(&self.id),
        }
    }

    fn decide(&self, answer: Option<PromptAnswer>) -> Decision {
        let now = self.context.clock.now();
        match answer {
            Some(PromptAnswer::Allow { duration }) if durations(&self.caller).contains(&duration) => {
                self.allow(duration, now)
            }
            Some(PromptAnswer::Deny) => self.refuse(now + COOLDOWN, now),
            Some(PromptAnswer::DenyToday) => self.refuse(end_of_today(now), now),
            None if self.context.book().locked => Decision::Refused(Code::Locked),
            // Closed from inside, or an answer that does not belong here: no, without a cool-down.
            Some(PromptAnswer::Allow { .. } | PromptAnswer::SignIn | PromptAnswer::Later) | None => {
                Decision::Refused(Code::Denied)
            }
        }
    }

    fn allow(&self, duration: GrantDuration, now: Time) -> Decision {
        // Under the lock that locking and signing out take: either the grant is there for them to end, or it is
        // seen here that they came first.
        let mut book = self.context.book();
        if book.locked {
            return Decision::Refused(Code::Locked);
        }
        if !self.is_theirs(&self.facts.borrow()) {
            return Decision::Refused(Code::SignInNeeded);
        }
        let decision = Decision::Allowed(duration, self.caller.run);
        let Some(identity) = self.caller.identity.clone().filter(|_| duration != GrantDuration::Once) else {
            return decision;
        };
        let mut id = self.context.random.token();
        id.truncate(12);
        book.grants.push(Grant {
            id: id.clone(),
            registration: self.registration.clone(),
            identity,
            run: self.caller.run,
            scopes: self.wanted.clone(),
            duration,
            since: now,
        });
        drop(book);
        if duration == GrantDuration::ThisRun {
            tokio::spawn(end_with_process(self.context.clone(), id, self.caller.clone()));
        }
        decision
    }

    fn refuse(&self, until: Time, now: Time) -> Decision {
        refuse(&self.context, &self.registration, &self.caller, until, now);
        Decision::Refused(Code::Denied)
    }
}

/// Notes a plain no to `caller`, whatever it asked.
pub(crate) fn cool_down(context: &Context, registration: &RegistrationId, caller: &Caller) {
    let now = context.clock.now();
    refuse(context, registration, caller, now + COOLDOWN, now);
}

fn refuse(context: &Context, registration: &RegistrationId, caller: &Caller, until: Time, now: Time) {
    let refusal = Refusal { registration: registration.clone(), who: Who::of(caller), until };
    context.book().refuse(refusal, now);
}

/// Takes the grant `id` back when the process it belongs to ends. A pidfd becomes readable then (pidfd_open(2)).
async fn end_with_process(context: Arc<Context>, id: String, caller: Caller) {
    #[expect(
        deprecated,
        reason = "its successor is unsafe; an `Arc<OwnedFd>` keeps the same descriptor open, which is its condition"
    )]
    let process = AsyncFd::with_interest(caller.pidfd, tokio::io::Interest::READABLE);
    match process {
        Ok(process) => drop(process.readable().await),
        Err(error) => tracing::warn!(%error, "cannot watch a process; its grant ends now"),
    }
    context.book().grants.retain(|grant| grant.id != id);
    context.changed.notify_one();
}

/// Midnight where the person is.
fn end_of_today(now: Time) -> Time {
    let tomorrow = now.with_timezone(&Local).date_naive().succ_opt();
    let midnight = tomorrow
        .and_then(|day| day.and_hms_opt(0, 0, 0))
        .and_then(|at| at.and_local_timezone(Local).earliest());
    midnight.map_or(now + TimeDelta::days(1), |at| at.to_utc())
}

//! Delivers what was asked: sign-in first, then approval, then the token, then the record, then the release.

use super::approval::{self, Decision};
use super::caller::Caller;
use super::policy::{self, Ask, Verdict, judge};
use crate::activity::{Record, What};
use crate::clock::{Time, rfc3339};
use crate::controller::command::{Answer, SessionCommand};
use crate::controller::{Context, Incoming, SessionHandle};
use crate::error::Problem;
use crate::scopes;
use crate::session::EXPIRY_MARGIN;
use crate::sheet;
use crate::view::{GrantDuration, IncomingSheet, PromptAnswer, PromptView};
use attendant_protocol::{
    Code, ImportResult, SignInAsk, SignInResult, SignOutAsk, SignOutResult, TokenAsk, TokenResult, WireToken,
};
use chrono::TimeDelta;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;

/// The longest a caller waits for the person to sign in.
const SIGN_IN_WAIT: TimeDelta = TimeDelta::minutes(10);

/// Serves `token`.
pub(crate) async fn token(
    context: &Arc<Context>,
    caller: &Caller,
    ask: &TokenAsk,
) -> Result<TokenResult, Problem> {
    let session = context.find(ask.registration.as_deref())?;
    let result = deliver(context, &session, caller, ask).await;
    if let Err(problem) = &result {
        let record = Record {
            automation: Some(caller.name()),
            code: Some(problem.code),
            ..Record::new(context.clock.now(), What::Refused, &session.registration.id)
        };
        if let Err(problem) = context.activity.append(&record) {
            tracing::warn!(%problem, "cannot record a refusal");
        }
    }
    result
}

async fn deliver(
    context: &Arc<Context>,
    session: &SessionHandle,
    caller: &Caller,
    ask: &TokenAsk,
) -> Result<TokenResult, Problem> {
    let registration = &session.registration;
    let base_url = base_url(session, ask.tenant.as_deref())?;
    if let Some(scope) = ask.scopes.iter().find(|scope| !scopes::covers(&registration.scopes, scope)) {
        let text = format!("The registration {} does not have {}.", registration.name, shown(scope));
        return Err(Problem::new(Code::ScopeNotRegistered, text));
    }
    {
        let book = context.book();
        if book.locked {
            return Err(refused(Code::Locked));
        }
        // Whoever was told no is not to make the person sign in either.
        if policy::refused(caller, &registration.id, &book.refusals, context.clock.now()) {
            return Err(refused(Code::DeniedCooldown));
        }
    }
    let gives_up_at = deadline(context.clock.now(), ask.wait_seconds);
    session.need(caller.name(), gives_up_at, None).await?;

    let grant = tokio::select! {
        grant = permitted(context, session, caller, ask) => grant?,
        () = context.clock.sleep_until(gives_up_at) => return Err(refused(Code::ApprovalTimeout)),
    };
    let wanted_life = Duration::from_secs(ask.for_seconds.unwrap_or(0));
    let released = session.need(caller.name(), gives_up_at, Some(wanted_life)).await?;
    let Some(access) = released.access else {
        return Err(Problem::new(Code::Internal, "A session answered without access."));
    };
    if let Some(scope) = ask.scopes.iter().find(|scope| !granted(&released.scope, scope)) {
        let text = format!("This sign-in does not have {}.", shown(scope));
        return Err(Problem::new(Code::ScopeNotGranted, text));
    }
    if context.book().locked {
        return Err(refused(Code::Locked));
    }
    let now = context.clock.now();
    // No record, no release.
    context.activity.append(&Record {
        automation: Some(caller.name()),
        program: caller.identity.as_ref().map(|identity| identity.program.path.display().to_string()),
        scopes: released.scope.clone(),
        grant,
        ..Record::new(now, What::Released, &registration.id)
    })?;
    context.used.notify_one();
    Ok(TokenResult {
        access_token: WireToken::new(access.expose().to_owned()),
        token_type: "Bearer".into(),
        expires_in: u64::try_from((released.expires_at - now).num_seconds()).unwrap_or(0),
        expires_at: rfc3339(released.expires_at),
        scope: released.scope.join(" "),
        narrowed: false,
        base_url,
        held_until: rfc3339(released.expires_at - EXPIRY_MARGIN),
    })
}

/// Asks the policy, and the person if the policy says so. Answers the grant, if it was not once.
async fn permitted(
    context: &Arc<Context>,
    session: &SessionHandle,
    caller: &Caller,
    request: &TokenAsk,
) -> Result<Option<String>, Problem> {
    let wanted: &[String] =
        if request.scopes.is_empty() { &session.registration.scopes } else { &request.scopes };
    loop {
        let verdict = {
            let book = context.book();
            let ask = Ask { caller, registration: &session.registration.id, scopes: wanted };
            judge(&ask, &book.grants, &book.refusals, book.locked, context.clock.now())
        };
        match verdict {
            Verdict::Allow { grant } => return Ok(Some(grant)),
            Verdict::Deny(code) => return Err(refused(code)),
            Verdict::AskPerson => {}
        }
        match approval::ask(context, session, caller, request, wanted).await {
            Decision::Refused(code) => return Err(refused(code)),
            Decision::Allowed(GrantDuration::Once, _) => return Ok(None),
            // Another run of the same program joined this prompt: it was not the one that was allowed.
            Decision::Allowed(GrantDuration::ThisRun, run) if run != caller.run => {}
            Decision::Allowed(GrantDuration::ThisRun | GrantDuration::UntilLock, _) => {}
        }
    }
}

#[expect(clippy::wildcard_enum_match_arm, reason = "six codes refuse an ask; a plain no is the rest")]
fn refused(code: Code) -> Problem {
    let text = match code {
        Code::Locked => "Attendant is locked.",
        Code::DeniedCooldown => "The person at this computer said no a moment ago.",
        Code::ApprovalTimeout => "Nobody answered the question in Attendant's window.",
        Code::RateLimited => "Too many programs are waiting for an answer.",
        Code::SignInNeeded => "This sign-in ended before the question was answered.",
        _ => "The person at this computer said no.",
    };
    Problem::new(code, text)
}

/// Serves `sign_in`: opens the browser and waits for the outcome, or hands out the address for another computer.
pub(crate) async fn sign_in(context: &Arc<Context>, ask: SignInAsk) -> Result<SignInResult, Problem> {
    let session = context.find(ask.registration.as_deref())?;
    let name = Some(session.registration.name.clone());
    if let Some(pasted) = ask.answer {
        person(&session, |answer| SessionCommand::Paste(pasted, answer)).await?;
    } else {
        let (other_account, open) = (ask.other_account, !ask.no_browser);
        let url = person(&session, |answer| SessionCommand::SignIn { other_account, open, answer }).await?;
        if ask.no_browser {
            return Ok(SignInResult { name, url: Some(url), ..SignInResult::default() });
        }
    }
    let outcome = session.outcome().await?;
    Ok(SignInResult { name, ..outcome })
}

/// Serves `sign_out`, after the person agreed: a program must not be able to sign people out in passing.
pub(crate) async fn sign_out(
    context: &Arc<Context>,
    caller: &Caller,
    ask: &SignOutAsk,
) -> Result<SignOutResult, Problem> {
    let session = context.find(ask.registration.as_deref())?;
    let registration = &session.registration;
    let facts = session.facts();
    let held = facts.session.held();
    let lent_until = held.and_then(|held| held.access.as_ref()).map(|access| rfc3339(access.expires_at));
    // Before the keyring has answered, or while it is locked, the marks alone know of a sign-in.
    if held.is_some() || context.ledger.marks(&registration.id).kept {
        {
            let book = context.book();
            if policy::refused(caller, &registration.id, &book.refusals, context.clock.now()) {
                return Err(refused(Code::DeniedCooldown));
            }
        }
        // One such question at a time is enough for anybody.
        if context.prompts.any(|view| matches!(view, PromptView::SignOut { .. })) {
            return Err(refused(Code::RateLimited));
        }
        let id = context.prompts.next_id();
        let view = PromptView::SignOut {
            id: id.clone(),
            name: registration.name.clone(),
            place: registration.place(),
            account: held.and_then(|held| held.account.clone()),
            caller: caller.view(None, None),
            browser: ask.browser,
            arm_ms: approval::ARM_MS,
            on_this_computer: registration.realm().is_loopback(),
        };
        let open = OpenPrompt { context, id: id.clone() };
        let seconds = context.settings().approval_seconds.unwrap_or(60);
        let until = context.clock.now() + TimeDelta::seconds(seconds.into());
        let answer = tokio::select! {
            answer = context.prompts.open(id, view) => answer,
            () = context.clock.sleep_until(until) => return Err(refused(Code::ApprovalTimeout)),
        };
        drop(open);
        if !matches!(answer, Ok(PromptAnswer::Allow { .. })) {
            if matches!(answer, Ok(PromptAnswer::Deny)) {
                approval::cool_down(context, &registration.id, caller);
            }
            return Err(refused(Code::Denied));
        }
    }
    let browser = ask.browser;
    person(&session, |answer| SessionCommand::SignOut { browser, answer }).await?;
    Ok(SignOutResult { name: Some(registration.name.clone()), browser, lent_until })
}

/// Closes its prompt when its caller hangs up or is answered.
struct OpenPrompt<'a> {
    context: &'a Context,
    id: String,
}

impl Drop for OpenPrompt<'_> {
    fn drop(&mut self) {
        self.context.prompts.close(&self.id);
    }
}

/// Serves `import`: the sheet is checked here, then the person reviews it in the window; saving it answers.
pub(crate) fn import(context: &Arc<Context>, caller: &Caller, text: String, answer: Answer<ImportResult>) {
    if let Err(error) = sheet::read(&text) {
        let _ = answer.send(Err(error.into()));
        return;
    }
    let sheet = IncomingSheet { text, from: caller.name() };
    let before = context.book().incoming.replace(Incoming { sheet, answer });
    if let Some(before) = before {
        let _ = before
            .answer
            .send(Err(Problem::new(Code::Denied, "Another sheet came before this one was saved.")));
    }
    context.changed.notify_one();
    context.shell.show_main();
}

async fn person<T>(
    session: &SessionHandle,
    make: impl FnOnce(Answer<T>) -> SessionCommand,
) -> Result<T, Problem> {
    let (answer, wait) = oneshot::channel();
    session.person(make(answer));
    wait.await.unwrap_or_else(|_| Err(Problem::new(Code::Internal, "The session has ended.")))
}

fn base_url(session: &SessionHandle, tenant: Option<&str>) -> Result<Option<String>, Problem> {
    let registration = &session.registration;
    let tenant = match tenant {
        Some(tenant) if registration.tenants.iter().any(|one| one == tenant) => tenant,
        Some(tenant) => {
            let text = format!("{} has no tenant {}.", registration.name, shown(tenant));
            return Err(Problem::new(Code::TenantNotFound, text));
        }
        None => registration.tenants.first().map_or("", String::as_str),
    };
    Ok(registration.tenant_url(tenant))
}

/// The protocol's own scopes are rarely listed in a token response; asking for them harms nobody.
fn granted(scope: &[String], asked: &str) -> bool {
    scopes::covers(scope, asked) || matches!(asked, "openid" | "profile" | "email" | "offline_access")
}

fn deadline(now: Time, wait_seconds: Option<u64>) -> Time {
    let asked = wait_seconds.and_then(|seconds| i64::try_from(seconds).ok()).map(TimeDelta::seconds);
    now + asked.map_or(SIGN_IN_WAIT, |asked| asked.min(SIGN_IN_WAIT))
}

fn shown(text: &str) -> String {
    format!("\u{201c}{}\u{201d}", crate::text::clean(text, 60))
}

//! Turns the shared facts into views: built when something changed, never on a timer.

use super::Context;
use super::actor::SessionFacts;
use crate::clock::{Time, rfc3339};
use crate::scopes;
use crate::session::{Access, Session};
use crate::view::{GrantView, RegistrationView, ScopeView, View};
use attendant_protocol::{Code, RegistrationStatus, SessionState};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What was handed out is shown this much later: a script may ask for hundreds of tokens in a second, and each caller
/// would wait for the views of those before it.
const SHOW_USE_AFTER: Duration = Duration::from_millis(150);

/// Starts the publisher; the receiver always holds the newest view.
pub fn start(context: Arc<Context>) -> watch::Receiver<Arc<View>> {
    let first = Arc::new(build(&context, 1));
    let (sender, receiver) = watch::channel(first);
    tokio::spawn(async move {
        let mut keyring = context.vault.watch();
        let mut revision = 1_u32;
        loop {
            tokio::select! {
                () = context.changed.notified() => {}
                () = context.used.notified() => tokio::select! {
                    () = context.changed.notified() => {}
                    () = tokio::time::sleep(SHOW_USE_AFTER) => {}
                },
                alive = keyring.changed() => if alive.is_err() { return },
                () = sender.closed() => return,
            }
            let mut view = build(&context, revision);
            if view == **sender.borrow() {
                continue;
            }
            revision = revision.wrapping_add(1);
            view.revision = revision;
            let view = Arc::new(view);
            sender.send_replace(view.clone());
            context.shell.view_changed(&view);
        }
    });
    receiver
}

fn build(context: &Context, revision: u32) -> View {
    let now = context.clock.now();
    let facts: Vec<SessionFacts> = context.sessions().values().map(super::SessionHandle::facts).collect();
    let mut registrations: Vec<RegistrationView> =
        facts.iter().map(|facts| registration(facts, now)).collect();
    registrations.sort_by(|a, b| {
        let key = |one: &RegistrationView| (group(one.status.state), one.status.name.to_lowercase());
        key(a).cmp(&key(b))
    });
    let names = &|id: &crate::registration::RegistrationId| {
        facts
            .iter()
            .find(|one| one.registration.id == *id)
            .map_or_else(|| id.to_string(), |one| one.registration.name.clone())
    };
    // Up to a thousand entries: gathered before the book is taken, which every caller needs.
    let recent = context.activity.recent(now).into_iter().map(|one| one.view(names)).collect();
    let book = context.book();
    View {
        revision,
        locked: book.locked,
        registrations,
        keyring: context.vault.watch().borrow().clone(),
        recent,
        grants: book.grants.iter().map(|grant| grant_view(grant, names)).collect(),
        incoming: book.incoming.as_ref().map(|incoming| incoming.sheet.clone()),
        settings: book.config.settings.clone(),
        proxy: context.http.proxy_shown().map(str::to_owned),
        problem: book.problem.clone(),
    }
}

/// Needs you, waiting, active, signed out.
fn group(state: SessionState) -> u8 {
    match state {
        SessionState::NeedsPerson => 0,
        SessionState::AwaitingBrowser | SessionState::Exchanging => 1,
        SessionState::Active | SessionState::Refreshing => 2,
        SessionState::SignedOut | SessionState::Unknown => 3,
    }
}

/// The status of one session, as protocol and window have it.
pub fn status(facts: &SessionFacts, now: Time) -> RegistrationStatus {
    let held = facts.session.held();
    let alive = held.filter(|held| held.renewable || held.covers(now));
    RegistrationStatus {
        id: facts.registration.id.to_string(),
        name: facts.registration.name.clone(),
        state: facts.session.state(),
        reason: facts.session.reason(),
        account: held.and_then(|held| held.account.clone()),
        held_until: held
            .filter(|held| held.covers(now))
            .and_then(|held| held.access.as_ref())
            .map(Access::held_until)
            .map(rfc3339),
        expected_until: alive.filter(|held| held.renewable).and_then(|held| held.ends_at).map(rfc3339),
        signed_in_at: alive.map(|held| rfc3339(held.signed_in_at)),
        saved: held.is_some_and(|held| held.saved),
        tenants: facts.registration.tenants.clone(),
        waiting: facts.waiting.clone(),
    }
}

fn registration(facts: &SessionFacts, now: Time) -> RegistrationView {
    let registration = &facts.registration;
    let held = facts.session.held();
    let granted = held.and_then(|held| held.access.as_ref()).map(|access| &access.scope);
    let scopes = registration.scopes.iter().map(|name| ScopeView {
        name: name.clone(),
        words: scopes::words(name).map(str::to_owned),
        // Providers rarely list the protocol's own scopes in the token response.
        granted: granted.map(|granted| scopes::covers(granted, name) || is_protocol_scope(name)),
    });
    let reason = facts.session.reason();
    RegistrationView {
        status: status(facts, now),
        edition: registration.edition,
        host: registration.realm().to_string(),
        on_this_computer: registration.realm().is_loopback(),
        organization: registration.organization.clone(),
        app_id: registration.app_id.clone(),
        redirect_urls: registration.redirect_urls.clone(),
        scopes: scopes.collect(),
        attempt: facts.attempt.clone(),
        problem: reason
            .map(|reason| problem_of(reason, &registration.name))
            .or_else(|| facts.problem.clone()),
        offline: matches!(&facts.session, Session::Active(held) if held.retry_at.is_some()),
        sign_in_until: held.and_then(|held| held.ends_at).map(rfc3339),
        sign_in_days: registration.sign_in_days(),
        can_end_browser_session: facts.can_end_browser_session,
    }
}

fn problem_of(reason: Code, name: &str) -> crate::error::Problem {
    crate::error::Problem::new(reason, crate::error::reason_sentence(reason, name))
}

fn is_protocol_scope(name: &str) -> bool {
    matches!(name, "openid" | "profile" | "email" | "offline_access")
}

fn grant_view(
    grant: &crate::broker::policy::Grant,
    name: impl Fn(&crate::registration::RegistrationId) -> String,
) -> GrantView {
    let path = grant.identity.script.as_ref().unwrap_or(&grant.identity.program.path);
    GrantView {
        id: grant.id.clone(),
        automation: path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned(),
        program: grant.identity.program.path.display().to_string(),
        registration: name(&grant.registration),
        scopes: grant.scopes.clone(),
        duration: grant.duration,
        since: rfc3339(grant.since),
    }
}

//! The front page: what this is and which addresses it has.

use axum::extract;
use axum::http::StatusCode;
use axum::response::Response;

use crate::orchestrator::data::TENANTS;
use crate::pages::{Page, escape};
use crate::seed::ORGANIZATION;
use crate::state::State;

pub(crate) async fn page(extract::State(practice): extract::State<State>) -> Response {
    let base = practice.base();
    let issuer = practice.issuer();
    let mut rows = vec![
        ("Issuer", issuer.clone()),
        ("Discovery", format!("{issuer}/.well-known/openid-configuration")),
        ("App ID", practice.app_id().to_owned()),
        ("Hand-off sheet", format!("{base}/practice/sheet.toml")),
        ("The same as JSON", format!("{base}/practice/sheet.json")),
        ("Sign out", format!("{issuer}/connect/endsession")),
    ];
    for tenant in TENANTS {
        rows.push(("Orchestrator", format!("{base}/{ORGANIZATION}/{tenant}/orchestrator_")));
    }
    let facts: String = rows
        .iter()
        .map(|(name, value)| format!("<dt>{name}</dt><dd><code>{}</code></dd>", escape(value)))
        .collect();
    let people: String = practice
        .world()
        .users
        .iter()
        .map(|user| format!("<dt>{}</dt><dd>{}</dd>", escape(&user.name()), escape(user.note)))
        .collect();
    let body = format!(
        "<div class=\"card wide\"><h1>Practice tenant</h1>\
         <p>A pretend Identity Server and a slice of Orchestrator, for trying Attendant without an account. \
         Nothing here is real, nothing leaves this computer, and everything is forgotten when it stops.</p>\
         <dl>{facts}</dl><h2>People you can be</h2><dl>{people}</dl></div>"
    );
    Page::new("PRACTICE tenant", base).show(StatusCode::OK, &body)
}

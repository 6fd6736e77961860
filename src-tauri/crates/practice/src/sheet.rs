//! The hand-off sheet (`attendant-registration/1`): what an administrator would hand to the person, for this tenant.

use axum::extract;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use serde::Serialize;

use crate::orchestrator::data::TENANTS;
use crate::seed::{ORGANIZATION, SHEET_SCOPES};
use crate::state::State;

#[derive(Debug, Serialize)]
pub(crate) struct Sheet {
    schema: &'static str,
    name: &'static str,
    #[serde(rename = "type")]
    kind: &'static str,
    edition: &'static str,
    host: String,
    organization: &'static str,
    tenants: [&'static str; 2],
    app_id: String,
    redirect_urls: Vec<String>,
    scopes: Scopes,
}

#[derive(Debug, Serialize)]
struct Scopes {
    user: [&'static str; 9],
    application: [&'static str; 0],
}

impl Sheet {
    pub(crate) fn of(practice: &State) -> Self {
        let app = practice.world().app_for_sheet();
        Self {
            schema: "attendant-registration/1",
            name: "Practice tenant",
            kind: "non-confidential",
            edition: "automation-suite",
            host: practice.base().to_owned(),
            organization: ORGANIZATION,
            tenants: TENANTS,
            app_id: app.id.clone(),
            redirect_urls: app.redirect_urls.clone(),
            scopes: Scopes { user: SHEET_SCOPES, application: [] },
        }
    }
}

/// The same as TOML, written by hand: ten lines do not need a library.
pub(crate) fn toml(sheet: &Sheet) -> String {
    let urls: Vec<&str> = sheet.redirect_urls.iter().map(String::as_str).collect();
    format!(
        "# Hand-off sheet of the practice tenant. It holds no secret; there is none.\n\
         schema = {}\nname = {}\ntype = {}\nedition = {}\nhost = {}\norganization = {}\ntenants = {}\napp_id = {}\n\
         redirect_urls = {}\n\n[scopes]\nuser = {}\napplication = []\n",
        quoted(sheet.schema),
        quoted(sheet.name),
        quoted(sheet.kind),
        quoted(sheet.edition),
        quoted(&sheet.host),
        quoted(sheet.organization),
        list(&sheet.tenants),
        quoted(&sheet.app_id),
        list(&urls),
        list(&sheet.scopes.user),
    )
}

/// A basic string: JSON's escapes are TOML's too, for everything that can occur here.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

fn list(items: &[&str]) -> String {
    let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
    format!("[{}]", items.join(", "))
}

pub(crate) async fn as_toml(extract::State(practice): extract::State<State>) -> Response {
    ([(CONTENT_TYPE, "application/toml; charset=utf-8")], toml(&Sheet::of(&practice))).into_response()
}

pub(crate) async fn as_json(extract::State(practice): extract::State<State>) -> Response {
    axum::Json(Sheet::of(&practice)).into_response()
}

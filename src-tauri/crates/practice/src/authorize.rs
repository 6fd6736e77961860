//! The authorize endpoint (RFC 6749 §3.1): checks a request to the letter, then signs the browser in silently, shows
//! the login form, or sends the browser to the error page. Only the errors UiPath's library calls safe reach the client.

use axum::extract;
use axum::http::header::COOKIE;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::Response;

use crate::errors::{PageError, see};
use crate::grants::{Code, Request, SignIn, Ticket};
use crate::login;
use crate::params::{Params, Repeated};
use crate::seed::{AppKind, World};
use crate::state::{State, Store};

/// The cookie that remembers who is signed in to the practice tenant in this browser.
pub(crate) const SESSION_COOKIE: &str = "practice_session";

/// What the client wants to be shown (OpenID Connect Core §3.1.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Prompt {
    Unsaid,
    None,
    Show,
}

pub(crate) async fn start(
    extract::State(practice): extract::State<State>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let query = uri.query().unwrap_or_default();
    let mut guard = practice.lock();
    let store = &mut *guard;
    let (request, prompt, hint) = match check(practice.world(), query) {
        Ok(checked) => checked,
        Err(error) => {
            store.stats.authorize_errors += 1;
            let request_id = store.random.guid();
            return error.redirect(&practice.issuer(), store.clock.now_ms(), &request_id);
        }
    };
    let signed_in = cookie(&headers, SESSION_COOKIE).and_then(|id| store.grants.sessions.get(id)).cloned();
    match (prompt, signed_in) {
        (Prompt::Unsaid | Prompt::None, Some(sign_in)) => {
            store.stats.silent_sign_ins += 1;
            answer(store, &practice.issuer(), request, sign_in, StatusCode::FOUND)
        }
        (Prompt::None, None) => {
            let error = [("error", "login_required")];
            see(StatusCode::FOUND, &callback(&practice.issuer(), &request, &error, "#_"))
        }
        (Prompt::Unsaid | Prompt::Show, _) => {
            let ticket = store.random.handle();
            let page = login::page(practice.world(), practice.base(), &request, &ticket, hint.as_deref());
            let shown_at = store.clock.now();
            store.grants.tickets.insert(ticket, Ticket { request, shown_at });
            page
        }
    }
}

/// Issues a code to `request` and sends the browser back to the client with it.
pub(crate) fn answer(
    store: &mut Store,
    issuer: &str,
    request: Request,
    sign_in: SignIn,
    status: StatusCode,
) -> Response {
    let code = store.random.grant();
    store.remember("code", &code);
    let location = callback(
        issuer,
        &request,
        &[("code", &code), ("scope", &request.scopes.join(" ")), ("session_state", &sign_in.sid)],
        "",
    );
    let issued_at = store.clock.now();
    store.grants.codes.insert(code, Code { request, sign_in, issued_at });
    see(status, &location)
}

/// The client's redirect URL, byte for byte, with the answer, the `state` and the `iss` (RFC 9207 §2) appended.
pub(crate) fn callback(issuer: &str, request: &Request, answer: &[(&str, &str)], fragment: &str) -> String {
    let mut query = url::form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(answer);
    if let Some(state) = &request.state {
        query.append_pair("state", state);
    }
    query.append_pair("iss", issuer);
    let separator = if request.redirect_uri.contains('?') { '&' } else { '?' };
    format!("{}{separator}{}{fragment}", request.redirect_uri, query.finish())
}

/// The value of one cookie of a request (RFC 6265 §4.2).
pub(crate) fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers
        .get_all(COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

type Checked = (Request, Prompt, Option<String>);

/// Every check of the request, in the order of the library UiPath uses: client, redirect URL, then the rest.
fn check(world: &World, query: &str) -> Result<Checked, PageError> {
    let params = Params::parse(query.as_bytes()).map_err(|Repeated(name)| {
        PageError::new("invalid_request", format!("Parameter given more than once: {name}"))
    })?;
    let client_id = bounded(&params, "client_id", 100)?
        .ok_or_else(|| PageError::new("invalid_request", "Invalid client_id"))?;
    let app = world
        .app(client_id)
        .ok_or_else(|| PageError::new("unauthorized_client", "Unknown client or client not enabled"))?;
    let named = |mut error: PageError| {
        error.client_id = Some(app.id.clone());
        error
    };
    // Ordinal, ignoring case, over the whole string; the token endpoint is stricter.
    let redirect_uri = bounded(&params, "redirect_uri", 400)
        .map_err(named)?
        .filter(|uri| app.redirect_urls.iter().any(|known| known.eq_ignore_ascii_case(uri)))
        .ok_or_else(|| named(PageError::new("invalid_request", "Invalid redirect_uri")))?;
    let placed = |mut error: PageError| {
        error.client_id = Some(app.id.clone());
        error.redirect_uri = Some(redirect_uri.to_owned());
        error
    };
    let (request, prompt) = check_rest(&params, query, app, redirect_uri).map_err(placed)?;
    Ok((request, prompt, params.get("login_hint").map(String::from)))
}

fn check_rest(
    params: &Params,
    query: &str,
    app: &crate::seed::App,
    redirect_uri: &str,
) -> Result<(Request, Prompt), PageError> {
    let refuse = |error, description: &str| Err(PageError::new(error, description));
    match app.kind {
        AppKind::NonConfidential | AppKind::ConfidentialUser => {}
        AppKind::ConfidentialApplication => {
            return refuse("unauthorized_client", "Invalid grant type for client");
        }
    }
    if params.has("request") || params.has("request_uri") {
        return refuse("request_not_supported", "Request objects are not supported");
    }
    match params.get("response_type") {
        Some("code") => {}
        Some(_) => return refuse("unsupported_response_type", "Response type not supported"),
        None => return refuse("invalid_request", "Missing response_type"),
    }
    if params.get("response_mode").is_some_and(|mode| mode != "query") {
        return refuse("invalid_request", "Invalid response_mode for response_type");
    }
    let challenge = match params.get("code_challenge") {
        None => return refuse("invalid_request", "code challenge required"),
        Some(challenge) if !(43..=128).contains(&challenge.len()) => {
            return refuse("invalid_request", "code_challenge is either too short or too long");
        }
        Some(challenge) => challenge,
    };
    // RFC 7636 §4.3: a method left out means `plain`, which is not accepted either.
    if params.get("code_challenge_method") != Some("S256") {
        return refuse("invalid_request", "Transform algorithm not supported");
    }
    let scopes = scopes(app, bounded(params, "scope", 2000)?)?;
    let prompt = match params.get("prompt").map(|p| p.split(' ').collect::<Vec<_>>()).as_deref() {
        None => Prompt::Unsaid,
        Some(["none"]) => Prompt::None,
        Some(asked) if asked.iter().all(|p| matches!(*p, "login" | "select_account" | "consent")) => {
            Prompt::Show
        }
        Some(_) => return refuse("invalid_request", "Unsupported prompt mode"),
    };
    let request = Request {
        client_id: app.id.clone(),
        redirect_uri: redirect_uri.to_owned(),
        scopes,
        state: params.get("state").map(String::from),
        nonce: bounded(params, "nonce", 300)?.map(String::from),
        challenge: challenge.to_owned(),
        query: query.to_owned(),
    };
    Ok((request, prompt))
}

/// One unknown or ungranted name fails the whole request; there is no partial grant.
fn scopes(app: &crate::seed::App, asked: Option<&str>) -> Result<Vec<String>, PageError> {
    let asked = asked.ok_or_else(|| PageError::new("invalid_request", "Missing scope"))?;
    let mut scopes: Vec<String> = Vec::new();
    for scope in asked.split(' ').filter(|scope| !scope.is_empty()) {
        if !app.may_ask(scope) {
            return Err(PageError::new("invalid_scope", "Invalid scope"));
        }
        if !scopes.iter().any(|known| known == scope) {
            scopes.push(scope.to_owned());
        }
    }
    Ok(scopes)
}

fn bounded<'a>(params: &'a Params, name: &str, limit: usize) -> Result<Option<&'a str>, PageError> {
    match params.get(name) {
        Some(value) if value.len() > limit => {
            Err(PageError::new("invalid_request", format!("{name} too long")))
        }
        other => Ok(other),
    }
}

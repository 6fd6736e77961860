//! The end session endpoint (OpenID Connect RP-Initiated Logout 1.0): ends the browser's session and the refresh tokens
//! that came from it. Access tokens already handed out live on.

use axum::body::Bytes;
use axum::extract;
use axum::http::header::SET_COOKIE;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;

use crate::authorize::{SESSION_COOKIE, cookie};
use crate::errors::see;
use crate::pages::{self, Page};
use crate::params::Params;
use crate::state::{State, Store};
use crate::token::form;

pub(crate) async fn start(
    extract::State(practice): extract::State<State>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let Ok(params) = Params::parse(uri.query().unwrap_or_default().as_bytes()) else {
        return pages::message(
            practice.base(),
            StatusCode::BAD_REQUEST,
            "PRACTICE sign-out",
            "This sign-out address cannot be read",
            "A parameter was given twice. Nothing was changed.",
        );
    };
    let mut guard = practice.lock();
    let store = &mut *guard;
    let session = cookie(&headers, SESSION_COOKIE).map(String::from);
    let signed_in = session.as_ref().and_then(|id| store.grants.sessions.get(id)).cloned();
    // An expired ID token is still a good hint; one that names somebody else than this browser's user is not.
    let hint = params
        .get("id_token_hint")
        .and_then(|token| store.grants.hints.get(token))
        .filter(|hint| signed_in.as_ref().is_none_or(|sign_in| sign_in.user == hint.user))
        .cloned();
    let Some(hint) = hint else {
        return match session.filter(|_| signed_in.is_some()) {
            Some(session) => question(practice.base(), &confirmation(&session)),
            None => signed_out_page(practice.base()),
        };
    };
    end(store, &hint.sid);
    if let Some(sign_in) = signed_in {
        end(store, &sign_in.sid);
    }
    store.stats.end_sessions += 1;
    let registered = practice.world().app(&hint.client_id).map_or(&[][..], |app| &app.redirect_urls);
    // Character for character; anything else lands on the page without a word, as at UiPath.
    let back =
        params.get("post_logout_redirect_uri").filter(|target| registered.iter().any(|url| url == target));
    match back {
        Some(target) => forget_cookie(see(StatusCode::FOUND, &with_state(target, params.get("state")))),
        None => forget_cookie(signed_out_page(practice.base())),
    }
}

/// The answer to the question.
pub(crate) async fn confirm(
    extract::State(practice): extract::State<State>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let asked = form(&uri, &headers, &body).unwrap_or_default();
    let mut guard = practice.lock();
    let store = &mut *guard;
    let session = cookie(&headers, SESSION_COOKIE).unwrap_or_default();
    let signed_in = store.grants.sessions.get(session).cloned();
    match signed_in {
        Some(sign_in) if asked.get("confirm") == Some(confirmation(session).as_str()) => {
            end(store, &sign_in.sid);
            store.stats.end_sessions += 1;
            forget_cookie(signed_out_page(practice.base()))
        }
        Some(_) => question(practice.base(), &confirmation(session)),
        None => signed_out_page(practice.base()),
    }
}

fn end(store: &mut Store, sid: &str) {
    store.grants.end_sign_in(sid);
}

/// Proves that the form came from the page this browser was shown, without putting the cookie into the page.
fn confirmation(session: &str) -> String {
    crate::random::hex(&crate::random::sha256(format!("sign out {session}").as_bytes()))
}

fn with_state(target: &str, state: Option<&str>) -> String {
    let Some(state) = state else {
        return target.to_owned();
    };
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("state", state).finish();
    format!("{target}{}{query}", if target.contains('?') { '&' } else { '?' })
}

fn forget_cookie(mut response: Response) -> Response {
    let cookie = format!("{SESSION_COOKIE}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0");
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

fn question(base: &str, confirmation: &str) -> Response {
    let body = format!(
        "<form class=\"card\" method=\"post\" action=\"/identity_/connect/endsession\"><h1>Do you want to sign out?</h1>\
         <p>Nobody said for which app. Signing out here ends its sign-in too.</p>\
         <input type=\"hidden\" name=\"confirm\" value=\"{confirmation}\">\
         <div class=\"actions\"><span></span><button class=\"fill\" id=\"sign-out\">Sign out</button></div></form>"
    );
    Page::new("PRACTICE sign-out", base).show(StatusCode::OK, &body)
}

fn signed_out_page(base: &str) -> Response {
    pages::message(
        base,
        StatusCode::OK,
        "PRACTICE signed out",
        "You are signed out",
        "Access tokens that were handed out before work until they expire, within the hour.",
    )
}

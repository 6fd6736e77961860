//! The login form: who to be, what is asked, Refuse or Continue. It has no password, works without scripts, and each
//! form can be sent once.

use axum::body::Bytes;
use axum::extract;
use axum::http::header::{ORIGIN, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::Response;

use crate::authorize::{SESSION_COOKIE, answer, callback};
use crate::errors::see;
use crate::grants::{Request, SignIn, TICKET_SECONDS};
use crate::pages::{self, Page, escape};
use crate::params::Params;
use crate::seed::{User, World};
use crate::state::State;
use crate::token::form;

/// What each scope means to a person, and the picture beside it.
fn plain_words(scope: &str) -> (&'static str, &'static str) {
    match scope {
        "openid" => ("Know that it is you", PERSON),
        "profile" => ("See your name", PERSON),
        "email" => ("See your e-mail address", PERSON),
        "offline_access" => ("Stay signed in after the first hour", CLOCK),
        "OR.Folders.Read" => ("See which folders you have", FOLDER),
        "OR.Execution.Read" => ("See which processes you may start", PLAY),
        "OR.Jobs" => ("See, start and stop jobs", PLAY),
        "OR.Jobs.Read" => ("See jobs", PLAY),
        "OR.Jobs.Write" => ("Start and stop jobs", PLAY),
        "OR.Queues" => ("See queues, add and change items", TRAY),
        "OR.Queues.Read" => ("See queues and their items", TRAY),
        "OR.Queues.Write" => ("Add and change queue items", TRAY),
        "OR.Assets.Read" => ("Read assets", TRAY),
        "OR.Users.Read" => ("See your user record", PERSON),
        _ => ("Something this page has no words for", TRAY),
    }
}

const FOLDER: &str = "M1.8 4v8.5h12.4v-7H8L6.5 4z";
const PLAY: &str = "M4.5 3v10l8.5-5z";
const CLOCK: &str = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 4.5V8l2.3 1.6";
const PERSON: &str =
    "M8 2.5a2.7 2.7 0 1 0 0 5.4 2.7 2.7 0 0 0 0-5.4zM2.8 13.5c.6-2.6 2.6-3.8 5.2-3.8s4.6 1.2 5.2 3.8";
const TRAY: &str = "M2.5 9.5 4 3h8l1.5 6.5v3.5h-11zM2.5 9.5h3.3L7 11h2l1.2-1.5h3.3";

/// The form for one checked request. `hint` is a `login_hint`.
pub(crate) fn page(
    world: &World,
    base: &str,
    request: &Request,
    ticket: &str,
    hint: Option<&str>,
) -> Response {
    let app = world.app(&request.client_id).map_or("This program", |app| app.name);
    let chosen = world.users.iter().find(|user| Some(user.email) == hint).unwrap_or(&world.users[0]);
    let people: String = world.users.iter().map(|user| person(user, user.key == chosen.key)).collect();
    let names: String = world
        .users
        .iter()
        .map(|user| format!("<span class=\"as as-{}\">Continue as {}</span>", user.key, user.first))
        .collect();
    let asks: String = request
        .scopes
        .iter()
        .map(|scope| {
            let (words, picture) = plain_words(scope);
            format!(
                "<li><svg class=\"i\" viewBox=\"0 0 16 16\" aria-hidden=\"true\"><path d=\"{picture}\"/></svg>\
                 <span>{words}</span> <code>{}</code></li>",
                escape(scope)
            )
        })
        .collect();
    let body = format!(
        "<form class=\"card\" method=\"post\" action=\"/identity_/web/login\">\
         <h1>Practice sign-in</h1>\
         <p>Choose who to be. There is no password: never type a real one here.</p>\
         <input type=\"hidden\" name=\"ticket\" value=\"{ticket}\">\
         <fieldset><legend class=\"vh\">Who to be</legend>{people}</fieldset>\
         <section><h2>{app} asks to</h2><ul class=\"ask\">{asks}</ul></section>\
         <div class=\"actions\">\
         <button class=\"quiet\" id=\"refuse\" name=\"answer\" value=\"refuse\">Refuse</button>\
         <button class=\"fill\" id=\"continue\" name=\"answer\" value=\"continue\">{names}<span class=\"as-any\">Continue</span></button>\
         </div></form>"
    );
    // A browser checks the redirect after the form against the policy too, so the client's origin is named in it.
    Page::new("PRACTICE sign-in", base).form_to(&request.redirect_uri).show(StatusCode::OK, &body)
}

fn person(user: &User, chosen: bool) -> String {
    let checked = if chosen { " checked" } else { "" };
    format!(
        "<label class=\"who\" for=\"user-{key}\"><input type=\"radio\" name=\"user\" id=\"user-{key}\" value=\"{key}\"{checked}>\
         <span><b>{name}</b> <span class=\"mail\">{mail}</span><span class=\"note\">{note}</span></span></label>",
        key = user.key,
        name = user.name(),
        mail = user.email,
        note = user.note,
    )
}

/// The form was sent. A 303 follows, never a 307 that would carry it on (RFC 9700 §4.12).
pub(crate) async fn submit(
    extract::State(practice): extract::State<State>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let base = practice.base();
    if headers.get(ORIGIN).is_some_and(|origin| origin.as_bytes() != base.as_bytes()) {
        return used_up(base, "This form came from another page.");
    }
    let Ok(params) = form(&uri, &headers, &body) else {
        return used_up(base, "This form could not be read.");
    };
    let mut guard = practice.lock();
    let store = &mut *guard;
    let now = store.clock.now();
    let ticket = params.get("ticket").and_then(|ticket| store.grants.tickets.remove(ticket));
    let Some(ticket) = ticket.filter(|ticket| now < ticket.shown_at + TICKET_SECONDS) else {
        return used_up(base, "This sign-in page was used already, or it is too old.");
    };
    let request = ticket.request;
    if params.get("answer") == Some("refuse") {
        store.stats.sign_ins_refused += 1;
        let error = [("error", "access_denied")];
        return see(StatusCode::SEE_OTHER, &callback(&practice.issuer(), &request, &error, "#_"));
    }
    let Some(user) = params.get("user").and_then(|key| practice.world().user(key)) else {
        return used_up(base, "Nobody was chosen.");
    };
    if !user.invited {
        return not_invited(&practice.issuer(), &request, &store.random.guid());
    }
    store.stats.sign_ins += 1;
    let sign_in =
        SignIn { sid: store.random.guid().replace('-', "").to_uppercase(), user: user.key, at: now };
    let session = store.random.handle();
    let cookie = format!("{SESSION_COOKIE}={session}; Path=/; HttpOnly; SameSite=Lax");
    store.grants.sessions.insert(session, sign_in.clone());
    let mut response = answer(store, &practice.issuer(), request, sign_in, StatusCode::SEE_OTHER);
    if let Ok(cookie) = HeaderValue::from_str(&cookie) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    response
}

/// Error 219 in UiPath's shape: back to the login page, the authorize request inside `returnUrl`.
fn not_invited(issuer: &str, request: &Request, trace: &str) -> Response {
    let return_url = format!("/identity_/connect/authorize/callback?{}", request.query);
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("errorCode", "219")
        .append_pair("returnUrl", &return_url)
        .append_pair("traceId", trace)
        .finish();
    see(StatusCode::SEE_OTHER, &format!("{issuer}/web/login?{query}"))
}

/// `GET /identity_/web/login`: only ever an error here, because the form lives at the authorize address.
pub(crate) async fn login_page(extract::State(practice): extract::State<State>, uri: Uri) -> Response {
    let code = Params::parse(uri.query().unwrap_or_default().as_bytes())
        .ok()
        .and_then(|params| params.get("errorCode").map(String::from));
    if code.as_deref() == Some("219") {
        return pages::message(
            practice.base(),
            StatusCode::OK,
            "PRACTICE sign-in refused",
            "The user has not accepted the invitation (#219)",
            "This person does not belong to the organization. Start again from the app and choose somebody else.",
        );
    }
    used_up(practice.base(), "A sign-in starts in the app, not here.")
}

fn used_up(base: &str, what: &str) -> Response {
    pages::message(
        base,
        StatusCode::BAD_REQUEST,
        "PRACTICE sign-in",
        what,
        "Go back to the app and start the sign-in again there.",
    )
}

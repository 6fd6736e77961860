//! The frame of every page: the word PRACTICE, the hatch, a policy that allows one stylesheet and no script.

use axum::extract;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use serde_json::Value;

use crate::params::Params;
use crate::state::State;

/// Text as HTML text or a quoted attribute.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

pub(crate) struct Page<'a> {
    title: &'a str,
    base: &'a str,
    form_action: String,
}

impl<'a> Page<'a> {
    pub(crate) fn new(title: &'a str, base: &'a str) -> Self {
        Self { title, base, form_action: "'self'".to_owned() }
    }

    /// Allows the page's form to end at `target`'s origin.
    pub(crate) fn form_to(mut self, target: &str) -> Self {
        if let Ok(url) = url::Url::parse(target) {
            let origin = url.origin();
            let source =
                if origin.is_tuple() { origin.ascii_serialization() } else { format!("{}:", url.scheme()) };
            self.form_action.push(' ');
            self.form_action.push_str(&source);
        }
        self
    }

    /// `body` is HTML that was escaped where it had to be.
    pub(crate) fn show(self, status: StatusCode, body: &str) -> Response {
        let host = self.base.trim_start_matches("http://");
        let html = format!(
            "<!doctype html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\"><meta name=\"robots\" content=\"noindex\">\
             <title>{title}</title><link rel=\"stylesheet\" href=\"/practice/style.css\"></head><body>\
             <div class=\"practice\"><b>PRACTICE</b> <span>This is not UiPath. It is a pretend page on your own computer, {host}.</span></div>\
             <main>{body}</main><div class=\"practice end\" aria-hidden=\"true\"></div></body></html>\n",
            title = escape(self.title),
            host = escape(host),
        );
        let policy = format!(
            "default-src 'none'; style-src 'self'; form-action {}; frame-ancestors 'none'; base-uri 'none'",
            self.form_action
        );
        let headers = [
            (CONTENT_TYPE, "text/html; charset=utf-8".to_owned()),
            (CONTENT_SECURITY_POLICY, policy),
            (CACHE_CONTROL, "no-store".to_owned()),
        ];
        (status, headers, html).into_response()
    }
}

/// A page that says one thing and what to do about it. Both are escaped here.
pub(crate) fn message(base: &str, status: StatusCode, title: &str, what: &str, advice: &str) -> Response {
    let body = format!("<div class=\"card\"><h1>{}</h1><p>{}</p></div>", escape(what), escape(advice));
    Page::new(title, base).show(status, &body)
}

/// The one stylesheet.
pub(crate) async fn stylesheet() -> Response {
    ([(CONTENT_TYPE, "text/css; charset=utf-8")], include_str!("style.css")).into_response()
}

/// The server's error page. What it says is inside `errorId`, as at UiPath, so the address alone explains it.
pub(crate) async fn error_page(extract::State(practice): extract::State<State>, uri: Uri) -> Response {
    let params = Params::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
    let details = params.get("errorId").and_then(decode).unwrap_or_default();
    let text = |name: &str| details["Data"][name].as_str().unwrap_or("unknown").to_owned();
    let body = format!(
        "<div class=\"card\" id=\"error-page\"><h1>An error has occurred</h1>\
         <p><code id=\"error\">{}</code> <span id=\"error-description\">{}</span></p>\
         <p>The app that sent you here does not hear of this, exactly as with UiPath. \
         Copy this page's address into the app, which can read it, or ask whoever registered the app.</p></div>",
        escape(&text("Error")),
        escape(&text("ErrorDescription")),
    );
    Page::new("PRACTICE error", practice.base()).show(StatusCode::OK, &body)
}

fn decode(id: &str) -> Option<Value> {
    let bytes = STANDARD
        .decode(id)
        .or_else(|_| STANDARD_NO_PAD.decode(id))
        .or_else(|_| URL_SAFE_NO_PAD.decode(id))
        .ok()?;
    serde_json::from_slice(&bytes).ok()
}

/// Every address this host does not have. (Automation Cloud answers some of them with a 200 login page instead.)
pub(crate) async fn not_found(extract::State(practice): extract::State<State>) -> Response {
    nothing_here(practice.base())
}

pub(crate) fn nothing_here(base: &str) -> Response {
    message(
        base,
        StatusCode::NOT_FOUND,
        "PRACTICE not found",
        "There is nothing at this address",
        "The front page lists every address this practice tenant has.",
    )
}

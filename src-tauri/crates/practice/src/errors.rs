//! The two ways Identity Server says no: a bare JSON error at the token endpoint, and a page in the browser that the
//! client never hears about.

use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, LOCATION, PRAGMA, WWW_AUTHENTICATE};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

/// Errors of the token and revocation endpoints (RFC 6749 §5.2, RFC 7009 §2.2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OAuthError {
    InvalidRequest,
    InvalidClient,
    InvalidGrant,
    UnauthorizedClient,
    UnsupportedGrantType,
    InvalidScope,
}

impl OAuthError {
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::InvalidRequest => "invalid_request",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::InvalidScope => "invalid_scope",
        }
    }
}

/// `{"error":"invalid_grant"}` and nothing else: no description tells an attacker what was wrong.
pub(crate) fn bare(code: &str) -> Response {
    no_store(StatusCode::BAD_REQUEST, &json!({ "error": code }))
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        bare(self.code())
    }
}

/// JSON that must not be kept by anyone on the way (RFC 6749 §5.1).
pub(crate) fn no_store(status: StatusCode, body: &Value) -> Response {
    (status, [(CACHE_CONTROL, "no-store"), (PRAGMA, "no-cache")], axum::Json(body)).into_response()
}

/// 401 as a resource server says it (RFC 6750 §3), in UiPath's wording. The body is empty.
pub(crate) fn unauthorized(issuer: &str, reason: Option<&str>) -> Response {
    let challenge = match reason {
        Some(reason) => {
            format!("Bearer realm=\"{issuer}\", error=\"invalid_token\", error_description=\"{reason}\"")
        }
        None => format!("Bearer realm=\"{issuer}\""),
    };
    (StatusCode::UNAUTHORIZED, [(WWW_AUTHENTICATE, challenge)]).into_response()
}

/// An authorize request that ends on a page of the server.
#[derive(Clone, Debug)]
pub(crate) struct PageError {
    pub(crate) error: &'static str,
    pub(crate) description: String,
    /// Known only when it is the registered one.
    pub(crate) redirect_uri: Option<String>,
    pub(crate) client_id: Option<String>,
}

impl PageError {
    pub(crate) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self { error, description: description.into(), redirect_uri: None, client_id: None }
    }

    /// Sends the browser to `{identity}/web/?errorCode=…&errorId=…`, whose id is base64 JSON in UiPath's shape.
    pub(crate) fn redirect(&self, issuer: &str, now_ms: i64, request_id: &str) -> Response {
        // .NET ticks: 100 ns since the year 1.
        let created = now_ms.saturating_mul(10_000).saturating_add(621_355_968_000_000_000);
        let details = json!({
            "Created": created,
            "Data": {
                "DisplayMode": null,
                "UiLocales": null,
                "Error": self.error,
                "ErrorDescription": self.description,
                "RequestId": request_id,
                "ActivityId": null,
                "RedirectUri": self.redirect_uri,
                "ResponseMode": null,
                "ClientId": self.client_id,
            }
        });
        let query = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("errorCode", self.error)
            .append_pair("errorId", &STANDARD.encode(details.to_string()))
            .finish();
        see(StatusCode::FOUND, &format!("{issuer}/web/?{query}"))
    }
}

/// A redirect. 303 is the only kind used after a form (RFC 9700 §4.12).
pub(crate) fn see(status: StatusCode, location: &str) -> Response {
    (status, [(LOCATION, location), (CACHE_CONTROL, "no-store")]).into_response()
}

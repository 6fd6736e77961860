//! Every way Orchestrator says no, in its own shapes.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::errors::unauthorized;

#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No bearer, or one that does not work; the words go into `WWW-Authenticate`.
    Unauthorized(Option<&'static str>),
    /// The scope or the role's permission is missing. Orchestrator does not say which.
    Forbidden,
    FolderMissing,
    FolderUnknown,
    Invalid(String),
    NotFound(String),
    Conflict(u32, String),
    NoSuchAddress,
    WrongMethod,
}

impl Refusal {
    pub(crate) fn answer(self, issuer: &str, trace: &str) -> Response {
        let said = |status, code: u32, message: &str| -> Response {
            let trace = format!("00-{}-01", trace.replace('-', ""));
            let body: Value = json!({ "message": message, "errorCode": code, "traceId": trace });
            (status, axum::Json(body)).into_response()
        };
        match self {
            Self::Unauthorized(reason) => unauthorized(issuer, reason),
            Self::Forbidden => (StatusCode::FORBIDDEN, axum::Json(not_authorized())).into_response(),
            Self::FolderMissing => {
                said(StatusCode::BAD_REQUEST, 1101, "An organization unit is required for this action.")
            }
            Self::FolderUnknown => said(
                StatusCode::BAD_REQUEST,
                1100,
                "Folder does not exist or the user does not have access to the folder.",
            ),
            Self::Invalid(message) => said(StatusCode::BAD_REQUEST, 1000, &message),
            Self::NotFound(message) => said(StatusCode::NOT_FOUND, 1002, &message),
            Self::Conflict(code, message) => said(StatusCode::CONFLICT, code, &message),
            Self::NoSuchAddress => {
                said(StatusCode::NOT_FOUND, 0, "The practice tenant does not have this API call.")
            }
            Self::WrongMethod => {
                let message =
                    "The HTTP resource that matches the request URI does not support this HTTP method.";
                let body = json!({ "error": { "code": "UnsupportedApiVersion", "message": message, "innerError": null } });
                (StatusCode::METHOD_NOT_ALLOWED, axum::Json(body)).into_response()
            }
        }
    }
}

fn not_authorized() -> Value {
    json!({
        "result": null,
        "targetUrl": null,
        "success": false,
        "error": {
            "code": 0,
            "message": "You are not authorized!",
            "details": "You are not allowed to perform this operation.",
            "validationErrors": null
        },
        "unAuthorizedRequest": true,
        "__abp": true,
        "errorCode": 0,
        "message": "You are not authorized!"
    })
}

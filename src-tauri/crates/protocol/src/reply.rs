//! What the app says: first a greeting with a challenge, then one answer per request.

use crate::{Code, VERSION};
use serde::{Deserialize, Serialize};

/// The app's first line on every connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Protocol version; see [`VERSION`].
    pub v: u32,
    /// Always `attendant`.
    pub hello: String,
    /// A fresh random text that every request on this connection repeats.
    pub challenge: String,
}

/// How a request ended. A client decides on this alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Done; the result's members stand beside `status`.
    Ok,
    /// The person must sign in first and did not within the deadline.
    NeedsPerson,
    /// The person or a policy said no.
    Denied,
    /// Attendant is locked.
    Locked,
    /// Nobody answered in time.
    Timeout,
    /// Too many requests are waiting.
    RateLimited,
    /// The scope is not part of the sign-in, the registration or the grant.
    OutOfScope,
    /// No such registration, tenant, grant or action.
    NotFound,
    /// Anything else; see `code`.
    Error,
    /// A status of a newer release.
    #[serde(other)]
    Unknown,
}

/// One line from the app to an automation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply<T> {
    /// Protocol version; see [`VERSION`].
    pub v: u32,
    /// How the request ended.
    pub status: Status,
    /// Exactly what was found, when it did not end with `ok`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// What happened, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// What to do next, for a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub advice: Option<String>,
    /// The result, when `status` is `ok`. A result without required members is present in every reply: look at
    /// `status` first, or use [`Reply::outcome`].
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub result: Option<T>,
}

impl<T> Reply<T> {
    /// A reply that succeeded with `result`.
    pub fn ok(result: T) -> Self {
        Self { v: VERSION, status: Status::Ok, code: None, message: None, advice: None, result: Some(result) }
    }

    /// A reply that did not succeed; the status follows from the code.
    pub fn refused(code: Code, message: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            v: VERSION,
            status: code.status(),
            code: Some(code),
            message: Some(message.into()),
            advice: Some(advice.into()),
            result: None,
        }
    }

    /// The result, or why there is none. `Ok(None)` means that the reply says `ok` and lacks members it should have.
    ///
    /// # Errors
    /// The [`Refusal`], whenever `status` is anything but `ok`.
    pub fn outcome(self) -> Result<Option<T>, Refusal> {
        if self.status == Status::Ok {
            return Ok(self.result);
        }
        Err(Refusal {
            status: self.status,
            code: self.code.unwrap_or(Code::Unknown),
            message: self.message.unwrap_or_else(|| "Attendant did not say what happened.".into()),
            advice: self.advice.unwrap_or_else(|| "Look at Attendant's window.".into()),
        })
    }
}

/// Why a request has no result.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// How the request ended; never `ok`.
    pub status: Status,
    /// Exactly what was found.
    pub code: Code,
    /// What happened, for a person.
    pub message: String,
    /// What to do next, for a person.
    pub advice: String,
}

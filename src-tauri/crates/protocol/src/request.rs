//! What an automation may ask for.

use crate::VERSION;
use crate::token::Redacted;
use serde::{Deserialize, Serialize};
use std::fmt;

/// One line from an automation to the app.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Protocol version; see [`VERSION`].
    pub v: u32,
    /// The challenge of the app's [`Hello`](crate::Hello), echoed.
    pub challenge: String,
    /// What is asked.
    #[serde(flatten)]
    pub op: Op,
}

impl Request {
    /// A request of this protocol version that echoes `challenge`.
    pub fn new(challenge: String, op: Op) -> Self {
        Self { v: VERSION, challenge, op }
    }
}

/// The operations of protocol version 1 that this release answers.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "op", rename_all = "snake_case")]
pub enum Op {
    /// An access token, after the person approved.
    Token(TokenAsk),
    /// Value-free facts about every registration, or about one.
    Status {
        /// Only this registration.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        registration: Option<String>,
    },
    /// Sign in; the browser opens on the person's desktop.
    SignIn(SignInAsk),
    /// Sign out; asks the person in the window unless the caller is the command line itself.
    SignOut(SignOutAsk),
    /// Import a hand-off sheet.
    Import {
        /// The sheet, as TOML, JSON or the text of a message.
        text: String,
    },
    /// Show the main window.
    Open,
    /// Something a newer automation asked for.
    #[serde(other)]
    Unknown,
}

impl fmt::Debug for Op {
    /// As the derive would, except that a sheet's text is not shown: it may hold a secret that is about to be refused.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Token(ask) => f.debug_tuple("Token").field(ask).finish(),
            Self::Status { registration } => {
                f.debug_struct("Status").field("registration", registration).finish()
            }
            Self::SignIn(ask) => f.debug_tuple("SignIn").field(ask).finish(),
            Self::SignOut(ask) => f.debug_tuple("SignOut").field(ask).finish(),
            Self::Import { text: _ } => f.debug_struct("Import").field("text", &Redacted).finish(),
            Self::Open => f.write_str("Open"),
            Self::Unknown => f.write_str("Unknown"),
        }
    }
}

/// Asks for an access token.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenAsk {
    /// The registration's id or name; may be left out where there is only one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
    /// The tenant whose address is wanted; the registration's first when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenant: Option<String>,
    /// What the automation needs. Empty means everything the sign-in may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// How long the token must last, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub for_seconds: Option<u64>,
    /// The automation's own name. Shown as claimed, never believed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Why it asks. Shown as claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How long to wait for the person, in seconds; the app's own limits apply as well.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wait_seconds: Option<u64>,
}

/// Asks to sign in.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInAsk {
    /// The registration's id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
    /// Do not open a browser here: reply at once with the authorization URL
    /// ([`SignInResult::url`](crate::SignInResult::url)); the address comes back in `answer` of a second request.
    #[serde(default, skip_serializing_if = "is_false")]
    pub no_browser: bool,
    /// The address a browser on another computer ended at, pasted back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Let the person choose another account (`prompt=select_account`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub other_account: bool,
}

impl fmt::Debug for SignInAsk {
    /// As the derive would, except that the pasted answer is not shown: it holds the authorization code.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInAsk")
            .field("registration", &self.registration)
            .field("no_browser", &self.no_browser)
            .field("answer", &self.answer.as_ref().map(|_| Redacted))
            .field("other_account", &self.other_account)
            .finish()
    }
}

/// Asks to sign out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutAsk {
    /// The registration's id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
    /// Also end the provider's session in the browser.
    #[serde(default, skip_serializing_if = "is_false")]
    pub browser: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the signature serde calls")]
fn is_false(flag: &bool) -> bool {
    !*flag
}

//! What an automation may ask for.

use crate::VERSION;
use serde::{Deserialize, Serialize};

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
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInAsk {
    /// The registration's id or name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub registration: Option<String>,
    /// Do not open a browser here: answer with the authorization URL and wait for a pasted answer.
    #[serde(default, skip_serializing_if = "is_false")]
    pub no_browser: bool,
    /// The address a browser on another computer ended at, pasted back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Let the person choose another account (`prompt=select_account`).
    #[serde(default, skip_serializing_if = "is_false")]
    pub other_account: bool,
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

//! What the operations answer that are neither a token nor a status.

use crate::token::Redacted;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The result of the `open` operation, and of any other that has nothing to tell but `ok`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Nothing {}

/// The result of the `import` operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportResult {
    /// The new registration's id.
    pub id: String,
    /// The new registration's name.
    pub name: String,
}

/// The result of the `sign_in` operation.
#[derive(Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignInResult {
    /// The registration's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Who is signed in now, as far as the provider said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Nobody is signed in yet: the authorization URL to open in a browser on another computer. The address that
    /// browser ends at is sent in `answer` of a second `sign_in` request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// `false` when the sign-in could not be saved in the keyring and ends with the app.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub saved: Option<bool>,
}

impl fmt::Debug for SignInResult {
    /// As the derive would, except for the address: whoever reads it could answer in the person's place.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignInResult")
            .field("name", &self.name)
            .field("account", &self.account)
            .field("url", &self.url.as_ref().map(|_| Redacted))
            .field("saved", &self.saved)
            .finish()
    }
}

/// The result of the `sign_out` operation. What is removed here is always removed; the rest differs.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignOutResult {
    /// The registration's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the provider's session in the browser was asked to end.
    #[serde(default)]
    pub browser: bool,
    /// Until when access that was already lent stays valid at the provider, RFC 3339. None when nothing was lent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lent_until: Option<String>,
}

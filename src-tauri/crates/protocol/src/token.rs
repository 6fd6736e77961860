//! An access token on its way to an automation.

use serde::{Deserialize, Serialize};
use std::fmt;

/// An access token in a reply. It serialises, because that is its purpose, and prints as `[redacted]`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WireToken(String);

impl WireToken {
    /// Wraps a token that is about to be handed to the automation it was approved for.
    pub fn new(token: String) -> Self {
        Self(token)
    }

    /// The token itself.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for WireToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("WireToken").field(&Redacted).finish()
    }
}

#[cfg(feature = "client")]
impl Drop for WireToken {
    fn drop(&mut self) {
        zeroize::Zeroize::zeroize(&mut self.0);
    }
}

/// Stands in a debug line for a text that must not be there.
pub(crate) struct Redacted;

impl fmt::Debug for Redacted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// The result of the `token` operation (RFC 6749 §5.1 names where they fit).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenResult {
    /// The access token.
    pub access_token: WireToken,
    /// Always `Bearer`.
    pub token_type: String,
    /// Seconds until the token expires, at the moment of the reply.
    pub expires_in: u64,
    /// The same as a time, RFC 3339.
    pub expires_at: String,
    /// The token's real scopes, separated by spaces.
    pub scope: String,
    /// Whether the token was narrowed to what was asked.
    pub narrowed: bool,
    /// The tenant's address, for `UIPATH_URL`; none for providers without one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base_url: Option<String>,
    /// Until when the token may be used without renewing, RFC 3339: its expiry less the margin.
    pub held_until: String,
}

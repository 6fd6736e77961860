//! Value-free facts about sign-ins, for `status` and for the window.

use crate::Code;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ts")]
use ts_rs::TS;

/// Where a session stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export_to = "protocol.ts"))]
#[serde(rename_all = "snake_case")]
pub enum SessionState {
    /// Nobody is signed in on this computer.
    SignedOut,
    /// The browser is open and has not answered yet.
    AwaitingBrowser,
    /// The browser answered; the code is being exchanged.
    Exchanging,
    /// Signed in.
    Active,
    /// Signed in; a new access token is being fetched.
    Refreshing,
    /// Only the person can help; `reason` says why.
    NeedsPerson,
    /// A state of a newer release.
    #[serde(other)]
    Unknown,
}

/// One registration and its session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export_to = "protocol.ts"))]
pub struct RegistrationStatus {
    /// The id used on the command line.
    pub id: String,
    /// The name people gave it.
    pub name: String,
    /// Where the session stands.
    pub state: SessionState,
    /// Why the person is needed, when `state` is `needs_person`.
    #[serde(default)]
    pub reason: Option<Code>,
    /// Who is signed in, as far as the provider said.
    #[serde(default)]
    pub account: Option<String>,
    /// Until when the access token in hand lasts, less the margin, RFC 3339. A fact.
    #[serde(default)]
    pub held_until: Option<String>,
    /// Until when access can last if renewing works, RFC 3339. A forecast.
    #[serde(default)]
    pub expected_until: Option<String>,
    /// When the person signed in, RFC 3339.
    #[serde(default)]
    pub signed_in_at: Option<String>,
    /// Whether the sign-in survives a restart. `false` means it is in memory only.
    pub saved: bool,
    /// The tenants this sign-in serves; the first is the default.
    pub tenants: Vec<String>,
    /// Automations waiting for the person.
    pub waiting: Vec<WaitingAutomation>,
}

/// An automation that waits for the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export_to = "protocol.ts"))]
pub struct WaitingAutomation {
    /// What it is called: the checked file name of its program or script.
    pub name: String,
    /// Since when it waits, RFC 3339.
    pub since: String,
    /// When it gives up, RFC 3339.
    pub gives_up_at: String,
}

/// The result of the `status` operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReport {
    /// Whether Attendant itself is locked.
    pub locked: bool,
    /// Every registration, or the one asked for.
    pub registrations: Vec<RegistrationStatus>,
}

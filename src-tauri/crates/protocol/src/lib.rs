//! What automations and Attendant say to each other: protocol version 1.
//!
//! One JSON object per line over a Unix socket, 64 KiB at most, UTF-8. Unknown members are ignored on both sides,
//! and every enum of the wire ends in `Unknown`, so that a newer peer is understood as far as possible.
//!
//! **The app speaks first.** It looks up who connected, then sends [`Hello`] with a fresh challenge:
//!
//! ```json
//! {"v":1,"hello":"attendant","challenge":"6fd0…"}
//! ```
//!
//! Every [`Request`] carries `"v":1` and that challenge. Echoing it proves that the process which asks is the process
//! that was looked up: the kernel attaches the sender's credentials to each message, and they must match.
//!
//! ```json
//! {"v":1,"challenge":"6fd0…","op":"token","registration":"acme","scopes":["OR.Queues.Write"]}
//! ```
//!
//! The answer is a [`Reply`]; its `status` decides, `code` says exactly what was found, `message` and `advice` are for
//! people. When `status` is `ok`, the members of the result stand beside it:
//!
//! ```json
//! {"v":1,"status":"ok","access_token":"…","token_type":"Bearer","expires_in":3480,"expires_at":"2026-11-21T15:40:00Z",
//!  "scope":"OR.Queues.Write OR.Folders.Read","narrowed":false,"base_url":"https://cloud.uipath.com/acme/DefaultTenant",
//!  "held_until":"2026-11-21T15:39:00Z"}
//! ```
//!
//! No message carries a refresh token, in either direction.

#[cfg(feature = "client")]
pub mod client;
mod code;
mod endpoint;
mod reply;
mod request;
mod result;
mod status;
mod token;

pub use code::Code;
pub use endpoint::{ENV_SOCKET, socket_path};
pub use reply::{Hello, Refusal, Reply, Status};
pub use request::{Op, Request, SignInAsk, SignOutAsk, TokenAsk};
pub use result::{ImportResult, Nothing, SignInResult, SignOutResult};
pub use status::{RegistrationStatus, SessionState, StatusReport, WaitingAutomation};
pub use token::{TokenResult, WireToken};

/// The protocol's version, sent as `v` in every line.
pub const VERSION: u32 = 1;

/// The longest line either side accepts, in bytes, the line feed included.
pub const MAX_LINE: usize = 64 * 1024;

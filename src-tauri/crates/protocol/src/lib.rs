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
//! that was looked up: the kernel attaches the sender's credentials to each message, and they must match. So the process
//! that connects is the one that asks; a connection is not handed to a child.
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
//! Anything else is a refusal. A caller decides on `status`, shows `message` and `advice`, and logs `code`:
//!
//! ```json
//! {"v":1,"status":"needs_person","code":"sign_in_expired","message":"This sign-in reached its 60 days today at 14:51.",
//!  "advice":"Sign in again in Attendant's window."}
//! ```
//!
//! An app that cannot identify the caller sends such a refusal instead of the greeting, and hangs up.
//!
//! | op | request members | `ok` carries |
//! |---|---|---|
//! | `token` | [`TokenAsk`] | [`TokenResult`] |
//! | `status` | `registration` | [`StatusReport`] |
//! | `sign_in` | [`SignInAsk`] | [`SignInResult`] |
//! | `sign_out` | [`SignOutAsk`] | [`SignOutResult`] |
//! | `import` | `text` | [`ImportResult`] |
//! | `open` | | [`Nothing`] |
//!
//! A request that needs the person is answered when the person has decided, or at the deadline. Hanging up takes it back.
//!
//! **Signing in with another computer's browser** takes two requests, each on a connection of its own. The first is
//! answered at once with the address to open; the second brings the address that browser ended at:
//!
//! ```json
//! {"v":1,"challenge":"6fd0…","op":"sign_in","registration":"acme","no_browser":true}
//! {"v":1,"status":"ok","url":"https://cloud.uipath.com/identity_/connect/authorize?…"}
//!
//! {"v":1,"challenge":"91ab…","op":"sign_in","registration":"acme","no_browser":true,
//!  "answer":"http://localhost:8421/callback?code=…&state=…"}
//! {"v":1,"status":"ok","name":"Acme","account":"dana@acme.example","saved":true}
//! ```
//!
//! No message carries a refresh token, in either direction. Each line stands on one line; they are broken here to be read.

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

//! The practice tenant: a small, honest, strict stand-in for UiPath's Identity Server and a slice of Orchestrator.
//!
//! It exists so that anyone can run everything without an account, and so that a client is tested against a server
//! that is stricter than most: exact redirect URLs, S256 only, codes burned at the first attempt, single-use refresh
//! tokens, bare errors, and errors that stay on a page instead of going back to the client. It listens on loopback
//! only, keeps everything in memory, signs with a key made at start, and says PRACTICE on every page.
//!
//! It is laid out like an Automation Suite host: identity at `{base}/identity_`, Orchestrator at
//! `{base}/{organization}/{tenant}/orchestrator_`. It shares no code with the rest of Attendant, so the two ends of
//! the protocol cannot agree on the same mistake.
//!
//! ```no_run
//! # async fn example() -> std::io::Result<()> {
//! use attendant_practice::{Command, Options, State};
//!
//! let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
//! let practice = State::new(Options::default());
//! practice.control(Command::SetAccessLifetime { seconds: 61 });
//! attendant_practice::run(listener, practice, std::future::pending()).await
//! # }
//! ```

mod authorize;
mod clock;
mod control;
mod control_socket;
mod discovery;
mod end_session;
mod errors;
mod faults;
mod front;
mod grants;
mod jwks;
mod keys;
mod login;
mod mint;
mod options;
mod orchestrator;
mod pages;
mod params;
mod random;
mod revoke;
mod routes;
mod seed;
mod serve;
mod sheet;
mod state;
mod stats;
mod token;
mod userinfo;

pub use clock::Clock;
pub use control::{Answer, Command, Minted};
pub use control_socket::{ControlError, ControlSocket};
pub use faults::{Endpoint, When};
pub use options::{Options, OptionsError, Reuse};
pub use serve::{AddressError, check_loopback, run};
pub use state::State;
pub use stats::Stats;

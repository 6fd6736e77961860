//! Everything of Attendant that is not a window.
//!
//! Reading order: [`registration`] (what an administrator registered) → [`session`] (its life, as a pure function) →
//! [`signin`] (how one begins) → [`vault`] (where the refresh token lives) → [`refresh`] (how one goes on) →
//! [`broker`] (how automations ask) → [`controller`] (who owns what) → [`view`] (what the window may know).
//!
//! The invariants, each with a test that fails when it is broken:
//!
//! 1. The refresh token is in the keyring and in this process's memory, nowhere else; the access token in memory only.
//! 2. The window never receives a token: nothing secret can be exported to TypeScript.
//! 3. A session has one owner, and one refresh runs per registration however many ask.
//! 4. A new refresh token is in the keyring and read back before its access token is released, or the session is
//!    shown as unsaved; the old token is never sent again.
//! 5. No layer repeats a refresh by itself; a transient failure never ends a session.
//! 6. Anything but an explicit yes in time is a no.
//! 7. The bearer goes only to the registration's own [`registration::Realm`].
//! 8. The loopback listener accepts one answer to one attempt and ignores everything else.
//! 9. No activity record, no release.
//! 10. The app never asks for, stores or accepts a client secret.
//! 11. The practice tenant swaps the far end, not our end: nothing here knows about it.
//! 12. Every error has one code, a sentence and advice; the English lives in [`error`].

pub mod activity;
pub mod broker;
pub mod clock;
pub mod config;
pub mod controller;
pub mod error;
pub mod files;
pub mod hardening;
pub mod http;
pub mod ledger;
pub mod logging;
pub mod paths;
pub mod random;
pub mod refresh;
pub mod registration;
pub mod scopes;
pub mod secret;
pub mod session;
pub mod sheet;
pub mod shell;
pub mod signin;
pub mod text;
pub mod vault;
pub mod view;

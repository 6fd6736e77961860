//! The desktop around [`attendant_core`]: windows, tray, notifications, and one command for each thing a window may ask.
//!
//! Nothing here knows what a token is. The windows get plain views and send plain commands; what may be asked by which
//! window is decided three times over, by `capabilities/`, by `build.rs` and by the list in [`command_names`], and a
//! test holds them together.
//!
//! Reading order: [`start`] (the process) → [`app`] (what is put together) → [`shell`] (what core asks of the desktop) →
//! [`windows`] and [`commands`] → [`linux`] (how this desktop does it).

pub mod app;
pub mod args;
#[path = "../command_names.rs"]
pub mod command_names;
pub mod commands;
#[cfg(target_os = "linux")]
pub mod linux;
pub mod practice;
#[cfg(test)]
mod samples;
pub mod say;
pub mod shell;
pub mod standing;
pub mod start;
pub mod windows;

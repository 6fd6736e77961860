//! Stories: what a person and their automations live through, on real parts.
//!
//! Run by `cargo xtask test`, which builds the programs and runs this as an unprivileged person.

mod approval;
mod bad_input;
mod desktop;
mod keyring;
mod lasting;
mod memory;
mod programs;
mod second_provider;
mod secrets;
mod sign_in;
mod sign_out;
mod strangers;
mod support;
mod tour;

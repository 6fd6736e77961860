//! Stories of the controller with real sockets and the practice tenant, a clock that is moved, and a scripted person.

#![expect(clippy::unwrap_used, reason = "a helper of a test fails the test")]

mod broker;
mod browser;
mod keyring;
mod person;
mod renewing;
mod signing_in;
mod world;

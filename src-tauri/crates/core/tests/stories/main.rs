//! Stories of the controller with real sockets and the practice tenant, a clock that is moved, and a scripted person.

mod broker;
mod browser;
mod keyring;
mod person;
mod renewing;
mod signing_in;
mod world;

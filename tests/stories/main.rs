//! Stories: what a person and their automations live through, on real parts.
//!
//! Run by `cargo xtask test`, which builds the programs and runs this as an unprivileged person.

mod desktop;

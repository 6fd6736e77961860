//! A private desktop for stories: virtual display, window manager, bus, keyring, notification server and tray of its
//! own, the real browser, and the real programs on it. Nothing of the person who runs the tests is touched.
//!
//! A story makes a [`World`], starts what it needs ([`Practice`], [`App`]), does what a person does (clicks in the
//! window through [`driver`], answers a notification through [`bus`]) and looks at what became of it. The processes end
//! with the values that stand for them.
//!
//! `cargo xtask test` builds everything, copies it to a stage that an unprivileged user can read, and runs the stories
//! as that user. As root they fail: a browser refuses to be root, and checks between users would prove nothing.

pub mod app;
pub mod browser;
pub mod bus;
pub mod cli;
pub mod driver;
pub mod keyring;
pub mod leaks;
pub mod memory;
mod open_id;
pub mod patience;
pub mod person;
pub mod picture;
mod practice;
pub mod private;
pub mod privileged;
pub mod process;
pub mod table;
pub mod tour;
pub mod world;

pub use app::App;
pub use browser::Plan;
pub use open_id::OpenId;
pub use practice::Practice;
pub use world::World;

/// What a story's helpers answer.
pub type Result<T> = anyhow::Result<T>;

//! Building the programs that stories and demo run.

use crate::{places, run, ui};
use std::path::PathBuf;

/// The product's programs and the stories' helpers.
pub const NAMES: &[&str] = &[
    "attendant",
    "attendant-desktop",
    "attendant-practice",
    "attendant-test-browser",
    "attendant-test-privileged",
    "attendant-test-stranger",
    "attendant-demo",
];

/// Builds [`NAMES`] with the window's pages embedded.
///
/// # Errors
/// Says which build failed.
pub fn build() -> Result<(), String> {
    ui::build()?;
    run::show(&mut run::command(
        "cargo",
        &[
            "build",
            "--bins",
            "--package=attendant-desktop",
            "--package=attendant-cli",
            "--package=attendant-practice",
            "--package=attendant-tests",
            "--features=attendant-desktop/custom-protocol",
        ],
    ))
}

/// Where a built program lies.
pub fn path(name: &str) -> PathBuf {
    places::target().join("debug").join(name)
}

//! `attendant practice`: becomes the program `attendant-practice`, so that signals and the exit code are its own.

use crate::exit::Failure;
use crate::programs;
use std::ffi::OsString;
use std::os::unix::process::CommandExt;

const PRACTICE: &str = "attendant-practice";

/// Runs the verb. Returns only when the program could not be started.
pub fn run(arguments: &[OsString]) -> Result<(), Failure> {
    let error = programs::command(PRACTICE).args(arguments).exec();
    Err(programs::failure(PRACTICE, &error))
}

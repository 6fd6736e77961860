//! Where the other programs of this installation are: beside this one, else wherever `PATH` finds them.

use crate::exit::Failure;
use attendant_protocol::Code;
use std::path::PathBuf;
use std::process::Command;

/// A command that starts `program`.
pub fn command(program: &str) -> Command {
    let beside =
        std::env::current_exe().ok().map(|me| me.with_file_name(program)).filter(|path| path.is_file());
    Command::new(beside.unwrap_or_else(|| PathBuf::from(program)))
}

/// What a failed start of `program` means.
pub fn failure(program: &str, error: &std::io::Error) -> Failure {
    let message = if error.kind() == std::io::ErrorKind::NotFound {
        format!("The program {program} was not found beside attendant, nor on the search path.")
    } else {
        format!("The program {program} could not be started: {error}.")
    };
    Failure::Here { code: Code::Internal, message, advice: "Install Attendant again, completely.".into() }
}

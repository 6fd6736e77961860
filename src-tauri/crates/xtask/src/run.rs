//! Starting other programs: visible, timed, and with their output kept when somebody counts in it.

use crate::say;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// How long something took. A build task measures its own time; nothing here is product code.
pub struct Watch(Instant);

impl Watch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "the one place of this program that reads the clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn taken(&self) -> Duration {
        self.0.elapsed()
    }
}

/// A command in the source tree's root.
pub fn command(program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    command_in(&crate::places::root(), program, arguments)
}

/// A command in `folder`.
pub fn command_in(folder: &Path, program: impl AsRef<OsStr>, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(folder);
    command
}

/// What `command` looks like on a command line, for people.
pub fn spelled(command: &Command) -> String {
    std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|part| part.to_string_lossy().into_owned())
        .collect::<Vec<_>>()
        .join(" ")
}

/// Runs `command` with its output on the screen.
///
/// # Errors
/// Says which command could not be started or did not succeed.
pub fn show(command: &mut Command) -> Result<(), String> {
    let spelled = spelled(command);
    say::line(&format!("$ {spelled}"));
    let status = command.status().map_err(|error| format!("`{spelled}` could not be started: {error}"))?;
    if status.success() { Ok(()) } else { Err(format!("`{spelled}` failed ({status})")) }
}

/// What a command printed on its standard output, and whether it succeeded.
pub struct Output {
    /// The lines, in order.
    pub lines: Vec<String>,
    /// It ended with code 0.
    pub success: bool,
}

/// Runs `command`, shows its output as it comes and keeps it. With `merge`, standard error is kept as well.
///
/// # Errors
/// Says which command could not be started.
pub fn show_and_keep(command: &mut Command, merge: bool) -> Result<Output, String> {
    let spelled = spelled(command);
    say::line(&format!("$ {spelled}"));
    let failed = |error: std::io::Error| format!("`{spelled}` could not be started: {error}");
    let (reader, writer) = std::io::pipe().map_err(failed)?;
    if merge {
        command.stderr(writer.try_clone().map_err(failed)?);
    }
    let mut child = command.stdout(writer).stdin(Stdio::null()).spawn().map_err(failed)?;
    // The command keeps its ends of the pipe open; without this the reading below would never end.
    command.stdout(Stdio::null()).stderr(Stdio::inherit());
    let mut lines = Vec::new();
    for line in BufReader::new(reader).split(b'\n') {
        let line = String::from_utf8_lossy(&line.map_err(failed)?).into_owned();
        say::line(&line);
        lines.push(line);
    }
    let status = child.wait().map_err(failed)?;
    Ok(Output { lines, success: status.success() })
}

/// The standard output of a command nobody needs to watch; `None` if it could not be started or failed.
pub fn quietly(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).stdin(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

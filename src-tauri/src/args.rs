//! What the program was started with.

/// Printed by `--help`.
pub const USAGE: &str = "\
Attendant keeps the automations on this computer signed in.

Usage: attendant-desktop [--hidden]

  --hidden     start without opening the window, for the start at login
  --version    print the version
  --help       print this

Attendant runs once per person: starting it again opens its window.
ATTENDANT_LOG sets what is logged on standard error, such as `info` or `attendant_core=debug`.";

/// What to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    /// Run; `hidden` leaves the window closed.
    Run {
        /// Start without a window.
        hidden: bool,
    },
    /// Print the version.
    Version,
    /// Print [`USAGE`].
    Help,
}

/// Reads the arguments after the program's name. The error is the argument nobody knows.
///
/// # Errors
/// The first argument that is not one of ours.
pub fn parse(args: impl IntoIterator<Item = std::ffi::OsString>) -> Result<Asked, String> {
    let mut hidden = false;
    for arg in args {
        match arg.to_str() {
            Some("--hidden") => hidden = true,
            Some("--version" | "-V") => return Ok(Asked::Version),
            Some("--help" | "-h") => return Ok(Asked::Help),
            _ => return Err(arg.to_string_lossy().escape_debug().to_string()),
        }
    }
    Ok(Asked::Run { hidden })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Result<Asked, String> {
        parse(args.iter().map(Into::into))
    }

    #[test]
    fn arguments_are_read() {
        assert_eq!(read(&[]), Ok(Asked::Run { hidden: false }));
        assert_eq!(read(&["--hidden"]), Ok(Asked::Run { hidden: true }));
        assert_eq!(read(&["--hidden", "--version"]), Ok(Asked::Version));
        assert_eq!(read(&["--help"]), Ok(Asked::Help));
    }

    #[test]
    fn an_unknown_argument_is_named_without_its_control_characters() {
        assert_eq!(read(&["--hiden\u{1b}[2J"]), Err("--hiden\\u{1b}[2J".to_owned()));
    }
}

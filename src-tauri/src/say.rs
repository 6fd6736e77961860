//! Words for whoever started the program from a terminal. Nothing else in this package writes to standard output or
//! standard error, except the log. A closed pipe is nobody's fault and stops nothing.

use std::io::Write as _;

/// An answer, on standard output.
pub fn answer(text: &str) {
    let _ = writeln!(std::io::stdout().lock(), "{text}");
}

/// What happened and what to do, on standard error in two lines.
pub fn problem(what: &str, advice: &str) {
    let _ = writeln!(std::io::stderr().lock(), "attendant-desktop: {what}\n{advice}");
}

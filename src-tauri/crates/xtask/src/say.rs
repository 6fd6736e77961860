//! The only file of this program that prints.

use std::io::Write;
use std::time::Duration;

/// One line for the person.
#[expect(clippy::print_stdout, reason = "the one door for words to the person")]
pub fn line(text: &str) {
    println!("{text}");
    // A closed pipe must not end a task half way.
    let _ = std::io::stdout().flush();
}

/// The headline of a phase.
pub fn phase(name: &str) {
    line(&format!("\n== {name}"));
}

/// What went wrong and what to do.
#[expect(clippy::print_stderr, reason = "the one door for words to the person")]
pub fn problem(text: &str) {
    eprintln!("{text}");
}

/// A question on the same line as its answer.
#[expect(clippy::print_stdout, reason = "the one door for words to the person")]
pub fn question(text: &str) {
    print!("{text} ");
    let _ = std::io::stdout().flush();
}

/// `4.2 s` or `3 min 12 s`.
pub fn time(taken: Duration) -> String {
    let seconds = taken.as_secs();
    if seconds < 60 {
        format!("{:.1} s", taken.as_secs_f64())
    } else {
        format!("{} min {:02} s", seconds / 60, seconds % 60)
    }
}

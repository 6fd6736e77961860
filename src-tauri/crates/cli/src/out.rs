//! The only file that prints. Data goes to standard output, words for people to standard error.

use crate::exit::Failure;
use attendant_protocol::Code;
use serde::Serialize;
use std::io::{IsTerminal, Write};

/// Whether standard output is a terminal, which keeps what it shows.
pub fn is_terminal() -> bool {
    std::io::stdout().is_terminal()
}

/// Prints one line of data.
///
/// The bytes go to the descriptor as they are: the standard library's buffer would keep a copy of a token.
///
/// # Errors
/// [`Failure::NobodyReads`] when the reader is gone; [`Failure::Here`] when the output cannot be written.
pub fn line(text: &str) -> Result<(), Failure> {
    let mut line = String::with_capacity(text.len() + 1);
    line.push_str(text);
    line.push('\n');
    let mut rest = line.as_bytes();
    while !rest.is_empty() {
        match rustix::io::write(rustix::stdio::stdout(), rest) {
            Ok(count) => rest = &rest[count..],
            Err(rustix::io::Errno::INTR) => {}
            Err(rustix::io::Errno::PIPE) => return Err(Failure::NobodyReads),
            Err(error) => {
                return Err(Failure::Here {
                    code: Code::StateUnwritable,
                    message: format!("The output could not be written: {error}."),
                    advice: "Make room, or send it elsewhere.".into(),
                });
            }
        }
    }
    Ok(())
}

/// Prints `data` as one line of JSON.
///
/// # Errors
/// As [`line`].
pub fn json(data: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(data).map_err(|error| Failure::Here {
        code: Code::Internal,
        message: format!("The result cannot be written as JSON: {error}."),
        advice: "Leave --json out.".into(),
    })?;
    line(&text)
}

/// Says one sentence to the person.
pub fn say(sentence: &str) {
    complain(&format!("{}\n", plain(sentence)));
}

/// `eprint!` would end the program when nobody reads standard error any more; the verb is still worth doing then.
fn complain(text: &str) {
    let _ = std::io::stderr().write_all(text.as_bytes());
}

/// Says what happened and what to do, each on a line of its own.
pub fn failure(failure: &Failure) {
    match failure {
        Failure::Arguments(error) => arguments(error),
        Failure::Usage { message, advice } => {
            say(message);
            say(advice);
        }
        Failure::App(error) => report(&error.message(), error.code(), &error.advice()),
        Failure::Here { code, message, advice } => report(message, *code, advice),
        Failure::NobodyReads => {}
    }
}

fn report(message: &str, code: Code, advice: &str) {
    say(&format!("{message} ({})", code.as_str()));
    say(advice);
}

/// Help and version go to standard output, because they were asked for; complaints to standard error.
fn arguments(error: &clap::Error) {
    let text = error.render().to_string();
    if error.use_stderr() {
        complain(&text);
    } else {
        // A reader who stops reading the help has had enough of it.
        let _ = line(text.trim_end());
    }
}

/// `text` as one line that cannot steer a terminal: no control characters, nothing that turns the writing direction.
/// Names and messages come from files and servers.
pub fn plain(text: &str) -> String {
    let steers = |letter: char| {
        letter.is_control()
            || matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|letter| if steers(letter) { ' ' } else { letter }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_from_elsewhere_cannot_steer_the_terminal() {
        assert_eq!(plain("a\u{1b}[2Jb\nc\u{202e}d\u{9b}e"), "a [2Jb c d e");
        assert_eq!(plain("Käthe’s „Büro“ 漢字"), "Käthe’s „Büro“ 漢字");
    }
}

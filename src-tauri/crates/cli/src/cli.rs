//! The arguments, and the help that teaches them by example.

use crate::duration;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::ffi::OsString;
use std::time::Duration;

const EXAMPLES: &str = "\
Examples:
  attendant status                           who is signed in, and until when
  attendant sign-in acme                     sign in through the browser
  attendant token acme --scope OR.Queues.Write | my-robot
                                             lend access to a program, after you approved
  attendant token acme --format curl | curl --config - https://cloud.example.com/acme/odata/Folders
                                             call an API; the token is in no argument and no file

Exit codes:
  0 ok   1 error   2 wrong usage   3 Attendant is not running   4 you must sign in   5 denied
  6 locked   7 timed out   8 scope not allowed";

/// Asks Attendant, the app that signs you in once and lends access to automations you approve.
#[derive(Debug, Parser)]
#[command(name = "attendant", version, after_help = EXAMPLES, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub verb: Verb,
    /// Start Attendant first when it is not running.
    #[arg(long, global = true)]
    pub launch: bool,
    /// Print the result as one line of JSON.
    #[arg(long, global = true)]
    pub json: bool,
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Verb {
    /// Show who is signed in, and until when.
    #[command(after_help = "Examples:\n  attendant status\n  attendant status acme --json")]
    Status {
        /// Show only this registration.
        name: Option<String>,
    },
    /// Sign in through the browser, and wait until that is done.
    #[command(after_help = "\
Examples:
  attendant sign-in
  attendant sign-in acme --account other
  attendant sign-in acme --no-browser        over SSH: open the address elsewhere, paste the answer here")]
    SignIn(SignIn),
    /// Sign out here: the sign-in is removed from this computer.
    #[command(after_help = "Examples:\n  attendant sign-out acme\n  attendant sign-out acme --browser")]
    SignOut(SignOut),
    /// Print an access token, after you approved in Attendant's window.
    #[command(after_help = "\
Examples:
  attendant token acme --scope OR.Queues.Write --reason 'add invoices' | my-robot
  attendant token --for 40m --format json
  attendant token --format curl | curl --config - https://cloud.example.com/acme/odata/Folders

A token is refused to a terminal, where it would stay in the scrollback; --show prints it there all the same.")]
    Token(Token),
    /// Add a registration from the hand-off sheet your administrator sent.
    #[command(after_help = "Examples:\n  attendant import acme.toml\n  wl-paste | attendant import -")]
    Import {
        /// The sheet's file, or - for standard input.
        file: OsString,
    },
    /// Show Attendant's window.
    #[command(after_help = "Examples:\n  attendant open\n  attendant open --launch")]
    Open,
    /// Start the practice tenant: everything can be tried with it, without an account.
    #[command(disable_help_flag = true)]
    Practice {
        /// Passed on to the program `attendant-practice` as they are; see `attendant practice --help`.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

/// Arguments of `sign-in`.
#[derive(Debug, Args)]
pub struct SignIn {
    /// The registration; may be left out where there is only one.
    pub name: Option<String>,
    /// Open no browser here: print the address, then read the address the other browser ended at.
    #[arg(long)]
    pub no_browser: bool,
    /// Choose another account than the one the browser remembers.
    #[arg(long, value_name = "WHICH")]
    pub account: Option<Account>,
}

/// Which account to sign in with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Account {
    /// Another one than the browser remembers.
    Other,
}

/// Arguments of `sign-out`.
#[derive(Debug, Args)]
pub struct SignOut {
    /// The registration; may be left out where there is only one.
    pub name: Option<String>,
    /// Sign out in the browser too.
    #[arg(long)]
    pub browser: bool,
}

/// Arguments of `token`.
#[derive(Debug, Args)]
pub struct Token {
    /// The registration; may be left out where there is only one.
    pub name: Option<String>,
    /// A scope the program needs; may be given several times. Without it: everything the sign-in may do.
    #[arg(long = "scope", value_name = "SCOPE")]
    pub scopes: Vec<String>,
    /// The tenant whose address is wanted; the registration's first when left out.
    #[arg(long)]
    pub tenant: Option<String>,
    /// How long the token must last, such as 40m.
    #[arg(long = "for", value_name = "TIME", value_parser = duration::parse)]
    pub lasting: Option<Duration>,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Raw)]
    pub format: Format,
    /// Why the program asks; shown to you as its own claim.
    #[arg(long)]
    pub reason: Option<String>,
    /// Print it even on a terminal.
    #[arg(long)]
    pub show: bool,
    /// How long to wait for you, such as 90s.
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    pub wait: Option<Duration>,
}

/// How a token is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// The token and a line feed.
    Raw,
    /// One line of JSON, with expiry, scopes and the tenant's address.
    Json,
    /// An HTTP header line.
    Header,
    /// A line for `curl --config -`.
    Curl,
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_arguments_do_not_contradict_each_other() {
        Cli::command().debug_assert();
    }

    #[test]
    fn every_verb_has_an_example() {
        for verb in Cli::command().get_subcommands().filter(|verb| verb.get_name() != "practice") {
            let help = verb.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains(&format!("attendant {}", verb.get_name())), "{}", verb.get_name());
        }
    }
}

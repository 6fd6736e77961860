//! `attendant sign-in`: waits until somebody is signed in, and says who. Without a browser here, it prints the address for
//! another computer's browser and reads back where that one ended.

use crate::cli::{Account, SignIn};
use crate::connect::Connector;
use crate::exit::Failure;
use crate::out;
use attendant_protocol::{Code, MAX_LINE, Op, SignInAsk, SignInResult};
use std::io::{BufRead, Read};

const IN_THE_BROWSER: &str = "Finish signing in in the browser; waiting for it…";
const FINISHING: &str = "Finishing the sign-in…";

/// Runs the verb.
pub fn run(connector: &Connector, arguments: SignIn, json: bool) -> Result<(), Failure> {
    let ask = SignInAsk {
        registration: arguments.name,
        no_browser: arguments.no_browser,
        answer: None,
        other_account: arguments.account == Some(Account::Other),
    };
    let mut done: SignInResult = connector.ask(&Op::SignIn(ask.clone()), None, IN_THE_BROWSER)?;
    if let Some(url) = done.url.take() {
        let answer = Some(exchange_addresses(&url)?);
        // A connection of its own: a person may take minutes to sign in elsewhere.
        let second = SignInAsk { answer, ..ask };
        done = connector.ask(&Op::SignIn(second), None, FINISHING)?;
    }
    if json {
        return out::json(&done);
    }
    out::say(&sentence(&done));
    if done.saved == Some(false) {
        out::say("This computer has no usable keyring: the sign-in lasts until Attendant quits.");
    }
    Ok(())
}

/// Prints the address to open, and reads the address the browser ended at.
fn exchange_addresses(url: &str) -> Result<String, Failure> {
    out::say("Open this address in a browser, on any computer:");
    out::line(&out::plain(url))?;
    out::say("That browser ends at an address it may not be able to open. Paste it here and press Enter:");
    let mut answer = String::new();
    let read = std::io::stdin().lock().take(MAX_LINE as u64).read_line(&mut answer);
    let answer = answer.trim();
    if read.is_err() || answer.is_empty() {
        return Err(Failure::Here {
            code: Code::SignInCancelled,
            message: "No address was pasted. Nobody is signed in.".into(),
            advice: "Run it again and paste the address, or sign in on this computer's desktop.".into(),
        });
    }
    Ok(answer.to_owned())
}

fn sentence(done: &SignInResult) -> String {
    match (&done.name, &done.account) {
        (Some(name), Some(account)) => format!("Signed in to {name} as {account}."),
        (Some(name), None) => format!("Signed in to {name}."),
        (None, Some(account)) => format!("Signed in as {account}."),
        (None, None) => "Signed in.".into(),
    }
}

//! `attendant sign-out`: says the three things a sign-out means: what is removed here, what ends in the browser, and what
//! stays valid until when.

use crate::cli::SignOut;
use crate::connect::{Connector, IN_THE_WINDOW};
use crate::exit::Failure;
use crate::{out, when};
use attendant_protocol::{Op, SignOutAsk, SignOutResult};

/// Runs the verb.
pub fn run(connector: &Connector, arguments: SignOut, json: bool) -> Result<(), Failure> {
    let SignOut { name, browser } = arguments;
    let ask = Op::SignOut(SignOutAsk { registration: name.clone(), browser });
    let done: SignOutResult = connector.ask(&ask, None, IN_THE_WINDOW)?;
    if json {
        return out::json(&done);
    }
    match done.name.or(name) {
        Some(name) => out::say(&format!("Signed out of {name} on this computer.")),
        None => out::say("Signed out on this computer."),
    }
    if done.browser {
        out::say("The sign-in in the browser ends too.");
    }
    if let Some(until) = done.lent_until {
        let until = when::clock_time(&until, &when::now());
        out::say(&format!("Access that was lent before stays valid until {until}."));
    }
    Ok(())
}

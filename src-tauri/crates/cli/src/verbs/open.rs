//! `attendant open`: the window comes forward. Where a desktop has no tray, this is the way back to it.

use crate::connect::{Connector, Start};
use crate::exit::Failure;
use crate::out;
use attendant_protocol::{Nothing, Op};

/// Runs the verb.
pub fn run(connector: &Connector, json: bool) -> Result<(), Failure> {
    let done: Nothing = connector.connect(Start::Shown)?.ask(&Op::Open, None)?;
    if json { out::json(&done) } else { Ok(()) }
}

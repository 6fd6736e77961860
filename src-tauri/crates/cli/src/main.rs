//! The program `attendant`: a person's or a script's way to the app. It asks over the app's socket, prints, and ends;
//! it keeps nothing, knows no server and never reads the keyring.
//!
//! It is started once per call of a script, so it stays small: no runtime, no configuration file, one connection.

mod cli;
mod connect;
mod duration;
mod exit;
mod harden;
mod out;
mod programs;
mod verbs;
mod when;

use clap::Parser;
use cli::{Cli, Verb};
use connect::Connector;
use exit::Failure;
use std::process::ExitCode;

/// A token passes through this heap for a moment; what is freed is wiped.
#[global_allocator]
static HEAP: zeroizing_alloc::ZeroAlloc<std::alloc::System> = zeroizing_alloc::ZeroAlloc(std::alloc::System);

fn main() -> ExitCode {
    harden::limit_core_dumps();
    match Cli::try_parse().map_err(Failure::Arguments).and_then(run) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            out::failure(&failure);
            failure.exit().into()
        }
    }
}

fn run(cli: Cli) -> Result<(), Failure> {
    let Cli { verb, launch, json } = cli;
    let connector = Connector { launch };
    match verb {
        Verb::Status { name } => verbs::status::run(&connector, name, json),
        Verb::SignIn(ask) => verbs::sign_in::run(&connector, ask, json),
        Verb::SignOut(ask) => verbs::sign_out::run(&connector, ask, json),
        Verb::Token(ask) => verbs::token::run(&connector, ask, json),
        Verb::Import { file } => verbs::import::run(&connector, &file, json),
        Verb::Open => verbs::open::run(&connector, json),
        Verb::Practice { arguments } => verbs::practice::run(&arguments),
    }
}

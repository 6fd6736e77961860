//! `cargo xtask`: the project's own tasks, each of which sets this computer up first.
//!
//! It uses the standard library only, so that a fresh computer with Rust, Node and a C compiler starts it in seconds.

mod bench;
mod demo;
mod output;
mod packages;
mod person;
mod places;
mod privileged;
mod programs;
mod run;
mod say;
mod setup;
mod stage;
mod stamp;
mod test;
mod ui;

use std::process::ExitCode;

const HELP: &str = "\
cargo xtask test      check, build and test everything, the real window and browser included
cargo xtask demo      see the whole story: in a window of your own, or without a display as pictures
cargo xtask bench     measure release builds: time, memory and idle use, beside a bare Tauri window;
                      `token`, `window` and `idle` measure only that
cargo xtask setup     only install what the other tasks need

  --yes               install what is missing without asking (also with CI=true)";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let yes = arguments.iter().any(|argument| argument == "--yes")
        || std::env::var("CI").is_ok_and(|value| value == "true" || value == "1");
    let names: Vec<&str> =
        arguments.iter().map(String::as_str).filter(|argument| *argument != "--yes").collect();
    let ended = match names.as_slice() {
        ["test"] => test::test(yes),
        ["demo"] => demo::demo(yes),
        ["bench", parts @ ..] => bench::bench(yes, parts),
        ["setup"] => setup::setup(yes).map(|_| ()),
        ["help" | "--help" | "-h"] => {
            say::line(HELP);
            Ok(())
        }
        _ => {
            say::problem(HELP);
            return ExitCode::from(2);
        }
    };
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            if !problem.is_empty() {
                say::problem(&problem);
            }
            ExitCode::FAILURE
        }
    }
}

//! The process from its first line to the first window: close its memory, be the only one, have a display, then run.

use crate::args::{self, Asked};
use crate::{app, linux, say};
use attendant_core::error::Problem;
use attendant_core::hardening;
use attendant_core::paths::{AppLock, LockError, Paths};
use attendant_protocol::client::{Client, ClientError, own_socket_path};
use attendant_protocol::{Nothing, Op};
use std::process::ExitCode;
use std::time::Duration;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::layer::{Layer as _, SubscriberExt as _};
use tracing_subscriber::util::SubscriberInitExt as _;

/// Sets what is logged, in the form of `tracing_subscriber`'s filters.
const ENV_LOG: &str = "ATTENDANT_LOG";
/// How long a first app that holds the lock may take until it listens, and how often it is tried.
const FIRST_LISTENS: (u32, Duration) = (50, Duration::from_millis(100));
/// How long the first app may take to answer.
const ANSWERS_WITHIN: Duration = Duration::from_secs(10);

/// The program.
pub fn main() -> ExitCode {
    // First, before any thread and any secret.
    let hardened = hardening::harden();
    match args::parse(std::env::args_os().skip(1)) {
        Ok(Asked::Version) => say::answer(concat!("attendant-desktop ", env!("CARGO_PKG_VERSION"))),
        Ok(Asked::Help) => say::answer(args::USAGE),
        Ok(Asked::Run { hidden }) => {
            if let Err(problem) = hardened.map_err(Problem::from).and_then(|()| run(hidden)) {
                say::problem(&problem.message, &problem.advice);
                return ExitCode::FAILURE;
            }
        }
        Err(unknown) => {
            say::problem(&format!("there is no argument {unknown}."), "See --help.");
            return ExitCode::from(2);
        }
    }
    ExitCode::SUCCESS
}

fn run(hidden: bool) -> Result<(), Problem> {
    start_log();
    let uid = rustix::process::getuid().as_raw();
    if uid == 0 {
        tracing::warn!("running as root: browsers refuse that, and every program of the system can reach it");
    }
    let paths = Paths::new(uid, |name| std::env::var_os(name))?;
    paths.create(uid)?;
    let lock = match AppLock::take(&paths) {
        Ok(lock) => lock,
        Err(LockError::AlreadyRunning) if hidden => return Ok(()),
        Err(LockError::AlreadyRunning) => return hand_over(),
        Err(error) => return Err(error.into()),
    };
    linux::display::connect()?;
    app::run(hidden, paths)?;
    drop(lock);
    Ok(())
}

/// Asks the app that runs already to show its window.
fn hand_over() -> Result<(), Problem> {
    // This process holds nothing and ends in a moment; the other one must be able to see who asks.
    let _ = rustix::process::set_dumpable_behavior(rustix::process::DumpableBehavior::Dumpable);
    let problem =
        |error: &ClientError| Problem::new(error.code(), error.message()).with_advice(error.advice());
    let (tries, pause) = FIRST_LISTENS;
    let mut left = tries;
    let mut client = loop {
        match Client::connect(&own_socket_path()) {
            Err(ClientError::NotRunning { .. }) if left > 0 => left -= 1,
            other => break other.map_err(|error| problem(&error))?,
        }
        #[expect(
            clippy::disallowed_methods,
            reason = "another process starts; nothing tells us when it listens"
        )]
        std::thread::sleep(pause);
    };
    let _: Nothing = client.ask(&Op::Open, Some(ANSWERS_WITHIN)).map_err(|error| problem(&error))?;
    Ok(())
}

/// Logs to standard error. Our own parts say what they are told to; the libraries below them only warn, whatever is
/// asked for: they do not know which of their bytes are secrets.
fn start_log() {
    let wanted = EnvFilter::try_from_env(ENV_LOG).unwrap_or_else(|_| EnvFilter::new("warn"));
    let ours = Targets::new()
        .with_default(LevelFilter::WARN)
        .with_target("attendant_core", LevelFilter::TRACE)
        .with_target("attendant_desktop", LevelFilter::TRACE)
        .with_target("attendant_protocol", LevelFilter::TRACE);
    let lines = tracing_subscriber::fmt::layer().with_writer(std::io::stderr).with_filter(ours);
    let _ = tracing_subscriber::registry().with(wanted).with(lines).try_init();
}

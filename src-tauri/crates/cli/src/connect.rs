//! The way to the app: connect, start it first when asked to, and say so when it takes a person.

use crate::exit::Failure;
use crate::{out, programs};
use attendant_protocol::client::{Client, ClientError, own_socket_path};
use attendant_protocol::{Code, Op};
use rustix::event::{Timespec, poll};
use serde::de::DeserializeOwned;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// The desktop app's program.
const DESKTOP: &str = "attendant-desktop";
/// How long a started app may take until its socket answers. A cold start of the window takes a few seconds.
const START_WITHIN: Duration = Duration::from_secs(20);
/// How often a started app is looked for.
const LOOK_EVERY: Timespec = Timespec { tv_sec: 0, tv_nsec: 25_000_000 };
/// After this long without an answer, a person is probably being asked.
const PATIENCE: Duration = Duration::from_millis(700);
/// What is said then.
pub const IN_THE_WINDOW: &str = "Waiting for you in Attendant's window…";

/// Knows how to reach the app.
#[derive(Debug, Clone, Copy)]
pub struct Connector {
    /// Start the app when it is not running.
    pub launch: bool,
}

/// Whether a started app shows its window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// In the tray only.
    Hidden,
    /// With its window.
    Shown,
}

impl Connector {
    /// Connects.
    ///
    /// # Errors
    /// What [`Client::connect`] finds, and what keeps the app from being started.
    pub fn connect(self, start: Start) -> Result<Client, Failure> {
        let socket = own_socket_path();
        match Client::connect(&socket) {
            Err(ClientError::NotRunning { .. }) if self.launch => launch(&socket, start),
            Err(error) => Err(error.into()),
            Ok(client) => Ok(client),
        }
    }

    /// Connects, sends `op` and waits for the result; says `waiting` once when it takes a while.
    ///
    /// # Errors
    /// Whatever keeps the result from coming.
    pub fn ask<T: DeserializeOwned>(
        self,
        op: &Op,
        wait: Option<Duration>,
        waiting: &str,
    ) -> Result<T, Failure> {
        let mut client = self.connect(Start::Hidden)?;
        client.send(op)?;
        if !client.answers_within(wait.map_or(PATIENCE, |wait| wait.min(PATIENCE)))? {
            out::say(waiting);
        }
        Ok(client.receive(wait)?)
    }
}

/// Starts the app and waits until its socket answers.
fn launch(socket: &Path, start: Start) -> Result<Client, Failure> {
    let mut command = programs::command(DESKTOP);
    if start == Start::Hidden {
        command.arg("--hidden");
    }
    // A process group of its own: Ctrl+C in this terminal ends the question, not the app.
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).process_group(0);
    let mut app = command.spawn().map_err(|error| programs::failure(DESKTOP, &error))?;
    let deadline = now() + START_WITHIN;
    loop {
        match Client::connect(socket) {
            Err(ClientError::NotRunning { .. }) => {}
            Err(error) => return Err(error.into()),
            Ok(client) => return Ok(client),
        }
        if ended_badly(&mut app) {
            return Err(not_started("Attendant ended while it was starting."));
        }
        if now() >= deadline {
            return Err(not_started("Attendant was started, but did not answer in 20 seconds."));
        }
        // Nothing to wait on: the socket's folder may not exist yet. A signal only shortens the pause.
        let _ = poll(&mut [], Some(&LOOK_EVERY));
    }
}

/// An app that ends well has handed over to one that was faster.
fn ended_badly(app: &mut Child) -> bool {
    matches!(app.try_wait(), Ok(Some(status)) if !status.success())
}

fn not_started(message: &str) -> Failure {
    Failure::Here {
        code: Code::AppNotRunning,
        message: message.into(),
        advice: format!("Start {DESKTOP} in a terminal to see why."),
    }
}

#[expect(clippy::disallowed_methods, reason = "the deadline of another program's start is real time")]
fn now() -> Instant {
    Instant::now()
}

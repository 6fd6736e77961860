//! A small blocking client: one connection to the app, checked before a byte is sent.
//!
//! The command line uses it, and so does a second start of the app, which hands over to the first one. It blocks,
//! because its users have nothing else to do, and because a runtime would double their start-up time.
//!
//! ```no_run
//! use attendant_protocol::{Op, StatusReport, client::{Client, own_socket_path}};
//!
//! let mut client = Client::connect(&own_socket_path())?;
//! let report: StatusReport = client.ask(&Op::Status { registration: None }, None)?;
//! println!("{} registrations", report.registrations.len());
//! # Ok::<(), attendant_protocol::client::ClientError>(())
//! ```

mod error;
mod line;
mod trust;

pub use error::{ClientError, Distrust};

use crate::{Op, Refusal, Reply, Request, Status, VERSION, socket_path};
use line::Lines;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use std::io::Write;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;
use zeroize::Zeroizing;

/// How long the app may take to greet. It looks up the caller first, which takes about a millisecond.
pub const HELLO_WITHIN: Duration = Duration::from_secs(5);

/// The socket of the user this process runs as; see [`socket_path`].
pub fn own_socket_path() -> PathBuf {
    socket_path(rustix::process::geteuid().as_raw(), |name| std::env::var_os(name))
}

/// A connection to the app of this user.
#[derive(Debug)]
pub struct Client {
    lines: Lines,
    challenge: String,
}

/// What is needed of the first line to decide who speaks there. Everything else belongs to one version only.
#[derive(Deserialize)]
struct Greeting {
    v: Option<u32>,
    hello: Option<String>,
    challenge: Option<String>,
    status: Option<Status>,
}

impl Client {
    /// Connects to the socket at `path` and reads the greeting. Nothing is sent.
    ///
    /// # Errors
    /// [`ClientError::NotRunning`] when nobody listens there; [`ClientError::NotTrusted`] when the folder, the socket or
    /// the process behind it is not this user's own; [`ClientError::Silent`], [`ClientError::Closed`],
    /// [`ClientError::NotAttendant`] and [`ClientError::VersionUnsupported`] when the greeting is not the expected one;
    /// [`ClientError::Refused`] when the app refuses this caller right away.
    pub fn connect(path: &Path) -> Result<Self, ClientError> {
        trust::check_path(path)?;
        let stream = UnixStream::connect(path).map_err(|error| ClientError::reaching(path, error))?;
        trust::check_peer(&stream)?;
        stream.set_write_timeout(Some(HELLO_WITHIN))?;
        let mut lines = Lines::new(stream);
        let challenge = read_greeting(&lines.next(Some(HELLO_WITHIN))?)?;
        Ok(Self { lines, challenge })
    }

    /// Sends `op` and waits for its result: [`send`](Self::send) and [`receive`](Self::receive) in one.
    ///
    /// # Errors
    /// As those two.
    pub fn ask<T: DeserializeOwned>(&mut self, op: &Op, wait: Option<Duration>) -> Result<T, ClientError> {
        self.send(op)?;
        self.receive(wait)
    }

    /// Sends `op`.
    ///
    /// # Errors
    /// [`ClientError::RequestTooLarge`], before anything is sent; [`ClientError::Closed`] when the app is gone;
    /// [`ClientError::Silent`] when it does not read.
    pub fn send(&mut self, op: &Op) -> Result<(), ClientError> {
        let request = Request::new(self.challenge.clone(), op.clone());
        let mut line = Zeroizing::new(serde_json::to_vec(&request).map_err(|_| ClientError::Unreadable)?);
        line.push(b'\n');
        if line.len() > crate::MAX_LINE {
            return Err(ClientError::RequestTooLarge { bytes: line.len() });
        }
        Ok(self.lines.stream().write_all(&line)?)
    }

    /// Whether an answer, or the end of the connection, arrives within `patience`. Nothing is read.
    ///
    /// # Errors
    /// [`ClientError::Io`] when the system cannot wait.
    pub fn answers_within(&self, patience: Duration) -> Result<bool, ClientError> {
        self.lines.ready_within(patience)
    }

    /// Reads the result of what was sent. Without `wait`, as long as the app takes: it has deadlines of its own.
    ///
    /// # Errors
    /// [`ClientError::Refused`] when the app said no; [`ClientError::Silent`] after `wait`; [`ClientError::Closed`],
    /// [`ClientError::LineTooLong`], [`ClientError::Unreadable`] and [`ClientError::VersionUnsupported`] when no usable
    /// answer came.
    pub fn receive<T: DeserializeOwned>(&mut self, wait: Option<Duration>) -> Result<T, ClientError> {
        let line = self.lines.next(wait)?;
        let reply: Reply<T> = serde_json::from_slice(&line).map_err(|_| ClientError::Unreadable)?;
        if reply.v != VERSION {
            return Err(ClientError::VersionUnsupported { theirs: reply.v });
        }
        match reply.outcome() {
            Ok(Some(result)) => Ok(result),
            Ok(None) => Err(ClientError::Unreadable),
            Err(refusal) => Err(ClientError::Refused(refusal)),
        }
    }
}

/// Takes the challenge out of the app's first line.
fn read_greeting(line: &[u8]) -> Result<String, ClientError> {
    let greeting: Greeting = serde_json::from_slice(line).map_err(|_| ClientError::NotAttendant)?;
    let Some(theirs) = greeting.v else { return Err(ClientError::NotAttendant) };
    // An app that cannot identify the caller says so instead of greeting.
    if greeting.hello.is_none() && greeting.status.is_some_and(|status| status != Status::Ok) {
        let reply: Reply<serde::de::IgnoredAny> =
            serde_json::from_slice(line).map_err(|_| ClientError::NotAttendant)?;
        return Err(reply.outcome().err().map_or(ClientError::NotAttendant, ClientError::Refused));
    }
    if greeting.hello.as_deref() != Some("attendant") {
        return Err(ClientError::NotAttendant);
    }
    if theirs != VERSION {
        return Err(ClientError::VersionUnsupported { theirs });
    }
    greeting.challenge.ok_or(ClientError::NotAttendant)
}

impl From<Refusal> for ClientError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Code;

    #[test]
    fn greeting_gives_the_challenge() {
        let line = br#"{"v":1,"hello":"attendant","challenge":"c0ffee","later":true}"#;
        assert_eq!(read_greeting(line).unwrap(), "c0ffee");
    }

    #[test]
    fn foreign_greetings_are_named() {
        for line in [
            "220 smtp ready",
            "{}",
            r#"{"v":1,"hello":"other","challenge":"c"}"#,
            r#"{"v":1,"hello":"attendant"}"#,
        ] {
            assert!(matches!(read_greeting(line.as_bytes()), Err(ClientError::NotAttendant)), "{line}");
        }
    }

    #[test]
    fn a_later_version_is_recognised_whatever_else_it_says() {
        let line = br#"{"v":2,"hello":"attendant","nonce":{"a":1}}"#;
        assert!(matches!(read_greeting(line), Err(ClientError::VersionUnsupported { theirs: 2 })));
    }

    #[test]
    fn a_refusal_instead_of_a_greeting_is_passed_on() {
        let line = br#"{"v":1,"status":"error","code":"caller_changed","message":"m","advice":"a"}"#;
        let Err(error) = read_greeting(line) else { panic!("accepted") };
        assert_eq!(
            (error.code(), error.message().as_str(), error.advice().as_str()),
            (Code::CallerChanged, "m", "a")
        );
    }
}

//! What can go wrong between a caller and the app, each finding with its code, a sentence and advice.
//!
//! The app's own findings arrive with their words; only what the app cannot say itself is worded here.

use crate::{Code, MAX_LINE, Refusal, Status, VERSION};
use std::fmt;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Why a question was not answered with a result.
#[derive(Debug)]
pub enum ClientError {
    /// Nobody listens at the socket.
    NotRunning {
        /// Where it was looked for.
        socket: PathBuf,
    },
    /// What is there does not belong to this user. Nothing was sent.
    NotTrusted {
        /// What does not fit.
        why: Distrust,
        /// The folder or socket concerned.
        path: PathBuf,
    },
    /// Something of this user listens there, but does not greet as Attendant does.
    NotAttendant,
    /// The app speaks another version of the protocol.
    VersionUnsupported {
        /// The version it named.
        theirs: u32,
    },
    /// The app did not speak in time.
    Silent,
    /// The app ended the connection before it answered.
    Closed,
    /// The app's line is longer than [`MAX_LINE`].
    LineTooLong,
    /// The request is longer than [`MAX_LINE`]; it was not sent.
    RequestTooLarge {
        /// The length it would have had.
        bytes: usize,
    },
    /// The app's line is not an answer to what was asked.
    Unreadable,
    /// The app answered, and did not do what was asked.
    Refused(Refusal),
    /// The system failed.
    Io(std::io::Error),
}

/// What about the socket does not belong to this user.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Distrust {
    /// The socket's folder is a link or a file.
    NotAFolder,
    /// The folder is another user's.
    FolderOwner,
    /// Other users may enter or change the folder.
    FolderMode,
    /// The path is a link or a file.
    NotASocket,
    /// The socket is another user's.
    SocketOwner,
    /// The process that listens is another user's.
    PeerOwner,
}

impl ClientError {
    /// What a failed look at the socket, or a failed connect, means.
    pub(super) fn reaching(socket: &Path, error: std::io::Error) -> Self {
        let absent = [ErrorKind::NotFound, ErrorKind::NotADirectory, ErrorKind::ConnectionRefused];
        if absent.contains(&error.kind()) {
            Self::NotRunning { socket: socket.to_owned() }
        } else {
            Self::Io(error)
        }
    }

    /// The finding's code.
    pub fn code(&self) -> Code {
        match self {
            Self::NotRunning { .. } | Self::Closed => Code::AppNotRunning,
            Self::NotTrusted { .. } | Self::NotAttendant => Code::AppNotTrusted,
            Self::VersionUnsupported { .. } => Code::VersionUnsupported,
            Self::Silent => Code::AppSilent,
            Self::LineTooLong | Self::RequestTooLarge { .. } => Code::TooLarge,
            Self::Refused(refusal) => refusal.code,
            Self::Unreadable | Self::Io(_) => Code::Internal,
        }
    }

    /// How it ended, as a reply would say it.
    pub fn status(&self) -> Status {
        if let Self::Refused(refusal) = self { refusal.status } else { self.code().status() }
    }

    /// What happened, in one sentence for a person.
    pub fn message(&self) -> String {
        match self {
            Self::NotRunning { .. } => "Attendant is not running.".into(),
            Self::NotTrusted { why, path } => {
                format!("{} {}. Nothing was sent.", path.display(), why.finding())
            }
            Self::NotAttendant => {
                "What answers at Attendant's socket is not Attendant. Nothing was sent.".into()
            }
            Self::VersionUnsupported { theirs } => {
                format!(
                    "The running Attendant speaks protocol version {theirs}, this program version {VERSION}."
                )
            }
            Self::Silent => "Attendant did not answer in time.".into(),
            Self::Closed => "Attendant ended the connection before it answered.".into(),
            Self::LineTooLong => format!("Attendant's answer is longer than {} KiB.", MAX_LINE / 1024),
            Self::RequestTooLarge { bytes } => {
                format!(
                    "The request has {bytes} bytes; Attendant takes {} KiB. Nothing was sent.",
                    MAX_LINE / 1024
                )
            }
            Self::Unreadable => "Attendant's answer cannot be read.".into(),
            Self::Refused(refusal) => refusal.message.clone(),
            Self::Io(error) => format!("The connection to Attendant failed: {error}."),
        }
    }

    /// What to do next, in one sentence for a person.
    pub fn advice(&self) -> String {
        match self {
            Self::NotRunning { .. } => "Start Attendant, or add --launch.".into(),
            Self::NotTrusted { why, .. } => why.advice().into(),
            Self::NotAttendant => "Quit the program that uses this socket, then start Attendant.".into(),
            Self::VersionUnsupported { theirs } if *theirs > VERSION => {
                "Update the program that asked.".into()
            }
            Self::VersionUnsupported { .. } => "Quit Attendant and start the newer one.".into(),
            Self::Silent => "Look at Attendant's window, then try again.".into(),
            Self::Closed => "Start Attendant again and try once more.".into(),
            Self::LineTooLong => "Name one registration to get a shorter answer.".into(),
            Self::RequestTooLarge { .. } => "Send less, for example the hand-off sheet alone.".into(),
            Self::Unreadable => "Update Attendant and the program that asked to the same version.".into(),
            Self::Refused(refusal) => refusal.advice.clone(),
            Self::Io(_) => "Try again. If it stays, restart Attendant.".into(),
        }
    }
}

impl Distrust {
    fn finding(self) -> &'static str {
        match self {
            Self::NotAFolder => "is not a folder",
            Self::FolderOwner | Self::SocketOwner => "belongs to another user",
            Self::FolderMode => "is open to other users",
            Self::NotASocket => "is not a socket",
            Self::PeerOwner => "is answered by another user's process",
        }
    }

    fn advice(self) -> &'static str {
        match self {
            Self::FolderMode => "Close the folder to others (chmod 700), or restart Attendant.",
            Self::NotAFolder | Self::NotASocket => "Remove it, then start Attendant again.",
            Self::FolderOwner | Self::SocketOwner | Self::PeerOwner => {
                "Another user may be imitating Attendant. Tell your administrator."
            }
        }
    }
}

impl fmt::Display for ClientError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message())
    }
}

impl std::error::Error for ClientError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        if let Self::Io(error) = self { Some(error) } else { None }
    }
}

impl From<std::io::Error> for ClientError {
    /// What a failed read or write on the connection means.
    fn from(error: std::io::Error) -> Self {
        let kind = error.kind();
        if matches!(kind, ErrorKind::BrokenPipe | ErrorKind::ConnectionReset) {
            Self::Closed
        } else if matches!(kind, ErrorKind::WouldBlock | ErrorKind::TimedOut) {
            Self::Silent
        } else {
            Self::Io(error)
        }
    }
}

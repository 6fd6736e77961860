//! What each exit code means, and which ending gets which. Scripts decide on these, so they never change.

use attendant_protocol::client::ClientError;
use attendant_protocol::{Code, Status};
use std::process::ExitCode;

/// How the program ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// Done.
    Ok = 0,
    /// Anything without a number of its own.
    Error = 1,
    /// The arguments do not fit.
    Usage = 2,
    /// The app is not running.
    NotRunning = 3,
    /// A person must sign in.
    NeedsPerson = 4,
    /// The person or a policy said no.
    Denied = 5,
    /// Attendant is locked.
    Locked = 6,
    /// Nobody answered in time.
    TimedOut = 7,
    /// The scope is not part of the sign-in, the registration or the grant.
    ScopeNotAllowed = 8,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl Exit {
    /// The ending for a request that ended with `status` because of `code`.
    pub fn of(status: Status, code: Code) -> Self {
        match status {
            Status::Ok => Self::Ok,
            Status::NeedsPerson => Self::NeedsPerson,
            Status::Denied => Self::Denied,
            Status::Locked => Self::Locked,
            Status::Timeout => Self::TimedOut,
            Status::OutOfScope => Self::ScopeNotAllowed,
            Status::Error if code == Code::AppNotRunning => Self::NotRunning,
            Status::RateLimited | Status::NotFound | Status::Error | Status::Unknown => Self::Error,
        }
    }
}

/// Why a verb did not do what it is for.
#[derive(Debug)]
pub enum Failure {
    /// The arguments do not fit, or only help was asked for.
    Arguments(clap::Error),
    /// The arguments fit each other, but not the situation.
    Usage {
        /// What happened.
        message: String,
        /// What to do.
        advice: String,
    },
    /// The app could not be asked, or refused.
    App(ClientError),
    /// Found here, without the app.
    Here {
        /// The finding.
        code: Code,
        /// What happened.
        message: String,
        /// What to do.
        advice: String,
    },
    /// Whoever read our output has stopped reading. There is nobody to tell.
    NobodyReads,
}

impl Failure {
    /// The ending.
    pub fn exit(&self) -> Exit {
        match self {
            Self::Arguments(error) if !error.use_stderr() => Exit::Ok,
            Self::Arguments(_) | Self::Usage { .. } => Exit::Usage,
            Self::App(error) => Exit::of(error.status(), error.code()),
            Self::Here { code, .. } => Exit::of(code.status(), *code),
            Self::NobodyReads => Exit::Error,
        }
    }
}

impl From<ClientError> for Failure {
    fn from(error: ClientError) -> Self {
        Self::App(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attendant_protocol::Refusal;

    #[test]
    fn every_status_has_its_number() {
        let table = [
            (Status::Ok, 0),
            (Status::Error, 1),
            (Status::NotFound, 1),
            (Status::RateLimited, 1),
            (Status::Unknown, 1),
            (Status::NeedsPerson, 4),
            (Status::Denied, 5),
            (Status::Locked, 6),
            (Status::Timeout, 7),
            (Status::OutOfScope, 8),
        ];
        for (status, number) in table {
            assert_eq!(Exit::of(status, Code::Internal) as u8, number, "{status:?}");
        }
    }

    #[test]
    fn no_code_but_app_not_running_gets_its_number() {
        for &code in Code::ALL {
            let exit = Exit::of(code.status(), code);
            assert_eq!(exit == Exit::NotRunning, code == Code::AppNotRunning, "{code:?}");
            assert!(!matches!(exit, Exit::Ok | Exit::Usage), "{code:?}");
        }
    }

    #[test]
    fn a_failure_ends_as_its_finding() {
        let refusal =
            |status| Refusal { status, code: Code::Unknown, message: String::new(), advice: String::new() };
        let table = [
            (Failure::App(ClientError::NotRunning { socket: "/s".into() }), Exit::NotRunning),
            (Failure::App(ClientError::Closed), Exit::NotRunning),
            (Failure::App(ClientError::Silent), Exit::TimedOut),
            (Failure::App(ClientError::NotAttendant), Exit::Error),
            (Failure::App(ClientError::Refused(refusal(Status::Locked))), Exit::Locked),
            (Failure::Usage { message: String::new(), advice: String::new() }, Exit::Usage),
            (Failure::NobodyReads, Exit::Error),
        ];
        for (failure, exit) in table {
            assert_eq!(failure.exit(), exit, "{failure:?}");
        }
    }
}

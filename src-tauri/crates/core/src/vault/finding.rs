//! What can be wrong with a keyring. The findings have nothing in common but their place: locked is not absent, and
//! absent is not lost.

use crate::error::Problem;
use crate::view::KeyringState;
use attendant_protocol::Code;

/// What was found instead of what was wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyringFinding {
    /// It is locked, or the person closed its question. What is in it is safe.
    Locked,
    /// There is none on this computer, or nobody answers for it.
    Absent,
    /// It said no; its words, cleaned.
    Refused(String),
    /// The value is larger than it takes.
    TooLarge,
    /// What was put into it is gone, or no longer readable.
    Lost,
    /// It did not answer in time. The call goes on; its result decides what is shown next.
    Timeout,
}

impl KeyringFinding {
    /// The finding's code.
    pub fn code(&self) -> Code {
        match self {
            KeyringFinding::Locked => Code::KeyringLocked,
            KeyringFinding::Absent => Code::KeyringAbsent,
            KeyringFinding::Refused(_) => Code::KeyringRefused,
            KeyringFinding::TooLarge => Code::KeyringTooLarge,
            KeyringFinding::Lost => Code::KeyringLost,
            KeyringFinding::Timeout => Code::KeyringTimeout,
        }
    }

    /// The finding in words.
    pub fn problem(&self) -> Problem {
        let message = match self {
            KeyringFinding::Locked => "The keyring is locked. Your sign-in is safe in it.".to_owned(),
            KeyringFinding::Absent => {
                "This computer has no keyring. Attendant keeps the sign-in in memory until you quit."
                    .to_owned()
            }
            KeyringFinding::Refused(words) => format!("The keyring refused: \u{201c}{words}\u{201d}."),
            KeyringFinding::TooLarge => "The keyring does not take a sign-in of this size.".to_owned(),
            KeyringFinding::Lost => {
                "The keyring no longer holds this sign-in. Another program or a reset removed it.".to_owned()
            }
            KeyringFinding::Timeout => "The keyring did not answer in time.".to_owned(),
        };
        let problem = Problem::new(self.code(), message);
        if *self == KeyringFinding::Locked { problem.with_advice("Unlock the keyring.") } else { problem }
    }

    /// What the foot of the window shows.
    pub(super) fn state(&self) -> KeyringState {
        match self {
            KeyringFinding::Locked => KeyringState::Locked,
            KeyringFinding::Absent => KeyringState::Absent,
            KeyringFinding::Refused(_) => KeyringState::Refused,
            KeyringFinding::TooLarge | KeyringFinding::Lost => KeyringState::Available,
            KeyringFinding::Timeout => KeyringState::Waiting,
        }
    }
}

impl From<KeyringFinding> for Problem {
    fn from(finding: KeyringFinding) -> Self {
        finding.problem()
    }
}

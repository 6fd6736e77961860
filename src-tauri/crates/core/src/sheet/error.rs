//! What can be wrong with a sheet. Every finding names its field and says what to do; none quotes a secret.

use crate::error::Problem;
use attendant_protocol::Code;

/// What was found instead of a sheet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SheetError {
    /// The text is not a sheet; why.
    Unreadable(String),
    /// It is of a schema this release does not know.
    TooNew(String),
    /// A field is missing.
    Missing {
        /// Which.
        field: String,
        /// What to do; empty for the usual advice.
        advice: String,
    },
    /// A field has the wrong form.
    Invalid {
        /// Which.
        field: String,
        /// What is wrong with it, as a whole sentence.
        found: String,
        /// What to do; empty for the usual advice.
        advice: String,
    },
    /// It holds a secret; where. The value is not repeated.
    SecretFound(String),
    /// It holds what belongs to a robot's machine.
    RobotCredentials,
    /// It describes an application of another kind; which.
    WrongAppType(String),
}

impl SheetError {
    pub(super) fn missing(field: &str, advice: &str) -> Self {
        SheetError::Missing { field: field.to_owned(), advice: advice.to_owned() }
    }

    pub(super) fn invalid(field: &str, found: impl Into<String>, advice: impl Into<String>) -> Self {
        SheetError::Invalid { field: field.to_owned(), found: found.into(), advice: advice.into() }
    }

    /// The finding's code.
    pub fn code(&self) -> Code {
        match self {
            SheetError::Unreadable(_) => Code::SheetUnreadable,
            SheetError::TooNew(_) => Code::SheetTooNew,
            SheetError::Missing { .. } => Code::FieldMissing,
            SheetError::Invalid { .. } => Code::FieldInvalid,
            SheetError::SecretFound(_) => Code::SecretFound,
            SheetError::RobotCredentials => Code::RobotCredentials,
            SheetError::WrongAppType(_) => Code::WrongAppType,
        }
    }

    /// The field the finding is about, if it is about one.
    pub fn field(&self) -> Option<&str> {
        match self {
            SheetError::Missing { field, .. } | SheetError::Invalid { field, .. } => Some(field),
            SheetError::WrongAppType(_) => Some("type"),
            SheetError::TooNew(_) => Some("schema"),
            SheetError::Unreadable(_) | SheetError::SecretFound(_) | SheetError::RobotCredentials => None,
        }
    }
}

impl std::fmt::Display for SheetError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            SheetError::Unreadable(why) => f.write_str(why),
            SheetError::TooNew(found) => write!(f, "This sheet is of a newer kind: \u{201c}{found}\u{201d}."),
            SheetError::Missing { field, .. } => {
                write!(f, "The sheet does not say {}: {field} is missing.", what(field))
            }
            SheetError::Invalid { field, found, .. } => write!(f, "{field}: {found}"),
            SheetError::SecretFound(place) => {
                write!(
                    f,
                    "This holds a client secret ({place}). Attendant does not take secrets and saved nothing."
                )
            }
            SheetError::RobotCredentials => f.write_str(
                "This holds a client ID and secret of a robot\u{2019}s machine. Attendant saved nothing.",
            ),
            SheetError::WrongAppType(found) => {
                write!(f, "This describes an application of another kind: \u{201c}{found}\u{201d}.")
            }
        }
    }
}

/// What a field tells, for people who have never seen a sheet.
fn what(field: &str) -> &'static str {
    match field {
        "host" => "where to sign in",
        "organization" => "which organization",
        "tenants" => "which tenant",
        "app_id" => "which App ID",
        "scopes.user" => "which user scopes",
        "name" => "what to call it",
        _ => "everything",
    }
}

impl std::error::Error for SheetError {}

impl From<SheetError> for Problem {
    fn from(error: SheetError) -> Self {
        let problem = Problem::new(error.code(), error.to_string());
        match error {
            SheetError::Missing { advice, .. } | SheetError::Invalid { advice, .. } if !advice.is_empty() => {
                problem.with_advice(advice)
            }
            SheetError::Unreadable(_)
            | SheetError::TooNew(_)
            | SheetError::Missing { .. }
            | SheetError::Invalid { .. }
            | SheetError::SecretFound(_)
            | SheetError::RobotCredentials
            | SheetError::WrongAppType(_) => problem,
        }
    }
}

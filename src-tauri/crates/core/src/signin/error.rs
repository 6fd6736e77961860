//! Why a sign-in did not finish, and how that is said to people.

use crate::error::Problem;
use crate::http::HttpError;
use crate::signin::attempt::PushError;
use crate::signin::discovery::DiscoveryError;
use crate::signin::exchange::TokenError;
use crate::signin::id_token::IdTokenError;
use crate::signin::peer::Holder;
use attendant_protocol::Code;

/// Why a sign-in did not finish. Nothing was stored in any of these cases.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SignInError {
    /// All ports of the redirect URLs are taken.
    PortsTaken {
        /// The ports, in the order they were tried.
        ports: Vec<u16>,
        /// A program that holds one of them.
        holder: Option<Holder>,
    },
    /// No redirect URL leads to this computer over http.
    NoLoopback(String),
    /// The server could not be found out about.
    Discovery(DiscoveryError),
    /// The request could not be pushed.
    Push(PushError),
    /// The person declined.
    Declined,
    /// The provider wants an interaction.
    InteractionRequired,
    /// The provider cannot answer now.
    ProviderBusy,
    /// The provider refused the scopes.
    ScopeRefused,
    /// The provider does not know the App ID, or not for this.
    UnknownClient,
    /// The provider refused for another reason; both texts are cleaned and cut.
    ProviderRefused {
        /// Its error word.
        error: String,
        /// Its description.
        description: Option<String>,
    },
    /// The answer came from another issuer.
    IssMismatch,
    /// The answer lacks the issuer that was promised.
    IssMissing,
    /// The code could not be exchanged.
    Token(TokenError),
    /// The ID token is not valid.
    IdToken(IdTokenError),
}

impl SignInError {
    /// The finding in words for people.
    pub fn problem(&self) -> Problem {
        match self {
            Self::PortsTaken { ports, holder } => {
                let taken = match ports.as_slice() {
                    [one] => format!("Port {one} is taken by another program."),
                    [first @ .., last] => {
                        let first: Vec<String> = first.iter().map(u16::to_string).collect();
                        format!("Ports {} and {last} are taken by other programs.", first.join(", "))
                    }
                    [] => "No port is free.".to_owned(),
                };
                let problem = Problem::new(Code::PortsTaken, taken);
                match holder {
                    Some(Holder { name, pid }) if ports.len() > 1 => {
                        problem.with_advice(format!("Close one of them ({name}, pid {pid}), then try again."))
                    }
                    Some(Holder { name, pid }) => {
                        problem.with_advice(format!("Close it ({name}, pid {pid}), then try again."))
                    }
                    None => problem,
                }
            }
            Self::NoLoopback(url) => Problem::new(
                Code::FieldInvalid,
                format!(
                    "The redirect URL {url} does not lead back to this computer. It must begin with http://localhost: and a port."
                ),
            ),
            Self::Discovery(error) => error.problem(),
            Self::Push(PushError::Http(error)) => network(error),
            Self::Push(PushError::Refused { error, .. }) if error == "invalid_scope" => {
                Self::ScopeRefused.problem()
            }
            Self::Push(PushError::Refused { error, .. })
                if matches!(error.as_str(), "invalid_client" | "unauthorized_client") =>
            {
                Self::UnknownClient.problem()
            }
            Self::Push(PushError::Refused { status, error }) => Problem::new(
                Code::ProviderRefused,
                format!(
                    "The server refused the sign-in request (status {status}{}{error}).",
                    if error.is_empty() { "" } else { ", " }
                ),
            ),
            Self::Push(PushError::Invalid) => Problem::new(
                Code::ProviderRefused,
                "The server's answer to the sign-in request cannot be used.",
            ),
            Self::Declined => {
                Problem::new(Code::AccessDenied, "You declined in the browser. Nothing was stored.")
                    .with_advice("Sign in again if that was not meant.")
            }
            Self::InteractionRequired => Problem::new(
                Code::InteractionRequired,
                "The server needs you to answer something first. Nothing was stored.",
            ),
            Self::ProviderBusy => {
                Problem::new(Code::ProviderBusy, "The server cannot sign anybody in now. Nothing was stored.")
            }
            Self::ScopeRefused => Problem::new(
                Code::InvalidScope,
                "The server refused the scopes of this registration. Nothing was stored.",
            ),
            Self::UnknownClient => {
                Problem::new(Code::UnknownClient, "The server does not know this App ID here.")
            }
            Self::ProviderRefused { error, description } => {
                let quoted =
                    description.as_ref().map(|text| format!(" It says: “{text}”")).unwrap_or_default();
                Problem::new(
                    Code::ProviderRefused,
                    format!("The server refused the sign-in ({error}).{quoted}"),
                )
            }
            Self::IssMismatch => Problem::new(
                Code::IssMismatch,
                "The answer in the browser came from another server. Nothing was stored.",
            ),
            Self::IssMissing => Problem::new(
                Code::IssMissing,
                "The answer in the browser does not name its server, although it promised to. Nothing was stored.",
            ),
            Self::Token(error) => error.problem(),
            Self::IdToken(error) => error.problem(),
        }
    }
}

impl std::fmt::Display for SignInError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.problem().message)
    }
}

impl std::error::Error for SignInError {}

/// Words for a network that did not carry.
pub(crate) fn network(error: &HttpError) -> Problem {
    let message = match error {
        HttpError::NotAllowed(url) => format!("{url} is not an https address. Nothing was sent."),
        HttpError::Offline | HttpError::Broken => "The server cannot be reached now. Nothing was stored.".into(),
        HttpError::Tls => {
            "The server's certificate was not accepted. Something in between may read along, so nothing was sent.".into()
        }
        HttpError::Timeout => "The server took too long to answer. Nothing was stored.".into(),
        HttpError::TooLarge => "The server's answer is too large to be right.".into(),
        HttpError::RedirectRefused(status) => {
            format!("The server sends us to another address (status {status}), which is not followed.")
        }
        HttpError::Unusable => "The HTTP client could not be built.".into(),
    };
    Problem::new(error.code(), message)
}

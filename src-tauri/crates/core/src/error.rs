//! The English for every code: what happened and what to do next.
//!
//! A [`Problem`] is what crosses to the window, the command line and the log: one code, a sentence and advice. Errors
//! inside core are enums named for the finding; each converts into a `Problem` where it leaves its module.

use attendant_protocol::Code;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A finding, in words for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "view.ts"))]
pub struct Problem {
    /// What was found.
    pub code: Code,
    /// What happened, and what it means.
    pub message: String,
    /// What to do next.
    pub advice: String,
}

impl Problem {
    /// A problem with its own message; the advice is the code's.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), advice: advice(code).to_owned() }
    }

    /// The same with more fitting advice.
    #[must_use]
    pub fn with_advice(mut self, advice: impl Into<String>) -> Self {
        self.advice = advice.into();
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Problem {}

/// Why a session needs the person, in one sentence.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "few codes end a session; every other one is a server's refusal"
)]
pub fn reason_sentence(reason: Code, name: &str) -> String {
    match reason {
        Code::SignInExpired => "This sign-in reached its 60 days.".into(),
        Code::InvalidGrant => {
            "The server no longer accepts this sign-in. Someone may have signed you out or changed your account.".into()
        }
        Code::ReplyLost => {
            "Your sign-in was lost while renewing it. The server answered, the network did not deliver.".into()
        }
        Code::ScopesChanged => "The registration changed. A new sign-in includes it; nothing else changes.".into(),
        Code::KeyringLocked => "The keyring is locked. Your sign-in is safe in it.".into(),
        Code::KeyringLost => {
            "The keyring no longer holds this sign-in. Another program or a reset removed it.".into()
        }
        Code::KeyringAbsent => "This computer\u{2019}s keyring is not there now. Your sign-in is in it.".into(),
        Code::KeyringRefused | Code::KeyringTimeout => "The keyring did not give the sign-in back.".into(),
        Code::NoRefreshToken => "Access ran out, and this sign-in gives no way to renew it.".into(),
        Code::UnknownClient => "The server no longer knows this App ID.".into(),
        Code::SignInNeeded => format!("Nobody is signed in to {name} on this computer."),
        _ => "The server refused to renew this sign-in.".into(),
    }
}

/// What to do about `code`, when nothing more fitting is known.
pub fn advice(code: Code) -> &'static str {
    match code {
        Code::AppNotRunning => "Start Attendant, or add --launch.",
        Code::AppSilent => "Look whether Attendant waits for you, or start it again.",
        Code::AppNotTrusted => "Another user may be imitating Attendant. Check who owns the socket's folder.",
        Code::BadRequest => "Send one JSON object per line, as the protocol's page describes.",
        Code::VersionUnsupported => "Update Attendant, or the program that asked.",
        Code::CallerChanged => "Ask again, from a program that stays the same until it is answered.",
        Code::RegistrationNotFound => "See `attendant status` for the registrations on this computer.",
        Code::RegistrationAmbiguous => "Name one of the registrations that `attendant status` lists.",
        Code::TenantNotFound => "See the registration's tenants in Attendant; names are case-sensitive.",
        Code::Denied => "Nothing was given. Ask the person at this computer, then try again.",
        Code::DeniedCooldown => "It was denied a moment ago. Try again in a minute.",
        Code::ApprovalTimeout => {
            "Nobody answered, so the answer is no. Try again while someone is at the computer."
        }
        Code::SignInNeeded => "Sign in with `attendant sign-in` or in Attendant's window, then try again.",
        Code::Locked => "Unlock Attendant in its window, then try again.",
        Code::RateLimited => "Wait until the open questions in Attendant are answered, then try again.",
        Code::ScopeNotGranted => "Sign in again to include it.",
        Code::ScopeNotRegistered => "Ask the administrator to add it to the registration.",
        Code::LifetimeTooLong => "Ask again when the time is up, instead of once for long.",
        Code::ActivityUnwritable | Code::StateUnwritable => {
            "Free some disk space, or check who owns the folder."
        }
        Code::PortsTaken => "Close the programs that use these ports, then try again.",
        Code::NoBrowser => "Copy the link and open it yourself.",
        Code::AccessDenied => "Nothing was stored. Sign in again if that was not meant.",
        Code::SignInCancelled => "Nothing was stored. Start again whenever you like.",
        Code::SignInTimeout => "If the browser shows an error, paste its address; otherwise open it again.",
        Code::DiscoveryUnreachable | Code::Offline | Code::ServerTimeout => {
            "Check the network and the address, then try again. Nothing was lost."
        }
        Code::DiscoveryNotJson => {
            "Something in between answered instead, such as a network's own sign-in page. Open a web page, then try again."
        }
        Code::DiscoveryInvalid | Code::PkceUnsupported => "Check the address with your administrator.",
        Code::IssuerMismatch => "Check the address of the registration with your administrator.",
        Code::IssMismatch | Code::IssMissing => {
            "Another server answered than the one that was asked. Nothing was stored; tell your administrator."
        }
        Code::InteractionRequired => "Sign in again and answer the questions in the browser.",
        Code::InvalidScope => "Ask your administrator to add the scopes, as user scopes, letter by letter.",
        Code::UnknownClient => {
            "Compare the App ID with the External Applications page; a machine's client ID looks the same and does not work."
        }
        Code::InvalidGrant => "Sign in again. Someone may have signed you out or changed your account.",
        Code::ProviderRefused => "Check the registration with your administrator.",
        Code::ProviderBusy => "Try again in a few minutes.",
        Code::TokenResponseInvalid | Code::TokenTypeUnsupported | Code::TooLarge => {
            "The server's answer cannot be used. Nothing was stored; tell your administrator."
        }
        Code::IdTokenInvalid | Code::KeysUnusable => {
            "Nothing was stored. Check the computer's clock, then try again."
        }
        Code::OtherPerson => "Nothing was stored. Open it again and choose the right account.",
        Code::NotAnAnswer => "Copy the whole address of the tab the browser ended at.",
        Code::ErrorPage => "Show this to your administrator.",
        Code::TlsRefused => "Ask your administrator for the certificate this network uses.",
        Code::SignInExpired
        | Code::ReplyLost
        | Code::ScopesChanged
        | Code::NoRefreshToken
        | Code::KeyringLost => "Sign in again.",
        Code::ClockWrong => "Turn on network time, then try again.",
        Code::KeyringLocked => "Unlock the keyring. Your sign-in is safe in it.",
        Code::KeyringAbsent => {
            "The sign-in lasts until you quit. Install GNOME Keyring or KeePassXC to keep it."
        }
        Code::KeyringRefused | Code::KeyringTimeout => "Check the keyring program, then try again.",
        Code::KeyringTooLarge => "The sign-in lasts until you quit.",
        Code::SheetUnreadable => "Import the file your administrator sent, or enter the details.",
        Code::SheetTooNew => "Update Attendant.",
        Code::FieldMissing | Code::FieldInvalid => "Correct it, or ask your administrator for a new sheet.",
        Code::SecretFound => {
            "Attendant does not take secrets and saved nothing. Delete the file and ask for a non-confidential app."
        }
        Code::RobotCredentials => {
            "These belong to a robot's machine, not to a person. Nothing was saved. Ask for an App ID of a non-confidential app."
        }
        Code::WrongAppType => "Ask your administrator for a non-confidential application with user scopes.",
        Code::NameTaken => "Choose another name, or remove the other registration first.",
        Code::ConfigInvalid => "Correct the file, or move it away and import the registration again.",
        Code::AlreadyRunning => "Its window was opened instead.",
        Code::NoDisplay => {
            "Start it on a desktop. The sign-in server of another computer can be used with `sign-in --no-browser`."
        }
        Code::Internal | Code::Unknown => "Try again. If it happens again, report it with the log.",
    }
}

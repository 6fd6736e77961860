//! One code for every finding, shared by core, protocol and command line.

use crate::Status;
use serde::{Deserialize, Serialize};
#[cfg(feature = "ts")]
use ts_rs::TS;

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident => $status:ident,)*) => {
        /// What was found. Stable snake_case on the wire; English for each lives in core.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[cfg_attr(feature = "ts", derive(TS), ts(export_to = "protocol.ts"))]
        #[serde(rename_all = "snake_case")]
        pub enum Code {
            $($(#[$doc])* $name,)*
            /// A code of a newer release.
            #[serde(other)]
            Unknown,
        }

        impl Code {
            /// Every code this release knows.
            pub const ALL: &[Code] = &[$(Code::$name,)*];

            /// The status a reply with this code carries.
            pub fn status(self) -> Status {
                match self {
                    $(Code::$name => Status::$status,)*
                    Code::Unknown => Status::Error,
                }
            }
        }
    };
}

codes! {
    // the broker
    /// The app does not run, or its socket cannot be reached.
    AppNotRunning => Error,
    /// The socket, its folder or the process behind it does not belong to this user, or is not Attendant.
    AppNotTrusted => Error,
    /// The app is there and did not answer in time.
    AppSilent => Timeout,
    /// The line is not a request of this protocol.
    BadRequest => Error,
    /// The request is of another protocol version, or asks for an unknown operation.
    VersionUnsupported => Error,
    /// The asking process changed or vanished while it was being identified.
    CallerChanged => Error,
    /// No such registration.
    RegistrationNotFound => NotFound,
    /// Several registrations fit; one must be named.
    RegistrationAmbiguous => NotFound,
    /// No such tenant in the registration.
    TenantNotFound => NotFound,
    /// The person said no.
    Denied => Denied,
    /// The person said no a moment ago; asking again waits.
    DeniedCooldown => Denied,
    /// Nobody answered the approval in time.
    ApprovalTimeout => Timeout,
    /// The person did not sign in within the caller's deadline.
    SignInNeeded => NeedsPerson,
    /// Attendant is locked.
    Locked => Locked,
    /// Too many callers wait for approval.
    RateLimited => RateLimited,
    /// The scope is not part of this sign-in.
    ScopeNotGranted => OutOfScope,
    /// The scope is not part of the registration.
    ScopeNotRegistered => OutOfScope,
    /// A token cannot last as long as asked.
    LifetimeTooLong => Error,
    /// The activity record could not be written, so nothing was handed out.
    ActivityUnwritable => Error,

    // sign-in
    /// All return addresses' ports are taken.
    PortsTaken => Error,
    /// No browser could be started.
    NoBrowser => Error,
    /// The person declined in the browser.
    AccessDenied => NeedsPerson,
    /// The person cancelled the sign-in here.
    SignInCancelled => NeedsPerson,
    /// No answer came back from the browser in time.
    SignInTimeout => Timeout,
    /// The sign-in server's description could not be fetched.
    DiscoveryUnreachable => Error,
    /// The sign-in server's address answered something that is not JSON.
    DiscoveryNotJson => Error,
    /// The sign-in server's description is unusable.
    DiscoveryInvalid => Error,
    /// The description names another issuer than the one configured (RFC 8414 §3.3).
    IssuerMismatch => Error,
    /// The answer in the browser came from another issuer (RFC 9207 §2.4).
    IssMismatch => Error,
    /// The answer in the browser lacks the issuer the server promised (RFC 9207 §2.4).
    IssMissing => Error,
    /// The server does not offer PKCE with S256.
    PkceUnsupported => Error,
    /// The provider wants an interaction it could not ask for.
    InteractionRequired => NeedsPerson,
    /// The provider refused the scopes.
    InvalidScope => Error,
    /// The provider does not know the App ID, or wants a secret for it.
    UnknownClient => Error,
    /// The provider refused the code or the refresh token.
    InvalidGrant => NeedsPerson,
    /// The provider refused the request for another reason.
    ProviderRefused => Error,
    /// The provider asks to try again later.
    ProviderBusy => Error,
    /// The token endpoint answered something unusable.
    TokenResponseInvalid => Error,
    /// The token is of a type other than Bearer.
    TokenTypeUnsupported => Error,
    /// The ID token is not valid.
    IdTokenInvalid => Error,
    /// The server's signing keys could not be fetched or used.
    KeysUnusable => Error,
    /// Another person answered than the one this registration belongs to.
    OtherPerson => NeedsPerson,
    /// The pasted address is not an answer to this sign-in.
    NotAnAnswer => Error,
    /// The pasted address is an error page of the provider.
    ErrorPage => Error,
    /// An answer is larger than accepted.
    TooLarge => Error,

    // the network
    /// The server cannot be reached.
    Offline => Error,
    /// The server's certificate was not accepted.
    TlsRefused => Error,
    /// The server took too long.
    ServerTimeout => Error,

    // a session's end
    /// The 60 days are over.
    SignInExpired => NeedsPerson,
    /// The answer to a renewal was lost twice; the sign-in may have been used up.
    ReplyLost => NeedsPerson,
    /// The registration's scopes changed since the sign-in.
    ScopesChanged => NeedsPerson,
    /// This computer's clock is wrong by minutes.
    ClockWrong => Error,
    /// The sign-in gives no way to renew; the access token ran out.
    NoRefreshToken => NeedsPerson,

    // the keyring
    /// The keyring is locked.
    KeyringLocked => NeedsPerson,
    /// This computer has no keyring.
    KeyringAbsent => Error,
    /// The keyring refused.
    KeyringRefused => Error,
    /// The keyring does not take values of this size.
    KeyringTooLarge => Error,
    /// The keyring no longer holds the sign-in.
    KeyringLost => NeedsPerson,
    /// The keyring did not answer in time.
    KeyringTimeout => Error,

    // what people bring
    /// The text is not a hand-off sheet.
    SheetUnreadable => Error,
    /// The sheet is of a newer version.
    SheetTooNew => Error,
    /// A field of the sheet is missing.
    FieldMissing => Error,
    /// A field of the sheet has the wrong form.
    FieldInvalid => Error,
    /// The sheet holds a client secret.
    SecretFound => Error,
    /// The sheet holds a robot's client ID and secret.
    RobotCredentials => Error,
    /// The sheet describes a confidential application.
    WrongAppType => Error,
    /// A registration with this name exists.
    NameTaken => Error,
    /// The configuration file cannot be used.
    ConfigInvalid => Error,
    /// A file could not be written.
    StateUnwritable => Error,
    /// Another Attendant of this user is running.
    AlreadyRunning => Error,
    /// There is no display to show a window on.
    NoDisplay => Error,
    /// Something that should not happen did.
    Internal => Error,
}

impl Code {
    /// The code as it stands on the wire, for a log line or a small caption.
    pub fn as_str(self) -> String {
        // The derive is the one place that knows the spelling; its debug form differs by case only.
        let debug = format!("{self:?}");
        let mut out = String::with_capacity(debug.len() + 4);
        for (index, letter) in debug.char_indices() {
            if letter.is_ascii_uppercase() && index > 0 {
                out.push('_');
            }
            out.push(letter.to_ascii_lowercase());
        }
        out
    }
}

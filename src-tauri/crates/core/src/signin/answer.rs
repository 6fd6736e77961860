//! Reads the parameters of an authorization response (RFC 6749 §4.1.2, RFC 9207). Who sent it is judged elsewhere.

use crate::secret::Secret;
use crate::signin::cleaned;
use crate::signin::error::SignInError;
use crate::text::clean;
use url::form_urlencoded;
use zeroize::Zeroizing;

const CODE_CAP: usize = 4096;

/// The parameters that matter; unknown ones are ignored (RFC 6749 §4.1.2).
pub(crate) struct Parameters {
    pub state: Secret,
    pub iss: Option<String>,
    pub said: Said,
}

/// What the provider said.
pub(crate) enum Said {
    /// Here is a code.
    Code(Secret),
    /// No, and why.
    Error(SignInError),
}

/// Why the parameters are not an answer.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Malformed {
    /// There is no `state`.
    NoState,
    /// A parameter stands there twice (RFC 6749 §3.1).
    Doubled,
    /// Neither a code nor an error, or both, or a code of the wrong letters.
    Neither,
}

/// Reads a query.
pub(crate) fn read(query: &str) -> Result<Parameters, Malformed> {
    let (mut state, mut iss, mut code, mut error, mut description) = (None, None, None, None, None);
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let place = match &*name {
            "state" => &mut state,
            "iss" => &mut iss,
            "code" => &mut code,
            "error" => &mut error,
            "error_description" => &mut description,
            _ => continue,
        };
        if place.replace(Zeroizing::new(value.into_owned())).is_some() {
            return Err(Malformed::Doubled);
        }
    }
    let state = Secret::new(std::mem::take(&mut *state.ok_or(Malformed::NoState)?));
    let said = match (code, error) {
        (Some(mut code), None) => {
            // RFC 6749 appendix A.11: code = 1*VSCHAR
            let fits = !code.is_empty()
                && code.len() <= CODE_CAP
                && code.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            if !fits {
                return Err(Malformed::Neither);
            }
            Said::Code(Secret::new(std::mem::take(&mut *code)))
        }
        (None, Some(error)) if !error.is_empty() => {
            Said::Error(named(&error, cleaned(description.as_deref().map(String::as_str), 200)))
        }
        _ => return Err(Malformed::Neither),
    };
    Ok(Parameters { state, iss: iss.map(|iss| iss.to_string()), said })
}

/// The finding for an error word of RFC 6749 §4.1.2.1 or OpenID Connect Core §3.1.2.6.
fn named(error: &str, description: Option<String>) -> SignInError {
    match error {
        "access_denied" => SignInError::Declined,
        "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required"
        | "unmet_authentication_requirements" => SignInError::InteractionRequired,
        "temporarily_unavailable" | "server_error" => SignInError::ProviderBusy,
        "invalid_scope" => SignInError::ScopeRefused,
        "unauthorized_client" | "invalid_client" => SignInError::UnknownClient,
        other => SignInError::ProviderRefused { error: clean(other, 60), description },
    }
}

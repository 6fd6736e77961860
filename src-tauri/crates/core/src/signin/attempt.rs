//! One attempt to sign in. It is made once, moved from owner to owner, and used up by the exchange: no part of it is
//! ever seen by two sign-ins (RFC 9700 §2.1.1, §4.4).

use crate::http::{Http, HttpError};
use crate::random::Randomness;
use crate::registration::Registration;
use crate::secret::Secret;
use crate::signin::discovery::Provider;
use crate::text::clean;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use url::Url;
use zeroize::Zeroizing;

/// An attempt, with the server and the registration as they were when it began.
#[derive(Debug)]
pub struct Attempt {
    pub(crate) provider: Provider,
    pub(crate) registration: Registration,
    /// The redirect URL, byte for byte as it goes to both endpoints (RFC 6749 §4.1.3).
    pub(crate) redirect_url: String,
    pub(crate) state: Secret,
    /// Only with `openid`.
    pub(crate) nonce: Option<Secret>,
    pub(crate) verifier: Secret,
    other_account: bool,
    /// What the server gave for the pushed request (RFC 9126 §2.2).
    request_uri: Option<Secret>,
}

/// Why a request could not be pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PushError {
    /// The network.
    Http(HttpError),
    /// The server refused; its error word and description, cleaned and cut.
    Refused {
        /// The HTTP status.
        status: u16,
        /// The RFC 6749 error word, if any.
        error: String,
    },
    /// The reply is not one of RFC 9126 §2.2.
    Invalid,
}

impl Attempt {
    /// A fresh attempt: state, nonce and verifier are independent, 256 bits each.
    pub fn new(
        provider: Provider,
        registration: Registration,
        redirect_url: String,
        other_account: bool,
        random: &dyn Randomness,
    ) -> Self {
        let nonce = registration.wants_id_token().then(|| Secret::new(random.token()));
        let (state, verifier) = (Secret::new(random.token()), Secret::new(random.token()));
        Self {
            provider,
            registration,
            redirect_url,
            state,
            nonce,
            verifier,
            other_account,
            request_uri: None,
        }
    }

    /// The address the browser is sent to (RFC 6749 §4.1.1, RFC 7636 §4.3).
    pub fn authorization_url(&self) -> Url {
        let mut url = self.provider.authorization_endpoint.clone();
        if let Some(request_uri) = &self.request_uri {
            url.query_pairs_mut()
                .append_pair("client_id", &self.registration.app_id)
                .append_pair("request_uri", request_uri.expose());
        } else {
            url.query_pairs_mut()
                .extend_pairs(self.parameters().iter().map(|(name, value)| (*name, value.as_str())));
        }
        url
    }

    /// Pushes the request, if the server demands that (RFC 9126 §5).
    ///
    /// # Errors
    /// When the push fails; the attempt is then useless.
    pub async fn push(&mut self, http: &Http) -> Result<(), PushError> {
        #[derive(Deserialize)]
        struct Pushed {
            request_uri: String,
        }
        #[derive(Deserialize)]
        struct Refusal {
            error: String,
        }
        let (true, Some(endpoint)) = (self.provider.par_required, &self.provider.par_endpoint) else {
            return Ok(());
        };
        let parameters = self.parameters();
        let form: Vec<(&str, &str)> =
            parameters.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let reply = http.post_form(endpoint, &form).await.map_err(PushError::Http)?;
        if !matches!(reply.status, 200 | 201) {
            let error =
                serde_json::from_slice::<Refusal>(&reply.body).map(|refusal| clean(&refusal.error, 60));
            return Err(PushError::Refused { status: reply.status, error: error.unwrap_or_default() });
        }
        let pushed: Pushed = serde_json::from_slice(&reply.body).map_err(|_| PushError::Invalid)?;
        if pushed.request_uri.is_empty() {
            return Err(PushError::Invalid);
        }
        self.request_uri = Some(Secret::new(pushed.request_uri));
        Ok(())
    }

    fn parameters(&self) -> Vec<(&'static str, Zeroizing<String>)> {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()));
        let mut parameters = vec![
            ("response_type", "code".to_owned()),
            ("client_id", self.registration.app_id.clone()),
            ("redirect_uri", self.redirect_url.clone()),
            ("scope", self.registration.scopes.join(" ")),
            ("state", self.state.expose().to_owned()),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256".to_owned()),
        ];
        parameters.extend(self.nonce.as_ref().map(|nonce| ("nonce", nonce.expose().to_owned())));
        if self.other_account {
            parameters.push(("prompt", "select_account".to_owned()));
        }
        parameters.into_iter().map(|(name, value)| (name, Zeroizing::new(value))).collect()
    }
}

//! Talks to the token endpoint (RFC 6749 §4.1.3, §6; RFC 7009). The only file that names `oauth2`.
//!
//! `oauth2` builds the requests and refuses replies of the wrong form; the reply type is our own, because real servers
//! send `expires_in` as text and empty tokens with status 200, and because the library's error type would keep the
//! reply's body. What an error tells is what the caller must know: was the code or refresh token spent or not.

use crate::clock::Time;
use crate::error::Problem;
use crate::http::{Http, HttpError, Method, Reply};
use crate::registration::Registration;
use crate::secret::Secret;
use crate::signin::attempt::Attempt;
use crate::signin::cleaned;
use crate::signin::discovery::Provider;
use crate::signin::error::network;
use crate::text::clean;
use attendant_protocol::Code;
use oauth2::basic::{
    BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType,
};
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthorizationCode, ClientId, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenResponse, TokenUrl,
};
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::borrow::Cow;
use std::fmt;
use std::pin::Pin;
use std::sync::Mutex;
use std::time::Duration;
use zeroize::Zeroizing;

/// Tokens of UiPath and Entra have 2–6 KB (RFC 6749 sets no bound).
const TOKEN_CAP: usize = 32 * 1024;
/// A longer life is not planned with.
const LIFETIME_CAP: u64 = 24 * 60 * 60;

/// What the token endpoint gave.
#[derive(Debug)]
pub struct Tokens {
    /// The bearer.
    pub access: Secret,
    /// The next refresh token; none means the old one stays, or there is none.
    pub refresh: Option<Secret>,
    /// The ID token, not validated.
    pub id_token: Option<Secret>,
    /// Seconds the access token lives, at most a day; none if the server does not say.
    pub expires_in: Option<u64>,
    /// The access token's real scopes; none means as asked for (RFC 6749 §5.1).
    pub scope: Option<Vec<String>>,
    /// The server's own time.
    pub server_date: Option<Time>,
}

/// Why there are no tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenError {
    /// The server said no (RFC 6749 §5.2). Both texts are cleaned and cut.
    Refused {
        /// Which no it is.
        code: Code,
        /// The server's own error word, such as `invalid_grant`.
        error: String,
        /// What it adds.
        description: Option<String>,
    },
    /// The server never saw the request; nothing was spent.
    NotSent(HttpError),
    /// The request was sent and no usable reply came; what it carried may be spent.
    Ambiguous(String),
    /// The server, or something before it, cannot answer this now.
    Busy {
        /// How long it asks to wait.
        retry_after: Option<Duration>,
        /// The HTTP status.
        status: u16,
        /// What the request carried may be spent.
        maybe_spent: bool,
    },
    /// The server answered, but not with tokens that can be used; what the request carried is spent.
    Invalid(Unusable),
}

/// Which rule a token response breaks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unusable {
    /// A member is missing, doubled or of the wrong type; the text names it.
    Form(String),
    /// The token is of another type than Bearer; cleaned and cut.
    TokenType(String),
    /// The access token is missing, empty, or no header can carry it.
    AccessToken,
    /// A token is larger than 32 KiB, or the reply larger than 1 MiB.
    TooLarge,
}

impl TokenError {
    /// The finding in words for people.
    pub fn problem(&self) -> Problem {
        match self {
            Self::Refused { code, error, description } => refused(*code, error, description.as_deref()),
            Self::NotSent(error) => network(error),
            Self::Ambiguous(_) => Problem::new(
                Code::Offline,
                "The network did not deliver the server's answer. The server may have given it already.",
            )
            .with_advice("Check the network, then try again."),
            Self::Busy { status, .. }
                if (400..500).contains(status) && !matches!(status, 408 | 425 | 429) =>
            {
                Problem::new(
                    Code::TokenResponseInvalid,
                    format!(
                        "The server answered with status {status} and without a reason that can be read."
                    ),
                )
            }
            Self::Busy { status: 300..400, .. } => Problem::new(
                Code::TokenResponseInvalid,
                "The server sends us to another address, which is not followed.",
            ),
            Self::Busy { status, .. } => {
                Problem::new(Code::ProviderBusy, format!("The server cannot answer now (status {status})."))
            }
            Self::Invalid(Unusable::TokenType(kind)) => Problem::new(
                Code::TokenTypeUnsupported,
                format!("The server gave access of a kind that Attendant does not use ({kind})."),
            ),
            Self::Invalid(Unusable::TooLarge) => {
                Problem::new(Code::TooLarge, "The server's answer is too large to be right.")
            }
            Self::Invalid(Unusable::AccessToken) => Problem::new(
                Code::TokenResponseInvalid,
                "The server's answer holds no access that can be used.",
            ),
            Self::Invalid(Unusable::Form(what)) => Problem::new(
                Code::TokenResponseInvalid,
                format!("The server's answer cannot be used: {what}."),
            ),
        }
    }
}

/// The code for an error word of RFC 6749 §5.2.
fn named(error: &str, description: Option<&str>) -> TokenError {
    let code = match error {
        "invalid_grant" => Code::InvalidGrant,
        "invalid_client" | "unauthorized_client" => Code::UnknownClient,
        "invalid_scope" => Code::InvalidScope,
        _ => Code::ProviderRefused,
    };
    TokenError::Refused { code, error: clean(error, 60), description: cleaned(description, 200) }
}

fn refused(code: Code, error: &str, description: Option<&str>) -> Problem {
    let message = if code == Code::InvalidGrant {
        "The server no longer accepts this sign-in.".into()
    } else if code == Code::UnknownClient {
        "The server does not know this App ID here.".into()
    } else if code == Code::InvalidScope {
        "The server refused the scopes.".into()
    } else {
        let quoted = description.map(|text| format!(" It says: “{text}”")).unwrap_or_default();
        format!("The server refused ({error}).{quoted}")
    };
    Problem::new(code, message)
}

impl fmt::Display for TokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem().message)
    }
}

impl std::error::Error for TokenError {}

/// Exchanges the code, once, with the attempt's own verifier and redirect URL, at the attempt's own server.
///
/// # Errors
/// A code is spent by whatever happens: after an error only a new sign-in helps.
pub async fn exchange(http: &Http, attempt: &Attempt, code: Secret) -> Result<Tokens, TokenError> {
    let redirect_url = RedirectUrl::new(attempt.redirect_url.clone())
        .map_err(|_| TokenError::NotSent(HttpError::NotAllowed(attempt.redirect_url.clone())))?;
    let client = client(&attempt.provider, &attempt.registration.app_id);
    let context = Context::new(http);
    let outcome = client
        .exchange_code(AuthorizationCode::new(code.expose().to_owned()))
        .set_redirect_uri(Cow::Owned(redirect_url))
        .set_pkce_verifier(PkceCodeVerifier::new(attempt.verifier.expose().to_owned()))
        .request_async(&context)
        .await;
    context.conclude(outcome)
}

/// Spends the refresh token for new tokens, once. `scopes` narrows, where the server honours it (RFC 6749 §6).
///
/// # Errors
/// The variants tell whether `refresh` may be used again.
pub async fn refresh(
    http: &Http,
    provider: &Provider,
    app_id: &str,
    refresh: &Secret,
    scopes: Option<&[String]>,
) -> Result<Tokens, TokenError> {
    let client = client(provider, app_id);
    let token = RefreshToken::new(refresh.expose().to_owned());
    let context = Context::new(http);
    let outcome = client
        .exchange_refresh_token(&token)
        .add_scopes(scopes.unwrap_or_default().iter().cloned().map(Scope::new))
        .request_async(&context)
        .await;
    context.conclude(outcome)
}

/// Revokes a refresh token, if the provider can; what it could still renew ends with it. An unknown token counts as revoked (RFC 7009 §2.2).
///
/// # Errors
/// [`TokenError::Busy`] and network errors mean that the token may still be valid at the server.
pub async fn revoke(
    http: &Http,
    provider: &Provider,
    app_id: &str,
    refresh: &Secret,
) -> Result<(), TokenError> {
    let Some(endpoint) = &provider.revocation_endpoint else { return Ok(()) };
    let form = [("token", refresh.expose()), ("token_type_hint", "refresh_token"), ("client_id", app_id)];
    let reply = http.post_form(endpoint, &form).await.map_err(lost)?;
    if reply.status == 200 { Ok(()) } else { Err(refusal(&reply)) }
}

type Client = oauth2::Client<
    BasicErrorResponse,
    Grant,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

fn client(provider: &Provider, app_id: &str) -> Client {
    oauth2::Client::new(ClientId::new(app_id.to_owned()))
        .set_auth_type(AuthType::RequestBody)
        .set_token_uri(TokenUrl::from_url(provider.token_endpoint.clone()))
}

/// Boxed and named, because the future of a closure is not provably `Send`.
impl<'c> AsyncHttpClient<'c> for Context<'_> {
    type Error = TokenError;
    type Future = Pin<Box<dyn Future<Output = Result<HttpResponse, TokenError>> + Send + 'c>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(self.send(request))
    }
}

/// One request's way through our client, and what it met.
struct Context<'a> {
    http: &'a Http,
    server_date: Mutex<Option<Time>>,
}

impl<'a> Context<'a> {
    fn new(http: &'a Http) -> Self {
        Self { http, server_date: Mutex::new(None) }
    }

    async fn send(&self, request: HttpRequest) -> Result<HttpResponse, TokenError> {
        let (parts, body) = request.into_parts();
        let url = url::Url::parse(&parts.uri.to_string())
            .map_err(|_| TokenError::NotSent(HttpError::NotAllowed(String::new())))?;
        let headers: HeaderMap = parts.headers;
        let reply = self.http.send(Method::POST, &url, headers, Zeroizing::new(body)).await.map_err(lost)?;
        if reply.status != 200 {
            return Err(refusal(&reply));
        }
        if let Ok(mut date) = self.server_date.lock() {
            *date = reply.server_date();
        }
        let Reply { mut body, .. } = reply;
        let mut response = HttpResponse::new(std::mem::take(&mut *body));
        // The body decides, whatever it is called; some servers call JSON text.
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(response)
    }

    fn conclude(
        self,
        outcome: Result<Grant, RequestTokenError<TokenError, BasicErrorResponse>>,
    ) -> Result<Tokens, TokenError> {
        let grant = match outcome {
            Ok(grant) => grant,
            Err(RequestTokenError::Request(error)) => return Err(error),
            Err(RequestTokenError::Parse(error, body)) => {
                drop(Zeroizing::new(body));
                return Err(if error.inner().is_data() {
                    let fault = form_fault(error.inner(), &error.path().to_string());
                    TokenError::Invalid(Unusable::Form(clean(&fault, 120)))
                } else {
                    TokenError::Ambiguous("the answer is not JSON".into())
                });
            }
            Err(RequestTokenError::ServerResponse(_) | RequestTokenError::Other(_)) => {
                return Err(TokenError::Ambiguous("the answer is empty".into()));
            }
        };
        grant.into_tokens(self.server_date.into_inner().ok().flatten())
    }
}

/// Names the member and never quotes its value, as the parser's own message would.
fn form_fault(error: &serde_json::Error, member: &str) -> String {
    let text = error.to_string();
    if text.starts_with("duplicate field") {
        return text.split(" at line").next().unwrap_or_default().to_owned();
    }
    format!("{member} has the wrong type")
}

fn lost(error: HttpError) -> TokenError {
    match error {
        HttpError::RedirectRefused(status) => {
            TokenError::Busy { retry_after: None, status, maybe_spent: false }
        }
        HttpError::TooLarge => TokenError::Invalid(Unusable::TooLarge),
        HttpError::NotAllowed(_) | HttpError::Offline | HttpError::Tls | HttpError::Unusable => {
            TokenError::NotSent(error)
        }
        HttpError::Timeout | HttpError::Broken => TokenError::Ambiguous(error.to_string()),
    }
}

/// What another status than 200 means (RFC 6749 §5.2). Only a 4xx with an error word is the server's own no.
fn refusal(reply: &Reply) -> TokenError {
    #[derive(Deserialize)]
    struct Refusal {
        error: String,
        error_description: Option<String>,
    }
    let status = reply.status;
    let transient = status >= 500 || matches!(status, 408 | 425 | 429);
    match serde_json::from_slice::<Refusal>(&reply.body) {
        Ok(refusal)
            if !transient
                && !matches!(refusal.error.as_str(), "temporarily_unavailable" | "server_error") =>
        {
            named(&refusal.error, refusal.error_description.as_deref())
        }
        _ => TokenError::Busy { retry_after: reply.retry_after(), status, maybe_spent: status >= 500 },
    }
}

/// A reply of status 200, read but not judged. Deriving refuses doubled members and wrong types.
#[derive(Deserialize)]
struct Grant {
    #[serde(default = "no_token")]
    access_token: AccessToken,
    #[serde(default)]
    token_type: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<u64>,
    refresh_token: Option<RefreshToken>,
    id_token: Option<AccessToken>,
    scope: Option<String>,
    error: Option<serde_json::Value>,
    error_description: Option<String>,
}

fn no_token() -> AccessToken {
    AccessToken::new(String::new())
}

/// A number, or a number in quotes; anything else is as good as absent, and nothing is ever endless.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let value = serde_json::Value::deserialize(deserializer)?;
    let number = value.as_f64().or_else(|| value.as_str()?.trim().parse().ok());
    let sane = number.filter(|number| number.is_finite() && *number < 1e12);
    Ok(sane.map(|number| number.clamp(0.0, LIFETIME_CAP as f64) as u64))
}

impl Grant {
    fn into_tokens(self, server_date: Option<Time>) -> Result<Tokens, TokenError> {
        if let Some(error) = self.error {
            return Err(named(error.as_str().unwrap_or("error"), self.error_description.as_deref()));
        }
        let kind = self.token_type.unwrap_or_else(|| "none".into());
        if !kind.eq_ignore_ascii_case("bearer") {
            return Err(TokenError::Invalid(Unusable::TokenType(clean(&kind, 40))));
        }
        let access = Secret::new(self.access_token.into_secret());
        // RFC 6750 §2.1 allows fewer letters, real tokens have more; no header carries others than these.
        if access.expose().is_empty() || !access.expose().bytes().all(|byte| (0x21..0x7f).contains(&byte)) {
            return Err(TokenError::Invalid(Unusable::AccessToken));
        }
        let refresh = self.refresh_token.map(|token| Secret::new(token.into_secret()));
        let id_token = self.id_token.map(|token| Secret::new(token.into_secret()));
        if [Some(&access), refresh.as_ref(), id_token.as_ref()]
            .into_iter()
            .flatten()
            .any(|token| token.expose().len() > TOKEN_CAP)
        {
            return Err(TokenError::Invalid(Unusable::TooLarge));
        }
        let present = |token: &Secret| !token.expose().is_empty();
        Ok(Tokens {
            access,
            refresh: refresh.filter(present),
            id_token: id_token.filter(present),
            expires_in: self.expires_in,
            scope: self.scope.map(|scope| scope.split_ascii_whitespace().map(str::to_owned).collect()),
            server_date,
        })
    }
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Serialize for Grant {
    /// The library's trait asks for it; secrets are not serialised.
    fn serialize<S: Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
        Err(serde::ser::Error::custom("secrets are not serialised"))
    }
}

impl TokenResponse for Grant {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<Duration> {
        self.expires_in.map(Duration::from_secs)
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.refresh_token.as_ref()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// Whether the answer says that `openid` was granted: an absent `scope` means as asked for.
pub(crate) fn openid_granted(tokens: &Tokens, registration: &Registration) -> bool {
    registration.wants_id_token()
        && tokens.scope.as_ref().is_none_or(|scope| scope.iter().any(|word| word == "openid"))
}

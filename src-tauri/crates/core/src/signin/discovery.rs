//! What the sign-in server says about itself (OpenID Connect Discovery 1.0, RFC 8414), believed only within bounds:
//! the issuer is the configured one letter by letter, and every address lies on the configured origin. Where a UiPath
//! server cannot be reached at all its documented paths stand in; a wrong answer never falls back to anything.

use crate::error::Problem;
use crate::http::{Http, HttpError, is_loopback, shown};
use crate::registration::{Edition, Registration};
use crate::signin::error::network;
use crate::text::clean;
use attendant_protocol::Code;
use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// A sign-in server, as one attempt uses it from start to end (RFC 9700 §4.4). Nothing in it is secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Provider {
    /// The issuer, letter by letter.
    pub issuer: String,
    /// Where the browser goes.
    pub authorization_endpoint: Url,
    /// Where codes and refresh tokens are exchanged.
    pub token_endpoint: Url,
    /// Where the signing keys are.
    pub jwks_uri: Option<Url>,
    /// Where claims about the person are.
    pub userinfo_endpoint: Option<Url>,
    /// Where the browser's session ends.
    pub end_session_endpoint: Option<Url>,
    /// Where tokens are revoked (RFC 7009).
    pub revocation_endpoint: Option<Url>,
    /// Where authorization requests are pushed (RFC 9126).
    pub par_endpoint: Option<Url>,
    /// Requests must be pushed.
    pub par_required: bool,
    /// The answer in the browser will carry `iss` (RFC 9207).
    pub iss_promised: bool,
    /// ID token signing algorithms; empty when not said.
    pub signing_algs: Vec<String>,
    /// From the documented paths, because the server's own description could not be reached.
    pub pinned: bool,
}

/// Why there is no provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DiscoveryError {
    /// The configured issuer has a query or fragment, or is not https. Nothing was sent.
    BadAddress(String),
    /// The description could not be fetched.
    Http(HttpError),
    /// The server answered with this status.
    Status(u16),
    /// The answer is not JSON, but for example a network's sign-in page.
    NotJson,
    /// The description breaks a rule; the text names the member.
    Invalid(String),
    /// The description is of another issuer.
    IssuerMismatch {
        /// What the registration says.
        configured: String,
        /// What the server says, cleaned and cut.
        found: String,
    },
    /// S256 is not among the code challenge methods.
    NoS256,
}

impl fmt::Display for DiscoveryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::BadAddress(url) => write!(f, "{url} cannot be the address of a sign-in server"),
            Self::Http(error) => error.fmt(f),
            Self::Status(status) => write!(f, "the server answered with status {status}"),
            Self::NotJson => f.write_str("the answer is not JSON"),
            Self::Invalid(what) => write!(f, "the server's description is unusable: {what}"),
            Self::IssuerMismatch { configured, found } => {
                write!(f, "the server calls itself {found}, the registration says {configured}")
            }
            Self::NoS256 => f.write_str("the server does not offer PKCE with S256"),
        }
    }
}

impl std::error::Error for DiscoveryError {}

impl DiscoveryError {
    /// The finding in words for people.
    pub fn problem(&self) -> Problem {
        match self {
            Self::BadAddress(url) => Problem::new(
                Code::DiscoveryInvalid,
                format!(
                    "{url} cannot be the address of a sign-in server: https is required, without a query."
                ),
            ),
            Self::Http(HttpError::Offline | HttpError::Broken) => Problem::new(
                Code::DiscoveryUnreachable,
                "The sign-in server cannot be reached. Your sign-in has not begun.",
            ),
            Self::Http(HttpError::RedirectRefused(status)) => Problem::new(
                Code::DiscoveryNotJson,
                format!("The sign-in server's address sends us elsewhere (status {status})."),
            ),
            Self::Http(error) => network(error),
            Self::Status(status) => Problem::new(
                Code::DiscoveryUnreachable,
                format!("The sign-in server did not describe itself: it answered with status {status}."),
            ),
            Self::NotJson => Problem::new(
                Code::DiscoveryNotJson,
                "The sign-in server's address answered with a web page instead of its description.",
            ),
            Self::Invalid(what) => Problem::new(
                Code::DiscoveryInvalid,
                format!("The sign-in server's description cannot be used: {what}."),
            ),
            Self::IssuerMismatch { configured, found } => Problem::new(
                Code::IssuerMismatch,
                format!(
                    "The server calls itself {found}, but this registration says {configured}. Nothing was sent."
                ),
            ),
            Self::NoS256 => Problem::new(
                Code::PkceUnsupported,
                "This server does not protect sign-ins of desktop apps (PKCE with S256). Nothing was sent.",
            ),
        }
    }
}

/// The members that are read. Deriving refuses duplicates and wrong types; unknown members are ignored, `null` is as
/// good as absent.
#[derive(Deserialize)]
struct Document {
    issuer: Option<String>,
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    jwks_uri: Option<String>,
    userinfo_endpoint: Option<String>,
    end_session_endpoint: Option<String>,
    revocation_endpoint: Option<String>,
    pushed_authorization_request_endpoint: Option<String>,
    require_pushed_authorization_requests: Option<bool>,
    authorization_response_iss_parameter_supported: Option<bool>,
    id_token_signing_alg_values_supported: Option<Vec<String>>,
    code_challenge_methods_supported: Option<Vec<String>>,
    response_types_supported: Option<Vec<String>>,
    grant_types_supported: Option<Vec<String>>,
}

/// Asks the registration's server to describe itself.
///
/// # Errors
/// Anything but a description that keeps all rules. Only a server that cannot be reached is replaced by documented
/// paths, and only where there are some.
pub async fn discover(http: &Http, registration: &Registration) -> Result<Provider, DiscoveryError> {
    let issuer = registration.issuer();
    let base = Url::parse(&issuer).map_err(|_| DiscoveryError::BadAddress(clean(&issuer, 200)))?;
    let fits = base.scheme() == "https" || (base.scheme() == "http" && is_loopback(&base));
    if !fits || base.query().is_some() || base.fragment().is_some() || !base.username().is_empty() {
        return Err(DiscoveryError::BadAddress(shown(&base)));
    }
    let address = format!("{}/.well-known/openid-configuration", issuer.trim_end_matches('/'));
    let address = Url::parse(&address).map_err(|_| DiscoveryError::BadAddress(shown(&base)))?;
    let reply = match http.get(&address, "application/json").await {
        Ok(reply) => reply,
        Err(HttpError::Offline) if registration.edition != Edition::Oidc => {
            tracing::warn!(server = %shown(&base), "no description could be fetched; using the documented paths");
            return pinned(registration, &issuer);
        }
        Err(error) => return Err(DiscoveryError::Http(error)),
    };
    if reply.status != 200 {
        return Err(DiscoveryError::Status(reply.status));
    }
    read(&reply.body, registration, issuer)
}

fn read(body: &[u8], registration: &Registration, issuer: String) -> Result<Provider, DiscoveryError> {
    let body = body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body);
    if body.trim_ascii_start().first() != Some(&b'{') {
        return Err(DiscoveryError::NotJson);
    }
    let document: Document = serde_json::from_slice(body)
        .map_err(|error| DiscoveryError::Invalid(clean(&error.to_string(), 120)))?;

    let found = document.issuer.ok_or_else(|| missing("issuer"))?;
    if found != issuer {
        return Err(DiscoveryError::IssuerMismatch { configured: issuer, found: clean(&found, 200) });
    }
    if lacks(document.code_challenge_methods_supported.as_deref(), "S256") {
        return Err(DiscoveryError::NoS256);
    }
    if lacks(document.response_types_supported.as_deref(), "code") {
        return Err(DiscoveryError::Invalid("response_types_supported lacks code".into()));
    }
    if lacks(document.grant_types_supported.as_deref(), "authorization_code") {
        return Err(DiscoveryError::Invalid("grant_types_supported lacks authorization_code".into()));
    }
    let needed = |text: Option<String>, member: &str| {
        let text = text.ok_or_else(|| missing(member))?;
        endpoint(&text, registration).map_err(|why| DiscoveryError::Invalid(format!("{member} {why}")))
    };
    // Nice to have: elsewhere or malformed, they are not used.
    let welcome = |text: Option<String>| text.and_then(|text| endpoint(&text, registration).ok());

    let jwks_needed = registration.edition == Edition::Oidc || registration.wants_id_token();
    let par_required = document.require_pushed_authorization_requests.unwrap_or(false);
    Ok(Provider {
        authorization_endpoint: needed(document.authorization_endpoint, "authorization_endpoint")?,
        token_endpoint: needed(document.token_endpoint, "token_endpoint")?,
        jwks_uri: if jwks_needed || document.jwks_uri.is_some() {
            Some(needed(document.jwks_uri, "jwks_uri")?)
        } else {
            None
        },
        userinfo_endpoint: welcome(document.userinfo_endpoint),
        end_session_endpoint: welcome(document.end_session_endpoint),
        revocation_endpoint: welcome(document.revocation_endpoint),
        par_endpoint: if par_required {
            Some(needed(
                document.pushed_authorization_request_endpoint,
                "pushed_authorization_request_endpoint",
            )?)
        } else {
            welcome(document.pushed_authorization_request_endpoint)
        },
        par_required,
        iss_promised: document.authorization_response_iss_parameter_supported.unwrap_or(false),
        signing_algs: document.id_token_signing_alg_values_supported.unwrap_or_default(),
        pinned: false,
        issuer,
    })
}

fn lacks(list: Option<&[String]>, word: &str) -> bool {
    list.is_some_and(|list| !list.iter().any(|entry| entry == word))
}

fn missing(member: &str) -> DiscoveryError {
    DiscoveryError::Invalid(format!("{member} is missing"))
}

/// An address the server may send us to. Only the letters of RFC 3986 §2 are taken, so that nothing is repaired in
/// silence: a parser would drop line breaks and turn backslashes.
fn endpoint(text: &str, registration: &Registration) -> Result<Url, &'static str> {
    const MARKS: &str = "-._~:/?#[]@!$&'()*+,;=%";
    if !text.chars().all(|letter| letter.is_ascii_alphanumeric() || MARKS.contains(letter)) {
        return Err("is not an address");
    }
    let url = Url::parse(text).map_err(|_| "is not an address")?;
    if !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return Err("names a user or a place in a page");
    }
    if !registration.realm().contains(&url) {
        return Err("is on another server than the registration's");
    }
    Ok(url)
}

/// The documented paths of UiPath's identity server (UiPath documents discovery, authorization and token; the other
/// paths are its library's fixed routes).
fn pinned(registration: &Registration, issuer: &str) -> Result<Provider, DiscoveryError> {
    let at = |path: &str| {
        Url::parse(&format!("{issuer}{path}"))
            .map_err(|_| DiscoveryError::BadAddress(shown(&registration.host)))
    };
    Ok(Provider {
        authorization_endpoint: at("/connect/authorize")?,
        token_endpoint: at("/connect/token")?,
        jwks_uri: Some(at("/.well-known/openid-configuration/jwks")?),
        userinfo_endpoint: Some(at("/connect/userinfo")?),
        end_session_endpoint: Some(at("/connect/endsession")?),
        revocation_endpoint: Some(at("/connect/revocation")?),
        par_endpoint: None,
        par_required: false,
        iss_promised: false,
        signing_algs: Vec::new(),
        pinned: true,
        issuer: issuer.to_owned(),
    })
}

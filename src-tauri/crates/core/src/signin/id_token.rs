//! Validates ID tokens (OpenID Connect Core §3.1.3.7, RFC 8725) and says who signed in.
//!
//! The signature is the library's work; every claim is checked here, against a time passed in and with strict types,
//! because a claim of the wrong type is an error and never "absent".

use crate::clock::Time;
use crate::error::Problem;
use crate::http::{Http, HttpError};
use crate::secret::Secret;
use crate::signin::cleaned;
use crate::signin::discovery::Provider;
use crate::signin::error::network;
use attendant_protocol::Code;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::jwk::{AlgorithmParameters, Jwk, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use sha2::{Digest as _, Sha256, Sha384, Sha512};
use std::fmt;
use zeroize::Zeroizing;

/// How far clocks may differ.
const SKEW: i64 = 120;
/// Beyond this, one of the clocks is simply wrong.
const CLOCK_WRONG: i64 = 300;
const TOKEN_CAP: usize = 32 * 1024;
const KEYS_CAP: usize = 100;
/// How many keys are tried when the token names none.
const TRIES: usize = 10;
const SUBJECT_CAP: usize = 255;
/// How much of a name is shown.
const SHOWN: usize = 80;

/// Who signed in. The person is `issuer` and `subject`; the rest is for the eye.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The issuer.
    pub issuer: String,
    /// The person, as that issuer numbers people.
    pub subject: String,
    /// What they are called; cleaned and cut.
    pub name: Option<String>,
    /// The account, such as an e-mail address; cleaned and cut.
    pub account: Option<String>,
}

/// What the token is checked against.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who must have issued it, and with which keys.
    pub provider: &'a Provider,
    /// Whom it must be for.
    pub app_id: &'a str,
    /// The attempt's nonce; none when renewing.
    pub nonce: Option<&'a Secret>,
    /// The access token that came with it.
    pub access: &'a Secret,
    /// The time now.
    pub now: Time,
}

/// Which check failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IdTokenError {
    /// None came, although it was granted.
    Missing,
    /// Not three parts of base64url JSON, doubled members, or too large.
    Malformed,
    /// An algorithm that was not announced, or one that proves nothing.
    Algorithm,
    /// It demands an extension (RFC 7515 §4.1.11).
    Critical,
    /// No key of the server verifies it.
    Signature,
    /// The keys could not be fetched.
    KeysUnreachable(HttpError),
    /// The key set cannot be used.
    KeysUnusable,
    /// A claim is missing, of the wrong type or of the wrong value.
    Claim(&'static str),
    /// It was issued minutes from now: a clock is wrong.
    Clock,
}

impl IdTokenError {
    /// The finding in words for people.
    pub fn problem(&self) -> Problem {
        let why = match self {
            Self::KeysUnreachable(error) => {
                return Problem::new(
                    Code::KeysUnusable,
                    format!("The server's signing keys could not be fetched: {}", network(error).message),
                );
            }
            Self::KeysUnusable => {
                return Problem::new(
                    Code::KeysUnusable,
                    "The server's signing keys cannot be used. Nothing was stored.",
                );
            }
            Self::Clock => {
                return Problem::new(
                    Code::ClockWrong,
                    "This computer's clock is minutes behind the server. Sign-ins fail until it is right.",
                );
            }
            Self::Missing => "it is missing",
            Self::Malformed => "it is malformed",
            Self::Algorithm => "its algorithm is not one the server announced",
            Self::Critical => "it demands something unknown",
            Self::Signature => "its signature is wrong",
            Self::Claim(claim) => {
                return Problem::new(
                    Code::IdTokenInvalid,
                    format!("The server's proof of who you are is not valid ({claim}). Nothing was stored."),
                );
            }
        };
        Problem::new(Code::IdTokenInvalid, format!("The server's proof of who you are is not valid: {why}."))
    }
}

impl fmt::Display for IdTokenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem().message)
    }
}

impl std::error::Error for IdTokenError {}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<serde_json::Value>,
    b64: Option<serde_json::Value>,
    enc: Option<serde_json::Value>,
}

/// Deriving refuses doubled claims and wrong types. Claims for the eye may have any type, and are used if they are text.
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    sub: Option<String>,
    aud: Option<Audience>,
    azp: Option<String>,
    exp: Option<f64>,
    iat: Option<f64>,
    nbf: Option<f64>,
    nonce: Option<String>,
    at_hash: Option<String>,
    name: Option<serde_json::Value>,
    preferred_username: Option<serde_json::Value>,
    email: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// Validates `token` and says who it is about.
///
/// # Errors
/// The first check that fails. Nothing of the token may be used then, nor of what came with it.
pub async fn validate(http: &Http, token: &Secret, expected: Expected<'_>) -> Result<Identity, IdTokenError> {
    let text = token.expose();
    let mut parts = text.split('.');
    let (Some(header), Some(claims), Some(signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(IdTokenError::Malformed);
    };
    if text.len() > TOKEN_CAP || signature.is_empty() {
        return Err(IdTokenError::Malformed);
    }
    let signed = text.get(..header.len() + 1 + claims.len()).ok_or(IdTokenError::Malformed)?;
    let header: Header = decode(header)?;
    if header.crit.is_some() || header.b64.is_some() || header.enc.is_some() {
        return Err(IdTokenError::Critical);
    }
    let algorithm = announced(&header.alg, expected.provider)?;
    let signature_fits = |keys: &[Jwk]| {
        candidates(keys, algorithm, header.kid.as_deref()).iter().any(|key| {
            DecodingKey::from_jwk(key)
                .and_then(|key| jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key, algorithm))
                .unwrap_or(false)
        })
    };
    let keys = fetch_keys(http, expected.provider).await?;
    if !signature_fits(&keys) {
        // The keys may have been rotated just now: look once more, if the token names one that is not there.
        let known = keys.iter().any(|key| header.kid.is_some() && key.common.key_id == header.kid);
        let unknown = header.kid.is_some() && !known;
        if !unknown || !signature_fits(&fetch_keys(http, expected.provider).await?) {
            return Err(IdTokenError::Signature);
        }
    }
    judge(decode(claims)?, algorithm, expected)
}

fn decode<T: for<'de> Deserialize<'de>>(part: &str) -> Result<T, IdTokenError> {
    let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(part).map_err(|_| IdTokenError::Malformed)?);
    serde_json::from_slice(&bytes).map_err(|_| IdTokenError::Malformed)
}

/// The list comes from the server's description, never from the token (RFC 8725 §3.1); RS256 where it is silent.
fn announced(name: &str, provider: &Provider) -> Result<Algorithm, IdTokenError> {
    let algorithm = match name {
        "RS256" => Algorithm::RS256,
        "RS384" => Algorithm::RS384,
        "RS512" => Algorithm::RS512,
        "PS256" => Algorithm::PS256,
        "PS384" => Algorithm::PS384,
        "PS512" => Algorithm::PS512,
        "ES256" => Algorithm::ES256,
        "ES384" => Algorithm::ES384,
        "EdDSA" => Algorithm::EdDSA,
        _ => return Err(IdTokenError::Algorithm),
    };
    let listed = if provider.signing_algs.is_empty() {
        name == "RS256"
    } else {
        provider.signing_algs.iter().any(|entry| entry == name)
    };
    if listed { Ok(algorithm) } else { Err(IdTokenError::Algorithm) }
}

async fn fetch_keys(http: &Http, provider: &Provider) -> Result<Vec<Jwk>, IdTokenError> {
    #[derive(Deserialize)]
    struct KeySet {
        keys: Vec<serde_json::Value>,
    }
    let address = provider.jwks_uri.as_ref().ok_or(IdTokenError::KeysUnusable)?;
    let reply = http.get(address, "application/json").await.map_err(IdTokenError::KeysUnreachable)?;
    let set: KeySet = serde_json::from_slice(&reply.body).map_err(|_| IdTokenError::KeysUnusable)?;
    if reply.status != 200 || set.keys.len() > KEYS_CAP {
        return Err(IdTokenError::KeysUnusable);
    }
    // Keys of kinds unknown to us are no error (RFC 7517 §5).
    Ok(set.keys.into_iter().filter_map(|key| serde_json::from_value(key).ok()).collect())
}

fn candidates<'a>(keys: &'a [Jwk], algorithm: Algorithm, kid: Option<&str>) -> Vec<&'a Jwk> {
    keys.iter()
        .filter(|key| key.common.public_key_use.as_ref().is_none_or(|used| *used == PublicKeyUse::Signature))
        .filter(|key| {
            key.common
                .key_algorithm
                .as_ref()
                .is_none_or(|stated| stated.to_string() == format!("{algorithm:?}"))
        })
        .filter(|key| fits(&key.algorithm, algorithm))
        .filter(|key| kid.is_none() || key.common.key_id.as_deref() == kid)
        .take(TRIES)
        .collect()
}

/// The kind of key for the algorithm, of a strength that counts (RFC 7518 §3.3).
fn fits(key: &AlgorithmParameters, algorithm: Algorithm) -> bool {
    match (algorithm, key) {
        (
            Algorithm::RS256
            | Algorithm::RS384
            | Algorithm::RS512
            | Algorithm::PS256
            | Algorithm::PS384
            | Algorithm::PS512,
            AlgorithmParameters::RSA(rsa),
        ) => {
            let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap_or_default();
            let (modulus, exponent) = (bytes(&rsa.n), bytes(&rsa.e));
            let modulus = modulus.iter().skip_while(|byte| **byte == 0).count();
            modulus >= 2048 / 8 && exponent.iter().skip_while(|byte| **byte == 0).ne([1].iter())
        }
        (Algorithm::ES256 | Algorithm::ES384, AlgorithmParameters::EllipticCurve(_))
        | (Algorithm::EdDSA, AlgorithmParameters::OctetKeyPair(_)) => true,
        _ => false,
    }
}

fn judge(claims: Claims, algorithm: Algorithm, expected: Expected<'_>) -> Result<Identity, IdTokenError> {
    if claims.iss.as_deref() != Some(expected.provider.issuer.as_str()) {
        return Err(IdTokenError::Claim("iss"));
    }
    let for_us = match &claims.aud {
        Some(Audience::One(one)) => one == expected.app_id,
        Some(Audience::Many(many)) => many.len() == 1 && many.iter().all(|one| one == expected.app_id),
        None => false,
    };
    if !for_us {
        return Err(IdTokenError::Claim("aud"));
    }
    if claims.azp.as_ref().is_some_and(|azp| azp != expected.app_id) {
        return Err(IdTokenError::Claim("azp"));
    }
    let (now, skew) = (expected.now.timestamp() as f64, SKEW as f64);
    let issued = claims.iat.ok_or(IdTokenError::Claim("iat"))?;
    if issued > now + CLOCK_WRONG as f64 {
        return Err(IdTokenError::Clock);
    }
    if claims.exp.ok_or(IdTokenError::Claim("exp"))? + skew < now {
        return Err(IdTokenError::Claim("exp"));
    }
    if claims.nbf.is_some_and(|nbf| nbf - skew > now) {
        return Err(IdTokenError::Claim("nbf"));
    }
    if let Some(nonce) = expected.nonce
        && !claims.nonce.as_ref().is_some_and(|found| nonce.matches(found))
    {
        return Err(IdTokenError::Claim("nonce"));
    }
    if claims.at_hash.is_some_and(|found| found != at_hash(expected.access, algorithm)) {
        return Err(IdTokenError::Claim("at_hash"));
    }
    let subject = claims
        .sub
        .filter(|sub| !sub.is_empty() && sub.len() <= SUBJECT_CAP)
        .ok_or(IdTokenError::Claim("sub"))?;
    let text =
        |value: Option<serde_json::Value>| cleaned(value.as_ref().and_then(serde_json::Value::as_str), SHOWN);
    Ok(Identity {
        issuer: expected.provider.issuer.clone(),
        subject,
        name: text(claims.name),
        account: text(claims.preferred_username).or_else(|| text(claims.email)),
    })
}

/// OpenID Connect Core §3.1.3.6: the left half of the hash that the signature uses.
fn at_hash(access: &Secret, algorithm: Algorithm) -> String {
    let text = access.expose().as_bytes();
    let hash = if matches!(algorithm, Algorithm::RS384 | Algorithm::PS384 | Algorithm::ES384) {
        Sha384::digest(text).to_vec()
    } else if matches!(algorithm, Algorithm::RS512 | Algorithm::PS512 | Algorithm::EdDSA) {
        Sha512::digest(text).to_vec()
    } else {
        Sha256::digest(text).to_vec()
    };
    URL_SAFE_NO_PAD.encode(hash.get(..hash.len() / 2).unwrap_or_default())
}

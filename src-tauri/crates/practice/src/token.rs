//! The token endpoint (RFC 6749 §3.2, RFC 7636 §4.6): codes and refresh tokens become access tokens, each exactly once.

use axum::body::Bytes;
use axum::extract;
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::errors::{OAuthError, bare, no_store};
use crate::grants::{CODE_SECONDS, REFRESH_SECONDS, RefreshState};
use crate::mint::{Grant, token_response};
use crate::options::Reuse;
use crate::params::Params;
use crate::random::sha256;
use crate::seed::AppKind;
use crate::state::{State, Store};

pub(crate) async fn exchange(
    extract::State(practice): extract::State<State>,
    uri: Uri,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let params = match form(&uri, &headers, &body) {
        Ok(params) => params,
        Err(error) => return error.into_response(),
    };
    let client_id = match client(&practice, &headers, &params) {
        Ok(client_id) => client_id,
        Err(error) => return error.into_response(),
    };
    let mut guard = practice.lock();
    let store = &mut *guard;
    match params.get("grant_type") {
        Some("authorization_code") => match redeem_code(&practice, store, &client_id, &params) {
            Ok(response) => {
                store.stats.code_exchanges += 1;
                response
            }
            Err(error) => {
                store.stats.code_exchanges_refused += 1;
                error.into_response()
            }
        },
        Some("refresh_token") => {
            let outcome = redeem_refresh(&practice, store, &client_id, &params);
            match outcome {
                Ok(response) => {
                    store.stats.refreshes += 1;
                    response
                }
                Err(code) => {
                    store.stats.refreshes_refused += 1;
                    bare(&code)
                }
            }
        }
        Some("client_credentials" | "password") => OAuthError::UnauthorizedClient.into_response(),
        Some(_) => OAuthError::UnsupportedGrantType.into_response(),
        None => OAuthError::InvalidRequest.into_response(),
    }
}

/// Reads a form as strictly as the token endpoint must: from the body only, in the one content type, nothing twice.
pub(crate) fn form(uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Result<Params, OAuthError> {
    let content_type = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media_type = content_type.split(';').next().unwrap_or_default().trim();
    if uri.query().is_some() || !media_type.eq_ignore_ascii_case("application/x-www-form-urlencoded") {
        return Err(OAuthError::InvalidRequest);
    }
    Params::parse(body).map_err(|_| OAuthError::InvalidRequest)
}

/// The client that asks. Only the non-confidential application passes: the others would need a secret that nobody was
/// given, and a public client that sends one does not know what it is.
pub(crate) fn client(practice: &State, headers: &HeaderMap, params: &Params) -> Result<String, OAuthError> {
    let client_id = params.get("client_id").ok_or(OAuthError::InvalidClient)?;
    let app = practice.world().app(client_id).ok_or(OAuthError::InvalidClient)?;
    if app.kind != AppKind::NonConfidential
        || headers.contains_key(AUTHORIZATION)
        || params.has("client_secret")
        || params.has("client_assertion")
    {
        return Err(OAuthError::InvalidClient);
    }
    Ok(app.id.clone())
}

fn redeem_code(
    practice: &State,
    store: &mut Store,
    client_id: &str,
    params: &Params,
) -> Result<Response, OAuthError> {
    if let Some(verifier) = params.get("code_verifier") {
        store.remember("code_verifier", verifier);
    }
    let presented = params.get("code").ok_or(OAuthError::InvalidGrant)?;
    // Taken out before anything is checked: whatever is wrong with this attempt, there is no second one.
    let Some(code) = store.grants.codes.remove(presented) else {
        if let (Reuse::RevokeFamily, Some(Some(family))) =
            (practice.options().reuse, store.grants.spent_codes.get(presented).copied())
        {
            store.grants.revoke_refresh_where(|token| token.family == family);
            store.grants.revoke_access_where(|token| token.family == family);
        }
        return Err(OAuthError::InvalidGrant);
    };
    store.grants.spent_codes.insert(presented.to_owned(), None);
    if code.request.client_id != client_id || store.clock.now() >= code.issued_at + CODE_SECONDS {
        return Err(OAuthError::InvalidGrant);
    }
    match params.get("redirect_uri") {
        None => return Err(OAuthError::UnauthorizedClient),
        Some(uri) if uri != code.request.redirect_uri => return Err(OAuthError::InvalidGrant),
        Some(_) => {}
    }
    let verifier = params.get("code_verifier").ok_or(OAuthError::InvalidGrant)?;
    if !is_verifier(verifier) || URL_SAFE_NO_PAD.encode(sha256(verifier.as_bytes())) != code.request.challenge
    {
        return Err(OAuthError::InvalidGrant);
    }
    let family = store.grants.new_family();
    store.grants.spent_codes.insert(presented.to_owned(), Some(family));
    let grant = Grant {
        client_id,
        scopes: &code.request.scopes,
        access_scopes: &code.request.scopes,
        sign_in: &code.sign_in,
        nonce: code.request.nonce.as_deref(),
        family,
        created_at: store.clock.now(),
    };
    let response = token_response(store, practice.world(), &practice.issuer(), &grant);
    Ok(no_store(StatusCode::OK, &response))
}

/// 43 to 128 unreserved characters (RFC 7636 §4.1).
fn is_verifier(verifier: &str) -> bool {
    (43..=128).contains(&verifier.len())
        && verifier.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~'))
}

fn redeem_refresh(
    practice: &State,
    store: &mut Store,
    client_id: &str,
    params: &Params,
) -> Result<Response, String> {
    let refused = || OAuthError::InvalidGrant.code().to_owned();
    let presented = params.get("refresh_token").ok_or_else(refused)?;
    let now = store.clock.now();
    if let Some(error) = store.refuse_next_refresh.take() {
        if let (true, Some(token)) = (error == refused(), store.grants.refresh.get_mut(presented)) {
            token.state = RefreshState::Revoked;
        }
        return Err(error);
    }
    let token = store.grants.refresh.get(presented).cloned().ok_or_else(refused)?;
    if token.state == RefreshState::Used {
        store.stats.refresh_reuses += 1;
        if practice.options().reuse == Reuse::RevokeFamily {
            store.grants.revoke_refresh_where(|other| other.family == token.family);
        }
        return Err(refused());
    }
    if token.state == RefreshState::Revoked
        || token.client_id != client_id
        || now >= token.created_at + REFRESH_SECONDS
    {
        return Err(refused());
    }
    let access_scopes = match params.get("scope") {
        Some(asked) if practice.options().narrow => narrowed(&token.scopes, asked)?,
        Some(_) | None => token.scopes.clone(),
    };
    if let Some(kept) = store.grants.refresh.get_mut(presented) {
        kept.state = RefreshState::Used;
    }
    let grant = Grant {
        client_id,
        scopes: &token.scopes,
        access_scopes: &access_scopes,
        sign_in: &token.sign_in,
        nonce: None,
        family: token.family,
        created_at: token.created_at,
    };
    let response = token_response(store, practice.world(), &practice.issuer(), &grant);
    Ok(no_store(StatusCode::OK, &response))
}

/// The asked scopes, if every one was granted (RFC 6749 §6).
fn narrowed(granted: &[String], asked: &str) -> Result<Vec<String>, String> {
    let asked: Vec<String> = asked.split(' ').filter(|s| !s.is_empty()).map(String::from).collect();
    if asked.iter().all(|scope| granted.contains(scope)) {
        Ok(asked)
    } else {
        Err(OAuthError::InvalidScope.code().to_owned())
    }
}

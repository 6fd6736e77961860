//! The revocation endpoint (RFC 7009). An unknown token is a success: the client wanted it gone, and it is.

use axum::body::Bytes;
use axum::extract;
use axum::http::header::CACHE_CONTROL;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use crate::errors::OAuthError;
use crate::state::{State, Store};
use crate::token::{client, form};

pub(crate) async fn revoke(
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
    let Some(token) = params.get("token") else {
        return OAuthError::InvalidRequest.into_response();
    };
    let mut store = practice.lock();
    if end(&mut store, &client_id, token, practice.options().revocation_reaches_access) > 0 {
        store.stats.revocations += 1;
    }
    (StatusCode::OK, [(CACHE_CONTROL, "no-store")]).into_response()
}

/// Ends `token` if it belongs to `client_id`; the hint is not needed to find it. A refresh token takes its whole
/// family with it. Access tokens are signed statements that UiPath cannot take back, so they live on unless `reach`
/// is set, which also ends the family of a revoked access token.
fn end(store: &mut Store, client_id: &str, token: &str, reach: bool) -> usize {
    let grants = &mut store.grants;
    let refresh = grants.refresh.get(token).filter(|t| t.client_id == client_id).map(|t| t.family);
    let access = grants.access.get(token).filter(|t| t.client_id == client_id).map(|t| t.family);
    let ended = |family: Option<u64>| family.filter(|_| access.is_none() || reach);
    let Some(family) = ended(refresh.or(access)) else {
        return 0;
    };
    let mut count = grants.revoke_refresh_where(|t| t.family == family);
    if reach {
        count += grants.revoke_access_where(|t| t.family == family);
    }
    count
}

//! The userinfo endpoint (OpenID Connect Core §5.3).

use axum::extract;
use axum::http::header::WWW_AUTHENTICATE;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use serde_json::{Map, Value};

use crate::errors::{no_store, unauthorized};
use crate::mint::{profile_claims, subject};
use crate::orchestrator::access::bearer;
use crate::state::State;

pub(crate) async fn show(extract::State(practice): extract::State<State>, headers: HeaderMap) -> Response {
    let guard = practice.lock();
    let issuer = practice.issuer();
    let access = match bearer(&guard, &headers) {
        Ok(access) => access,
        Err(reason) => return unauthorized(&issuer, reason),
    };
    if !access.scopes.iter().any(|scope| scope == "openid") {
        let challenge = "Bearer error=\"insufficient_scope\", scope=\"openid\"";
        return (StatusCode::FORBIDDEN, [(WWW_AUTHENTICATE, challenge)]).into_response();
    }
    let world = practice.world();
    let mut claims = Map::new();
    claims.insert("sub".into(), subject(world, access.user).into());
    if let Some(user) = world.user(access.user) {
        claims.extend(profile_claims(user, &access.scopes));
    }
    no_store(StatusCode::OK, &Value::Object(claims))
}

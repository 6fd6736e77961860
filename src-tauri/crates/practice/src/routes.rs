//! Which address is answered by whom.

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::StatusCode;
use axum::routing::{any, get, post};

use crate::state::State;
use crate::{
    authorize, discovery, end_session, front, jwks, login, orchestrator, pages, revoke, sheet, token,
    userinfo,
};

/// The largest body that is read, in bytes: a queue item may be large.
const BODY_LIMIT: usize = 1024 * 1024;

pub(crate) fn router(practice: State) -> Router {
    let identity = Router::new()
        .route("/.well-known/openid-configuration", get(discovery::document))
        .route("/.well-known/openid-configuration/jwks", get(jwks::key_set))
        // A HEAD request must not use up anything or sign anybody in.
        .route("/connect/authorize", get(authorize::start).head(refused))
        .route("/connect/token", post(token::exchange))
        .route("/connect/userinfo", get(userinfo::show).post(userinfo::show))
        .route("/connect/revocation", post(revoke::revoke))
        .route("/connect/endsession", get(end_session::start).head(refused).post(end_session::confirm))
        .route("/web/", get(pages::error_page))
        .route("/web/login", get(login::login_page).post(login::submit));
    Router::new()
        .nest("/identity_", identity)
        .route("/", get(front::page))
        .route("/practice/style.css", get(pages::stylesheet))
        .route("/practice/sheet.toml", get(sheet::as_toml))
        .route("/practice/sheet.json", get(sheet::as_json))
        .route("/{organization}/{tenant}/orchestrator_/{*rest}", any(orchestrator::call))
        .fallback(pages::not_found)
        .layer(DefaultBodyLimit::max(BODY_LIMIT))
        .with_state(practice)
}

async fn refused() -> StatusCode {
    StatusCode::METHOD_NOT_ALLOWED
}

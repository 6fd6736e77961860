//! OpenID Provider metadata (OpenID Connect Discovery 1.0 §3, RFC 8414 §2), with the members UiPath's library emits
//! and this tenant honours.

use axum::Json;
use axum::extract;
use serde_json::{Value, json};

use crate::seed::IDENTITY_SCOPES;
use crate::state::State;

pub(crate) async fn document(extract::State(practice): extract::State<State>) -> Json<Value> {
    let issuer = practice.issuer();
    let mut scopes: Vec<&str> = IDENTITY_SCOPES.to_vec();
    scopes.extend(&practice.world().app_for_sheet().user_scopes);
    Json(json!({
        "issuer": issuer,
        "jwks_uri": format!("{issuer}/.well-known/openid-configuration/jwks"),
        "authorization_endpoint": format!("{issuer}/connect/authorize"),
        "token_endpoint": format!("{issuer}/connect/token"),
        "userinfo_endpoint": format!("{issuer}/connect/userinfo"),
        "end_session_endpoint": format!("{issuer}/connect/endsession"),
        "revocation_endpoint": format!("{issuer}/connect/revocation"),
        "require_pushed_authorization_requests": false,
        "frontchannel_logout_supported": false,
        "backchannel_logout_supported": false,
        "scopes_supported": scopes,
        "claims_supported": [
            "sub", "name", "given_name", "family_name", "preferred_username", "email", "email_verified"
        ],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "response_types_supported": ["code"],
        "response_modes_supported": ["query"],
        "token_endpoint_auth_methods_supported": ["none"],
        "revocation_endpoint_auth_methods_supported": ["none"],
        "id_token_signing_alg_values_supported": ["RS256"],
        "subject_types_supported": ["public"],
        // UiPath lists `plain` too and then refuses it; this list says what is true.
        "code_challenge_methods_supported": ["S256"],
        "request_parameter_supported": false,
        "request_uri_parameter_supported": false,
        "prompt_values_supported": ["none", "login", "consent", "select_account"],
        "authorization_response_iss_parameter_supported": true,
    }))
}

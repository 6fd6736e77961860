//! The public keys that verify this tenant's signatures (RFC 7517 §5).

use axum::Json;
use axum::extract;
use serde_json::{Value, json};

use crate::state::State;

pub(crate) async fn key_set(extract::State(practice): extract::State<State>) -> Json<Value> {
    Json(json!({ "keys": [practice.lock().keys.jwk()] }))
}

//! Making tokens: access tokens with the claims UiPath's carry, ID tokens (OpenID Connect Core §2), refresh tokens.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value, json};

use crate::grants::{Access, Hint, Refresh, RefreshState, SignIn};
use crate::random::sha256;
use crate::seed::{User, World};
use crate::state::Store;

/// The audience of every `OR.` scope.
pub(crate) const ORCHESTRATOR_AUDIENCE: &str = "UiPath.Orchestrator";
/// ID tokens live five minutes.
const ID_TOKEN_SECONDS: i64 = 300;

/// What a token response is made from.
pub(crate) struct Grant<'a> {
    pub(crate) client_id: &'a str,
    /// What the sign-in was granted; the refresh token always carries all of it.
    pub(crate) scopes: &'a [String],
    /// What this access token gets: `scopes`, or fewer.
    pub(crate) access_scopes: &'a [String],
    pub(crate) sign_in: &'a SignIn,
    pub(crate) nonce: Option<&'a str>,
    pub(crate) family: u64,
    /// When the person signed in, inherited by every refresh token.
    pub(crate) created_at: i64,
}

/// The token response (RFC 6749 §5.1). The order of members is UiPath's.
pub(crate) fn token_response(store: &mut Store, world: &World, issuer: &str, grant: &Grant<'_>) -> Value {
    let now = store.clock.now();
    let has = |scope: &str| grant.scopes.iter().any(|granted| granted == scope);
    let mut response = Map::new();
    let access_token = mint_access(store, world, issuer, grant, now);
    if has("openid") {
        response.insert("id_token".into(), mint_id(store, world, issuer, grant, now, &access_token).into());
    }
    response.insert("access_token".into(), access_token.into());
    response.insert("expires_in".into(), store.access_lifetime.into());
    response.insert("token_type".into(), "Bearer".into());
    if has("offline_access") {
        response.insert("refresh_token".into(), mint_refresh(store, grant).into());
    }
    response.insert("scope".into(), grant.access_scopes.join(" ").into());
    Value::Object(response)
}

fn mint_access(store: &mut Store, world: &World, issuer: &str, grant: &Grant<'_>, now: i64) -> String {
    let sign_in = grant.sign_in;
    let expires_at = now + store.access_lifetime;
    let mut claims = json!({
        "iss": issuer,
        "aud": audience(issuer, grant.access_scopes),
        "sub": subject(world, sign_in.user),
        "sub_type": "user",
        "client_id": grant.client_id,
        "prt_id": world.organization_id,
        "scope": grant.access_scopes,
        "iat": now,
        "nbf": now,
        "exp": expires_at,
        "auth_time": sign_in.at,
        "jti": store.random.guid(),
        "sid": sign_in.sid,
        "idp": "local",
        "amr": ["practice"],
        "ext_idp_disp_name": "GlobalIdp",
    });
    if let (Some(user), Some(map)) = (world.user(sign_in.user), claims.as_object_mut()) {
        map.extend(profile_claims(user, grant.access_scopes));
    }
    let token = store.keys.sign("at+jwt", &claims);
    store.remember("access_token", &token);
    store.grants.access.insert(
        token.clone(),
        Access {
            user: sign_in.user,
            client_id: grant.client_id.to_owned(),
            scopes: grant.access_scopes.to_vec(),
            expires_at,
            family: grant.family,
            revoked: false,
        },
    );
    token
}

fn mint_id(
    store: &mut Store,
    world: &World,
    issuer: &str,
    grant: &Grant<'_>,
    now: i64,
    access_token: &str,
) -> String {
    let sign_in = grant.sign_in;
    let mut claims = json!({
        "iss": issuer,
        "aud": grant.client_id,
        "sub": subject(world, sign_in.user),
        "iat": now,
        "nbf": now,
        "exp": now + ID_TOKEN_SECONDS,
        "auth_time": sign_in.at,
        "sid": sign_in.sid,
        "idp": "local",
        "amr": ["practice"],
        // The left half of the access token's SHA-256 (OpenID Connect Core §3.1.3.6).
        "at_hash": URL_SAFE_NO_PAD.encode(&sha256(access_token.as_bytes())[..16]),
    });
    if let Some(map) = claims.as_object_mut() {
        if let Some(nonce) = grant.nonce {
            map.insert("nonce".into(), nonce.into());
        }
        if let Some(user) = world.user(sign_in.user) {
            map.extend(profile_claims(user, grant.scopes));
        }
    }
    let token = store.keys.sign("JWT", &claims);
    store.remember("id_token", &token);
    let hint = Hint { client_id: grant.client_id.to_owned(), user: sign_in.user, sid: sign_in.sid.clone() };
    store.grants.hints.insert(token.clone(), hint);
    token
}

fn mint_refresh(store: &mut Store, grant: &Grant<'_>) -> String {
    let token = store.random.grant();
    store.remember("refresh_token", &token);
    store.grants.refresh.insert(
        token.clone(),
        Refresh {
            client_id: grant.client_id.to_owned(),
            scopes: grant.scopes.to_vec(),
            sign_in: grant.sign_in.clone(),
            created_at: grant.created_at,
            family: grant.family,
            state: RefreshState::Live,
        },
    );
    token
}

/// The API resources the scopes reach; a token for none of them is for the server itself.
fn audience(issuer: &str, scopes: &[String]) -> String {
    if scopes.iter().any(|scope| scope.starts_with("OR.")) {
        ORCHESTRATOR_AUDIENCE.to_owned()
    } else {
        format!("{issuer}/resources")
    }
}

pub(crate) fn subject<'a>(world: &'a World, user: &str) -> &'a str {
    world.user(user).map_or("", |user| user.subject.as_str())
}

/// The claims `profile` and `email` ask for (OpenID Connect Core §5.4).
pub(crate) fn profile_claims(user: &User, scopes: &[String]) -> Map<String, Value> {
    let mut claims = Map::new();
    if scopes.iter().any(|scope| scope == "profile") {
        claims.insert("name".into(), user.name().into());
        claims.insert("given_name".into(), user.first.into());
        claims.insert("family_name".into(), user.last.into());
        claims.insert("first_name".into(), user.first.into());
        claims.insert("last_name".into(), user.last.into());
        claims.insert("preferred_username".into(), user.email.into());
    }
    if scopes.iter().any(|scope| scope == "email") {
        claims.insert("email".into(), user.email.into());
        claims.insert("email_verified".into(), true.into());
    }
    claims
}

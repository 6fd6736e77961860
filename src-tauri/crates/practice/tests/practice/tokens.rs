//! Codes, tokens, rotation, revocation, userinfo.

use attendant_practice::{Options, Reuse};
use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::Value;

use crate::client::{REDIRECT, SCOPES, START, Tenant, Tokens, VERIFIER, encode};

const DAY: i64 = 24 * 3600;

/// The claims of `token`, after a maintained library checked signature, issuer and audience.
fn verified(tenant: &Tenant, token: &str, audience: &str) -> Value {
    let keys = tenant.get("/identity_/.well-known/openid-configuration/jwks", &[]).body;
    let keys: JwkSet = serde_json::from_str(&keys).unwrap();
    let kid = decode_header(token).unwrap().kid.unwrap();
    let key = DecodingKey::from_jwk(keys.find(&kid).unwrap()).unwrap();
    let mut validation = Validation::new(Algorithm::RS256);
    validation.set_issuer(&[tenant.state.issuer()]);
    validation.set_audience(&[audience]);
    // The tenant's clock stands elsewhere; the tests look at the times themselves.
    validation.validate_exp = false;
    validation.validate_nbf = false;
    decode::<Value>(token, &key, &validation).unwrap().claims
}

#[test]
fn token_response_has_uipaths_shape_and_signed_claims() {
    let tenant = Tenant::start();
    let reply = tenant.exchange(&tenant.code("pat", &[]), &[]);
    assert_eq!(reply.status, 200);
    assert_eq!(reply.header("cache-control"), "no-store");
    let body = reply.json();
    assert_eq!(body["expires_in"], 3600);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["scope"], SCOPES);
    let tokens = Tokens::of(&reply);
    let claims = verified(&tenant, &tokens.access, "UiPath.Orchestrator");
    assert_eq!(claims["exp"], START + 3600);
    assert_eq!(claims["iat"], START);
    assert_eq!(claims["client_id"], tenant.state.app_id());
    assert_eq!(claims["sub_type"], "user");
    assert_eq!(claims["scope"].as_array().unwrap().len(), SCOPES.split(' ').count());
    for name in ["sub", "prt_id", "jti", "sid", "auth_time", "idp", "amr", "ext_idp_disp_name"] {
        assert!(!claims[name].is_null(), "{name}");
    }
    let id = verified(&tenant, &tokens.id, tenant.state.app_id());
    assert_eq!(id["nonce"], "nonce-1");
    assert_eq!(id["exp"], START + 300);
    assert_eq!(id["email"], "pat.practice@example.test");
    assert_eq!(id["sub"], claims["sub"]);
    assert_eq!(id["at_hash"].as_str().unwrap().len(), 22);
}

#[test]
fn tokens_follow_the_scopes() {
    let tenant = Tenant::start();
    let bare = tenant.exchange(&tenant.code("pat", &[("scope", Some("OR.Folders.Read"))]), &[]).json();
    assert!(bare.get("refresh_token").is_none() && bare.get("id_token").is_none());
    let id_only = tenant.sign_in_for("pat", "openid");
    let id = verified(&tenant, &id_only.id, tenant.state.app_id());
    assert!(id.get("email").is_none() && id.get("name").is_none());
}

#[test]
fn b16_323_another_run_has_another_key_and_refuses_this_ones_token() {
    let (one, other) = (Tenant::start(), Tenant::start());
    let token = one.sign_in("pat").access;
    assert_eq!(one.folders(&token).status, 200);
    assert_eq!(other.folders(&token).status, 401);
    let kid = |tenant: &Tenant| {
        tenant.get("/identity_/.well-known/openid-configuration/jwks", &[]).json()["keys"][0]["kid"].clone()
    };
    assert_ne!(kid(&one), kid(&other));
}

#[test]
fn b16_324_code_works_once() {
    let tenant = Tenant::start();
    let code = tenant.code("pat", &[]);
    let tokens = Tokens::of(&tenant.exchange(&code, &[]));
    assert_eq!(tenant.exchange(&code, &[]).bare_error(), "invalid_grant");
    assert_eq!(tenant.refresh(&tokens.refresh).status, 200);
    let stats = tenant.stats();
    assert_eq!((stats.code_exchanges, stats.code_exchanges_refused), (1, 1));
}

#[test]
fn b16_324_wrong_missing_short_or_long_verifier_burns_the_code() {
    let tenant = Tenant::start();
    let long = "a".repeat(129);
    let wrong = VERIFIER.replace('d', "e");
    let spaced = format!("{VERIFIER} ");
    for verifier in
        [None, Some(&VERIFIER[..42]), Some(long.as_str()), Some(wrong.as_str()), Some(spaced.as_str())]
    {
        let code = tenant.code("pat", &[]);
        let reply = tenant.exchange(&code, &[("code_verifier", verifier)]);
        assert_eq!(reply.bare_error(), "invalid_grant", "{verifier:?}");
        assert_eq!(
            tenant.exchange(&code, &[]).bare_error(),
            "invalid_grant",
            "not burned after {verifier:?}"
        );
    }
}

#[test]
fn b16_324_challenge_itself_is_no_verifier() {
    let tenant = Tenant::start();
    let code = tenant.code("pat", &[]);
    let reply = tenant.exchange(&code, &[("code_verifier", Some(crate::client::CHALLENGE))]);
    assert_eq!(reply.bare_error(), "invalid_grant");
}

#[test]
fn b16_327_redirect_url_at_the_token_endpoint_is_compared_byte_for_byte() {
    let tenant = Tenant::start();
    let missing = tenant.exchange(&tenant.code("pat", &[]), &[("redirect_uri", None)]);
    assert_eq!(missing.bare_error(), "unauthorized_client");
    for other in [
        "http://localhost:8422/callback",
        "http://LOCALHOST:8421/callback",
        "http://localhost:8421/callback/",
    ] {
        let reply = tenant.exchange(&tenant.code("pat", &[]), &[("redirect_uri", Some(other))]);
        assert_eq!(reply.bare_error(), "invalid_grant", "{other}");
    }
}

#[test]
fn b16_332_code_lives_five_minutes() {
    let tenant = Tenant::start();
    let (in_time, late) = (tenant.code("pat", &[]), tenant.code("pat", &[]));
    tenant.advance(299);
    assert_eq!(tenant.exchange(&in_time, &[]).status, 200);
    tenant.advance(1);
    assert_eq!(tenant.exchange(&late, &[]).bare_error(), "invalid_grant");
}

#[test]
fn confidential_app_without_its_secret_is_invalid_client() {
    let tenant = Tenant::start();
    for id in [tenant.state.confidential_app_id(), tenant.state.application_scope_app_id(), "nobody"] {
        let reply = tenant.exchange("anything", &[("client_id", Some(id))]);
        assert_eq!(reply.bare_error(), "invalid_client", "{id}");
    }
    assert_eq!(tenant.exchange("anything", &[("client_id", None)]).bare_error(), "invalid_client");
    let with_secret = tenant.exchange("anything", &[("client_secret", Some("s"))]);
    assert_eq!(with_secret.bare_error(), "invalid_client");
}

#[test]
fn code_of_another_client_is_refused_and_burned() {
    let tenant = Tenant::start();
    let other = tenant.state.confidential_app_id().to_owned();
    let changes = [("client_id", Some(other.as_str())), ("scope", Some("OR.Queues.Write"))];
    let code = tenant.code("pat", &changes);
    assert_eq!(tenant.exchange(&code, &[]).bare_error(), "invalid_grant");
}

#[test]
fn grant_types_that_are_not_for_this_client_are_named() {
    let tenant = Tenant::start();
    let ask = |grant| tenant.exchange("x", &[("grant_type", grant)]).bare_error();
    assert_eq!(ask(Some("client_credentials")), "unauthorized_client");
    assert_eq!(ask(Some("urn:something")), "unsupported_grant_type");
    assert_eq!(ask(None), "invalid_request");
}

#[test]
fn b16_328_b16_329_token_endpoint_takes_one_form_in_the_body_only() {
    let tenant = Tenant::start();
    let path = "/identity_/connect/token";
    let form = encode(&[
        ("grant_type", "refresh_token"),
        ("client_id", tenant.state.app_id()),
        ("refresh_token", "x"),
    ]);
    assert_eq!(tenant.get(&format!("{path}?{form}"), &[]).status, 405);
    let kind = ("Content-Type", "application/x-www-form-urlencoded");
    let send = |path: &str, kind: (&str, &str), body: &str| {
        tenant.send("POST", path, &[kind], body).unwrap().bare_error()
    };
    assert_eq!(send(&format!("{path}?{form}"), kind, ""), "invalid_request");
    assert_eq!(send(path, ("Content-Type", "application/json"), &form), "invalid_request");
    assert_eq!(send(path, kind, &format!("{form}&refresh_token=y")), "invalid_request");
    assert_eq!(send(path, kind, &format!("{form}&unheard_of=y")), "invalid_grant");
}

#[test]
fn refresh_token_rotates_and_works_once() {
    let tenant = Tenant::start();
    let first = tenant.sign_in("pat");
    let second = Tokens::of(&tenant.refresh(&first.refresh));
    assert_ne!(first.refresh, second.refresh);
    assert_ne!(first.access, second.access);
    assert_eq!(tenant.refresh(&first.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.refresh(&second.refresh).status, 200, "a reuse must not end the family by default");
    let stats = tenant.stats();
    assert_eq!((stats.refreshes, stats.refreshes_refused, stats.refresh_reuses), (2, 1, 1));
}

#[test]
fn b16_325_reuse_can_end_the_whole_family() {
    let tenant = Tenant::with(Options { reuse: Reuse::RevokeFamily, ..Options::default() });
    let first = tenant.sign_in("pat");
    let second = Tokens::of(&tenant.refresh(&first.refresh));
    let stranger = tenant.sign_in("pat");
    assert_eq!(tenant.refresh(&first.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.refresh(&second.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.refresh(&stranger.refresh).status, 200, "another sign-in is another family");
}

#[test]
fn b16_324_code_reuse_can_end_the_family_too() {
    let tenant = Tenant::with(Options { reuse: Reuse::RevokeFamily, ..Options::default() });
    let code = tenant.code("pat", &[]);
    let tokens = Tokens::of(&tenant.exchange(&code, &[]));
    assert_eq!(tenant.exchange(&code, &[]).bare_error(), "invalid_grant");
    assert_eq!(tenant.refresh(&tokens.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.folders(&tokens.access).status, 401);
}

#[test]
fn refresh_tokens_live_60_days_from_the_sign_in_however_often_they_rotate() {
    let tenant = Tenant::start();
    let mut tokens = tenant.sign_in("pat");
    for _ in 0..5 {
        tenant.advance(10 * DAY);
        tokens = Tokens::of(&tenant.refresh(&tokens.refresh));
    }
    tenant.advance(10 * DAY - 1);
    tokens = Tokens::of(&tenant.refresh(&tokens.refresh));
    tenant.advance(1);
    assert_eq!(tenant.refresh(&tokens.refresh).bare_error(), "invalid_grant");
}

#[test]
fn refresh_ignores_scope_unless_narrowing_is_on() {
    let asked = [("scope", "OR.Folders.Read")];
    let tenant = Tenant::start();
    let ignored = tenant.refresh_with(&tenant.sign_in("pat").refresh, &asked).json();
    assert_eq!(ignored["scope"], SCOPES);

    let tenant = Tenant::with(Options { narrow: true, ..Options::default() });
    let narrowed = tenant.refresh_with(&tenant.sign_in("pat").refresh, &asked);
    assert_eq!(narrowed.json()["scope"], "OR.Folders.Read");
    let tokens = Tokens::of(&narrowed);
    let folder = [("X-UIPATH-FolderPath", "Finance")];
    assert_eq!(tenant.api("GET", "/odata/QueueDefinitions", &tokens.access, &folder, "").status, 403);
    let refused = tenant.refresh_with(&tokens.refresh, &[("scope", "OR.Machines")]);
    assert_eq!(refused.bare_error(), "invalid_scope");
    let whole = tenant.refresh(&tokens.refresh);
    assert_eq!(whole.json()["scope"], SCOPES, "the refresh token keeps what the sign-in was granted");
}

#[test]
fn b16_326_concurrent_redemptions_have_exactly_one_winner() {
    let tenant = Tenant::start();
    let winners = |attempt: &(dyn Fn() -> u16 + Sync)| {
        std::thread::scope(|scope| {
            let tries: Vec<_> = (0..8).map(|_| scope.spawn(attempt)).collect();
            tries.into_iter().map(|t| t.join().unwrap()).filter(|status| *status == 200).count()
        })
    };
    let code = tenant.code("pat", &[]);
    assert_eq!(winners(&|| tenant.exchange(&code, &[]).status), 1);
    let refresh = tenant.sign_in("pat").refresh;
    assert_eq!(winners(&|| tenant.refresh(&refresh).status), 1);
}

#[test]
fn userinfo_needs_a_token_with_openid() {
    let tenant = Tenant::start();
    let ask = |token: &str| {
        let bearer = format!("Bearer {token}");
        tenant.get("/identity_/connect/userinfo", &[("Authorization", &bearer)])
    };
    assert_eq!(tenant.get("/identity_/connect/userinfo", &[]).status, 401);
    assert_eq!(ask("made.up.token").status, 401);
    assert_eq!(ask(&tenant.sign_in_for("pat", "OR.Folders.Read").access).status, 403);
    let claims = ask(&tenant.sign_in_for("sam", "openid profile").access).json();
    assert_eq!(claims["name"], "Sam Sample");
    assert!(claims.get("email").is_none());
}

fn revoke(tenant: &Tenant, token: &str) -> u16 {
    let fields =
        [("token", token), ("token_type_hint", "refresh_token"), ("client_id", tenant.state.app_id())];
    tenant.post_form("/identity_/connect/revocation", &fields, &[]).status
}

#[test]
fn b16_330_revocation_ends_the_refresh_token_and_leaves_access_tokens() {
    let tenant = Tenant::start();
    let tokens = tenant.sign_in("pat");
    assert_eq!(revoke(&tenant, &tokens.refresh), 200);
    assert_eq!(tenant.refresh(&tokens.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.folders(&tokens.access).status, 200);
    assert_eq!(revoke(&tenant, "unknown"), 200);
    assert_eq!(tenant.stats().revocations, 1);
    let spared = tenant.sign_in("pat");
    assert_eq!(revoke(&tenant, &spared.access), 200);
    assert_eq!(tenant.folders(&spared.access).status, 200);
    assert_eq!(tenant.refresh(&spared.refresh).status, 200);
}

#[test]
fn b16_330_revocation_can_reach_access_tokens_both_ways() {
    let tenant = Tenant::with(Options { revocation_reaches_access: true, ..Options::default() });
    let tokens = tenant.sign_in("pat");
    assert_eq!(revoke(&tenant, &tokens.refresh), 200);
    assert_eq!(tenant.folders(&tokens.access).status, 401);
    let tokens = tenant.sign_in("pat");
    assert_eq!(revoke(&tenant, &tokens.access), 200);
    assert_eq!(tenant.refresh(&tokens.refresh).bare_error(), "invalid_grant");
}

#[test]
fn revocation_checks_the_client() {
    let tenant = Tenant::start();
    let tokens = tenant.sign_in("pat");
    let fields = [("token", tokens.refresh.as_str()), ("client_id", "nobody")];
    let reply = tenant.post_form("/identity_/connect/revocation", &fields, &[]);
    assert_eq!(reply.bare_error(), "invalid_client");
    assert_eq!(tenant.refresh(&tokens.refresh).status, 200);
}

#[test]
fn other_redirect_urls_replace_the_usual_ones() {
    let own = "http://localhost:9911/cb".to_owned();
    let tenant = Tenant::with(Options { redirect_urls: vec![own.clone()], ..Options::default() });
    assert!(tenant.log_in("pat", &[("redirect_uri", Some(&own))]).header("location").starts_with(&own));
    let usual = tenant.get(&tenant.authorize_path(&[("redirect_uri", Some(REDIRECT))]), &[]);
    assert_eq!(usual.page_error(&tenant.base())["ErrorDescription"], "Invalid redirect_uri");
}

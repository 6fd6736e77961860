//! B5: what the token endpoint says, and whether the code or refresh token may be spent.

use super::rig::{Rig, describing, registration};
use super::scripted::{Scripted, description, ok, reply};
use crate::http::{Http, HttpError};
use crate::secret::Secret;
use crate::signin::discovery::{Provider, discover};
use crate::signin::exchange::{TokenError, Tokens, Unusable, refresh, revoke};
use attendant_protocol::Code;
use serde_json::{Value, json};
use std::time::Duration;

async fn provider(server: &Scripted) -> Provider {
    discover(&Http::new().unwrap(), &registration(&server.base)).await.unwrap()
}

/// Refreshes against a token endpoint that answers like this.
async fn answered(answer: impl Fn() -> Vec<u8> + Send + Sync + 'static) -> Result<Tokens, TokenError> {
    let server = Scripted::start(move |base, asked| {
        if asked.line.starts_with("POST /token") { answer() } else { ok(&description(base)) }
    })
    .await;
    let provider = provider(&server).await;
    let outcome = refresh(&Http::new().unwrap(), &provider, "app-1", &Secret::new("old".into()), None).await;
    assert_eq!(server.count("POST /token"), 1, "sent once, whatever comes");
    outcome
}

async fn given(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Result<Tokens, TokenError> {
    answered(move || {
        let mut body = json!({ "access_token": "at-1", "token_type": "Bearer", "expires_in": 3600, "refresh_token": "new" });
        change(&mut body);
        ok(&body)
    })
    .await
}

#[tokio::test]
async fn b2_031_033_what_is_asked_and_what_is_exchanged() {
    let server = Scripted::start(|base, asked| {
        if asked.line.starts_with("POST /token") {
            ok(&json!({ "access_token": "at", "token_type": "bearer" }))
        } else {
            ok(&description(base))
        }
    })
    .await;
    let mut registration = registration(&server.base);
    registration.app_id = "app & co".into();
    let mut rig = Rig::begin(&registration).await;
    let (state, challenge) = (rig.asked("state"), rig.asked("code_challenge"));
    assert_eq!((state.len(), challenge.len()), (43, 43));
    assert_eq!(
        (rig.asked("response_type"), rig.asked("code_challenge_method")),
        ("code".into(), "S256".into())
    );
    assert_eq!(rig.asked("scope"), "OR.Jobs offline_access");
    assert_eq!(
        (rig.asked("nonce"), rig.asked("prompt")),
        (String::new(), String::new()),
        "no openid, no nonce"
    );
    let mut browser = rig.started().await;
    browser.get(&rig.callback("code=a%2Bb+c&state=STATE")).await;
    let completed = rig.complete().await.unwrap();
    assert!(
        completed.identity.is_none()
            && completed.tokens.refresh.is_none()
            && completed.tokens.expires_in.is_none()
    );

    let form: Vec<(String, String)> =
        url::form_urlencoded::parse(server.bodies("POST /token")[0].as_bytes()).into_owned().collect();
    let value =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap();
    assert_eq!(form.len(), 5, "{form:?}");
    assert_eq!((value("grant_type"), value("code")), ("authorization_code", "a+b c"));
    assert_eq!((value("client_id"), value("redirect_uri")), ("app & co", rig.control.redirect_url()));
    use base64::Engine as _;
    use sha2::Digest as _;
    let hash = sha2::Sha256::digest(value("code_verifier"));
    assert_eq!(base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(hash), challenge);
    assert_ne!(value("code_verifier"), state);
}

#[tokio::test]
async fn b2_032_nothing_repeats() {
    let server = describing().await;
    let mut registration = registration(&server.base);
    registration.scopes.push("openid".into());
    let mut seen = std::collections::HashSet::new();
    for _ in 0..8 {
        let rig = Rig::begin(&registration).await;
        for name in ["state", "nonce", "code_challenge"] {
            assert!(seen.insert(rig.asked(name)), "{name} repeats");
        }
    }
}

#[tokio::test]
async fn b5_105_106_only_bearer_counts() {
    for kind in ["bearer", "BEARER", "Bearer"] {
        given(move |body| body["token_type"] = json!(kind)).await.unwrap();
    }
    for kind in [json!("mac"), json!("N_A"), json!("DPoP"), json!(null), json!("")] {
        let error = given(move |body| body["token_type"] = kind.clone()).await.unwrap_err();
        assert_eq!(error.problem().code, Code::TokenTypeUnsupported);
    }
}

#[tokio::test]
async fn b5_107_to_110_lifetimes_are_read_with_care() {
    for (text, seconds) in [
        ("3600", Some(3600)),
        ("\"3600\"", Some(3600)),
        ("3600.0", Some(3600)),
        ("0", Some(0)),
        ("-1", Some(0)),
        ("315360000", Some(86_400)),
        ("9223372036854775808", None),
        ("\"soon\"", None),
        ("\"NaN\"", None),
        ("null", None),
        ("{}", None),
    ] {
        let body = format!("{{\"access_token\":\"a\",\"token_type\":\"Bearer\",\"expires_in\":{text}}}");
        let tokens = answered(move || reply(200, "application/json", &body)).await.unwrap();
        assert_eq!(tokens.expires_in, seconds, "{text}");
    }
    let tokens = given(|body| {
        body.as_object_mut().unwrap().remove("expires_in");
    })
    .await
    .unwrap();
    assert_eq!(tokens.expires_in, None);
}

#[tokio::test]
async fn b5_111_to_113_tokens_no_header_could_carry_are_refused() {
    for token in [json!(null), json!(""), json!("a b"), json!("a\r\nX: y"), json!("t\u{f6}ken")] {
        let error = given(move |body| body["access_token"] = token.clone()).await.unwrap_err();
        assert!(matches!(error, TokenError::Invalid(_)), "{error:?}");
    }
    given(|body| body["access_token"] = json!("x".repeat(32 * 1024))).await.unwrap();
    let error = given(|body| body["access_token"] = json!("x".repeat(32 * 1024 + 1))).await.unwrap_err();
    assert_eq!(error, TokenError::Invalid(Unusable::TooLarge));
}

#[tokio::test]
async fn b5_114_116_117_the_real_scopes_are_told_and_extras_ignored() {
    let tokens = given(|body| {
        body["scope"] = json!("OR.Jobs.Read  openid");
        body["ext_expires_in"] = json!([1]);
    })
    .await
    .unwrap();
    assert_eq!(tokens.scope.unwrap(), ["OR.Jobs.Read", "openid"]);
    assert!(tokens.refresh.unwrap().matches("new"));
    let tokens = given(|body| body["refresh_token"] = json!(null)).await.unwrap();
    assert!(tokens.refresh.is_none());
}

#[tokio::test]
async fn b5_118_doubled_members_are_refused_and_never_quoted() {
    let error = answered(|| {
        reply(
            200,
            "application/json",
            "{\"access_token\":\"one-secret\",\"access_token\":\"two-secret\",\"token_type\":\"Bearer\"}",
        )
    })
    .await
    .unwrap_err();
    assert!(
        matches!(&error, TokenError::Invalid(Unusable::Form(what)) if what.contains("access_token")),
        "{error:?}"
    );
    let error = given(|body| body["refresh_token"] = json!(["a-secret"])).await.unwrap_err();
    assert!(!format!("{error:?}{error}").contains("secret"), "{error:?}");
}

#[tokio::test]
async fn b5_119_122_an_error_is_an_error_whatever_the_status() {
    let error = answered(|| ok(&json!({ "error": "invalid_grant" }))).await.unwrap_err();
    assert_eq!(error.problem().code, Code::InvalidGrant);
    for (status, word, code) in [
        (400, "invalid_grant", Code::InvalidGrant),
        (401, "invalid_client", Code::UnknownClient),
        (400, "unauthorized_client", Code::UnknownClient),
        (400, "invalid_scope", Code::InvalidScope),
        (400, "invalid_request", Code::ProviderRefused),
    ] {
        let error = answered(move || {
            reply(
                status,
                "application/json",
                &json!({ "error": word, "error_description": "no\u{202e}\u{1b}[31m" }).to_string(),
            )
        })
        .await
        .unwrap_err();
        let TokenError::Refused { code: found, error: kept, description } = &error else {
            panic!("{error:?}")
        };
        assert_eq!((*found, kept.as_str()), (code, word));
        assert_eq!(description.as_deref(), Some("no[31m"));
    }
}

#[tokio::test]
async fn b5_123_124_125_what_may_be_spent_is_told_apart() {
    for status in [500, 502, 503, 504] {
        let error = answered(move || reply(status, "text/html", "<b>secret</b>")).await.unwrap_err();
        assert!(matches!(error, TokenError::Busy { maybe_spent: true, .. }), "{error:?}");
    }
    let busy = answered(|| b"HTTP/1.1 429 X\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n".to_vec()).await;
    let expected =
        TokenError::Busy { retry_after: Some(Duration::from_secs(7)), status: 429, maybe_spent: false };
    assert_eq!(busy.unwrap_err(), expected);
    let html = answered(|| reply(400, "text/html", "<b>proxy</b>")).await.unwrap_err();
    assert!(matches!(html, TokenError::Busy { status: 400, maybe_spent: false, .. }), "{html:?}");
    assert!(!html.to_string().contains("proxy"));
    for lost in [
        b"".as_slice(),
        b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"acc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n<html>",
    ] {
        let error = answered(move || lost.to_vec()).await.unwrap_err();
        assert!(matches!(error, TokenError::Ambiguous(_)), "{error:?}");
    }
}

#[tokio::test]
async fn a9_a_redirect_never_carries_a_token_on() {
    let trap = Scripted::start(|_, _| ok(&json!({}))).await;
    let target = trap.base.clone();
    for status in [302, 307, 308] {
        let target = target.clone();
        let error = answered(move || {
            format!("HTTP/1.1 {status} X\r\nLocation: {target}/\r\nContent-Length: 0\r\n\r\n").into_bytes()
        })
        .await
        .unwrap_err();
        assert!(matches!(error, TokenError::Busy { .. }), "{error:?}");
    }
    assert_eq!(trap.count(""), 0);
}

#[tokio::test]
async fn an_unreachable_server_spends_nothing() {
    let server = describing().await;
    let mut provider = provider(&server).await;
    let nobody = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    provider.token_endpoint.set_port(Some(nobody.port())).unwrap();
    let error =
        refresh(&Http::new().unwrap(), &provider, "a", &Secret::new("r".into()), None).await.unwrap_err();
    assert_eq!(error, TokenError::NotSent(HttpError::Offline));
}

#[tokio::test]
async fn b5_126_json_by_another_name_is_json() {
    let text = "{\"access_token\":\"a\",\"token_type\":\"Bearer\"}";
    answered(move || reply(200, "text/html", text)).await.unwrap();
}

#[tokio::test]
async fn narrowing_and_revoking_send_what_they_should() {
    let server = Scripted::start(|base, asked| match asked.line.as_str() {
        "POST /token" => ok(&json!({ "access_token": "a", "token_type": "Bearer" })),
        "POST /revoke" => reply(503, "text/plain", ""),
        _ => ok(&description(base)),
    })
    .await;
    let (http, mut provider) = (Http::new().unwrap(), provider(&server).await);
    let token = Secret::new("r+1".into());
    refresh(&http, &provider, "app", &token, Some(&["OR.A".into(), "OR.B".into()])).await.unwrap();
    let body = server.bodies("POST /token").remove(0);
    assert_eq!(body, "grant_type=refresh_token&refresh_token=r%2B1&scope=OR.A+OR.B&client_id=app");
    let error = revoke(&http, &provider, "app", &token).await.unwrap_err();
    assert!(matches!(error, TokenError::Busy { status: 503, .. }));
    assert_eq!(
        server.bodies("POST /revoke").remove(0),
        "token=r%2B1&token_type_hint=refresh_token&client_id=app"
    );
    provider.revocation_endpoint = None;
    revoke(&http, &provider, "app", &token).await.unwrap();
}

#[tokio::test]
async fn b2_037_a_request_is_pushed_only_where_that_is_required() {
    let server = Scripted::start(|base, asked| {
        if asked.line == "POST /par" {
            return reply(201, "application/json", "{\"request_uri\":\"urn:x:1\",\"expires_in\":60}");
        }
        let mut document = description(base);
        document["pushed_authorization_request_endpoint"] = json!(format!("{base}/par"));
        document["require_pushed_authorization_requests"] = json!(true);
        ok(&document)
    })
    .await;
    let rig = Rig::begin(&registration(&server.base)).await;
    assert_eq!((rig.asked("request_uri"), rig.asked("client_id")), ("urn:x:1".into(), "app-1".into()));
    assert_eq!(rig.asked("state"), "", "nothing else is in the address");
    let pushed = server.bodies("POST /par").remove(0);
    assert!(pushed.contains("code_challenge_method=S256") && pushed.contains("state="), "{pushed}");
    let plain = describing().await;
    Rig::begin(&registration(&plain.base)).await;
    assert_eq!(plain.count("POST"), 0);
}

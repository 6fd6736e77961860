//! B1: what a server says about itself. The browser is never opened after any of these.

use super::rig::{Rig, registration};
use super::scripted::{Scripted, description, ok, reply};
use crate::http::{Http, HttpError};
use crate::registration::{Edition, Registration};
use crate::signin::SignInError;
use crate::signin::discovery::{DiscoveryError, Provider, discover};
use crate::signin::peer::peer_of;
use attendant_protocol::Code;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use url::Url;

async fn found(
    change: impl Fn(&mut Value, &str) + Send + Sync + 'static,
) -> Result<Provider, DiscoveryError> {
    let server = Scripted::start(move |base, _| {
        let mut document = description(base);
        change(&mut document, base);
        ok(&document)
    })
    .await;
    discover(&Http::new().unwrap(), &registration(&server.base)).await
}

async fn raw_answer(bytes: &'static [u8]) -> Result<Provider, DiscoveryError> {
    let server = Scripted::start(move |_, _| bytes.to_vec()).await;
    discover(&Http::new().unwrap(), &registration(&server.base)).await
}

fn invalid(result: Result<Provider, DiscoveryError>, member: &str) {
    match result {
        Err(DiscoveryError::Invalid(what)) if what.contains(member) => {}
        other => panic!("{member}: {other:?}"),
    }
}

#[tokio::test]
async fn b1_003_one_request_at_the_issuers_own_path() {
    let server = Scripted::start(|base, _| {
        let mut document = description(base);
        document["issuer"] = json!(format!("{base}/identity_"));
        ok(&document)
    })
    .await;
    let registration = Registration { edition: Edition::AutomationSuite, ..registration(&server.base) };
    let provider = discover(&Http::new().unwrap(), &registration).await.unwrap();
    assert_eq!(provider.issuer, registration.issuer());
    assert_eq!(server.count("GET /identity_/.well-known/openid-configuration"), 1);
    assert_eq!(server.count(""), 1);
    assert!(!provider.pinned);
}

#[tokio::test]
async fn b1_001_002_another_issuer_is_refused_letter_by_letter() {
    for change in ["https://evil.test", "BASE/", "BASE/x", "BASE:443", "HTTP"] {
        let error = found(move |document, base| {
            document["issuer"] = match change {
                "HTTP" => json!(base.replace("http", "HTTP")),
                other => json!(other.replace("BASE", base)),
            };
        })
        .await
        .unwrap_err();
        assert!(matches!(error, DiscoveryError::IssuerMismatch { .. }), "{change}: {error:?}");
        assert_eq!(error.problem().code, Code::IssuerMismatch);
    }
    invalid(found(|document, _| document["issuer"] = json!(null)).await, "issuer is missing");
}

#[tokio::test]
async fn b1_004_005_bad_addresses_are_refused_before_any_request() {
    for host in [
        "https://host.test/x?y=1",
        "https://host.test/#z",
        "http://host.test/",
        "https://user@host.test/",
        "ftp://host.test/",
    ] {
        let error = discover(&Http::new().unwrap(), &registration(host)).await.unwrap_err();
        assert!(matches!(error, DiscoveryError::BadAddress(_)), "{host}: {error:?}");
    }
}

#[tokio::test]
async fn b1_006_to_010_029_hostile_endpoints_are_refused() {
    let hostile = [
        "file:///bin/sh",
        "javascript:alert(1)",
        "data:text/html,x",
        "smb://evil/x",
        "ms-settings:x",
        "calc:",
        "-BASE/a",
        "BASE/a\nb",
        "BASE/a\u{0}b",
        "BASE\\a",
        "BASE/a`id`",
        "BASE/\"x\"",
        "BASE/a|b",
        "BASE/a b",
        "",
        "https://evil.test/authorize",
        "http://good@127.0.0.1/x",
        "http://b\u{e4}nk.test/",
        "//evil.test/x",
        "BASE/a#b",
    ];
    for text in hostile {
        for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
            let result =
                found(move |document, base| document[member] = json!(text.replace("BASE", base))).await;
            invalid(result, member);
        }
    }
}

#[tokio::test]
async fn welcome_endpoints_elsewhere_are_left_out() {
    let provider = found(|document, _| {
        document["userinfo_endpoint"] = json!("https://graph.test/userinfo");
        document["end_session_endpoint"] = json!("javascript:x");
    })
    .await
    .unwrap();
    assert_eq!((provider.userinfo_endpoint, provider.end_session_endpoint), (None, None));
    assert!(provider.revocation_endpoint.is_some());
}

#[tokio::test]
async fn b1_011_012_014_025_missing_doubled_and_wrong_types_are_named() {
    for member in ["authorization_endpoint", "token_endpoint", "jwks_uri"] {
        invalid(
            found(move |document, _| document[member] = json!(null)).await,
            &format!("{member} is missing"),
        );
        invalid(found(move |document, _| document[member] = json!(["x"])).await, "string");
    }
    invalid(found(|document, _| document["token_endpoint"] = json!(7)).await, "string");
    invalid(found(|document, _| document["response_types_supported"] = json!(["token"])).await, "code");
    invalid(
        found(|document, _| document["grant_types_supported"] = json!(["implicit"])).await,
        "authorization_code",
    );
    let twice = b"HTTP/1.1 200 X\r\nContent-Type: application/json\r\nConnection: close\r\n\r\n{\"issuer\":\"a\",\"issuer\":\"b\"}";
    invalid(raw_answer(twice).await, "duplicate");
}

#[tokio::test]
async fn b1_013_021_026_extras_and_a_byte_order_mark_do_no_harm() {
    let server = Scripted::start(|base, _| {
        let mut document = description(base);
        document["something_new"] = json!({ "a": [1] });
        reply(200, "application/json", &format!("\u{feff}{document}"))
    })
    .await;
    discover(&Http::new().unwrap(), &registration(&server.base)).await.unwrap();
    let garbage = b"HTTP/1.1 200 X\r\nConnection: close\r\n\r\n{\"issuer\":\"\xff\xfe\"}";
    assert!(matches!(raw_answer(garbage).await, Err(DiscoveryError::Invalid(_))));
}

#[tokio::test]
async fn b1_015_to_018_pages_redirects_errors_and_floods_are_told_apart() {
    let html =
        b"HTTP/1.1 200 X\r\nContent-Type: text/html\r\nConnection: close\r\n\r\n<html>Please pay</html>";
    let error = raw_answer(html).await.unwrap_err();
    assert_eq!((error.clone(), error.problem().code), (DiscoveryError::NotJson, Code::DiscoveryNotJson));
    let moved = b"HTTP/1.1 302 X\r\nLocation: https://evil.test/\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(raw_answer(moved).await.unwrap_err(), DiscoveryError::Http(HttpError::RedirectRefused(302)));
    let missing = b"HTTP/1.1 404 X\r\nContent-Length: 0\r\n\r\n";
    assert_eq!(raw_answer(missing).await.unwrap_err(), DiscoveryError::Status(404));
    let huge = b"HTTP/1.1 200 X\r\nContent-Length: 52428800\r\n\r\n";
    assert_eq!(raw_answer(huge).await.unwrap_err(), DiscoveryError::Http(HttpError::TooLarge));
}

#[tokio::test]
async fn b1_020_deep_nesting_is_no_way_in() {
    let server = Scripted::start(|base, _| {
        let mut text = description(base).to_string();
        text.insert_str(1, &format!("\"x\":{}{},", "[".repeat(10_000), "]".repeat(10_000)));
        reply(200, "application/json", &text)
    })
    .await;
    // Unknown members are skipped without recursion; either way nothing overflows.
    let outcome = discover(&Http::new().unwrap(), &registration(&server.base)).await;
    assert!(matches!(outcome, Ok(_) | Err(DiscoveryError::Invalid(_))), "{outcome:?}");
}

#[tokio::test]
async fn b1_022_023_s256_or_nothing() {
    let plain = found(|document, _| document["code_challenge_methods_supported"] = json!(["plain"])).await;
    assert_eq!(plain.unwrap_err().problem().code, Code::PkceUnsupported);
    let silent = found(|document, _| document["code_challenge_methods_supported"] = json!(null)).await;
    assert!(silent.is_ok());
}

#[tokio::test]
async fn only_an_unreachable_uipath_server_falls_back_to_documented_paths() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let http = Http::new().unwrap();
    let oidc = registration(&format!("http://{nobody}"));
    assert_eq!(discover(&http, &oidc).await.unwrap_err(), DiscoveryError::Http(HttpError::Offline));
    for (edition, base) in [
        (Edition::Cloud, "identity_"),
        (Edition::AutomationSuite, "identity_"),
        (Edition::Standalone, "identity"),
    ] {
        let registration = Registration { edition, ..oidc.clone() };
        let provider = discover(&http, &registration).await.unwrap();
        assert!(provider.pinned);
        let expected = Url::parse(&format!("http://{nobody}/{base}/connect/token")).unwrap();
        assert_eq!(provider.token_endpoint, expected);
    }
    let html = Scripted::start(|_, _| reply(200, "text/html", "<html>")).await;
    let registration = Registration { edition: Edition::Cloud, ..registration(&html.base) };
    assert_eq!(discover(&http, &registration).await.unwrap_err(), DiscoveryError::NotJson);
}

#[tokio::test]
async fn nothing_waits_after_a_discovery_that_failed() {
    let server = Scripted::start(|_, _| reply(500, "text/plain", "")).await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let mut registration = registration(&server.base);
    registration.redirect_urls = vec![format!("http://{free}/callback")];
    let error = Rig::begin_with(&registration, peer_of).await.err().expect("no sign-in");
    assert_eq!(error, SignInError::Discovery(DiscoveryError::Status(500)));
    TcpListener::bind(free).await.expect("the return address is free again");
}

//! Error pages, pasted: both shapes of UiPath's identity server, with invented values.

use super::rig::registration;
use crate::registration::{Edition, Registration};
use crate::signin::paste::error_page;
use attendant_protocol::Code;
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use url::Url;

fn cloud() -> Registration {
    Registration {
        edition: Edition::Cloud,
        organization: Some("acme".into()),
        redirect_urls: vec!["http://localhost:8421/callback".into()],
        ..registration("https://cloud.uipath.com/")
    }
}

fn error_id(error: &str, description: &str) -> String {
    format!(
        "{{\"Created\":639000000000000000,\"Data\":{{\"DisplayMode\":null,\"Error\":\"{error}\",\"ErrorDescription\":\"{description}\",\
         \"RedirectUri\":\"http://localhost:9/x\",\"ClientId\":\"00000000-0000-0000-0000-000000000000\"}}}}"
    )
}

fn code_of(address: &str) -> Option<Code> {
    error_page(&Url::parse(address).unwrap(), &cloud()).map(|page| page.problem(&cloud()).code)
}

#[test]
fn an_error_id_is_decoded_with_and_without_padding() {
    for (error, description, code) in [
        ("invalid_request", "Invalid redirect_uri", Code::ErrorPage),
        ("unauthorized_client", "Unknown client or client not enabled", Code::UnknownClient),
        ("unauthorized_client", "Invalid grant type for client", Code::WrongAppType),
        ("invalid_scope", "Invalid scope", Code::InvalidScope),
        ("invalid_request", "Invalid client_id", Code::UnknownClient),
    ] {
        let json = error_id(error, description);
        for id in [STANDARD.encode(&json), URL_SAFE_NO_PAD.encode(&json)] {
            for path in ["web/?errorCode=x&errorId", "ui/error/error?errorId"] {
                let id: String = url::form_urlencoded::byte_serialize(id.as_bytes()).collect();
                let address = format!("https://cloud.uipath.com/identity_/{path}={id}");
                assert_eq!(code_of(&address), Some(code), "{error} {description}");
            }
        }
    }
    let url = format!(
        "https://cloud.uipath.com/identity_/web/?errorId={}",
        URL_SAFE_NO_PAD.encode(error_id("invalid_request", "Invalid redirect_uri"))
    );
    let page = error_page(&Url::parse(&url).unwrap(), &cloud()).unwrap();
    assert_eq!(page.redirect_uri.as_deref(), Some("http://localhost:9/x"));
    let problem = page.problem(&cloud());
    assert!(problem.advice.contains("http://localhost:8421/callback"), "{problem:?}");
}

#[test]
fn error_219_names_the_organization_and_reads_the_request() {
    let request = "/identity_/connect/authorize/callback?client_id=app-7&scope=OR.Jobs%20openid&redirect_uri=http%3A%2F%2Flocalhost%3A8421%2Fcallback";
    let request: String = url::form_urlencoded::byte_serialize(request.as_bytes()).collect();
    let address =
        format!("https://cloud.uipath.com/identity_/web/login?errorCode=219&returnUrl={request}&traceId=0");
    let page = error_page(&Url::parse(&address).unwrap(), &cloud()).unwrap();
    assert_eq!(page.client_id.as_deref(), Some("app-7"));
    assert_eq!(page.scope.as_deref(), Some("OR.Jobs openid"));
    assert!(page.problem(&cloud()).message.contains("acme"));
}

#[test]
fn what_cannot_be_decoded_is_still_an_error_page_and_other_servers_are_not() {
    assert_eq!(
        code_of("https://cloud.uipath.com/identity_/ui/error/error?errorId=CfDJ8!!"),
        Some(Code::ErrorPage)
    );
    assert_eq!(code_of("https://cloud.uipath.com/acme/portal_/home"), None);
    assert_eq!(code_of("https://evil.test/identity_/web/?errorCode=219&errorId=x"), None);
    let evil = error_id("\u{202e}boom<script>", "\\u001b[31m");
    let page = error_page(
        &Url::parse(&format!("https://cloud.uipath.com/x?errorId={}", URL_SAFE_NO_PAD.encode(evil))).unwrap(),
        &cloud(),
    )
    .unwrap();
    assert!(!format!("{page:?}").contains("202e"));
}

//! What the authorize endpoint lets through, where its errors go, and the login form.

use attendant_practice::{Command, Endpoint};

use crate::client::{CHALLENGE, REDIRECT, Tenant, encode};

/// The error and its description when a request with `changes` stays on a page.
fn refused(tenant: &Tenant, changes: &[(&str, Option<&str>)]) -> (String, String) {
    let data = tenant.get(&tenant.authorize_path(changes), &[]).page_error(&tenant.base());
    (data["Error"].as_str().unwrap().to_owned(), data["ErrorDescription"].as_str().unwrap().to_owned())
}

#[test]
fn b16_324_challenge_missing_plain_short_or_without_method_stays_on_a_page() {
    let tenant = Tenant::start();
    let invalid = |text: &str| ("invalid_request".to_owned(), text.to_owned());
    assert_eq!(refused(&tenant, &[("code_challenge", None)]), invalid("code challenge required"));
    let transform = invalid("Transform algorithm not supported");
    assert_eq!(refused(&tenant, &[("code_challenge_method", Some("plain"))]), transform);
    assert_eq!(refused(&tenant, &[("code_challenge_method", None)]), transform);
    let short = refused(&tenant, &[("code_challenge", Some(&CHALLENGE[1..]))]);
    assert_eq!(short.0, "invalid_request");
    assert!(short.1.contains("too short"));
    assert_eq!(tenant.stats().authorize_errors, 4);
}

#[test]
fn b16_327_redirect_url_variants_are_refused_without_redirecting() {
    let tenant = Tenant::start();
    for variant in [
        "http://localhost:8421/callback/",
        "http://localhost:8421/callback?x=1",
        "http://localhost:8424/callback",
        "http://127.0.0.1:8421/callback",
        "https://localhost:8421/callback",
        "http://localhost:8421/callback#f",
        "http://localhost:8421/callback/../callback",
        "http://localhost:8421@evil.test/callback",
    ] {
        let found = refused(&tenant, &[("redirect_uri", Some(variant))]);
        assert_eq!(found, ("invalid_request".to_owned(), "Invalid redirect_uri".to_owned()), "{variant}");
    }
    assert_eq!(refused(&tenant, &[("redirect_uri", None)]).1, "Invalid redirect_uri");
}

#[test]
fn redirect_url_ignores_case_at_authorize_and_not_at_token() {
    let tenant = Tenant::start();
    let upper = "http://LOCALHOST:8421/callback";
    let code = tenant.log_in("pat", &[("redirect_uri", Some(upper))]);
    assert!(code.header("location").starts_with(upper));
    let code = url::Url::parse(code.header("location")).unwrap();
    let code = code.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    assert_eq!(tenant.exchange(&code, &[("redirect_uri", Some(REDIRECT))]).bare_error(), "invalid_grant");
}

#[test]
fn b16_328_same_parameter_twice_is_refused_and_an_unknown_one_ignored() {
    let tenant = Tenant::start();
    let twice = format!("{}&state=other", tenant.authorize_path(&[]));
    let data = tenant.get(&twice, &[]).page_error(&tenant.base());
    assert_eq!(data["Error"], "invalid_request");
    let polluted = format!("{}&redirect_uri=http%3A%2F%2Fevil.test", tenant.authorize_path(&[]));
    assert_eq!(tenant.get(&polluted, &[]).page_error(&tenant.base())["Error"], "invalid_request");
    assert_eq!(tenant.get(&tenant.authorize_path(&[("unheard_of", Some("1"))]), &[]).status, 200);
}

#[test]
fn scope_must_be_granted_by_its_exact_name() {
    let tenant = Tenant::start();
    for scope in ["OR.Folders", "OR.Default", "or.jobs", "openid OR.Machines.Read", "OR.Folders.Reed"] {
        let found = refused(&tenant, &[("scope", Some(scope))]);
        assert_eq!(found, ("invalid_scope".to_owned(), "Invalid scope".to_owned()), "{scope}");
    }
    assert_eq!(refused(&tenant, &[("scope", None)]).0, "invalid_request");
}

#[test]
fn client_and_response_type_are_checked() {
    let tenant = Tenant::start();
    assert_eq!(refused(&tenant, &[("client_id", Some("nobody"))]).0, "unauthorized_client");
    assert_eq!(refused(&tenant, &[("client_id", None)]).1, "Invalid client_id");
    let other = tenant.state.application_scope_app_id().to_owned();
    let found = refused(&tenant, &[("client_id", Some(&other))]);
    assert_eq!(found, ("unauthorized_client".to_owned(), "Invalid grant type for client".to_owned()));
    assert_eq!(refused(&tenant, &[("response_type", Some("token"))]).0, "unsupported_response_type");
    assert_eq!(refused(&tenant, &[("response_mode", Some("form_post"))]).0, "invalid_request");
    assert_eq!(refused(&tenant, &[("prompt", Some("none login"))]).0, "invalid_request");
}

#[test]
fn error_page_says_what_its_address_says() {
    let tenant = Tenant::start();
    let reply = tenant.get(&tenant.authorize_path(&[("scope", Some("OR.Folders"))]), &[]);
    let path = reply.header("location").strip_prefix(&tenant.base()).unwrap().to_owned();
    let page = tenant.get(&path, &[]);
    assert_eq!(page.status, 200);
    assert!(page.body.contains("PRACTICE") && page.body.contains("invalid_scope"));
    let hostile = base64_of(r#"{"Data":{"Error":"<script>x</script>"}}"#);
    let page = tenant.get(&format!("/identity_/web/?{}", encode(&[("errorId", &hostile)])), &[]);
    assert!(page.body.contains("&lt;script&gt;") && !page.body.contains("<script"));
}

fn base64_of(text: &str) -> String {
    use base64::Engine;
    base64::engine::general_purpose::STANDARD.encode(text)
}

#[test]
fn login_page_has_stable_ids_a_strict_policy_and_says_practice() {
    let tenant = Tenant::start();
    let page = tenant.get(&tenant.authorize_path(&[]), &[]);
    for id in ["user-pat", "user-sam", "user-robin", "continue", "refuse"] {
        assert!(page.body.contains(&format!("id=\"{id}\"")), "{id}");
    }
    for wanted in ["PRACTICE", "never type a real one here", "OR.Folders.Read", "See which folders you have"]
    {
        assert!(page.body.contains(wanted), "{wanted}");
    }
    assert!(!page.body.contains("<script") && !page.body.contains("style="));
    assert_eq!(
        page.header("content-security-policy"),
        "default-src 'none'; style-src 'self'; form-action 'self' http://localhost:8421; frame-ancestors 'none'; base-uri 'none'"
    );
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(tenant.get("/practice/style.css", &[]).header("content-type"), "text/css; charset=utf-8");
}

#[test]
fn b16_333_login_form_is_answered_with_303_and_carries_state_and_iss() {
    let tenant = Tenant::start();
    let reply = tenant.log_in("pat", &[]);
    assert_eq!(reply.status, 303);
    assert!(reply.header("location").starts_with(&format!("{REDIRECT}?")));
    assert_eq!(reply.answer("state").as_deref(), Some("state-1"));
    assert_eq!(reply.answer("iss"), Some(tenant.state.issuer()));
    assert_eq!(reply.answer("code").unwrap().len(), 66);
    let cookie = reply.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
}

#[test]
fn login_form_can_be_sent_once_and_not_from_elsewhere_and_not_late() {
    let tenant = Tenant::start();
    let page = || tenant.get(&tenant.authorize_path(&[]), &[]).ticket();
    let send = |ticket: &str, origin: &str| {
        let fields = [("ticket", ticket), ("user", "pat"), ("answer", "continue")];
        tenant.post_form("/identity_/web/login", &fields, &[("Origin", origin)]).status
    };
    let ticket = page();
    assert_eq!(send(&ticket, "http://evil.test"), 400);
    assert_eq!(send(&ticket, &tenant.base()), 303);
    assert_eq!(send(&ticket, &tenant.base()), 400);
    let late = page();
    tenant.advance(601);
    assert_eq!(send(&late, &tenant.base()), 400);
}

#[test]
fn refusing_tells_the_client_access_denied() {
    let tenant = Tenant::start();
    let ticket = tenant.get(&tenant.authorize_path(&[]), &[]).ticket();
    let reply = tenant.post_form("/identity_/web/login", &[("ticket", &ticket), ("answer", "refuse")], &[]);
    assert_eq!(reply.status, 303);
    assert_eq!(reply.answer("error").as_deref(), Some("access_denied"));
    assert_eq!(reply.answer("state").as_deref(), Some("state-1"));
    assert_eq!(reply.answer("iss"), Some(tenant.state.issuer()));
    assert!(reply.header("set-cookie").is_empty());
}

#[test]
fn somebody_not_invited_ends_in_error_219_with_the_request_in_return_url() {
    let tenant = Tenant::start();
    let reply = tenant.log_in("robin", &[]);
    assert_eq!(reply.status, 303);
    let url = url::Url::parse(reply.header("location")).unwrap();
    assert_eq!(url.path(), "/identity_/web/login");
    let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
    assert_eq!(query["errorCode"], "219");
    assert!(query["returnUrl"].contains(tenant.state.app_id()));
    let path = reply.header("location").strip_prefix(&tenant.base()).unwrap().to_owned();
    assert!(tenant.get(&path, &[]).body.contains("has not accepted the invitation"));
}

#[test]
fn signed_in_browser_completes_silently_unless_asked_otherwise() {
    let tenant = Tenant::start();
    let cookie = tenant.log_in("sam", &[]).cookie();
    let headers = [("Cookie", cookie.as_str())];
    let silent = tenant.get(&tenant.authorize_path(&[("state", Some("again"))]), &headers);
    assert_eq!(silent.status, 302);
    assert_eq!(silent.answer("state").as_deref(), Some("again"));
    assert!(silent.answer("code").is_some());
    for prompt in ["login", "select_account", "consent"] {
        let shown = tenant.get(&tenant.authorize_path(&[("prompt", Some(prompt))]), &headers);
        assert!(shown.body.contains("Practice sign-in"), "{prompt}");
    }
    assert_eq!(tenant.stats().silent_sign_ins, 1);
}

#[test]
fn prompt_none_without_a_session_is_login_required() {
    let tenant = Tenant::start();
    let reply = tenant.get(&tenant.authorize_path(&[("prompt", Some("none"))]), &[]);
    assert_eq!(reply.answer("error").as_deref(), Some("login_required"));
    assert_eq!(reply.answer("iss"), Some(tenant.state.issuer()));
}

#[test]
fn head_request_signs_nobody_in() {
    let tenant = Tenant::start();
    let cookie = tenant.log_in("pat", &[]).cookie();
    let reply = tenant.send("HEAD", &tenant.authorize_path(&[]), &[("Cookie", &cookie)], "").unwrap();
    assert_eq!(reply.status, 405);
    assert_eq!(tenant.stats().silent_sign_ins, 0);
}

#[test]
fn b16_322_another_host_name_is_refused() {
    let tenant = Tenant::start();
    let port = tenant.base().rsplit(':').next().unwrap().to_owned();
    for host in ["evil.test", "127.0.0.1", &format!("localhost:{port}"), ""] {
        let reply = tenant.get("/practice/sheet.toml", &[("Host", host)]);
        assert_eq!(reply.status, 421, "{host}");
        assert!(!reply.body.contains(tenant.state.app_id()));
    }
    assert_eq!(tenant.stats().hosts_refused, 4);
}

#[test]
fn discovery_says_what_the_tenant_does() {
    let tenant = Tenant::start();
    let document = tenant.get("/identity_/.well-known/openid-configuration", &[]).json();
    assert_eq!(document["issuer"], tenant.state.issuer());
    for name in [
        "authorization_endpoint",
        "token_endpoint",
        "jwks_uri",
        "userinfo_endpoint",
        "revocation_endpoint",
        "end_session_endpoint",
    ] {
        let address = document[name].as_str().unwrap();
        let path = address.strip_prefix(&tenant.base()).unwrap();
        assert_ne!(tenant.get(path, &[]).status, 404, "{name}");
    }
    assert_eq!(document["code_challenge_methods_supported"], serde_json::json!(["S256"]));
    assert_eq!(document["authorization_response_iss_parameter_supported"], true);
    assert!(document["scopes_supported"].as_array().unwrap().iter().any(|scope| scope == "OR.Jobs"));
}

#[test]
fn sheet_is_the_same_in_both_formats_and_its_scopes_can_be_asked_for() {
    let tenant = Tenant::start();
    let sheet = tenant.get("/practice/sheet.json", &[]).json();
    assert_eq!(sheet["schema"], "attendant-registration/1");
    assert_eq!(sheet["host"], tenant.base());
    assert_eq!(sheet["tenants"], serde_json::json!(["Default", "Test"]));
    let toml = tenant.get("/practice/sheet.toml", &[]).body;
    for (name, value) in sheet.as_object().unwrap().iter().filter(|(name, _)| *name != "scopes") {
        let line = format!("{name} = {}", value.to_string().replace("\",\"", "\", \""));
        assert!(toml.contains(&line), "{line}\n{toml}");
    }
    let scopes: Vec<_> =
        sheet["scopes"]["user"].as_array().unwrap().iter().map(|s| s.as_str().unwrap()).collect();
    let page = tenant.get(&tenant.authorize_path(&[("scope", Some(&scopes.join(" ")))]), &[]);
    assert_eq!(page.status, 200);
    assert!(!page.body.contains("has no words for"));
}

#[test]
fn unknown_address_is_404_and_the_front_page_says_practice() {
    let tenant = Tenant::start();
    assert_eq!(tenant.get("/practice/Default/identity_/connect/token", &[]).status, 404);
    let front = tenant.get("/", &[]);
    assert!(front.body.contains("PRACTICE") && front.body.contains("/practice/sheet.toml"));
}

#[test]
fn discovery_can_be_made_to_answer_nonsense() {
    let tenant = Tenant::start();
    tenant.control(Command::FailNext {
        endpoint: Endpoint::Discovery,
        status: 200,
        times: 1,
        body: "<html>portal</html>".into(),
        content_type: Some("text/html".into()),
        retry_after: None,
    });
    let reply = tenant.get("/identity_/.well-known/openid-configuration", &[]);
    assert_eq!((reply.status, reply.body.as_str()), (200, "<html>portal</html>"));
    assert_eq!(
        tenant.get("/identity_/.well-known/openid-configuration", &[]).json()["issuer"],
        tenant.state.issuer()
    );
}

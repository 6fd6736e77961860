//! End session: with and without an ID token, and what it ends.

use crate::client::{REDIRECT, Tenant, Tokens, encode};

const PATH: &str = "/identity_/connect/endsession";

/// A browser that is signed in as Pat, and the tokens of that sign-in.
fn signed_in(tenant: &Tenant) -> (String, Tokens) {
    let reply = tenant.log_in("pat", &[]);
    let tokens = Tokens::of(&tenant.exchange(&reply.answer("code").unwrap(), &[]));
    (reply.cookie(), tokens)
}

#[test]
fn with_an_id_token_the_session_and_its_refresh_token_end_without_a_question() {
    let tenant = Tenant::start();
    let (cookie, tokens) = signed_in(&tenant);
    let elsewhere = tenant.sign_in("pat");
    tenant.advance(3000);
    let query = encode(&[
        ("id_token_hint", tokens.id.as_str()),
        ("post_logout_redirect_uri", REDIRECT),
        ("state", "bye"),
    ]);
    let reply = tenant.get(&format!("{PATH}?{query}"), &[("Cookie", &cookie)]);
    assert_eq!(reply.status, 302);
    assert_eq!(reply.header("location"), format!("{REDIRECT}?state=bye"));
    assert!(reply.header("set-cookie").contains("Max-Age=0"));
    assert_eq!(tenant.refresh(&tokens.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.folders(&tokens.access).status, 200, "access tokens live on");
    assert_eq!(tenant.refresh(&elsewhere.refresh).status, 200, "another browser's sign-in is left alone");
    assert!(
        tenant.get(&tenant.authorize_path(&[]), &[("Cookie", &cookie)]).body.contains("Practice sign-in")
    );
}

#[test]
fn unregistered_return_address_lands_on_the_page() {
    let tenant = Tenant::start();
    let (cookie, tokens) = signed_in(&tenant);
    for target in ["http://localhost:8421/callback/", "http://evil.test/"] {
        let query = encode(&[("id_token_hint", tokens.id.as_str()), ("post_logout_redirect_uri", target)]);
        let reply = tenant.get(&format!("{PATH}?{query}"), &[("Cookie", &cookie)]);
        assert_eq!((reply.status, reply.header("location")), (200, ""), "{target}");
        assert!(reply.body.contains("You are signed out"));
    }
}

#[test]
fn without_an_id_token_it_asks_first_and_ignores_the_return_address() {
    let tenant = Tenant::start();
    let (cookie, tokens) = signed_in(&tenant);
    let headers = [("Cookie", cookie.as_str())];
    let query = encode(&[("client_id", tenant.state.app_id()), ("post_logout_redirect_uri", REDIRECT)]);
    let question = tenant.get(&format!("{PATH}?{query}"), &headers);
    assert!(question.body.contains("Do you want to sign out?"));
    assert_eq!(tenant.post_form(PATH, &[("confirm", "guessed")], &headers).status, 200);
    let still = Tokens::of(&tenant.refresh(&tokens.refresh));
    let confirm = question.between("name=\"confirm\" value=\"", "\"");
    let done = tenant.post_form(PATH, &[("confirm", &confirm)], &headers);
    assert!(done.body.contains("You are signed out"));
    assert_eq!(tenant.refresh(&still.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.stats().end_sessions, 1);
}

#[test]
fn somebody_elses_id_token_does_not_sign_this_browser_out() {
    let tenant = Tenant::start();
    let (cookie, tokens) = signed_in(&tenant);
    let sam = tenant.sign_in("sam");
    let query = encode(&[("id_token_hint", sam.id.as_str())]);
    let reply = tenant.get(&format!("{PATH}?{query}"), &[("Cookie", &cookie)]);
    assert!(reply.body.contains("Do you want to sign out?"));
    assert_eq!(tenant.refresh(&tokens.refresh).status, 200);
}

#[test]
fn id_token_of_another_run_is_no_hint() {
    let (tenant, other) = (Tenant::start(), Tenant::start());
    let (cookie, _) = signed_in(&tenant);
    let query = encode(&[("id_token_hint", other.sign_in("pat").id.as_str())]);
    let reply = tenant.get(&format!("{PATH}?{query}"), &[("Cookie", &cookie)]);
    assert!(reply.body.contains("Do you want to sign out?"));
}

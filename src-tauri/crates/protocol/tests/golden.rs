//! The wire, byte for byte. An automation written against version 1 must be understood for ever, so a change that makes
//! one of these lines differ is a change of the protocol.

use attendant_protocol::{
    Code, Hello, ImportResult, MAX_LINE, Nothing, Op, RegistrationStatus, Reply, Request, SessionState,
    SignInAsk, SignInResult, SignOutAsk, SignOutResult, Status, StatusReport, TokenAsk, TokenResult,
    WaitingAutomation, WireToken,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt::Debug;

/// `value` is written as `line`, and `line` is read as `value`.
#[cfg(test)]
fn both_ways<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: &T, line: &str) {
    assert_eq!(serde_json::to_string(value).unwrap(), line);
    assert_eq!(&serde_json::from_str::<T>(line).unwrap(), value, "{line}");
}

fn request(op: Op) -> Request {
    Request::new("c0ffee".into(), op)
}

fn token() -> TokenResult {
    TokenResult {
        access_token: WireToken::new("tok-1".into()),
        token_type: "Bearer".into(),
        expires_in: 3480,
        expires_at: "2026-11-21T15:40:00Z".into(),
        scope: "OR.Queues.Write".into(),
        narrowed: false,
        base_url: Some("https://cloud.example.com/acme/Default".into()),
        held_until: "2026-11-21T15:39:00Z".into(),
    }
}

#[test]
fn greeting() {
    both_ways(
        &Hello { v: 1, hello: "attendant".into(), challenge: "c0ffee".into() },
        r#"{"v":1,"hello":"attendant","challenge":"c0ffee"}"#,
    );
}

#[test]
fn requests_with_everything_left_out() {
    let table = [
        (Op::Token(TokenAsk::default()), r#"{"v":1,"challenge":"c0ffee","op":"token"}"#),
        (Op::Status { registration: None }, r#"{"v":1,"challenge":"c0ffee","op":"status"}"#),
        (Op::SignIn(SignInAsk::default()), r#"{"v":1,"challenge":"c0ffee","op":"sign_in"}"#),
        (Op::SignOut(SignOutAsk::default()), r#"{"v":1,"challenge":"c0ffee","op":"sign_out"}"#),
        (Op::Import { text: String::new() }, r#"{"v":1,"challenge":"c0ffee","op":"import","text":""}"#),
        (Op::Open, r#"{"v":1,"challenge":"c0ffee","op":"open"}"#),
    ];
    for (op, line) in table {
        both_ways(&request(op), line);
    }
}

#[test]
fn requests_with_everything() {
    let name = || Some("acme".to_owned());
    let token = TokenAsk {
        registration: name(),
        tenant: Some("Prod".into()),
        scopes: vec!["OR.Queues.Write".into(), "OR.Folders.Read".into()],
        for_seconds: Some(2400),
        name: Some("intake".into()),
        reason: Some("add invoices".into()),
        wait_seconds: Some(90),
    };
    let sign_in = SignInAsk {
        registration: name(),
        no_browser: true,
        answer: Some("http://x/?code=c".into()),
        other_account: true,
    };
    let table = [
        (
            Op::Token(token),
            r#""op":"token","registration":"acme","tenant":"Prod","scopes":["OR.Queues.Write","OR.Folders.Read"],"for_seconds":2400,"name":"intake","reason":"add invoices","wait_seconds":90"#,
        ),
        (Op::Status { registration: name() }, r#""op":"status","registration":"acme""#),
        (
            Op::SignIn(sign_in),
            r#""op":"sign_in","registration":"acme","no_browser":true,"answer":"http://x/?code=c","other_account":true"#,
        ),
        (
            Op::SignOut(SignOutAsk { registration: name(), browser: true }),
            r#""op":"sign_out","registration":"acme","browser":true"#,
        ),
        (Op::Import { text: "a\n\"b\"".into() }, r#""op":"import","text":"a\n\"b\"""#),
    ];
    for (op, members) in table {
        both_ways(&request(op), &format!(r#"{{"v":1,"challenge":"c0ffee",{members}}}"#));
    }
}

#[test]
fn results() {
    both_ways(
        &Reply::ok(token()),
        r#"{"v":1,"status":"ok","access_token":"tok-1","token_type":"Bearer","expires_in":3480,"expires_at":"2026-11-21T15:40:00Z","scope":"OR.Queues.Write","narrowed":false,"base_url":"https://cloud.example.com/acme/Default","held_until":"2026-11-21T15:39:00Z"}"#,
    );
    both_ways(
        &Reply::ok(ImportResult { id: "acme".into(), name: "Acme".into() }),
        r#"{"v":1,"status":"ok","id":"acme","name":"Acme"}"#,
    );
    both_ways(
        &Reply::ok(SignInResult {
            name: Some("Acme".into()),
            account: Some("dana@acme.example".into()),
            url: None,
            saved: Some(true),
        }),
        r#"{"v":1,"status":"ok","name":"Acme","account":"dana@acme.example","saved":true}"#,
    );
    both_ways(
        &Reply::ok(SignInResult { url: Some("https://id.example.com/a".into()), ..SignInResult::default() }),
        r#"{"v":1,"status":"ok","url":"https://id.example.com/a"}"#,
    );
    both_ways(
        &Reply::ok(SignOutResult {
            name: Some("Acme".into()),
            browser: true,
            lent_until: Some("2026-11-21T15:40:00Z".into()),
        }),
        r#"{"v":1,"status":"ok","name":"Acme","browser":true,"lent_until":"2026-11-21T15:40:00Z"}"#,
    );
    both_ways(&Reply::ok(Nothing {}), r#"{"v":1,"status":"ok"}"#);
}

#[test]
fn status_report() {
    let one = RegistrationStatus {
        id: "acme".into(),
        name: "Acme".into(),
        state: SessionState::NeedsPerson,
        reason: Some(Code::InvalidGrant),
        account: None,
        held_until: None,
        expected_until: None,
        signed_in_at: Some("2026-11-01T08:00:00Z".into()),
        saved: true,
        tenants: vec!["Default".into()],
        waiting: vec![WaitingAutomation {
            name: "robot.py".into(),
            since: "2026-11-21T15:00:00Z".into(),
            gives_up_at: "2026-11-21T15:10:00Z".into(),
        }],
    };
    both_ways(
        &Reply::ok(StatusReport { locked: false, registrations: vec![one] }),
        r#"{"v":1,"status":"ok","locked":false,"registrations":[{"id":"acme","name":"Acme","state":"needs_person","reason":"invalid_grant","account":null,"held_until":null,"expected_until":null,"signed_in_at":"2026-11-01T08:00:00Z","saved":true,"tenants":["Default"],"waiting":[{"name":"robot.py","since":"2026-11-21T15:00:00Z","gives_up_at":"2026-11-21T15:10:00Z"}]}]}"#,
    );
}

#[test]
fn every_status_in_a_refusal() {
    let table = [
        (Code::SignInNeeded, "needs_person", "sign_in_needed"),
        (Code::Denied, "denied", "denied"),
        (Code::Locked, "locked", "locked"),
        (Code::ApprovalTimeout, "timeout", "approval_timeout"),
        (Code::RateLimited, "rate_limited", "rate_limited"),
        (Code::ScopeNotGranted, "out_of_scope", "scope_not_granted"),
        (Code::TenantNotFound, "not_found", "tenant_not_found"),
        (Code::Offline, "error", "offline"),
    ];
    for (code, status, name) in table {
        let reply = Reply::<TokenResult>::refused(code, "What happened.", "What to do.");
        both_ways(
            &reply,
            &format!(
                r#"{{"v":1,"status":"{status}","code":"{name}","message":"What happened.","advice":"What to do."}}"#
            ),
        );
        let refusal = reply.outcome().unwrap_err();
        assert_eq!(
            (refusal.code, refusal.message.as_str(), refusal.advice.as_str()),
            (code, "What happened.", "What to do.")
        );
    }
}

#[test]
fn every_state() {
    let table = [
        (SessionState::SignedOut, "signed_out"),
        (SessionState::AwaitingBrowser, "awaiting_browser"),
        (SessionState::Exchanging, "exchanging"),
        (SessionState::Active, "active"),
        (SessionState::Refreshing, "refreshing"),
        (SessionState::NeedsPerson, "needs_person"),
    ];
    for (state, name) in table {
        both_ways(&state, &format!("\"{name}\""));
    }
}

#[test]
fn a_code_is_spelled_the_same_on_the_wire_and_in_print() {
    for &code in Code::ALL {
        both_ways(&code, &format!("\"{}\"", code.as_str()));
        assert_ne!(code.status(), Status::Ok, "{code:?}");
    }
}

#[test]
fn lines_from_the_future_are_understood_as_far_as_possible() {
    let request: Request = serde_json::from_str(
        r#"{"v":1,"challenge":"c","op":"teleport","to":{"planet":["mars"]},"fast":true}"#,
    )
    .unwrap();
    assert_eq!(request.op, Op::Unknown);

    let request: Request =
        serde_json::from_str(r#"{"v":1,"challenge":"c","op":"token","scopes":["a"],"dpop":{"alg":"ES256"}}"#)
            .unwrap();
    assert_eq!(request.op, Op::Token(TokenAsk { scopes: vec!["a".into()], ..TokenAsk::default() }));

    let request: Request =
        serde_json::from_str(r#"{"v":1,"challenge":"c","op":"open","where":"left"}"#).unwrap();
    assert_eq!(request.op, Op::Open);

    let reply: Reply<TokenResult> =
        serde_json::from_str(r#"{"v":1,"status":"moonstruck","code":"full_moon","message":"m","phase":1}"#)
            .unwrap();
    let refusal = reply.outcome().unwrap_err();
    assert_eq!((refusal.status, refusal.code), (Status::Unknown, Code::Unknown));
    assert!(!refusal.advice.is_empty(), "somebody must be told something");

    let line = serde_json::to_string(&Reply::ok(token())).unwrap();
    let longer = line.replacen('{', r#"{"trace":{"id":[1,2]},"#, 1);
    assert_eq!(serde_json::from_str::<Reply<TokenResult>>(&longer).unwrap(), Reply::ok(token()));

    assert_eq!(serde_json::from_str::<SessionState>(r#""dreaming""#).unwrap(), SessionState::Unknown);
    let hello: Hello =
        serde_json::from_str(r#"{"v":9,"hello":"attendant","challenge":"c","offers":["call"]}"#).unwrap();
    assert_eq!(hello.v, 9);
}

#[test]
fn what_is_no_request_is_refused() {
    for line in [
        "",
        "[]",
        "null",
        r#"{"v":1,"op":"open"}"#,
        r#"{"challenge":"c","op":"open"}"#,
        r#"{"v":1,"challenge":"c"}"#,
        r#"{"v":-1,"challenge":"c","op":"open"}"#,
        r#"{"v":1,"challenge":7,"op":"open"}"#,
        r#"{"v":1,"challenge":"c","op":["open"]}"#,
        r#"{"v":1,"challenge":"c","op":"token","scopes":"a"}"#,
        r#"{"v":1,"challenge":"c","op":"token","for_seconds":-1}"#,
        r#"{"v":1,"challenge":"c","op":"import"}"#,
        r#"{"v":1,"challenge":"c","op":"open"} trailing"#,
    ] {
        assert!(serde_json::from_str::<Request>(line).is_err(), "{line}");
    }
}

#[test]
fn a_result_that_lacks_a_member_is_none() {
    let reply: Reply<TokenResult> =
        serde_json::from_str(r#"{"v":1,"status":"ok","token_type":"Bearer"}"#).unwrap();
    assert_eq!(reply.outcome(), Ok(None));
}

#[test]
fn nothing_secret_is_shown_by_debug() {
    let secret = "s3cret";
    let shown = [
        format!("{:?}", WireToken::new(secret.into())),
        format!("{:#?}", Reply::ok(TokenResult { access_token: WireToken::new(secret.into()), ..token() })),
        format!(
            "{:?}",
            request(Op::SignIn(SignInAsk { answer: Some(secret.into()), ..SignInAsk::default() }))
        ),
        format!("{:?}", request(Op::Import { text: secret.into() })),
        format!("{:?}", SignInResult { url: Some(secret.into()), ..SignInResult::default() }),
    ];
    for text in shown {
        assert!(text.contains("[redacted]") && !text.contains(secret), "{text}");
    }
    assert_eq!(WireToken::new(secret.into()).expose(), secret);
}

#[test]
fn the_limits_are_part_of_the_protocol() {
    assert_eq!(MAX_LINE, 65_536);
    assert_eq!(attendant_protocol::VERSION, 1);
}

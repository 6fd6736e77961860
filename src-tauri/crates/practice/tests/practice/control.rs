//! The knobs, in process and through the control socket.

use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use attendant_practice::{Answer, Command, ControlError, ControlSocket, Endpoint, Options, When};
use serde_json::{Value, json};

use crate::client::{Tenant, Tokens};

fn fail(endpoint: Endpoint, status: u16, times: u32) -> Command {
    Command::FailNext {
        endpoint,
        status,
        times,
        body: String::new(),
        content_type: None,
        retry_after: Some("3".into()),
    }
}

#[test]
fn token_endpoint_fails_twice_and_spends_nothing() {
    let tenant = Tenant::start();
    let tokens = tenant.sign_in("pat");
    tenant.control(fail(Endpoint::Token, 503, 2));
    for _ in 0..2 {
        let reply = tenant.refresh(&tokens.refresh);
        assert_eq!((reply.status, reply.header("retry-after")), (503, "3"));
    }
    assert_eq!(tenant.refresh(&tokens.refresh).status, 200);
}

#[test]
fn dropped_reply_spends_the_token_and_answers_nothing() {
    let tenant = Tenant::start();
    let tokens = tenant.sign_in("pat");
    tenant.control(Command::DropNextReply { endpoint: Endpoint::Token, times: 1 });
    let fields = [
        ("grant_type", "refresh_token"),
        ("refresh_token", tokens.refresh.as_str()),
        ("client_id", tenant.state.app_id()),
    ];
    assert!(tenant.try_post_form("/identity_/connect/token", &fields, &[]).is_none());
    assert_eq!(tenant.refresh(&tokens.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.stats().requests["token"]["dropped"], 1);
    assert_eq!(tenant.stats().refreshes, 1);
}

#[test]
fn delay_after_work_is_committed_before_the_answer_comes() {
    let tenant = Tenant::start();
    let tokens = tenant.sign_in("pat");
    tenant.control(Command::DelayNext {
        endpoint: Endpoint::Token,
        ms: 300,
        times: 1,
        when: When::AfterWork,
    });
    std::thread::scope(|scope| {
        let late = scope.spawn(|| tenant.refresh(&tokens.refresh).status);
        // Wait for the condition, not for a time: the refresh is counted while its answer still waits.
        while tenant.stats().refreshes == 0 {
            std::thread::yield_now();
        }
        assert!(!late.is_finished(), "the answer came at once");
        assert_eq!(late.join().unwrap(), 200);
    });
}

#[test]
fn faults_hit_only_their_endpoint_and_can_be_taken_back() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    tenant.control(fail(Endpoint::Api, 429, 1));
    assert_eq!(tenant.get("/identity_/.well-known/openid-configuration", &[]).status, 200);
    assert_eq!(tenant.folders(&token).status, 429);
    tenant.control(fail(Endpoint::Api, 500, 9));
    tenant.control(Command::ClearFaults {});
    assert_eq!(tenant.folders(&token).status, 200);
}

#[test]
fn refused_refresh_ends_the_token_only_when_it_says_so() {
    let tenant = Tenant::start();
    let tokens = tenant.sign_in("pat");
    tenant.control(Command::RefuseNextRefresh { error: "temporarily_unavailable".into() });
    assert_eq!(tenant.refresh(&tokens.refresh).bare_error(), "temporarily_unavailable");
    let next = Tokens::of(&tenant.refresh(&tokens.refresh));
    tenant.control(Command::RefuseNextRefresh { error: "invalid_grant".into() });
    assert_eq!(tenant.refresh(&next.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.refresh(&next.refresh).bare_error(), "invalid_grant");
}

#[test]
fn access_tokens_can_be_expired_and_shortened() {
    let tenant = Tenant::start();
    let tokens = tenant.sign_in("pat");
    tenant.control(Command::ExpireAccess {});
    assert_eq!(tenant.folders(&tokens.access).status, 401);
    tenant.control(Command::SetAccessLifetime { seconds: 61 });
    let reply = tenant.refresh(&tokens.refresh);
    assert_eq!(reply.json()["expires_in"], 61);
    let fresh = Tokens::of(&reply).access;
    tenant.advance(60);
    assert_eq!(tenant.folders(&fresh).status, 200);
    tenant.advance(1);
    assert_eq!(tenant.folders(&fresh).status, 401);
    let refused = tenant.state.control(Command::SetAccessLifetime { seconds: 0 });
    assert!(matches!(refused, Answer::Refused { .. }));
}

#[test]
fn revoke_all_ends_refresh_tokens_and_browser_sessions() {
    let tenant = Tenant::start();
    let reply = tenant.log_in("pat", &[]);
    let (cookie, code) = (reply.cookie(), tenant.code("pat", &[]));
    let tokens = Tokens::of(&tenant.exchange(&reply.answer("code").unwrap(), &[]));
    tenant.control(Command::RevokeAll { access: false });
    assert_eq!(tenant.refresh(&tokens.refresh).bare_error(), "invalid_grant");
    assert_eq!(tenant.exchange(&code, &[]).bare_error(), "invalid_grant");
    assert_eq!(tenant.folders(&tokens.access).status, 200);
    assert!(
        tenant.get(&tenant.authorize_path(&[]), &[("Cookie", &cookie)]).body.contains("Practice sign-in")
    );
    tenant.control(Command::RevokeAll { access: true });
    assert_eq!(tenant.folders(&tokens.access).status, 401);
}

#[test]
fn rotated_keys_replace_the_old_ones() {
    let tenant = Tenant::start();
    let token = tenant.sign_in("pat").access;
    let kid = || {
        tenant.get("/identity_/.well-known/openid-configuration/jwks", &[]).json()["keys"][0]["kid"].clone()
    };
    let before = kid();
    tenant.control(Command::RotateKeys {});
    assert_ne!(kid(), before);
    assert_eq!(tenant.folders(&token).status, 401);
    assert_eq!(tenant.folders(&tenant.sign_in("pat").access).status, 200);
}

#[test]
fn minted_lists_every_secret_only_when_it_was_asked_to_remember() {
    let forgetful = Tenant::start();
    assert!(matches!(forgetful.state.control(Command::Minted {}), Answer::Refused { .. }));
    let tenant = Tenant::with(Options { remember_minted: true, ..Options::default() });
    let code = tenant.code("pat", &[]);
    let first = Tokens::of(&tenant.exchange(&code, &[]));
    let second = Tokens::of(&tenant.refresh(&first.refresh));
    let Answer::Minted { minted } = tenant.state.control(Command::Minted {}) else {
        panic!("nothing minted")
    };
    let has = |kind: &str, value: &str| minted.iter().any(|m| m.kind == kind && m.value == value);
    assert!(has("code", &code) && has("code_verifier", crate::client::VERIFIER));
    for tokens in [&first, &second] {
        assert!(has("access_token", &tokens.access));
        assert!(has("refresh_token", &tokens.refresh));
        assert!(has("id_token", &tokens.id));
    }
}

#[test]
fn same_seed_gives_the_same_codes_and_no_seed_does_not() {
    let seeded = || Options { seed: 7, repeatable: true, ..Options::default() };
    let code = |options| Tenant::with(options).code("pat", &[]);
    assert_eq!(code(seeded()), code(seeded()));
    assert_ne!(code(Options::default()), code(Options::default()));
    assert_ne!(Tenant::with(seeded()).state.app_id(), Tenant::start().state.app_id());
    assert_eq!(Tenant::start().state.app_id(), Tenant::start().state.app_id());
}

/// A folder of its own that goes away.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("attendant-practice-{}-{name}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn socket(&self) -> PathBuf {
        self.0.join("control.sock")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// Serves the control socket of `tenant` while `talk` runs.
fn with_socket(tenant: &Tenant, path: &Path, talk: impl FnOnce()) {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let socket = runtime.block_on(async { ControlSocket::bind(path) }).unwrap();
    let serving = runtime.spawn(socket.serve(tenant.state.clone()));
    talk();
    serving.abort();
    runtime.shutdown_timeout(Duration::from_secs(1));
}

fn ask(stream: &mut BufReader<UnixStream>, line: &str) -> Value {
    stream.get_mut().write_all(format!("{line}\n").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_line(&mut answer).unwrap();
    serde_json::from_str(&answer).unwrap()
}

#[test]
fn b16_331_control_socket_is_for_its_owner_only_and_speaks_lines() {
    let (tenant, folder) = (Tenant::start(), Folder::new("lines"));
    let token = tenant.sign_in("pat").access;
    with_socket(&tenant, &folder.socket(), || {
        let mode = std::fs::metadata(folder.socket()).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let left: Vec<_> = std::fs::read_dir(&folder.0).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing else is left beside the socket");
        let stream = UnixStream::connect(folder.socket()).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut stream = BufReader::new(stream);
        assert_eq!(ask(&mut stream, "{\"do\":\"expire_access\"}"), json!({ "ok": true }));
        assert_eq!(tenant.folders(&token).status, 401);
        for wrong in ["{\"do\":\"fly\"}", "{}", "nonsense", "{\"do\":\"expire_access\",\"force\":true}", ""] {
            let answer = ask(&mut stream, wrong);
            assert!(answer["error"].is_string() && answer["advice"].is_string(), "{wrong}: {answer}");
        }
        assert_eq!(ask(&mut stream, "{\"do\":\"stats\"}")["stats"]["sign_ins"], 1);
        assert_eq!(ask(&mut stream, "{\"do\":\"queue_items\"}"), json!({ "queue_items": [] }));
        assert_eq!(ask(&mut stream, "{\"do\":\"refuse_next_refresh\"}"), json!({ "ok": true }));
        let endless = ask(&mut stream, &"x".repeat(70_000));
        assert!(endless["error"].as_str().unwrap().contains("too long"));
    });
    assert!(!folder.socket().exists(), "the socket goes away with its owner");
}

#[tokio::test]
async fn control_socket_replaces_a_stale_one_and_leaves_everything_else_alone() {
    let folder = Folder::new("stale");
    let path = folder.socket();
    std::fs::write(&path, "mine").unwrap();
    assert!(matches!(ControlSocket::bind(&path), Err(ControlError::NotASocket(_))));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "mine");
    std::fs::remove_file(&path).unwrap();
    drop(std::os::unix::net::UnixListener::bind(&path).unwrap());
    let first = ControlSocket::bind(&path).unwrap();
    assert!(matches!(ControlSocket::bind(&path), Err(ControlError::InUse(_))));
    assert!(path.exists(), "the refused second start must not remove the first one's socket");
    drop(first);
    assert!(matches!(ControlSocket::bind(&folder.0.join("no/such/place")), Err(ControlError::Io(..))));
}

#[test]
fn b16_331_no_knob_is_reachable_over_http() {
    let tenant = Tenant::start();
    for path in ["/control", "/practice/control", "/identity_/control", "/practice/stats", "/practice/minted"]
    {
        assert_eq!(tenant.get(path, &[]).status, 404, "{path}");
        assert_eq!(tenant.send("POST", path, &[], "{\"do\":\"stats\"}").unwrap().status, 404, "{path}");
    }
}

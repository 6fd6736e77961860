//! B3 and B4: what counts as the answer, and what everybody else gets.

use super::browser::{Browser, raw};
use super::rig::{Rig, describing, registration};
use super::scripted::{Scripted, description, ok};
use crate::clock::Clock;
use crate::registration::Edition;
use crate::signin::peer::{Peer, peer_of};
use crate::signin::{AttemptEvent, Finish, SignInError, WAIT};
use attendant_protocol::Code;
use serde_json::json;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use url::Url;

async fn rig() -> Rig {
    let server = describing().await;
    Rig::begin(&registration(&server.base)).await
}

/// A rig at a server that promises `iss`.
async fn promising() -> (Rig, String) {
    let server = Scripted::start(|base, _| {
        let mut document = description(base);
        document["authorization_response_iss_parameter_supported"] = json!(true);
        ok(&document)
    })
    .await;
    (Rig::begin(&registration(&server.base)).await, server.base)
}

/// Sends this query with cookie, expects this status, and that the right answer still completes.
async fn keeps_waiting(query: &str, status: u16) {
    let rig = rig().await;
    let mut browser = rig.started().await;
    let page = browser.get(&rig.callback(query)).await;
    assert_eq!(page.status, status, "{query}: {}", page.head);
    rig.still_waits().await;
}

/// Sends raw bytes, expects this status (0: closed without a word), and that the right answer still completes.
async fn shrugs_off(bytes: impl Fn(&str, &str) -> Vec<u8>, status: u16) {
    let rig = rig().await;
    let authority = rig.redirect.as_str().trim_start_matches("http://").split('/').next().unwrap().to_owned();
    let target = rig.callback("code=evil&state=STATE");
    let target = format!("{}?{}", target.path(), target.query().unwrap());
    let page = raw(&rig.address(), &bytes(&authority, &target)).await;
    assert_eq!(page.status, status, "{}", page.head);
    rig.still_waits().await;
}

#[tokio::test]
async fn b3_044_state_missing() {
    keeps_waiting("code=evil", 400).await;
}

#[tokio::test]
async fn b3_045_wrong_state_keeps_waiting() {
    let server = describing().await;
    let rig = Rig::begin(&registration(&server.base)).await;
    let mut browser = rig.started().await;
    for state in ["x", "", "STATEx", "state"] {
        let page = browser.get(&rig.callback(&format!("code=evil&state={state}"))).await;
        assert_eq!(page.status, 400);
    }
    assert_eq!(server.count("POST"), 0);
    rig.still_waits().await;
}

#[tokio::test]
async fn b3_047_050_064_065_malformed_answers_keep_waiting() {
    for query in [
        "state=STATE",
        "state=STATE&code=",
        "state=STATE&code=a&code=b",
        "state=STATE&state=STATE&code=a",
        "state=STATE&code=a&iss=x&iss=x",
        "state=STATE&code=a&error=access_denied",
        "state=STATE&error=",
        "state=STATE&code=a%00b",
        "state=STATE&code=%C3%B6",
    ] {
        keeps_waiting(query, 400).await;
    }
    keeps_waiting(&format!("state=STATE&code={}", "a".repeat(4097)), 400).await;
}

#[tokio::test]
async fn b3_048_twice_is_once() {
    let mut rig = rig().await;
    let mut browser = rig.started().await;
    let callback = rig.callback("code=right&state=STATE");
    let first = browser.get(&callback).await.location(&callback);
    assert_eq!(browser.get(&callback).await.location(&callback), first);
    let answered = rig.answered().await;
    assert!(rig.events.try_recv().is_err());
    // Without the cookie, and with a wrong state, it is nobody's business.
    assert_eq!(Browser::default().get(&callback).await.status, 400);
    assert_eq!(browser.get(&rig.callback("code=right&state=wrong")).await.status, 400);
    drop(answered);
    rig.control.finish(Finish::Failed(SignInError::ProviderBusy.problem()));
    assert_eq!(browser.get(&callback).await.location(&callback), first);
    assert!(browser.get(&first).await.body.contains("Not signed in"));
}

#[tokio::test]
async fn b3_049_prefetch_uses_nothing_up() {
    let mut rig = rig().await;
    let ticket = rig.control.ticket_url();
    let callback = rig.callback("code=right&state=STATE");
    let mut browser = Browser::default();
    for header in ["Sec-Purpose: prefetch;prerender\r\n", "Purpose: prefetch\r\n", "X-Moz: prefetch\r\n"] {
        assert_eq!(browser.get_with(&ticket, header).await.status, 204);
    }
    assert_eq!(browser.get(&ticket).await.status, 302, "the ticket is still good");
    assert_eq!(browser.get_with(&callback, "Sec-Purpose: prefetch\r\n").await.status, 204);
    assert!(rig.events.try_recv().is_err());
    assert_eq!(browser.get(&callback).await.status, 303);
    rig.answered().await;
}

#[tokio::test]
async fn b3_051_066_extra_parameters_are_ignored() {
    let mut rig = rig().await;
    let mut browser = rig.started().await;
    let query = "session_state=x&scope=y&code=right&state=STATE&access_token=evil&id_token=evil&authuser=0";
    assert_eq!(browser.get(&rig.callback(query)).await.status, 303);
    assert!(rig.answered().await.code.matches("right"));
}

#[tokio::test]
async fn b3_052_to_055_the_issuer_is_compared_letter_by_letter() {
    for (promised, change, expected) in [
        (true, "https://evil.test", Some(SignInError::IssMismatch)),
        (true, "BASE/", Some(SignInError::IssMismatch)),
        (false, "https://evil.test", Some(SignInError::IssMismatch)),
        (true, "", Some(SignInError::IssMissing)),
        (true, "BASE", None),
        (false, "BASE", None),
        (false, "", None),
    ] {
        let (mut rig, base) = if promised {
            promising().await
        } else {
            let server = describing().await;
            (Rig::begin(&registration(&server.base)).await, server.base)
        };
        let iss = change.replace("BASE", &base);
        let iss = if iss.is_empty() { iss } else { format!("&iss={iss}") };
        let callback = rig.callback(&format!("code=right&state=STATE{iss}"));
        // Without a cookie a wrong issuer changes nothing (somebody else could send it).
        if expected.is_some() {
            assert_eq!(Browser::default().get(&callback).await.status, 400);
        }
        let mut browser = rig.started().await;
        assert_eq!(browser.get(&callback).await.status, 303);
        match (rig.event().await, expected) {
            (AttemptEvent::Refused(error), Some(expected)) => assert_eq!(error, expected),
            (AttemptEvent::Answered(_), None) => {}
            other => panic!("{promised} {change}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn b3_056_to_061_errors_with_the_right_state_end_the_attempt() {
    for (query, code) in [
        ("error=access_denied", Code::AccessDenied),
        ("error=login_required", Code::InteractionRequired),
        ("error=temporarily_unavailable", Code::ProviderBusy),
        ("error=server_error", Code::ProviderBusy),
        ("error=invalid_scope", Code::InvalidScope),
        (
            "error=%1B%5B31m%3Cscript%3E&error_description=%E2%80%AE%3Cb%3E&error_uri=javascript:x",
            Code::ProviderRefused,
        ),
    ] {
        let mut rig = rig().await;
        let mut browser = rig.started().await;
        let callback = rig.callback(&format!("{query}&state=STATE"));
        let result = browser.get(&callback).await.location(&callback);
        let AttemptEvent::Refused(error) = rig.event().await else { panic!("{query}") };
        let problem = error.problem();
        assert_eq!(problem.code, code);
        assert!(!problem.message.chars().any(|letter| letter.is_control() || letter == '\u{202e}'));
        rig.control.finish(Finish::Failed(problem));
        let page = browser.get(&result).await.body;
        assert!(!page.contains("<script") && !page.contains("javascript:"), "{page}");
    }
}

#[tokio::test]
async fn b3_057_errors_without_the_right_state_keep_waiting() {
    keeps_waiting("error=access_denied", 400).await;
    keeps_waiting("error=access_denied&state=wrong", 400).await;
}

#[tokio::test]
async fn b3_069_b4_093_100_other_paths_are_nothing() {
    let rig = rig().await;
    let query = format!("code=evil&state={}", rig.asked("state"));
    for path in [
        "/",
        "/callback/",
        "/CALLBACK",
        "//callback",
        "/callback%2f",
        "/../callback",
        "/favicon.ico",
        "/robots.txt",
        "/exit",
        "/cancel",
        "/stop",
        "/start/",
        "/start/x",
        "/result/x",
        "/.well-known/x",
        "/..%2f..%2fetc/passwd",
    ] {
        let host = rig.redirect.as_str().trim_start_matches("http://").split('/').next().unwrap();
        let page =
            raw(&rig.address(), format!("GET {path}?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes())
                .await;
        assert_eq!(page.status, 404, "{path}");
    }
    rig.still_waits().await;
}

#[tokio::test]
async fn b3_070_another_browser_asks_the_person_and_only_yes_completes() {
    let mut rig = rig().await;
    let callback = rig.callback("code=right&state=STATE");
    let mut stranger = Browser::default();
    let result = stranger.get(&callback).await.location(&callback);
    assert!(matches!(rig.event().await, AttemptEvent::Stranger));
    let page = stranger.get(&result).await;
    assert!(page.body.contains("Was that you?") && page.header("refresh").is_some(), "{}", page.body);
    // A second one is not asked about meanwhile.
    assert_eq!(Browser::default().get(&callback).await.status, 400);
    rig.control.stranger(false);
    assert_eq!(stranger.get(&result).await.status, 404);
    assert!(rig.events.try_recv().is_err());

    let result = stranger.get(&callback).await.location(&callback);
    assert!(matches!(rig.event().await, AttemptEvent::Stranger));
    rig.control.stranger(true);
    assert!(rig.answered().await.code.matches("right"));
    assert!(stranger.get(&result).await.body.contains("Finishing"));
}

#[tokio::test]
async fn a_strangers_answer_does_not_stand_in_the_way_of_the_real_one() {
    let mut rig = rig().await;
    Browser::default().get(&rig.callback("code=evil&state=STATE")).await;
    assert!(matches!(rig.event().await, AttemptEvent::Stranger));
    let mut browser = rig.started().await;
    assert_eq!(browser.get(&rig.callback("code=right&state=STATE")).await.status, 303);
    assert!(rig.answered().await.code.matches("right"));
    rig.control.stranger(true);
    assert!(rig.events.try_recv().is_err(), "too late to matter");
}

#[tokio::test]
async fn strangers_are_asked_about_three_times_at_most() {
    let mut rig = rig().await;
    let callback = rig.callback("code=evil&state=STATE");
    for _ in 0..3 {
        assert_eq!(Browser::default().get(&callback).await.status, 303);
        assert!(matches!(rig.event().await, AttemptEvent::Stranger));
        rig.control.stranger(false);
    }
    assert_eq!(Browser::default().get(&callback).await.status, 400);
    rig.still_waits().await;
}

#[tokio::test]
async fn b4_096_another_user_is_refused_and_b4_097_unknown_is_not_another_user() {
    fn other(_: SocketAddr, _: SocketAddr) -> Peer {
        Peer::Other
    }
    fn unknown(_: SocketAddr, _: SocketAddr) -> Peer {
        Peer::Unknown
    }
    let server = describing().await;
    let mut rig = Rig::begin_with(&registration(&server.base), other).await.unwrap();
    assert_eq!(Browser::default().get(&rig.control.ticket_url()).await.status, 403);
    assert_eq!(Browser::default().get(&rig.callback("code=evil&state=STATE")).await.status, 403);
    assert!(rig.events.try_recv().is_err());

    let mut rig = Rig::begin_with(&registration(&server.base), unknown).await.unwrap();
    let callback = rig.callback("code=right&state=STATE");
    assert_eq!(Browser::default().get(&callback).await.status, 400, "unknown and without a cookie");
    assert!(rig.events.try_recv().is_err());
    let mut browser = rig.started().await;
    assert_eq!(browser.get(&callback).await.status, 303);
    rig.answered().await;
}

/// With a real second user; only root can become one, and the release gate runs as root.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn a4_a40_the_kernels_table_gives_another_user_away() {
    use std::os::unix::process::CommandExt as _;
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: only root can act as another user");
        return;
    }
    let rig = rig().await;
    for url in [rig.callback("code=evil&state=STATE"), rig.control.ticket_url()] {
        let port = url.port().unwrap();
        let target = format!("{}?{}", url.path(), url.query().unwrap_or_default());
        let script = format!(
            "exec 3<>/dev/tcp/127.0.0.1/{port}; printf 'GET {target} HTTP/1.1\\r\\nHost: localhost:{port}\\r\\n\\r\\n' >&3; head -n1 <&3"
        );
        let run =
            move || std::process::Command::new("bash").args(["-c", &script]).uid(65534).gid(65534).output();
        let output = tokio::task::spawn_blocking(run).await.unwrap().unwrap();
        let line = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(line.starts_with("HTTP/1.1 403"), "{line} {}", String::from_utf8_lossy(&output.stderr));
    }
    rig.still_waits().await;
}

#[tokio::test]
async fn b3_071_075_nothing_answers_after_cancelling_or_ten_minutes() {
    let rig_cancelled = rig().await;
    let address = rig_cancelled.address();
    rig_cancelled.control.cancel();
    closed(&address).await;

    let mut expired = rig().await;
    let address = expired.address();
    assert_eq!(expired.control.gives_up_at(), expired.clock.now() + WAIT);
    expired.clock.advance(WAIT - Duration::from_secs(1));
    assert_eq!(Browser::default().get(&expired.redirect).await.status, 400);
    expired.clock.advance(Duration::from_secs(1));
    assert!(matches!(expired.event().await, AttemptEvent::Expired));
    closed(&address).await;

    let dropped = rig().await;
    let address = dropped.address();
    drop(dropped);
    closed(&address).await;
}

async fn closed(address: &str) {
    let gone = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.expect("the listener closes");
}

#[tokio::test]
async fn b4_098_a_ticket_works_once_and_head_uses_nothing_up() {
    let mut rig = rig().await;
    let (first, second) = (rig.control.ticket_url(), rig.control.ticket_url());
    assert_ne!(first, second);
    let mut browser = Browser::default();
    let page = browser.get(&first).await;
    assert_eq!(page.location(&first), rig.control.authorization_url());
    let cookie = page.header("set-cookie").unwrap().to_owned();
    for attribute in ["Path=/callback", "HttpOnly", "SameSite=Lax"] {
        assert!(cookie.contains(attribute), "{cookie}");
    }
    assert!(!cookie.contains("Domain") && !cookie.contains("Secure"));
    let again = Browser::default().get(&first).await;
    assert_eq!(again.status, 409);
    assert!(again.body.contains("Already opened"));

    let host = rig.redirect.as_str().trim_start_matches("http://").split('/').next().unwrap();
    let head = format!("HEAD {} HTTP/1.1\r\nHost: {host}\r\n\r\n", second.path());
    assert_eq!(raw(&rig.address(), head.as_bytes()).await.status, 405);
    // The second ticket has its own cookie, and that completes as well.
    let mut other = Browser::default();
    assert_eq!(other.get(&second).await.status, 302);
    assert_eq!(other.get(&rig.callback("code=right&state=STATE")).await.status, 303);
    rig.answered().await;
    assert_eq!(browser.get(&rig.callback("code=right&state=STATE")).await.status, 303, "known twice");
}

#[tokio::test]
async fn b2_039_a_ticket_shows_nothing_of_the_request() {
    let rig = rig().await;
    let ticket = rig.control.ticket_url();
    assert_eq!(ticket.origin(), rig.redirect.origin());
    for name in ["state", "code_challenge"] {
        assert!(!ticket.as_str().contains(&rig.asked(name)));
    }
}

#[tokio::test]
async fn b4_077_078_hosts_that_are_not_ours() {
    for host in ["evil.test", "localhost", "127.0.0.1:80", ""] {
        shrugs_off(|_, target| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(), 421)
            .await;
    }
    shrugs_off(|_, target| format!("GET {target} HTTP/1.1\r\n\r\n").into_bytes(), 421).await;
    shrugs_off(
        |host, target| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n\r\n").into_bytes(),
        421,
    )
    .await;
    shrugs_off(
        |host, target| format!("GET http://evil.test{target} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
        421,
    )
    .await;
    // 400 for another reason: the target is read as ours, and there is no cookie and no state in it
    shrugs_off(
        |host, _| format!("GET http://{host}/callback HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
        400,
    )
    .await;
}

#[tokio::test]
async fn b4_079_to_082_scripts_sockets_and_other_methods() {
    for (header, status) in
        [("Origin: https://evil.test", 403), ("Origin: null", 403), ("Upgrade: websocket", 400)]
    {
        shrugs_off(
            |host, target| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{header}\r\n\r\n").into_bytes(),
            status,
        )
        .await;
    }
    let preflight = "Origin: https://evil.test\r\nAccess-Control-Request-Private-Network: true";
    shrugs_off(
        |host, target| {
            format!("OPTIONS {target} HTTP/1.1\r\nHost: {host}\r\n{preflight}\r\n\r\n").into_bytes()
        },
        403,
    )
    .await;
    for method in ["HEAD", "POST", "PUT", "TRACE", "CONNECT", "OPTIONS", &"X".repeat(100)] {
        shrugs_off(
            |host, target| format!("{method} {target} HTTP/1.1\r\nHost: {host}\r\n\r\n").into_bytes(),
            405,
        )
        .await;
    }
}

#[tokio::test]
async fn b4_083_an_idle_connection_is_in_nobodys_way() {
    let rig = rig().await;
    let _idle = TcpStream::connect(rig.address()).await.unwrap();
    rig.still_waits().await;
}

#[tokio::test]
async fn b4_084_085_many_slow_connections_are_in_nobodys_way() {
    let rig = rig().await;
    let mut slow = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(rig.address()).await.unwrap();
        stream.write_all(b"G").await.unwrap();
        slow.push(stream);
    }
    rig.still_waits().await;
    // The first ones were let go for the later ones.
    let mut byte = [0_u8; 1];
    let ended = tokio::time::timeout(Duration::from_secs(5), slow[0].read(&mut byte)).await.unwrap();
    assert!(!matches!(ended, Ok(count) if count > 0));
}

#[tokio::test]
async fn b4_086_oversize_requests() {
    shrugs_off(|_, _| format!("GET /{} HTTP/1.1\r\n", "a".repeat(64 * 1024)).into_bytes(), 431).await;
    let many = "X: y\r\n".repeat(1000);
    shrugs_off(
        |host, target| format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{many}\r\n").into_bytes(),
        431,
    )
    .await;
}

#[tokio::test]
async fn b4_087_a_request_may_come_in_single_bytes() {
    let mut rig = rig().await;
    let mut stream = TcpStream::connect(rig.address()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    let host = rig.redirect.as_str().trim_start_matches("http://").split('/').next().unwrap();
    for byte in format!("GET /callback HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes() {
        stream.write_all(&[*byte]).await.unwrap();
    }
    let mut reply = String::new();
    stream.read_to_string(&mut reply).await.unwrap();
    assert!(reply.starts_with("HTTP/1.1 400"), "{reply}");
    assert!(rig.events.try_recv().is_err());
}

#[tokio::test]
async fn b4_088_to_092_things_that_are_not_one_plain_get() {
    shrugs_off(|_, _| b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03".to_vec(), 0).await;
    shrugs_off(|_, _| b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec(), 505).await;
    shrugs_off(|host, target| format!("GET {target} HTTP/1.0\r\nHost: {host}\r\n\r\n").into_bytes(), 505)
        .await;
    shrugs_off(|_, target| format!("GET {target}\r\n").into_bytes(), 400).await;
    shrugs_off(|_, _| b"\x00\x01\x02\xff\n\n".to_vec(), 400).await;
    for bodies in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked",
        "Content-Length: 0\r\nContent-Length: 7",
        "Content-Length: 1000000000",
    ] {
        shrugs_off(
            |host, target| {
                format!("GET {target} HTTP/1.1\r\nHost: {host}\r\n{bodies}\r\n\r\nabc").into_bytes()
            },
            400,
        )
        .await;
    }
    shrugs_off(|host, _| format!("GET /x HTTP/1.1\r\nHost: {host}\r\n\r\n").repeat(2).into_bytes(), 404)
        .await;
}

#[tokio::test]
async fn b4_094_a_browser_that_hangs_up_at_once_has_still_answered() {
    let mut rig = rig().await;
    let mut browser = rig.started().await;
    let callback = rig.callback("code=right&state=STATE");
    let call = browser.get(&callback);
    let _ = tokio::time::timeout(Duration::ZERO, call).await;
    // Whether or not that one got through, a complete one does.
    browser.get(&callback).await;
    assert!(rig.answered().await.code.matches("right"));
}

#[tokio::test]
async fn b4_101_many_forged_answers_cause_nothing() {
    let server = describing().await;
    let rig = Rig::begin(&registration(&server.base)).await;
    for number in 0..1000 {
        let mut url = rig.redirect.clone();
        url.set_query(Some(&format!("code=evil&state={number}")));
        let page = Browser::default().get(&url).await;
        assert_eq!(page.status, 400);
    }
    assert_eq!(server.count("POST"), 0);
    rig.still_waits().await;
}

#[tokio::test]
async fn b4_076_only_loopback_is_bound_and_both_families_are() {
    let rig = rig().await;
    let port = rig.redirect.port().unwrap();
    for address in [format!("127.0.0.1:{port}"), format!("[::1]:{port}")] {
        assert!(TcpListener::bind(&address).await.is_err(), "{address} is held");
        TcpStream::connect(&address).await.unwrap();
    }
    assert!(TcpStream::connect(format!("127.0.0.2:{port}")).await.is_err());
}

#[tokio::test]
async fn a1_a2_a_port_taken_in_either_family_means_the_next_one() {
    let server = describing().await;
    for family in ["127.0.0.1:0", "[::1]:0"] {
        let taken = TcpListener::bind(family).await.unwrap();
        let port = taken.local_addr().unwrap().port();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
        let mut registration = registration(&server.base);
        let url = |port: u16| format!("http://localhost:{port}/callback");
        registration.redirect_urls = vec![url(port), url(free)];
        let rig = Rig::begin(&registration).await;
        assert_eq!(rig.control.redirect_url(), url(free), "{family}");
        drop(rig);

        registration.redirect_urls = vec![url(port)];
        let requests = server.count("");
        let error = Rig::begin_with(&registration, peer_of).await.err().expect("taken");
        let SignInError::PortsTaken { ports, holder } = &error else { panic!("{error:?}") };
        assert_eq!(
            (ports.as_slice(), holder.as_ref().map(|holder| holder.pid)),
            ([port].as_slice(), Some(std::process::id()))
        );
        let problem = error.problem();
        assert!(
            problem.code == Code::PortsTaken && problem.message.contains(&port.to_string()),
            "{problem:?}"
        );
        assert_eq!(server.count(""), requests, "bind first: nobody was asked");
    }
}

#[tokio::test]
async fn an_address_literal_binds_only_itself_and_is_kept_byte_for_byte() {
    let server = describing().await;
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let mut registration = registration(&server.base);
    registration.redirect_urls = vec![format!("http://127.0.0.1:{free}/start/cb?x=%7e")];
    let mut rig = Rig::begin(&registration).await;
    assert_eq!(rig.asked("redirect_uri"), registration.redirect_urls[0]);
    assert!(TcpStream::connect(format!("[::1]:{free}")).await.is_err());
    // A return path that looks like a ticket's does not collide with tickets.
    let ticket = rig.control.ticket_url();
    assert!(!ticket.path().starts_with("/start/"), "{ticket}");
    let mut browser = rig.started().await;
    let callback = rig.callback("x=%7e&code=right&state=STATE");
    assert_eq!(browser.get(&callback).await.status, 303);
    rig.answered().await;
}

#[tokio::test]
async fn any_port_is_only_for_providers_that_allow_it() {
    let server = describing().await;
    let mut registration = registration(&server.base);
    let rig = Rig::begin(&registration).await;
    assert_ne!(Url::parse(&rig.asked("redirect_uri")).unwrap().port(), Some(0));
    registration.edition = Edition::Cloud;
    for url in [
        "http://localhost:0/callback",
        "https://localhost:8421/callback",
        "http://example.test:8421/",
        "attendant://x",
    ] {
        registration.redirect_urls = vec![url.into()];
        let error = Rig::begin_with(&registration, peer_of).await.err().expect("refused");
        assert!(matches!(error, SignInError::NoLoopback(_)), "{url}: {error:?}");
    }
}

#[tokio::test]
async fn b2_042_two_attempts_cannot_complete_each_other() {
    let server = describing().await;
    let (mut first, mut second) =
        (Rig::begin(&registration(&server.base)).await, Rig::begin(&registration(&server.base)).await);
    // One browser, both tickets: cookies of one host are shared by all ports, and still both complete.
    let mut browser = Browser::default();
    browser.get(&first.control.ticket_url()).await;
    browser.get(&second.control.ticket_url()).await;
    let state = second.asked("state");
    assert_eq!(browser.get(&first.callback(&format!("code=x&state={state}"))).await.status, 400);
    browser.get(&first.callback("code=one&state=STATE")).await;
    browser.get(&second.callback("code=two&state=STATE")).await;
    assert!(first.answered().await.code.matches("one"));
    assert!(second.answered().await.code.matches("two"));
}

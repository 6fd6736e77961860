//! The program: its one line, its exit codes, and that it goes away when it should.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use serde_json::Value;

fn program(arguments: &[&str]) -> Child {
    Command::new(env!("CARGO_BIN_EXE_attendant-practice"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

fn ready(child: &mut Child) -> Value {
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
    serde_json::from_str(&line).unwrap_or_else(|_| panic!("not a ready line: {line:?}"))
}

/// Waits for the end, but not for ever.
fn ended(mut child: Child) -> (ExitStatus, String) {
    let id = child.id();
    let (tell, told) = std::sync::mpsc::channel::<()>();
    let guard = std::thread::spawn(move || {
        if told
            .recv_timeout(Duration::from_secs(20))
            .is_err_and(|e| e == std::sync::mpsc::RecvTimeoutError::Timeout)
        {
            drop(Command::new("kill").args(["-9", &id.to_string()]).status());
        }
    });
    let mut words = String::new();
    child.stderr.take().unwrap().read_to_string(&mut words).unwrap();
    let status = child.wait().unwrap();
    drop(tell);
    guard.join().unwrap();
    (status, words)
}

#[test]
fn it_says_where_it_is_and_stops_when_its_input_closes() {
    let mut child = program(&["--listen", "127.0.0.1:0", "--exit-with-stdin"]);
    let line = ready(&mut child);
    assert_eq!(line["ready"], true);
    let base = line["base"].as_str().unwrap();
    assert_eq!(line["issuer"], format!("{base}/identity_"));
    assert_eq!(line["sheet"], format!("{base}/practice/sheet.toml"));
    assert_eq!(line["app_id"].as_str().unwrap().len(), 36);
    assert!(std::net::TcpStream::connect(base.strip_prefix("http://").unwrap()).is_ok());
    drop(child.stdin.take());
    let (status, words) = ended(child);
    assert_eq!(status.code(), Some(0), "{words}");
    assert!(words.contains("PRACTICE"));
}

#[test]
fn it_stops_at_sigterm() {
    let mut child = program(&["--listen", "[::1]:0"]);
    let line = ready(&mut child);
    assert!(line["base"].as_str().unwrap().starts_with("http://[::1]:"));
    assert!(Command::new("kill").arg(child.id().to_string()).status().unwrap().success());
    assert_eq!(ended(child).0.code(), Some(0));
}

#[test]
fn b16_322_it_refuses_every_address_others_can_reach() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:0"] {
        let (status, words) = ended(program(&["--listen", address]));
        assert_eq!(status.code(), Some(2), "{address}");
        assert!(words.contains("this computer only"), "{words}");
    }
}

#[test]
fn taken_port_is_named_with_advice() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap();
    let (status, words) = ended(program(&["--listen", &address.to_string()]));
    assert_eq!(status.code(), Some(1));
    assert!(words.contains(&address.port().to_string()) && words.contains("--listen 127.0.0.1:0"), "{words}");
}

#[test]
fn bad_redirect_url_and_bad_flags_are_usage_errors() {
    for arguments in [&["--redirect-url", "callback"][..], &["--reuse", "sometimes"], &["--listen", "here"]] {
        let (status, words) = ended(program(arguments));
        assert_eq!(status.code(), Some(2), "{arguments:?}: {words}");
        assert!(!words.is_empty());
    }
}

//! `attendant-test-stranger`: programs that ask Attendant for what is not theirs, and one that asks honestly.
//!
//! As another user: `connect SOCKET`, `get HOST:PORT PATH [COOKIE]`, `plant FOLDER`. As the same user: `ask SOCKET`
//! (honest), `passed SOCKET` (another process uses the connection), `forked SOCKET PROGRAM` (and the one that connected
//! becomes an innocent program), `begun SOCKET PROGRAM` (the one that connected becomes an innocent program in the middle
//! of its request). The parts they are made of: `say TEXT`, `wait`, `held PARENT`, `overhear`.

use anyhow::{Context, bail};
use attendant_tests::Result;
use attendant_tests::patience::wait_until;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::fd::{AsFd, OwnedFd};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["connect", socket] => say(&connect(Path::new(socket))),
        ["get", host, path] => say(&get(host, path, "")?),
        ["get", host, path, cookie] => say(&get(host, path, cookie)?),
        ["plant", folder] => plant(Path::new(folder)),
        ["ask", socket] => {
            let mut stream = UnixStream::connect(socket)?;
            let Ok(challenge) = greeting(&mut stream) else { return say("hung up") };
            writeln!(stream, "{}", request(&challenge))?;
            overhear(&mut stream)
        }
        ["passed", socket, ..] => {
            let stream = UnixStream::connect(socket)?;
            held(&stream, "-")?.wait()?;
            Ok(())
        }
        ["forked", socket, program] => {
            let stream = UnixStream::connect(socket)?;
            held(&stream, program)?;
            bail!("not replaced: {}", Command::new(program).arg("wait").exec());
        }
        ["begun", socket, program] => {
            let mut stream = UnixStream::connect(socket)?;
            let request = request(&greeting(&mut stream)?);
            Command::new(std::env::current_exe()?)
                .arg("overhear")
                .stdin(OwnedFd::from(stream.try_clone()?))
                .spawn()?;
            let (first, rest) = request.split_at(request.len() / 2);
            stream.write_all(first.as_bytes())?;
            let mut command = Command::new(program);
            bail!("not replaced: {}", command.args(["say", rest]).stdout(OwnedFd::from(stream)).exec());
        }
        ["say", text] => {
            say(text)?;
            wait()
        }
        ["wait"] => wait(),
        ["held", program] => {
            let mut stream = inherited()?;
            let request = request(&greeting(&mut stream)?);
            let parent = format!("/proc/{}/exe", std::os::unix::process::parent_id());
            wait_until("the parent to be another program", || {
                Ok(*program == "-" || fs::read_link(&parent)? == Path::new(program))
            })?;
            // In one piece: the app may hang up after the first one.
            stream.write_all(format!("{request}\n").as_bytes())?;
            overhear(&mut stream)
        }
        ["overhear"] => overhear(&mut inherited()?),
        _ => bail!("see the head of stranger.rs"),
    }
}

/// Lives on, as an honest program would.
fn wait() -> Result<()> {
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(())
}

fn say(text: &str) -> Result<()> {
    let mut out = std::io::stdout();
    writeln!(out, "{text}")?;
    Ok(out.flush()?)
}

/// Another process with the connection as its standard input: it answers for this one.
fn held(stream: &UnixStream, parent_becomes: &str) -> Result<std::process::Child> {
    let mut command = Command::new(std::env::current_exe()?);
    Ok(command.args(["held", parent_becomes]).stdin(OwnedFd::from(stream.try_clone()?)).spawn()?)
}

fn inherited() -> Result<UnixStream> {
    Ok(UnixStream::from(std::io::stdin().as_fd().try_clone_to_owned()?))
}

/// The challenge of the app's first line, read byte by byte: the rest of the connection belongs to somebody else.
fn greeting(stream: &mut UnixStream) -> Result<String> {
    let mut line = Vec::new();
    let mut byte = [0];
    while stream.read(&mut byte)? == 1 && byte != *b"\n" {
        line.extend_from_slice(&byte);
    }
    let hello: Value = serde_json::from_slice(&line).context("the app's greeting")?;
    Ok(hello["challenge"].as_str().context("a challenge")?.to_owned())
}

fn request(challenge: &str) -> String {
    json!({"v": 1, "challenge": challenge, "op": "token", "wait_seconds": 30}).to_string()
}

/// Says what the app answers, or that it hung up.
fn overhear(stream: &mut UnixStream) -> Result<()> {
    let mut line = String::new();
    let read = BufReader::new(stream).read_line(&mut line);
    if let Err(error) = read
        && error.kind() != std::io::ErrorKind::ConnectionReset
    {
        return Err(error.into());
    }
    say(if line.is_empty() { "hung up" } else { line.trim_end() })
}

/// Whether a greeting can be had from the socket.
fn connect(socket: &Path) -> String {
    match UnixStream::connect(socket) {
        Err(error) => format!("cannot connect: {:?}", error.kind()),
        Ok(mut stream) => greeting(&mut stream).map_or("hung up".into(), |_| "greeted".into()),
    }
}

/// One request to a server on this computer; answers the status, and the lines that lead on or recognise a browser.
fn get(host: &str, path: &str, cookie: &str) -> Result<String> {
    let address = host.replace("localhost", "127.0.0.1");
    let mut stream = TcpStream::connect(address)?;
    write!(stream, "GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n")?;
    if !cookie.is_empty() {
        write!(stream, "Cookie: {cookie}\r\n")?;
    }
    write!(stream, "\r\n")?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer)?;
    let text = String::from_utf8_lossy(&answer);
    let head = text.split("\r\n\r\n").next().unwrap_or_default();
    let status = head.split(' ').nth(1).context("a status")?;
    let header = |wanted: &str| {
        head.lines()
            .filter_map(|line| line.split_once(": "))
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value.to_owned())
    };
    Ok(json!({"status": status, "location": header("location"), "cookie": header("set-cookie")}).to_string())
}

/// Imitates the app at `FOLDER/attendant.sock` until its standard input ends, then says how much it was told.
fn plant(folder: &Path) -> Result<()> {
    if !folder.exists() {
        fs::create_dir_all(folder)?;
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    let socket = folder.join("attendant.sock");
    let listener = UnixListener::bind(&socket)?;
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o777))?;
    // The way in, once everything stands.
    let _ = fs::set_permissions(folder, fs::Permissions::from_mode(0o755));
    let told = Arc::new(AtomicUsize::new(0));
    let count = told.clone();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let count = count.clone();
            std::thread::spawn(move || {
                let _ = writeln!(stream, "{}", json!({"v": 1, "hello": "attendant", "challenge": "c0ffee"}));
                let mut buffer = [0; 4096];
                while let Ok(bytes @ 1..) = stream.read(&mut buffer) {
                    count.fetch_add(bytes, Ordering::SeqCst);
                }
            });
        }
    });
    say("planted")?;
    std::io::stdin().read_to_end(&mut Vec::new())?;
    let _ = fs::remove_file(&socket);
    let _ = fs::remove_dir(folder);
    // The folder above too, if it was made for this.
    let _ = folder.parent().map(fs::remove_dir);
    say(&format!("{} bytes", told.load(Ordering::SeqCst)))
}

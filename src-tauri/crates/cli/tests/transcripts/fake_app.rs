//! The app's side of a transcript: greets, compares the request with the expected one, replies.

use crate::case::{App, CHALLENGE, Case};
use std::fs::File;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Nothing in a transcript takes this long; a hanging one ends here instead of never.
const AT_MOST: Duration = Duration::from_secs(10);

/// What the program wrote to standard error so far.
#[derive(Default)]
pub struct Said {
    text: Mutex<String>,
    more: Condvar,
}

impl Said {
    pub fn add(&self, text: &str) {
        self.text.lock().unwrap().push_str(text);
        self.more.notify_all();
    }

    pub fn text(&self) -> String {
        self.text.lock().unwrap().clone()
    }

    fn wait_for(&self, wanted: &str) {
        let text = self.text.lock().unwrap();
        drop(self.more.wait_timeout_while(text, AT_MOST, |text| !text.contains(wanted)).unwrap());
    }
}

/// The scripted app, running on a thread.
pub struct FakeApp {
    thread: JoinHandle<Vec<String>>,
    over: Arc<AtomicBool>,
    socket: PathBuf,
    started: PathBuf,
}

impl FakeApp {
    /// Puts the app where `case` says, with its socket at `socket` and the pipe its program writes to at `started`.
    pub fn start(case: &Case, socket: &Path, started: &Path, said: Arc<Said>) -> Self {
        let over = Arc::new(AtomicBool::new(false));
        let listener = match case.app {
            App::Running => Some(UnixListener::bind(socket).unwrap()),
            App::Stale => {
                drop(UnixListener::bind(socket).unwrap());
                None
            }
            App::File => {
                std::fs::write(socket, "").unwrap();
                None
            }
            App::Link => {
                let elsewhere = socket.with_extension("elsewhere");
                let listener = UnixListener::bind(&elsewhere).unwrap();
                std::os::unix::fs::symlink(&elsewhere, socket).unwrap();
                Some(listener)
            }
            App::Absent | App::OnceStarted => None,
        };
        let script = Script {
            app: case.app,
            greeting: greeting(case),
            exchanges: case.exchange.clone(),
            socket: socket.to_owned(),
            started: started.to_owned(),
            over: Arc::clone(&over),
            said,
        };
        let thread = std::thread::spawn(move || script.play(listener));
        Self { thread, over, socket: socket.to_owned(), started: started.to_owned() }
    }

    /// Ends the app; what it did not like, a line each.
    pub fn end(self) -> Vec<String> {
        self.over.store(true, Ordering::SeqCst);
        // Wakes a thread that waits for a start or a connection, if it still does.
        let _ = rustix::fs::open(
            &self.started,
            rustix::fs::OFlags::WRONLY | rustix::fs::OFlags::NONBLOCK,
            rustix::fs::Mode::empty(),
        );
        let _ = UnixStream::connect(&self.socket);
        self.thread.join().unwrap()
    }
}

fn greeting(case: &Case) -> Vec<u8> {
    let usual = format!(r#"{{"v":1,"hello":"attendant","challenge":"{CHALLENGE}"}}"#);
    let mut line = case.greeting.clone().unwrap_or(usual).into_bytes();
    if let Some(length) = case.greeting_length {
        line.resize(length, b' ');
    }
    if !line.is_empty() {
        line.push(b'\n');
    }
    line
}

struct Script {
    app: App,
    greeting: Vec<u8>,
    exchanges: Vec<crate::case::Exchange>,
    socket: PathBuf,
    started: PathBuf,
    over: Arc<AtomicBool>,
    said: Arc<Said>,
}

impl Script {
    fn play(self, listener: Option<UnixListener>) -> Vec<String> {
        let listener = match (self.app, listener) {
            (App::OnceStarted, _) => {
                // Blocks until the program that was started opens the pipe.
                let mut told = String::new();
                let _ = File::open(&self.started).and_then(|mut pipe| pipe.read_to_string(&mut told));
                if self.over.load(Ordering::SeqCst) {
                    return Vec::new();
                }
                UnixListener::bind(&self.socket).unwrap()
            }
            (_, Some(listener)) => listener,
            (_, None) => return Vec::new(),
        };
        let mut complaints = Vec::new();
        let mut left = self.exchanges.iter();
        loop {
            let (stream, _) = listener.accept().unwrap();
            if self.over.load(Ordering::SeqCst) {
                break;
            }
            if let Err(complaint) = self.serve(stream, left.next()) {
                complaints.push(complaint);
            }
        }
        complaints.extend(left.map(|never| format!("never asked: {}", never.request)));
        complaints
    }

    fn serve(&self, mut stream: UnixStream, exchange: Option<&crate::case::Exchange>) -> Result<(), String> {
        stream.set_read_timeout(Some(AT_MOST)).unwrap();
        // The program hangs up in the middle of a greeting that is too long.
        let _ = stream.write_all(&self.greeting);
        if self.greeting.is_empty() {
            return Ok(());
        }
        let mut line = String::new();
        let read = BufReader::new(&stream).read_line(&mut line);
        let Some(exchange) = exchange else {
            // A program that hangs up with something unread resets the connection: as good as an end.
            return if line.is_empty() {
                Ok(())
            } else {
                Err(format!("asked without being expected to: {line}"))
            };
        };
        read.map_err(|error| format!("no request: {error}"))?;
        let asked: serde_json::Value =
            serde_json::from_str(&line).map_err(|error| format!("{error} in request {line:?}"))?;
        let mut expected = exchange.request.clone();
        expected["v"] = 1.into();
        expected["challenge"] = CHALLENGE.into();
        if asked != expected {
            return Err(format!("asked    {asked}\nexpected {expected}"));
        }
        if let Some(text) = &exchange.once_said {
            self.said.wait_for(text);
        }
        if let Some(reply) = &exchange.reply {
            let mut reply = reply.clone();
            if reply.get("v").is_none() {
                reply["v"] = 1.into();
            }
            let _ = stream.write_all(format!("{reply}\n").as_bytes());
        }
        if let Some(raw) = &exchange.raw {
            let _ = stream.write_all(raw.as_bytes());
        }
        Ok(())
    }
}

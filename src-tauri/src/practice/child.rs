//! The program `attendant-practice` as a child: it ends when its standard input closes, so it cannot outlive the app,
//! however the app ends.

use super::{beside_us, cannot_start};
use attendant_core::error::Problem;
use attendant_protocol::Code;
use serde::Deserialize;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use tokio::process::{Child as Process, Command};
use tokio::time::timeout;
use url::Url;

/// It starts in milliseconds; this is for a computer that is very busy.
const READY_WITHIN: Duration = Duration::from_secs(15);
/// How long it may take to end by itself.
const END_WITHIN: Duration = Duration::from_secs(2);
/// The longest answer that is read.
const MAX_ANSWER: u64 = 64 * 1024;

/// Its first line.
#[derive(Debug, Deserialize)]
struct Ready {
    base: Url,
    sheet: Url,
}

/// A practice tenant that runs.
pub struct Child {
    process: Process,
    ready: Ready,
    address: SocketAddr,
}

impl Child {
    /// Starts it at `listen` and waits until it is ready.
    ///
    /// # Errors
    /// `ports_taken` when something else listens there; `internal` when it is missing or ended before it was ready.
    pub async fn spawn(listen: SocketAddr, control: &Path) -> Result<Self, Problem> {
        let program = beside_us("attendant-practice");
        let mut process = Command::new(&program)
            .args(["--listen", &listen.to_string(), "--exit-with-stdin", "--control"])
            .arg(control)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| cannot_start(&program, &error))?;
        let mut line = String::new();
        if let Some(out) = process.stdout.take() {
            let mut out = BufReader::new(out.take(MAX_ANSWER));
            let _ = timeout(READY_WITHIN, out.read_line(&mut line)).await;
        }
        match serde_json::from_str::<Ready>(&line) {
            Ok(ready) => {
                let address =
                    loopback(&ready.base).ok_or_else(|| not_started("It named an address elsewhere."))?;
                // What else it says has no reader; it must not wait for one.
                if let Some(mut words) = process.stderr.take() {
                    tauri::async_runtime::spawn(async move {
                        let _ = tokio::io::copy(&mut words, &mut tokio::io::sink()).await;
                    });
                }
                Ok(Self { process, ready, address })
            }
            Err(_) => Err(why_not(process).await),
        }
    }

    /// Whether it still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.process.try_wait(), Ok(None))
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The hand-off sheet it offers.
    ///
    /// # Errors
    /// `internal` when it does not answer with one.
    pub async fn sheet(&self) -> Result<String, Problem> {
        let fetched = timeout(READY_WITHIN, fetch(self.address, &self.ready.sheet)).await;
        fetched.ok().flatten().ok_or_else(|| not_started("It gave no hand-off sheet."))
    }

    /// Ends it.
    pub async fn end(mut self) {
        drop(self.process.stdin.take());
        if timeout(END_WITHIN, self.process.wait()).await.is_err() {
            let _ = self.process.kill().await;
        }
    }
}

/// Where `base` leads, as long as that is this computer.
fn loopback(base: &Url) -> Option<SocketAddr> {
    let found = base.socket_addrs(|| None).ok()?.into_iter().find(SocketAddr::is_ipv4)?;
    found.ip().is_loopback().then_some(found)
}

async fn why_not(mut process: Process) -> Problem {
    let mut words = String::new();
    if let Some(err) = process.stderr.take() {
        let _ = timeout(END_WITHIN, err.take(2000).read_to_string(&mut words)).await;
    }
    let words = attendant_core::text::clean(&words, 300);
    if words.contains("taken by another program") {
        return Problem::new(Code::PortsTaken, words);
    }
    not_started(&words)
}

fn not_started(why: &str) -> Problem {
    Problem::new(Code::Internal, format!("The practice tenant did not start. {why}"))
}

/// One GET of a small page. An HTTP/1.0 answer ends with the connection, so nothing has to be parsed but its head.
async fn fetch(address: SocketAddr, page: &Url) -> Option<String> {
    let mut stream = TcpStream::connect(address).await.ok()?;
    let request = format!("GET {} HTTP/1.0\r\nHost: {address}\r\n\r\n", page.path());
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.take(MAX_ANSWER).read_to_string(&mut answer).await.ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let ok = head.lines().next()?.split(' ').nth(1)? == "200";
    ok.then(|| body.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::net::TcpListener;

    #[test]
    fn only_this_computer_is_practice() {
        let at = |base: &str| loopback(&Url::parse(base).unwrap());
        assert_eq!(at("http://127.0.0.1:8500"), Some("127.0.0.1:8500".parse().unwrap()));
        assert_eq!(at("http://192.0.2.1:8500"), None);
    }

    #[tokio::test]
    async fn a_page_is_fetched_only_when_it_is_there() {
        for (answer, expected) in [
            ("HTTP/1.1 200 OK\r\ncontent-type: x\r\n\r\nname = \"a\"\n", Some("name = \"a\"\n".to_owned())),
            ("HTTP/1.1 404 Not Found\r\n\r\nno", None),
            ("garbage", None),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let address = listener.local_addr().unwrap();
            let server = tokio::spawn(async move {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut request = [0_u8; 512];
                let length = stream.read(&mut request).await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
                String::from_utf8_lossy(&request[..length]).into_owned()
            });
            let page = Url::parse("http://ignored/practice/sheet.toml").unwrap();
            assert_eq!(fetch(address, &page).await, expected);
            assert!(server.await.unwrap().starts_with("GET /practice/sheet.toml HTTP/1.0\r\n"));
        }
    }
}

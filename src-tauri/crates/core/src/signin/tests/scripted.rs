//! A sign-in server that says what a test tells it to, and remembers what it was asked.

use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

/// Method, path with query, body.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub line: String,
    pub body: String,
}

type Script = dyn Fn(&Asked) -> Vec<u8> + Send + Sync;

/// The server; it ends with the test's runtime.
pub(crate) struct Scripted {
    pub base: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Scripted {
    pub async fn start(script: impl Fn(&str, &Asked) -> Vec<u8> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let asked: Arc<Mutex<Vec<Asked>>> = Arc::default();
        let (own, log) = (base.clone(), Arc::clone(&asked));
        let script: Arc<Script> = Arc::new(move |asked| script(&own, asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let (script, log) = (Arc::clone(&script), Arc::clone(&log));
                tokio::spawn(async move {
                    let mut bytes = Vec::new();
                    let mut buffer = [0_u8; 4096];
                    loop {
                        let Ok(count) = stream.read(&mut buffer).await else { return };
                        bytes.extend_from_slice(&buffer[..count]);
                        let text = String::from_utf8_lossy(&bytes);
                        if let Some((head, body)) = text.split_once("\r\n\r\n") {
                            let length = head
                                .lines()
                                .find_map(|line| {
                                    line.to_ascii_lowercase()
                                        .strip_prefix("content-length:")?
                                        .trim()
                                        .parse()
                                        .ok()
                                })
                                .unwrap_or(0_usize);
                            if body.len() >= length {
                                let line = head.lines().next().unwrap_or_default();
                                let line = line.trim_end_matches(" HTTP/1.1").to_owned();
                                let asked = Asked { line, body: body.to_owned() };
                                let reply = script(&asked);
                                log.lock().unwrap().push(asked);
                                let _ = stream.write_all(&reply).await;
                                return;
                            }
                        }
                        if count == 0 {
                            return;
                        }
                    }
                });
            }
        });
        Self { base, asked }
    }

    /// How many requests began like this, such as `POST /token`.
    pub fn count(&self, start: &str) -> usize {
        self.asked.lock().unwrap().iter().filter(|asked| asked.line.starts_with(start)).count()
    }

    /// The bodies of these requests.
    pub fn bodies(&self, start: &str) -> Vec<String> {
        let asked = self.asked.lock().unwrap();
        asked.iter().filter(|asked| asked.line.starts_with(start)).map(|asked| asked.body.clone()).collect()
    }
}

/// A reply with a status, a type and a body.
pub(crate) fn reply(status: u16, kind: &str, body: &str) -> Vec<u8> {
    format!("HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}", body.len())
        .into_bytes()
}

/// JSON with status 200.
pub(crate) fn ok(body: &Value) -> Vec<u8> {
    reply(200, "application/json", &body.to_string())
}

/// A description that keeps every rule.
pub(crate) fn description(base: &str) -> Value {
    json!({
        "issuer": base,
        "authorization_endpoint": format!("{base}/authorize"),
        "token_endpoint": format!("{base}/token"),
        "jwks_uri": format!("{base}/jwks"),
        "revocation_endpoint": format!("{base}/revoke"),
        "code_challenge_methods_supported": ["plain", "S256"],
        "response_types_supported": ["code"],
        "mtls_endpoint_aliases": { "token_endpoint": "https://mtls.example.test/" },
    })
}

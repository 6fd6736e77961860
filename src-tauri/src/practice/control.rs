//! The practice tenant's control socket: one JSON line there, one back.

use attendant_core::error::Problem;
use attendant_core::text::clean;
use attendant_protocol::Code;
use serde_json::Value;
use std::path::Path;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

const WITHIN: Duration = Duration::from_secs(5);

/// Sends `command` and waits until it was carried out.
///
/// # Errors
/// `internal`, with what the practice tenant said or why it said nothing.
pub async fn send(socket: &Path, command: &Value) -> Result<(), Problem> {
    let answer = match timeout(WITHIN, exchange(socket, command)).await {
        Ok(Ok(answer)) => answer,
        Ok(Err(error)) => return Err(failed(&error.to_string())),
        Err(_) => return Err(failed("It does not answer.")),
    };
    let answer: Value = serde_json::from_str(&answer).unwrap_or_default();
    if answer["ok"] == true {
        return Ok(());
    }
    Err(failed(&clean(answer["error"].as_str().unwrap_or("It did not understand."), 200)))
}

async fn exchange(socket: &Path, command: &Value) -> std::io::Result<String> {
    let mut stream = UnixStream::connect(socket).await?;
    stream.write_all(format!("{command}\n").as_bytes()).await?;
    let mut answer = String::new();
    BufReader::new(stream.take(64 * 1024)).read_line(&mut answer).await?;
    Ok(answer)
}

fn failed(why: &str) -> Problem {
    Problem::new(Code::Internal, format!("The practice tenant could not do that. {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tokio::net::UnixListener;

    #[tokio::test]
    async fn only_ok_is_ok() {
        let socket = std::env::temp_dir().join(format!("attendant-control-{}.sock", std::process::id()));
        let _ = std::fs::remove_file(&socket);
        let listener = UnixListener::bind(&socket).unwrap();
        let command = json!({ "do": "x" });
        for (answer, said) in [
            ("{\"ok\":true}\n", None),
            ("{\"error\":\"A status is 200 to 599.\",\"advice\":\"\"}\n", Some("A status is 200 to 599.")),
            ("", Some("did not understand")),
        ] {
            let (sent, served) = tokio::join!(send(&socket, &command), async {
                let (mut stream, _) = listener.accept().await.unwrap();
                stream.write_all(answer.as_bytes()).await.unwrap();
                let mut line = String::new();
                BufReader::new(&mut stream).read_line(&mut line).await.unwrap();
                line
            });
            assert_eq!(served, "{\"do\":\"x\"}\n");
            match said {
                None => sent.unwrap(),
                Some(said) => assert!(sent.unwrap_err().message.contains(said)),
            }
        }
        std::fs::remove_file(&socket).unwrap();
        assert!(send(&socket, &json!({})).await.is_err());
    }
}

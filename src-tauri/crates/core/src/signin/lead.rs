//! Leads the browser somewhere without showing the launcher where: a single-use address of this computer.
//!
//! Signing out in the browser needs it, because its address carries the ID token, and a launcher's command line is
//! readable by every user of the computer.

use crate::random::Randomness;
use crate::secret::Secret;
use crate::signin::loopback::receive;
use crate::signin::pages::Response;
use crate::signin::peer::{Peer, peer_of};
use std::io;
use std::net::Ipv4Addr;
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::time::timeout;
use url::Url;

/// How long the browser may take to come.
const PATIENCE: Duration = Duration::from_secs(60);
/// How long one connection may take.
const EXCHANGE: Duration = Duration::from_secs(5);

/// An address that leads to `destination` once, and is closed then or after a minute.
///
/// # Errors
/// This computer has no free port.
pub async fn to(destination: Url, random: &dyn Randomness) -> io::Result<Url> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
    let authority = listener.local_addr()?.to_string();
    let ticket = random.token();
    let address = Url::parse(&format!("http://{authority}/{ticket}")).map_err(io::Error::other)?;
    let ticket = Secret::new(format!("/{ticket}"));
    tokio::spawn(timeout(PATIENCE, serve(listener, authority, ticket, destination)));
    Ok(address)
}

async fn serve(listener: TcpListener, authority: String, ticket: Secret, destination: Url) {
    loop {
        let Ok((stream, _)) = listener.accept().await else { return };
        // One after another: nobody but the browser has a reason to come, and a slow stranger is cut.
        let led = timeout(EXCHANGE, answer(stream, &authority, &ticket, &destination)).await;
        if matches!(led, Ok(Ok(true))) {
            return;
        }
    }
}

/// Answers one request. Whether it was the one that was waited for.
async fn answer(
    mut stream: TcpStream,
    authority: &str,
    ticket: &Secret,
    destination: &Url,
) -> io::Result<bool> {
    let (peer, local) = (stream.peer_addr()?, stream.local_addr()?);
    let (response, led) = match receive(&mut stream, authority).await {
        Ok(request) if request.prefetch => (Response::refusal(204), false),
        Ok(request) if !ticket.matches(&request.path) => (Response::refusal(404), false),
        Ok(_) if matches!(peer_of(peer, local), Peer::Other) => (Response::refusal(403), false),
        Ok(_) => (Response::redirect(302, destination.to_string()), true),
        Err(unfit) => (Response::refusal(unfit.status().unwrap_or(400)), false),
    };
    stream.write_all(&response.bytes()).await?;
    stream.shutdown().await?;
    Ok(led)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::OsRandom;
    use tokio::io::AsyncReadExt as _;

    async fn get(address: &Url, method: &str, path: &str) -> Option<String> {
        let authority = format!("127.0.0.1:{}", address.port().unwrap());
        let mut stream = TcpStream::connect(&authority).await.ok()?;
        let request = format!("{method} {path} HTTP/1.1\r\nHost: {authority}\r\n\r\n");
        stream.write_all(request.as_bytes()).await.ok()?;
        let mut reply = String::new();
        stream.read_to_string(&mut reply).await.ok()?;
        Some(reply)
    }

    #[tokio::test]
    async fn it_leads_there_once_and_shows_nothing_before() {
        let destination = Url::parse("https://host.example/end?id_token_hint=eyJ.x.y").unwrap();
        let address = to(destination.clone(), &OsRandom).await.unwrap();
        assert!(!address.as_str().contains("eyJ"));
        assert!(get(&address, "GET", "/other").await.unwrap().starts_with("HTTP/1.1 404"));
        assert!(get(&address, "HEAD", address.path()).await.unwrap().starts_with("HTTP/1.1 405"));
        let led = get(&address, "GET", address.path()).await.unwrap();
        assert!(led.starts_with("HTTP/1.1 302") && led.contains(destination.as_str()), "{led}");
        assert!(
            get(&address, "GET", address.path()).await.is_none_or(|reply| reply.is_empty()),
            "once was once"
        );
    }
}

//! The listener at the return address: a few connections, short deadlines, and no trust. It lives exactly as long as
//! its attempt and is never released and bound again.

use crate::clock::{Clock, Time};
use crate::signin::pages::Response;
use crate::signin::peer::Peer;
use crate::signin::request::{self, REQUEST_CAP, Request, Unfit};
use crate::signin::waiting::{Life, Waiting};
use std::collections::VecDeque;
use std::future::poll_fn;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::AbortHandle;
use tokio::time::timeout;
use zeroize::Zeroizing;

const CONNECTIONS: usize = 64;
const HEADER: Duration = Duration::from_secs(5);
const WRITE: Duration = Duration::from_secs(2);
/// How long the outcome waits for the browser to fetch it.
const LINGER: Duration = Duration::from_secs(10);
/// What accepting waits for after the computer ran out of something.
const BACK_OFF: Duration = Duration::from_millis(50);

/// Who connected: the peer's address and ours.
pub(crate) type PeerLookup = fn(SocketAddr, SocketAddr) -> Peer;

/// Serves until the attempt is over.
pub(crate) async fn serve(
    listeners: Vec<TcpListener>,
    waiting: Arc<Waiting>,
    lookup: PeerLookup,
    clock: Arc<dyn Clock>,
    gives_up_at: Time,
) {
    let mut life = waiting.life.subscribe();
    let mut connections: VecDeque<AbortHandle> = VecDeque::with_capacity(CONNECTIONS);
    let mut expiry = Some(clock.sleep_until(gives_up_at));
    let mut linger = None;
    loop {
        let now = *life.borrow_and_update();
        if now == Life::Closed {
            break;
        }
        if now == Life::Lingering && linger.is_none() {
            linger = Some(Box::pin(tokio::time::sleep(LINGER)));
        }
        tokio::select! {
            accepted = accept(&listeners) => match accepted {
                Ok((stream, peer)) => {
                    connections.retain(|connection| !connection.is_finished());
                    if connections.len() == CONNECTIONS {
                        // The oldest has said nothing useful for longest; the newest may be the answer.
                        connections.pop_front().inspect(AbortHandle::abort);
                    }
                    let task = tokio::spawn(connection(stream, peer, Arc::clone(&waiting), lookup));
                    connections.push_back(task.abort_handle());
                }
                Err(error) => {
                    tracing::debug!(%error, "a connection could not be accepted");
                    tokio::time::sleep(BACK_OFF).await;
                }
            },
            changed = life.changed() => if changed.is_err() { break },
            () = optional(&mut expiry) => { expiry = None; waiting.expire(); }
            () = optional(&mut linger) => break,
        }
    }
    for connection in connections {
        connection.abort();
    }
    waiting.close();
}

/// Completes with the future, or never.
async fn optional(future: &mut Option<impl Future<Output = ()> + Unpin>) {
    match future {
        Some(future) => future.await,
        None => std::future::pending().await,
    }
}

async fn accept(listeners: &[TcpListener]) -> io::Result<(TcpStream, SocketAddr)> {
    poll_fn(|context| {
        for listener in listeners {
            if let Poll::Ready(accepted) = listener.poll_accept(context) {
                return Poll::Ready(accepted);
            }
        }
        Poll::Pending
    })
    .await
}

async fn connection(mut stream: TcpStream, peer: SocketAddr, waiting: Arc<Waiting>, lookup: PeerLookup) {
    let Ok(local) = stream.local_addr() else { return };
    let Ok(read) = timeout(HEADER, receive(&mut stream, &waiting.authority)).await else { return };
    let response = match read {
        Ok(request) => waiting.respond(&request, || lookup(peer, local)),
        Err(unfit) => {
            if unfit == Unfit::Tls {
                tracing::info!("the browser tried https at the return address, which is plain http");
            }
            let Some(status) = unfit.status() else { return };
            Response::refusal(status)
        }
    };
    let sent = timeout(WRITE, async {
        stream.write_all(&response.bytes()).await?;
        stream.shutdown().await
    })
    .await;
    if response.last && matches!(sent, Ok(Ok(()))) {
        waiting.close();
        return;
    }
    // Closing over unread bytes would reset the connection and take the reply away from its reader.
    let mut rest = [0_u8; 1024];
    let _ = timeout(WRITE, async {
        for _ in 0..REQUEST_CAP * 4 / rest.len() {
            if !matches!(stream.read(&mut rest).await, Ok(read) if read > 0) {
                break;
            }
        }
    })
    .await;
}

pub(crate) async fn receive(stream: &mut TcpStream, authority: &str) -> Result<Request, Unfit> {
    let mut buffer = Zeroizing::new(vec![0_u8; REQUEST_CAP]);
    let mut filled = 0;
    loop {
        let Some(free) = buffer.get_mut(filled..).filter(|free| !free.is_empty()) else {
            return Err(Unfit::TooLarge);
        };
        let count = stream.read(free).await.unwrap_or(0);
        if count == 0 {
            return Err(Unfit::Incomplete);
        }
        let first = filled == 0;
        // Only the end of a line can complete a request, so that a slow sender costs no repeated reading.
        let worth_reading = first || free.iter().take(count).any(|byte| *byte == b'\n');
        filled += count;
        if worth_reading || filled == REQUEST_CAP {
            match request::read(buffer.get(..filled).unwrap_or_default(), authority) {
                Err(Unfit::Incomplete) => {}
                decided => return decided,
            }
        }
    }
}

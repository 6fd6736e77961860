//! The loopback server: refuses other addresses and other hosts, applies the faults that were asked for, and can close
//! a connection without an answer, which is why it drives `hyper` itself.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use axum::body::Body;
use axum::http::header::{
    CONTENT_TYPE, HOST, HeaderName, HeaderValue, REFERRER_POLICY, RETRY_AFTER, X_CONTENT_TYPE_OPTIONS,
    X_FRAME_OPTIONS,
};
use axum::http::{HeaderMap, Request, StatusCode};
use axum::response::Response;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::{Service, service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::server::graceful::GracefulShutdown;
use hyper_util::service::TowerToHyperService;
use tokio::net::TcpListener;

use crate::faults::{Endpoint, Failure};
use crate::pages;
use crate::routes::router;
use crate::state::State;

/// A client that does not finish its header within this time is let go.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Answers under way get this long when the tenant stops.
const GRACE: Duration = Duration::from_secs(1);

/// The practice tenant may only be reached from this computer.
#[derive(Debug, PartialEq, Eq)]
pub struct AddressError(pub SocketAddr);

impl std::fmt::Display for AddressError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "The practice tenant listens on this computer only, and {} can be reached from outside. Use 127.0.0.1 or [::1].",
            self.0
        )
    }
}

impl std::error::Error for AddressError {}

/// Says no to every address that another computer could reach (security case 322).
///
/// # Errors
/// When `address` is not a loopback address.
pub fn check_loopback(address: SocketAddr) -> Result<(), AddressError> {
    if address.ip().is_loopback() { Ok(()) } else { Err(AddressError(address)) }
}

/// Serves `practice` on `listener` until `shutdown` completes.
///
/// # Errors
/// When the listener is not on a loopback address, or its address cannot be read.
pub async fn run(
    listener: TcpListener,
    practice: State,
    shutdown: impl Future<Output = ()>,
) -> io::Result<()> {
    let address = listener.local_addr()?;
    check_loopback(address).map_err(|error| io::Error::new(io::ErrorKind::InvalidInput, error))?;
    practice.listens_on(address);
    let service = TowerToHyperService::new(router(practice.clone()));
    let graceful = GracefulShutdown::new();
    let mut shutdown = std::pin::pin!(shutdown);
    loop {
        let accepted = tokio::select! {
            () = &mut shutdown => break,
            accepted = listener.accept() => accepted,
        };
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, or the peer left: others may still be served, but not in a busy loop.
            tokio::time::sleep(Duration::from_millis(20)).await;
            continue;
        };
        let (practice, service) = (practice.clone(), service.clone());
        let handler = service_fn(move |request| answer(practice.clone(), service.clone(), request));
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEADER_TIMEOUT)
            .serve_connection(TokioIo::new(stream), handler);
        let connection = graceful.watch(connection);
        tokio::spawn(async move {
            // A client that breaks off, or an answer that was to be dropped: the connection ends either way.
            let _ended = connection.await;
        });
    }
    drop(listener);
    tokio::select! {
        () = graceful.shutdown() => {}
        () = tokio::time::sleep(GRACE) => {}
    }
    Ok(())
}

/// The answer was made and is not sent, as the knob asked.
#[derive(Debug)]
struct Dropped;

impl std::fmt::Display for Dropped {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer was dropped on request")
    }
}

impl std::error::Error for Dropped {}

async fn answer<S>(practice: State, service: S, request: Request<Incoming>) -> Result<Response, Dropped>
where
    S: Service<Request<Incoming>, Response = Response, Error = Infallible>,
{
    let endpoint = Endpoint::of(request.uri().path());
    if !is_our_host(request.headers(), practice.base()) {
        practice.lock().stats.hosts_refused += 1;
        return Ok(misdirected(practice.base()));
    }
    let suffered = practice.lock().faults.take(endpoint);
    wait(suffered.delay_before_ms).await;
    let mut response = match suffered.fail {
        Some(failure) => failed(failure),
        None => match service.call(request).await {
            Ok(response) => response,
            Err(never) => match never {},
        },
    };
    wait(suffered.delay_after_ms).await;
    let outcome = if suffered.drop { "dropped".to_owned() } else { response.status().as_u16().to_string() };
    practice.lock().stats.count(endpoint.name(), &outcome);
    if suffered.drop {
        return Err(Dropped);
    }
    harden(response.headers_mut());
    Ok(response)
}

async fn wait(ms: u64) {
    if ms > 0 {
        tokio::time::sleep(Duration::from_millis(ms)).await;
    }
}

/// A page on another name that resolves to this address must not get an answer (DNS rebinding).
fn is_our_host(headers: &HeaderMap, base: &str) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let host = hosts.next().and_then(|host| host.to_str().ok()).unwrap_or_default();
    hosts.next().is_none() && base.strip_prefix("http://").is_some_and(|own| own.eq_ignore_ascii_case(host))
}

fn misdirected(base: &str) -> Response {
    let mut response = pages::message(
        base,
        StatusCode::MISDIRECTED_REQUEST,
        "PRACTICE wrong host",
        "This name is not mine",
        &format!("Use {base} exactly as written."),
    );
    harden(response.headers_mut());
    response
}

fn failed(failure: Failure) -> Response {
    let mut response = Response::new(Body::from(failure.body));
    *response.status_mut() = StatusCode::from_u16(failure.status).unwrap_or(StatusCode::SERVICE_UNAVAILABLE);
    let mut set = |name: HeaderName, value: Option<String>| {
        if let Some(value) = value.and_then(|value| HeaderValue::try_from(value).ok()) {
            response.headers_mut().insert(name, value);
        }
    };
    set(CONTENT_TYPE, failure.content_type);
    set(RETRY_AFTER, failure.retry_after);
    response
}

/// On every answer. The referrer policy keeps codes out of other sites' logs and still lets a form name its origin.
fn harden(headers: &mut HeaderMap) {
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(X_FRAME_OPTIONS, HeaderValue::from_static("DENY"));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("same-origin"));
}

//! The one HTTP client: redirects off, no cookies, deadlines, a body cap, https only except to this computer.
//!
//! A redirect would carry a refresh token to wherever the server says (RFC 9700 §4.12), so none is followed. No
//! connection is kept for reuse, so its buffers die with the reply they carried; [`Http::rebuild`] at sign-out lets
//! the rest die. Nothing is repeated here, not even what the library thinks is safe: a refresh token is spent once.

use crate::clock::Time;
use attendant_protocol::Code;
use chrono::DateTime;
use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use std::error::Error;
use std::fmt;
use std::sync::{OnceLock, PoisonError, RwLock};
use std::time::Duration;
use url::{Host, Url};
use zeroize::Zeroizing;

pub use reqwest::Method;

/// How long a connection may take to stand, TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// How long everything together may take, the body included.
const TOTAL: Duration = Duration::from_secs(15);
/// The largest body that is read.
pub const BODY_CAP: usize = 1024 * 1024;

/// Why a request gave no reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HttpError {
    /// The address is not https, or names a user, or is not an address of the web. Nothing was sent.
    NotAllowed(String),
    /// The server, or the proxy before it, could not be reached. Nothing was sent.
    Offline,
    /// The server's certificate was not accepted, or no TLS could be agreed. Nothing was sent.
    Tls,
    /// The request was sent and the reply did not come in time, or not whole.
    Timeout,
    /// The request was sent and the connection broke before the reply was whole.
    Broken,
    /// The reply is larger than [`BODY_CAP`].
    TooLarge,
    /// The server wants us elsewhere. Redirects are not followed.
    RedirectRefused(u16),
    /// The client itself could not be built.
    Unusable,
}

impl HttpError {
    /// Whether the server certainly never saw the request, so that what it carried is unspent.
    pub fn never_sent(&self) -> bool {
        matches!(self, Self::NotAllowed(_) | Self::Offline | Self::Tls | Self::Unusable)
    }

    /// The code it is told by.
    pub fn code(&self) -> Code {
        match self {
            Self::NotAllowed(_) => Code::FieldInvalid,
            Self::Offline | Self::Broken => Code::Offline,
            Self::Tls => Code::TlsRefused,
            Self::Timeout => Code::ServerTimeout,
            Self::TooLarge => Code::TooLarge,
            Self::RedirectRefused(_) => Code::ProviderRefused,
            Self::Unusable => Code::Internal,
        }
    }
}

impl fmt::Display for HttpError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAllowed(url) => {
                write!(f, "{url} is not an https address, which is required off this computer")
            }
            Self::Offline => f.write_str("the server cannot be reached"),
            Self::Tls => f.write_str("the server's certificate was not accepted"),
            Self::Timeout => f.write_str("the server took too long"),
            Self::Broken => f.write_str("the connection broke before the reply was complete"),
            Self::TooLarge => f.write_str("the reply is larger than 1 MiB"),
            Self::RedirectRefused(status) => write!(f, "the server redirects elsewhere (status {status})"),
            Self::Unusable => f.write_str("the HTTP client could not be built"),
        }
    }
}

impl Error for HttpError {}

/// A reply, whatever its status; its body is wiped when dropped.
#[derive(Debug)]
pub struct Reply {
    /// The HTTP status.
    pub status: u16,
    /// The header fields.
    pub headers: HeaderMap,
    /// The whole body.
    pub body: Zeroizing<Vec<u8>>,
}

impl Reply {
    /// The server's own time (RFC 9110 §6.6.1).
    pub fn server_date(&self) -> Option<Time> {
        http_date(self.headers.get(DATE)?)
    }

    /// How long the server asks to wait (RFC 9110 §10.2.3), as seconds or as a date compared with its own `Date`.
    pub fn retry_after(&self) -> Option<Duration> {
        let value = self.headers.get(RETRY_AFTER)?;
        if let Some(seconds) = value.to_str().ok().and_then(|text| text.trim().parse().ok()) {
            return Some(Duration::from_secs(seconds));
        }
        (http_date(value)? - self.server_date()?).to_std().ok()
    }
}

fn http_date(value: &HeaderValue) -> Option<Time> {
    DateTime::parse_from_rfc2822(value.to_str().ok()?).ok().map(|at| at.to_utc())
}

/// The client. Cheap to share behind an `Arc`.
pub struct Http {
    clients: RwLock<Clients>,
    proxy: Option<String>,
}

/// Two of one kind: requests to this computer never go to a proxy, which would be another computer.
struct Clients {
    out: reqwest::Client,
    /// Made when first needed: reading the trust store takes a while, and most people never need this one.
    loopback: OnceLock<reqwest::Client>,
}

impl Http {
    /// A client with the platform's trust store and the environment's proxies.
    pub fn new() -> Result<Self, HttpError> {
        Ok(Self { clients: RwLock::new(Clients::build()?), proxy: proxy_of(|name| std::env::var(name).ok()) })
    }

    /// Host and port of the proxy in use, without credentials; shown to the person.
    pub fn proxy_shown(&self) -> Option<&str> {
        self.proxy.as_deref()
    }

    /// Replaces the client, so that connections and their buffers die once the requests under way are done.
    /// A failure, which was logged, leaves the old one in place.
    pub fn rebuild(&self) {
        if let Ok(fresh) = Clients::build() {
            *self.clients.write().unwrap_or_else(PoisonError::into_inner) = fresh;
        }
    }

    /// Fetches `url`.
    pub async fn get(&self, url: &Url, accept: &'static str) -> Result<Reply, HttpError> {
        let headers = [(reqwest::header::ACCEPT, HeaderValue::from_static(accept))];
        self.send(Method::GET, url, headers.into_iter().collect(), Zeroizing::default()).await
    }

    /// Posts a form and asks for JSON.
    pub async fn post_form(&self, url: &Url, form: &[(&str, &str)]) -> Result<Reply, HttpError> {
        let body = encode(form);
        let headers = [
            (reqwest::header::ACCEPT, HeaderValue::from_static("application/json")),
            (CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded")),
        ];
        self.send(Method::POST, url, headers.into_iter().collect(), body).await
    }

    /// Sends one request, once.
    ///
    /// # Errors
    /// [`HttpError::never_sent`] tells whether the server may have seen it.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: HeaderMap<HeaderValue>,
        body: Zeroizing<Vec<u8>>,
    ) -> Result<Reply, HttpError> {
        let loopback = is_loopback(url);
        let fits = (url.scheme() == "https" || (url.scheme() == "http" && loopback))
            && url.username().is_empty()
            && url.password().is_none();
        if !fits {
            return Err(HttpError::NotAllowed(shown(url)));
        }
        let client = self.clients.read().unwrap_or_else(PoisonError::into_inner).pick(loopback)?;
        let mut request = client.request(method, url.clone()).headers(headers);
        if !body.is_empty() {
            // The copy the library keeps is freed with the request and wiped by the allocator.
            request = request.body(body.to_vec());
        }
        let mut response = request.send().await.map_err(|error| classify(&error))?;
        let status = response.status().as_u16();
        if matches!(status, 301 | 302 | 303 | 307 | 308) {
            return Err(HttpError::RedirectRefused(status));
        }
        if response.content_length().is_some_and(|length| length > BODY_CAP as u64) {
            return Err(HttpError::TooLarge);
        }
        let headers = std::mem::take(response.headers_mut());
        // Full size at once: a buffer that grows leaves copies behind.
        let expected = response.content_length().and_then(|length| usize::try_from(length).ok());
        let mut body = Zeroizing::new(Vec::with_capacity(expected.unwrap_or(16 * 1024)));
        while let Some(chunk) = response.chunk().await.map_err(|error| after_sending(&error))? {
            if body.len() + chunk.len() > BODY_CAP {
                return Err(HttpError::TooLarge);
            }
            body.extend_from_slice(&chunk);
        }
        Ok(Reply { status, headers, body })
    }
}

/// A form as a body.
fn encode(form: &[(&str, &str)]) -> Zeroizing<Vec<u8>> {
    let mut body = url::form_urlencoded::Serializer::new(String::new());
    body.extend_pairs(form);
    Zeroizing::new(body.finish().into_bytes())
}

impl Clients {
    fn build() -> Result<Self, HttpError> {
        Ok(Self { out: builder().build().map_err(unusable)?, loopback: OnceLock::new() })
    }

    fn pick(&self, loopback: bool) -> Result<reqwest::Client, HttpError> {
        if !loopback {
            return Ok(self.out.clone());
        }
        if let Some(client) = self.loopback.get() {
            return Ok(client.clone());
        }
        let client = builder().no_proxy().build().map_err(unusable)?;
        Ok(self.loopback.get_or_init(|| client).clone())
    }
}

#[expect(clippy::disallowed_methods, reason = "the one door to the network")]
fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .user_agent(concat!("Attendant/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT)
        .timeout(TOTAL)
        .pool_max_idle_per_host(0)
}

fn unusable(error: reqwest::Error) -> HttpError {
    tracing::error!(%error, "the HTTP client could not be built");
    HttpError::Unusable
}

/// Whether `url` names this computer: `localhost` or an address of the loopback network.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    }
}

/// `url` without what must not be shown or logged: user, query and fragment.
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    url.set_query(None);
    url.set_fragment(None);
    // Both fail only on addresses that cannot have a user.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

fn classify(error: &reqwest::Error) -> HttpError {
    if error.is_builder() {
        HttpError::NotAllowed(error.url().map(shown).unwrap_or_default())
    } else if error.is_connect() {
        if tls_failed(error) { HttpError::Tls } else { HttpError::Offline }
    } else {
        after_sending(error)
    }
}

fn after_sending(error: &reqwest::Error) -> HttpError {
    if error.is_timeout() { HttpError::Timeout } else { HttpError::Broken }
}

/// rustls reports itself as an I/O error of invalid data, wrapped a few times on the way up.
fn tls_failed(error: &(dyn Error + 'static)) -> bool {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(io) = error.downcast_ref::<std::io::Error>() {
            if io.kind() == std::io::ErrorKind::InvalidData {
                return true;
            }
            if let Some(inner) = io.get_ref() {
                return tls_failed(inner);
            }
        }
        next = error.source();
    }
    false
}

fn proxy_of(variable: impl Fn(&str) -> Option<String>) -> Option<String> {
    let value = ["HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"]
        .into_iter()
        .find_map(|name| variable(name).filter(|value| !value.trim().is_empty()))?;
    let value = value.trim();
    let url = Url::parse(value)
        .ok()
        .filter(Url::has_host)
        .or_else(|| Url::parse(&format!("http://{value}")).ok())?;
    let host = url.host_str()?;
    Some(url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    async fn answer_once(reply: Vec<u8>) -> Url {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = Url::parse(&format!("http://{}/x", listener.local_addr().unwrap())).unwrap();
        tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut buffer = [0_u8; 4096];
            let _ = stream.read(&mut buffer).await;
            let _ = stream.write_all(&reply).await;
        });
        url
    }

    #[tokio::test]
    async fn only_https_leaves_this_computer() {
        let http = Http::new().unwrap();
        for refused in [
            "http://example.test/",
            "https://user@127.0.0.1/",
            "http://localhost.evil.test/",
            "ftp://127.0.0.1/",
        ] {
            let url = Url::parse(refused).unwrap();
            let error = http.get(&url, "*/*").await.unwrap_err();
            assert!(matches!(error, HttpError::NotAllowed(_)), "{refused}: {error:?}");
            assert!(error.never_sent());
        }
    }

    #[tokio::test]
    async fn a_redirect_is_refused() {
        let url = answer_once(
            b"HTTP/1.1 307 X\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n".to_vec(),
        )
        .await;
        assert_eq!(Http::new().unwrap().get(&url, "*/*").await.unwrap_err(), HttpError::RedirectRefused(307));
    }

    #[tokio::test]
    async fn a_body_is_cut_at_the_cap_announced_or_not() {
        let announced = answer_once(b"HTTP/1.1 200 OK\r\nContent-Length: 52428800\r\n\r\n".to_vec()).await;
        assert_eq!(Http::new().unwrap().get(&announced, "*/*").await.unwrap_err(), HttpError::TooLarge);
        let mut reply = b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n".to_vec();
        reply.resize(BODY_CAP + 4096, b'x');
        let silent = answer_once(reply).await;
        assert_eq!(Http::new().unwrap().get(&silent, "*/*").await.unwrap_err(), HttpError::TooLarge);
    }

    #[tokio::test]
    async fn never_sent_is_told_from_lost() {
        let http = Http::new().unwrap();
        let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
        let nobody = Url::parse(&format!("http://{free}/")).unwrap();
        assert!(http.post_form(&nobody, &[("a", "b")]).await.unwrap_err().never_sent());
        let lost = answer_once(Vec::new()).await;
        let error = http.post_form(&lost, &[("a", "b")]).await.unwrap_err();
        assert_eq!(error, HttpError::Broken);
        assert!(!error.never_sent());
        let not_tls = answer_once(b"HTTP/1.1 400 Bad\r\n\r\n".to_vec()).await;
        let https = Url::parse(&not_tls.as_str().replace("http:", "https:")).unwrap();
        assert_eq!(http.get(&https, "*/*").await.unwrap_err(), HttpError::Tls);
    }

    #[test]
    fn the_proxy_is_shown_without_its_password() {
        let with = |value: &str| proxy_of(|name| (name == "HTTPS_PROXY").then(|| value.to_owned()));
        assert_eq!(with("http://me:secret@proxy.test:3128").as_deref(), Some("proxy.test:3128"));
        assert_eq!(with("proxy.test:3128").as_deref(), Some("proxy.test:3128"));
        assert_eq!(with(" "), None);
    }

    #[tokio::test]
    async fn date_and_retry_after_are_read() {
        let url = answer_once(
            b"HTTP/1.1 503 X\r\nDate: Fri, 21 Nov 2025 15:00:00 GMT\r\nRetry-After: Fri, 21 Nov 2025 15:01:00 GMT\r\nContent-Length: 0\r\n\r\n".to_vec(),
        )
        .await;
        let reply = Http::new().unwrap().get(&url, "*/*").await.unwrap();
        assert_eq!(reply.server_date().unwrap().to_rfc3339(), "2025-11-21T15:00:00+00:00");
        assert_eq!(reply.retry_after(), Some(Duration::from_secs(60)));
    }
}

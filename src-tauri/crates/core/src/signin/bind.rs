//! Takes the return address before anything else happens: a redirect URL is used byte for byte, and both loopback
//! families are held, because a browser may resolve `localhost` to either and another user could wait on the free
//! one (RFC 8252 §7.3, §8.3).

use crate::registration::{Edition, Registration};
use crate::signin::error::SignInError;
use crate::signin::peer::holder_of;
use crate::text::clean;
use std::io::{self, ErrorKind};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::time::Duration;
use tokio::net::TcpListener;
use url::{Host, Url};

/// A return address that is held.
#[derive(Debug)]
pub(crate) struct Bound {
    /// As it goes to the provider.
    pub redirect_url: String,
    /// The same, read.
    pub url: Url,
    /// One or both loopback families.
    pub listeners: Vec<TcpListener>,
}

/// An attempt that was cancelled a moment ago gives its port back within this time.
const OURS_COMES_BACK: Duration = Duration::from_secs(1);
const LOOK_AGAIN: Duration = Duration::from_millis(20);

/// Holds the first redirect URL whose port is free.
pub(crate) async fn bind(registration: &Registration) -> Result<Bound, SignInError> {
    let patient = async {
        loop {
            match bind_now(registration).await {
                Err(SignInError::PortsTaken { holder: Some(holder), .. })
                    if holder.pid == std::process::id() =>
                {
                    tokio::time::sleep(LOOK_AGAIN).await;
                }
                outcome => return outcome,
            }
        }
    };
    match tokio::time::timeout(OURS_COMES_BACK, patient).await {
        Ok(outcome) => outcome,
        Err(_) => bind_now(registration).await,
    }
}

async fn bind_now(registration: &Registration) -> Result<Bound, SignInError> {
    let mut taken = Vec::new();
    let mut unusable = None;
    for text in &registration.redirect_urls {
        let Some((url, addresses, port)) = readable(text, registration.edition) else {
            unusable = Some(clean(text, 200));
            continue;
        };
        if let Ok((listeners, held)) = hold(&addresses, port).await {
            if port != 0 {
                return Ok(Bound { redirect_url: text.clone(), url, listeners });
            }
            let mut url = url;
            if url.set_port(Some(held)).is_ok() {
                return Ok(Bound { redirect_url: url.to_string(), url, listeners });
            }
        }
        taken.push(port);
    }
    match unusable {
        Some(url) if taken.is_empty() => Err(SignInError::NoLoopback(url)),
        _ => {
            let holder = taken.iter().find_map(|port| holder_of(*port));
            Err(SignInError::PortsTaken { ports: taken, holder })
        }
    }
}

/// The address, what to bind, and the port. Port 0 means any, which only other providers than UiPath accept.
fn readable(text: &str, edition: Edition) -> Option<(Url, Vec<IpAddr>, u16)> {
    let url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && url.fragment().is_none())?;
    let addresses = match url.host()? {
        Host::Domain("localhost") => vec![Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()],
        Host::Ipv4(ip) if ip.is_loopback() => vec![ip.into()],
        Host::Ipv6(ip) if ip.is_loopback() => vec![ip.into()],
        Host::Domain(_) | Host::Ipv4(_) | Host::Ipv6(_) => return None,
    };
    let port = url.port_or_known_default()?;
    (port != 0 || edition == Edition::Oidc).then_some((url, addresses, port))
}

/// Binds all `addresses` at one port. A family this computer lacks is skipped; one that is taken fails all.
async fn hold(addresses: &[IpAddr], port: u16) -> io::Result<(Vec<TcpListener>, u16)> {
    // With any port, the second family may find the first one's port taken: look for another pair.
    const PAIRS: usize = 16;
    let mut outcome = Err(io::Error::from(ErrorKind::AddrNotAvailable));
    for _ in 0..if port == 0 { PAIRS } else { 1 } {
        outcome = hold_once(addresses, port).await;
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

async fn hold_once(addresses: &[IpAddr], mut port: u16) -> io::Result<(Vec<TcpListener>, u16)> {
    const NO_SUCH_FAMILY: i32 = rustix::io::Errno::AFNOSUPPORT.raw_os_error();
    let mut listeners = Vec::new();
    for address in addresses {
        match TcpListener::bind(SocketAddr::new(*address, port)).await {
            Ok(listener) => {
                port = listener.local_addr()?.port();
                listeners.push(listener);
            }
            Err(error)
                if error.kind() == ErrorKind::AddrNotAvailable
                    || error.raw_os_error() == Some(NO_SUCH_FAMILY) => {}
            Err(error) => return Err(error),
        }
    }
    if listeners.is_empty() { Err(ErrorKind::AddrNotAvailable.into()) } else { Ok((listeners, port)) }
}

//! Reads one HTTP request of a browser: a GET without a body, and nothing else. Whatever does not fit exactly is
//! refused by status, because the listener has no other job and no reason to guess (RFC 9112).

use zeroize::Zeroizing;

/// The most bytes a request may have, its header fields included.
pub(crate) const REQUEST_CAP: usize = 16 * 1024;
const HEADERS_CAP: usize = 100;

/// What the listener needs to know of a request.
#[derive(Debug)]
pub(crate) struct Request {
    /// The path, byte for byte.
    pub path: String,
    /// The query, byte for byte; it may hold a code.
    pub query: Zeroizing<String>,
    /// All `Cookie` fields.
    pub cookies: Vec<Zeroizing<String>>,
    /// Announced as fetched ahead, not asked for by a person.
    pub prefetch: bool,
}

/// Why a request is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Not all there yet.
    Incomplete,
    /// Not HTTP/1.1, or malformed.
    Malformed,
    /// Another version of HTTP.
    Version,
    /// TLS, where plain HTTP is spoken.
    Tls,
    /// Not a GET.
    Method,
    /// Too many or too large header fields.
    TooLarge,
    /// `Host` is missing, doubled or another one; or the target names another authority.
    Host,
    /// Sent by a page's script.
    Origin,
}

impl Unfit {
    /// The status of the refusal; none where the connection is just closed.
    pub(crate) fn status(self) -> Option<u16> {
        match self {
            Self::Incomplete | Self::Tls => None,
            Self::Malformed => Some(400),
            Self::Version => Some(505),
            Self::Method => Some(405),
            Self::TooLarge => Some(431),
            Self::Host => Some(421),
            Self::Origin => Some(403),
        }
    }
}

/// Reads what came so far; `authority` is the only `Host` that fits.
pub(crate) fn read(bytes: &[u8], authority: &str) -> Result<Request, Unfit> {
    if bytes.first() == Some(&0x16) {
        return Err(Unfit::Tls);
    }
    let mut fields = [httparse::EMPTY_HEADER; HEADERS_CAP];
    let mut parsed = httparse::Request::new(&mut fields);
    match parsed.parse(bytes) {
        Ok(httparse::Status::Complete(_)) => {}
        Ok(httparse::Status::Partial) if bytes.len() >= REQUEST_CAP => return Err(Unfit::TooLarge),
        Ok(httparse::Status::Partial) => return Err(Unfit::Incomplete),
        Err(httparse::Error::TooManyHeaders) => return Err(Unfit::TooLarge),
        Err(httparse::Error::Version) => return Err(Unfit::Version),
        Err(_) => return Err(Unfit::Malformed),
    }
    if parsed.version != Some(1) {
        return Err(Unfit::Version);
    }
    if parsed.method != Some("GET") {
        return Err(if has(&parsed, "origin") { Unfit::Origin } else { Unfit::Method });
    }
    let mut hosts = values(&parsed, "host");
    if hosts.next() != Some(authority.as_bytes()) || hosts.next().is_some() {
        return Err(Unfit::Host);
    }
    if has(&parsed, "origin") {
        return Err(Unfit::Origin);
    }
    let bodiless =
        !has(&parsed, "transfer-encoding") && values(&parsed, "content-length").all(|value| value == b"0");
    if !bodiless || has(&parsed, "upgrade") {
        return Err(Unfit::Malformed);
    }
    let target = parsed.path.unwrap_or_default();
    let local = match target.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => {
            let rest = rest.strip_prefix(authority).filter(|rest| rest.starts_with('/'));
            rest.ok_or(Unfit::Host)?
        }
        _ if target.starts_with('/') => target,
        _ => return Err(Unfit::Malformed),
    };
    let (path, query) = local.split_once('?').unwrap_or((local, ""));
    let ahead = |name: &'static str| {
        values(&parsed, name)
            .any(|value| value.to_ascii_lowercase().windows(8).any(|part| part == b"prefetch"))
    };
    Ok(Request {
        path: path.to_owned(),
        query: Zeroizing::new(query.to_owned()),
        prefetch: ahead("sec-purpose") || ahead("purpose") || ahead("x-moz"),
        cookies: values(&parsed, "cookie")
            .filter_map(|value| std::str::from_utf8(value).ok())
            .map(|value| Zeroizing::new(value.to_owned()))
            .collect(),
    })
}

fn has(request: &httparse::Request<'_, '_>, name: &str) -> bool {
    request.headers.iter().any(|field| field.name.eq_ignore_ascii_case(name))
}

fn values<'a>(request: &'a httparse::Request<'_, 'a>, name: &'a str) -> impl Iterator<Item = &'a [u8]> + 'a {
    request.headers.iter().filter(move |field| field.name.eq_ignore_ascii_case(name)).map(|field| field.value)
}

//! A browser of a few lines: it follows nothing by itself, keeps cookies by host and path, and says what it got.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use url::Url;

/// What came back.
#[derive(Debug)]
pub(crate) struct Page {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Page {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn location(&self, from: &Url) -> Url {
        from.join(self.header("location").expect("a redirect")).unwrap()
    }
}

/// Sends bytes as they are; an empty status is a connection that closed without a word.
pub(crate) async fn raw(address: &str, bytes: &[u8]) -> Page {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server that refuses early may close before all was written.
    let _ = stream.write_all(bytes).await;
    let mut reply = Vec::new();
    let _ = stream.read_to_end(&mut reply).await;
    let reply = String::from_utf8_lossy(&reply).into_owned();
    let (head, body) = reply.split_once("\r\n\r\n").unwrap_or((&reply, ""));
    let status = head.split(' ').nth(1).and_then(|status| status.parse().ok()).unwrap_or(0);
    Page { status, head: head.to_owned(), body: body.to_owned() }
}

/// Host (without port, as browsers do), path, `name=value`.
#[derive(Default)]
pub(crate) struct Browser {
    cookies: Vec<(String, String, String)>,
}

impl Browser {
    pub async fn get(&mut self, url: &Url) -> Page {
        self.send("GET", url, "", "").await
    }

    pub async fn get_with(&mut self, url: &Url, headers: &str) -> Page {
        self.send("GET", url, headers, "").await
    }

    pub async fn post(&mut self, url: &Url, form: &str) -> Page {
        let headers =
            format!("Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n", form.len());
        self.send("POST", url, &headers, form).await
    }

    async fn send(&mut self, method: &str, url: &Url, headers: &str, body: &str) -> Page {
        let host = url.host_str().unwrap().to_owned();
        let port = url.port_or_known_default().unwrap();
        let cookies: Vec<&str> = self
            .cookies
            .iter()
            .filter(|(at, path, _)| *at == host && url.path().starts_with(path.as_str()))
            .map(|(_, _, pair)| pair.as_str())
            .collect();
        let cookie =
            if cookies.is_empty() { String::new() } else { format!("Cookie: {}\r\n", cookies.join("; ")) };
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {host}:{port}\r\n{cookie}{headers}Connection: close\r\n\r\n{body}"
        );
        let page = raw(&format!("{host}:{port}"), request.as_bytes()).await;
        if let Some(cookie) = page.header("set-cookie") {
            let (pair, attributes) = cookie.split_once(';').unwrap_or((cookie, ""));
            let path =
                attributes.split(';').find_map(|part| part.trim().strip_prefix("Path=")).unwrap_or("/");
            let name = pair.split('=').next().unwrap().to_owned() + "=";
            self.cookies.retain(|(at, _, known)| !(*at == host && known.starts_with(&name)));
            self.cookies.push((host, path.to_owned(), pair.to_owned()));
        }
        page
    }
}

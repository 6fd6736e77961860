//! The smallest browser that can sign in: cookies by host, redirects, one form. It shares no code with core.

use std::collections::HashMap;
use std::io::{Read as _, Write as _};
use std::net::{TcpStream, ToSocketAddrs as _};
use std::time::Duration;
use url::Url;

#[derive(Default)]
pub struct Browser {
    /// By host name, as RFC 6265 has it: ports do not separate cookies.
    cookies: HashMap<String, Vec<(String, String)>>,
}

/// A page the browser ended at.
#[derive(Debug)]
pub struct Page {
    pub url: Url,
    pub body: String,
}

impl Browser {
    /// Opens `url` and follows redirects until a page.
    pub fn open(&mut self, url: &Url) -> Page {
        self.request("GET", url, None)
    }

    /// Signs in at the practice tenant's page as `user`, or refuses.
    pub fn sign_in(&mut self, url: &Url, user: &str, answer: &str) -> Page {
        let page = self.open(url);
        let Some(ticket) = between(&page.body, "name=\"ticket\" value=\"", "\"") else { return page };
        let form = format!("ticket={ticket}&user={user}&answer={answer}");
        let post = page.url.join("/identity_/web/login").unwrap();
        self.request("POST", &post, Some(&form))
    }

    fn request(&mut self, method: &str, url: &Url, form: Option<&str>) -> Page {
        let (mut method, mut url, mut form) = (method.to_owned(), url.clone(), form.map(str::to_owned));
        for _ in 0..10 {
            let (status, headers, body) = self.once(&method, &url, form.as_deref());
            let Some(location) = header(&headers, "location").filter(|_| (300..400).contains(&status)) else {
                return Page { url, body };
            };
            url = url.join(location).unwrap();
            (method, form) = ("GET".into(), None);
        }
        panic!("too many redirects at {url}");
    }

    fn once(&mut self, method: &str, url: &Url, form: Option<&str>) -> (u16, Vec<(String, String)>, String) {
        let host = url.host_str().unwrap().to_owned();
        let port = url.port_or_known_default().unwrap();
        let address = (host.as_str(), port).to_socket_addrs().unwrap();
        let mut stream =
            address.into_iter().find_map(|one| TcpStream::connect(one).ok()).expect("a listener");
        stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
        let mut path = url.path().to_owned();
        if let Some(query) = url.query() {
            path = format!("{path}?{query}");
        }
        let mut request = format!("{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n");
        let cookies: Vec<String> = self
            .cookies
            .get(&host)
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        if !cookies.is_empty() {
            request.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
        }
        if let Some(form) = form {
            let origin = url.origin().ascii_serialization();
            request.push_str(&format!(
                "Origin: {origin}\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            ));
            request.push_str(&format!("Content-Length: {}\r\n\r\n{form}", form.len()));
        } else {
            request.push_str("\r\n");
        }
        stream.write_all(request.as_bytes()).unwrap();
        let mut raw = Vec::new();
        stream.read_to_end(&mut raw).unwrap();
        let text = String::from_utf8(raw).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").expect("an answer");
        let mut lines = head.lines();
        let status = lines.next().and_then(|line| line.split(' ').nth(1)).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(':'))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
            .collect();
        for (_, value) in headers.iter().filter(|(name, _)| name == "set-cookie") {
            let (name, value) = value.split(';').next().and_then(|pair| pair.split_once('=')).unwrap();
            let jar = self.cookies.entry(host.clone()).or_default();
            jar.retain(|(known, _)| known != name);
            jar.push((name.to_owned(), value.to_owned()));
        }
        (status, headers, body.to_owned())
    }
}

fn header<'a>(headers: &'a [(String, String)], wanted: &str) -> Option<&'a str> {
    headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
}

fn between<'a>(text: &'a str, start: &str, end: &str) -> Option<&'a str> {
    let rest = &text[text.find(start)? + start.len()..];
    rest.find(end).map(|at| &rest[..at])
}

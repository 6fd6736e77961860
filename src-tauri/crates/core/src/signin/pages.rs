//! What the listener says to a browser: self-contained pages without scripts, and short refusals. Every reply closes
//! its connection, is never stored, and names no server.

use crate::error::Problem;
use crate::signin::Finish;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

const STYLE: &str = include_str!("page.css");

/// A reply to a browser.
#[derive(Debug)]
pub(crate) struct Response {
    status: u16,
    location: Option<String>,
    cookie: Option<String>,
    refresh: bool,
    html: bool,
    body: String,
    /// Nothing is left to say after this one.
    pub last: bool,
}

impl Response {
    fn plain(status: u16, body: impl Into<String>) -> Self {
        let body = body.into();
        Self { status, location: None, cookie: None, refresh: false, html: false, body, last: false }
    }

    /// Says no in a sentence.
    pub(crate) fn refusal(status: u16) -> Self {
        Self::plain(
            status,
            match status {
                204 => "",
                403 => "This request does not come from where the sign-in was opened.\n",
                404 => "There is nothing here.\n",
                405 => "Only GET is understood here.\n",
                421 => "This request is meant for another address.\n",
                431 => "This request is too large.\n",
                505 => "Only HTTP/1.1 is spoken here.\n",
                _ => {
                    "This is not an answer to the sign-in that waits. If you see this after signing in, open the sign-in from Attendant again.\n"
                }
            },
        )
    }

    /// Sends the browser elsewhere.
    pub(crate) fn redirect(status: u16, location: String) -> Self {
        Self { location: Some(location), ..Self::plain(status, "") }
    }

    /// Sets a cookie on the way: `pair` is `name=value`, `path` where it comes back.
    pub(crate) fn with_cookie(mut self, pair: &str, path: &str) -> Self {
        self.cookie = Some(format!("{pair}; Path={path}; HttpOnly; SameSite=Lax"));
        self
    }

    fn page(status: u16, title: &str, body: &str) -> Self {
        let body = format!(
            "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
             <title>{title}</title><style>{STYLE}</style><main><div class=card>{body}</div><p class=\"cap ft\">{MARK}\
             <span>Shown by Attendant on your computer. Do not share the address of this page.</span></p></main></html>"
        );
        Self { html: true, ..Self::plain(status, body) }
    }

    /// The answer came and is being checked. The browser asks again in a second.
    pub(crate) fn finishing(place: &str) -> Self {
        let body = format!(
            "{}<p role=status>The server answered. Attendant is checking the answer and collecting your access. \
             Keep this page open for a moment.</p>",
            head(TURNING, "Finishing…", place)
        );
        Self { refresh: true, ..Self::page(200, "Finishing sign-in", &body) }
    }

    /// A browser that Attendant did not start answered; the window asks whether that was meant.
    pub(crate) fn asking(place: &str) -> Self {
        let body = format!(
            "{}<p role=status>Attendant did not start this browser. Go to its window and say whether this was you.</p>",
            head(ASKING, "Was that you?", place)
        );
        Self { refresh: true, ..Self::page(200, "Was that you?", &body) }
    }

    /// How it ended.
    pub(crate) fn outcome(place: &str, finish: &Finish) -> Self {
        let mut response = match finish {
            Finish::SignedIn { name, account } => {
                let who =
                    account.as_ref().map_or_else(|| name.clone(), |account| format!("{name}, as {account}"));
                let body = format!(
                    "{}<p role=status>Attendant renews your access while it is used. You can close this page.</p>",
                    head(DONE, "You are signed in", &who)
                );
                Self::page(200, "Signed in", &body)
            }
            Finish::Failed(Problem { code, message, advice }) => {
                let body = format!(
                    "{}<p role=alert>{}</p><div><p><b>Next step</b></p><p class=t2>{}</p></div><p class=\"cap mono\">{}</p>",
                    head(FAILED, "Not signed in", place),
                    escape(message),
                    escape(advice),
                    code.as_str()
                );
                Self::page(200, "Not signed in", &body)
            }
        };
        response.last = true;
        response
    }

    /// The ticket was used before: the sign-in is open somewhere else.
    pub(crate) fn already_opened(place: &str) -> Self {
        let body = format!(
            "{}<p role=alert>This link works once, and it was used. If you did not open it, cancel the sign-in in \
             Attendant.</p><div><p><b>Next step</b></p><p class=t2>Open the sign-in from Attendant again.</p></div>",
            head(FAILED, "Already opened", place)
        );
        Self::page(409, "Already opened", &body)
    }

    /// The answer was right but came from a browser that was not sent here.
    pub(crate) fn other_browser(place: &str) -> Self {
        let body = format!(
            "{}<p role=alert>This browser was not opened by Attendant, or it is in a private window. Nothing was \
             stored.</p><div><p><b>Next step</b></p><p class=t2>Choose <b>Copy link</b> in Attendant and open the link \
             in the browser you want.</p></div>",
            head(FAILED, "Another browser answered", place)
        );
        Self::page(400, "Another browser answered", &body)
    }

    /// The bytes to send.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let reason = match self.status {
            200 => "OK",
            204 => "No Content",
            302 => "Found",
            303 => "See Other",
            403 => "Forbidden",
            404 => "Not Found",
            405 => "Method Not Allowed",
            409 => "Conflict",
            421 => "Misdirected Request",
            431 => "Request Header Fields Too Large",
            505 => "HTTP Version Not Supported",
            _ => "Bad Request",
        };
        let mut text = format!("HTTP/1.1 {} {reason}\r\n", self.status);
        let style = if self.html {
            format!("; style-src 'sha256-{}'", STANDARD.encode(Sha256::digest(STYLE)))
        } else {
            String::new()
        };
        let kind = if self.html { "text/html" } else { "text/plain" };
        // Writing to a String does not fail.
        let _ = write!(
            text,
            "Connection: close\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n\
             Referrer-Policy: no-referrer\r\nCross-Origin-Resource-Policy: same-origin\r\n\
             Content-Security-Policy: default-src 'none'{style}; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'\r\nContent-Type: {kind}; charset=utf-8\r\n"
        );
        if self.status != 204 {
            let _ = write!(text, "Content-Length: {}\r\n", self.body.len());
        }
        if let Some(location) = &self.location {
            let _ = write!(text, "Location: {location}\r\n");
        }
        if let Some(cookie) = &self.cookie {
            let _ = write!(text, "Set-Cookie: {cookie}\r\n");
        }
        if self.status == 405 {
            text.push_str("Allow: GET\r\n");
        }
        if self.refresh {
            text.push_str("Refresh: 1\r\n");
        }
        text.push_str("\r\n");
        text.push_str(&self.body);
        text.into_bytes()
    }
}

fn head(picture: &str, title: &str, below: &str) -> String {
    format!("<div class=hd>{picture}<div><h1>{title}</h1><p class=t2>{}</p></div></div>", escape(below))
}

/// Text of others, inert in HTML.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    out
}

const TURNING: &str = "<svg class=turn width=52 height=52 viewBox=\"0 0 52 52\" stroke-width=4 aria-hidden=true>\
    <circle class=track cx=26 cy=26 r=23 /><path d=\"M26 3A23 23 0 0 1 48.59 21.69\"/></svg>";
const DONE: &str = "<svg class=ok width=52 height=52 viewBox=\"0 0 52 52\" stroke-width=3 aria-hidden=true>\
    <circle cx=26 cy=26 r=24.5 /><path d=\"m18.5 26.75 4.8 4.8L33.5 21.5\"/></svg>";
const FAILED: &str = "<svg class=bad width=52 height=52 viewBox=\"0 0 52 52\" stroke-width=3 aria-hidden=true>\
    <circle cx=26 cy=26 r=24.5 /><path d=\"m20 20 12 12M32 20 20 32\"/></svg>";
const ASKING: &str = "<svg class=ask width=52 height=52 viewBox=\"0 0 52 52\" stroke-width=3 aria-hidden=true>\
    <circle cx=26 cy=26 r=24.5 /><path d=\"M26 15v14M26 36.5v.5\"/></svg>";
const MARK: &str = "<svg width=16 height=16 viewBox=\"0 0 24 24\" stroke-width=2.2 aria-hidden=true>\
    <path d=\"M12 2.5a9.5 9.5 0 1 1-8.23 4.75\"/><path d=\"M12 6.1a3 3 0 0 1 1.55 5.57L14.7 17H9.3l1.15-5.33A3 3 0 0 1 12 6.1z\" \
    fill=currentColor stroke=none /></svg>";

#[cfg(test)]
mod tests {
    use super::*;
    use attendant_protocol::Code;

    #[test]
    fn b3_062_text_of_others_is_inert_and_pages_stay_small() {
        let problem = Problem::new(Code::ProviderRefused, "<script>alert(1)</script>'\"&");
        let text =
            String::from_utf8(Response::outcome("Acme <b>", &Finish::Failed(problem)).bytes()).unwrap();
        assert!(!text.contains("<script") && !text.contains("Acme <b>"), "{text}");
        assert!(text.contains("&lt;script&gt;"));
        assert!(text.len() <= 4096, "{}", text.len());
    }

    #[test]
    fn every_reply_carries_the_headers_that_keep_it_private() {
        let finish = Finish::SignedIn { name: "Acme".into(), account: Some("dana".into()) };
        for response in [
            Response::refusal(400),
            Response::refusal(204),
            Response::finishing("Acme"),
            Response::asking("Acme"),
            Response::outcome("Acme", &finish),
            Response::already_opened("Acme"),
            Response::other_browser("Acme"),
            Response::redirect(303, "/result/x".into()),
        ] {
            let text = String::from_utf8(response.bytes()).unwrap();
            for header in [
                "Connection: close\r\n",
                "Cache-Control: no-store\r\n",
                "X-Content-Type-Options: nosniff\r\n",
                "Referrer-Policy: no-referrer\r\n",
                "Content-Security-Policy: default-src 'none'",
                "frame-ancestors 'none'",
            ] {
                assert!(text.contains(header), "{header} in {text}");
            }
            for never in ["\r\nServer:", "Access-Control", "<script", "unsafe-inline", " style=", "http:"] {
                assert!(!text.contains(never), "{never} in {text}");
            }
            assert!(text.len() <= 4096, "{}", text.len());
        }
    }
}

//! What may stand in a log. The rule is kept by types, not by care:
//!
//! - tokens, codes and verifiers are [`crate::secret::Secret`], which prints as `[redacted]` and implements neither
//!   `Display` nor `Serialize`, so `%secret` does not compile and `?secret` shows nothing;
//! - addresses go through [`place`], because a query may carry a code or a `state`;
//! - what a server or another program wrote goes through [`crate::text::clean`].
//!
//! Spans and events carry registration and attempt ids. A subscriber is installed only in `main`s.

use url::Url;

/// Where `url` points, without what it carries: scheme, host, port and path; no user, query or fragment.
pub fn place(url: &Url) -> String {
    let origin = url.origin();
    if origin.is_tuple() {
        format!("{}{}", origin.ascii_serialization(), url.path())
    } else {
        format!("{}:…", url.scheme())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secret::Secret;
    use std::io::Write;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Written(Arc<Mutex<Vec<u8>>>);

    impl Write for Written {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_place_carries_nothing() {
        for (url, shown) in [
            ("http://localhost:8421/callback?code=abc&state=xyz", "http://localhost:8421/callback"),
            ("https://dana:word@host.example/a/b?c#d", "https://host.example/a/b"),
            ("mailto:dana@acme.example", "mailto:…"),
        ] {
            assert_eq!(place(&Url::parse(url).unwrap()), shown);
        }
    }

    #[test]
    fn secrets_do_not_reach_a_log_at_trace() {
        #[derive(Debug)]
        #[expect(dead_code, reason = "read by its Debug form only")]
        struct Holder<'a> {
            name: &'a str,
            refresh: &'a Secret,
        }
        let written = Written::default();
        let sink = written.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::TRACE)
            .with_span_events(tracing_subscriber::fmt::format::FmtSpan::FULL)
            .with_writer(move || sink.clone())
            .finish();
        let secret = Secret::new("rt_MARKER".to_owned());
        let url = Url::parse("http://localhost:8421/callback?code=MARKER").unwrap();
        tracing::subscriber::with_default(subscriber, || {
            let span = tracing::trace_span!("exchange", ?secret, at = place(&url));
            let _inside = span.enter();
            let holder = Holder { name: "acme", refresh: &secret };
            tracing::trace!(?holder, some = ?Some(&secret), "holding {secret:?} and {holder:#?}");
        });
        let log = String::from_utf8(written.0.lock().unwrap().clone()).unwrap();
        assert!(log.contains("[redacted]") && log.contains("acme"), "{log}");
        assert!(!log.contains("MARKER"), "{log}");
    }
}

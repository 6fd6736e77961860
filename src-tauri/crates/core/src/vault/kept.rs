//! What is kept of a sign-in: the refresh token, and what is needed to know whose it is. One short JSON text.

use crate::clock::{Time, rfc3339};
use crate::secret::Secret;
use chrono::{DateTime, Utc};
use serde::Deserialize;
use std::fmt::Write as _;

/// The version of the text. A newer one is left alone.
const VERSION: u32 = 1;

/// A sign-in, as it lies in the keyring. It cannot be serialised by accident: [`Kept::encode`] is the only way out.
#[derive(Debug)]
pub struct Kept {
    /// The refresh token.
    pub refresh: Secret,
    /// When the person signed in; renewals do not change it.
    pub signed_in_at: Time,
    /// The server that issued it.
    pub issuer: String,
    /// The person, as the server knows them (OIDC Core §2, `sub`).
    pub subject: Option<String>,
    /// The person, as people know them.
    pub account: Option<String>,
    /// The App ID it was issued to.
    pub app_id: String,
    /// The granted scopes.
    pub scope: Vec<String>,
    /// Counts up with every renewal; of two, the higher one is the newer.
    pub generation: u64,
}

/// Why a text from the keyring is not a sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeptError {
    /// It is something else, or was cut.
    Damaged,
    /// A newer Attendant wrote it.
    Newer,
}

#[derive(Deserialize)]
struct Version {
    v: u32,
}

#[derive(Deserialize)]
struct Wire {
    refresh_token: String,
    signed_in_at: DateTime<Utc>,
    issuer: String,
    #[serde(default)]
    subject: Option<String>,
    #[serde(default)]
    account: Option<String>,
    app_id: String,
    scope: Vec<String>,
    generation: u64,
}

impl Kept {
    /// A second copy, named so that it is noticed.
    pub fn duplicate(&self) -> Self {
        Self {
            refresh: self.refresh.duplicate(),
            signed_in_at: self.signed_in_at,
            issuer: self.issuer.clone(),
            subject: self.subject.clone(),
            account: self.account.clone(),
            app_id: self.app_id.clone(),
            scope: self.scope.clone(),
            generation: self.generation,
        }
    }

    /// The text for the keyring.
    pub fn encode(&self) -> Secret {
        // Room for everything at once, six bytes a letter at worst: a string that grows leaves copies behind.
        let texts = [
            Some(self.refresh.expose()),
            Some(self.issuer.as_str()),
            self.subject.as_deref(),
            self.account.as_deref(),
            Some(self.app_id.as_str()),
        ];
        let letters: usize = texts.iter().flatten().map(|text| text.len()).sum::<usize>()
            + self.scope.iter().map(|scope| scope.len() + 3).sum::<usize>();
        let mut out = String::with_capacity(letters * 6 + 256);
        let _ = write!(out, "{{\"v\":{VERSION},\"refresh_token\":");
        quote(&mut out, self.refresh.expose());
        let _ = write!(out, ",\"signed_in_at\":\"{}\",\"issuer\":", rfc3339(self.signed_in_at));
        quote(&mut out, &self.issuer);
        for (key, value) in [("subject", &self.subject), ("account", &self.account)] {
            if let Some(value) = value {
                let _ = write!(out, ",\"{key}\":");
                quote(&mut out, value);
            }
        }
        out.push_str(",\"app_id\":");
        quote(&mut out, &self.app_id);
        out.push_str(",\"scope\":[");
        for (index, scope) in self.scope.iter().enumerate() {
            if index > 0 {
                out.push(',');
            }
            quote(&mut out, scope);
        }
        let _ = write!(out, "],\"generation\":{}}}", self.generation);
        Secret::new(out)
    }

    /// Reads what [`Kept::encode`] wrote. The finding quotes nothing of the text.
    pub fn decode(text: &str) -> Result<Self, KeptError> {
        let version: Version = serde_json::from_str(text).map_err(|_| KeptError::Damaged)?;
        if version.v > VERSION {
            return Err(KeptError::Newer);
        }
        let wire: Wire = serde_json::from_str(text).map_err(|_| KeptError::Damaged)?;
        let refresh = Secret::new(wire.refresh_token);
        if refresh.expose().is_empty() {
            return Err(KeptError::Damaged);
        }
        Ok(Self {
            refresh,
            signed_in_at: wire.signed_in_at,
            issuer: wire.issuer,
            subject: wire.subject,
            account: wire.account,
            app_id: wire.app_id,
            scope: wire.scope,
            generation: wire.generation,
        })
    }
}

/// Writes `text` as a JSON string (RFC 8259 §7).
fn quote(out: &mut String, text: &str) {
    out.push('"');
    for letter in text.chars() {
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            letter if u32::from(letter) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(letter));
            }
            letter => out.push(letter),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept() -> Kept {
        Kept {
            refresh: Secret::new("rt_\"9f\\3a\n/é".into()),
            signed_in_at: "2026-11-21T14:03:22Z".parse().unwrap(),
            issuer: "https://cloud.uipath.com/identity_".into(),
            subject: Some("0b2c".into()),
            account: None,
            app_id: "7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5".into(),
            scope: vec!["openid".into(), "OR.Jobs".into()],
            generation: 7,
        }
    }

    #[test]
    fn what_goes_in_comes_out() {
        let text = kept().encode();
        let back = Kept::decode(text.expose()).unwrap();
        assert!(back.refresh.matches("rt_\"9f\\3a\n/é"));
        assert_eq!(back.encode().expose(), text.expose());
        assert_eq!((back.signed_in_at, back.account, back.generation), (kept().signed_in_at, None, 7));
        assert_eq!(back.scope, kept().scope);
    }

    #[test]
    fn it_is_written_without_growing() {
        let text = kept().encode();
        let json: serde_json::Value = serde_json::from_str(text.expose()).unwrap();
        assert_eq!(json["v"], 1);
        assert!(!format!("{:?}", kept()).contains("rt_"));
    }

    #[test]
    fn b11_270_anything_else_is_told_apart() {
        let good = kept().encode();
        let newer = good.expose().replacen("\"v\":1", "\"v\":2", 1);
        assert_eq!(Kept::decode(&newer).unwrap_err(), KeptError::Newer);
        let empty = "{\"v\":1,\"refresh_token\":\"\",\"signed_in_at\":\"2026-11-21T14:03:22Z\",\"issuer\":\"\",\"app_id\":\"\",\"scope\":[],\"generation\":0}";
        for text in ["", "rt_raw", "{}", "{\"v\":1}", "[1]", empty, &good.expose()[..good.expose().len() - 1]]
        {
            assert_eq!(Kept::decode(text).unwrap_err(), KeptError::Damaged, "{text}");
        }
    }
}

//! What an administrator registered: validated once, here, and never looked at again with suspicion.

use serde::{Deserialize, Serialize};
use std::fmt;
use url::Url;

/// The id of a registration: what stands on the command line and in the keyring. Lower-case letters, digits and `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RegistrationId(String);

impl RegistrationId {
    /// An id made from a name: `Acme production` becomes `acme-production`.
    pub fn from_name(name: &str) -> Self {
        let mut id = String::new();
        for letter in name.chars().flat_map(char::to_lowercase) {
            if letter.is_ascii_alphanumeric() {
                id.push(letter);
            } else if !id.is_empty() && !id.ends_with('-') {
                id.push('-');
            }
        }
        let id = id.trim_end_matches('-');
        Self(if id.is_empty() { "registration".into() } else { id.chars().take(48).collect() })
    }

    /// The id as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for RegistrationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Which kind of server stands at the other end; it decides paths only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(export_to = "view.ts"))]
#[serde(rename_all = "kebab-case")]
pub enum Edition {
    /// UiPath Automation Cloud: `https://cloud.uipath.com/identity_`.
    Cloud,
    /// UiPath Automation Suite: `https://HOST/identity_`.
    AutomationSuite,
    /// A standalone Orchestrator: `https://HOST/identity`, without an underscore.
    Standalone,
    /// Any other OpenID provider; the host is its issuer.
    Oidc,
}

/// Scheme, host and port: the only place a bearer may be sent to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Realm(url::Origin);

impl Realm {
    /// The realm of `url`.
    pub fn of(url: &Url) -> Self {
        Self(url.origin())
    }

    /// Whether `url` lies in this realm.
    pub fn contains(&self, url: &Url) -> bool {
        url.origin() == self.0
    }

    /// Whether the realm is this computer itself.
    pub fn is_loopback(&self) -> bool {
        match &self.0 {
            url::Origin::Tuple(_, url::Host::Domain(name), _) => name == "localhost",
            url::Origin::Tuple(_, url::Host::Ipv4(ip), _) => ip.is_loopback(),
            url::Origin::Tuple(_, url::Host::Ipv6(ip), _) => ip.is_loopback(),
            url::Origin::Opaque(_) => false,
        }
    }
}

impl fmt::Display for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.ascii_serialization())
    }
}

/// One registration. Its fields were validated by [`crate::sheet`] or [`crate::config`]; no field is a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The id used on the command line and in the keyring.
    pub id: RegistrationId,
    /// What people call it.
    pub name: String,
    /// Which kind of server.
    pub edition: Edition,
    /// Base address of the server; for [`Edition::Oidc`] the issuer, byte for byte. https, or http on loopback.
    pub host: Url,
    /// Base address of the APIs of an [`Edition::Oidc`] provider, when it has one on the same realm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_base: Option<Url>,
    /// UiPath organization.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// UiPath tenants; the first is the default. Empty for other providers.
    #[serde(default)]
    pub tenants: Vec<String>,
    /// The App ID (RFC 6749 `client_id`).
    pub app_id: String,
    /// Redirect URLs in the order they are tried, byte for byte as registered.
    pub redirect_urls: Vec<String>,
    /// The scopes to ask for, in order.
    pub scopes: Vec<String>,
    /// Ask for narrower tokens when renewing, where the provider honours it. UiPath does not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub narrow_on_refresh: bool,
}

impl Registration {
    /// The identity server's base, which is also the expected issuer: no trailing slash.
    pub fn issuer(&self) -> String {
        let host = self.host.as_str();
        match self.edition {
            Edition::Cloud | Edition::AutomationSuite => format!("{}/identity_", host.trim_end_matches('/')),
            Edition::Standalone => format!("{}/identity", host.trim_end_matches('/')),
            // `Url` adds a slash to an empty path; an issuer such as https://host has none.
            Edition::Oidc if self.host.path() == "/" => host.trim_end_matches('/').to_owned(),
            Edition::Oidc => host.to_owned(),
        }
    }

    /// Where this registration's bearer may go.
    pub fn realm(&self) -> Realm {
        Realm::of(&self.host)
    }

    /// The tenant's address as the `UIPATH_URL` convention has it, without `/orchestrator_`.
    pub fn tenant_url(&self, tenant: &str) -> Option<String> {
        let host = self.host.as_str().trim_end_matches('/');
        match self.edition {
            Edition::Cloud | Edition::AutomationSuite => {
                let organization = self.organization.as_deref()?;
                Some(format!("{host}/{organization}/{tenant}"))
            }
            Edition::Standalone => Some(host.to_owned()),
            Edition::Oidc => {
                self.api_base.as_ref().map(|base| base.as_str().trim_end_matches('/').to_owned())
            }
        }
    }

    /// Days a sign-in lasts, counted from the sign-in: 60 at UiPath (UiPath, "External Applications (OAuth)"), unknown elsewhere.
    pub fn sign_in_days(&self) -> Option<u32> {
        (self.edition != Edition::Oidc).then_some(60)
    }

    /// Organization and default tenant as people say it, or the host's name.
    pub fn place(&self) -> String {
        let parts: Vec<&str> = self
            .organization
            .as_deref()
            .into_iter()
            .chain(self.tenants.first().map(String::as_str))
            .collect();
        if parts.is_empty() { self.host.host_str().unwrap_or_default().to_owned() } else { parts.join(" / ") }
    }

    /// Whether `openid` is asked for, so that an ID token must come back (OIDC Core §3.1.2.1).
    pub fn wants_id_token(&self) -> bool {
        self.scopes.iter().any(|scope| scope == "openid")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_made_from_names() {
        for (name, id) in
            [("Acme production", "acme-production"), ("  Ünï (1)! ", "n-1"), ("!!", "registration")]
        {
            assert_eq!(RegistrationId::from_name(name).as_str(), id);
        }
    }

    #[test]
    fn a_realm_is_scheme_host_and_port() {
        let realm = Realm::of(&Url::parse("https://cloud.uipath.com/acme").unwrap());
        assert!(realm.contains(&Url::parse("https://cloud.uipath.com:443/other").unwrap()));
        for other in [
            "http://cloud.uipath.com/",
            "https://cloud.uipath.com.evil.example/",
            "https://cloud.uipath.com:8443/",
        ] {
            assert!(!realm.contains(&Url::parse(other).unwrap()), "{other}");
        }
    }
}

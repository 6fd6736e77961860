//! The hand-off sheet: the block of text that an administrator and a person exchange, `attendant-registration/1`.
//!
//! ```toml
//! schema = "attendant-registration/1"
//! name = "Acme production"
//! type = "non-confidential"
//! edition = "cloud"            # cloud, automation-suite, standalone, oidc; by the host if left out
//! host = "https://cloud.uipath.com"   # for oidc: the issuer
//! organization = "acme"
//! tenants = ["DefaultTenant"]  # the first is the default
//! app_id = "7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5"
//! redirect_urls = ["http://localhost:8421/callback", "http://localhost:8422/callback", "http://localhost:8423/callback"]
//!
//! [scopes]
//! user = ["openid", "offline_access", "OR.Folders.Read"]
//! application = []
//! ```
//!
//! It may also be JSON, stand inside a message, or be a message with one `Name: value` per line. Reading saves nothing;
//! the person reviews it first. Whatever looks like a secret is refused, kindly and without repeating it.

pub(crate) mod check;
mod error;
mod fields;
mod parse;
mod request;
mod secrets;
#[cfg(test)]
mod tests;
mod tree;

pub use error::SheetError;
pub use request::{Draft, request_for, request_for_draft};

use self::fields::Fields;
use self::parse::Format;
use crate::registration::{Edition, Registration, RegistrationId};
use crate::scopes;
use crate::text::clean;
use crate::view::{ScopeView, SheetReview};
use url::Url;

/// The schema of this release.
pub const SCHEMA: &str = "attendant-registration/1";

/// Where the browser returns to, unless something else was registered; tried in this order.
pub const DEFAULT_REDIRECTS: [&str; 3] =
    ["http://localhost:8421/callback", "http://localhost:8422/callback", "http://localhost:8423/callback"];

/// A sheet that was read and checked. Nothing is saved yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    name: String,
    edition: Edition,
    host: Url,
    api_base: Option<Url>,
    organization: Option<String>,
    tenants: Vec<String>,
    app_id: String,
    redirect_urls: Vec<String>,
    scopes: Vec<String>,
    left_out: Vec<String>,
    warnings: Vec<String>,
}

/// Reads and checks a sheet, whatever it is wrapped in.
pub fn read(text: &str) -> Result<Sheet, SheetError> {
    let (tree, format) = match parse::parse(text) {
        Ok(parsed) => parsed,
        // A secret in a text that cannot be read is still the more important finding.
        Err(error) => return secrets::in_text(bounded(text)).and(Err(error)),
    };
    secrets::in_tree(&tree)?;
    secrets::in_text(text)?;
    Sheet::check(Fields::read(tree, format)?, format)
}

/// As much of `text` as is looked at.
fn bounded(text: &str) -> &str {
    text.get(..text.floor_char_boundary(parse::LIMIT)).unwrap_or_default()
}

/// Refuses a configuration that holds a secret; the same look as for a sheet.
pub(crate) fn refuse_secrets(table: &toml::Table) -> Result<(), SheetError> {
    secrets::in_tree(&toml::Value::Table(table.clone()).into())
}

impl Sheet {
    fn check(fields: Fields, format: Format) -> Result<Self, SheetError> {
        let mut warnings = Vec::new();
        schema(fields.schema.as_deref(), format, &mut warnings)?;
        kind(fields.kind.as_deref(), &mut warnings)?;
        let asked = fields.edition.as_deref().map(edition).transpose()?;

        let address = match (fields.host, asked) {
            (Some(host), _) => host,
            (None, Some(Edition::Cloud)) => CLOUD.to_owned(),
            (None, None) if format == Format::Message && fields.organization.is_some() => {
                warnings.push(format!("No address was given; {CLOUD} is assumed."));
                CLOUD.to_owned()
            }
            (None, _) => return Err(SheetError::missing("host", "Add the address people open UiPath at.")),
        };
        let place = check::host(&address, asked, fields.organization.is_some())?;
        let uipath = place.edition != Edition::Oidc;
        if place.edition == Edition::Cloud && !check::is_uipath_host(&place.host) {
            let host = place.host.host_str().unwrap_or_default();
            warnings.push(format!(
                "{host} is not an address of UiPath\u{2019}s cloud. Sign in there only if you know it."
            ));
        }

        let organization = same("organization", fields.organization, place.organization)?;
        let mut tenants = fields.tenants;
        if let Some(tenant) = place.tenant
            && !tenants.contains(&tenant)
        {
            if !tenants.is_empty() {
                let found =
                    format!("The address names \u{201c}{}\u{201d}, which is not listed.", clean(&tenant, 60));
                return Err(SheetError::invalid(
                    "tenants",
                    found,
                    "Leave out everything after the server\u{2019}s name.",
                ));
            }
            tenants.push(tenant);
        }
        if !uipath && (organization.is_some() || !tenants.is_empty()) {
            warnings.push("Organization and tenants are UiPath\u{2019}s; they are left out.".to_owned());
        }
        let organization = organization.filter(|_| uipath && place.edition != Edition::Standalone);
        if !uipath {
            tenants.clear();
        }
        once(&mut tenants, "tenant", &mut warnings);
        check::organization(place.edition, organization.as_deref())?;
        check::tenants(place.edition, &tenants)?;

        let app_id = fields.app_id.ok_or_else(|| missing_app_id(&fields.unknown))?;
        check::app_id(place.edition, &app_id)?;

        let api_base = match fields.api_base {
            Some(_) if uipath => {
                warnings.push(
                    "api_base is for other providers; UiPath\u{2019}s is known, so it is left out."
                        .to_owned(),
                );
                None
            }
            Some(base) => Some(check::api_base(&base, &place.host)?),
            None => None,
        };

        let mut redirect_urls = fields
            .redirect_urls
            .unwrap_or_else(|| DEFAULT_REDIRECTS.iter().map(|url| (*url).to_owned()).collect());
        if !uipath {
            redirect_urls.iter_mut().for_each(any_port);
        }
        check::redirect_urls(place.edition, &redirect_urls)?;

        let mut all = fields.user_scopes;
        if all.is_empty() && !fields.application_scopes.is_empty() {
            let advice = "The sheet lists application scopes only. Ask for the same names as user scopes.";
            return Err(SheetError::missing("scopes.user", advice));
        }
        check::user_scopes(&all)?;
        once(&mut all, "scope", &mut warnings);
        if !fields.application_scopes.is_empty() {
            let names = clean(&fields.application_scopes.join(", "), 120);
            warnings.push(format!(
                "Application scopes ({names}) are for another kind of app; they are not asked for."
            ));
        }
        let (left_out, scopes): (Vec<_>, Vec<_>) =
            all.into_iter().partition(|name| uipath && scopes::is_everything(name));
        if uipath {
            warnings.extend(scopes::warnings(&scopes));
        } else if !scopes.iter().any(|name| name == "offline_access") {
            warnings.push("offline_access is missing: you may be asked to sign in every hour.".to_owned());
        }

        for name in &fields.unknown {
            let meant = fields::meant(name).map(|ours| format!(" Was {ours} meant?")).unwrap_or_default();
            warnings.push(format!("The field \u{201c}{name}\u{201d} is not known and not used.{meant}"));
        }

        let name = match (fields.name, format) {
            (Some(name), _) => name,
            (None, Format::Message) => named_after(organization.as_deref(), &tenants, &place.host),
            (None, Format::Structured) => {
                return Err(SheetError::missing("name", "Add a name, such as \"Acme production\"."));
            }
        };
        check::name(&name)?;
        Ok(Self {
            name,
            edition: place.edition,
            host: place.host,
            api_base,
            organization,
            tenants,
            app_id,
            redirect_urls,
            scopes,
            left_out,
            warnings,
        })
    }

    /// The sheet as the person reviews it.
    pub fn review(&self) -> SheetReview {
        let view = |name: &String| ScopeView {
            name: name.clone(),
            words: scopes::words(name).map(str::to_owned),
            granted: None,
        };
        SheetReview {
            name: self.name.clone(),
            edition: self.edition,
            host: self.host.as_str().trim_end_matches('/').to_owned(),
            organization: self.organization.clone(),
            tenants: self.tenants.clone(),
            app_id: self.app_id.clone(),
            redirect_urls: self.redirect_urls.clone(),
            scopes: self.scopes.iter().map(view).collect(),
            left_out: self.left_out.iter().map(view).collect(),
            warnings: self.warnings.clone(),
        }
    }

    /// The sheet as a registration, under another name if the person gave one. Of the scopes that were left out, only
    /// those in `include` are asked for.
    pub fn into_registration(
        self,
        name: Option<String>,
        include: &[String],
    ) -> Result<Registration, SheetError> {
        let name =
            name.map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()).unwrap_or(self.name);
        check::name(&name)?;
        let mut scopes = self.scopes;
        scopes.extend(self.left_out.into_iter().filter(|scope| include.contains(scope)));
        check::user_scopes(&scopes)?;
        Ok(Registration {
            id: RegistrationId::from_name(&name),
            name,
            edition: self.edition,
            host: self.host,
            api_base: self.api_base,
            organization: self.organization,
            tenants: self.tenants,
            app_id: self.app_id,
            redirect_urls: self.redirect_urls,
            scopes,
            narrow_on_refresh: false,
        })
    }
}

const CLOUD: &str = "https://cloud.uipath.com";

fn schema(found: Option<&str>, format: Format, warnings: &mut Vec<String>) -> Result<(), SheetError> {
    match found {
        Some(SCHEMA) => Ok(()),
        Some(other)
            if other
                .strip_prefix("attendant-registration/")
                .is_some_and(|n| n.parse::<u32>().is_ok_and(|n| n > 1)) =>
        {
            Err(SheetError::TooNew(clean(other, 60)))
        }
        Some(other) => {
            let found = format!("\u{201c}{}\u{201d} is not a kind of sheet.", clean(other, 60));
            Err(SheetError::invalid("schema", found, format!("It must be \"{SCHEMA}\".")))
        }
        None => {
            if format == Format::Structured {
                warnings.push(format!("The sheet does not name its schema; {SCHEMA} is assumed."));
            }
            Ok(())
        }
    }
}

fn kind(found: Option<&str>, warnings: &mut Vec<String>) -> Result<(), SheetError> {
    let Some(found) = found else {
        warnings.push(
            "The sheet does not say the app\u{2019}s type. It must be a non-confidential one.".to_owned(),
        );
        return Ok(());
    };
    let plain = fields::plain_name(found);
    if plain.starts_with("nonconfidential") || plain.starts_with("public") || plain.starts_with("native") {
        Ok(())
    } else if plain.contains("confidential") {
        Err(SheetError::WrongAppType(clean(found, 60)))
    } else if plain.contains("robot") || plain.contains("machine") {
        Err(SheetError::RobotCredentials)
    } else {
        let found = format!("\u{201c}{}\u{201d} is not a type of app.", clean(found, 60));
        Err(SheetError::invalid("type", found, "It must be \"non-confidential\"."))
    }
}

fn edition(found: &str) -> Result<Edition, SheetError> {
    match fields::plain_name(found).as_str() {
        "cloud" | "automationcloud" => Ok(Edition::Cloud),
        "automationsuite" | "suite" => Ok(Edition::AutomationSuite),
        "standalone" | "orchestrator" => Ok(Edition::Standalone),
        "oidc" | "openid" | "other" => Ok(Edition::Oidc),
        _ => {
            let found = format!("\u{201c}{}\u{201d} is not known.", clean(found, 60));
            Err(SheetError::invalid("edition", found, "It is cloud, automation-suite, standalone or oidc."))
        }
    }
}

/// What a field says and what the address says must not differ.
fn same(field: &str, said: Option<String>, address: Option<String>) -> Result<Option<String>, SheetError> {
    match (said, address) {
        (Some(said), Some(address)) if said != address => {
            let found = format!("\u{201c}{}\u{201d} is not what the address says.", clean(&said, 60));
            Err(SheetError::invalid(
                field,
                found,
                "Leave out everything after the server\u{2019}s name in host.",
            ))
        }
        (said, address) => Ok(said.or(address)),
    }
}

/// Drops what stands twice.
fn once(names: &mut Vec<String>, what: &str, warnings: &mut Vec<String>) {
    let mut seen: Vec<String> = Vec::new();
    names.retain(|name| {
        let again = seen.contains(name);
        if again {
            warnings.push(format!("The {what} {} is listed twice.", clean(name, 60)));
        } else {
            seen.push(name.clone());
        }
        !again
    });
}

/// A loopback address without a port was registered for any port (RFC 8252 §7.3).
fn any_port(url: &mut String) {
    for base in ["http://127.0.0.1/", "http://[::1]/", "http://localhost/"] {
        if let Some(path) = url.strip_prefix(base) {
            *url = format!("{}:0/{path}", base.trim_end_matches('/'));
            return;
        }
    }
}

fn missing_app_id(unknown: &[String]) -> SheetError {
    let meant = unknown.iter().find(|name| fields::meant(name) == Some("app_id"));
    match meant {
        Some(name) => {
            SheetError::missing("app_id", &format!("There is \u{201c}{name}\u{201d}; rename it to app_id."))
        }
        None => SheetError::missing("app_id", "Ask for the App ID on the External Applications page."),
    }
}

fn named_after(organization: Option<&str>, tenants: &[String], host: &Url) -> String {
    let parts: Vec<&str> = organization.into_iter().chain(tenants.first().map(String::as_str)).collect();
    let name =
        if parts.is_empty() { host.host_str().unwrap_or("sign-in").to_owned() } else { parts.join(" ") };
    name.chars().take(60).collect()
}

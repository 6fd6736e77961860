//! What goes to the administrator: the request, and the form that comes back as a sheet.

use super::error::SheetError;
use crate::registration::{Edition, Registration};
use crate::view::RegistrationView;
use serde::Deserialize;
use std::fmt::Write as _;

use super::{DEFAULT_REDIRECTS, SCHEMA};

/// Details a person has entered, not checked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, rename_all = "snake_case")]
pub struct Draft {
    /// What to call it.
    pub name: String,
    /// Which kind of server.
    pub edition: Edition,
    /// The server's address.
    pub host: String,
    /// UiPath organization; empty elsewhere.
    pub organization: String,
    /// UiPath tenant; empty elsewhere.
    pub tenant: String,
    /// The App ID; empty while it is still to be asked for.
    pub app_id: String,
    /// The scopes to ask for.
    pub scopes: Vec<String>,
    /// Redirect URLs; empty for Attendant's own.
    pub redirect_urls: Vec<String>,
}

impl Default for Draft {
    /// What attended work needs most often, on Automation Cloud.
    fn default() -> Self {
        let scopes =
            ["openid", "profile", "offline_access", "OR.Folders.Read", "OR.Execution.Read", "OR.Jobs"];
        Self {
            name: String::new(),
            edition: Edition::Cloud,
            host: "https://cloud.uipath.com".to_owned(),
            organization: String::new(),
            tenant: String::new(),
            app_id: String::new(),
            scopes: scopes.map(str::to_owned).to_vec(),
            redirect_urls: Vec::new(),
        }
    }
}

impl From<&Registration> for Draft {
    fn from(registration: &Registration) -> Self {
        Self {
            name: registration.name.clone(),
            edition: registration.edition,
            host: registration.host.as_str().trim_end_matches('/').to_owned(),
            organization: registration.organization.clone().unwrap_or_default(),
            tenant: registration.tenants.first().cloned().unwrap_or_default(),
            app_id: registration.app_id.clone(),
            scopes: registration.scopes.clone(),
            redirect_urls: registration.redirect_urls.clone(),
        }
    }
}

impl Draft {
    /// The details of a registration, as the window shows it.
    pub fn from_view(view: &RegistrationView) -> Self {
        Self {
            name: view.status.name.clone(),
            edition: view.edition,
            host: view.host.clone(),
            organization: view.organization.clone().unwrap_or_default(),
            tenant: view.status.tenants.first().cloned().unwrap_or_default(),
            app_id: view.app_id.clone(),
            scopes: view.scopes.iter().map(|scope| scope.name.clone()).collect(),
            redirect_urls: view.redirect_urls.clone(),
        }
    }

    /// The details as a sheet, if they would be accepted as one.
    pub fn to_sheet(&self) -> Result<String, SheetError> {
        let text = self.form();
        super::read(&text)?;
        Ok(text)
    }

    /// The sheet, with empty fields where something is still to be filled in.
    fn form(&self) -> String {
        let mut out = format!("schema = \"{SCHEMA}\"\n");
        let uipath = self.edition != Edition::Oidc;
        let mut line = |name: &str, value: &str| {
            let _ = writeln!(out, "{name} = {}", quoted(value));
        };
        line("name", self.name.trim());
        line("type", "non-confidential");
        line("edition", edition(self.edition));
        line("host", self.host.trim());
        if matches!(self.edition, Edition::Cloud | Edition::AutomationSuite) {
            line("organization", self.organization.trim());
        }
        if uipath {
            let _ = writeln!(out, "tenants = [{}]", quoted(self.tenant.trim()));
        }
        let _ = writeln!(out, "app_id = {}", quoted(self.app_id.trim()));
        let _ = writeln!(out, "redirect_urls = {}", listed(self.redirects()));
        let _ = writeln!(
            out,
            "\n[scopes]\nuser = {}\napplication = []",
            listed(self.scopes.iter().map(String::as_str))
        );
        out
    }

    fn redirects(&self) -> impl Iterator<Item = &str> {
        let own = self.redirect_urls.is_empty().then_some(DEFAULT_REDIRECTS).into_iter().flatten();
        own.chain(self.redirect_urls.iter().map(String::as_str))
    }
}

/// The message that asks an administrator for what `draft` describes: plain text, no secret in it, none asked for.
pub fn request_for_draft(draft: &Draft) -> String {
    let uipath = draft.edition != Edition::Oidc;
    let mut out = String::from(if uipath {
        "Please register an external application for Attendant.\n\n"
    } else {
        "Please register a public OAuth client for Attendant.\n\n"
    });
    if uipath {
        column(&mut out, "Where", ["Admin > External Applications > Add application"].into_iter());
    }
    column(&mut out, "Name", ["Attendant (desktop sign-in)"].into_iter());
    let kind = if uipath {
        "Non-Confidential application (no secret)"
    } else {
        "Public, native: code with PKCE, no secret"
    };
    column(&mut out, "Type", [kind].into_iter());
    column(&mut out, if uipath { "User scopes" } else { "Scopes" }, draft.scopes.iter().map(String::as_str));
    column(&mut out, "Redirects", draft.redirects());
    if uipath {
        out.push_str(
            "\nAdd the scopes on the \"User scope(s)\" tab, each by its exact name; application scopes cannot be used.\n",
        );
    } else {
        out.push('\n');
    }
    out.push_str("Register every redirect letter by letter, port included.\n");
    if uipath {
        out.push_str(
            "Whoever signs in needs a role in the tenant and in the folders they work in.\n\
             Attendant can never do more than the person.\n",
        );
    }
    let ask = match draft.edition {
        Edition::Cloud | Edition::AutomationSuite => "App ID, organization name, tenant name",
        Edition::Standalone => "App ID, tenant name, address of the Orchestrator",
        Edition::Oidc => "client ID, issuer",
    };
    let _ =
        write!(out, "\nThen send back: {ask}.\nOr fill this in and send it back whole:\n\n{}", draft.form());
    out
}

/// The same for a registration that exists.
pub fn request_for(registration: &Registration) -> String {
    request_for_draft(&Draft::from(registration))
}

/// `Name   value`, further values below the first.
fn column<'a>(out: &mut String, name: &str, values: impl Iterator<Item = &'a str>) {
    for (index, value) in values.enumerate() {
        let _ = writeln!(out, "{:<13}{value}", if index == 0 { name } else { "" });
    }
}

fn edition(edition: Edition) -> &'static str {
    match edition {
        Edition::Cloud => "cloud",
        Edition::AutomationSuite => "automation-suite",
        Edition::Standalone => "standalone",
        Edition::Oidc => "oidc",
    }
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

fn listed<'a>(items: impl Iterator<Item = &'a str>) -> String {
    format!("[{}]", items.map(quoted).collect::<Vec<_>>().join(", "))
}

//! What each field must be. The configuration file goes through the same checks as a sheet.

use super::error::SheetError;
use crate::logging;
use crate::registration::{Edition, Realm, Registration};
use crate::scopes;
use crate::text::{clean, is_deceptive};
use url::Url;

/// UiPath's own wording on the External Applications page would fill its column with less.
const LONGEST_NAME: usize = 60;

/// More than any organization has; a list that long is a mistake.
const MOST_TENANTS: usize = 64;

/// More than anybody registers.
const MOST_REDIRECTS: usize = 16;

/// Characters of all scopes together. The window warns far below.
const LONGEST_SCOPES: usize = 4_096;

/// The ports below need privileges (or stand for "any", which a registered address cannot).
const PRIVILEGED: u16 = 1_024;

/// Checks everything about a registration that did not come through a sheet.
pub(crate) fn registration(registration: &Registration) -> Result<(), SheetError> {
    name(&registration.name)?;
    let place =
        host(registration.host.as_str(), Some(registration.edition), registration.organization.is_some())?;
    if registration.edition != Edition::Oidc && place.host != registration.host {
        return Err(SheetError::invalid("host", "It must be the address of the server only.", ""));
    }
    if let Some(base) = &registration.api_base {
        api_base(base.as_str(), &registration.host)?;
    }
    organization(registration.edition, registration.organization.as_deref())?;
    tenants(registration.edition, &registration.tenants)?;
    app_id(registration.edition, &registration.app_id)?;
    redirect_urls(registration.edition, &registration.redirect_urls)?;
    user_scopes(&registration.scopes)
}

/// What people call the registration.
pub(super) fn name(text: &str) -> Result<(), SheetError> {
    let length = text.chars().count();
    if text.trim().is_empty() {
        return Err(SheetError::missing("name", "Give it a name, such as the organization\u{2019}s."));
    }
    if length > LONGEST_NAME {
        let found = format!("It has {length} characters; {LONGEST_NAME} is the most.");
        return Err(SheetError::invalid("name", found, "Choose a shorter name."));
    }
    if text.chars().any(is_deceptive) {
        return Err(SheetError::invalid("name", "It holds an invisible character.", "Type it again."));
    }
    Ok(())
}

/// A server's address, and what else it told.
#[derive(Debug)]
pub(super) struct Place {
    pub(super) edition: Edition,
    pub(super) host: Url,
    pub(super) organization: Option<String>,
    pub(super) tenant: Option<String>,
}

/// The server: https, or http on this computer; nothing but scheme, host and port, except for an issuer's path. People
/// copy the address of a page; what its path tells is used.
pub(super) fn host(
    text: &str,
    edition: Option<Edition>,
    has_organization: bool,
) -> Result<Place, SheetError> {
    let invalid = |found: &str, advice: &str| SheetError::invalid("host", found, advice);
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let Ok(mut url) = Url::parse(&whole) else {
        let found = format!("\u{201c}{}\u{201d} is not an address.", clean(text, 60));
        return Err(invalid(&found, "It looks like https://cloud.uipath.com."));
    };
    if !url.username().is_empty() || url.password().is_some() {
        return Err(invalid("It holds a user name or password.", "Leave out what stands before the @."));
    }
    address("host", &url)?;
    if url.query().is_some() || url.fragment().is_some() {
        return Err(invalid("It holds more than an address.", "Leave out everything from the ? or # on."));
    }
    let uipath_cloud = url.host_str().is_some_and(|host| {
        ["uipath.com", "uipath.us"].iter().any(|ours| host == *ours || host.ends_with(&format!(".{ours}")))
    });
    let segments: Vec<String> = url
        .path_segments()
        .into_iter()
        .flatten()
        .filter(|part| {
            !part.is_empty() && !matches!(*part, "orchestrator_" | "identity_" | "identity" | "portal_")
        })
        .map(str::to_owned)
        .collect();
    // The rule of UiPath's own PowerShell client: a cloud host, then a path of two names, then anything else.
    let edition = edition.unwrap_or(match () {
        () if uipath_cloud => Edition::Cloud,
        () if segments.len() == 2 || has_organization => Edition::AutomationSuite,
        () => Edition::Standalone,
    });
    if edition == Edition::Oidc {
        let issuer = url.path().strip_suffix("/.well-known/openid-configuration").map(str::to_owned);
        if let Some(path) = issuer {
            url.set_path(&path);
        }
        return Ok(Place { edition, host: url, organization: None, tenant: None });
    }
    if segments.len() > 2 || (edition == Edition::Standalone && !segments.is_empty()) {
        let found = format!("{} is the address of a page.", clean(&logging::place(&url), 80));
        return Err(invalid(&found, "Leave out everything after the server\u{2019}s name."));
    }
    url.set_path("");
    let mut segments = segments.into_iter();
    Ok(Place { edition, host: url, organization: segments.next(), tenant: segments.next() })
}

/// Whether a cloud registration's host is one of UiPath's, or this computer's.
pub(super) fn is_uipath_host(host: &Url) -> bool {
    Realm::of(host).is_loopback()
        || host.host_str().is_some_and(|name| {
            ["uipath.com", "uipath.us"]
                .iter()
                .any(|ours| name == *ours || name.ends_with(&format!(".{ours}")))
        })
}

/// Where another provider's APIs are: the same server.
pub(super) fn api_base(text: &str, host: &Url) -> Result<Url, SheetError> {
    let invalid = |found: &str| SheetError::invalid("api_base", found, "");
    let url = Url::parse(text.trim()).map_err(|_| invalid("It is not an address."))?;
    address("api_base", &url)?;
    let bare = url.username().is_empty()
        && url.password().is_none()
        && url.query().is_none()
        && url.fragment().is_none();
    if !bare {
        return Err(invalid("It holds more than an address."));
    }
    if !Realm::of(host).contains(&url) {
        return Err(SheetError::invalid(
            "api_base",
            format!("It is on another server than {}.", Realm::of(host)),
            "Access is sent only to the server it came from. Use an address there.",
        ));
    }
    Ok(url)
}

/// https, or http on this computer.
fn address(field: &str, url: &Url) -> Result<(), SheetError> {
    let place = clean(&logging::place(url), 80);
    match url.scheme() {
        "https" if url.host().is_some() && url.port() != Some(0) => Ok(()),
        "http" if Realm::of(url).is_loopback() && url.port() != Some(0) => Ok(()),
        "http" => Err(SheetError::invalid(
            field,
            format!("{place} is not protected on the way."),
            "Use the https address. Plain http is for servers on this computer only.",
        )),
        _ => Err(SheetError::invalid(
            field,
            format!("{place} is not a web address."),
            "It begins with https://.",
        )),
    }
}

/// A name as it stands in a UiPath path.
fn path_name(field: &str, text: &str) -> Result<(), SheetError> {
    let wrong = text.is_empty()
        || text.trim() != text
        || text.chars().count() > 128
        || matches!(text, "." | "..")
        || text.chars().any(|c| is_deceptive(c) || matches!(c, '/' | '\\' | '?' | '#' | '%' | ':' | '@'));
    if wrong {
        let found = format!("\u{201c}{}\u{201d} cannot be a name there.", clean(text, 60));
        return Err(SheetError::invalid(field, found, "Copy it from the address of your UiPath page."));
    }
    Ok(())
}

pub(super) fn organization(edition: Edition, name: Option<&str>) -> Result<(), SheetError> {
    match (edition, name) {
        (Edition::Cloud | Edition::AutomationSuite, None) => Err(SheetError::missing(
            "organization",
            "It is the first name in the address of your UiPath page: cloud.uipath.com/ORGANIZATION/tenant.",
        )),
        (Edition::Standalone | Edition::Oidc, None) => Ok(()),
        (_, Some(name)) => path_name("organization", name),
    }
}

pub(super) fn tenants(edition: Edition, names: &[String]) -> Result<(), SheetError> {
    if names.is_empty() && edition != Edition::Oidc {
        return Err(SheetError::missing(
            "tenants",
            "It is the second name in the address of your UiPath page; case matters.",
        ));
    }
    if names.len() > MOST_TENANTS {
        return Err(SheetError::invalid(
            "tenants",
            format!("There are {} of them.", names.len()),
            "Name those you use.",
        ));
    }
    names.iter().try_for_each(|name| path_name("tenants", name))
}

/// UiPath's are GUIDs; RFC 6749 Appendix A.1 lets others be anything visible.
pub(super) fn app_id(edition: Edition, id: &str) -> Result<(), SheetError> {
    let length = id.chars().count();
    let invalid = |found: String, advice: &str| Err(SheetError::invalid("app_id", found, advice));
    if edition == Edition::Oidc {
        let fits = id.len() <= 256 && id.bytes().all(|b| (0x21..=0x7e).contains(&b));
        return if fits {
            Ok(())
        } else {
            invalid("It holds what an ID never holds.".to_owned(), "Copy it again.")
        };
    }
    if length != 36 {
        let advice = if length < 36 {
            "Copy it again, the list on UiPath\u{2019}s page shows only the beginning."
        } else {
            "Copy it again, without what stands around it."
        };
        return invalid(format!("An App ID has 36 characters; this has {length}."), advice);
    }
    let guid = id.bytes().enumerate().all(|(index, byte)| match index {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    });
    if guid {
        return Ok(());
    }
    invalid(
        "It does not look like an App ID, such as 7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5.".to_owned(),
        "Copy it again.",
    )
}

/// Where the browser returns to: plain http on this computer, with port and path (RFC 8252 §7.3), byte for byte as it
/// was registered. Port 0 stands for "any", which only other providers than UiPath accept.
pub(super) fn redirect_urls(edition: Edition, urls: &[String]) -> Result<(), SheetError> {
    let invalid = |url: &str, why: &str| {
        let found = format!("\u{201c}{}\u{201d} {why}", clean(url, 80));
        Err(SheetError::invalid(
            "redirect_urls",
            found,
            "Register addresses such as http://localhost:8421/callback.",
        ))
    };
    if urls.is_empty() {
        return Err(SheetError::missing(
            "redirect_urls",
            "Leave the field out for Attendant\u{2019}s own three.",
        ));
    }
    if urls.len() > MOST_REDIRECTS {
        return invalid("", "is one of too many.");
    }
    for (index, text) in urls.iter().enumerate() {
        let Ok(url) = Url::parse(text) else { return invalid(text, "is not an address.") };
        if url.scheme() != "http" || !Realm::of(&url).is_loopback() {
            return invalid(text, "is not on this computer.");
        }
        if !url.username().is_empty()
            || url.password().is_some()
            || url.query().is_some()
            || url.fragment().is_some()
        {
            return invalid(text, "holds more than an address.");
        }
        match url.port() {
            Some(0) if edition == Edition::Oidc => {}
            Some(port) if port > PRIVILEGED => {}
            None => return invalid(text, "has no port."),
            Some(_) => return invalid(text, "uses a port that programs of people cannot have."),
        }
        // What is compared byte for byte must not be written in a way that parsing changes.
        if url.as_str() != text {
            return invalid(text, &format!("would be sent as {}.", clean(url.as_str(), 80)));
        }
        if urls.iter().take(index).any(|earlier| earlier == text) {
            return invalid(text, "stands twice.");
        }
    }
    Ok(())
}

/// The scopes to ask for.
pub(super) fn user_scopes(names: &[String]) -> Result<(), SheetError> {
    if names.is_empty() {
        return Err(SheetError::missing(
            "scopes.user",
            "Ask which user scopes were registered, letter by letter.",
        ));
    }
    if let Some(name) = names.iter().find(|name| !scopes::is_valid(name)) {
        let found = format!("\u{201c}{}\u{201d} is not a scope.", clean(name, 60));
        return Err(SheetError::invalid("scopes.user", found, "Copy the names again, letter by letter."));
    }
    let length: usize = names.iter().map(|name| name.len() + 1).sum();
    if length > LONGEST_SCOPES {
        let found = format!("They are {length} characters long.");
        return Err(SheetError::invalid("scopes.user", found, "Ask for fewer; nobody accepts that many."));
    }
    Ok(())
}

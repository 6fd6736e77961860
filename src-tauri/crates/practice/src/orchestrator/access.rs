//! Who is calling and what they may do: bearer (RFC 6750), audience, scope, folder header, role.

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::grants::Access;
use crate::orchestrator::data::{Folder, Tenant};
use crate::orchestrator::refusal::Refusal;
use crate::seed::{User, World};
use crate::state::Store;

/// What a role in a folder allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Permission {
    ProcessesView,
    JobsView,
    JobsCreate,
    QueuesView,
    TransactionsView,
    TransactionsCreate,
    AssetsView,
}

/// The two roles of the practice tenant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    AutomationUser,
    /// Sees everything in the folder and changes nothing.
    Viewer,
}

impl Role {
    fn allows(self, permission: Permission) -> bool {
        match self {
            Self::AutomationUser => true,
            Self::Viewer => match permission {
                Permission::ProcessesView
                | Permission::JobsView
                | Permission::QueuesView
                | Permission::TransactionsView
                | Permission::AssetsView => true,
                Permission::JobsCreate | Permission::TransactionsCreate => false,
            },
        }
    }
}

#[derive(Clone, Debug)]
pub(crate) struct Caller {
    pub(crate) user: User,
    pub(crate) scopes: Vec<String>,
}

impl Caller {
    /// The API takes a parent for its children: `OR.Jobs` reads and writes.
    pub(crate) fn needs(&self, parent: &str, write: bool) -> Result<(), Refusal> {
        let child = format!("{parent}.{}", if write { "Write" } else { "Read" });
        if self.scopes.iter().any(|scope| *scope == parent || *scope == child) {
            Ok(())
        } else {
            Err(Refusal::Forbidden)
        }
    }
}

/// The live access token of a request, or the reason there is none (`None`: no bearer was sent at all).
pub(crate) fn bearer<'a>(store: &'a Store, headers: &HeaderMap) -> Result<&'a Access, Option<&'static str>> {
    let mut sent = headers.get_all(AUTHORIZATION).iter();
    let header = sent.next().ok_or(None)?.to_str().map_err(|_| Some("The token is malformed"))?;
    if sent.next().is_some() {
        return Err(Some("More than one Authorization header"));
    }
    let token = match header.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => token.trim(),
        Some(_) | None => return Err(None),
    };
    let access = store.grants.access.get(token).ok_or(Some("The signature is invalid"))?;
    if access.revoked {
        return Err(Some("The token was revoked"));
    }
    if store.clock.now() >= access.expires_at {
        return Err(Some("The token is expired"));
    }
    Ok(access)
}

pub(crate) fn caller(store: &Store, world: &World, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let access = bearer(store, headers).map_err(Refusal::Unauthorized)?;
    if !access.scopes.iter().any(|scope| scope.starts_with("OR.")) {
        return Err(Refusal::Unauthorized(Some("The audience 'UiPath.Orchestrator' is invalid")));
    }
    let user = world.user(access.user).ok_or(Refusal::Unauthorized(Some("The user does not exist")))?;
    Ok(Caller { user: user.clone(), scopes: access.scopes.clone() })
}

/// The folder that exactly one of the four headers names, if the caller may see it and has `permission` there.
pub(crate) fn folder(
    tenant: &Tenant,
    caller: &Caller,
    headers: &HeaderMap,
    permission: Permission,
) -> Result<Folder, Refusal> {
    let wanted = named(headers)?;
    let found = tenant
        .folders
        .iter()
        .find(|folder| wanted.means(folder))
        .and_then(|folder| folder.role_of(caller.user.key).map(|role| (folder, role)));
    match found {
        None => Err(Refusal::FolderUnknown),
        Some((_, role)) if !role.allows(permission) => Err(Refusal::Forbidden),
        Some((folder, _)) => Ok(folder.clone()),
    }
}

enum Wanted {
    Id(String),
    Key(String),
    Path(String),
}

impl Wanted {
    fn means(&self, folder: &Folder) -> bool {
        match self {
            Self::Id(id) => id.parse() == Ok(folder.id),
            Self::Key(key) => folder.key.eq_ignore_ascii_case(key),
            Self::Path(path) => folder.path.eq_ignore_ascii_case(path),
        }
    }
}

fn named(headers: &HeaderMap) -> Result<Wanted, Refusal> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).map(String::from);
    let mut all = Vec::new();
    all.extend(text("X-UIPATH-OrganizationUnitId").map(Wanted::Id));
    all.extend(text("X-UIPATH-FolderKey").map(Wanted::Key));
    all.extend(text("X-UIPATH-FolderPath").map(Wanted::Path));
    if let Some(encoded) = text("X-UIPATH-FolderPath-Encoded") {
        let path = utf16_base64(&encoded).ok_or(Refusal::FolderUnknown)?;
        all.push(Wanted::Path(path));
    }
    let one = all.pop().ok_or(Refusal::FolderMissing)?;
    if all.is_empty() { Ok(one) } else { Err(Refusal::Invalid("Send exactly one folder header.".into())) }
}

/// Base64 of the UTF-16LE bytes, which is how a path that is not ASCII fits into a header.
fn utf16_base64(encoded: &str) -> Option<String> {
    let bytes = STANDARD.decode(encoded).ok()?;
    let units: Vec<u16> =
        bytes.chunks(2).map(|pair| u16::from_le_bytes([pair[0], *pair.get(1).unwrap_or(&0)])).collect();
    String::from_utf16(&units).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folder_path_is_utf16_in_base64() {
        assert_eq!(utf16_base64("UwBoAGEAcgBlAGQA").as_deref(), Some("Shared"));
        assert_eq!(utf16_base64("QgD8AHIAbwAvAEUAaQBuAGsAYQB1AGYA").as_deref(), Some("Büro/Einkauf"));
    }

    #[test]
    fn parent_scope_stands_for_its_children_but_not_the_reverse() {
        let user = World::new(&crate::Options::default()).users[0].clone();
        let caller = Caller { user, scopes: vec!["OR.Jobs".into(), "OR.Queues.Read".into()] };
        assert_eq!(caller.needs("OR.Jobs", true), Ok(()));
        assert_eq!(caller.needs("OR.Queues", false), Ok(()));
        assert_eq!(caller.needs("OR.Queues", true), Err(Refusal::Forbidden));
    }
}

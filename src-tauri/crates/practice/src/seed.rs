//! The fixed part of the practice world: organization, tenants, external applications, users. Ids come from the seed.

use crate::options::Options;
use crate::random::fixed_guid;

pub(crate) const ORGANIZATION: &str = "practice";

/// The scopes that need no registration with UiPath.
pub(crate) const IDENTITY_SCOPES: [&str; 4] = ["openid", "profile", "email", "offline_access"];

/// The user scopes an administrator gave the non-confidential application.
const USER_SCOPES: [&str; 10] = [
    "OR.Folders.Read",
    "OR.Execution.Read",
    "OR.Jobs",
    "OR.Jobs.Read",
    "OR.Jobs.Write",
    "OR.Queues",
    "OR.Queues.Read",
    "OR.Queues.Write",
    "OR.Assets.Read",
    "OR.Users.Read",
];

/// The scopes the hand-off sheet proposes: what the tour needs, nothing more.
pub(crate) const SHEET_SCOPES: [&str; 9] = [
    "openid",
    "profile",
    "email",
    "offline_access",
    "OR.Folders.Read",
    "OR.Queues.Read",
    "OR.Queues.Write",
    "OR.Execution.Read",
    "OR.Jobs.Read",
];

/// The three kinds of external application UiPath knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppKind {
    /// Authorization code with PKCE, no secret.
    NonConfidential,
    /// Authorization code with a secret. Nobody is ever given the secret of this one, so every token request fails.
    ConfidentialUser,
    /// Client credentials only; may not use the authorize endpoint.
    ConfidentialApplication,
}

#[derive(Clone, Debug)]
pub(crate) struct App {
    pub(crate) id: String,
    pub(crate) name: &'static str,
    pub(crate) kind: AppKind,
    pub(crate) redirect_urls: Vec<String>,
    pub(crate) user_scopes: Vec<&'static str>,
}

impl App {
    /// Exact names only: a parent does not stand for its children here (it does at the API).
    pub(crate) fn may_ask(&self, scope: &str) -> bool {
        IDENTITY_SCOPES.contains(&scope) || self.user_scopes.contains(&scope)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct User {
    /// Short name in forms and element ids: `pat`.
    pub(crate) key: &'static str,
    /// The `sub` claim.
    pub(crate) subject: String,
    pub(crate) first: &'static str,
    pub(crate) last: &'static str,
    pub(crate) email: &'static str,
    pub(crate) note: &'static str,
    /// Not invited to the organization: signing in ends in error 219.
    pub(crate) invited: bool,
}

impl User {
    pub(crate) fn name(&self) -> String {
        format!("{} {}", self.first, self.last)
    }
}

#[derive(Clone, Debug)]
pub(crate) struct World {
    pub(crate) organization_id: String,
    pub(crate) apps: Vec<App>,
    pub(crate) users: Vec<User>,
}

impl World {
    pub(crate) fn new(options: &Options) -> Self {
        let seed = options.seed;
        let redirect_urls = options.registered_redirect_urls();
        let app = |label: &str, name, kind, user_scopes: &[&'static str]| App {
            id: fixed_guid(seed, label),
            name,
            kind,
            redirect_urls: redirect_urls.clone(),
            user_scopes: user_scopes.to_vec(),
        };
        let user = |key, first, last, email, note, invited| User {
            key,
            subject: fixed_guid(seed, email),
            first,
            last,
            email,
            note,
            invited,
        };
        Self {
            organization_id: fixed_guid(seed, "organization"),
            apps: vec![
                app("app", "Attendant", AppKind::NonConfidential, &USER_SCOPES),
                app("confidential user app", "Practice CRM", AppKind::ConfidentialUser, &["OR.Queues.Write"]),
                app("confidential app", "Practice night service", AppKind::ConfidentialApplication, &[]),
            ],
            users: vec![
                user(
                    "pat",
                    "Pat",
                    "Practice",
                    "pat.practice@example.test",
                    "Ordinary user, two folders",
                    true,
                ),
                user(
                    "sam",
                    "Sam",
                    "Sample",
                    "sam.sample@example.test",
                    "May not see Finance, some calls answer 403",
                    true,
                ),
                user(
                    "robin",
                    "Robin",
                    "Refused",
                    "robin.refused@example.test",
                    "Not invited, ends in error 219",
                    false,
                ),
            ],
        }
    }

    /// The non-confidential application: the one the hand-off sheet is about.
    pub(crate) fn app_for_sheet(&self) -> &App {
        &self.apps[0]
    }

    pub(crate) fn app(&self, id: &str) -> Option<&App> {
        self.apps.iter().find(|app| app.id == id)
    }

    pub(crate) fn user(&self, key: &str) -> Option<&User> {
        self.users.iter().find(|user| user.key == key)
    }
}

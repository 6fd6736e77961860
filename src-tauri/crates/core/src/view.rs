//! What the window may know: plain data, exported to TypeScript. Nothing secret can be put here, because no secret
//! type serialises. Times are RFC 3339 text; the window formats them for the person's locale.

use crate::error::Problem;
use crate::registration::Edition;
use attendant_protocol::{RegistrationStatus, WaitingAutomation};
use serde::{Deserialize, Serialize};
#[cfg(feature = "ts")]
use ts_rs::TS;

/// Everything the main window shows.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct View {
    /// Counts up with every change, so that a late view never replaces a newer one.
    pub revision: u32,
    /// Attendant itself is locked: nothing is handed out.
    pub locked: bool,
    /// All registrations: needs you, waiting, active, signed out; by name inside a group.
    pub registrations: Vec<RegistrationView>,
    /// The keyring.
    pub keyring: KeyringView,
    /// Access used in the last hour, newest first.
    pub recent: Vec<RecentUse>,
    /// What the person allowed.
    pub grants: Vec<GrantView>,
    /// A sheet somebody handed over through the command line: review it, then save or dismiss it.
    pub incoming: Option<IncomingSheet>,
    /// Preferences.
    pub settings: Settings,
    /// Proxy taken from the environment, as shown to the person; none in most places.
    pub proxy: Option<String>,
    /// Something wrong with the app itself, such as an unreadable configuration file.
    pub problem: Option<Problem>,
}

/// One registration with its session.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct RegistrationView {
    /// Its id, name, state and times.
    pub status: RegistrationStatus,
    /// Which kind of server.
    pub edition: Edition,
    /// The server's address, such as `https://cloud.uipath.com`.
    pub host: String,
    /// The server is on this computer. Nothing of it reaches a real tenant.
    pub on_this_computer: bool,
    /// UiPath organization.
    pub organization: Option<String>,
    /// The App ID.
    pub app_id: String,
    /// Redirect URLs, in the order they are tried.
    pub redirect_urls: Vec<String>,
    /// Scopes: asked for and granted.
    pub scopes: Vec<ScopeView>,
    /// The sign-in that waits for the browser, if one does.
    pub attempt: Option<AttemptView>,
    /// Why it needs the person, or what went wrong at the last attempt.
    pub problem: Option<Problem>,
    /// The server cannot be reached now; Attendant tries again by itself.
    pub offline: bool,
    /// When the sign-in ends (60 days after it began at UiPath); none if unknown.
    pub sign_in_until: Option<String>,
    /// Days a sign-in of this provider lasts; none if unknown.
    pub sign_in_days: Option<u32>,
    /// The provider can end the browser's session.
    pub can_end_browser_session: bool,
}

/// A scope of a registration.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct ScopeView {
    /// Its exact name.
    pub name: String,
    /// What it lets a program do; none if there is no description for it.
    pub words: Option<String>,
    /// Whether the current sign-in has it; none while signed out.
    pub granted: Option<bool>,
}

/// A sign-in that waits for the browser.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct AttemptView {
    /// Since when.
    pub since: String,
    /// When Attendant stops waiting.
    pub gives_up_at: String,
    /// No browser could be started: copy the link.
    pub no_browser: bool,
    /// A browser Attendant did not start answered. Only the person can say whether that was theirs.
    pub stranger_answered: bool,
    /// What was wrong with the last pasted address, if anything.
    pub paste_problem: Option<Problem>,
}

/// How the keyring is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
#[serde(rename_all = "snake_case")]
pub enum KeyringState {
    /// Not asked yet.
    Unknown,
    /// A call waits for it.
    Waiting,
    /// It works.
    Available,
    /// It is locked.
    Locked,
    /// There is none: sign-ins stay in memory.
    Absent,
    /// It refused.
    Refused,
}

/// The keyring, for the foot of the navigation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct KeyringView {
    /// How it is.
    pub state: KeyringState,
    /// What it is called, such as `GNOME Keyring`.
    pub name: String,
}

/// A sheet that waits for the person's review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct IncomingSheet {
    /// Its text, for `review_sheet` and `save_sheet`.
    pub text: String,
    /// Who handed it over, by its checked name.
    pub from: String,
}

/// One use of access in the last hour.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct RecentUse {
    /// The automation, by its checked name.
    pub automation: String,
    /// The registration's name.
    pub registration: String,
    /// The scopes it could use.
    pub scopes: Vec<String>,
    /// When, RFC 3339.
    pub at: String,
    /// The grant that allowed it, to stop or revoke; none if it was allowed once.
    pub grant: Option<String>,
}

/// Something the person allowed.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct GrantView {
    /// Names it in commands.
    pub id: String,
    /// The automation, by its checked name.
    pub automation: String,
    /// The program's path.
    pub program: String,
    /// The registration's name.
    pub registration: String,
    /// The most it may use.
    pub scopes: Vec<String>,
    /// For how long.
    pub duration: GrantDuration,
    /// Since when, RFC 3339.
    pub since: String,
}

/// For how long something is allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
#[serde(rename_all = "snake_case")]
pub enum GrantDuration {
    /// One hand-out.
    Once,
    /// Until the asking process ends.
    ThisRun,
    /// Until Attendant or the screen is locked, or the person signs out.
    UntilLock,
}

/// Preferences. Stored in `attendant.toml`; no field is a secret.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
#[serde(default, rename_all = "snake_case")]
pub struct Settings {
    /// `system`, `light` or `dark`.
    pub appearance: Appearance,
    /// Start hidden when the person logs in to the desktop.
    pub start_at_login: bool,
    /// Seconds to answer an approval; none means no limit.
    pub approval_seconds: Option<u32>,
    /// Seconds somebody must have waited before the person is asked: a short network gap asks nobody.
    pub wait_before_asking_seconds: u32,
    /// Minutes until a reminder after Later.
    pub remind_minutes: u32,
    /// The "still in the tray" notice was shown.
    pub tray_notice_shown: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            appearance: Appearance::System,
            start_at_login: false,
            approval_seconds: Some(60),
            wait_before_asking_seconds: 20,
            remind_minutes: 15,
            tray_notice_shown: false,
        }
    }
}

/// The window's colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
#[serde(rename_all = "snake_case")]
pub enum Appearance {
    /// As the desktop.
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

/// What the prompt window asks.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PromptView {
    /// Sign in again.
    SignIn {
        /// Names the prompt in its answer.
        id: String,
        /// The registration's id.
        registration: String,
        /// The registration's name.
        name: String,
        /// Organization and tenant, such as `acme / Production`.
        place: String,
        /// Who was signed in.
        account: Option<String>,
        /// Why.
        reason: Problem,
        /// Who waits.
        waiting: Vec<WaitingAutomation>,
        /// When Later asks again, RFC 3339.
        later_until: String,
        /// The server is on this computer: show PRACTICE.
        on_this_computer: bool,
    },
    /// A program asks to sign out.
    SignOut {
        /// Names the prompt in its answer; `allow` with `once` signs out, anything else does not.
        id: String,
        /// The registration's name.
        name: String,
        /// Organization and tenant.
        place: String,
        /// Who is signed in.
        account: Option<String>,
        /// Who asks.
        caller: CallerView,
        /// Also in the browser.
        browser: bool,
        /// Milliseconds before the buttons work.
        arm_ms: u32,
        /// The server is on this computer: show PRACTICE.
        on_this_computer: bool,
    },
    /// Approve an automation.
    Approve {
        /// Names the prompt in its answer.
        id: String,
        /// The registration's name.
        name: String,
        /// Organization and tenant.
        place: String,
        /// Who is signed in.
        account: Option<String>,
        /// Who asks.
        caller: CallerView,
        /// What it could do.
        scopes: Vec<ScopeView>,
        /// It receives everything this sign-in may do.
        whole_token: bool,
        /// The choices, first is preselected.
        durations: Vec<GrantDuration>,
        /// When silence becomes no, RFC 3339; none means no limit.
        gives_up_at: Option<String>,
        /// Seconds the person has in all, for the bar.
        answer_seconds: Option<u32>,
        /// Milliseconds before the buttons work, and again after focus or change.
        arm_ms: u32,
        /// Prompts that wait behind this one.
        more: u32,
        /// The caller gave up or vanished; nothing was given.
        gone: bool,
        /// The server is on this computer: show PRACTICE.
        on_this_computer: bool,
    },
}

/// Who asks, in three classes of facts whose words never mix.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct CallerView {
    /// Verified: the executable's path. None when it could not be checked.
    pub program: Option<String>,
    /// Verified: the process id.
    pub pid: u32,
    /// Read: the script as started.
    pub script: Option<String>,
    /// Read: the first 12 hex digits of the SHA-256 of that file, or of the program, in groups of four.
    pub content: Option<String>,
    /// Read: who started it, nearest first.
    pub started_by: Vec<String>,
    /// Read: the folder it runs in.
    pub folder: Option<String>,
    /// The caller is a person's own interactive shell: "you, at a terminal".
    pub terminal: bool,
    /// Claimed: what it calls itself, cleaned and cut.
    pub claimed_name: Option<String>,
    /// Claimed: why it asks, cleaned and cut.
    pub claimed_reason: Option<String>,
}

/// The person's answer to a prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum PromptAnswer {
    /// Sign in now.
    SignIn,
    /// Not now; ask again later.
    Later,
    /// Allow for `duration`.
    Allow {
        /// For how long.
        duration: GrantDuration,
    },
    /// No.
    Deny,
    /// No, and do not ask again today.
    DenyToday,
}

/// A hand-off sheet, read and checked; nothing is saved yet.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[cfg_attr(feature = "ts", derive(TS), ts(export, export_to = "view.ts"))]
pub struct SheetReview {
    /// The registration's name.
    pub name: String,
    /// Which kind of server.
    pub edition: Edition,
    /// The server's address.
    pub host: String,
    /// UiPath organization.
    pub organization: Option<String>,
    /// Tenants, the first is the default.
    pub tenants: Vec<String>,
    /// The App ID.
    pub app_id: String,
    /// Redirect URLs.
    pub redirect_urls: Vec<String>,
    /// What it will ask for.
    pub scopes: Vec<ScopeView>,
    /// Scopes left out because they give everything, such as `OR.Default`; the person may include them.
    pub left_out: Vec<ScopeView>,
    /// Things worth a second look that do not stop anybody.
    pub warnings: Vec<String>,
}

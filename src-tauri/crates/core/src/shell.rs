//! What core needs from the desktop. The window program implements it; tests record what was asked.

use crate::view::{PromptView, View};
use url::Url;

/// Why a browser did not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrowserError {
    /// No program for web addresses is installed or it could not be started.
    NoneFound,
    /// The launcher said no; its words, cleaned.
    Refused(String),
}

/// A desktop notification with verbs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Replaces an earlier notice of the same key, and is what an answer names.
    pub key: String,
    /// Who and what is needed.
    pub title: String,
    /// Why, or until when.
    pub body: String,
    /// At most two `(action, label)` pairs, such as `("sign_in", "Sign in")`. A click on the body is `default`.
    pub actions: Vec<(String, String)>,
}

/// The desktop, as core sees it. Calls return at once; nothing here waits for the person.
pub trait Shell: Send + Sync {
    /// Opens `url` in the system browser. Only http(s) addresses that core has checked come here; the address is one
    /// argument of a program started without a shell.
    fn open_browser(&self, url: &Url) -> Result<(), BrowserError>;

    /// Shows `prompt` in the prompt window without taking the focus, or changes what it shows.
    fn show_prompt(&self, prompt: &PromptView);

    /// Closes the prompt window.
    fn close_prompt(&self);

    /// Shows a notification. An answer comes back through [`crate::controller::Desk::notice_answered`].
    fn notify(&self, notice: &Notice);

    /// Withdraws the notification of `key`.
    fn withdraw(&self, key: &str);

    /// Brings the main window to the front, creating it if needed.
    fn show_main(&self);

    /// A new view: for the window, if one is open, and for the tray.
    fn view_changed(&self, view: &View);
}

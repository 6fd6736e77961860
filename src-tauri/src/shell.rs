//! What core asks of the desktop, done. Every call returns at once: what takes time goes to the window thread, to the
//! tray's task or to the notifications' task.

use crate::linux::autostart;
use crate::linux::notify::Notifier;
use crate::linux::tray::Tray;
use crate::standing::Standing;
use crate::windows;
use attendant_core::shell::{BrowserError, Notice, Shell};
use attendant_core::view::{PromptView, View};
use std::sync::{Arc, Mutex, PoisonError};
use tauri::{AppHandle, Emitter as _, Manager as _};
use url::Url;

/// The desktop.
pub struct TauriShell {
    app: AppHandle,
    tray: Tray,
    notifier: Notifier,
    seen: Mutex<Seen>,
}

/// What was last told to the desktop, so that only changes are.
#[derive(Default)]
struct Seen {
    view: Option<Arc<View>>,
    standing: Option<Standing>,
    start_at_login: Option<bool>,
}

impl TauriShell {
    /// The desktop of `app`.
    pub fn new(app: AppHandle, tray: Tray, notifier: Notifier) -> Self {
        Self { app, tray, notifier, seen: Mutex::default() }
    }

    /// Whether the desktop shows a tray now.
    pub fn has_tray(&self) -> bool {
        self.tray.is_shown()
    }

    fn set_start_at_login(wanted: bool) {
        let (Some(folder), Ok(program)) = (autostart::folder(), std::env::current_exe()) else { return };
        if let Err(error) = autostart::set(&folder, &program, wanted) {
            tracing::warn!(%error, folder = %folder.display(), "start at login could not be changed");
        }
    }
}

impl Shell for TauriShell {
    fn open_browser(&self, url: &Url) -> Result<(), BrowserError> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(BrowserError::Refused("only web addresses are opened".to_owned()));
        }
        #[expect(clippy::disallowed_methods, reason = "the one door to the browser")]
        let opened = open::that_detached(url.as_str());
        opened.map_err(|error| {
            if error.kind() == std::io::ErrorKind::NotFound {
                BrowserError::NoneFound
            } else {
                BrowserError::Refused(attendant_core::text::clean(&error.to_string(), 200))
            }
        })
    }

    fn show_prompt(&self, prompt: &PromptView) {
        windows::open_prompt(&self.app, prompt);
        let _ = self.app.emit_to(windows::PROMPT, "prompt-changed", Some(prompt));
    }

    fn close_prompt(&self) {
        windows::destroy_prompt(&self.app);
    }

    fn notify(&self, notice: &Notice) {
        self.notifier.show(notice.clone());
    }

    fn withdraw(&self, key: &str) {
        self.notifier.withdraw(key.to_owned());
    }

    fn show_main(&self) {
        let view = self.seen.lock().unwrap_or_else(PoisonError::into_inner).view.clone();
        windows::show_main(&self.app, view.as_deref());
    }

    fn view_changed(&self, view: &View) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let standing = Standing::of(view, &chrono::Local);
        if seen.standing.as_ref() != Some(&standing) {
            self.tray.show(standing.clone());
            seen.standing = Some(standing);
        }
        let start_at_login = view.settings.start_at_login;
        if seen.start_at_login != Some(start_at_login) {
            Self::set_start_at_login(start_at_login);
            seen.start_at_login = Some(start_at_login);
        }
        seen.view = Some(Arc::new(view.clone()));
        if self.app.get_webview_window(windows::MAIN).is_some() {
            windows::update_main_title(&self.app, view);
            let _ = self.app.emit_to(windows::MAIN, "view-changed", view);
        }
    }
}

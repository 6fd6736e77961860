//! The clipboard, from the app's side: a link to sign in with goes there without passing through a page.

use gtk::gdk;
use tauri::AppHandle;

/// Puts `text` on the clipboard.
pub fn set(app: &AppHandle, text: String) {
    let put = app.run_on_main_thread(move || {
        let clipboard = gtk::Clipboard::get(&gdk::SELECTION_CLIPBOARD);
        clipboard.set_text(&text);
    });
    if let Err(error) = put {
        tracing::debug!(%error, "the app is ending");
    }
}

//! What the windows may ask, one thin function per command: turn the call into one of [`Desk`](attendant_core)'s and
//! hand back what it says. Nothing here decides anything about a session, and nothing returns a secret.

pub mod main;
pub mod practice;
pub mod prompt;

use tauri::WebviewWindow;

/// Closes the window that asks; Attendant goes on. For a prompt that means no, or not now.
#[tauri::command]
pub fn close_window(window: WebviewWindow) {
    let _ = window.close();
}

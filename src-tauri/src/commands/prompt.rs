//! The prompt window's commands, and what closing that window means.

use crate::windows;
use attendant_core::controller::Desk;
use attendant_core::view::{PromptAnswer, PromptView};
use tauri::{AppHandle, Manager as _, State};

/// What to ask; nothing when there is nothing to ask any more. Changes arrive by the event `prompt-changed`.
#[tauri::command]
pub fn prompt(desk: State<'_, Desk>) -> Option<PromptView> {
    desk.prompt()
}

/// The person's answer.
#[tauri::command]
pub async fn answer_prompt(desk: State<'_, Desk>, id: String, answer: PromptAnswer) -> Result<(), ()> {
    desk.answer_prompt(id, answer).await;
    Ok(())
}

/// Makes the window as tall as its content and shows it.
#[tauri::command]
pub fn fit_prompt(app: AppHandle, desk: State<'_, Desk>, height: f64) {
    windows::fit_prompt(&app, desk.prompt().as_ref(), height);
}

/// The person closed the window: no, or not now. The window stays until core has the next prompt or none.
pub async fn closed(app: AppHandle) {
    let Some(desk) = app.try_state::<Desk>().map(|desk| Desk::clone(&desk)) else { return };
    match desk.prompt() {
        Some(PromptView::Approve { id, .. } | PromptView::SignOut { id, .. }) => {
            desk.answer_prompt(id, PromptAnswer::Deny).await
        }
        Some(PromptView::SignIn { id, .. }) => desk.answer_prompt(id, PromptAnswer::Later).await,
        None => windows::destroy_prompt(&app),
    }
}

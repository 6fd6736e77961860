//! The main window's commands.

use crate::linux::{clipboard, dialog};
use attendant_core::controller::Desk;
use attendant_core::error::Problem;
use attendant_core::registration::RegistrationId;
use attendant_core::sheet::Draft;
use attendant_core::view::{Settings, SheetReview, View};
use attendant_protocol::ImportResult;
use serde::Serialize;
use tauri::{AppHandle, State};

/// Everything the window shows. Later views arrive by the event `view-changed`.
#[tauri::command]
pub fn view(desk: State<'_, Desk>) -> View {
    let view = View::clone(&desk.view());
    tracing::debug!("a page asked for its view");
    view
}

/// A sheet the person chose.
#[derive(Serialize)]
pub struct ChosenSheet {
    /// The file's name, without its folder.
    file: String,
    /// What it holds.
    text: String,
    /// What it means.
    review: SheetReview,
}

/// Lets the person choose a hand-off sheet; nothing when they closed the dialog.
#[tauri::command]
pub async fn choose_sheet(app: AppHandle, desk: State<'_, Desk>) -> Result<Option<ChosenSheet>, Problem> {
    let Some(dialog::Sheet { file, text }) = dialog::choose_sheet(&app).await? else { return Ok(None) };
    let review = desk.review_sheet(&text)?;
    Ok(Some(ChosenSheet { file, text, review }))
}

/// Reads and checks pasted text.
#[tauri::command]
pub fn review_sheet(desk: State<'_, Desk>, text: String) -> Result<SheetReview, Problem> {
    desk.review_sheet(&text)
}

/// Saves a sheet that was reviewed.
#[tauri::command]
pub async fn save_sheet(
    desk: State<'_, Desk>,
    text: String,
    name: Option<String>,
    include: Vec<String>,
) -> Result<ImportResult, Problem> {
    desk.save_sheet(text, name, include).await
}

/// Leaves the sheet that came through the command line unsaved.
#[tauri::command]
pub async fn dismiss_incoming(desk: State<'_, Desk>) -> Result<(), Problem> {
    desk.dismiss_incoming().await;
    Ok(())
}

/// The message to the administrator: for a registration, or the general one.
#[tauri::command]
pub fn request_text(desk: State<'_, Desk>, id: Option<RegistrationId>) -> Result<String, Problem> {
    match id {
        Some(id) => desk.registration_request(&id),
        None => Ok(desk.request_text(&Draft::default())),
    }
}

/// Puts text the page shows on the clipboard.
#[tauri::command]
pub fn copy_text(app: AppHandle, text: String) {
    clipboard::set(&app, text);
}

/// Starts a sign-in; the browser opens.
#[tauri::command]
pub async fn sign_in(desk: State<'_, Desk>, id: RegistrationId, other_account: bool) -> Result<(), Problem> {
    desk.sign_in(id, other_account).await
}

/// Opens the browser once more.
#[tauri::command]
pub async fn open_again(desk: State<'_, Desk>, id: RegistrationId) -> Result<(), Problem> {
    desk.open_browser_again(id).await
}

/// Puts a fresh single-use link on the clipboard. The page never sees it.
#[tauri::command]
pub async fn copy_link(app: AppHandle, desk: State<'_, Desk>, id: RegistrationId) -> Result<(), Problem> {
    clipboard::set(&app, desk.link(id).await?);
    Ok(())
}

/// Stops waiting for the browser.
#[tauri::command]
pub async fn cancel_sign_in(desk: State<'_, Desk>, id: RegistrationId) -> Result<(), Problem> {
    desk.cancel_sign_in(id).await
}

/// Takes the address a browser elsewhere ended at.
#[tauri::command]
pub async fn paste_address(
    desk: State<'_, Desk>,
    id: RegistrationId,
    address: String,
) -> Result<(), Problem> {
    desk.paste_answer(id, address).await
}

/// Whether the browser that answered was the person's.
#[tauri::command]
pub async fn answer_stranger(desk: State<'_, Desk>, id: RegistrationId, mine: bool) -> Result<(), Problem> {
    desk.answer_stranger(id, mine).await
}

/// Forgets the sign-in here, and ends it in the browser if asked.
#[tauri::command]
pub async fn sign_out(desk: State<'_, Desk>, id: RegistrationId, browser: bool) -> Result<(), Problem> {
    desk.sign_out(id, browser).await
}

/// Looks at the keyring and the network again.
#[tauri::command]
pub async fn try_again(desk: State<'_, Desk>, id: RegistrationId) -> Result<(), Problem> {
    desk.try_again(id).await
}

/// Removes a registration with its sign-in.
#[tauri::command]
pub async fn remove_registration(desk: State<'_, Desk>, id: RegistrationId) -> Result<(), Problem> {
    desk.remove_registration(id).await
}

/// Takes back what was allowed.
#[tauri::command]
pub async fn revoke_grant(desk: State<'_, Desk>, grant: String) -> Result<(), Problem> {
    desk.revoke_grant(grant).await
}

/// Hands nothing out until unlocked.
#[tauri::command]
pub async fn lock(desk: State<'_, Desk>) -> Result<(), Problem> {
    desk.lock().await
}

/// Hands out again.
#[tauri::command]
pub async fn unlock(desk: State<'_, Desk>) -> Result<(), Problem> {
    desk.unlock().await
}

/// Changes the preferences.
#[tauri::command]
pub async fn set_settings(desk: State<'_, Desk>, settings: Settings) -> Result<(), Problem> {
    desk.set_settings(settings).await
}

/// Removes every sign-in, the state and the configuration.
#[tauri::command]
pub async fn erase_everything(desk: State<'_, Desk>) -> Result<(), Problem> {
    desk.erase_everything().await
}

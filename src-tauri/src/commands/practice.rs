//! The practice tenant's commands; they belong to the main window.

use crate::practice::{Play, Practice};
use attendant_core::controller::Desk;
use attendant_core::error::Problem;
use tauri::State;

/// Starts the practice tenant, adds its registration and opens the browser to sign in.
#[tauri::command]
pub async fn start_practice(desk: State<'_, Desk>, practice: State<'_, Practice>) -> Result<(), Problem> {
    practice.start(&desk).await
}

/// Removes the practice registration and ends the practice tenant.
#[tauri::command]
pub async fn stop_practice(desk: State<'_, Desk>, practice: State<'_, Practice>) -> Result<(), Problem> {
    practice.stop(&desk).await
}

/// Lets something happen to the practice sign-in.
#[tauri::command]
pub async fn practice_play(practice: State<'_, Practice>, what: Play) -> Result<(), Problem> {
    practice.play(what).await
}

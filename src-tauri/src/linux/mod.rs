//! What Linux desktops do in their own way.

pub mod autostart;
pub mod clipboard;
pub mod dialog;
pub mod display;
pub mod notify;
pub mod tray;
pub mod unseen;

//! The commands each window may call. `build.rs` declares them to Tauri, which refuses every other name; the files in
//! `capabilities/` give each window its own; a test compares all of these with `ui/src/ipc.ts`.

/// What the main window may call. It cannot answer a prompt.
pub const MAIN: &[&str] = &[
    "view",
    "start_practice",
    "stop_practice",
    "practice_play",
    "choose_sheet",
    "review_sheet",
    "save_sheet",
    "dismiss_incoming",
    "request_text",
    "copy_text",
    "sign_in",
    "open_again",
    "copy_link",
    "cancel_sign_in",
    "paste_address",
    "answer_stranger",
    "sign_out",
    "try_again",
    "remove_registration",
    "revoke_grant",
    "lock",
    "unlock",
    "set_settings",
    "erase_everything",
    "close_window",
];

/// What the prompt window may call: see its question, answer it, be as tall as it, and close.
pub const PROMPT: &[&str] = &["prompt", "answer_prompt", "fit_prompt", "close_window"];

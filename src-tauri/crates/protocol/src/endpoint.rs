//! Where the socket lives. Both sides compute it here, so they cannot disagree.

use std::path::{Path, PathBuf};

/// Overrides the socket's path; for tests and for people who run two.
pub const ENV_SOCKET: &str = "ATTENDANT_SOCKET";

/// The socket of the user `uid`: `$XDG_RUNTIME_DIR/attendant/attendant.sock`, or below `/run/user/UID` when the
/// variable is unset or not absolute (XDG Base Directory Specification).
pub fn socket_path(uid: u32, env: impl Fn(&str) -> Option<std::ffi::OsString>) -> PathBuf {
    if let Some(path) = env(ENV_SOCKET).map(PathBuf::from).filter(|path| path.is_absolute()) {
        return path;
    }
    let runtime = env("XDG_RUNTIME_DIR")
        .map(PathBuf::from)
        .filter(|path| path.is_absolute())
        .unwrap_or_else(|| Path::new("/run/user").join(uid.to_string()));
    runtime.join("attendant").join("attendant.sock")
}

//! Where things are: the source tree, and the folder Cargo builds into.

use std::path::{Path, PathBuf};

/// The root of the source tree.
pub fn root() -> PathBuf {
    // <root>/src-tauri/crates/xtask
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(3).unwrap_or(here).to_path_buf()
}

/// Cargo's target folder.
pub fn target() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from) {
        Some(folder) if folder.is_absolute() => folder,
        Some(folder) => root().join(folder),
        None => root().join("target"),
    }
}

/// Where a task leaves what a person may want to look at afterwards.
pub fn results(name: &str) -> PathBuf {
    root().join("target").join(name)
}

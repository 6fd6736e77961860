//! The window's pages: their npm packages, and the folder `ui/dist` that the app embeds when it is compiled.

use crate::{places, run, say, stamp};
use std::path::{Path, PathBuf};

/// Installs the exact packages of `folder`'s lock file, unless that was done already.
///
/// # Errors
/// Says what npm could not do.
pub fn install(name: &str, folder: &Path) -> Result<(), String> {
    let lock = std::fs::read_to_string(folder.join("package-lock.json"))
        .map_err(|error| format!("{} has no readable package-lock.json: {error}", folder.display()))?;
    if stamp::is_fresh(name, &lock) && folder.join("node_modules").is_dir() {
        say::line(&format!("The npm packages of {name} are there."));
        return Ok(());
    }
    run::show(&mut run::command_in(folder, "npm", &["ci", "--no-audit", "--no-fund"]))?;
    stamp::write(name, &lock)
}

/// The folder of the window's pages.
pub fn folder() -> PathBuf {
    places::root().join("ui")
}

/// Builds `ui/dist` when its sources changed.
///
/// # Errors
/// Says that the build failed.
pub fn build() -> Result<(), String> {
    let ui = folder();
    install("ui", &ui)?;
    let sources: Vec<PathBuf> = std::fs::read_dir(&ui)
        .map_err(|error| format!("{} cannot be read: {error}", ui.display()))?
        .flatten()
        .filter(|entry| !["node_modules", "dist"].iter().any(|skipped| entry.file_name() == *skipped))
        .map(|entry| entry.path())
        .collect();
    let seen = stamp::of(&sources);
    if stamp::is_fresh("ui-dist", &seen) && ui.join("dist/index.html").is_file() {
        say::line("The window's pages are built.");
        return Ok(());
    }
    run::show(&mut run::command_in(&ui, "npm", &["run", "build"]))?;
    stamp::write("ui-dist", &seen)
}

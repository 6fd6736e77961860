//! Stamps: what a step saw when it last succeeded, so that it is skipped while nothing changed.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::UNIX_EPOCH;

fn file(name: &str) -> PathBuf {
    crate::places::results("xtask").join(format!("{name}.stamp"))
}

/// Whether the last success of `name` saw exactly `seen`.
pub fn is_fresh(name: &str, seen: &str) -> bool {
    fs::read_to_string(file(name)).is_ok_and(|stamp| stamp == seen)
}

/// Notes that `name` succeeded with `seen`.
///
/// # Errors
/// Says that the note could not be written.
pub fn write(name: &str, seen: &str) -> Result<(), String> {
    let file = file(name);
    let written = file.parent().map_or(Ok(()), fs::create_dir_all).and_then(|()| fs::write(&file, seen));
    written.map_err(|error| format!("{} could not be written: {error}", file.display()))
}

/// Names, sizes and times of all files at and below `paths`: changes when one of them does.
pub fn of(paths: &[PathBuf]) -> String {
    let mut entries = Vec::new();
    for path in paths {
        collect(path, &mut entries);
    }
    entries.sort();
    entries.join("\n")
}

fn collect(path: &Path, entries: &mut Vec<String>) {
    if let Ok(folder) = fs::read_dir(path) {
        for entry in folder.flatten() {
            collect(&entry.path(), entries);
        }
    } else if let Ok(about) = fs::metadata(path) {
        let changed = about.modified().ok().and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        entries.push(format!(
            "{} {} {}",
            path.display(),
            about.len(),
            changed.unwrap_or_default().as_nanos()
        ));
    }
}

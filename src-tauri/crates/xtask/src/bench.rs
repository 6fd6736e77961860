//! `cargo xtask bench`: release builds, measured beside a bare Tauri window. The measuring itself is the program
//! `attendant-bench`; this builds, starts it as the unprivileged person, and reads for it what only root may read.

use crate::run::{self, Watch};
use crate::stage::Stage;
use crate::{person, places, say, setup, ui};
use std::io::{BufRead, BufReader, Write};
use std::path::PathBuf;
use std::process::{Command, Stdio};

/// What is measured, and what it takes to measure.
const NAMES: &[&str] = &[
    "attendant",
    "attendant-desktop",
    "attendant-practice",
    "attendant-test-browser",
    "attendant-bench",
    "attendant-bare-tauri",
];

/// The bare window's own workspace.
const BARE: &str = "tests/benches/bare-tauri/Cargo.toml";

/// Measures, and prints one table. A target that is missed is marked there; it is no failure of the task. `parts` are
/// those to measure: `token`, `window`, `idle`; none means all.
///
/// # Errors
/// Says what could not be built or measured.
pub fn bench(yes: bool, parts: &[&str]) -> Result<(), String> {
    if let Some(unknown) = parts.iter().find(|part| !["token", "window", "idle"].contains(part)) {
        return Err(format!("{unknown} is no part of the bench: token, window, idle."));
    }
    let person = setup::setup(yes)?;
    say::phase("Release builds");
    let watch = Watch::start();
    build()?;
    say::line(&format!("Release builds: {}", say::time(watch.taken())));
    let stage = Stage::with(person, NAMES.iter().map(|name| release(name)))?;
    say::phase("Bench");
    let watch = Watch::start();
    let mut command = stage.command("attendant-bench");
    command.args(parts);
    let measured = measure(command);
    let folder = places::results("bench");
    stage.keep_results(&folder)?;
    if measured? {
        say::line(&format!("The table is kept in {}", folder.join("bench.txt").display()));
        say::line(&format!("Bench: {}", say::time(watch.taken())));
        Ok(())
    } else {
        Err(format!("The bench did not get through. Its logs are in {}", folder.display()))
    }
}

fn build() -> Result<(), String> {
    ui::build()?;
    let ours = [
        "build",
        "--release",
        "--bins",
        "--package=attendant-desktop",
        "--package=attendant-practice",
        "--package=attendant-tests",
        "--features=attendant-desktop/custom-protocol",
    ];
    run::show(&mut run::command("cargo", &ours))?;
    let linked_in = ["build", "--release", "--package=attendant-cli", "--target", &platform()];
    run::show(run::command("cargo", &linked_in).env("RUSTFLAGS", "-C target-feature=+crt-static"))?;
    let bare = places::root().join(BARE).display().to_string();
    let mut command = run::command("cargo", &["build", "--release", "--locked", "--manifest-path", &bare]);
    run::show(command.env("CARGO_TARGET_DIR", places::target()))
}

/// Where a release build lies. The command line is the one with the C library linked in: finding and joining shared
/// libraries would be a third of its time.
fn release(name: &str) -> PathBuf {
    let target = places::target();
    let folder = if name == "attendant" { target.join(platform()) } else { target };
    folder.join("release").join(name)
}

/// This computer, as Rust names it.
fn platform() -> String {
    format!("{}-unknown-linux-gnu", std::env::consts::ARCH)
}

/// Runs the bench with its output on the screen, and answers its questions.
fn measure(mut command: Command) -> Result<bool, String> {
    let failed = |error: std::io::Error| format!("the bench could not be run: {error}");
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().map_err(failed)?;
    let (Some(mut input), Some(output)) = (child.stdin.take(), child.stdout.take()) else {
        return Err("the bench has no input or output".to_owned());
    };
    for line in BufReader::new(output).split(b'\n') {
        let line = String::from_utf8_lossy(&line.map_err(failed)?).into_owned();
        match line.strip_prefix("memory? ") {
            Some(pids) => {
                let answer = memory(pids).unwrap_or_else(|problem| problem);
                writeln!(input, "{answer}").map_err(failed)?;
            }
            None => say::line(&line),
        }
    }
    Ok(child.wait().map_err(failed)?.success())
}

/// Proportional and private memory of the processes together, in KiB, as two words. Attendant's process is closed to
/// its own user, so this takes root.
fn memory(pids: &str) -> Result<String, String> {
    let files: Vec<PathBuf> = pids
        .split_whitespace()
        .filter_map(|pid| pid.parse::<u32>().ok())
        .map(|pid| PathBuf::from(format!("/proc/{pid}/smaps_rollup")))
        .collect();
    let mut command = Command::new(if person::is_root() { "cat" } else { "sudo" });
    if !person::is_root() {
        command.arg("cat");
    }
    let output = command.args(files).output().map_err(|error| format!("it cannot be read: {error}"))?;
    if !output.status.success() {
        return Err(format!(
            "it cannot be read: {}",
            String::from_utf8_lossy(&output.stderr).replace('\n', " ")
        ));
    }
    let (pss, private) = sums(&String::from_utf8_lossy(&output.stdout));
    Ok(format!("{pss} {private}"))
}

/// Adds up `Pss` and the private sizes of several smaps_rollup files (proc(5)).
fn sums(text: &str) -> (u64, u64) {
    let sum = |names: &[&str]| {
        let lines = text.lines().filter_map(|line| line.split_once(':'));
        let sizes = lines.filter(|(name, _)| names.contains(name));
        sizes.filter_map(|(_, size)| size.split_whitespace().next()?.parse::<u64>().ok()).sum()
    };
    (sum(&["Pss"]), sum(&["Private_Clean", "Private_Dirty"]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_memory_of_all_processes_is_added_up() {
        let one = "55d0-7ffe ---p 00000000 00:00 0    [rollup]\nRss:     900 kB\nPss:     400 kB\nPss_Anon:   300 kB\n\
                   Shared_Clean:  500 kB\nPrivate_Clean:  20 kB\nPrivate_Dirty:   300 kB\n";
        assert_eq!(sums(&one.repeat(2)), (800, 640));
    }

    /// The comparison is only fair while both are built alike.
    #[test]
    fn the_bare_window_is_built_as_the_app_is() {
        let read = |path: &str| std::fs::read_to_string(places::root().join(path)).unwrap();
        let (ours, bare) = (read("Cargo.toml"), read(BARE));
        let profile = |text: &str| {
            let lines = text.lines().skip_while(|line| *line != "[profile.release]");
            lines.take_while(|line| !line.is_empty()).map(str::to_owned).collect::<Vec<_>>()
        };
        assert!(profile(&ours).len() > 3);
        assert_eq!(profile(&ours), profile(&bare));
        let tauri = |text: &str| text.lines().find(|line| line.starts_with("tauri = ")).unwrap().to_owned();
        // The app has the last one as a feature of its own.
        assert_eq!(tauri(&ours), tauri(&bare).replace(", \"custom-protocol\"", ""));
        let version = |text: &str| {
            let mut lines = text.lines().skip_while(|line| *line != "name = \"tauri\"");
            lines.nth(1).unwrap().to_owned()
        };
        let locks = ["Cargo.lock", "tests/benches/bare-tauri/Cargo.lock"].map(read);
        assert_eq!(version(&locks[0]), version(&locks[1]));
    }
}

//! The Debian and Ubuntu packages the tasks need, and which of them this computer lacks.

use crate::{run, say};
use std::io::IsTerminal;

/// To compile the window: its web view, and the C compiler some crates use.
pub const BUILD: &[&str] = &["build-essential", "libwebkit2gtk-4.1-dev", "pkg-config"];

/// To run the stories: a display, a window manager, a bus, a keyring, a browser, and what drives window and browser.
const STORIES: &[&str] = &[
    "curl",
    "dbus",
    "fonts-dejavu-core",
    "gnome-keyring",
    "imagemagick",
    "openbox",
    "webkit2gtk-driver",
    "wmctrl",
    "x11-utils",
    "xauth",
    "xdg-utils",
    "xdotool",
    "xvfb",
];

/// The browser. Ubuntu has it as a snap only, which brings its own driver.
fn browser() -> &'static [&'static str] {
    let release = std::fs::read_to_string("/etc/os-release").unwrap_or_default();
    if release.lines().any(|line| line == "ID=ubuntu") {
        &["chromium-browser"]
    } else {
        &["chromium", "chromium-driver", "chromium-sandbox"]
    }
}

/// Everything, in one list.
pub fn all() -> Vec<&'static str> {
    let mut all: Vec<&str> = [BUILD, STORIES, browser()].concat();
    all.sort_unstable();
    all
}

/// Those of `wanted` that are not installed. `None` where there is no dpkg to ask.
fn missing(wanted: &[&'static str]) -> Option<Vec<&'static str>> {
    // dpkg-query fails when one name is unknown, and still prints the others.
    let output = std::process::Command::new("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(wanted)
        .output()
        .ok()?;
    let listed = String::from_utf8_lossy(&output.stdout).into_owned();
    let installed: Vec<&str> = listed.lines().filter_map(|line| line.strip_suffix(" installed")).collect();
    Some(wanted.iter().copied().filter(|name| !installed.contains(name)).collect())
}

/// Lists what is missing and installs it, after a yes.
///
/// # Errors
/// Says what is missing when it was not installed, and how to install it.
pub fn ensure(yes: bool) -> Result<(), String> {
    let wanted = all();
    let Some(missing) = missing(&wanted) else {
        say::line(
            "This system has no dpkg. Please install what these Debian packages hold, if it is not there:",
        );
        say::line(&format!("  {}", wanted.join(" ")));
        return Ok(());
    };
    if missing.is_empty() {
        say::line(&format!("All {} system packages are there.", wanted.len()));
        return Ok(());
    }
    say::line("These system packages are missing:");
    say::line(&format!("  {}", missing.join(" ")));
    let root = crate::person::is_root();
    let sudo: &[&str] = if root { &[] } else { &["sudo"] };
    let update = [sudo, &["apt-get", "update"]].concat();
    let options =
        ["env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-y", "--no-install-recommends"];
    let install = [sudo, &options, &missing].concat();
    if !yes && !agreed() {
        return Err(format!(
            "Nothing was installed. Run the task again with --yes, or install the packages yourself:\n  {}",
            install.join(" ")
        ));
    }
    for words in [update, install] {
        if let [program, arguments @ ..] = words.as_slice() {
            run::show(&mut run::command(program, arguments))?;
        }
    }
    Ok(())
}

fn agreed() -> bool {
    if !std::io::stdin().is_terminal() {
        return false;
    }
    say::question("Install them now? [y/N]");
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).is_ok() && matches!(answer.trim(), "y" | "Y" | "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_nobody_has_is_missing() {
        if let Some(found) = missing(&["no-such-package-anywhere"]) {
            assert_eq!(found, ["no-such-package-anywhere"]);
        }
    }

    #[test]
    fn nothing_is_listed_twice() {
        let mut all = all();
        let before = all.len();
        all.dedup();
        assert_eq!(all.len(), before);
    }
}

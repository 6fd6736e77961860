//! Everything a fresh computer needs, in one step that is quick when nothing is missing.

use crate::person::Person;
use crate::run::Watch;
use crate::{packages, places, run, say, ui};

/// The oldest Node that the window's build tools accept.
const NODE: (u32, u32) = (20, 19);

/// Installs what is missing and makes the user the stories run as.
///
/// # Errors
/// Says what is missing and how to get it.
pub fn setup(yes: bool) -> Result<Person, String> {
    say::phase("Set-up");
    let watch = Watch::start();
    node()?;
    packages::ensure(yes)?;
    ui::install("ui", &ui::folder())?;
    ui::install("oidc-provider", &places::root().join("tests/oidc-provider"))?;
    let person = Person::ready()?;
    say::line(&format!("Set-up: {}", say::time(watch.taken())));
    Ok(person)
}

fn node() -> Result<(), String> {
    let advice = format!("Install Node {}.{} or newer with npm, then run the task again.", NODE.0, NODE.1);
    let version = run::quietly("node", &["--version"]).ok_or(format!("Node was not found. {advice}"))?;
    run::quietly("npm", &["--version"]).ok_or(format!("npm was not found. {advice}"))?;
    match parse(&version) {
        Some(found) if found >= NODE => Ok(()),
        Some(_) | None => Err(format!("Node {} is too old. {advice}", version.trim())),
    }
}

fn parse(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.trim().trim_start_matches('v').split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn node_versions_are_compared_as_numbers() {
        assert_eq!(parse("v20.9.1\n"), Some((20, 9)));
        assert!(parse("v20.20.2") > Some(NODE));
        assert!(parse("v20.9.0") < Some(NODE));
        assert_eq!(parse("nonsense"), None);
    }
}

//! What a window may call is written down in four places, which must agree: the list the app declares to Tauri, the
//! capability of each window, the handlers, and the one file of the pages that calls them.

use anyhow::Context;
use attendant_tests::Result;
use serde_json::Value;
use std::collections::BTreeSet;
use std::path::Path;

fn read(path: &str) -> Result<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
    std::fs::read_to_string(&path).with_context(|| path.display().to_string())
}

/// The names between the brackets of `pub const NAME`.
fn declared(list: &str) -> Result<BTreeSet<String>> {
    let text = read("src-tauri/command_names.rs")?;
    let start = text.find(&format!("pub const {list}:")).with_context(|| list.to_owned())?;
    let body =
        text[start..].split_once("= &[").and_then(|(_, rest)| rest.split_once(']')).context("a list")?.0;
    Ok(quoted(body))
}

fn quoted(text: &str) -> BTreeSet<String> {
    text.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

/// Our commands that the capability file of `window` allows, and everything else it allows.
fn allowed(window: &str) -> Result<(BTreeSet<String>, BTreeSet<String>)> {
    let capability: Value = serde_json::from_str(&read(&format!("src-tauri/capabilities/{window}.json"))?)?;
    assert_eq!(capability["windows"], serde_json::json!([window]), "a capability is for one window");
    let mut ours = BTreeSet::new();
    let mut others = BTreeSet::new();
    for permission in capability["permissions"].as_array().context("permissions")? {
        let permission = permission.as_str().context("a permission's name")?;
        match permission.strip_prefix("allow-") {
            Some(command) => ours.insert(command.replace('-', "_")),
            None => others.insert(permission.to_owned()),
        };
    }
    Ok((ours, others))
}

/// The command names that `ui/src/ipc.ts` calls.
fn called() -> Result<BTreeSet<String>> {
    let text = read("ui/src/ipc.ts")?;
    let mut called = BTreeSet::new();
    for part in text.split("call<").skip(1) {
        // `call<Type>("name"`: the first text after the type.
        let Some((_, rest)) = part.split_once(">(\"") else { continue };
        let name = rest.split('"').next().unwrap_or_default();
        called.insert(name.to_owned());
    }
    Ok(called)
}

#[test]
fn each_window_may_call_exactly_what_is_declared_for_it() -> Result<()> {
    for (window, list) in [("main", "MAIN"), ("prompt", "PROMPT")] {
        let (ours, others) = allowed(window)?;
        assert_eq!(ours, declared(list)?, "{window}");
        for other in others {
            assert!(other.starts_with("core:event:allow-"), "{window} may also {other}");
        }
    }
    Ok(())
}

#[test]
fn the_main_window_cannot_answer_a_prompt() -> Result<()> {
    let both: BTreeSet<_> = declared("MAIN")?.intersection(&declared("PROMPT")?).cloned().collect();
    assert_eq!(both, BTreeSet::from(["close_window".to_owned()]));
    assert!(!declared("MAIN")?.contains("answer_prompt"));
    Ok(())
}

#[test]
fn the_pages_call_what_is_declared_and_nothing_else() -> Result<()> {
    let declared: BTreeSet<_> = declared("MAIN")?.union(&declared("PROMPT")?).cloned().collect();
    assert_eq!(called()?, declared);
    Ok(())
}

#[test]
fn one_file_of_the_pages_knows_tauri() -> Result<()> {
    fn visit(folder: &Path, found: &mut Vec<String>) -> Result<()> {
        for entry in std::fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                visit(&path, found)?;
            } else if std::fs::read(&path)?.windows(15).any(|part| part == b"@tauri-apps/api") {
                found.push(path.file_name().unwrap_or_default().to_string_lossy().into_owned());
            }
        }
        Ok(())
    }
    let mut found = Vec::new();
    visit(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../ui/src"), &mut found)?;
    assert_eq!(found, ["ipc.ts"]);
    Ok(())
}

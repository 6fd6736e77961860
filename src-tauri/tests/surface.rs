//! The names of the commands stand in four places that cannot import each other. They agree, or this says where not.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::collections::BTreeSet;
use std::path::Path;

use attendant_desktop::command_names::{MAIN, PROMPT};

fn read(path: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn set<'a>(names: impl IntoIterator<Item = &'a str>) -> BTreeSet<String> {
    names.into_iter().map(str::to_owned).collect()
}

/// What a capability file allows, and to which windows.
fn capability(name: &str) -> (Vec<String>, BTreeSet<String>) {
    let file: serde_json::Value = serde_json::from_str(&read(&format!("capabilities/{name}.json"))).unwrap();
    let texts = |value: &serde_json::Value| -> Vec<String> {
        value.as_array().unwrap().iter().map(|one| one.as_str().unwrap().to_owned()).collect()
    };
    (texts(&file["windows"]), texts(&file["permissions"]).into_iter().collect())
}

#[test]
fn each_window_has_its_own_commands_and_nothing_else() {
    for (window, commands) in [("main", MAIN), ("prompt", PROMPT)] {
        let (windows, allowed) = capability(window);
        assert_eq!(windows, [window]);
        let mut expected = set(["core:event:allow-listen", "core:event:allow-unlisten"]);
        expected.extend(commands.iter().map(|name| format!("allow-{}", name.replace('_', "-"))));
        assert_eq!(allowed, expected, "capabilities/{window}.json");
    }
}

#[test]
fn the_main_window_cannot_answer_a_prompt() {
    assert!(!MAIN.iter().any(|name| name.contains("prompt")));
    let shared: Vec<_> = MAIN.iter().filter(|name| PROMPT.contains(name)).collect();
    assert_eq!(shared, [&"close_window"]);
}

#[test]
fn the_page_calls_exactly_these() {
    let page = read("../ui/src/ipc.ts");
    let called = set(page.split("call<").skip(1).filter_map(|rest| {
        let argument = rest.split_once('(')?.1.trim_start().strip_prefix('"')?;
        argument.split_once('"').map(|(name, _)| name)
    }));
    let declared = set(MAIN.iter().chain(PROMPT).copied());
    assert_eq!(called, declared, "ui/src/ipc.ts against command_names.rs");
}

#[test]
fn every_declared_command_has_its_handler() {
    let app = read("src/app.rs");
    let list = app.split_once("generate_handler![").unwrap().1.split_once(']').unwrap().0;
    let handled = set(list
        .split(',')
        .filter_map(|path| path.trim().rsplit("::").next())
        .filter(|name| !name.is_empty()));
    assert_eq!(handled, set(MAIN.iter().chain(PROMPT).copied()));
}

#[test]
fn the_pages_policy_is_strict() {
    let file: serde_json::Value = serde_json::from_str(&read("tauri.conf.json")).unwrap();
    let app = &file["app"];
    assert_eq!(app["withGlobalTauri"], false);
    assert_eq!(app["security"]["freezePrototype"], true);
    assert_eq!(app["windows"].as_array().unwrap().len(), 0);
    let policy = app["security"]["csp"].as_str().unwrap();
    assert!(policy.starts_with("default-src 'none';"), "{policy}");
    for word in ["unsafe", "*", "https:", "blob:"] {
        assert!(!policy.contains(word), "{word} in {policy}");
    }
}

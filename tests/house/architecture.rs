//! Who may import whom. The house stays small because these arrows stay few.

use anyhow::{Context, ensure};
use attendant_tests::Result;
use serde_json::Value;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The ordinary dependencies of each package of the workspace, as declared.
fn dependencies() -> Result<BTreeMap<String, Vec<String>>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--format-version=1", "--no-deps", "--offline"])
        .current_dir(root())
        .output()?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout)?;
    let mut packages = BTreeMap::new();
    for package in metadata["packages"].as_array().context("the packages")? {
        let ordinary = package["dependencies"].as_array().context("the dependencies")?.iter();
        let names = ordinary.filter(|one| one["kind"] != "dev").filter_map(|one| one["name"].as_str());
        let name = package["name"].as_str().context("the name")?;
        packages.insert(name.to_owned(), names.map(str::to_owned).collect());
    }
    Ok(packages)
}

#[test]
fn imports_run_one_way() -> Result<()> {
    let dependencies = dependencies()?;
    let allowed: BTreeMap<&str, &[&str]> = BTreeMap::from([
        ("attendant-protocol", &[][..]),
        ("attendant-core", &["attendant-protocol"][..]),
        ("attendant-cli", &["attendant-protocol"][..]),
        // The far end shares no code with ours, so that one mistake cannot cancel the other.
        ("attendant-practice", &[][..]),
        ("attendant-xtask", &[][..]),
        ("attendant-desktop", &["attendant-core", "attendant-protocol"][..]),
        (
            "attendant-tests",
            &["attendant-core", "attendant-desktop", "attendant-practice", "attendant-protocol"][..],
        ),
    ]);
    for (package, names) in &dependencies {
        let allowed = allowed.get(package.as_str()).unwrap_or_else(|| panic!("{package} has no rule here"));
        for name in names.iter().filter(|name| name.starts_with("attendant-")) {
            assert!(allowed.contains(&name.as_str()), "{package} must not import {name}");
        }
    }
    Ok(())
}

#[test]
fn each_door_has_one_owner() -> Result<()> {
    let dependencies = dependencies()?;
    for (package, banned) in [
        ("attendant-protocol", &["tokio", "tauri", "axum", "clap", "reqwest", "keyring-core", "oauth2"][..]),
        ("attendant-core", &["tauri", "axum", "clap", "gtk", "open"]),
        ("attendant-cli", &["oauth2", "keyring-core", "tauri", "tokio", "reqwest"]),
        ("attendant-desktop", &["oauth2", "keyring-core", "reqwest", "jsonwebtoken", "axum"]),
        ("attendant-practice", &["oauth2", "keyring-core", "tauri", "reqwest"]),
    ] {
        for name in &dependencies[package] {
            assert!(!banned.contains(&name.as_str()), "{package} must not import {name}");
        }
    }
    Ok(())
}

/// Whether `line` names `word` as a crate, not as the end of another path or word.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(|before: char| before == ':' || before == '_' || before.is_alphanumeric())
    })
}

/// The Rust files below `folder` that name `word` outside comments.
fn files_naming(folder: &str, word: &str) -> Result<Vec<String>> {
    let folder = root().join(folder);
    let mut files = Vec::new();
    for file in rust_files(&folder)? {
        let text = std::fs::read_to_string(&file)?;
        if text.lines().any(|line| !line.trim_start().starts_with("//") && names(line, word)) {
            files.push(file.strip_prefix(&folder)?.display().to_string());
        }
    }
    files.sort();
    Ok(files)
}

fn rust_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(rust_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    Ok(files)
}

#[test]
fn a_module_of_the_same_name_is_no_crate() {
    assert!(names("use keyring::Entry;", "keyring::"));
    assert!(!names("super::keyring::SAVE_AGAIN", "keyring::"));
}

#[test]
fn oauth2_is_named_by_one_file() -> Result<()> {
    assert_eq!(files_naming("src-tauri/crates/core/src", "oauth2::")?, ["signin/exchange.rs"]);
    Ok(())
}

#[test]
fn the_keyring_is_touched_by_the_vault_only() -> Result<()> {
    for word in ["keyring::", "zbus_secret_service_keyring_store"] {
        let files = files_naming("src-tauri/crates/core/src", word)?;
        assert!(!files.is_empty(), "{word} should be in the vault");
        for file in files {
            assert!(file.starts_with("vault"), "{file} names {word}");
        }
    }
    Ok(())
}

#[test]
fn core_has_no_branch_for_practice() -> Result<()> {
    assert_eq!(files_naming("src-tauri/crates/core/src", "if practice")?, Vec::<String>::new());
    Ok(())
}

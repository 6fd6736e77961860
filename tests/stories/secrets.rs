//! No token ever made is found where it must not be.

use crate::support::{list_folders, signed_in};
use attendant_tests::leaks::{self, Recorder};
use attendant_tests::person::{self, PRACTICE};
use attendant_tests::{App, Result};
use serde_json::json;
use std::fs;
use std::path::PathBuf;

/// Everything the browser keeps for itself may hold codes that were spent.
fn of_the_browser(world: &attendant_tests::World) -> Vec<PathBuf> {
    let folder = world.path("browser");
    let entries = fs::read_dir(&folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect()
}

#[test]
fn no_secret_is_in_files_logs_arguments_or_environments() -> Result<()> {
    let recorder = Recorder::start();
    let mut scene = signed_in("secrets")?;
    let script = list_folders(&scene, "folders.sh")?;
    person::allow(&mut scene.app, "until_lock")?;
    script.said()?.ok()?;
    // A renewal from the keyring, with a token that is used up at once, and one more.
    scene.practice.control("set_access_lifetime", json!({"seconds": 61}))?;
    scene.app.kill()?;
    scene.app = App::start(&scene.world)?;
    person::wait_state(&mut scene.app, PRACTICE, "active")?;
    let script = list_folders(&scene, "folders.sh")?;
    person::allow(&mut scene.app, "until_lock")?;
    script.said()?.ok()?;
    attendant_tests::patience::wait_until("two renewals", || {
        list_folders(&scene, "folders.sh")?.said()?.ok()?;
        Ok(scene.practice.count("refreshes")? >= 2)
    })?;

    let minted = scene.practice.minted()?;
    for kind in ["access_token", "refresh_token", "id_token", "code", "code_verifier"] {
        assert!(minted.iter().any(|(found, _)| found == kind), "{kind} was never made");
    }
    let but = of_the_browser(&scene.world);
    assert_eq!(leaks::in_files(scene.world.root(), &but, &minted)?, []);
    assert!(scene.app.log().contains(" DEBUG "), "the log should be at its most talkative");
    let seen = recorder.stop();
    assert!(seen.len() > 20, "processes should have been seen");
    for (place, bytes) in &seen {
        assert_eq!(leaks::in_bytes(place, bytes, &minted), []);
    }

    // The same look finds a secret that is there.
    let (_, planted) = minted.iter().find(|(kind, _)| kind == "refresh_token").expect("seen above");
    fs::write(scene.world.path("state/planted"), format!("x{planted}y"))?;
    assert_eq!(leaks::in_files(scene.world.root(), &but, &minted)?.len(), 1);

    // After the sign-out too.
    fs::remove_file(scene.world.path("state/planted"))?;
    person::forget(&mut scene.app, PRACTICE)?;
    assert_eq!(leaks::in_files(scene.world.root(), &but, &minted)?, []);
    Ok(())
}

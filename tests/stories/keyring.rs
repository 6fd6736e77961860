//! The keyring when it is locked, absent, killed or emptied.

use crate::support::{Scene, keyring, list_folders, registered, signed_in, status};
use attendant_tests::patience::{wait_until, wait_within};
use attendant_tests::person::{self, PRACTICE, by};
use attendant_tests::world::Without;
use attendant_tests::{App, Result, World, browser};
use serde_json::json;
use std::time::Duration;

#[test]
fn a_locked_keyring_is_waited_for_and_nothing_is_lost() -> Result<()> {
    let mut scene = signed_in("locked")?;
    scene.app.kill()?;
    let keys = keyring(&scene.world)?;
    keys.lock()?;
    scene.app = App::start(&scene.world)?;
    wait_until("the app to see it", || Ok(status(&scene.world)?["reason"] == "keyring_locked"))?;
    keys.unlock()?;
    let before = browser::times_opened(&scene.world)?;
    // The app may look again by itself; the person's button does it at once.
    let window = scene.app.main()?;
    if window.has(&by("sign-in"))? {
        window.click(&by("sign-in"))?;
    }
    person::wait_state(&mut scene.app, PRACTICE, "active")?;
    assert_eq!(browser::times_opened(&scene.world)?, before, "no browser");
    Ok(())
}

#[test]
fn without_a_keyring_the_sign_in_stays_in_memory_and_says_so() -> Result<()> {
    let world = World::lacking("absent", Without { keyring: true, ..Without::default() })?;
    let mut scene = registered(world)?;
    person::sign_in(&scene.world, &mut scene.app, PRACTICE)?;
    assert_eq!(status(&scene.world)?["saved"], false);
    let text = scene.app.main()?.page_text();
    assert!(text.contains("memory only"), "{text}");
    let script = list_folders(&scene, "folders.sh")?;
    person::allow(&mut scene.app, "once")?;
    assert!(script.said()?.ok()?.contains("Finance/Invoices"));
    Ok(())
}

#[test]
fn an_emptied_keyring_is_told_from_an_empty_one() -> Result<()> {
    let mut scene = signed_in("emptied")?;
    scene.app.kill()?;
    keyring(&scene.world)?.empty()?;
    scene.app = App::start(&scene.world)?;
    wait_until("the app to see it", || Ok(status(&scene.world)?["reason"] == "keyring_lost"))?;
    person::wait_state(&mut scene.app, PRACTICE, "needs_person")
}

#[test]
fn a_keyring_that_was_restarted_is_used_again() -> Result<()> {
    let mut scene = signed_in("keyring-restarted")?;
    scene.world.kill_keyring();
    scene.world.start_keyring()?;
    person::forget(&mut scene.app, PRACTICE)?;
    assert_eq!(keyring(&scene.world)?.ours()?, []);
    person::sign_in(&scene.world, &mut scene.app, PRACTICE)?;
    assert_eq!(keyring(&scene.world)?.ours()?.len(), 1);
    Ok(())
}

/// How long an unsaved sign-in may wait until it is offered to the keyring again: a minute, and some patience.
const SAVED_WITHIN: Duration = Duration::from_secs(90);

/// Wants the sign-in in the keyring, and there for the next start of the app.
fn is_saved_for_the_next_start(mut scene: Scene) -> Result<()> {
    wait_within("the sign-in to be saved", SAVED_WITHIN, || {
        Ok((status(&scene.world)?["saved"] == true).then_some(()))
    })?;
    assert_eq!(keyring(&scene.world)?.ours()?.len(), 1);
    let before = browser::times_opened(&scene.world)?;
    scene.app.kill()?;
    scene.app = App::start(&scene.world)?;
    person::wait_state(&mut scene.app, PRACTICE, "active")?;
    let script = list_folders(&scene, "folders.sh")?;
    person::allow(&mut scene.app, "once")?;
    assert!(script.said()?.ok()?.contains("Finance/Invoices"));
    assert_eq!(browser::times_opened(&scene.world)?, before, "no browser");
    Ok(())
}

#[test]
fn a_keyring_that_dies_while_somebody_is_signed_in_stops_nothing() -> Result<()> {
    let mut scene = registered(World::new("keyring-died")?)?;
    // Each token is used up at once, so that every script costs a renewal, and a new refresh token to save.
    scene.practice.control("set_access_lifetime", json!({"seconds": 61}))?;
    person::sign_in(&scene.world, &mut scene.app, PRACTICE)?;
    let script = list_folders(&scene, "folders.sh")?;
    person::allow(&mut scene.app, "until_lock")?;
    script.said()?.ok()?;
    scene.world.kill_keyring();
    let before = scene.practice.count("refreshes")?;
    wait_until("a renewal without a keyring", || {
        list_folders(&scene, "folders.sh")?.said()?.ok()?;
        Ok(scene.practice.count("refreshes")? > before)
    })?;
    assert_eq!(status(&scene.world)?["saved"], false);
    assert_eq!(status(&scene.world)?["state"], "active");
    let text = scene.app.main()?.page_text();
    assert!(text.contains("memory only"), "{text}");
    scene.world.start_keyring()?;
    is_saved_for_the_next_start(scene)
}

#[test]
fn a_keyring_that_starts_late_gets_the_sign_in() -> Result<()> {
    let world = World::lacking("keyring-late", Without { keyring: true, ..Without::default() })?;
    let mut scene = registered(world)?;
    person::sign_in(&scene.world, &mut scene.app, PRACTICE)?;
    assert_eq!(status(&scene.world)?["saved"], false);
    scene.world.start_keyring()?;
    is_saved_for_the_next_start(scene)
}

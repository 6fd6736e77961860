//! A sign-in outlives the app, however the app ends.

use crate::support::{Scene, keyring, list_folders, signed_in, status};
use attendant_tests::browser;
use attendant_tests::patience::wait_until;
use attendant_tests::person;
use attendant_tests::{App, Result, cli};

/// Starts the app again, in the tray only, and has a script use the API: no browser may open.
fn goes_on_without_a_browser(scene: &mut Scene) -> Result<()> {
    let before = browser::times_opened(&scene.world)?;
    scene.app = App::start_hidden(&scene.world)?;
    wait_until("the app to know its sign-in", || {
        Ok(status(&scene.world).is_ok_and(|said| said["state"] == "active"))
    })?;
    let script = list_folders(scene, "folders.sh")?;
    person::allow(&mut scene.app, "once")?;
    let said = script.said()?.ok()?;
    assert!(said.contains("Finance/Invoices"), "{said}");
    assert_eq!(browser::times_opened(&scene.world)?, before, "no browser");
    assert_eq!(scene.practice.count("refreshes")?, 1);
    assert_eq!(keyring(&scene.world)?.ours()?.len(), 1);
    Ok(())
}

#[test]
fn quit_and_start_again() -> Result<()> {
    let mut scene = signed_in("restart")?;
    scene.world.desktop()?.tray()?.choose("Quit Attendant")?;
    scene.app.gone()?;
    goes_on_without_a_browser(&mut scene)
}

#[test]
fn killed_and_started_again() -> Result<()> {
    let mut scene = signed_in("killed")?;
    scene.app.kill()?;
    goes_on_without_a_browser(&mut scene)
}

#[test]
fn a_second_start_shows_the_first_ones_window() -> Result<()> {
    let mut scene = signed_in("second-start")?;
    assert!(scene.app.main()?.has("body")?);
    scene.world.close_newest_window()?;
    // Once, it says that it goes on.
    scene
        .world
        .desktop()?
        .notification("that Attendant goes on", |shown| shown.title.contains("Attendant"))?;
    assert!(scene.app.runs(), "closing the window leaves the app in the tray");
    let mut second = cli::start(&mut scene.world.program("attendant-desktop")?)?;
    attendant_tests::patience::wait_until("the second start to hand over", || Ok(!second.runs()?))?;
    assert_eq!(second.said()?.code, Some(0));
    person::wait_state(&mut scene.app, person::PRACTICE, "active")
}

#[test]
fn the_tray_opens_the_window_of_a_hidden_start() -> Result<()> {
    let world = attendant_tests::World::new("hidden")?;
    let mut app = App::start_hidden(&world)?;
    world.desktop()?.tray()?.choose("Open Attendant")?;
    assert!(app.main()?.has("body")?);
    Ok(())
}

//! Beginnings that several stories share.

use attendant_tests::keyring::Keyring;
use attendant_tests::person::{self, PRACTICE};
use attendant_tests::{App, Practice, Result, World, cli};
use serde_json::Value;

/// An app, a practice tenant and the desktop both run on; ended in this order.
pub struct Scene {
    pub app: App,
    pub practice: Practice,
    pub world: World,
}

/// The practice tenant is registered and nobody is signed in.
pub fn registered(world: World) -> Result<Scene> {
    let practice = Practice::start(&world)?;
    let mut app = App::start(&world)?;
    person::import(&mut app, &practice.sheet()?)?;
    person::wait_state(&mut app, PRACTICE, "signed_out")?;
    Ok(Scene { app, practice, world })
}

/// The person is signed in to the practice tenant.
pub fn signed_in(name: &str) -> Result<Scene> {
    let mut scene = registered(World::new(name)?)?;
    person::sign_in(&scene.world, &mut scene.app, PRACTICE)?;
    Ok(scene)
}

/// What the command line says about the practice registration.
pub fn status(world: &World) -> Result<Value> {
    let said = cli::attendant(world, &["status", PRACTICE, "--json"])?.ok()?;
    let report: Value = serde_json::from_str(&said)?;
    Ok(report["registrations"][0].clone())
}

/// The keyring of `world`.
pub fn keyring(world: &World) -> Result<Keyring> {
    Keyring::open(world.bus_address()?)
}

/// A script that asks for a token and lists the folders with it.
pub const LIST_FOLDERS: &str = "attendant token practice-tenant --reason 'list folders' --format curl |
  curl --silent --show-error --fail-with-body --config - \"$TENANT/orchestrator_/api/Folders/GetAllForCurrentUser\"";

/// Starts [`LIST_FOLDERS`] under `name`.
pub fn list_folders(scene: &Scene, name: &str) -> Result<cli::Pending> {
    let mut script = cli::script(&scene.world, name, LIST_FOLDERS)?;
    cli::start(script.env("TENANT", scene.practice.tenant()))
}

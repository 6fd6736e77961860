//! Pictures of the whole screen, for people who were not there.

use crate::{Result, World};
use anyhow::ensure;
use std::path::Path;
use std::process::Command;

/// Saves what the world's display shows as PNG.
///
/// # Errors
/// The picture could not be taken.
pub fn of_screen(world: &World, to: &Path) -> Result<()> {
    let output = camera(world, to).output()?;
    ensure!(output.status.success(), "import: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

/// The command that takes such a picture, for later.
pub fn camera(world: &World, to: &Path) -> Command {
    let mut command = world.command("import");
    command.args(["-silent", "-window", "root"]).arg(to);
    command
}

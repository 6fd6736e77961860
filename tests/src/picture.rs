//! Pictures of the whole screen, for people who were not there.

use crate::{Result, World};
use anyhow::ensure;
use std::path::Path;

/// Saves what the world's display shows as PNG.
///
/// # Errors
/// The picture could not be taken.
pub fn of_screen(world: &World, to: &Path) -> Result<()> {
    let output = world.command("import").args(["-silent", "-window", "root"]).arg(to).output()?;
    ensure!(output.status.success(), "import: {}", String::from_utf8_lossy(&output.stderr));
    Ok(())
}

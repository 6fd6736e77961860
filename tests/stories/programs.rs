//! What the built programs are.

use attendant_tests::world::program_path;
use attendant_tests::{Result, World, cli};
use std::process::Command;

#[test]
fn the_command_line_links_no_window() -> Result<()> {
    let program = program_path("attendant")?;
    let output = Command::new("ldd").arg(&program).output()?;
    let linked = String::from_utf8_lossy(&output.stdout).to_lowercase();
    assert!(output.status.success() || linked.contains("not a dynamic"), "{linked}");
    for library in ["webkit", "gtk", "gdk", "glib", "dbus"] {
        assert!(!linked.contains(library), "{linked}");
    }
    // The same look finds them where they are.
    let output = Command::new("ldd").arg(program_path("attendant-desktop")?).output()?;
    assert!(String::from_utf8_lossy(&output.stdout).contains("webkit"));
    Ok(())
}

#[test]
fn without_the_app_the_command_line_says_so() -> Result<()> {
    let world = World::new("no-app")?;
    for arguments in [&["status"][..], &["token"], &["sign-in"], &["open"]] {
        let said = cli::attendant(&world, arguments)?;
        assert_eq!((said.code, said.out.as_str()), (Some(3), ""), "{arguments:?}: {said:?}");
        assert!(said.err.contains("(app_not_running)"), "{said:?}");
    }
    Ok(())
}

#[test]
fn without_a_display_the_app_says_so() -> Result<()> {
    let world = World::new("no-display")?;
    let output = world.program("attendant-desktop")?.env_remove("DISPLAY").output()?;
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.to_lowercase().contains("display") && !said.contains("panicked"), "{said}");
    Ok(())
}

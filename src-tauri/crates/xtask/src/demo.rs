//! `cargo xtask demo`: the whole story, on this computer only, with folders, bus and keyring of its own.

use crate::run::{self, Watch};
use crate::stage::Stage;
use crate::{places, programs, say, setup};

/// Shows the demo.
///
/// # Errors
/// Says which step failed and where its log and picture are.
pub fn demo(yes: bool) -> Result<(), String> {
    let person = setup::setup(yes)?;
    say::phase("Programs");
    let watch = Watch::start();
    programs::build()?;
    say::line(&format!("Programs: {}", say::time(watch.taken())));
    let display = ["WAYLAND_DISPLAY", "DISPLAY"]
        .into_iter()
        .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
    if display { on_this_display() } else { without_display(Stage::new(person)?) }
}

/// A person watches: they get the app with the practice tenant and do the rest themselves.
fn on_this_display() -> Result<(), String> {
    say::phase("Demo");
    let folder = places::results("demo");
    std::fs::create_dir_all(&folder)
        .map_err(|error| format!("{} cannot be made: {error}", folder.display()))?;
    run::show(
        run::command(programs::path("attendant-demo"), &["--person"]).env("ATTENDANT_DEMO_FOLDER", &folder),
    )
}

/// Nobody can watch: the story is driven, and a picture of each step is left.
fn without_display(stage: Stage) -> Result<(), String> {
    say::phase("Demo");
    say::line(
        "There is no display here, so the story runs on a virtual one. A picture of each step is left in",
    );
    let folder = places::results("demo");
    say::line(&format!("  {}", folder.display()));
    let told = run::show_and_keep(&mut stage.command("attendant-demo"), false)?;
    stage.keep_results(&folder)?;
    if told.success {
        Ok(())
    } else {
        Err(format!("The demo did not get through. Logs and pictures are in {}", folder.display()))
    }
}

//! The demo. Without a display it drives the tour on a virtual one and leaves a picture of each step; with `--person`
//! it opens the app on the person's own display, with folders, bus and keyring of its own, and leaves it to them.

#![expect(clippy::print_stdout, reason = "the demo speaks to the person who started it")]

use anyhow::Context;
use attendant_tests::patience::Watch;
use attendant_tests::tour::{STEPS, Tour};
use attendant_tests::{Result, browser, private, world};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

fn main() -> ExitCode {
    let told = if std::env::args().any(|argument| argument == "--person") { for_a_person() } else { alone() };
    match told {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("demo: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The tour, with nobody watching.
fn alone() -> Result<()> {
    let pictures = std::env::var_os("ATTENDANT_STAGE_RESULTS").map(PathBuf::from);
    let pictures = pictures.context("`cargo xtask demo` says where the pictures go")?;
    let watch = Watch::start();
    let mut tour = Tour::start("demo", Some(&pictures))?;
    println!("A display, a keyring, the practice tenant and Attendant are running.  {}", seconds(&watch));
    for (number, step) in STEPS.iter().enumerate() {
        let watch = Watch::start();
        let picture = format!("{:02}-{}", number + 1, step.name);
        let done = (step.act)(&mut tour).and_then(|()| tour.photograph(&picture));
        pages_of_browser(&tour, &pictures, number + 1);
        if let Err(error) = done {
            // The windows may be why it failed, so nothing is asked of them.
            let _ =
                attendant_tests::picture::of_screen(&tour.world, &pictures.join(format!("{picture}.png")));
            println!("{:2}. {}  FAILED after {}", number + 1, step.words, seconds(&watch));
            return Err(error.context(format!(
                "step {} ({}) failed; see {picture}.png and demo/app.log",
                number + 1,
                step.name
            )));
        }
        println!("{:2}. {}  {}", number + 1, step.words, seconds(&watch));
    }
    println!("demo: {} steps passed", STEPS.len());
    Ok(())
}

/// The pages the browser saw during a step, beside the step's own picture.
fn pages_of_browser(tour: &Tour, pictures: &Path, step: usize) {
    for page in browser::pictures(&tour.world) {
        let name = page.file_stem().and_then(|name| name.to_str()).unwrap_or_default();
        let kind = name.split_once('-').map_or(name, |(_, kind)| kind);
        // A picture that is missing is no reason to stop the demo.
        let _ = fs::rename(&page, pictures.join(format!("{step:02}-browser-{kind}.png")));
    }
}

fn seconds(watch: &Watch) -> String {
    format!("{:.1} s", watch.taken().as_secs_f64())
}

/// The app with the practice tenant, on the display that is there.
fn for_a_person() -> Result<()> {
    let folder = std::env::var_os("ATTENDANT_DEMO_FOLDER").map(PathBuf::from);
    let folder = folder.context("`cargo xtask demo` says where the demo keeps its files")?;
    let mut desk = private::Desk::start(&folder)?;
    println!("Attendant opens now. It uses its own folders, bus and keyring:");
    println!("  {}", folder.display());
    println!("What to do there:");
    println!(
        "  1. Press \"Start practice\". Your browser opens the practice sign-in; choose Pat and continue."
    );
    println!(
        "  2. Ask for access as a script would, in another terminal, and answer the prompt that appears:"
    );
    println!("       {}", desk.example(&world::program_path("attendant")?));
    println!(
        "  3. Under Details, sign out again. Choose Quit in the tray, or press Ctrl+C here, to end the demo."
    );
    desk.app(&world::program_path("attendant-desktop")?)?;
    println!("demo: ended by the person");
    Ok(())
}

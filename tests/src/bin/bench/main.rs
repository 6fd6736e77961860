//! `cargo xtask bench`: what Attendant costs, each figure beside its comparison, taken in one run and in turns, so that
//! whatever else the computer does meets both alike. It ends well whether or not a target is met; the table says.

#![expect(clippy::print_stdout, reason = "the bench speaks to the person and to the task that started it")]

mod family;
mod memory;
mod program;
mod resting;
mod token;
mod usable;

use anyhow::{Context, ensure};
use attendant_tests::person::{self, PRACTICE};
use attendant_tests::table::Table;
use attendant_tests::{App, Practice, Result, World, cli};
use program::{Kind, Program};
use std::path::PathBuf;
use std::process::ExitCode;

fn main() -> ExitCode {
    match bench() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            println!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn bench() -> Result<()> {
    let results = std::env::var_os("ATTENDANT_STAGE_RESULTS").map(PathBuf::from);
    let results = results.context("`cargo xtask bench` says where the table goes")?;
    let mut world = World::new("bench")?;
    // What a person's app logs.
    world.set("ATTENDANT_LOG", "warn");
    let practice = Practice::start(&world)?;
    println!("Signing in to the practice tenant.");
    sign_in(&world, &practice)?;
    warm(&world)?;
    let mut table = Table::default();
    let parts: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |part: &str| parts.is_empty() || parts.iter().any(|one| one == part);
    if wanted("token") {
        println!("Asking for tokens.");
        token::measure(&world, &mut table)?;
    }
    if wanted("window") {
        println!("Opening windows.");
        usable::measure(&world, &mut table)?;
    }
    let mut others = 0;
    if wanted("idle") {
        println!("Resting with and without a window; this takes several minutes.");
        others = resting::measure(&world, &mut table)?;
    }
    ensure!(practice.count("code_exchanges")? == 1, "the sign-in should have lasted for the whole bench");
    let text = format!("{table}\n{}", conditions(others));
    println!("\n{text}");
    Ok(std::fs::write(results.join("bench.txt"), text)?)
}

/// A person signs in once; every later start of the app finds the session in the keyring.
fn sign_in(world: &World, practice: &Practice) -> Result<()> {
    let mut app = App::start(world)?;
    person::import(&mut app, &practice.sheet()?)?;
    person::sign_in(world, &mut app, PRACTICE)?;
    app.terminate()
}

/// Opens each program's window once. The first program on a fresh X server looks for OpenGL, loads LLVM for that, and
/// leaves what it found in the root window (`GDK_VISUALS`); on a person's desktop that is long done.
fn warm(world: &World) -> Result<()> {
    for kind in Kind::BOTH {
        let mut program = Program::start(world, kind, true)?;
        program.usable()?;
        program.end()?;
    }
    Ok(())
}

/// Waits until the command line says that the session is there.
fn signed_in(world: &World) -> Result<()> {
    attendant_tests::patience::wait_until("the session from the keyring", || {
        let said = cli::attendant(world, &["status", PRACTICE, "--json"])?;
        Ok(said.code == Some(0) && said.out.contains("\"active\""))
    })
}

/// What one has to know to read the figures; `others` are foreign WebKit pages that ran meanwhile.
fn conditions(others: usize) -> String {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default().trim().to_owned();
    let load = read("/proc/loadavg");
    let load = load.split(' ').next().unwrap_or_default();
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "Release builds; Linux {}; {cores} processors, load {load} at the end; virtual display without a graphics card.\n\
         PSS counts memory that programs share by their number, so WebKit pages of others make it smaller: {} ran.",
        read("/proc/sys/kernel/osrelease"),
        if others == 0 { "none".to_owned() } else { others.to_string() }
    )
}

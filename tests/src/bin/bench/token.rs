//! What a script waits for `attendant token`, when the person has allowed it before and the token is in hand.

use crate::signed_in;
use anyhow::{Context, ensure};
use attendant_tests::patience::Watch;
use attendant_tests::person::{self, PRACTICE};
use attendant_tests::table::{Series, Table};
use attendant_tests::{App, Result, World, cli};
use std::process::{Command, Stdio};

const ROUNDS: usize = 500;
/// The first ones fill caches, and are not counted.
const WARM: usize = 20;
const TARGET_MS: f64 = 0.6;

/// Measures it beside `/bin/true`, in turns.
///
/// # Errors
/// No token came.
pub fn measure(world: &World, table: &mut Table) -> Result<()> {
    // Driven, because the prompt has to be answered once. From then on there is no window.
    let mut app = App::start_hidden(world)?;
    signed_in(world)?;
    let first = cli::start(&mut ask(world)?)?;
    person::allow(&mut app, "until_lock")?;
    let printed = first.said()?.ok()?;
    ensure!(printed.trim().len() > 20, "a token should be printed");
    let (mut token, mut nothing) = (Series::default(), Series::default());
    for round in 0..WARM + ROUNDS {
        let (asked, started) = if round % 2 == 0 {
            let asked = time(&mut ask(world)?)?;
            (asked, time(&mut world.command("/bin/true"))?)
        } else {
            let started = time(&mut world.command("/bin/true"))?;
            (time(&mut ask(world)?)?, started)
        };
        if round >= WARM {
            token.push(asked);
            nothing.push(started);
        }
    }
    let again = cli::start(&mut ask(world)?)?.said()?.ok()?;
    ensure!(again == printed, "it should have been the same token all the time");
    app.terminate()?;
    let over = token.median() - nothing.median();
    table.series("attendant token, whole process", "ms", token, None);
    table.series("/bin/true, whole process", "ms", nothing, None);
    table.compared("attendant token over /bin/true", "ms", over, TARGET_MS);
    Ok(())
}

fn ask(world: &World) -> Result<Command> {
    let mut command = world.program("attendant")?;
    command.args(["token", PRACTICE, "--format", "raw"]);
    Ok(command)
}

/// Milliseconds from before `command` is started until it has ended well.
fn time(command: &mut Command) -> Result<f64> {
    command.stdout(Stdio::null()).stderr(Stdio::inherit());
    let watch = Watch::start();
    let status = command.spawn().and_then(|mut child| child.wait());
    let taken = watch.taken();
    let status = status.with_context(|| format!("{command:?}"))?;
    ensure!(status.success(), "{command:?} ended with {status}");
    Ok(taken.as_secs_f64() * 1000.0)
}

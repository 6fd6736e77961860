//! What a program takes while nobody uses it: memory and processor time without a window, with it, and after closing it.

use crate::family;
use crate::memory::{self, Memory};
use crate::program::{Kind, Program};
use attendant_tests::patience::stays;
use attendant_tests::process;
use attendant_tests::table::{Series, Table};
use attendant_tests::{Result, World};
use std::time::Duration;

const ROUNDS: usize = 3;
const IDLE: Duration = Duration::from_secs(30);
const TARGET_MIB: f64 = 60.0;
const TARGET_TICKS: f64 = 2.0;

/// The states of a program, in the order they are measured.
const STATES: [&str; 3] = ["no window", "window open", "window closed"];

/// The figures of one program, by state.
#[derive(Default)]
struct Figures {
    pss: [Series; 3],
    private: [Series; 3],
    ticks: [Series; 3],
}

/// Measures both programs in turns, one at a time: two would share memory. Answers how many other programs with WebKit
/// pages ran meanwhile, at most.
///
/// # Errors
/// A window did not come, or memory could not be read.
pub fn measure(world: &World, table: &mut Table) -> Result<usize> {
    let mut others = 0;
    let (mut ours, mut bare) = (Figures::default(), Figures::default());
    for _ in 0..ROUNDS {
        others = others.max(family::webkit_pages());
        one(world, Kind::Attendant, &mut ours)?;
        others = others.max(family::webkit_pages());
        one(world, Kind::Bare, &mut bare)?;
    }
    for (state, name) in STATES.into_iter().enumerate() {
        let target = (state == 0).then_some(TARGET_MIB);
        for (who, figures, target) in [("Attendant", &mut ours, target), ("bare Tauri", &mut bare, None)] {
            let mut row = |what: &str, series: &mut Series, target| {
                table.series(&format!("{who}, {name}: {what}"), "MiB", std::mem::take(series), target);
            };
            row("PSS", &mut figures.pss[state], target);
            row("private", &mut figures.private[state], None);
        }
    }
    for (state, name) in [(0, STATES[0]), (2, STATES[2])] {
        for (who, figures, target) in
            [("Attendant", &mut ours, Some(TARGET_TICKS)), ("bare Tauri", &mut bare, None)]
        {
            let series = std::mem::take(&mut figures.ticks[state]);
            table.series(&format!("{who}, {name}: 30 s idle"), "ticks", series, target);
        }
    }
    Ok(others)
}

fn one(world: &World, kind: Kind, figures: &mut Figures) -> Result<()> {
    let mut program = Program::start(world, kind, false)?;
    program.hidden()?;
    for state in 0..STATES.len() {
        match state {
            0 => {}
            1 => program.open()?,
            _ => program.close()?,
        }
        let Memory { pss, private } = memory::of(program.pid())?;
        figures.pss[state].push(pss);
        figures.private[state].push(private);
        if state != 1 {
            figures.ticks[state].push(idle(program.pid())?);
        }
    }
    program.end()
}

/// Clock ticks of processor time that the program uses while nothing is asked of it.
#[expect(clippy::cast_precision_loss, reason = "a few thousand ticks at most")]
fn idle(pid: u32) -> Result<f64> {
    let before = family::ticks(pid);
    stays("the program", IDLE, || Ok(process::runs(pid)))?;
    Ok(family::ticks(pid).saturating_sub(before) as f64)
}

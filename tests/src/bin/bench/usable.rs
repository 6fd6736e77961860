//! How long a person waits for the window, from the start of the program.

use crate::program::{Kind, Program};
use attendant_tests::table::{Series, Table};
use attendant_tests::{Result, World};

const ROUNDS: usize = 15;
/// Times the bare window's.
const TARGET: f64 = 1.15;

/// Measures both programs in turns.
///
/// # Errors
/// A window did not come.
pub fn measure(world: &World, table: &mut Table) -> Result<()> {
    let (mut ours, mut bare) = (Series::default(), Series::default());
    for _ in 0..ROUNDS {
        for kind in Kind::BOTH {
            let mut program = Program::start(world, kind, true)?;
            let taken = program.usable()?.as_secs_f64() * 1000.0;
            match kind {
                Kind::Attendant => ours.push(taken),
                Kind::Bare => bare.push(taken),
            }
            program.end()?;
        }
    }
    let times = ours.median() / bare.median();
    table.series("Attendant, start to usable window", "ms", ours, None);
    table.series("bare Tauri, start to usable window", "ms", bare, None);
    table.compared("Attendant's window beside the bare one", "×", times, TARGET);
    Ok(())
}

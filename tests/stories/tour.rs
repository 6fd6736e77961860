//! The demo's story as a test.

use anyhow::Context;
use attendant_tests::Result;
use attendant_tests::tour::{STEPS, Tour};

#[test]
fn the_whole_tour() -> Result<()> {
    let mut tour = Tour::start("tour", None)?;
    for step in STEPS {
        (step.act)(&mut tour).with_context(|| step.words)?;
    }
    Ok(())
}

//! How much memory a program takes. Attendant's process does not let its own user look, so the task that started this
//! bench reads the figures as root: this asks for them on standard output and reads the answer on standard input.

use crate::family;
use anyhow::{Context, ensure};
use attendant_tests::Result;

/// Memory of a program with all its processes, in MiB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Memory {
    /// Proportional set size: its own, and its share of what it shares.
    pub pss: f64,
    /// What only it uses.
    pub private: f64,
}

/// Measures the family of `pid`.
///
/// # Errors
/// Nobody could look.
pub fn of(pid: u32) -> Result<Memory> {
    let pids: Vec<String> = family::of(pid).iter().map(u32::to_string).collect();
    println!("memory? {}", pids.join(" "));
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer)?;
    let numbers: Vec<f64> = answer.split_whitespace().filter_map(|word| word.parse().ok()).collect();
    ensure!(!answer.trim().is_empty(), "this bench is started by `cargo xtask bench`");
    let [pss, private] = numbers.as_slice() else {
        return Err(anyhow::anyhow!("{}", answer.trim())).context("the memory of the programs");
    };
    Ok(Memory { pss: pss / 1024.0, private: private / 1024.0 })
}

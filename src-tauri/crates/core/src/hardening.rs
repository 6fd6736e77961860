//! The first lines of every program that holds a token (invariant 13): nothing of its memory may reach a file.
//!
//! Linux. Another platform gets its own version of [`harden`] beside this one once a compiler has seen it; the
//! zero-on-free allocator belongs to each program, because a library cannot choose one.

use crate::error::Problem;
use attendant_protocol::Code;
use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};
use std::io::Write as _;

/// What the system did not grant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HardeningError {
    /// Core dumps could not be switched off.
    CoreLimit,
    /// The process could not be closed to others of the same user.
    Dumpable,
}

impl From<HardeningError> for Problem {
    fn from(error: HardeningError) -> Self {
        let what = match error {
            HardeningError::CoreLimit => "switch off core dumps",
            HardeningError::Dumpable => "close its memory to other programs",
        };
        Problem::new(Code::Internal, format!("Attendant could not {what}, so it did not start."))
    }
}

/// Closes this process's memory: no core dumps, no reading by other programs of the same user, no values in panic
/// messages. Call it first in `main`, before any thread and any secret; children that start another program are
/// dumpable again, but keep the core limit.
pub fn harden() -> Result<(), HardeningError> {
    // 1, not 0: with 0 the kernel still feeds a piped handler; with 1 it does not (core(5)).
    setrlimit(Resource::Core, Rlimit { current: Some(1), maximum: Some(1) })
        .map_err(|_| HardeningError::CoreLimit)?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable).map_err(|_| HardeningError::Dumpable)?;
    std::panic::set_hook(Box::new(|panic| {
        // The payload may quote a value (`unwrap` prints the error, an error may print its input); the place may not.
        let place =
            panic.location().map_or_else(String::new, |at| format!(" at {}:{}", at.file(), at.line()));
        tracing::error!(place, "stopped by a fault in the program");
        let _ = writeln!(
            std::io::stderr(),
            "Attendant stopped because of a fault in it{place}. Please report this line."
        );
    }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    const CHILD: &str = "ATTENDANT_TEST_HARDENED_CHILD";

    /// Not a case of its own: the process the test below looks at.
    #[test]
    fn child() {
        if std::env::var_os(CHILD).is_none() {
            return;
        }
        let before = rustix::process::dumpable_behavior().unwrap();
        harden().unwrap();
        let limits = std::fs::read_to_string("/proc/self/limits").unwrap();
        let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
        println!("before={before:?}");
        println!("after={:?}", rustix::process::dumpable_behavior().unwrap());
        println!("core={}", core.split_whitespace().skip(4).collect::<Vec<_>>().join(" "));
        panic!("rt_MARKER");
    }

    #[test]
    fn a_hardened_process_is_closed_and_panics_without_values() {
        let output = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "hardening::tests::child", "--nocapture", "--test-threads=1"])
            .env(CHILD, "1")
            .env("RUST_BACKTRACE", "0")
            .output()
            .unwrap();
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(out.contains("before=Dumpable"), "{out}{err}");
        assert!(out.contains("after=NotDumpable"), "{out}{err}");
        assert!(out.contains("core=1 1 bytes"), "{out}{err}");
        assert!(err.contains("Attendant stopped because of a fault in it at "), "{out}{err}");
        assert!(err.contains("hardening.rs:"), "{err}");
        assert!(!out.contains("MARKER") && !err.contains("MARKER"), "{out}{err}");
    }
}

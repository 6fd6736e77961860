//! Child processes with their output in files, ended by process id when their value is dropped.

use crate::Result;
use crate::patience::{wait_for, wait_within};
use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A running child.
#[derive(Debug)]
pub struct Running {
    child: Child,
    log: PathBuf,
}

impl Running {
    /// Starts `command` with both outputs going to `log`.
    ///
    /// # Errors
    /// Says which program could not be started.
    pub fn start(command: &mut Command, log: &Path) -> Result<Self> {
        let out = File::create(log).with_context(|| format!("log {}", log.display()))?;
        let err = out.try_clone()?;
        command.stdout(out).stderr(err);
        Self::start_as_is(command, log)
    }

    /// Starts `command`, whose outputs the caller has set up; `log` is where people should look.
    ///
    /// # Errors
    /// Says which program could not be started.
    pub fn start_as_is(command: &mut Command, log: &Path) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let child = command.spawn().with_context(|| format!("{name} could not be started"))?;
        Ok(Self { child, log: log.to_path_buf() })
    }

    /// The child itself, for its pipes.
    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    /// The process id.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// What it wrote so far.
    pub fn log(&self) -> String {
        fs::read(&self.log).map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).unwrap_or_default()
    }

    /// Waits until a line of its output gives `find` what it looks for.
    ///
    /// # Errors
    /// Shows the end of the output if the line does not come or the process ended.
    pub fn line<T>(&mut self, what: &str, find: impl Fn(&str) -> Option<T>) -> Result<T> {
        let found = wait_for(what, || {
            if let Some(found) = self.log().lines().find_map(&find) {
                return Ok(Some(Ok(found)));
            }
            Ok(self.child.try_wait()?.map(|status| Err(anyhow::anyhow!("it ended with {status}"))))
        });
        found.and_then(|found| found).with_context(|| format!("{what}; its output:\n{}", self.log()))
    }

    /// Sends `signal`.
    ///
    /// # Errors
    /// Says that there is no such process any more.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw).context("a process id")?;
        Ok(kill_process(pid, signal)?)
    }

    /// Waits for its end.
    ///
    /// # Errors
    /// It did not end within `within`.
    pub fn ended(&mut self, within: Duration) -> Result<std::process::ExitStatus> {
        wait_within("a process to end", within, || Ok(self.child.try_wait()?))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if matches!(self.child.try_wait(), Ok(None)) {
            let _ = self.signal(Signal::TERM);
            if self.ended(Duration::from_secs(2)).is_err() {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
    }
}

/// A command with nothing on its standard input and only the environment it is given.
pub fn bare(program: impl AsRef<std::ffi::OsStr>) -> Command {
    let mut command = Command::new(program);
    command.env_clear().stdin(Stdio::null());
    command
}

/// Ends the process `pid`.
///
/// # Errors
/// Says that there is no such process.
pub fn end(pid: u32, signal: Signal) -> Result<()> {
    let pid = i32::try_from(pid).ok().and_then(Pid::from_raw).context("a process id")?;
    Ok(kill_process(pid, signal)?)
}

/// Whether the process `pid` runs. One that ended and was not waited for does not; one whose first thread ended does
/// while another thread goes on, and holds its files and locks as long.
pub fn runs(pid: u32) -> bool {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    threads.map(|thread| thread.path().join("stat")).any(|stat| {
        fs::read_to_string(stat)
            .is_ok_and(|stat| stat.rsplit(") ").next().is_some_and(|rest| !rest.starts_with(['Z', 'X'])))
    })
}

/// The ids of all processes whose environment names `marker`, this one excepted.
pub fn with_marker(marker: &str) -> Vec<u32> {
    let own = std::process::id();
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse::<u32>().ok()) else {
            continue;
        };
        let environment = fs::read(entry.path().join("environ")).unwrap_or_default();
        if pid != own && environment.split(|byte| *byte == 0).any(|part| part == marker.as_bytes()) {
            found.push(pid);
        }
    }
    found
}

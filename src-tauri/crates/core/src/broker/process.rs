//! One process as `/proc` shows it (proc(5)), read so that a reused pid or a replaced file is noticed.

use super::caller::{Program, Run};
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, pidfd_open};
use std::ffi::OsString;
use std::io::{self, Read as _};
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// Why a process could not be pinned down.
#[derive(Debug)]
pub enum ProcessFinding {
    /// It ended, or its pid belongs to another one now.
    Gone,
    /// The system does not let us look: another user's, or one that does not want to be looked at.
    Hidden,
    /// Its executable was deleted or replaced, or lies in another file system than ours.
    ProgramUnclear,
}

impl From<io::Error> for ProcessFinding {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::PermissionDenied { Self::Hidden } else { Self::Gone }
    }
}

impl From<rustix::io::Errno> for ProcessFinding {
    fn from(error: rustix::io::Errno) -> Self {
        io::Error::from(error).into()
    }
}

/// A process held by its pidfd: the pid cannot be reused unnoticed while this exists.
#[derive(Debug)]
pub struct Pinned {
    /// The process.
    pub run: Run,
    /// Its parent's pid.
    pub parent: u32,
    /// Readable once the process has ended.
    pub pidfd: OwnedFd,
}

impl Pinned {
    /// Pins the process that has the pid now.
    pub fn new(pid: u32) -> Result<Self, ProcessFinding> {
        let raw = i32::try_from(pid).ok().and_then(Pid::from_raw).ok_or(ProcessFinding::Gone)?;
        let pidfd = pidfd_open(raw, PidfdFlags::NONBLOCK)?;
        let (parent, started) = stat(pid)?;
        let pinned = Self { run: Run { pid, started }, parent, pidfd };
        pinned.still_runs()?;
        Ok(pinned)
    }

    /// Whether what was read since [`Pinned::new`] was about this process.
    pub fn still_runs(&self) -> Result<(), ProcessFinding> {
        let now = Timespec { tv_sec: 0, tv_nsec: 0 };
        let ended = poll(&mut [PollFd::new(&self.pidfd, PollFlags::IN)], Some(&now))? > 0;
        if ended { Err(ProcessFinding::Gone) } else { Ok(()) }
    }

    /// Its executable, if the file at that path is still the one that runs.
    pub fn program(&self) -> Result<Program, ProcessFinding> {
        let link = self.entry("exe");
        let path = std::fs::read_link(&link)?;
        let running = std::fs::metadata(&link)?;
        let program = Program { path, device: running.dev(), inode: running.ino() };
        let on_disk = std::fs::metadata(&program.path).map_err(|_| ProcessFinding::ProgramUnclear)?;
        if (on_disk.dev(), on_disk.ino()) != (program.device, program.inode) {
            return Err(ProcessFinding::ProgramUnclear);
        }
        self.still_runs()?;
        Ok(program)
    }

    /// Its arguments, the program's own name first.
    pub fn arguments(&self) -> Result<Vec<OsString>, ProcessFinding> {
        let bytes = read(self.entry("cmdline"))?;
        let bytes = bytes.strip_suffix(&[0]).unwrap_or(&bytes);
        Ok(bytes.split(|byte| *byte == 0).map(|one| OsString::from_vec(one.to_vec())).collect())
    }

    /// The folder it runs in.
    pub fn folder(&self) -> Result<PathBuf, ProcessFinding> {
        Ok(std::fs::read_link(self.entry("cwd"))?)
    }

    /// Whether its standard input is a terminal.
    pub fn at_terminal(&self) -> bool {
        std::fs::read_link(self.entry("fd/0"))
            .is_ok_and(|path| path.starts_with("/dev/pts") || path.starts_with("/dev/tty"))
    }

    /// Its real user.
    pub fn uid(&self) -> Result<u32, ProcessFinding> {
        Ok(std::fs::metadata(format!("/proc/{}/stat", self.run.pid))?.uid())
    }

    fn entry(&self, name: &str) -> PathBuf {
        PathBuf::from(format!("/proc/{}/{name}", self.run.pid))
    }
}

/// A file of `/proc`. They have no size, and `std::fs::read` would take a dozen small bites of each.
fn read(path: PathBuf) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::with_capacity(4096);
    std::fs::File::open(path)?.read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Parent and start time, fields 4 and 22. The name in field 2 may hold anything, so the count starts after its last `)`.
fn stat(pid: u32) -> Result<(u32, u64), ProcessFinding> {
    let text = read(format!("/proc/{pid}/stat").into())?;
    let text = String::from_utf8_lossy(&text);
    let fields: Vec<&str> =
        text.rsplit_once(')').ok_or(ProcessFinding::Gone)?.1.split_ascii_whitespace().collect();
    let number = |index: usize| {
        fields.get(index).and_then(|field| field.parse::<u64>().ok()).ok_or(ProcessFinding::Gone)
    };
    Ok((u32::try_from(number(1)?).map_err(|_| ProcessFinding::Gone)?, number(19)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_is_what_it_is() {
        let pinned = Pinned::new(std::process::id()).unwrap();
        assert_eq!(pinned.program().unwrap().path, std::env::current_exe().unwrap());
        assert_eq!(pinned.uid().unwrap(), rustix::process::getuid().as_raw());
        assert!(pinned.run.started > 0 && pinned.parent > 0);
    }

    #[test]
    fn a_process_that_ended_is_gone() {
        let mut child =
            std::process::Command::new("/bin/cat").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let pinned = Pinned::new(child.id()).unwrap();
        pinned.still_runs().unwrap();
        drop(child.stdin.take());
        child.wait().unwrap();
        assert!(matches!(pinned.still_runs(), Err(ProcessFinding::Gone)));
        assert!(pinned.program().is_err());
    }

    #[test]
    fn a_program_deleted_while_it_runs_is_unclear() {
        let folder = std::env::temp_dir().join(format!("attendant-process-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let copy = folder.join("cat");
        std::fs::copy("/bin/cat", &copy).unwrap();
        let mut child =
            std::process::Command::new(&copy).stdin(std::process::Stdio::piped()).spawn().unwrap();
        let pinned = Pinned::new(child.id()).unwrap();
        assert_eq!(pinned.program().unwrap().path, copy);
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(matches!(pinned.program(), Err(ProcessFinding::ProgramUnclear)));
        drop(child.stdin.take());
        child.wait().unwrap();
    }
}

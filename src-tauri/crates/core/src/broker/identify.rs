//! From a connection to a [`Caller`]: pin the process, find the automation behind our own command line, read the rest.

use super::caller::{Caller, Identity, Program};
use super::interpreter::{Role, role};
use super::process::{Pinned, ProcessFinding};
use rustix::fs::OFlags;
use sha2::{Digest as _, Sha256};
use std::collections::HashMap;
use std::io::{self, Read as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

/// How many ancestors are looked at. More would be a loop or somebody hiding.
const MOST_ANCESTORS: usize = 8;

/// The largest file that is hashed. Larger ones are nobody's script, and hashing them would keep callers waiting.
const MOST_HASHED: u64 = 256 * 1024 * 1024;

/// A file's content as the system vouches for it: device, inode, size, and both times in nanoseconds.
type Stamp = (u64, u64, u64, i64, i64);

/// Looks up callers.
pub struct Identifier {
    /// Device and inode of our own command line: it asks for others.
    cli: Option<(u64, u64)>,
    hashes: Mutex<HashMap<Stamp, [u8; 32]>>,
    /// Held while a file is hashed: fifty callers of one program cost one reading of it.
    hashing: Mutex<()>,
}

impl Identifier {
    /// `cli` is the command line's file, the one beside the app.
    pub fn new(cli: Option<&Path>) -> Self {
        let cli = cli.and_then(|path| std::fs::metadata(path).ok()).map(|found| (found.dev(), found.ino()));
        Self { cli, hashes: Mutex::default(), hashing: Mutex::default() }
    }

    /// Who stands behind the process `pinned`, which runs `program` (none if that could not be read).
    pub fn caller(&self, pinned: Pinned, program: Option<Program>) -> Caller {
        let is_cli = program.as_ref().is_some_and(|one| self.cli == Some((one.device, one.inode)));
        let own_uid = pinned.uid().ok();
        let subject = if is_cli { behind(pinned, own_uid) } else { Ok((pinned, program)) };
        match subject {
            Ok((pinned, program)) => self.describe(pinned, program, own_uid),
            Err(pinned) => unknown(pinned),
        }
    }

    fn describe(&self, pinned: Pinned, program: Option<Program>, uid: Option<u32>) -> Caller {
        let folder = pinned.folder().ok();
        let arguments = pinned.arguments().unwrap_or_default();
        let role = program.as_ref().map(|program| role(&program.path, &arguments, folder.as_deref()));
        let terminal = role == Some(Role::Shell) && pinned.at_terminal();
        let host =
            matches!(role, Some(Role::Host | Role::ShellCommand)) || (role == Some(Role::Shell) && !terminal);
        let script = match role {
            Some(Role::Script(path)) => Some(path),
            _ => None,
        };
        let content =
            program.as_ref().and_then(|program| self.hash(script.as_deref().unwrap_or(&program.path)).ok());
        let started_by = ancestors(&pinned, uid);
        // Everything above was read about this process only if it still runs.
        let alive = pinned.still_runs().is_ok();
        let identity = program.zip(content).filter(|_| alive).map(|(program, content)| Identity {
            program,
            script,
            content,
        });
        Caller {
            run: pinned.run,
            pidfd: Arc::new(pinned.pidfd),
            identity,
            host,
            terminal,
            started_by,
            folder,
        }
    }

    /// SHA-256 of the file, remembered as long as the system says that it is the same.
    fn hash(&self, path: &Path) -> io::Result<[u8; 32]> {
        // A named pipe would keep us waiting for a writer; opened so, it shows what it is at once.
        let mut file = std::fs::OpenOptions::new()
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed())
            .open(path)?;
        let found = file.metadata()?;
        if !found.is_file() || found.len() > MOST_HASHED {
            return Err(io::ErrorKind::Unsupported.into());
        }
        let nanoseconds = |seconds: i64, rest: i64| seconds.wrapping_mul(1_000_000_000).wrapping_add(rest);
        let stamp = (
            found.dev(),
            found.ino(),
            found.len(),
            nanoseconds(found.mtime(), found.mtime_nsec()),
            nanoseconds(found.ctime(), found.ctime_nsec()),
        );
        let known = || self.hashes.lock().unwrap_or_else(PoisonError::into_inner).get(&stamp).copied();
        if let Some(hash) = known() {
            return Ok(hash);
        }
        let _one_at_a_time = self.hashing.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(hash) = known() {
            return Ok(hash);
        }
        let mut hasher = Sha256::new();
        let mut buffer = vec![0_u8; 64 * 1024];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                count => hasher.update(&buffer[..count]),
            }
        }
        let hash: [u8; 32] = hasher.finalize().into();
        let mut hashes = self.hashes.lock().unwrap_or_else(PoisonError::into_inner);
        if hashes.len() > 1_000 {
            hashes.clear();
        }
        hashes.insert(stamp, hash);
        Ok(hash)
    }
}

/// The automation behind our command line: the nearest ancestor that is not a shell run with `-c`. One that is gone,
/// hidden or another user's makes it unknown; then the command line's own process is given back.
fn behind(cli: Pinned, uid: Option<u32>) -> Result<(Pinned, Option<Program>), Pinned> {
    let mut child = None::<Pinned>;
    for _ in 0..MOST_ANCESTORS {
        let below = child.as_ref().unwrap_or(&cli);
        let Ok(parent) = parent_of(below) else { break };
        if parent.run.pid <= 1 || parent.uid().ok() != uid {
            break;
        }
        let Ok(program) = parent.program() else { break };
        let arguments = parent.arguments().unwrap_or_default();
        if role(&program.path, &arguments, None) != Role::ShellCommand {
            return Ok((parent, Some(program)));
        }
        child = Some(parent);
    }
    Err(cli)
}

/// Pins the parent, making sure that it was the parent all the time.
fn parent_of(child: &Pinned) -> Result<Pinned, ProcessFinding> {
    let parent = Pinned::new(child.parent)?;
    let again = Pinned::new(child.run.pid)?;
    child.still_runs()?;
    if again.parent == child.parent { Ok(parent) } else { Err(ProcessFinding::Gone) }
}

/// The paths of the programs that started it, nearest first, as far as they are this user's.
fn ancestors(pinned: &Pinned, uid: Option<u32>) -> Vec<String> {
    let mut found = Vec::new();
    let mut above = parent_of(pinned).ok();
    while let Some(parent) = above {
        if parent.run.pid <= 1 || parent.uid().ok() != uid || found.len() == MOST_ANCESTORS {
            break;
        }
        let Ok(program) = parent.program() else { break };
        found.push(program.path.display().to_string());
        above = parent_of(&parent).ok();
    }
    found
}

/// A caller nothing certain is known about.
fn unknown(pinned: Pinned) -> Caller {
    Caller {
        run: pinned.run,
        pidfd: Arc::new(pinned.pidfd),
        identity: None,
        host: false,
        terminal: false,
        started_by: Vec::new(),
        folder: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rustix::fs::{CWD, FileType, Mode, mknodat};

    #[test]
    fn b10_233_a_script_that_is_a_pipe_keeps_nobody_waiting() {
        let path = std::env::temp_dir().join(format!("attendant-pipe-{}", std::process::id()));
        mknodat(CWD, &path, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        let (done, outcome) = std::sync::mpsc::channel();
        let pipe = path.clone();
        std::thread::spawn(move || done.send(Identifier::new(None).hash(&pipe).is_err()));
        let outcome = outcome.recv_timeout(std::time::Duration::from_secs(5));
        std::fs::remove_file(path).unwrap();
        assert_eq!(outcome, Ok(true));
    }
}

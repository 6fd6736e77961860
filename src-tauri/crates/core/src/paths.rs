//! Where Attendant's files live (XDG Base Directory Specification), and the lock that keeps a user's app single.

use crate::error::Problem;
pub use crate::files::write_atomically;
use crate::files::{FileError, FileFinding};
use attendant_protocol::Code;
use rustix::fs::{FlockOperation, Mode, OFlags};
use std::ffi::OsString;
use std::fs::{DirBuilder, File, Permissions};
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::fs::{DirBuilderExt as _, MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// The three folders of one user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paths {
    /// `$XDG_CONFIG_HOME/attendant`, else `~/.config/attendant`: what a person may edit and share.
    pub config_dir: PathBuf,
    /// `$XDG_STATE_HOME/attendant`, else `~/.local/state/attendant`: what Attendant remembers; no secrets.
    pub state_dir: PathBuf,
    /// The folder of the socket.
    pub runtime_dir: PathBuf,
}

/// Why the folders cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PathsError {
    /// Neither `HOME` nor the XDG variables name an absolute folder.
    NoHome,
    /// The folder belongs to another user.
    NotOurs(PathBuf),
    /// Something else than a folder stands there.
    NotAFolder(PathBuf),
    /// The folder could not be made.
    Unusable(FileError),
}

impl From<PathsError> for Problem {
    fn from(error: PathsError) -> Self {
        let message = match error {
            PathsError::NoHome => {
                "HOME does not name a folder, so Attendant has no place for its files.".to_owned()
            }
            PathsError::NotOurs(path) => format!("{} belongs to another user.", path.display()),
            PathsError::NotAFolder(path) => format!("{} is not a folder.", path.display()),
            PathsError::Unusable(error) => error.to_string(),
        };
        Problem::new(Code::StateUnwritable, message)
    }
}

impl Paths {
    /// The folders of the user `uid`, from the environment as `env` shows it. Values that are not absolute are ignored,
    /// as the specification asks. Creates nothing.
    pub fn new(uid: u32, env: impl Fn(&str) -> Option<OsString>) -> Result<Self, PathsError> {
        let absolute = |name: &str| env(name).map(PathBuf::from).filter(|path| path.is_absolute());
        let home = absolute("HOME");
        let base = |name: &str, below: &str| {
            absolute(name)
                .or_else(|| home.as_ref().map(|home| home.join(below)))
                .map(|base| base.join("attendant"))
                .ok_or(PathsError::NoHome)
        };
        let socket = attendant_protocol::socket_path(uid, &env);
        Ok(Self {
            config_dir: base("XDG_CONFIG_HOME", ".config")?,
            state_dir: base("XDG_STATE_HOME", ".local/state")?,
            runtime_dir: socket.parent().map(Path::to_owned).ok_or(PathsError::NoHome)?,
        })
    }

    /// Registrations and settings.
    pub fn config_file(&self) -> PathBuf {
        self.config_dir.join("attendant.toml")
    }

    /// The activity record.
    pub fn activity_file(&self) -> PathBuf {
        self.state_dir.join("activity.jsonl")
    }

    /// Makes the three folders, mode 0700, and refuses those of others. One of ours that is open to others is closed.
    pub fn create(&self, uid: u32) -> Result<(), PathsError> {
        for folder in [&self.config_dir, &self.state_dir, &self.runtime_dir] {
            own_folder(folder, uid)?;
        }
        Ok(())
    }
}

/// Makes `folder` and what is missing above it, mode 0700. One that exists stays as it is.
pub fn create_private_dir(folder: &Path) -> io::Result<()> {
    DirBuilder::new().recursive(true).mode(0o700).create(folder)
}

/// Makes `folder` if needed and sees to it that it is `uid`'s and nobody else can look in.
fn own_folder(folder: &Path, uid: u32) -> Result<(), PathsError> {
    let unusable = |error: io::Error| PathsError::Unusable(FileError::io(folder, &error));
    match create_private_dir(folder) {
        Ok(()) => {}
        Err(_) if folder.exists() && !folder.is_dir() => {
            return Err(PathsError::NotAFolder(folder.to_owned()));
        }
        Err(error) => return Err(unusable(error)),
    }
    // A link may be the person's own (people keep their configuration elsewhere), but not somebody else's.
    let link = std::fs::symlink_metadata(folder).map_err(unusable)?;
    let target = std::fs::metadata(folder).map_err(unusable)?;
    if link.uid() != uid || target.uid() != uid {
        return Err(PathsError::NotOurs(folder.to_owned()));
    }
    if target.mode() & 0o077 != 0 {
        tracing::warn!(folder = %folder.display(), "the folder was open to other users; closing it");
        std::fs::set_permissions(folder, Permissions::from_mode(0o700)).map_err(unusable)?;
    }
    Ok(())
}

/// Held for the app's life: while it exists, no second app of this user starts (invariant 3).
#[derive(Debug)]
pub struct AppLock {
    _held: OwnedFd,
}

/// Why the app may not start.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockError {
    /// Another Attendant of this user is running.
    AlreadyRunning,
    /// The lock's file could not be used.
    Unusable(FileError),
}

impl From<LockError> for Problem {
    fn from(error: LockError) -> Self {
        match error {
            LockError::AlreadyRunning => Problem::new(Code::AlreadyRunning, "Attendant is already running."),
            LockError::Unusable(error) => error.into(),
        }
    }
}

impl AppLock {
    /// Takes the lock, at once or not at all. The kernel lets go of it when the process ends, however it ends.
    pub fn take(paths: &Paths) -> Result<Self, LockError> {
        let path = paths.state_dir.join("lock");
        let unusable = |error: rustix::io::Errno| LockError::Unusable(FileError::io(&path, &error.into()));
        // CLOEXEC: a child that inherited the lock would keep it beyond our life.
        let flags = OFlags::RDWR | OFlags::CREATE | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let held = rustix::fs::open(&path, flags, Mode::RUSR | Mode::WUSR).map_err(unusable)?;
        let held = File::from(held);
        if !held.metadata().is_ok_and(|metadata| metadata.is_file()) {
            return Err(LockError::Unusable(FileError::new(&path, FileFinding::NotAFile)));
        }
        match rustix::fs::flock(&held, FlockOperation::NonBlockingLockExclusive) {
            Ok(()) => Ok(Self { _held: held.into() }),
            Err(rustix::io::Errno::WOULDBLOCK) => Err(LockError::AlreadyRunning),
            Err(error) => Err(unusable(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::scratch::Scratch;
    use std::os::unix::fs::symlink;

    fn uid() -> u32 {
        rustix::process::getuid().as_raw()
    }

    fn below(folder: &Path) -> Paths {
        let folder = folder.to_owned();
        Paths::new(uid(), move |name| match name {
            "HOME" => Some(folder.join("home").into()),
            "XDG_RUNTIME_DIR" => Some(folder.join("run").into()),
            _ => None,
        })
        .unwrap()
    }

    #[test]
    fn only_absolute_variables_count() {
        let env = |name: &str| match name {
            "HOME" => Some(OsString::from("/home/dana")),
            "XDG_CONFIG_HOME" => Some(OsString::from("relative/config")),
            "XDG_STATE_HOME" => Some(OsString::from("/state")),
            _ => None,
        };
        let paths = Paths::new(1000, env).unwrap();
        assert_eq!(paths.config_file(), Path::new("/home/dana/.config/attendant/attendant.toml"));
        assert_eq!(paths.activity_file(), Path::new("/state/attendant/activity.jsonl"));
        assert_eq!(paths.runtime_dir, Path::new("/run/user/1000/attendant"));
        assert_eq!(Paths::new(1000, |_| None), Err(PathsError::NoHome));
        assert_eq!(Paths::new(1000, |_| Some("relative".into())), Err(PathsError::NoHome));
    }

    #[test]
    fn b12_282_folders_are_closed_to_others() {
        let scratch = Scratch::new();
        let paths = below(scratch.path());
        paths.create(uid()).unwrap();
        std::fs::set_permissions(&paths.state_dir, Permissions::from_mode(0o755)).unwrap();
        paths.create(uid()).unwrap();
        for folder in [&paths.config_dir, &paths.state_dir, &paths.runtime_dir] {
            assert_eq!(std::fs::metadata(folder).unwrap().mode() & 0o777, 0o700, "{folder:?}");
        }
    }

    #[test]
    fn a_folder_of_another_user_is_refused() {
        let scratch = Scratch::new();
        let paths = below(scratch.path());
        paths.create(uid()).unwrap();
        assert_eq!(paths.create(uid() + 1), Err(PathsError::NotOurs(paths.config_dir.clone())));
    }

    #[test]
    fn something_else_in_the_folders_place_is_named() {
        let scratch = Scratch::new();
        let paths = below(scratch.path());
        std::fs::create_dir_all(paths.config_dir.parent().unwrap()).unwrap();
        std::fs::write(&paths.config_dir, "").unwrap();
        assert_eq!(paths.create(uid()), Err(PathsError::NotAFolder(paths.config_dir.clone())));
    }

    #[test]
    fn one_app_at_a_time() {
        let scratch = Scratch::new();
        let paths = below(scratch.path());
        paths.create(uid()).unwrap();
        let first = AppLock::take(&paths).unwrap();
        assert_eq!(AppLock::take(&paths).unwrap_err(), LockError::AlreadyRunning);
        drop(first);
        AppLock::take(&paths).unwrap();
    }

    #[test]
    fn the_lock_follows_no_link() {
        let scratch = Scratch::new();
        let paths = below(scratch.path());
        paths.create(uid()).unwrap();
        symlink("/dev/null", paths.state_dir.join("lock")).unwrap();
        assert!(matches!(AppLock::take(&paths), Err(LockError::Unusable(_))));
    }
}

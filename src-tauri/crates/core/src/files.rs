//! Small files, written whole or not at all, and read only if they are what they seem.
//!
//! Links, FIFOs, devices and folders are refused in both directions: whoever can plant one in place of our file must
//! not make us write somewhere else, hang, or read what the person did not choose.

use crate::error::Problem;
use attendant_protocol::Code;
use rustix::fs::{Mode, OFlags};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

/// What was wrong with a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFinding {
    /// There is none.
    Missing,
    /// It is a symbolic link.
    Link,
    /// It is a folder, FIFO, socket or device.
    NotAFile,
    /// It is larger than what is accepted, in bytes.
    TooLarge(u64),
    /// It is not UTF-8.
    NotText,
    /// No permission.
    Forbidden,
    /// The disk is full, or the quota reached.
    NoSpace,
    /// The file system is read-only.
    ReadOnly,
    /// Anything else the system says.
    Other(io::ErrorKind),
}

/// A file that could not be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileError {
    /// Which one.
    pub path: PathBuf,
    /// What was wrong with it.
    pub finding: FileFinding,
}

impl FileError {
    pub(crate) fn new(path: &Path, finding: FileFinding) -> Self {
        Self { path: path.to_owned(), finding }
    }

    /// What the system's `error` about `path` means.
    pub fn io(path: &Path, error: &io::Error) -> Self {
        #[expect(
            clippy::wildcard_enum_match_arm,
            reason = "an open list of the system's, named one by one where we act"
        )]
        let finding = match error.kind() {
            io::ErrorKind::NotFound => FileFinding::Missing,
            io::ErrorKind::PermissionDenied => FileFinding::Forbidden,
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => FileFinding::NoSpace,
            io::ErrorKind::ReadOnlyFilesystem => FileFinding::ReadOnly,
            // What opening a link with NOFOLLOW says (open(2)).
            _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => FileFinding::Link,
            io::ErrorKind::IsADirectory => FileFinding::NotAFile,
            other => FileFinding::Other(other),
        };
        Self::new(path, finding)
    }
}

impl std::fmt::Display for FileError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = self.path.display();
        match self.finding {
            FileFinding::Missing => write!(f, "There is no {path}."),
            FileFinding::Link => write!(f, "{path} is a link; Attendant uses plain files only."),
            FileFinding::NotAFile => write!(f, "{path} is not a plain file."),
            FileFinding::TooLarge(limit) => {
                write!(f, "{path} is larger than {} KiB.", limit / 1024)
            }
            FileFinding::NotText => write!(f, "{path} is not a text file."),
            FileFinding::Forbidden => write!(f, "You may not use {path}."),
            FileFinding::NoSpace => write!(f, "There is no space left for {path}."),
            FileFinding::ReadOnly => write!(f, "{path} is on a read-only disk."),
            FileFinding::Other(kind) => write!(f, "{path} could not be used: {kind}."),
        }
    }
}

impl std::error::Error for FileError {}

impl From<FileError> for Problem {
    /// The problem of a file that should have been written. For a file a person brought, its reader says it better.
    fn from(error: FileError) -> Self {
        Problem::new(Code::StateUnwritable, error.to_string())
    }
}

/// Reads the text of the plain file at `path`, `limit` bytes at most. Opened once; what was checked is what is read.
pub fn read_text(path: &Path, limit: u64) -> Result<String, FileError> {
    // NONBLOCK: opening a FIFO must not wait for a writer.
    let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC | OFlags::NOCTTY;
    let file = rustix::fs::open(path, flags, Mode::empty()).map_err(|e| FileError::io(path, &e.into()))?;
    let file = File::from(file);
    let metadata = file.metadata().map_err(|e| FileError::io(path, &e))?;
    if !metadata.is_file() {
        return Err(FileError::new(path, FileFinding::NotAFile));
    }
    let mut bytes = Vec::new();
    (&file).take(limit.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| FileError::io(path, &e))?;
    if bytes.len() as u64 > limit {
        return Err(FileError::new(path, FileFinding::TooLarge(limit)));
    }
    String::from_utf8(bytes).map_err(|_| FileError::new(path, FileFinding::NotText))
}

/// Replaces the file at `path` by `contents`, mode 0600, so that after a crash at any point the old or the new
/// contents are there, whole: a new file in the same folder, flushed, renamed over, and the folder flushed.
/// [`FileError::io`] puts the error into words.
pub fn write_atomically(path: &Path, contents: &[u8]) -> io::Result<()> {
    match std::fs::symlink_metadata(path) {
        Ok(there) if there.is_symlink() => return Err(rustix::io::Errno::LOOP.into()),
        Ok(there) if !there.is_file() => return Err(io::ErrorKind::IsADirectory.into()),
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    let (Some(folder), Some(name)) = (path.parent(), path.file_name()) else {
        return Err(io::ErrorKind::InvalidFilename.into());
    };
    let mut fresh = std::ffi::OsString::from(".");
    fresh.push(name);
    fresh.push(format!(".{}.new", std::process::id()));
    let fresh = folder.join(fresh);

    if let Err(error) = write_new(&fresh, contents).and_then(|()| std::fs::rename(&fresh, path)) {
        // The old file is untouched; a leftover would only confuse people.
        let _ = std::fs::remove_file(&fresh);
        return Err(error);
    }
    // Some file systems cannot flush a folder; the rename has happened all the same.
    if let Ok(folder) = File::open(folder) {
        let _ = folder.sync_all();
    }
    Ok(())
}

fn write_new(path: &Path, contents: &[u8]) -> io::Result<()> {
    // Left over from a crash of a process with our number.
    if let Err(error) = std::fs::remove_file(path)
        && error.kind() != io::ErrorKind::NotFound
    {
        return Err(error);
    }
    let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let mut file = File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?);
    file.write_all(contents)?;
    file.sync_all()
}

/// A folder for one test, removed at its end.
#[cfg(test)]
pub(crate) mod scratch {
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicU32, Ordering};

    pub(crate) struct Scratch(PathBuf);

    impl Scratch {
        pub(crate) fn new() -> Self {
            static NEXT: AtomicU32 = AtomicU32::new(0);
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let path = std::env::temp_dir().join(format!("attendant-test-{}-{number}", std::process::id()));
            std::fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        pub(crate) fn path(&self) -> &Path {
            &self.0
        }
    }

    impl Drop for Scratch {
        fn drop(&mut self) {
            let _ = std::fs::remove_dir_all(&self.0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::scratch::Scratch;
    use super::*;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    #[test]
    fn b12_283_the_old_file_stays_when_the_new_one_cannot_be_written() {
        let scratch = Scratch::new();
        let path = scratch.path().join("attendant.toml");
        write_atomically(&path, b"old").unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        // A folder stands where the new file would be made: writing fails before anything was replaced.
        let fresh = scratch.path().join(format!(".attendant.toml.{}.new", std::process::id()));
        std::fs::create_dir(&fresh).unwrap();
        write_atomically(&path, b"new").unwrap_err();
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        std::fs::remove_dir(&fresh).unwrap();
        write_atomically(&path, b"new").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"new");
        assert_eq!(std::fs::read_dir(scratch.path()).unwrap().count(), 1, "nothing is left over");
    }

    #[test]
    fn b12_279_only_plain_files_are_read_or_replaced() {
        let scratch = Scratch::new();
        let plain = scratch.path().join("plain");
        std::fs::write(&plain, "text").unwrap();
        let link = scratch.path().join("link");
        symlink(&plain, &link).unwrap();
        let fifo = scratch.path().join("fifo");
        rustix::fs::mknodat(rustix::fs::CWD, &fifo, rustix::fs::FileType::Fifo, Mode::RUSR | Mode::WUSR, 0)
            .unwrap();
        let missing = scratch.path().join("missing");

        assert_eq!(read_text(&plain, 10).unwrap(), "text");
        for (path, finding) in [
            (&link, FileFinding::Link),
            (&fifo, FileFinding::NotAFile),
            (&scratch.path().to_owned(), FileFinding::NotAFile),
            (&PathBuf::from("/dev/null"), FileFinding::NotAFile),
            (&missing, FileFinding::Missing),
        ] {
            assert_eq!(read_text(path, 10).unwrap_err().finding, finding, "{path:?}");
        }
        assert_eq!(read_text(&plain, 3).unwrap_err().finding, FileFinding::TooLarge(3));
        std::fs::write(&plain, [0xff, 0xfe]).unwrap();
        assert_eq!(read_text(&plain, 10).unwrap_err().finding, FileFinding::NotText);

        for (path, finding) in [(&link, FileFinding::Link), (&fifo, FileFinding::NotAFile)] {
            let error = write_atomically(path, b"x").unwrap_err();
            assert_eq!(FileError::io(path, &error).finding, finding);
        }
        assert_eq!(std::fs::read(&plain).unwrap(), [0xff, 0xfe], "the link's target is untouched");
    }
}

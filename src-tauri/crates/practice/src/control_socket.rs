//! The control socket: one JSON object per line in, one JSON line out, for the owner of the process and nobody else.

use std::io;
use std::os::unix::fs::{FileTypeExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{UnixListener, UnixStream};

use crate::control::{Answer, Command};
use crate::state::State;

/// The longest line that is read, in bytes.
const LINE_LIMIT: u64 = 64 * 1024;

/// Why there is no control socket.
#[derive(Debug)]
pub enum ControlError {
    /// Something answers at this path already.
    InUse(PathBuf),
    /// There is something at this path that is not a socket; it is left alone.
    NotASocket(PathBuf),
    /// The socket could not be made.
    Io(PathBuf, io::Error),
}

impl std::fmt::Display for ControlError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::InUse(path) => write!(
                f,
                "Another practice tenant answers at {}. Stop it, or give another --control path.",
                path.display()
            ),
            Self::NotASocket(path) => write!(
                f,
                "{} exists and is not a socket, so it was left alone. Give another --control path.",
                path.display()
            ),
            Self::Io(path, error) => write!(
                f,
                "The control socket {} could not be made: {error}. Give a path in a folder you own.",
                path.display()
            ),
        }
    }
}

impl std::error::Error for ControlError {}

/// A bound control socket. Its file goes away when it is dropped.
#[derive(Debug)]
pub struct ControlSocket {
    listener: UnixListener,
    path: PathBuf,
    owner: u32,
}

impl ControlSocket {
    /// Makes the socket at `path`, mode 0600. A stale socket that nobody answers is replaced.
    ///
    /// # Errors
    /// See [`ControlError`].
    pub fn bind(path: &Path) -> Result<Self, ControlError> {
        let io_error = |error| ControlError::Io(path.to_owned(), error);
        match std::fs::symlink_metadata(path) {
            Ok(found) if !found.file_type().is_socket() => {
                return Err(ControlError::NotASocket(path.to_owned()));
            }
            Ok(_) if std::os::unix::net::UnixStream::connect(path).is_ok() => {
                return Err(ControlError::InUse(path.to_owned()));
            }
            Ok(_) => std::fs::remove_file(path).map_err(io_error)?,
            Err(_) => {}
        }
        // Bound inside a folder nobody else can enter and moved out only when its mode is right, so that there is no
        // moment in which others could connect.
        let mut nursery = path.as_os_str().to_owned();
        nursery.push(format!(".{}", std::process::id()));
        let nursery = PathBuf::from(nursery);
        make_private_folder(&nursery).map_err(io_error)?;
        let bound = bind_in(&nursery, path);
        let _left_over = std::fs::remove_dir_all(&nursery);
        let (listener, owner) = bound.map_err(io_error)?;
        Ok(Self { listener, path: path.to_owned(), owner })
    }

    /// Answers until the future is dropped.
    pub async fn serve(self, practice: State) {
        loop {
            let Ok((stream, _)) = self.listener.accept().await else {
                tokio::task::yield_now().await;
                continue;
            };
            // The mode keeps others out already; root passes modes, and is told apart here.
            if stream.peer_cred().is_ok_and(|peer| peer.uid() == self.owner) {
                tokio::spawn(converse(stream, practice.clone()));
            }
        }
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        let _gone_already = std::fs::remove_file(&self.path);
    }
}

fn make_private_folder(path: &Path) -> io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(path)
}

fn bind_in(nursery: &Path, path: &Path) -> io::Result<(UnixListener, u32)> {
    let inside = nursery.join("s");
    let listener = UnixListener::bind(&inside)?;
    std::fs::set_permissions(&inside, std::fs::Permissions::from_mode(0o600))?;
    let owner = std::fs::metadata(&inside)?.uid();
    std::fs::rename(&inside, path)?;
    Ok((listener, owner))
}

async fn converse(stream: UnixStream, practice: State) {
    let (read, mut write) = stream.into_split();
    let mut read = BufReader::new(read);
    loop {
        let mut line = Vec::new();
        match (&mut read).take(LINE_LIMIT).read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let answer = if line.len() as u64 == LINE_LIMIT && !line.ends_with(b"\n") {
            Answer::refused("This line is too long.", "One command is one line of at most 64 KiB.")
        } else {
            obey(&practice, &line)
        };
        let too_long = !line.ends_with(b"\n");
        let mut text = serde_json::to_string(&answer).unwrap_or_default();
        text.push('\n');
        if write.write_all(text.as_bytes()).await.is_err() || too_long {
            return;
        }
    }
}

fn obey(practice: &State, line: &[u8]) -> Answer {
    match serde_json::from_slice::<Command>(line) {
        Ok(command) => practice.control(command),
        Err(error) => Answer::refused(
            format!("This is not a command: {error}"),
            "One JSON object per line, such as {\"do\":\"stats\"}. Commands: set_access_lifetime, expire_access, \
             refuse_next_refresh, fail_next, delay_next, drop_next_reply, clear_faults, advance_clock, revoke_all, \
             rotate_keys, stats, minted, queue_items.",
        ),
    }
}

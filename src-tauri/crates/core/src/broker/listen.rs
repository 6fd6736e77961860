//! The socket: accept, look who it is, speak first, read requests, and make sure that who asks is who was looked up.
//!
//! Everything that is read goes through [`read_with_sender`]: the kernel attaches the sender's credentials to each
//! message, and a message of another process ends the connection (`connect, fork, exec` tricks).

use super::caller::Program;
use super::identify::Identifier;
use super::process::Pinned;
use super::{answer, line};
use crate::controller::Desk;
use crate::error::Problem;
use crate::random::Randomness;
use attendant_protocol::{Code, Hello, MAX_LINE, Nothing, Op, Request, VERSION};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, UCred, recvmsg, sockopt};
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncWriteExt as _, Interest};
use tokio::net::{UnixListener, UnixStream};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

/// Connections served at once; then accepting pauses, and the kernel's queue holds the rest.
const MOST_CONNECTIONS: usize = 256;

/// How long a peer may take to say something.
const SPEAK: Duration = Duration::from_secs(10);

/// How long a peer may take to read its answer.
const WRITE: Duration = Duration::from_secs(5);

/// The pause after the system refused to accept, such as for want of descriptors.
const ACCEPT_AGAIN: Duration = Duration::from_millis(50);

/// The longest path a socket may have, in bytes (unix(7)).
const MOST_PATH: usize = 107;

/// Binds the socket at `path`, mode 0600, in a folder that is already this user's alone. A socket left by an app that
/// was killed is replaced: the caller holds the app's lock, so nobody listens there.
pub fn bind(path: &Path) -> Result<UnixListener, Problem> {
    let problem = |text: String| Problem::new(Code::StateUnwritable, text);
    if path.as_os_str().len() > MOST_PATH {
        return Err(problem(format!(
            "The socket\u{2019}s path is longer than {MOST_PATH} bytes: {}",
            path.display()
        ))
        .with_advice("Set XDG_RUNTIME_DIR to a shorter folder."));
    }
    match std::fs::symlink_metadata(path) {
        Ok(found) if found.file_type().is_socket() => {
            std::fs::remove_file(path)
                .map_err(|error| problem(format!("Cannot replace {}: {error}.", path.display())))?;
        }
        Ok(_) => {
            return Err(problem(format!("Something that is not a socket stands at {}.", path.display()))
                .with_advice("Look what it is, move it away, then start Attendant again."));
        }
        Err(_) => {}
    }
    let cannot = |error: io::Error| problem(format!("Cannot listen at {}: {error}.", path.display()));
    let listener = UnixListener::bind(path).map_err(cannot)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600)).map_err(cannot)?;
    // Inherited by accepted sockets, so that even bytes sent before we look carry their sender.
    sockopt::set_socket_passcred(&listener, true).map_err(|error| cannot(error.into()))?;
    Ok(listener)
}

/// Serves `listener` until the future is dropped.
pub async fn serve(
    listener: UnixListener,
    desk: Desk,
    identifier: Arc<Identifier>,
    random: Arc<dyn Randomness>,
) {
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(place) = room.clone().acquire_owned().await else { return };
        match listener.accept().await {
            Ok((stream, _)) => {
                let mut connection = Connection {
                    stream,
                    desk: desk.clone(),
                    identifier: identifier.clone(),
                    challenge: random.token(),
                    unread: Zeroizing::new(Vec::new()),
                };
                tokio::spawn(async move {
                    if let Err(ended) = connection.run().await {
                        tracing::debug!(?ended, "a connection ended early");
                        connection.explain(&ended).await;
                    }
                    drop(place);
                });
            }
            Err(error) => {
                tracing::warn!(%error, "cannot accept a connection; trying again");
                tokio::time::sleep(ACCEPT_AGAIN).await;
            }
        }
    }
}

/// Why a connection ended before it was over.
#[derive(Debug)]
enum Ended {
    /// Another user connected.
    OtherUser,
    /// The process could not be pinned down, changed, or somebody else sent.
    CallerChanged,
    /// It hung up.
    HungUp,
    /// It said nothing, or did not read, in time.
    TooSlow,
    /// It sent a line longer than allowed.
    TooLong,
    /// The system said no.
    Io,
}

impl From<io::Error> for Ended {
    fn from(_: io::Error) -> Self {
        Self::Io
    }
}

fn caller_changed() -> Problem {
    Problem::new(Code::CallerChanged, "The program that asks is not the one that connected.")
}

struct Connection {
    stream: UnixStream,
    desk: Desk,
    identifier: Arc<Identifier>,
    challenge: String,
    unread: Zeroizing<Vec<u8>>,
}

impl Connection {
    async fn run(&mut self) -> Result<(), Ended> {
        let peer = sockopt::socket_peercred(&self.stream).map_err(io::Error::from)?;
        if peer.uid != rustix::process::geteuid() {
            return Err(Ended::OtherUser);
        }
        sockopt::set_socket_passcred(&self.stream, true).map_err(io::Error::from)?;
        let pid = u32::try_from(peer.pid.as_raw_nonzero().get()).map_err(|_| Ended::CallerChanged)?;
        let pinned = Pinned::new(pid).map_err(|_| Ended::CallerChanged)?;
        let program = pinned.program().ok();
        let hello = Hello { v: VERSION, hello: "attendant".into(), challenge: self.challenge.clone() };
        let mut greeting = serde_json::to_vec(&hello).map_err(io::Error::from)?;
        greeting.push(b'\n');
        self.write(&greeting).await?;
        while let Some(request) = self.next_line(&peer).await? {
            let reply = match self.judge(&request, &pinned, program.as_ref()) {
                Ok(op) => self.answer(op, &peer, &pinned, program.clone()).await?,
                Err(problem) => {
                    let refusal = line::<Nothing>(Err(problem));
                    self.write(&refusal).await?;
                    return Ok(());
                }
            };
            self.write(&reply).await?;
        }
        Ok(())
    }

    /// Tells whoever is there why it ended, where saying so helps an honest program that is built in an unusual way.
    async fn explain(&mut self, ended: &Ended) {
        if matches!(ended, Ended::CallerChanged) {
            let refusal = line::<Nothing>(Err(caller_changed()));
            if self.write(&refusal).await.is_err() {
                tracing::debug!("nobody listened");
            }
        }
    }

    /// Whether `request` is one, and of the process that was looked up.
    fn judge(&self, request: &[u8], pinned: &Pinned, program: Option<&Program>) -> Result<Op, Problem> {
        let request: Request = serde_json::from_slice(request)
            .map_err(|_| Problem::new(Code::BadRequest, "The line is not a request of this protocol."))?;
        if request.v != VERSION {
            let text =
                format!("The request is of protocol version {}, this is version {VERSION}.", request.v);
            return Err(Problem::new(Code::VersionUnsupported, text));
        }
        if request.challenge != self.challenge {
            return Err(caller_changed());
        }
        // Read again after the challenge came back: a program put in the asker's place meanwhile shows here.
        if pinned.still_runs().is_err() || pinned.program().ok().as_ref() != program {
            return Err(caller_changed());
        }
        Ok(request.op)
    }

    /// Answers, unless the caller hangs up first.
    async fn answer(
        &mut self,
        op: Op,
        peer: &UCred,
        connected: &Pinned,
        program: Option<Program>,
    ) -> Result<Zeroizing<Vec<u8>>, Ended> {
        let pinned = Pinned::new(connected.run.pid).map_err(|_| Ended::CallerChanged)?;
        if pinned.run != connected.run {
            return Err(Ended::CallerChanged);
        }
        let identifier = self.identifier.clone();
        let desk = self.desk.clone();
        // Reading /proc and hashing a script may touch the disk.
        let caller = tokio::task::spawn_blocking(move || identifier.caller(pinned, program)).await;
        let caller = caller.map_err(|_| Ended::Io)?;
        let work = answer(&desk, caller, op);
        tokio::pin!(work);
        loop {
            tokio::select! {
                reply = &mut work => return Ok(reply),
                more = read_with_sender(&self.stream, peer, &mut self.unread) => more?,
            }
        }
    }

    /// The next line, or none when the peer is done.
    async fn next_line(&mut self, peer: &UCred) -> Result<Option<Zeroizing<Vec<u8>>>, Ended> {
        let read = async {
            loop {
                if let Some(end) = self.unread.iter().position(|byte| *byte == b'\n') {
                    let line = Zeroizing::new(self.unread[..end].to_vec());
                    self.unread.drain(..=end);
                    return Ok(Some(line));
                }
                match read_with_sender(&self.stream, peer, &mut self.unread).await {
                    Err(Ended::HungUp) if self.unread.is_empty() => return Ok(None),
                    other => other?,
                }
            }
        };
        tokio::time::timeout(SPEAK, read).await.unwrap_or(Err(Ended::TooSlow))
    }

    async fn write(&mut self, bytes: &[u8]) -> Result<(), Ended> {
        match tokio::time::timeout(WRITE, self.stream.write_all(bytes)).await {
            Ok(result) => Ok(result?),
            Err(_) => Err(Ended::TooSlow),
        }
    }
}

/// One read, appended to `unread`. The bytes must come from `peer`; the kernel never merges two senders into one read.
async fn read_with_sender(
    stream: &UnixStream,
    peer: &UCred,
    unread: &mut Zeroizing<Vec<u8>>,
) -> Result<(), Ended> {
    if unread.len() >= MAX_LINE {
        return Err(Ended::TooLong);
    }
    let mut buffer = Zeroizing::new([0_u8; 4096]);
    let (count, sender) = stream
        .async_io(Interest::READABLE, || {
            let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmCredentials(1))];
            let mut control = RecvAncillaryBuffer::new(&mut space);
            let slice = &mut [IoSliceMut::new(buffer.as_mut_slice())];
            let got = recvmsg(stream, slice, &mut control, RecvFlags::CMSG_CLOEXEC)?;
            // Descriptors somebody attached are closed as they are dropped.
            let sender = control.drain().find_map(|message| {
                if let RecvAncillaryMessage::ScmCredentials(sender) = message { Some(sender) } else { None }
            });
            Ok((got.bytes, sender))
        })
        .await?;
    if count == 0 {
        return Err(Ended::HungUp);
    }
    if sender.is_none_or(|sender| sender.pid != peer.pid || sender.uid != peer.uid) {
        return Err(Ended::CallerChanged);
    }
    unread.extend_from_slice(&buffer[..count]);
    Ok(())
}

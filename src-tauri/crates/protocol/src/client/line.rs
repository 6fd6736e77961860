//! One line at a time from a socket, with a cap and a deadline. The bytes may hold a token, so they are wiped.

use super::ClientError;
use crate::MAX_LINE;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::io::{ErrorKind, Read};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};
use zeroize::Zeroizing;

/// Room for the first read; every reply but a long status fits.
const FIRST_ROOM: usize = 8 * 1024;

/// The lines that arrive on a stream.
pub(super) struct Lines {
    stream: UnixStream,
    /// What arrived behind the last line that was taken.
    rest: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Lines {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lines").field("stream", &self.stream).finish_non_exhaustive()
    }
}

impl Lines {
    pub(super) fn new(stream: UnixStream) -> Self {
        Self { stream, rest: Zeroizing::new(Vec::new()) }
    }

    pub(super) fn stream(&mut self) -> &mut UnixStream {
        &mut self.stream
    }

    /// Whether there is something to read within `patience`.
    pub(super) fn ready_within(&self, patience: Duration) -> Result<bool, ClientError> {
        if self.rest.contains(&b'\n') {
            return Ok(true);
        }
        let patience =
            Timespec::try_from(patience).map_err(|_| std::io::Error::from(ErrorKind::InvalidInput))?;
        match poll(&mut [PollFd::new(&self.stream, PollFlags::IN)], Some(&patience)) {
            Ok(count) => Ok(count > 0),
            // A signal is no answer.
            Err(rustix::io::Errno::INTR) => Ok(false),
            Err(error) => Err(ClientError::Io(error.into())),
        }
    }

    /// The next line, without its line feed.
    pub(super) fn next(&mut self, wait: Option<Duration>) -> Result<Zeroizing<Vec<u8>>, ClientError> {
        let deadline = wait.map(|wait| now() + wait);
        let mut line = std::mem::take(&mut self.rest);
        let mut filled = line.len();
        let mut searched = 0;
        loop {
            if let Some(at) = line[searched..filled].iter().position(|&byte| byte == b'\n') {
                let end = searched + at;
                self.rest = Zeroizing::new(line[end + 1..filled].to_vec());
                line.truncate(end);
                return Ok(line);
            }
            searched = filled;
            if filled >= MAX_LINE {
                return Err(ClientError::LineTooLong);
            }
            if filled == line.len() {
                line = grown(&line);
            }
            self.stream.set_read_timeout(left(deadline)?)?;
            filled += match self.stream.read(&mut line[filled..]) {
                Ok(0) => return Err(ClientError::Closed),
                Ok(count) => count,
                Err(error) if error.kind() == ErrorKind::Interrupted => 0,
                Err(error) => return Err(error.into()),
            };
        }
    }
}

/// A larger copy. `Vec` would grow by itself, but leaves what it held behind in freed memory.
fn grown(line: &[u8]) -> Zeroizing<Vec<u8>> {
    let room = (line.len() * 2).clamp(FIRST_ROOM, MAX_LINE);
    let mut larger = Zeroizing::new(vec![0; room]);
    larger[..line.len()].copy_from_slice(line);
    larger
}

/// The time until `deadline`; none means for ever.
fn left(deadline: Option<Instant>) -> Result<Option<Duration>, ClientError> {
    let Some(deadline) = deadline else { return Ok(None) };
    match deadline.checked_duration_since(now()) {
        Some(left) if !left.is_zero() => Ok(Some(left)),
        _ => Err(ClientError::Silent),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "a socket's deadline is real time; a test cannot move the kernel's clock"
)]
fn now() -> Instant {
    Instant::now()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;

    fn pair() -> (UnixStream, Lines) {
        let (app, ours) = UnixStream::pair().unwrap();
        (app, Lines::new(ours))
    }

    #[test]
    fn lines_come_one_by_one_however_they_were_cut() {
        let (mut app, mut lines) = pair();
        app.write_all(b"one\ntw").unwrap();
        assert_eq!(lines.next(None).unwrap().as_slice(), b"one");
        app.write_all(b"o\nthree\n").unwrap();
        assert_eq!(lines.next(None).unwrap().as_slice(), b"two");
        assert!(lines.ready_within(Duration::ZERO).unwrap(), "the third line was read with the second");
        assert_eq!(lines.next(None).unwrap().as_slice(), b"three");
    }

    #[test]
    fn the_longest_line_passes_and_one_byte_more_does_not() {
        for (length, passes) in [(MAX_LINE - 1, true), (MAX_LINE, false)] {
            let (mut app, mut lines) = pair();
            let writer = std::thread::spawn(move || {
                let mut line = vec![b'x'; length];
                line.push(b'\n');
                // The reader hangs up in the middle of the longer one.
                let _ = app.write_all(&line);
            });
            let got = lines.next(None);
            drop(lines);
            writer.join().unwrap();
            match got {
                Ok(line) => assert!(passes && line.len() == length),
                Err(error) => assert!(!passes && matches!(error, ClientError::LineTooLong), "{error:?}"),
            }
        }
    }

    #[test]
    fn silence_and_an_end_are_told_apart() {
        let (mut app, mut lines) = pair();
        app.write_all(b"half a line").unwrap();
        assert!(matches!(lines.next(Some(Duration::from_millis(20))), Err(ClientError::Silent)));
        drop(app);
        assert!(matches!(lines.next(None), Err(ClientError::Closed)));
    }
}

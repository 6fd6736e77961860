//! Looking for secrets where none may be: files, logs, argument lists, environments.

use crate::Result;
use crate::patience::wait_within;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

/// Where a secret was found. The secret itself is never repeated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Leak {
    /// What kind of secret: `access_token`, `refresh_token`, `code` …
    pub kind: String,
    /// The file, or `/proc/PID/cmdline (name)`.
    pub place: String,
}

/// Searches every file below `folder`, those below a folder named in `but` excepted.
///
/// # Errors
/// A folder cannot be read.
pub fn in_files(folder: &Path, but: &[PathBuf], secrets: &[(String, String)]) -> Result<Vec<Leak>> {
    let mut leaks = Vec::new();
    if but.iter().any(|path| path == folder) {
        return Ok(leaks);
    }
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let (path, kind) = (entry.path(), entry.file_type()?);
        if kind.is_dir() {
            leaks.extend(in_files(&path, but, secrets)?);
        } else if kind.is_file() {
            // A file may be gone again.
            leaks.extend(in_bytes(
                &path.display().to_string(),
                &fs::read(&path).unwrap_or_default(),
                secrets,
            ));
        }
    }
    Ok(leaks)
}

/// Writes down, while a story runs, the argument lists and environments of every process that can be seen: a secret that
/// is there for a moment only was readable all the same. A program may refuse to show its environment; its argument
/// list is open to every user of the computer.
pub struct Recorder {
    stop: Arc<AtomicBool>,
    thread: JoinHandle<BTreeMap<Vec<u8>, String>>,
}

impl Recorder {
    /// Starts to look.
    pub fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        let told = stop.clone();
        let thread = std::thread::spawn(move || {
            let mut seen = BTreeMap::new();
            // Looking ends when it is told to; the deadline only bounds a story that forgot.
            let _ = wait_within("the story to end", Duration::from_secs(900), || {
                record(&mut seen);
                Ok(told.load(Ordering::Relaxed).then_some(()))
            });
            seen
        });
        Self { stop, thread }
    }

    /// Stops, and gives what was seen as `(place, bytes)`.
    pub fn stop(self) -> Vec<(String, Vec<u8>)> {
        self.stop.store(true, Ordering::Relaxed);
        let seen = self.thread.join().unwrap_or_default();
        seen.into_iter().map(|(bytes, place)| (place, bytes)).collect()
    }
}

fn record(seen: &mut BTreeMap<Vec<u8>, String>) {
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let path = entry.path();
        let is_process = entry.file_name().to_str().is_some_and(|name| name.parse::<u32>().is_ok());
        for part in ["cmdline", "environ"].iter().filter(|_| is_process) {
            match fs::read(path.join(part)) {
                Ok(bytes) if !bytes.is_empty() => {
                    seen.entry(bytes).or_insert_with(|| {
                        let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
                        format!("{} ({})", path.join(part).display(), name.trim())
                    });
                }
                // Gone again, or closed to us.
                Ok(_) | Err(_) => {}
            }
        }
    }
}

/// Searches `bytes` for the secrets as they are, and as base64 and hexadecimal text of them would begin.
pub fn in_bytes(place: &str, bytes: &[u8], secrets: &[(String, String)]) -> Vec<Leak> {
    secrets
        .iter()
        .filter(|(_, value)| spellings(value).iter().any(|spelled| contains(bytes, spelled)))
        .map(|(kind, _)| Leak { kind: kind.clone(), place: place.to_owned() })
        .collect()
}

/// How a secret may be written down. The signature of a token is its secret part; its header is always the same.
fn spellings(secret: &str) -> Vec<Vec<u8>> {
    use base64::Engine;
    use base64::engine::general_purpose::STANDARD_NO_PAD;
    let telling = secret.rsplit('.').next().unwrap_or(secret);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    vec![telling.as_bytes().to_vec(), STANDARD_NO_PAD.encode(secret).into_bytes(), hex.into_bytes()]
}

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    // Anything shorter is no secret, and would be found everywhere.
    part.len() >= 12 && bytes.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_planted_secret_is_found_in_each_spelling() {
        let secrets = [("code".to_owned(), "0123456789ABCDEF".to_owned())];
        for text in ["x=0123456789ABCDEF&", "MDEyMzQ1Njc4OUFCQ0RFRg", "30313233343536373839414243444546"] {
            assert_eq!(in_bytes("here", text.as_bytes(), &secrets).len(), 1, "{text}");
        }
        assert_eq!(in_bytes("here", b"0123456789ABCDE", &secrets), []);
    }

    #[test]
    fn the_signature_gives_a_token_away() {
        let secrets = [("access_token".to_owned(), "header.claims.signature-of-it".to_owned())];
        assert_eq!(in_bytes("here", b"... signature-of-it", &secrets).len(), 1);
        assert_eq!(in_bytes("here", b"header.claims", &secrets), []);
    }
}

//! Looking for secrets where none may be: files, logs, argument lists, environments.

use crate::Result;
use std::fs;
use std::path::{Path, PathBuf};

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

/// Searches the argument lists and environments of all processes that this user may look at, `but` excepted. A program
/// may refuse to show its environment; its argument list is open to every user of the computer.
///
/// # Errors
/// The list of processes cannot be read.
pub fn in_processes(but: &[u32], secrets: &[(String, String)]) -> Result<Vec<Leak>> {
    let mut leaks = Vec::new();
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let pid = path.file_name().and_then(|name| name.to_str()).and_then(|name| name.parse::<u32>().ok());
        if pid.is_none_or(|pid| but.contains(&pid)) {
            continue;
        }
        let name = fs::read_to_string(path.join("comm")).unwrap_or_default();
        for part in ["cmdline", "environ"] {
            let place = format!("{} ({})", path.join(part).display(), name.trim());
            leaks.extend(in_bytes(&place, &fs::read(path.join(part)).unwrap_or_default(), secrets));
        }
    }
    Ok(leaks)
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

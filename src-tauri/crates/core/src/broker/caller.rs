//! Who asks, from the operating system only. The words of the three classes of facts never mix: what stands here was
//! **verified** (uid, pid, executable) or **read** (script, hash, parents, folder); what a caller claims comes in the
//! request and is shown apart.

use crate::view::CallerView;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

/// An executable as the system names it. Device and inode tell a replaced file from the one that was seen.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Program {
    /// Its path when it was looked up.
    pub path: PathBuf,
    /// The file system's number.
    pub device: u64,
    /// The file's number.
    pub inode: u64,
}

/// A process, so that a reused pid is not taken for it: the pid with the start time of `/proc/PID/stat` (proc(5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Run {
    /// The process id.
    pub pid: u32,
    /// Clock ticks after boot at which it started.
    pub started: u64,
}

/// What a grant is bound to: which program, running which script with which content.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Identity {
    /// The executable.
    pub program: Program,
    /// The script an interpreter was started with.
    pub script: Option<PathBuf>,
    /// SHA-256 of the script, or of the program when there is no script.
    pub content: [u8; 32],
}

/// The process that asks.
#[derive(Debug, Clone)]
pub struct Caller {
    /// The asking automation; for our own command line, the nearest ancestor that is not a shell run with `-c`.
    pub run: Run,
    /// Held so that "this run" can be seen to end.
    pub pidfd: Arc<OwnedFd>,
    /// None when anything about it could not be read or changed meanwhile: such a caller never matches a grant.
    pub identity: Option<Identity>,
    /// Runs many automations the system cannot tell apart (a host program, or an interpreter without a script file).
    pub host: bool,
    /// A person's own interactive shell: "you, at a terminal".
    pub terminal: bool,
    /// Who started it, nearest first, at most 8.
    pub started_by: Vec<String>,
    /// The folder it runs in.
    pub folder: Option<PathBuf>,
}

impl Caller {
    /// What people call it: the script's or the program's file name. Checked words only.
    pub fn name(&self) -> String {
        let Some(identity) = &self.identity else { return "unknown program".into() };
        if self.terminal {
            return "You, at a terminal".into();
        }
        let path = identity.script.as_ref().unwrap_or(&identity.program.path);
        path.file_name()
            .map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
    }

    /// The facts for the prompt, with what the caller claims, cleaned and cut.
    pub fn view(&self, claimed_name: Option<&str>, claimed_reason: Option<&str>) -> CallerView {
        let identity = self.identity.as_ref();
        CallerView {
            program: identity.map(|one| one.program.path.display().to_string()),
            pid: self.run.pid,
            script: identity.and_then(|one| one.script.as_ref()).map(|path| path.display().to_string()),
            content: identity.map(|one| grouped(&one.content)),
            started_by: self.started_by.clone(),
            folder: self.folder.as_ref().map(|path| path.display().to_string()),
            terminal: self.terminal,
            claimed_name: claimed_name.and_then(clean_claim),
            claimed_reason: claimed_reason.and_then(clean_claim),
        }
    }
}

/// The first 12 hex digits in groups of four, for comparing by eye.
fn grouped(hash: &[u8; 32]) -> String {
    let hex: Vec<String> =
        hash[..6].chunks(2).map(|pair| format!("{:02x}{:02x}", pair[0], pair[1])).collect();
    hex.join(" ")
}

/// The longest claim shown, in characters.
const MAX_CLAIM: usize = 40;

/// A claim without control or bidirectional characters, cut, with its original length said.
pub fn clean_claim(text: &str) -> Option<String> {
    let cleaned: String = text
        .chars()
        .map(|letter| if letter.is_whitespace() { ' ' } else { letter })
        .filter(|letter| !letter.is_control() && !is_invisible(*letter))
        .collect();
    let cleaned = cleaned.trim();
    if cleaned.is_empty() {
        return None;
    }
    let length = cleaned.chars().count();
    if length <= MAX_CLAIM {
        return Some(cleaned.to_owned());
    }
    let cut: String = cleaned.chars().take(MAX_CLAIM).collect();
    Some(format!("{cut}\u{2026} ({length} characters)"))
}

/// Characters that reorder or hide their neighbours (Unicode bidirectional controls, zero-width, tags).
fn is_invisible(letter: char) -> bool {
    matches!(letter,
        '\u{061c}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
        | '\u{fe00}'..='\u{fe0f}' | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn b10_227_claims_are_cleaned_and_cut() {
        assert_eq!(clean_claim("a\u{202e}b\nc\u{1b}[31m").as_deref(), Some("ab c[31m"));
        assert_eq!(clean_claim("\u{200b}\u{feff}"), None);
        let long = clean_claim(&"x".repeat(10_240)).unwrap();
        assert!(long.ends_with("(10240 characters)") && long.chars().count() < 70, "{long}");
    }

    #[test]
    fn content_is_grouped_for_the_eye() {
        let mut hash = [0_u8; 32];
        hash[..6].copy_from_slice(&[0x9f, 0x3a, 0x61, 0xc2, 0xe0, 0x7d]);
        assert_eq!(grouped(&hash), "9f3a 61c2 e07d");
    }
}

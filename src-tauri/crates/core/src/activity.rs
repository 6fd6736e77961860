//! The value-free record of what was used by whom: one JSON object per line, only ever added to.
//!
//! No record, no release (invariant 9): a hand-out is written here first, and a failure to write stops it. A record
//! names programs, registrations and scopes; there is no field that could hold a token.

use crate::clock::Time;
use crate::error::Problem;
use crate::files::{self, FileError, FileFinding};
use crate::paths::Paths;
use crate::registration::RegistrationId;
use crate::view::RecentUse;
use attendant_protocol::Code;
use chrono::TimeDelta;
use rustix::fs::{Mode, OFlags};
use serde::{Deserialize, Serialize};
use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Records older than this are dropped.
const KEEP: TimeDelta = TimeDelta::days(90);

/// A file that has grown to this many bytes is put aside, and the one put aside before is dropped.
const ROTATE_AT: u64 = 4 * 1024 * 1024;

/// What the window shows.
const RECENT: TimeDelta = TimeDelta::hours(1);

/// More recent records than this are not kept in memory.
const MOST_RECENT: usize = 1_000;

/// The disk is asked to keep what it has at most this often.
const SYNC: TimeDelta = TimeDelta::seconds(1);

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    /// Access was handed to an automation.
    Released,
    /// An automation got nothing; `code` says why.
    Refused,
    /// The person signed in.
    SignedIn,
    /// The sign-in was renewed.
    Renewed,
    /// The provider refused to renew it.
    RenewalRefused,
    /// The person signed out.
    SignedOut,
    /// Something a newer release records.
    #[serde(other)]
    Unknown,
}

/// One line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// When.
    pub at: Time,
    /// What happened.
    pub what: What,
    /// The automation, by its checked name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub automation: Option<String>,
    /// The path of its program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub program: Option<String>,
    /// Which registration.
    pub registration: RegistrationId,
    /// The scopes it could use.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The grant that allowed it; none if it was allowed once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<String>,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

impl Record {
    /// A record with the facts every record has.
    pub fn new(at: Time, what: What, registration: &RegistrationId) -> Self {
        Self {
            at,
            what,
            automation: None,
            program: None,
            registration: registration.clone(),
            scopes: Vec::new(),
            grant: None,
            code: None,
        }
    }

    /// The record as the window shows it; `name` turns an id into what people call it.
    pub fn view(&self, name: &impl Fn(&RegistrationId) -> String) -> RecentUse {
        RecentUse {
            automation: self
                .automation
                .clone()
                .unwrap_or_else(|| "A program that could not be checked".to_owned()),
            registration: name(&self.registration),
            scopes: self.scopes.clone(),
            at: crate::clock::rfc3339(self.at),
            grant: self.grant.clone(),
        }
    }
}

/// The record could not be written. Nothing may be handed out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActivityUnwritable(pub FileError);

impl std::fmt::Display for ActivityUnwritable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "What was used could not be recorded, so nothing was handed out. {}", self.0)
    }
}

impl std::error::Error for ActivityUnwritable {}

impl From<ActivityUnwritable> for Problem {
    fn from(error: ActivityUnwritable) -> Self {
        Problem::new(Code::ActivityUnwritable, error.to_string())
    }
}

/// The record of this user.
#[derive(Debug)]
pub struct Activity {
    path: PathBuf,
    inner: Mutex<Inner>,
}

#[derive(Debug)]
struct Inner {
    file: File,
    length: u64,
    synced_at: Option<Time>,
    recent: VecDeque<Record>,
}

impl Activity {
    /// Opens the record, drops what is older than 90 days, and remembers the last hour.
    pub fn open(paths: &Paths, now: Time) -> Result<Self, ActivityUnwritable> {
        let path = paths.activity_file();
        let unwritable = |error: io::Error| ActivityUnwritable(FileError::io(&path, &error));
        for old in [&put_aside(&path), &path] {
            forget_old(old, now).map_err(unwritable)?;
        }
        let text = match files::read_text(&path, ROTATE_AT * 2) {
            Ok(text) => text,
            // What cannot be read is no reason to stop; what cannot be written is, and shows below.
            Err(error) => {
                if error.finding != FileFinding::Missing {
                    tracing::warn!(%error, "the earlier activity cannot be read");
                }
                String::new()
            }
        };
        let mut recent: VecDeque<Record> = records(&text).filter(|record| now - record.at < RECENT).collect();
        while recent.len() > MOST_RECENT {
            recent.pop_front();
        }
        let mut file = open(&path).map_err(unwritable)?;
        let mut length = file.metadata().map_err(unwritable)?.len();
        if length > 0 && !text.ends_with('\n') {
            // The last line was cut by a crash; the next must not be glued to it.
            file.write_all(b"\n").map_err(unwritable)?;
            length += 1;
        }
        let inner = Mutex::new(Inner { file, length, synced_at: None, recent });
        Ok(Self { path, inner })
    }

    /// Adds a record: in one write, before whatever it records happens.
    pub fn append(&self, record: &Record) -> Result<(), ActivityUnwritable> {
        let mut inner = self.inner();
        inner
            .write(&self.path, record)
            .map_err(|error| ActivityUnwritable(FileError::io(&self.path, &error)))?;
        inner.recent.push_back(record.clone());
        if inner.recent.len() > MOST_RECENT {
            inner.recent.pop_front();
        }
        Ok(())
    }

    /// What was handed out in the hour before `now`, newest first.
    pub fn recent(&self, now: Time) -> Vec<Record> {
        let mut inner = self.inner();
        inner.recent.retain(|record| now - record.at < RECENT);
        inner.recent.iter().rev().filter(|record| record.what == What::Released).cloned().collect()
    }

    /// Removes every record.
    pub fn erase(&self) -> Result<(), ActivityUnwritable> {
        let mut inner = self.inner();
        let erased = match std::fs::remove_file(put_aside(&self.path)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => inner.file.set_len(0).and_then(|()| inner.file.sync_all()),
        };
        erased.map_err(|error| ActivityUnwritable(FileError::io(&self.path, &error)))?;
        inner.length = 0;
        inner.recent.clear();
        Ok(())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn write(&mut self, path: &Path, record: &Record) -> io::Result<()> {
        let mut line = serde_json::to_vec(record)?;
        line.push(b'\n');
        if self.length + line.len() as u64 > ROTATE_AT {
            std::fs::rename(path, put_aside(path))?;
            self.file = open(path)?;
            self.length = 0;
        }
        if let Err(error) = self.file.write_all(&line) {
            // A full disk may have taken half of it.
            let _ = self.file.set_len(self.length);
            return Err(error);
        }
        self.length += line.len() as u64;
        let due = self.synced_at.is_none_or(|last| !(TimeDelta::zero()..SYNC).contains(&(record.at - last)));
        if due {
            self.file.sync_data()?;
            self.synced_at = Some(record.at);
        }
        Ok(())
    }
}

fn open(path: &Path) -> io::Result<File> {
    let flags = OFlags::WRONLY
        | OFlags::APPEND
        | OFlags::CREATE
        | OFlags::NOFOLLOW
        | OFlags::NONBLOCK
        | OFlags::CLOEXEC;
    let file = File::from(rustix::fs::open(path, flags, Mode::RUSR | Mode::WUSR)?);
    if file.metadata()?.is_file() { Ok(file) } else { Err(io::ErrorKind::IsADirectory.into()) }
}

fn put_aside(path: &Path) -> PathBuf {
    path.with_extension("1.jsonl")
}

/// The records in `text`; lines that are none are skipped.
fn records(text: &str) -> impl Iterator<Item = Record> {
    text.lines().filter_map(|line| serde_json::from_str(line).ok())
}

/// Rewrites the file at `path` without records older than [`KEEP`]; leaves it alone if there is none.
fn forget_old(path: &Path, now: Time) -> io::Result<()> {
    let Ok(text) = files::read_text(path, ROTATE_AT * 2) else { return Ok(()) };
    let is_old =
        |line: &&str| serde_json::from_str::<Record>(line).is_ok_and(|record| now - record.at > KEEP);
    // Records are in order, so a look at the first is enough most days.
    if !text.lines().next().as_ref().is_some_and(is_old) {
        return Ok(());
    }
    let mut kept = String::with_capacity(text.len());
    for line in text.lines().filter(|line| !is_old(line)) {
        kept.push_str(line);
        kept.push('\n');
    }
    if kept.is_empty() { std::fs::remove_file(path) } else { files::write_atomically(path, kept.as_bytes()) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::scratch::Scratch;
    use std::os::unix::fs::{PermissionsExt as _, symlink};

    fn paths(scratch: &Scratch) -> Paths {
        let state_dir = scratch.path().to_owned();
        Paths { config_dir: state_dir.clone(), runtime_dir: state_dir.clone(), state_dir }
    }

    fn now() -> Time {
        "2026-11-21T14:00:00Z".parse().unwrap()
    }

    fn record(at: Time, what: What) -> Record {
        Record {
            automation: Some("invoice.py".into()),
            program: Some("/usr/bin/python3.11".into()),
            scopes: vec!["OR.Queues.Write".into()],
            ..Record::new(at, what, &RegistrationId::from_name("acme"))
        }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let scratch = Scratch::new();
        let activity = Activity::open(&paths(&scratch), now()).unwrap();
        for (minutes, what) in
            [(0, What::SignedIn), (1, What::Released), (2, What::Refused), (3, What::Released)]
        {
            activity.append(&record(now() + TimeDelta::minutes(minutes), what)).unwrap();
        }
        let later = now() + TimeDelta::minutes(10);
        let expected = vec![now() + TimeDelta::minutes(3), now() + TimeDelta::minutes(1)];
        let times = |activity: &Activity| activity.recent(later).iter().map(|one| one.at).collect::<Vec<_>>();
        assert_eq!(times(&activity), expected);
        drop(activity);
        let again = Activity::open(&paths(&scratch), later).unwrap();
        assert_eq!(times(&again), expected);
        assert_eq!(again.recent(now() + TimeDelta::minutes(62)).len(), 1, "an hour is enough");
        let file = paths(&scratch).activity_file();
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::read_to_string(file).unwrap().lines().count(), 4);
        let view = record(now(), What::Released).view(&|id| id.to_string());
        assert_eq!((view.automation.as_str(), view.registration.as_str()), ("invoice.py", "acme"));
    }

    #[test]
    fn b12_282_a_torn_last_line_harms_no_other() {
        let scratch = Scratch::new();
        let file = paths(&scratch).activity_file();
        let line = serde_json::to_string(&record(now(), What::Released)).unwrap();
        std::fs::write(&file, format!("{line}\n\u{0}garbage\n{}", &line[..30])).unwrap();
        let activity = Activity::open(&paths(&scratch), now()).unwrap();
        activity.append(&record(now(), What::Released)).unwrap();
        assert_eq!(Activity::open(&paths(&scratch), now()).unwrap().recent(now()).len(), 2);
    }

    #[test]
    fn a_record_that_cannot_be_written_is_an_error() {
        let scratch = Scratch::new();
        let file = paths(&scratch).activity_file();
        symlink("/dev/full", &file).unwrap();
        let error = Activity::open(&paths(&scratch), now()).unwrap_err();
        assert_eq!(error.0.finding, FileFinding::Link);
        assert_eq!(Problem::from(error).code, Code::ActivityUnwritable);

        std::fs::remove_file(&file).unwrap();
        let activity = Activity::open(&paths(&scratch), now()).unwrap();
        activity.append(&record(now(), What::Released)).unwrap();
        // The same as a full disk: the descriptor no longer takes a byte.
        activity.inner().file = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let error = activity.append(&record(now(), What::Released)).unwrap_err();
        assert_eq!(error.0.finding, FileFinding::NoSpace);
        assert_eq!(activity.recent(now()).len(), 1, "what was not recorded is not shown");
    }

    #[test]
    fn old_records_go_and_a_large_file_is_put_aside() {
        let scratch = Scratch::new();
        let file = paths(&scratch).activity_file();
        let activity = Activity::open(&paths(&scratch), now()).unwrap();
        for days in [100, 80, 1] {
            activity.append(&record(now() - TimeDelta::days(days), What::Released)).unwrap();
        }
        drop(activity);
        let activity = Activity::open(&paths(&scratch), now()).unwrap();
        let left = || std::fs::read_to_string(&file).unwrap().lines().count();
        assert_eq!(left(), 2);
        activity.inner().length = ROTATE_AT;
        activity.append(&record(now(), What::Released)).unwrap();
        assert_eq!(left(), 1);
        assert_eq!(std::fs::read_to_string(put_aside(&file)).unwrap().lines().count(), 2);
        assert_eq!(activity.recent(now()).len(), 1);
        activity.erase().unwrap();
        assert_eq!(left(), 0);
        assert!(!put_aside(&file).exists());
        assert!(activity.recent(now()).is_empty());
        activity.append(&record(now(), What::Released)).unwrap();
        assert_eq!(left(), 1);
    }

    #[test]
    fn the_disk_is_asked_to_keep_it_once_a_second_at_most() {
        let scratch = Scratch::new();
        let activity = Activity::open(&paths(&scratch), now()).unwrap();
        let synced_after = |milliseconds| {
            let at = now() + TimeDelta::milliseconds(milliseconds);
            activity.append(&record(at, What::Released)).unwrap();
            activity.inner().synced_at == Some(at)
        };
        assert!(synced_after(0));
        assert!(!synced_after(400));
        assert!(!synced_after(999));
        assert!(synced_after(1_000));
        assert!(synced_after(-60_000), "a clock that was set back does not stop it");
    }

    #[test]
    fn a_newer_release_may_record_more() {
        let line = r#"{"at":"2026-11-21T14:00:00Z","what":"teleported","registration":"acme","new":[1]}"#;
        assert_eq!(records(line).next().unwrap().what, What::Unknown);
    }
}

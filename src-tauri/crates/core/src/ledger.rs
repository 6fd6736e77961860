//! Value-free marks about each sign-in, on disk: was one kept, is a renewal under way, was an answer lost.
//!
//! They make two things possible after a crash: telling "never signed in" from "the keyring lost it", and knowing
//! that a refresh token may already be spent. No mark holds anything about what the tokens are.

use crate::paths::{self, Paths};
use crate::registration::RegistrationId;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::PathBuf;

/// The marks of one registration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Marks {
    /// A refresh token was put into the keyring and not taken out by us.
    pub kept: bool,
    /// A renewal left and has not come back. Written before the request.
    pub renewing: bool,
    /// An answer to a renewal was lost: the token may be tried once more.
    pub reply_lost: bool,
}

/// Where the marks are.
#[derive(Debug, Clone)]
pub struct Ledger {
    folder: PathBuf,
}

impl Ledger {
    /// The ledger below the state folder.
    pub fn new(paths: &Paths) -> Self {
        Self { folder: paths.state_dir.join("sessions") }
    }

    /// The marks of `id`. A missing or damaged file reads as no marks: the keyring then decides alone.
    pub fn marks(&self, id: &RegistrationId) -> Marks {
        let Ok(text) = std::fs::read(self.file(id)) else { return Marks::default() };
        serde_json::from_slice(&text).unwrap_or_else(|error| {
            tracing::warn!(registration = %id, %error, "the marks of a sign-in are damaged");
            Marks::default()
        })
    }

    /// Writes the marks of `id`, durably.
    pub fn mark(&self, id: &RegistrationId, marks: Marks) -> io::Result<()> {
        if marks == Marks::default() {
            return self.forget(id);
        }
        paths::create_private_dir(&self.folder)?;
        paths::write_atomically(&self.file(id), &serde_json::to_vec(&marks)?)
    }

    /// Removes the marks of `id`.
    pub fn forget(&self, id: &RegistrationId) -> io::Result<()> {
        match std::fs::remove_file(self.file(id)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }

    fn file(&self, id: &RegistrationId) -> PathBuf {
        self.folder.join(format!("{id}.json"))
    }
}

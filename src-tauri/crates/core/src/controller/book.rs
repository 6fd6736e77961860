//! The small shared things: configuration, lock, grants, refusals, what was used, and a sheet that waits for review.

use super::command::Answer;
use crate::broker::policy::{Grant, Refusal};
use crate::clock::Time;
use crate::config::Config;
use crate::error::Problem;
use crate::paths::Paths;
use crate::view::IncomingSheet;
use attendant_protocol::ImportResult;

/// See the module.
pub struct Book {
    /// Registrations and preferences, as they are on disk.
    pub config: Config,
    /// The configuration on disk could not be read: it must not be overwritten.
    pub problem: Option<Problem>,
    /// Attendant is locked.
    pub locked: bool,
    /// What the person allowed.
    pub grants: Vec<Grant>,
    /// What the person refused a moment ago.
    pub refusals: Vec<Refusal>,
    /// A sheet that came through the command line.
    pub incoming: Option<Incoming>,
}

/// A sheet that waits for the person.
pub struct Incoming {
    /// What the window shows.
    pub sheet: IncomingSheet,
    /// Where the outcome goes.
    pub answer: Answer<ImportResult>,
}

impl Book {
    /// A book with nothing allowed and nothing refused.
    pub fn new(config: Config, problem: Option<Problem>) -> Self {
        Self { config, problem, locked: false, grants: Vec::new(), refusals: Vec::new(), incoming: None }
    }

    /// Writes `config` to disk and keeps it. A file that could not be read is left alone: it holds the person's work.
    pub fn save(&mut self, paths: &Paths, config: Config) -> Result<(), Problem> {
        if let Some(problem) = &self.problem {
            return Err(problem.clone());
        }
        config.save(&paths.config_file())?;
        self.config = config;
        Ok(())
    }

    /// Notes a refusal, and forgets those that are over.
    pub fn refuse(&mut self, refusal: Refusal, now: Time) {
        self.refusals.retain(|one| one.until > now);
        self.refusals.push(refusal);
    }
}

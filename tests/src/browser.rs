//! What the person does in the browser. A story writes a [`Plan`]; the program `attendant-test-browser`, which the
//! desktop starts as its browser, opens a real Chromium and acts on it. It leaves notes of where it was.

use crate::patience::wait_for;
use crate::{Result, World};
use anyhow::Context;
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// How the person answers a sign-in page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// Signs in and agrees.
    Continue,
    /// Presses *Refuse*.
    Refuse,
    /// Looks at the page and does nothing.
    Nothing,
    /// Closes the browser without answering.
    Close,
}

impl Answer {
    const ALL: [(Self, &str); 4] = [
        (Self::Continue, "continue"),
        (Self::Refuse, "refuse"),
        (Self::Nothing, "nothing"),
        (Self::Close, "close"),
    ];
}

/// What the person does whenever a browser opens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plan {
    /// Whom they are: a user of the practice tenant, or any login name elsewhere.
    pub who: String,
    /// How they answer.
    pub answer: Answer,
    /// Show the browser on the display, for pictures.
    pub on_screen: bool,
    /// Which browser profile they use.
    pub profile: String,
}

impl Default for Plan {
    fn default() -> Self {
        Self { who: "pat".into(), answer: Answer::Continue, on_screen: false, profile: "first".into() }
    }
}

impl Plan {
    /// The default plan with another answer.
    pub fn answering(answer: Answer) -> Self {
        Self { answer, ..Self::default() }
    }

    /// Writes the plan where the browser finds it.
    ///
    /// # Errors
    /// The file could not be written.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let answer = Answer::ALL.iter().find(|(answer, _)| *answer == self.answer).map(|(_, name)| *name);
        let plan = json!({
            "who": self.who, "answer": answer, "on_screen": self.on_screen, "profile": self.profile,
        });
        Ok(fs::write(folder.join("plan.json"), plan.to_string())?)
    }

    /// Reads the plan.
    ///
    /// # Errors
    /// There is none.
    pub fn read(folder: &Path) -> Result<Self> {
        let plan: Value = serde_json::from_slice(&fs::read(folder.join("plan.json"))?)?;
        let text = |name: &str| plan[name].as_str().map(str::to_owned).context("a plan's text");
        let answer = text("answer")?;
        let answer = Answer::ALL.iter().find(|(_, name)| *name == answer).context("a plan's answer")?.0;
        Ok(Self {
            who: text("who")?,
            answer,
            on_screen: plan["on_screen"].as_bool().unwrap_or_default(),
            profile: text("profile")?,
        })
    }
}

/// One note of the browser: `step` is `opened`, `page`, `answered`, `finished`, `closed` or `failed`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What happened.
    pub step: String,
    /// The page's address without its query, which may hold a code.
    pub address: String,
    /// What the page said, or what went wrong.
    pub text: String,
}

/// Appends a note. One line each, so that a reader never sees half of one.
///
/// # Errors
/// The file could not be written.
pub fn note(folder: &Path, step: &str, address: &str, text: &str) -> Result<()> {
    let address = address.split(['?', '#']).next().unwrap_or_default();
    let line = format!("{}\n", json!({"step": step, "address": address, "text": text}));
    let mut file = fs::OpenOptions::new().create(true).append(true).open(folder.join("notes.jsonl"))?;
    Ok(std::io::Write::write_all(&mut file, line.as_bytes())?)
}

/// Every note so far.
///
/// # Errors
/// A note cannot be read.
pub fn notes(world: &World) -> Result<Vec<Note>> {
    let text = fs::read_to_string(world.path("browser/notes.jsonl")).unwrap_or_default();
    text.lines()
        .map(|line| {
            let note: Value = serde_json::from_str(line)?;
            let text = |name: &str| note[name].as_str().unwrap_or_default().to_owned();
            Ok(Note { step: text("step"), address: text("address"), text: text("text") })
        })
        .collect()
}

/// How often a browser was opened so far.
///
/// # Errors
/// A note cannot be read.
pub fn times_opened(world: &World) -> Result<usize> {
    Ok(notes(world)?.iter().filter(|note| note.step == "opened").count())
}

/// Waits for the note `step` of the `nth` browser, counted from 1.
///
/// # Errors
/// The browser says what went wrong.
pub fn wait_step(world: &World, nth: usize, step: &str) -> Result<Note> {
    wait_for(&format!("the browser to be `{step}`"), || {
        let notes = notes(world)?;
        let mut opened = 0;
        for note in notes {
            opened += usize::from(note.step == "opened");
            if opened == nth && note.step == step {
                return Ok(Some(Ok(note)));
            }
            if opened == nth && note.step == "failed" {
                return Ok(Some(Err(anyhow::anyhow!("the browser failed: {}", note.text))));
            }
        }
        Ok(None)
    })?
}

/// The pictures of pages that browsers left so far, the oldest first.
pub fn pictures(world: &World) -> Vec<std::path::PathBuf> {
    let mut found: Vec<_> = fs::read_dir(world.path("browser"))
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "png"))
        .collect();
    found.sort();
    found
}

//! The demo's story, step by step: the main job of Attendant from the first sheet to the last sign-out. A story runs it
//! as a test; the demo runs it with a picture of each step.

use crate::browser::{self, Answer, Plan};
use crate::cli::{self, Pending};
use crate::keyring::Keyring;
use crate::patience::{wait_for, wait_until};
use crate::person::{self, PRACTICE};
use crate::{App, Practice, Result, World, picture};
use anyhow::{Context, ensure};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Seconds a token lives after the first sign-in: the margin of 60, and time for one approval.
const FIRST_TOKEN: u64 = 80;
/// Seconds a token lives that is used up at once, because the margin is 60.
const USED_UP: u64 = 61;
/// Seconds an ordinary token lives.
const ORDINARY: u64 = 3600;

/// An automation that lists the folders and adds a queue item. The token goes from one program to the other through a
/// pipe: it is in no argument, no variable and no file.
const INVOICES: &str = r#"
call() { attendant token practice-tenant --reason 'add invoices' --format curl |
  curl --silent --show-error --fail-with-body --config - "$@"; }
call "$TENANT/orchestrator_/api/Folders/GetAllForCurrentUser"
call -H 'X-UIPATH-FolderPath: Finance/Invoices' -H 'Content-Type: application/json' \
  --data '{"itemData":{"Name":"Invoices","Reference":"INV-'"$(date +%s%N)"'","SpecificContent":{"Vendor":"Acme"}}}' \
  "$TENANT/orchestrator_/odata/Queues/UiPathODataSvc.AddQueueItem"
"#;

/// One that only lists the folders.
const FOLDERS: &str = r#"
attendant token practice-tenant --reason 'list folders' --format curl |
  curl --silent --show-error --fail-with-body --config - "$TENANT/orchestrator_/api/Folders/GetAllForCurrentUser"
"#;

/// One step of the tour.
pub struct Step {
    /// For file names.
    pub name: &'static str,
    /// What happens, for people.
    pub words: &'static str,
    /// Does it.
    pub act: fn(&mut Tour) -> Result<()>,
}

/// All steps, in order.
pub const STEPS: &[Step] = &[
    Step { name: "import", words: "Import the hand-off sheet", act: Tour::import },
    Step { name: "sign-in", words: "Sign in through the browser", act: Tour::sign_in },
    Step {
        name: "approve",
        words: "A script asks for access; the person approves it until they lock",
        act: Tour::approve,
    },
    Step { name: "call", words: "The script lists folders and adds a queue item", act: Tour::call },
    Step { name: "renew", words: "Access runs out and is renewed without anyone noticing", act: Tour::renew },
    Step {
        name: "refused",
        words: "A renewal is refused: notification, tray and prompt ask the person",
        act: Tour::refused,
    },
    Step {
        name: "again",
        words: "Signed in again from the notification; the waiting script goes on",
        act: Tour::again,
    },
    Step {
        name: "token",
        words: "Another script asks: approved once, its token used against the API",
        act: Tour::token,
    },
    Step { name: "sign-out", words: "Sign out: the keyring is empty", act: Tour::sign_out },
];

/// Where the tour is.
pub struct Tour {
    /// The app.
    pub app: App,
    waiting: Option<Pending>,
    practice: Practice,
    /// The desktop.
    pub world: World,
    pictures: Option<PathBuf>,
}

impl Tour {
    /// A fresh desktop with the practice tenant and the app, which nobody has used before. With `pictures`, a picture of
    /// each step is left there.
    ///
    /// # Errors
    /// Something did not start.
    pub fn start(name: &str, pictures: Option<&Path>) -> Result<Self> {
        let world = World::new(name)?;
        world.plan(&Plan { on_screen: pictures.is_some(), ..Plan::answering(Answer::Continue) })?;
        let practice = Practice::with_usual_ports(&world)?;
        practice.control("set_access_lifetime", json!({"seconds": FIRST_TOKEN}))?;
        let app = App::start(&world)?;
        Ok(Self { app, waiting: None, practice, world, pictures: pictures.map(Path::to_path_buf) })
    }

    /// Takes a picture of the screen, once the window that was looked at last has drawn itself.
    ///
    /// # Errors
    /// The picture could not be taken.
    pub fn photograph(&mut self, name: &str) -> Result<()> {
        let Some(folder) = &self.pictures else { return Ok(()) };
        self.app.current()?.drawn()?;
        picture::of_screen(&self.world, &folder.join(format!("{name}.png")))
    }

    fn import(&mut self) -> Result<()> {
        let sheet = self.practice.sheet()?;
        person::review(&mut self.app, &sheet)?;
        self.app.main()?.wait(&person::by("save-only"))?;
        self.photograph("01-import-review")?;
        self.app.main()?.click(&person::by("save-only"))?;
        person::wait_state(&mut self.app, PRACTICE, "signed_out")
    }

    fn sign_in(&mut self) -> Result<()> {
        person::sign_in(&self.world, &mut self.app, PRACTICE)?;
        ensure!(self.keyring()?.ours()?.len() == 1, "the sign-in should be in the keyring");
        Ok(())
    }

    fn approve(&mut self) -> Result<()> {
        self.waiting = Some(cli::start(&mut self.automation("invoices.sh", INVOICES)?)?);
        let prompt = self.app.prompt()?;
        prompt.wait(&person::by("prompt-allow"))?;
        let says = prompt.page_text();
        ensure!(says.contains("invoices.sh"), "the prompt should name the script: {says}");
        Ok(())
    }

    fn call(&mut self) -> Result<()> {
        person::allow(&mut self.app, "until_lock")?;
        let said = self.waiting.take().context("the script")?.said()?.ok()?;
        ensure!(said.contains("Finance/Invoices"), "the folders should be listed: {said}");
        ensure!(self.practice.count("queue_items")? == 1, "one queue item should be there");
        person::wait_state(&mut self.app, PRACTICE, "active")
    }

    fn renew(&mut self) -> Result<()> {
        ensure!(self.practice.count("refreshes")? == 0, "nothing should have been renewed yet");
        // The next token is used up at once, for the step after this one.
        self.practice.control("set_access_lifetime", json!({"seconds": USED_UP}))?;
        let (browsers, notices) = (browser::times_opened(&self.world)?, self.notices()?);
        wait_until("the script's access to be renewed", || {
            cli::start(&mut self.automation("invoices.sh", INVOICES)?)?.said()?.ok()?;
            Ok(self.practice.count("refreshes")? > 0)
        })?;
        ensure!(!self.app.has_prompt()?, "no prompt should be open");
        ensure!(browser::times_opened(&self.world)? == browsers, "no browser should have been opened");
        ensure!(self.notices()? == notices, "nobody should have been notified");
        person::wait_state(&mut self.app, PRACTICE, "active")
    }

    fn refused(&mut self) -> Result<()> {
        wait_until("access to have run out", || {
            let said = cli::attendant(&self.world, &["status", PRACTICE, "--json"])?.ok()?;
            let report: Value = serde_json::from_str(&said)?;
            Ok(report["registrations"][0]["held_until"].is_null())
        })?;
        self.practice.control("refuse_next_refresh", json!({}))?;
        self.waiting = Some(cli::start(&mut self.automation("invoices.sh", INVOICES)?)?);
        let desktop = self.world.desktop()?;
        let notice = desktop.notification("to sign in", |shown| shown.title.contains("Practice tenant"))?;
        ensure!(
            notice.actions.iter().any(|(action, label)| action == "sign_in" && label == "Sign in"),
            "the notification should have a button: {notice:?}"
        );
        ensure!(notice.body.contains("invoices.sh"), "it should say who waits: {notice:?}");
        let tray = desktop.tray()?;
        wait_for("the tray to say so", || Ok((tray.status()? == "NeedsAttention").then_some(())))?;
        let menu = tray.menu()?;
        ensure!(
            menu.iter().any(|(_, label)| label == "Practice tenant needs you"),
            "the tray says: {menu:?}"
        );
        let prompt = self.app.prompt()?;
        prompt.wait(&person::by("prompt-sign-in"))?;
        let reason = prompt.attribute(&person::by("problem"), "data-code")?;
        ensure!(reason.as_deref() == Some("invalid_grant"), "the prompt should say why: {reason:?}");
        person::wait_state(&mut self.app, PRACTICE, "needs_person")?;
        // What the person has in front of them now.
        self.app.prompt()?;
        Ok(())
    }

    fn again(&mut self) -> Result<()> {
        self.practice.control("set_access_lifetime", json!({"seconds": ORDINARY}))?;
        let desktop = self.world.desktop()?;
        let notice = desktop.notification("to sign in", |shown| shown.title.contains("Practice tenant"))?;
        desktop.answer(&notice, "sign_in")?;
        let said = self.waiting.take().context("the script that waits")?.said()?.ok()?;
        ensure!(said.contains("Finance/Invoices"), "the waiting script should go on: {said}");
        self.app.prompt_gone()?;
        browser::wait_step(&self.world, browser::times_opened(&self.world)?, "closed")?;
        person::wait_state(&mut self.app, PRACTICE, "active")
    }

    fn token(&mut self) -> Result<()> {
        let script = cli::start(&mut self.automation("folders.sh", FOLDERS)?)?;
        self.app.prompt()?.wait(&person::by("prompt-allow"))?;
        self.photograph("08-token-prompt")?;
        person::allow(&mut self.app, "once")?;
        let said = script.said()?.ok()?;
        ensure!(said.contains("Finance/Invoices"), "the token should be good for the API: {said}");
        person::wait_state(&mut self.app, PRACTICE, "active")
    }

    fn sign_out(&mut self) -> Result<()> {
        person::forget(&mut self.app, PRACTICE)?;
        let left = self.keyring()?.ours()?;
        ensure!(left.is_empty(), "the keyring should be empty: {left:?}");
        let said = cli::attendant(&self.world, &["status", "--json"])?.ok()?;
        ensure!(said.contains("\"signed_out\""), "the command line should say so too: {said}");
        Ok(())
    }

    fn automation(&self, name: &str, lines: &str) -> Result<Command> {
        let mut command = cli::script(&self.world, name, lines)?;
        command.env("TENANT", self.practice.tenant());
        Ok(command)
    }

    fn keyring(&self) -> Result<Keyring> {
        Keyring::open(self.world.bus_address()?)
    }

    fn notices(&self) -> Result<usize> {
        Ok(self.world.desktop()?.notifications().len())
    }
}

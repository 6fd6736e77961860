//! The practice tenant as the app's own child: started on a button, known by one file, ended with the app.
//!
//! It is another program that happens to be a server; core treats its registration like any other. Only here is it
//! known that the app may start it, and what may be played with it.

mod child;
mod control;
mod mark;

use attendant_core::controller::Desk;
use attendant_core::error::Problem;
use attendant_core::paths::{Paths, write_atomically};
use attendant_core::registration::RegistrationId;
use attendant_core::view::SheetReview;
use attendant_protocol::Code;
use child::Child;
use mark::Mark;
use serde::Deserialize;
use serde_json::json;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;
use tokio::sync::Mutex;

/// Where it listens unless that port is taken. Always the same one, so that a registration made yesterday still fits.
const USUAL: SocketAddr = SocketAddr::new(std::net::IpAddr::V4(Ipv4Addr::LOCALHOST), 8500);
/// How long [`Play::Cut`] lasts.
const CUT: Duration = Duration::from_secs(30);
/// A token that has to last longer than any can only come from a renewal.
const LONGER_THAN_HELD: &str = "24h";

/// What a person can let happen to the practice sign-in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Play {
    /// The sign-in ends, and a program that waits for it finds out.
    EndSignIn,
    /// A program asks for access.
    Ask,
    /// The network fails for half a minute while a program needs a renewal.
    Cut,
}

/// The practice tenant of this app.
pub struct Practice {
    paths: Paths,
    running: Mutex<Option<Running>>,
}

struct Running {
    child: Child,
    id: RegistrationId,
}

impl Practice {
    /// None yet.
    pub fn new(paths: Paths) -> Self {
        Self { paths, running: Mutex::default() }
    }

    /// Starts the practice tenant if needed, adds its registration and opens the browser to sign in.
    ///
    /// # Errors
    /// When the program is missing or does not start, or the registration cannot be saved.
    pub async fn start(&self, desk: &Desk) -> Result<(), Problem> {
        let mut running = self.running.lock().await;
        if let Some(Running { child, id }) = running.as_mut()
            && child.is_alive()
            && desk.view().registrations.iter().any(|one| one.status.id == id.as_str())
        {
            let id = id.clone();
            drop(running);
            return desk.sign_in(id, false).await;
        }
        *running = None;
        let control = self.control();
        let child = match Child::spawn(USUAL, &control).await {
            Err(problem) if problem.code == Code::PortsTaken => {
                Child::spawn(SocketAddr::new(USUAL.ip(), 0), &control).await?
            }
            other => other?,
        };
        let text = child.sheet().await?;
        let review = desk.review_sheet(&text)?;
        let id = match known(desk, &review) {
            Some(id) => id,
            None => add(desk, text, &review).await?,
        };
        self.mark().write(child.address(), &id);
        *running = Some(Running { child, id: id.clone() });
        drop(running);
        desk.sign_in(id, false).await
    }

    /// Starts the practice tenant again that an earlier run of the app left a registration of. It holds nothing between
    /// two runs, so the person signs in again; without it the registration would look offline for ever.
    pub async fn resume(&self, desk: &Desk) {
        let Some((address, id)) = self.mark().read() else { return };
        if !desk.view().registrations.iter().any(|one| one.status.id == id.as_str()) {
            return self.mark().remove();
        }
        let mut running = self.running.lock().await;
        match Child::spawn(address, &self.control()).await {
            Ok(child) => *running = Some(Running { child, id }),
            Err(problem) => tracing::info!(%problem, "the practice tenant was not started again"),
        }
    }

    /// Removes the practice registration and ends the practice tenant.
    ///
    /// # Errors
    /// When the registration cannot be removed; the tenant then goes on.
    pub async fn stop(&self, desk: &Desk) -> Result<(), Problem> {
        let mut running = self.running.lock().await;
        let id = running.as_ref().map(|running| running.id.clone()).or_else(|| Some(self.mark().read()?.1));
        if let Some(id) = id {
            desk.remove_registration(id).await?;
        }
        self.mark().remove();
        if let Some(Running { child, .. }) = running.take() {
            child.end().await;
        }
        Ok(())
    }

    /// Lets `what` happen.
    ///
    /// # Errors
    /// When no practice tenant runs, or it does not obey.
    pub async fn play(&self, what: Play) -> Result<(), Problem> {
        let mut running = self.running.lock().await;
        let id = running.as_mut().and_then(|running| running.child.is_alive().then(|| running.id.clone()));
        drop(running);
        let id = id.ok_or_else(|| {
            Problem::new(Code::Internal, "The practice tenant is not running.")
                .with_advice("Start practice again.")
        })?;
        let (control, folder) = (self.control(), &self.paths.runtime_dir);
        match what {
            Play::EndSignIn => {
                control::send(&control, &json!({ "do": "refuse_next_refresh" })).await?;
                control::send(&control, &json!({ "do": "expire_access" })).await?;
                sample_asks(folder, &id, Some(LONGER_THAN_HELD)).await
            }
            Play::Ask => sample_asks(folder, &id, None).await,
            Play::Cut => {
                for endpoint in ["token", "discovery", "api"] {
                    let fail = json!({ "do": "fail_next", "endpoint": endpoint, "times": 10_000 });
                    control::send(&control, &fail).await?;
                }
                tauri::async_runtime::spawn(async move {
                    tokio::time::sleep(CUT).await;
                    if let Err(problem) = control::send(&control, &json!({ "do": "clear_faults" })).await {
                        tracing::debug!(%problem, "the practice tenant ended before its network came back");
                    }
                });
                sample_asks(folder, &id, Some(LONGER_THAN_HELD)).await
            }
        }
    }

    fn control(&self) -> PathBuf {
        self.paths.runtime_dir.join("practice.sock")
    }

    fn mark(&self) -> Mark {
        Mark::new(self.paths.state_dir.join("practice"))
    }
}

/// The registration that `review` describes, if there is one already.
fn known(desk: &Desk, review: &SheetReview) -> Option<RegistrationId> {
    desk.view()
        .registrations
        .iter()
        .find(|one| one.app_id == review.app_id && one.host == review.host)
        .map(|one| RegistrationId::from_name(&one.status.id))
}

/// Saves the sheet. One of the same name that leads to another port is a leftover and makes room.
async fn add(desk: &Desk, text: String, review: &SheetReview) -> Result<RegistrationId, Problem> {
    let leftover = desk
        .view()
        .registrations
        .iter()
        .find(|one| one.on_this_computer && one.status.name == review.name && one.app_id == review.app_id)
        .map(|one| RegistrationId::from_name(&one.status.id));
    if let Some(leftover) = leftover {
        desk.remove_registration(leftover).await?;
    }
    let saved = desk.save_sheet(text, None, Vec::new()).await?;
    Ok(RegistrationId::from_name(&saved.id))
}

/// A sample script asks through the command line, as any automation would, and throws away what it gets. It is a file
/// of its own, so that the approval shows what it shows for a real one: a script, its content, who started it.
async fn sample_asks(folder: &Path, id: &RegistrationId, lasting: Option<&str>) -> Result<(), Problem> {
    const SCRIPT: &str = "#!/bin/sh\n\
        # Attendant's practice sample: asks to change queue items, and throws the access away.\n\
        attendant=$1; shift\n\
        \"$attendant\" token \"$@\" --scope OR.Queues.Write >/dev/null 2>&1\n";
    let script = folder.join("sample-automation.sh");
    write_atomically(&script, SCRIPT.as_bytes()).map_err(|error| cannot_start(&script, &error))?;
    let mut ask = Command::new("sh");
    ask.arg(&script).arg(beside_us("attendant")).arg(id.as_str());
    if let Some(lasting) = lasting {
        ask.args(["--for", lasting]);
    }
    ask.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).current_dir(folder);
    let mut asking = ask.spawn().map_err(|error| cannot_start(&script, &error))?;
    tauri::async_runtime::spawn(async move {
        let ended = asking.wait().await;
        tracing::debug!(?ended, "the sample script ended");
    });
    Ok(())
}

/// The program `name` in the folder of this one, as installed; else as the person's `PATH` finds it.
pub fn beside_us(name: &str) -> PathBuf {
    std::env::current_exe()
        .ok()
        .and_then(|own| Some(own.parent()?.join(name)))
        .filter(|program| program.is_file())
        .unwrap_or_else(|| PathBuf::from(name))
}

fn cannot_start(program: &Path, error: &std::io::Error) -> Problem {
    let text = format!("The program \u{201c}{}\u{201d} could not be started: {error}.", program.display());
    Problem::new(Code::Internal, text)
        .with_advice("Install all of Attendant's programs in one folder, then try again.")
}

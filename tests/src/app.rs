//! The real app on a world's display, with its windows under WebKitWebDriver.

use crate::driver::Driver;
use crate::patience::{wait_for, wait_until};
use crate::picture;
use crate::process::{self, Running};
use crate::world::program_path;
use crate::{Result, World};
use anyhow::{Context, anyhow};
use rustix::process::Signal;
use serde_json::json;
use std::fs;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::Command;
use std::thread::JoinHandle;

/// A running app.
pub struct App {
    // Dropped in this order: the driver program would wait for a session nobody answers.
    driver: Option<Driver>,
    opening: Option<JoinHandle<Result<Driver>>>,
    webdriver: Option<Running>,
    pid: u32,
    log: PathBuf,
    /// Takes a picture of the screen.
    camera: Command,
}

impl App {
    /// Starts the app and waits for its main window.
    ///
    /// # Errors
    /// Shows the app's log if it did not come up.
    pub fn start(world: &World) -> Result<Self> {
        let mut app = Self::start_with(world, &[])?;
        app.main()?;
        Ok(app)
    }

    /// Starts the app in the tray only. Its windows can be driven once it opens one.
    ///
    /// # Errors
    /// It did not start.
    pub fn start_hidden(world: &World) -> Result<Self> {
        Self::start_with(world, &["--hidden"])
    }

    fn start_with(world: &World, arguments: &[&str]) -> Result<Self> {
        let (pid_file, log) = (world.path("run/app.pid"), world.log("app"));
        let _ = fs::remove_file(&pid_file);
        // The driver program starts the app itself; this is how we learn its process id and keep its log.
        let wrapper = world.path("run/app.sh");
        let script = format!(
            "#!/bin/sh\necho $$ >'{}'\nexec '{}' \"$@\" >>'{}' 2>&1\n",
            pid_file.display(),
            program_path("attendant-desktop")?.display(),
            log.display()
        );
        fs::write(&wrapper, script)?;
        fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755))?;
        let port = free_port()?;
        let mut command = world.command("WebKitWebDriver");
        command.arg(format!("--port={port}"));
        // The second one is what Tauri's web view looks at; every level of the log is searched for secrets.
        command.env("TAURI_AUTOMATION", "true").env("TAURI_WEBVIEW_AUTOMATION", "true");
        command.env("ATTENDANT_LOG", world.variable("ATTENDANT_LOG").unwrap_or("trace"));
        let webdriver = Running::start(&mut command, &world.log("webdriver"))?;
        let capabilities = json!({"webkitgtk:browserOptions": {"binary": wrapper, "args": arguments}});
        // With no window yet, the session opens when the app opens one: somebody has to wait for that.
        let opening = std::thread::spawn(move || Driver::open(port, &capabilities));
        let pid = wait_for("the app's process", || {
            Ok(fs::read_to_string(&pid_file).ok().and_then(|text| text.trim().parse().ok()))
        })?;
        let camera = picture::camera(world, &world.path("logs/screen.png"));
        Ok(Self { driver: None, opening: Some(opening), webdriver: Some(webdriver), pid, log, camera })
    }

    /// The app's process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// The app's log so far.
    pub fn log(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// Whether the app runs.
    pub fn runs(&self) -> bool {
        process::runs(self.pid)
    }

    /// The main window.
    ///
    /// # Errors
    /// It is not open.
    pub fn main(&mut self) -> Result<&Driver> {
        self.window("the main window", |url| !url.contains("prompt"))
    }

    /// The prompt window.
    ///
    /// # Errors
    /// It is not open.
    pub fn prompt(&mut self) -> Result<&Driver> {
        self.window("the prompt window", |url| url.contains("prompt"))
    }

    /// The window that was looked at last.
    ///
    /// # Errors
    /// There is none.
    pub fn current(&mut self) -> Result<&Driver> {
        self.driver()
    }

    /// Whether the prompt window is open now.
    ///
    /// # Errors
    /// The windows cannot be listed.
    pub fn has_prompt(&mut self) -> Result<bool> {
        self.driver()?.window_at("prompt")
    }

    /// Waits until the prompt window is closed.
    ///
    /// # Errors
    /// It stays open.
    pub fn prompt_gone(&mut self) -> Result<()> {
        wait_until("the prompt window to close", || Ok(!self.has_prompt()?))
    }

    /// Ends the app as a crash or a power cut would.
    ///
    /// # Errors
    /// It does not run.
    pub fn kill(&mut self) -> Result<()> {
        process::end(self.pid, Signal::KILL)?;
        self.gone()
    }

    /// Asks the app to end, as a log-out from the desktop does.
    ///
    /// # Errors
    /// It does not end.
    pub fn terminate(&mut self) -> Result<()> {
        process::end(self.pid, Signal::TERM)?;
        self.gone()
    }

    /// Waits for the app's end, after something else asked it to.
    ///
    /// # Errors
    /// It does not end.
    pub fn gone(&mut self) -> Result<()> {
        let pid = self.pid;
        wait_until("the app to end", || Ok(!process::runs(pid)))
    }

    fn window(&mut self, what: &str, fits: impl Fn(&str) -> bool) -> Result<&Driver> {
        let log = self.log.clone();
        let driver = self.driver()?;
        wait_for(what, || {
            for window in driver.windows()? {
                // A window may close between the two calls.
                if driver.switch(&window).is_ok() && driver.url().is_ok_and(|url| fits(&url)) {
                    return Ok(Some(()));
                }
            }
            Ok(None)
        })
        .with_context(|| format!("the app's log: {}", last_lines(&log)))?;
        Ok(driver)
    }

    fn driver(&mut self) -> Result<&Driver> {
        if let Some(opening) = self.opening.take() {
            let opened = opening.join().map_err(|_| anyhow!("the driver's thread panicked"))?;
            self.driver = Some(opened.with_context(|| format!("the app's log: {}", last_lines(&self.log)))?);
        }
        self.driver.as_ref().context("no window of the app can be driven")
    }
}

impl Drop for App {
    fn drop(&mut self) {
        if self.runs() {
            // What was on the screen last is half of the explanation when a story failed.
            let _ = self.camera.output();
            let _ = process::end(self.pid, Signal::KILL);
        }
        self.webdriver = None;
        self.driver = None;
    }
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}

fn last_lines(log: &PathBuf) -> String {
    let text = fs::read_to_string(log).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(12)..].join("\n")
}

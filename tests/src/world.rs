//! A person's desktop, made for one story: folders, display, window manager, bus, keyring, notifications and tray.

use crate::browser::Plan;
use crate::bus::Desktop;
use crate::process::{self, Running, bare};
use crate::{Result, keyring};
use anyhow::{Context, bail, ensure};
use rustix::process::Signal;
use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Every process of a world carries this in its environment, so that none outlives it.
const MARKER: &str = "ATTENDANT_TEST_WORLD";

/// What a desktop may lack.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Without {
    /// No Secret Service on the bus.
    pub keyring: bool,
    /// No notification server on the bus.
    pub notifications: bool,
    /// No tray on the bus.
    pub tray: bool,
    /// No program for web addresses.
    pub browser: bool,
}

/// The desktop of one story.
pub struct World {
    name: String,
    root: PathBuf,
    environment: BTreeMap<String, String>,
    desktop: Option<Desktop>,
    keyring: Option<Running>,
    // Ended in this order: what needs the display and the bus first.
    running: Vec<Running>,
}

impl World {
    /// A complete desktop for the story `name`.
    ///
    /// # Errors
    /// Says which part could not be started, or that the caller is root.
    pub fn new(name: &str) -> Result<Self> {
        Self::lacking(name, Without::default())
    }

    /// A desktop that lacks something.
    ///
    /// # Errors
    /// Says which part could not be started, or that the caller is root.
    pub fn lacking(name: &str, without: Without) -> Result<Self> {
        ensure!(
            !rustix::process::geteuid().is_root(),
            "stories run as an unprivileged person, never as root: use `cargo xtask test`"
        );
        let root = stage().map_or_else(std::env::temp_dir, |stage| stage.join("worlds"));
        let root = root.join(format!("{name}-{}", std::process::id()));
        let mut world = Self {
            name: name.to_owned(),
            environment: BTreeMap::new(),
            desktop: None,
            keyring: None,
            running: Vec::new(),
            root,
        };
        world.folders()?;
        world.browser_entry(without.browser)?;
        world.display()?;
        world.bus()?;
        world.desktop = Some(Desktop::start(world.bus_address()?, without)?);
        if !without.keyring {
            world.start_keyring()?;
        }
        Ok(world)
    }

    /// The story's name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What every process of this world carries in its environment.
    pub fn marker(&self) -> String {
        format!("{MARKER}={}", self.root.display())
    }

    /// The folder everything of this world lies in.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// A file or folder of this world.
    pub fn path(&self, relative: &str) -> PathBuf {
        self.root.join(relative)
    }

    /// Where a log of this world goes.
    pub fn log(&self, name: &str) -> PathBuf {
        self.root.join("logs").join(format!("{name}.log"))
    }

    /// Notifications and tray.
    ///
    /// # Errors
    /// The desktop is gone.
    pub fn desktop(&self) -> Result<&Desktop> {
        self.desktop.as_ref().context("the desktop has ended")
    }

    /// A command on this desktop.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = bare(program);
        command.envs(&self.environment).current_dir(self.path("home"));
        command
    }

    /// One of the built programs, on this desktop.
    ///
    /// # Errors
    /// The programs have not been built.
    pub fn program(&self, name: &str) -> Result<Command> {
        Ok(self.command(program_path(name)?))
    }

    /// A variable of this desktop's environment.
    pub fn variable(&self, name: &str) -> Option<&str> {
        self.environment.get(name).map(String::as_str)
    }

    /// Sets a variable for programs started from now on.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.environment.insert(name.to_owned(), value.into());
    }

    /// What the person does in the browser from now on.
    ///
    /// # Errors
    /// The plan could not be written.
    pub fn plan(&self, plan: &Plan) -> Result<()> {
        plan.write(&self.path("browser"))
    }

    /// The address of the private bus.
    ///
    /// # Errors
    /// The bus does not run yet.
    pub fn bus_address(&self) -> Result<&str> {
        self.variable("DBUS_SESSION_BUS_ADDRESS").context("the bus has no address yet")
    }

    /// Ends the keyring daemon the hard way.
    pub fn kill_keyring(&mut self) {
        if let Some(mut keyring) = self.keyring.take() {
            let _ = keyring.child().kill();
        }
    }

    /// Starts the keyring daemon and unlocks it, as a desktop does at login.
    ///
    /// # Errors
    /// It did not start.
    pub fn start_keyring(&mut self) -> Result<()> {
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]).stdin(Stdio::piped());
        let mut daemon = Running::start(&mut command, &self.log("keyring"))?;
        let mut stdin = daemon.child().stdin.take().context("the keyring's standard input")?;
        stdin.write_all(keyring::PASSWORD.as_bytes())?;
        drop(stdin);
        keyring::wait_ready(self.bus_address()?)?;
        self.keyring = Some(daemon);
        Ok(())
    }

    /// The person closes the window that opened last, with the button of its frame.
    ///
    /// # Errors
    /// There is no window.
    pub fn close_newest_window(&self) -> Result<()> {
        // The window manager lists windows in the order in which they came.
        let list = self.command("wmctrl").arg("-l").output()?;
        let list = String::from_utf8_lossy(&list.stdout).into_owned();
        let id = list.lines().last().and_then(|line| line.split(' ').next()).context("a window")?;
        let status = self.command("wmctrl").args(["-i", "-c", id]).status()?;
        ensure!(status.success(), "wmctrl ended with {status}");
        Ok(())
    }

    /// Keeps a process until the world ends.
    pub fn keep(&mut self, process: Running) {
        self.running.insert(0, process);
    }

    fn folders(&mut self) -> Result<()> {
        if self.root.exists() {
            fs::remove_dir_all(&self.root)?;
        }
        for folder in ["home", "run", "config", "data/applications", "state", "cache", "logs", "browser"] {
            fs::create_dir_all(self.path(folder))?;
        }
        fs::set_permissions(self.path("run"), fs::Permissions::from_mode(0o700))?;
        let text = |path: PathBuf| path.to_string_lossy().into_owned();
        for (name, folder) in [
            ("HOME", "home"),
            ("XDG_RUNTIME_DIR", "run"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            let path = text(self.path(folder));
            self.set(name, path);
        }
        let marker = text(self.root.clone());
        self.set(MARKER, marker);
        self.set("PATH", std::env::var("PATH").unwrap_or_else(|_| "/usr/bin:/bin".into()));
        self.set("LANG", "C.UTF-8");
        self.set("TZ", "UTC");
        // The accessibility bus would be started by D-Bus activation, which a private bus does not have.
        self.set("NO_AT_BRIDGE", "1");
        Ok(())
    }

    /// Makes our browser driver the desktop's program for web addresses, the way a desktop does it.
    fn browser_entry(&mut self, none: bool) -> Result<()> {
        let driver = if none {
            "/nonexistent/browser".to_owned()
        } else {
            program_path("attendant-test-browser")?.to_string_lossy().into_owned()
        };
        let entry = format!(
            "[Desktop Entry]\nType=Application\nName=Test browser\nExec={driver} %u\n\
             MimeType=x-scheme-handler/http;x-scheme-handler/https;\n"
        );
        let defaults = "[Default Applications]\nx-scheme-handler/http=test-browser.desktop\n\
             x-scheme-handler/https=test-browser.desktop\ntext/html=test-browser.desktop\n";
        if none {
            // xdg-open falls back to well-known names on the search path; leave it none.
            let folder = self.path("programs");
            fs::create_dir_all(&folder)?;
            let script = "#!/bin/sh\necho 'no browser here' >&2\nexit 3\n";
            for name in ["xdg-open", "gio", "gnome-open", "kde-open", "wslview"] {
                fs::write(folder.join(name), script)?;
                fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755))?;
            }
            let path = format!("{}:{}", folder.display(), self.variable("PATH").unwrap_or_default());
            self.set("PATH", path);
        }
        fs::write(self.path("data/applications/test-browser.desktop"), entry)?;
        fs::write(self.path("config/mimeapps.list"), defaults)?;
        let folder = self.path("browser").to_string_lossy().into_owned();
        self.set("ATTENDANT_TEST_BROWSER", folder);
        self.plan(&Plan::default())
    }

    fn display(&mut self) -> Result<()> {
        let (reader, writer) = std::io::pipe()?;
        let mut command = self.command("Xvfb");
        // It writes the number of the display it found free to its standard output, once it is ready.
        command.args(["-displayfd", "1", "-screen", "0", "1280x800x24", "-nolisten", "tcp"]);
        let log = self.log("display");
        command.stdout(writer).stderr(fs::File::create(&log)?);
        let mut display = Running::start_as_is(&mut command, &log)?;
        drop(command);
        let mut number = String::new();
        std::io::BufRead::read_line(&mut std::io::BufReader::new(reader), &mut number)?;
        let number = number.trim().to_owned();
        if number.is_empty() {
            let ended = display.child().try_wait()?;
            bail!("Xvfb did not start ({ended:?}): {}", display.log());
        }
        self.set("DISPLAY", format!(":{number}"));
        self.keep(display);
        let manager = Running::start(&mut self.command("openbox"), &self.log("window-manager"))?;
        self.keep(manager);
        Ok(())
    }

    fn bus(&mut self) -> Result<()> {
        let socket = self.path("run/bus");
        let address = format!("unix:path={}", socket.display());
        let file = self.path("bus.conf");
        fs::write(&file, bus_config(&address))?;
        let mut command = self.command("dbus-daemon");
        command.arg("--nofork").arg("--nopidfile").arg(format!("--config-file={}", file.display()));
        let bus = Running::start(&mut command, &self.log("bus"))?;
        crate::patience::wait_until("the bus", || Ok(socket.exists()))?;
        self.keep(bus);
        self.set("DBUS_SESSION_BUS_ADDRESS", address);
        Ok(())
    }

    /// Copies logs and pictures to where `cargo xtask` picks them up.
    fn leave_results(&self) {
        if let Some(results) = std::env::var_os("ATTENDANT_STAGE_RESULTS").map(PathBuf::from) {
            let to = results.join(&self.name);
            for folder in ["logs", "browser"] {
                copy_files(&self.path(folder), &to);
            }
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.leave_results();
        self.desktop = None;
        self.keyring = None;
        self.running.clear();
        for pid in process::with_marker(&self.marker()) {
            let _ = process::end(pid, Signal::KILL);
        }
        let _ = fs::remove_dir_all(&self.root);
    }
}

/// A bus at `address` without service folders: nothing starts by itself, so what is absent stays absent.
pub(crate) fn bus_config(address: &str) -> String {
    format!(
        "<!DOCTYPE busconfig PUBLIC \"-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN\"\n \
         \"http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd\">\n\
         <busconfig><type>session</type><keep_umask/><listen>{address}</listen><auth>EXTERNAL</auth>\
         <policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>\
         <allow eavesdrop=\"true\"/><allow own=\"*\"/></policy></busconfig>\n"
    )
}

/// The folder `cargo xtask` prepared, when it did.
pub fn stage() -> Option<PathBuf> {
    std::env::var_os("ATTENDANT_STAGE").map(PathBuf::from)
}

/// A built program: on the stage, or beside the test's own folder.
///
/// # Errors
/// It has not been built.
pub fn program_path(name: &str) -> Result<PathBuf> {
    let path = match stage() {
        Some(stage) => stage.join("bin").join(name),
        None => {
            let own = std::env::current_exe()?;
            let beside = own.with_file_name(name);
            let above = own.parent().and_then(Path::parent).map(|folder| folder.join(name));
            if beside.exists() { beside } else { above.unwrap_or(beside) }
        }
    };
    ensure!(path.exists(), "{} is not there; `cargo xtask test` builds it", path.display());
    Ok(path)
}

fn copy_files(from: &Path, to: &Path) {
    let _ = fs::create_dir_all(to);
    for entry in fs::read_dir(from).into_iter().flatten().flatten() {
        if entry.path().is_file() {
            let _ = fs::copy(entry.path(), to.join(entry.file_name()));
        }
    }
}

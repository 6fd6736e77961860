//! Folders, bus and keyring for the demo on a person's own display: nothing of theirs is read or written.

use crate::Result;
use crate::keyring::{PASSWORD, wait_ready};
use crate::patience::wait_until;
use crate::process::Running;
use anyhow::{Context, ensure};
use std::fs;
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The variables of the person's session that a window needs; all others stay outside.
const KEPT: &[&str] = &["PATH", "LANG", "TZ", "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "XDG_SESSION_TYPE"];

/// A private session on a display that is there already.
pub struct Desk {
    // Ended in this order.
    running: Vec<Running>,
    environment: Vec<(String, String)>,
    folder: PathBuf,
    runtime: PathBuf,
}

impl Desk {
    /// Starts bus and keyring with everything in `folder`, sockets excepted: their paths must be short.
    ///
    /// # Errors
    /// Something did not start.
    pub fn start(folder: &Path) -> Result<Self> {
        let runtime = std::env::temp_dir().join(format!("attendant-demo-{}", std::process::id()));
        fs::create_dir_all(&runtime)?;
        fs::set_permissions(&runtime, fs::Permissions::from_mode(0o700))?;
        let mut desk =
            Self { running: Vec::new(), environment: Vec::new(), folder: folder.to_path_buf(), runtime };
        for name in KEPT {
            if let Ok(value) = std::env::var(name) {
                desk.environment.push(((*name).to_owned(), value));
            }
        }
        desk.wayland()?;
        for (name, below) in [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_DATA_HOME", "data"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
        ] {
            let path = folder.join(below);
            fs::create_dir_all(&path)?;
            desk.environment.push((name.to_owned(), path.display().to_string()));
        }
        // The accessibility bus is reached through the session's; looking for it here only costs a warning.
        desk.environment.push(("NO_AT_BRIDGE".into(), "1".into()));
        desk.environment.push(("XDG_RUNTIME_DIR".into(), desk.runtime.display().to_string()));
        desk.bus()?;
        Ok(desk)
    }

    /// What a person can type elsewhere to ask this Attendant for access.
    pub fn example(&self, attendant: &Path) -> String {
        format!("XDG_RUNTIME_DIR={} {} token | wc -c", self.runtime.display(), attendant.display())
    }

    /// Runs the app until it ends.
    ///
    /// # Errors
    /// It could not be started, or ended with an error.
    pub fn app(&mut self, program: &Path) -> Result<()> {
        let status = self.command(program).status()?;
        ensure!(status.success(), "Attendant ended with {status}; logs are in {}", self.folder.display());
        Ok(())
    }

    /// A Wayland display's socket lies in the person's runtime folder; its name works from elsewhere as a full path.
    fn wayland(&mut self) -> Result<()> {
        let runtime = std::env::var("XDG_RUNTIME_DIR").unwrap_or_default();
        for (name, value) in &mut self.environment {
            if name == "WAYLAND_DISPLAY" && !value.starts_with('/') {
                ensure!(!runtime.is_empty(), "WAYLAND_DISPLAY is set without XDG_RUNTIME_DIR");
                *value = format!("{runtime}/{value}");
            }
        }
        Ok(())
    }

    fn bus(&mut self) -> Result<()> {
        let socket = self.runtime.join("bus");
        let address = format!("unix:path={}", socket.display());
        let file = self.runtime.join("bus.conf");
        fs::write(&file, crate::world::bus_config(&address))?;
        let mut command = self.command("dbus-daemon");
        command.arg("--nofork").arg("--nopidfile").arg(format!("--config-file={}", file.display()));
        let bus = Running::start(&mut command, &self.folder.join("bus.log"))?;
        wait_until("the bus", || Ok(socket.exists()))?;
        self.environment.push(("DBUS_SESSION_BUS_ADDRESS".into(), address.clone()));
        let mut command = self.command("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]).stdin(Stdio::piped());
        let mut keyring = Running::start(&mut command, &self.folder.join("keyring.log"))?;
        let mut stdin = keyring.child().stdin.take().context("the keyring's standard input")?;
        stdin.write_all(PASSWORD.as_bytes())?;
        drop(stdin);
        wait_ready(&address)?;
        self.running = vec![keyring, bus];
        Ok(())
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = crate::process::bare(program);
        command.envs(self.environment.iter().cloned()).current_dir(&self.folder);
        command
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        self.running.clear();
        let _ = fs::remove_dir_all(&self.runtime);
    }
}

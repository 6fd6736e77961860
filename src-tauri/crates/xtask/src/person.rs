//! Who the stories run as. Attendant is a person's program: a browser refuses to be root, and a check between users
//! says nothing when everybody is root. When this task runs as root, it makes an unprivileged user and uses that.

use crate::{run, say};
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

/// The user made for the stories when the task runs as root.
const NAME: &str = "attendant-test";

/// The unprivileged person the app, the command line and the browser run as.
pub enum Person {
    /// Whoever started the task.
    Myself,
    /// The user made for this, by name.
    Made(&'static str),
}

/// Whether this process is root's.
pub fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|about| about.uid() == 0)
}

impl Person {
    /// The person to use; made first if needed.
    ///
    /// # Errors
    /// Says that the user could not be made.
    pub fn ready() -> Result<Self, String> {
        if !is_root() {
            return Ok(Self::Myself);
        }
        if run::quietly("id", &["-u", NAME]).is_none() {
            say::line(&format!("You are root. The stories run as an unprivileged user, {NAME}, made now."));
            run::show(&mut run::command(
                "useradd",
                &["--system", "--create-home", "--shell", "/usr/sbin/nologin", NAME],
            ))?;
        }
        Ok(Self::Made(NAME))
    }

    /// `program` as this person, with an empty environment but for the search path and the language.
    pub fn command(&self, program: &Path) -> Command {
        let mut command = match self {
            Self::Myself => Command::new(program),
            Self::Made(name) => {
                let mut command = Command::new("setpriv");
                command.args(["--reuid", name, "--regid", name, "--init-groups", "--"]).arg(program);
                command
            }
        };
        let path = std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into());
        command.env_clear().env("PATH", path).env("LANG", "C.UTF-8");
        command
    }

    /// Their user id.
    pub fn uid(&self) -> Option<String> {
        let said = match self {
            Self::Myself => run::quietly("id", &["-u"]),
            Self::Made(name) => run::quietly("id", &["-u", name]),
        };
        said.map(|uid| uid.trim().to_owned())
    }

    /// Makes `path` this person's.
    ///
    /// # Errors
    /// Says that the owner could not be changed.
    pub fn own(&self, path: &Path) -> Result<(), String> {
        let Self::Made(name) = self else { return Ok(()) };
        let status = Command::new("chown").arg("-R").arg(format!("{name}:{name}")).arg(path).status();
        match status {
            Ok(status) if status.success() => Ok(()),
            Ok(_) | Err(_) => Err(format!("{} could not be given to {name}", path.display())),
        }
    }
}

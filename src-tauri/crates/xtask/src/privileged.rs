//! Root's help beside the stories, which are never root themselves: a look into the memory of a process that is closed to
//! its own user, and programs run as another user. Without root those stories say that they could not be tried.

use crate::person::is_root;
use crate::stage::Stage;
use crate::{run, say};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

const PROGRAM: &str = "attendant-test-privileged";
const SOCKET: &str = "ATTENDANT_TEST_PRIVILEGED";

/// The running helper; it ends when this is dropped.
pub struct Helper {
    child: Child,
    socket: PathBuf,
}

impl Helper {
    /// Starts it as root: directly, or with a `sudo` that does not ask. None where neither works.
    ///
    /// # Errors
    /// Says why root's helper did not start.
    pub fn start(stage: &Stage) -> Result<Option<Self>, String> {
        let program = stage.program(PROGRAM);
        let mut command = if is_root() {
            Command::new(program)
        } else if run::quietly("sudo", &["-n", "true"]).is_some() {
            let mut command = Command::new("sudo");
            command.args(["-n", "--"]).arg(program);
            command
        } else {
            say::line(
                "Without root, memory is not searched and nobody plays another user: those stories say so.",
            );
            return Ok(None);
        };
        let socket = stage.root().join("privileged.sock");
        let uid = stage.uid().ok_or("the stories' user has no id")?;
        // It ends with its standard input: nobody but root could end it in another way.
        let child = command.arg(&socket).arg(uid).stdin(Stdio::piped()).spawn();
        let child = child.map_err(|error| format!("{PROGRAM} could not be started: {error}"))?;
        Ok(Some(Self { child, socket }))
    }

    /// Tells `command` where it is.
    pub fn tell(&self, command: &mut Command) {
        command.env(SOCKET, &self.socket);
    }
}

impl Drop for Helper {
    fn drop(&mut self) {
        drop(self.child.stdin.take());
        let _ = self.child.wait();
    }
}

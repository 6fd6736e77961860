//! What stories need root for: looking into the memory of a process that is closed to its own user, and being another
//! user of this computer.
//!
//! The stories themselves are never root. `cargo xtask test` starts the program `attendant-test-privileged` as root beside
//! them, when it can, and names its socket in [`SOCKET`]. It answers one user only, looks only at processes of that user,
//! and runs programs as `nobody` only.

use crate::memory::{self, Needles};
use crate::patience::wait_for;
use crate::{Result, World};
use anyhow::{Context, bail, ensure};
use rustix::net::sockopt::socket_peercred;
use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::fd::OwnedFd;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The variable that names the socket.
pub const SOCKET: &str = "ATTENDANT_TEST_PRIVILEGED";

/// The other user: every system has it, and it owns nothing.
pub const OTHER: &str = "nobody";

/// The programs of a world that are the app: its own, its web view's, and the command line's.
pub const THE_APP: &[&str] =
    &["attendant-desktop", "attendant", "WebKitWebProcess", "WebKitNetworkProcess", "WebKitGPUProcess"];

/// Those of [`THE_APP`] that show the windows.
pub const THE_WEB_VIEW: &[&str] = &["WebKitWebProcess", "WebKitNetworkProcess", "WebKitGPUProcess"];

/// Root's help, when there is some.
pub struct Privileged {
    stream: BufReader<UnixStream>,
}

/// What a look into the memory of a world's processes found.
#[derive(Debug, Clone)]
pub struct Look {
    /// The processes that were looked at, by name.
    pub processes: Vec<String>,
    /// How many bytes that were.
    pub bytes: u64,
    /// What was found: which secret, and where.
    pub finds: Vec<(usize, String)>,
}

impl Privileged {
    /// Root's help. Without it, prints what cannot be tried on this computer and answers none; where `CI` is set, that is
    /// a failure.
    ///
    /// # Errors
    /// It should be there and is not.
    pub fn or_say(what: &str) -> Result<Option<Self>> {
        let Some(socket) = std::env::var_os(SOCKET) else {
            let text = format!("not tried, because it needs root (run `sudo cargo xtask test`): {what}");
            ensure!(std::env::var_os("CI").is_none(), "{text}");
            // Past the test runner, which keeps what a test that passes prints to itself.
            let _ = writeln!(std::io::stderr(), "{text}");
            return Ok(None);
        };
        let stream = wait_for("root's helper", || Ok(Some(UnixStream::connect(&socket)?)))?;
        Ok(Some(Self { stream: BufReader::new(stream) }))
    }

    /// Looks for `secrets` in the memory of the programs of `world` named in `programs`. Parts that `allowed` secrets
    /// have too do not count.
    ///
    /// # Errors
    /// No such process runs, or it could not be looked at.
    pub fn look(
        &mut self,
        world: &World,
        programs: &[&str],
        secrets: &[String],
        allowed: &[String],
    ) -> Result<Look> {
        let request = json!({
            "do": "look", "marker": world.marker(), "programs": programs, "secrets": secrets, "allowed": allowed,
        });
        writeln!(self.stream.get_mut(), "{request}")?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).context("root's helper")?;
        if let Some(error) = answer["error"].as_str() {
            bail!("{error}");
        }
        let texts = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
        };
        let finds = answer["finds"].as_array().into_iter().flatten();
        Ok(Look {
            processes: texts(&answer["processes"]),
            bytes: answer["bytes"].as_u64().unwrap_or_default(),
            finds: finds
                .map(|find| {
                    let secret = find["secret"].as_u64().and_then(|secret| usize::try_from(secret).ok());
                    (secret.unwrap_or_default(), find["place"].as_str().unwrap_or_default().to_owned())
                })
                .collect(),
        })
    }

    /// Starts `program` as [`OTHER`]; its standard input and output are the stream.
    ///
    /// # Errors
    /// The helper is gone.
    pub fn as_other(mut self, program: &Path, arguments: &[&str]) -> Result<Other> {
        let request = json!({"do": "run", "program": program, "arguments": arguments});
        writeln!(self.stream.get_mut(), "{request}")?;
        Ok(Other(self.stream))
    }
}

/// A program that another user runs.
pub struct Other(BufReader<UnixStream>);

impl Other {
    /// The next line it says.
    ///
    /// # Errors
    /// It ended.
    pub fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.0.read_line(&mut line)? > 0, "it ended without a word");
        Ok(line.trim_end().to_owned())
    }

    /// Ends its standard input and answers the rest of what it says.
    ///
    /// # Errors
    /// It cannot be heard.
    pub fn end(mut self) -> Result<String> {
        self.0.get_ref().shutdown(std::net::Shutdown::Write)?;
        let mut text = String::new();
        self.0.read_to_string(&mut text)?;
        Ok(text.trim_end().to_owned())
    }
}

/// Serves the user `uid` at `socket`, as root, until it is ended.
///
/// # Errors
/// It cannot listen there.
pub fn serve(socket: &Path, uid: u32) -> Result<()> {
    let listener = UnixListener::bind(socket)?;
    fs::set_permissions(socket, fs::Permissions::from_mode(0o600))?;
    std::os::unix::fs::chown(socket, Some(uid), None)?;
    for stream in listener.incoming() {
        let stream = stream?;
        if socket_peercred(&stream)?.uid.as_raw() == uid {
            std::thread::spawn(move || {
                // It hung up; the next one comes with a connection of its own.
                let _ = answer(stream, uid);
            });
        }
    }
    Ok(())
}

/// The last secrets asked about, and what was made of them: a story asks again until nothing is left.
type Asked = (Value, Needles);

fn answer(stream: UnixStream, uid: u32) -> Result<()> {
    let mut lines = BufReader::new(stream.try_clone()?);
    let mut asked: Option<Asked> = None;
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line)? == 0 {
            return Ok(());
        }
        let request: Value = serde_json::from_str(&line)?;
        if request["do"] == "run" {
            return run(stream, &request);
        }
        let found =
            look(&request, uid, &mut asked).unwrap_or_else(|error| json!({"error": format!("{error:#}")}));
        writeln!(&stream, "{found}")?;
    }
}

/// Starts a program as the other user and leaves it the connection.
fn run(stream: UnixStream, request: &Value) -> Result<()> {
    let mut command = Command::new("setpriv");
    command.args(["--reuid", OTHER, "--regid", "nogroup", "--clear-groups", "--"]);
    command.arg(request["program"].as_str().context("a program")?);
    command.args(request["arguments"].as_array().into_iter().flatten().filter_map(Value::as_str));
    command.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    command.stdin(OwnedFd::from(stream.try_clone()?)).stdout(OwnedFd::from(stream.try_clone()?));
    let mut child = command.stderr(Stdio::inherit()).spawn()?;
    drop((command, stream));
    child.wait()?;
    Ok(())
}

fn look(request: &Value, uid: u32, asked: &mut Option<Asked>) -> Result<Value> {
    let texts = |name: &str| -> Vec<String> {
        request[name].as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
    };
    let question = json!([request["secrets"], request["allowed"]]);
    let (_, needles) = match asked.take().filter(|(before, _)| *before == question) {
        Some(same) => asked.insert(same),
        None => asked.insert((question, Needles::new(&texts("secrets"), &texts("allowed")))),
    };
    let marker = request["marker"].as_str().context("a marker")?;
    let (mut processes, mut finds, mut bytes) = (Vec::new(), Vec::new(), 0);
    for (pid, program) in of_world(marker, uid) {
        if !texts("programs").contains(&program) {
            continue;
        }
        let scan = match memory::scan(pid, needles) {
            Ok(scan) => scan,
            // It ended meanwhile.
            Err(_) if !crate::process::runs(pid) => continue,
            Err(error) => bail!("{program}, process {pid}: {error}"),
        };
        bytes += scan.bytes;
        finds.extend(scan.finds.into_iter().map(|find| {
            let memory::Find { secret, spelling, part, region, before } = find;
            json!({"secret": secret, "place": format!(
                "{program} {region}: bytes {} to {}, {spelling}, after {before:?}", part.start, part.end
            )})
        }));
        processes.push(program);
    }
    ensure!(!processes.is_empty(), "no process of that world runs");
    Ok(json!({"processes": processes, "finds": finds, "bytes": bytes}))
}

/// The processes of the user `uid` that carry `marker` in their environment, with the names of their programs.
fn of_world(marker: &str, uid: u32) -> Vec<(u32, String)> {
    let mut found: Vec<(u32, String)> = crate::process::with_marker(marker)
        .into_iter()
        .filter_map(|pid| {
            // The folder of a process that is closed to others belongs to root; its status tells whose it is.
            let status = fs::read_to_string(format!("/proc/{pid}/status")).ok()?;
            let of = status.lines().find_map(|line| line.strip_prefix("Uid:"))?.split_whitespace().next()?;
            let program: PathBuf = fs::read_link(format!("/proc/{pid}/exe")).ok()?;
            let name = program.file_name()?.to_string_lossy().into_owned();
            (of == uid.to_string()).then_some((pid, name))
        })
        .collect();
    found.sort();
    found
}

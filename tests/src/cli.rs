//! The program `attendant` and what a script does with its output.

use crate::{Result, World};
use anyhow::{Context, bail};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

/// What a program said and how it ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// Standard output.
    pub out: String,
    /// Standard error.
    pub err: String,
    /// The exit code; none if a signal ended it.
    pub code: Option<i32>,
}

impl From<Output> for Said {
    fn from(output: Output) -> Self {
        Self {
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            code: output.status.code(),
        }
    }
}

impl Said {
    /// Its output, if it ended with 0.
    ///
    /// # Errors
    /// Shows what it said instead.
    pub fn ok(self) -> Result<String> {
        if self.code == Some(0) {
            Ok(self.out)
        } else {
            bail!("ended with {:?}: {}{}", self.code, self.err, self.out)
        }
    }
}

/// Runs `attendant` and waits for its end.
///
/// # Errors
/// It could not be started, or did not end in time.
pub fn attendant(world: &World, arguments: &[&str]) -> Result<Said> {
    start(world.program("attendant")?.args(arguments))?.said()
}

/// Runs `attendant` with `input` on its standard input.
///
/// # Errors
/// It could not be started, or did not end in time.
pub fn attendant_with(world: &World, arguments: &[&str], input: &str) -> Result<Said> {
    let mut pending = start(world.program("attendant")?.args(arguments).stdin(Stdio::piped()))?;
    let mut stdin = pending.0.stdin.take().context("its standard input")?;
    // It may have ended without reading; what it said is the answer then.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    pending.said()
}

/// Writes `lines` as a shell script named `name` and gives a command that runs it: an automation on this desktop. The
/// script finds the programs on its search path.
///
/// # Errors
/// The script could not be written.
pub fn script(world: &World, name: &str, lines: &str) -> Result<Command> {
    use std::os::unix::fs::PermissionsExt;
    let file = world.path("home").join(name);
    std::fs::write(&file, format!("#!/bin/bash\nset -euo pipefail\n{lines}\n"))?;
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o755))?;
    let mut command = world.command(&file);
    let programs = crate::world::program_path("attendant")?;
    let folder = programs.parent().context("the programs' folder")?.display();
    command.env("PATH", format!("{folder}:{}", world.variable("PATH").unwrap_or_default()));
    Ok(command)
}

/// Starts a command whose output is wanted later.
///
/// # Errors
/// It could not be started.
pub fn start(command: &mut Command) -> Result<Pending> {
    let child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    Ok(Pending(child))
}

/// A program that has not ended yet.
#[derive(Debug)]
pub struct Pending(std::process::Child);

impl Pending {
    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.0.id()
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// The system does not say.
    pub fn runs(&mut self) -> Result<bool> {
        Ok(self.0.try_wait()?.is_none())
    }

    /// Waits for its end and answers what it said.
    ///
    /// # Errors
    /// It did not end in time.
    pub fn said(mut self) -> Result<Said> {
        if let Err(error) =
            crate::patience::wait_until("a program to end", || Ok(self.0.try_wait()?.is_some()))
        {
            let _ = self.0.kill();
            let said = Said::from(self.0.wait_with_output()?);
            return Err(error.context(format!("it said: {}{}", said.out, said.err)));
        }
        Ok(self.0.wait_with_output()?.into())
    }
}

/// An answer of a server on this computer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// The body.
    pub body: String,
}

/// One request to a server on this computer, for checks from outside. `base` is `http://HOST:PORT`.
///
/// # Errors
/// Nothing answers there.
pub fn http(base: &str, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Response> {
    let host = base.strip_prefix("http://").context("a plain address of this computer")?;
    let mut stream = TcpStream::connect(host)?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    let mut request =
        format!("{method} {path} HTTP/1.0\r\nHost: {host}\r\nContent-Length: {}\r\n", body.len());
    for (name, value) in headers {
        request.push_str(&format!("{name}: {value}\r\n"));
    }
    write!(stream, "{request}\r\n{body}")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer.split_once("\r\n\r\n").context("an HTTP answer")?;
    let status = head.split(' ').nth(1).context("a status")?.parse()?;
    Ok(Response { status, body: body.to_owned() })
}

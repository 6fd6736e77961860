//! The practice tenant as a program of its own, with its control socket.

use crate::process::Running;
use crate::{Result, World};
use anyhow::{Context, bail, ensure};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};

/// A running practice tenant. Every token it makes is remembered, for leak scans.
pub struct Practice {
    process: Running,
    control: PathBuf,
    ready: Value,
    ports: Vec<u16>,
}

impl Practice {
    /// Starts one on a free port, with three redirect URLs whose ports no other story uses.
    ///
    /// # Errors
    /// It did not start.
    pub fn start(world: &World) -> Result<Self> {
        Self::with(world, &own_ports()?)
    }

    /// Starts one with the redirect URLs that Attendant proposes to administrators.
    ///
    /// # Errors
    /// It did not start.
    pub fn with_usual_ports(world: &World) -> Result<Self> {
        Self::with(world, &[8421, 8422, 8423])
    }

    fn with(world: &World, ports: &[u16]) -> Result<Self> {
        let control = world.path("run/practice.sock");
        let mut command = world.program("attendant-practice")?;
        command.args(["--listen", "127.0.0.1:0", "--remember-minted", "--control"]).arg(&control);
        for port in ports {
            command.arg(format!("--redirect-url=http://localhost:{port}/callback"));
        }
        let mut process = Running::start(&mut command, &world.log("practice"))?;
        let ready = process.line("the practice tenant", |line| {
            serde_json::from_str::<Value>(line).ok().filter(|value| value["ready"] == true)
        })?;
        Ok(Self { process, control, ready, ports: ports.to_vec() })
    }

    /// The ports of its redirect URLs, in order.
    pub fn ports(&self) -> &[u16] {
        &self.ports
    }

    /// `http://127.0.0.1:PORT`.
    pub fn base(&self) -> &str {
        self.ready["base"].as_str().unwrap_or_default()
    }

    /// The address of a tenant, as automations use it.
    pub fn tenant(&self) -> String {
        format!("{}/practice/Default", self.base())
    }

    /// The hand-off sheet, as an administrator would send it.
    ///
    /// # Errors
    /// The tenant does not answer.
    pub fn sheet(&self) -> Result<String> {
        let response = crate::cli::http(self.base(), "GET", "/practice/sheet.toml", &[], "")?;
        Ok(response.body)
    }

    /// Turns a knob: `self.control("advance_clock", json!({"seconds": 60}))`.
    ///
    /// # Errors
    /// The tenant says what is wrong.
    pub fn control(&self, what: &str, with: Value) -> Result<Value> {
        let mut command = json!({"do": what});
        if let (Some(command), Some(with)) = (command.as_object_mut(), with.as_object()) {
            command.extend(with.clone());
        }
        let mut stream = UnixStream::connect(&self.control)?;
        writeln!(stream, "{command}")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line).context("the control socket's answer")?;
        match answer["error"].as_str() {
            Some(error) => bail!("{what}: {error}"),
            None => Ok(answer),
        }
    }

    /// A counter, such as `refreshes`.
    ///
    /// # Errors
    /// There is no such counter.
    pub fn count(&self, name: &str) -> Result<u64> {
        let answer = self.control("stats", json!({}))?;
        answer["stats"][name].as_u64().with_context(|| format!("the counter {name}"))
    }

    /// Every secret that was ever made or seen here, as `(kind, value)`.
    ///
    /// # Errors
    /// The tenant does not answer.
    pub fn minted(&self) -> Result<Vec<(String, String)>> {
        let answer = self.control("minted", json!({}))?;
        let list = answer["minted"].as_array().context("the list of secrets")?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        Ok(list.iter().map(|one| (text(&one["kind"]), text(&one["value"]))).collect())
    }

    /// Takes the tenant off the network without ending it.
    ///
    /// # Errors
    /// It has ended.
    pub fn pause(&self) -> Result<()> {
        self.process.signal(rustix::process::Signal::STOP)
    }

    /// Brings it back.
    ///
    /// # Errors
    /// It has ended.
    pub fn resume(&self) -> Result<()> {
        self.process.signal(rustix::process::Signal::CONT)
    }
}

impl Drop for Practice {
    fn drop(&mut self) {
        // A paused process does not see that it should end.
        let _ = self.resume();
    }
}

/// Three free ports below those that the system gives to outgoing connections, different for each caller here and, as a
/// rule, for each run.
fn own_ports() -> Result<Vec<u16>> {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let mut ports = Vec::new();
    while ports.len() < 3 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        ensure!(number < 10_000, "no port is free");
        let port = u16::try_from(12_000 + (std::process::id() * 37 + number) % 18_000)?;
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            ports.push(port);
        }
    }
    Ok(ports)
}

//! Attendant and the bare window, started and used the same way, without a driver: a driven window costs more.

use crate::{family, signed_in};
use anyhow::{Context, bail};
use attendant_tests::patience::{PATIENCE, Watch, wait_until, wait_within};
use attendant_tests::process::{self, Running};
use attendant_tests::{Result, World, cli};
use rustix::process::Signal;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// What Attendant logs when its page has asked for the first view, at the level below.
const ASKED: &str = "a page asked for its view";
/// Without colours or times, this and warnings is all that the app logs.
const LOG: &str = "warn,attendant_desktop::commands=debug";
/// How long no processor time may be used until a program counts as resting.
const RESTS: Duration = Duration::from_millis(1500);
/// A program that has not come to rest after this long is measured as it is.
const RESTS_WITHIN: Duration = Duration::from_secs(20);

/// Which of the two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Attendant, signed in to the practice tenant.
    Attendant,
    /// A bare Tauri window.
    Bare,
}

impl Kind {
    /// Both, in the order they are measured.
    pub const BOTH: [Self; 2] = [Self::Attendant, Self::Bare];

    fn file(self) -> &'static str {
        match self {
            Self::Attendant => "attendant-desktop",
            Self::Bare => "attendant-bare-tauri",
        }
    }

    fn says_usable(self) -> &'static str {
        match self {
            Self::Attendant => ASKED,
            Self::Bare => "bare: usable",
        }
    }
}

/// One of them, running.
pub struct Program<'a> {
    world: &'a World,
    kind: Kind,
    watch: Arc<Watch>,
    process: Running,
    /// What it says on standard error, and when.
    said: Receiver<(String, Duration)>,
}

impl<'a> Program<'a> {
    /// Starts it, with or without its window.
    ///
    /// # Errors
    /// It could not be started.
    pub fn start(world: &'a World, kind: Kind, window: bool) -> Result<Self> {
        let mut command = world.program(kind.file())?;
        command.env("ATTENDANT_LOG", LOG).args((!window).then_some("--hidden"));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped());
        let watch = Arc::new(Watch::start());
        let mut process = Running::start_as_is(&mut command, &world.log(kind.file()))?;
        let lines = BufReader::new(process.child().stderr.take().context("its standard error")?);
        let (says, said) = channel();
        let clock = watch.clone();
        std::thread::spawn(move || {
            for line in lines.lines().map_while(std::result::Result::ok) {
                // Nobody listens any more once the program has been measured.
                let _ = says.send((line, clock.taken()));
            }
        });
        Ok(Self { world, kind, watch, process, said })
    }

    /// Waits until a window's page stands and its first command is answered; the time since the start.
    ///
    /// # Errors
    /// It did not come so far.
    pub fn usable(&mut self) -> Result<Duration> {
        self.says(self.kind.says_usable())
    }

    /// Waits until it has started without a window, and has come to rest.
    ///
    /// # Errors
    /// It did not start.
    pub fn hidden(&mut self) -> Result<()> {
        match self.kind {
            Kind::Attendant => signed_in(self.world)?,
            Kind::Bare => drop(self.says("bare: ready")?),
        }
        self.rest();
        Ok(())
    }

    /// Opens its window, and waits until it can be used and the program rests.
    ///
    /// # Errors
    /// The window did not come.
    pub fn open(&mut self) -> Result<()> {
        match self.kind {
            Kind::Attendant => drop(cli::attendant(self.world, &["open"])?.ok()?),
            Kind::Bare => self.process.child().stdin.as_mut().context("its input")?.write_all(b"open\n")?,
        }
        self.usable()?;
        self.rest();
        Ok(())
    }

    /// Closes its window as a person does, and waits until it rests.
    ///
    /// # Errors
    /// The window stayed.
    pub fn close(&mut self) -> Result<()> {
        let xdotool = |arguments: &[&str]| -> Result<bool> {
            Ok(self.world.command("xdotool").args(arguments).output()?.status.success())
        };
        let find = ["search", "--onlyvisible", "--name", "^Attendant"];
        wait_until("the window to close", || {
            // Two calls: a key sent to a window, as one call would, does not reach the window manager.
            xdotool(&[&find[..], &["windowactivate", "--sync"]].concat())?;
            xdotool(&["key", "alt+F4"])?;
            Ok(wait_within("the window", Duration::from_secs(2), || Ok((!xdotool(&find)?).then_some(())))
                .is_ok())
        })?;
        self.rest();
        Ok(())
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.process.pid()
    }

    /// Ends it, and waits until nothing of it is left.
    ///
    /// # Errors
    /// Something stayed.
    pub fn end(mut self) -> Result<()> {
        let family = family::of(self.pid());
        self.process.signal(Signal::TERM)?;
        self.process.ended(PATIENCE)?;
        wait_until("its processes to end", || Ok(!family.iter().any(|pid| process::runs(*pid))))
    }

    /// Waits until no processor time is used for a while.
    fn rest(&self) {
        let (mut last, mut since) = (family::ticks(self.pid()), Watch::start());
        // One that never rests is no reason to stop: its idle figure will say so.
        let _ = wait_within("the program to rest", RESTS_WITHIN, || {
            let now = family::ticks(self.pid());
            if now != last {
                (last, since) = (now, Watch::start());
            }
            Ok((since.taken() >= RESTS).then_some(()))
        });
    }

    fn says(&mut self, what: &str) -> Result<Duration> {
        let mut all = String::new();
        while let Ok((line, at)) = self.said.recv_timeout(PATIENCE) {
            if line.contains(what) {
                return Ok(at);
            }
            all.push_str(&line);
            all.push('\n');
        }
        bail!("{:?} did not say \"{what}\" in {:?}; it said: {all}", self.kind, self.watch.taken())
    }
}

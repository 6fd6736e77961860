//! The program `attendant-practice`: starts a practice tenant, says where it is in one JSON line on standard output, and
//! serves until it is told to stop. Words for people go to standard error.

use std::io::{Read, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use attendant_practice::{ControlSocket, Options, Reuse, State, check_loopback, run};
use clap::{Parser, ValueEnum};
use serde_json::json;
use tokio::net::TcpListener;

/// A pretend UiPath Identity Server and Orchestrator slice on this computer, for trying Attendant without an account.
#[derive(Debug, Parser)]
#[command(version)]
struct Arguments {
    /// Where to listen: a loopback address. Port 0 takes any free port.
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:8500")]
    listen: SocketAddr,
    /// Answer commands on a Unix socket at this path that only you can use.
    #[arg(long, value_name = "PATH")]
    control: Option<PathBuf>,
    /// Decides the ids, and makes codes and refresh tokens repeatable. Without it ids are those of seed 1 and the rest is random.
    #[arg(long, value_name = "NUMBER")]
    seed: Option<u64>,
    /// Remember every token, code and verifier for the control command `minted`.
    #[arg(long)]
    remember_minted: bool,
    /// Register this redirect URL instead of the three usual ones. Can be given several times.
    #[arg(long, value_name = "URL")]
    redirect_url: Vec<String>,
    /// What happens when a used refresh token comes again.
    #[arg(long, value_enum, default_value = "plain")]
    reuse: ReuseArgument,
    /// Let a refresh request narrow its scope. UiPath does not.
    #[arg(long)]
    narrow: bool,
    /// Let a revocation end access tokens too. UiPath does not.
    #[arg(long)]
    revocation_reaches_access: bool,
    /// Stop when standard input closes, so that the tenant never outlives the program that started it.
    #[arg(long)]
    exit_with_stdin: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ReuseArgument {
    /// The request is refused.
    Plain,
    /// The request is refused and every refresh token of that sign-in ends.
    RevokeFamily,
}

impl Arguments {
    fn options(&self) -> Options {
        Options {
            seed: self.seed.unwrap_or(1),
            repeatable: self.seed.is_some(),
            redirect_urls: self.redirect_url.clone(),
            reuse: match self.reuse {
                ReuseArgument::Plain => Reuse::Plain,
                ReuseArgument::RevokeFamily => Reuse::RevokeFamily,
            },
            narrow: self.narrow,
            revocation_reaches_access: self.revocation_reaches_access,
            remember_minted: self.remember_minted,
            ..Options::default()
        }
    }
}

/// Exit codes: 1 something went wrong, 2 the command line is wrong (which `clap` uses too).
struct Failed {
    code: u8,
    words: String,
}

impl Failed {
    fn usage(words: impl ToString) -> Self {
        Self { code: 2, words: words.to_string() }
    }

    fn error(words: impl ToString) -> Self {
        Self { code: 1, words: words.to_string() }
    }
}

fn main() -> ExitCode {
    match start(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failed) => {
            say(&failed.words);
            ExitCode::from(failed.code)
        }
    }
}

fn start(arguments: &Arguments) -> Result<(), Failed> {
    check_loopback(arguments.listen).map_err(Failed::usage)?;
    let options = arguments.options();
    options.check().map_err(Failed::usage)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failed::error(format!("The practice tenant could not start: {error}.")))?;
    runtime.block_on(serve(arguments, options))
}

async fn serve(arguments: &Arguments, options: Options) -> Result<(), Failed> {
    let listener =
        TcpListener::bind(arguments.listen).await.map_err(|error| cannot_listen(arguments, &error))?;
    let address = listener.local_addr().map_err(|error| cannot_listen(arguments, &error))?;
    let practice = State::new(options);
    practice.listens_on(address);
    let control = match &arguments.control {
        Some(path) => Some(ControlSocket::bind(path).map_err(Failed::error)?),
        None => None,
    };
    let stop = stop_signal(arguments.exit_with_stdin)
        .map_err(|error| Failed::error(format!("Signals cannot be watched: {error}.")))?;
    announce(&practice)
        .map_err(|error| Failed::error(format!("Standard output cannot be written: {error}.")))?;
    let control = control.map(|socket| tokio::spawn(socket.serve(practice.clone())));
    let served = run(listener, practice, stop).await;
    if let Some(control) = control {
        control.abort();
        let _cancelled = control.await;
    }
    served.map_err(|error| Failed::error(format!("The practice tenant stopped: {error}.")))
}

fn cannot_listen(arguments: &Arguments, error: &std::io::Error) -> Failed {
    let address = arguments.listen;
    Failed::error(if error.kind() == std::io::ErrorKind::AddrInUse {
        format!(
            "Port {} on {} is taken by another program, perhaps another practice tenant. \
             Stop that one, or start this with --listen {}:0 to take any free port.",
            address.port(),
            address.ip(),
            if address.is_ipv6() { format!("[{}]", address.ip()) } else { address.ip().to_string() },
        )
    } else {
        format!("Cannot listen on {address}: {error}. Give another loopback address with --listen.")
    })
}

/// The one line that programs read.
fn announce(practice: &State) -> std::io::Result<()> {
    let ready = json!({
        "ready": true,
        "base": practice.base(),
        "issuer": practice.issuer(),
        "app_id": practice.app_id(),
        "sheet": format!("{}/practice/sheet.toml", practice.base()),
    });
    let mut out = std::io::stdout().lock();
    writeln!(out, "{ready}")?;
    out.flush()?;
    say(&format!("PRACTICE tenant at {}. It is not UiPath. Stop it with Ctrl+C.", practice.base()));
    Ok(())
}

/// Completes at SIGTERM, at SIGINT, and, when asked, at the end of standard input.
fn stop_signal(with_stdin: bool) -> std::io::Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let (tell, told) = tokio::sync::oneshot::channel::<()>();
    let mut tell = Some(tell);
    if with_stdin {
        // A thread of its own: a read that never returns must not hold up the end of the runtime.
        let tell = tell.take();
        std::thread::spawn(move || {
            let mut sink = [0_u8; 1024];
            while std::io::stdin().lock().read(&mut sink).is_ok_and(|read| read > 0) {}
            drop(tell);
        });
    }
    Ok(async move {
        // Kept unless the thread has it: the other end completes when this is dropped.
        let _tell = tell;
        tokio::select! {
            _ = terminate.recv() => {}
            _ = interrupt.recv() => {}
            _ = told => {}
        }
    })
}

/// Words for people. Nobody is there to read them when this fails.
fn say(words: &str) {
    let _unread = writeln!(std::io::stderr(), "{words}");
}

//! Runs one case: a folder of its own, the scripted app, the program, and the comparison.

use crate::case::{App, Case};
use crate::fake_app::{FakeApp, Said};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// What was wrong, if anything.
pub fn run(case: &Case) -> Result<(), String> {
    let room = Room::new(case);
    let said = Arc::new(Said::default());
    let app = FakeApp::start(case, &room.socket, &room.started, Arc::clone(&said));
    if let Some(mode) = &case.folder_mode {
        let mode = u32::from_str_radix(mode, 8).unwrap();
        fs::set_permissions(room.socket.parent().unwrap(), Permissions::from_mode(mode)).unwrap();
    }
    let (exit, stdout) = call(case, &room, &said);
    let mut wrong = app.end();
    let dir = room.dir.to_str().unwrap();
    let stderr = said.text();
    compare("standard output", &stdout, &case.stdout, &case.stdout_has, dir, &mut wrong);
    compare("standard error", &stderr, &case.stderr, &case.stderr_has, dir, &mut wrong);
    if exit != Some(case.exit) {
        wrong.push(format!("exit code {exit:?}, expected {}", case.exit));
    }
    if wrong.is_empty() {
        return Ok(());
    }
    Err(format!("{}: attendant {}\n{}", case.name, case.args.join(" "), wrong.join("\n")))
}

fn compare(what: &str, got: &str, exact: &str, has: &[String], dir: &str, wrong: &mut Vec<String>) {
    let fill = |text: &str| text.replace("{dir}", dir);
    if has.is_empty() {
        let exact = fill(exact);
        if got != exact {
            wrong.push(format!("{what}:\n  got      {got:?}\n  expected {exact:?}"));
        }
    }
    for part in has.iter().map(|part| fill(part)).filter(|part| !got.contains(part)) {
        wrong.push(format!("{what} lacks {part:?}:\n{got}"));
    }
}

/// Starts the program and reads all it writes.
fn call(case: &Case, room: &Room, said: &Arc<Said>) -> (Option<i32>, String) {
    let mut command = Command::new(&room.program);
    command
        .args(&case.args)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("TZ", "UTC")
        .env("XDG_RUNTIME_DIR", &room.dir)
        .env("STARTED", &room.started)
        .current_dir(&room.dir)
        .stdin(Stdio::piped())
        .stderr(Stdio::piped());
    let mut terminal = None;
    if case.terminal {
        let (ours, theirs) = pseudo_terminal();
        command.stdout(theirs);
        terminal = Some(ours);
    } else if case.reader_gone {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        command.stdout(writer);
    } else {
        command.stdout(Stdio::piped());
    }
    let mut child = command.spawn().unwrap();
    drop(command);
    // The program may end without reading what it is given.
    let _ = child.stdin.take().unwrap().write_all(case.stdin.as_bytes());
    let mut complaints = child.stderr.take().unwrap();
    let listener = {
        let said = Arc::clone(said);
        std::thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = complaints.read(&mut piece) {
                said.add(&String::from_utf8_lossy(&piece[..count]));
            }
        })
    };
    let mut output = Vec::new();
    match (terminal, child.stdout.take()) {
        // Reading a terminal that the last writer left fails; what was written has been read by then.
        (Some(mut terminal), _) => drop(terminal.read_to_end(&mut output)),
        (None, Some(mut pipe)) => drop(pipe.read_to_end(&mut output)),
        (None, None) => {}
    }
    let exit = child.wait().unwrap().code();
    listener.join().unwrap();
    (exit, String::from_utf8(output).unwrap())
}

fn pseudo_terminal() -> (File, File) {
    use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
    let ours = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).unwrap();
    grantpt(&ours).unwrap();
    unlockpt(&ours).unwrap();
    let name = ptsname(&ours, Vec::new()).unwrap();
    let theirs = OpenOptions::new().read(true).write(true).open(name.to_str().unwrap()).unwrap();
    (ours.into(), theirs)
}

/// A folder for one case, gone afterwards.
struct Room {
    dir: PathBuf,
    socket: PathBuf,
    started: PathBuf,
    program: PathBuf,
}

impl Room {
    fn new(case: &Case) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let number = NEXT.fetch_add(1, Ordering::SeqCst);
        let dir = std::env::temp_dir().join(format!("attendant-cli-{}-{number}", std::process::id()));
        let own = dir.join("attendant");
        fs::create_dir_all(&own).unwrap();
        fs::set_permissions(&own, Permissions::from_mode(0o700)).unwrap();
        for (name, text) in &case.files {
            fs::write(dir.join(name), text).unwrap();
        }
        let started = dir.join("started");
        if case.app == App::OnceStarted {
            mknodat(CWD, &started, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
        }
        let program = Self::program(case, &dir);
        Self { socket: own.join("attendant.sock"), dir, started, program }
    }

    /// The program itself, or a copy where other programs must stand beside it.
    fn program(case: &Case, dir: &Path) -> PathBuf {
        let built = PathBuf::from(env!("CARGO_BIN_EXE_attendant"));
        if case.beside.is_empty() {
            return built;
        }
        let folder = dir.join("bin");
        fs::create_dir(&folder).unwrap();
        for (name, script) in &case.beside {
            let path = folder.join(name);
            fs::write(&path, script).unwrap();
            fs::set_permissions(&path, Permissions::from_mode(0o755)).unwrap();
        }
        let copy = folder.join("attendant");
        fs::copy(built, &copy).unwrap();
        copy
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}

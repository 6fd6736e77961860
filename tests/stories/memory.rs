//! Secrets in memory: gone as soon as they are of no use, never in the windows' processes, out of reach of others, and in
//! no core file. Searching the memory of a process that is closed to its own user needs root.

use crate::support::{Scene, list_folders, signed_in};
use attendant_tests::patience::{Watch, wait_for, wait_until, wait_within};
use attendant_tests::person::{self, PRACTICE};
use attendant_tests::privileged::{Look, Privileged, THE_APP, THE_WEB_VIEW};
use attendant_tests::process::Running;
use attendant_tests::{App, Practice, Result, World, cli};
use rustix::process::Signal;
use serde_json::json;
use std::io::{ErrorKind, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How long a secret that is of no use any more may stay.
const SOON: Duration = Duration::from_secs(5);

/// How long the windows are left alone between two looks at their memory.
const BETWEEN_LOOKS: Duration = Duration::from_millis(500);

/// The kinds of which the newest is in use while somebody is signed in.
const IN_USE: [&str; 3] = ["access_token", "refresh_token", "id_token"];

/// The values of secrets, with what they are.
type Secrets = Vec<(String, String)>;

/// What was made so far: what is in use, and what is spent or superseded.
fn in_use_and_spent(practice: &Practice) -> Result<(Secrets, Secrets)> {
    let minted = practice.minted()?;
    let (mut in_use, mut spent) = (Secrets::new(), Secrets::new());
    for (index, (kind, value)) in minted.iter().enumerate() {
        let newest = !minted[index + 1..].iter().any(|(later, _)| later == kind);
        let list = if newest && IN_USE.contains(&kind.as_str()) { &mut in_use } else { &mut spent };
        list.push((kind.clone(), value.clone()));
    }
    Ok((in_use, spent))
}

fn values(secrets: &Secrets) -> Vec<String> {
    secrets.iter().map(|(_, value)| value.clone()).collect()
}

/// What was found, named, and what was in the memory before it.
fn named(look: &Look, secrets: &Secrets) -> String {
    let lines = look.finds.iter().map(|(secret, place)| {
        let kind = secrets.get(*secret).map_or("", |(kind, _)| kind);
        format!("{kind} number {secret} in {place}")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Wants `secrets` out of every process of the app within [`SOON`]; what `allowed` ones have too does not count.
fn gone(
    root: &mut Privileged,
    world: &World,
    when: &str,
    secrets: &Secrets,
    allowed: &Secrets,
) -> Result<()> {
    let watch = Watch::start();
    let mut first = None;
    let mut last = None;
    let ended = wait_within(&format!("secrets to leave memory {when}"), SOON, || {
        let look = root.look(world, THE_APP, &values(secrets), &values(allowed))?;
        first.get_or_insert(look.finds.len());
        let clean = look.finds.is_empty();
        last = Some(look);
        Ok(clean.then_some(()))
    });
    let look = last.ok_or_else(|| anyhow::anyhow!("no look was taken"))?;
    ended.map_err(|error| error.context(named(&look, secrets)))?;
    report(&format!(
        "{when}: {} secrets looked for in {} processes, {} MiB; {} finds at first, none after {} ms",
        secrets.len(),
        look.processes.len(),
        look.bytes >> 20,
        first.unwrap_or_default(),
        watch.taken().as_millis(),
    ));
    Ok(())
}

/// A figure for whoever reads the output of a run.
fn report(text: &str) {
    let _ = writeln!(std::io::stderr(), "    memory: {text}");
}

/// Looks into the windows' processes, again and again, for anything ever made; answers how often it looked.
fn watch_windows(world: &World, practice: &Practice, stop: &AtomicBool) -> Result<usize> {
    let Some(mut root) = Privileged::or_say("the windows' memory")? else { return Ok(0) };
    let mut looks = 0;
    let mut rested = Watch::start();
    wait_within("the story to end", Duration::from_secs(300), || {
        // The windows need the computer too.
        if rested.taken() < BETWEEN_LOOKS && !stop.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let minted = practice.minted()?;
        let look = root.look(world, THE_WEB_VIEW, &values(&minted), &[])?;
        looks += 1;
        rested = Watch::start();
        if !look.finds.is_empty() {
            return Ok(Some(Err(anyhow::anyhow!("in a window's process: {}", named(&look, &minted)))));
        }
        Ok(stop.load(Ordering::Relaxed).then_some(Ok(())))
    })??;
    Ok(looks)
}

/// Lets an approved script use the API until its access was renewed once more.
fn renew(scene: &Scene) -> Result<()> {
    let before = scene.practice.count("refreshes")?;
    wait_until("a renewal", || {
        list_folders(scene, "folders.sh")?.said()?.ok()?;
        Ok(scene.practice.count("refreshes")? > before)
    })
}

#[test]
fn secrets_leave_memory_when_they_are_spent_and_at_the_sign_out() -> Result<()> {
    let Some(mut root) = Privileged::or_say("searching the app's memory for tokens")? else { return Ok(()) };
    let mut scene = signed_in("memory-spent")?;
    let (in_use, spent) = in_use_and_spent(&scene.practice)?;
    for kind in ["code", "code_verifier"] {
        assert!(spent.iter().any(|(found, _)| found == kind), "{kind} was never made");
    }
    // The same look finds what is in use, in the app and nowhere else.
    let look = root.look(&scene.world, THE_APP, &values(&in_use), &[])?;
    assert!(look.processes.len() >= 3, "{:?}", look.processes);
    for (index, (kind, _)) in in_use.iter().enumerate() {
        assert!(look.finds.iter().any(|(found, _)| *found == index), "the {kind} in use was not found");
    }
    assert!(look.finds.iter().all(|(_, place)| place.starts_with("attendant-desktop ")), "{:?}", look.finds);
    report(&format!(
        "signed in: {} secrets in use, {} copies in {:?}",
        in_use.len(),
        look.finds.len(),
        look.processes
    ));
    gone(&mut root, &scene.world, "after the sign-in", &spent, &in_use)?;

    // Every token from now on is used up at once.
    let script = list_folders(&scene, "folders.sh")?;
    person::allow(&mut scene.app, "until_lock")?;
    script.said()?.ok()?;
    scene.practice.control("set_access_lifetime", json!({"seconds": 61}))?;
    scene.practice.control("expire_access", json!({}))?;
    scene.app.kill()?;
    scene.app = App::start(&scene.world)?;
    person::wait_state(&mut scene.app, PRACTICE, "active")?;
    let script = list_folders(&scene, "folders.sh")?;
    person::allow(&mut scene.app, "until_lock")?;
    script.said()?.ok()?;
    for time in 1..=10 {
        renew(&scene)?;
        let (in_use, spent) = in_use_and_spent(&scene.practice)?;
        if matches!(time, 1 | 2 | 10) {
            gone(&mut root, &scene.world, &format!("after renewal {time}"), &spent, &in_use)?;
        }
    }
    let minted = scene.practice.minted()?;
    person::forget(&mut scene.app, PRACTICE)?;
    gone(&mut root, &scene.world, "after the sign-out", &minted, &Secrets::new())
}

#[test]
fn after_a_sign_out_in_the_browser_memory_is_empty_too() -> Result<()> {
    let Some(mut root) = Privileged::or_say("searching memory after a sign-out in the browser")? else {
        return Ok(());
    };
    let mut scene = signed_in("memory-browser")?;
    person::sign_out_in_browser(&mut scene.app, PRACTICE)?;
    let minted = scene.practice.minted()?;
    gone(&mut root, &scene.world, "after the sign-out in the browser", &minted, &Secrets::new())
}

#[test]
fn a_refused_renewal_leaves_nothing_either() -> Result<()> {
    let Some(mut root) = Privileged::or_say("searching memory after a refused renewal")? else {
        return Ok(());
    };
    let mut scene = signed_in("memory-refused")?;
    let minted = scene.practice.minted()?;
    scene.practice.control("refuse_next_refresh", json!({"error": "invalid_grant"}))?;
    scene.app.kill()?;
    scene.app = App::start(&scene.world)?;
    person::wait_state(&mut scene.app, PRACTICE, "active")?;
    let script = list_folders(&scene, "folders.sh")?;
    person::allow(&mut scene.app, "once")?;
    person::wait_state(&mut scene.app, PRACTICE, "needs_person")?;
    let spent: Secrets = minted.into_iter().filter(|(kind, _)| kind != "id_token").collect();
    gone(&mut root, &scene.world, "after a refused renewal", &spent, &Secrets::new())?;
    // Its programs hold the script's output open; they end when the app hangs up.
    scene.app.kill()?;
    script.said()?;
    Ok(())
}

#[test]
fn the_windows_processes_never_hold_a_token() -> Result<()> {
    if Privileged::or_say("watching the windows' memory through a whole session")?.is_none() {
        return Ok(());
    }
    let mut scene = signed_in("memory-windows")?;
    let Scene { app, practice, world } = &mut scene;
    let (practice, world, stop) = (&*practice, &*world, AtomicBool::new(false));
    let looks = std::thread::scope(|scope| -> Result<usize> {
        let watching = scope.spawn(|| watch_windows(world, practice, &stop));
        let mut session = || -> Result<()> {
            for duration in ["once", "until_lock"] {
                let ask = format!("attendant token {PRACTICE} | wc --bytes");
                let script = cli::start(&mut cli::script(world, "ask.sh", &ask)?)?;
                person::allow(app, duration)?;
                script.said()?.ok()?;
                person::details(app, PRACTICE)?;
            }
            person::forget(app, PRACTICE)?;
            person::sign_in(world, app, PRACTICE)
        };
        let lived = session();
        stop.store(true, Ordering::Relaxed);
        let looks = watching.join().unwrap_or_else(|_| Err(anyhow::anyhow!("the watch panicked")));
        lived.and(looks)
    })?;
    assert!(looks >= 3, "the windows' memory was looked at {looks} times only");
    let minted = practice.minted()?.len();
    report(&format!(
        "the windows' processes were searched {looks} times for up to {minted} secrets: nothing"
    ));
    Ok(())
}

/// What reading one part of a process's folder in /proc comes to.
fn reading(process: &Path, part: &str) -> std::result::Result<(), ErrorKind> {
    let path = process.join(part);
    let read = if path.is_dir() || part == "fd" {
        std::fs::read_dir(path).map(|_| ())
    } else {
        std::fs::File::open(path)
            .and_then(|mut file| std::io::Read::read(&mut file, &mut [0; 64]))
            .map(|_| ())
    };
    read.map_err(|error| error.kind())
}

#[test]
fn the_apps_memory_is_closed_to_other_programs_of_the_same_person() -> Result<()> {
    let scene = signed_in("memory-closed")?;
    let app = PathBuf::from(format!("/proc/{}", scene.app.pid()));
    let own = Path::new("/proc/self");
    for part in ["mem", "environ", "fd", "maps", "smaps", "auxv", "io"] {
        assert_eq!(reading(&app, part), Err(ErrorKind::PermissionDenied), "{part} of the app");
        if part != "mem" {
            // Page zero of any process is not there to be read.
            assert_eq!(reading(own, part), Ok(()), "{part} of this process");
        }
    }
    for link in ["exe", "cwd", "root"] {
        let read = std::fs::read_link(app.join(link)).map_err(|error| error.kind());
        assert_eq!(read, Err(ErrorKind::PermissionDenied), "{link} of the app");
    }
    Ok(())
}

/// Files that a core dump would have left below `folder`.
fn core_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let (path, name) = (entry.path(), entry.file_name().to_string_lossy().into_owned());
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            found.extend(core_files(&path));
        } else if name == "core" || name.starts_with("core.") {
            found.push(path);
        }
    }
    found
}

/// Runs `what` in a shell that allows core files of any size, and ends it with `signal` once `ready`.
fn crash(world: &World, what: &str, signal: Signal, ready: impl Fn() -> bool) -> Result<bool> {
    let mut command = world.command("/bin/sh");
    command.args(["-c", &format!("ulimit -c unlimited && exec {what}")]).env("RUST_BACKTRACE", "1");
    let mut running = Running::start(&mut command, &world.log("crash"))?;
    wait_until("the program that is to crash", || {
        let program = std::fs::read_to_string(format!("/proc/{}/comm", running.pid()))?;
        Ok(program.trim() != "sh" && ready())
    })?;
    // A first one may be caught: Rust looks whether a stack has overflowed, and lets the next one through.
    let status = wait_for("the crash", || {
        running.signal(signal)?;
        Ok(running.ended(Duration::from_millis(500)).ok())
    })?;
    assert_eq!(status.signal(), Some(signal.as_raw()), "{}", running.log());
    Ok(status.core_dumped())
}

#[test]
fn a_crash_leaves_no_core_file() -> Result<()> {
    let world = World::new("memory-core")?;
    // What would be left here of a program that does not care.
    if !crash(&world, "sleep 60", Signal::SEGV, || true)? {
        report("this computer writes no core files at all; the app's crash shows nothing new");
    }
    let before = core_files(world.root()).len();
    let app = attendant_tests::world::program_path("attendant-desktop")?;
    let socket = world.path("run/attendant/attendant.sock");
    for signal in [Signal::SEGV, Signal::ABORT] {
        let _ = std::fs::remove_file(&socket);
        let dumped = crash(&world, &format!("'{}' --hidden", app.display()), signal, || socket.exists())?;
        assert!(!dumped, "{signal:?} made the app dump its memory");
        assert_eq!(core_files(world.root()).len(), before, "{signal:?} left a core file");
    }
    Ok(())
}

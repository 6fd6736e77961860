//! Others who reach for what is not theirs: another user of the computer, and programs that hide behind an honest one.
//! Being another user needs root.

use crate::support::{Scene, registered, signed_in};
use attendant_tests::patience::{stays, wait_for};
use attendant_tests::person::{self, PRACTICE, by};
use attendant_tests::privileged::{OTHER, Privileged};
use attendant_tests::process::Running;
use attendant_tests::world::program_path;
use attendant_tests::{Result, World, browser, cli};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::Duration;

const STRANGER: &str = "attendant-test-stranger";

/// Has the stranger do something as another user, and answers what it says.
fn as_other(arguments: &[&str]) -> Result<Option<String>> {
    let Some(root) = Privileged::or_say(&format!("as {OTHER}: {}", arguments[0]))? else { return Ok(None) };
    Ok(Some(root.as_other(&program_path(STRANGER)?, arguments)?.end()?))
}

fn mode(path: &Path, mode: u32) -> Result<()> {
    Ok(fs::set_permissions(path, fs::Permissions::from_mode(mode))?)
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[test]
fn another_user_cannot_connect_and_nobody_is_asked() -> Result<()> {
    let mut scene = signed_in("other-user")?;
    let folder = scene.world.path("run/attendant");
    let socket = folder.join("attendant.sock");
    assert_eq!(
        (fs::metadata(&folder)?.mode() & 0o777, fs::metadata(&socket)?.mode() & 0o777),
        (0o700, 0o600)
    );
    let Some(said) = as_other(&["connect", &text(&socket)])? else { return Ok(()) };
    assert_eq!(said, "cannot connect: PermissionDenied");
    // Were the way open, by mistake, the app would still look who comes.
    mode(&scene.world.path("run"), 0o755)?;
    mode(&folder, 0o755)?;
    mode(&socket, 0o666)?;
    assert_eq!(as_other(&["connect", &text(&socket)])?.as_deref(), Some("hung up"));
    assert_eq!(as_other(&["ask", &text(&socket)])?.as_deref(), Some("hung up"));
    assert!(!scene.app.has_prompt()?);
    // The one whose app it is gets a greeting.
    let said = scene.world.program(STRANGER)?.arg("connect").arg(&socket).output()?;
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), "greeted");
    Ok(())
}

/// Makes the desktop's launcher keep addresses to itself while `quiet` is there, as a browser that is slow to start.
fn slow_launcher(world: &mut World) -> Result<(PathBuf, PathBuf)> {
    let (folder, quiet, address) = (world.path("programs"), world.path("quiet"), world.path("address"));
    fs::create_dir_all(&folder)?;
    let launcher = folder.join("xdg-open");
    let script = format!(
        "#!/bin/sh\nif [ -e '{}' ]; then echo \"$1\" >'{}'; else exec /usr/bin/xdg-open \"$1\"; fi\n",
        quiet.display(),
        address.display()
    );
    fs::write(&launcher, script)?;
    mode(&launcher, 0o755)?;
    let path = format!("{}:{}", folder.display(), world.variable("PATH").unwrap_or_default());
    world.set("PATH", path);
    fs::write(&quiet, "")?;
    Ok((quiet, address))
}

/// Asks a server on this computer as the person, and answers status, where it leads, and the cookie it sets.
fn get(world: &World, arguments: &[&str]) -> Result<Value> {
    let said = world.program(STRANGER)?.arg("get").args(arguments).output()?;
    Ok(serde_json::from_slice(&said.stdout)?)
}

#[test]
fn another_users_browser_is_refused_and_the_attempt_goes_on() -> Result<()> {
    let mut world = World::new("other-browser")?;
    let (quiet, address) = slow_launcher(&mut world)?;
    let mut scene = registered(world)?;
    scene.app.main()?.click(&by("sign-in"))?;
    let ticket = wait_for("the browser's address", || {
        Ok(fs::read_to_string(&address).ok().filter(|text| text.ends_with('\n')))
    })?;
    let ticket = ticket.trim().strip_prefix("http://").unwrap_or_default();
    let (host, path) = ticket.split_once('/').unwrap_or_default();
    let path = format!("/{path}");
    // A launcher's command line is open to every user: this is what another one learns, and may try at once.
    let Some(said) = as_other(&["get", host, &path])? else { return Ok(()) };
    assert!(said.contains("\"status\":\"403\"") && said.contains("\"cookie\":null"), "{said}");
    // It used nothing up: the person's own browser is led on.
    let led = get(&scene.world, &[host, &path])?;
    assert_eq!(led["status"], "302", "{led}");
    let location = led["location"].as_str().unwrap_or_default();
    let state = location.split('&').find_map(|part| part.strip_prefix("state=")).unwrap_or_default();
    let cookie = led["cookie"].as_str().unwrap_or_default().split(';').next().unwrap_or_default();
    assert!(state.len() > 20 && cookie.len() > 20, "{led}");
    // Even the right state and the right cookie are worth nothing in another user's hands.
    let answer = format!("/callback?code=another-users-own-account&state={state}");
    for arguments in [vec!["get", host, &answer], vec!["get", host, &answer, cookie]] {
        let said = as_other(&arguments)?.unwrap_or_default();
        assert!(said.contains("\"status\":\"403\""), "{said}");
    }
    let denied = format!("/callback?error=access_denied&state={state}");
    assert!(as_other(&["get", host, &denied, cookie])?.unwrap_or_default().contains("\"status\":\"403\""));
    stays("waiting for the browser", Duration::from_millis(500), || {
        Ok(person::state(&mut scene.app, PRACTICE)? == "awaiting_browser")
    })?;
    assert!(!scene.app.main()?.page_text().contains("Was that you?"), "another user is not asked about");
    assert_eq!(scene.practice.count("code_exchanges_refused")?, 0);
    assert!(scene.app.log().contains("another user of this computer"), "it should be in the log");
    // And the person signs in.
    fs::remove_file(&quiet)?;
    scene.app.main()?.click(&by("open-again"))?;
    browser::wait_step(&scene.world, 1, "finished")?;
    person::wait_state(&mut scene.app, PRACTICE, "active")
}

/// What the command line says with its socket expected below `runtime`.
fn asked_below(world: &World, runtime: &Path) -> Result<cli::Said> {
    let mut command = world.program("attendant")?;
    cli::start(command.args(["token", PRACTICE]).env("XDG_RUNTIME_DIR", runtime))?.said()
}

#[test]
fn a_planted_socket_is_refused_before_a_byte_is_sent() -> Result<()> {
    let world = World::new("planted")?;
    let refused = |runtime: &Path| -> Result<()> {
        let said = asked_below(&world, runtime)?;
        assert_eq!((said.code, said.out.as_str()), (Some(1), ""), "{said:?}");
        assert!(said.err.contains("(app_not_trusted)"), "{said:?}");
        Ok(())
    };
    // The person's own folder, left open to others; whoever listens there, nothing is sent. It would be an honest
    // mistake, so this one needs no other user.
    let open = world.path("open");
    let mut command = world.program(STRANGER)?;
    let (input, writer) = std::io::pipe()?;
    command.arg("plant").arg(open.join("attendant")).stdin(input);
    let mut mine = Running::start(&mut command, &world.log("planted"))?;
    drop(command);
    mine.line("the planted socket", |line| (line == "planted").then_some(()))?;
    mode(&open.join("attendant"), 0o755)?;
    refused(&open)?;
    drop(writer);
    mine.line("the count", |line| line.ends_with(" bytes").then(|| line.to_owned()))
        .map(|said| assert_eq!(said, "0 bytes"))?;

    let Some(root) = Privileged::or_say("a socket planted by another user")? else { return Ok(()) };
    // Another user was here first, where a shared folder is the runtime folder; and a link of ours leads there.
    let shared = std::env::temp_dir().join(format!("attendant-planted-{}", std::process::id()));
    let theirs = shared.join("attendant");
    let mut other = root.as_other(&program_path(STRANGER)?, &["plant", &text(&theirs)])?;
    assert_eq!(other.line()?, "planted");
    assert_ne!(fs::metadata(&theirs)?.uid(), rustix::process::geteuid().as_raw());
    refused(&shared)?;
    let linked = world.path("linked");
    fs::create_dir_all(linked.join("attendant"))?;
    mode(&linked.join("attendant"), 0o700)?;
    std::os::unix::fs::symlink(theirs.join("attendant.sock"), linked.join("attendant/attendant.sock"))?;
    refused(&linked)?;
    // It does answer those who trust it, so that nothing was sent by our choice.
    let said = world.program(STRANGER)?.arg("connect").arg(theirs.join("attendant.sock")).output()?;
    assert_eq!(String::from_utf8_lossy(&said.stdout).trim(), "greeted");
    assert_eq!(other.end()?, "0 bytes");
    Ok(())
}

/// A program of the person's that may have access until the app is locked.
fn allowed_program(scene: &mut Scene) -> Result<PathBuf> {
    let program = scene.world.path("home/payroll");
    fs::copy(program_path(STRANGER)?, &program)?;
    mode(&program, 0o755)?;
    let ask = cli::start(scene.world.command(&program).arg("ask").arg(socket(scene)))?;
    person::allow(&mut scene.app, "until_lock")?;
    let said = ask.said()?.ok()?;
    assert!(said.contains("access_token"), "{said}");
    Ok(program)
}

fn socket(scene: &Scene) -> PathBuf {
    scene.world.path("run/attendant/attendant.sock")
}

/// Tries `trick`, which ends with an allowed program in the place of the one that connected.
fn refused_trick(trick: &str) -> Result<()> {
    let mut scene = signed_in(trick)?;
    let allowed = allowed_program(&mut scene)?;
    let released = scene.practice.minted()?.len();
    let mut command = scene.world.program(STRANGER)?;
    // What takes the asker's place lives until its standard input ends.
    let (input, _open) = std::io::pipe()?;
    command.arg(trick).arg(socket(&scene)).arg(&allowed).stdin(input);
    let mut said = Running::start(&mut command, &scene.world.log("trick"))?;
    let answer = said.line("the app's answer", |line| Some(line.to_owned()))?;
    assert!(answer.contains("\"caller_changed\""), "{answer}");
    assert!(!said.log().contains("access_token"));
    assert!(!scene.app.has_prompt()?, "nobody is asked in the innocent program's name");
    assert_eq!(scene.practice.minted()?.len(), released);
    // The allowed program itself is served as before.
    let honest = scene.world.command(&allowed).arg("ask").arg(socket(&scene)).output()?;
    assert!(String::from_utf8_lossy(&honest.stdout).contains("access_token"));
    assert!(!scene.app.has_prompt()?);
    Ok(())
}

#[test]
fn b10_231_a_connection_passed_on_is_refused() -> Result<()> {
    refused_trick("passed")
}

#[test]
fn b10_230_a_program_put_in_the_askers_place_is_refused() -> Result<()> {
    refused_trick("forked")
}

#[test]
fn b10_230_a_program_put_there_in_the_middle_of_a_request_is_refused() -> Result<()> {
    refused_trick("begun")
}

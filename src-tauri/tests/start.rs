//! The program from outside, where it must end with words instead of a panic.

#![expect(clippy::unwrap_used, reason = "a test ends at the first surprise")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

fn run(args: &[&str], env: &[(&str, &str)]) -> Output {
    let home = scratch();
    Command::new(env!("CARGO_BIN_EXE_attendant-desktop"))
        .args(args)
        .env_clear()
        .env("HOME", &home)
        .env("XDG_RUNTIME_DIR", home.join("run"))
        .env("NO_AT_BRIDGE", "1")
        .envs(env.iter().copied())
        .output()
        .unwrap()
}

fn scratch() -> PathBuf {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let number = NEXT.fetch_add(1, Ordering::Relaxed);
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("start-{}-{number}", std::process::id()));
    std::fs::create_dir_all(home.join("run")).unwrap();
    home
}

fn words(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn without_a_display_it_says_so_and_what_to_do() {
    for (env, named) in [
        (vec![], "neither DISPLAY nor WAYLAND_DISPLAY"),
        (vec![("DISPLAY", ":4093")], "DISPLAY=:4093"),
        (
            vec![("WAYLAND_DISPLAY", "wayland-none"), ("GDK_BACKEND", "wayland")],
            "WAYLAND_DISPLAY=wayland-none",
        ),
    ] {
        for args in [&[][..], &["--hidden"]] {
            let output = run(args, &env);
            let said = words(&output.stderr);
            assert_eq!(output.status.code(), Some(1), "{said}");
            assert!(said.contains(named), "{said}");
            assert!(said.contains("Start it on a desktop."), "{said}");
            assert!(!said.contains("panicked") && !said.contains("fault"), "{said}");
        }
    }
}

#[test]
fn help_and_version_need_no_display() {
    let help = run(&["--help"], &[]);
    assert!(help.status.success() && words(&help.stdout).contains("--hidden"));
    let version = run(&["--version"], &[]);
    assert_eq!(words(&version.stdout).trim(), concat!("attendant-desktop ", env!("CARGO_PKG_VERSION")));
}

#[test]
fn an_unknown_argument_is_a_usage_error() {
    let output = run(&["--hide"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(words(&output.stderr).contains("--hide"));
}

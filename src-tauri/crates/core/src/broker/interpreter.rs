//! Which programs run other people's scripts, and which script one was started with. Pure: names and arguments in.
//!
//! Whatever cannot be told for certain counts as a host: the system then cannot tell one automation from the next.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

/// What a program is to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Role {
    /// A program that is the automation itself.
    Plain,
    /// An interpreter started with a script file.
    Script(PathBuf),
    /// A shell started with `-c`: it stands for whoever started it.
    ShellCommand,
    /// A shell without a script: a person's own, if it is at a terminal.
    Shell,
    /// Runs many automations the system cannot tell apart.
    Host,
}

const SHELLS: &[&str] = &["sh", "bash", "dash", "zsh", "ksh", "mksh", "fish", "ash"];

/// Programs that host many automations however they are started.
const HOSTS: &[&str] = &[
    "java",
    "dotnet",
    "mono",
    "pwsh",
    "powershell",
    "UiRobot",
    "UiPath.Executor",
    "UiPath.Assistant",
    "UiPathAssistant",
];

/// Programs that only start others: whoever starts them looks alike. So do those that start everything a user has.
const STARTERS: &[&str] = &[
    "busybox", "env", "find", "flock", "gawk", "init", "ltrace", "make", "mawk", "parallel", "screen",
    "script", "setsid", "ssh", "strace", "systemd", "time", "timeout", "tmux", "unshare", "watch", "xargs",
];

/// Interpreters, by the beginning of their file name, with the options that take no value.
const INTERPRETERS: &[(&str, &[&str])] = &[
    ("python", &["-B", "-E", "-I", "-O", "-OO", "-P", "-q", "-s", "-S", "-u", "-v", "-x"]),
    ("pypy", &["-B", "-E", "-I", "-O", "-OO", "-q", "-s", "-S", "-u", "-v"]),
    ("node", &["--no-warnings", "--enable-source-maps", "--trace-warnings"]),
    ("ruby", &["-w", "-W0", "-W1", "-W2"]),
    ("perl", &["-w", "-t", "-T", "-W"]),
    ("php", &["-q", "-n"]),
    ("lua", &[]),
    ("deno", &[]),
    ("bun", &[]),
    ("tclsh", &[]),
    ("luajit", &[]),
    ("gjs", &[]),
];

const SHELL_FLAGS: &[&str] = &[
    "-e",
    "-u",
    "-x",
    "-eu",
    "-ex",
    "-eux",
    "-l",
    "-i",
    "-li",
    "--login",
    "--norc",
    "--noprofile",
    "--posix",
];

/// What the program at `path`, started with `arguments` in `folder`, is to us.
pub fn role(path: &Path, arguments: &[OsString], folder: Option<&Path>) -> Role {
    let name = path.file_name().map(OsStr::to_string_lossy).unwrap_or_default();
    if HOSTS.iter().any(|host| name == *host || name.starts_with(&format!("{host}."))) {
        return Role::Host;
    }
    if STARTERS.contains(&name.as_ref()) {
        return Role::Host;
    }
    let rest = arguments.get(1..).unwrap_or_default();
    if SHELLS.contains(&name.as_ref()) {
        return shell(rest, folder);
    }
    let Some((_, flags)) = INTERPRETERS.iter().find(|(start, _)| is_interpreter(&name, start)) else {
        return Role::Plain;
    };
    first_operand(rest, flags, folder).map_or(Role::Host, Role::Script)
}

/// `python`, `python3`, `python3.12`, but not `pythonista`.
fn is_interpreter(name: &str, start: &str) -> bool {
    name.strip_prefix(start).is_some_and(|rest| rest.chars().all(|one| one.is_ascii_digit() || one == '.'))
}

fn shell(rest: &[OsString], folder: Option<&Path>) -> Role {
    let Some(first) = rest.iter().find(|one| !SHELL_FLAGS.contains(&one.to_string_lossy().as_ref())) else {
        return Role::Shell;
    };
    let text = first.to_string_lossy();
    // `-c` may be joined with other letters: `bash -lc`.
    if text.starts_with('-') && !text.starts_with("--") && text.contains('c') {
        return Role::ShellCommand;
    }
    if text.starts_with('-') {
        return Role::Host;
    }
    resolve(first, folder).map_or(Role::Host, Role::Script)
}

/// The first argument that is no option. An option that might take a value makes the rest unclear.
fn first_operand(rest: &[OsString], flags: &[&str], folder: Option<&Path>) -> Option<PathBuf> {
    let mut rest = rest.iter();
    let operand = loop {
        let one = rest.next()?;
        let text = one.to_string_lossy();
        if text == "--" {
            break rest.next()?;
        }
        if !text.starts_with('-') {
            break one;
        }
        if !flags.contains(&text.as_ref()) {
            return None;
        }
    };
    resolve(operand, folder)
}

fn resolve(operand: &OsStr, folder: Option<&Path>) -> Option<PathBuf> {
    let path = Path::new(operand);
    if path.is_absolute() { Some(path.to_owned()) } else { folder.map(|folder| folder.join(path)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(path: &str, line: &str) -> Role {
        let arguments: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        role(Path::new(path), &arguments, Some(Path::new("/home/pat")))
    }

    #[test]
    fn b10_233_scripts_are_named_and_unclear_ones_are_hosts() {
        let script = |path: &str| Role::Script(path.into());
        for (path, line, expected) in [
            ("/usr/bin/python3.11", "python3 sync.py --all", script("/home/pat/sync.py")),
            ("/usr/bin/python3.11", "python3 -u /opt/sync.py", script("/opt/sync.py")),
            ("/usr/bin/python3.11", "python3 -m sync", Role::Host),
            ("/usr/bin/python3.11", "python3 -c import\u{a0}os", Role::Host),
            ("/usr/bin/python3.11", "python3", Role::Host),
            ("/usr/bin/python3.11", "python3 -", Role::Host),
            ("/usr/bin/python3.11", "python3 -W ignore sync.py", Role::Host),
            ("/usr/bin/node", "node -r ./hook.js app.js", Role::Host),
            ("/usr/bin/node", "node -- app.js", script("/home/pat/app.js")),
            ("/usr/bin/dash", "sh -c attendant\u{a0}token", Role::ShellCommand),
            ("/usr/bin/bash", "bash -lc x", Role::ShellCommand),
            ("/usr/bin/bash", "-bash", Role::Shell),
            ("/usr/bin/bash", "bash -i", Role::Shell),
            ("/usr/bin/bash", "bash -e ./nightly.sh", script("/home/pat/./nightly.sh")),
            ("/usr/bin/bash", "bash -s", Role::Host),
            ("/usr/bin/java", "java -jar x.jar", Role::Host),
            ("/opt/UiPath/UiRobot", "UiRobot", Role::Host),
            ("/usr/bin/timeout", "timeout 10 attendant token", Role::Host),
            ("/usr/lib/systemd/systemd", "/usr/lib/systemd/systemd --user", Role::Host),
            ("/bin/busybox", "busybox sh sync.sh", Role::Host),
            ("/usr/bin/pythonista", "pythonista x.py", Role::Plain),
            ("/opt/sync/bin/sync", "sync", Role::Plain),
        ] {
            assert_eq!(of(path, line), expected, "{line}");
        }
    }
}

//! What a transcript may say.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The challenge the scripted app greets with, unless the transcript has a greeting of its own.
pub const CHALLENGE: &str = "c0ffee";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    case: Vec<Case>,
}

/// One call of the program.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Case {
    /// What is shown, in a sentence.
    pub name: String,
    /// The arguments.
    pub args: Vec<String>,
    /// Standard input; it ends after this.
    #[serde(default)]
    pub stdin: String,
    /// Standard output is a terminal.
    #[serde(default)]
    pub terminal: bool,
    /// Whoever read standard output is gone.
    #[serde(default)]
    pub reader_gone: bool,
    /// Where the app stands.
    #[serde(default)]
    pub app: App,
    /// The mode of the socket's folder, in octal.
    pub folder_mode: Option<String>,
    /// The app's first line instead of the usual one; none at all when empty.
    pub greeting: Option<String>,
    /// The first line is filled up to this many bytes.
    pub greeting_length: Option<usize>,
    /// What is asked and answered, each on a connection of its own.
    #[serde(default)]
    pub exchange: Vec<Exchange>,
    /// Programs beside ours: their names and scripts.
    #[serde(default)]
    pub beside: BTreeMap<String, String>,
    /// Files in the folder the program runs in.
    #[serde(default)]
    pub files: BTreeMap<String, String>,
    /// Standard output, exactly. `{dir}` stands for the case's own folder.
    #[serde(default)]
    pub stdout: String,
    /// Instead of `stdout`: what it must hold.
    #[serde(default)]
    pub stdout_has: Vec<String>,
    /// Standard error, exactly.
    #[serde(default)]
    pub stderr: String,
    /// Instead of `stderr`: what it must hold.
    #[serde(default)]
    pub stderr_has: Vec<String>,
    /// The exit code.
    pub exit: i32,
}

/// Where the app stands when the program starts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum App {
    /// It listens.
    #[default]
    Running,
    /// There is no socket.
    Absent,
    /// A socket was left behind; nobody listens.
    Stale,
    /// A plain file has the socket's name.
    File,
    /// The socket's name is a link to a socket elsewhere.
    Link,
    /// It listens once its program was started, which tells so through the pipe in `$STARTED`.
    OnceStarted,
}

/// One request and what the app says to it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Exchange {
    /// The request, without version and challenge, which are always checked.
    pub request: serde_json::Value,
    /// The reply; `v = 1` is added. Without one, the app hangs up.
    pub reply: Option<serde_json::Value>,
    /// The reply's bytes as they are.
    pub raw: Option<String>,
    /// The reply waits until standard error holds this.
    pub once_said: Option<String>,
}

/// Every case of every file, in the files' order.
pub fn read_all(folder: &Path) -> Vec<Case> {
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    let mut cases = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let File { case } =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        cases.extend(case);
    }
    cases
}

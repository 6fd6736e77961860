//! Start at login, by the desktop's own means: one file in the person's autostart folder (XDG Autostart Specification).

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// The file's name inside `$XDG_CONFIG_HOME/autostart`.
const NAME: &str = "attendant.desktop";

/// Makes the desktop start `program` at login, or not. Doing it twice changes nothing, and a program that moved is found
/// again at its next start.
///
/// # Errors
/// When the folder or the file cannot be written or removed.
pub fn set(folder: &Path, program: &Path, wanted: bool) -> io::Result<()> {
    let file = folder.join(NAME);
    if !wanted {
        return match fs::remove_file(file) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            other => other,
        };
    }
    let entry = entry(program)?;
    if fs::read_to_string(&file).is_ok_and(|there| there == entry) {
        return Ok(());
    }
    fs::create_dir_all(folder)?;
    let new = folder.join(format!(".{NAME}.{}", std::process::id()));
    fs::write(&new, entry)?;
    fs::rename(new, file)
}

/// `$XDG_CONFIG_HOME/autostart`, or `~/.config/autostart`; none without a home.
pub fn folder() -> Option<PathBuf> {
    let absolute = |name| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    absolute("XDG_CONFIG_HOME")
        .or_else(|| Some(absolute("HOME")?.join(".config")))
        .map(|path| path.join("autostart"))
}

fn entry(program: &Path) -> io::Result<String> {
    let program = program
        .to_str()
        .filter(|path| !path.contains(char::is_control))
        .ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "the program's path is not plain text"))?;
    Ok(format!(
        "[Desktop Entry]\nType=Application\nName=Attendant\nComment=Keeps automations signed in\nExec={} --hidden\n\
         Terminal=false\nX-GNOME-Autostart-enabled=true\n",
        quoted(program)
    ))
}

/// A path as one argument of `Exec`: quoted, then escaped once more as a string of the file format (Desktop Entry
/// Specification, "The Exec key").
fn quoted(path: &str) -> String {
    let mut argument = String::from("\"");
    for letter in path.chars() {
        match letter {
            '"' | '`' | '$' => argument.extend(['\\', '\\', letter]),
            '\\' => argument.push_str(r"\\\\"),
            '%' => argument.push_str("%%"),
            _ => argument.push(letter),
        }
    }
    argument.push('"');
    argument
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_comes_and_goes() {
        let folder = std::env::temp_dir().join(format!("attendant-autostart-{}", std::process::id()));
        let file = folder.join(NAME);
        set(&folder, Path::new("/opt/a b/attendant-desktop"), true).unwrap();
        let written = fs::read_to_string(&file).unwrap();
        assert!(written.contains("\nExec=\"/opt/a b/attendant-desktop\" --hidden\n"), "{written}");
        set(&folder, Path::new("/moved"), true).unwrap();
        assert!(fs::read_to_string(&file).unwrap().contains("Exec=\"/moved\" "));
        set(&folder, Path::new("/moved"), false).unwrap();
        assert!(!file.exists());
        set(&folder, Path::new("/moved"), false).unwrap();
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 0);
    }

    #[test]
    fn odd_paths_stay_one_argument() {
        assert_eq!(quoted(r#"/a"b"#), r#""/a\\"b""#);
        assert_eq!(quoted("/50%/$x"), r#""/50%%/\\$x""#);
        assert_eq!(quoted(r"/a\b"), r#""/a\\\\b""#);
        assert!(entry(Path::new("/a\nExec=evil")).is_err());
    }
}

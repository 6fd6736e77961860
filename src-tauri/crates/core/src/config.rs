//! `attendant.toml`: preferences and registrations. No secrets in it, so a person may read, edit and share it.
//!
//! What this release does not know is kept when it saves. A file that cannot be read is reported with its line and
//! never written over: only the person moves it away.

use crate::error::Problem;
use crate::files::{self, FileError, FileFinding};
use crate::registration::{Registration, RegistrationId};
use crate::sheet::{SheetError, check, refuse_secrets};
use crate::text::clean;
use crate::view::Settings;
use attendant_protocol::Code;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use toml::{Table, Value};

/// The version of the file. A newer one is not touched.
const VERSION: i64 = 1;

/// Far more than anybody's registrations need.
const LIMIT: u64 = 256 * 1024;

/// TOML has no "nothing": an unlimited time stands as zero seconds.
const UNLIMITED: &str = "approval_seconds";

/// The configuration.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Config {
    /// Preferences.
    pub settings: Settings,
    /// Registrations, in the order they were added.
    pub registrations: Vec<Registration>,
    /// The file as it was read, for what this release does not know.
    read: Table,
}

/// Why the configuration cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConfigError {
    /// It could not be read.
    Unreadable(FileError),
    /// It is not TOML.
    NotToml {
        /// Which file.
        path: PathBuf,
        /// The first line that is wrong, counted from 1.
        line: usize,
    },
    /// A newer Attendant wrote it.
    Newer(PathBuf),
    /// Something in it is wrong.
    Invalid {
        /// Which file.
        path: PathBuf,
        /// Where in it, such as `registration "acme"`.
        place: String,
        /// What is wrong.
        found: String,
    },
    /// It holds a secret.
    Secret {
        /// Which file.
        path: PathBuf,
        /// What was found.
        finding: SheetError,
    },
    /// It could not be written; the old file is as it was.
    Unwritable(FileError),
}

impl std::fmt::Display for ConfigError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ConfigError::Unreadable(error) | ConfigError::Unwritable(error) => error.fmt(f),
            ConfigError::NotToml { path, line } => {
                write!(f, "Line {line} of {} is not valid TOML.", path.display())
            }
            ConfigError::Newer(path) => write!(f, "A newer Attendant wrote {}.", path.display()),
            ConfigError::Invalid { path, place, found } => {
                write!(f, "In {}, {place}: {found}", path.display())
            }
            ConfigError::Secret { path, finding } => write!(f, "{}: {finding}", path.display()),
        }
    }
}

impl std::error::Error for ConfigError {}

impl From<ConfigError> for Problem {
    fn from(error: ConfigError) -> Self {
        let message = error.to_string();
        match error {
            ConfigError::Unwritable(error) => error.into(),
            ConfigError::Newer(_) => Problem::new(Code::ConfigInvalid, message)
                .with_advice("Update Attendant, or move the file away."),
            ConfigError::Secret { .. } => Problem::new(Code::SecretFound, message).with_advice(
                "Delete the secret from the file; Attendant does not need it. Nothing was changed.",
            ),
            ConfigError::Unreadable(_) | ConfigError::NotToml { .. } | ConfigError::Invalid { .. } => {
                Problem::new(Code::ConfigInvalid, message)
            }
        }
    }
}

impl Config {
    /// Reads the file at `path`. No file is an empty configuration.
    pub fn load(path: &Path) -> Result<Self, ConfigError> {
        let text = match files::read_text(path, LIMIT) {
            Ok(text) => text,
            Err(error) if error.finding == FileFinding::Missing => return Ok(Self::default()),
            Err(error) => return Err(ConfigError::Unreadable(error)),
        };
        close(path);
        let table: Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error.span().map_or(0, |span| span.start);
            let line = 1 + text.bytes().take(before).filter(|byte| *byte == b'\n').count();
            ConfigError::NotToml { path: path.to_owned(), line }
        })?;
        Self::from_table(table, path)
    }

    /// Writes the file at `path`, whole or not at all.
    pub fn save(&self, path: &Path) -> Result<(), ConfigError> {
        files::write_atomically(path, self.to_text(path)?.as_bytes())
            .map_err(|error| ConfigError::Unwritable(FileError::io(path, &error)))
    }

    fn from_table(table: Table, path: &Path) -> Result<Self, ConfigError> {
        let invalid = |place: &str, found: String| ConfigError::Invalid {
            path: path.to_owned(),
            place: place.to_owned(),
            found: clean(&found, 200),
        };
        match table.get("version") {
            None | Some(Value::Integer(VERSION)) => {}
            Some(Value::Integer(newer)) if *newer > VERSION => {
                return Err(ConfigError::Newer(path.to_owned()));
            }
            Some(_) => return Err(invalid("version", format!("it must be {VERSION}."))),
        }
        refuse_secrets(&table).map_err(|finding| ConfigError::Secret { path: path.to_owned(), finding })?;

        let mut settings: Settings = match table.get("settings") {
            None => Settings::default(),
            Some(value) => value
                .clone()
                .try_into()
                .map_err(|error: toml::de::Error| invalid("settings", error.message().to_owned()))?,
        };
        settings.approval_seconds = settings.approval_seconds.filter(|seconds| *seconds > 0);

        let mut registrations: Vec<Registration> = Vec::new();
        let listed = match table.get("registration") {
            None => &[],
            Some(Value::Array(listed)) => listed.as_slice(),
            Some(_) => return Err(invalid("registration", "write each as [[registration]].".to_owned())),
        };
        for (index, value) in listed.iter().enumerate() {
            let name = value.get("name").and_then(Value::as_str).unwrap_or_default();
            let place = format!("registration {} ({})", index + 1, clean(name, 60));
            let registration: Registration = value
                .clone()
                .try_into()
                .map_err(|error: toml::de::Error| invalid(&place, error.message().to_owned()))?;
            if RegistrationId::from_name(registration.id.as_str()) != registration.id {
                return Err(invalid(
                    &place,
                    "the id may hold lower-case letters, digits and hyphens only.".to_owned(),
                ));
            }
            check::registration(&registration).map_err(|error| invalid(&place, error.to_string()))?;
            if registrations.iter().any(|earlier| earlier.id == registration.id) {
                return Err(invalid(&place, format!("the id {} stands twice.", registration.id)));
            }
            registrations.push(registration);
        }
        Ok(Self { settings, registrations, read: table })
    }

    fn to_text(&self, path: &Path) -> Result<String, ConfigError> {
        let impossible = |error: toml::ser::Error| ConfigError::Invalid {
            path: path.to_owned(),
            place: "what would be saved".to_owned(),
            found: error.to_string(),
        };
        let mut table = self.read.clone();
        table.insert("version".to_owned(), Value::Integer(VERSION));

        let mut settings = Table::try_from(&self.settings).map_err(impossible)?;
        settings.entry(UNLIMITED).or_insert(Value::Integer(0));
        let mut there = match table.remove("settings") {
            Some(Value::Table(there)) => there,
            _ => Table::new(),
        };
        there.extend(settings);
        table.insert("settings".to_owned(), Value::Table(there));

        let before = match table.remove("registration") {
            Some(Value::Array(before)) => before,
            _ => Vec::new(),
        };
        let mut listed = Vec::new();
        for registration in &self.registrations {
            let mut entry = before
                .iter()
                .filter_map(Value::as_table)
                .find(|entry| entry.get("id").and_then(Value::as_str) == Some(registration.id.as_str()))
                .cloned()
                .unwrap_or_default();
            for optional in ["api_base", "organization", "narrow_on_refresh"] {
                entry.remove(optional);
            }
            entry.extend(Table::try_from(registration).map_err(impossible)?);
            listed.push(Value::Table(entry));
        }
        if !listed.is_empty() {
            table.insert("registration".to_owned(), Value::Array(listed));
        }
        let text = toml::to_string(&table).map_err(impossible)?;
        Ok(format!("# Attendant\u{2019}s preferences and registrations. No secrets belong in here.\n{text}"))
    }
}

/// Only its owner needs to read it, and nobody else may write it: who changes an address here changes where people
/// sign in.
fn close(path: &Path) {
    let Ok(metadata) = std::fs::metadata(path) else { return };
    if metadata.permissions().mode() & 0o077 != 0 {
        tracing::warn!(path = %path.display(), "the file was open to other users; closing it");
        let _ = std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files::scratch::Scratch;
    use crate::sheet;

    fn registration(name: &str) -> Registration {
        let sheet = "schema = \"attendant-registration/1\"\nname = \"Acme\"\ntype = \"non-confidential\"\nedition = \"cloud\"\n\
            host = \"https://cloud.uipath.com\"\norganization = \"acme\"\ntenants = [\"DefaultTenant\"]\n\
            app_id = \"7c2f9a10-5b1e-4f7e-9a43-0d6c1be2f8a5\"\n[scopes]\nuser = [\"offline_access\"]\n";
        sheet::read(sheet).unwrap().into_registration(Some(name.into()), &[]).unwrap()
    }

    fn config() -> Config {
        let settings = Settings { approval_seconds: None, remind_minutes: 5, ..Settings::default() };
        Config {
            settings,
            registrations: vec![registration("Acme"), registration("Other")],
            read: Table::new(),
        }
    }

    fn saved(scratch: &Scratch) -> PathBuf {
        let path = scratch.path().join("attendant.toml");
        config().save(&path).unwrap();
        path
    }

    #[test]
    fn what_is_saved_is_loaded() {
        let scratch = Scratch::new();
        let path = scratch.path().join("attendant.toml");
        assert_eq!(Config::load(&path).unwrap(), Config::default());
        let path = saved(&scratch);
        let back = Config::load(&path).unwrap();
        assert_eq!((&back.settings, &back.registrations), (&config().settings, &config().registrations));
        assert_eq!(back.settings.approval_seconds, None, "no limit stays no limit");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        back.save(&path).unwrap();
        assert_eq!(Config::load(&path).unwrap(), back);
    }

    #[test]
    fn what_is_not_known_is_kept() {
        let scratch = Scratch::new();
        let path = saved(&scratch);
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text.replace("[settings]", "[settings]\ncolour = \"red\"").replacen(
            "id = \"other\"",
            "id = \"other\"\nnote = \"mine\"",
            1,
        );
        std::fs::write(&path, format!("future = 1\n{text}")).unwrap();
        let mut back = Config::load(&path).unwrap();
        back.settings.remind_minutes = 30;
        back.registrations.remove(0);
        back.save(&path).unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        for kept in
            ["future = 1", "colour = \"red\"", "note = \"mine\"", "remind_minutes = 30", "id = \"other\""]
        {
            assert!(text.contains(kept), "{kept}\n{text}");
        }
        assert!(!text.contains("id = \"acme\""), "{text}");
        back.registrations.clear();
        back.save(&path).unwrap();
        assert_eq!(Config::load(&path).unwrap().registrations, Vec::new());
    }

    #[test]
    fn b12_282_a_broken_file_is_named_with_its_line_and_left_alone() {
        let scratch = Scratch::new();
        let path = saved(&scratch);
        let good = std::fs::read_to_string(&path).unwrap();
        let line = good.lines().position(|line| line.starts_with("app_id")).unwrap() + 1;
        for (from, to, expected) in [
            ("app_id = ", "app_id ", format!("Line {line} of")),
            (
                "7c2f9a10",
                "7c2f",
                "registration 1 (Acme): app_id: An App ID has 36 characters; this has 32.".to_owned(),
            ),
            (
                "https://cloud.uipath.com/",
                "http://cloud.uipath.com/",
                "registration 1 (Acme): host:".to_owned(),
            ),
            ("https://cloud.uipath.com/", "not an address", "registration 1 (Acme):".to_owned()),
            ("id = \"other\"", "id = \"acme\"", "the id acme stands twice".to_owned()),
            ("id = \"acme\"", "id = \"../acme\"", "lower-case letters".to_owned()),
            ("[\"DefaultTenant\"]", "\"DefaultTenant\"", "registration 1 (Acme):".to_owned()),
            ("remind_minutes = 5", "remind_minutes = \"soon\"", "settings:".to_owned()),
            ("version = 1", "version = \"1\"", "version:".to_owned()),
            ("http://localhost:8421/callback", "http://localhost:80/callback", "redirect_urls:".to_owned()),
        ] {
            assert!(good.contains(from), "{from}\n{good}");
            let broken = good.replacen(from, to, 1);
            std::fs::write(&path, &broken).unwrap();
            let problem = Problem::from(Config::load(&path).expect_err(to));
            assert_eq!(problem.code, Code::ConfigInvalid, "{to}");
            assert!(problem.message.contains(&expected), "{expected}\n{problem}");
            assert_eq!(std::fs::read_to_string(&path).unwrap(), broken);
        }
        for bytes in [&b"\0\xff"[..], b"\xff\xfe[\0"] {
            std::fs::write(&path, bytes).unwrap();
            assert_eq!(Problem::from(Config::load(&path).unwrap_err()).code, Code::ConfigInvalid);
        }
        std::fs::write(&path, "").unwrap();
        assert_eq!(Config::load(&path).unwrap(), Config::default(), "an empty file says nothing wrong");
    }

    #[test]
    fn b12_277_a_secret_in_the_file_is_refused() {
        let scratch = Scratch::new();
        let path = saved(&scratch);
        let text = std::fs::read_to_string(&path).unwrap().replacen(
            "app_id",
            "client_secret = \"MARKER\"\napp_id",
            1,
        );
        std::fs::write(&path, text).unwrap();
        let problem = Problem::from(Config::load(&path).unwrap_err());
        assert_eq!(problem.code, Code::SecretFound);
        assert!(!format!("{problem:?}").contains("MARKER"));
    }

    #[test]
    fn b12_278_a_huge_file_is_refused() {
        let scratch = Scratch::new();
        let path = scratch.path().join("attendant.toml");
        std::fs::write(&path, "#".repeat(300 * 1024)).unwrap();
        assert!(
            matches!(Config::load(&path), Err(ConfigError::Unreadable(error)) if error.finding == FileFinding::TooLarge(LIMIT))
        );
    }

    #[test]
    fn b12_282_a_file_open_to_others_is_closed() {
        let scratch = Scratch::new();
        let path = saved(&scratch);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o666)).unwrap();
        Config::load(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    }

    #[test]
    fn b12_284_a_newer_file_is_not_touched() {
        let scratch = Scratch::new();
        let path = saved(&scratch);
        let newer = std::fs::read_to_string(&path).unwrap().replacen("version = 1", "version = 2", 1);
        std::fs::write(&path, &newer).unwrap();
        assert_eq!(Config::load(&path), Err(ConfigError::Newer(path.clone())));
        assert_eq!(std::fs::read_to_string(&path).unwrap(), newer);
    }

    #[test]
    fn b12_285_a_folder_that_cannot_be_written_is_an_error() {
        let nowhere = Path::new("/proc/attendant/attendant.toml");
        let problem = Problem::from(config().save(nowhere).unwrap_err());
        assert_eq!(problem.code, Code::StateUnwritable);
    }
}

//! The stage: a folder outside the source tree, with copies of the programs, that the unprivileged person can read.
//! The source tree often lies below a home folder that nobody else may enter. It also keeps socket paths short.

use crate::person::Person;
use crate::{places, programs};
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// A prepared stage; removed when dropped.
pub struct Stage {
    root: PathBuf,
    person: Person,
}

impl Stage {
    /// Copies programs and the second provider to a new folder.
    ///
    /// # Errors
    /// Says what could not be copied.
    pub fn new(person: Person) -> Result<Self, String> {
        Self::with(person, programs::NAMES.iter().map(|name| programs::path(name)))
    }

    /// A stage with these programs.
    ///
    /// # Errors
    /// Says what could not be copied.
    pub fn with(person: Person, programs: impl IntoIterator<Item = PathBuf>) -> Result<Self, String> {
        let root = std::env::temp_dir().join(format!("attendant-stage-{}", std::process::id()));
        let stage = Self { root, person };
        for folder in [stage.bin(), stage.worlds(), stage.results()] {
            fs::create_dir_all(&folder).map_err(|error| cannot(&folder, &error))?;
        }
        fs::set_permissions(&stage.root, fs::Permissions::from_mode(0o755))
            .map_err(|error| cannot(&stage.root, &error))?;
        for program in programs {
            let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
            stage.add(&program, &name)?;
        }
        copy_folder(&places::root().join("tests/oidc-provider"), &stage.root.join("oidc-provider"))?;
        stage.person.own(&stage.worlds())?;
        stage.person.own(&stage.results())?;
        Ok(stage)
    }

    /// Copies one more program to the stage.
    ///
    /// # Errors
    /// Says what could not be copied.
    pub fn add(&self, program: &Path, name: &str) -> Result<PathBuf, String> {
        let to = self.bin().join(name);
        fs::copy(program, &to).map_err(|error| cannot(program, &error))?;
        Ok(to)
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The user id of its person.
    pub fn uid(&self) -> Option<String> {
        self.person.uid()
    }

    /// Where a program of the stage lies.
    pub fn program(&self, name: &str) -> PathBuf {
        self.bin().join(name)
    }

    /// A program of the stage, to be run by its person.
    pub fn command(&self, name: &str) -> Command {
        let mut command = self.person.command(&self.bin().join(name));
        command
            .current_dir(self.worlds())
            .env("HOME", self.worlds())
            .env("ATTENDANT_STAGE", &self.root)
            .env("ATTENDANT_STAGE_RESULTS", self.results());
        command
    }

    /// Copies what was left for people to look at into `folder`, which is emptied first.
    ///
    /// # Errors
    /// Says what could not be copied.
    pub fn keep_results(&self, folder: &Path) -> Result<(), String> {
        if folder.exists() {
            fs::remove_dir_all(folder).map_err(|error| cannot(folder, &error))?;
        }
        copy_folder(&self.results(), folder)
    }

    fn bin(&self) -> PathBuf {
        self.root.join("bin")
    }

    fn worlds(&self) -> PathBuf {
        self.root.join("worlds")
    }

    fn results(&self) -> PathBuf {
        self.root.join("results")
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // A leftover in the temporary folder is no reason to fail.
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), String> {
    fs::create_dir_all(to).map_err(|error| cannot(to, &error))?;
    for entry in fs::read_dir(from).map_err(|error| cannot(from, &error))?.flatten() {
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        // Links inside node_modules/.bin are not needed; following them could leave the folder.
        let kind = entry.file_type().map_err(|error| cannot(&path, &error))?;
        if kind.is_dir() {
            copy_folder(&path, &copy)?;
        } else if kind.is_file() {
            fs::copy(&path, &copy).map_err(|error| cannot(&path, &error))?;
        }
    }
    Ok(())
}

fn cannot(path: &Path, error: &std::io::Error) -> String {
    format!("{} could not be copied or prepared: {error}", path.display())
}

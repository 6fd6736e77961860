//! One small file that remembers which registration is the app's own practice tenant and where that listened. Without it
//! leaving practice could remove somebody's real server that happens to run on the same computer.

use attendant_core::paths::write_atomically;
use attendant_core::registration::RegistrationId;
use std::net::SocketAddr;
use std::path::PathBuf;

/// The file.
pub struct Mark(PathBuf);

impl Mark {
    /// The one at `path`, which need not exist.
    pub fn new(path: PathBuf) -> Self {
        Self(path)
    }

    /// Remembers. A mark that cannot be written costs only the restart of practice.
    pub fn write(&self, address: SocketAddr, id: &RegistrationId) {
        if let Err(error) = write_atomically(&self.0, format!("{address} {id}\n").as_bytes()) {
            tracing::warn!(%error, "practice will not be found again after a restart");
        }
    }

    /// What is remembered.
    pub fn read(&self) -> Option<(SocketAddr, RegistrationId)> {
        let text = std::fs::read_to_string(&self.0).ok()?;
        let (address, id) = text.trim_end().split_once(' ')?;
        let address = address.parse::<SocketAddr>().ok().filter(|address| address.ip().is_loopback())?;
        Some((address, RegistrationId::from_name(id)))
    }

    /// Forgets.
    pub fn remove(&self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_the_rest_is_not() {
        let folder = std::env::temp_dir().join(format!("attendant-mark-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let mark = Mark::new(folder.join("practice"));
        assert!(mark.read().is_none());
        let (address, id) = ("127.0.0.1:8500".parse().unwrap(), RegistrationId::from_name("Practice tenant"));
        mark.write(address, &id);
        assert_eq!(mark.read(), Some((address, id)));
        std::fs::write(folder.join("practice"), "192.0.2.1:80 acme\n").unwrap();
        assert!(mark.read().is_none());
        mark.remove();
        assert!(mark.read().is_none());
    }
}

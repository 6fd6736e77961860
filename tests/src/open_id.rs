//! A second, strict provider that shares nothing with ours: npm's `oidc-provider`, which is OpenID certified.

use crate::process::Running;
use crate::{Result, World};
use anyhow::ensure;
use serde_json::Value;
use std::path::{Path, PathBuf};

/// A running provider.
pub struct OpenId {
    _process: Running,
    ready: Value,
}

impl OpenId {
    /// Starts it on a free port.
    ///
    /// # Errors
    /// Its npm packages are missing, or it did not start.
    pub fn start(world: &World) -> Result<Self> {
        Self::with_access_seconds(world, 3600)
    }

    /// Starts it with access tokens that live for `seconds`.
    ///
    /// # Errors
    /// Its npm packages are missing, or it did not start.
    pub fn with_access_seconds(world: &World, seconds: u32) -> Result<Self> {
        let folder = crate::world::stage().map_or_else(source, |stage| stage.join("oidc-provider"));
        ensure!(
            folder.join("node_modules").is_dir(),
            "{} has no packages; `cargo xtask setup` installs them",
            folder.display()
        );
        let mut command = world.command("node");
        command.arg(folder.join("server.mjs")).arg(seconds.to_string()).current_dir(&folder);
        let mut process = Running::start(&mut command, &world.log("oidc-provider"))?;
        let ready = process.line("oidc-provider", |line| {
            serde_json::from_str::<Value>(line).ok().filter(|value| value["ready"] == true)
        })?;
        Ok(Self { _process: process, ready })
    }

    /// The issuer, `http://localhost:PORT`.
    pub fn issuer(&self) -> &str {
        self.ready["issuer"].as_str().unwrap_or_default()
    }

    /// A hand-off sheet for it.
    pub fn sheet(&self) -> String {
        format!(
            "schema = \"attendant-registration/1\"\nname = \"Second provider\"\ntype = \"non-confidential\"\n\
             edition = \"oidc\"\nhost = \"{}\"\napp_id = \"attendant\"\n\
             redirect_urls = [\"http://127.0.0.1/callback\"]\n\n\
             [scopes]\nuser = [\"openid\", \"profile\", \"offline_access\"]\napplication = []\n",
            self.issuer()
        )
    }
}

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("oidc-provider")
}

//! `attendant-test-privileged SOCKET UID`: what stories need root for; see the module `privileged`.

use anyhow::Context;
use std::path::PathBuf;

fn main() -> attendant_tests::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let socket: PathBuf = arguments.next().context("SOCKET")?.into();
    let uid = arguments.next().and_then(|uid| uid.to_str()?.parse().ok()).context("UID")?;
    attendant_tests::privileged::serve(&socket, uid)
}

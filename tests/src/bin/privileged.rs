//! `attendant-test-privileged SOCKET UID`: what stories need root for; see the module `privileged`. It ends with its
//! standard input.

use anyhow::Context;
use std::path::PathBuf;

fn main() -> attendant_tests::Result<()> {
    let mut arguments = std::env::args_os().skip(1);
    let socket: PathBuf = arguments.next().context("SOCKET")?.into();
    let uid = arguments.next().and_then(|uid| uid.to_str()?.parse().ok()).context("UID")?;
    std::thread::spawn(move || attendant_tests::privileged::serve(&socket, uid));
    std::io::copy(&mut std::io::stdin(), &mut std::io::sink())?;
    Ok(())
}

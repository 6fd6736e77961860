//! The two sign-outs.

use crate::support::{keyring, signed_in, status};
use attendant_tests::browser;
use attendant_tests::patience::wait_until;
use attendant_tests::person::{self, PRACTICE};
use attendant_tests::{Result, cli};

#[test]
fn forget_here_empties_the_keyring_and_revokes() -> Result<()> {
    let mut scene = signed_in("forget")?;
    assert_eq!(keyring(&scene.world)?.ours()?.len(), 1);
    person::forget(&mut scene.app, PRACTICE)?;
    assert_eq!(keyring(&scene.world)?.ours()?, []);
    wait_until("the server to be told", || Ok(scene.practice.count("revocations")? == 1))?;
    assert_eq!(scene.practice.count("end_sessions")?, 0, "the browser stays signed in");
    let said = cli::attendant(&scene.world, &["token", PRACTICE, "--wait", "1s"])?;
    assert_eq!(said.code, Some(4), "{said:?}");
    assert_eq!(said.out, "");
    Ok(())
}

#[test]
fn sign_out_in_the_browser_ends_its_session_too() -> Result<()> {
    let mut scene = signed_in("sign-out-browser")?;
    let before = browser::times_opened(&scene.world)?;
    person::sign_out_in_browser(&mut scene.app, PRACTICE)?;
    wait_until("the session to end", || Ok(scene.practice.count("end_sessions")? == 1))?;
    browser::wait_step(&scene.world, before + 1, "closed")?;
    assert_eq!(keyring(&scene.world)?.ours()?, []);
    assert_eq!(status(&scene.world)?["state"], "signed_out");
    Ok(())
}

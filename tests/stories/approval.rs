//! An automation asks, and the person decides.

use crate::support::{list_folders, signed_in};
use attendant_tests::patience::{wait_until, wait_within};
use attendant_tests::person::{self, PRACTICE, by};
use attendant_tests::{Result, cli};
use std::time::Duration;

#[test]
fn allowed_once_is_once() -> Result<()> {
    let mut scene = signed_in("once")?;
    for _ in 0..2 {
        let script = list_folders(&scene, "folders.sh")?;
        let prompt = scene.app.prompt()?;
        prompt.wait(&by("prompt-allow"))?;
        let says = prompt.page_text();
        assert!(says.contains("folders.sh"), "{says}");
        person::allow(&mut scene.app, "once")?;
        assert!(script.said()?.ok()?.contains("Finance/Invoices"));
    }
    Ok(())
}

#[test]
fn allowed_until_lock_is_not_asked_again() -> Result<()> {
    let mut scene = signed_in("until-lock")?;
    let script = list_folders(&scene, "folders.sh")?;
    person::allow(&mut scene.app, "until_lock")?;
    script.said()?.ok()?;
    assert!(list_folders(&scene, "folders.sh")?.said()?.ok()?.contains("Finance/Invoices"));
    assert!(!scene.app.has_prompt()?);
    // Another script is somebody else.
    let mut other = list_folders(&scene, "other.sh")?;
    scene.app.prompt()?.wait(&by("prompt-allow"))?;
    assert!(other.runs()?);
    person::answer(&mut scene.app, "prompt-deny")?;
    assert_ne!(other.said()?.code, Some(0));
    Ok(())
}

#[test]
fn denied_is_exit_code_5_and_asking_at_once_again_too() -> Result<()> {
    let mut scene = signed_in("denied")?;
    let ask = |scene: &crate::support::Scene| {
        cli::start(&mut cli::script(&scene.world, "ask.sh", &format!("attendant token {PRACTICE}"))?)
    };
    let script = ask(&scene)?;
    person::answer(&mut scene.app, "prompt-deny")?;
    let said = script.said()?;
    assert_eq!((said.code, said.out.as_str()), (Some(5), ""), "{said:?}");
    assert!(said.err.contains("(denied)"), "{said:?}");
    let said = ask(&scene)?.said()?;
    assert_eq!(said.code, Some(5), "{said:?}");
    assert!(said.err.contains("(denied_cooldown)"), "{said:?}");
    assert!(!scene.app.has_prompt()?, "a plain no holds for a minute");
    Ok(())
}

#[test]
fn closing_the_prompt_is_a_no() -> Result<()> {
    let mut scene = signed_in("closed-prompt")?;
    let script =
        cli::start(&mut cli::script(&scene.world, "ask.sh", &format!("attendant token {PRACTICE}"))?)?;
    let prompt = scene.app.prompt()?;
    prompt.wait(&by("prompt-allow"))?;
    scene.world.close_newest_window()?;
    let said = script.said()?;
    assert_eq!((said.code, said.out.as_str()), (Some(5), ""), "{said:?}");
    Ok(())
}

#[test]
fn silence_is_a_no_after_a_minute() -> Result<()> {
    let mut scene = signed_in("silence")?;
    let mut script =
        cli::start(&mut cli::script(&scene.world, "ask.sh", &format!("attendant token {PRACTICE}"))?)?;
    scene.app.prompt()?.wait(&by("prompt-allow"))?;
    wait_within("the countdown to end", Duration::from_secs(75), || Ok((!script.runs()?).then_some(())))?;
    let said = script.said()?;
    assert_eq!((said.code, said.out.as_str()), (Some(7), ""), "{said:?}");
    assert!(said.err.contains("(approval_timeout)"), "{said:?}");
    scene.app.prompt_gone()
}

#[test]
fn a_caller_that_gives_up_gets_nothing() -> Result<()> {
    let mut scene = signed_in("gives-up")?;
    let script =
        cli::start(&mut cli::script(&scene.world, "ask.sh", &format!("exec attendant token {PRACTICE}"))?)?;
    let prompt = scene.app.prompt()?;
    prompt.wait(&by("prompt-allow"))?;
    attendant_tests::process::end(script.pid(), rustix::process::Signal::KILL)?;
    wait_until("the prompt to say so", || Ok(prompt.page_text().contains("It no longer waits")))?;
    assert_eq!(script.said()?.out, "");
    scene.app.prompt_gone()
}

#[test]
fn a_scope_nobody_registered_is_exit_code_8() -> Result<()> {
    let mut scene = signed_in("scope")?;
    let said = cli::attendant(&scene.world, &["token", PRACTICE, "--scope", "OR.Robots"])?;
    assert_eq!((said.code, said.out.as_str()), (Some(8), ""), "{said:?}");
    assert!(!scene.app.has_prompt()?);
    Ok(())
}

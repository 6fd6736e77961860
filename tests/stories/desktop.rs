//! The stage itself: what the other stories stand on works, and would be noticed if it did not.

use attendant_tests::browser::{self, Answer, Plan};
use attendant_tests::keyring::Keyring;
use attendant_tests::{OpenId, Practice, Result, World, cli};
use serde_json::json;

/// An authorize request that nobody waits for: the code it ends with goes nowhere.
fn authorize(practice: &Practice) -> Result<String> {
    let sheet = practice.sheet()?;
    let app_id = sheet.lines().find_map(|line| line.strip_prefix("app_id = ")).unwrap_or_default();
    Ok(format!(
        "{}/identity_/connect/authorize?response_type=code&client_id={}&redirect_uri=http%3A%2F%2Flocalhost%3A{}%2Fcallback\
         &scope=openid&state=s&nonce=n&code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM&code_challenge_method=S256",
        practice.base(),
        app_id.trim_matches('"'),
        practice.ports()[0],
    ))
}

#[test]
fn the_person_is_not_root() {
    assert_ne!(
        rustix::process::geteuid().as_raw(),
        0,
        "a browser and checks between users need a real person"
    );
}

#[test]
fn a_browser_opens_through_the_desktop_and_answers() -> Result<()> {
    let world = World::new("browser")?;
    let practice = Practice::start(&world)?;
    world.plan(&Plan::answering(Answer::Refuse))?;
    let opened = world.command("xdg-open").arg(authorize(&practice)?).status()?;
    assert!(opened.success());
    let end = browser::wait_step(&world, 1, "answered")?;
    assert_eq!(end.text, "practice");
    attendant_tests::patience::wait_until("the refusal", || Ok(practice.count("sign_ins_refused")? == 1))?;
    assert_eq!(practice.count("sign_ins")?, 0);
    browser::wait_step(&world, 1, "closed")?;
    Ok(())
}

#[test]
fn the_second_provider_starts() -> Result<()> {
    let world = World::new("second-provider")?;
    let provider = OpenId::start(&world)?;
    let found = cli::http(provider.issuer(), "GET", "/.well-known/openid-configuration", &[], "")?;
    let found: serde_json::Value = serde_json::from_str(&found.body)?;
    assert_eq!(found["issuer"], provider.issuer());
    assert_eq!(found["code_challenge_methods_supported"], json!(["S256"]));
    Ok(())
}

#[test]
fn the_keyring_is_real_and_starts_empty() -> Result<()> {
    let world = World::new("keyring")?;
    let keyring = Keyring::open(world.bus_address()?)?;
    assert_eq!(keyring.items()?, []);
    keyring.lock()?;
    keyring.unlock()?;
    assert_eq!(keyring.items()?, []);
    Ok(())
}

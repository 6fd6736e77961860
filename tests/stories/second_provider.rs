//! The same against a provider that nobody here wrote.

use attendant_tests::browser;
use attendant_tests::cli;
use attendant_tests::person;
use attendant_tests::{App, OpenId, Result, World};

const ID: &str = "second-provider";

#[test]
fn sign_in_renew_and_sign_out_at_a_strict_provider() -> Result<()> {
    let world = World::new("oidc")?;
    // Tokens that are used up at once: every one after the first comes from a refresh token that rotates.
    let provider = OpenId::with_access_seconds(&world, 61)?;
    let mut app = App::start(&world)?;
    person::import(&mut app, &provider.sheet())?;
    person::sign_in(&world, &mut app, ID)?;
    let ask = || cli::start(&mut cli::script(&world, "ask.sh", &format!("attendant token {ID}"))?);
    let script = ask()?;
    person::allow(&mut app, "until_lock")?;
    let mut tokens = vec![script.said()?.ok()?];
    attendant_tests::patience::wait_until("three different tokens", || {
        let token = ask()?.said()?.ok()?;
        if !tokens.contains(&token) {
            tokens.push(token);
        }
        Ok(tokens.len() >= 3)
    })?;
    for token in &tokens {
        let header = format!("Bearer {}", token.trim());
        let answer = cli::http(provider.issuer(), "GET", "/me", &[("Authorization", &header)], "")?;
        assert_eq!(answer.status, 200, "{}", answer.body);
    }
    assert_eq!(
        browser::times_opened(&world)?,
        1,
        "reuse of a spent refresh token would have ended the sign-in"
    );
    person::forget(&mut app, ID)
}

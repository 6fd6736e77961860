//! Signing in, and everything that can get in its way.

use crate::support::{registered, signed_in, status};
use attendant_tests::browser::{self, Answer, Plan};
use attendant_tests::patience::{stays, wait_until};
use attendant_tests::person::{self, PRACTICE, by};
use attendant_tests::world::Without;
use attendant_tests::{Result, World, cli};
use serde_json::json;
use std::net::TcpListener;
use std::time::Duration;

#[test]
fn sign_in_through_the_real_browser() -> Result<()> {
    let mut scene = signed_in("sign-in")?;
    assert_eq!(scene.practice.count("code_exchanges")?, 1);
    assert_eq!(scene.practice.count("code_exchanges_refused")?, 0);
    let said = status(&scene.world)?;
    assert_eq!(said["state"], "active");
    assert_eq!(said["saved"], true);
    assert!(said["held_until"].is_string(), "{said}");
    let text = scene.app.main()?.page_text();
    assert!(text.contains("Covered until"), "{text}");
    Ok(())
}

#[test]
fn the_command_line_signs_in_too() -> Result<()> {
    let scene = registered(World::new("sign-in-cli")?)?;
    let said = cli::attendant(&scene.world, &["sign-in", PRACTICE])?;
    assert_eq!(said.code, Some(0), "{said:?}");
    assert!(said.err.contains("Signed in to Practice tenant"), "{said:?}");
    Ok(())
}

#[test]
fn a_refusal_in_the_browser_is_named() -> Result<()> {
    let scene = registered(World::new("refused")?)?;
    scene.world.plan(&Plan::answering(Answer::Refuse))?;
    let said = cli::attendant(&scene.world, &["sign-in", PRACTICE])?;
    assert_eq!(said.code, Some(4), "{said:?}");
    assert!(said.err.contains("(access_denied)"), "{said:?}");
    let end = browser::wait_step(&scene.world, 1, "finished")?;
    assert!(end.text.contains("Not signed in") && end.text.contains("Next step"), "{}", end.text);
    Ok(())
}

#[test]
fn a_closed_browser_is_opened_again() -> Result<()> {
    let mut scene = registered(World::new("closed")?)?;
    scene.world.plan(&Plan::answering(Answer::Close))?;
    scene.app.main()?.click(&by("sign-in"))?;
    browser::wait_step(&scene.world, 1, "closed")?;
    stays("waiting for the browser", Duration::from_millis(500), || {
        Ok(person::state(&mut scene.app, PRACTICE)? == "awaiting_browser")
    })?;
    scene.world.plan(&Plan::default())?;
    scene.app.main()?.click(&by("open-again"))?;
    person::wait_state(&mut scene.app, PRACTICE, "active")
}

#[test]
fn a_sign_in_can_be_cancelled_and_begun_again() -> Result<()> {
    let mut scene = registered(World::new("cancelled")?)?;
    scene.world.plan(&Plan::answering(Answer::Close))?;
    scene.app.main()?.click(&by("sign-in"))?;
    browser::wait_step(&scene.world, 1, "closed")?;
    scene.app.main()?.click(&by("cancel"))?;
    person::wait_state(&mut scene.app, PRACTICE, "signed_out")?;
    scene.world.plan(&Plan::default())?;
    person::sign_in(&scene.world, &mut scene.app, PRACTICE)
}

#[test]
fn an_answer_with_a_wrong_state_changes_nothing() -> Result<()> {
    let mut scene = registered(World::new("wrong-state")?)?;
    scene.world.plan(&Plan::answering(Answer::Close))?;
    scene.app.main()?.click(&by("sign-in"))?;
    let opened = browser::wait_step(&scene.world, 1, "closed")?;
    let authority = opened.address.split('/').nth(2).unwrap_or_default();
    for query in ["?state=wrong&code=stolen", "?error=access_denied&state=wrong", "?code=stolen", ""] {
        let path = format!("/callback{query}");
        let answer = cli::http(&format!("http://{authority}"), "GET", &path, &[], "")?;
        assert!(answer.status >= 400, "{path}: {answer:?}");
    }
    assert_eq!(person::state(&mut scene.app, PRACTICE)?, "awaiting_browser");
    assert_eq!(scene.practice.count("code_exchanges_refused")?, 0);
    // The attempt still takes the right answer.
    scene.world.plan(&Plan::default())?;
    scene.app.main()?.click(&by("open-again"))?;
    person::wait_state(&mut scene.app, PRACTICE, "active")
}

#[test]
fn taken_ports_are_named_and_the_next_free_one_is_used() -> Result<()> {
    let scene = registered(World::new("ports")?)?;
    let ports = scene.practice.ports();
    let taken = ports.iter().map(|port| TcpListener::bind(("127.0.0.1", *port)));
    let mut taken = taken.collect::<std::io::Result<Vec<_>>>()?;
    let said = cli::attendant(&scene.world, &["sign-in", PRACTICE])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("(ports_taken)") && said.err.contains(&ports[0].to_string()), "{said:?}");
    assert_eq!(browser::times_opened(&scene.world)?, 0);
    taken.pop();
    cli::attendant(&scene.world, &["sign-in", PRACTICE])?.ok()?;
    let opened = browser::wait_step(&scene.world, 1, "opened")?;
    assert!(opened.address.starts_with(&format!("http://localhost:{}/", ports[2])), "{opened:?}");
    Ok(())
}

#[test]
fn without_a_browser_the_link_is_offered() -> Result<()> {
    let world = World::lacking("no-browser", Without { browser: true, ..Without::default() })?;
    let mut scene = registered(world)?;
    let window = scene.app.main()?;
    window.click(&by("sign-in"))?;
    wait_until("the window to say so", || Ok(window.page_text().contains("No browser opened")))?;
    assert!(window.has(&by("copy-link"))?);
    window.click(&by("cancel"))?;
    person::wait_state(&mut scene.app, PRACTICE, "signed_out")
}

#[test]
fn a_server_that_is_not_what_it_should_be_is_named() -> Result<()> {
    let scene = registered(World::new("discovery")?)?;
    let other = json!({"issuer": "https://other.example", "authorization_endpoint": "https://other.example/a",
        "token_endpoint": "https://other.example/t", "code_challenge_methods_supported": ["S256"]});
    for (body, content_type, code) in [
        ("<html>Welcome to the hotel</html>".to_owned(), "text/html", "discovery_not_json"),
        (other.to_string(), "application/json", "issuer_mismatch"),
        ("{}".to_owned(), "application/json", "discovery_invalid"),
    ] {
        scene.practice.control(
            "fail_next",
            json!({"endpoint": "discovery", "status": 200, "body": body, "content_type": content_type}),
        )?;
        let said = cli::attendant(&scene.world, &["sign-in", PRACTICE])?;
        assert_eq!(said.code, Some(1), "{said:?}");
        assert!(said.err.contains(&format!("({code})")), "{said:?}");
        assert!(said.err.trim().lines().count() >= 2, "advice: {said:?}");
    }
    assert_eq!(browser::times_opened(&scene.world)?, 0);
    cli::attendant(&scene.world, &["sign-in", PRACTICE])?.ok()?;
    Ok(())
}

#[test]
fn a_server_that_is_not_there_is_named() -> Result<()> {
    let world = World::new("unreachable")?;
    let mut app = attendant_tests::App::start(&world)?;
    let free = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    person::import(
        &mut app,
        &format!(
            "schema = \"attendant-registration/1\"\nname = \"Nobody\"\ntype = \"non-confidential\"\nedition = \"oidc\"\n\
             host = \"http://{free}\"\napp_id = \"x\"\nredirect_urls = [\"http://127.0.0.1/callback\"]\n\
             [scopes]\nuser = [\"openid\"]\n"
        ),
    )?;
    person::wait_state(&mut app, "nobody", "signed_out")?;
    let said = cli::attendant(&world, &["sign-in", "nobody"])?;
    assert_eq!(said.code, Some(1), "{said:?}");
    assert!(said.err.contains("(discovery_unreachable)"), "{said:?}");
    Ok(())
}

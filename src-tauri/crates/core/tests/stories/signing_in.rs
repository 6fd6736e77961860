//! Signing in and out.

use super::person::Habit;
use super::world::World;
use attendant_protocol::{Code, SessionState};

#[tokio::test(flavor = "multi_thread")]
async fn a_person_signs_in_through_the_browser() {
    let world = World::signed_in().await;
    let shown = world.registration();
    assert_eq!(shown.status.account.as_deref(), Some("pat.practice@example.test"));
    assert!(shown.status.saved, "kept in the keyring");
    assert!(shown.scopes.iter().all(|scope| scope.granted == Some(true)), "{:?}", shown.scopes);
    assert_eq!(world.stats().code_exchanges, 1);
    let opened = world.person.opened.lock().unwrap()[0].to_string();
    assert!(!opened.contains("state") && !opened.contains("code_challenge"), "{opened}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_session_is_there_after_a_restart_without_a_browser() {
    let mut world = World::signed_in().await;
    world.restart().await;
    world.until_state(SessionState::Active).await;
    assert_eq!(world.registration().status.account.as_deref(), Some("pat.practice@example.test"));
    assert_eq!(world.person.browsers_opened(), 0);
    assert_eq!(world.stats().refreshes, 0, "nobody needed access yet");
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_056_declining_in_the_browser_stores_nothing() {
    let world = World::imported(Habit::Refuses).await;
    world.desk.sign_in(world.id(), false).await.unwrap();
    world
        .until("the refusal is shown", |view| {
            view.registrations[0].problem.as_ref().is_some_and(|problem| problem.code == Code::AccessDenied)
        })
        .await;
    assert_eq!(world.registration().status.state, SessionState::SignedOut);
    assert!(world.keyring.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_041_clicking_twice_opens_the_same_sign_in_again() {
    let world = World::imported(Habit::Waits).await;
    world.desk.sign_in(world.id(), false).await.unwrap();
    world.desk.sign_in(world.id(), false).await.unwrap();
    let opened = world.person.opened.lock().unwrap().clone();
    assert_eq!(opened.len(), 2);
    assert_eq!(opened[0].port(), opened[1].port(), "no second port");
    assert_ne!(opened[0], opened[1], "each with a ticket of its own");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_browser_the_link_can_be_copied() {
    let world = World::imported(Habit::HasNoBrowser).await;
    world.desk.sign_in(world.id(), false).await.unwrap();
    world
        .until("no browser is said", |view| {
            view.registrations[0].attempt.as_ref().is_some_and(|one| one.no_browser)
        })
        .await;
    let link = world.desk.link(world.id()).await.unwrap();
    let link = url::Url::parse(&link).unwrap();
    tokio::task::spawn_blocking(move || super::browser::Browser::default().sign_in(&link, "pat", "continue"))
        .await
        .unwrap();
    world.until_state(SessionState::Active).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b3_075_a_browser_that_never_answers_is_given_up_after_ten_minutes() {
    let world = World::imported(Habit::Waits).await;
    world.desk.sign_in(world.id(), false).await.unwrap();
    world.until_state(SessionState::AwaitingBrowser).await;
    world.advance(601);
    world
        .until("the end of waiting", |view| {
            view.registrations[0].problem.as_ref().is_some_and(|problem| problem.code == Code::SignInTimeout)
        })
        .await;
    assert_eq!(world.registration().status.state, SessionState::SignedOut);
}

#[tokio::test(flavor = "multi_thread")]
async fn another_person_answering_is_caught_and_nothing_is_stored() {
    let world = World::signed_in().await;
    let before = world.keyring.items.lock().unwrap().clone();
    world.person.becomes(Habit::SignsInAs("sam"));
    // The practice tenant remembers who is signed in; asking for another account shows its page again. The pin is
    // only lifted by the person asking for another account, so ask for it at the tenant instead.
    world.control(attendant_practice::Command::RevokeAll { access: false });
    world.desk.sign_in(world.id(), false).await.unwrap();
    world
        .until("it is explained", |view| {
            view.registrations[0].problem.as_ref().is_some_and(|problem| problem.code == Code::OtherPerson)
        })
        .await;
    let shown = world.registration();
    assert_eq!(shown.status.account.as_deref(), Some("pat.practice@example.test"));
    assert_eq!(*world.keyring.items.lock().unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_in_early_replaces_the_old_sign_in_only_after_success() {
    let world = World::signed_in().await;
    let before = world.keyring.items.lock().unwrap().clone();
    world.person.becomes(Habit::Refuses);
    world.control(attendant_practice::Command::RevokeAll { access: false });
    world.desk.sign_in(world.id(), false).await.unwrap();
    world.until("the refusal is shown", |view| view.registrations[0].problem.is_some()).await;
    assert_eq!(*world.keyring.items.lock().unwrap(), before, "the old one is still kept");
    world.person.becomes(Habit::SignsInAs("pat"));
    world.desk.sign_in(world.id(), false).await.unwrap();
    world
        .until("signed in again", |view| {
            let one = &view.registrations[0];
            one.status.state == SessionState::Active && one.problem.is_none() && one.attempt.is_none()
        })
        .await;
    assert_ne!(*world.keyring.items.lock().unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn forgetting_here_empties_the_keyring_and_revokes() {
    let world = World::signed_in().await;
    world.desk.sign_out(world.id(), false).await.unwrap();
    world.until_state(SessionState::SignedOut).await;
    tokio::time::timeout(super::world::DEADLINE, world.desk.quit()).await.unwrap();
    assert!(world.keyring.is_empty());
    assert_eq!(world.stats().revocations, 1);
    assert_eq!(world.person.browsers_opened(), 1, "only the sign-in's");
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_in_the_browser_ends_the_tenants_own_session() {
    let world = World::signed_in().await;
    world.desk.sign_out(world.id(), true).await.unwrap();
    world.until_state(SessionState::SignedOut).await;
    tokio::time::timeout(super::world::DEADLINE, world.desk.quit()).await.unwrap();
    let last = world.person.opened.lock().unwrap().last().unwrap().to_string();
    assert!(
        world.minted().iter().all(|secret| !last.contains(secret.as_str())),
        "no ID token for the launcher: {last}"
    );
    world.until_served(|stats| stats.end_sessions == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_is_missing_leaves_the_sign_in_in_memory_and_says_so() {
    let world = World::imported(Habit::SignsInAs("pat")).await;
    world.keyring.becomes(attendant_core::vault::Look::Absent);
    world.desk.sign_in(world.id(), false).await.unwrap();
    world.until_state(SessionState::Active).await;
    let shown = world.registration();
    assert!(!shown.status.saved);
    assert_eq!(shown.problem.map(|problem| problem.code), Some(Code::KeyringAbsent));
    // It comes back: the sign-in is saved without anybody asking for it.
    world.keyring.becomes(attendant_core::vault::Look::Open);
    world.advance(61);
    world.until("saved later", |view| view.registrations[0].status.saved).await;
    assert!(!world.keyring.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_token_reaches_any_file() {
    let world = World::signed_in().await;
    world.desk.quit().await;
    let minted = world.minted();
    assert!(minted.len() >= 4, "access, refresh, ID token and code at least: {}", minted.len());
    let mut folders = vec![world.folder.clone()];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.is_file() {
                files += 1;
                let content = String::from_utf8_lossy(&std::fs::read(&path).unwrap()).into_owned();
                assert!(minted.iter().all(|secret| !content.contains(secret.as_str())), "{}", path.display());
            }
        }
    }
    assert!(files >= 2, "the configuration and the marks at least");
}

#[tokio::test(flavor = "multi_thread")]
async fn b2_041_a_second_click_before_the_browser_opens_is_the_same_sign_in() {
    let world = World::imported(Habit::Waits).await;
    let (first, second) =
        tokio::join!(world.desk.sign_in(world.id(), false), world.desk.sign_in(world.id(), false));
    first.unwrap();
    second.unwrap();
    let opened = world.person.opened.lock().unwrap().clone();
    assert!(opened.iter().all(|one| one.port() == opened[0].port()), "no second port: {opened:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_asked_while_a_sign_in_is_prepared() {
    let world = World::imported(Habit::SignsInAs("pat")).await;
    let socket = world.serve_broker();
    world.control(attendant_practice::Command::DelayNext {
        endpoint: attendant_practice::Endpoint::Discovery,
        ms: 500,
        times: 1,
        when: attendant_practice::When::default(),
    });
    let first = super::broker::ask(&socket, attendant_protocol::TokenAsk::default());
    world.until("it waits", |view| view.registrations[0].status.waiting.len() == 1).await;
    let desk = world.desk.clone();
    let id = world.id();
    let signing_in = tokio::spawn(async move { desk.sign_in(id, false).await });
    world.until("it is prepared", |view| view.registrations[0].attempt.is_some()).await;
    world.advance(30);
    let second = super::broker::ask(&socket, attendant_protocol::TokenAsk::default());
    signing_in.await.unwrap().unwrap();
    world.until_state(SessionState::Active).await;
    assert!(world.person.notices.lock().unwrap().is_empty());
    first.abort();
    second.abort();
}

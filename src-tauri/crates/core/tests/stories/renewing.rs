//! How a session goes on, and when the person is asked.

use super::broker::{ask, refused};
use super::person::Habit;
use super::world::World;
use attendant_core::view::{GrantDuration, PromptAnswer, PromptView};
use attendant_practice::{Command, Endpoint, When};
use attendant_protocol::{Code, SessionState, TokenAsk, TokenResult};
use std::path::Path;

/// A world in which this test program may ask as often as it likes.
async fn allowed() -> (World, std::path::PathBuf) {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let waiting = ask(&socket, TokenAsk::default());
    let prompt = world.until_prompt(|prompt| matches!(prompt, PromptView::Approve { .. })).await;
    let PromptView::Approve { id, .. } = prompt else { unreachable!() };
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::UntilLock }).await;
    waiting.await.unwrap().unwrap();
    (world, socket)
}

async fn token(socket: &Path) -> TokenResult {
    ask(socket, TokenAsk::default()).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expired_token_is_renewed_without_anyone_noticing() {
    let (world, socket) = allowed().await;
    let first = token(&socket).await;
    assert_eq!(world.stats().refreshes, 0, "the token in hand served");
    world.advance(3_600);
    let second = token(&socket).await;
    assert_ne!(first.access_token.expose(), second.access_token.expose());
    assert_eq!(world.stats().refreshes, 1);
    assert!(world.person.notices.lock().unwrap().is_empty());
    assert_eq!(world.person.browsers_opened(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_callers_cost_one_refresh() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    let callers: Vec<_> = (0..100).map(|_| ask(&socket, TokenAsk::default())).collect();
    let mut tokens = std::collections::BTreeSet::new();
    for caller in callers {
        tokens.insert(caller.await.unwrap().unwrap().access_token.expose().to_owned());
    }
    assert_eq!((tokens.len(), world.stats().refreshes), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_new_refresh_token_is_in_the_keyring_before_its_access_token_is_released() {
    let (world, socket) = allowed().await;
    let before = world.keyring.items.lock().unwrap().clone();
    world.advance(3_600);
    token(&socket).await;
    assert_ne!(*world.keyring.items.lock().unwrap(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_busy_twice_never_ends_the_session() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::FailNext {
        endpoint: Endpoint::Token,
        status: 503,
        times: 2,
        body: String::new(),
        content_type: None,
        retry_after: None,
    });
    let caller = ask(&socket, TokenAsk::default());
    for _ in 0..2 {
        world.until("the gate is closed", |view| view.registrations[0].offline).await;
        world.advance(3);
        world.until("it is tried again", |view| !view.registrations[0].offline).await;
    }
    caller.await.unwrap().unwrap();
    assert!(world.person.notices.lock().unwrap().is_empty(), "a network gap asks nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_waits_for_an_unreachable_server_is_told_after_a_while_and_the_sign_in_stays() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::FailNext {
        endpoint: Endpoint::Token,
        status: 503,
        times: 1_000,
        body: String::new(),
        content_type: None,
        retry_after: None,
    });
    let caller = ask(&socket, TokenAsk::default());
    world.until("the gate is closed", |view| view.registrations[0].offline).await;
    world.advance(25);
    assert_eq!(refused(caller.await.unwrap()).code, Code::ProviderBusy);
    world.control(Command::ClearFaults {});
    world.advance(600);
    token(&socket).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_reply_is_tried_once_more_and_then_the_person_is_told() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::DropNextReply { endpoint: Endpoint::Token, times: 1 });
    let caller = ask(&socket, TokenAsk::default());
    world.until_state(SessionState::NeedsPerson).await;
    assert_eq!(world.registration().status.reason, Some(Code::ReplyLost));
    assert_eq!(world.stats().refreshes, 1, "the first one went through at the server");
    world.advance(20);
    world
        .until_prompt(
            |prompt| matches!(prompt, PromptView::SignIn { reason, .. } if reason.code == Code::ReplyLost),
        )
        .await;
    world.control(Command::RevokeAll { access: false });
    world.desk.sign_in(world.id(), false).await.unwrap();
    caller.await.unwrap().expect("the waiting automation goes on by itself");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_refresh_asks_once_and_everyone_who_waits_goes_on() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::RefuseNextRefresh { error: "invalid_grant".into() });
    let callers: Vec<_> = (0..20).map(|_| ask(&socket, TokenAsk::default())).collect();
    world.until_state(SessionState::NeedsPerson).await;
    assert!(world.person.notices.lock().unwrap().is_empty(), "not before the grace is over");
    world.advance(21);
    let prompt = world.until_prompt(|prompt| matches!(prompt, PromptView::SignIn { .. })).await;
    let PromptView::SignIn { id, reason, waiting, .. } = prompt else { unreachable!() };
    assert_eq!(reason.code, Code::InvalidGrant);
    assert_eq!(waiting.len(), 1, "one line for one program: {waiting:?}");
    assert_eq!(world.person.notices.lock().unwrap().len(), 1);
    world.until_keyring_is_empty().await;
    world.person.becomes(Habit::SignsInAs("pat"));
    world.desk.answer_prompt(id, PromptAnswer::SignIn).await;
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    assert_eq!(world.person.browsers_opened(), 2, "one for the first sign-in, one for this");
    assert_eq!(world.person.notices.lock().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn later_is_respected_and_reminds_after_a_quarter_of_an_hour() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::RefuseNextRefresh { error: "invalid_grant".into() });
    let caller = ask(&socket, TokenAsk { wait_seconds: Some(600), ..TokenAsk::default() });
    world.until_state(SessionState::NeedsPerson).await;
    world.advance(21);
    let PromptView::SignIn { id, .. } = world.until_prompt(|_| true).await else { panic!("another prompt") };
    world.desk.answer_prompt(id, PromptAnswer::Later).await;
    world.until_no_prompt().await;
    world.advance(300);
    world.until("nothing new", |view| view.registrations[0].status.waiting.len() == 1).await;
    assert!(world.desk.prompt().is_none());
    world.advance(301);
    assert_eq!(refused(caller.await.unwrap()).code, Code::SignInNeeded, "its own ten minutes are over");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_sixty_days_end_without_spending_the_token() {
    let (world, socket) = allowed().await;
    world.advance(60 * 86_400);
    let caller = ask(&socket, TokenAsk { wait_seconds: Some(1), ..TokenAsk::default() });
    world.until_state(SessionState::NeedsPerson).await;
    assert_eq!(world.registration().status.reason, Some(Code::SignInExpired));
    world.advance(2);
    assert_eq!(refused(caller.await.unwrap()).code, Code::SignInNeeded);
    assert_eq!(world.stats().refreshes, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_is_locked_is_not_spent_into() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.keyring.becomes(attendant_core::vault::Look::Locked);
    let caller = ask(&socket, TokenAsk::default());
    world.until_state(SessionState::NeedsPerson).await;
    assert_eq!(world.registration().status.reason, Some(Code::KeyringLocked));
    assert_eq!(world.stats().refreshes, 0, "nothing was spent");
    world.keyring.becomes(attendant_core::vault::Look::Open);
    world.desk.try_again(world.id()).await.unwrap();
    caller.await.unwrap().unwrap();
    assert_eq!(world.stats().refreshes, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn signing_out_during_a_renewal_never_brings_the_session_back() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::DelayNext { endpoint: Endpoint::Token, ms: 300, times: 1, when: When::default() });
    let caller = ask(&socket, TokenAsk::default());
    world.until_state(SessionState::Refreshing).await;
    world.desk.sign_out(world.id(), false).await.unwrap();
    assert_eq!(refused(caller.await.unwrap()).code, Code::SignInNeeded);
    tokio::time::timeout(super::world::DEADLINE, world.desk.quit()).await.unwrap();
    assert_eq!(world.registration().status.state, SessionState::SignedOut);
    assert!(world.keyring.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_that_lost_the_sign_in_is_told_from_never_signed_in() {
    let mut world = World::signed_in().await;
    world.keyring.items.lock().unwrap().clear();
    world.restart().await;
    world.until_state(SessionState::NeedsPerson).await;
    assert_eq!(world.registration().status.reason, Some(Code::KeyringLost));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_must_last_longer_than_the_server_gives_is_refused_with_advice() {
    let (world, socket) = allowed().await;
    let two_hours = TokenAsk { for_seconds: Some(7_200), ..TokenAsk::default() };
    let refusal = refused(ask(&socket, two_hours).await.unwrap());
    assert_eq!(refusal.code, Code::LifetimeTooLong);
    assert!(!refusal.advice.is_empty());
    assert_eq!(world.stats().refreshes, 0, "nothing was spent to see");
    world.advance(1_800);
    let most = TokenAsk { for_seconds: Some(3_500), ..TokenAsk::default() };
    ask(&socket, most).await.unwrap().expect("a new one lasts that long");
    assert_eq!(world.stats().refreshes, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_refusal_it_is_still_known_whose_sign_in_it_was() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::RefuseNextRefresh { error: "invalid_grant".into() });
    let caller = ask(&socket, TokenAsk::default());
    world.until_state(SessionState::NeedsPerson).await;
    world.control(Command::RevokeAll { access: false });
    world.person.becomes(Habit::SignsInAs("sam"));
    world.desk.sign_in(world.id(), false).await.unwrap();
    world.until_served(|stats| stats.code_exchanges == 2).await;
    world.until("it is ended", |view| view.registrations[0].attempt.is_none()).await;
    assert_eq!(world.registration().status.state, SessionState::NeedsPerson);
    world.until_keyring_is_empty().await;
    caller.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unfinished_sign_in_is_not_asked_for_again_at_once() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::RefuseNextRefresh { error: "invalid_grant".into() });
    let caller = ask(&socket, TokenAsk::default());
    world.until_state(SessionState::NeedsPerson).await;
    world.advance(21);
    let PromptView::SignIn { id, .. } = world.until_prompt(|_| true).await else { panic!("another prompt") };
    world.person.becomes(Habit::Refuses);
    world.control(Command::RevokeAll { access: false });
    world.desk.answer_prompt(id, PromptAnswer::SignIn).await;
    world.until_state(SessionState::AwaitingBrowser).await;
    world.until_state(SessionState::NeedsPerson).await;
    world.advance(120);
    world.until("it goes on waiting", |view| view.registrations[0].status.waiting.len() == 1).await;
    assert_eq!(world.person.notices.lock().unwrap().len(), 1, "no second notice yet");
    assert!(world.desk.prompt().is_none());
    caller.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn access_that_lapsed_is_no_longer_shown() {
    let world = World::signed_in().await;
    assert!(world.registration().status.held_until.is_some());
    world.advance(3_600);
    world.until("it lapsed", |view| view.registrations[0].status.held_until.is_none()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn try_again_asks_the_keyring_to_unlock_though_the_sign_in_is_in_memory() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.keyring.becomes(attendant_core::vault::Look::Locked);
    let caller = ask(&socket, TokenAsk::default());
    world.until_state(SessionState::NeedsPerson).await;
    world.desk.try_again(world.id()).await.unwrap();
    caller.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_whose_time_is_up_during_a_renewal_is_told_about_the_server() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::DelayNext { endpoint: Endpoint::Token, ms: 500, times: 1, when: When::default() });
    let caller = ask(&socket, TokenAsk { wait_seconds: Some(1), ..TokenAsk::default() });
    world.until_state(SessionState::Refreshing).await;
    world.advance(2);
    assert_eq!(refused(caller.await.unwrap()).code, Code::ServerTimeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_renewal_overtaken_by_a_new_sign_in_leaves_the_new_one_in_the_keyring() {
    let (mut world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::DelayNext {
        endpoint: Endpoint::Token,
        ms: 1_500,
        times: 1,
        when: When::AfterWork,
    });
    let caller = ask(&socket, TokenAsk::default());
    world.until_state(SessionState::Refreshing).await;
    world.desk.sign_in(world.id(), false).await.unwrap();
    caller.await.unwrap().unwrap();
    world.until_served(|stats| stats.refreshes == 1).await;
    tokio::time::timeout(super::world::DEADLINE, world.desk.quit()).await.unwrap();
    world.until("kept", |view| view.registrations[0].status.saved).await;
    tokio::time::timeout(super::world::DEADLINE, world.desk.quit()).await.unwrap();
    world.restart().await;
    world.until_state(SessionState::Active).await;
    let socket = world.serve_broker();
    let caller = ask(&socket, TokenAsk::default());
    let prompt = world.until_prompt(|prompt| matches!(prompt, PromptView::Approve { .. })).await;
    let PromptView::Approve { id, .. } = prompt else { unreachable!() };
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::Once }).await;
    caller.await.unwrap().expect("what the keyring holds can be renewed");
}

#[tokio::test(flavor = "multi_thread")]
async fn removing_a_registration_during_a_renewal_leaves_nothing_behind() {
    let (world, socket) = allowed().await;
    world.advance(3_600);
    world.control(Command::DelayNext {
        endpoint: Endpoint::Token,
        ms: 1_000,
        times: 1,
        when: When::AfterWork,
    });
    let caller = ask(&socket, TokenAsk::default());
    world.until_state(SessionState::Refreshing).await;
    world.desk.remove_registration(world.id()).await.unwrap();
    caller.abort();
    world.until_served(|stats| stats.refreshes == 1).await;
    tokio::time::timeout(super::world::DEADLINE, world.desk.quit()).await.unwrap();
    assert!(world.keyring.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keyring_unlocked_elsewhere_is_noticed() {
    let mut world = World::signed_in().await;
    world.keyring.becomes(attendant_core::vault::Look::Locked);
    world.restart().await;
    world.until_state(SessionState::NeedsPerson).await;
    world.keyring.becomes(attendant_core::vault::Look::Open);
    world.advance(31);
    world.until_state(SessionState::Active).await;
}

//! Automations that ask. The caller is this very test program, over the real socket.

use super::person::Habit;
use super::world::{DEADLINE, World};
use attendant_core::view::{GrantDuration, PromptAnswer, PromptView};
use attendant_protocol::client::{Client, ClientError};
use attendant_protocol::{
    Code, ImportResult, Op, Refusal, SignOutAsk, SignOutResult, StatusReport, TokenAsk, TokenResult,
};
use std::path::{Path, PathBuf};
use tokio::task::JoinHandle;

/// Sends `op` as this test program.
fn send<T: serde::de::DeserializeOwned + Send + 'static>(
    socket: &Path,
    op: Op,
) -> JoinHandle<Result<T, ClientError>> {
    let socket: PathBuf = socket.to_owned();
    tokio::task::spawn_blocking(move || Client::connect(&socket)?.ask(&op, Some(DEADLINE)))
}

/// Asks for a token as this test program.
pub fn ask(socket: &Path, ask: TokenAsk) -> JoinHandle<Result<TokenResult, ClientError>> {
    send(socket, Op::Token(ask))
}

pub fn refused<T: std::fmt::Debug>(result: Result<T, ClientError>) -> Refusal {
    match result {
        Err(ClientError::Refused(refusal)) => refusal,
        other => panic!("not refused: {other:?}"),
    }
}

async fn approval(world: &World) -> (String, PromptView) {
    let prompt = world.until_prompt(|prompt| matches!(prompt, PromptView::Approve { .. })).await;
    let PromptView::Approve { id, .. } = &prompt else { unreachable!() };
    (id.clone(), prompt)
}

#[tokio::test(flavor = "multi_thread")]
async fn b10_219_nothing_is_given_before_an_explicit_yes() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let scopes = vec!["OR.Queues.Write".to_owned()];
    let caller = ask(&socket, TokenAsk { scopes, name: Some("a\u{202e}b".into()), ..TokenAsk::default() });
    let (id, prompt) = approval(&world).await;
    let PromptView::Approve { caller: who, scopes, durations, whole_token, account, gives_up_at, .. } =
        prompt
    else {
        unreachable!()
    };
    assert_eq!(who.program.as_deref(), std::env::current_exe().unwrap().to_str());
    assert_eq!(who.claimed_name.as_deref(), Some("ab"));
    assert_eq!((scopes.len(), scopes[0].name.as_str(), whole_token), (1, "OR.Queues.Write", true));
    assert_eq!(durations.first(), Some(&GrantDuration::Once));
    assert_eq!(account.as_deref(), Some("pat.practice@example.test"));
    assert!(
        gives_up_at.is_some()
            || world.until_prompt(|p| matches!(p, PromptView::Approve { gives_up_at: Some(_), .. })).await
                == world.desk.prompt().unwrap()
    );
    assert!(!caller.is_finished());
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::Once }).await;
    let token = caller.await.unwrap().unwrap();
    assert_eq!(token.token_type, "Bearer");
    assert!(token.base_url.is_some_and(|url| url.ends_with("/practice/Default")));
    // Once was once.
    let again = ask(&socket, TokenAsk::default());
    let (id, _) = approval(&world).await;
    world.desk.answer_prompt(id, PromptAnswer::Deny).await;
    assert_eq!(refused(again.await.unwrap()).code, Code::Denied);
}

#[tokio::test(flavor = "multi_thread")]
async fn b10_220_a_no_holds_for_a_minute_and_does_not_poison() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let caller = ask(&socket, TokenAsk::default());
    let (id, _) = approval(&world).await;
    world.desk.answer_prompt(id, PromptAnswer::Deny).await;
    assert_eq!(refused(caller.await.unwrap()).code, Code::Denied);
    assert_eq!(refused(ask(&socket, TokenAsk::default()).await.unwrap()).code, Code::DeniedCooldown);
    world.advance(61);
    let caller = ask(&socket, TokenAsk::default());
    let (id, _) = approval(&world).await;
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::Once }).await;
    caller.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn b10_221_silence_is_no() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let caller = ask(&socket, TokenAsk::default());
    world.until_prompt(|prompt| matches!(prompt, PromptView::Approve { gives_up_at: Some(_), .. })).await;
    world.advance(61);
    assert_eq!(refused(caller.await.unwrap()).code, Code::ApprovalTimeout);
    world.until_no_prompt().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b10_223_a_caller_that_hangs_up_gets_nothing_and_a_late_yes_grants_nothing() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let mut client = tokio::task::spawn_blocking(move || Client::connect(&socket)).await.unwrap().unwrap();
    client.send(&Op::Token(TokenAsk::default())).unwrap();
    let (id, _) = approval(&world).await;
    drop(client);
    world.until_prompt(|prompt| matches!(prompt, PromptView::Approve { gone: true, .. })).await;
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::UntilLock }).await;
    world.until_no_prompt().await;
    assert!(world.desk.view().grants.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn b10_224_identical_asks_are_one_prompt() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let callers: Vec<_> = (0..50).map(|_| ask(&socket, TokenAsk::default())).collect();
    let (id, prompt) = approval(&world).await;
    assert!(matches!(prompt, PromptView::Approve { more: 0, .. }));
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::ThisRun }).await;
    for caller in callers {
        caller.await.unwrap().unwrap();
    }
    let shown = world
        .person
        .prompts
        .lock()
        .unwrap()
        .iter()
        .filter_map(|prompt| match prompt {
            PromptView::Approve { id, .. } => Some(id.clone()),
            PromptView::SignIn { .. } | PromptView::SignOut { .. } => None,
        })
        .collect::<std::collections::BTreeSet<_>>();
    assert_eq!(shown.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn until_i_lock_ends_at_the_lock_and_a_locked_app_gives_nothing() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let caller = ask(&socket, TokenAsk::default());
    let (id, _) = approval(&world).await;
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::UntilLock }).await;
    caller.await.unwrap().unwrap();
    ask(&socket, TokenAsk::default()).await.unwrap().expect("allowed without another question");
    world.desk.lock().await.unwrap();
    assert_eq!(refused(ask(&socket, TokenAsk::default()).await.unwrap()).code, Code::Locked);
    world.desk.unlock().await.unwrap();
    let caller = ask(&socket, TokenAsk::default());
    approval(&world).await;
    caller.abort();
}

#[tokio::test(flavor = "multi_thread")]
async fn b10_235_more_than_was_allowed_is_asked_again() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let scoped = |scope: &str| TokenAsk { scopes: vec![scope.into()], ..TokenAsk::default() };
    let caller = ask(&socket, scoped("OR.Queues.Read"));
    let (id, _) = approval(&world).await;
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::UntilLock }).await;
    caller.await.unwrap().unwrap();
    let more = ask(&socket, scoped("OR.Queues.Write"));
    let (id, _) = approval(&world).await;
    world.desk.answer_prompt(id, PromptAnswer::Deny).await;
    assert_eq!(refused(more.await.unwrap()).code, Code::Denied);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_registration_does_not_have_is_out_of_scope() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let wanted = TokenAsk { scopes: vec!["OR.Robots".into()], ..TokenAsk::default() };
    assert_eq!(refused(ask(&socket, wanted).await.unwrap()).code, Code::ScopeNotRegistered);
    let elsewhere = TokenAsk { tenant: Some("Production".into()), ..TokenAsk::default() };
    assert_eq!(refused(ask(&socket, elsewhere).await.unwrap()).code, Code::TenantNotFound);
    let nobody = TokenAsk { registration: Some("acme".into()), ..TokenAsk::default() };
    assert_eq!(refused(ask(&socket, nobody).await.unwrap()).code, Code::RegistrationNotFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_asks_while_nobody_is_signed_in_waits_for_the_sign_in_then_for_the_approval() {
    let world = World::imported(Habit::SignsInAs("pat")).await;
    let socket = world.serve_broker();
    let caller = ask(&socket, TokenAsk::default());
    world.until("it waits", |view| view.registrations[0].status.waiting.len() == 1).await;
    world.advance(21);
    let PromptView::SignIn { id, reason, .. } = world.until_prompt(|_| true).await else {
        panic!("approval came first")
    };
    assert_eq!(reason.code, Code::SignInNeeded);
    world.desk.answer_prompt(id, PromptAnswer::SignIn).await;
    let (id, _) = approval(&world).await;
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::Once }).await;
    caller.await.unwrap().unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sheet_from_the_command_line_waits_for_the_persons_review() {
    let world = World::empty(Habit::Waits).await;
    let socket = world.serve_broker();
    let text = world.tenant.sheet_toml();
    let import = send::<ImportResult>(&socket, Op::Import { text: text.clone() });
    world
        .until("the sheet is shown", |view| view.incoming.as_ref().is_some_and(|sheet| sheet.text == text))
        .await;
    assert!(world.desk.view().registrations.is_empty(), "nothing is saved yet");
    assert_eq!(*world.person.main_shown.lock().unwrap(), 1);
    world.desk.save_sheet(text.clone(), None, vec![]).await.unwrap();
    assert_eq!(import.await.unwrap().unwrap().id, "practice-tenant");
    world.until("it is no longer shown", |view| view.incoming.is_none()).await;
    let again = send::<ImportResult>(&socket, Op::Import { text });
    world.until("shown again", |view| view.incoming.is_some()).await;
    world.desk.dismiss_incoming().await;
    assert_eq!(refused(again.await.unwrap()).code, Code::Denied);
    let secret =
        send::<ImportResult>(&socket, Op::Import { text: "client_secret = \"9f8e7d6c5b4a\"".into() });
    assert_eq!(refused(secret.await.unwrap()).code, Code::SecretFound);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_cannot_sign_anybody_out_in_passing() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let out = || send::<SignOutResult>(&socket, Op::SignOut(SignOutAsk::default()));
    let first = out();
    let PromptView::SignOut { id, .. } = world.until_prompt(|_| true).await else { panic!("another prompt") };
    world.desk.answer_prompt(id, PromptAnswer::Deny).await;
    assert_eq!(refused(first.await.unwrap()).code, Code::Denied);
    assert!(!world.keyring.is_empty());
    world.advance(61);
    let second = out();
    let PromptView::SignOut { id, .. } = world.until_prompt(|_| true).await else { panic!("another prompt") };
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::Once }).await;
    assert!(second.await.unwrap().unwrap().lent_until.is_some());
    tokio::time::timeout(DEADLINE, world.desk.quit()).await.unwrap();
    assert!(world.keyring.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn status_has_facts_and_no_values() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let report = send::<StatusReport>(&socket, Op::Status { registration: None }).await.unwrap().unwrap();
    let text = format!("{report:?}");
    assert_eq!(report.registrations.len(), 1);
    assert!(report.registrations[0].held_until.is_some() && report.registrations[0].expected_until.is_some());
    assert!(world.minted().iter().all(|secret| !text.contains(secret.as_str())));
}

#[tokio::test(flavor = "multi_thread")]
async fn b10_223_nobody_is_asked_to_sign_in_for_a_caller_that_hung_up() {
    let world = World::imported(Habit::Waits).await;
    let socket = world.serve_broker();
    let mut client = tokio::task::spawn_blocking(move || Client::connect(&socket)).await.unwrap().unwrap();
    client.send(&Op::Token(TokenAsk::default())).unwrap();
    world.until("it waits", |view| view.registrations[0].status.waiting.len() == 1).await;
    world.advance(21);
    world.until_prompt(|prompt| matches!(prompt, PromptView::SignIn { .. })).await;
    drop(client);
    world.until_no_prompt().await;
    world.until("nobody waits", |view| view.registrations[0].status.waiting.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn b8_184_signing_out_takes_an_open_question_back() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let caller = ask(&socket, TokenAsk::default());
    let (id, _) = approval(&world).await;
    world.desk.sign_out(world.id(), false).await.unwrap();
    assert_eq!(refused(caller.await.unwrap()).code, Code::SignInNeeded);
    world.until_no_prompt().await;
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::UntilLock }).await;
    world.desk.unlock().await.unwrap();
    assert!(world.desk.view().grants.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn locking_answers_an_open_question_with_locked() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let caller = ask(&socket, TokenAsk::default());
    approval(&world).await;
    world.desk.lock().await.unwrap();
    assert_eq!(refused(caller.await.unwrap()).code, Code::Locked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_yes_that_is_overtaken_by_the_lock_gives_nothing() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    world.advance(3_600);
    world.control(attendant_practice::Command::DelayNext {
        endpoint: attendant_practice::Endpoint::Token,
        ms: 300,
        times: 1,
        when: attendant_practice::When::default(),
    });
    let caller = ask(&socket, TokenAsk::default());
    let (id, _) = approval(&world).await;
    world.desk.answer_prompt(id, PromptAnswer::Allow { duration: GrantDuration::UntilLock }).await;
    world.until_state(attendant_protocol::SessionState::Refreshing).await;
    world.desk.lock().await.unwrap();
    assert_eq!(refused(caller.await.unwrap()).code, Code::Locked);
    world.until("nothing is granted", |view| view.locked && view.grants.is_empty()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_caller_waits_for_approval_no_longer_than_it_said() {
    let world = World::signed_in().await;
    let socket = world.serve_broker();
    let caller = ask(&socket, TokenAsk { wait_seconds: Some(5), ..TokenAsk::default() });
    approval(&world).await;
    world.advance(6);
    assert_eq!(refused(caller.await.unwrap()).code, Code::ApprovalTimeout);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_behind_a_locked_keyring_is_not_signed_out_in_passing() {
    let mut world = World::signed_in().await;
    world.keyring.becomes(attendant_core::vault::Look::Locked);
    world.restart().await;
    world.until_state(attendant_protocol::SessionState::NeedsPerson).await;
    let socket = world.serve_broker();
    let out = send::<SignOutResult>(&socket, Op::SignOut(SignOutAsk::default()));
    let PromptView::SignOut { id, .. } = world.until_prompt(|_| true).await else { panic!("another prompt") };
    // A second question like it does not queue behind the first.
    let more = send::<SignOutResult>(&socket, Op::SignOut(SignOutAsk::default()));
    assert_eq!(refused(more.await.unwrap()).code, Code::RateLimited);
    world.desk.answer_prompt(id, PromptAnswer::Deny).await;
    assert_eq!(refused(out.await.unwrap()).code, Code::Denied);
    let again = send::<SignOutResult>(&socket, Op::SignOut(SignOutAsk::default()));
    assert_eq!(refused(again.await.unwrap()).code, Code::DeniedCooldown);
    assert!(!world.keyring.is_empty());
}

//! Whole sign-ins, against the practice tenant.

use super::browser::Browser;
use super::rig::{Rig, registration};
use crate::error::Problem;
use crate::registration::{Edition, Registration};
use crate::secret::Secret;
use crate::signin::exchange::{TokenError, refresh, revoke};
use crate::signin::{AttemptEvent, Completed, Finish, SignInError};
use attendant_practice::{Command, Options, State};
use attendant_protocol::Code;
use std::time::Duration;
use tokio::net::TcpListener;
use url::Url;

/// A practice tenant whose redirect URL is free now. The port is taken from the system, not from a list.
async fn practice() -> (State, Registration) {
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let redirect = format!("http://localhost:{free}/callback");
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let state = State::new(Options { redirect_urls: vec![redirect.clone()], ..Options::default() });
    state.listens_on(listener.local_addr().unwrap());
    tokio::spawn(attendant_practice::run(listener, state.clone(), std::future::pending()));
    let registration = Registration {
        edition: Edition::AutomationSuite,
        organization: Some("acme".into()),
        tenants: vec!["Production".into()],
        app_id: state.app_id().into(),
        redirect_urls: vec![redirect],
        scopes: ["openid", "profile", "email", "offline_access", "OR.Jobs"].map(String::from).to_vec(),
        ..registration(state.base())
    };
    (state, registration)
}

/// Ticket → authorize → login form → where the tenant sends the browser.
async fn log_in(rig: &Rig, browser: &mut Browser, answer: &str) -> Url {
    let ticket = rig.control.ticket_url();
    assert_eq!(ticket.host_str(), Some("localhost"), "b2_040: spelled like the redirect URL");
    let authorize = browser.get(&ticket).await.location(&ticket);
    let form = browser.get(&authorize).await;
    let hidden =
        form.body.split("name=\"ticket\" value=\"").nth(1).expect(&form.body).split('"').next().unwrap();
    let user = form.body.split("name=\"user\" id=\"user-").nth(1).unwrap().split('"').next().unwrap();
    let login = authorize.join("/identity_/web/login").unwrap();
    let page = browser.post(&login, &format!("ticket={hidden}&user={user}&answer={answer}")).await;
    assert_eq!(page.status, 303, "{}", page.body);
    let mut url = page.location(&login);
    url.set_fragment(None);
    url
}

#[tokio::test]
async fn b3_043_a_whole_sign_in_ends_on_a_clean_page_that_says_the_truth() {
    let (practice, registration) = practice().await;
    let mut rig = Rig::begin(&registration).await;
    let mut browser = Browser::default();
    let callback = log_in(&rig, &mut browser, "continue").await;
    let page = browser.get(&callback).await;
    assert_eq!(page.status, 303);
    let result = page.location(&callback);
    assert!(result.query().is_none() && !result.as_str().contains("code"), "{result}");
    let page = browser.get(&result).await;
    assert_eq!((page.status, page.header("refresh")), (200, Some("1")));
    assert!(page.body.contains("Finishing"));

    // b3_048: the same answer again, while it is being exchanged
    assert_eq!(browser.get(&callback).await.location(&callback), result);

    let Completed { tokens, identity, provider } = rig.complete().await.unwrap();
    let identity = identity.expect("openid was granted");
    assert_eq!(identity.issuer, practice.issuer());
    assert!(identity.account.as_ref().is_some_and(|account| account.contains('@')), "{identity:?}");
    assert!(tokens.server_date.is_some() && tokens.expires_in == Some(3600) && !provider.pinned);
    assert!(tokens.scope.as_ref().unwrap().contains(&"OR.Jobs".to_owned()));
    rig.control.finish(Finish::SignedIn { name: registration.name.clone(), account: identity.account });
    let page = browser.get(&result).await;
    assert!(page.body.contains("You are signed in") && page.header("refresh").is_none(), "{}", page.body);
    assert!(rig.events.try_recv().is_err(), "one exchange, one event");
    closed(&rig).await;

    // The refresh token is good for one renewal; the next one of the old family says so.
    let old = tokens.refresh.unwrap();
    let renewed = refresh(&rig.http, &provider, &registration.app_id, &old, None).await.unwrap();
    let new = renewed.refresh.unwrap();
    assert!(!new.matches(old.expose()));
    let error = refresh(&rig.http, &provider, &registration.app_id, &old, None).await.unwrap_err();
    assert!(matches!(error, TokenError::Refused { code: Code::InvalidGrant, .. }), "{error:?}");
    revoke(&rig.http, &provider, &registration.app_id, &new).await.unwrap();
    let error = refresh(&rig.http, &provider, &registration.app_id, &new, None).await.unwrap_err();
    assert_eq!(error.problem().code, Code::InvalidGrant);
    revoke(&rig.http, &provider, &registration.app_id, &Secret::new("unknown".into())).await.unwrap();
}

/// The listener is gone.
async fn closed(rig: &Rig) {
    let address = rig.address();
    let gone = async {
        while tokio::net::TcpStream::connect(&address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(Duration::from_secs(5), gone).await.expect("the listener closes");
}

#[tokio::test]
async fn b3_056_declining_ends_the_attempt_and_the_page_says_so() {
    let (_practice, registration) = practice().await;
    let mut rig = Rig::begin(&registration).await;
    let mut browser = Browser::default();
    let callback = log_in(&rig, &mut browser, "refuse").await;
    let result = browser.get(&callback).await.location(&callback);
    let AttemptEvent::Refused(error) = rig.event().await else { panic!("refused") };
    assert_eq!(error, SignInError::Declined);
    rig.control.finish(Finish::Failed(error.problem()));
    let page = browser.get(&result).await;
    assert!(
        page.body.contains("You declined in the browser") && page.body.contains("Next step"),
        "{}",
        page.body
    );
    closed(&rig).await;
}

#[tokio::test]
async fn b5_120_a_code_works_once_and_only_with_its_own_verifier() {
    let (_practice, registration) = practice().await;
    let mut rig = Rig::begin(&registration).await;
    let mut browser = Browser::default();
    let callback = log_in(&rig, &mut browser, "continue").await;
    browser.get(&callback).await;
    let code = callback.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    rig.complete().await.unwrap();
    rig.control.cancel();

    // b3_072: somebody else's code in our attempt
    let mut second = Rig::begin(&registration).await;
    let mut browser = second.started().await;
    browser.get(&second.callback(&format!("code={code}&state=STATE&iss={}", _practice.issuer()))).await;
    let error = second.complete().await.unwrap_err();
    assert_eq!(error.problem().code, Code::InvalidGrant, "{error:?}");
}

#[tokio::test]
async fn b5_124_a_lost_reply_is_ambiguous_and_nothing_is_sent_again() {
    let (practice, registration) = practice().await;
    let mut rig = Rig::begin(&registration).await;
    let mut browser = Browser::default();
    let callback = log_in(&rig, &mut browser, "continue").await;
    browser.get(&callback).await;
    let endpoint = attendant_practice::Endpoint::Token;
    practice.control(Command::DropNextReply { endpoint, times: 1 });
    let error = rig.complete().await.unwrap_err();
    assert!(matches!(error, SignInError::Token(TokenError::Ambiguous(_))), "{error:?}");
}

#[tokio::test]
async fn pasting_works_for_the_answer_and_for_nothing_else() {
    let (_practice, registration) = practice().await;
    let mut rig = Rig::begin(&registration).await;
    let mut elsewhere = Browser::default();
    let callback = log_in(&rig, &mut elsewhere, "continue").await;
    let wrong = callback.as_str().replace("state=", "state=x");
    for text in ["", "hello", "https://example.test/", rig.redirect.as_str(), wrong.as_str()] {
        let Problem { code, .. } = rig.control.paste(text).unwrap_err();
        assert_eq!(code, Code::NotAnAnswer, "{text}");
    }
    rig.control.paste(&format!("  {callback}\n")).unwrap();
    assert_eq!(rig.control.paste(callback.as_str()).unwrap_err().code, Code::NotAnAnswer, "once");
    let completed = rig.complete().await.unwrap();
    assert!(completed.identity.is_some());
    rig.control.finish(Finish::SignedIn { name: "Acme".into(), account: None });
    closed(&rig).await;
}

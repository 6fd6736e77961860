//! The table of [`step`](super::step), row by row.

use super::*;

fn at(seconds: i64) -> Time {
    chrono::DateTime::from_timestamp(1_800_000_000 + seconds, 0).unwrap()
}

fn held(expires: Option<i64>) -> Held {
    Held {
        signed_in_at: at(0),
        ends_at: Some(at(60 * 86_400)),
        account: Some("pat".into()),
        access: expires.map(|seconds| Access {
            expires_at: at(seconds),
            life: TimeDelta::seconds(seconds),
            scope: vec!["OR.Jobs".into()],
        }),
        renewable: true,
        saved: true,
        reply_lost: false,
        maybe_spent: false,
        retry_at: None,
    }
}

fn fresh() -> Access {
    Access { expires_at: at(9_000), life: TimeDelta::hours(1), scope: vec![] }
}

#[test]
fn a_token_in_hand_is_released_until_a_minute_before_it_expires() {
    for (now, effect) in
        [(0, Effect::Release), (3_539, Effect::Release), (3_540, Effect::Refresh), (9_999, Effect::Refresh)]
    {
        let (_, effects) = step(Session::Active(held(Some(3_600))), Event::TokenNeeded, at(now));
        assert_eq!(effects, vec![effect], "at {now}");
    }
}

#[test]
fn one_refresh_runs_however_many_need_it() {
    let (session, first) = step(Session::Active(held(None)), Event::TokenNeeded, at(0));
    let (session, second) = step(session, Event::TokenNeeded, at(1));
    assert_eq!((first, second), (vec![Effect::Refresh], vec![]));
    assert_eq!(session.state(), SessionState::Refreshing);
}

#[test]
fn a_refresh_that_could_not_get_through_keeps_the_sign_in() {
    let (session, _) = step(Session::Active(held(None)), Event::TokenNeeded, at(0));
    let (session, effects) =
        step(session, Event::RefreshLater { retry_at: at(30), maybe_spent: false }, at(1));
    assert_eq!(effects, vec![Effect::TryLater]);
    assert_eq!(session.state(), SessionState::Active);
    let (session, effects) = step(session, Event::TokenNeeded, at(29));
    assert_eq!(effects, vec![], "the gate is closed until then");
    assert_eq!(step(session, Event::TokenNeeded, at(30)).1, vec![Effect::Refresh]);
}

#[test]
fn after_a_lost_reply_the_same_token_is_tried_once_more_and_never_again() {
    let (session, _) = step(Session::Active(held(None)), Event::TokenNeeded, at(0));
    let (session, effects) = step(session, Event::ReplyLost, at(1));
    assert_eq!(effects, vec![Effect::TryLater]);
    let (session, effects) = step(session, Event::TokenNeeded, at(2));
    assert_eq!(effects, vec![Effect::Refresh]);
    for second in [Event::ReplyLost, Event::RefreshRefused(Code::InvalidGrant)] {
        let (session, effects) = step(session.clone(), second, at(3));
        assert_eq!(session.reason(), Some(Code::ReplyLost));
        assert_eq!(effects, vec![Effect::Wipe, Effect::AskPerson(Code::ReplyLost)]);
    }
}

#[test]
fn a_success_forgets_the_lost_reply() {
    let lost = Held { reply_lost: true, ..held(None) };
    let (session, _) =
        step(Session::Refreshing(lost), Event::Refreshed { access: fresh(), saved: true }, at(5));
    assert!(session.held().is_some_and(|held| !held.reply_lost));
}

#[test]
fn a_refusal_asks_the_person_and_says_whose_it_was() {
    let (session, effects) =
        step(Session::Refreshing(held(None)), Event::RefreshRefused(Code::InvalidGrant), at(1));
    assert_eq!(session.reason(), Some(Code::InvalidGrant));
    assert_eq!(session.held().and_then(|held| held.account.as_deref()), Some("pat"));
    assert_eq!(effects, vec![Effect::Wipe, Effect::AskPerson(Code::InvalidGrant)]);
    let (_, effects) = step(session, Event::TokenNeeded, at(2));
    assert_eq!(effects, vec![Effect::AskPerson(Code::InvalidGrant)]);
}

#[test]
fn the_sixty_days_end_a_sign_in_without_spending_its_token() {
    let (session, effects) = step(Session::Active(held(None)), Event::TokenNeeded, at(60 * 86_400));
    assert_eq!(session.reason(), Some(Code::SignInExpired));
    assert!(!effects.contains(&Effect::Refresh));
}

#[test]
fn without_a_refresh_token_the_person_is_asked_when_access_runs_out() {
    let plain = Held { renewable: false, ..held(Some(3_600)) };
    assert_eq!(step(Session::Active(plain.clone()), Event::TokenNeeded, at(0)).1, vec![Effect::Release]);
    let (session, _) = step(Session::Active(plain), Event::TokenNeeded, at(3_600));
    assert_eq!(session.reason(), Some(Code::NoRefreshToken));
}

#[test]
fn signing_in_early_keeps_the_old_sign_in_until_the_new_one_succeeds() {
    let active = Session::Active(held(Some(3_600)));
    let (waiting, _) = step(active.clone(), Event::SignInBegan { gives_up_at: at(600) }, at(0));
    let (waiting, effects) = step(waiting, Event::TokenNeeded, at(1));
    assert_eq!(effects, vec![Effect::Release], "the old one still serves");
    assert_eq!(step(waiting.clone(), Event::SignInEnded, at(2)).0, active);
    let new = Held { account: Some("sam".into()), ..held(Some(7_200)) };
    let (exchanging, _) = step(waiting, Event::BrowserAnswered, at(2));
    let (session, effects) = step(exchanging, Event::SignedIn(new.clone()), at(3));
    assert_eq!(session, Session::Active(new));
    assert_eq!(effects, vec![Effect::StopAsking, Effect::Release]);
}

#[test]
fn nobody_is_asked_twice_while_the_browser_is_open() {
    let (waiting, effects) = step(Session::SignedOut, Event::SignInBegan { gives_up_at: at(600) }, at(0));
    assert_eq!(effects, vec![Effect::StopAsking]);
    assert_eq!(step(waiting, Event::TokenNeeded, at(1)).1, vec![]);
}

#[test]
fn signing_out_wins_over_everything_and_a_late_answer_changes_nothing() {
    let (session, effects) = step(Session::Refreshing(held(None)), Event::SignedOut, at(0));
    assert_eq!((session.clone(), effects), (Session::SignedOut, vec![Effect::StopAsking, Effect::Wipe]));
    for late in [
        Event::Refreshed { access: fresh(), saved: true },
        Event::RefreshRefused(Code::InvalidGrant),
        Event::ReplyLost,
        Event::RefreshLater { retry_at: at(9), maybe_spent: false },
        Event::Saved,
        Event::BrowserAnswered,
        Event::SignInEnded,
    ] {
        assert_eq!(step(session.clone(), late, at(1)), (Session::SignedOut, vec![]));
    }
}

#[test]
fn a_locked_keyring_is_not_a_lost_sign_in() {
    let (session, effects) = step(Session::Active(held(None)), Event::Blocked(Code::KeyringLocked), at(0));
    assert_eq!(effects, vec![], "nobody waits, nobody is asked");
    assert!(session.held().is_some_and(|held| held.renewable));
    let (session, effects) = step(session, Event::Restored(held(None)), at(1));
    assert_eq!((session.state(), effects), (SessionState::Active, vec![Effect::StopAsking]));
}

#[test]
fn a_refusal_after_a_server_error_is_a_lost_reply_but_no_try_is_used_up() {
    let mut session = Session::Active(held(None));
    for second in [1, 3, 5] {
        let (refreshing, effects) = step(session, Event::TokenNeeded, at(second));
        assert_eq!(effects, vec![Effect::Refresh], "at {second}");
        let later = Event::RefreshLater { retry_at: at(second + 1), maybe_spent: second == 3 };
        session = step(refreshing, later, at(second)).0;
    }
    let (session, _) = step(session, Event::TokenNeeded, at(7));
    let refused = Event::RefreshRefused(Code::InvalidGrant);
    assert_eq!(step(session.clone(), refused.clone(), at(8)).0.reason(), Some(Code::ReplyLost));
    let (session, _) = step(session, Event::Refreshed { access: fresh(), saved: true }, at(8));
    let (session, _) = step(session, Event::LongerNeeded, at(9));
    assert_eq!(step(session, refused, at(10)).0.reason(), Some(Code::InvalidGrant), "a success forgets it");
}

#[test]
fn what_ended_is_not_tried_again_at_any_time() {
    let waiting = Held { retry_at: Some(at(60 * 86_400)), ..held(None) };
    let (session, _) = step(Session::Active(waiting), Event::TokenNeeded, at(60 * 86_400 + 1));
    assert_eq!(session.reason(), Some(Code::SignInExpired));
    assert_eq!(session.held().and_then(|held| held.retry_at), None);
}

#[test]
fn wanting_longer_does_not_end_what_is_still_good() {
    let plain = Held { renewable: false, ..held(Some(3_600)) };
    let over = Held { ends_at: Some(at(5)), ..held(Some(3_600)) };
    for good in [plain, over] {
        let (session, effects) = step(Session::Active(good.clone()), Event::LongerNeeded, at(10));
        assert_eq!((session, effects), (Session::Active(good), vec![Effect::TooLong]));
    }
}

#[test]
fn the_sign_in_that_serves_is_seen_behind_the_one_under_way() {
    let active = Session::Active(held(Some(3_600)));
    let (waiting, _) = step(active, Event::SignInBegan { gives_up_at: at(600) }, at(0));
    assert!(waiting.active().is_some_and(|held| held.covers(at(0))));
    let (refreshing, _) = step(waiting, Event::LongerNeeded, at(1));
    assert!(refreshing.active().is_none());
}

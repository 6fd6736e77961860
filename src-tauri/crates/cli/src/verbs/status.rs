//! `attendant status`: one line per registration, in the words of the window.

use crate::connect::{Connector, Start};
use crate::exit::Failure;
use crate::{out, when};
use attendant_protocol::{Code, Op, RegistrationStatus, SessionState, StatusReport};
use jiff::Zoned;
use std::time::Duration;

/// The app answers from memory.
const WITHIN: Duration = Duration::from_secs(10);

/// Runs the verb.
pub fn run(connector: &Connector, name: Option<String>, json: bool) -> Result<(), Failure> {
    let mut client = connector.connect(Start::Hidden)?;
    let report: StatusReport = client.ask(&Op::Status { registration: name }, Some(WITHIN))?;
    if json {
        return out::json(&report);
    }
    if report.locked {
        out::say("Attendant is locked. Nothing is lent until you unlock it in its window.");
    }
    if report.registrations.is_empty() {
        out::say("There is no registration yet.");
        out::say("Add one with the hand-off sheet your administrator sent: attendant import FILE");
    }
    for line in table(&report.registrations, &when::now()) {
        out::line(&line)?;
    }
    Ok(())
}

/// The rows, in columns as wide as their widest cell; the sentence at the end runs free.
fn table(registrations: &[RegistrationStatus], now: &Zoned) -> Vec<String> {
    let rows: Vec<[String; 4]> = registrations
        .iter()
        .map(|one| {
            let account = one.account.as_deref().unwrap_or("-");
            [
                out::plain(&one.id),
                state(one.state).into(),
                out::plain(account),
                out::plain(&sentence(one, now)),
            ]
        })
        .collect();
    let width = |column: usize| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0);
    let (first, second, third) = (width(0), width(1), width(2));
    rows.iter()
        .map(|[id, state, account, rest]| format!("{id:first$}  {state:second$}  {account:third$}  {rest}"))
        .collect()
}

fn state(state: SessionState) -> &'static str {
    match state {
        SessionState::SignedOut => "Signed out",
        SessionState::AwaitingBrowser | SessionState::Exchanging => "Waiting for browser",
        SessionState::Active | SessionState::Refreshing => "Active",
        SessionState::NeedsPerson => "Needs you",
        SessionState::Unknown => "Unknown",
    }
}

fn sentence(one: &RegistrationStatus, now: &Zoned) -> String {
    let mut text = match one.state {
        SessionState::SignedOut => "No automation can use it until you sign in.".into(),
        SessionState::AwaitingBrowser => "Finish signing in there.".into(),
        SessionState::Exchanging => "The browser answered; finishing.".into(),
        SessionState::Active | SessionState::Refreshing => match &one.held_until {
            Some(until) if !when::is_over(until, now) => {
                format!("Covered until {}.", when::clock_time(until, now))
            }
            _ => "Signed in. Access is fetched when something asks.".into(),
        },
        SessionState::NeedsPerson => reason(one.reason).into(),
        SessionState::Unknown => "See Attendant's window.".into(),
    };
    let signed_in = matches!(one.state, SessionState::Active | SessionState::Refreshing);
    if signed_in && !one.saved {
        text.push_str(" Not saved: it ends when Attendant quits.");
    }
    match one.waiting.len() {
        0 => {}
        1 => text.push_str(" 1 automation is waiting."),
        several => text.push_str(&format!(" {several} automations are waiting.")),
    }
    text
}

/// The window tells more; a line on a terminal needs the gist and the next step.
fn reason(code: Option<Code>) -> &'static str {
    let Some(code) = code else { return "Sign in again." };
    if code == Code::SignInExpired {
        "This sign-in reached its 60 days. Sign in again."
    } else if code == Code::InvalidGrant {
        "The server no longer accepts this sign-in. Sign in again."
    } else if code == Code::ReplyLost {
        "The sign-in was lost while renewing it. Sign in again."
    } else if code == Code::ScopesChanged {
        "The registration's scopes changed. Sign in again."
    } else if code == Code::OtherPerson {
        "Another person answered. Sign in with the right account."
    } else if code == Code::KeyringLocked {
        "The keyring is locked. Unlock it; the sign-in is safe in it."
    } else if code == Code::KeyringLost {
        "The keyring no longer holds this sign-in. Sign in again."
    } else if code == Code::NoRefreshToken {
        "Access ran out and cannot be renewed. Sign in again."
    } else {
        "Sign in again."
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use attendant_protocol::WaitingAutomation;

    fn one(id: &str, state: SessionState) -> RegistrationStatus {
        RegistrationStatus {
            id: id.into(),
            name: id.into(),
            state,
            reason: None,
            account: None,
            held_until: None,
            expected_until: None,
            signed_in_at: None,
            saved: true,
            tenants: vec![],
            waiting: vec![],
        }
    }

    fn now() -> Zoned {
        "2026-11-21T14:00:00+00:00[UTC]".parse().unwrap()
    }

    #[test]
    fn columns_line_up() {
        let mut active = one("acme", SessionState::Active);
        active.account = Some("dana@acme.example".into());
        active.held_until = Some("2026-11-21T15:40:00Z".into());
        let out = table(&[active, one("ü", SessionState::AwaitingBrowser)], &now());
        assert_eq!(
            out,
            [
                "acme  Active               dana@acme.example  Covered until 15:40.",
                "ü     Waiting for browser  -                  Finish signing in there.",
            ]
        );
    }

    #[test]
    fn a_forecast_is_never_told_as_a_fact() {
        let mut over = one("acme", SessionState::Active);
        over.held_until = Some("2026-11-21T13:59:59Z".into());
        over.expected_until = Some("2027-01-20T15:40:00Z".into());
        assert_eq!(sentence(&over, &now()), "Signed in. Access is fetched when something asks.");
    }

    #[test]
    fn what_needs_attention_is_said() {
        let mut needy = one("acme", SessionState::NeedsPerson);
        needy.reason = Some(Code::InvalidGrant);
        needy.waiting =
            vec![WaitingAutomation { name: "a".into(), since: String::new(), gives_up_at: String::new() }; 2];
        assert_eq!(
            sentence(&needy, &now()),
            "The server no longer accepts this sign-in. Sign in again. 2 automations are waiting."
        );
        let mut unsaved = one("acme", SessionState::Refreshing);
        unsaved.saved = false;
        assert!(sentence(&unsaved, &now()).ends_with("Not saved: it ends when Attendant quits."));
    }

    #[test]
    fn every_code_that_needs_a_person_gets_a_next_step() {
        for code in Code::ALL.iter().filter(|code| code.status() == attendant_protocol::Status::NeedsPerson) {
            let text = reason(Some(*code));
            assert!(text.contains("ign in") || text.contains("Unlock"), "{code:?}");
        }
    }
}

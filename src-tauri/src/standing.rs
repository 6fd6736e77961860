//! What the tray says, decided from a view: pure, so that every state has a row in a test. Sentences hold clock times,
//! never "in 38 minutes", because nobody redraws them.

use attendant_core::view::{RegistrationView, View};
use attendant_protocol::SessionState;
use chrono::{DateTime, TimeZone};

/// One of the tray's three pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Picture {
    /// At least one sign-in works and none needs the person.
    Covered,
    /// A sign-in needs the person.
    NeedsYou,
    /// No sign-in works.
    SignedOut,
}

/// A line of the tray's menu that is about one registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Line {
    /// Says something.
    Says(String),
    /// Starts a sign-in.
    SignIn {
        /// The registration's id.
        id: String,
        /// The verb and the registration's name.
        label: String,
    },
}

/// Everything the tray shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// The picture.
    pub picture: Picture,
    /// The sentence for the tooltip and for screen readers.
    pub sentence: String,
    /// What needs the person.
    pub needs_you: Vec<Line>,
    /// The other registrations.
    pub others: Vec<Line>,
}

impl Standing {
    /// Before the first view.
    pub fn starting() -> Self {
        let sentence = "Starting".to_owned();
        Self { picture: Picture::SignedOut, sentence, needs_you: Vec::new(), others: Vec::new() }
    }

    /// Reads `view`; clock times are of `zone`.
    pub fn of<Z: TimeZone>(view: &View, zone: &Z) -> Self
    where
        Z::Offset: std::fmt::Display,
    {
        let (needing, others): (Vec<_>, Vec<_>) = view.registrations.iter().partition(|one| needs_you(one));
        let covered = others.iter().filter(|one| is_covered(one)).count();
        let picture = if !needing.is_empty() {
            Picture::NeedsYou
        } else if covered > 0 && !view.locked {
            Picture::Covered
        } else {
            Picture::SignedOut
        };
        let sentence = if view.locked {
            "Attendant is locked".to_owned()
        } else {
            match (needing.as_slice(), covered) {
                ([one], _) => format!("{} needs you", one.status.name),
                ([_, _, ..], _) => format!("{} sign-ins need you", needing.len()),
                ([], 0) if others.is_empty() => "Nothing is set up yet".to_owned(),
                ([], 0) => "Signed out".to_owned(),
                ([], 1) if others.len() == 1 => says(others[0], zone),
                ([], covered) if covered == others.len() => "Everything is covered".to_owned(),
                ([], covered) => format!("{covered} of {} covered", others.len()),
            }
        };
        Self {
            picture,
            sentence,
            needs_you: needing
                .iter()
                .flat_map(|one| {
                    let (id, name) = (one.status.id.clone(), &one.status.name);
                    [
                        Line::Says(format!("{name} needs you")),
                        Line::SignIn { id, label: format!("Sign in to {name}") },
                    ]
                })
                .collect(),
            others: others.iter().map(|one| Line::Says(says(one, zone))).collect(),
        }
    }
}

/// Whether practice is part of the view, which every window then says.
pub fn is_practice(view: &View) -> bool {
    view.registrations.iter().any(|one| one.on_this_computer)
}

fn needs_you(one: &RegistrationView) -> bool {
    one.status.state == SessionState::NeedsPerson
}

fn is_covered(one: &RegistrationView) -> bool {
    matches!(one.status.state, SessionState::Active | SessionState::Refreshing)
}

fn says<Z: TimeZone>(one: &RegistrationView, zone: &Z) -> String
where
    Z::Offset: std::fmt::Display,
{
    let name = &one.status.name;
    let until = one.status.held_until.as_deref().and_then(|at| clock_time(at, zone));
    match one.status.state {
        SessionState::Active | SessionState::Refreshing => match until {
            Some(until) if one.offline => format!("{name}, covered until {until}, server cannot be reached"),
            Some(until) => format!("{name}, covered until {until}"),
            None if one.offline => format!("{name}, server cannot be reached"),
            None => format!("{name}, signed in"),
        },
        SessionState::AwaitingBrowser => format!("{name}, waiting for browser"),
        SessionState::Exchanging => format!("{name}, signing in"),
        SessionState::NeedsPerson => format!("{name} needs you"),
        SessionState::SignedOut | SessionState::Unknown => format!("{name}, signed out"),
    }
}

fn clock_time<Z: TimeZone>(rfc3339: &str, zone: &Z) -> Option<String>
where
    Z::Offset: std::fmt::Display,
{
    let at = DateTime::parse_from_rfc3339(rfc3339).ok()?;
    Some(at.with_timezone(zone).format("%H:%M").to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{registration, view};
    use chrono::FixedOffset;

    fn standing(registrations: &[RegistrationView]) -> Standing {
        Standing::of(&view(registrations), &FixedOffset::east_opt(3600).unwrap())
    }

    #[test]
    fn the_picture_follows_the_most_urgent() {
        let active = registration("acme", SessionState::Active);
        let out = registration("test", SessionState::SignedOut);
        let needs = registration("northwind", SessionState::NeedsPerson);
        let waits = registration("fabrikam", SessionState::AwaitingBrowser);
        for (registrations, picture, sentence) in [
            (vec![], Picture::SignedOut, "Nothing is set up yet"),
            (vec![out.clone()], Picture::SignedOut, "Signed out"),
            (vec![waits], Picture::SignedOut, "Signed out"),
            (vec![active.clone()], Picture::Covered, "acme, covered until 15:40"),
            (vec![active.clone(), active.clone()], Picture::Covered, "Everything is covered"),
            (vec![active.clone(), out.clone()], Picture::Covered, "1 of 2 covered"),
            (vec![active, needs.clone(), out], Picture::NeedsYou, "northwind needs you"),
            (vec![needs.clone(), needs], Picture::NeedsYou, "2 sign-ins need you"),
        ] {
            let standing = standing(&registrations);
            assert_eq!((standing.picture, standing.sentence.as_str()), (picture, sentence));
        }
    }

    #[test]
    fn locked_is_said_and_shows_no_cover() {
        let mut view = view(&[registration("acme", SessionState::Active)]);
        view.locked = true;
        let standing = Standing::of(&view, &chrono::Utc);
        assert_eq!(
            (standing.picture, standing.sentence.as_str()),
            (Picture::SignedOut, "Attendant is locked")
        );
    }

    #[test]
    fn every_registration_has_its_line_with_local_time() {
        let mut offline = registration("far", SessionState::Active);
        offline.offline = true;
        let standing = standing(&[
            registration("northwind", SessionState::NeedsPerson),
            registration("acme", SessionState::Refreshing),
            offline,
            registration("test", SessionState::AwaitingBrowser),
        ]);
        assert_eq!(
            standing.needs_you,
            [
                Line::Says("northwind needs you".to_owned()),
                Line::SignIn { id: "northwind".to_owned(), label: "Sign in to northwind".to_owned() },
            ]
        );
        let others = [
            "acme, covered until 15:40",
            "far, covered until 15:40, server cannot be reached",
            "test, waiting for browser",
        ];
        assert_eq!(standing.others, others.map(|says| Line::Says(says.to_owned())));
    }

    #[test]
    fn practice_is_noticed() {
        let mut one = registration("practice", SessionState::Active);
        assert!(!is_practice(&view(std::slice::from_ref(&one))));
        one.on_this_computer = true;
        assert!(is_practice(&view(&[one])));
    }
}

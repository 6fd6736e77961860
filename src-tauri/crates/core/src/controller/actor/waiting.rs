//! Whoever waits for this session, until when, and when the person is asked for their sake.

use super::messages::{Need, Released};
use crate::clock::{Time, rfc3339};
use crate::error::Problem;
use crate::session::Held;
use attendant_protocol::{Code, WaitingAutomation};
use chrono::TimeDelta;

/// The callers that wait for one session.
#[derive(Default)]
pub struct Waiting {
    callers: Vec<(Need, Time)>,
}

impl Waiting {
    /// Adds a caller.
    pub fn add(&mut self, need: Need, now: Time) {
        self.callers.push((need, now));
    }

    /// Whether anybody waits. Callers that hung up are forgotten first.
    pub fn is_empty(&mut self) -> bool {
        self.callers.retain(|(need, _)| !need.answer.is_closed());
        self.callers.is_empty()
    }

    /// Since when the first of them waits.
    pub fn since(&self) -> Option<Time> {
        self.callers.iter().map(|(_, since)| *since).min()
    }

    /// The next moment one of them gives up.
    pub fn next_deadline(&self) -> Option<Time> {
        self.callers.iter().map(|(need, _)| need.gives_up_at).min()
    }

    /// For the prompt and the window: one line per name.
    pub fn list(&self) -> Vec<WaitingAutomation> {
        let mut list: Vec<WaitingAutomation> = Vec::new();
        for (need, since) in self.callers.iter().filter(|(need, _)| !need.answer.is_closed()) {
            if !list.iter().any(|one| one.name == need.name) {
                let gives_up_at = rfc3339(need.gives_up_at);
                list.push(WaitingAutomation { name: need.name.clone(), since: rfc3339(*since), gives_up_at });
            }
        }
        list
    }

    /// Takes those whose need `held` fulfils at `now`. Those that need a longer life than a fresh token has are told
    /// so, if the token is `fresh` or its life when it was new shows it: no token is spent to find out again.
    pub fn release(&mut self, held: &Held, access: &crate::secret::Secret, now: Time, fresh: bool) {
        let Some(facts) = &held.access else { return };
        let mut left = Vec::new();
        for (need, since) in self.callers.drain(..) {
            let lasts = (facts.held_until() - now).to_std().unwrap_or_default();
            let longest = facts.longest().to_std().unwrap_or_default();
            match need.token_for {
                Some(wanted) if wanted > lasts && (fresh || wanted > longest) => {
                    let minutes = longest.as_secs() / 60;
                    let text = format!("A token of this server lasts {minutes} minutes at most.");
                    let _ = need.answer.send(Err(Problem::new(Code::LifetimeTooLong, text)));
                }
                Some(wanted) if wanted > lasts => left.push((need, since)),
                wanted => {
                    let access = wanted.map(|_| access.duplicate());
                    let released =
                        Released { access, expires_at: facts.expires_at, scope: facts.scope.clone() };
                    let _ = need.answer.send(Ok(released));
                }
            }
        }
        self.callers = left;
    }

    /// Lets those go who only waited for somebody to be signed in.
    pub fn release_signed_in(&mut self, held: &Held, now: Time) {
        let scope = held.access.as_ref().map(|access| access.scope.clone()).unwrap_or_default();
        let mut left = Vec::new();
        for (need, since) in self.callers.drain(..) {
            if need.token_for.is_none() {
                let _ =
                    need.answer.send(Ok(Released { access: None, expires_at: now, scope: scope.clone() }));
            } else {
                left.push((need, since));
            }
        }
        self.callers = left;
    }

    /// Tells those who waited longer than `patience`, or all with none, what is in the way.
    pub fn refuse(&mut self, problem: &Problem, now: Time, patience: Option<TimeDelta>) {
        let mut left = Vec::new();
        for (need, since) in self.callers.drain(..) {
            if patience.is_none_or(|patience| since + patience <= now) {
                let _ = need.answer.send(Err(problem.clone()));
            } else {
                left.push((need, since));
            }
        }
        self.callers = left;
    }

    /// Tells those whose time is up why nothing came.
    pub fn give_up(&mut self, problem: &Problem, now: Time) {
        let (over, left) = self.callers.drain(..).partition(|(need, _)| need.gives_up_at <= now);
        self.callers = left;
        let over: Vec<(Need, Time)> = over;
        for (need, _) in over {
            let _ = need.answer.send(Err(problem.clone()));
        }
    }
}

//! Tickets: what the browser's launcher may see. A ticket is an address of our own listener that leads to the real
//! authorization URL once and sets a cookie on the way, because a launcher's command line is readable by every user
//! of the computer. Each opening has its own ticket and cookie; any cookie of the attempt completes it.

use crate::random::Randomness;
use crate::secret::Secret;

/// The most tickets of one attempt that can be used: a person opens and copies a few times.
const TICKETS_CAP: usize = 64;

/// All tickets and cookies of one attempt.
pub(crate) struct Tickets {
    cookie_name: String,
    issued: Vec<Ticket>,
}

struct Ticket {
    id: Secret,
    used: bool,
    cookie: Secret,
}

/// What came of a ticket.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Redeemed {
    /// Its cookie, as `name=value`.
    Cookie(String),
    /// It was used before.
    Used,
    /// There is no such ticket.
    Unknown,
}

impl Tickets {
    /// No tickets yet. The cookie's name is the attempt's own, since cookies of one host are shared by all its ports
    /// (RFC 6265 §8.5) and two attempts may wait at once.
    pub(crate) fn new(random: &dyn Randomness) -> Self {
        let name: String = random.token().chars().take(12).collect();
        Self { cookie_name: format!("attendant-{name}"), issued: Vec::new() }
    }

    /// A new ticket; the oldest makes room when there are very many.
    pub(crate) fn issue(&mut self, random: &dyn Randomness) -> String {
        if self.issued.len() == TICKETS_CAP {
            self.issued.remove(0);
        }
        let id = random.token();
        self.issued.push(Ticket {
            id: Secret::new(id.clone()),
            used: false,
            cookie: Secret::new(random.token()),
        });
        id
    }

    /// Uses a ticket up.
    pub(crate) fn redeem(&mut self, id: &str) -> Redeemed {
        let Some(ticket) = self.issued.iter_mut().find(|ticket| ticket.id.matches(id)) else {
            return Redeemed::Unknown;
        };
        if std::mem::replace(&mut ticket.used, true) {
            return Redeemed::Used;
        }
        Redeemed::Cookie(format!("{}={}", self.cookie_name, ticket.cookie.expose()))
    }

    /// Whether a `Cookie` field holds a cookie that a used ticket has set.
    pub(crate) fn recognises<'a>(&self, mut fields: impl Iterator<Item = &'a str>) -> bool {
        fields.any(|field| {
            field.split(';').filter_map(|pair| pair.trim().split_once('=')).any(|(name, value)| {
                name == self.cookie_name
                    && self.issued.iter().any(|ticket| ticket.used && ticket.cookie.matches(value))
            })
        })
    }
}

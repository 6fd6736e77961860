//! Judges what comes while an attempt waits. Exactly one answer ends it: registered path, `Host`, `state` in constant
//! time, `iss`, our cookie, and a peer that is not another user. Everybody else gets a short refusal, and it goes on
//! waiting.

use crate::random::Randomness;
use crate::secret::Secret;
use crate::signin::answer::{self, Parameters, Said};
use crate::signin::attempt::Attempt;
use crate::signin::error::SignInError;
use crate::signin::pages::Response;
use crate::signin::peer::Peer;
use crate::signin::request::Request;
use crate::signin::ticket::{Redeemed, Tickets};
use crate::signin::{Answered, AttemptEvent, Finish};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{mpsc, watch};
use url::Url;

/// How often the person is asked about browsers Attendant did not start, within one attempt.
const STRANGERS_CAP: u32 = 3;

/// Whether the listener goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Life {
    /// It waits, or the answer is being checked.
    Open,
    /// The outcome is known and its page not fetched yet.
    Lingering,
    /// It is over.
    Closed,
}

/// One attempt's shared state: the listener and the controller both hold it.
pub(crate) struct Waiting {
    pub(crate) authority: String,
    start: Url,
    callback_path: String,
    ticket_path: &'static str,
    page_path: &'static str,
    place: String,
    authorization_url: Url,
    random: Arc<dyn Randomness>,
    events: mpsc::Sender<AttemptEvent>,
    pub(crate) life: watch::Sender<Life>,
    inner: Mutex<Inner>,
}

struct Inner {
    tickets: Tickets,
    phase: Phase,
    /// Tells a repeated answer from a wrong one after the attempt moved on.
    state: Secret,
    strangers: u32,
}

enum Phase {
    Waiting(Box<Attempt>),
    Stranger { attempt: Box<Attempt>, said: Said, page: Secret },
    Finishing { page: Option<Secret> },
    Over { page: Secret, finish: Finish },
    Closed,
}

impl Waiting {
    /// Waits for the answer to `attempt` at `redirect`.
    pub(crate) fn new(
        attempt: Attempt,
        redirect: &Url,
        random: Arc<dyn Randomness>,
        events: mpsc::Sender<AttemptEvent>,
    ) -> Self {
        let host = redirect.host_str().unwrap_or_default();
        let authority = redirect.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        let callback_path = redirect.path().to_owned();
        let apart = |ours: [&'static str; 2]| {
            let [first, second] = ours;
            if callback_path.starts_with(first) { second } else { first }
        };
        let (ticket_path, page_path) = (apart(["/start/", "/begin/"]), apart(["/result/", "/outcome/"]));
        let mut start = redirect.clone();
        start.set_query(None);
        let registration = &attempt.registration;
        let place = match (&registration.organization, registration.tenants.first()) {
            (Some(organization), Some(tenant)) => format!("{}, {organization} / {tenant}", registration.name),
            (Some(organization), None) => format!("{}, {organization}", registration.name),
            _ => registration.name.clone(),
        };
        let authorization_url = attempt.authorization_url();
        let inner = Inner {
            tickets: Tickets::new(&*random),
            state: attempt.state.duplicate(),
            strangers: 0,
            phase: Phase::Waiting(Box::new(attempt)),
        };
        Self {
            authority,
            start,
            callback_path,
            ticket_path,
            page_path,
            place,
            authorization_url,
            random,
            events,
            life: watch::Sender::new(Life::Open),
            inner: Mutex::new(inner),
        }
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new ticket's address, spelled with the redirect URL's host, or the cookie would be lost (RFC 6265 §5.3).
    pub(crate) fn ticket_url(&self) -> Url {
        let id = self.inner().tickets.issue(&*self.random);
        let mut url = self.start.clone();
        url.set_path(&format!("{}{id}", self.ticket_path));
        url
    }

    /// The real address.
    pub(crate) fn authorization_url(&self) -> &Url {
        &self.authorization_url
    }

    /// The redirect URL, to recognise a pasted answer.
    pub(crate) fn leads_here(&self, url: &Url) -> bool {
        url.origin() == self.start.origin() && url.path() == self.callback_path
    }

    /// Answers one request. `peer` is asked only when everything else fits.
    pub(crate) fn respond(&self, request: &Request, peer: impl Fn() -> Peer) -> Response {
        if request.prefetch {
            return Response::refusal(204);
        }
        if request.path == self.callback_path {
            self.callback(request, peer)
        } else if let Some(id) = request.path.strip_prefix(self.ticket_path) {
            self.ticket(id, peer)
        } else if let Some(id) = request.path.strip_prefix(self.page_path) {
            self.page(id)
        } else {
            Response::refusal(404)
        }
    }

    fn ticket(&self, id: &str, peer: impl Fn() -> Peer) -> Response {
        let mut inner = self.inner();
        if !matches!(inner.phase, Phase::Waiting(_) | Phase::Stranger { .. }) {
            return Response::refusal(404);
        }
        if peer() == Peer::Other {
            tracing::warn!("another user of this computer opened an address of the sign-in");
            return Response::refusal(403);
        }
        match inner.tickets.redeem(id) {
            Redeemed::Cookie(pair) => Response::redirect(302, self.authorization_url.to_string())
                .with_cookie(&pair, &self.callback_path),
            Redeemed::Used => Response::already_opened(&self.place),
            Redeemed::Unknown => Response::refusal(404),
        }
    }

    fn page(&self, id: &str) -> Response {
        match &self.inner().phase {
            Phase::Stranger { page, .. } if page.matches(id) => Response::asking(&self.place),
            Phase::Finishing { page: Some(page) } if page.matches(id) => Response::finishing(&self.place),
            Phase::Over { page, finish } if page.matches(id) => Response::outcome(&self.place, finish),
            Phase::Waiting(_)
            | Phase::Stranger { .. }
            | Phase::Finishing { .. }
            | Phase::Over { .. }
            | Phase::Closed => Response::refusal(404),
        }
    }

    fn callback(&self, request: &Request, peer: impl Fn() -> Peer) -> Response {
        let Ok(parameters) = answer::read(&request.query) else {
            return Response::refusal(400);
        };
        let mut inner = self.inner();
        if !inner.state.matches(parameters.state.expose()) {
            return Response::refusal(400);
        }
        let ours = inner.tickets.recognises(request.cookies.iter().map(|field| field.as_str()));
        let attempt = match &inner.phase {
            Phase::Waiting(attempt) | Phase::Stranger { attempt, .. } => attempt,
            // Asked again: a double click, or a program that fetches what the browser fetched.
            Phase::Finishing { page: Some(page) } | Phase::Over { page, .. } if ours => {
                return self.to_page(page);
            }
            Phase::Finishing { .. } | Phase::Over { .. } | Phase::Closed => return Response::refusal(400),
        };
        let fault = issuer_fault(attempt, &parameters);
        let peer = peer();
        if peer == Peer::Other {
            tracing::warn!("another user of this computer tried to answer the sign-in");
            return Response::refusal(403);
        }
        let page = Secret::new(self.random.token());
        if ours {
            let said = fault.map_or(parameters.said, Said::Error);
            let response = self.to_page(&page);
            self.conclude(&mut inner, said, Some(page));
            return response;
        }
        let may_ask = matches!(inner.phase, Phase::Waiting(_)) && inner.strangers < STRANGERS_CAP;
        if peer != Peer::Own || fault.is_some() || !may_ask {
            return Response::other_browser(&self.place);
        }
        let Phase::Waiting(attempt) = std::mem::replace(&mut inner.phase, Phase::Closed) else {
            return Response::refusal(400);
        };
        inner.strangers += 1;
        let response = self.to_page(&page);
        inner.phase = Phase::Stranger { attempt, said: parameters.said, page };
        self.tell(AttemptEvent::Stranger);
        response
    }

    /// The person's word on a browser Attendant did not start.
    pub(crate) fn stranger(&self, yes: bool) {
        let mut inner = self.inner();
        if !matches!(inner.phase, Phase::Stranger { .. }) {
            return;
        }
        if let Phase::Stranger { attempt, said, page } = std::mem::replace(&mut inner.phase, Phase::Closed) {
            inner.phase = Phase::Waiting(attempt);
            if yes {
                self.conclude(&mut inner, said, Some(page));
            }
        }
    }

    /// An answer the person brought by hand: its state was checked here, and the person stands in for the cookie.
    pub(crate) fn brought(&self, query: &str) -> Result<(), &'static str> {
        let parameters = answer::read(query).map_err(|_| "it carries no code.")?;
        let mut inner = self.inner();
        let attempt = match &inner.phase {
            Phase::Waiting(attempt) | Phase::Stranger { attempt, .. } => attempt,
            Phase::Finishing { .. } | Phase::Over { .. } | Phase::Closed => {
                return Err("that sign-in is over.");
            }
        };
        if !inner.state.matches(parameters.state.expose()) {
            return Err("it belongs to another sign-in.");
        }
        let said = issuer_fault(attempt, &parameters).map_or(parameters.said, Said::Error);
        self.conclude(&mut inner, said, None);
        Ok(())
    }

    /// Hands the answer on. The attempt leaves with it, or is wiped.
    fn conclude(&self, inner: &mut Inner, said: Said, page: Option<Secret>) {
        let attempt = match std::mem::replace(&mut inner.phase, Phase::Finishing { page }) {
            Phase::Waiting(attempt) | Phase::Stranger { attempt, .. } => attempt,
            other @ (Phase::Finishing { .. } | Phase::Over { .. } | Phase::Closed) => {
                inner.phase = other;
                return;
            }
        };
        self.tell(match said {
            Said::Code(code) => AttemptEvent::Answered(Answered { attempt, code }),
            Said::Error(error) => AttemptEvent::Refused(error),
        });
    }

    /// The outcome is known: the page in the browser says so, then the listener closes.
    pub(crate) fn finish(&self, finish: Finish) {
        let mut inner = self.inner();
        match std::mem::replace(&mut inner.phase, Phase::Closed) {
            Phase::Finishing { page: Some(page) } | Phase::Over { page, .. } => {
                inner.phase = Phase::Over { page, finish };
                self.life.send_replace(Life::Lingering);
            }
            Phase::Waiting(_) | Phase::Stranger { .. } | Phase::Finishing { page: None } | Phase::Closed => {
                self.life.send_replace(Life::Closed);
            }
        }
    }

    /// The time is up, unless an answer is being checked.
    pub(crate) fn expire(&self) {
        let mut inner = self.inner();
        if matches!(inner.phase, Phase::Waiting(_) | Phase::Stranger { .. }) {
            inner.phase = Phase::Closed;
            self.tell(AttemptEvent::Expired);
            self.life.send_replace(Life::Closed);
        }
    }

    /// Ends everything at once and wipes what is left.
    pub(crate) fn close(&self) {
        self.inner().phase = Phase::Closed;
        self.life.send_replace(Life::Closed);
    }

    /// The controller let go: only an outcome that is known may still be fetched.
    pub(crate) fn abandon(&self) {
        let known = matches!(self.inner().phase, Phase::Over { .. });
        if !known {
            self.close();
        }
    }

    fn to_page(&self, page: &Secret) -> Response {
        Response::redirect(303, format!("{}{}", self.page_path, page.expose()))
    }

    fn tell(&self, event: AttemptEvent) {
        // Room for all events of one attempt was made; nobody listening means the attempt is being dropped.
        if self.events.try_send(event).is_err() {
            tracing::debug!("nobody waits for this sign-in any more");
        }
    }
}

/// RFC 9207 §2.4: present means equal, promised means present. Compared letter by letter.
fn issuer_fault(attempt: &Attempt, parameters: &Parameters) -> Option<SignInError> {
    match &parameters.iss {
        Some(iss) if *iss != attempt.provider.issuer => Some(SignInError::IssMismatch),
        None if attempt.provider.iss_promised => Some(SignInError::IssMissing),
        _ => None,
    }
}

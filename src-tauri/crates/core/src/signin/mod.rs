//! Signing in: authorization code with PKCE in the system browser, the answer at a loopback address (RFC 8252).
//!
//! Reading order: [`discovery`] (who the server is) → [`attempt`] (what is asked) → [`bind`] and [`loopback`] (where the
//! answer comes) → [`ticket`] (what the browser's launcher may see) → [`waiting`] (what counts as the answer) →
//! [`exchange`] and [`id_token`] (what it is worth). One [`begin`], one answer, one [`complete`].

mod answer;
pub mod attempt;
mod bind;
pub mod discovery;
pub mod end_session;
pub mod error;
pub mod exchange;
pub mod id_token;
pub mod lead;
mod loopback;
mod pages;
pub mod paste;
pub mod peer;
mod request;
mod ticket;
mod waiting;

#[cfg(test)]
mod tests;

pub use error::SignInError;

use crate::clock::{Clock, Time};
use crate::error::Problem;
use crate::http::Http;
use crate::random::Randomness;
use crate::registration::Registration;
use crate::secret::Secret;
use attempt::Attempt;
use discovery::Provider;
use exchange::Tokens;
use id_token::{Expected, IdTokenError, Identity};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use url::Url;
use waiting::Waiting;

/// How long a sign-in waits for the person.
pub const WAIT: Duration = Duration::from_secs(10 * 60);
/// Room for every event one attempt can have.
const EVENTS: usize = 16;

/// What a sign-in needs to begin.
pub struct Begin<'a> {
    /// The one client.
    pub http: &'a Http,
    /// What the administrator registered.
    pub registration: &'a Registration,
    /// Where state, nonce, verifier and tickets come from.
    pub random: Arc<dyn Randomness>,
    /// When it gives up.
    pub clock: Arc<dyn Clock>,
    /// Ask the server to let the person choose another account.
    pub other_account: bool,
}

/// A sign-in that waits. Its listener answers already; no browser was opened.
pub struct Begun {
    /// What the controller does with it.
    pub control: AttemptControl,
    /// What happens to it.
    pub events: mpsc::Receiver<AttemptEvent>,
}

/// What happened to an attempt.
#[derive(Debug)]
pub enum AttemptEvent {
    /// The one answer came. Hand it to [`complete`], then tell [`AttemptControl::finish`].
    Answered(Answered),
    /// The provider said no, or the answer broke a rule. The attempt is over; tell [`AttemptControl::finish`].
    Refused(SignInError),
    /// The right answer came from a browser Attendant did not start. Ask the person, then
    /// [`AttemptControl::stranger`].
    Stranger,
    /// Nobody came back in time. The attempt is over.
    Expired,
}

/// The attempt with its code; it can be completed once.
#[derive(Debug)]
pub struct Answered {
    attempt: Box<Attempt>,
    code: Secret,
}

/// How it ended, for the page in the browser.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Finish {
    /// The session is active.
    SignedIn {
        /// The registration's name.
        name: String,
        /// Who signed in.
        account: Option<String>,
    },
    /// Nobody is signed in.
    Failed(Problem),
}

/// The controller's hand on an attempt. Dropping it before [`AttemptControl::finish`] cancels.
pub struct AttemptControl {
    waiting: Arc<Waiting>,
    registration: Registration,
    redirect_url: String,
    gives_up_at: Time,
    serving: Option<JoinHandle<()>>,
}

/// A sign-in that went through, up to the keyring.
#[derive(Debug)]
pub struct Completed {
    /// What was given.
    pub tokens: Tokens,
    /// Who signed in; none where no ID token was granted.
    pub identity: Option<Identity>,
    /// The server as it was when the attempt began.
    pub provider: Provider,
}

/// Takes a return address, asks the server to describe itself, prepares the request, and waits.
///
/// # Errors
/// Nothing was opened and nothing waits.
pub async fn begin(begin: Begin<'_>) -> Result<Begun, SignInError> {
    begin_with(begin, peer::peer_of).await
}

async fn begin_with(begin: Begin<'_>, lookup: loopback::PeerLookup) -> Result<Begun, SignInError> {
    let Begin { http, registration, random, clock, other_account } = begin;
    let bound = bind::bind(registration).await?;
    let provider = discovery::discover(http, registration).await.map_err(SignInError::Discovery)?;
    let mut attempt =
        Attempt::new(provider, registration.clone(), bound.redirect_url.clone(), other_account, &*random);
    attempt.push(http).await.map_err(SignInError::Push)?;

    let (sender, events) = mpsc::channel(EVENTS);
    let waiting = Arc::new(Waiting::new(attempt, &bound.url, random, sender));
    let gives_up_at = clock.now() + WAIT;
    let serving =
        tokio::spawn(loopback::serve(bound.listeners, Arc::clone(&waiting), lookup, clock, gives_up_at));
    let control = AttemptControl {
        waiting,
        registration: registration.clone(),
        redirect_url: bound.redirect_url,
        gives_up_at,
        serving: Some(serving),
    };
    Ok(Begun { control, events })
}

impl AttemptControl {
    /// What to open or copy: a new single-use address of this computer each time.
    pub fn ticket_url(&self) -> Url {
        self.waiting.ticket_url()
    }

    /// The real address, to be shown to a person whose browser is on another computer. Never in an argument list.
    pub fn authorization_url(&self) -> Url {
        self.waiting.authorization_url().clone()
    }

    /// The redirect URL in use.
    pub fn redirect_url(&self) -> &str {
        &self.redirect_url
    }

    /// When it stops waiting.
    pub fn gives_up_at(&self) -> Time {
        self.gives_up_at
    }

    /// Takes an address the person pasted. An answer to this attempt goes the usual way, as an event.
    ///
    /// # Errors
    /// What an error page says, or that it is neither. The attempt goes on waiting.
    pub fn paste(&self, text: &str) -> Result<(), Problem> {
        let text = text.trim();
        let url = Some(text)
            .filter(|text| text.len() <= paste::PASTE_CAP)
            .and_then(|text| Url::parse(text).ok())
            .ok_or_else(|| paste::not_an_answer("it is not an address."))?;
        if self.waiting.leads_here(&url) {
            return self.waiting.brought(url.query().unwrap_or_default()).map_err(paste::not_an_answer);
        }
        match paste::error_page(&url, &self.registration) {
            Some(page) => Err(page.problem(&self.registration)),
            None => Err(paste::not_an_answer("it does not lead back to this computer.")),
        }
    }

    /// The person's answer to [`AttemptEvent::Stranger`].
    pub fn stranger(&self, yes: bool) {
        self.waiting.stranger(yes);
    }

    /// Tells the browser how it ended. The listener closes once the page was fetched, or after 10 s.
    pub fn finish(&self, finish: Finish) {
        self.waiting.finish(finish);
    }

    /// Closes everything at once, in whatever state it is, and wipes it.
    pub fn cancel(self) {
        self.waiting.close();
    }

    /// [`AttemptControl::cancel`], and waits until its port is free again.
    pub async fn close(mut self) {
        self.waiting.close();
        if let Some(serving) = self.serving.take()
            && serving.await.is_err()
        {
            tracing::error!("a loopback listener ended by a panic");
        }
    }
}

impl Drop for AttemptControl {
    fn drop(&mut self) {
        self.waiting.abandon();
    }
}

/// Exchanges the code and finds out who it is. Nothing is stored here.
///
/// # Errors
/// The attempt is over; tokens that came with a wrong ID token are wiped.
pub async fn complete(http: &Http, clock: &dyn Clock, answered: Answered) -> Result<Completed, SignInError> {
    let Answered { attempt, code } = answered;
    let tokens = exchange::exchange(http, &attempt, code).await.map_err(SignInError::Token)?;
    let identity = match &tokens.id_token {
        Some(id_token) if attempt.registration.wants_id_token() => {
            let expected = Expected {
                provider: &attempt.provider,
                app_id: &attempt.registration.app_id,
                nonce: attempt.nonce.as_ref(),
                access: &tokens.access,
                now: clock.now(),
            };
            Some(id_token::validate(http, id_token, expected).await.map_err(SignInError::IdToken)?)
        }
        _ if exchange::openid_granted(&tokens, &attempt.registration) => {
            return Err(SignInError::IdToken(IdTokenError::Missing));
        }
        _ => None,
    };
    Ok(Completed { tokens, identity, provider: attempt.provider })
}

/// [`crate::text::clean`], or nothing if nothing is left.
fn cleaned(text: Option<&str>, most: usize) -> Option<String> {
    text.map(|text| crate::text::clean(text, most)).filter(|text| !text.is_empty())
}

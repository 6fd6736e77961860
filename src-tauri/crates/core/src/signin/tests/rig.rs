//! What every story needs: a registration, a client, a clock, and a sign-in that waits.

use super::browser::{Browser, Page};
use super::scripted::{Scripted, description, ok};
use crate::clock::{Clock, ManualClock, SystemClock, Time};
use crate::http::Http;
use crate::random::OsRandom;
use crate::registration::{Edition, Registration, RegistrationId};
use crate::signin::loopback::PeerLookup;
use crate::signin::{
    Answered, AttemptControl, AttemptEvent, Begin, Begun, Completed, SignInError, begin_with, complete, peer,
};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::Receiver;
use url::Url;

pub(crate) fn now() -> Time {
    SystemClock.now()
}

/// A registration at `base` that takes any port.
pub(crate) fn registration(base: &str) -> Registration {
    Registration {
        id: RegistrationId::from_name("Acme"),
        name: "Acme".into(),
        edition: Edition::Oidc,
        host: Url::parse(base).unwrap(),
        api_base: None,
        organization: None,
        tenants: Vec::new(),
        app_id: "app-1".into(),
        redirect_urls: vec!["http://localhost:0/callback".into()],
        scopes: vec!["OR.Jobs".into(), "offline_access".into()],
        narrow_on_refresh: false,
    }
}

/// A server with a good description and nothing behind it.
pub(crate) async fn describing() -> Scripted {
    Scripted::start(|base, _| ok(&description(base))).await
}

/// A sign-in that waits, and the clock it looks at.
pub(crate) struct Rig {
    pub http: Http,
    pub clock: ManualClock,
    pub control: AttemptControl,
    pub events: Receiver<AttemptEvent>,
    pub redirect: Url,
}

impl Rig {
    pub async fn begin(registration: &Registration) -> Self {
        Self::begin_with(registration, peer::peer_of).await.unwrap()
    }

    pub async fn begin_with(registration: &Registration, lookup: PeerLookup) -> Result<Self, SignInError> {
        let (http, clock) = (Http::new().unwrap(), ManualClock::new(now()));
        let begin = Begin {
            http: &http,
            registration,
            random: Arc::new(OsRandom),
            clock: Arc::new(clock.clone()),
            other_account: false,
        };
        let Begun { control, events } = begin_with(begin, lookup).await?;
        let redirect = Url::parse(control.redirect_url()).unwrap();
        Ok(Self { http, clock, control, events, redirect })
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.redirect.port().unwrap())
    }

    /// A parameter of the authorization URL.
    pub fn asked(&self, name: &str) -> String {
        let url = self.control.authorization_url();
        url.query_pairs()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.into_owned())
            .unwrap_or_default()
    }

    /// The redirect URL with this query; `STATE` stands for the right state.
    pub fn callback(&self, query: &str) -> Url {
        let mut url = self.redirect.clone();
        url.set_query(Some(&query.replace("STATE", &self.asked("state"))));
        url
    }

    /// A browser that went through a ticket.
    pub async fn started(&self) -> Browser {
        let mut browser = Browser::default();
        let page = browser.get(&self.control.ticket_url()).await;
        assert_eq!(page.status, 302, "{}", page.head);
        browser
    }

    /// The next event.
    pub async fn event(&mut self) -> AttemptEvent {
        tokio::time::timeout(Duration::from_secs(10), self.events.recv())
            .await
            .expect("an event")
            .expect("alive")
    }

    /// The next event is the answer.
    pub async fn answered(&mut self) -> Answered {
        match self.event().await {
            AttemptEvent::Answered(answered) => answered,
            other @ (AttemptEvent::Refused(_) | AttemptEvent::Stranger | AttemptEvent::Expired) => {
                panic!("{other:?}")
            }
        }
    }

    /// Waits for the answer and completes it.
    pub async fn complete(&mut self) -> Result<Completed, SignInError> {
        let answered = self.answered().await;
        complete(&self.http, &SystemClock, answered).await
    }

    /// Nothing has happened, and the right answer still completes.
    pub async fn still_waits(mut self) {
        assert!(self.events.try_recv().is_err(), "something ended the attempt");
        let mut browser = self.started().await;
        let page: Page = browser.get(&self.callback("code=right&state=STATE")).await;
        assert_eq!(page.status, 303, "{}\n{}", page.head, page.body);
        let answered = self.answered().await;
        assert_eq!(answered.code.expose(), "right");
    }
}

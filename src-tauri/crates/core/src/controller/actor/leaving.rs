//! Signing out: here at once, at the provider as well as it goes, and in the browser if asked.

use super::Actor;
use super::messages::{Done, Message};
use crate::error::Problem;
use crate::secret::Secret;
use crate::session::Event;
use crate::signin::discovery::Provider;
use crate::signin::end_session;
use crate::signin::exchange;
use crate::signin::lead;
use attendant_protocol::Code;

impl Actor {
    /// Signs out here, at the provider if it offers revocation, and in the browser if asked.
    pub(super) fn sign_out(&mut self, browser: bool) {
        self.end_attempt(&Problem::new(Code::SignInCancelled, "The sign-in was cancelled."), false);
        self.attempt = None;
        self.problem = None;
        self.owner = None;
        self.quiet_until = None;
        let provider = self.purse.provider.clone();
        let (refresh, id_token) = (self.purse.kept.take(), self.purse.id_token.take());
        if let (true, Some(provider)) = (browser, &provider)
            && let Some(url) = end_session::url(provider, id_token.as_ref(), &self.registration)
        {
            self.end_browser_session(url);
        }
        if let (Some(kept), Some(provider)) = (refresh, provider) {
            self.revoke(provider, kept.refresh);
        }
        let signed_in = self.session.held().is_some();
        self.apply(Event::SignedOut);
        // Before the grants end: an approval that is just being given looks here, under their lock.
        self.publish();
        if signed_in {
            self.context.record(crate::activity::What::SignedOut, &self.registration, None);
        }
        self.context.end_grants(&self.registration.id);
        let name = &self.registration.name;
        let problem = Problem::new(Code::SignInNeeded, format!("{name} was signed out."));
        let now = self.now();
        self.waiting.refuse(&problem, now, None);
    }

    /// Opens the browser where the provider ends its session. The address holds the ID token, so the launcher gets
    /// another one that leads there.
    pub(super) fn end_browser_session(&self, url: url::Url) {
        let (context, own) = (self.context.clone(), self.own.clone());
        self.context.track(async move {
            let opened = match lead::to(url, &*context.random).await {
                Ok(address) => context.shell.open_browser(&address).is_ok(),
                Err(_) => false,
            };
            if !opened {
                let _ = own.send(Message::Done(Done::NoBrowserToSignOut));
            }
        });
    }

    pub(super) fn on_no_browser_to_sign_out(&mut self) {
        let text = "You are signed out here. No browser opened, so its own session goes on.";
        self.problem =
            Some(Problem::new(Code::NoBrowser, text).with_advice("Sign out on the provider\u{2019}s page."));
    }

    /// Tells the provider that nobody needs this token any more (RFC 7009). Best effort: its failure changes nothing.
    pub(super) fn revoke(&self, provider: Provider, refresh: Secret) {
        let (context, app_id) = (self.context.clone(), self.registration.app_id.clone());
        self.context.track(async move {
            if let Err(error) = exchange::revoke(&context.http, &provider, &app_id, &refresh).await {
                tracing::debug!(%error, "a refresh token was not revoked");
            }
        });
    }
}

//! How a session goes on: restored from the keyring, renewed, kept, signed out.

use super::Actor;
use super::messages::{Done, Message};
use crate::error::Problem;
use crate::ledger::Marks;
use crate::refresh::{self, RefreshOutcome};
use crate::secret::Secret;
use crate::session::{Event, Held};
use crate::signin::discovery::{self, Provider};
use crate::signin::{end_session, exchange, lead};
use crate::vault::{Kept, KeyringFinding};
use attendant_protocol::Code;
use chrono::TimeDelta;

/// How often a keyring that is in the way is looked at: people unlock it elsewhere, too.
const LOOK_AGAIN: TimeDelta = TimeDelta::seconds(30);

/// How often an unsaved sign-in is offered to the keyring again.
pub const SAVE_AGAIN: TimeDelta = TimeDelta::minutes(1);

impl Actor {
    /// Asks the keyring for the sign-in of an earlier run.
    pub(super) fn restore(&mut self) {
        let (context, own, id, epoch) =
            (self.context.clone(), self.own.clone(), self.registration.id.clone(), self.epoch);
        tokio::spawn(async move {
            let found = context.vault.get(&id).await;
            let _ = own.send(Message::Done(Done::Restored { epoch, found }));
        });
    }

    pub(super) fn on_restored(&mut self, found: Result<Option<Kept>, KeyringFinding>) {
        let marks = self.context.ledger.marks(&self.registration.id);
        match found {
            Ok(Some(kept)) if kept.app_id == self.registration.app_id => {
                let days = self.registration.sign_in_days();
                let held = Held {
                    signed_in_at: kept.signed_in_at,
                    ends_at: days.map(|days| kept.signed_in_at + TimeDelta::days(days.into())),
                    account: kept.account.clone(),
                    access: None,
                    renewable: true,
                    saved: true,
                    reply_lost: marks.renewing || marks.reply_lost,
                    maybe_spent: false,
                    retry_at: None,
                };
                self.owner = kept
                    .subject
                    .clone()
                    .map(|subject| super::Owner { subject, account: kept.account.clone() });
                self.purse.kept = Some(kept);
                self.problem = None;
                self.apply(Event::Restored(held));
            }
            Ok(Some(_)) => self.apply(Event::Blocked(Code::ScopesChanged)),
            Ok(None) if marks.kept => self.apply(Event::Blocked(Code::KeyringLost)),
            Ok(None) => {}
            Err(finding) if marks.kept => {
                self.problem = Some(finding.problem());
                self.look_again_at = Some(self.now() + LOOK_AGAIN);
                self.apply(Event::Blocked(finding.code()));
            }
            Err(_) => {}
        }
        self.serve();
    }

    /// Whether the sign-in is there, and only the keyring keeps it from being used.
    pub(super) fn keyring_in_the_way(&self) -> bool {
        matches!(
            self.session.reason(),
            Some(Code::KeyringLocked | Code::KeyringAbsent | Code::KeyringRefused | Code::KeyringTimeout)
        )
    }

    /// Looks whether the keyring is back, without asking anybody. What else it says changes nothing.
    pub(super) fn look_again(&mut self) {
        self.look_again_at = Some(self.now() + LOOK_AGAIN);
        let kept = self.purse.kept.as_ref().map(Kept::duplicate);
        let (context, own, id, epoch) =
            (self.context.clone(), self.own.clone(), self.registration.id.clone(), self.epoch);
        tokio::spawn(async move {
            let found = match kept {
                Some(kept) => context.vault.probe().await.map(|()| Some(kept)),
                None => context.vault.get(&id).await,
            };
            if found.is_ok() {
                let _ = own.send(Message::Done(Done::Restored { epoch, found }));
            }
        });
    }

    /// The person says the keyring or the network is back.
    pub(super) fn try_again(&mut self) {
        self.failures = 0;
        if self.keyring_in_the_way() || self.session.reason() == Some(Code::KeyringLost) {
            return self.unlock_and_restore();
        }
        if self.save_again_at.is_some() {
            self.save_again();
        }
        self.serve();
    }

    fn unlock_and_restore(&mut self) {
        // It may never have left memory; then only the keyring was in the way.
        let kept = self.purse.kept.as_ref().map(Kept::duplicate);
        let (context, own, id, epoch) =
            (self.context.clone(), self.own.clone(), self.registration.id.clone(), self.epoch);
        tokio::spawn(async move {
            let found = match (context.vault.unlock().await, kept) {
                (Ok(()), Some(kept)) => Ok(Some(kept)),
                (Ok(()), None) => context.vault.get(&id).await,
                (Err(finding), _) => Err(finding),
            };
            let _ = own.send(Message::Done(Done::Restored { epoch, found }));
        });
    }

    /// Spends the refresh token; [`crate::session::step`] has made sure that this is the only renewal.
    pub(super) fn begin_renewal(&mut self) {
        let Some(kept) = &self.purse.kept else {
            return self.apply(Event::RefreshRefused(Code::KeyringLost));
        };
        let kept = kept.duplicate();
        let saved_before = self.session.held().is_some_and(|held| held.saved);
        let (context, registration, own) =
            (self.context.clone(), self.registration.clone(), self.own.clone());
        let (epoch, provider) = (self.epoch, self.purse.provider.clone());
        let running = self.context.running();
        tokio::spawn(async move {
            let done = |done| own.send(Message::Done(done)).is_ok();
            if saved_before
                && let Err(finding) = context.vault.probe().await
                && finding == KeyringFinding::Locked
            {
                // The new token could not be kept; the old one is safe where it is.
                done(Done::KeyringInTheWay { epoch, finding });
                return;
            }
            let provider = match provider {
                Some(provider) => provider,
                None => match discovery::discover(&context.http, &registration).await {
                    Ok(provider) => provider,
                    Err(error) => {
                        let outcome = RefreshOutcome::TryLater {
                            after: None,
                            code: error.problem().code,
                            maybe_spent: false,
                        };
                        done(Done::Renewed { epoch, provider: None, outcome, saved: Ok(()), running });
                        return;
                    }
                },
            };
            let outcome =
                refresh::renew(&context.http, &provider, &registration, &kept.refresh, &context.ledger).await;
            let mut saved = Ok(());
            if let RefreshOutcome::Refreshed(tokens) = &outcome
                && let Some(new) = &tokens.refresh
            {
                let next = Kept { refresh: new.duplicate(), generation: kept.generation + 1, ..kept };
                saved = context.keep(&registration.id, &next).await;
            }
            if !done(Done::Renewed { epoch, provider: Some(provider), outcome, saved, running }) {
                // The registration was removed meanwhile.
                let _ = context.ledger.forget(&registration.id);
                let _ = context.vault.delete(&registration.id).await;
            }
        });
    }

    pub(super) fn on_renewed(
        &mut self,
        provider: Option<Provider>,
        outcome: RefreshOutcome,
        saved: Result<(), KeyringFinding>,
    ) {
        let now = self.now();
        self.purse.provider = provider.or(self.purse.provider.take());
        match outcome {
            RefreshOutcome::Refreshed(tokens) => {
                self.failures = 0;
                let access = self.access(tokens.expires_in, &tokens.scope, now);
                self.purse.access = Some(tokens.access);
                if let (Some(refresh), Some(kept)) = (tokens.refresh, &mut self.purse.kept) {
                    kept.refresh = refresh;
                    kept.generation += 1;
                }
                if tokens.id_token.is_some() {
                    self.purse.id_token = tokens.id_token;
                }
                self.save_again_at = saved.is_err().then(|| now + SAVE_AGAIN);
                self.problem = saved.as_ref().err().map(KeyringFinding::problem);
                self.mark(Marks { kept: saved.is_ok(), renewing: false, reply_lost: false });
                self.context.record(crate::activity::What::Renewed, &self.registration, None);
                self.apply(Event::Refreshed { access, saved: saved.is_ok() });
                self.serve();
            }
            RefreshOutcome::TryLater { after, code, maybe_spent } => {
                let mut jitter = [0_u8];
                self.context.random.fill(&mut jitter);
                let retry_at = refresh::retry_at(now, self.failures, after, jitter[0]);
                self.failures += 1;
                self.problem = Some(self.not_renewed(code));
                self.apply(Event::RefreshLater { retry_at, maybe_spent });
            }
            RefreshOutcome::ReplyLost => {
                self.apply(Event::ReplyLost);
                self.serve();
            }
            RefreshOutcome::NeedsPerson { reason } => {
                self.context.record(crate::activity::What::RenewalRefused, &self.registration, Some(reason));
                self.apply(Event::RefreshRefused(reason));
            }
        }
    }

    /// A renewal came back to a session that is over: its tokens are nobody's.
    pub(super) fn overtaken(&mut self, outcome: RefreshOutcome, provider: Option<Provider>) {
        if let (RefreshOutcome::Refreshed(tokens), Some(provider)) = (outcome, provider)
            && let Some(refresh) = tokens.refresh
        {
            self.revoke(provider, refresh);
        }
        self.settle_keyring();
    }

    /// Makes the keyring and the marks say what this session is: something that is over may have written there last.
    pub(super) fn settle_keyring(&mut self) {
        if self.purse.kept.is_some() {
            let held = self.session.held();
            self.mark(Marks {
                kept: held.is_some_and(|held| held.saved),
                renewing: self.session.is_refreshing(),
                reply_lost: held.is_some_and(|held| held.reply_lost),
            });
            return self.save_again();
        }
        let (context, id) = (self.context.clone(), self.registration.id.clone());
        self.mark(Marks::default());
        self.context.track(async move {
            let _ = context.vault.delete(&id).await;
        });
    }

    fn not_renewed(&self, code: Code) -> Problem {
        let host = self.registration.host.host_str().unwrap_or("The server");
        let text = if code == Code::StateUnwritable {
            "The sign-in cannot be renewed while a file cannot be written.".to_owned()
        } else if code == Code::ProviderBusy {
            format!("{host} cannot answer now. Attendant tries again by itself.")
        } else if matches!(code, Code::Offline | Code::ServerTimeout | Code::DiscoveryUnreachable) {
            format!("{host} cannot be reached now. Attendant tries again by itself.")
        } else {
            format!("{host} cannot be used now. Attendant tries again by itself.")
        };
        Problem::new(code, text)
    }

    pub(super) fn on_keyring_in_the_way(&mut self, finding: &KeyringFinding) {
        self.problem = Some(finding.problem());
        self.look_again_at = Some(self.now() + LOOK_AGAIN);
        self.apply(Event::Blocked(finding.code()));
        if !self.waiting.is_empty() {
            self.apply(Event::TokenNeeded);
        }
    }

    /// Offers an unsaved refresh token to the keyring again.
    pub(super) fn save_again(&mut self) {
        let Some(kept) = self.purse.kept.as_ref().map(Kept::duplicate) else {
            self.save_again_at = None;
            return;
        };
        self.save_again_at = Some(self.now() + SAVE_AGAIN);
        let (context, own, id, epoch) =
            (self.context.clone(), self.own.clone(), self.registration.id.clone(), self.epoch);
        self.context.track(async move {
            if context.keep(&id, &kept).await.is_ok() {
                let _ = own.send(Message::Done(Done::Saved { epoch }));
            }
        });
    }

    pub(super) fn on_saved(&mut self) {
        self.save_again_at = None;
        if self.session.held().is_some_and(|held| !held.saved) {
            self.problem = None;
        }
        let marks = self.context.ledger.marks(&self.registration.id);
        self.mark(Marks { kept: true, ..marks });
        self.apply(Event::Saved);
    }

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
    fn end_browser_session(&self, url: url::Url) {
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

    fn mark(&self, marks: Marks) {
        if let Err(error) = self.context.ledger.mark(&self.registration.id, marks) {
            tracing::warn!(registration = %self.registration.id, %error, "cannot write the marks of a sign-in");
        }
    }
}

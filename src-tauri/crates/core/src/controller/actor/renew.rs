//! One renewal of a session: begun, kept, and carried back, or overtaken by something newer.

use super::Actor;
use super::messages::{Done, Message};
use crate::error::Problem;
use crate::ledger::Marks;
use crate::refresh::{self, RefreshOutcome};
use crate::session::Event;
use crate::signin::discovery::{self, Provider};
use crate::vault::{Kept, KeyringFinding};
use attendant_protocol::Code;

impl Actor {
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
                self.save_again_at = saved.is_err().then(|| now + super::keyring::SAVE_AGAIN);
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

    pub(super) fn mark(&self, marks: Marks) {
        if let Err(error) = self.context.ledger.mark(&self.registration.id, marks) {
            tracing::warn!(registration = %self.registration.id, %error, "cannot write the marks of a sign-in");
        }
    }
}

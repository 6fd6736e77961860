//! The session's side of the keyring: what an earlier run left there, what could not be saved yet, what is in the way.

use super::Actor;
use super::messages::{Done, Message};
use crate::ledger::Marks;
use crate::session::Event;
use crate::session::Held;
use crate::vault::Kept;
use crate::vault::KeyringFinding;
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

    pub(super) fn unlock_and_restore(&mut self) {
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
}

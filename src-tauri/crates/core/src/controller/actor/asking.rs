//! Asking the person for the sake of whoever waits: after a grace, once however many wait, and quietly after Later.

use super::Actor;
use super::messages::Message;
use crate::clock::Time;
use crate::clock::rfc3339;
use crate::error::Problem;
use crate::error::reason_sentence;
use crate::shell::Notice;
use crate::view::PromptAnswer;
use crate::view::PromptView;
use attendant_protocol::Code;
use chrono::TimeDelta;

/// The person is being asked for this session.
pub(super) struct Asking {
    pub(super) reason: Code,
    /// When the first notice is due, or the next reminder.
    pub(super) next: Option<Time>,
    /// The open prompt.
    pub(super) prompt: Option<String>,
}

impl Actor {
    pub(super) fn ask_person(&mut self, reason: Code) {
        // A sign-in that is being prepared is the answer already.
        if self.attempt.is_some() || self.waiting.is_empty() {
            return;
        }
        if self.asking.as_ref().is_some_and(|asking| asking.reason == reason) {
            return;
        }
        self.stop_asking();
        let grace = TimeDelta::seconds(self.context.settings().wait_before_asking_seconds.into());
        let since = self.waiting.since().unwrap_or_else(|| self.now());
        let next = self.quiet_until.map_or(since + grace, |quiet| quiet.max(since + grace));
        self.asking = Some(Asking { reason, next: Some(next), prompt: None });
    }

    pub(super) fn stop_asking(&mut self) {
        let Some(asking) = self.asking.take() else { return };
        if let Some(prompt) = asking.prompt {
            self.context.prompts.close(&prompt);
        }
        self.context.shell.withdraw(&self.notice_key());
    }

    /// Shows the notification and the prompt.
    pub(super) fn ask_now(&mut self) {
        let Some(reason) = self.asking.as_ref().map(|asking| asking.reason) else { return };
        let now = self.now();
        let name = self.registration.name.clone();
        let waiting = self.waiting.list();
        let sentence = reason_sentence(reason, &name);
        let until = now + TimeDelta::minutes(self.context.settings().remind_minutes.into());
        let id = self.context.prompts.next_id();
        let prompt = PromptView::SignIn {
            id: id.clone(),
            registration: self.registration.id.to_string(),
            name: name.clone(),
            place: self.registration.place(),
            account: self.session.held().and_then(|held| held.account.clone()),
            reason: Problem::new(reason, sentence.clone()),
            waiting: waiting.clone(),
            later_until: rfc3339(until),
            on_this_computer: self.registration.realm().is_loopback(),
        };
        let body = match waiting.as_slice() {
            [] => sentence,
            [one] => format!("{} is waiting. {sentence}", one.name),
            more => format!("{} automations are waiting. {sentence}", more.len()),
        };
        self.context.shell.notify(&Notice {
            key: self.notice_key(),
            title: format!("Sign in to {name}"),
            body,
            actions: vec![("sign_in".into(), "Sign in".into()), ("later".into(), "Later".into())],
        });
        let answer = self.context.prompts.open(id.clone(), prompt);
        let own = self.own.clone();
        tokio::spawn(async move {
            if let Ok(answer) = answer.await {
                let _ = own.send(Message::Answered(answer));
            }
        });
        self.asking = Some(Asking { reason, next: None, prompt: Some(id) });
    }

    pub(super) fn on_prompt_answer(&mut self, answer: PromptAnswer) {
        let Some(asking) = &mut self.asking else { return };
        if let Some(prompt) = asking.prompt.take() {
            self.context.prompts.close(&prompt);
        }
        self.context.shell.withdraw(&self.notice_key());
        if answer == PromptAnswer::SignIn {
            let (answer, _nobody) = tokio::sync::oneshot::channel();
            if self.session.reason() == Some(Code::KeyringLocked) {
                self.asking = None;
                self.be_quiet(); // if they close the keyring's own question, that was a Later
                return self.try_again();
            }
            return self.begin_sign_in(false, true, answer);
        }
        self.be_quiet();
        let next = self.quiet_until;
        if let Some(asking) = &mut self.asking {
            asking.next = next;
        }
    }

    /// The person knows; the next reminder comes after the pause they chose.
    pub(super) fn be_quiet(&mut self) {
        self.quiet_until =
            Some(self.now() + TimeDelta::minutes(self.context.settings().remind_minutes.into()));
    }

    pub(super) fn notice_key(&self) -> String {
        format!("sign-in:{}", self.registration.id)
    }
}

//! The handle everyone outside core holds: cheap to clone, one method per thing a person can ask for.

use super::command::{Answer, BrokerCommand, Command, SessionCommand};
use crate::error::Problem;
use crate::registration::RegistrationId;
use crate::sheet::{self, Draft};
use crate::view::{PromptAnswer, PromptView, Settings, SheetReview, View};
use attendant_protocol::{Code, ImportResult};
use std::sync::Arc;
use tokio::sync::{mpsc, oneshot, watch};

/// The person's side of the controller.
#[derive(Clone)]
pub struct Desk {
    commands: mpsc::Sender<Command>,
    view: watch::Receiver<Arc<View>>,
    prompt: watch::Receiver<Option<PromptView>>,
}

impl Desk {
    pub(super) fn new(
        commands: mpsc::Sender<Command>,
        view: watch::Receiver<Arc<View>>,
        prompt: watch::Receiver<Option<PromptView>>,
    ) -> Self {
        Self { commands, view, prompt }
    }

    /// The newest view.
    pub fn view(&self) -> Arc<View> {
        self.view.borrow().clone()
    }

    /// Every following view.
    pub fn views(&self) -> watch::Receiver<Arc<View>> {
        self.view.clone()
    }

    /// What the prompt window shows, now and later.
    pub fn prompts(&self) -> watch::Receiver<Option<PromptView>> {
        self.prompt.clone()
    }

    /// Leaves the sheet that came through the command line unsaved.
    pub async fn dismiss_incoming(&self) {
        self.send(Command::DismissIncoming).await;
    }

    /// What the prompt window shows now.
    pub fn prompt(&self) -> Option<PromptView> {
        self.prompt.borrow().clone()
    }

    /// Starts a sign-in; the browser opens. Answers once it was asked to; the rest arrives as views.
    pub async fn sign_in(&self, id: RegistrationId, other_account: bool) -> Result<(), Problem> {
        self.session(id, |answer| SessionCommand::SignIn { other_account, open: true, answer })
            .await
            .map(drop)
    }

    /// Stops waiting for the browser.
    pub async fn cancel_sign_in(&self, id: RegistrationId) -> Result<(), Problem> {
        self.session(id, SessionCommand::Cancel).await
    }

    /// Opens the browser once more for the sign-in that waits.
    pub async fn open_browser_again(&self, id: RegistrationId) -> Result<(), Problem> {
        self.session(id, SessionCommand::OpenAgain).await
    }

    /// A fresh single-use link for any browser on this computer. Not a secret of its own: it leads to the provider.
    pub async fn link(&self, id: RegistrationId) -> Result<String, Problem> {
        self.session(id, SessionCommand::Link).await
    }

    /// Takes the address a browser elsewhere ended at.
    pub async fn paste_answer(&self, id: RegistrationId, text: String) -> Result<(), Problem> {
        self.session(id, |answer| SessionCommand::Paste(text, answer)).await
    }

    /// Answers "A browser Attendant did not start answered. Was that you?".
    pub async fn answer_stranger(&self, id: RegistrationId, yes: bool) -> Result<(), Problem> {
        self.session(id, |answer| SessionCommand::Stranger(yes, answer)).await
    }

    /// Forgets the sign-in here, and ends it in the browser if asked.
    pub async fn sign_out(&self, id: RegistrationId, browser: bool) -> Result<(), Problem> {
        self.session(id, |answer| SessionCommand::SignOut { browser, answer }).await
    }

    /// Looks at the keyring and the network again.
    pub async fn try_again(&self, id: RegistrationId) -> Result<(), Problem> {
        self.session(id, SessionCommand::TryAgain).await
    }

    /// Reads a sheet without saving anything.
    pub fn review_sheet(&self, text: &str) -> Result<SheetReview, Problem> {
        Ok(sheet::read(text).map_err(Problem::from)?.review())
    }

    /// Turns entered details into a sheet.
    pub fn draft_sheet(&self, draft: &Draft) -> Result<String, Problem> {
        draft.to_sheet().map_err(Problem::from)
    }

    /// The message to the administrator for entered details.
    pub fn request_text(&self, draft: &Draft) -> String {
        sheet::request_for_draft(draft)
    }

    /// The message to the administrator for a registration that exists.
    pub fn registration_request(&self, id: &RegistrationId) -> Result<String, Problem> {
        let view = self.view();
        let found = view.registrations.iter().find(|one| one.status.id == id.as_str()).ok_or_else(|| {
            Problem::new(
                Code::RegistrationNotFound,
                format!("There is no registration \u{201c}{id}\u{201d} here."),
            )
        })?;
        Ok(self.request_text(&Draft::from_view(found)))
    }

    /// Saves a sheet as a registration.
    pub async fn save_sheet(
        &self,
        text: String,
        name: Option<String>,
        include: Vec<String>,
    ) -> Result<ImportResult, Problem> {
        self.ask(|answer| Command::Save { text, name, include, answer }).await
    }

    /// Removes a registration with its sign-in.
    pub async fn remove_registration(&self, id: RegistrationId) -> Result<(), Problem> {
        self.ask(|answer| Command::Remove { id, answer }).await
    }

    /// Changes the preferences.
    pub async fn set_settings(&self, settings: Settings) -> Result<(), Problem> {
        self.ask(|answer| Command::SetSettings(Box::new(settings), answer)).await
    }

    /// Locks Attendant: nothing is handed out until it is unlocked in the window.
    pub async fn lock(&self) -> Result<(), Problem> {
        self.ask(Command::Lock).await
    }

    /// Unlocks Attendant.
    pub async fn unlock(&self) -> Result<(), Problem> {
        self.ask(Command::Unlock).await
    }

    /// Revokes a grant.
    pub async fn revoke_grant(&self, grant: String) -> Result<(), Problem> {
        self.ask(|answer| Command::RevokeGrant(grant, answer)).await
    }

    /// The person's answer to a prompt. An id that is no longer open changes nothing.
    pub async fn answer_prompt(&self, id: String, answer: PromptAnswer) {
        self.send(Command::AnswerPrompt { id, answer }).await;
    }

    /// The person's answer to a notification.
    pub async fn notice_answered(&self, key: String, action: String) {
        self.send(Command::NoticeAnswered { key, action }).await;
    }

    /// Removes every sign-in, the state and the configuration.
    pub async fn erase_everything(&self) -> Result<(), Problem> {
        self.ask(Command::EraseEverything).await
    }

    /// Writes what is unwritten; call it before the process ends.
    pub async fn quit(&self) {
        let (done, wait) = oneshot::channel();
        self.send(Command::Quit(done)).await;
        let _ = wait.await;
    }

    /// Passes on what came through the socket.
    pub(crate) async fn broker<T>(
        &self,
        make: impl FnOnce(Answer<T>) -> BrokerCommand,
    ) -> Result<T, Problem> {
        self.ask(|answer| Command::Broker(make(answer))).await
    }

    async fn session<T>(
        &self,
        id: RegistrationId,
        make: impl FnOnce(Answer<T>) -> SessionCommand,
    ) -> Result<T, Problem> {
        self.ask(|answer| Command::Session { id, command: make(answer) }).await
    }

    async fn ask<T>(&self, make: impl FnOnce(Answer<T>) -> Command) -> Result<T, Problem> {
        let (answer, wait) = oneshot::channel();
        self.send(make(answer)).await;
        wait.await.unwrap_or_else(|_| Err(Problem::new(Code::Internal, "Attendant is ending.")))
    }

    async fn send(&self, command: Command) {
        if self.commands.send(command).await.is_err() {
            tracing::debug!("the controller has ended");
        }
    }
}

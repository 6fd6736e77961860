//! What the window, the tray, notifications and the broker may ask of the controller: plain data and a way to answer.

use crate::broker::caller::Caller;
use crate::error::Problem;
use crate::registration::RegistrationId;
use crate::view::{PromptAnswer, Settings};
use attendant_protocol::{
    ImportResult, SignInAsk, SignInResult, SignOutAsk, SignOutResult, StatusReport, TokenAsk, TokenResult,
};
use tokio::sync::oneshot;

/// Where an answer goes. A dropped receiver means nobody waits any more.
pub type Answer<T> = oneshot::Sender<Result<T, Problem>>;

/// One request to the controller.
#[derive(Debug)]
pub enum Command {
    /// Something about one registration.
    Session {
        /// Which.
        id: RegistrationId,
        /// What.
        command: SessionCommand,
    },
    /// Save a sheet that was reviewed.
    Save {
        /// The sheet's text.
        text: String,
        /// Another name than the sheet's.
        name: Option<String>,
        /// Left-out scopes to include after all.
        include: Vec<String>,
        /// Answers the new registration's id.
        answer: Answer<ImportResult>,
    },
    /// Do not save the sheet that came through the command line.
    DismissIncoming,
    /// Forget a registration with its sign-in.
    Remove {
        /// Which.
        id: RegistrationId,
        /// Answers when everything is gone.
        answer: Answer<()>,
    },
    /// Change the preferences.
    SetSettings(Box<Settings>, Answer<()>),
    /// Hand nothing out until unlocked.
    Lock(Answer<()>),
    /// Hand out again.
    Unlock(Answer<()>),
    /// Take back what was allowed.
    RevokeGrant(String, Answer<()>),
    /// The person answered a prompt.
    AnswerPrompt {
        /// The prompt's id.
        id: String,
        /// Yes, no, later.
        answer: PromptAnswer,
    },
    /// The person answered a notification.
    NoticeAnswered {
        /// The notification's key.
        key: String,
        /// The action's name.
        action: String,
    },
    /// Remove every sign-in, the state and the configuration.
    EraseEverything(Answer<()>),
    /// An automation asks; the broker knows who it is.
    Broker(BrokerCommand),
    /// The app is about to end: write what is unwritten.
    Quit(oneshot::Sender<()>),
}

/// A request about one registration.
#[derive(Debug)]
pub enum SessionCommand {
    /// Sign in; opens the browser unless told otherwise.
    SignIn {
        /// Let the person choose another account.
        other_account: bool,
        /// Open the browser here.
        open: bool,
        /// Answers the authorization URL once the browser was asked to open.
        answer: Answer<String>,
    },
    /// Stop waiting for the browser.
    Cancel(Answer<()>),
    /// Open the browser once more.
    OpenAgain(Answer<()>),
    /// A fresh link to copy into any browser of this computer.
    Link(Answer<String>),
    /// An address pasted from another browser.
    Paste(String, Answer<()>),
    /// Whether the browser that answered was the person's.
    Stranger(bool, Answer<()>),
    /// Sign out; also in the browser if asked.
    SignOut {
        /// End the provider's session in the browser as well.
        browser: bool,
        /// Answers when the sign-in is gone.
        answer: Answer<()>,
    },
    /// Look at the keyring and the network again now.
    TryAgain(Answer<()>),
}

/// A request that came through the socket.
#[derive(Debug)]
pub enum BrokerCommand {
    /// An access token.
    Token(Box<Caller>, TokenAsk, Answer<TokenResult>),
    /// Value-free facts.
    Status(Option<String>, Answer<StatusReport>),
    /// Sign in and wait for the outcome.
    SignIn(SignInAsk, Answer<SignInResult>),
    /// Sign out, after the person agreed.
    SignOut(Box<Caller>, SignOutAsk, Answer<SignOutResult>),
    /// Import a hand-off sheet, after the person reviewed it.
    Import(Box<Caller>, String, Answer<ImportResult>),
    /// Show the main window.
    Open(Answer<()>),
}

//! Takes commands one after another and never waits: what takes time runs as a task of its own.

use super::command::{Answer, BrokerCommand, Command, SessionCommand};
use super::{Context, Desk, publish};
use crate::broker::serve;
use crate::error::Problem;
use crate::registration::RegistrationId;
use crate::sheet;
use crate::view::{GrantDuration, PromptAnswer, View};
use attendant_protocol::{Code, ImportResult, StatusReport};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// Commands that may wait for the router. It never waits itself, so this only smooths bursts.
const QUEUE: usize = 256;

/// Starts the router.
pub fn start(context: Arc<Context>, views: watch::Receiver<Arc<View>>) -> Desk {
    let (sender, mut commands) = mpsc::channel(QUEUE);
    let desk = Desk::new(sender, views, context.prompts.shown());
    tokio::spawn(async move {
        while let Some(command) = commands.recv().await {
            route(&context, command);
            context.changed.notify_one();
        }
    });
    desk
}

fn route(context: &Arc<Context>, command: Command) {
    match command {
        Command::Session { id, command } => to_session(context, &id, command),
        Command::Save { text, name, include, answer } => {
            let _ = answer.send(save(context, &text, name, &include));
        }
        Command::DismissIncoming => dismiss(context),
        Command::Remove { id, answer } => {
            spawn_whole(context, answer, |context| async move { remove(&context, &id).await });
        }
        Command::SetSettings(settings, answer) => {
            let mut book = context.book();
            let mut config = book.config.clone();
            config.settings = *settings;
            let _ = answer.send(book.save(&context.paths, config));
        }
        Command::Lock(answer) => {
            lock(context);
            let _ = answer.send(Ok(()));
        }
        Command::Unlock(answer) => {
            context.book().locked = false;
            let _ = answer.send(Ok(()));
        }
        Command::RevokeGrant(id, answer) => {
            context.book().grants.retain(|grant| grant.id != id);
            let _ = answer.send(Ok(()));
        }
        Command::AnswerPrompt { id, answer } => {
            if !context.prompts.answer(&id, answer) {
                tracing::debug!("an answer to a prompt that is no longer open");
            }
        }
        Command::NoticeAnswered { key, action } => notice_answered(context, &key, &action),
        Command::EraseEverything(answer) => {
            spawn_whole(context, answer, |context| async move { erase_everything(&context).await });
        }
        Command::Broker(command) => broker(context, command),
        Command::Quit(done) => {
            let context = context.clone();
            tokio::spawn(async move {
                context.prompts.close_all();
                context.settled().await;
                let _ = done.send(());
            });
        }
    }
}

fn spawn<T, F>(context: &Arc<Context>, answer: Answer<T>, work: impl FnOnce(Arc<Context>) -> F)
where
    T: Send + 'static,
    F: Future<Output = Result<T, Problem>> + Send + 'static,
{
    let context = context.clone();
    let work = work(context.clone());
    tokio::spawn(async move {
        let mut answer = answer;
        // Whoever hung up waits for nothing: prompts opened for it close with it.
        let result = tokio::select! {
            result = work => result,
            () = answer.closed() => return,
        };
        let _ = answer.send(result);
        context.changed.notify_one();
    });
}

/// As [`spawn`], for work that must not stop halfway.
fn spawn_whole<T, F>(context: &Arc<Context>, answer: Answer<T>, work: impl FnOnce(Arc<Context>) -> F)
where
    T: Send + 'static,
    F: Future<Output = Result<T, Problem>> + Send + 'static,
{
    let context = context.clone();
    let work = work(context.clone());
    tokio::spawn(async move {
        let _ = answer.send(work.await);
        context.changed.notify_one();
    });
}

fn to_session(context: &Context, id: &RegistrationId, command: SessionCommand) {
    let handle = context.sessions().get(id).cloned();
    match handle {
        Some(handle) => handle.person(command),
        None => tracing::debug!(registration = %id, "a command for a registration that is gone"),
    }
}

fn save(
    context: &Arc<Context>,
    text: &str,
    name: Option<String>,
    include: &[String],
) -> Result<ImportResult, Problem> {
    let registration = sheet::read(text)?.into_registration(name, include)?;
    let mut book = context.book();
    if book.config.registrations.iter().any(|one| one.id == registration.id) {
        let text = format!("There is a registration \u{201c}{}\u{201d} already.", registration.name);
        return Err(Problem::new(Code::NameTaken, text));
    }
    let mut config = book.config.clone();
    config.registrations.push(registration.clone());
    book.save(&context.paths, config)?;
    let result = ImportResult { id: registration.id.to_string(), name: registration.name.clone() };
    if let Some(incoming) = book.incoming.take_if(|incoming| incoming.sheet.text == text) {
        let _ = incoming.answer.send(Ok(result.clone()));
    }
    drop(book);
    context.add_session(registration);
    Ok(result)
}

fn dismiss(context: &Context) {
    if let Some(incoming) = context.book().incoming.take() {
        let _ = incoming.answer.send(Err(Problem::new(Code::Denied, "The sheet was not saved.")));
    }
}

async fn remove(context: &Context, id: &RegistrationId) -> Result<(), Problem> {
    let handle = context.sessions().remove(id);
    let Some(handle) = handle else { return Ok(()) };
    handle.remove().await?;
    let mut book = context.book();
    let mut config = book.config.clone();
    config.registrations.retain(|one| one.id != *id);
    book.save(&context.paths, config)
}

async fn erase_everything(context: &Context) -> Result<(), Problem> {
    let handles: Vec<_> = std::mem::take(&mut *context.sessions()).into_values().collect();
    for handle in handles {
        handle.remove().await?;
    }
    context.settled().await;
    context.vault.erase_all().await.map_err(|finding| finding.problem())?;
    context.activity.erase()?;
    let mut book = context.book();
    book.grants.clear();
    book.refusals.clear();
    book.problem = None;
    book.save(&context.paths, crate::config::Config::default())
}

fn lock(context: &Context) {
    let mut book = context.book();
    book.locked = true;
    book.grants.retain(|grant| grant.duration != GrantDuration::UntilLock);
    drop(book);
    context.prompts.close_all();
    for handle in context.sessions().values() {
        handle.refuse(Problem::new(Code::Locked, "Attendant is locked."));
    }
}

/// Keys are `sign-in:ID`; the actions are the notice's own, or `default` for a click on its body.
fn notice_answered(context: &Context, key: &str, action: &str) {
    let Some(id) = key.strip_prefix("sign-in:") else { return };
    let answer = match action {
        "sign_in" => PromptAnswer::SignIn,
        "later" => PromptAnswer::Later,
        _ => return context.prompts.show_again(),
    };
    let sessions = context.sessions();
    if let Some(handle) = sessions.values().find(|one| one.registration.id.as_str() == id) {
        handle.prompt_answered(answer);
    }
}

fn broker(context: &Arc<Context>, command: BrokerCommand) {
    match command {
        BrokerCommand::Token(caller, ask, answer) => {
            spawn(context, answer, |context| async move { serve::token(&context, &caller, &ask).await });
        }
        BrokerCommand::Status(wanted, answer) => {
            let _ = answer.send(status(context, wanted.as_deref()));
        }
        BrokerCommand::SignIn(ask, answer) => {
            spawn(context, answer, |context| async move { serve::sign_in(&context, ask).await });
        }
        BrokerCommand::SignOut(caller, ask, answer) => {
            spawn(context, answer, |context| async move { serve::sign_out(&context, &caller, &ask).await });
        }
        BrokerCommand::Import(caller, text, answer) => serve::import(context, &caller, text, answer),
        BrokerCommand::Open(answer) => {
            context.shell.show_main();
            let _ = answer.send(Ok(()));
        }
    }
}

fn status(context: &Context, wanted: Option<&str>) -> Result<StatusReport, Problem> {
    let now = context.clock.now();
    let handles = match wanted {
        Some(wanted) => vec![context.find(Some(wanted))?],
        None => context.sessions().values().cloned().collect(),
    };
    let registrations = handles.iter().map(|one| publish::status(&one.facts(), now)).collect();
    Ok(StatusReport { locked: context.book().locked, registrations })
}

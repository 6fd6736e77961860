//! What is put together: the runtime, core with this desktop as its shell, the windows' commands, and the end.

use crate::commands::{self, prompt};
use crate::linux::notify::{Answered, Notifier};
use crate::linux::tray::{Chosen, Tray};
use crate::practice::{Practice, beside_us};
use crate::shell::TauriShell;
use crate::standing::Standing;
use crate::windows;
use attendant_core::broker::identify::Identifier;
use attendant_core::broker::listen;
use attendant_core::clock::SystemClock;
use attendant_core::controller::{self, Desk, World};
use attendant_core::error::Problem;
use attendant_core::http::Http;
use attendant_core::paths::Paths;
use attendant_core::random::{OsRandom, Randomness};
use attendant_core::registration::RegistrationId;
use attendant_core::shell::{Notice, Shell};
use attendant_core::vault::secret_service::SecretService;
use attendant_core::vault::{DEADLINE, Vault};
use attendant_protocol::Code;
use std::sync::Arc;
use tauri::{AppHandle, Manager as _, RunEvent, WindowEvent};
use tokio::runtime::Runtime;
use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::mpsc;

/// Threads for core's tasks. They wait nearly always; the default of one per processor would only cost memory.
const WORKERS: usize = 2;
/// The key of the one notice that is the desktop's own.
const STILL_HERE: &str = "still-here";

/// Runs until the person quits. The display was checked before.
///
/// # Errors
/// When something is missing without which nothing can be offered: the socket, the certificates, the window library.
pub fn run(hidden: bool, paths: Paths) -> Result<(), Problem> {
    let runtime = runtime().map_err(|error| fault(&format!("No threads could be started: {error}.")))?;
    tauri::async_runtime::set(runtime.handle().clone());
    let app = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![
            commands::main::view,
            commands::main::choose_sheet,
            commands::main::review_sheet,
            commands::main::save_sheet,
            commands::main::dismiss_incoming,
            commands::main::request_text,
            commands::main::copy_text,
            commands::main::sign_in,
            commands::main::open_again,
            commands::main::copy_link,
            commands::main::cancel_sign_in,
            commands::main::paste_address,
            commands::main::answer_stranger,
            commands::main::sign_out,
            commands::main::try_again,
            commands::main::remove_registration,
            commands::main::revoke_grant,
            commands::main::lock,
            commands::main::unlock,
            commands::main::set_settings,
            commands::main::erase_everything,
            commands::practice::start_practice,
            commands::practice::stop_practice,
            commands::practice::practice_play,
            commands::prompt::prompt,
            commands::prompt::answer_prompt,
            commands::prompt::fit_prompt,
            commands::close_window,
        ])
        .build(tauri::generate_context!())
        .map_err(|error| fault(&format!("The windows could not be prepared: {error}.")))?;
    {
        let _inside = runtime.enter();
        put_together(app.handle(), hidden, paths)?;
    }
    app.run(on_event);
    Ok(())
}

fn runtime() -> std::io::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(WORKERS)
        .thread_name("attendant")
        .enable_all()
        .build()
}

fn fault(what: &str) -> Problem {
    Problem::new(Code::Internal, what)
}

/// Starts core and everything that talks to it. Called inside the runtime.
fn put_together(app: &AppHandle, hidden: bool, paths: Paths) -> Result<(), Problem> {
    let (chosen, choices) = mpsc::unbounded_channel();
    let (answered, answers) = mpsc::unbounded_channel();
    let tray = Tray::start(Standing::starting(), chosen);
    let shell = Arc::new(TauriShell::new(app.clone(), tray, Notifier::start(answered)));
    let random: Arc<dyn Randomness> = Arc::new(OsRandom);
    let vault = Vault::start(Arc::new(SecretService::default()), DEADLINE)
        .map_err(|error| fault(&format!("The keyring\u{2019}s thread could not be started: {error}.")))?;
    let listener = listen::bind(&attendant_protocol::client::own_socket_path())?;
    let desk = controller::start(World {
        clock: Arc::new(SystemClock),
        random: random.clone(),
        shell: shell.clone(),
        http: Http::new().map_err(|error| fault(&format!("No web connection can be made: {error}.")))?,
        vault,
        paths: paths.clone(),
    })?;
    let identifier = Arc::new(Identifier::new(Some(beside_us("attendant").as_path())));
    tauri::async_runtime::spawn(listen::serve(listener, desk.clone(), identifier, random));
    app.manage(desk.clone());
    app.manage(shell.clone());
    app.manage(Practice::new(paths));
    shell.view_changed(&desk.view());
    if !hidden {
        shell.show_main();
    }
    tauri::async_runtime::spawn(follow_tray(app.clone(), desk.clone(), choices));
    tauri::async_runtime::spawn(follow_notices(app.clone(), desk.clone(), answers));
    tauri::async_runtime::spawn(end_on_signal(app.clone()));
    let app = app.clone();
    tauri::async_runtime::spawn(async move { app.state::<Practice>().resume(&desk).await });
    Ok(())
}

fn on_event(app: &AppHandle, event: RunEvent) {
    if let RunEvent::ExitRequested { code: None, api, .. } = event {
        // The last window closed; nobody asked for the end.
        api.prevent_exit();
    } else if let RunEvent::WindowEvent { label, event, .. } = event {
        if let (windows::PROMPT, WindowEvent::CloseRequested { api, .. }) = (label.as_str(), &event) {
            api.prevent_close();
            tauri::async_runtime::spawn(prompt::closed(app.clone()));
        } else if let (windows::MAIN, WindowEvent::Destroyed) = (label.as_str(), &event) {
            tauri::async_runtime::spawn(say_still_here(app.clone()));
        }
    }
}

/// Once: closing the window does not end Attendant, and how it is reached.
async fn say_still_here(app: AppHandle) {
    let (desk, shell) = (app.state::<Desk>(), app.state::<Arc<TauriShell>>());
    let mut settings = desk.view().settings.clone();
    if settings.tray_notice_shown {
        return;
    }
    let (title, body) = if shell.has_tray() {
        ("Attendant stays in the tray", "It keeps your sign-ins. Open or quit it there.")
    } else {
        ("Attendant keeps running", "This desktop shows no tray. Start Attendant again to open its window.")
    };
    shell.notify(&Notice {
        key: STILL_HERE.to_owned(),
        title: title.to_owned(),
        body: body.to_owned(),
        actions: Vec::new(),
    });
    settings.tray_notice_shown = true;
    if let Err(problem) = desk.set_settings(settings).await {
        tracing::warn!(%problem, "this will be said again");
    }
}

async fn follow_tray(app: AppHandle, desk: Desk, mut choices: mpsc::UnboundedReceiver<Chosen>) {
    while let Some(chosen) = choices.recv().await {
        match chosen {
            Chosen::Open => app.state::<Arc<TauriShell>>().show_main(),
            Chosen::SignIn(id) => {
                let id = RegistrationId::from_name(&id);
                if let Err(problem) = desk.sign_in(id, false).await {
                    tracing::info!(%problem, "the sign-in did not start");
                    app.state::<Arc<TauriShell>>().show_main();
                }
            }
            Chosen::Quit => quit(&app, &desk).await,
        }
    }
}

async fn follow_notices(app: AppHandle, desk: Desk, mut answers: mpsc::UnboundedReceiver<Answered>) {
    while let Some(Answered { key, action }) = answers.recv().await {
        if key == STILL_HERE {
            app.state::<Arc<TauriShell>>().show_main();
        } else {
            desk.notice_answered(key, action).await;
        }
    }
}

/// The end of the desktop session, or somebody's Ctrl+C.
async fn end_on_signal(app: AppHandle) {
    let signals = signal(SignalKind::terminate()).and_then(|end| Ok((end, signal(SignalKind::interrupt())?)));
    let Ok((mut terminate, mut interrupt)) = signals else { return };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    let desk = Desk::clone(&app.state::<Desk>());
    quit(&app, &desk).await;
}

/// Lets core write what is unwritten, then ends.
async fn quit(app: &AppHandle, desk: &Desk) {
    desk.quit().await;
    app.exit(0);
}

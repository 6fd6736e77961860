//! A Tauri program that does nothing but show a window. It says on standard error what the bench waits for, and opens
//! another window for each line on its standard input; `--hidden` leaves out the first one.

use std::io::BufRead as _;
use tauri::{AppHandle, RunEvent, WebviewUrl, WebviewWindowBuilder};

fn main() {
    let hidden = std::env::args().any(|argument| argument == "--hidden");
    let app = tauri::Builder::default()
        .invoke_handler(tauri::generate_handler![usable])
        .setup(move |app| {
            if !hidden {
                open(app.handle());
            }
            let app = app.handle().clone();
            std::thread::spawn(move || {
                for _ in std::io::stdin().lock().lines().map_while(Result::ok) {
                    let handle = app.clone();
                    let _ = app.run_on_main_thread(move || open(&handle));
                }
            });
            Ok(())
        })
        .build(tauri::generate_context!())
        .expect("a display");
    app.run(|_, event| match event {
        RunEvent::Ready => eprintln!("bare: ready"),
        // It stays when its window is closed, as Attendant does.
        RunEvent::ExitRequested { code: None, api, .. } => api.prevent_exit(),
        _ => {}
    });
}

/// The page's first command.
#[tauri::command]
fn usable() {
    eprintln!("bare: usable");
}

fn open(app: &AppHandle) {
    WebviewWindowBuilder::new(app, "main", WebviewUrl::App("index.html".into()))
        .title("Attendant, bare")
        .inner_size(1120.0, 720.0)
        .center()
        .build()
        .expect("a window");
}

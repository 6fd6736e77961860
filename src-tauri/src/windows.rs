//! The two windows. Both are made when they are needed and destroyed when they are closed: a hidden page would keep
//! its memory. Neither may leave our own pages or open another window.

use crate::{linux, standing};
use attendant_core::view::{PromptView, View};
use tauri::webview::NewWindowResponse;
use tauri::{
    AppHandle, LogicalSize, LogicalUnit, Manager as _, Monitor, PhysicalPosition, Url, WebviewUrl,
    WebviewWindow, WebviewWindowBuilder, WindowSizeConstraints, Wry,
};

/// The main window's label, which its capability file names.
pub const MAIN: &str = "main";
/// The prompt window's label, which its capability file names.
pub const PROMPT: &str = "prompt";

/// Between the top of the screen and a prompt, and at least that much below it, in logical pixels.
const PROMPT_MARGIN: f64 = 56.0;
/// A prompt is shown by [`fit_prompt`]; a page that cannot measure itself is shown after this all the same.
const SHOW_PROMPT_ANYWAY: std::time::Duration = std::time::Duration::from_millis(1500);

/// Brings the main window to the front, creating it if needed.
pub fn show_main(app: &AppHandle, view: Option<&View>) {
    let title = view.map_or_else(|| "Attendant".to_owned(), main_title);
    on_main_thread(app, move |app| {
        if let Some(window) = app.get_webview_window(MAIN) {
            let _ = window.show();
            let _ = window.unminimize();
            let _ = window.set_focus();
            return;
        }
        let window = page(app, MAIN, "index.html")
            .title(title)
            .inner_size(1120.0, 720.0)
            .min_inner_size(720.0, 480.0)
            .center()
            .build();
        if let Err(error) = window {
            tracing::error!(%error, "the main window cannot be opened");
        }
    });
}

/// Says in the title whether practice is part of what is shown.
pub fn update_main_title(app: &AppHandle, view: &View) {
    if let Some(window) = app.get_webview_window(MAIN) {
        let _ = window.set_title(&main_title(view));
    }
}

fn main_title(view: &View) -> String {
    if standing::is_practice(view) { "Attendant, PRACTICE".to_owned() } else { "Attendant".to_owned() }
}

/// Makes the prompt window, unseen and without the focus; its page measures itself and calls [`fit_prompt`].
pub fn open_prompt(app: &AppHandle, prompt: &PromptView) {
    let (title, size) = (prompt_title(prompt), first_size(prompt));
    on_main_thread(app, move |app| {
        if let Some(window) = app.get_webview_window(PROMPT) {
            let _ = window.set_title(title);
            return;
        }
        let window = page(app, PROMPT, "prompt.html")
            .title(title)
            .inner_size(size.width, size.height)
            .visible(false)
            .focused(false)
            .always_on_top(true)
            .skip_taskbar(true)
            .minimizable(false)
            .maximizable(false)
            .build();
        match window {
            Ok(window) => {
                place(&window, size);
                linux::unseen::lay_out(&window, size);
                tauri::async_runtime::spawn(async move {
                    tokio::time::sleep(SHOW_PROMPT_ANYWAY).await;
                    if !window.is_visible().unwrap_or(true) {
                        tracing::warn!("the prompt did not measure itself");
                        let _ = window.show();
                    }
                });
            }
            Err(error) => tracing::error!(%error, "the prompt window cannot be opened"),
        }
    });
}

/// Makes the prompt window as tall as its content, within the screen, and shows it. Nothing happens without one.
pub fn fit_prompt(app: &AppHandle, prompt: Option<&PromptView>, height: f64) {
    let Some(width) = prompt.map(|prompt| first_size(prompt).width) else { return };
    on_main_thread(app, move |app| {
        let Some(window) = app.get_webview_window(PROMPT) else { return };
        tracing::debug!(height, "the prompt measured itself");
        place(&window, LogicalSize::new(width, height));
        if !window.is_visible().unwrap_or(false) {
            let _ = window.show();
        }
    });
}

/// Takes the prompt window away without asking anybody.
pub fn destroy_prompt(app: &AppHandle) {
    on_main_thread(app, |app| {
        if let Some(window) = app.get_webview_window(PROMPT) {
            let _ = window.destroy();
        }
    });
}

fn prompt_title(prompt: &PromptView) -> &'static str {
    let (PromptView::SignIn { on_this_computer, .. }
    | PromptView::SignOut { on_this_computer, .. }
    | PromptView::Approve { on_this_computer, .. }) = prompt;
    if *on_this_computer { "Attendant, PRACTICE" } else { "Attendant" }
}

/// The width each kind has, and a height near what it will need.
fn first_size(prompt: &PromptView) -> LogicalSize<f64> {
    match prompt {
        PromptView::SignIn { .. } => LogicalSize::new(440.0, 360.0),
        PromptView::SignOut { .. } => LogicalSize::new(480.0, 440.0),
        PromptView::Approve { .. } => LogicalSize::new(480.0, 640.0),
    }
}

/// At the top, in the middle, on the same screen every time: a prompt that jumps about gets clicked by accident.
fn place(window: &WebviewWindow<Wry>, size: LogicalSize<f64>) {
    let monitor = window
        .primary_monitor()
        .ok()
        .flatten()
        .or_else(|| window.available_monitors().ok().and_then(|all| all.into_iter().next()));
    let size = monitor.as_ref().map_or(size, |monitor| within(monitor, size));
    // A window that is not resizable would not follow us either; one whose limits are its size follows only us.
    let (width, height) =
        (Some(LogicalUnit::new(size.width).into()), Some(LogicalUnit::new(size.height).into()));
    let _ = window.set_size_constraints(WindowSizeConstraints {
        min_width: width,
        min_height: height,
        max_width: width,
        max_height: height,
    });
    let _ = window.set_size(size);
    if let Some(monitor) = monitor {
        let scale = monitor.scale_factor();
        let left = (f64::from(monitor.size().width) - size.width * scale) / 2.0;
        let at = monitor.position();
        let offset = PhysicalPosition::new(left, PROMPT_MARGIN * scale).cast::<i32>();
        let _ = window.set_position(PhysicalPosition::new(at.x + offset.x, at.y + offset.y));
    }
}

fn within(monitor: &Monitor, size: LogicalSize<f64>) -> LogicalSize<f64> {
    let screen: LogicalSize<f64> = monitor.size().to_logical(monitor.scale_factor());
    let tallest = (screen.height - 2.0 * PROMPT_MARGIN).max(200.0);
    // Also turns a height that is no number into one.
    LogicalSize::new(size.width, size.height.max(120.0).min(tallest))
}

fn page<'a>(app: &'a AppHandle, label: &str, file: &str) -> WebviewWindowBuilder<'a, Wry, AppHandle> {
    WebviewWindowBuilder::new(app, label, WebviewUrl::App(file.into()))
        .on_navigation(is_own_page)
        .on_new_window(|url, _| {
            tracing::warn!(place = attendant_core::logging::place(&url), "a page tried to open a window");
            NewWindowResponse::Deny
        })
        .on_download(|_, _| false)
}

fn is_own_page(url: &Url) -> bool {
    let own = url.scheme() == "tauri" && url.host_str() == Some("localhost");
    let development = tauri::is_dev() && url.origin().ascii_serialization() == "http://localhost:5173";
    if !own && !development {
        tracing::warn!(place = attendant_core::logging::place(url), "a page tried to leave");
    }
    own || development
}

fn on_main_thread(app: &AppHandle, what: impl FnOnce(&AppHandle) + Send + 'static) {
    let handle = app.clone();
    if let Err(error) = app.run_on_main_thread(move || what(&handle)) {
        tracing::debug!(%error, "the app is ending");
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples::{registration, view};
    use attendant_protocol::SessionState;

    #[test]
    fn only_our_own_pages_are_shown() {
        for (url, own) in [
            ("tauri://localhost/index.html", true),
            ("tauri://localhost/prompt.html#x", true),
            ("tauri://elsewhere/", false),
            ("http://localhost:5173/", false),
            ("https://cloud.uipath.com/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
            ("about:blank", false),
        ] {
            assert_eq!(is_own_page(&Url::parse(url).unwrap()), own, "{url}");
        }
    }

    #[test]
    fn practice_stands_in_the_title() {
        let mut one = registration("practice", SessionState::Active);
        assert_eq!(main_title(&view(std::slice::from_ref(&one))), "Attendant");
        one.on_this_computer = true;
        assert_eq!(main_title(&view(&[one])), "Attendant, PRACTICE");
    }
}

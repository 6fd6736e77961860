//! What a person does in Attendant's windows.

use crate::browser;
use crate::patience::{wait_for, wait_until};
use crate::{App, Result, World};
use anyhow::{Context, ensure};

/// The id of the registration that a practice tenant's sheet makes.
pub const PRACTICE: &str = "practice-tenant";

/// The selector of a control, by its test id.
pub fn by(testid: &str) -> String {
    format!("[data-testid=\"{testid}\"]")
}

/// Opens the import page, pastes `sheet`, looks at the review and saves it.
///
/// # Errors
/// The window shows something else.
pub fn import(app: &mut App, sheet: &str) -> Result<()> {
    review(app, sheet)?;
    app.main()?.click(&by("save-only"))
}

/// Opens the import page, pastes `sheet` and asks for the review.
///
/// # Errors
/// The window shows something else.
pub fn review(app: &mut App, sheet: &str) -> Result<()> {
    let window = app.main()?;
    window.click(&by("nav-home"))?;
    // The first page has the way in; later ones have a button that leads to it.
    wait_for("a way to import", || {
        if window.has(&by("import"))? {
            return Ok(Some(()));
        }
        if window.has(&by("add"))? {
            window.click(&by("add"))?;
        }
        Ok(None)
    })?;
    window.click(&by("import"))?;
    window.type_into(&by("import-text"), sheet)?;
    window.click(&by("import-review"))
}

/// The state of the registration `id` as the window shows it.
///
/// # Errors
/// The window does not show it.
pub fn state(app: &mut App, id: &str) -> Result<String> {
    let row = by(&format!("registration-{id}"));
    app.main()?.attribute(&row, "data-state")?.context("a state")
}

/// Goes home and waits until the registration `id` is in `wanted`.
///
/// # Errors
/// It is in another state.
pub fn wait_state(app: &mut App, id: &str, wanted: &str) -> Result<()> {
    let window = app.main()?;
    window.click(&by("nav-home"))?;
    let row = by(&format!("registration-{id}"));
    wait_until(&format!("{id} to be {wanted}"), || {
        Ok(window.has(&row)? && window.attribute(&row, "data-state")?.as_deref() == Some(wanted))
    })
    .with_context(|| format!("the window says: {}", window.page_text()))
}

/// Presses *Sign in* on the home page and waits until the person is signed in.
///
/// # Errors
/// The browser or the window says what went wrong.
pub fn sign_in(world: &World, app: &mut App, id: &str) -> Result<()> {
    let before = browser::times_opened(world)?;
    wait_state(app, id, "signed_out")?;
    app.main()?.click(&format!("{} {}", by(&format!("registration-{id}")), by("sign-in")))?;
    let end = browser::wait_step(world, before + 1, "finished")?;
    ensure!(end.text.contains("You are signed in"), "the browser says: {}", end.text);
    wait_state(app, id, "active")
}

/// Chooses for how long and presses *Allow*, in the prompt that is or will be open.
///
/// # Errors
/// There is no such prompt, or it does not take the answer.
pub fn allow(app: &mut App, duration: &str) -> Result<()> {
    let choice = by(&format!("duration-{duration}"));
    let window = app.prompt()?;
    window.wait(&choice)?;
    // On a small screen it may lie half below the edge; a person scrolls.
    window.script(&format!("document.querySelector('{choice}').scrollIntoView({{block: 'center'}})"))?;
    window.click(&choice)?;
    answer(app, "prompt-allow")
}

/// Presses a button of the prompt that is or will be open, once it is awake, and waits until the prompt is gone.
///
/// # Errors
/// There is no such prompt, or it does not take the answer.
pub fn answer(app: &mut App, button: &str) -> Result<()> {
    let window = app.prompt()?;
    window.wait(&by(button))?;
    let awake = format!("{}:not([aria-disabled])", by(button));
    // A first press may only bring the window forward; it then decides nothing, and the button sleeps again. The
    // window may also close between two of these steps: whether it is there is looked at first, every time.
    wait_for(&format!("the prompt to take {button}"), || {
        if !app.has_prompt()? {
            return Ok(Some(()));
        }
        app.prompt()?.click_now(&awake)?;
        Ok(None)
    })
}

/// Opens the page of the registration `id`.
///
/// # Errors
/// The window does not show it.
pub fn details(app: &mut App, id: &str) -> Result<()> {
    let window = app.main()?;
    window.click(&by("nav-home"))?;
    window.click(&format!("{} {}", by(&format!("registration-{id}")), by("details")))
}

/// *Forget here*, and yes.
///
/// # Errors
/// The window shows something else.
pub fn forget(app: &mut App, id: &str) -> Result<()> {
    details(app, id)?;
    let window = app.main()?;
    window.click(&by("forget-here"))?;
    window.click(&by("confirm-forget"))?;
    wait_state(app, id, "signed_out")
}

/// *Sign out in the browser*, and yes.
///
/// # Errors
/// The window shows something else.
pub fn sign_out_in_browser(app: &mut App, id: &str) -> Result<()> {
    details(app, id)?;
    let window = app.main()?;
    window.click(&by("sign-out-browser"))?;
    window.click(&by("confirm-sign-out-browser"))?;
    wait_state(app, id, "signed_out")
}

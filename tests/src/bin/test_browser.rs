//! The desktop's browser in a story. Started as a desktop starts one, with an address as its only argument, it detaches
//! at once (xdg-open waits for it), opens a real Chromium on the address and does what the story's plan says.

use anyhow::Context;
use attendant_tests::Result;
use attendant_tests::browser::{Answer, Plan, note};
use attendant_tests::driver::Driver;
use attendant_tests::patience::{wait_for, wait_until};
use attendant_tests::process::Running;
use serde_json::json;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Tells the second copy of this program that it is the detached one.
const DETACHED: &str = "ATTENDANT_TEST_BROWSER_DETACHED";

fn main() -> Result<()> {
    let address = std::env::args().nth(1).context("an address to open")?;
    let folder = std::env::var_os("ATTENDANT_TEST_BROWSER").map(PathBuf::from);
    let folder = folder.context("ATTENDANT_TEST_BROWSER names the story's folder")?;
    if std::env::var_os(DETACHED).is_none() {
        let log = File::create(folder.join(format!("browser-{}.log", std::process::id())))?;
        Command::new(std::env::current_exe()?)
            .arg(&address)
            .env(DETACHED, "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            .spawn()?;
        return Ok(());
    }
    // A session of its own, so that nothing that ends the launcher ends the browser.
    rustix::process::setsid()?;
    // The person may change their mind for the next browser, not for this one.
    let plan = Plan::read(&folder)?;
    note(&folder, "opened", &address, "")?;
    if let Err(error) = browse(&folder, &plan, &address) {
        note(&folder, "failed", &address, &format!("{error:#}"))?;
    }
    Ok(())
}

fn browse(folder: &Path, plan: &Plan, address: &str) -> Result<()> {
    let profile = folder.join(format!("profile-{}", plan.profile));
    fs::create_dir_all(&profile)?;
    // One browser per profile at a time, as Chromium itself wants it.
    let lock = File::create(folder.join(format!("profile-{}.lock", plan.profile)))?;
    lock.lock()?;
    let (_chromedriver, driver) = chromium(folder, plan, &profile)?;
    driver.go(address)?;
    let picture = |name: &str| -> Result<()> {
        Ok(fs::write(folder.join(format!("{}-{name}.png", std::process::id())), driver.picture()?)?)
    };
    loop {
        let page = wait_for("a page that asks or ends", || look(&driver))?;
        note(folder, "page", &driver.url()?, &driver.page_text())?;
        picture(page.name())?;
        if page == Page::End {
            note(folder, "finished", &driver.url()?, &driver.page_text())?;
            break;
        }
        // A page that was answered stays a moment longer; it must not be answered twice.
        driver.script("document.documentElement.dataset.answered = 'yes'")?;
        match plan.answer {
            Answer::Close => break,
            Answer::Nothing => {
                // Until the story ends the browser, or the page goes by itself.
                let before = driver.url()?;
                wait_until("nothing to happen", || Ok(driver.url()? != before))?;
                continue;
            }
            Answer::Refuse if page == Page::Practice => driver.click("#refuse")?,
            Answer::Refuse | Answer::Continue => page.agree(&driver, &plan.who)?,
        }
        note(folder, "answered", address, page.name())?;
    }
    driver.quit()?;
    note(folder, "closed", address, "")
}

/// The pages a sign-in goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Page {
    /// The practice tenant's login page.
    Practice,
    /// oidc-provider's login page.
    Login,
    /// oidc-provider's consent page.
    Consent,
    /// A question with one button, such as "sign out?".
    Confirm,
    /// Nothing more to do here.
    End,
}

impl Page {
    fn name(self) -> &'static str {
        match self {
            Self::Practice => "practice",
            Self::Login => "login",
            Self::Consent => "consent",
            Self::Confirm => "confirm",
            Self::End => "end",
        }
    }

    fn agree(self, driver: &Driver, who: &str) -> Result<()> {
        match self {
            Self::Practice => {
                // The radio button itself may be drawn by its label.
                driver.script(&format!("document.getElementById('user-{who}').checked = true"))?;
                driver.click("#continue")
            }
            Self::Login => {
                driver.type_into("input[name=login]", who)?;
                driver.type_into("input[name=password]", "anything")?;
                driver.click("button[type=submit]")
            }
            Self::Consent => driver.click("button[type=submit]"),
            Self::Confirm => driver.click("#sign-out, button[name=logout]"),
            Self::End => Ok(()),
        }
    }
}

/// Which page this is. `None` while it is on its way to another one.
fn look(driver: &Driver) -> Result<Option<Page>> {
    if driver.has("html[data-answered]")? {
        return Ok(None);
    }
    for (css, page) in [
        ("#continue", Page::Practice),
        ("input[name=login]", Page::Login),
        ("input[name=prompt][value=consent]", Page::Consent),
        ("#sign-out, button[name=logout]", Page::Confirm),
    ] {
        if driver.has(css)? {
            return Ok(Some(page));
        }
    }
    let text = driver.page_text();
    let loading = driver.script("return document.readyState !== 'complete'")? == true;
    // Our own page says so while the sign-in is being finished, and loads itself again.
    let finishing = text.contains("Finishing") || driver.has("meta[http-equiv=refresh]")?;
    let empty = text.trim() == "|" || driver.url()?.starts_with("about:");
    Ok((!loading && !finishing && !empty).then_some(Page::End))
}

/// A real Chromium under chromedriver.
fn chromium(folder: &Path, plan: &Plan, profile: &Path) -> Result<(Running, Driver)> {
    let log = folder.join(format!("chromedriver-{}.log", std::process::id()));
    let mut chromedriver =
        Running::start(Command::new("chromedriver").arg("--port=0").stdin(Stdio::null()), &log)?;
    let port = chromedriver.line("chromedriver's port", |line| {
        line.split_once("started successfully on port ")?.1.trim_end_matches('.').parse().ok()
    })?;
    let mut arguments = vec![
        format!("--user-data-dir={}", profile.display()),
        "--no-first-run".into(),
        "--disable-background-networking".into(),
        "--disable-component-update".into(),
        "--disable-sync".into(),
        "--disable-quic".into(),
        "--disable-gpu".into(),
        "--password-store=basic".into(),
        "--window-size=1000,720".into(),
    ];
    if !plan.on_screen {
        arguments.push("--headless=new".into());
    }
    let binary = binary()?;
    let open = |arguments: &[String]| {
        let options = json!({"binary": binary, "args": arguments});
        Driver::open(port, &json!({"browserName": "chrome", "goog:chromeOptions": options}))
    };
    let driver = open(&arguments).or_else(|error| {
        // Some containers forbid what the browser's sandbox is made of. These pages are all our own.
        note(folder, "page", "", &format!("once more without the sandbox, because: {error:#}"))?;
        arguments.push("--no-sandbox".into());
        open(&arguments)
    })?;
    Ok((chromedriver, driver))
}

fn binary() -> Result<&'static str> {
    ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"]
        .into_iter()
        .find(|path| Path::new(path).exists())
        .context("no Chromium is installed; `cargo xtask setup` does it")
}

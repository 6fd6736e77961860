//! WebDriver (W3C), as much of it as the stories need: the same client drives the app's windows through WebKitWebDriver
//! and the browser through chromedriver.

mod wire;

use crate::Result;
use crate::patience::{wait_for, wait_until};
use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use std::time::Duration;

/// The key under which WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// One window system session: all windows of one program.
#[derive(Debug)]
pub struct Driver {
    port: u16,
    session: String,
}

impl Driver {
    /// Starts the program that `capabilities` name and takes its windows. Waits until it has one.
    ///
    /// # Errors
    /// The driver program does not answer, or the program did not start.
    pub fn open(port: u16, capabilities: &Value) -> Result<Self> {
        wait_until("the driver program", || {
            Ok(wire::call(port, "GET", "/status", None, Duration::from_secs(5)).is_ok())
        })?;
        let body = json!({"capabilities": {"alwaysMatch": capabilities}});
        let value = wire::call(port, "POST", "/session", Some(&body), Duration::from_secs(60))?;
        let session = value["sessionId"].as_str().context("a session id")?.to_owned();
        Ok(Self { port, session })
    }

    /// Opens `url` in the current window.
    ///
    /// # Errors
    /// The page could not be opened.
    pub fn go(&self, url: &str) -> Result<()> {
        self.call("POST", "/url", Some(&json!({"url": url}))).map(|_| ())
    }

    /// The address of the current window's page.
    ///
    /// # Errors
    /// There is no window.
    pub fn url(&self) -> Result<String> {
        self.text_of(self.call("GET", "/url", None)?)
    }

    /// The current window's title.
    ///
    /// # Errors
    /// There is no window.
    pub fn title(&self) -> Result<String> {
        self.text_of(self.call("GET", "/title", None)?)
    }

    /// The handles of all windows.
    ///
    /// # Errors
    /// The program has ended.
    pub fn windows(&self) -> Result<Vec<String>> {
        let value = self.call("GET", "/window/handles", None)?;
        Ok(value.as_array().into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    /// Makes `window` the current one.
    ///
    /// # Errors
    /// It is gone.
    pub fn switch(&self, window: &str) -> Result<()> {
        self.call("POST", "/window", Some(&json!({"handle": window}))).map(|_| ())
    }

    /// Waits for a window whose page's address contains `part` and makes it the current one.
    ///
    /// # Errors
    /// There is none.
    pub fn switch_to(&self, part: &str) -> Result<()> {
        wait_for(&format!("a window at {part}"), || Ok(self.window_at(part)?.then_some(())))
    }

    /// Whether there is a window whose page's address contains `part`; it is the current one then.
    ///
    /// # Errors
    /// The program has ended.
    pub fn window_at(&self, part: &str) -> Result<bool> {
        for window in self.windows()? {
            // A window may close between the two calls.
            if self.switch(&window).is_ok() && self.url().is_ok_and(|url| url.contains(part)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Closes the current window.
    ///
    /// # Errors
    /// It is gone already.
    pub fn close_window(&self) -> Result<()> {
        self.call("DELETE", "/window", None).map(|_| ())
    }

    /// Whether the page has an element that fits `css`.
    ///
    /// # Errors
    /// There is no page.
    pub fn has(&self, css: &str) -> Result<bool> {
        Ok(self.find(css)?.is_some())
    }

    /// Waits for an element that is shown.
    ///
    /// # Errors
    /// Names `css` and what the page says instead.
    pub fn wait(&self, css: &str) -> Result<()> {
        wait_until(css, || self.has(css)).with_context(|| format!("the page says: {}", self.page_text()))
    }

    /// Waits until no element fits `css`.
    ///
    /// # Errors
    /// It is still there.
    pub fn wait_gone(&self, css: &str) -> Result<()> {
        wait_until(&format!("{css} to go"), || Ok(!self.has(css)?))
    }

    /// Waits for an element and clicks it, as often as the page still moves or does not take clicks yet.
    ///
    /// # Errors
    /// It never took a click.
    pub fn click(&self, css: &str) -> Result<()> {
        wait_until(&format!("a click on {css}"), || self.click_now(css))
            .with_context(|| format!("the page says: {}", self.page_text()))
    }

    /// Clicks the first element that fits, if there is one now.
    ///
    /// # Errors
    /// It does not take clicks, or the window is gone.
    pub fn click_now(&self, css: &str) -> Result<bool> {
        let Some(element) = self.find(css)? else { return Ok(false) };
        self.call("POST", &format!("/element/{element}/click"), Some(&json!({})))?;
        Ok(true)
    }

    /// Waits for a field, empties it and types `text`.
    ///
    /// # Errors
    /// There is no such field.
    pub fn type_into(&self, css: &str, text: &str) -> Result<()> {
        self.wait(css)?;
        let element = self.find(css)?.context("the field")?;
        self.call("POST", &format!("/element/{element}/clear"), Some(&json!({})))?;
        // A line feed is no key; Enter is (WebDriver §17.4.2).
        let keys = text.replace('\n', "\u{e007}");
        self.call("POST", &format!("/element/{element}/value"), Some(&json!({"text": keys}))).map(|_| ())
    }

    /// Presses a key in the current window; see the key codes of WebDriver §17.4.2.
    ///
    /// # Errors
    /// There is no window.
    pub fn press(&self, key: char) -> Result<()> {
        let actions = json!([{"type": "keyDown", "value": key}, {"type": "keyUp", "value": key}]);
        let body = json!({"actions": [{"type": "key", "id": "keyboard", "actions": actions}]});
        self.call("POST", "/actions", Some(&body)).map(|_| ())
    }

    /// The text of the first element that fits, as it is shown.
    ///
    /// # Errors
    /// There is none.
    pub fn text(&self, css: &str) -> Result<String> {
        let element = self.find(css)?.with_context(|| format!("{css} is not on the page"))?;
        self.text_of(self.call("GET", &format!("/element/{element}/text"), None)?)
    }

    /// An attribute of the first element that fits.
    ///
    /// # Errors
    /// There is no such element.
    pub fn attribute(&self, css: &str, name: &str) -> Result<Option<String>> {
        let element = self.find(css)?.with_context(|| format!("{css} is not on the page"))?;
        let value = self.call("GET", &format!("/element/{element}/attribute/{name}"), None)?;
        Ok(value.as_str().map(str::to_owned))
    }

    /// Runs `script` in the page and answers what it returns.
    ///
    /// # Errors
    /// It threw.
    pub fn script(&self, script: &str) -> Result<Value> {
        self.call("POST", "/execute/sync", Some(&json!({"script": script, "args": []})))
    }

    /// Waits until the current window has drawn what its page holds now.
    ///
    /// # Errors
    /// The window is gone or hidden.
    pub fn drawn(&self) -> Result<()> {
        let mark = "document.documentElement.dataset.drawn";
        self.script(&format!(
            "{mark} = 'no'; let left = 3; \
             const next = () => {{ if (--left > 0) requestAnimationFrame(next); else {mark} = 'yes'; }}; \
             requestAnimationFrame(next)"
        ))?;
        self.wait("html[data-drawn=yes]")
    }

    /// Everything the page says, for messages.
    pub fn page_text(&self) -> String {
        let text = self.script("return document.title + ' | ' + document.body.innerText");
        text.ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_else(|| "(no page)".into())
    }

    /// What the current window shows, as PNG.
    ///
    /// # Errors
    /// There is no window.
    pub fn picture(&self) -> Result<Vec<u8>> {
        let text = self.text_of(self.call("GET", "/screenshot", None)?)?;
        Ok(STANDARD.decode(text)?)
    }

    /// Ends the session, and with it what the driver started.
    ///
    /// # Errors
    /// It has ended already.
    pub fn quit(self) -> Result<()> {
        self.call("DELETE", "", None).map(|_| ())
    }

    fn find(&self, css: &str) -> Result<Option<String>> {
        let body = json!({"using": "css selector", "value": css});
        let value = self.call("POST", "/elements", Some(&body))?;
        Ok(value[0][ELEMENT].as_str().map(str::to_owned))
    }

    fn text_of(&self, value: Value) -> Result<String> {
        value.as_str().map(str::to_owned).with_context(|| format!("{value} is not a text"))
    }

    fn call(&self, method: &str, path: &str, body: Option<&Value>) -> Result<Value> {
        let path = format!("/session/{}{path}", self.session);
        wire::call(self.port, method, &path, body, Duration::from_secs(30))
    }
}

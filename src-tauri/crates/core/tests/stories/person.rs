//! The person: opens what the app asks the browser to open, and sees prompts and notifications.

use super::browser::Browser;
use attendant_core::shell::{BrowserError, Notice, Shell};
use attendant_core::view::{PromptView, View};
use std::sync::{Mutex, PoisonError};
use url::Url;

/// What the person does when a browser opens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Habit {
    /// Signs in as this practice user.
    SignsInAs(&'static str),
    /// Presses Refuse.
    Refuses,
    /// Looks at it and does nothing.
    Waits,
    /// Has no browser.
    HasNoBrowser,
}

pub struct Person {
    habit: Mutex<Habit>,
    browser: std::sync::Arc<Mutex<Browser>>,
    pub opened: Mutex<Vec<Url>>,
    pub notices: Mutex<Vec<Notice>>,
    pub prompts: Mutex<Vec<PromptView>>,
    pub main_shown: Mutex<u32>,
}

impl Person {
    pub fn new(habit: Habit) -> Self {
        Self {
            habit: Mutex::new(habit),
            browser: Default::default(),
            opened: Mutex::default(),
            notices: Mutex::default(),
            prompts: Mutex::default(),
            main_shown: Mutex::default(),
        }
    }

    pub fn becomes(&self, habit: Habit) {
        *self.habit.lock().unwrap() = habit;
    }

    pub fn browsers_opened(&self) -> usize {
        self.opened.lock().unwrap().len()
    }
}

impl Shell for Person {
    fn open_browser(&self, url: &Url) -> Result<(), BrowserError> {
        let habit = *self.habit.lock().unwrap();
        if habit == Habit::HasNoBrowser {
            return Err(BrowserError::NoneFound);
        }
        self.opened.lock().unwrap().push(url.clone());
        let (browser, url) = (self.browser.clone(), url.clone());
        std::thread::spawn(move || {
            // A page that was cut off by the next sign-in ends its own thread only.
            let mut browser = browser.lock().unwrap_or_else(PoisonError::into_inner);
            match habit {
                Habit::SignsInAs(user) => drop(browser.sign_in(&url, user, "continue")),
                Habit::Refuses => drop(browser.sign_in(&url, "pat", "refuse")),
                Habit::Waits => drop(browser.open(&url)),
                Habit::HasNoBrowser => {}
            }
        });
        Ok(())
    }

    fn show_prompt(&self, prompt: &PromptView) {
        self.prompts.lock().unwrap().push(prompt.clone());
    }

    fn close_prompt(&self) {}

    fn notify(&self, notice: &Notice) {
        self.notices.lock().unwrap().push(notice.clone());
    }

    fn withdraw(&self, _key: &str) {}

    fn show_main(&self) {
        *self.main_shown.lock().unwrap() += 1;
    }

    fn view_changed(&self, _view: &View) {}
}

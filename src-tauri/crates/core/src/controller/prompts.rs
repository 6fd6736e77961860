//! One prompt at a time, in the order they came, whoever opened them. A prompt ends by an answer, by its opener, or
//! not at all; whatever is not an explicit yes is for the opener to read as no.

use crate::random::Randomness;
use crate::shell::Shell;
use crate::view::{PromptAnswer, PromptView};
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{oneshot, watch};

/// The queue of prompts.
pub struct Prompts {
    shell: Arc<dyn Shell>,
    random: Arc<dyn Randomness>,
    queue: Mutex<VecDeque<Open>>,
    shown: watch::Sender<Option<PromptView>>,
}

struct Open {
    id: String,
    view: PromptView,
    answer: oneshot::Sender<PromptAnswer>,
}

impl Prompts {
    /// An empty queue.
    pub fn new(shell: Arc<dyn Shell>, random: Arc<dyn Randomness>) -> Self {
        Self { shell, random, queue: Mutex::default(), shown: watch::Sender::new(None) }
    }

    /// What the window shows now.
    pub fn shown(&self) -> watch::Receiver<Option<PromptView>> {
        self.shown.subscribe()
    }

    /// A name for the next prompt.
    pub fn next_id(&self) -> String {
        self.random.token()
    }

    /// Queues `view`, whose id is `id`; it is shown when its turn comes.
    pub fn open(&self, id: String, view: PromptView) -> oneshot::Receiver<PromptAnswer> {
        let (answer, wait) = oneshot::channel();
        self.change(|queue| queue.push_back(Open { id, view, answer }));
        wait
    }

    /// Changes what the prompt `id` says.
    pub fn update(&self, id: &str, change: impl FnOnce(&mut PromptView)) {
        self.change(|queue| {
            if let Some(open) = queue.iter_mut().find(|open| open.id == id) {
                change(&mut open.view);
            }
        });
    }

    /// Takes the prompt `id` back, unanswered.
    pub fn close(&self, id: &str) {
        self.change(|queue| queue.retain(|open| open.id != id));
    }

    /// Takes every prompt back, unanswered.
    pub fn close_all(&self) {
        self.change(VecDeque::clear);
    }

    /// Shows the current prompt again, after the person closed or lost its window.
    pub fn show_again(&self) {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = queue.front() {
            self.shell.show_prompt(&open.view);
        }
    }

    /// The person answered. Only the prompt that is shown can be answered; any other id changes nothing.
    pub fn answer(&self, id: &str, answer: PromptAnswer) -> bool {
        let mut answered = None;
        self.change(|queue| {
            if queue.front().is_some_and(|open| open.id == id) {
                answered = queue.pop_front();
            }
        });
        answered.is_some_and(|open| open.answer.send(answer).is_ok())
    }

    /// Whether a prompt like `wanted` is open.
    pub fn any(&self, wanted: impl Fn(&PromptView) -> bool) -> bool {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.iter().any(|open| wanted(&open.view))
    }

    /// How many approvals wait.
    pub fn approvals(&self) -> usize {
        let queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        queue.iter().filter(|open| matches!(open.view, PromptView::Approve { .. })).count()
    }

    fn change(&self, change: impl FnOnce(&mut VecDeque<Open>)) {
        let mut queue = self.queue.lock().unwrap_or_else(PoisonError::into_inner);
        change(&mut queue);
        let behind = u32::try_from(queue.len().saturating_sub(1)).unwrap_or(u32::MAX);
        let front = queue.front_mut().map(|open| {
            if let PromptView::Approve { more, .. } = &mut open.view {
                *more = behind;
            }
            open.view.clone()
        });
        // The lock is held while the window is told, so that two changes cannot arrive in the wrong order.
        if *self.shown.borrow() == front {
            return;
        }
        match &front {
            Some(view) => self.shell.show_prompt(view),
            None => self.shell.close_prompt(),
        }
        self.shown.send_replace(front);
    }
}

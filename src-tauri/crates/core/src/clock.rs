//! Time, passed in. Expiry is wall-clock time, because monotonic clocks may not count sleep.

use chrono::{DateTime, Utc};
use std::future::Future;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::Notify;

/// A moment of wall-clock time.
pub type Time = DateTime<Utc>;

/// How long a waiting task may sleep before it looks at the clock again: a laptop that slept is noticed within this.
pub const LOOK_AGAIN: Duration = Duration::from_secs(30);

/// Where time comes from.
pub trait Clock: Send + Sync {
    /// The time now.
    fn now(&self) -> Time;

    /// Completes once `now()` has reached `at`.
    fn sleep_until(&self, at: Time) -> Pin<Box<dyn Future<Output = ()> + Send>>;
}

/// `at` as it stands in files and on the wire: RFC 3339, whole seconds, UTC.
pub fn rfc3339(at: Time) -> String {
    at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
}

/// The computer's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        #[expect(clippy::disallowed_methods, reason = "the one door to the computer's clock")]
        std::time::SystemTime::now().into()
    }

    fn sleep_until(&self, at: Time) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = *self;
        Box::pin(async move {
            while let Ok(left) = (at - clock.now()).to_std() {
                if left.is_zero() {
                    break;
                }
                tokio::time::sleep(left.min(LOOK_AGAIN)).await;
            }
        })
    }
}

/// A clock that stands until it is moved, for tests and demonstrations.
#[derive(Clone)]
pub struct ManualClock {
    inner: Arc<(Mutex<Time>, Notify)>,
}

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Time) -> Self {
        Self { inner: Arc::new((Mutex::new(start), Notify::new())) }
    }

    /// Moves the clock and wakes everyone whose time has come.
    pub fn advance(&self, by: Duration) {
        {
            let mut now = self.inner.0.lock().unwrap_or_else(PoisonError::into_inner);
            *now += by;
        }
        self.inner.1.notify_waiters();
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        *self.inner.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sleep_until(&self, at: Time) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        let clock = self.clone();
        Box::pin(async move {
            loop {
                let moved = clock.inner.1.notified();
                tokio::pin!(moved);
                moved.as_mut().enable();
                if clock.now() >= at {
                    return;
                }
                moved.await;
            }
        })
    }
}

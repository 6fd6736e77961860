//! The practice tenant's own time: the computer's plus an offset that a knob moves, or a fixed start for tests. The
//! only file here that asks the operating system what time it is.

use std::time::{SystemTime, UNIX_EPOCH};

/// A clock that can be moved forward and backward. Times are milliseconds since 1970 (UTC).
#[derive(Clone, Debug)]
pub struct Clock {
    /// `None` follows the computer's clock.
    fixed_ms: Option<i64>,
    offset_ms: i64,
}

impl Clock {
    /// Follows the computer's clock.
    #[must_use]
    pub fn system() -> Self {
        Self { fixed_ms: None, offset_ms: 0 }
    }

    /// Stands still at `unix_seconds` until it is moved.
    #[must_use]
    pub fn fixed(unix_seconds: i64) -> Self {
        Self { fixed_ms: Some(unix_seconds.saturating_mul(1000)), offset_ms: 0 }
    }

    pub(crate) fn advance(&mut self, seconds: i64) {
        self.offset_ms = self.offset_ms.saturating_add(seconds.saturating_mul(1000));
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.fixed_ms.unwrap_or_else(system_ms).saturating_add(self.offset_ms)
    }

    /// Whole seconds, as the protocols use them.
    pub(crate) fn now(&self) -> i64 {
        self.now_ms().div_euclid(1000)
    }
}

/// `2026-11-21T08:30:00.123Z`, as Orchestrator writes times.
pub(crate) fn iso(ms: i64) -> String {
    jiff::Timestamp::from_millisecond(ms).map_or_else(|_| String::new(), |t| t.to_string())
}

#[expect(
    clippy::disallowed_methods,
    reason = "this is the one door through which the computer's time comes in"
)]
fn system_ms() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
}

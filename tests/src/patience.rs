//! Waiting, with a deadline: the only file here that knows the time.

use crate::Result;
use anyhow::bail;
use std::time::{Duration, Instant};

/// Long enough for anything on a slow, busy computer; a story that works never gets near it.
pub const PATIENCE: Duration = Duration::from_secs(45);

const PAUSE: Duration = Duration::from_millis(25);

/// Measures time that passes in a test.
pub struct Watch(Instant);

impl Watch {
    /// Starts now.
    #[expect(clippy::disallowed_methods, reason = "the one place of this crate that reads the clock")]
    pub fn start() -> Self {
        Self(Instant::now())
    }

    /// The time since the start.
    pub fn taken(&self) -> Duration {
        self.0.elapsed()
    }
}

/// Looks again and again until `look` finds something.
///
/// # Errors
/// After `within` names `what`, and the last error if looking itself failed.
pub fn wait_within<T>(
    what: &str,
    within: Duration,
    mut look: impl FnMut() -> Result<Option<T>>,
) -> Result<T> {
    let watch = Watch::start();
    loop {
        let last = match look() {
            Ok(Some(found)) => return Ok(found),
            Ok(None) => None,
            Err(error) => Some(error),
        };
        if watch.taken() >= within {
            match last {
                Some(error) => bail!("waited {} s for {what}: {error:#}", within.as_secs()),
                None => bail!("waited {} s for {what}", within.as_secs()),
            }
        }
        pause();
    }
}

/// [`wait_within`] [`PATIENCE`].
///
/// # Errors
/// Names `what` did not come.
pub fn wait_for<T>(what: &str, look: impl FnMut() -> Result<Option<T>>) -> Result<T> {
    wait_within(what, PATIENCE, look)
}

/// Waits until `look` is true.
///
/// # Errors
/// Names `what` did not come.
pub fn wait_until(what: &str, mut look: impl FnMut() -> Result<bool>) -> Result<()> {
    wait_for(what, || Ok(look()?.then_some(())))
}

/// Looks for the whole of `during`, and wants `holds` to stay true.
///
/// # Errors
/// Names `what` stopped being so.
pub fn stays(what: &str, during: Duration, mut holds: impl FnMut() -> Result<bool>) -> Result<()> {
    let watch = Watch::start();
    while watch.taken() < during {
        if !holds()? {
            bail!("{what} did not stay so ({} ms)", watch.taken().as_millis());
        }
        pause();
    }
    Ok(())
}

#[expect(
    clippy::disallowed_methods,
    reason = "the pause between two looks at a condition that has a deadline"
)]
fn pause() {
    std::thread::sleep(PAUSE);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waiting_ends_and_says_what_for() {
        let error = wait_within::<()>("rain", Duration::from_millis(60), || Ok(None)).unwrap_err();
        assert_eq!(error.to_string(), "waited 0 s for rain");
        let error = wait_within::<()>("rain", Duration::ZERO, || bail!("no sky")).unwrap_err();
        assert_eq!(error.to_string(), "waited 0 s for rain: no sky");
    }

    #[test]
    fn a_condition_found_later_is_found() {
        let mut looks = 0;
        let found = wait_for("three", || {
            looks += 1;
            Ok((looks == 3).then_some(looks))
        });
        assert_eq!(found.unwrap(), 3);
    }
}

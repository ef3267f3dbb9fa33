//! How long answers may take, all accounts together, and whether the user asked to stop.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use super::super::{Fatal, interrupt};
use crate::analysis::{Budget, Options};

/// A clock that started with the command.
pub struct Clock {
    end: Option<Instant>,
    stop: &'static AtomicBool,
}

impl Clock {
    /// A clock that ends after so long; `None` = answers are bounded by steps alone.
    ///
    /// # Errors
    /// The system refuses to watch Ctrl-C.
    pub fn new(time: Option<Duration>) -> Result<Self, Fatal> {
        let end = time.and_then(|time| Instant::now().checked_add(time));
        Ok(Self { end, stop: interrupt::watch_always()? })
    }

    /// What the next of `left` answers may cost: its part of the time that is left.
    pub fn options(&self, left: usize) -> Options {
        let budget = Budget { deadline: self.end, stop: Some(self.stop), ..Budget::default() };
        Options { budget: budget.part(1.0 / left.max(1) as f64), ..Options::default() }
    }

    /// Whether the user asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }
}

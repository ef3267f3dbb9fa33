//! How much work an answer may cost.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// The bounds on work. A count of steps keeps answers the same on every machine; a deadline and a
/// stop are the caller's choice, and an answer cut short by them says so.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Most search steps, or nodes of a decision diagram.
    pub steps: usize,
    /// When to stop; `None` = by steps alone.
    pub deadline: Option<Instant>,
    /// Set from outside to stop at once; `None` = nobody will.
    pub stop: Option<&'static AtomicBool>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: 4_000_000, deadline: None, stop: None }
    }
}

impl Budget {
    /// Whether no more may be done after this many steps. The clock is asked once in 1,024 steps.
    #[must_use]
    pub fn is_spent(&self, steps: usize) -> bool {
        steps >= self.steps || steps.is_multiple_of(1024) && self.is_late()
    }

    /// The same steps, and this part (0 to 1) of the time that is left.
    #[must_use]
    pub fn part(&self, part: f64) -> Self {
        let now = Instant::now;
        let shorter = |end: Instant| now() + end.saturating_duration_since(now()).mul_f64(part);
        Self { deadline: self.deadline.map(shorter), ..*self }
    }

    /// Whether the deadline has passed, or a stop was asked for.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
            || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

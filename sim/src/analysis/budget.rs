//! How much work an answer may cost.

use std::time::Instant;

/// The bounds on work. A count of steps keeps answers the same on every machine; a deadline is the
/// caller's choice, and an answer cut short by it says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// Most search steps, or nodes of a decision diagram.
    pub steps: usize,
    /// When to stop; `None` = by steps alone.
    pub deadline: Option<Instant>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { steps: 4_000_000, deadline: None }
    }
}

impl Budget {
    /// Whether no more may be done after this many steps. The clock is asked once in 1,024 steps.
    #[must_use]
    pub fn is_spent(&self, steps: usize) -> bool {
        steps >= self.steps
            || steps.is_multiple_of(1024)
                && self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

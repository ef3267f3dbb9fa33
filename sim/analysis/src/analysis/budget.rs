//! How much work an answer may cost.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

/// Units of work by default; one takes about a nanosecond.
const WORK: u64 = 1_400_000_000;

/// The bounds on work. Units of work keep answers the same on every machine; a deadline and a stop
/// are the caller's choice, and an answer cut short by them says so.
#[derive(Clone, Copy, Debug)]
pub struct Budget {
    /// Most units of work, each about a nanosecond of one core, for one view of one account. Both
    /// views are looked at side by side.
    pub work: u64,
    /// When to stop; `None` = by work alone.
    pub deadline: Option<Instant>,
    /// Set from outside to stop at once; `None` = nobody will.
    pub stop: Option<&'static AtomicBool>,
}

impl Default for Budget {
    fn default() -> Self {
        Self { work: WORK, deadline: None, stop: None }
    }
}

impl Budget {
    /// This part (0 to 1) of the work and of the time that is left.
    #[must_use]
    pub fn part(&self, part: f64) -> Self {
        let now = Instant::now;
        let shorter = |end: Instant| now() + end.saturating_duration_since(now()).mul_f64(part);
        Self { deadline: self.deadline.map(shorter), ..self.share(part) }
    }

    /// This part (0 to 1) of the work, until the same deadline: for what runs side by side.
    #[must_use]
    pub fn share(&self, part: f64) -> Self {
        Self { work: (self.work as f64 * part) as u64, ..*self }
    }

    /// The same time, less work.
    #[must_use]
    pub fn without(&self, work: u64) -> Self {
        Self { work: self.work.saturating_sub(work), ..*self }
    }

    /// Whether the deadline has passed, or a stop was asked for.
    #[must_use]
    pub fn is_late(&self) -> bool {
        self.stop.is_some_and(|stop| stop.load(Ordering::Relaxed))
            || self.deadline.is_some_and(|deadline| Instant::now() >= deadline)
    }
}

/// Units of work between two looks at the clock.
const LOOK_UP: u64 = 1 << 19;

/// Work being done within a budget.
pub struct Work {
    budget: Budget,
    used: Cell<u64>,
    /// When so much is used, the clock is asked.
    look_up: Cell<u64>,
    late: Cell<bool>,
}

impl Work {
    /// None done yet.
    pub fn new(budget: Budget) -> Self {
        let (used, look_up, late) = (Cell::new(0), Cell::new(0), Cell::new(false));
        Self { budget, used, look_up, late }
    }

    /// Takes so many units; `None` where they are not left, or it is late.
    pub fn spend(&self, units: u64) -> Option<()> {
        let used = self.used.get().saturating_add(units);
        if used >= self.look_up.get() {
            self.look_up.set(used.saturating_add(LOOK_UP));
            self.late.set(self.late.get() || self.budget.is_late());
        }
        if used > self.budget.work || self.late.get() {
            return None;
        }
        self.used.set(used);
        Some(())
    }

    /// Whether so many units are left, and, where there is a deadline, about as many nanoseconds: what
    /// is of use only as a whole need not be begun otherwise.
    pub fn affords(&self, units: u64) -> Option<()> {
        let left = self.budget.deadline.map(|end| end.saturating_duration_since(Instant::now()));
        let in_time = left.is_none_or(|left| u128::from(units) <= left.as_nanos());
        (units <= self.left().work && in_time).then_some(())
    }

    /// Asks the clock at once; for steps that are paid for but take long.
    pub fn go_on(&self) -> Option<()> {
        self.late.set(self.late.get() || self.budget.is_late());
        (!self.late.get()).then_some(())
    }

    /// Adds what was done within a part.
    pub fn add(&self, units: u64) {
        self.used.set(self.used.get().saturating_add(units));
    }

    /// How many units are used.
    pub fn used(&self) -> u64 {
        self.used.get()
    }

    /// What is left.
    pub fn left(&self) -> Budget {
        self.budget.without(self.used.get())
    }

    /// Does something with this part of what is left.
    pub fn part<T>(&self, part: f64, act: impl FnOnce(&Self) -> T) -> T {
        let work = Self::new(self.left().part(part));
        let result = act(&work);
        self.add(work.used());
        result
    }
}

/// Two things side by side, each with half of this part of what is left.
pub(super) fn both<A: Send, B: Send>(
    work: &Work,
    part: f64,
    one: impl FnOnce(&Work) -> A + Send,
    other: impl FnOnce(&Work) -> B + Send,
) -> (A, B) {
    let budget = work.left().part(part).share(0.5);
    let ((one, first), (other, second)) =
        rayon::join(|| counted(budget, one), || counted(budget, other));
    work.add(first + second);
    (one, other)
}

fn counted<T>(budget: Budget, act: impl FnOnce(&Work) -> T) -> (T, u64) {
    let work = Work::new(budget);
    (act(&work), work.used())
}

//! How much answers may cost, all accounts of a file together, and whether somebody asked to stop.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::account::AccountId;
use crate::analysis::{Budget, Options, Structure};

/// The part of the time for answers; the rest is for reading and printing.
const TIME_PART: f64 = 0.95;

/// The work for all accounts that share no key, as a part of a budget, and most for one of them.
const PLAIN_PART: f64 = 0.3;
const PLAIN_WORK: u64 = 400_000_000;

/// What is left of the work and the time for the accounts of a file.
#[derive(Debug)]
pub struct Allowance {
    end: Option<Instant>,
    stop: &'static AtomicBool,
    /// Units of work done since the last [`Allowance::start`].
    work: Cell<u64>,
    /// The same for accounts that share no key.
    plain_work: Cell<u64>,
    /// How many have to share the time that is left, each with all of the work.
    sharers: Cell<usize>,
}

impl Allowance {
    /// What ends so long after `start`; `None` = answers are bounded by units of work alone. `stop` ends them
    /// as well.
    #[must_use]
    pub fn new(start: Instant, time: Option<Duration>, stop: &'static AtomicBool) -> Self {
        let end = time.and_then(|time| start.checked_add(time.mul_f64(TIME_PART)));
        let (work, plain_work, sharers) = (Cell::new(0), Cell::new(0), Cell::new(1));
        Self { end, stop, work, plain_work, sharers }
    }

    /// From here on all accounts together have the work of a budget, and one of so many parts of the
    /// time that is left.
    pub fn start(&self, sharers: usize) {
        self.work.set(0);
        self.plain_work.set(0);
        self.sharers.set(sharers.max(1));
    }

    /// What the next answers may cost: this part (0 to 1) of the work and time that are left for accounts
    /// that share keys; `None` = for one that shares none.
    pub fn options(&self, part: Option<f64>) -> Options {
        part.map_or_else(|| self.plain_options(), |part| self.shared_options(part))
    }

    fn shared_options(&self, part: f64) -> Options {
        let budget = Budget { deadline: self.end, stop: Some(self.stop), ..Budget::default() };
        let budget = match self.end {
            // whoever gives time wants it used
            Some(_) => Budget { work: u64::MAX, ..budget }.part(1.0 / self.sharers.get() as f64),
            None => budget.without(self.work.get()),
        };
        Options { budget: budget.part(part), ..Options::default() }
    }

    /// Of an account that shares no key: counting is quick, and lists cost what they hold.
    fn plain_options(&self) -> Options {
        let whole = Budget::default().share(PLAIN_PART).without(self.plain_work.get());
        let budget = Budget { deadline: self.end, stop: Some(self.stop), ..whole };
        Options {
            budget: Budget { work: whole.work.min(PLAIN_WORK), ..budget },
            ..Options::default()
        }
    }

    /// Counts work that was done with such a part.
    pub fn add(&self, part: Option<f64>, work: u64) {
        let sum = if part.is_some() { &self.work } else { &self.plain_work };
        sum.set(sum.get().saturating_add(work));
    }

    /// Whether the user asked to stop.
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Ordering::Relaxed)
    }

    /// Whether there is no time left, or the user asked to stop.
    pub fn is_late(&self) -> bool {
        let late = self.end.is_some_and(|end| Instant::now() >= end);
        late || self.is_stopped()
    }
}

/// How much of the work an account deserves beside others; `None` where no key is shared, nor are some
/// `grouped`, so that little is needed.
pub fn weight(structure: &Structure, target: AccountId, grouped: bool) -> Option<f64> {
    let below = structure.below(target);
    let edges: usize = below.iter().map(|&account| structure.cosignatories(account).len()).sum();
    (grouped || edges >= below.len()).then(|| (edges * edges) as f64)
}

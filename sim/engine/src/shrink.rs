//! From a long failing sequence to a short story with the same failure.
//!
//! A [`Case`] is a start, steps and the [`FailureKind`] of failure they end in. [`shrink`] tries simpler
//! cases in the field's own terms (fewer steps, transactions, accounts, levels, signatures; lower
//! numbers; limits as they were given) and keeps those that fail in the same way. It can be
//! stopped at any time and gives what it has.

mod edit;
mod plain;
mod shorten;
mod start;
mod story;

pub use story::{Story, disagreement, header, lines, story};

use std::sync::atomic::{AtomicBool, Ordering};

use crate::conformance::{Comparison, Difference};
use crate::fault::Fault;
use crate::invariant::Invariant;
use crate::ledger::Genesis;
use crate::protocol::Protocol;
use crate::scenario::{Act, Header, Names, Step};
use crate::trial::{Failure, FailureKind, Trial};

/// A sequence of steps that ends in a failure.
#[derive(Clone, Debug)]
pub struct Case {
    /// The healthy protocol, its limits perhaps tightened.
    pub protocol: Protocol,
    /// The protocol as it was before, to go back to where that makes no difference.
    pub wide: Protocol,
    /// The bug in the ledger, if one was seeded.
    pub fault: Option<&'static Fault>,
    /// Invariants beside those of this crate.
    pub invariants: &'static [Invariant],
    /// Whether the auditor judges, too.
    pub audited: bool,
    /// The start.
    pub genesis: Genesis,
    /// The steps; the last one fails.
    pub steps: Vec<Step>,
    /// The kind of failure that must stay; none where another program is asked.
    pub kind: Option<FailureKind>,
    /// The names of a scenario that somebody wrote, whose limits and roles are kept; absent: names by number.
    pub names: Option<Names>,
}

impl Case {
    /// A scenario of somebody's in which another program answers otherwise. What another program cannot
    /// differ in is left out: keys that are lost or stolen, and checks.
    #[must_use]
    pub fn written(header: Header, mut steps: Vec<Step>) -> Self {
        steps.retain(|step| !matches!(step.act, Act::Lose(_) | Act::Steal(_) | Act::Check(_)));
        Self {
            wide: header.protocol.clone(),
            protocol: header.protocol,
            fault: None,
            invariants: &[],
            audited: false,
            genesis: header.genesis,
            steps,
            kind: None,
            names: Some(header.names),
        }
    }

    /// A header that says where the steps start, and has no name yet.
    #[must_use]
    pub fn header(&self) -> Header {
        let header = header(&self.protocol, &self.genesis, &self.steps);
        match &self.names {
            Some(names) => Header { names: names.clone(), ..header },
            None => header,
        }
    }

    /// The first failure of these steps, and the step it came with, from 0.
    #[must_use]
    pub fn failure(&self) -> Option<(usize, Failure)> {
        self.failure_unless(&AtomicBool::new(false))
    }

    /// As [`Case::failure`]; none once `stop` is set.
    #[must_use]
    pub fn failure_unless(&self, stop: &AtomicBool) -> Option<(usize, Failure)> {
        let followed = self
            .fault
            .map_or_else(|| self.protocol.clone(), |fault| fault.seeded_in(&self.protocol));
        let mut trial = Trial::new(&self.protocol, followed, &self.genesis, self.audited).ok()?;
        trial.add(self.invariants);
        for (index, step) in self.steps.iter().enumerate() {
            if index.is_multiple_of(STOP_EACH) && stop.load(Ordering::Relaxed) {
                return None;
            }
            if let Err(failure) = trial.step(step) {
                return Some((index, *failure));
            }
        }
        let last = self.steps.len().saturating_sub(1);
        trial.end().err().map(|failure| (last, *failure))
    }

    /// A rough measure of how much there is to read; less is better.
    #[must_use]
    pub fn size(&self) -> usize {
        let steps: usize = self.steps.iter().map(edit::size).sum();
        steps + self.genesis.entries.len() * 2 + self.genesis.balances.len()
    }
}

/// A case on its way down.
struct Shrinker<'a, J, F> {
    case: Case,
    /// The step, from 0, in which a case fails in the same way; none if it does not.
    judge: J,
    stop: &'a AtomicBool,
    live: F,
    /// How many more cases may be tried.
    left: usize,
}

/// Every so many steps of an attempt it is asked whether to stop.
const STOP_EACH: usize = 256;

/// No case is worth more attempts than this.
const ATTEMPTS_MAX: usize = 40_000;

/// Beyond so many steps a start in the middle of things reads better.
const STEPS_WANTED: usize = 4;

/// Makes a case as small as it gets, showing every smaller one to `live`.
pub fn shrink(case: Case, stop: &AtomicBool, live: impl FnMut(&Case)) -> Case {
    let kind = case.kind;
    let is_same = |(_, failure): &(usize, Failure)| Some(failure.kind) == kind;
    let judge = |case: &Case| case.failure_unless(stop).filter(is_same);
    shrink_by(case, stop, |case| judge(case).map(|(step, _)| step), live)
}

/// Makes a case as small as it gets while `judge` finds the failure in it: the step, from 0, that fails
/// in the same way, whoever finds it wrong.
fn shrink_by(
    case: Case,
    stop: &AtomicBool,
    judge: impl FnMut(&Case) -> Option<usize>,
    live: impl FnMut(&Case),
) -> Case {
    let mut shrinker = Shrinker { case, judge, stop, live, left: ATTEMPTS_MAX };
    // Whatever follows the failure is no part of it. What does not fail is not worth an attempt more.
    if !shrinker.accept_shortened() {
        return shrinker.case;
    }
    shrinker.drop_steps();
    loop {
        let before = shrinker.case.size();
        shrinker.widen_limits();
        shrinker.edit_steps();
        shrinker.drop_steps();
        shrinker.simplify_start();
        shrinker.merge_accounts();
        let settled = shrinker.case.size() >= before || shrinker.is_stopped();
        if settled && (shrinker.case.steps.len() <= STEPS_WANTED || !shrinker.shorten()) {
            break;
        }
    }
    shrinker.drop_accounts();
    shrinker.case
}

/// Makes a case as small as it gets in which another program differs in the same way, by `compare`; with the
/// difference in the words of the smallest case: accounts are left out and numbers change on the way.
pub fn shrink_difference(
    case: Case,
    difference: &Difference,
    stop: &AtomicBool,
    mut compare: impl FnMut(&Case) -> Option<Comparison>,
    live: impl FnMut(&Case),
) -> (Case, Difference) {
    let mut smallest = difference.clone();
    let judge = |case: &Case| {
        let differences = compare(case)?.differences;
        smallest = differences.into_iter().find(|found| found.is_like(difference))?;
        usize::try_from(smallest.step.saturating_sub(1)).ok()
    };
    let case = shrink_by(case, stop, judge, live);
    (case, smallest)
}

impl<J: FnMut(&Case) -> Option<usize>, F: FnMut(&Case)> Shrinker<'_, J, F> {
    fn is_stopped(&self) -> bool {
        self.left == 0 || self.stop.load(Ordering::Relaxed)
    }

    /// A copy of the case; none once stopped: a million steps take their time to be copied.
    fn copy(&self) -> Option<Case> {
        let mut steps = Vec::with_capacity(self.case.steps.len());
        for some in self.case.steps.chunks(STOP_EACH) {
            if self.is_stopped() {
                return None;
            }
            steps.extend_from_slice(some);
        }
        let Case { protocol, wide, genesis, names, .. } = &self.case;
        let (protocol, wide, genesis) = (protocol.clone(), wide.clone(), genesis.clone());
        let names = names.clone();
        (!self.is_stopped()).then_some(Case { protocol, wide, genesis, steps, names, ..self.case })
    }

    /// Takes the case over as `edit` leaves it, if it then fails in the same way. Once stopped it does
    /// nothing.
    fn adopt(&mut self, edit: impl FnOnce(&mut Case)) -> bool {
        let Some(mut candidate) = self.copy() else { return false };
        self.left -= 1;
        edit(&mut candidate);
        let Some(last) = (self.judge)(&candidate) else { return false };
        candidate.steps.truncate(last + 1);
        self.case = candidate;
        (self.live)(&self.case);
        true
    }

    /// Tells a long story in fewer steps: by a later start, by steps that do the work of two, by limits
    /// that are reached sooner.
    fn shorten(&mut self) -> bool {
        self.start_later() || self.narrow_limits() || self.merge_steps()
    }

    fn accept_shortened(&mut self) -> bool {
        self.adopt(|_| ())
    }

    /// Leaves out runs of steps, long ones first.
    fn drop_steps(&mut self) {
        let mut length = self.case.steps.len() / 2;
        while length > 0 && !self.is_stopped() {
            let mut end = self.case.steps.len();
            while end > 0 && !self.is_stopped() {
                let start = end.saturating_sub(length);
                let gone = start..end.min(self.case.steps.len());
                if gone.len() < self.case.steps.len() {
                    self.adopt(|case| drop(case.steps.drain(gone)));
                }
                end = start.min(self.case.steps.len());
            }
            length /= 2;
        }
    }

    /// Tries every simpler form of every step.
    fn edit_steps(&mut self) {
        let mut index = 0;
        while index < self.case.steps.len() && !self.is_stopped() {
            while let Some(step) = self.case.steps.get(index) {
                let adopted = edit::simpler(step).into_iter().any(|step| {
                    self.adopt(|case| {
                        if let Some(place) = case.steps.get_mut(index) {
                            *place = step;
                        }
                        edit::follow(&mut case.steps, index);
                    })
                });
                if !adopted {
                    break;
                }
            }
            index += 1;
        }
    }
}

#[cfg(test)]
mod tests;

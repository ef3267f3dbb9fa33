//! What a campaign gave.

use super::Plan;
use super::run::Outcome;
use super::tally::Tally;
use crate::trial::Failure;

/// A failure of a kind that no earlier run met.
#[derive(Clone, Debug)]
pub struct Finding {
    /// The run.
    pub run: u64,
    /// The step in it, from 0.
    pub step: usize,
    /// What went wrong.
    pub failure: Failure,
    /// How many runs met the same kind, this one included.
    pub count: u64,
}

/// What a campaign gave: the same for the same plan, whatever the number of threads.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Runs that count.
    pub runs: u64,
    /// Their results.
    pub tally: Tally,
    /// What was found, each kind once, in the order of the runs.
    pub findings: Vec<Finding>,
    /// Whether every planned run was made, or the first failure ended it.
    pub complete: bool,
    /// Every check that objected in some run: the invariants, and `auditor`.
    pub caught_by: Vec<&'static str>,
    /// Runs in which the auditor alone objected first.
    pub auditor_alone: u64,
    /// Runs that failed.
    pub failed_runs: u64,
    /// Steps taken in all runs, those of failing runs included, when the first failure came.
    pub steps_to_first: Option<u64>,
}

/// The name of the check that the auditor makes.
pub const AUDITOR: &str = "auditor";

impl Report {
    pub(super) fn new(_plan: &Plan) -> Self {
        Self::default()
    }

    /// Whether nothing more is to be looked for.
    pub(super) fn is_over(&self, plan: &Plan) -> bool {
        !plan.keep_going && !self.findings.is_empty()
    }

    /// Takes a run's outcome in; a finding if it is of a new kind.
    pub(super) fn merge(&mut self, outcome: Outcome) -> Option<&Finding> {
        self.runs += 1;
        self.tally.add(&outcome.tally);
        let (step, failure) = outcome.failure?;
        self.failed_runs += 1;
        self.steps_to_first.get_or_insert(self.tally.steps() + 1);
        self.auditor_alone += u64::from(failure.broken.is_empty());
        let auditor = failure.disagrees.then_some(AUDITOR);
        for &name in failure.broken.iter().chain(&auditor) {
            if !self.caught_by.contains(&name) {
                self.caught_by.push(name);
            }
        }
        let same = self.findings.iter_mut().find(|finding| finding.failure.kind == failure.kind);
        if let Some(finding) = same {
            finding.count += 1;
            return None;
        }
        self.findings.push(Finding { run: outcome.number, step, failure, count: 1 });
        self.findings.last()
    }
}

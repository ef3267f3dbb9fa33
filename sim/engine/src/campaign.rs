//! Many runs of random steps, each under every check; what was found, counted and reported.
//!
//! A [`CampaignPlan`] says what to try. Runs are numbered and each has a seed of its own, derived from the
//! plan's, so that the same plan gives the same report on any number of threads: runs are taken in
//! rounds, and a round's results are merged in the order of their numbers.
//!
//! ```
//! use quorate::campaign::{CampaignPlan, Progress, report};
//! use quorate::fault::Fault;
//! use quorate::protocol::Protocol;
//!
//! let plan = CampaignPlan {
//!     fault: Fault::named("no-opt-in"),
//!     runs: 10,
//!     audited: false,
//!     ..CampaignPlan::new(Protocol::preset("symbol-mainnet").unwrap())
//! };
//! let report = report(&plan, &Progress::default(), &|run| format!("run {run}"));
//! assert_eq!(report.findings[0].label, "opt-in");
//! assert_eq!(report.findings[0].steps, 1);
//! ```

mod finding;
mod matrix;
mod merge;
mod outcome;
mod peers;
mod report;
mod run;
mod tally;

pub use finding::{Cause, Disagreement, Finding, FindingReporter};
pub use matrix::{Matrix, Row, matrix};
pub use merge::{MergeError, Share, merge};
pub use outcome::{AUDITOR, Found, NewFailure, Outcome};
pub use peers::{PeerFailure, PeerFinding, PeerPool};
pub use report::{PeerError, Regressions, Report, ResultCount};
pub use run::{Recorded, record};
pub use tally::{DEPTHS, Tally};

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use crate::fault::Fault;
use crate::invariant::Invariant;
use crate::protocol::Protocol;

/// What to try.
#[derive(Clone, Debug)]
pub struct CampaignPlan {
    /// The protocol to judge by.
    pub protocol: Protocol,
    /// The bug in the ledger, if one is to be there.
    pub fault: Option<&'static Fault>,
    /// Invariants of your own, checked after every step beside [`ALL`](crate::invariant::ALL).
    pub invariants: &'static [Invariant],
    /// Random seed.
    pub seed: u64,
    /// The number of the first run: above 0 for a part of a campaign ([`merge`]). A run is the same in
    /// a part as in the whole.
    pub first_run: u64,
    /// Number of runs.
    pub runs: u64,
    /// Steps of one run.
    pub steps: u32,
    /// Whether the auditor judges every step as well.
    pub audited: bool,
    /// Whether to continue after the first failure.
    pub keep_going: bool,
    /// Number of threads, at least 1. It changes nothing but the time it takes.
    pub jobs: usize,
}

impl CampaignPlan {
    /// 2,000 runs of 500 steps, up to the first failure, on one thread.
    #[must_use]
    pub const fn new(protocol: Protocol) -> Self {
        Self {
            protocol,
            fault: None,
            invariants: &[],
            seed: 1,
            first_run: 0,
            runs: RUNS,
            steps: STEPS,
            audited: true,
            keep_going: false,
            jobs: 1,
        }
    }

    /// The protocol that the ledger follows.
    #[must_use]
    pub fn followed(&self, healthy: &Protocol) -> Protocol {
        self.fault.map_or_else(|| healthy.clone(), |fault| fault.seeded_in(healthy))
    }
}

/// How far a campaign has come, for whoever watches it, and how to stop it.
#[derive(Debug, Default)]
pub struct Progress {
    /// Set it to stop at once; runs that are under way do not count.
    pub stop: Arc<AtomicBool>,
    /// Runs done.
    pub runs: AtomicU64,
    /// Steps taken.
    pub steps: Arc<AtomicU64>,
    /// Steps accepted.
    pub accepted: AtomicU64,
    /// States met for the first time in their run.
    pub states: AtomicU64,
    /// Results met, of all that the protocol has.
    pub results: AtomicU64,
    /// Failures found, each kind once.
    pub findings: AtomicU64,
}

/// Runs of a campaign where nobody says how many.
pub const RUNS: u64 = 2_000;
/// Steps of a run where nobody says how many.
pub const STEPS: u32 = 500;

/// Runs of one round; more than threads, so that no thread waits long.
const ROUND: u64 = 64;

/// Runs a campaign and hands every failure over as a shrunk scenario. `reproduce` names the command, or whatever
/// else comes to the findings of a run.
#[must_use]
pub fn report(
    plan: &CampaignPlan,
    progress: &Progress,
    reproduce: &dyn Fn(u64) -> String,
) -> Report {
    let pool = PeerPool::new(Vec::new(), Duration::ZERO, Arc::default());
    let reporter = FindingReporter { plan, pool: &pool, peers: &[], reproduce, watch: &|_| () };
    let (outcome, findings) = reporter.campaign(progress, |_| ());
    Report::new(plan, (&[], &[]), Regressions::default(), &outcome, findings)
}

/// Runs a campaign. Every finding of a new kind is shown to `tell` when its round ends.
pub fn campaign(
    plan: &CampaignPlan,
    progress: &Progress,
    mut tell: impl FnMut(&NewFailure),
) -> Outcome {
    campaign_with(plan, progress, None, |found| {
        if let Found::Check(finding) = found {
            tell(finding);
        }
    })
}

/// Runs a campaign and plays every run to the peers of `pool`, too.
pub fn campaign_with(
    plan: &CampaignPlan,
    progress: &Progress,
    pool: Option<&PeerPool>,
    mut tell: impl FnMut(Found<'_>),
) -> Outcome {
    let mut report = Outcome::default();
    let mut first = plan.first_run;
    let end = plan.first_run.saturating_add(plan.runs);
    while first < end && !progress.stop.load(Ordering::Relaxed) {
        let last = end.min(first.saturating_add(ROUND));
        for result in round(plan, progress, pool, first..last) {
            let Some(result) = result else { break };
            for found in report.merge(result) {
                progress.findings.fetch_add(1, Ordering::Relaxed);
                tell(found);
            }
            if report.is_over(plan) {
                break;
            }
        }
        progress.results.store(report.tally.results_met(), Ordering::Relaxed);
        if report.is_over(plan) {
            report.complete = report.peer_failure.is_none();
            return report;
        }
        first = last;
    }
    report.complete = report.runs == plan.runs;
    report
}

/// The results of some runs, in their order; none for runs that were not begun.
fn round(
    plan: &CampaignPlan,
    progress: &Progress,
    pool: Option<&PeerPool>,
    runs: std::ops::Range<u64>,
) -> Vec<Option<run::RunOutcome>> {
    let count = runs.end.saturating_sub(runs.start);
    let next = AtomicU64::new(runs.start);
    let results: Mutex<Vec<Option<run::RunOutcome>>> =
        Mutex::new((0..count).map(|_| None).collect());
    // Behind the first failure nothing counts, unless everything is wanted.
    let last = AtomicU64::new(runs.end);
    let work = || {
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= last.load(Ordering::Relaxed) || progress.stop.load(Ordering::Relaxed) {
                return;
            }
            let mut outcome = run::run(plan, number, progress);
            if let Some(pool) = pool {
                let step = outcome.failure.as_ref().map(|&(step, _)| step);
                outcome.peers =
                    pool.play(plan, number, step.unwrap_or(plan.steps.saturating_sub(1) as usize));
            }
            if outcome.was_stopped() {
                return;
            }
            if outcome.ends(plan) {
                last.fetch_min(number, Ordering::Relaxed);
            }
            let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(slot) = results.get_mut((number - runs.start) as usize) {
                *slot = Some(outcome);
            }
        }
    };
    if plan.jobs <= 1 {
        work();
    } else {
        std::thread::scope(|scope| {
            for _ in 0..plan.jobs.min(count as usize) {
                scope.spawn(work);
            }
        });
    }
    results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[cfg(test)]
mod tests;

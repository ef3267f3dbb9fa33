//! What a campaign met, before anything is shrunk.

use std::collections::BTreeMap;

use super::CampaignPlan;
use super::peers::{PeerFailure, PeerFinding, PeerOutcome};
use super::run::RunOutcome;
use super::tally::Tally;
use crate::trial::Failure;

/// A failure of a kind that no earlier run met.
#[derive(Clone, Debug)]
pub struct NewFailure {
    /// The run.
    pub run: u64,
    /// The step in it, from 0.
    pub step: usize,
    /// What went wrong.
    pub failure: Failure,
    /// How many runs met the same kind, this one included.
    pub count: u64,
}

/// A failure of a kind that no earlier run met, whoever objects.
#[derive(Clone, Copy, Debug)]
pub enum Found<'r> {
    /// An invariant or the auditor.
    Check(&'r NewFailure),
    /// A peer.
    Peer(&'r PeerFinding),
}

/// What a campaign gave: the same for the same plan, whatever the number of threads.
#[derive(Clone, Debug, Default)]
pub struct Outcome {
    /// Runs that count.
    pub runs: u64,
    /// Their results.
    pub tally: Tally,
    /// What was found, each kind once, in the order of the runs.
    pub findings: Vec<NewFailure>,
    /// What peers answer otherwise, each kind once, in the order of the runs and of the peers.
    pub peer_findings: Vec<PeerFinding>,
    /// The peer that failed, if one did; nothing behind that run counts.
    pub peer_failure: Option<PeerFailure>,
    /// How often each declared difference was met, by all peers together.
    pub declared: Vec<u64>,
    /// Steps behind a declared difference that were not compared, by the reason.
    pub uncompared: BTreeMap<&'static str, u64>,
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

impl Outcome {
    /// Whether nothing more is to be looked for.
    pub(super) fn is_over(&self, plan: &CampaignPlan) -> bool {
        let found = !self.findings.is_empty() || !self.peer_findings.is_empty();
        (!plan.keep_going && found) || self.peer_failure.is_some()
    }

    /// Takes a run's outcome in; what it met of a new kind.
    pub(super) fn merge(&mut self, outcome: RunOutcome) -> Vec<Found<'_>> {
        let (checks, peers) = (self.findings.len(), self.peer_findings.len());
        self.runs += 1;
        self.tally.add(&outcome.tally);
        if let Some((step, failure)) = outcome.failure {
            self.merge_failure(outcome.number, step, failure);
        }
        for (peer, heard) in outcome.peers.outcomes.into_iter().enumerate() {
            self.merge_peer(outcome.number, peer, heard);
        }
        self.declared.resize(outcome.peers.declared.len().max(self.declared.len()), 0);
        for (sum, count) in self.declared.iter_mut().zip(outcome.peers.declared) {
            *sum += count;
        }
        for (why, steps) in outcome.peers.uncompared {
            *self.uncompared.entry(why).or_default() += steps;
        }
        let checks = self.findings.iter().skip(checks).map(Found::Check);
        checks.chain(self.peer_findings.iter().skip(peers).map(Found::Peer)).collect()
    }

    fn merge_failure(&mut self, run: u64, step: usize, failure: Failure) {
        self.failed_runs += 1;
        self.steps_to_first.get_or_insert(self.tally.steps() + 1);
        self.auditor_alone += u64::from(failure.broken.is_empty());
        let auditor = failure.disagrees.then_some(AUDITOR);
        for &name in failure.broken.iter().chain(&auditor) {
            if !self.caught_by.contains(&name) {
                self.caught_by.push(name);
            }
        }
        match self.findings.iter_mut().find(|finding| finding.failure.kind == failure.kind) {
            Some(same) => same.count += 1,
            None => self.findings.push(NewFailure { run, step, failure, count: 1 }),
        }
    }

    fn merge_peer(&mut self, run: u64, peer: usize, outcome: PeerOutcome) {
        match outcome {
            PeerOutcome::Agrees | PeerOutcome::Stopped => {}
            PeerOutcome::Fails(step, error) => {
                self.peer_failure.get_or_insert(PeerFailure { peer, run, step, error });
            }
            PeerOutcome::Differs(difference) => {
                let like = |known: &&mut PeerFinding| {
                    known.peer == peer && known.difference.is_like(&difference)
                };
                match self.peer_findings.iter_mut().find(like) {
                    Some(same) => same.count += 1,
                    None => {
                        self.peer_findings.push(PeerFinding { peer, run, difference, count: 1 });
                    }
                }
            }
        }
    }
}

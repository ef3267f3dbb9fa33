//! One run: a world, a sequence, a trial.

use std::sync::atomic::{AtomicBool, Ordering};

use super::peers::{PeerOutcome, Played};
use super::tally::{Tally, depth};
use super::{CampaignPlan, Progress};
use crate::account::AccountId;
use crate::choice::{Seeded, derive};
use crate::generate::{Sequence, World};
use crate::scenario::{Act, Step};
use crate::transaction::{Body, Transaction};
use crate::trial::{Failure, Trial};

/// What one run gave.
#[derive(Debug)]
pub struct RunOutcome {
    /// Its number.
    pub number: u64,
    /// Its counts.
    pub tally: Tally,
    /// What went wrong, and in which step, from 0.
    pub failure: Option<(usize, Failure)>,
    /// What the peers made of it.
    pub peers: Played,
    /// Whether it was stopped before its last step.
    pub stopped: bool,
}

impl RunOutcome {
    /// Whether somebody ended it before its time.
    pub(super) fn was_stopped(&self) -> bool {
        self.stopped || self.peers.outcomes.contains(&PeerOutcome::Stopped)
    }

    /// Whether nothing behind it counts.
    pub(super) fn ends(&self, plan: &CampaignPlan) -> bool {
        let differs =
            self.peers.outcomes.iter().any(|peer| matches!(peer, PeerOutcome::Differs(_)));
        let fails = self.peers.outcomes.iter().any(|peer| matches!(peer, PeerOutcome::Fails(..)));
        fails || (!plan.keep_going && (differs || self.failure.is_some()))
    }
}

/// A run written down as far as its failure.
#[derive(Clone, Debug)]
pub struct Recorded {
    /// What it started from.
    pub world: World,
    /// Its steps, the failing one last.
    pub steps: Vec<Step>,
}

/// How many bits remember which states a run has met: enough for its steps, few enough to clear.
const STATES_SEEN_BITS: u64 = 1 << 14;

/// Every so many steps a run asks whether it is to stop.
const STOP_EACH: usize = 256;

/// Takes all steps of one run, or those up to its first failure.
pub(super) fn run(plan: &CampaignPlan, number: u64, progress: &Progress) -> RunOutcome {
    let mut choices = Seeded::new(derive(plan.seed, number));
    let world = World::draw(&mut choices, &plan.protocol);
    let mut tally = Tally::default();
    let followed = plan.followed(&world.protocol);
    let Ok(mut trial) = Trial::new(&world.protocol, followed, &world.genesis, plan.audited) else {
        // The drawn start does not fit the faulty rules: nothing to run on.
        return RunOutcome {
            number,
            tally,
            failure: None,
            peers: Played::default(),
            stopped: false,
        };
    };
    trial.add(plan.invariants);
    let mut sequence = Sequence::new(&world);
    let mut step = Step::default();
    let mut seen = vec![0_u64; (STATES_SEEN_BITS / 64) as usize];
    let mut failure = None;
    let mut stopped = false;
    for index in 0..plan.steps as usize {
        if index.is_multiple_of(STOP_EACH) && progress.stop.load(Ordering::Relaxed) {
            stopped = true;
            break;
        }
        sequence.next(&mut choices, trial.ledger(), &mut step);
        let levels = subject(&step).map_or(0, |one| depth(trial.ledger().state().links(), one));
        tally.modifications += modifications(&step);
        match trial.step(&step) {
            Ok(verdict) => tally.count(verdict, levels),
            Err(found) => {
                failure = Some((index, *found));
                break;
            }
        }
        tally.states += u64::from(is_new(&mut seen, trial.digest()));
    }
    if failure.is_none()
        && !stopped
        && let Err(found) = trial.end()
    {
        failure = Some((plan.steps.saturating_sub(1) as usize, *found));
    }
    progress.runs.fetch_add(1, Ordering::Relaxed);
    progress.steps.fetch_add(tally.steps(), Ordering::Relaxed);
    progress.accepted.fetch_add(tally.accepted(), Ordering::Relaxed);
    progress.states.fetch_add(tally.states, Ordering::Relaxed);
    RunOutcome { number, tally, failure, peers: Played::default(), stopped }
}

/// Sequences up to this many steps are drawn again, written and read even when no time is left: it takes
/// some ten milliseconds.
pub(super) const STEPS_PROMPT_MAX: usize = 5_000;

/// Draws the steps of a run once more, up to the one at `last`. A sequence of more than 5,000 steps ends where
/// `stop` is set.
#[must_use]
pub fn record(
    plan: &CampaignPlan,
    number: u64,
    last: usize,
    stop: &AtomicBool,
) -> Option<Recorded> {
    let mut choices = Seeded::new(derive(plan.seed, number));
    let world = World::draw(&mut choices, &plan.protocol);
    let followed = plan.followed(&world.protocol);
    let mut trial = Trial::new(&world.protocol, followed, &world.genesis, false).ok()?;
    let mut sequence = Sequence::new(&world);
    let mut steps = Vec::with_capacity(last + 1);
    for index in 0..=last {
        let is_long = last >= STEPS_PROMPT_MAX && index.is_multiple_of(STOP_EACH);
        if is_long && stop.load(Ordering::Relaxed) {
            break;
        }
        let mut step = Step::default();
        sequence.next(&mut choices, trial.ledger(), &mut step);
        // What is wrong about a step is known already; only what comes after it matters here.
        let _ = trial.step(&step);
        steps.push(step);
    }
    Some(Recorded { world, steps })
}

/// The account a step is mainly about.
fn subject(step: &Step) -> Option<AccountId> {
    let first = |one: &Transaction| one.parts.first().map(|part| part.signer);
    match &step.act {
        Act::Transaction | Act::Announce(_) => first(&step.transaction),
        Act::Block => step.block.first().and_then(first),
        _ => None,
    }
}

fn modifications(step: &Step) -> u64 {
    let changes = |one: &Transaction| {
        one.parts.iter().filter(|part| matches!(part.body, Body::Modification(_))).count() as u64
    };
    step.transactions().iter().map(changes).sum()
}

/// Whether a digest is new, as far as the bits can tell.
fn is_new(seen: &mut [u64], digest: u64) -> bool {
    let bit = digest % STATES_SEEN_BITS;
    let Some(word) = seen.get_mut((bit / 64) as usize) else { return false };
    let fresh = *word & (1 << (bit % 64)) == 0;
    *word |= 1 << (bit % 64);
    fresh
}

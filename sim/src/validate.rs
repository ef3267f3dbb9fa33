//! Is this configuration safe to ship?
//!
//! [`validate`] looks at the configuration itself ([`notes`]), asks of every hazard whether it is
//! reachable and shows it or says which bound excludes it, replays every shipped scenario that is about
//! it, explores few accounts exhaustively and fuzzes random sequences. The [`Report`] is a function of the
//! question: no clock, no number of threads is in it.
//!
//! ```
//! use quorate::protocol::Protocol;
//! use quorate::validate::{HazardKind, Question, Soundness, validate};
//!
//! let protocol = Protocol::preset("nis1").unwrap();
//! let question = Question { runs: 10, transitions_max: 1_000, ..Question::new(&protocol) };
//! let answer = validate(&question, &Default::default(), |_| ()).unwrap();
//! assert_eq!(answer.verdict, Soundness::Hazards);
//! assert!(answer.is_reachable(HazardKind::Takeover));
//! ```

mod acceptance;
mod closing;
mod configuration;
mod cost;
mod fitting;
mod hazard;
mod report;
mod shape;
mod stories;
#[cfg(test)]
mod tests;
mod witness;
mod world;

use std::sync::atomic::Ordering;

pub use crate::author::BuilderError;
pub use acceptance::{Acceptance, Day, NoDay, acceptances};
pub use closing::{Closing, closings};
pub use configuration::{Note, Severity, notes};
pub use cost::{Cost, Growth, cost};
pub use hazard::{Accepted, HazardReport, hazards};
pub use report::{
    COST_GROWTH, ChangedHazard, Comparison, CostGrowth, LimitChange, NextToExpire, Report,
    ShippedScenario, ShippedScenarios, Soundness, Visits,
};
pub use shape::{HazardKind, UnknownHazardKind};
pub use stories::{STORIES, Story};
pub use witness::Witness;
pub use world::{ReachedHazard, Scale, TRANSITIONS_MAX, World, worlds};

use crate::campaign::{self, CampaignPlan, Progress};
use crate::explore::ExploreError;
use crate::fault::Fault;
use crate::protocol::Protocol;
use crate::protocol::json::describe;
use crate::replay::ProtocolId;
use crate::version::Version;

/// Account visits of one aggregate above which a configuration is costly, by default.
pub const VISITS_MAX: u64 = 1_000_000;

/// Random runs, by default.
pub const RUNS: u64 = 2_000;

/// Steps of a random run.
const STEPS: u32 = 500;

/// What is to be validated, and how hard to try.
#[derive(Clone, Debug)]
pub struct Question<'p> {
    /// The configuration.
    pub protocol: &'p Protocol,
    /// A seeded bug in the ledger, for tests.
    pub fault: Option<&'static Fault>,
    /// The random seed.
    pub seed: u64,
    /// Number of random runs.
    pub runs: u64,
    /// Number of threads, at least 1. The answer does not depend on it.
    pub jobs: usize,
    /// Most account visits of one aggregate.
    pub visits_max: u64,
    /// Most legal modifications of the largest world that is explored.
    pub transitions_max: u64,
}

impl<'p> Question<'p> {
    /// A configuration, tried as hard as usual, on one thread.
    #[must_use]
    pub const fn new(protocol: &'p Protocol) -> Self {
        Self {
            protocol,
            fault: None,
            seed: 1,
            runs: RUNS,
            jobs: 1,
            visits_max: VISITS_MAX,
            transitions_max: TRANSITIONS_MAX,
        }
    }

    fn plan(&self) -> CampaignPlan {
        CampaignPlan {
            fault: self.fault,
            seed: self.seed,
            runs: self.runs,
            steps: STEPS,
            jobs: self.jobs,
            ..CampaignPlan::new(self.protocol.clone())
        }
    }
}

/// Validates a configuration. `tell` hears what is being done; `progress.stop` cuts it short.
///
/// # Errors
/// Threads that cannot be started.
pub fn validate(
    question: &Question<'_>,
    progress: &Progress,
    mut tell: impl FnMut(&str),
) -> Result<Report, ExploreError> {
    let protocol = question.protocol;
    let stopped = || progress.stop.load(Ordering::Relaxed);
    tell("looking for hazards");
    let hazards = hazards(protocol, question.visits_max)?;
    tell("replaying the shipped scenarios");
    let rules = ProtocolId::of(protocol);
    let scenarios = ShippedScenarios::new(fitting::tried(protocol, stopped), &rules);
    let work = (question.jobs.max(1), question.transitions_max);
    let worlds = match stopped() {
        true => Vec::new(),
        false => worlds(protocol, work, &progress.stop, &mut tell)?,
    };
    tell("random runs");
    let campaign = random_runs(&question.plan(), progress);
    let complete = campaign.complete
        && scenarios.all.len() == STORIES.len()
        && !worlds.is_empty()
        && worlds.iter().all(|world| !world.asked);
    let report = Report {
        version: Version::default(),
        cost_growth: None,
        next_to_expire: None,
        protocol: rules,
        verdict: Soundness::Sound,
        complete,
        denied: Vec::new(),
        rules: describe(protocol),
        configuration: notes(protocol),
        hazards,
        cost: cost(protocol, question.visits_max),
        scenarios,
        exploration: worlds,
        campaign,
        reproduce: None,
    };
    Ok(report.judged())
}

/// The random runs, each finding shrunk.
fn random_runs(plan: &CampaignPlan, progress: &Progress) -> campaign::Report {
    campaign::report(plan, progress, &|run| {
        let (seed, name) = (plan.seed, &plan.protocol.name);
        format!("quorate fuzz --seed {seed} --runs {} --protocol {name}", run + 1)
    })
}

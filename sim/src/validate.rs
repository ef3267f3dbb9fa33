//! The answer: is this configuration safe to ship?
//!
//! [`validate`] looks at the configuration itself ([`notes`]), asks of every hazard whether it can
//! happen and shows it or says which bound excludes it, replays every shipped story that fits, explores
//! small worlds completely and hunts in random ones. The [`Answer`] is a function of the question: no
//! clock, no number of threads is in it.
//!
//! ```
//! use quorate::protocol::Protocol;
//! use quorate::validate::{Peril, Question, Soundness, validate};
//!
//! let protocol = Protocol::preset("nis1").unwrap();
//! let question = Question { runs: 10, transitions_max: 1_000, ..Question::new(&protocol) };
//! let answer = validate(&question, &Default::default(), |_| ()).unwrap();
//! assert_eq!(answer.soundness(), Soundness::Hazards);
//! assert!(answer.danger(Peril::Takeover).is_some_and(|danger| danger.reachable));
//! ```

mod acceptance;
mod closing;
mod configuration;
mod cost;
mod danger;
mod fitting;
mod shape;
mod stories;
mod tale;
#[cfg(test)]
mod tests;
mod witness;
mod world;

use std::sync::atomic::{AtomicBool, Ordering};

pub use acceptance::{Acceptance, Day, NoDay, acceptances};
pub use closing::{Closing, closings};
pub use configuration::{Note, Severity, notes};
pub use cost::{Cost, Growth, cost};
pub use danger::{Danger, dangers};
pub use fitting::{Fit, Tried};
pub use shape::{Peril, UnknownPeril};
pub use stories::{STORIES, Story};
pub use tale::TaleError;
pub use witness::Witness;
pub use world::{Scale, TRANSITIONS_MAX, World, worlds};

use crate::campaign::{self, Plan, Progress, campaign, record};
use crate::explore::ExploreError;
use crate::fault::Fault;
use crate::protocol::Protocol;
use crate::shrink::{self, Case, shrink, story};

/// Account visits of one aggregate above which a configuration is costly, unless told otherwise.
pub const VISITS_MAX: u64 = 1_000_000;

/// Random runs, unless told otherwise.
pub const RUNS: u64 = 2_000;

/// Steps of a random run.
const STEPS: u32 = 500;

/// What is to be validated, and how hard to try.
#[derive(Clone, Debug)]
pub struct Question<'p> {
    /// The configuration.
    pub protocol: &'p Protocol,
    /// A bug in the ledger that is hunted in, if one is to be there.
    pub fault: Option<&'static Fault>,
    /// Where the random runs' decisions come from.
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

    fn plan(&self) -> Plan {
        Plan {
            protocol: self.protocol.clone(),
            fault: self.fault,
            seed: self.seed,
            runs: self.runs,
            steps: STEPS,
            audited: true,
            keep_going: false,
            jobs: self.jobs,
        }
    }
}

/// The verdict on a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Soundness {
    /// It contradicts itself, a story failed, or a promise is broken.
    Broken,
    /// All promises hold, and some legal state hurts.
    Hazards,
    /// All promises hold, and no hazard can happen.
    Sound,
}

impl Soundness {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Broken => "broken",
            Self::Hazards => "sound with hazards",
            Self::Sound => "sound",
        }
    }
}

/// What was found.
#[derive(Clone, Debug)]
pub struct Answer {
    /// The configuration.
    pub protocol: Protocol,
    /// Names its rules and limits, whatever it is called: 16 hexadecimal digits.
    pub digest: String,
    /// The seed of the random runs.
    pub seed: u64,
    /// Most account visits that were allowed.
    pub visits_max: u64,
    /// What there is to say of the configuration itself.
    pub notes: Vec<Note>,
    /// Every hazard, in the order of [`Peril::ALL`].
    pub dangers: Vec<Danger>,
    /// What the dearest aggregate asks of a node.
    pub cost: Cost,
    /// Every shipped story.
    pub stories: Vec<Tried>,
    /// The small worlds.
    pub worlds: Vec<World>,
    /// The random runs.
    pub campaign: campaign::Outcome,
    /// What the random runs found, shrunk, each with its sentence.
    pub found: Vec<shrink::Story>,
    /// Whether nothing was cut short.
    pub complete: bool,
}

impl Answer {
    /// The verdict.
    #[must_use]
    pub fn soundness(&self) -> Soundness {
        let contradiction = self.notes.iter().any(|note| note.severity == Severity::Broken);
        let story = self.stories.iter().any(Tried::failed);
        let world = |world: &World| !world.broken.is_empty() || !world.disagree.is_empty();
        let proof = self.dangers.iter().any(|danger| danger.contradiction.is_some());
        let found = !self.campaign.findings.is_empty();
        if contradiction || story || found || proof || self.worlds.iter().any(world) {
            return Soundness::Broken;
        }
        match self.dangers.iter().any(|danger| danger.reachable) {
            true => Soundness::Hazards,
            false => Soundness::Sound,
        }
    }

    /// What was found out about one hazard.
    #[must_use]
    pub fn danger(&self, peril: Peril) -> Option<&Danger> {
        self.dangers.iter().find(|danger| danger.peril == peril)
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
) -> Result<Answer, ExploreError> {
    let protocol = question.protocol;
    let stopped = || progress.stop.load(Ordering::Relaxed);
    tell("looking for hazards");
    let dangers = dangers(protocol, question.visits_max)?;
    tell("replaying the stories");
    let stories = fitting::tried(protocol, stopped);
    let work = (question.jobs.max(1), question.transitions_max);
    let worlds = match stopped() {
        true => Vec::new(),
        false => worlds(protocol, work, &progress.stop, &mut tell)?,
    };
    tell("random runs");
    let plan = question.plan();
    let campaign = campaign(&plan, progress, |_| ());
    let found = campaign.findings.iter();
    let found = found.filter_map(|finding| shrunk(&plan, finding, &progress.stop)).collect();
    let complete = campaign.complete
        && stories.len() == STORIES.len()
        && !worlds.is_empty()
        && worlds.iter().all(|world| !world.asked);
    Ok(Answer {
        protocol: protocol.clone(),
        digest: protocol.digest(),
        seed: question.seed,
        visits_max: question.visits_max,
        notes: notes(protocol),
        dangers,
        cost: cost(protocol),
        stories,
        worlds,
        campaign,
        found,
        complete,
    })
}

/// A finding of the random runs as a short story.
fn shrunk(plan: &Plan, finding: &campaign::NewFailure, stop: &AtomicBool) -> Option<shrink::Story> {
    let recorded = record(plan, finding.run, finding.step)?;
    let case = Case {
        protocol: recorded.world.protocol,
        wide: plan.protocol.clone(),
        fault: plan.fault,
        audited: plan.audited,
        genesis: recorded.world.genesis,
        steps: recorded.steps,
        kind: finding.failure.kind,
    };
    let case = shrink(case, stop, |_| ());
    let failure = case.failure().map_or_else(|| finding.failure.clone(), |(_, failure)| failure);
    let (seed, runs) = (plan.seed, finding.run + 1);
    let repeat =
        format!("quorate fuzz --seed {seed} --runs {runs} --protocol {}", plan.protocol.name);
    Some(story(&case, &failure, &repeat))
}

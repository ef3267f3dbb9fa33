//! Exhaustive exploration: every multisig graph that so many accounts can reach, up to renaming.
//!
//! The search goes breadth-first, one modification a step, every key willing to sign. States that
//! share a skeleton (who cosigns for whom) form a [`family`](Report::families): the skeleton is brought
//! into canonical form once, its states are numbers, and one bit says whether a number was reached.
//! Every state is checked once for each class of states that differ in names alone, and counted for
//! all of them.
//!
//! ```
//! use quorate::explore::{Explorer, Question};
//! use quorate::protocol::Protocol;
//!
//! let mut protocol = Protocol::preset("symbol").unwrap();
//! protocol.limits.max_cosignatories_per_account = 3;
//! protocol.limits.max_cosigned_accounts_per_account = 3;
//! protocol.limits.max_multisig_depth = 2;
//! let report = Explorer::new(Question::new(&protocol, 4)).unwrap().run();
//! assert_eq!(report.counts.states_labelled, 2189);
//! assert_eq!(report.counts.states_canonical, 139);
//! assert!(report.complete && report.broken.is_empty());
//! ```

mod checkpoint;
mod expansion;
mod family;
mod judge;
mod ladder;
mod moves;
mod numbers;
mod own_hazard;
mod packed;
mod part;
mod state_invariant;
mod residual;
mod search;
mod sightings;
mod sweep;
mod symmetry;
mod theorem;
mod witness;

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

pub use checkpoint::CheckpointError;
pub use expansion::Share;
pub use judge::Edit;
pub use own_hazard::OwnHazard;
pub use packed::{ACCOUNTS_MAX, Graph, Packed, Set};
pub use part::{Bounds, Found, MergeError, Part, merge};
pub use residual::{Mark, RandomRuns, Residual, residual};
pub use search::Stop;
pub use state_invariant::{StateInvariant, broken};
pub use sweep::{Closing, LIMITS, Reached, Row, Sweep, SweepReport, SweptLimits, sweep};
pub use theorem::{Agreement, Disagreement, control_theorem};
pub use witness::{Step, WitnessError, entries, scenario};

use crate::hazard::{Hazard, affected};
use crate::ledger::bits;
use crate::protocol::Protocol;
use expansion::Setting;
use family::Family;
use ladder::Ladders;
use moves::Keys;
use packed::Scale;
use search::{Budget, Place, Search};
use sightings::Sightings;
use witness::Guide;

/// What is to be explored.
#[derive(Clone, Debug)]
pub struct Question<'p> {
    /// The protocol; its limits bound the graphs.
    pub protocol: &'p Protocol,
    /// Number of accounts, 1 to 10.
    pub accounts: usize,
    /// Hazards to look for.
    pub find: &'p [Hazard],
    /// Hazards of your own to look for, each under a name that no other hazard or invariant has.
    pub own: &'p [OwnHazard],
    /// Whether to go on once every hazard looked for has its shortest witness.
    pub to_the_end: bool,
    /// Number of threads, at least 1. The result does not depend on it.
    pub jobs: usize,
    /// Most bytes that states may take.
    pub bytes_max: usize,
    /// Most modifications from the start; `None` = as far as it goes.
    pub depth_max: Option<u32>,
    /// The part of the states to be counted and checked here.
    pub share: Share,
}

impl<'p> Question<'p> {
    /// All states of so many accounts, one thread, at most 4 GiB.
    #[must_use]
    pub fn new(protocol: &'p Protocol, accounts: usize) -> Self {
        Self {
            protocol,
            accounts,
            find: &[],
            own: &[],
            to_the_end: false,
            jobs: 1,
            bytes_max: 4 << 30,
            depth_max: None,
            share: Share::default(),
        }
    }
}

/// A question that cannot be explored.
#[derive(Debug, thiserror::Error)]
pub enum ExploreError {
    /// Too few or too many accounts.
    #[error("{0} accounts cannot be explored; expected 1 to {ACCOUNTS_MAX}")]
    Accounts(usize),
    /// A part that does not exist.
    #[error("part {part} of {parts} does not exist; expected 1 to {parts}")]
    Share {
        /// Which part was asked for.
        part: u32,
        /// How many there are.
        parts: u32,
    },
    /// A hazard of one's own whose name is empty or another's.
    #[error(
        "a hazard of your own is named `{0}`; expected a name that no other hazard or invariant has"
    )]
    OwnName(String),
    /// Threads could not be started.
    #[error("cannot start {jobs} threads: {source}")]
    Threads {
        /// How many.
        jobs: usize,
        /// Why not.
        source: rayon::ThreadPoolBuildError,
    },
    /// All states are needed at once, and there are too many.
    #[error("the states do not fit {0} bytes; expected fewer accounts or more memory")]
    Memory(usize),
    /// A checkpoint that cannot be resumed.
    #[error(transparent)]
    Checkpoint(#[from] CheckpointError),
}

/// How much there is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Counts {
    /// States, accounts distinguished by name.
    pub states_labelled: u64,
    /// States up to renaming.
    pub states_canonical: u64,
    /// Legal modifications out of the canonical states, labelled, without those that change nothing.
    pub transitions: u64,
    /// Modifications to the farthest state.
    pub depth_max: u32,
}

/// What a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A broken invariant: a bug.
    Invariant(StateInvariant),
    /// A hazard: a legal state that hurts.
    Hazard(Hazard),
    /// A hazard of one's own: its place in [`Question::own`].
    Own(usize),
}

/// Something found, with a shortest way to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub subject: Subject,
    /// The account it is about, as the steps name it.
    pub account: u8,
    /// Modifications to it; the steps beyond are the way out (`over-cap`).
    pub depth: u32,
    /// From the start, between the accounts that `account` is one of.
    pub steps: Vec<Step>,
}

/// What a search found.
#[derive(Clone, Debug)]
pub struct Report {
    /// How much there is, as far as it went.
    pub counts: Counts,
    /// Skeletons up to renaming.
    pub families: usize,
    /// Whether all states were seen.
    pub complete: bool,
    /// All states up to so many modifications were seen.
    pub depth_proved: u32,
    /// Why it ended, if not because all was seen.
    pub stop: Option<Stop>,
    /// The hazard of one's own that ended it ([`Stop::Asymmetric`]): its place in [`Question::own`].
    pub asymmetric: Option<usize>,
    /// Invariants that do not hold, each with a shortest counterexample.
    pub broken: Vec<Finding>,
    /// Hazards that were looked for and are reachable, each with a shortest witness.
    pub hazards: Vec<Finding>,
    /// Bytes that the states took.
    pub bytes: usize,
}

/// A state that shows something: what, where, at which depth, which account it is about.
#[derive(Clone, Debug)]
struct Sight {
    subject: Subject,
    place: Place,
    depth: u32,
    /// The canonical state's account, and the way out of it, where a ladder was searched.
    ladder: Option<(u8, Vec<witness::Stage>)>,
}

/// An exploration under way: one level at a time, to be interrupted and resumed between two of them.
#[derive(Debug)]
pub struct Explorer<'p> {
    question: Question<'p>,
    pool: rayon::ThreadPool,
    search: Search<'p>,
    counts: Counts,
    sights: Vec<Sight>,
    ladders: Ladders,
    asymmetric: Option<usize>,
}

impl<'p> Explorer<'p> {
    /// Stands at the start: no account is multisig.
    ///
    /// # Errors
    /// A question that cannot be explored.
    pub fn new(question: Question<'p>) -> Result<Self, ExploreError> {
        let pool = pool(&question)?;
        let setting = setting(&question);
        let (search, noted) = Search::new(setting, Packed::default(), 0);
        let mut explorer = Self::at(question, pool, search);
        explorer.take_note(vec![(0, noted)]);
        Ok(explorer)
    }

    fn at(question: Question<'p>, pool: rayon::ThreadPool, search: Search<'p>) -> Self {
        let (counts, sights) = (Counts::default(), Vec::new());
        Self {
            question,
            pool,
            search,
            counts,
            sights,
            ladders: Ladders::default(),
            asymmetric: None,
        }
    }

    /// Goes on to the end.
    #[must_use]
    pub fn run(self) -> Report {
        self.run_until(&AtomicBool::new(false), |_| {})
    }

    /// Goes on to the end, or until `stop` is set; shows itself after every level.
    pub fn run_until(mut self, stop: &AtomicBool, mut watch: impl FnMut(&Self)) -> Report {
        loop {
            match self.level(stop) {
                Ok(true) => watch(&self),
                Ok(false) => return self.report(None),
                Err(reason) => return self.report(Some(reason)),
            }
        }
    }

    /// Goes one modification further; false once there are no more states.
    ///
    /// # Errors
    /// Why it goes no further; all states up to [`Explorer::depth`] were seen.
    pub fn level(&mut self, stop: &AtomicBool) -> Result<bool, Stop> {
        let budget = Budget { bytes_max: self.question.bytes_max, stop };
        self.climb(budget)?;
        if self.asymmetric.is_some() {
            return Err(Stop::Asymmetric);
        }
        if self.search.frontier.is_empty() {
            return Ok(false);
        }
        let found = |subject| self.sights.iter().any(|sight| sight.subject == subject);
        let is_sought = self.question.sought().next().is_some();
        if !self.question.to_the_end && is_sought && self.question.sought().all(found) {
            return Err(Stop::Found);
        }
        if self.question.depth_max.is_some_and(|most| self.search.depth >= most) {
            return Err(Stop::Depth);
        }
        let search = &mut self.search;
        let noted = self.pool.install(|| search.level::<Sightings>(budget))?;
        self.take_note(noted);
        self.counts.transitions = self.search.transitions;
        match self.asymmetric {
            Some(_) => Err(Stop::Asymmetric),
            None => Ok(!self.search.frontier.is_empty()),
        }
    }

    /// How much was seen so far.
    #[must_use]
    pub const fn counts(&self) -> Counts {
        self.counts
    }

    /// All states up to so many modifications were seen.
    #[must_use]
    pub const fn depth(&self) -> u32 {
        self.search.depth
    }

    /// Bytes that the states take.
    #[must_use]
    pub const fn bytes(&self) -> usize {
        self.search.shelf.bytes
    }

    /// Adds up what was noted of the states of the present depth.
    fn take_note(&mut self, noted: Vec<(u32, Sightings)>) {
        let depth = self.search.depth;
        let mut firsts: Vec<(Subject, Place)> = Vec::new();
        let mut heavy = Vec::new();
        for (family, sightings) in noted {
            self.counts.states_canonical += sightings.canonical;
            self.counts.states_labelled += sightings.labelled;
            let place = |number| Place { family, number };
            firsts.extend(sightings.first.into_iter().map(|(subject, at)| (subject, place(at))));
            heavy.extend(sightings.heavy.into_iter().map(place));
            let asymmetric = self.asymmetric.into_iter().chain(sightings.asymmetric);
            self.asymmetric = asymmetric.min();
        }
        if !self.search.frontier.is_empty() {
            self.counts.depth_max = depth;
        }
        firsts.sort_unstable();
        firsts.dedup_by_key(|(subject, _)| *subject);
        for (subject, place) in firsts {
            self.sight(Sight { subject, place, depth, ladder: None });
        }
        heavy.sort_unstable();
        self.ladders.waiting.extend(heavy.into_iter().map(|place| (place, depth)));
    }

    fn sight(&mut self, sight: Sight) {
        if self.sights.iter().all(|known| known.subject != sight.subject) {
            self.sights.push(sight);
        }
    }

    /// Finds out which accounts above the cap are locked and which have a way out.
    fn climb(&mut self, budget: Budget<'_>) -> Result<(), Stop> {
        let setting = self.search.setting;
        while let Some(&(place, depth)) = self.ladders.waiting.front() {
            let state = self.search.shelf.get(place.family);
            let state = state.map_or(Packed::default(), |f| f.state(setting.scale, place.number));
            let above =
                affected(setting.protocol, &Graph::new(state), setting.accounts, Hazard::OverCap);
            for account in bits(u64::from(above)) {
                let ladders = &mut self.ladders;
                let climbed = || ladders.climb(setting, state, account as u8, budget);
                let (hazard, way) = match self.pool.install(climbed)? {
                    Some(way) => (Hazard::OverCap, way),
                    None => (Hazard::LockedAlive, Vec::new()),
                };
                if setting.find.contains(&hazard) {
                    let ladder = Some((account as u8, way));
                    self.sight(Sight { subject: Subject::Hazard(hazard), place, depth, ladder });
                }
            }
            self.ladders.waiting.pop_front();
        }
        Ok(())
    }

    /// What was found so far. Whatever is found comes with the way to it.
    #[must_use]
    pub fn report(self, stop: Option<Stop>) -> Report {
        let asymmetric = self.asymmetric.map(Subject::Own);
        let sound = self.sights.iter().filter(|sight| Some(sight.subject) != asymmetric);
        let mut findings: Vec<Finding> = sound.map(|sight| self.finding(sight)).collect();
        findings.sort_by_key(|finding| finding.subject);
        let is_broken = |finding: &Finding| matches!(finding.subject, Subject::Invariant(_));
        let (broken, hazards) = findings.into_iter().partition(is_broken);
        Report {
            counts: self.counts,
            families: self.search.shelf.families.len(),
            complete: stop.is_none(),
            depth_proved: self.counts.depth_max,
            stop,
            asymmetric: self.asymmetric,
            broken,
            hazards,
            bytes: self.search.shelf.families.iter().map(Family::bytes).sum(),
        }
    }

    /// Walks to what was seen, from the start, and out again where there is a way.
    fn finding(&self, sight: &Sight) -> Finding {
        let setting = &self.search.setting;
        let path = self.search.path(sight.place, sight.depth);
        let mut guide = Guide::new(setting.protocol, setting.accounts, Keys::All);
        let mut steps = guide.walk(Packed::default(), 0, path.get(1..).unwrap_or(&[]));
        let state = steps.last().map_or(Packed::default(), |step| step.after);
        let (mut account, ladder) = (0, sight.ladder.as_ref());
        let hurt = match sight.subject {
            Subject::Invariant(_) => 0,
            Subject::Hazard(hazard) => {
                affected(setting.protocol, &Graph::new(state), setting.accounts, hazard)
            }
            Subject::Own(at) => {
                setting.own.get(at).map_or(0, |own| own.affected(state, setting.accounts))
            }
        };
        let alike = |&candidate: &usize| match (ladder, path.last()) {
            (Some(&(account, _)), Some(stage)) => {
                let here = guide.least(state, 1 << candidate);
                here == guide.least(stage.state, 1 << account)
            }
            _ => true,
        };
        if let Some(first) = bits(u64::from(hurt)).find(alike) {
            account = first as u8;
        }
        if let Some((_, way)) = ladder {
            steps.extend(guide.walk(state, 1 << account, way.get(1..).unwrap_or(&[])));
        }
        Finding { subject: sight.subject, account, depth: sight.depth, steps }
    }
}

fn setting<'p>(question: &Question<'p>) -> Setting<'p> {
    Setting {
        protocol: question.protocol,
        accounts: question.accounts,
        scale: Scale(question.protocol.base),
        keys: Keys::All,
        share: question.share,
        find: question.find,
        own: question.own,
    }
}

fn pool(question: &Question<'_>) -> Result<rayon::ThreadPool, ExploreError> {
    let Question { accounts, jobs, share: Share { part, parts }, .. } = *question;
    if !(1..=ACCOUNTS_MAX).contains(&accounts) {
        return Err(ExploreError::Accounts(accounts));
    }
    if !(1..=parts).contains(&part) {
        return Err(ExploreError::Share { part, parts });
    }
    question.check_names()?;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(jobs.max(1)).build();
    pool.map_err(|source| ExploreError::Threads { jobs, source })
}

#[cfg(test)]
mod tests;

//! How much of a world that is known completely random sequences see: what a campaign leaves to chance.
//!
//! Exploration counts every state of few accounts. Here the campaign's generator works in the same
//! world, under the same limits, and the states that it meets are counted in the same way, so that
//! its share is known and not guessed. Where a world is too large to explore, the shares of the next
//! smaller ones are what its campaign can be judged by.

use std::sync::atomic::{AtomicBool, Ordering};

use hashbrown::HashSet;
use serde::{Deserialize, Serialize};

use super::packed::{Packed, Scale};
use super::search::Stop;
use super::symmetry::{Skeleton, Symmetry};
use super::{Bounds, Counts, ExploreError, Explorer, Question, Share};
use crate::account::AccountId;
use crate::choice::{Seeded, derive};
use crate::generate::{Sequence, Weights, World};
use crate::ledger::{Genesis, Ledger};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::scenario::{Act, Step};
use crate::unit::Amount;
use crate::verdict::Verdict;
use crate::version::Version;

/// A campaign of random modifications.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RandomRuns {
    /// Where all decisions come from.
    pub seed: u64,
    /// Number of runs, each from the start, where no account is multisig.
    pub runs: u64,
    /// Transactions of one run.
    pub steps: u32,
}

/// What was seen after so many runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Mark {
    /// Runs so far.
    pub runs: u64,
    /// Transactions so far.
    pub steps: u64,
    /// Transactions that were accepted.
    pub accepted: u64,
    /// Different states met, accounts distinguished by name; the start is one.
    pub states_labelled: u64,
    /// Different states met, up to renaming.
    pub states_canonical: u64,
    /// Share of all labelled states, 0 to 1; null if not all are known.
    #[serde(default)]
    pub share_labelled: Option<f64>,
    /// Share of all states up to renaming, 0 to 1; null if not all are known.
    #[serde(default)]
    pub share_canonical: Option<f64>,
}

/// A campaign held against the complete count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Residual {
    /// The protocol.
    pub protocol: String,
    /// Number of accounts.
    #[cfg_attr(feature = "schemas", schemars(range(min = 1)))]
    pub accounts: usize,
    /// The limits that bound the graphs.
    pub limits: Bounds,
    /// The random seed.
    pub seed: u64,
    /// Transactions of one run.
    pub steps: u32,
    /// Whether the exploration saw all states.
    pub complete: bool,
    /// How much there is; absent if the exploration did not see all.
    #[serde(flatten)]
    pub exact: Option<Counts>,
    /// What the campaign saw: after 1, 10, 100 ... runs, and in the end.
    pub marks: Vec<Mark>,
    /// States that the random runs met and the complete exploration did not: 0, or one of them is wrong.
    pub unexplored: u64,
    /// Why the random runs ended early: no memory left, or stopped.
    pub stop: Option<Stop>,
    /// Digest of the protocol: equal for equal rule sets, limits and switches.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9a-f]{16}$")))]
    pub protocol_digest: String,
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
}

/// Explores the question's world completely, then runs random sequences in it and counts what is met.
///
/// # Errors
/// A question that cannot be explored.
pub fn residual(
    question: &Question<'_>,
    random: RandomRuns,
    stop: &AtomicBool,
) -> Result<Residual, ExploreError> {
    let question = Question { find: &[], own: &[], share: Share::default(), ..question.clone() };
    let mut explorer = Explorer::new(question.clone())?;
    let complete = loop {
        match explorer.level(stop) {
            Ok(true) => {}
            Ok(false) => break true,
            Err(_) => break false,
        }
    };
    let mut sampler = Sampler {
        accounts: question.accounts,
        symmetry: Symmetry::new(question.accounts),
        explored: complete.then_some(&explorer),
        labelled: HashSet::default(),
        canonical: HashSet::default(),
        unexplored: 0,
        mark: Mark::default(),
    };
    sampler.meet(Packed::default());
    let (mut marks, mut ended) = (Vec::new(), None);
    for number in 0..random.runs {
        ended = sampler.budget(question.bytes_max, stop);
        if ended.is_some() {
            break;
        }
        sampler.run(question.protocol, random, number);
        if is_power_of_ten(number + 1) {
            marks.push(sampler.mark);
        }
    }
    if marks.last() != Some(&sampler.mark) {
        marks.push(sampler.mark);
    }
    let exact = complete.then(|| explorer.counts());
    let share = |seen: u64, all: u64| Some(seen as f64 / all.max(1) as f64);
    for mark in &mut marks {
        mark.share_labelled =
            exact.and_then(|all| share(mark.states_labelled, all.states_labelled));
        mark.share_canonical =
            exact.and_then(|all| share(mark.states_canonical, all.states_canonical));
    }
    Ok(Residual {
        protocol: question.protocol.name.clone(),
        accounts: question.accounts,
        limits: Bounds::of(question.protocol),
        seed: random.seed,
        steps: random.steps,
        complete,
        exact,
        marks,
        unexplored: sampler.unexplored,
        stop: ended,
        protocol_digest: question.protocol.digest(),
        version: Version::default(),
    })
}

fn is_power_of_ten(number: u64) -> bool {
    10_u64.checked_pow(number.max(1).ilog10()) == Some(number)
}

type States = HashSet<Packed, foldhash::fast::FixedState>;

struct Sampler<'e, 'p> {
    accounts: usize,
    symmetry: Symmetry,
    explored: Option<&'e Explorer<'p>>,
    labelled: States,
    canonical: States,
    unexplored: u64,
    mark: Mark,
}

impl Sampler<'_, '_> {
    /// One run on the full ledger.
    fn run(&mut self, protocol: &Protocol, random: RandomRuns, number: u64) {
        let mut choices = Seeded::new(derive(random.seed, number));
        let weights = World::draw(&mut choices, protocol).weights;
        let world = World {
            protocol: protocol.clone(),
            genesis: genesis(self.accounts),
            weights: Weights {
                modify: 1,
                bend: weights.bend,
                forge: weights.forge,
                ..Weights::default()
            },
            hot: self.accounts as u32,
        };
        self.mark.runs += 1;
        let Ok(mut ledger) = Ledger::from_genesis(world.protocol.clone(), &world.genesis) else {
            return;
        };
        let mut sequence = Sequence::new(&world);
        let mut step = Step::default();
        for _ in 0..random.steps {
            sequence.next(&mut choices, &ledger, &mut step);
            self.mark.steps += 1;
            let taken = step.act == Act::Transaction
                && ledger.submit(&step.transaction) == Verdict::Accepted;
            if taken {
                self.mark.accepted += 1;
                match Packed::of_links(ledger.state().links()) {
                    Some(state) => self.meet(state),
                    None => self.unexplored += 1,
                }
            }
        }
    }

    fn meet(&mut self, state: Packed) {
        if !self.labelled.insert(state) {
            return;
        }
        self.mark.states_labelled += 1;
        let form = self.symmetry.form(Skeleton { rows: state.rows, colour: 0 });
        let names = form.renamings.iter().map(|&renaming| state.renamed(renaming));
        let canonical = names.min().unwrap_or(state);
        if self.canonical.insert(canonical) {
            self.mark.states_canonical += 1;
            self.unexplored += u64::from(self.explored.is_some_and(|known| !has(known, canonical)));
        }
    }

    fn budget(&self, bytes_max: usize, stop: &AtomicBool) -> Option<Stop> {
        let slots = self.labelled.capacity() + self.canonical.capacity();
        match slots.saturating_mul(size_of::<Packed>() + 1) > bytes_max {
            true => Some(Stop::Memory),
            false => stop.load(Ordering::Relaxed).then_some(Stop::Asked),
        }
    }
}

/// Whether an exploration reached a state, given in its canonical form.
fn has(explorer: &Explorer<'_>, canonical: Packed) -> bool {
    let shelf = &explorer.search.shelf;
    let scale = Scale(explorer.question.protocol.base);
    let id = shelf.find(Skeleton { rows: canonical.rows, colour: 0 });
    let family = id.and_then(|id| shelf.get(id));
    family.is_some_and(|family| family.has(family.digits.number(scale, canonical)))
}

/// Accounts that can pay every fee of a run.
fn genesis(accounts: usize) -> Genesis {
    let mut genesis = Genesis::of_accounts(accounts);
    let funds = |account| (AccountId(account), MosaicId::CURRENCY, Amount(1_000_000_000_000));
    genesis.balances = (0..accounts as u32).map(funds).collect();
    genesis
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::Base;

    fn held(base: Base, accounts: usize, runs: u64) -> Residual {
        let mut protocol = Protocol::of_base(base);
        protocol.limits.max_cosignatories_per_account = 3;
        if base.has_levels() {
            protocol.limits.max_cosigned_accounts_per_account = 3;
            protocol.limits.max_multisig_depth = 2;
        }
        let random = RandomRuns { seed: 1, runs, steps: 200 };
        residual(&Question::new(&protocol, accounts), random, &AtomicBool::new(false)).unwrap()
    }

    #[test]
    fn a_short_hunt_sees_a_part_and_a_long_one_all_of_three_accounts() {
        let found = held(Base::Symbol, 3, 100);
        let exact = found.exact.unwrap();
        assert_eq!(exact.states_labelled, 52);
        let seen: Vec<u64> = found.marks.iter().map(|mark| mark.states_labelled).collect();
        assert_eq!(found.marks.iter().map(|mark| mark.runs).collect::<Vec<_>>(), [1, 10, 100]);
        assert!(seen[0] > 1 && seen[0] < 52 && seen.is_sorted(), "{seen:?}");
        let last = found.marks[2];
        assert_eq!((last.states_labelled, last.states_canonical), (52, exact.states_canonical));
        assert_eq!((found.unexplored, found.stop, last.steps), (0, None, 20_000));
    }

    #[test]
    fn whatever_is_met_was_explored() {
        for base in [Base::Symbol, Base::CatapultV1, Base::CatapultV3, Base::Nis1] {
            let found = held(base, 4, 20);
            let (exact, last) = (found.exact.unwrap(), *found.marks.last().unwrap());
            assert_eq!(found.unexplored, 0, "{base:?}");
            assert!(last.states_canonical * 4 > exact.states_canonical, "{base:?}: {last:?}");
            assert!(last.states_labelled <= exact.states_labelled, "{base:?}: {last:?}");
        }
        let mut protocol = Protocol::of_base(Base::Symbol);
        protocol.limits.max_cosignatories_per_account = 9;
        protocol.limits.max_multisig_depth = 1;
        protocol.limits.max_cosigned_accounts_per_account = 1;
        let random = RandomRuns { seed: 1, runs: 20, steps: 200 };
        let never = AtomicBool::new(false);
        let ten = residual(&Question::new(&protocol, 10), random, &never).unwrap();
        assert!(ten.complete && ten.unexplored == 0, "{ten:?}");
        assert!(ten.marks.last().unwrap().states_canonical > 100, "{ten:?}");
    }

    #[test]
    fn without_the_whole_there_is_no_share() {
        let protocol = Protocol::of_base(Base::Symbol);
        let question = Question { depth_max: Some(1), ..Question::new(&protocol, 3) };
        let random = RandomRuns { seed: 1, runs: 5, steps: 20 };
        let found = residual(&question, random, &AtomicBool::new(false)).unwrap();
        assert_eq!((found.exact, found.unexplored, found.marks.last().unwrap().runs), (None, 0, 5));
        let tight = Question { bytes_max: 64, ..question };
        let found = residual(&tight, random, &AtomicBool::new(false)).unwrap();
        assert_eq!((found.stop, found.marks.len()), (Some(Stop::Memory), 1));
    }

    #[test]
    fn marks_stand_at_powers_of_ten() {
        let marked = (0..=1_000).filter(|&number| is_power_of_ten(number));
        assert_eq!(marked.collect::<Vec<_>>(), [1, 10, 100, 1_000]);
    }
}

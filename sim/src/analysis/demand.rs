//! The fewest keys that a policy asks for, and the first of its minimal sets: what a transaction that waits
//! needs to know.

use num_bigint::BigUint;

use super::budget::{Budget, Work};
use super::listing::first_sets;
use super::plan::Plan;
use super::policy::{Gate, Policy};
use super::signatures;

/// A k-of-n gate over keys and other gates.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct DemandGate {
    /// How many of its members must sign, from 1 to their number.
    pub needed: usize,
    /// Its members, each once: a key by its number, a gate by the number of keys more than its place.
    pub of: Vec<usize>,
}

/// Which keys a policy asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Demanded {
    /// The fewest keys that are enough.
    pub fewest: usize,
    /// Whether it is proved that fewer are not enough.
    pub proved: bool,
    /// The first minimal sets, by size and then by the numbers of the keys; at least one.
    pub sets: Vec<Vec<usize>>,
    /// How many minimal sets there are; `None` where counting did not end within the budget.
    pub count: Option<BigUint>,
}

/// The parts of the work left for making the methods ready, counting, and the list.
const PLAN_PART: f64 = 0.1;
const COUNT_PART: f64 = 0.3;
const LIST_PART: f64 = 0.4;

/// The keys, numbered from 0 to one less than `keys`, that the last of these gates asks for, with the first
/// `most` sets of them. Every gate stands before those that it is a member of.
#[must_use]
pub fn demanded(keys: usize, gates: &[DemandGate], most: usize, budget: Budget) -> Demanded {
    let gate = |gate: &DemandGate| Gate { threshold: gate.needed, children: gate.of.clone() };
    let policy = Policy { inputs: keys, gates: gates.iter().map(gate).collect() };
    let work = Work::new(budget);
    let plan = work.part(PLAN_PART, |work| Plan::new(policy, work));
    let count = work.part(COUNT_PART, |work| plan.count(work));
    match work.part(LIST_PART, |work| first_sets(&plan, most.max(1), work)) {
        Some(sets) => {
            Demanded { fewest: sets.first().map_or(0, Vec::len), proved: true, sets, count }
        }
        None => {
            let fewest = signatures::fewest(&plan, &work);
            Demanded {
                fewest: fewest.members.len(),
                proved: fewest.lower == fewest.members.len() as u64,
                sets: vec![fewest.members],
                count,
            }
        }
    }
}

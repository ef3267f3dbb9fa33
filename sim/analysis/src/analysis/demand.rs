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

fn policy(keys: usize, gates: &[DemandGate]) -> Policy {
    let gate = |gate: &DemandGate| Gate { threshold: gate.needed, children: gate.of.clone() };
    Policy { inputs: keys, gates: gates.iter().map(gate).collect() }
}

/// Keys that the last of these gates asks for, as few as were found within the work, ascending; of sets of
/// one size rather one with small numbers.
pub fn fewest_demanded(keys: usize, gates: &[DemandGate], work: &Work) -> Vec<usize> {
    let plan = Plan::bare(policy(keys, gates));
    let mut found = signatures::fewest(&plan, work).members;
    let mut held: Vec<bool> = (0..keys).map(|key| found.contains(&key)).collect();
    for small in 0..keys {
        found.sort_unstable();
        if found.binary_search(&small).is_ok() {
            continue;
        }
        for large in found.iter_mut().rev().take_while(|large| **large > small) {
            if work.spend(plan.policy.edges()).is_none() {
                return found;
            }
            held.swap(*large, small);
            if plan.policy.value(&held) {
                *large = small;
                break;
            }
            held.swap(*large, small);
        }
    }
    found.sort_unstable();
    found
}

/// The keys, numbered from 0 to one less than `keys`, that the last of these gates asks for, with the first
/// `most` sets of them. Every gate but the last is a member of another, and stands before it.
#[must_use]
pub fn demanded(keys: usize, gates: &[DemandGate], most: usize, budget: Budget) -> Demanded {
    let work = Work::new(budget);
    let plan = work.part(PLAN_PART, |work| Plan::new(policy(keys, gates), work));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_fewest_keys_the_first_ones_are_taken() {
        let gate = |needed, of: &[usize]| DemandGate { needed, of: of.to_vec() };
        let work = || Work::new(Budget::default());
        assert_eq!(fewest_demanded(5, &[gate(3, &[0, 1, 2, 3, 4])], &work()), [0, 1, 2]);
        // 4 is asked by both, so that two keys are enough
        let gates = [gate(2, &[0, 1, 4]), gate(1, &[2, 3, 4]), gate(2, &[5, 6])];
        assert_eq!(fewest_demanded(5, &gates, &work()), [0, 4]);
    }
}

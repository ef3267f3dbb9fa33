//! A probability that is too much work, between two bounds that hold.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::super::budget::Work;
use super::super::policy::{Dense, Policy};
use super::super::scaled::{Chance, Scaled};

/// Most assignments that are split further.
const SPLITS_MAX: usize = 50_000;
/// Units of work for each, beside looking at all gates.
const SPLIT_PRICE: u64 = 300;

/// Some variables fixed, in the order of the search; its weight is its probability.
struct Open {
    weight: Scaled,
    bits: Vec<bool>,
}

impl PartialEq for Open {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Open {}
impl PartialOrd for Open {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Open {
    fn cmp(&self, other: &Self) -> Ordering {
        let weights = self.weight.partial_cmp(&other.weight).unwrap_or(Ordering::Equal);
        weights.then_with(|| other.bits.cmp(&self.bits))
    }
}

/// Splits the most probable undecided case again and again until the budget ends. What is decided
/// counts for one side; what is not may be either, and makes the width of the interval.
pub(in super::super) fn bounds(
    policy: &Policy,
    chances: &[Chance],
    work: &Work,
) -> (Chance, Chance) {
    let order = order_of(policy);
    let (mut yes, mut no) = (Scaled::ZERO, Scaled::ZERO);
    let mut open = BinaryHeap::from([Open { weight: Scaled::ONE, bits: Vec::new() }]);
    for _ in 0..SPLITS_MAX {
        if work.spend(2 * policy.edges() + SPLIT_PRICE).is_none() {
            break;
        }
        let Some(case) = open.pop() else { break };
        match decided(policy, &order, &case.bits) {
            Some(true) => yes = yes.plus(case.weight),
            Some(false) => no = no.plus(case.weight),
            None => {
                let input = order.get(case.bits.len()).copied().unwrap_or(0);
                let chance = chances.get(input).copied().unwrap_or(Chance::new(0.0));
                for (bit, factor) in [(false, chance.no), (true, chance.yes)] {
                    let bits = case.bits.iter().copied().chain([bit]).collect();
                    let weight = case.weight.times(factor);
                    if !weight.is_zero() {
                        open.push(Open { weight, bits });
                    }
                }
            }
        }
    }
    let undecided = open.iter().fold(Scaled::ZERO, |sum, case| sum.plus(case.weight));
    // rounding must not make the bounds wrong
    let wider = |value: Scaled| value.times(Scaled::new(1.0 + 1e-10));
    let tighter = |value: Scaled| value.times(Scaled::new(1.0 - 1e-10));
    let low = Chance { yes: tighter(yes), no: wider(no.plus(undecided)) };
    let high = Chance { yes: wider(yes.plus(undecided)), no: tighter(no) };
    (capped(low), capped(high))
}

fn capped(chance: Chance) -> Chance {
    let cap = |value: Scaled| if value > Scaled::ONE { Scaled::ONE } else { value };
    Chance { yes: cap(chance.yes), no: cap(chance.no) }
}

/// Variables that many gates use come first: they decide most.
fn order_of(policy: &Policy) -> Vec<usize> {
    let mut uses = Dense::new(0_usize, policy.nodes());
    for gate in &policy.gates {
        gate.children.iter().for_each(|&child| uses[child] += 1);
    }
    let mut order: Vec<usize> = (0..policy.inputs).collect();
    order.sort_by_key(|&input| std::cmp::Reverse(uses[input]));
    order
}

/// The value of the policy, if the first variables of the order decide it.
fn decided(policy: &Policy, order: &[usize], bits: &[bool]) -> Option<bool> {
    let mut values = Dense::new(None, policy.nodes());
    for (&input, &bit) in order.iter().zip(bits) {
        values[input] = Some(bit);
    }
    for (gate, node) in policy.gates.iter().zip(policy.inputs..) {
        let count = |value| gate.children.iter().filter(|&&child| values[child] == value).count();
        values[node] = if count(Some(true)) >= gate.threshold {
            Some(true)
        } else {
            let enough = count(Some(true)) + count(None) >= gate.threshold;
            if enough { None } else { Some(false) }
        };
    }
    values[policy.root()]
}

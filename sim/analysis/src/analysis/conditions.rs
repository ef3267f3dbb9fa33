//! Few shared variables under many of one's own: fix the shared ones, and what is left is a tree.
//!
//! Every gate is solved once for each assignment of the shared variables below it, not for each of
//! all. Only sums of positive terms are formed, so no digits cancel.

use super::budget::Work;
use super::gate::{self, Effect};
use super::policy::{Dense, Gate, Policy};
use super::scaled::{Chance, Scaled};

mod cheapest;
mod count;

pub(super) use cheapest::cheapest;

/// Most shared variables this method takes: its work doubles with each (counting: triples).
pub(super) const SHARED_MAX: usize = 12;
/// Most (gate, assignment) pairs that are solved for a probability.
const CASES_MAX: usize = 200_000;
/// Units of work for a case, and for each number of its rows.
const CASE_PRICE: usize = 600;
const NUMBER_PRICE: usize = 12;

/// A policy with its shared variables marked.
pub(super) struct Tree {
    policy: Policy,
    /// Variables that several gates use, or that lie below a gate that several use.
    shared: Vec<usize>,
    /// For each node the shared variables below it, as positions in `shared`.
    below: Dense<Vec<usize>>,
}

/// Each gate solved for each assignment of the shared variables below it.
struct Cases {
    effects: Dense<Vec<Effect>>,
}

impl Tree {
    /// Marks the shared variables; `None` where they are too many.
    pub fn of(policy: &Policy) -> Option<Self> {
        let shared = shared_inputs(policy);
        if shared.len() > SHARED_MAX {
            return None;
        }
        let mut below: Dense<Vec<usize>> = Dense::new(Vec::new(), policy.nodes());
        shared.iter().enumerate().for_each(|(position, &input)| below[input].push(position));
        for (gate, node) in policy.gates.iter().zip(policy.inputs..) {
            let all = gate.children.iter().flat_map(|&child| below[child].iter().copied());
            let mut all: Vec<usize> = all.collect();
            all.sort_unstable();
            all.dedup();
            below[node] = all;
        }
        let tree = Self { policy: policy.clone(), shared, below };
        let gates = tree.below.iter().skip(policy.inputs);
        let cases: usize = gates.map(|below| 1 << below.len()).sum();
        (cases <= CASES_MAX).then_some(tree)
    }

    /// The same of the dual: what is shared stays so.
    pub fn dual(&self) -> Self {
        let (shared, below) = (self.shared.clone(), self.below.clone());
        Self { policy: self.policy.dual(), shared, below }
    }

    /// The probability and, where the budget allows, the Birnbaum importances; `None` where it does not
    /// even allow the probability. What completes a minimal set is not known here.
    pub fn effect(&self, chances: &[Chance], work: &Work) -> Option<Effect> {
        let cases = self.cases(chances, work)?;
        let root = self.policy.root();
        let root_cases = &cases.effects[root];
        let mut total = Chance { yes: Scaled::ZERO, no: Scaled::ZERO };
        let mut weights: Dense<Dense<Scaled>> =
            cases.effects.iter().map(|cases| Dense::new(Scaled::ZERO, cases.len())).collect();
        for (case, effect) in root_cases.iter().enumerate() {
            let weight = self.weight(case, None, chances);
            total.yes = total.yes.plus(weight.times(effect.chance.yes));
            total.no = total.no.plus(weight.times(effect.chance.no));
            weights[root][case] = weight;
        }
        let birnbaum = self.birnbaum(&cases, weights, chances, work);
        Some(Effect { chance: total, birnbaum, complete: None })
    }

    /// The Birnbaum importances, given the weight of each case of the last gate.
    fn birnbaum(
        &self,
        cases: &Cases,
        mut weights: Dense<Dense<Scaled>>,
        chances: &[Chance],
        work: &Work,
    ) -> Option<Dense<Scaled>> {
        let mut birnbaum = Dense::new(Scaled::ZERO, self.policy.inputs);
        for (gate, node) in
            self.policy.gates.iter().zip(self.policy.inputs..self.policy.nodes()).rev()
        {
            for (case, effect) in cases.effects[node].iter().enumerate() {
                for (&child, &decides) in
                    gate.children.iter().zip(effect.birnbaum.iter().flat_map(Dense::iter))
                {
                    let share = weights[node][case].times(decides);
                    if self.policy.gate(child).is_some() {
                        let place = self.case_of(child, node, case);
                        weights[child][place] = weights[child][place].plus(share);
                    } else {
                        birnbaum[child] = birnbaum[child].plus(share);
                    }
                }
            }
        }
        for (position, &input) in self.shared.iter().enumerate() {
            birnbaum[input] = self.shared_birnbaum(position, cases, chances, work)?;
        }
        Some(birnbaum)
    }

    /// Units of work to solve a gate for each of its cases.
    fn price(&self, gate: &Gate, node: usize) -> u64 {
        let numbers = gate.children.len() * (gate.threshold + 1);
        ((numbers * NUMBER_PRICE + CASE_PRICE) as u64) << self.below[node].len()
    }

    /// All gates, each for all assignments of its shared variables, from below.
    fn cases(&self, chances: &[Chance], work: &Work) -> Option<Cases> {
        let mut cases = Cases { effects: Dense::new(Vec::new(), self.policy.nodes()) };
        for (gate, node) in self.policy.gates.iter().zip(self.policy.inputs..) {
            work.spend(self.price(gate, node))?;
            let solved = (0..1_usize << self.below[node].len()).map(|case| {
                let of = |&child: &usize| self.chance_of(child, node, case, &cases, chances);
                let children: Vec<Chance> = gate.children.iter().map(of).collect();
                gate::effect(gate.threshold, &children)
            });
            let solved = solved.collect();
            cases.effects[node] = solved;
        }
        Some(cases)
    }

    fn chance_of(
        &self,
        child: usize,
        node: usize,
        case: usize,
        cases: &Cases,
        chances: &[Chance],
    ) -> Chance {
        let place = self.case_of(child, node, case);
        match (self.policy.gate(child), self.below[child].is_empty()) {
            (Some(_), _) => cases.effects[child].get(place).map(|effect| effect.chance),
            (None, true) => chances.get(child).copied(),
            (None, false) => Some(Chance::new(place as f64)),
        }
        .unwrap_or(Chance::new(0.0))
    }

    /// A child's assignment, out of that of its gate.
    fn case_of(&self, child: usize, node: usize, case: usize) -> usize {
        self.case_among(child, &self.below[node], case)
    }

    /// A node's assignment, out of one of the shared variables at these positions.
    fn case_among(&self, child: usize, positions: &[usize], case: usize) -> usize {
        self.below[child].iter().enumerate().fold(0, |place, (bit, position)| {
            let from = positions.binary_search(position).unwrap_or(0);
            place | (case >> from & 1) << bit
        })
    }

    /// The probability of an assignment of all shared variables, `except` left out of the product.
    fn weight(&self, case: usize, except: Option<usize>, chances: &[Chance]) -> Scaled {
        let of = |(position, &input): (usize, &usize)| match chances.get(input) {
            Some(chance) if case >> position & 1 == 1 => chance.yes,
            Some(chance) => chance.no,
            None => Scaled::ZERO,
        };
        let factors = self.shared.iter().enumerate();
        let factors = factors.filter(|&(position, _)| Some(position) != except);
        factors.map(of).fold(Scaled::ONE, Scaled::times)
    }

    /// How much more likely the function is with the shared variable true: gate by gate, each child
    /// switched over in its turn.
    fn shared_birnbaum(
        &self,
        position: usize,
        cases: &Cases,
        chances: &[Chance],
        work: &Work,
    ) -> Option<Scaled> {
        let mut rises: Dense<Vec<Scaled>> = Dense::new(Vec::new(), self.policy.nodes());
        for (gate, node) in self.policy.gates.iter().zip(self.policy.inputs..) {
            let Ok(bit) = self.below[node].binary_search(&position) else { continue };
            work.spend(self.price(gate, node))?;
            let mut rise = vec![Scaled::ZERO; 1 << self.below[node].len()];
            for (case, rise) in rise.iter_mut().enumerate().filter(|(case, _)| case >> bit & 1 == 0)
            {
                let step = |&child: &usize| {
                    let before = self.chance_of(child, node, case, cases, chances);
                    let after = self.chance_of(child, node, case | 1 << bit, cases, chances);
                    let place = self.case_of(child, node, case);
                    let own = if self.below[child].binary_search(&position).is_ok() {
                        rises[child].get(place).copied().unwrap_or(Scaled::ONE)
                    } else {
                        Scaled::ZERO
                    };
                    (before, after, own)
                };
                let steps: Vec<_> = gate.children.iter().map(step).collect();
                *rise = gate::rise(gate.threshold, &steps);
            }
            rises[node] = rise;
        }
        let rises = rises[self.policy.root()].iter().enumerate();
        let parts = rises.filter(|(case, _)| case >> position & 1 == 0);
        Some(parts.fold(Scaled::ZERO, |sum, (case, rise)| {
            sum.plus(rise.times(self.weight(case, Some(position), chances)))
        }))
    }
}

/// The variables with several parents, and all below a gate with several parents.
fn shared_inputs(policy: &Policy) -> Vec<usize> {
    let mut parents = Dense::new(0_usize, policy.nodes());
    for gate in &policy.gates {
        gate.children.iter().for_each(|&child| parents[child] += 1);
    }
    let mut shared: Dense<bool> = parents.iter().map(|&count| count > 1).collect();
    for (gate, node) in policy.gates.iter().zip(policy.inputs..policy.nodes()).rev() {
        if shared[node] {
            gate.children.iter().for_each(|&child| shared[child] = true);
        }
    }
    (0..policy.inputs).filter(|&input| shared[input]).collect()
}

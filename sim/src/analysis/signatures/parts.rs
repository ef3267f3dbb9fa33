//! The costs of shared keys split among the accounts that share them.
//!
//! Each account pays a part of a key, the parts adding up to the whole; then the accounts are
//! independent and the cheapest choice is read off from below. No true choice is cheaper, whatever the
//! parts are; good parts (found by moving cost to where the key is chosen) make the bound tight.

use super::super::Budget;
use super::super::policy::{Dense, Policy};
use super::Cheapest;

/// Cost units: parts of a cost are whole numbers of these, rounded down, so a bound never rounds up.
const UNIT: u64 = 1 << 24;
const NEVER: u64 = u64::MAX / 4096;
/// Rounds in which the parts are improved for a first bound, and before a search.
const ROUNDS_FIRST: usize = 40;
const ROUNDS: usize = 300;
/// Most steps of a search.
const STEPS_MAX: usize = 20_000;

/// Whether a variable is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Open,
    Taken,
    Left,
}

/// The state of one search.
pub(super) struct Search<'a> {
    policy: &'a Policy,
    costs: Dense<u64>,
    /// For each gate the part of each child's cost that it pays: of a variable in units, of a gate
    /// in proportion to [`UNIT`].
    parts: Dense<Dense<u64>>,
    choices: Dense<Choice>,
    best: Cheapest,
    relaxed: Dense<u64>,
    chosen: Dense<Dense<bool>>,
    used: Dense<u32>,
    order: Vec<(u64, usize)>,
}

/// A decision yet to be explored: the variables decided before it, this one, and the bound there.
struct Branch {
    depth: usize,
    variable: usize,
    choice: Choice,
    lower: u64,
}

impl<'a> Search<'a> {
    /// A search for variables with these costs.
    pub fn new(policy: &'a Policy, costs: &[u64]) -> Self {
        let mut parents = Dense::new(0_u64, policy.nodes());
        for gate in &policy.gates {
            gate.children.iter().for_each(|&child| parents[child] += 1);
        }
        let costs = Dense(costs.to_vec());
        let part = |&child: &usize| match policy.gate(child) {
            None => costs[child] * UNIT / parents[child].max(1),
            Some(_) => UNIT / parents[child].max(1),
        };
        let parts = policy.gates.iter().map(|gate| gate.children.iter().map(part).collect());
        let chosen = policy.gates.iter().map(|gate| Dense::new(false, gate.children.len()));
        let members: Vec<usize> = (0..policy.inputs).collect();
        let cost = costs.iter().sum();
        Self {
            policy,
            parts: parts.collect(),
            choices: Dense::new(Choice::Open, policy.nodes()),
            best: Cheapest { members, cost, lower: 0 },
            relaxed: Dense::new(0, policy.nodes()),
            chosen: chosen.collect(),
            used: Dense::new(0, policy.nodes()),
            order: Vec::new(),
            costs,
        }
    }

    /// A first bound, and the cheapest set met on the way to it.
    pub fn root(&mut self, budget: &Budget) -> Cheapest {
        let lower = self.improve_parts(ROUNDS_FIRST, budget);
        Cheapest { lower: lower.min(self.best.cost), ..self.best.clone() }
    }

    /// The cheapest set, as far as the budget reaches.
    pub fn run(mut self, budget: &Budget) -> Cheapest {
        let root = self.improve_parts(ROUNDS, budget);
        let short = Budget { steps: budget.steps.min(STEPS_MAX), ..*budget };
        let lower = self.search(root, &short).max(root);
        Cheapest { lower: lower.min(self.best.cost), ..self.best }
    }

    /// Depth first; the lower bound that is proved when it ends.
    fn search(&mut self, root: u64, budget: &Budget) -> u64 {
        let mut open: Vec<Branch> = Vec::new();
        let mut path: Vec<usize> = Vec::new();
        let mut steps = 0;
        let mut here = root;
        loop {
            let node = if here < self.best.cost { self.branching() } else { None };
            if let Some(variable) = node {
                for choice in [Choice::Left, Choice::Taken] {
                    open.push(Branch { depth: path.len(), variable, choice, lower: here });
                }
            }
            while open.last().is_some_and(|branch| branch.lower >= self.best.cost) {
                open.pop();
            }
            steps += 1;
            if open.is_empty() || steps >= budget.steps || budget.is_late() {
                break;
            }
            let Some(branch) = open.pop() else { break };
            for undone in path.drain(branch.depth..) {
                self.choices[undone] = Choice::Open;
            }
            path.push(branch.variable);
            self.choices[branch.variable] = branch.choice;
            here = self.bound().max(branch.lower);
        }
        open.iter().map(|branch| branch.lower).min().unwrap_or(self.best.cost)
    }

    /// The bound where the variables of `choices` are decided. What the relaxation chooses makes the
    /// policy true, so it is also a candidate.
    fn bound(&mut self) -> u64 {
        let taken: u64 = (0..self.policy.inputs)
            .filter(|&input| self.choices[input] == Choice::Taken)
            .map(|input| self.costs[input])
            .sum();
        for (place, node) in (self.policy.inputs..self.policy.nodes()).enumerate() {
            self.relaxed[node] = self.relaxed_gate(place);
        }
        let root = self.relaxed[self.policy.root()];
        if root >= NEVER {
            return u64::MAX;
        }
        self.trace();
        taken + root.div_ceil(UNIT)
    }

    fn relaxed_gate(&mut self, place: usize) -> u64 {
        let Some(gate) = self.policy.gates.get(place) else { return NEVER };
        self.order.clear();
        for (position, &child) in gate.children.iter().enumerate() {
            let part = self.parts[place][position];
            let cost = match (self.policy.gate(child), self.choices[child]) {
                (_, Choice::Left) => NEVER,
                (None, Choice::Taken) => 0,
                (None, Choice::Open) => part,
                (Some(_), _) if self.relaxed[child] >= NEVER => NEVER,
                (Some(_), _) if part == UNIT => self.relaxed[child],
                (Some(_), _) => ((u128::from(self.relaxed[child]) * u128::from(part)) >> 24) as u64,
            };
            self.order.push((cost, position));
        }
        let wanted = gate.threshold;
        if wanted < self.order.len() {
            self.order.select_nth_unstable(wanted);
        }
        let chosen = &mut self.chosen[place];
        chosen.0.fill(false);
        let mut sum = 0_u64;
        for &(cost, position) in self.order.iter().take(wanted) {
            chosen[position] = true;
            sum = sum.saturating_add(cost).min(NEVER);
        }
        sum
    }

    /// Follows the relaxation's choice from the top, counts how often each node is used, and keeps
    /// the variables found where they are cheaper than the best set known.
    fn trace(&mut self) {
        self.used.0.fill(0);
        let root = self.policy.root();
        self.used[root] = 1;
        for (place, gate) in self.policy.gates.iter().enumerate().rev() {
            if self.used[place + self.policy.inputs] > 0 {
                let chosen = gate.children.iter().zip(self.chosen[place].iter());
                chosen.filter(|(_, chosen)| **chosen).for_each(|(&child, _)| self.used[child] += 1);
            }
        }
        let inputs = 0..self.policy.inputs;
        let cost = inputs
            .clone()
            .filter(|&input| self.used[input] > 0)
            .map(|input| self.costs[input])
            .sum();
        if cost < self.best.cost {
            let members = inputs.filter(|&input| self.used[input] > 0).collect();
            self.best = Cheapest { members, cost, lower: 0 };
        }
    }

    /// What to decide next: the open key that the relaxation uses most often.
    fn branching(&self) -> Option<usize> {
        let open = |&node: &usize| self.choices[node] == Choice::Open && self.used[node] > 0;
        let inputs = (0..self.policy.inputs).filter(open);
        inputs.max_by_key(|&input| (self.used[input], input))
    }

    /// Moves cost to the accounts that choose a shared key from those that do not, in shrinking
    /// steps; keeps the parts with the best bound.
    fn improve_parts(&mut self, rounds: usize, budget: &Budget) -> u64 {
        let mut lower = self.bound();
        let root = self.policy.root();
        let mut best = (self.relaxed[root], self.parts.clone());
        for round in 0..rounds {
            if lower >= self.best.cost || budget.is_late() {
                break;
            }
            self.shift_parts(UNIT / 8 / (1 + round as u64 / 12));
            lower = lower.max(self.bound());
            if self.relaxed[root] > best.0 {
                best.0 = self.relaxed[root];
                best.1.clone_from(&self.parts);
            }
        }
        self.parts = best.1;
        lower.max(self.bound())
    }

    fn shift_parts(&mut self, step: u64) {
        let mut sums = Dense::new(0_u64, self.policy.inputs);
        for (place, gate) in self.policy.gates.iter().enumerate() {
            let reached = self.used[place + self.policy.inputs] > 0;
            for (position, &child) in
                gate.children.iter().enumerate().filter(|&(_, &child)| child < self.policy.inputs)
            {
                let part = &mut self.parts[place][position];
                let chosen = reached && self.chosen[place][position];
                *part = if chosen { *part + step } else { part.saturating_sub(step / 4) };
                sums[child] += *part;
            }
        }
        for (place, gate) in self.policy.gates.iter().enumerate() {
            for (position, &child) in
                gate.children.iter().enumerate().filter(|&(_, &child)| child < self.policy.inputs)
            {
                let part = &mut self.parts[place][position];
                let whole = u128::from(self.costs[child] * UNIT);
                *part = (u128::from(*part) * whole / u128::from(sums[child].max(1))) as u64;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::policy::Gate;
    use super::*;

    /// Edges of a ring and its chords as 1-of-2 accounts under one that needs `needed` of them.
    fn cover(keys: usize, chord: usize, needed: usize) -> Policy {
        let edge = |from: usize, to: usize| Gate { threshold: 1, children: vec![from, to % keys] };
        let mut gates: Vec<Gate> = (0..keys).map(|key| edge(key, key + 1)).collect();
        gates.extend((0..keys).map(|key| edge(key, key + chord)));
        let children = (keys..keys + gates.len()).collect();
        gates.push(Gate { threshold: needed, children });
        Policy { inputs: keys, gates }
    }

    fn by_trying(policy: &Policy, costs: &[u64]) -> u64 {
        let bits = |set: usize| -> Vec<bool> {
            (0..policy.inputs).map(|bit| set >> bit & 1 == 1).collect()
        };
        let cost = |set: usize| {
            costs
                .iter()
                .enumerate()
                .filter(|(bit, _)| set >> bit & 1 == 1)
                .map(|(_, cost)| cost)
                .sum()
        };
        (0..1 << policy.inputs).filter(|&set| policy.value(&bits(set))).map(cost).min().unwrap()
    }

    #[test]
    fn the_search_finds_and_proves_the_least_cost() {
        let budget = Budget::default();
        for (keys, chord, needed) in [(7, 2, 14), (9, 3, 13), (10, 4, 17), (11, 2, 9), (8, 3, 1)] {
            let policy = cover(keys, chord, needed);
            for costs in [vec![1; keys], (0..keys as u64).map(|key| 1 + key % 3).collect()] {
                let least = by_trying(&policy, &costs);
                let mut search = Search::new(&policy, &costs);
                assert!(search.root(&budget).lower <= least);
                let found = search.run(&budget);
                assert_eq!((found.lower, found.cost), (least, least), "{keys} {chord} {needed}");
                let held: Vec<bool> = (0..keys).map(|key| found.members.contains(&key)).collect();
                assert!(policy.value(&held));
            }
        }
    }

    #[test]
    fn a_search_cut_short_says_what_is_proved() {
        let policy = cover(40, 7, 71);
        let found = Search::new(&policy, &[1; 40]).run(&Budget { steps: 1, ..Budget::default() });
        assert!(found.lower < found.cost && found.lower > 0);
    }
}

//! The fewest keys that make a policy true, with the proof that fewer do not.
//!
//! Branch and bound, on keys first and, where that does not end soon, on accounts. The bound: a key that several accounts share is split among them, each paying a
//! part of it, the parts adding up to the whole; then the accounts are independent and the cheapest
//! choice is read off from below. No true choice is cheaper, whatever the parts are; good parts
//! (found by moving cost to where the key is chosen) make the bound tight.

use super::Budget;
use super::modules::Input;
use super::plan::{Part, Plan};
use super::policy::{Dense, Policy};

/// A set of variables that makes the policy true, and a proved lower bound on the cost of any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cheapest {
    /// The variables, in order.
    pub members: Vec<usize>,
    /// The sum of their costs.
    pub cost: u64,
    /// No set costs less than this.
    pub lower: u64,
}

/// The smallest set of keys that makes the plan's policy true, module by module.
pub(super) fn fewest(plan: &Plan, budget: &Budget) -> Cheapest {
    let mut found: Dense<Cheapest> = Dense(Vec::with_capacity(plan.parts.len()));
    for part in &plan.parts {
        let cost = |of: fn(&Cheapest) -> u64| -> Vec<u64> {
            let inputs = part.module.inputs.iter();
            inputs
                .map(|input| match *input {
                    Input::Key(_) => 1,
                    Input::Module(module) => of(&found[module]),
                })
                .collect()
        };
        let (upper, lower) = (cost(|found| found.cost), cost(|found| found.lower));
        let mut best = of_part(part, &upper, budget);
        if lower != upper {
            best.lower = of_part(part, &lower, budget).lower;
        }
        found.0.push(best);
    }
    let top = found.0.last().cloned();
    let top = top.unwrap_or_else(|| Cheapest { members: vec![0], cost: 1, lower: 1 });
    Cheapest { members: keys_of(plan, &found), ..top }
}

/// From the variables of the modules down to the keys.
fn keys_of(plan: &Plan, found: &Dense<Cheapest>) -> Vec<usize> {
    let Some(top) = found.len().checked_sub(1) else { return vec![0] };
    let (mut keys, mut open) = (Vec::new(), vec![top]);
    while let Some(place) = open.pop() {
        let inputs = plan.parts.get(place).map_or(&[][..], |part| &part.module.inputs);
        for input in found[place].members.iter().filter_map(|&member| inputs.get(member)) {
            match *input {
                Input::Key(key) => keys.push(key),
                Input::Module(module) => open.push(module),
            }
        }
    }
    keys.sort_unstable();
    keys
}

fn of_part(part: &Part, costs: &[u64], budget: &Budget) -> Cheapest {
    match part.module.single_gate() {
        Some(gate) => {
            let mut order: Vec<(u64, usize)> = gate
                .children
                .iter()
                .map(|&child| (costs.get(child).copied().unwrap_or(0), child))
                .collect();
            order.sort_unstable();
            order.truncate(gate.threshold);
            let cost = order.iter().map(|entry| entry.0).sum();
            let mut members: Vec<usize> = order.into_iter().map(|entry| entry.1).collect();
            members.sort_unstable();
            Cheapest { members, cost, lower: cost }
        }
        None => Search::new(&part.module.policy, costs).run(budget),
    }
}

/// Cost units: parts of a cost are whole numbers of these, rounded down, so a bound never rounds up.
const UNIT: u64 = 1 << 24;
const NEVER: u64 = u64::MAX / 4096;
/// Rounds in which the parts are improved before the search begins.
const ROUNDS: usize = 300;
/// Rounds at each step of a search by accounts.
const ROUNDS_INSIDE: usize = 12;
/// Most steps of a search by keys, and of one by accounts.
const KEY_STEPS: usize = 20_000;
const GATE_STEPS: usize = 20_000;

/// Whether a variable is decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Choice {
    Open,
    Taken,
    Left,
}

/// The state of one search.
struct Search<'a> {
    policy: &'a Policy,
    costs: Dense<u64>,
    /// For each gate the part of each child's cost that it pays: of a variable in units, of a gate
    /// in proportion to [`UNIT`].
    parts: Dense<Dense<u64>>,
    choices: Dense<Choice>,
    best: Cheapest,
    /// Whether accounts are decided before keys, with the parts improved at each step.
    by_gates: bool,
    /// For each node the number of gates that use it.
    parents: Dense<u64>,
    relaxed: Dense<u64>,
    chosen: Dense<Dense<bool>>,
    used: Dense<u32>,
    order: Vec<(bool, u64, usize)>,
}

/// A decision yet to be explored: the variables decided before it, this one, and the bound there.
struct Branch {
    depth: usize,
    variable: usize,
    choice: Choice,
    lower: u64,
}

impl<'a> Search<'a> {
    fn new(policy: &'a Policy, costs: &[u64]) -> Self {
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
            by_gates: false,
            parents,
            best: Cheapest { members, cost, lower: 0 },
            relaxed: Dense::new(0, policy.nodes()),
            chosen: chosen.collect(),
            used: Dense::new(0, policy.nodes()),
            order: Vec::new(),
            costs,
        }
    }

    /// First by keys, which ends soon where the bound is tight; then by accounts.
    fn run(mut self, budget: &Budget) -> Cheapest {
        let root = self.improve_parts(ROUNDS, 0);
        let short = Budget { steps: budget.steps.min(KEY_STEPS), ..*budget };
        let mut lower = self.search(root, &short).max(root);
        if lower < self.best.cost {
            self.by_gates = true;
            self.choices.0.fill(Choice::Open);
            let root = self.improve_parts(ROUNDS, 0);
            let rest = Budget { steps: budget.steps.min(GATE_STEPS), ..*budget };
            lower = self.search(root, &rest).max(lower);
        }
        Cheapest { lower: lower.min(self.best.cost), ..self.best }
    }

    /// Depth first; the lower bound that is proved when it ends.
    fn search(&mut self, root: u64, budget: &Budget) -> u64 {
        let mut open: Vec<Branch> = Vec::new();
        let mut path: Vec<usize> = Vec::new();
        let mut steps = 0;
        let mut here = root;
        loop {
            if self.by_gates && here < self.best.cost {
                self.decide_by_cost(&mut path);
            }
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
            if open.is_empty() || budget.is_spent(steps) {
                break;
            }
            let Some(branch) = open.pop() else { break };
            for undone in path.drain(branch.depth..) {
                self.choices[undone] = Choice::Open;
            }
            path.push(branch.variable);
            self.choices[branch.variable] = branch.choice;
            here = if self.by_gates {
                self.improve_parts(ROUNDS_INSIDE, ROUNDS / 4).max(branch.lower)
            } else {
                self.bound().max(branch.lower)
            };
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
        let mut required = 0;
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
            let must = self.choices[child] == Choice::Taken && child >= self.policy.inputs;
            required += usize::from(must);
            self.order.push((!must, cost, position));
        }
        let wanted = gate.threshold.max(required);
        if wanted < self.order.len() {
            self.order.select_nth_unstable(wanted);
        }
        let chosen = &mut self.chosen[place];
        chosen.0.fill(false);
        let mut sum = 0_u64;
        for &(_, cost, position) in self.order.iter().take(wanted) {
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

    /// Decides the accounts right below the last gate for which the other choice would cost too much:
    /// one that is not used instead of the dearest that is, or the cheapest that is not for one used.
    fn decide_by_cost(&mut self, path: &mut Vec<usize>) {
        let Some((gate, place)) =
            self.policy.gates.last().zip(self.policy.gates.len().checked_sub(1))
        else {
            return;
        };
        let root = self.relaxed[self.policy.root()];
        let taken = (0..self.policy.inputs).filter(|&input| self.choices[input] == Choice::Taken);
        let taken: u64 = taken.map(|input| self.costs[input]).sum();
        // a bound of more than this is one of the best cost known
        let room = ((self.best.cost - 1 - taken) * UNIT).saturating_sub(root);
        let open = |&(_, &child): &(usize, &usize)| {
            child >= self.policy.inputs
                && self.choices[child] == Choice::Open
                && self.parents[child] == 1
        };
        let children = || gate.children.iter().enumerate().filter(open);
        let used = |position: usize| self.chosen[place][position];
        let dearest =
            children().filter(|&(at, _)| used(at)).map(|(_, &child)| self.relaxed[child]).max();
        let cheapest =
            children().filter(|&(at, _)| !used(at)).map(|(_, &child)| self.relaxed[child]).min();
        let (Some(dearest), Some(cheapest)) = (dearest, cheapest) else { return };
        let decided: Vec<(usize, Choice)> = children()
            .filter_map(|(at, &child)| {
                let cost = self.relaxed[child];
                match used(at) {
                    false if cost.saturating_sub(dearest) > room => Some((child, Choice::Left)),
                    true if cheapest.saturating_sub(cost) > room => Some((child, Choice::Taken)),
                    _ => None,
                }
            })
            .collect();
        for (child, choice) in decided {
            self.choices[child] = choice;
            path.push(child);
        }
    }

    /// What to decide next: by gates the cheapest open account that the relaxation uses, else the
    /// open key that it uses most often.
    fn branching(&self) -> Option<usize> {
        let open = |&node: &usize| self.choices[node] == Choice::Open && self.used[node] > 0;
        let gates = (self.policy.inputs..self.policy.root()).filter(|_| self.by_gates);
        let gate = gates.filter(open).min_by_key(|&node| self.relaxed[node]);
        let inputs = || (0..self.policy.inputs).filter(open);
        gate.or_else(|| inputs().max_by_key(|&input| (self.used[input], input)))
    }

    /// Moves cost to the accounts that choose a shared key from those that do not, in shrinking
    /// steps; keeps the parts with the best bound.
    fn improve_parts(&mut self, rounds: usize, start: usize) -> u64 {
        let mut lower = self.bound();
        let root = self.policy.root();
        let mut best = (self.relaxed[root], self.parts.clone());
        for round in start..start + rounds {
            if lower >= self.best.cost {
                return lower;
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
    use super::super::policy::Gate;
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
    fn both_searches_find_and_prove_the_least_cost() {
        let budget = Budget::default();
        for (keys, chord, needed) in [(7, 2, 14), (9, 3, 13), (10, 4, 17), (11, 2, 9), (8, 3, 1)] {
            let policy = cover(keys, chord, needed);
            for costs in [vec![1; keys], (0..keys as u64).map(|key| 1 + key % 3).collect()] {
                let least = by_trying(&policy, &costs);
                for by_gates in [false, true] {
                    let mut search = Search::new(&policy, &costs);
                    search.by_gates = by_gates;
                    let root = search.improve_parts(3, 0);
                    assert!(root <= least);
                    assert_eq!(search.search(root, &budget), least);
                    assert_eq!(search.best.cost, least, "{keys} {chord} {needed} {by_gates}");
                    let held: Vec<bool> =
                        (0..keys).map(|key| search.best.members.contains(&key)).collect();
                    assert!(policy.value(&held));
                }
            }
        }
    }

    #[test]
    fn a_search_cut_short_says_what_is_proved() {
        let policy = cover(40, 7, 71);
        let found = Search::new(&policy, &[1; 40]).run(&Budget { steps: 1, deadline: None });
        assert!(found.lower < found.cost && found.lower > 0);
    }
}

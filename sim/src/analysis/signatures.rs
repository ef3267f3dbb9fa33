//! The fewest keys that make a policy true, with the proof that fewer do not.
//!
//! Branch and bound. The bound: a key that several accounts share is split among them, each paying a
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
            choices: Dense::new(Choice::Open, policy.inputs),
            best: Cheapest { members, cost, lower: 0 },
            relaxed: Dense::new(0, policy.nodes()),
            chosen: chosen.collect(),
            used: Dense::new(0, policy.nodes()),
            order: Vec::new(),
            costs,
        }
    }

    fn run(mut self, budget: &Budget) -> Cheapest {
        let mut lower = self.improve_parts();
        let mut open: Vec<Branch> = Vec::new();
        let mut path: Vec<usize> = Vec::new();
        let mut steps = 0;
        let mut here = lower;
        loop {
            let variable = if here < self.best.cost { self.branching() } else { None };
            if let Some(variable) = variable {
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
            here = self.bound().max(branch.lower);
        }
        let left = open.iter().map(|branch| branch.lower).min().unwrap_or(self.best.cost);
        lower = lower.max(left).min(self.best.cost);
        Cheapest { lower, ..self.best }
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
            let cost = match self.policy.gate(child) {
                Some(_) if self.relaxed[child] >= NEVER => NEVER,
                Some(_) if part == UNIT => self.relaxed[child],
                Some(_) => ((u128::from(self.relaxed[child]) * u128::from(part)) >> 24) as u64,
                None => match self.choices[child] {
                    Choice::Open => part,
                    Choice::Taken => 0,
                    Choice::Left => NEVER,
                },
            };
            self.order.push((cost, position));
        }
        self.order.sort_unstable();
        let chosen = &mut self.chosen[place];
        chosen.0.fill(false);
        let mut sum = 0_u64;
        for &(cost, position) in self.order.iter().take(gate.threshold) {
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

    /// The open variable to decide next: the one the relaxation uses most often.
    fn branching(&self) -> Option<usize> {
        let open = (0..self.policy.inputs).filter(|&input| self.choices[input] == Choice::Open);
        open.filter(|&input| self.used[input] > 0).max_by_key(|&input| (self.used[input], input))
    }

    /// Moves cost to the accounts that choose a shared key from those that do not, in shrinking
    /// steps; keeps the parts with the best bound.
    fn improve_parts(&mut self) -> u64 {
        let mut lower = self.bound();
        let mut best = (self.relaxed[self.policy.root()], self.parts.clone());
        for round in 0..ROUNDS {
            if lower >= self.best.cost {
                break;
            }
            let step = UNIT / 8 / (1 + round as u64 / 12);
            self.shift_parts(step);
            let bound = self.bound();
            lower = lower.max(bound);
            if self.relaxed[self.policy.root()] > best.0 {
                best = (self.relaxed[self.policy.root()], self.parts.clone());
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

//! The cheapest set where few variables are shared: for each choice of them what is left is a tree.
//!
//! Shared variables with the same cost and the same parents are alike: only how many of them are taken
//! matters. A case says so for each class of them.

use std::collections::BTreeMap;

use super::super::budget::Work;
use super::super::policy::{Dense, Gate, Policy};
use super::super::signatures::Cheapest;
use super::shared_inputs;

/// More than any set costs.
const NEVER: u64 = u64::MAX / (1 << 16);
/// Most cases of all gates together, 8 bytes each.
const CASES_MAX: u64 = 1 << 24;
/// Units of work for each case and child.
const CASE_PRICE: u64 = 30;

/// The shared variables by class, and what each case costs.
struct Cases<'a> {
    policy: &'a Policy,
    costs: &'a [u64],
    /// The variables of each class.
    classes: Dense<Vec<usize>>,
    /// The gates that use each class.
    parents: Dense<Vec<usize>>,
    /// For each node the classes below it, in order.
    below: Dense<Vec<usize>>,
    /// For each gate and case the cost of its own variables; the shared ones are paid for apart.
    least: Dense<Dense<u64>>,
}

/// The cheapest set of variables that makes the policy true; `None` where that takes more work than is
/// left.
pub(in super::super) fn cheapest(policy: &Policy, costs: &[u64], work: &Work) -> Option<Cheapest> {
    let mut cases = Cases::of(policy, costs);
    work.affords(cases.price()?)?;
    for (gate, node) in policy.gates.iter().zip(policy.inputs..) {
        let price = cases.price_of_case(gate, node);
        let least = (0..cases.count(node)).map(|case| {
            work.spend(price)?;
            Some(cases.choice(gate, node, case).0)
        });
        let least: Option<Dense<u64>> = least.collect();
        cases.least[node] = least?;
    }
    let root = policy.root();
    let taken = |case: usize| -> u64 {
        let digits = cases.digits(root, case).into_iter().zip(&cases.below[root]);
        digits.map(|(count, &class)| count as u64 * cases.cost(class)).sum()
    };
    let of_case = |(case, &own): (usize, &u64)| (own.saturating_add(taken(case)), case);
    let (_, case) = cases.least[root].iter().enumerate().map(of_case).min()?;
    Some(Cheapest::proved(cases.members(case), costs))
}

impl<'a> Cases<'a> {
    fn of(policy: &'a Policy, costs: &'a [u64]) -> Self {
        let mut parents: Dense<Vec<usize>> = Dense::new(Vec::new(), policy.nodes());
        for (gate, node) in policy.gates.iter().zip(policy.inputs..) {
            gate.children.iter().for_each(|&child| parents[child].push(node));
        }
        let mut alike: BTreeMap<(&[usize], u64), Vec<usize>> = BTreeMap::new();
        for input in shared_inputs(policy) {
            let cost = costs.get(input).copied().unwrap_or(0);
            alike.entry((&parents[input], cost)).or_default().push(input);
        }
        let (gates, classes): (Vec<_>, Vec<_>) =
            alike.into_iter().map(|((gates, _), inputs)| (gates.to_vec(), inputs)).unzip();
        let classes: Dense<Vec<usize>> = Dense(classes);
        let mut below: Dense<Vec<usize>> = Dense::new(Vec::new(), policy.nodes());
        for (class, inputs) in classes.iter().enumerate() {
            inputs.iter().for_each(|&input| below[input].push(class));
        }
        for (gate, node) in policy.gates.iter().zip(policy.inputs..) {
            let all = gate.children.iter().flat_map(|&child| below[child].iter().copied());
            let mut all: Vec<usize> = all.collect();
            all.sort_unstable();
            all.dedup();
            below[node] = all;
        }
        let least = Dense::new(Dense(Vec::new()), policy.nodes());
        Self { policy, costs, classes, parents: Dense(gates), below, least }
    }

    /// How many cases a node has.
    fn count(&self, node: usize) -> usize {
        self.below[node].iter().map(|&class| self.classes[class].len() + 1).product()
    }

    /// Units of work for all of it; `None` where there are too many cases.
    fn price(&self) -> Option<u64> {
        let (mut cases, mut price) = (0_u64, 0_u64);
        for (gate, node) in self.policy.gates.iter().zip(self.policy.inputs..) {
            let sizes = self.below[node].iter().map(|&class| self.classes[class].len() as u64 + 1);
            let count = sizes.fold(1, u64::saturating_mul);
            cases = cases.saturating_add(count);
            price = price.saturating_add(count.saturating_mul(self.price_of_case(gate, node)));
        }
        (cases <= CASES_MAX).then_some(price)
    }

    fn price_of_case(&self, gate: &Gate, node: usize) -> u64 {
        (gate.children.len() + self.below[node].len()) as u64 * CASE_PRICE
    }

    /// How many of each class below a node are taken in this case.
    fn digits(&self, node: usize, mut case: usize) -> Vec<usize> {
        let digit = |&class: &usize| {
            let base = self.classes[class].len() + 1;
            let digit = case % base;
            case /= base;
            digit
        };
        self.below[node].iter().map(digit).collect()
    }

    /// The case of a node below another, from the digits of that one.
    fn case_below(&self, child: usize, node: usize, digits: &[usize]) -> usize {
        let (mut case, mut base) = (0, 1);
        for class in &self.below[child] {
            let place = self.below[node].binary_search(class).unwrap_or(0);
            case += digits.get(place).copied().unwrap_or(0) * base;
            base *= self.classes[*class].len() + 1;
        }
        case
    }

    /// The cost of one variable of a class.
    fn cost(&self, class: usize) -> u64 {
        let first = self.classes[class].first();
        first.and_then(|&input| self.costs.get(input)).copied().unwrap_or(0)
    }

    /// What a gate costs in one case, and the children that are not true by the shared variables alone
    /// but chosen.
    fn choice(&self, gate: &Gate, node: usize, case: usize) -> (u64, Vec<(u64, usize)>) {
        let digits = self.digits(node, case);
        let own = |class: usize| self.parents[class].binary_search(&node).is_ok();
        let free = self.below[node].iter().zip(&digits).filter(|&(&class, _)| own(class));
        let free: usize = free.map(|(_, &count)| count).sum();
        let cost = |&child: &usize| match (self.policy.gate(child), self.below[child].is_empty()) {
            (Some(_), _) => Some((self.least[child][self.case_below(child, node, &digits)], child)),
            (None, true) => Some((self.costs.get(child).copied().unwrap_or(0), child)),
            (None, false) => None,
        };
        let Some(wanted) = gate.threshold.checked_sub(free).filter(|&wanted| wanted > 0) else {
            return (0, Vec::new());
        };
        let mut order: Vec<(u64, usize)> = gate.children.iter().filter_map(cost).collect();
        if order.len() < wanted {
            return (NEVER, Vec::new());
        }
        order.sort_unstable();
        order.truncate(wanted);
        let sum = order.iter().fold(0, |sum: u64, entry| sum + entry.0);
        (sum.min(NEVER), order)
    }

    /// The variables of the cheapest choice in this case of the whole.
    fn members(&self, case: usize) -> Vec<usize> {
        let root = self.policy.root();
        let digits = self.digits(root, case);
        let taken = self.below[root].iter().zip(&digits);
        let taken = taken.flat_map(|(&class, &count)| self.classes[class].iter().take(count));
        let mut members: Vec<usize> = taken.copied().collect();
        let mut open = vec![(root, case)];
        while let Some((node, case)) = open.pop() {
            let Some(gate) = self.policy.gate(node) else { continue };
            let digits = self.digits(node, case);
            for (_, child) in self.choice(gate, node, case).1 {
                match self.policy.gate(child) {
                    Some(_) => open.push((child, self.case_below(child, node, &digits))),
                    None => members.push(child),
                }
            }
        }
        members
    }
}

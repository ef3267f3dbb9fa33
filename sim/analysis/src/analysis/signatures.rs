//! The fewest keys that make a policy true, with the proof that fewer do not.
//!
//! Module by module. Whatever method the plan has for a module knows its cheapest set: a table its least
//! assignment, a diagram its cheapest path; and where few keys are shared each assignment of them leaves
//! a tree (`conditions`). Only for the rest a branch and bound is made on the linear relaxation
//! (`cover`), as far as the budget reaches.

mod cover;
mod relaxation;
mod tally;

use super::budget::Work;
use super::conditions;
use super::modules::Input;
use super::plan::{Method, Part, Plan};
use super::policy::{Dense, Policy};
use cover::cover;
use tally::Tally;

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

impl Cheapest {
    /// These variables, than which nothing is cheaper.
    pub fn proved(mut members: Vec<usize>, costs: &[u64]) -> Self {
        members.sort_unstable();
        let cost = members.iter().filter_map(|&member| costs.get(member)).sum();
        Self { members, cost, lower: cost }
    }
}

/// The smallest set of keys that makes the plan's policy true, module by module.
pub(super) fn fewest(plan: &Plan, work: &Work) -> Cheapest {
    let mut found: Dense<Cheapest> = Dense(Vec::with_capacity(plan.parts.len()));
    let mut left = plan.parts.iter().filter(|part| part.module.single_gate().is_none()).count();
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
        let share = 1.0 / left.max(1) as f64;
        let best = work.part(share, |work| {
            let mut best = of_part(part, &upper, work);
            if lower != upper {
                best.lower = of_part(part, &lower, work).lower;
            }
            best
        });
        left -= usize::from(part.module.single_gate().is_none());
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

fn of_part(part: &Part, costs: &[u64], work: &Work) -> Cheapest {
    let policy = &part.module.policy;
    let known = match (&part.method, part.module.single_gate()) {
        (_, Some(gate)) => {
            let cost = |&child: &usize| (costs.get(child).copied().unwrap_or(0), child);
            let mut order: Vec<(u64, usize)> = gate.children.iter().map(cost).collect();
            order.sort_unstable();
            let members = order.into_iter().take(gate.threshold).map(|entry| entry.1).collect();
            Some(Cheapest::proved(members, costs))
        }
        (Method::Table(table), _) => table.cheapest(costs, work),
        (Method::Diagram(Some(diagram)), _) => Some(diagram.cheapest(costs)),
        _ => None,
    };
    known
        .or_else(|| conditions::cheapest(policy, costs, work))
        .unwrap_or_else(|| by_search(policy, costs, work))
}

/// What nothing else answers: between two bounds, if the budget ends.
fn by_search(policy: &Policy, costs: &[u64], work: &Work) -> Cheapest {
    cover(policy, costs, first(policy, costs, work), work)
}

/// Units of the costs that accounts pay in parts, rounded down so that a bound never rounds up.
const UNIT: u64 = 1 << 24;

/// Units of work for each child to have that bound and set.
const FIRST_PRICE: u64 = 20;

/// A bound, and a set to begin with: everything that several accounts use costs each of them an equal
/// part, which makes the accounts independent. No true choice is cheaper.
fn first(policy: &Policy, costs: &[u64], work: &Work) -> Cheapest {
    let mut parents = Dense::new(0_u64, policy.nodes());
    for gate in &policy.gates {
        gate.children.iter().for_each(|&child| parents[child] += 1);
    }
    let mut parts: Dense<u64> = costs.iter().map(|cost| cost * UNIT).collect();
    let mut chosen: Dense<Vec<usize>> = Dense(Vec::new());
    for gate in &policy.gates {
        let part = |&child: &usize| (parts[child] / parents[child].max(1), child);
        let mut order: Vec<(u64, usize)> = gate.children.iter().map(part).collect();
        order.sort_unstable();
        order.truncate(gate.threshold);
        parts.0.push(order.iter().map(|entry| entry.0).sum());
        chosen.0.push(order.into_iter().map(|entry| entry.1).collect());
    }
    let root = policy.root();
    let mut held = Dense::new(false, policy.nodes());
    held[root] = true;
    for (children, node) in chosen.iter().zip(policy.inputs..policy.nodes()).rev() {
        if held[node] {
            children.iter().for_each(|&child| held[child] = true);
        }
    }
    let mut taken: Vec<(usize, usize)> =
        (0..policy.inputs).filter(|&input| held[input]).map(|input| (input, 1)).collect();
    let mut tally = Tally::new(policy);
    taken.iter().for_each(|&(input, count)| tally.add(input, count));
    tally.spare(&mut taken);
    work.add(tally.price() + FIRST_PRICE * policy.edges());
    let members = taken.into_iter().filter(|entry| entry.1 > 0).map(|entry| entry.0).collect();
    let found = Cheapest::proved(members, costs);
    Cheapest { lower: parts[root].div_ceil(UNIT).min(found.cost), ..found }
}

#[cfg(test)]
mod tests {
    use super::super::Budget;
    use super::super::diagram::Diagram;
    use super::super::dice::Dice;
    use super::super::policy::Gate;
    use super::super::table::Table;
    use super::*;

    impl Dice {
        /// `count` of the first so many, in order.
        fn some(&mut self, count: usize, of: usize) -> Vec<usize> {
            let mut all: Vec<usize> = (0..of).collect();
            let mut some: Vec<usize> =
                (0..count).map(|_| all.swap_remove(self.below(all.len()))).collect();
            some.sort_unstable();
            some
        }

        /// Gates that each draw on anything before them; the last on all gates nobody uses yet.
        fn policy(&mut self, inputs: usize, gates: usize) -> Policy {
            let mut policy = Policy { inputs, gates: Vec::new() };
            let mut unused: Vec<usize> = Vec::new();
            for _ in 0..gates {
                let nodes = policy.nodes();
                let count = 2 + self.below(5.min(nodes - 1));
                let children = self.some(count, nodes);
                unused.retain(|node| !children.contains(node));
                unused.push(nodes);
                policy.gates.push(Gate { threshold: 1 + self.below(children.len()), children });
            }
            let more = self.some(2, inputs);
            unused.extend(more);
            unused.sort_unstable();
            policy.gates.push(Gate { threshold: 1 + self.below(unused.len()), children: unused });
            policy
        }
    }

    fn by_trying(policy: &Policy, costs: &[u64]) -> u64 {
        let of = |set: usize| -> (Vec<bool>, u64) {
            let held: Vec<bool> = (0..policy.inputs).map(|bit| set >> bit & 1 == 1).collect();
            let cost = held.iter().zip(costs).filter(|(held, _)| **held).map(|(_, cost)| cost);
            let cost = cost.sum();
            (held, cost)
        };
        let sets = (0..1 << policy.inputs).map(of);
        sets.filter(|(held, _)| policy.value(held)).map(|(_, cost)| cost).min().unwrap()
    }

    fn proves(policy: &Policy, costs: &[u64], found: &Cheapest) {
        let held: Vec<bool> = (0..policy.inputs).map(|key| found.members.contains(&key)).collect();
        assert!(policy.value(&held), "{policy:?}");
        let cost: u64 = found.members.iter().filter_map(|&member| costs.get(member)).sum();
        assert_eq!(found.cost, cost);
        assert_eq!((found.lower, found.cost), (cost, cost), "{policy:?} {costs:?}");
    }

    #[test]
    fn the_least_cost_is_found_and_proved_by_every_method() {
        let mut dice = Dice(5);
        let (mut by_conditions, mut by_table) = (0, 0);
        for round in 0..400 {
            let inputs = 4 + dice.below(9);
            let gates = 2 + dice.below(9);
            let policy = dice.policy(inputs, gates);
            let costs: Vec<u64> = match round % 3 {
                0 => (0..inputs).map(|_| 1 + dice.below(9) as u64).collect(),
                _ => vec![1; inputs],
            };
            let least = by_trying(&policy, &costs);
            let work = &Work::new(Budget { work: u64::MAX, ..Budget::default() });
            // without the help of a first bound, too
            let all: Vec<usize> = (0..inputs).collect();
            let start = Cheapest { members: all, cost: costs.iter().sum(), lower: 0 };
            let mut found = vec![
                cover(&policy, &costs, start, work),
                by_search(&policy, &costs, work),
                Diagram::of(&policy, work).unwrap().cheapest(&costs),
                conditions::cheapest(&policy, &costs, work).unwrap(),
            ];
            by_conditions += 1;
            if let Some(table) = Table::of(&policy, work) {
                by_table += 1;
                found.push(table.cheapest(&costs, work).unwrap());
            }
            for found in found {
                proves(&policy, &costs, &found);
                assert_eq!(found.cost, least, "{policy:?} {costs:?}");
            }
        }
        assert_eq!((by_conditions, by_table), (400, 400));
    }

    /// With whatever budget: what is said to be a set is one, and the least cost is no less than what is
    /// said to be proved.
    #[test]
    fn a_small_budget_gives_an_interval_that_holds() {
        let mut dice = Dice(9);
        let (mut open, mut closed) = (0, 0);
        for round in 0..400 {
            let inputs = 6 + dice.below(8);
            let gates = 3 + dice.below(12);
            let policy = dice.policy(inputs, gates);
            let costs: Vec<u64> =
                (0..inputs).map(|_| 1 + dice.below(1 + round % 4) as u64).collect();
            let least = by_trying(&policy, &costs);
            for work in [0, 100, 1_000, 5_000, 20_000] {
                let work = &Work::new(Budget { work, ..Budget::default() });
                let found = by_search(&policy, &costs, work);
                let held: Vec<bool> = (0..inputs).map(|key| found.members.contains(&key)).collect();
                assert!(policy.value(&held), "{policy:?}");
                assert!(
                    found.lower <= least && least <= found.cost,
                    "{found:?} {least} {policy:?}"
                );
                if found.lower < found.cost { open += 1 } else { closed += 1 }
            }
        }
        assert!(open > 100 && closed > 100, "{open} {closed}");
    }

    #[test]
    fn keys_that_are_alike_are_cases_of_their_number() {
        // twelve keys in each of five accounts, and two of its own: 2^12 choices are 13 cases
        let shared = 12;
        let inputs = shared + 10;
        let account = |account: usize| Gate {
            threshold: 8,
            children: (0..shared).chain([shared + 2 * account, shared + 2 * account + 1]).collect(),
        };
        let mut gates: Vec<Gate> = (0..5).map(account).collect();
        gates.push(Gate { threshold: 3, children: (inputs..inputs + 5).collect() });
        let policy = Policy { inputs, gates };
        let mut costs = vec![1; inputs];
        let work = |work| Work::new(Budget { work, ..Budget::default() });
        let found = conditions::cheapest(&policy, &costs, &work(100_000)).unwrap();
        assert_eq!((found.cost, found.lower), (8, 8));
        // dear shared keys: three accounts each with both of their own, and six of the others
        costs.iter_mut().take(shared).for_each(|cost| *cost = 10);
        let found = conditions::cheapest(&policy, &costs, &work(100_000)).unwrap();
        assert_eq!((found.cost, found.lower), (66, 66));
        // unlike ones are too many for so little work
        costs.iter_mut().enumerate().for_each(|(key, cost)| *cost = 100 + key as u64);
        assert!(conditions::cheapest(&policy, &costs, &work(100_000)).is_none());
    }

    /// Thirteen of 25 accounts of 13 of 25 keys, drawn from so many.
    fn two_levels(dice: &mut Dice, keys: usize) -> Policy {
        let mut gates: Vec<Gate> =
            (0..25).map(|_| Gate { threshold: 13, children: dice.some(25, keys) }).collect();
        gates.push(Gate { threshold: 13, children: (keys..keys + 25).collect() });
        Policy { inputs: keys, gates }
    }

    #[test]
    fn many_shared_keys_are_proved_and_a_short_search_says_what_it_proved() {
        let mut dice = Dice(8);
        let policy = two_levels(&mut dice, 35);
        let whole = by_search(&policy, &[1; 35], &Work::new(Budget::default()));
        proves(&policy, &[1; 35], &whole);
        let wide = two_levels(&mut dice, 60);
        let mut lower = 0;
        for work in [1, 200_000, 4_000_000] {
            let short = Work::new(Budget { work, ..Budget::default() });
            let found = by_search(&wide, &[1; 60], &short);
            assert!(found.lower >= lower && found.lower < found.cost, "{found:?}");
            lower = found.lower;
        }
        assert!(lower > 13, "{lower}");
        let stopped = std::sync::atomic::AtomicBool::new(true);
        let stop = Some(&*Box::leak(Box::new(stopped)));
        let found = by_search(&policy, &[1; 35], &Work::new(Budget { stop, ..Budget::default() }));
        assert!(found.lower < found.cost);
    }
}

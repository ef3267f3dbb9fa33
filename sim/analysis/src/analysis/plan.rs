//! Which method solves which module, and how the modules' answers make the whole.

use num_bigint::BigUint;

use super::budget::Work;
use super::gate::{self, Effect};
use super::modules::{Input, Module, modules};
use super::policy::{Dense, Policy};
use super::scaled::{Chance, Scaled};
use super::table::Table;
use super::{conditions, diagram};

/// How one module is solved.
pub(super) enum Method {
    /// A single gate: its variables are independent.
    Gate,
    /// Few shared variables: a tree for each of their assignments.
    Conditions(conditions::Tree),
    /// At most 28 variables: a truth table.
    Table(Table),
    /// Anything else: a decision diagram, where the budget allows one.
    Diagram(Option<diagram::Diagram>),
}

/// A policy made ready: its modules, each with its method.
pub(super) struct Plan {
    pub policy: Policy,
    pub parts: Vec<Part>,
}

/// A module and its method.
pub(super) struct Part {
    pub module: Module,
    pub method: Method,
}

/// A probability, or what it lies between, and what each key does to it.
pub(super) struct Solved {
    pub low: Chance,
    pub high: Chance,
    /// Birnbaum importance of each variable, where the probability is exact.
    pub birnbaum: Option<Dense<Scaled>>,
    /// Probability that the others complete a minimal set around each variable, where it is exact.
    pub complete: Option<Dense<Scaled>>,
}

impl Plan {
    /// Chooses and prepares the method of each module.
    pub fn new(policy: Policy, work: &Work) -> Self {
        let mut plan = Self::bare(policy);
        plan.prepare(work);
        plan
    }

    /// Prepares the method of each module that has none yet. Returns whether there was any.
    pub fn prepare(&mut self, work: &Work) -> bool {
        let is_open = |part: &&mut Part| matches!(part.method, Method::Diagram(None));
        let open: Vec<&mut Part> = self.parts.iter_mut().filter(is_open).collect();
        let count = open.len();
        for (place, part) in open.into_iter().enumerate() {
            let share = 1.0 / (count - place) as f64;
            part.method = work.part(share, |work| method_of(&part.module, work));
        }
        count > 0
    }

    /// The modules alone, for the fewest keys; nothing else can be asked of it.
    pub fn bare(policy: Policy) -> Self {
        let method = |module: &Module| match module.single_gate() {
            Some(_) => Method::Gate,
            None => Method::Diagram(None),
        };
        let part = |module| Part { method: method(&module), module };
        let parts = modules(&policy).into_iter().map(part).collect();
        Self { policy, parts }
    }

    /// The plan of the dual, without preparing it anew.
    pub fn dual(&self) -> Self {
        let parts = self.parts.iter().map(|part| {
            let policy = part.module.policy.dual();
            let method = match &part.method {
                Method::Gate => Method::Gate,
                Method::Conditions(tree) => Method::Conditions(tree.dual()),
                Method::Table(table) => Method::Table(table.dual()),
                Method::Diagram(diagram) => Method::Diagram(diagram.as_ref().map(|one| one.dual())),
            };
            Part { module: Module { policy, inputs: part.module.inputs.clone() }, method }
        });
        Self { policy: self.policy.dual(), parts: parts.collect() }
    }

    /// The probability of the policy, given those of its keys.
    pub fn solve(&self, chances: &[Chance], work: &Work) -> Solved {
        let Some((effects, low, high)) = self.effects(chances, work) else {
            let lone = chances.first().copied().unwrap_or(Chance::new(0.0));
            let one = Some(Dense::new(Scaled::ONE, self.policy.inputs));
            return Solved { low: lone, high: lone, birnbaum: one.clone(), complete: one };
        };
        let exact: Option<Vec<Effect>> = effects.into_iter().collect();
        let exact = exact.as_ref();
        let birnbaum = exact.and_then(|all| self.spread(all, |effect| effect.birnbaum.as_ref()));
        let complete = exact.and_then(|all| self.spread(all, |effect| effect.complete.as_ref()));
        Solved { low, high, birnbaum, complete }
    }

    /// Each module's effect from below, where exact, and the bounds of the last.
    fn effects(
        &self,
        chances: &[Chance],
        work: &Work,
    ) -> Option<(Vec<Option<Effect>>, Chance, Chance)> {
        let mut bounds: Dense<(Chance, Chance)> = Dense(Vec::with_capacity(self.parts.len()));
        let mut effects = Vec::with_capacity(self.parts.len());
        let chances = Dense(chances.to_vec());
        for part in &self.parts {
            let inputs = || part.module.inputs.iter();
            let of = |input: &Input| match *input {
                Input::Key(key) => (chances[key], chances[key]),
                Input::Module(module) => bounds[module],
            };
            let low: Vec<Chance> = inputs().map(|input| of(input).0).collect();
            let high: Vec<Chance> = inputs().map(|input| of(input).1).collect();
            let (least, effect) = part.effect(&low, work);
            if low == high {
                bounds.0.push(least);
                effects.push(effect);
            } else {
                bounds.0.push((least.0, part.effect(&high, work).0.1));
                effects.push(None);
            }
        }
        bounds.0.last().map(|&(low, high)| (effects, low, high))
    }

    /// The chain rule from the top down: what a key does to the whole is what it does to its module
    /// times what that does to the whole.
    fn spread(
        &self,
        effects: &[Effect],
        of: impl Fn(&Effect) -> Option<&Dense<Scaled>>,
    ) -> Option<Dense<Scaled>> {
        let mut keys = Dense::new(Scaled::ZERO, self.policy.inputs);
        let mut above = Dense::new(Scaled::ONE, self.parts.len());
        for ((place, part), effect) in self.parts.iter().enumerate().zip(effects).rev() {
            for (input, &factor) in part.module.inputs.iter().zip(of(effect)?.iter()) {
                let share = above[place].times(factor);
                match *input {
                    Input::Key(key) => keys[key] = share,
                    Input::Module(module) => above[module] = share,
                }
            }
        }
        Some(keys)
    }

    /// How many minimal sets there are; `None` where the budget does not allow counting them.
    pub fn count(&self, work: &Work) -> Option<BigUint> {
        let one = BigUint::from(1_u8);
        let mut counts: Dense<BigUint> = Dense(Vec::with_capacity(self.parts.len()));
        for part in &self.parts {
            let inputs = part.module.inputs.iter().map(|input| match *input {
                Input::Key(_) => one.clone(),
                Input::Module(module) => counts[module].clone(),
            });
            let numbers: Vec<BigUint> = inputs.collect();
            counts.0.push(part.count(&numbers, work)?);
        }
        Some(counts.0.pop().unwrap_or(one))
    }
}

impl Part {
    fn effect(&self, chances: &[Chance], work: &Work) -> ((Chance, Chance), Option<Effect>) {
        match self.exact(chances, work) {
            Some(effect) => ((effect.chance, effect.chance), Some(effect)),
            None => (diagram::bounds(&self.module.policy, chances, work), None),
        }
    }

    fn exact(&self, chances: &[Chance], work: &Work) -> Option<Effect> {
        match (&self.method, self.module.single_gate()) {
            (_, Some(gate)) => {
                let children: Vec<Chance> =
                    gate.children.iter().filter_map(|&child| chances.get(child).copied()).collect();
                let mut effect = gate::effect(gate.threshold, &children);
                effect.birnbaum.iter_mut().for_each(|values| reorder(values, &gate.children));
                effect.complete.iter_mut().for_each(|values| reorder(values, &gate.children));
                Some(effect)
            }
            (Method::Table(table), _) => table.effect(chances, work),
            (Method::Conditions(tree), _) => {
                let effect = tree.effect(chances, work)?;
                let policy = &self.module.policy;
                let diagram = work.part(BESIDE_PART, |work| diagram::Diagram::of(policy, work));
                let complete = diagram.and_then(|diagram| {
                    work.part(BESIDE_PART, |work| diagram.complete(chances, work))
                });
                Some(Effect { complete, ..effect })
            }
            (Method::Diagram(Some(diagram)), _) => diagram.effect(chances, work),
            _ => None,
        }
    }

    fn count(&self, numbers: &[BigUint], work: &Work) -> Option<BigUint> {
        match (&self.method, self.module.single_gate()) {
            (_, Some(gate)) => Some(gate::combinations(gate.threshold, numbers)),
            (Method::Table(table), _) => table.minimal().weighted_count(numbers, work),
            (Method::Conditions(tree), _) => tree.count(numbers, work),
            (Method::Diagram(Some(diagram)), _) => diagram.count(numbers, work),
            _ => None,
        }
    }
}

/// The part of the work left for a diagram that only tells what completes minimal sets, and for that.
const BESIDE_PART: f64 = 0.3;

/// From the order of a gate's children to that of the variables.
fn reorder(values: &mut Dense<Scaled>, children: &[usize]) {
    let mut sorted = values.clone();
    for (&child, &value) in children.iter().zip(values.iter()) {
        sorted[child] = value;
    }
    *values = sorted;
}

fn method_of(module: &Module, work: &Work) -> Method {
    if let Some(table) = Table::of(&module.policy, work) {
        return Method::Table(table);
    }
    if let Some(tree) = conditions::Tree::of(&module.policy) {
        return Method::Conditions(tree);
    }
    Method::Diagram(diagram::Diagram::of(&module.policy, work))
}

#[cfg(test)]
mod tests {
    use super::super::Budget;
    use super::super::dice::Dice;
    use super::super::policy::Gate;
    use super::super::sets::KeySet;
    use super::*;

    impl Dice {
        /// A probability for each input.
        fn odds(&mut self, inputs: usize) -> (Vec<f64>, Vec<Chance>) {
            let odds: Vec<f64> = (0..inputs).map(|_| self.below(1000) as f64 / 1000.0).collect();
            let chances = odds.iter().copied().map(Chance::new).collect();
            (odds, chances)
        }
    }

    /// A policy whose gates draw on all before them; every node is used.
    fn random_policy(dice: &mut Dice, inputs: usize, gates: usize) -> Policy {
        let mut policy = Policy { inputs, gates: Vec::new() };
        let mut unused: Vec<usize> = (0..inputs).collect();
        for last in (0..gates).rev() {
            let mut children: Vec<usize> = Vec::new();
            let take = if last == 0 { unused.len() } else { 1 + dice.below(3.min(unused.len())) };
            for _ in 0..take {
                children.push(unused.swap_remove(dice.below(unused.len())));
            }
            for _ in 0..dice.below(3) {
                let child = dice.below(policy.nodes());
                if !children.contains(&child) {
                    children.push(child);
                }
            }
            unused.push(policy.nodes());
            policy.gates.push(Gate { threshold: 1 + dice.below(children.len()), children });
        }
        policy
    }

    /// By trying all assignments: probability, Birnbaum, completion, count of minimal sets.
    fn by_trying(
        policy: &Policy,
        odds: &[f64],
        numbers: &[BigUint],
    ) -> (f64, Vec<f64>, Vec<f64>, BigUint) {
        let count = policy.inputs;
        let bits = |set: usize| (0..count).map(|bit| set >> bit & 1 == 1).collect::<Vec<bool>>();
        let value: Vec<bool> = (0..1 << count).map(|set| policy.value(&bits(set))).collect();
        let weight = |set: usize, except: usize| -> f64 {
            let factor = |bit: usize| if set >> bit & 1 == 1 { odds[bit] } else { 1.0 - odds[bit] };
            (0..count).filter(|&bit| bit != except).map(factor).product()
        };
        let minimal = |set: &usize| {
            value[*set] && (0..count).all(|bit| set >> bit & 1 == 0 || !value[set & !(1 << bit)])
        };
        let sets: Vec<usize> = (0..1 << count).filter(minimal).collect();
        let all = |bit: usize, test: &dyn Fn(usize) -> bool| -> f64 {
            (0..1_usize << count)
                .filter(|set| set >> bit & 1 == 0 && test(*set))
                .map(|set| weight(set, bit))
                .sum()
        };
        let birnbaum = (0..count).map(|bit| all(bit, &|set| value[set | 1 << bit] && !value[set]));
        let completes = |bit: usize, set: usize| {
            sets.iter().any(|least| least >> bit & 1 == 1 && least & !(set | 1 << bit) == 0)
        };
        let complete = (0..count).map(|bit| all(bit, &|set| completes(bit, set)));
        let product = |set: &usize| -> BigUint {
            (0..count).filter(|bit| set >> bit & 1 == 1).map(|bit| &numbers[bit]).product()
        };
        let total = (0..1 << count).filter(|&set| value[set]).map(|set| weight(set, count)).sum();
        (total, birnbaum.collect(), complete.collect(), sets.iter().map(product).sum())
    }

    fn close(one: Scaled, other: f64) -> bool {
        (one.to_f64() - other).abs() <= 1e-11 * other.max(1e-3)
    }

    fn all_close(one: &Dense<Scaled>, other: &[f64]) -> bool {
        one.len() == other.len() && one.iter().zip(other).all(|(&one, &other)| close(one, other))
    }

    #[test]
    fn every_method_agrees_with_trying_all_assignments() {
        let mut dice = Dice(1);
        let work = &Work::new(Budget { work: u64::MAX, ..Budget::default() });
        let mut by_conditions = 0;
        for round in 0..150 {
            let inputs = 2 + dice.below(8);
            let policy = random_policy(&mut dice, inputs, 1 + round % 6);
            let (odds, chances) = dice.odds(inputs);
            let numbers: Vec<BigUint> =
                (0..inputs).map(|_| BigUint::from(1 + dice.below(3))).collect();
            let (total, birnbaum, complete, count) = by_trying(&policy, &odds, &numbers);
            let table = Table::of(&policy, work).unwrap();
            let diagram = diagram::Diagram::of(&policy, work).unwrap();
            let mut effects = vec![
                table.effect(&chances, work).unwrap(),
                diagram.effect(&chances, work).unwrap(),
            ];
            assert_eq!(
                table.minimal().weighted_count(&numbers, work).unwrap(),
                count,
                "{policy:?}"
            );
            assert_eq!(diagram.count(&numbers, work).unwrap(), count, "{policy:?}");
            if let Some(tree) = conditions::Tree::of(&policy) {
                by_conditions += 1;
                effects.push(tree.effect(&chances, work).unwrap());
                assert_eq!(tree.count(&numbers, work).unwrap(), count, "{policy:?}");
            }
            for effect in effects {
                assert!(close(effect.chance.yes, total) && close(effect.chance.no, 1.0 - total));
                assert!(all_close(&effect.birnbaum.unwrap(), &birnbaum), "{policy:?}");
                assert!(
                    effect.complete.is_none_or(|found| all_close(&found, &complete)),
                    "{policy:?}"
                );
            }
            let (low, high) = diagram::bounds(&policy, &chances, work);
            assert!(low.yes.to_f64() <= total && total <= high.yes.to_f64() + 1e-15);
        }
        assert!(by_conditions > 100);
    }

    #[test]
    fn a_diagram_of_many_gates_at_once_agrees_or_is_refused() {
        let mut dice = Dice(3);
        let work = &Work::new(Budget { work: u64::MAX, ..Budget::default() });
        let mut refused = 0;
        for round in 0..30 {
            let inputs = 6 + dice.below(4);
            let policy = random_policy(&mut dice, inputs, 20 + round * 14);
            let (odds, chances) = dice.odds(inputs);
            let Some(diagram) = diagram::Diagram::of(&policy, work) else {
                refused += 1;
                continue;
            };
            let effect = diagram.effect(&chances, work).unwrap();
            let (total, birnbaum, _, _) = by_trying(&policy, &odds, &vec![BigUint::ZERO; inputs]);
            assert!(close(effect.chance.yes, total), "{policy:?}");
            assert!(effect.birnbaum.is_none_or(|found| all_close(&found, &birnbaum)), "{policy:?}");
        }
        assert!((1..25).contains(&refused), "{refused}");
    }

    #[test]
    fn a_diagram_of_many_levels_needs_no_large_stack() {
        // a chain of accounts, each of which shares a key with the next
        let keys = 1_900;
        let pair = |key: usize| Gate { threshold: 1, children: vec![key, key + 1] };
        let mut gates: Vec<Gate> = (0..keys - 1).map(pair).collect();
        gates.push(Gate { threshold: keys - 1, children: (keys..2 * keys - 1).collect() });
        let policy = Policy { inputs: keys, gates };
        let small = || {
            let work = &Work::new(Budget::default());
            let diagram = diagram::Diagram::of(&policy, work).unwrap();
            let chances = vec![Chance::new(0.999); keys];
            let chance = diagram.effect(&chances, work).unwrap().chance;
            let short = Work::new(Budget { work: 50_000_000, ..Budget::default() });
            let count = diagram.count(&vec![BigUint::from(1_u8); keys], &short);
            (chance, count)
        };
        // as large as that of a worker
        let (chance, count) = std::thread::scope(|scope| {
            let builder = std::thread::Builder::new().stack_size(2 << 20);
            builder.spawn_scoped(scope, small).unwrap().join().unwrap()
        });
        assert!(chance.yes.to_f64() > 0.99 && chance.yes.to_f64() < 1.0);
        // counting may give up on so many, but not by a fall
        assert!(count.is_none_or(|count| count > BigUint::from(u128::MAX)));
    }

    #[test]
    fn the_whole_agrees_with_trying_all_assignments_also_in_the_dual() {
        let mut dice = Dice(2);
        for round in 0..150 {
            let inputs = 1 + dice.below(9);
            let policy = random_policy(&mut dice, inputs, 1 + round % 7);
            let (odds, chances) = dice.odds(inputs);
            let numbers = vec![BigUint::from(1_u8); inputs];
            let work = &Work::new(Budget { work: u64::MAX, ..Budget::default() });
            let plan = Plan::new(policy.clone(), work);
            for (policy, plan) in [(policy.dual(), plan.dual()), (policy, plan)] {
                let (total, birnbaum, complete, count) = by_trying(&policy, &odds, &numbers);
                let solved = plan.solve(&chances, work);
                assert!(close(solved.low.yes, total) && solved.low == solved.high);
                assert!(all_close(&solved.birnbaum.unwrap(), &birnbaum));
                assert!(all_close(&solved.complete.unwrap(), &complete));
                assert_eq!(plan.count(work).unwrap(), count);
                let sets = super::super::listing::minimal_sets(&plan, 1000, work).unwrap();
                assert_eq!(BigUint::from(sets.len()), count);
                let fewest = super::super::signatures::fewest(&plan, work);
                assert_eq!(fewest.cost, fewest.lower);
                assert_eq!(sets.iter().map(KeySet::len).min(), Some(fewest.cost as usize));
                let members: Vec<Vec<usize>> =
                    sets.iter().map(|set| set.members().collect()).collect();
                for most in [1, 2, 5, 1000] {
                    let first = super::super::listing::first_sets(&plan, most, work).unwrap();
                    assert_eq!(first, members[..most.min(members.len())], "{policy:?}");
                }
                assert_eq!(fewest.members.len() as u64, fewest.cost);
                let held: Vec<bool> =
                    (0..inputs).map(|key| fewest.members.contains(&key)).collect();
                assert!(policy.value(&held));
            }
        }
    }
}

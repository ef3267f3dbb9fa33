//! Which method solves which module, and how the modules' answers make the whole.

use num_bigint::BigUint;

use super::gate::{self, Effect};
use super::modules::{Input, Module, modules};
use super::policy::{Dense, Policy};
use super::scaled::{Chance, Scaled};
use super::table::{INPUTS_MAX, Table};
use super::{Budget, conditions, diagram};

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
    pub fn new(policy: Policy, budget: &Budget) -> Self {
        let part = |module: Module| Part { method: method_of(&module, budget), module };
        let parts = modules(&policy).into_iter().map(part).collect();
        Self { policy, parts }
    }

    /// The plan of the dual, without preparing it anew.
    pub fn dual(&self) -> Self {
        let parts = self.parts.iter().map(|part| {
            let policy = part.module.policy.dual();
            let method = match &part.method {
                Method::Gate => Method::Gate,
                Method::Conditions(_) => Method::Conditions(conditions::Tree::of(&policy)),
                Method::Table(table) => Method::Table(table.dual()),
                Method::Diagram(diagram) => Method::Diagram(diagram.as_ref().map(|one| one.dual())),
            };
            Part { module: Module { policy, inputs: part.module.inputs.clone() }, method }
        });
        Self { policy: self.policy.dual(), parts: parts.collect() }
    }

    /// The probability of the policy, given those of its keys.
    pub fn solve(&self, chances: &[Chance], budget: &Budget) -> Solved {
        let Some((effects, low, high)) = self.effects(chances, budget) else {
            let lone = chances.first().copied().unwrap_or(Chance::new(0.0));
            let one = Some(Dense::new(Scaled::ONE, self.policy.inputs));
            return Solved { low: lone, high: lone, birnbaum: one.clone(), complete: one };
        };
        let exact: Option<Vec<Effect>> = effects.into_iter().collect();
        let birnbaum =
            exact.as_ref().map(|effects| self.spread(effects, |effect| &effect.birnbaum));
        let complete =
            exact.as_ref().map(|effects| self.spread(effects, |effect| &effect.complete));
        Solved { low, high, birnbaum, complete }
    }

    /// Each module's effect from below, where exact, and the bounds of the last.
    #[expect(clippy::type_complexity, reason = "used once, right above")]
    fn effects(
        &self,
        chances: &[Chance],
        budget: &Budget,
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
            let (least, effect) = part.effect(&low, budget);
            if low == high {
                bounds.0.push(least);
                effects.push(effect);
            } else {
                bounds.0.push((least.0, part.effect(&high, budget).0.1));
                effects.push(None);
            }
        }
        bounds.0.last().map(|&(low, high)| (effects, low, high))
    }

    /// The chain rule from the top down: what a key does to the whole is what it does to its module
    /// times what that does to the whole.
    fn spread(&self, effects: &[Effect], of: impl Fn(&Effect) -> &Dense<Scaled>) -> Dense<Scaled> {
        let mut keys = Dense::new(Scaled::ZERO, self.policy.inputs);
        let mut above = Dense::new(Scaled::ONE, self.parts.len());
        for ((place, part), effect) in self.parts.iter().enumerate().zip(effects).rev() {
            for (input, &factor) in part.module.inputs.iter().zip(of(effect).iter()) {
                let share = above[place].times(factor);
                match *input {
                    Input::Key(key) => keys[key] = share,
                    Input::Module(module) => above[module] = share,
                }
            }
        }
        keys
    }

    /// How many minimal sets there are; `None` where the budget does not allow counting them.
    pub fn count(&self, budget: &Budget) -> Option<BigUint> {
        let one = BigUint::from(1_u8);
        let mut counts: Dense<BigUint> = Dense(Vec::with_capacity(self.parts.len()));
        for part in &self.parts {
            let inputs = part.module.inputs.iter().map(|input| match *input {
                Input::Key(_) => one.clone(),
                Input::Module(module) => counts[module].clone(),
            });
            let numbers: Vec<BigUint> = inputs.collect();
            counts.0.push(part.count(&numbers, budget)?);
        }
        Some(counts.0.pop().unwrap_or(one))
    }
}

impl Part {
    fn effect(&self, chances: &[Chance], budget: &Budget) -> ((Chance, Chance), Option<Effect>) {
        let effect = match (&self.method, self.module.single_gate()) {
            (_, Some(gate)) => {
                let children: Vec<Chance> =
                    gate.children.iter().filter_map(|&child| chances.get(child).copied()).collect();
                let mut effect = gate::effect(gate.threshold, &children);
                reorder(&mut effect.birnbaum, &gate.children);
                reorder(&mut effect.complete, &gate.children);
                effect
            }
            (Method::Table(table), _) => table.effect(chances),
            (Method::Conditions(tree), _) => tree.effect(chances),
            (Method::Diagram(Some(diagram)), _) => diagram.effect(chances),
            _ => return (diagram::bounds(&self.module.policy, chances, budget), None),
        };
        ((effect.chance, effect.chance), Some(effect))
    }

    fn count(&self, numbers: &[BigUint], budget: &Budget) -> Option<BigUint> {
        match (&self.method, self.module.single_gate()) {
            (_, Some(gate)) => Some(gate::combinations(gate.threshold, numbers)),
            (Method::Table(table), _) => Some(table.minimal().weighted_count(numbers)),
            (Method::Conditions(tree), _) => tree.count(numbers, budget),
            (Method::Diagram(Some(diagram)), _) => diagram.count(numbers, budget),
            _ => None,
        }
    }
}

/// From the order of a gate's children to that of the variables.
fn reorder(values: &mut Dense<Scaled>, children: &[usize]) {
    let mut sorted = values.clone();
    for (&child, &value) in children.iter().zip(values.iter()) {
        sorted[child] = value;
    }
    *values = sorted;
}

fn method_of(module: &Module, budget: &Budget) -> Method {
    if module.single_gate().is_some() {
        return Method::Gate;
    }
    let tree = conditions::Tree::of(&module.policy);
    if tree.is_cheaper_than_table() {
        return Method::Conditions(tree);
    }
    if module.policy.inputs <= INPUTS_MAX {
        return Method::Table(Table::of(&module.policy));
    }
    Method::Diagram(diagram::Diagram::of(&module.policy, budget))
}

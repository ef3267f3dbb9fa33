//! What a finished diagram tells.

use std::collections::HashMap;

use num_bigint::BigUint;

use super::super::budget::Work;
use super::super::gate::Effect;
use super::super::policy::Dense;
use super::super::scaled::{Chance, Number, Scaled, fits_f64};
use super::super::signatures::Cheapest;
use super::{Builder, Diagram, FALSE, Node, TRUE};

/// Above so many nodes minimal sets are neither counted nor completed: both build more diagrams.
const DERIVED_NODES_MAX: usize = 100_000;
/// Most pairs of functions that are looked at to count, and most new nodes for it.
const PAIRS_MAX: usize = 1_000_000;
/// Units of work for a result that is looked for in a map and put into it, and for a node that is
/// passed once.
const RESULT_PRICE: u64 = 150;
const PASS_PRICE: u64 = 60;
/// After one part in so many of the variables it is judged whether the rest is too much work.
const SAMPLE_PART: usize = 8;
/// The part of the latter for a probability alone.
const VALUE_PRICE: u64 = 20;

impl Diagram {
    /// The probability, and where the budget allows, the Birnbaum importances, and what completes a
    /// minimal set where the diagram is small enough; `None` where it does not even allow the first.
    pub fn effect(&self, chances: &[Chance], work: &Work) -> Option<Effect> {
        if fits_f64(chances) {
            self.effect_in::<f64>(chances, work)
        } else {
            self.effect_in::<Scaled>(chances, work)
        }
    }

    /// The cheapest set of variables: the cheapest path to true.
    pub fn cheapest(&self, costs: &[u64]) -> Cheapest {
        let cost = |level: u32| {
            let input = self.order.get(level as usize);
            input.and_then(|&input| costs.get(input)).copied().unwrap_or(0)
        };
        let mut least = Dense(vec![u64::MAX, 0]);
        for node in self.nodes.iter().skip(2) {
            let with = least[node.high as usize].saturating_add(cost(node.level));
            least.0.push(least[node.low as usize].min(with));
        }
        let (mut members, mut here) = (Vec::new(), self.root);
        while here > TRUE {
            let node = self.nodes[here as usize];
            let without = least[node.low as usize] == least[here as usize];
            here = if without { node.low } else { node.high };
            members.extend(self.order.get(node.level as usize).filter(|_| !without));
        }
        Cheapest::proved(members, costs)
    }

    fn effect_in<N: Number>(&self, chances: &[Chance], work: &Work) -> Option<Effect> {
        let levels: Dense<Chance<N>> = self.levels(chances);
        let values = self.values(&levels, work)?;
        let root = values[self.root as usize];
        let chance = Chance { yes: root.yes.to_scaled(), no: root.no.to_scaled() };
        let birnbaum = self.birnbaum(&levels, &values, work);
        Some(Effect { chance, birnbaum, complete: self.complete(chances, work) })
    }

    fn levels<N: Number>(&self, chances: &[Chance]) -> Dense<Chance<N>> {
        let never = Chance::new(0.0);
        let of = |&input: &usize| chances.get(input).copied().unwrap_or(never).map();
        self.order.iter().map(of).collect()
    }

    /// The probability of every node, from below.
    fn values<N: Number>(
        &self,
        levels: &Dense<Chance<N>>,
        work: &Work,
    ) -> Option<Dense<Chance<N>>> {
        let (never, always) = ((N::ZERO, N::ONE), (N::ONE, N::ZERO));
        let leaves = [never, always].map(|(yes, no)| Chance { yes, no });
        let mut values = Dense(leaves.to_vec());
        for node in self.nodes.iter().skip(2) {
            work.spend(VALUE_PRICE)?;
            let at = levels[node.level as usize];
            let (low, high) = (values[node.low as usize], values[node.high as usize]);
            values.0.push(Chance {
                yes: low.yes.mul(at.no).add(high.yes.mul(at.yes)),
                no: low.no.mul(at.no).add(high.no.mul(at.yes)),
            });
        }
        Some(values)
    }

    /// For each variable the probability of arriving at one of its nodes, times what its value
    /// changes there. `None` where too many digits cancel in that difference.
    fn birnbaum<N: Number>(
        &self,
        levels: &Dense<Chance<N>>,
        values: &Dense<Chance<N>>,
        work: &Work,
    ) -> Option<Dense<Scaled>> {
        let mut arrivals = Dense::new(N::ZERO, self.nodes.len());
        arrivals[self.root as usize] = N::ONE;
        let mut sums = Dense::new((N::ZERO, N::ZERO), self.order.len());
        for (index, node) in self.nodes.iter().enumerate().skip(2).rev() {
            work.spend(PASS_PRICE - VALUE_PRICE)?;
            let (arrival, at) = (arrivals[index], levels[node.level as usize]);
            if arrival == N::ZERO {
                continue;
            }
            let (low, high) = (node.low as usize, node.high as usize);
            arrivals[low] = arrivals[low].add(arrival.mul(at.no));
            arrivals[high] = arrivals[high].add(arrival.mul(at.yes));
            let (without, with) = (values[low], values[high]);
            // of the two equal differences the one of the smaller numbers loses fewer digits
            let (more, less) = match with.yes < without.no {
                true => (with.yes, without.yes),
                false => (without.no, with.no),
            };
            let (sum, doubt) = &mut sums[node.level as usize];
            if less < more {
                *sum = sum.add(arrival.mul(more.sub(less)));
            }
            *doubt = doubt.add(arrival.mul(more));
        }
        let rounding = Scaled::new(f64::EPSILON * 4.0 * self.order.len() as f64);
        let share = Scaled::new(1e-10);
        let mut birnbaum = Dense::new(Scaled::ZERO, self.order.len());
        for (&(sum, doubt), &input) in sums.iter().zip(&self.order) {
            let (sum, doubt) = (sum.to_scaled(), doubt.to_scaled());
            if sum.times(share) < doubt.times(rounding) {
                return None;
            }
            birnbaum[input] = sum;
        }
        Some(birnbaum)
    }

    /// For each variable the probability that the others complete a minimal set around it: the upward
    /// closure of where the variable decides.
    pub fn complete(&self, chances: &[Chance], work: &Work) -> Option<Dense<Scaled>> {
        if self.nodes.len() > DERIVED_NODES_MAX {
            return None;
        }
        work.spend(self.nodes.len() as u64 * PASS_PRICE)?;
        let levels: Dense<Chance<Scaled>> = self.levels(chances);
        let mut complete = Dense::new(Scaled::ZERO, self.order.len());
        let (start, left) = (work.used(), work.left().work);
        let mut builder = self.builder(work)?;
        let mut spent = 0;
        for (level, &input) in self.order.iter().enumerate() {
            let done = (work.used() - start).saturating_mul(self.order.len() as u64);
            let whole = done.checked_div(level as u64).unwrap_or(0);
            let is_known = level * SAMPLE_PART >= self.order.len();
            if spent > PAIRS_MAX || is_known && whole > left.saturating_mul(2) {
                return None;
            }
            if builder.nodes.len() > self.nodes.len() * 4 + 10_000 {
                work.spend(self.nodes.len() as u64 * PASS_PRICE)?;
                builder = self.builder(work)?;
            }
            let mut known = HashMap::new();
            let decides = builder.decides(self.root, level as u32, &mut known)?;
            spent += known.len();
            let mut known = HashMap::new();
            let closed = builder.close(decides, &mut known)?;
            spent += known.len();
            let mut known = HashMap::new();
            complete[input] = builder.probability(closed, &levels, &mut known)?;
        }
        Some(complete)
    }

    fn builder<'w>(&self, work: &'w Work) -> Option<Builder<'w>> {
        let mut builder = Builder::new(self.order.len(), work);
        builder.most = self.nodes.len() + PAIRS_MAX;
        builder.nodes = self.nodes.clone();
        while builder.nodes.len() * 2 > builder.places.len() {
            builder.places = Dense::new(0, builder.places.len() * 2);
        }
        builder.grow()?;
        Some(builder)
    }

    /// The sum over the minimal sets of the product of their variables' numbers; `None` where it
    /// takes too many steps.
    pub fn count(&self, numbers: &[BigUint], work: &Work) -> Option<BigUint> {
        if self.nodes.len() > DERIVED_NODES_MAX {
            return None;
        }
        work.spend(self.nodes.len() as u64 * PASS_PRICE)?;
        let numbers =
            self.order.iter().map(|&input| numbers.get(input).cloned().unwrap_or_default());
        let numbers: Dense<BigUint> = numbers.collect();
        let mut builder = self.builder(work)?;
        let mut known = HashMap::new();
        builder.minimal_outside(self.root, FALSE, &numbers, &mut known)
    }
}

impl Builder<'_> {
    /// Where the variable of this level decides, as a function of the others.
    fn decides(&mut self, function: u32, level: u32, known: &mut HashMap<u32, u32>) -> Option<u32> {
        let node = self.nodes[function as usize];
        if node.level > level {
            return Some(FALSE);
        }
        if let Some(&result) = known.get(&function) {
            return Some(result);
        }
        self.work.spend(RESULT_PRICE)?;
        let result = if node.level == level {
            self.difference(node.high, node.low)?
        } else {
            let low = self.decides(node.low, level, known)?;
            let high = self.decides(node.high, level, known)?;
            self.node(Node { low, high, ..node })?
        };
        known.insert(function, result);
        Some(result)
    }

    /// One but not the other.
    fn difference(&mut self, one: u32, other: u32) -> Option<u32> {
        // `if other then false else one`
        self.choose(other, FALSE, one)
    }

    /// True wherever it is for fewer variables.
    fn close(&mut self, function: u32, known: &mut HashMap<u32, u32>) -> Option<u32> {
        if function <= TRUE {
            return Some(function);
        }
        if let Some(&result) = known.get(&function) {
            return Some(result);
        }
        self.work.spend(RESULT_PRICE)?;
        let node = self.nodes[function as usize];
        let low = self.close(node.low, known)?;
        let high = self.close(node.high, known)?;
        let high = self.choose(low, TRUE, high)?;
        let result = self.node(Node { low, high, ..node })?;
        known.insert(function, result);
        Some(result)
    }

    fn probability(
        &self,
        function: u32,
        levels: &Dense<Chance<Scaled>>,
        known: &mut HashMap<u32, Scaled>,
    ) -> Option<Scaled> {
        match function {
            FALSE => return Some(Scaled::ZERO),
            TRUE => return Some(Scaled::ONE),
            _ => {}
        }
        if let Some(&value) = known.get(&function) {
            return Some(value);
        }
        self.work.spend(RESULT_PRICE)?;
        let node = self.nodes[function as usize];
        let at = levels[node.level as usize];
        let low = self.probability(node.low, levels, known)?.times(at.no);
        let value = low.plus(self.probability(node.high, levels, known)?.times(at.yes));
        known.insert(function, value);
        Some(value)
    }

    /// The minimal sets of `function` for which `outside` is false, each counted as the product of
    /// its variables' numbers. A set with the first variable must not do without it.
    fn minimal_outside(
        &mut self,
        function: u32,
        outside: u32,
        numbers: &Dense<BigUint>,
        known: &mut HashMap<(u32, u32), BigUint>,
    ) -> Option<BigUint> {
        match (function, outside) {
            (FALSE, _) | (_, TRUE) => return Some(BigUint::ZERO),
            (TRUE, _) => return Some(BigUint::from(1_u8)),
            _ if function == outside => return Some(BigUint::ZERO),
            _ => {}
        }
        if let Some(count) = known.get(&(function, outside)) {
            return Some(count.clone());
        }
        if known.len() >= PAIRS_MAX {
            return None;
        }
        self.work.spend(2 * RESULT_PRICE)?;
        let node = self.nodes[function as usize];
        let level = node.level.min(self.nodes[outside as usize].level);
        let (outside_low, outside_high) = self.split(outside, level);
        let count = if node.level > level {
            self.minimal_outside(function, outside_low, numbers, known)?
        } else {
            let without = self.minimal_outside(node.low, outside_low, numbers, known)?;
            let outside = self.choose(node.low, TRUE, outside_high)?;
            let with = self.minimal_outside(node.high, outside, numbers, known)?;
            without + &numbers[level as usize] * with
        };
        known.insert((function, outside), count.clone());
        Some(count)
    }
}

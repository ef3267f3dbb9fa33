//! The value of a policy while single variables come and go: a change costs what hangs on it, not the
//! whole policy.

use super::super::policy::{Dense, Policy};

/// A policy, and how many children of each gate are true.
pub(super) struct Tally<'a> {
    policy: &'a Policy,
    /// For each node the gates that use it.
    uses: Dense<Vec<usize>>,
    ready: Dense<usize>,
    /// Nodes whose change has still to reach the gates above.
    open: Vec<usize>,
    /// Gates reached since the last [`Tally::price`].
    reached: u64,
}

/// Units of work for a gate that a change reaches.
const REACH_PRICE: u64 = 3;

impl<'a> Tally<'a> {
    /// With all variables false.
    pub fn new(policy: &'a Policy) -> Self {
        let mut uses: Dense<Vec<usize>> = Dense::new(Vec::new(), policy.nodes());
        for (place, gate) in policy.gates.iter().enumerate() {
            gate.children.iter().for_each(|&child| uses[child].push(place));
        }
        let ready = Dense::new(0, policy.gates.len());
        Self { policy, uses, ready, open: Vec::new(), reached: 0 }
    }

    /// For each node the gates that use it.
    pub fn uses(&self) -> &Dense<Vec<usize>> {
        &self.uses
    }

    /// Makes all variables false again.
    pub fn clear(&mut self) {
        self.ready.0.fill(0);
        self.reached += self.ready.len() as u64;
    }

    /// Makes so many more variables true that have the parents of this one.
    pub fn add(&mut self, input: usize, count: usize) {
        self.change(input, count, |ready, threshold, count| {
            let before = *ready;
            *ready += count;
            before < threshold && *ready >= threshold
        });
    }

    /// Makes so many of them false again, which must be true.
    pub fn remove(&mut self, input: usize, count: usize) {
        self.change(input, count, |ready, threshold, count| {
            let before = *ready;
            *ready -= count.min(before);
            before >= threshold && *ready < threshold
        });
    }

    fn change(
        &mut self,
        input: usize,
        count: usize,
        flips: impl Fn(&mut usize, usize, usize) -> bool,
    ) {
        self.open.push(input);
        let mut count = count;
        while let Some(node) = self.open.pop() {
            self.reached += self.uses[node].len() as u64 + 1;
            for &place in &self.uses[node] {
                let threshold = self.policy.gates.get(place).map_or(0, |gate| gate.threshold);
                if flips(&mut self.ready[place], threshold, count) {
                    self.open.push(self.policy.inputs + place);
                }
            }
            // only the variables come in numbers; a gate is one
            count = 1;
        }
    }

    /// Takes back, from the last of these on, what the policy stays true without.
    pub fn spare(&mut self, taken: &mut [(usize, usize)]) {
        for (input, count) in taken.iter_mut().rev() {
            while *count > 0 {
                self.remove(*input, 1);
                if !self.is_true() {
                    self.add(*input, 1);
                    break;
                }
                *count -= 1;
            }
        }
    }

    /// The value of the policy.
    pub fn is_true(&self) -> bool {
        let last = self.policy.gates.last().zip(self.ready.iter().last());
        last.is_some_and(|(gate, &ready)| ready >= gate.threshold)
    }

    /// The units of work since this was last asked for.
    pub fn price(&mut self) -> u64 {
        std::mem::take(&mut self.reached) * REACH_PRICE
    }
}

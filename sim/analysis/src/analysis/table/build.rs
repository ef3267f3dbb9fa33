//! Making a table: a policy evaluated block by block.

use rayon::prelude::*;

use super::super::Budget;
use super::super::policy::{Dense, Gate, Policy};
use super::{TRUE_IN_WORD, WORD_INPUTS};

/// Variables inside a block of words that is evaluated at one go.
const BLOCK_INPUTS: usize = 12;
const BLOCK_WORDS: usize = 1 << (BLOCK_INPUTS - WORD_INPUTS);
type Block = [u64; BLOCK_WORDS];

/// Blocks that share what was found out about gates over keys alone.
const RUN_BLOCKS: usize = 1 << 9;

/// A node while some variables are fixed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    False,
    True,
    Open,
}

/// The values of a policy for all assignments; `None` where it is too late.
pub(super) fn words(policy: &Policy, budget: Budget) -> Option<Vec<u64>> {
    let variables = policy.inputs.max(WORD_INPUTS);
    let mut words = vec![0; 1 << (variables - WORD_INPUTS)];
    let runs = words.par_chunks_mut(RUN_BLOCKS * BLOCK_WORDS).enumerate();
    runs.for_each(|(run, words)| {
        if budget.is_late() {
            return;
        }
        let mut residue = Residue::of(policy);
        for (high, chunk) in (run * RUN_BLOCKS..).zip(words.chunks_mut(BLOCK_WORDS)) {
            let block = residue.block(policy, high);
            chunk.iter_mut().zip(block).for_each(|(word, &value)| *word = value);
        }
    });
    (!budget.is_late()).then_some(words)
}

/// Scratch for evaluating a policy block by block: within a block the higher variables are fixed, and
/// a gate they decide is not evaluated.
struct Residue {
    known: Dense<Known>,
    /// For each node the place of its values.
    places: Dense<usize>,
    /// Those of the nodes themselves come first.
    values: Dense<Block>,
    levels: Dense<Block>,
    /// For each gate over variables alone its place in `values` by how many more it needs: what it is
    /// depends on nothing else.
    found: Dense<Option<Dense<Option<usize>>>>,
}

impl Residue {
    fn of(policy: &Policy) -> Self {
        let widest = policy.gates.iter().map(|gate| gate.children.len()).max().unwrap_or(0);
        let mut values = Dense::new([0; BLOCK_WORDS], policy.nodes());
        for variable in 0..policy.inputs.min(BLOCK_INPUTS) {
            for (place, word) in values[variable].iter_mut().enumerate() {
                let of_place = place >> variable.saturating_sub(WORD_INPUTS) & 1 == 1;
                let in_place = if of_place { u64::MAX } else { 0 };
                *word = TRUE_IN_WORD.get(variable).copied().unwrap_or(in_place);
            }
        }
        let lowest = |gate: &Gate| {
            let lowest = gate.children.iter().all(|&child| child < policy.inputs);
            lowest.then(|| Dense::new(None, gate.threshold + 1))
        };
        Self {
            known: Dense::new(Known::Open, policy.nodes()),
            places: (0..policy.nodes()).collect(),
            values,
            levels: Dense::new([0; BLOCK_WORDS], widest + 2),
            found: policy.gates.iter().map(lowest).collect(),
        }
    }

    /// The values of the policy where the variables above the block have the bits of `high`.
    fn block(&mut self, policy: &Policy, high: usize) -> &Block {
        for variable in BLOCK_INPUTS..policy.inputs {
            let bit = high >> (variable - BLOCK_INPUTS) & 1 == 1;
            self.known[variable] = if bit { Known::True } else { Known::False };
        }
        for (place, (gate, node)) in policy.gates.iter().zip(policy.inputs..).enumerate() {
            let (mut ready, mut open) = (0, 0);
            for &child in &gate.children {
                ready += usize::from(self.known[child] == Known::True);
                open += usize::from(self.known[child] == Known::Open);
            }
            self.known[node] = match gate.threshold.checked_sub(ready) {
                None | Some(0) => Known::True,
                Some(missing) if missing > open => Known::False,
                Some(missing) => {
                    self.find(gate, missing, open, (place, node));
                    Known::Open
                }
            };
        }
        let root = policy.root();
        if self.known[root] != Known::Open {
            let word = if self.known[root] == Known::True { u64::MAX } else { 0 };
            self.places[root] = root;
            self.values[root] = [word; BLOCK_WORDS];
        }
        &self.values[self.places[root]]
    }

    /// Evaluates a gate, or remembers it.
    fn find(&mut self, gate: &Gate, missing: usize, open: usize, (place, node): (usize, usize)) {
        let known = self.found[place].as_ref().map(|found| found[missing]);
        self.places[node] = match known {
            None => node,
            Some(Some(found)) => {
                self.places[node] = found;
                return;
            }
            Some(None) => {
                self.values.0.push([0; BLOCK_WORDS]);
                self.values.len() - 1
            }
        };
        self.evaluate(gate, missing, open, node);
        if let Some(found) = &mut self.found[place] {
            found[missing] = Some(self.places[node]);
        }
    }

    /// `missing` of the `open` undecided children, by the smaller of the two ways to count: those
    /// that are true, or those that are not.
    fn evaluate(&mut self, gate: &Gate, missing: usize, open: usize, node: usize) {
        let negate = missing > open + 1 - missing;
        let wanted = if negate { open + 1 - missing } else { missing };
        let flip = if negate { u64::MAX } else { 0 };
        self.levels[0] = [u64::MAX; BLOCK_WORDS];
        self.levels.0.iter_mut().skip(1).take(wanted).for_each(|level| *level = [0; BLOCK_WORDS]);
        let undecided = gate.children.iter().filter(|&&child| self.known[child] == Known::Open);
        for (seen, &child) in undecided.enumerate() {
            let value = &self.values[self.places[child]];
            let least = (wanted + seen + 1).saturating_sub(open).max(1);
            for count in (least..=wanted.min(seen + 1)).rev() {
                let (lower, upper) = self.levels.0.split_at_mut(count);
                if let (Some(lower), Some(upper)) = (lower.last(), upper.first_mut()) {
                    for ((upper, lower), value) in upper.iter_mut().zip(lower).zip(value) {
                        *upper |= lower & (value ^ flip);
                    }
                }
            }
        }
        let place = self.places[node];
        for (result, level) in self.values[place].iter_mut().zip(&self.levels[wanted]) {
            *result = level ^ flip;
        }
    }
}

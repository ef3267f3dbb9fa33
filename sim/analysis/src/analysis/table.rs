//! Truth tables, 64 assignments a word: exact answers for any function of at most 28 variables.
//!
//! Assignment `a` is bit `a % 64` of word `a / 64`; variable `v` is bit `v` of `a`. What runs on
//! several threads is cut the same way on any number of them, so every digit is the same.

mod build;
mod effect;

use std::sync::OnceLock;

use num_bigint::BigUint;
use rayon::prelude::*;

use super::Budget;
use super::budget::Work;
use super::gate::Effect;
use super::policy::Policy;
use super::scaled::{Chance, Scaled, fits_f64};
use super::signatures::Cheapest;

/// Most variables a table is made for: 2^28 bits are 32 MiB.
const INPUTS_MAX: usize = 28;

/// Variables inside a word.
const WORD_INPUTS: usize = 6;

/// For each variable of a word the assignments in which it is true.
const TRUE_IN_WORD: [u64; WORD_INPUTS] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

/// Most variables inside a block of words, which stays in the nearest cache.
const BLOCK_INPUTS: usize = 17;
const BLOCK_WORDS: usize = 1 << (BLOCK_INPUTS - WORD_INPUTS);

/// Units of work for each word: to make a table, to look through it, and for all effects.
const BUILD_PRICE: u64 = 40;
const WORD_PRICE: u64 = 4;
const EFFECT_PRICE: u64 = 120;
/// Units of work for a large number that is added.
const SUM_PRICE: u64 = 30;

/// So many words are worth a list of all sets of assignments of four variables.
const WIDE_WORDS: usize = 1 << 12;

/// The values of a monotone function for all assignments.
#[derive(Clone, Debug)]
pub(super) struct Table {
    inputs: usize,
    words: Vec<u64>,
    /// Made when first asked for.
    minimal: OnceLock<Minimal>,
}

/// The assignments of a table that are true and become false with any of their variables.
#[derive(Clone, Debug)]
pub(super) struct Minimal {
    words: Vec<u64>,
}

impl Table {
    /// The table of a policy; `None` where it has more than [`INPUTS_MAX`] variables, or the budget
    /// does not allow the table.
    pub fn of(policy: &Policy, work: &Work) -> Option<Self> {
        let fits = policy.inputs <= INPUTS_MAX;
        fits.then_some(())?;
        work.spend(price(policy.inputs, BUILD_PRICE) + policy.edges())?;
        Some(Self::new(policy.inputs, build::words(policy, work.left())?))
    }

    fn new(inputs: usize, words: Vec<u64>) -> Self {
        Self { inputs, words, minimal: OnceLock::new() }
    }

    /// The table of the dual: false and true changed about in variables and values.
    pub fn dual(&self) -> Self {
        let words = self.words.iter().rev().map(|word| !word.reverse_bits()).collect();
        Self::new(self.inputs, words)
    }

    /// The minimal sets.
    pub fn minimal(&self) -> &Minimal {
        if let Some(found) = self.minimal.get() {
            return found;
        }
        // made outside of the lock: a thread that waits for its share may be given other tables
        let words = minimal(&self.words);
        self.minimal.get_or_init(|| Minimal { words })
    }

    /// The cheapest set of variables that makes the function true; `None` where the budget is spent.
    pub fn cheapest(&self, costs: &[u64], work: &Work) -> Option<Cheapest> {
        work.spend(self.words.len() as u64 * WORD_PRICE)?;
        let cost = |set: usize| -> u64 {
            let members = costs.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1);
            members.map(|(_, cost)| cost).sum()
        };
        let mut in_word: Vec<(u64, u32)> = (0..64).map(|bit| (cost(bit as usize), bit)).collect();
        in_word.sort_unstable();
        let mut high = 0;
        let (mut least, mut best) = (u64::MAX, 0);
        for (place, &word) in self.words.iter().enumerate() {
            // from one place to the next the lowest bits fall that were set, and one rises
            if place > 0 {
                high = cost_of_next(place, high, costs);
            }
            let room = least.saturating_sub(high);
            let open = in_word.iter().take_while(|(cost, _)| *cost < room);
            if let Some(&(low, bit)) = open.into_iter().find(|(_, bit)| word >> bit & 1 == 1) {
                (least, best) = (high + low, place << WORD_INPUTS | bit as usize);
            }
        }
        let members = (0..self.inputs).filter(|bit| best >> bit & 1 == 1).collect();
        Some(Cheapest::proved(members, costs))
    }

    /// The probability of the function and what each variable does to it; `None` where the budget is
    /// spent.
    pub fn effect(&self, chances: &[Chance], work: &Work) -> Option<Effect> {
        work.spend(price(self.inputs, EFFECT_PRICE))?;
        let budget = work.left();
        let effect = self.effect_of(chances, &budget);
        (!budget.is_late()).then_some(effect)
    }

    /// What comes is worth nothing where the budget's time ends on the way.
    fn effect_of(&self, chances: &[Chance], budget: &Budget) -> Effect {
        let fixed = Chance { yes: Scaled::ZERO, no: Scaled::ONE };
        let missing = WORD_INPUTS.saturating_sub(chances.len());
        let padded = chances.iter().copied().chain(std::iter::repeat_n(fixed, missing));
        let padded: Vec<Chance> = padded.collect();
        let tables = (self.words.as_slice(), self.minimal().words.as_slice());
        match (fits_f64(chances), self.words.len() >= WIDE_WORDS) {
            (true, true) => effect::effect::<f64, 4>(tables, self.inputs, &padded, budget),
            (true, false) => effect::effect::<f64, 8>(tables, self.inputs, &padded, budget),
            (false, _) => effect::effect::<Scaled, 8>(tables, self.inputs, &padded, budget),
        }
    }
}

/// The cost of the bits of a place, from that of the place before.
fn cost_of_next(place: usize, before: u64, costs: &[u64]) -> u64 {
    let risen = place.trailing_zeros() as usize;
    let of = |bit: usize| costs.get(WORD_INPUTS + bit).copied().unwrap_or(0);
    before + of(risen) - (0..risen).map(of).sum::<u64>()
}

/// Units of work for a table of so many variables, from those for 64 assignments.
fn price(inputs: usize, word: u64) -> u64 {
    word << (inputs.max(WORD_INPUTS) - WORD_INPUTS)
}

/// Without each assignment that is still true after one of its variables turned false.
fn minimal(words: &[u64]) -> Vec<u64> {
    let mut minimal = words.to_vec();
    let blocks = minimal.par_chunks_mut(BLOCK_WORDS).zip(words.par_chunks(BLOCK_WORDS));
    blocks.enumerate().for_each(|(place, (minimal, original))| {
        for bit in (0..usize::BITS as usize).filter(|&bit| place >> bit & 1 == 1) {
            let start = (place ^ (1 << bit)) * BLOCK_WORDS;
            let below = words.get(start..).into_iter().flatten();
            minimal.iter_mut().zip(below).for_each(|(word, lower)| *word &= !lower);
        }
        minimal_in_block(minimal, original);
    });
    minimal
}

fn minimal_in_block(minimal: &mut [u64], original: &[u64]) {
    for (word, &value) in minimal.iter_mut().zip(original) {
        let below = TRUE_IN_WORD
            .iter()
            .enumerate()
            .fold(0, |below, (variable, mask)| below | value << (1 << variable) & mask);
        *word &= !below;
    }
    let mut half = 1;
    while half < minimal.len() {
        for (minimal, original) in minimal.chunks_mut(2 * half).zip(original.chunks(2 * half)) {
            let high = minimal.iter_mut().skip(half);
            high.zip(original).for_each(|(word, lower)| *word &= !lower);
        }
        half *= 2;
    }
}

impl Minimal {
    /// The sets, as bits.
    pub fn points(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(place, &word)| {
            let bits = std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)));
            bits.take_while(|&rest| rest != 0)
                .map(move |rest| (place as u32) << WORD_INPUTS | rest.trailing_zeros())
        })
    }

    /// The sum over the sets of the product of their variables' numbers; `None` where the budget is
    /// spent.
    pub fn weighted_count(&self, numbers: &[BigUint], work: &Work) -> Option<BigUint> {
        let one = BigUint::from(1_u8);
        let mut low: Vec<BigUint> = vec![one.clone()];
        for variable in 0..WORD_INPUTS {
            let number = numbers.get(variable).unwrap_or(&one);
            low.extend(low.clone().iter().map(|product| product * number));
        }
        weighted_count(&self.words, numbers, &low, work)
    }
}

fn weighted_count(
    words: &[u64],
    numbers: &[BigUint],
    low: &[BigUint],
    work: &Work,
) -> Option<BigUint> {
    let one = BigUint::from(1_u8);
    if numbers.iter().all(|number| *number == one) {
        work.spend(words.len() as u64)?;
        let count: u64 = words.iter().map(|word| u64::from(word.count_ones())).sum();
        return Some(BigUint::from(count));
    }
    match words {
        [] => Some(BigUint::ZERO),
        [word] => {
            work.spend(SUM_PRICE * u64::from(word.count_ones() + 1))?;
            let terms = low.iter().enumerate().filter(|(bit, _)| word >> bit & 1 == 1);
            Some(terms.map(|(_, part)| part).sum())
        }
        _ => {
            let top = words.len().ilog2() as usize + WORD_INPUTS - 1;
            let (lower, higher) = words.split_at(words.len() / 2);
            let (rest, number) = (numbers.get(..top).unwrap_or(numbers), numbers.get(top));
            let lower = weighted_count(lower, rest, low, work)?;
            Some(lower + number.unwrap_or(&one) * weighted_count(higher, rest, low, work)?)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::budget::Work;
    use super::super::policy::Gate;
    use super::super::{diagram, gate};
    use super::*;

    /// Of more keys than a block has variables; some never, some surely, some hardly ever true.
    fn odds(keys: usize) -> Vec<Chance> {
        let odds = |key: usize| match key {
            2 | 17 => 0.0,
            5 => 1.0,
            3 | 18 => 1e-9,
            _ => (key + 1) as f64 / (keys + 2) as f64,
        };
        (0..keys).map(|key| Chance::new(odds(key))).collect()
    }

    fn assert_close(one: &Effect, other: &Effect) {
        let numbers = |effect: &Effect| -> Vec<Scaled> {
            let lists = effect.birnbaum.iter().chain(&effect.complete);
            let chance = [effect.chance.yes, effect.chance.no];
            chance.into_iter().chain(lists.flat_map(|list| list.iter().copied())).collect()
        };
        let (one, other) = (numbers(one), numbers(other));
        assert_eq!(one.len(), other.len());
        for (place, (one, other)) in one.iter().zip(&other).enumerate() {
            let (one, other) = (one.to_f64(), other.to_f64());
            assert!((one - other).abs() <= 1e-13 * other, "{place}: {one} is not {other}");
        }
    }

    #[test]
    fn a_gate_of_several_blocks_is_what_it_is_without_a_table() {
        let keys = 19;
        for threshold in [1, 3, 10, 19] {
            let gates = vec![Gate { threshold, children: (0..keys).collect() }];
            let work = &Work::new(Budget::default());
            let table = Table::of(&Policy { inputs: keys, gates }, work).unwrap();
            let numbers = vec![BigUint::from(2_u8); keys];
            let sets = table.minimal().weighted_count(&numbers, work).unwrap();
            assert_eq!(sets, gate::combinations(threshold, &numbers));
            let chances = odds(keys);
            assert_close(
                &table.effect(&chances, work).unwrap(),
                &gate::effect(threshold, &chances),
            );
            // far beyond the range of `f64`
            let tiny = vec![Chance::new(1e-60); keys];
            assert_close(&table.effect(&tiny, work).unwrap(), &gate::effect(threshold, &tiny));
        }
    }

    #[test]
    fn shared_keys_agree_with_a_diagram_and_on_any_number_of_threads() {
        let keys = 19;
        let group = |group: usize| {
            let children = (0..9).map(|place| (group * 4 + place * (group + 1)) % keys).collect();
            Gate { threshold: 2 + group, children }
        };
        let mut gates: Vec<Gate> = (0..5).map(group).collect();
        gates.push(Gate { threshold: 3, children: (keys..keys + 5).collect() });
        let policy = Policy { inputs: keys, gates };
        let chances: Vec<Chance> = (1..=keys).map(|key| Chance::new(0.03 * key as f64)).collect();
        let solve = |threads: usize| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let solve = || {
                let work = Work::new(Budget::default());
                Table::of(&policy, &work).unwrap().effect(&chances, &work).unwrap()
            };
            pool.install(solve)
        };
        let found = solve(1);
        assert_eq!(found, solve(3));
        let work = &Work::new(Budget::default());
        let diagram = diagram::Diagram::of(&policy, work).unwrap();
        assert_close(&found, &diagram.effect(&chances, work).unwrap());
    }
}

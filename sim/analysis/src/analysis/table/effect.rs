//! The probability of a table and what each variable does to it: whether it decides, and whether the
//! others complete a minimal set around it.
//!
//! A variable decides where the table is true with it and false without: the probabilities of both are
//! sums over one list for all variables. Where their difference would cost digits, the words themselves
//! are compared and no difference is taken. Some minimal set around it is
//! complete but for it where such a set lies below: so the minimal sets are closed upward along all
//! variables but that one. To close for each variable anew would take n^2 passes. But closing along
//! one variable and along another can be done in any order, so half of the variables are left open
//! and the others closed first, for all of that half, and so on: n log n passes.
//!
//! The variables of a word and a block are treated block by block; the higher ones, which say which
//! block it is, strip by strip, a strip being the same few words of every block. Either fits the cache.

use std::ops::Range;

use rayon::prelude::*;

use super::super::Budget;
use super::super::gate::Effect;
use super::super::scaled::{Chance, Number, Scaled};
use super::{BLOCK_INPUTS, BLOCK_WORDS, TRUE_IN_WORD, WORD_INPUTS};

/// Words of all blocks that make a strip.
const STRIP_WORDS: usize = 1 << 14;

/// What some words add to the probabilities.
struct Share<N> {
    yes: N,
    no: N,
    /// For each variable that is treated here: the table is true and so is it; it is completed.
    around: Vec<(N, N)>,
}

impl<N: Number> Share<N> {
    fn none(variables: usize) -> Self {
        Self { yes: N::ZERO, no: N::ZERO, around: vec![(N::ZERO, N::ZERO); variables] }
    }

    fn add(&mut self, other: &Self, weight: N) {
        let add = |sum: &mut N, part: N| *sum = sum.add(part.mul(weight));
        add(&mut self.yes, other.yes);
        add(&mut self.no, other.no);
        for (sum, part) in self.around.iter_mut().zip(&other.around) {
            add(&mut sum.0, part.0);
            add(&mut sum.1, part.1);
        }
    }
}

/// The effect of the function of these words, whose minimal sets are known; at least 6 chances.
pub(super) fn effect<N: Number + Send + Sync, const PARTS: usize>(
    (words, minimal): (&[u64], &[u64]),
    inputs: usize,
    chances: &[Chance],
    budget: &Budget,
) -> Effect {
    let scaled = chances;
    let chances: Vec<Chance<N>> = chances.iter().map(|chance| chance.map()).collect();
    let (in_word, rest) = chances.split_at(WORD_INPUTS.min(chances.len()));
    let (in_block, higher) = rest.split_at((BLOCK_INPUTS - WORD_INPUTS).min(rest.len()));
    let masses = WordMasses::<N, PARTS>::new(in_word);
    let (block, high) = (weights(in_block), weights(higher));
    let mut closed = minimal.to_vec();
    close_blocks(&mut closed);
    let low = inputs.min(BLOCK_INPUTS);
    let mut total = of_blocks(words, &closed, low, (&block, &high), &masses, budget);
    if !higher.is_empty() {
        closed.copy_from_slice(minimal);
        let blocks = closed.par_chunks_mut(BLOCK_WORDS);
        blocks.for_each(|block| (0..BLOCK_INPUTS).for_each(|variable| close(block, variable)));
        let share = of_strips(words, &closed, higher.len(), (&block, &high), &masses, budget);
        total.around.extend(share.around);
    }
    let yes = total.yes.to_scaled();
    let decides = total.around.iter().zip(scaled).enumerate().map(|(variable, (with, chance))| {
        let found = difference(yes, with.0.to_scaled(), *chance);
        found.unwrap_or_else(|| masses.decides(words, (&block, &high), variable).to_scaled())
    });
    Effect {
        chance: Chance { yes, no: total.no.to_scaled() },
        birnbaum: Some(decides.collect()),
        complete: Some(total.around.iter().map(|around| around.1.to_scaled()).collect()),
    }
}

/// The probability with a variable less that without, from those of the whole and of both together;
/// `None` where more than a digit would be lost.
fn difference(yes: Scaled, both: Scaled, chance: Chance) -> Option<Scaled> {
    let with = both.over(chance.yes)?;
    let scale = yes.over(chance.no)?;
    let difference = with.minus(yes.minus(both).over(chance.no)?);
    let bound = difference.times(Scaled::new(8.0));
    (bound > with && bound > scale).then_some(difference)
}

/// The probability of the whole and the variables of words and blocks.
fn of_blocks<N: Number + Send + Sync, const PARTS: usize>(
    words: &[u64],
    closed: &[u64],
    variables: usize,
    (block, high): (&[N], &[N]),
    masses: &WordMasses<N, PARTS>,
    budget: &Budget,
) -> Share<N> {
    let blocks = words.par_chunks(BLOCK_WORDS).zip(closed.par_chunks(BLOCK_WORDS));
    let share = |scratch: &mut Scratch, (words, closed): (&[u64], &[u64])| {
        if budget.is_late() {
            return Share::none(variables);
        }
        scratch.fill([words], [closed]);
        let (yes, around) = masses.around(scratch, block, 0..variables);
        Share { yes, no: masses.sum(words.iter().map(|word| !word), block), around }
    };
    let shares: Vec<Share<N>> = blocks.map_init(Scratch::default, share).collect();
    let mut total = Share::none(variables);
    shares.iter().zip(high).for_each(|(share, &weight)| total.add(share, weight));
    total
}

/// The variables that say which block it is.
fn of_strips<N: Number + Send + Sync, const PARTS: usize>(
    words: &[u64],
    closed: &[u64],
    variables: usize,
    (block, high): (&[N], &[N]),
    masses: &WordMasses<N, PARTS>,
    budget: &Budget,
) -> Share<N> {
    let width = (STRIP_WORDS >> variables).clamp(1, BLOCK_WORDS);
    let low = WORD_INPUTS + width.ilog2() as usize;
    let share = |scratch: &mut Scratch, strip: usize| {
        if budget.is_late() {
            return Share::none(variables);
        }
        let columns = strip * width..(strip + 1) * width;
        let cut = |block| <[u64]>::get(block, columns.clone()).unwrap_or_default();
        let rows = (words.chunks(BLOCK_WORDS).map(cut), closed.chunks(BLOCK_WORDS).map(cut));
        scratch.fill(rows.0, rows.1);
        let columns = block.get(columns.clone()).unwrap_or_default();
        let cells = high.iter().flat_map(|&row| columns.iter().map(move |&cell| cell.mul(row)));
        let cells: Vec<N> = cells.collect();
        let (yes, around) = masses.around(scratch, &cells, low..low + variables);
        Share { yes, no: N::ZERO, around }
    };
    let strips = (0..BLOCK_WORDS / width).into_par_iter();
    let shares: Vec<Share<N>> = strips.map_init(Scratch::default, share).collect();
    let mut total = Share::none(variables);
    shares.iter().for_each(|share| total.add(share, N::ONE));
    total
}

/// The words a thread works on, and room for copies of them.
#[derive(Default)]
struct Scratch {
    words: Vec<u64>,
    /// The minimal sets, closed upward along all variables that are not treated here.
    closed: Vec<u64>,
    copies: [Vec<u64>; COPIES],
}

/// Halvings until one of the variables treated together is left.
const COPIES: usize = BLOCK_INPUTS.next_power_of_two().ilog2() as usize;

impl Scratch {
    fn fill<'a>(
        &mut self,
        words: impl IntoIterator<Item = &'a [u64]>,
        closed: impl IntoIterator<Item = &'a [u64]>,
    ) {
        self.words.clear();
        self.closed.clear();
        words.into_iter().for_each(|words| self.words.extend_from_slice(words));
        closed.into_iter().for_each(|words| self.closed.extend_from_slice(words));
    }
}

/// The chance of each assignment of these variables, the first changing fastest.
fn weights<N: Number>(chances: &[Chance<N>]) -> Vec<N> {
    let mut weights = vec![N::ONE];
    for chance in chances {
        let with: Vec<N> = weights.iter().map(|part| part.mul(chance.yes)).collect();
        weights.iter_mut().for_each(|part| *part = part.mul(chance.no));
        weights.extend(with);
    }
    weights
}

/// The probabilities of sets of assignments of the variables of a word, in `PARTS` parts of the word.
struct WordMasses<N, const PARTS: usize> {
    /// For each value of a part that of its lowest variables.
    sets: Vec<N>,
    /// For each part that of the variables that say which part it is.
    factors: [N; PARTS],
}

impl<N: Number, const PARTS: usize> WordMasses<N, PARTS> {
    const BITS: usize = 64 / PARTS;

    fn new(in_word: &[Chance<N>]) -> Self {
        let (low, high) = in_word.split_at(Self::BITS.ilog2() as usize);
        let mut sets = vec![N::ZERO];
        for part in weights(low) {
            let with: Vec<N> = sets.iter().map(|sum| sum.add(part)).collect();
            sets.extend(with);
        }
        let mut factors = [N::ZERO; PARTS];
        factors.iter_mut().zip(weights(high)).for_each(|(factor, weight)| *factor = weight);
        Self { sets, factors }
    }

    /// Of a part of a word, given that it is this part.
    #[inline]
    fn part(&self, word: u64, place: usize) -> N {
        let set = (word >> (place * Self::BITS)) as usize & ((1 << Self::BITS) - 1);
        self.sets.get(set).copied().unwrap_or(N::ZERO)
    }

    #[inline]
    fn of(&self, word: u64) -> N {
        self.factors
            .iter()
            .enumerate()
            .fold(N::ZERO, |sum, (place, &factor)| sum.add(factor.mul(self.part(word, place))))
    }

    /// The weighted sum of the words' probabilities.
    #[inline]
    fn sum(&self, words: impl Iterator<Item = u64>, weights: &[N]) -> N {
        let mut sum = Sum::new();
        words.zip(weights).for_each(|(word, &weight)| sum.add(self, word, weight));
        sum.end(self)
    }

    /// The probability of these words, and for each variable of a range that lies within them: they
    /// are true and so is it; it is completed.
    fn around(
        &self,
        scratch: &mut Scratch,
        weights: &[N],
        variables: Range<usize>,
    ) -> (N, Vec<(N, N)>) {
        let words = scratch.words.as_slice();
        let parts = words.iter().zip(weights);
        let parts = parts.map(|(&word, &weight)| self.of(word).mul(weight)).collect();
        let (total, between) = between(parts);
        let both = |variable: usize| match TRUE_IN_WORD.get(variable) {
            Some(mask) => self.sum(words.iter().map(|word| word & mask), weights),
            None => between.get(variable - WORD_INPUTS).copied().unwrap_or(N::ZERO),
        };
        let mut around: Vec<(N, N)> =
            variables.clone().map(|variable| (both(variable), N::ZERO)).collect();
        let first = variables.start;
        let mut leaf = |variable: usize, closed: &[u64]| {
            let complete = self.complete(closed, weights, variable);
            let place = around.get_mut(variable - first);
            place.into_iter().for_each(|around| around.1 = complete);
        };
        close_but_one(&mut scratch.closed, variables, &mut scratch.copies, &mut leaf);
        (total, around)
    }

    /// Where the words are true with the variable and false without.
    fn decides(&self, words: &[u64], (block, high): (&[N], &[N]), variable: usize) -> N {
        let blocks = words.chunks(BLOCK_WORDS);
        if let Some(bit) = variable.checked_sub(BLOCK_INPUTS) {
            let half = 1 << bit;
            let sum = |(low, yes): (&[u64], &[u64])| {
                let words = low.iter().zip(yes).map(|(low, high)| high & !low);
                self.sum(words, block)
            };
            let pairs = words.chunks(2 * half * BLOCK_WORDS).zip(high.chunks(2 * half));
            return pairs.fold(N::ZERO, |total, (words, weights)| {
                let (low, high) = words.split_at(half * BLOCK_WORDS);
                let (no, yes) = weights.split_at(half.min(weights.len()));
                let pairs = low.chunks(BLOCK_WORDS).zip(high.chunks(BLOCK_WORDS));
                let weights = no.iter().zip(yes).map(|(&no, &yes)| no.add(yes));
                pairs
                    .zip(weights)
                    .fold(total, |total, (pair, weight)| total.add(sum(pair).mul(weight)))
            });
        }
        blocks.zip(high).fold(N::ZERO, |total, (words, &weight)| {
            total.add(self.decides_in_block(words, block, variable).mul(weight))
        })
    }

    fn decides_in_block(&self, words: &[u64], weights: &[N], variable: usize) -> N {
        let Some(mask) = TRUE_IN_WORD.get(variable) else {
            return self.pairs(words, weights, variable, |low, high| high & !low);
        };
        let shift = 1 << variable;
        let decides = words.iter().map(|word| {
            let below = (word & mask) >> shift & !word;
            below | below << shift
        });
        self.sum(decides, weights)
    }

    /// Where the words with the variable are true, whether or not it is.
    fn complete(&self, words: &[u64], weights: &[N], variable: usize) -> N {
        let Some(mask) = TRUE_IN_WORD.get(variable) else {
            return self.pairs(words, weights, variable, |_, high| high);
        };
        let shift = 1 << variable;
        let complete = words.iter().map(|word| word & mask | (word & mask) >> shift);
        self.sum(complete, weights)
    }

    /// The sum over the pairs of words that differ in this variable.
    #[inline]
    fn pairs(
        &self,
        words: &[u64],
        weights: &[N],
        variable: usize,
        word: impl Fn(u64, u64) -> u64,
    ) -> N {
        let half = 1 << (variable - WORD_INPUTS);
        let mut sum = Sum::new();
        for (words, weights) in words.chunks(2 * half).zip(weights.chunks(2 * half)) {
            let (low, high) = words.split_at(half.min(words.len()));
            let (no, yes) = weights.split_at(half.min(weights.len()));
            for ((&low, &high), (&no, &yes)) in low.iter().zip(high).zip(no.iter().zip(yes)) {
                sum.add(self, word(low, high), no.add(yes));
            }
        }
        sum.end(self)
    }
}

/// A sum of words' probabilities, each part of a word for itself. Rounding adds up more slowly in short
/// runs.
struct Sum<N, const PARTS: usize> {
    run: [N; PARTS],
    runs: [N; PARTS],
    seen: u8,
}

impl<N: Number, const PARTS: usize> Sum<N, PARTS> {
    fn new() -> Self {
        Self { run: [N::ZERO; PARTS], runs: [N::ZERO; PARTS], seen: 0 }
    }

    #[inline]
    fn add(&mut self, masses: &WordMasses<N, PARTS>, word: u64, weight: N) {
        for (place, sum) in self.run.iter_mut().enumerate() {
            *sum = sum.add(masses.part(word, place).mul(weight));
        }
        self.seen = self.seen.wrapping_add(1);
        if self.seen == 0 {
            self.end_run();
        }
    }

    fn end_run(&mut self) {
        let run = std::mem::replace(&mut self.run, [N::ZERO; PARTS]);
        self.runs.iter_mut().zip(run).for_each(|(total, sum)| *total = total.add(sum));
    }

    fn end(mut self, masses: &WordMasses<N, PARTS>) -> N {
        self.end_run();
        let parts = self.runs.iter().zip(&masses.factors);
        parts.fold(N::ZERO, |sum, (&part, &factor)| sum.add(part.mul(factor)))
    }
}

/// The sum of a list, and for each bit of the place in it the sum of what has it set.
fn between<N: Number>(mut parts: Vec<N>) -> (N, Vec<N>) {
    let mut sums = Vec::new();
    while parts.len() > 1 {
        let half = parts.len() / 2;
        let (low, high) = parts.split_at_mut(half);
        sums.push(sum(high));
        low.iter_mut().zip(high).for_each(|(low, high)| *low = low.add(*high));
        parts.truncate(half);
    }
    sums.reverse();
    (sum(&parts), sums)
}

/// The sum of a list, as several that do not wait for each other.
fn sum<N: Number>(parts: &[N]) -> N {
    let mut sums = [N::ZERO; 8];
    for parts in parts.chunks(8) {
        sums.iter_mut().zip(parts).for_each(|(sum, &part)| *sum = sum.add(part));
    }
    sums.iter().fold(N::ZERO, |sum, &part| sum.add(part))
}

/// Adds every assignment that turns into a true one when this variable turns false.
fn close(words: &mut [u64], variable: usize) {
    if let Some(mask) = TRUE_IN_WORD.get(variable) {
        words.iter_mut().for_each(|word| *word |= *word << (1 << variable) & mask);
        return;
    }
    let half = 1 << (variable - WORD_INPUTS);
    for pair in words.chunks_mut(2 * half) {
        let (low, high) = pair.split_at_mut(half.min(pair.len()));
        high.iter_mut().zip(low).for_each(|(high, low)| *high |= *low);
    }
}

/// Closes along the variables that say which block it is. Halves first, so that they stay in the cache.
fn close_blocks(words: &mut [u64]) {
    if words.len() > BLOCK_WORDS {
        let (low, high) = words.split_at_mut(words.len() / 2);
        rayon::join(|| close_blocks(low), || close_blocks(high));
        high.iter_mut().zip(low).for_each(|(high, low)| *high |= *low);
    }
}

/// Hands on, for each variable of the range, the words closed along all others of it.
fn close_but_one(
    words: &mut [u64],
    variables: Range<usize>,
    scratch: &mut [Vec<u64>],
    leaf: &mut dyn FnMut(usize, &[u64]),
) {
    let (true, Some((copy, scratch))) = (variables.len() > 1, scratch.split_first_mut()) else {
        variables.for_each(|variable| leaf(variable, words));
        return;
    };
    let middle = variables.start + variables.len() / 2;
    let (low, high) = (variables.start..middle, middle..variables.end);
    copy.clear();
    copy.extend_from_slice(words);
    low.clone().for_each(|variable| close(copy, variable));
    close_but_one(copy, high.clone(), scratch, leaf);
    high.for_each(|variable| close(words, variable));
    close_but_one(words, low, scratch, leaf);
}

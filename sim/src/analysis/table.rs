//! Truth tables, 64 assignments a word: exact answers for any function of at most 28 variables.
//!
//! Assignment `a` is bit `a % 64` of word `a / 64`; variable `v` is bit `v` of `a`.

use num_bigint::BigUint;

use super::gate::Effect;
use super::policy::{Dense, Gate, Policy};
use super::scaled::{Chance, Number, Scaled, fits_f64};

/// Most variables a table is made for: 2^28 bits are 32 MiB.
pub(super) const INPUTS_MAX: usize = 28;

/// Variables inside a word, and inside a block of words that is evaluated at one go.
const WORD_INPUTS: usize = 6;
const BLOCK_INPUTS: usize = 12;
const BLOCK_WORDS: usize = 1 << (BLOCK_INPUTS - WORD_INPUTS);
type Block = [u64; BLOCK_WORDS];

/// For each variable of a word the assignments in which it is true.
const TRUE_IN_WORD: [u64; WORD_INPUTS] = [
    0xaaaa_aaaa_aaaa_aaaa,
    0xcccc_cccc_cccc_cccc,
    0xf0f0_f0f0_f0f0_f0f0,
    0xff00_ff00_ff00_ff00,
    0xffff_0000_ffff_0000,
    0xffff_ffff_0000_0000,
];

/// The values of a monotone function for all assignments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Table {
    inputs: usize,
    words: Vec<u64>,
}

/// A node while some variables are fixed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Known {
    False,
    True,
    Open,
}

impl Table {
    /// The table of a policy of at most [`INPUTS_MAX`] variables.
    pub fn of(policy: &Policy) -> Self {
        let variables = policy.inputs.max(WORD_INPUTS);
        let mut words = vec![0; 1 << (variables - WORD_INPUTS)];
        let mut residue = Residue::of(policy);
        for (high, chunk) in words.chunks_mut(BLOCK_WORDS).enumerate() {
            let block = residue.block(policy, high);
            chunk.iter_mut().zip(block).for_each(|(word, &value)| *word = value);
        }
        Self { inputs: policy.inputs, words }
    }

    /// The table of the dual: false and true changed about in variables and values.
    pub fn dual(&self) -> Self {
        let words = self.words.iter().rev().map(|word| !word.reverse_bits()).collect();
        Self { inputs: self.inputs, words }
    }

    /// The assignments that are true and become false with any of their variables: the minimal sets.
    pub fn minimal(&self) -> Self {
        let mut words = self.words.clone();
        for (place, chunk) in words.chunks_mut(BLOCK_WORDS).enumerate() {
            let below = |bit: usize| {
                let start = (place ^ (1 << bit)) * BLOCK_WORDS;
                self.words.get(start..).into_iter().flatten()
            };
            let set = (0..usize::BITS as usize).filter(|&bit| place >> bit & 1 == 1);
            for bit in set {
                chunk.iter_mut().zip(below(bit)).for_each(|(word, lower)| *word &= !lower);
            }
        }
        // inside a block and a word every variable can be taken from the original block
        let blocks = words.chunks_mut(BLOCK_WORDS).zip(self.words.chunks(BLOCK_WORDS));
        blocks.for_each(|(minimal, original)| minimal_in_block(minimal, original));
        Self { inputs: self.inputs, words }
    }

    /// The true assignments, as bits.
    pub fn points(&self) -> impl Iterator<Item = u32> + '_ {
        self.words.iter().enumerate().flat_map(|(place, &word)| {
            let bits = std::iter::successors(Some(word), |rest| Some(rest & rest.wrapping_sub(1)));
            bits.take_while(|&rest| rest != 0)
                .map(move |rest| (place as u32) << WORD_INPUTS | rest.trailing_zeros())
        })
    }

    /// The sum over the true assignments of the product of their variables' numbers.
    pub fn weighted_count(&self, numbers: &[BigUint]) -> BigUint {
        let one = BigUint::from(1_u8);
        let mut low: Vec<BigUint> = vec![one.clone()];
        for variable in 0..WORD_INPUTS {
            let number = numbers.get(variable).unwrap_or(&one);
            low.extend(low.clone().iter().map(|product| product * number));
        }
        weighted_count(&self.words, numbers, &low)
    }

    /// The probability of the function and what each variable does to it.
    pub fn effect(&self, chances: &[Chance]) -> Effect {
        if fits_f64(chances) {
            self.effect_in::<f64>(chances)
        } else {
            self.effect_in::<Scaled>(chances)
        }
    }

    fn effect_in<N: Number + Send + Sync>(&self, chances: &[Chance]) -> Effect {
        let fixed = Chance { yes: Scaled::ZERO, no: Scaled::ONE };
        let missing = WORD_INPUTS.saturating_sub(chances.len());
        let padded = chances.iter().copied().chain(std::iter::repeat_n(fixed, missing));
        let chances: Vec<Chance<N>> = padded.map(|chance| chance.map()).collect();
        let flipped: Vec<u64> = self.words.iter().map(|word| !word).collect();
        let yes = mass_of(&self.words, &chances).to_scaled();
        let chance = Chance { yes, no: mass_of(&flipped, &chances).to_scaled() };
        drop(flipped);
        let around = |input: usize, scratch: &mut Vec<u64>| self.around(input, &chances, scratch);
        let pairs = in_parallel(self.inputs, self.words.len(), &around);
        let (birnbaum, complete): (Vec<Scaled>, Vec<Scaled>) = pairs.into_iter().unzip();
        Effect { chance, birnbaum: Some(Dense(birnbaum)), complete: Some(Dense(complete)) }
    }

    /// For one variable: the probability that it decides, and that some minimal set around it is
    /// complete but for it. The second is the upward closure of the first: if the variable decides
    /// for some assignment, the minimal sets inside that one need it.
    fn around<N: Number>(
        &self,
        input: usize,
        chances: &[Chance<N>],
        decides: &mut Vec<u64>,
    ) -> (Scaled, Scaled) {
        let mut rest = chances.to_vec();
        match TRUE_IN_WORD.get(input) {
            Some(mask) => {
                if let Some(chance) = rest.get_mut(input) {
                    *chance = Chance { yes: N::ZERO, no: N::ONE };
                }
                decides.clear();
                let words = self.words.iter();
                decides.extend(words.map(|word| (word & mask) >> (1 << input) & !word));
            }
            None => {
                rest.remove(input);
                derivative(&self.words, 1 << (input - WORD_INPUTS), decides);
            }
        }
        let birnbaum = mass_of(decides, &rest).to_scaled();
        close_upward(decides, input);
        (birnbaum, mass_of(decides, &rest).to_scaled())
    }
}

/// Where the higher half of each pair of blocks is true and the lower is not.
fn derivative(words: &[u64], half: usize, result: &mut Vec<u64>) {
    result.resize(words.len() / 2, 0);
    for (result, pair) in result.chunks_mut(half).zip(words.chunks(2 * half)) {
        let (low, high) = pair.split_at(half.min(pair.len()));
        let values = low.iter().zip(high).map(|(low, high)| high & !low);
        result.iter_mut().zip(values).for_each(|(word, value)| *word = value);
    }
}

/// Runs `job` for 0 to `count` - 1, on two threads where it is long; the results in order. Each
/// thread keeps one list of words for its jobs to work in.
fn in_parallel<T: Send>(
    count: usize,
    words: usize,
    job: &(impl Fn(usize, &mut Vec<u64>) -> T + Sync),
) -> Vec<T> {
    let every = |first: usize, step: usize| -> Vec<T> {
        let mut scratch = Vec::new();
        (first..count).step_by(step).map(|index| job(index, &mut scratch)).collect()
    };
    if words < 1 << 10 {
        return every(0, 1);
    }
    let (even, odd) = std::thread::scope(|scope| {
        let other = scope.spawn(|| every(1, 2));
        (every(0, 2), other.join().unwrap_or_default())
    });
    let (mut even, mut odd) = (even.into_iter(), odd.into_iter());
    (0..count).filter_map(|index| if index % 2 == 0 { even.next() } else { odd.next() }).collect()
}

/// Adds every assignment above a true one; variable `except` of a word stays as it is. Halves first,
/// so that they stay in the cache.
fn close_upward(words: &mut [u64], except: usize) {
    if words.len() > BLOCK_WORDS {
        let (low, high) = words.split_at_mut(words.len() / 2);
        close_upward(low, except);
        close_upward(high, except);
        high.iter_mut().zip(low).for_each(|(high, low)| *high |= *low);
        return;
    }
    let mut masks = TRUE_IN_WORD;
    masks.get_mut(except).into_iter().for_each(|mask| *mask = 0);
    for word in words.iter_mut() {
        for (variable, mask) in masks.iter().enumerate() {
            *word |= *word << (1 << variable) & mask;
        }
    }
    let mut half = 1;
    while half < words.len() {
        for pair in words.chunks_mut(2 * half) {
            let (low, high) = pair.split_at_mut(half);
            high.iter_mut().zip(low).for_each(|(high, low)| *high |= *low);
        }
        half *= 2;
    }
}

fn minimal_in_block(minimal: &mut [u64], original: &[u64]) {
    for (place, (word, &value)) in minimal.iter_mut().zip(original).enumerate() {
        for (variable, mask) in TRUE_IN_WORD.iter().enumerate() {
            *word &= !(value << (1 << variable) & mask);
        }
        for bit in (0..BLOCK_INPUTS - WORD_INPUTS).filter(|bit| place >> bit & 1 == 1) {
            *word &= !original.get(place ^ (1 << bit)).copied().unwrap_or(0);
        }
    }
}

fn weighted_count(words: &[u64], numbers: &[BigUint], low: &[BigUint]) -> BigUint {
    let one = BigUint::from(1_u8);
    if numbers.iter().all(|number| *number == one) {
        let count: u64 = words.iter().map(|word| u64::from(word.count_ones())).sum();
        return BigUint::from(count);
    }
    match words {
        [] => BigUint::ZERO,
        [word] => low
            .iter()
            .enumerate()
            .filter(|(bit, _)| word >> bit & 1 == 1)
            .map(|(_, part)| part)
            .sum(),
        _ => {
            let top = words.len().ilog2() as usize + WORD_INPUTS - 1;
            let (lower, higher) = words.split_at(words.len() / 2);
            let (rest, number) = (numbers.get(..top).unwrap_or(numbers), numbers.get(top));
            weighted_count(lower, rest, low)
                + number.unwrap_or(&one) * weighted_count(higher, rest, low)
        }
    }
}

/// The probability of the true assignments.
fn mass_of<N: Number>(words: &[u64], chances: &[Chance<N>]) -> N {
    let (low, high) = chances.split_at(WORD_INPUTS.min(chances.len()));
    let bytes = byte_masses(low);
    mass(words, high, &bytes)
}

/// Most words summed in one go, so that the sums stay in the nearest cache.
const MASS_INPUTS: usize = 8;

fn mass<N: Number>(words: &[u64], high: &[Chance<N>], bytes: &[[N; 256]; 8]) -> N {
    if let (true, [rest @ .., top]) = (words.len() > 1 << MASS_INPUTS, high) {
        let (low, high) = words.split_at(words.len() / 2);
        let (low, high) = (mass(low, rest, bytes), mass(high, rest, bytes));
        return low.mul(top.no).add(high.mul(top.yes));
    }
    let mut sums = [N::ZERO; 1 << MASS_INPUTS];
    let mut len = words.len().min(sums.len());
    for (sum, &word) in sums.iter_mut().zip(words) {
        *sum = word_mass(word, bytes);
    }
    for chance in high.iter().rev() {
        len /= 2;
        let (low, high) = sums.split_at_mut(len);
        for (low, high) in low.iter_mut().zip(high) {
            *low = low.mul(chance.no).add(high.mul(chance.yes));
        }
    }
    sums.first().copied().unwrap_or(N::ZERO)
}

#[inline]
fn word_mass<N: Number>(word: u64, bytes: &[[N; 256]; 8]) -> N {
    if word == 0 {
        return N::ZERO;
    }
    let parts = word.to_le_bytes();
    parts.iter().zip(bytes).fold(N::ZERO, |sum, (&byte, masses)| {
        sum.add(masses.get(usize::from(byte)).copied().unwrap_or(N::ZERO))
    })
}

/// For each byte of a word the probability of each of its 256 sets of assignments.
fn byte_masses<N: Number>(low: &[Chance<N>]) -> [[N; 256]; 8] {
    let mut single = vec![N::ONE];
    for chance in low {
        let with: Vec<N> = single.iter().map(|part| part.mul(chance.yes)).collect();
        single.iter_mut().for_each(|part| *part = part.mul(chance.no));
        single.extend(with);
    }
    let mut bytes = [[N::ZERO; 256]; 8];
    for (masses, parts) in bytes.iter_mut().zip(single.chunks(8)) {
        for (byte, sum) in masses.iter_mut().enumerate() {
            let set = parts.iter().enumerate().filter(|(bit, _)| byte >> bit & 1 == 1);
            *sum = set.fold(N::ZERO, |sum, (_, &part)| sum.add(part));
        }
    }
    bytes
}

/// Scratch for evaluating a policy block by block: within a block the higher variables are fixed, and
/// a gate they decide is not evaluated.
struct Residue {
    known: Dense<Known>,
    values: Dense<Block>,
    levels: Dense<Block>,
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
        let levels = Dense::new([0; BLOCK_WORDS], widest + 2);
        Self { known: Dense::new(Known::Open, policy.nodes()), values, levels }
    }

    /// The values of the policy where the variables above the block have the bits of `high`.
    fn block(&mut self, policy: &Policy, high: usize) -> &Block {
        for variable in BLOCK_INPUTS..policy.inputs {
            let bit = high >> (variable - BLOCK_INPUTS) & 1 == 1;
            self.known[variable] = if bit { Known::True } else { Known::False };
        }
        for (gate, node) in policy.gates.iter().zip(policy.inputs..) {
            let count =
                |value| gate.children.iter().filter(|&&child| self.known[child] == value).count();
            let (ready, open) = (count(Known::True), count(Known::Open));
            self.known[node] = match gate.threshold.checked_sub(ready) {
                None | Some(0) => Known::True,
                Some(missing) if missing > open => Known::False,
                Some(missing) => {
                    self.evaluate(gate, missing, open, node);
                    Known::Open
                }
            };
        }
        let root = policy.root();
        if self.known[root] != Known::Open {
            self.values[root] =
                [if self.known[root] == Known::True { u64::MAX } else { 0 }; BLOCK_WORDS];
        }
        &self.values[root]
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
            let value = &self.values[child];
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
        for (result, level) in self.values[node].iter_mut().zip(&self.levels[wanted]) {
            *result = level ^ flip;
        }
    }
}

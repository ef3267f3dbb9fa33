//! Where decisions come from: a seed, bytes, or all of them in turn.
//!
//! A generator asks a [`Choices`] and never knows which. [`Seeded`] draws from a seeded stream,
//! [`Bytes`] spends the bytes of a fuzzing engine, [`Exhaustive`] goes through every combination.

use chacha20::ChaCha8Rng;
use rand_core::{Rng, SeedableRng};

/// A source of decisions.
pub trait Choices {
    /// A number below `count`, which is at least 1; 0 for a `count` of 0.
    fn below(&mut self, count: u32) -> u32;

    /// Whether something that happens in so many of 256 cases happens now.
    #[inline]
    fn chance(&mut self, of_256: u8) -> bool {
        self.below(256) < u32::from(of_256)
    }

    /// One of these, none from an empty list.
    #[inline]
    fn one_of<T: Copy>(&mut self, list: &[T]) -> Option<T> {
        let index = self.below(list.len() as u32) as usize;
        list.get(index).copied()
    }

    /// Whether nothing is left to decide with; then only zeros come.
    fn is_spent(&self) -> bool {
        false
    }
}

/// How many places of sixteen bits are drawn ahead at a time.
const AHEAD: usize = 128;

/// Decisions from a seed: the same ones for the same seed, on every machine.
#[derive(Debug)]
pub struct Seeded {
    stream: ChaCha8Rng,
    /// Sixteen bits each, four of them from one number of the stream, the lowest first.
    ahead: [[u8; 2]; AHEAD],
    /// The place to read next; behind the last one where new ones have to be drawn.
    next: usize,
}

impl Seeded {
    /// The decisions of this seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self { stream: ChaCha8Rng::seed_from_u64(seed), ahead: [[0; 2]; AHEAD], next: AHEAD }
    }

    /// Sixteen fresh bits.
    #[inline]
    fn sixteen(&mut self) -> u32 {
        // Far more often than not there are some: a branch that goes one way.
        let bits = match self.ahead.get(self.next) {
            Some(&bits) => bits,
            None => self.draw(),
        };
        self.next += 1;
        u32::from(u16::from_le_bytes(bits))
    }

    /// Thirty-two fresh bits, from one number of the stream: its last sixteen alone are left out.
    #[inline]
    fn thirty_two(&mut self) -> u32 {
        self.next += usize::from(self.next % 4 == 3);
        let low = self.sixteen();
        low | self.sixteen() << 16
    }

    /// Draws ahead and gives the first sixteen bits of it.
    #[cold]
    fn draw(&mut self) -> [u8; 2] {
        self.stream.fill_bytes(self.ahead.as_flattened_mut());
        self.next = 0;
        let [first, ..] = self.ahead;
        first
    }
}

impl Choices for Seeded {
    #[inline]
    fn below(&mut self, count: u32) -> u32 {
        // Sixteen bits are scaled: no division, and a bias below 1% for the small counts asked here.
        if count <= 256 {
            (self.sixteen() * count) >> 16
        } else {
            ((u64::from(self.thirty_two()) * u64::from(count)) >> 32) as u32
        }
    }
}

/// Decisions from bytes, one byte a decision, two or more for larger counts; zeros behind the end.
#[derive(Clone, Debug)]
pub struct Bytes<'a> {
    rest: &'a [u8],
}

impl<'a> Bytes<'a> {
    /// The decisions that these bytes make.
    #[must_use]
    pub const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    fn take(&mut self) -> u32 {
        let Some((&first, rest)) = self.rest.split_first() else { return 0 };
        self.rest = rest;
        u32::from(first)
    }
}

impl Choices for Bytes<'_> {
    #[inline]
    fn below(&mut self, count: u32) -> u32 {
        let mut value = self.take();
        let mut range = 256_u64;
        while range < u64::from(count) {
            value = (value << 8) | self.take();
            range <<= 8;
        }
        value.checked_rem(count).unwrap_or(0)
    }

    fn is_spent(&self) -> bool {
        self.rest.is_empty()
    }
}

impl Choices for arbitrary::Unstructured<'_> {
    fn below(&mut self, count: u32) -> u32 {
        self.int_in_range(0..=count.saturating_sub(1)).unwrap_or(0)
    }

    fn is_spent(&self) -> bool {
        self.is_empty()
    }
}

/// Every combination of decisions in turn, like an odometer. Small spaces only.
///
/// ```
/// use quorate::choice::{Choices, Exhaustive};
///
/// let mut choices = Exhaustive::default();
/// let mut seen = Vec::new();
/// loop {
///     seen.push((choices.below(2), choices.below(3)));
///     if !choices.advance() {
///         break;
///     }
/// }
/// assert_eq!(seen, [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Exhaustive {
    /// Each decision of this round, and out of how many.
    wheels: Vec<(u32, u32)>,
    next: usize,
}

impl Exhaustive {
    /// Goes to the next combination; false behind the last one.
    pub fn advance(&mut self) -> bool {
        self.wheels.truncate(self.next);
        self.next = 0;
        while let Some((value, count)) = self.wheels.pop() {
            if value + 1 < count {
                self.wheels.push((value + 1, count));
                return true;
            }
        }
        false
    }
}

impl Choices for Exhaustive {
    fn below(&mut self, count: u32) -> u32 {
        if self.next == self.wheels.len() {
            self.wheels.push((0, count));
        }
        let wheel = self.wheels.get(self.next);
        self.next += 1;
        wheel.map_or(0, |&(value, _)| value.min(count.saturating_sub(1)))
    }
}

/// Mixes a seed and a number into another seed, so that neighbours have nothing in common.
/// (The finalizer of SplitMix64.)
#[must_use]
pub const fn derive(seed: u64, number: u64) -> u64 {
    let mut mixed = seed ^ number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    mixed ^ (mixed >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_sources_keep_below_the_count() {
        let bytes: Vec<u8> = (0..=255).collect();
        let mut seeded = Seeded::new(1);
        let mut read = Bytes::new(&bytes);
        for count in [1, 2, 7, 255, 256, 257, 70_000] {
            for _ in 0..20 {
                assert!(seeded.below(count) < count);
                assert!(read.below(count) < count);
            }
        }
        assert_eq!((seeded.below(0), read.below(0)), (0, 0));
    }

    #[test]
    fn a_seed_says_the_same_every_time_and_every_value_comes() {
        let draw = |seed| {
            let mut choices = Seeded::new(seed);
            (0..200).map(|_| choices.below(6)).collect::<Vec<_>>()
        };
        assert_eq!(draw(7), draw(7));
        assert_ne!(draw(7), draw(8));
        assert!((0..6).all(|value| draw(7).contains(&value)));
    }

    #[test]
    fn a_seed_spends_the_numbers_of_its_stream_from_the_lowest_bits_on() {
        let mut stream = ChaCha8Rng::seed_from_u64(3);
        let mut choices = Seeded::new(3);
        for _ in 0..1_000 {
            let [one, two] = [stream.next_u64(), stream.next_u64()];
            for shift in [0, 16, 32] {
                assert_eq!(u64::from(choices.below(256)), (one >> shift & 0xFFFF) >> 8);
            }
            // What needs thirty-two bits leaves the last sixteen out.
            assert_eq!(u64::from(choices.below(1 << 31)), (two & 0xFFFF_FFFF) >> 1);
            assert_eq!(u64::from(choices.below(1 << 31)), two >> 33);
        }
    }

    #[test]
    fn spent_bytes_give_zeros() {
        let mut choices = Bytes::new(&[9]);
        assert_eq!(choices.below(5), 4);
        assert!(choices.is_spent());
        assert_eq!(choices.below(5), 0);
    }
}

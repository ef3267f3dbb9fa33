//! Sets of the numbers of one family's states, and sums over the digits of such a number.

use std::ops::Add;

/// A set of numbers below a bound, a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Numbers(Box<[u64]>);

impl Numbers {
    /// None of the numbers below `size`.
    #[must_use]
    pub fn none(size: u32) -> Self {
        Self(vec![0; size.div_ceil(64) as usize].into())
    }

    /// All numbers below `size`.
    #[must_use]
    pub fn all(size: u32) -> Self {
        let mut all = Self(vec![u64::MAX; size.div_ceil(64) as usize].into());
        if let Some(last) = all.0.last_mut() {
            *last >>= size.wrapping_neg() % 64;
        }
        all
    }

    /// Bytes that the set of all numbers below `size` takes, as any other.
    #[must_use]
    pub const fn bytes(size: u32) -> usize {
        size.div_ceil(64) as usize * 8
    }

    /// Whether a number is in the set.
    #[must_use]
    #[inline]
    pub fn has(&self, number: u32) -> bool {
        self.0.get(number as usize / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }

    /// Adds a number; false if it was there.
    #[inline]
    pub fn insert(&mut self, number: u32) -> bool {
        let Some(word) = self.0.get_mut(number as usize / 64) else { return false };
        let before = *word;
        *word |= 1 << (number % 64);
        *word != before
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.0.iter().map(|word| u64::from(word.count_ones())).sum()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|&word| word == 0)
    }

    /// Takes all numbers out.
    pub fn clear(&mut self) {
        self.0.fill(0);
    }

    /// The numbers for which a condition holds.
    #[must_use]
    pub fn filtered(&self, mut holds: impl FnMut(u32) -> bool) -> Self {
        let filtered = |(at, &word): (usize, &u64)| {
            let kept = |&bit: &u32| holds(at as u32 * 64 + bit);
            ones(word).filter(kept).fold(0, |kept, bit| kept | 1 << bit)
        };
        Self(self.0.iter().enumerate().map(filtered).collect())
    }

    /// The numbers, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u32> + '_ {
        let words = self.0.iter().enumerate();
        words.flat_map(|(at, &word)| ones(word).map(move |bit| at as u32 * 64 + bit))
    }
}

/// The bits of a word that are set, ascending.
#[inline]
fn ones(mut word: u64) -> impl Iterator<Item = u32> {
    std::iter::from_fn(move || {
        let bit = (word != 0).then(|| word.trailing_zeros())?;
        word &= word - 1;
        Some(bit)
    })
}

/// A sum over the digits of a number, a term for each: looked up in two tables, one for the lower
/// digits and one for the others.
#[derive(Clone, Debug, Default)]
pub struct DigitSum<T> {
    low: Vec<T>,
    high: Vec<T>,
}

impl<T: Copy + Default + Add<Output = T>> DigitSum<T> {
    /// For numbers of these digits, lowest first, from the term of each digit's every value.
    #[must_use]
    pub fn new(radices: &[u32], term: impl Fn(usize, u32) -> T) -> Self {
        let size: u64 = radices.iter().map(|&radix| u64::from(radix)).product();
        let (mut low, mut high) = (vec![T::default()], vec![T::default()]);
        for (digit, &radix) in radices.iter().enumerate() {
            let is_low =
                high.len() == 1 && (low.len() as u64 * u64::from(radix)).pow(2) <= size * 9;
            let table = if is_low { &mut low } else { &mut high };
            let before = table.clone();
            let sums = |value| before.iter().map(move |&sum| (sum, value));
            let terms = (0..radix).flat_map(sums);
            *table = terms.map(|(sum, value)| sum + term(digit, value)).collect();
        }
        Self { low, high }
    }

    /// Bytes that the tables take.
    #[must_use]
    pub fn bytes(&self) -> usize {
        (self.low.len() + self.high.len()) * size_of::<T>()
    }

    /// The sum over this number's digits.
    #[must_use]
    #[inline]
    pub fn of(&self, number: u32) -> T {
        let lows = self.low.len().max(1) as u32;
        let get = |table: &[T], at: u32| table.get(at as usize).copied().unwrap_or_default();
        get(&self.low, number % lows) + get(&self.high, number / lows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_holds_what_was_added() {
        for size in [1, 63, 64, 65, 729] {
            let (mut set, all) = (Numbers::none(size), Numbers::all(size));
            assert!(set.is_empty() && all.iter().eq(0..size) && all.count() == u64::from(size));
            for number in (0..size).step_by(5) {
                assert!(set.insert(number) && !set.insert(number) && set.has(number));
            }
            assert!(
                set.iter().eq((0..size).step_by(5)) && !set.has(size) && !set.insert(640 + size)
            );
            assert!(set.filtered(|number| number % 3 == 0).iter().eq((0..size).step_by(15)));
            assert_eq!(Numbers::bytes(size), size.div_ceil(64) as usize * 8);
            set.clear();
            assert_eq!(set, Numbers::none(size));
        }
    }

    #[test]
    fn a_sum_over_digits_is_that_of_its_terms() {
        let term = |digit: usize, value: u32| value * value + 7 * digit as u32;
        for radices in [&[][..], &[4], &[1, 9, 1], &[9, 4, 9, 1], &[2, 3, 5, 7, 4], &[81, 1, 1]] {
            let sum = DigitSum::new(radices, term);
            for number in 0..radices.iter().product() {
                let mut rest = number;
                let terms = radices.iter().enumerate().map(|(digit, &radix)| {
                    let value = rest % radix;
                    rest /= radix;
                    term(digit, value)
                });
                assert_eq!(sum.of(number), terms.sum::<u32>(), "{number} of {radices:?}");
            }
        }
    }
}

//! Sets of variables, and their order: by size, then by names.

use std::cmp::Ordering;

/// A set of variables, numbered in the order of their names. The first variable is the highest bit,
/// so of two sets of one size the one with the larger bits comes first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct KeySet {
    size: u32,
    words: Box<[u64]>,
}

impl KeySet {
    /// The empty set among `inputs` variables.
    pub fn empty(inputs: usize) -> Self {
        Self { size: 0, words: vec![0; inputs.div_ceil(64)].into_boxed_slice() }
    }

    /// The set of one variable.
    pub fn single(input: usize, inputs: usize) -> Self {
        let mut set = Self::empty(inputs);
        set.insert(input);
        set
    }

    /// Adds a variable below the number of inputs.
    pub fn insert(&mut self, input: usize) {
        if let Some(word) = self.words.get_mut(input / 64) {
            let bit = 1 << (63 - input % 64);
            self.size += u32::from(*word & bit == 0);
            *word |= bit;
        }
    }

    /// Whether the variable is in the set.
    #[cfg(test)]
    pub fn contains(&self, input: usize) -> bool {
        self.words.get(input / 64).is_some_and(|word| word & (1 << (63 - input % 64)) != 0)
    }

    /// The number of variables in the set.
    pub fn len(&self) -> usize {
        self.size as usize
    }

    /// All variables of either set.
    pub fn union(&self, other: &Self) -> Self {
        let words: Box<[u64]> =
            self.words.iter().zip(&other.words).map(|(one, other)| one | other).collect();
        Self { size: words.iter().map(|word| word.count_ones()).sum(), words }
    }

    /// The variables, in order.
    pub fn members(&self) -> impl Iterator<Item = usize> + '_ {
        self.words.iter().enumerate().flat_map(|(index, &word)| {
            let rest = |word: u64| std::num::NonZeroU64::new(word);
            std::iter::successors(rest(word), move |&word| {
                rest(word.get() & !(1 << (63 - word.leading_zeros())))
            })
            .map(move |word| index * 64 + word.leading_zeros() as usize)
        })
    }
}

impl Ord for KeySet {
    fn cmp(&self, other: &Self) -> Ordering {
        self.size.cmp(&other.size).then_with(|| other.words.cmp(&self.words))
    }
}

impl PartialOrd for KeySet {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(members: &[usize]) -> KeySet {
        let mut set = KeySet::empty(130);
        members.iter().for_each(|&member| set.insert(member));
        set
    }

    #[test]
    fn sets_are_ordered_by_size_then_by_members() {
        let mut sets = [set(&[1, 2]), set(&[0, 129]), set(&[5]), set(&[0, 64])];
        sets.sort();
        let members: Vec<Vec<usize>> = sets.iter().map(|set| set.members().collect()).collect();
        assert_eq!(members, [vec![5], vec![0, 64], vec![0, 129], vec![1, 2]]);
    }

    #[test]
    fn a_variable_counts_once() {
        assert!(set(&[2]).contains(2) && !set(&[2]).contains(3));
        assert_eq!(set(&[2, 2, 9]).len(), 2);
    }
}

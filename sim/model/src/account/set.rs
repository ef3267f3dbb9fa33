//! Small sets of accounts.

use super::AccountId;

/// Words of a set.
const WORDS: usize = 4;
/// Most accounts that a set can tell apart.
pub const SET_ACCOUNTS_MAX: usize = WORDS * 64;

/// A set of accounts with ids below [`SET_ACCOUNTS_MAX`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SmallSet([u64; WORDS]);

impl SmallSet {
    /// The set of these accounts.
    pub fn of(accounts: impl IntoIterator<Item = AccountId>) -> Self {
        accounts.into_iter().fold(Self::default(), Self::with)
    }

    /// The same with this account.
    #[must_use]
    pub fn with(mut self, account: AccountId) -> Self {
        if let Some(word) = self.0.get_mut(account.index() / 64) {
            *word |= 1 << (account.index() % 64);
        }
        self
    }

    /// Whether it holds this account.
    #[must_use]
    pub fn contains(self, account: AccountId) -> bool {
        self.0.get(account.index() / 64).is_some_and(|word| word >> (account.index() % 64) & 1 == 1)
    }

    fn zip(self, other: Self, act: impl Fn(u64, u64) -> u64) -> Self {
        let mut words = self.0;
        words.iter_mut().zip(other.0).for_each(|(mine, theirs)| *mine = act(*mine, theirs));
        Self(words)
    }

    /// What either holds.
    #[must_use]
    pub fn or(self, other: Self) -> Self {
        self.zip(other, |mine, theirs| mine | theirs)
    }

    /// What both hold.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        self.zip(other, |mine, theirs| mine & theirs)
    }

    /// What this one holds and the other does not.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        self.zip(other, |mine, theirs| mine & !theirs)
    }

    /// How many it holds.
    #[must_use]
    pub fn len(self) -> usize {
        self.0.iter().map(|word| word.count_ones() as usize).sum()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == [0; WORDS]
    }

    /// Its accounts, ascending.
    pub fn iter(self) -> impl Iterator<Item = AccountId> {
        let mut left = self.0;
        std::iter::from_fn(move || {
            let (at, word) = left.iter_mut().enumerate().find(|(_, word)| **word != 0)?;
            let bit = word.trailing_zeros();
            *word &= *word - 1;
            Some(AccountId(64 * at as u32 + bit))
        })
    }
}

/// Every choice of at most so many accounts, of each group its first ones.
#[must_use]
pub fn choices(groups: &[Vec<AccountId>], most: usize) -> Vec<SmallSet> {
    let mut all = vec![SmallSet::default()];
    for group in groups {
        let mut longer = Vec::new();
        for &set in &all {
            let mut set = set;
            for &account in group {
                set = set.with(account);
                if set.len() > most {
                    break;
                }
                longer.push(set);
            }
        }
        all.append(&mut longer);
    }
    all
}

/// All choices of exactly so many, of each group its first ones; where a group leaves more than `most_sets`, the
/// first of them.
#[must_use]
pub fn choices_of_exactly(
    groups: &[Vec<AccountId>],
    count: usize,
    most_sets: usize,
) -> Vec<SmallSet> {
    let mut all = vec![SmallSet::default()];
    let mut left: usize = groups.iter().map(Vec::len).sum();
    for group in groups {
        left -= group.len();
        let one = choices(std::slice::from_ref(group), usize::MAX);
        let longer = all.iter().flat_map(|&set| one.iter().map(move |&more| set.or(more)));
        all = longer.filter(|set| set.len() <= count && set.len() + left >= count).collect();
        all.truncate(most_sets);
    }
    all
}

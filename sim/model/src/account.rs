//! Accounts: dense ids inside, labels at the edges.
//!
//! Ids are given in the order of the labels' text, so a list sorted by id is sorted by label. NIS1
//! depends on it: its server walks a modification in the order of the addresses' text.

mod set;

pub use set::{SET_ACCOUNTS_MAX, SmallSet, choices, choices_of_exactly};

use std::fmt;
use std::hash::BuildHasher;
use std::ops::{Index, IndexMut};

use foldhash::fast::FixedState;
use hashbrown::HashTable;

/// A dense account number, 0 to the number of accounts - 1, in the order of the labels' text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(pub u32);

impl AccountId {
    /// The number as an index.
    #[must_use]
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// A list of labels that does not fit: the same twice, or more than an id can number.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LabelError {
    /// One label stands twice in the list.
    #[error("account `{0}` is listed twice; expected each name once")]
    Twice(String),
    /// A label without a character.
    #[error("an account's name is empty; expected at least one character")]
    Empty,
    /// The labels together exceed 4 GiB or 2^32 - 2 accounts.
    #[error("{0} accounts are more than this ledger can number")]
    TooMany(usize),
}

/// The labels of all accounts: id to label by index, label to id by hash.
#[derive(Clone, Debug, Default)]
pub struct Accounts {
    text: String,
    ends: Vec<u32>,
    table: HashTable<u32>,
}

const HASH: FixedState = FixedState::with_seed(0x51_00_2a_7e);

impl Accounts {
    /// Numbers `labels` in the order of their text.
    ///
    /// # Errors
    /// A label that is empty or stands twice, or more labels than 32 bits can number.
    pub fn new<S: AsRef<str>>(labels: &[S]) -> Result<Self, LabelError> {
        let mut sorted: Vec<&str> = labels.iter().map(AsRef::as_ref).collect();
        sorted.sort_unstable();
        let bytes: usize = sorted.iter().map(|label| label.len()).sum();
        if u32::try_from(bytes).is_err() || u32::try_from(sorted.len()).is_err() {
            return Err(LabelError::TooMany(sorted.len()));
        }
        let mut accounts = Self {
            text: String::with_capacity(bytes),
            ends: Vec::with_capacity(sorted.len()),
            table: HashTable::with_capacity(sorted.len()),
        };
        let mut before = None;
        for label in sorted {
            if label.is_empty() {
                return Err(LabelError::Empty);
            }
            if before.replace(label) == Some(label) {
                return Err(LabelError::Twice(label.to_owned()));
            }
            accounts.push(label);
        }
        Ok(accounts)
    }

    fn push(&mut self, label: &str) {
        let id = self.ends.len() as u32;
        self.text.push_str(label);
        self.ends.push(self.text.len() as u32);
        let (text, ends) = (&self.text, &self.ends);
        self.table.insert_unique(HASH.hash_one(label), id, |&other| {
            HASH.hash_one(slice_of(text, ends, other))
        });
    }

    /// The account of this label.
    #[must_use]
    pub fn find(&self, label: &str) -> Option<AccountId> {
        let hash = HASH.hash_one(label);
        self.table
            .find(hash, |&id| slice_of(&self.text, &self.ends, id) == label)
            .map(|&id| AccountId(id))
    }

    /// The label of this account; empty for an id of another ledger.
    #[must_use]
    pub fn label(&self, account: AccountId) -> &str {
        slice_of(&self.text, &self.ends, account.0)
    }

    /// Number of accounts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there is no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// All ids in the order of their labels.
    pub fn ids(&self) -> impl DoubleEndedIterator<Item = AccountId> + use<> {
        (0..self.ends.len() as u32).map(AccountId)
    }

    /// The label nearest in spelling, for a hint behind an unknown one.
    #[must_use]
    pub fn nearest(&self, label: &str) -> Option<&str> {
        nearest(label, self.ids().take(10_000).map(|id| self.label(id)))
    }
}

fn slice_of<'a>(text: &'a str, ends: &[u32], id: u32) -> &'a str {
    let index = id as usize;
    let start = match index.checked_sub(1) {
        Some(before) => ends.get(before).copied().unwrap_or(0),
        None => 0,
    };
    let end = ends.get(index).copied().unwrap_or(start);
    text.get(start as usize..end as usize).unwrap_or("")
}

/// Words longer than this, in bytes, are like no other: comparing two takes time by the product of their lengths.
const WORD_BYTES_MAX: usize = 256;

/// Number of single-character edits between two words, for "did you mean"; the length of the longer one where
/// it is longer than any name.
#[must_use]
pub fn distance(one: &str, other: &str) -> usize {
    let longest = one.len().max(other.len());
    if longest > WORD_BYTES_MAX {
        return longest;
    }
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, from) in one.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (&to, &above) in other.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(from != to)).min(above + 1).min(left + 1);
            diagonal = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

/// The one of these words that is nearest to `word` in spelling; none where so many slips as it would take make
/// another word of it.
pub fn nearest<'n>(word: &str, known: impl Iterator<Item = &'n str>) -> Option<&'n str> {
    let letters = word.chars().count();
    let slips = (1 + letters / 3).min(letters.saturating_sub(1));
    let near = known.map(|known| (distance(known, word), known));
    near.filter(|&(edits, _)| edits <= slips).min().map(|(_, known)| known)
}

/// The question behind an unknown word; nothing where no known one is near.
#[must_use]
pub fn did_you_mean(near: Option<&str>) -> String {
    near.map_or_else(String::new, |near| format!("; did you mean `{near}`?"))
}

/// One value for every account, by id.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PerAccount<T>(pub Vec<T>);

impl<T: Clone + Default> PerAccount<T> {
    /// The default value for each of `count` accounts.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self(vec![T::default(); count])
    }
}

impl<T> Index<AccountId> for PerAccount<T> {
    type Output = T;

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "ids come from the ledger that sized this table")]
    fn index(&self, account: AccountId) -> &T {
        &self.0[account.index()]
    }
}

impl<T> IndexMut<AccountId> for PerAccount<T> {
    #[inline]
    #[expect(clippy::indexing_slicing, reason = "ids come from the ledger that sized this table")]
    fn index_mut(&mut self, account: AccountId) -> &mut T {
        &mut self.0[account.index()]
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "#{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognized_and_another_word_is_not() {
        let near = |word| nearest(word, ["a", "bo", "alice", "min_approval"].into_iter());
        assert_eq!(near("alcie"), Some("alice"));
        assert_eq!((near("bp"), near("min_aproval")), (Some("bo"), Some("min_approval")));
        // one letter has no slip in it
        assert_eq!((near("b"), near(""), near("carol")), (None, None, None));
        assert_eq!(did_you_mean(near("alcie")), "; did you mean `alice`?");
    }

    #[test]
    fn ids_follow_the_text_of_the_labels() {
        let accounts = Accounts::new(&["a2", "a10", "a1"]).unwrap();
        let labels: Vec<&str> = accounts.ids().map(|id| accounts.label(id)).collect();
        assert_eq!(labels, ["a1", "a10", "a2"]);
        assert_eq!(accounts.find("a10"), Some(AccountId(1)));
        assert_eq!(accounts.find("a3"), None);
        assert_eq!(accounts.label(AccountId(9)), "");
    }

    #[test]
    fn labels_that_do_not_fit_are_refused() {
        assert_eq!(Accounts::new(&["x", "x"]).unwrap_err(), LabelError::Twice("x".into()));
        assert_eq!(Accounts::new(&["x", ""]).unwrap_err(), LabelError::Empty);
    }

    #[test]
    fn the_nearest_label_is_offered_only_when_near() {
        let accounts = Accounts::new(&["alice-phone", "bob"]).unwrap();
        assert_eq!(accounts.nearest("alice-phnoe"), Some("alice-phone"));
        assert_eq!(accounts.nearest("zebra"), None);
    }
}

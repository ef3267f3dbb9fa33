//! A multisig graph of at most eight accounts in two machine words, and the view that the rules read.
//!
//! Byte `i` of a word belongs to account `i`: in the rows it is the set of cosignatories, in the
//! thresholds it is min approval (low half) and min removal (high half).

use crate::account::AccountId;
use crate::ledger::{Links, Minima, View, bits};
use crate::protocol::Base;

/// Most accounts that a packed state holds.
pub const ACCOUNTS_MAX: usize = 8;

/// The byte of an account in a word.
#[inline]
pub(crate) const fn byte(word: u64, account: usize) -> u8 {
    (word >> (8 * (account & 7))) as u8
}

/// A word whose only byte that is not 0 is this account's.
#[inline]
pub(crate) const fn lane(value: u8, account: usize) -> u64 {
    (value as u64) << (8 * (account & 7))
}

/// The word with this account's byte replaced.
#[inline]
pub(crate) const fn with_byte(word: u64, account: usize, value: u8) -> u64 {
    (word & !lane(0xff, account)) | lane(value, account)
}

/// Rows to columns: who cosigns becomes whom it cosigns for. (Eight by eight bits, in three steps.)
#[inline]
pub(crate) const fn transposed(rows: u64) -> u64 {
    let mut word = rows;
    let swap = (word ^ (word >> 7)) & 0x00aa_00aa_00aa_00aa;
    word ^= swap ^ (swap << 7);
    let swap = (word ^ (word >> 14)) & 0x0000_cccc_0000_cccc;
    word ^= swap ^ (swap << 14);
    let swap = (word ^ (word >> 28)) & 0x0000_0000_f0f0_f0f0;
    word ^ swap ^ (swap << 28)
}

/// A state: who cosigns for whom, and the thresholds. 16 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packed {
    /// Byte `i`: the set of account `i`'s cosignatories.
    pub rows: u64,
    /// Byte `i`: account `i`'s min approval (low four bits) and min removal (high four bits).
    pub thresholds: u64,
}

impl Packed {
    /// The multisig state of a ledger; `None` beyond eight accounts or thresholds above 15.
    #[must_use]
    pub fn of_links(links: &Links) -> Option<Self> {
        if links.len() > ACCOUNTS_MAX {
            return None;
        }
        let mut packed = Self::default();
        for account in links.multisig_accounts() {
            let row = links.cosignatories(account).fold(0, |row, member| row | 1 << member.0);
            let minima = links.minima(account);
            if minima.approval.max(minima.removal) > 15 {
                return None;
            }
            let threshold = (minima.removal << 4 | minima.approval) as u8;
            packed.rows |= lane(row, account.index());
            packed.thresholds |= lane(threshold, account.index());
        }
        Some(packed)
    }

    /// The set of an account's cosignatories.
    #[must_use]
    #[inline]
    pub const fn row(self, account: usize) -> u8 {
        byte(self.rows, account)
    }

    /// An account's thresholds.
    #[must_use]
    #[inline]
    pub const fn minima_of(self, account: usize) -> Minima {
        let both = byte(self.thresholds, account);
        Minima { approval: (both & 15) as u32, removal: (both >> 4) as u32 }
    }

    /// The same state with another row and other thresholds for one account.
    #[must_use]
    #[inline]
    pub const fn with(self, account: usize, row: u8, minima: Minima) -> Self {
        let both = (minima.removal << 4 | minima.approval) as u8;
        Self {
            rows: with_byte(self.rows, account, row),
            thresholds: with_byte(self.thresholds, account, both),
        }
    }

    /// The same state under other names.
    #[must_use]
    pub fn renamed(self, renaming: Renaming) -> Self {
        Self { rows: renaming.rows(self.rows), thresholds: renaming.lanes(self.thresholds) }
    }
}

/// Another name for every account: account `i` becomes `place(i)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Renaming(pub(crate) u64);

impl Default for Renaming {
    fn default() -> Self {
        Self(0x0706_0504_0302_0100)
    }
}

impl Renaming {
    /// The new number of an account.
    #[must_use]
    #[inline]
    pub const fn place(self, account: usize) -> usize {
        byte(self.0, account) as usize
    }

    /// Moves every account's byte to its new place.
    #[must_use]
    #[inline]
    pub fn lanes(self, word: u64) -> u64 {
        (0..ACCOUNTS_MAX).fold(0, |new, i| new | lane(byte(word, i), self.place(i)))
    }

    /// A set of accounts under the new names.
    #[must_use]
    #[inline]
    pub fn set(self, set: u8) -> u8 {
        bits(u64::from(set)).fold(0, |new, account| new | 1 << self.place(account))
    }

    /// Rows under the new names.
    #[must_use]
    pub fn rows(self, rows: u64) -> u64 {
        (0..ACCOUNTS_MAX).fold(0, |new, i| new | lane(self.set(byte(rows, i)), self.place(i)))
    }
}

/// A packed state with its columns, as the rules read it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Graph {
    /// The state.
    pub state: Packed,
    columns: u64,
}

impl Graph {
    /// The view of a state.
    #[must_use]
    #[inline]
    pub const fn new(state: Packed) -> Self {
        Self { state, columns: transposed(state.rows) }
    }

    /// The set of accounts an account cosigns for.
    #[must_use]
    #[inline]
    pub const fn column(&self, account: usize) -> u8 {
        byte(self.columns, account)
    }
}

#[inline]
fn members(set: u8) -> impl Iterator<Item = AccountId> {
    bits(u64::from(set)).map(|account| AccountId(account as u32))
}

impl View for Graph {
    #[inline]
    fn cosignatories(&self, account: AccountId) -> impl Iterator<Item = AccountId> + '_ {
        members(self.state.row(account.index()))
    }

    #[inline]
    fn multisigs(&self, account: AccountId) -> impl Iterator<Item = AccountId> + '_ {
        members(self.column(account.index()))
    }

    #[inline]
    fn cosignatory_count(&self, account: AccountId) -> u32 {
        self.state.row(account.index()).count_ones()
    }

    #[inline]
    fn multisig_count(&self, account: AccountId) -> u32 {
        self.column(account.index()).count_ones()
    }

    #[inline]
    fn minima(&self, account: AccountId) -> Minima {
        self.state.minima_of(account.index())
    }

    #[inline]
    fn is_cosignatory(&self, multisig: AccountId, cosignatory: AccountId) -> bool {
        self.state.row(multisig.index()) >> (cosignatory.0 & 7) & 1 == 1
    }
}

/// How the thresholds of one account are numbered: 0 to one less than [`Scale::values`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scale(pub Base);

impl Scale {
    /// How many settings an account of `count` cosignatories has.
    ///
    /// Catapult: min approval and min removal, 1 to `count` each. NIS1: min cosignatories, 0 to
    /// `count`.
    #[must_use]
    #[inline]
    pub const fn values(self, count: u32) -> u32 {
        match (self.0, count) {
            (_, 0) => 1,
            (Base::Nis1, _) => count + 1,
            _ => count * count,
        }
    }

    /// The thresholds of this number.
    #[must_use]
    #[inline]
    pub const fn minima(self, count: u32, number: u32) -> Minima {
        match (self.0, count) {
            (_, 0) => Minima { approval: 0, removal: 0 },
            (Base::Nis1, _) => Minima { approval: number, removal: 0 },
            _ => Minima { approval: number / count + 1, removal: number % count + 1 },
        }
    }

    /// The number of these thresholds.
    #[must_use]
    #[inline]
    pub const fn number(self, count: u32, minima: Minima) -> u32 {
        match (self.0, count) {
            (_, 0) => 0,
            (Base::Nis1, _) => minima.approval,
            _ => minima.approval.saturating_sub(1) * count + minima.removal.saturating_sub(1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_the_rows_seen_from_the_other_side() {
        let mut word = 0x0123_4567_89ab_cdef_u64;
        for _ in 0..100 {
            word = word.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
            let columns = transposed(word);
            for row in 0..8 {
                for column in 0..8 {
                    let there = byte(word, row) >> column & 1;
                    assert_eq!(there, byte(columns, column) >> row & 1);
                }
            }
        }
    }

    #[test]
    fn a_renaming_moves_rows_members_and_thresholds() {
        let state = Packed::default().with(0, 0b110, Minima { approval: 2, removal: 1 });
        let swapped = Renaming(0x0706_0504_0300_0102);
        let expected = Packed::default().with(2, 0b011, Minima { approval: 2, removal: 1 });
        assert_eq!(state.renamed(swapped), expected);
    }

    #[test]
    fn settings_are_numbered_without_gaps() {
        for base in [Base::Nis1, Base::Symbol] {
            for count in 1..=7 {
                for number in 0..Scale(base).values(count) {
                    let minima = Scale(base).minima(count, number);
                    assert_eq!(Scale(base).number(count, minima), number);
                    assert!(minima.approval.max(minima.removal) <= count);
                }
            }
        }
    }
}

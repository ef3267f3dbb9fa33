//! A multisig graph of at most ten accounts in two words of 128 bits, and the view that the rules read.
//!
//! Twelve bits of a word, a lane, belong to one account: in the rows they are the set of its
//! cosignatories, in the thresholds its min approval (the lowest four) and min removal (the next four).

use crate::account::AccountId;
use crate::ledger::{Links, Minima, View, bits};
use crate::protocol::Base;

/// Most accounts that a packed state holds.
pub const ACCOUNTS_MAX: usize = 10;

/// A set of accounts, a bit each.
pub type Set = u16;

/// Bits of a word that belong to one account.
pub(crate) const LANE_BITS: u32 = 12;

/// A full lane.
const LANE: Set = (1 << LANE_BITS) - 1;

/// What a word holds for an account.
#[inline]
pub(crate) const fn lane(word: u128, account: usize) -> Set {
    word.wrapping_shr(LANE_BITS * account as u32) as Set & LANE
}

/// A word that holds this value for this account and 0 for all others.
#[inline]
pub(crate) const fn word(value: Set, account: usize) -> u128 {
    (value as u128).wrapping_shl(LANE_BITS * account as u32)
}

/// Rows to columns: who cosigns becomes whom it cosigns for.
#[inline]
pub(crate) const fn transposed(rows: u128) -> u128 {
    let (mut rest, mut columns) = (rows, 0u128);
    while rest != 0 {
        let at = rest.trailing_zeros();
        let (row, column) = (at / LANE_BITS, at % LANE_BITS);
        columns |= 1u128.wrapping_shl(LANE_BITS * column + row);
        rest &= rest - 1;
    }
    columns
}

/// The set of all of so many accounts.
#[inline]
pub(crate) const fn all(accounts: usize) -> Set {
    ((1u32 << accounts) - 1) as Set
}

/// A state: who cosigns for whom, and the thresholds. 32 bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Packed {
    /// Lane `i`: the set of account `i`'s cosignatories.
    pub rows: u128,
    /// Lane `i`: account `i`'s min approval (lowest four bits) and min removal (next four bits).
    pub thresholds: u128,
}

impl Packed {
    /// The multisig state of a ledger; `None` beyond ten accounts or thresholds above 15.
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
            packed.rows |= word(row, account.index());
            packed.thresholds |= word(packed_minima(minima), account.index());
        }
        Some(packed)
    }

    /// The set of an account's cosignatories.
    #[must_use]
    #[inline]
    pub const fn row(self, account: usize) -> Set {
        lane(self.rows, account)
    }

    /// An account's thresholds.
    #[must_use]
    #[inline]
    pub const fn minima_of(self, account: usize) -> Minima {
        minima_of(lane(self.thresholds, account))
    }

    /// The same state with another row and other thresholds for one account.
    #[must_use]
    #[inline]
    pub const fn with(self, account: usize, row: Set, minima: Minima) -> Self {
        let others = !word(LANE, account);
        Self {
            rows: self.rows & others | word(row, account),
            thresholds: self.thresholds & others | word(packed_minima(minima), account),
        }
    }

    /// The same state under other names.
    #[must_use]
    pub fn renamed(self, renaming: Renaming) -> Self {
        Self { rows: renaming.rows(self.rows), thresholds: renaming.lanes(self.thresholds) }
    }
}

/// Thresholds as a lane holds them.
#[inline]
pub(crate) const fn packed_minima(minima: Minima) -> Set {
    (minima.removal << 4 | minima.approval) as Set
}

/// The thresholds that a lane holds.
#[inline]
pub(crate) const fn minima_of(lane: Set) -> Minima {
    Minima { approval: (lane & 15) as u32, removal: (lane >> 4) as u32 }
}

/// Another name for every account: account `i` becomes `place(i)`, the `i`-th four bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Renaming(pub(crate) u64);

impl Default for Renaming {
    fn default() -> Self {
        Self(0xfedc_ba98_7654_3210)
    }
}

impl Renaming {
    /// The new number of an account.
    #[must_use]
    #[inline]
    pub const fn place(self, account: usize) -> usize {
        (self.0.wrapping_shr(4 * account as u32) & 15) as usize
    }

    /// Moves every account's lane to its new place.
    #[must_use]
    #[inline]
    pub fn lanes(self, old: u128) -> u128 {
        (0..ACCOUNTS_MAX).fold(0, |new, i| new | word(lane(old, i), self.place(i)))
    }

    /// A set of accounts under the new names.
    #[must_use]
    #[inline]
    pub fn set(self, set: Set) -> Set {
        bits(u64::from(set)).fold(0, |new, account| new | 1 << self.place(account))
    }

    /// Rows under the new names.
    #[must_use]
    pub fn rows(self, rows: u128) -> u128 {
        (0..ACCOUNTS_MAX).fold(0, |new, i| new | word(self.set(lane(rows, i)), self.place(i)))
    }
}

/// A packed state with its columns, as the rules read it.
#[derive(Clone, Copy, Debug, Default)]
pub struct Graph {
    /// The state.
    pub state: Packed,
    columns: u128,
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
    pub const fn column(&self, account: usize) -> Set {
        lane(self.columns, account)
    }
}

#[inline]
fn members(set: Set) -> impl Iterator<Item = AccountId> {
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
        self.state.row(multisig.index()) >> (cosignatory.0 & 15) & 1 == 1
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
        match (self.0.has_removal_threshold(), count) {
            (_, 0) => 1,
            (true, _) => count * count,
            (false, _) => count + 1,
        }
    }

    /// The thresholds of this number.
    #[must_use]
    #[inline]
    pub const fn minima(self, count: u32, number: u32) -> Minima {
        match (self.0.has_removal_threshold(), count) {
            (_, 0) => Minima { approval: 0, removal: 0 },
            (true, _) => Minima { approval: number / count + 1, removal: number % count + 1 },
            (false, _) => Minima { approval: number, removal: 0 },
        }
    }

    /// The number of these thresholds.
    #[must_use]
    #[inline]
    pub const fn number(self, count: u32, minima: Minima) -> u32 {
        match (self.0.has_removal_threshold(), count) {
            (_, 0) => 0,
            (false, _) => minima.approval,
            (true, _) => {
                minima.approval.saturating_sub(1) * count + minima.removal.saturating_sub(1)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_the_rows_seen_from_the_other_side() {
        let mut noise = 0x0123_4567_89ab_cdef_u64;
        for _ in 0..100 {
            let rows = (0..ACCOUNTS_MAX).fold(0, |rows, account| {
                noise = noise.wrapping_mul(0x9e37_79b9_7f4a_7c15).rotate_left(17);
                rows | word(noise as Set & all(ACCOUNTS_MAX), account)
            });
            let columns = transposed(rows);
            for row in 0..ACCOUNTS_MAX {
                for column in 0..ACCOUNTS_MAX {
                    let there = lane(rows, row) >> column & 1;
                    assert_eq!(there, lane(columns, column) >> row & 1);
                }
            }
            assert_eq!(transposed(columns), rows);
        }
    }

    #[test]
    fn a_renaming_moves_rows_members_and_thresholds() {
        let state = Packed::default().with(0, 0b110, Minima { approval: 2, removal: 1 });
        let swapped = Renaming(0xfedc_ba98_7654_3012);
        let expected = Packed::default().with(2, 0b011, Minima { approval: 2, removal: 1 });
        assert_eq!(state.renamed(swapped), expected);
    }

    #[test]
    fn settings_are_numbered_without_gaps() {
        for base in [Base::Nis1, Base::Symbol] {
            for count in 1..ACCOUNTS_MAX as u32 {
                for number in 0..Scale(base).values(count) {
                    let minima = Scale(base).minima(count, number);
                    assert_eq!(Scale(base).number(count, minima), number);
                    assert!(minima.approval.max(minima.removal) <= count);
                }
            }
        }
    }
}

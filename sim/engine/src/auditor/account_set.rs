//! A set of accounts: one bit for each of the first 64 ids, a sorted list of all others. Campaigns
//! have fewer accounts than bits, and then no set takes memory of its own.

use crate::account::AccountId;

/// How many ids have a bit.
const BITS: u32 = u64::BITS;

/// A set of accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AccountSet {
    /// Bit n: account n is a member.
    bits: u64,
    /// The members that have no bit, ascending.
    others: Vec<AccountId>,
}

/// The bit of an account, if it has one.
const fn bit(account: AccountId) -> Option<u64> {
    if account.0 < BITS { Some(1 << account.0) } else { None }
}

impl AccountSet {
    /// The empty set.
    #[must_use]
    pub const fn new() -> Self {
        Self { bits: 0, others: Vec::new() }
    }

    /// Number of members.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.bits.count_ones() as usize + self.others.len()
    }

    /// Whether nobody is in it.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.bits == 0 && self.others.is_empty()
    }

    /// Whether it is a member.
    #[must_use]
    #[inline]
    pub fn contains(&self, account: AccountId) -> bool {
        match bit(account) {
            Some(bit) => self.bits & bit != 0,
            None => self.others.binary_search(&account).is_ok(),
        }
    }

    /// Takes a member in; whether it was not there before.
    #[inline]
    pub fn insert(&mut self, account: AccountId) -> bool {
        let Some(bit) = bit(account) else { return self.insert_other(account) };
        let fresh = self.bits & bit == 0;
        self.bits |= bit;
        fresh
    }

    #[cold]
    fn insert_other(&mut self, account: AccountId) -> bool {
        let place = self.others.binary_search(&account);
        if let Err(place) = place {
            self.others.insert(place, account);
        }
        place.is_err()
    }

    /// Lets a member go; whether it was there.
    #[inline]
    pub fn remove(&mut self, account: AccountId) -> bool {
        let was_there = self.contains(account);
        match bit(account) {
            Some(bit) => self.bits &= !bit,
            None => self.others.retain(|&other| other != account),
        }
        was_there
    }

    /// The members, ascending.
    #[must_use]
    #[inline]
    pub fn iter(&self) -> Iter<'_> {
        Iter { bits: self.bits, others: self.others.iter() }
    }

    /// Takes all members of the other set in.
    #[inline]
    pub fn add_all(&mut self, other: &Self) {
        self.bits |= other.bits;
        for &account in &other.others {
            self.insert_other(account);
        }
    }

    /// The members that are in the other set, too.
    #[must_use]
    #[inline]
    pub fn intersection(&self, other: &Self) -> Self {
        let others = self.chosen_others(other, true);
        Self { bits: self.bits & other.bits, others }
    }

    /// The members that are not in the other set.
    #[must_use]
    #[inline]
    pub fn difference(&self, other: &Self) -> Self {
        let others = self.chosen_others(other, false);
        Self { bits: self.bits & !other.bits, others }
    }

    /// The members without a bit that are in the other set, or those that are not.
    #[inline]
    fn chosen_others(&self, other: &Self, wanted: bool) -> Vec<AccountId> {
        if self.others.is_empty() { Vec::new() } else { self.search_others(other, wanted) }
    }

    #[cold]
    fn search_others(&self, other: &Self, wanted: bool) -> Vec<AccountId> {
        let chosen = |account: &AccountId| other.contains(*account) == wanted;
        self.others.iter().copied().filter(chosen).collect()
    }

    /// Whether all members are in the other set, too.
    #[must_use]
    #[inline]
    pub fn is_subset(&self, other: &Self) -> bool {
        self.bits & !other.bits == 0 && self.others.iter().all(|&account| other.contains(account))
    }

    /// Whether no member is in the other set.
    #[must_use]
    #[inline]
    pub fn is_disjoint(&self, other: &Self) -> bool {
        self.intersection(other).is_empty()
    }
}

/// The members of a set, ascending.
#[derive(Clone, Debug)]
pub struct Iter<'s> {
    bits: u64,
    others: std::slice::Iter<'s, AccountId>,
}

impl Iterator for Iter<'_> {
    type Item = AccountId;

    #[inline]
    fn next(&mut self) -> Option<AccountId> {
        if self.bits == 0 {
            return self.others.next().copied();
        }
        let account = AccountId(self.bits.trailing_zeros());
        self.bits &= self.bits - 1;
        Some(account)
    }
}

impl<'s> IntoIterator for &'s AccountSet {
    type Item = AccountId;
    type IntoIter = Iter<'s>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Extend<AccountId> for AccountSet {
    fn extend<I: IntoIterator<Item = AccountId>>(&mut self, accounts: I) {
        for account in accounts {
            self.insert(account);
        }
    }
}

impl FromIterator<AccountId> for AccountSet {
    fn from_iter<I: IntoIterator<Item = AccountId>>(accounts: I) -> Self {
        let mut set = Self::new();
        set.extend(accounts);
        set
    }
}

impl<const N: usize> From<[AccountId; N]> for AccountSet {
    fn from(accounts: [AccountId; N]) -> Self {
        Self::from_iter(accounts)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Ids with a bit, the last of them, the first without, and large ones.
    const IDS: [u32; 6] = [0, 5, 63, 64, 65, 70_000];

    /// The set and the ids that are chosen by the bits of a number, in falling order.
    fn chosen(number: u32) -> (AccountSet, BTreeSet<AccountId>) {
        let ids = (0..IDS.len()).rev().filter(|bit| number >> bit & 1 == 1);
        let ids: Vec<AccountId> = ids.map(|bit| AccountId(IDS[bit])).collect();
        (ids.iter().copied().collect(), ids.into_iter().collect())
    }

    #[test]
    fn it_answers_as_an_ordered_set_does_on_both_sides_of_the_last_bit() {
        for (one, plain_one) in (0..64).map(chosen) {
            assert!(one.iter().eq(plain_one.iter().copied()));
            assert_eq!((one.len(), one.is_empty()), (plain_one.len(), plain_one.is_empty()));
            for (other, plain) in (0..64).map(chosen) {
                assert_eq!(one.is_subset(&other), plain_one.is_subset(&plain));
                assert_eq!(one.is_disjoint(&other), plain_one.is_disjoint(&plain));
                assert!(one.difference(&other).iter().eq(&plain_one - &plain));
                assert!(one.intersection(&other).iter().eq(&plain_one & &plain));
                let mut both = one.clone();
                both.add_all(&other);
                assert!(both.iter().eq(&plain_one | &plain));
                assert_eq!(one == other, plain_one == plain);
            }
        }
    }

    #[test]
    fn members_come_once_and_go() {
        for account in IDS.map(AccountId) {
            let mut set = AccountSet::from([AccountId(1), AccountId(66)]);
            assert!(set.insert(account) && !set.insert(account) && set.contains(account));
            assert!(set.remove(account) && !set.remove(account) && !set.contains(account));
            assert_eq!(set, [AccountId(66), AccountId(1)].into());
        }
    }
}

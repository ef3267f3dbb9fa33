//! The canonical form of a graph's skeleton (who cosigns for whom, thresholds aside).
//!
//! Only multisig accounts are put in order; once they stand in a row, a plain account is recognised by the
//! set it cosigns for, and two of the same set are interchangeable. So the search goes over the
//! orders of the few multisig accounts that no refinement tells apart, never over all accounts.

use super::packed::{ACCOUNTS_MAX, Renaming, Set, lane, transposed};
use crate::ledger::bits;

/// A skeleton: rows, and a set of accounts that is distinguished from the others (a coalition, a victim).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Skeleton {
    /// Lane `i`: the set of account `i`'s cosignatories.
    pub rows: u128,
    /// The accounts distinguished.
    pub colour: Set,
}

/// A skeleton's canonical form and the ways to it.
#[derive(Clone, Debug)]
pub struct Form {
    /// The canonical skeleton, the same for all skeletons that differ in names alone.
    pub skeleton: Skeleton,
    /// All orders of the multisig accounts that lead to it, plain accounts in any of theirs.
    pub renamings: Vec<Renaming>,
}

/// Room for canonical forms: keeps its memory between two of them.
#[derive(Clone, Debug)]
pub struct Symmetry {
    accounts: usize,
    best: Skeleton,
    renamings: Vec<Renaming>,
}

type Colours = [u64; ACCOUNTS_MAX];

/// The set of multisig accounts: those whose row is not empty.
#[inline]
pub(crate) fn multisig_set(rows: u128) -> Set {
    (0..ACCOUNTS_MAX).fold(0, |set, i| set | Set::from(lane(rows, i) != 0) << i)
}

impl Symmetry {
    /// For graphs of so many accounts, 1 to 10.
    #[must_use]
    pub fn new(accounts: usize) -> Self {
        let accounts = accounts.min(ACCOUNTS_MAX);
        Self { accounts, best: Skeleton::default(), renamings: Vec::new() }
    }

    /// The canonical skeleton and one renaming that leads to it.
    pub fn canonical(&mut self, skeleton: Skeleton) -> (Skeleton, Renaming) {
        self.search(skeleton);
        (self.best, self.renamings.first().copied().unwrap_or_default())
    }

    /// The canonical form with all its renamings.
    pub fn form(&mut self, skeleton: Skeleton) -> Form {
        self.search(skeleton);
        Form { skeleton: self.best, renamings: self.renamings.clone() }
    }

    fn search(&mut self, skeleton: Skeleton) {
        self.renamings.clear();
        let columns = transposed(skeleton.rows);
        let colours = refined(self.accounts, skeleton, columns);
        let multisigs = multisig_set(skeleton.rows);
        let mut order = [0u8; ACCOUNTS_MAX];
        let mut count = 0;
        for account in bits(u64::from(multisigs)) {
            if let Some(slot) = order.get_mut(count) {
                *slot = account as u8;
            }
            count += 1;
        }
        let colour = |account: u8| colours.get(account as usize).copied().unwrap_or(0);
        let order = order.get_mut(..count).unwrap_or_default();
        order.sort_unstable_by_key(|&account| colour(account));
        self.permute(skeleton, columns, &colours, order, 0);
    }

    /// Tries all orders that keep equal colours together, from position `start` on.
    fn permute(
        &mut self,
        skeleton: Skeleton,
        columns: u128,
        colours: &Colours,
        order: &mut [u8],
        start: usize,
    ) {
        let colour = |account: u8| colours.get(account as usize).copied();
        let Some(&first) = order.get(start) else {
            return self.judge(skeleton, columns, order);
        };
        for other in start..order.len() {
            let same = order.get(other).is_some_and(|&other| colour(other) == colour(first));
            if !same {
                break;
            }
            order.swap(start, other);
            self.permute(skeleton, columns, colours, order, start + 1);
            order.swap(start, other);
        }
    }

    /// Completes an order of the multisig accounts by the plain ones and compares what comes out.
    fn judge(&mut self, skeleton: Skeleton, columns: u128, order: &[u8]) {
        let renaming = self.complete(skeleton, columns, order);
        let found =
            Skeleton { rows: renaming.rows(skeleton.rows), colour: renaming.set(skeleton.colour) };
        if self.renamings.is_empty() || found < self.best {
            self.best = found;
            self.renamings.clear();
        }
        if found == self.best {
            self.renamings.push(renaming);
        }
    }

    fn complete(&self, skeleton: Skeleton, columns: u128, order: &[u8]) -> Renaming {
        let mut places = 0u64;
        let mut ordered = [0; ACCOUNTS_MAX];
        let mut placed: Set = 0;
        for (place, &account) in order.iter().enumerate() {
            places |= (place as u64) << (4 * account);
            if let Some(slot) = ordered.get_mut(account as usize) {
                *slot = 1 << place;
            }
            placed |= 1 << account;
        }
        let mut plain = [(0, 0u8); ACCOUNTS_MAX];
        let mut count = 0;
        for account in (0..self.accounts).filter(|account| placed >> account & 1 == 0) {
            let place = |above: usize| ordered.get(above).copied().unwrap_or(0);
            let column = u64::from(lane(columns, account));
            let cosigned: Set = bits(column).fold(0, |set, above| set | place(above));
            let told = skeleton.colour >> account & 1;
            if let Some(slot) = plain.get_mut(count) {
                *slot = (Set::MAX - (cosigned << 1 | told), account as u8);
            }
            count += 1;
        }
        let plain = plain.get_mut(..count).unwrap_or_default();
        plain.sort_unstable();
        for (after, &(_, account)) in plain.iter().enumerate() {
            places |= ((order.len() + after) as u64) << (4 * account);
        }
        let beyond = u64::MAX << (4 * self.accounts);
        Renaming(places | Renaming::default().0 & beyond)
    }
}

const fn mixed(value: u64) -> u64 {
    let value = (value ^ (value >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    value ^ (value >> 32)
}

/// A colour for every account that depends on its surroundings and on no name.
fn refined(accounts: usize, skeleton: Skeleton, columns: u128) -> Colours {
    let mut colours = [0u64; ACCOUNTS_MAX];
    for (account, colour) in colours.iter_mut().enumerate().take(accounts) {
        let below = lane(skeleton.rows, account).count_ones();
        let above = lane(columns, account).count_ones();
        let told = u32::from(skeleton.colour >> account & 1);
        *colour = mixed(u64::from(1 + below * 32 + above * 2 + told));
    }
    for _ in 0..2 {
        let before = colours;
        let sum = |set: Set| {
            let of = |account: usize| before.get(account).copied().unwrap_or(0);
            bits(u64::from(set)).fold(0u64, |sum, account| sum.wrapping_add(of(account)))
        };
        for (account, colour) in colours.iter_mut().enumerate().take(accounts) {
            let below = mixed(sum(lane(skeleton.rows, account)).wrapping_mul(3));
            let above = mixed(sum(lane(columns, account)).wrapping_mul(5));
            *colour = mixed(colour.wrapping_add(below.rotate_left(7)).wrapping_add(above));
        }
    }
    colours
}

#[cfg(test)]
mod tests {
    use super::super::packed::{all, word};
    use super::*;

    fn shuffled(accounts: usize, seed: u64) -> Renaming {
        let mut order: Vec<usize> = (0..accounts).collect();
        order.sort_by_key(|&account| mixed(seed.wrapping_add(account as u64 * 7919)));
        order.extend(accounts..16);
        Renaming((0..16).fold(0, |all, i| all | (order[i] as u64) << (4 * i)))
    }

    #[test]
    fn names_do_not_matter_and_nothing_else_is_lost() {
        for seed in 0..500u64 {
            let accounts = 7 + seed as usize % 4;
            let mut symmetry = Symmetry::new(accounts);
            let mut rows = 0;
            for account in 0..accounts {
                let noise = mixed(seed * 31 + account as u64) as Set;
                let below = noise & mixed(seed + account as u64 * 977) as Set;
                rows |= word(below & all(account), account);
            }
            let skeleton = Skeleton { rows, colour: seed as Set & 3 };
            let form = symmetry.form(skeleton);
            for &renaming in &form.renamings {
                assert_eq!(renaming.rows(rows), form.skeleton.rows);
                assert_eq!(renaming.set(skeleton.colour), form.skeleton.colour);
            }
            for other in 0..20 {
                let renaming = shuffled(accounts, seed * 100 + other);
                let colour = renaming.set(skeleton.colour);
                let renamed = Skeleton { rows: renaming.rows(rows), colour };
                assert_eq!(symmetry.canonical(renamed).0, form.skeleton);
            }
        }
    }
}

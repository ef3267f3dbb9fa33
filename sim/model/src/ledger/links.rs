//! Who cosigns for whom: the view that rules read, and the flat store behind the ledger's state.

mod roster;

pub use roster::bits;

use crate::account::{AccountId, PerAccount};
use roster::Roster;

/// The two thresholds of a multisig account, 0/0 for a plain one.
///
/// On NIS1 `approval` is min cosignatories (0 = all of them) and `removal` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Minima {
    /// Min approval: signatures needed for everything but a removal.
    pub approval: u32,
    /// Min removal: signatures needed to remove a cosignatory.
    pub removal: u32,
}

/// A read-only view of the multisig links: all that the rules need to know of a state.
///
/// The ledger's state and the explorer's packed state both offer it, so that one text of the rules
/// judges both.
pub trait View {
    /// The cosignatories of an account, ascending; empty for a plain account.
    fn cosignatories(&self, account: AccountId) -> impl Iterator<Item = AccountId> + '_;
    /// The multisig accounts it cosigns for, ascending.
    fn multisigs(&self, account: AccountId) -> impl Iterator<Item = AccountId> + '_;
    /// Number of cosignatories.
    fn cosignatory_count(&self, account: AccountId) -> u32;
    /// Number of accounts it cosigns for.
    fn multisig_count(&self, account: AccountId) -> u32;
    /// The thresholds.
    fn minima(&self, account: AccountId) -> Minima;
    /// Whether `cosignatory` is one of `multisig`'s.
    fn is_cosignatory(&self, multisig: AccountId, cosignatory: AccountId) -> bool;

    /// Whether an account is multisig: it has a cosignatory.
    #[inline]
    fn is_multisig(&self, account: AccountId) -> bool {
        self.cosignatory_count(account) > 0
    }

    /// Whether a Catapult server keeps a multisig entry for it: multisig, cosignatory, or both.
    #[inline]
    fn has_entry(&self, account: AccountId) -> bool {
        self.is_multisig(account) || self.multisig_count(account) > 0
    }
}

/// Marks on accounts that are cleared in one go.
pub trait Marks {
    /// Removes every mark.
    fn clear(&mut self);
    /// Marks an account; true if it was not marked before.
    fn mark(&mut self, account: AccountId) -> bool;
    /// Whether an account is marked.
    fn marked(&self, account: AccountId) -> bool;
}

/// Marks for any number of accounts: a stamp each, cleared by counting on.
#[derive(Clone, Debug, Default)]
pub struct StampMarks {
    stamp: u32,
    stamps: PerAccount<u32>,
}

impl StampMarks {
    /// No marks on `count` accounts.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { stamp: 1, stamps: PerAccount::new(count) }
    }
}

impl Marks for StampMarks {
    #[inline]
    fn clear(&mut self) {
        self.stamp = self.stamp.wrapping_add(1);
        if self.stamp == 0 {
            self.stamps.0.fill(0);
            self.stamp = 1;
        }
    }

    #[inline]
    fn mark(&mut self, account: AccountId) -> bool {
        std::mem::replace(&mut self.stamps[account], self.stamp) != self.stamp
    }

    #[inline]
    fn marked(&self, account: AccountId) -> bool {
        self.stamps[account] == self.stamp
    }
}

/// Marks for at most 64 accounts: one bit each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BitMarks(pub u64);

impl Marks for BitMarks {
    #[inline]
    fn clear(&mut self) {
        self.0 = 0;
    }

    #[inline]
    fn mark(&mut self, account: AccountId) -> bool {
        let before = self.0;
        self.0 |= 1 << (account.0 & 63);
        self.0 != before
    }

    #[inline]
    fn marked(&self, account: AccountId) -> bool {
        self.0 >> (account.0 & 63) & 1 == 1
    }
}

/// One sorted list of accounts for every account: short ones lie in place, long ones in one pool.
///
/// A long list takes a run of the pool whose size is a power of two; runs that become free are kept by
/// size for the next list that needs one.
#[derive(Clone, Debug, Default)]
struct Lists {
    lists: PerAccount<List>,
    pool: Vec<AccountId>,
    free: Vec<Vec<u32>>,
}

/// Most members of a list that needs no run of the pool.
const NEAR: usize = 8;

/// A list of accounts, ascending: its members if they are few, else where they lie.
#[derive(Clone, Copy, Debug, Default)]
pub struct List {
    length: u32,
    /// The members and zeros behind them; of a long list the start of its run, and zeros.
    near: [AccountId; NEAR],
}

impl List {
    /// Number of members.
    #[must_use]
    #[inline]
    pub const fn length(&self) -> u32 {
        self.length
    }

    /// The members, unless they are many.
    #[must_use]
    #[inline]
    pub fn near(&self) -> Option<&[AccountId]> {
        self.near.get(..self.length as usize)
    }

    /// Whether length and places are the same, and with them the members if they are few. Looks at
    /// every place: nobody can foretell how long a list is, so a branch for each would cost more.
    #[must_use]
    #[inline]
    pub fn same(&self, other: &Self) -> bool {
        let places = self.near.iter().zip(&other.near);
        places.fold(self.length ^ other.length, |differs, (one, other)| differs | (one.0 ^ other.0))
            == 0
    }

    const fn start(&self) -> u32 {
        let [AccountId(start), ..] = self.near;
        start
    }

    /// A list whose members lie in a run of the pool.
    fn far(start: u32, length: u32) -> Self {
        let mut near = [AccountId(0); NEAR];
        near[0] = AccountId(start);
        Self { length, near }
    }

    /// How many of few members come before `member`. Looks at every place, as [`List::same`] does.
    #[inline]
    fn before(&self, member: AccountId) -> u32 {
        let places = self.near.iter().zip(0..);
        places.fold(0, |count, (&place, index)| {
            count + u32::from((index < self.length) & (place < member))
        })
    }

    /// Whether `member` is one of few members. Looks at every place.
    #[inline]
    fn holds(&self, member: AccountId) -> bool {
        let places = self.near.iter().zip(0..);
        places.fold(false, |found, (&place, index)| {
            found | ((index < self.length) & (place == member))
        })
    }

    /// Puts a new member among few, who leave a place free.
    fn insert(&mut self, member: AccountId) {
        let at = self.before(member);
        let [a, b, c, d, e, f, g, _] = self.near;
        let moved = [member, a, b, c, d, e, f, g];
        for ((place, moved), index) in self.near.iter_mut().zip(moved).zip(0..) {
            let moved = if index == at { member } else { moved };
            *place = if index < at { *place } else { moved };
        }
        self.length += 1;
    }

    /// Takes one of few members out.
    fn remove(&mut self, member: AccountId) {
        let at = self.before(member);
        let [_, b, c, d, e, f, g, h] = self.near;
        let moved = [b, c, d, e, f, g, h, AccountId(0)];
        for ((place, moved), index) in self.near.iter_mut().zip(moved).zip(0..) {
            *place = if index < at { *place } else { moved };
        }
        self.length -= 1;
    }
}

/// The size of the run that a list of this length needs.
const fn run_of(length: u32) -> u32 {
    if length as usize <= NEAR { 0 } else { length.next_power_of_two() }
}

impl Lists {
    fn new(count: usize) -> Self {
        Self { lists: PerAccount::new(count), pool: Vec::new(), free: Vec::new() }
    }

    #[inline]
    fn of(&self, account: AccountId) -> &[AccountId] {
        let list = &self.lists[account];
        match list.near() {
            Some(near) => near,
            None => self.run(list.start(), list.length),
        }
    }

    #[inline]
    fn holds(&self, account: AccountId, member: AccountId) -> bool {
        let list = &self.lists[account];
        match list.near() {
            Some(_) => list.holds(member),
            None => self.run(list.start(), list.length).binary_search(&member).is_ok(),
        }
    }

    #[inline]
    fn length(&self, account: AccountId) -> u32 {
        self.lists[account].length
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a list's run lies in the pool that made it")]
    fn run(&self, start: u32, length: u32) -> &[AccountId] {
        &self.pool[start as usize..start as usize + length as usize]
    }

    #[inline]
    #[expect(clippy::indexing_slicing, reason = "a list's run lies in the pool that made it")]
    fn run_mut(&mut self, start: u32, length: u32) -> &mut [AccountId] {
        &mut self.pool[start as usize..start as usize + length as usize]
    }

    /// Adds `member`; nothing if it is there already.
    fn insert(&mut self, account: AccountId, member: AccountId) {
        let length = self.length(account);
        if (length as usize) < NEAR {
            let list = &mut self.lists[account];
            if !list.holds(member) {
                list.insert(member);
            }
            return;
        }
        let Err(at) = self.of(account).binary_search(&member) else { return };
        self.resize(account, length + 1);
        let run = self.run_mut(self.lists[account].start(), length + 1);
        run.copy_within(at..length as usize, at + 1);
        if let Some(place) = run.get_mut(at) {
            *place = member;
        }
    }

    /// Takes `member` out; nothing if it is not there.
    fn remove(&mut self, account: AccountId, member: AccountId) {
        let length = self.length(account);
        if length as usize <= NEAR {
            let list = &mut self.lists[account];
            if list.holds(member) {
                list.remove(member);
            }
            return;
        }
        let Ok(at) = self.of(account).binary_search(&member) else { return };
        let start = self.lists[account].start();
        self.run_mut(start, length).copy_within(at + 1.., at);
        self.resize(account, length - 1);
    }

    /// Gives a list that is long before or after it the length `length`: in place, or in a larger or
    /// smaller run where its size asks for one.
    fn resize(&mut self, account: AccountId, length: u32) {
        let before = self.lists[account];
        if run_of(before.length) == run_of(length) {
            self.lists[account].length = length;
            return;
        }
        let kept = before.length.min(length);
        if run_of(length) == 0 {
            let mut list = List { length, ..List::default() };
            let run = self.run(before.start(), kept);
            list.near.iter_mut().zip(run).for_each(|(place, &member)| *place = member);
            self.lists[account] = list;
        } else {
            let fresh = self.take(run_of(length));
            match before.near() {
                Some(near) => self.run_mut(fresh, kept).copy_from_slice(near),
                None => {
                    let start = before.start() as usize;
                    self.pool.copy_within(start..start + kept as usize, fresh as usize);
                }
            }
            self.lists[account] = List::far(fresh, length);
        }
        self.release(before.start(), run_of(before.length));
    }

    fn take(&mut self, run: u32) -> u32 {
        if let Some(start) = self.free.get_mut(run.ilog2() as usize).and_then(Vec::pop) {
            return start;
        }
        let start = self.pool.len() as u32;
        self.pool.resize(self.pool.len() + run as usize, AccountId(0));
        start
    }

    fn release(&mut self, start: u32, run: u32) {
        if run == 0 {
            return;
        }
        let size = run.ilog2() as usize;
        if self.free.len() <= size {
            self.free.resize_with(size + 1, Vec::new);
        }
        if let Some(free) = self.free.get_mut(size) {
            free.push(start);
        }
    }
}

/// The links and thresholds of all accounts, flat.
#[derive(Clone, Debug, Default)]
pub struct Links {
    minima: PerAccount<Minima>,
    cosignatories: Lists,
    multisigs: Lists,
    roster: Roster,
}

impl Links {
    /// `count` plain accounts.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self {
            minima: PerAccount::new(count),
            cosignatories: Lists::new(count),
            multisigs: Lists::new(count),
            roster: Roster::new(count),
        }
    }

    /// Number of accounts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.minima.0.len()
    }

    /// Whether there is no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.minima.0.is_empty()
    }

    /// The cosignatories of an account, ascending.
    #[must_use]
    #[inline]
    pub fn cosignatories_of(&self, account: AccountId) -> &[AccountId] {
        self.cosignatories.of(account)
    }

    /// The accounts it cosigns for, ascending.
    #[must_use]
    #[inline]
    pub fn multisigs_of(&self, account: AccountId) -> &[AccountId] {
        self.multisigs.of(account)
    }

    /// The cosignatories of an account and the accounts it cosigns for, as they lie.
    #[must_use]
    #[inline]
    pub fn lists(&self, account: AccountId) -> [&List; 2] {
        [&self.cosignatories.lists[account], &self.multisigs.lists[account]]
    }

    /// All multisig accounts, ascending.
    pub fn multisig_accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.roster.iter()
    }

    /// Number of multisig accounts.
    #[must_use]
    pub fn multisig_account_count(&self) -> usize {
        self.roster.count
    }

    pub(super) fn link(&mut self, multisig: AccountId, cosignatory: AccountId) {
        self.cosignatories.insert(multisig, cosignatory);
        self.multisigs.insert(cosignatory, multisig);
        self.roster.set(multisig, true);
    }

    pub(super) fn unlink(&mut self, multisig: AccountId, cosignatory: AccountId) {
        self.cosignatories.remove(multisig, cosignatory);
        self.multisigs.remove(cosignatory, multisig);
        if self.cosignatories.length(multisig) == 0 {
            self.roster.set(multisig, false);
        }
    }

    /// Lets a former cosignatory believe that it still is one.
    pub(super) fn keep_back_link(&mut self, multisig: AccountId, cosignatory: AccountId) {
        self.multisigs.insert(cosignatory, multisig);
    }

    pub(super) fn set_minima(&mut self, account: AccountId, minima: Minima) {
        self.minima[account] = minima;
    }
}

impl View for Links {
    #[inline]
    fn cosignatories(&self, account: AccountId) -> impl Iterator<Item = AccountId> + '_ {
        self.cosignatories.of(account).iter().copied()
    }

    #[inline]
    fn multisigs(&self, account: AccountId) -> impl Iterator<Item = AccountId> + '_ {
        self.multisigs.of(account).iter().copied()
    }

    #[inline]
    fn cosignatory_count(&self, account: AccountId) -> u32 {
        self.cosignatories.length(account)
    }

    #[inline]
    fn multisig_count(&self, account: AccountId) -> u32 {
        self.multisigs.length(account)
    }

    #[inline]
    fn minima(&self, account: AccountId) -> Minima {
        self.minima[account]
    }

    #[inline]
    fn is_cosignatory(&self, multisig: AccountId, cosignatory: AccountId) -> bool {
        self.cosignatories.holds(multisig, cosignatory)
    }
}

impl PartialEq for Links {
    /// Equal accounts, whatever their lists' places in the pool.
    fn eq(&self, other: &Self) -> bool {
        self.minima == other.minima
            && (0..self.len() as u32).map(AccountId).all(|account| {
                self.cosignatories_of(account) == other.cosignatories_of(account)
                    && self.multisigs_of(account) == other.multisigs_of(account)
            })
    }
}

#[cfg(test)]
mod tests;

//! What the auditor knows of the world, and what can be read off the tree of cosignatories.
//!
//! Only the downward links are kept. Who cosigns for whom upwards is found by looking through all
//! entries every time, so that the two directions cannot disagree.

use std::sync::Arc;

use super::sorted::{Map, Set};
use crate::account::AccountId;
use crate::mosaic::{Definition, MosaicId};
use crate::transaction::PendingId;
use crate::unit::{Amount, Height};

/// A multisig account: its thresholds and its cosignatories.
///
/// On NIS1 `min_approval` is the number of min cosignatories (0 = all) and `min_removal` is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Approvals that any operation but a removal needs.
    pub min_approval: u32,
    /// Approvals that a removal needs.
    pub min_removal: u32,
    /// Who decides for the account; never empty in a multisig account.
    pub cosignatories: Set<AccountId>,
}

/// A deposit for a bonded aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Lock {
    pub(super) pending: PendingId,
    pub(super) owner: AccountId,
    pub(super) amount: Amount,
    /// The first height at which it is no longer active; whoever harvests that block gets it.
    pub(super) end: Height,
    /// Returned or forfeited: it speaks for nothing any more, but is remembered.
    pub(super) settled: bool,
}

/// What an account without an entry has.
static NO_ENTRY: Entry = Entry { min_approval: 0, min_removal: 0, cosignatories: Set::new() };

/// What was executed in the open block, as far as the rules of a block ask.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct OpenBlock {
    /// Number of transactions, their children counted.
    pub(super) transactions: u64,
    /// Who signed a transaction, wrapped ones aside.
    pub(super) signers: Set<AccountId>,
    /// How many modifications each account signed.
    pub(super) modifications: Map<AccountId, u64>,
}

impl Clone for OpenBlock {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        self.transactions = source.transactions;
        self.signers.clone_from(&source.signers);
        self.modifications.clone_from(&source.modifications);
    }
}

/// Everything a transaction can change. A copy of it shares the entries until they change.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct State {
    entries: Map<AccountId, Arc<Entry>>,
    balances: Map<(AccountId, MosaicId), Amount>,
    pub(super) definitions: Map<MosaicId, Definition>,
    /// What the server's cache of hash locks holds.
    pub(super) locks: Vec<Lock>,
    /// The hashes of what was executed, and at which height.
    pub(super) executed: Map<PendingId, Height>,
    /// Fees paid in the open block.
    pub(super) fees: Amount,
    /// Fees and deposits of blocks that nobody harvested.
    pub(super) uncollected: Amount,
    /// What the rules of a block ask of the open one.
    pub(super) block: OpenBlock,
    /// The height of the open block.
    pub(super) height: Height,
}

impl Clone for State {
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        copy.clone_from(self);
        copy
    }

    fn clone_from(&mut self, source: &Self) {
        self.entries.clone_from(&source.entries);
        self.balances.clone_from(&source.balances);
        self.definitions.clone_from(&source.definitions);
        self.locks.clone_from(&source.locks);
        self.executed.clone_from(&source.executed);
        (self.fees, self.uncollected) = (source.fees, source.uncollected);
        self.block.clone_from(&source.block);
        self.height = source.height;
    }
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            entries: Map::new(),
            balances: Map::new(),
            definitions: Map::new(),
            locks: Vec::new(),
            executed: Map::new(),
            fees: Amount::ZERO,
            uncollected: Amount::ZERO,
            block: OpenBlock::default(),
            height: Height(1),
        }
    }

    // ---- balances

    pub(super) fn balance(&self, account: AccountId, mosaic: MosaicId) -> Amount {
        self.balances.get(&(account, mosaic)).copied().unwrap_or(Amount::ZERO)
    }

    pub(super) fn balances(&self, account: AccountId) -> &[((AccountId, MosaicId), Amount)] {
        self.balances.run(|(owner, _)| owner.cmp(&account))
    }

    pub(super) fn set_balance(&mut self, account: AccountId, mosaic: MosaicId, amount: Amount) {
        if amount == Amount::ZERO {
            self.balances.remove(&(account, mosaic));
        } else {
            self.balances.insert((account, mosaic), amount);
        }
    }

    /// Takes `amount`, or takes nothing and answers false where there is less.
    pub(super) fn debit(&mut self, account: AccountId, mosaic: MosaicId, amount: Amount) -> bool {
        let Some(rest) = self.balance(account, mosaic).checked_sub(amount) else { return false };
        self.set_balance(account, mosaic, rest);
        true
    }

    /// Gives `amount`. Balances that exceed 2^64 - 1 together are the setter's mistake; they stop
    /// there.
    pub(super) fn credit(&mut self, account: AccountId, mosaic: MosaicId, amount: Amount) {
        let sum = self.balance(account, mosaic).checked_add(amount).unwrap_or(Amount(u64::MAX));
        self.set_balance(account, mosaic, sum);
    }

    // ---- entries: `MultisigEntry`

    /// All multisig accounts.
    pub(super) fn entries(&self) -> impl Iterator<Item = (AccountId, &Entry)> {
        self.entries.iter().map(|(&account, entry)| (account, entry.as_ref()))
    }

    /// The entry; 0/0 without cosignatories for an account that has none or merely cosigns.
    pub(super) fn entry(&self, account: AccountId) -> &Entry {
        self.entries.get(&account).map_or(&NO_ENTRY, Arc::as_ref)
    }

    /// Stores an entry, or forgets it where no cosignatory is left.
    pub(super) fn set_entry(&mut self, account: AccountId, entry: Entry) {
        if entry.cosignatories.is_empty() {
            self.entries.remove(&account);
        } else {
            self.entries.insert(account, Arc::new(entry));
        }
    }

    pub(super) fn cosignatories(&self, account: AccountId) -> &Set<AccountId> {
        &self.entry(account).cosignatories
    }

    /// "is multisig <=> entry exists and `cosignatories` not empty".
    pub(super) fn is_multisig(&self, account: AccountId) -> bool {
        !self.cosignatories(account).is_empty()
    }

    /// The accounts that `account` cosigns for.
    pub(super) fn multisigs(&self, account: AccountId) -> impl Iterator<Item = AccountId> {
        self.entries()
            .filter(move |(_, entry)| entry.cosignatories.contains(&account))
            .map(|(multisig, _)| multisig)
    }

    /// "The account is a cosigner of some account".
    pub(super) fn is_cosignatory(&self, account: AccountId) -> bool {
        self.multisigs(account).next().is_some()
    }

    /// An account has an entry while it is a multisig account, a cosignatory, or both.
    pub(super) fn has_entry(&self, account: AccountId) -> bool {
        self.is_multisig(account) || self.is_cosignatory(account)
    }

    // ---- the tree

    /// Everyone below `account`, without itself (unless somebody drew a loop).
    pub(super) fn descendants(&self, account: AccountId) -> Set<AccountId> {
        everyone_beyond(account, |member| self.cosignatories(member).iter().copied())
    }

    /// Everyone above `account`, without itself (unless somebody drew a loop).
    pub(super) fn ancestors(&self, account: AccountId) -> Set<AccountId> {
        everyone_beyond(account, |member| self.multisigs(member))
    }

    /// "leaves(a) = {a} if a has no cosignatories else union of leaves(cosignatories)".
    pub(super) fn leaves(&self, account: AccountId) -> Set<AccountId> {
        if !self.is_multisig(account) {
            return [account].into();
        }
        let mut tree = self.descendants(account);
        tree.insert(account);
        tree.retain(|&member| !self.is_multisig(member));
        tree
    }

    /// Number of edges of the longest way down from `account`.
    pub(super) fn longest_path_down(&self, account: AccountId) -> u64 {
        self.longest_path(account, |member| self.cosignatories(member).iter().copied())
    }

    /// Number of edges of the longest way up from `account`.
    pub(super) fn longest_path_up(&self, account: AccountId) -> u64 {
        self.longest_path(account, |member| self.multisigs(member))
    }

    /// Walks level by level until nobody is left; a way longer than there are entries is a loop.
    fn longest_path<I: Iterator<Item = AccountId>>(
        &self,
        account: AccountId,
        next: impl Fn(AccountId) -> I,
    ) -> u64 {
        let mut level: Set<AccountId> = next(account).collect();
        let mut edges = 0;
        while !level.is_empty() && edges <= self.entries.len() as u64 {
            edges += 1;
            level = level.into_iter().flat_map(&next).collect();
        }
        edges
    }

    // ---- hash locks

    /// The lock that lets this aggregate in now: "active: height < end, and not used".
    pub(super) fn active_lock(&self, pending: PendingId) -> Option<Lock> {
        let is_active =
            |lock: &&Lock| lock.pending == pending && !lock.settled && self.height < lock.end;
        self.locks.iter().find(is_active).copied()
    }

    /// "The cache CONTAINS the hash, whatever its state".
    pub(super) fn knows_lock(&self, pending: PendingId) -> bool {
        self.locks.iter().any(|lock| lock.pending == pending)
    }

    /// Remembers a lock as used or expired.
    pub(super) fn settle(&mut self, settled: Lock) {
        for lock in self.locks.iter_mut().filter(|lock| **lock == settled) {
            lock.settled = true;
        }
    }
}

/// Everyone that can be reached from `account` in one step or more.
fn everyone_beyond<I: Iterator<Item = AccountId>>(
    account: AccountId,
    next: impl Fn(AccountId) -> I,
) -> Set<AccountId> {
    let mut found: Set<AccountId> = next(account).collect();
    let mut to_visit: Vec<AccountId> = found.iter().copied().collect();
    while let Some(member) = to_visit.pop() {
        for other in next(member) {
            if found.insert(other) {
                to_visit.push(other);
            }
        }
    }
    found
}

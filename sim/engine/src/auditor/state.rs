//! What the auditor knows of the world, and what can be read off the tree of cosignatories.
//!
//! Only the downward links are kept. Who cosigns for whom upwards is found by looking through all
//! entries every time, so that the two directions cannot disagree.

use super::account_set::AccountSet;
use super::sorted::Map;
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
    pub cosignatories: AccountSet,
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
static NO_ENTRY: Entry =
    Entry { min_approval: 0, min_removal: 0, cosignatories: AccountSet::new() };

/// What was executed in the open block, as far as the rules of a block ask.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct OpenBlock {
    /// Number of transactions, their children counted.
    pub(super) transactions: u64,
    /// Who signed a transaction, wrapped ones aside.
    pub(super) signers: AccountSet,
    /// Who signed a modification.
    pub(super) modified: AccountSet,
    /// Whether somebody signed more than one.
    pub(super) modified_twice: bool,
}

/// What belongs to no account alone.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Chain {
    /// Who has how much of the mosaics that are not the currency.
    mosaics: Map<(AccountId, MosaicId), Amount>,
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

impl Clone for Chain {
    fn clone(&self) -> Self {
        let mut copy = Self::default();
        copy.clone_from(self);
        copy
    }

    /// Keeps the memory of its lists.
    fn clone_from(&mut self, source: &Self) {
        self.mosaics.clone_from(&source.mosaics);
        self.definitions.clone_from(&source.definitions);
        self.locks.clone_from(&source.locks);
        self.executed.clone_from(&source.executed);
        (self.fees, self.uncollected) = (source.fees, source.uncollected);
        self.block.clone_from(&source.block);
        self.height = source.height;
    }
}

/// Everything a transaction can change. It keeps a note of what did change, so that a copy of it can
/// follow without looking at all the rest ([`State::follow`]).
#[derive(Debug)]
pub(super) struct State {
    /// By account; nothing behind the last one that was ever multisig.
    entries: Vec<Entry>,
    /// Who has cosignatories.
    multisig_accounts: AccountSet,
    /// By account; nothing behind the last one that ever had some.
    currency: Vec<Amount>,
    chain: Chain,
    /// The accounts whose entry or currency was set.
    changed_accounts: AccountSet,
    /// Whether somebody may have changed the rest.
    changed_chain: bool,
}

impl Clone for State {
    fn clone(&self) -> Self {
        let mut copy = Self::new();
        copy.clone_from(self);
        copy
    }

    /// Keeps the memory of its lists.
    fn clone_from(&mut self, source: &Self) {
        self.entries.clone_from(&source.entries);
        self.multisig_accounts.clone_from(&source.multisig_accounts);
        self.currency.clone_from(&source.currency);
        self.chain.clone_from(&source.chain);
        self.changed_accounts.clone_from(&source.changed_accounts);
        self.changed_chain = source.changed_chain;
    }
}

impl State {
    pub(super) fn new() -> Self {
        Self {
            entries: Vec::new(),
            multisig_accounts: AccountSet::new(),
            currency: Vec::new(),
            chain: Chain { height: Height(1), ..Chain::default() },
            changed_accounts: AccountSet::new(),
            changed_chain: false,
        }
    }

    pub(super) const fn chain(&self) -> &Chain {
        &self.chain
    }

    pub(super) const fn chain_mut(&mut self) -> &mut Chain {
        self.changed_chain = true;
        &mut self.chain
    }

    /// Becomes what `other` is, which it was before either of them changed.
    pub(super) fn follow(&mut self, other: &mut Self) {
        let mut changed = std::mem::take(&mut self.changed_accounts);
        changed.add_all(&std::mem::take(&mut other.changed_accounts));
        for account in &changed {
            self.put_entry(account, other.entry(account));
            self.put_currency(account, other.currency(account));
        }
        if std::mem::take(&mut self.changed_chain) | std::mem::take(&mut other.changed_chain) {
            self.chain.clone_from(&other.chain);
        }
        if cfg!(test) {
            assert_eq!(self, other, "something changed without a note of it");
        }
    }

    // ---- balances

    #[inline]
    pub(super) fn currency(&self, account: AccountId) -> Amount {
        self.currency.get(account.index()).copied().unwrap_or(Amount::ZERO)
    }

    #[inline]
    pub(super) fn balance(&self, account: AccountId, mosaic: MosaicId) -> Amount {
        if mosaic == MosaicId::CURRENCY {
            return self.currency(account);
        }
        self.chain.mosaics.get(&(account, mosaic)).copied().unwrap_or(Amount::ZERO)
    }

    pub(super) fn set_balance(&mut self, account: AccountId, mosaic: MosaicId, amount: Amount) {
        if mosaic == MosaicId::CURRENCY {
            self.changed_accounts.insert(account);
            self.put_currency(account, amount);
        } else if amount == Amount::ZERO {
            self.chain_mut().mosaics.remove(&(account, mosaic));
        } else {
            self.chain_mut().mosaics.insert((account, mosaic), amount);
        }
    }

    fn put_currency(&mut self, account: AccountId, amount: Amount) {
        if account.index() >= self.currency.len() {
            self.currency.resize(account.index() + 1, Amount::ZERO);
        }
        if let Some(place) = self.currency.get_mut(account.index()) {
            *place = amount;
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
        self.multisig_accounts.iter().map(|account| (account, self.entry(account)))
    }

    /// The entry; 0/0 without cosignatories for an account that has none or merely cosigns.
    #[inline]
    pub(super) fn entry(&self, account: AccountId) -> &Entry {
        self.entries.get(account.index()).unwrap_or(&NO_ENTRY)
    }

    /// Stores an entry, or forgets it where no cosignatory is left.
    pub(super) fn set_entry(&mut self, account: AccountId, entry: &Entry) {
        self.changed_accounts.insert(account);
        self.put_entry(account, if entry.cosignatories.is_empty() { &NO_ENTRY } else { entry });
    }

    fn put_entry(&mut self, account: AccountId, entry: &Entry) {
        if entry.cosignatories.is_empty() {
            self.multisig_accounts.remove(account);
        } else {
            self.multisig_accounts.insert(account);
        }
        if account.index() >= self.entries.len() {
            self.entries.resize(account.index() + 1, NO_ENTRY.clone());
        }
        if let Some(place) = self.entries.get_mut(account.index()) {
            place.clone_from(entry);
        }
    }

    #[inline]
    pub(super) fn cosignatories(&self, account: AccountId) -> &AccountSet {
        &self.entry(account).cosignatories
    }

    /// All multisig accounts.
    pub(super) const fn multisig_accounts(&self) -> &AccountSet {
        &self.multisig_accounts
    }

    /// "is multisig <=> entry exists and `cosignatories` not empty".
    #[inline]
    pub(super) fn is_multisig(&self, account: AccountId) -> bool {
        self.multisig_accounts.contains(account)
    }

    /// The accounts that `account` cosigns for.
    pub(super) fn multisigs(&self, account: AccountId) -> AccountSet {
        let mut found = AccountSet::new();
        for (multisig, entry) in self.entries() {
            if entry.cosignatories.contains(account) {
                found.insert(multisig);
            }
        }
        found
    }

    /// "The account is a cosigner of some account".
    pub(super) fn is_cosignatory(&self, account: AccountId) -> bool {
        self.entries().any(|(_, entry)| entry.cosignatories.contains(account))
    }

    /// An account has an entry while it is a multisig account, a cosignatory, or both.
    pub(super) fn has_entry(&self, account: AccountId) -> bool {
        self.is_multisig(account) || self.is_cosignatory(account)
    }

    // ---- the tree

    /// Everyone below `account`, without itself (unless somebody drew a loop).
    pub(super) fn descendants(&self, account: AccountId) -> AccountSet {
        let mut found = self.cosignatories(account).clone();
        let mut to_visit = found.intersection(&self.multisig_accounts);
        while let Some(multisig) = to_visit.iter().next() {
            let fresh = self.cosignatories(multisig).difference(&found);
            to_visit.remove(multisig);
            to_visit.add_all(&fresh.intersection(&self.multisig_accounts));
            found.add_all(&fresh);
        }
        found
    }

    /// Everyone above `account`, without itself (unless somebody drew a loop).
    pub(super) fn ancestors(&self, account: AccountId) -> AccountSet {
        let mut found = self.multisigs(account);
        let mut to_visit = found.clone();
        while let Some(member) = to_visit.iter().next() {
            let fresh = self.multisigs(member).difference(&found);
            to_visit.remove(member);
            to_visit.add_all(&fresh);
            found.add_all(&fresh);
        }
        found
    }

    /// "leaves(a) = {a} if a has no cosignatories else union of leaves(cosignatories)".
    pub(super) fn leaves(&self, account: AccountId) -> AccountSet {
        if !self.is_multisig(account) {
            return [account].into();
        }
        self.descendants(account).difference(&self.multisig_accounts)
    }

    /// Number of edges of the longest way down from `account`.
    pub(super) fn longest_path_down(&self, account: AccountId) -> u64 {
        self.longest_path(account, |member| self.cosignatories(member).clone())
    }

    /// Number of edges of the longest way up from `account`.
    pub(super) fn longest_path_up(&self, account: AccountId) -> u64 {
        self.longest_path(account, |member| self.multisigs(member))
    }

    /// Walks level by level until nobody is left; a way longer than there are entries is a loop.
    fn longest_path(&self, account: AccountId, next: impl Fn(AccountId) -> AccountSet) -> u64 {
        let mut level = next(account);
        let mut edges = 0;
        while !level.is_empty() && edges <= self.multisig_accounts.len() as u64 {
            edges += 1;
            let mut beyond = AccountSet::new();
            level.iter().for_each(|member| beyond.add_all(&next(member)));
            level = beyond;
        }
        edges
    }

    // ---- hash locks

    /// The lock that lets this aggregate in now: "active: height < end, and not used".
    pub(super) fn active_lock(&self, pending: PendingId) -> Option<Lock> {
        let is_active =
            |lock: &&Lock| lock.pending == pending && !lock.settled && self.chain.height < lock.end;
        self.chain.locks.iter().find(is_active).copied()
    }

    /// "The cache CONTAINS the hash, whatever its state".
    pub(super) fn knows_lock(&self, pending: PendingId) -> bool {
        self.chain.locks.iter().any(|lock| lock.pending == pending)
    }

    /// Remembers a lock as used or expired.
    pub(super) fn settle(&mut self, settled: Lock) {
        for lock in self.chain_mut().locks.iter_mut().filter(|lock| **lock == settled) {
            lock.settled = true;
        }
    }
}

impl PartialEq for State {
    /// Equal contents, whatever changed on the way to them.
    fn eq(&self, other: &Self) -> bool {
        let mut holders = 0..self.currency.len().max(other.currency.len()) as u32;
        self.entries().eq(other.entries())
            && holders.all(|id| self.currency(AccountId(id)) == other.currency(AccountId(id)))
            && self.chain == other.chain
    }
}

//! A copy of the raw state as it was before the step, kept by the watch alone.

use std::collections::VecDeque;
use std::hash::BuildHasher;

use foldhash::fast::FixedState;

use crate::account::{AccountId, PerAccount};
use crate::ledger::{HORIZON_BLOCKS, Ledger, Links, List, Minima, State, Status, View};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::transaction::{PendingId, Transaction};

/// One account as it was.
#[derive(Clone, Debug, Default)]
pub struct ShadowEntry {
    /// Its thresholds.
    pub minima: Minima,
    cosignatories: ShadowList,
    multisigs: ShadowList,
    /// Its balance of the currency.
    pub currency: u64,
    /// The digest of all this.
    digest: u64,
}

/// One list as it was: itself, and its members where they do not fit.
#[derive(Clone, Debug, Default)]
struct ShadowList {
    list: List,
    far: Vec<AccountId>,
}

impl ShadowList {
    #[inline]
    fn members(&self) -> &[AccountId] {
        self.list.near().unwrap_or(&self.far)
    }

    fn copy(&mut self, list: List, members: &[AccountId]) {
        self.list = list;
        self.far.clear();
        if list.near().is_none() {
            self.far.extend_from_slice(members);
        }
    }
}

impl ShadowEntry {
    /// Its cosignatories, ascending.
    #[must_use]
    #[inline]
    pub fn cosignatories(&self) -> &[AccountId] {
        self.cosignatories.members()
    }

    /// The accounts it cosigned for, ascending.
    #[must_use]
    #[inline]
    pub fn multisigs(&self) -> &[AccountId] {
        self.multisigs.members()
    }

    /// Whether links and thresholds are those of the state.
    #[must_use]
    #[inline]
    pub fn links_equal(&self, links: &Links, account: AccountId) -> bool {
        let [cosignatories, multisigs] = links.lists(account);
        let near = (self.minima == links.minima(account))
            & self.cosignatories.list.same(cosignatories)
            & self.multisigs.list.same(multisigs);
        let is_near = cosignatories.near().is_some() && multisigs.near().is_some();
        if is_near { near } else { self.members_equal(links, account) }
    }

    /// As [`ShadowEntry::links_equal`], for lists of any length.
    #[cold]
    fn members_equal(&self, links: &Links, account: AccountId) -> bool {
        self.minima == links.minima(account)
            && self.cosignatories() == links.cosignatories_of(account)
            && self.multisigs() == links.multisigs_of(account)
    }

    fn copy(&mut self, state: &State, account: AccountId) {
        let links = state.links();
        self.minima = links.minima(account);
        let [cosignatories, multisigs] = links.lists(account);
        self.cosignatories.copy(*cosignatories, links.cosignatories_of(account));
        self.multisigs.copy(*multisigs, links.multisigs_of(account));
        self.currency = state.balance(account, MosaicId::CURRENCY).0;
        self.digest = digest(state, account);
    }
}

/// The digest of one account as it stands.
fn digest(state: &State, account: AccountId) -> u64 {
    let links = state.links();
    let (cosignatories, multisigs) = (links.cosignatories_of(account), links.multisigs_of(account));
    let currency = state.balance(account, MosaicId::CURRENCY).0;
    HASH.hash_one((account, links.minima(account), cosignatories, multisigs, currency))
}

/// The state before the step.
#[derive(Clone, Debug, Default)]
pub struct Shadow {
    entries: PerAccount<ShadowEntry>,
    /// Deposits and uncollected currency together.
    pub outside: u128,
    /// The deposits among it.
    pub locked: u64,
    /// How each waiting transaction stood, by id.
    pub statuses: Vec<Option<Status>>,
    /// Digests of the state at the opening of the last blocks, by height.
    pub digests: VecDeque<(u64, u64)>,
    /// The digest of the state now: the sum of its accounts' digests.
    pub digest: u64,
    /// The height of the open block.
    pub height: u64,
    /// The ids of what was executed, and the height of its block.
    pub executed: Vec<(PendingId, u64)>,
    /// By id: the greatest height at which a deadline that was named for it ends its waiting.
    latest_ends: Vec<u64>,
}

/// Number of whole blocks up to the deadline that a transaction names.
pub(super) fn deadline_blocks(protocol: &Protocol, transaction: &Transaction) -> Option<u64> {
    let seconds = u64::try_from(transaction.deadline_seconds?).unwrap_or(0);
    Some(seconds.checked_div(protocol.limits.block_time_seconds).unwrap_or(u64::MAX))
}

/// How many digests of block openings are kept: as many as blocks can be rolled back by default.
const DIGESTS_MAX: usize = HORIZON_BLOCKS + 1;

const HASH: FixedState = FixedState::with_seed(0x5_4ad0);

impl Shadow {
    /// A copy of a ledger's state.
    #[must_use]
    pub fn of(ledger: &Ledger) -> Self {
        let state = ledger.state();
        let mut shadow = Self { entries: PerAccount::new(state.len()), ..Self::default() };
        (0..state.len() as u32).for_each(|id| shadow.copy(state, AccountId(id)));
        shadow.copy_rest(ledger);
        ledger.all_waiting().for_each(|(pending, _)| shadow.copy_status(ledger, pending));
        shadow.note_opening(ledger);
        shadow
    }

    /// The account as it was.
    #[must_use]
    #[inline]
    pub fn entry(&self, account: AccountId) -> &ShadowEntry {
        &self.entries[account]
    }

    /// Number of accounts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.0.len()
    }

    /// Whether there is no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.0.is_empty()
    }

    /// Takes over one account as it is now.
    pub(super) fn copy(&mut self, state: &State, account: AccountId) {
        let entry = &mut self.entries[account];
        let before = entry.digest;
        entry.copy(state, account);
        self.digest = self.digest.wrapping_sub(before).wrapping_add(entry.digest);
    }

    /// The digest that a state has if it differs from this one in these accounts alone.
    pub(super) fn digest_after(&self, state: &State, accounts: &[AccountId]) -> u64 {
        accounts.iter().fold(self.digest, |sum, &account| {
            sum.wrapping_sub(self.entry(account).digest).wrapping_add(digest(state, account))
        })
    }

    /// Takes over what belongs to no account.
    pub(super) fn copy_rest(&mut self, ledger: &Ledger) {
        let state = ledger.state();
        self.outside = u128::from(state.uncollected().0) + u128::from(state.locked().0);
        self.locked = state.locked().0;
        self.height = ledger.height();
    }

    /// Takes over how one waiting transaction stands.
    pub(super) fn copy_status(&mut self, ledger: &Ledger, pending: PendingId) {
        let Some(waiting) = ledger.waiting(pending) else { return };
        let index = pending.0 as usize;
        if self.statuses.len() <= index {
            self.statuses.resize(index + 1, None);
        }
        if let Some(status) = self.statuses.get_mut(index) {
            *status = Some(waiting.status);
        }
    }

    /// Remembers the state at the opening of a block.
    pub(super) fn note_opening(&mut self, ledger: &Ledger) {
        while self.digests.back().is_some_and(|&(height, _)| height >= ledger.height()) {
            self.digests.pop_back();
        }
        if self.digests.len() == DIGESTS_MAX {
            self.digests.pop_front();
        }
        self.digests.push_back((ledger.height(), self.digest));
    }

    /// How a waiting transaction stood.
    #[must_use]
    pub fn status(&self, pending: PendingId) -> Option<Status> {
        self.statuses.get(pending.0 as usize).copied().flatten()
    }

    /// The greatest height at which a deadline named for this id ends its waiting; 0: none was named.
    #[must_use]
    pub fn latest_end(&self, pending: PendingId) -> u64 {
        self.latest_ends.get(pending.0 as usize).copied().unwrap_or(0)
    }

    /// Notes the end that a deadline sets to a transaction that has an id.
    pub(super) fn note_end(&mut self, pending: PendingId, end: u64) {
        let index = pending.0 as usize;
        if self.latest_ends.len() <= index {
            self.latest_ends.resize(index + 1, 0);
        }
        if let Some(latest) = self.latest_ends.get_mut(index) {
            *latest = end.max(*latest);
        }
    }
}

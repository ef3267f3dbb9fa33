//! What waits: hash locks and transactions short of signatures.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::links::Links;
use crate::account::AccountId;
use crate::transaction::{PendingId, Transaction};

/// A deposit for a bonded aggregate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lock {
    /// Who paid it and gets it back.
    pub owner: AccountId,
    /// How much, in the currency's smallest unit.
    pub amount: u64,
    /// The first height at which it no longer holds; that block's harvester gets the deposit.
    pub end: u64,
    /// Whether it still holds: neither used nor expired.
    pub active: bool,
    /// The height of the block in which it was made; once sealed, the lock is confirmed.
    pub since: u64,
    /// Whether it took the place of one that had ended.
    pub renewed: bool,
}

/// How a transaction that had to wait stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// Signatures are missing.
    Waiting,
    /// It was executed.
    Complete,
    /// It was complete and failed under the full rules.
    Failed,
    /// Its time, or its hash lock's, ran out.
    Expired,
    /// A cosignature that may not stand in it ended it (`PtUpdater.cpp`).
    Purged,
}

/// A transaction that waits, or waited.
#[derive(Clone, Debug, PartialEq)]
pub struct Waiting {
    /// With all the cosignatures that arrived.
    pub transaction: Transaction,
    /// How it stands.
    pub status: Status,
    /// The first height at which it no longer waits.
    pub end: u64,
    /// The links by which it is judged, where that is not the present state.
    pub judged_by: Option<Arc<Links>>,
}

/// All hash locks and waiting transactions, by id, and when each ends.
#[derive(Clone, Debug, Default)]
pub(super) struct Pending {
    locks: Vec<Option<Lock>>,
    waiting: Vec<Option<Waiting>>,
    /// The wrapper that waited last, by the identity of the transaction inside it (NIS1).
    around: Vec<Option<PendingId>>,
    /// How many blocks a lock that has ended is kept; `None`: for ever.
    kept_blocks: Option<u64>,
    /// Heights at which something may end. A stale entry does no harm: the entry itself is asked.
    ends: BTreeSet<(u64, PendingId)>,
}

/// The place of an id in a list, made where it is missing.
pub(super) fn slot<T: Clone>(
    list: &mut Vec<Option<T>>,
    pending: PendingId,
) -> Option<&mut Option<T>> {
    let index = pending.0 as usize;
    if index >= list.len() {
        list.resize(index + 1, None);
    }
    list.get_mut(index)
}

impl Pending {
    pub(super) fn new(kept_blocks: Option<u64>) -> Self {
        Self { kept_blocks, ..Self::default() }
    }

    /// Whether a lock has ended so long ago that it is forgotten with the block of this height.
    pub(super) fn is_forgotten(&self, lock: &Lock, height: u64) -> bool {
        let last = self.kept_blocks.map(|blocks| lock.end.saturating_add(blocks));
        !lock.active && last.is_some_and(|last| last <= height)
    }

    /// The wrapper around the transaction of this identity.
    pub(super) fn around(&self, inner: PendingId) -> Option<PendingId> {
        self.around.get(inner.0 as usize).copied().flatten()
    }

    pub(super) fn lock(&self, pending: PendingId) -> Option<&Lock> {
        self.locks.get(pending.0 as usize).and_then(Option::as_ref)
    }

    pub(super) fn waiting(&self, pending: PendingId) -> Option<&Waiting> {
        self.waiting.get(pending.0 as usize).and_then(Option::as_ref)
    }

    pub(super) fn set_lock(&mut self, pending: PendingId, lock: Option<Lock>) -> Option<Lock> {
        if let Some(lock) = lock {
            let kept = if lock.active { Some(0) } else { self.kept_blocks };
            let end = kept.map(|blocks| lock.end.saturating_add(blocks));
            self.ends.extend(end.map(|end| (end, pending)));
        }
        slot(&mut self.locks, pending).and_then(|slot| std::mem::replace(slot, lock))
    }

    pub(super) fn set_waiting(
        &mut self,
        pending: PendingId,
        waiting: Option<Waiting>,
    ) -> Option<Waiting> {
        if let Some(waiting) = waiting.as_ref().filter(|entry| entry.status == Status::Waiting) {
            self.ends.insert((waiting.end, pending));
            if let Some(inner) = waiting.transaction.inner_id
                && let Some(slot) = slot(&mut self.around, inner)
            {
                *slot = Some(pending);
            }
        }
        slot(&mut self.waiting, pending).and_then(|slot| std::mem::replace(slot, waiting))
    }

    /// The entries that may end at or before `height`, by height and id.
    pub(super) fn ending(&self, height: u64) -> impl Iterator<Item = PendingId> + '_ {
        self.ends.iter().take_while(move |(end, _)| *end <= height).map(|&(_, pending)| pending)
    }

    /// Forgets the ends at or before `height`; going back adds what is needed again.
    pub(super) fn forget_ends(&mut self, height: u64) {
        while self.ends.first().is_some_and(|&(end, _)| end <= height) {
            self.ends.pop_first();
        }
    }

    /// The next height at which something may end.
    pub(super) fn first_end(&self) -> Option<u64> {
        self.ends.first().map(|&(end, _)| end)
    }

    /// All entries that ever waited, by id.
    pub(super) fn all_waiting(&self) -> impl Iterator<Item = (PendingId, &Waiting)> {
        let entries = self.waiting.iter().enumerate();
        entries.filter_map(|(id, entry)| Some((PendingId(id as u32), entry.as_ref()?)))
    }

    pub(super) const fn lock_ids(&self) -> usize {
        self.locks.len()
    }

    /// All hash locks ever made, by id.
    pub(super) fn all_locks(&self) -> impl Iterator<Item = (PendingId, &Lock)> {
        let entries = self.locks.iter().enumerate();
        entries.filter_map(|(id, entry)| Some((PendingId(id as u32), entry.as_ref()?)))
    }
}

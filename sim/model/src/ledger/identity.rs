//! What a transaction is known by, and until when its bytes are good.
//!
//! Sources: Catapult `UniqueTransactionHashValidator.cpp`, `DeadlineValidator.cpp`; NIS1
//! `BlockChainValidator`, `BlockUniqueHashTransactionValidator`, `UnconfirmedTransactionsCache`,
//! `DeadlineValidator`, `TransactionDeadlineBlockValidator`.

use super::Ledger;
use super::pending::{Status, Waiting, slot};
use super::rules::Facts;
use crate::protocol::Base;
use crate::transaction::{Envelope, PendingId, Transaction};
use crate::verdict::Reason;

/// How a transaction reaches the ledger.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Alone, into the open block.
    Submitted,
    /// With others, as a block of their own.
    InBlock,
    /// To a node that may let it wait.
    Announced,
}

/// When a transaction's bytes were first put to the ledger, and their deadline; in seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Deadline {
    first: i64,
    at: i64,
}

impl Ledger {
    fn now(&self) -> i64 {
        i64::try_from(self.time_seconds()).unwrap_or(i64::MAX)
    }

    /// The deadline of a transaction that has one. The first step under an id fixes it: bytes do not
    /// change, and no rollback makes them unsigned.
    #[inline]
    pub(super) fn deadline(
        &mut self,
        id: Option<PendingId>,
        transaction: &Transaction,
    ) -> Option<Deadline> {
        if id.is_none() && transaction.deadline_seconds.is_none() {
            return None;
        }
        let known = id.and_then(|id| self.deadlines.get(id.0 as usize).copied().flatten());
        if known.is_some() {
            return known;
        }
        let first = self.now();
        let at = first.saturating_add(transaction.deadline_seconds?);
        let deadline = Some(Deadline { first, at });
        if let Some(slot) = id.and_then(|id| slot(&mut self.deadlines, id)) {
            *slot = deadline;
        }
        deadline
    }

    /// How far ahead a deadline may lie, in seconds: what may have to wait has a lifetime of its own.
    fn lifetime(&self, envelope: Envelope) -> i64 {
        let limits = &self.protocol.limits;
        let seconds = match envelope {
            Envelope::AggregateBonded | Envelope::Multisig => limits.bonded_lifetime_seconds,
            Envelope::Bare | Envelope::AggregateComplete => limits.transaction_lifetime_seconds,
        };
        i64::try_from(seconds).unwrap_or(i64::MAX)
    }

    /// Whether the open block may take a transaction of this deadline. A Catapult server looks from
    /// the block's time on; NIS1 compares with the time at which the transaction was made, too.
    #[inline]
    pub(super) fn timely(
        &mut self,
        deadline: Option<Deadline>,
        transaction: &Transaction,
    ) -> Result<(), Reason> {
        let asked = deadline.filter(|_| self.protocol.conduct.deadline_asked);
        let Some(Deadline { first, at }) = asked else { return Ok(()) };
        let (now, lifetime) = (self.now(), self.lifetime(transaction.envelope));
        let (passed, from) = match self.protocol.base {
            Base::Nis1 => (at <= first || now > at, first),
            _ => (now > at, now),
        };
        if passed {
            return self.desk.refuse(Reason::PastDeadline, Facts::numbers(now, at));
        }
        let latest = from.saturating_add(lifetime);
        match at > latest {
            true => self.desk.refuse(Reason::FutureDeadline, Facts::numbers(at, latest)),
            false => Ok(()),
        }
    }

    /// The first height at which a transaction may not wait any more: a block whose time is the
    /// deadline still takes it. Without a deadline it is the latest that the protocol allows.
    pub(super) fn waits_until(&self, deadline: Option<Deadline>, transaction: &Transaction) -> u64 {
        let latest = || self.now().saturating_add(self.lifetime(transaction.envelope));
        let at = deadline.map_or_else(latest, |deadline| deadline.at);
        let block_time = self.protocol.limits.block_time_seconds.max(1);
        let late = u64::from(!self.protocol.conduct.deadline_exact);
        let height = |seconds: u64| (seconds / block_time).saturating_add(2 + late);
        u64::try_from(at).map_or(0, height)
    }

    /// Catapult: whether no transaction of this identity was executed yet.
    #[inline]
    pub(super) fn unique(&self, id: Option<PendingId>) -> Result<(), Reason> {
        match id.and_then(|id| self.books.state.executed_at(id)) {
            None => Ok(()),
            Some(_) => Err(Reason::HashAlreadyExists),
        }
    }

    /// NIS1: whether neither the transaction nor the one inside is known. A block's own hashes are
    /// compared first; those of sealed blocks by the block's validators, behind everything else
    /// ([`Ledger::repeats`]).
    #[inline]
    pub(super) fn nis1_unique(
        &self,
        ids: [Option<PendingId>; 2],
        arrival: Arrival,
    ) -> Result<(), Reason> {
        for id in ids.into_iter().flatten() {
            if arrival == Arrival::Announced && self.unconfirmed(id) {
                return Err(Reason::Neutral);
            }
            match self.books.state.executed_at(id) {
                None => {}
                Some(height) if height == self.height && arrival != Arrival::Announced => {
                    return Err(Reason::TransactionDuplicateInChain);
                }
                Some(_) if arrival == Arrival::InBlock => {}
                Some(_) => return Err(Reason::Neutral),
            }
        }
        Ok(())
    }

    /// NIS1: whether the transaction, or one around it, waits for signatures.
    fn unconfirmed(&self, id: PendingId) -> bool {
        let around = self.books.pending.around(id);
        self.is_waiting(id) || around.is_some_and(|wrapper| self.is_waiting(wrapper))
    }

    /// NIS1: whether one of these was executed in a sealed block.
    pub(super) fn repeats(&self, transactions: &[Transaction]) -> bool {
        let mut ids = transactions.iter().flat_map(|one| [one.id, one.inner_id]).flatten();
        ids.any(|id| self.books.state.executed_at(id).is_some_and(|height| height < self.height))
    }

    /// Keeps the identity of what was executed; it waits no more.
    #[inline]
    pub(super) fn remember(&mut self, id: Option<PendingId>, inner_id: Option<PendingId>) {
        for id in [id, inner_id].into_iter().flatten() {
            if self.protocol.conduct.repeat_refused {
                self.books.set_executed(id, self.height);
            }
            self.end_waiting(id, Status::Complete);
        }
    }

    /// Ends the waiting of a transaction that waits.
    pub(super) fn end_waiting(&mut self, pending: PendingId, status: Status) {
        if self.is_waiting(pending)
            && let Some(waiting) = self.books.pending.waiting(pending)
        {
            let ended = Waiting { status, ..waiting.clone() };
            self.books.set_waiting(pending, Some(ended));
        }
    }
}

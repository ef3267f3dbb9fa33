//! Deadlines, and transactions that come a second time: "the same id is the same bytes".

use super::state::State;
use super::{Auditor, Judgement};
use crate::protocol::{Base, Protocol};
use crate::transaction::{Envelope, PendingId, Transaction};
use crate::unit::Height;
use crate::verdict::Reason;

/// How a transaction comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Arrival {
    /// Alone, into the open block.
    Submitted,
    /// With others, as a block of their own.
    InBlock,
    /// To a node that may let it wait.
    Announced,
}

/// What a transaction is known by and how it comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    /// None: it is unlike any other.
    pub(super) id: Option<PendingId>,
    pub(super) arrival: Arrival,
    /// None: it names none, or it was asked for before.
    deadline: Option<Deadline>,
}

/// When a transaction was made and until when it is good, in seconds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Deadline {
    made: i64,
    ends: i64,
}

impl Identity {
    /// Of something whose deadline was asked for before.
    pub(super) const fn of_waiting(id: PendingId) -> Self {
        Self { id: Some(id), arrival: Arrival::Announced, deadline: None }
    }
}

impl Auditor {
    /// What a transaction is known by: the id it is announced under, or its own.
    ///
    /// The deadline under an id is that of the first time: what is signed does not change, whatever
    /// is rolled back.
    pub(super) fn identify(
        &mut self,
        transaction: &Transaction,
        announced: Option<PendingId>,
        arrival: Arrival,
    ) -> Identity {
        let id = announced.or(transaction.id);
        let known = id.and_then(|id| self.deadlines.get(&id).copied());
        let made = now(&self.protocol, self.height());
        let named = transaction.deadline_seconds;
        let deadline = named.map(|seconds| Deadline { made, ends: made.saturating_add(seconds) });
        if let (Some(id), None, Some(deadline)) = (id, known, deadline) {
            self.deadlines.insert(id, deadline);
        }
        Identity { id, arrival, deadline: known.or(deadline) }
    }
}

/// The time of the open block; the first block's is 0.
fn now(protocol: &Protocol, height: Height) -> i64 {
    let blocks = height.0.saturating_sub(1);
    let seconds = blocks.saturating_mul(protocol.limits.block_time_seconds);
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

/// The hashes of a transaction that scenarios give a name to: its own and that of what a NIS1
/// wrapper holds.
fn hashes(transaction: &Transaction, identity: Identity) -> impl Iterator<Item = PendingId> {
    identity.id.into_iter().chain(transaction.inner_id)
}

/// Catapult: UniqueTransactionHash. NIS1: what this block holds already is a duplicate
/// (`BlockChainValidator`); what an earlier one holds is neutral, for a block only once all of it was
/// looked at (`BlockUniqueHash`, [`is_repeated`]).
pub(super) fn is_new(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    identity: Identity,
) -> Judgement {
    for hash in hashes(transaction, identity) {
        let Some(&height) = state.chain().executed.get(&hash) else { continue };
        match identity.arrival {
            _ if protocol.base != Base::Nis1 => return Err(Reason::HashAlreadyExists),
            Arrival::Submitted | Arrival::InBlock if height == state.chain().height => {
                return Err(Reason::TransactionDuplicateInChain);
            }
            Arrival::InBlock => {}
            Arrival::Submitted | Arrival::Announced => return Err(Reason::Neutral),
        }
    }
    Ok(())
}

/// NIS1: whether one of these was executed in an earlier block than the open one.
pub(super) fn is_repeated(state: &State, transactions: &[Transaction]) -> bool {
    let state = state.chain();
    let mut hashes = transactions.iter().flat_map(|one| one.id.into_iter().chain(one.inner_id));
    hashes.any(|hash| state.executed.get(&hash).is_some_and(|&height| height < state.height))
}

/// Remembers what was executed.
pub(super) fn remember(state: &mut State, transaction: &Transaction, identity: Identity) {
    let height = state.chain().height;
    for hash in hashes(transaction, identity) {
        state.chain_mut().executed.insert(hash, height);
    }
}

/// `DeadlineValidator`. Catapult: not past, and not further off than the longest lifetime. NIS1: both
/// by the time at which it was made, "before the deadline"; then not past by that of the block
/// (TransactionDeadline).
pub(super) fn deadline(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    identity: Identity,
) -> Judgement {
    let Some(Deadline { made, ends }) = identity.deadline else { return Ok(()) };
    let time = now(protocol, state.chain().height);
    let nis1 = protocol.base == Base::Nis1;
    let seen_from = if nis1 { made } else { time };
    if time > ends || (nis1 && ends <= made) {
        return Err(Reason::PastDeadline);
    }
    if ends.saturating_sub(seen_from) > lifetime(protocol, transaction) {
        return Err(Reason::FutureDeadline);
    }
    Ok(())
}

/// The last height at which something that waits may be completed; no deadline named: as late as
/// there is.
pub(super) fn last_height(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    identity: Identity,
) -> Height {
    let time = now(protocol, state.chain().height);
    let ends = identity.deadline.map(|deadline| deadline.ends);
    let left = match ends {
        Some(ends) => ends.saturating_sub(time),
        None => lifetime(protocol, transaction),
    };
    let left = u64::try_from(left).unwrap_or(0);
    let blocks = left.checked_div(protocol.limits.block_time_seconds).unwrap_or(u64::MAX);
    Height(state.chain().height.0.saturating_add(blocks))
}

/// `maxBondedTransactionLifetime` for what may wait, `maxTransactionLifetime` for the rest; a day on
/// NIS1.
fn lifetime(protocol: &Protocol, transaction: &Transaction) -> i64 {
    let limits = &protocol.limits;
    let seconds = match transaction.envelope {
        Envelope::AggregateBonded | Envelope::Multisig => limits.bonded_lifetime_seconds,
        Envelope::Bare | Envelope::AggregateComplete => limits.transaction_lifetime_seconds,
    };
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

//! Deadlines, and transactions that come a second time: "the same id is the same bytes".

use std::sync::Arc;

use super::sorted::Map;
use super::state::State;
use super::{Auditor, Judgement};
use crate::protocol::{Base, Protocol};
use crate::transaction::{Envelope, PendingId, Transaction};
use crate::unit::Height;
use crate::verdict::{Reason, Refusal};

/// What a transaction is known by, and since when it exists.
#[derive(Clone, Copy, Debug)]
pub(super) struct Identity {
    /// None: it is unlike any other.
    pub(super) id: Option<PendingId>,
    /// The height at which it was put to the auditor first.
    pub(super) since: Height,
}

/// The transactions that have an id, without cosignatures, and since when each exists.
pub(super) type Named = Map<PendingId, Arc<(Transaction, Height)>>;

impl Auditor {
    /// What is known of a transaction by the id it is announced under, or by its own.
    ///
    /// The same id for something else is refused.
    pub(super) fn identify(
        &mut self,
        transaction: &Transaction,
        announced: Option<PendingId>,
    ) -> Result<Identity, Refusal> {
        let since = self.state.height;
        let Some(id) = announced.or(transaction.id) else { return Ok(Identity { id: None, since }) };
        let mut bytes = transaction.clone();
        bytes.cosignatures.clear();
        bytes.id = None;
        if let Some(known) = self.pool.named.get(&id) {
            let (known, since) = known.as_ref();
            let same = *known == bytes;
            return if same { Ok(Identity { id: Some(id), since: *since }) } else { Err(Refusal::AlreadyAnnounced) };
        }
        self.pool.named.insert(id, Arc::new((bytes, since)));
        Ok(Identity { id: Some(id), since })
    }
}

/// The hashes of a transaction that scenarios give a name to: its own and that of what a NIS1
/// wrapper holds.
fn hashes(transaction: &Transaction, identity: Identity) -> impl Iterator<Item = PendingId> {
    identity.id.into_iter().chain(transaction.inner_id)
}

/// Catapult: UniqueTransactionHash. NIS1: what this block holds already is a duplicate (see
/// `BlockChainValidator`), what an earlier one holds is neutral (`BlockUniqueHash`).
pub(super) fn is_new(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    identity: Identity,
) -> Judgement {
    for hash in hashes(transaction, identity) {
        match state.executed.get(&hash) {
            None => {}
            Some(_) if protocol.base != Base::Nis1 => return Err(Reason::HashAlreadyExists),
            Some(&height) if height == state.height => {
                return Err(Reason::TransactionDuplicateInChain);
            }
            Some(_) => return Err(Reason::Neutral),
        }
    }
    Ok(())
}

/// Remembers what was executed.
pub(super) fn remember(state: &mut State, transaction: &Transaction, identity: Identity) {
    let height = state.height;
    for hash in hashes(transaction, identity) {
        state.executed.insert(hash, height);
    }
    if let (Some(hash), Envelope::Multisig) = (identity.id, transaction.envelope) {
        let signatures = transaction.cosignatures.iter();
        state.executed_signatures.extend(signatures.map(|&signer| (hash, signer)));
    }
}

/// `DeadlineValidator`. Catapult: not past, and not further off than the longest lifetime. NIS1: both
/// by the time of the transaction itself, "before the deadline"; then by that of the block
/// (TransactionDeadline).
pub(super) fn deadline(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    identity: Identity,
) -> Judgement {
    let left = seconds_left(protocol, state, transaction, identity);
    let longest = lifetime(protocol, transaction);
    let (named, first) = match protocol.base {
        Base::Nis1 => (transaction.deadline_seconds.unwrap_or(longest), 1),
        _ => (left, 0),
    };
    if named < first {
        return Err(Reason::PastDeadline);
    }
    if named > longest {
        return Err(Reason::FutureDeadline);
    }
    if left < 0 { Err(Reason::PastDeadline) } else { Ok(()) }
}

/// The last height at which something that waits may be completed.
pub(super) fn last_height(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    identity: Identity,
) -> Height {
    let left = seconds_left(protocol, state, transaction, identity);
    let left = u64::try_from(left).unwrap_or(0);
    let blocks = left.checked_div(protocol.limits.block_time_seconds).unwrap_or(u64::MAX);
    Height(state.height.0.saturating_add(blocks))
}

/// From the time of the open block to the deadline; none named: as late as there is.
fn seconds_left(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    identity: Identity,
) -> i64 {
    let named = transaction.deadline_seconds.unwrap_or(lifetime(protocol, transaction));
    let blocks = state.height.0.saturating_sub(identity.since.0);
    let passed = blocks.saturating_mul(protocol.limits.block_time_seconds);
    named.saturating_sub(i64::try_from(passed).unwrap_or(i64::MAX))
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

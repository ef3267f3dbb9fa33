//! Deadlines, and transactions that come a second time: "the same id is the same bytes".

use super::Judgement;
use super::state::State;
use crate::protocol::{Base, Protocol};
use crate::transaction::{Envelope, PendingId, Transaction};
use crate::verdict::Reason;

/// The hashes of a transaction that scenarios give a name to: its own, as announced or as it
/// stands, and that of what a NIS1 wrapper holds.
fn hashes(
    transaction: &Transaction,
    announced: Option<PendingId>,
) -> impl Iterator<Item = PendingId> {
    announced.or(transaction.id).into_iter().chain(transaction.inner_id)
}

/// Catapult: UniqueTransactionHash. NIS1: what this block holds already is a duplicate (see
/// `BlockChainValidator`), what an earlier one holds is neutral (`BlockUniqueHash`).
pub(super) fn is_new(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    announced: Option<PendingId>,
) -> Judgement {
    for hash in hashes(transaction, announced) {
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
pub(super) fn remember(
    state: &mut State,
    transaction: &Transaction,
    announced: Option<PendingId>,
) {
    let height = state.height;
    for hash in hashes(transaction, announced) {
        state.executed.insert(hash, height);
        if transaction.envelope == Envelope::Multisig {
            let signatures = transaction.cosignatures.iter();
            state.executed_signatures.extend(signatures.map(|&signer| (hash, signer)));
        }
    }
}

/// `DeadlineValidator`, with a deadline that counts from now: not past (NIS1: "before the
/// deadline"), and not further off than the longest lifetime.
pub(super) fn deadline(protocol: &Protocol, transaction: &Transaction) -> Judgement {
    let Some(seconds) = transaction.deadline_seconds else { return Ok(()) };
    let limits = &protocol.limits;
    let first = i64::from(protocol.base == Base::Nis1);
    let lifetime = match transaction.envelope {
        Envelope::AggregateBonded => limits.bonded_lifetime_seconds,
        _ => limits.lifetime_seconds,
    };
    if seconds < first {
        return Err(Reason::PastDeadline);
    }
    if u64::try_from(seconds).is_ok_and(|seconds| seconds > lifetime) {
        return Err(Reason::FutureDeadline);
    }
    Ok(())
}

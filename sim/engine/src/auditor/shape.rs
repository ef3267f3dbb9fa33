//! What a server drops before it validates anything.

use crate::protocol::{Base, Protocol};
use crate::transaction::{Action, Body, Envelope, Modification, PendingId, Transaction};
use crate::verdict::Refusal;

/// A list's length is one byte in every era.
const MOST_ENTRIES: usize = 255;

/// What is dropped before it is validated: by the size check and the registry of types; for NIS1 by
/// the constructors.
pub(super) fn check(protocol: &Protocol, transaction: &Transaction) -> Result<(), Refusal> {
    envelope_exists(protocol, transaction.envelope)?;
    one_inner_transaction(transaction)?;
    for part in &transaction.parts {
        body_exists(protocol, transaction, &part.body)?;
    }
    if transaction.id.is_some_and(|id| locks_for(transaction, id)) {
        return Err(Refusal::NotEmbeddable);
    }
    Ok(())
}

/// A transaction cannot hold a lock on its own hash, which depends on all that it holds.
pub(super) fn locks_for(transaction: &Transaction, pending: PendingId) -> bool {
    transaction.parts.iter().any(|part| match &part.body {
        Body::HashLock(lock) => lock.pending == pending,
        _ => false,
    })
}

/// A type that the protocol has not registered does not parse.
fn envelope_exists(protocol: &Protocol, envelope: Envelope) -> Result<(), Refusal> {
    let nis1 = protocol.base == Base::Nis1;
    let exists = match envelope {
        Envelope::Bare => true,
        Envelope::AggregateComplete => !nis1,
        Envelope::AggregateBonded => !nis1 && protocol.switches.bonded_aggregates,
        Envelope::Multisig => nis1,
    };
    if exists { Ok(()) } else { Err(Refusal::UnknownType) }
}

/// A wrapper holds one transaction, and so does no wrapper at all.
fn one_inner_transaction(transaction: &Transaction) -> Result<(), Refusal> {
    let holds_one = matches!(transaction.envelope, Envelope::Bare | Envelope::Multisig);
    if holds_one && transaction.parts.len() != 1 {
        return Err(Refusal::NotOneInnerTransaction);
    }
    Ok(())
}

fn body_exists(protocol: &Protocol, transaction: &Transaction, body: &Body) -> Result<(), Refusal> {
    match (protocol.base, body) {
        (_, Body::Nested) => Err(Refusal::NotEmbeddable),
        (Base::Nis1, Body::HashLock(_)) => Err(Refusal::UnknownType),
        (Base::Nis1, Body::Modification(modification)) => {
            nis1_modification(transaction, modification)
        }
        (_, Body::Modification(_)) if transaction.envelope == Envelope::Bare => {
            Err(Refusal::NotEmbeddable)
        }
        (base, Body::Modification(modification)) => {
            catapult_modification(base, transaction, modification)
        }
        _ => Ok(()),
    }
}

/// `MultisigAggregateModificationTransaction`: version 1 has a list and no min change, version 2
/// has one of the two at least; an action that is neither add nor delete throws.
fn nis1_modification(
    transaction: &Transaction,
    modification: &Modification,
) -> Result<(), Refusal> {
    let list = transaction.changes_of(modification);
    let well_formed = match modification.version {
        1 => !list.is_empty() && !modification.delta_present,
        0 | 2 => !list.is_empty() || modification.delta_present,
        _ => return Err(Refusal::UnknownVersion),
    };
    if !well_formed {
        return Err(Refusal::EmptyModification);
    }
    if list.iter().any(|change| change.action == Action::Invalid) {
        return Err(Refusal::UnknownType);
    }
    Ok(())
}

/// Symbol: two lists, each counted by a byte, that leave no room for a third action;
/// Older eras: one list, any action byte parses.
fn catapult_modification(
    base: Base,
    transaction: &Transaction,
    modification: &Modification,
) -> Result<(), Refusal> {
    let list = transaction.changes_of(modification);
    if base.has_ordered_changes() {
        return if list.len() > MOST_ENTRIES { Err(Refusal::TooManyEntries) } else { Ok(()) };
    }
    let count = |action| list.iter().filter(|change| change.action == action).count();
    if list.len() > MOST_ENTRIES
        && (count(Action::Add) > MOST_ENTRIES || count(Action::Remove) > MOST_ENTRIES)
    {
        return Err(Refusal::TooManyEntries);
    }
    if list.iter().any(|change| change.action == Action::Invalid) {
        return Err(Refusal::UnknownType);
    }
    Ok(())
}

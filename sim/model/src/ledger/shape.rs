//! Shapes that a server drops before it validates anything.

use crate::protocol::Protocol;
use crate::transaction::{
    Action, Body, EmbeddedTransaction, Envelope, Modification, PendingId, Transaction,
};
use crate::verdict::Refusal;

/// Most entries in one list of a modification: the wire format counts them in a byte.
const ENTRIES_MAX: usize = 255;

/// Why a server would drop this transaction unread, if it would: its envelope, then how many
/// transactions that holds, then each of them in order.
#[must_use]
pub fn refusal(protocol: &Protocol, transaction: &Transaction) -> Option<Refusal> {
    let aggregates = protocol.base.has_aggregates();
    let known = match transaction.envelope {
        Envelope::Bare => true,
        Envelope::AggregateComplete => aggregates,
        Envelope::AggregateBonded => aggregates && protocol.switches.bonded_aggregates,
        Envelope::Multisig => !aggregates,
    };
    if !known {
        return Some(Refusal::UnknownType);
    }
    let bare = transaction.envelope == Envelope::Bare;
    if (bare || !aggregates) && transaction.parts.len() != 1 {
        return Some(Refusal::NotOneInnerTransaction);
    }
    let part = transaction.parts.iter().find_map(|part| match &part.body {
        Body::Nested => Some(Refusal::NotEmbeddable),
        Body::HashLock(_) if !aggregates => Some(Refusal::UnknownType),
        Body::Modification(body) if !aggregates => nis1_modification(transaction, body),
        Body::Modification(_) if bare && !protocol.conduct.bare_modification => {
            Some(Refusal::NotEmbeddable)
        }
        Body::Modification(body) => catapult_modification(protocol, transaction, body),
        // A hash lock comes with a plugin of its own, which knows it bare and embedded, bonded
        // aggregates or not (`HashLockTransactionPlugin.cpp`).
        _ => None,
    });
    let itself = transaction.id.filter(|&id| names_itself(id, transaction));
    part.or(itself.map(|_| Refusal::NotEmbeddable))
}

/// Whether an aggregate holds the hash lock for itself: no text contains its own hash.
#[must_use]
pub fn names_itself(pending: PendingId, transaction: &Transaction) -> bool {
    let own = |part: &EmbeddedTransaction| matches!(part.body, Body::HashLock(lock) if lock.pending == pending);
    transaction.parts.iter().any(own)
}

/// The lists have a byte for their length; where there are two of them, no third action exists.
fn catapult_modification(
    protocol: &Protocol,
    transaction: &Transaction,
    modification: &Modification,
) -> Option<Refusal> {
    let changes = transaction.changes_of(modification);
    let in_order = protocol.base.has_ordered_changes();
    if changes.len() > ENTRIES_MAX {
        let count = |action| changes.iter().filter(|change| change.action == action).count();
        let fits = count(Action::Add) <= ENTRIES_MAX && count(Action::Remove) <= ENTRIES_MAX;
        if in_order || !fits {
            return Some(Refusal::TooManyEntries);
        }
    }
    let meaningless = !in_order && changes.iter().any(|change| change.action == Action::Invalid);
    meaningless.then_some(Refusal::UnknownType)
}

/// `MultisigAggregateModificationTransaction`'s constructor: version 1 has entries and no threshold
/// change, version 2 has at least one of the two; an action that is neither throws.
fn nis1_modification(transaction: &Transaction, modification: &Modification) -> Option<Refusal> {
    let changes = transaction.changes_of(modification);
    let (entries, delta) = (!changes.is_empty(), modification.delta_present);
    match modification.version {
        0 | 2 if entries || delta => {}
        1 if entries && !delta => {}
        0..=2 => return Some(Refusal::EmptyModification),
        _ => return Some(Refusal::UnknownVersion),
    }
    let meaningless = changes.iter().any(|change| change.action == Action::Invalid);
    meaningless.then_some(Refusal::UnknownType)
}

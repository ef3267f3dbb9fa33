//! Shapes that a server drops before it validates anything.

use crate::protocol::{Base, Protocol};
use crate::transaction::{Action, Body, Envelope, Modification, Transaction};
use crate::verdict::Refusal;

/// Most entries in one list of a modification: the wire format counts them in a byte.
const ENTRIES_MAX: usize = 255;

/// Why a server would drop this transaction unread, if it would.
#[must_use]
pub fn refusal(protocol: &Protocol, transaction: &Transaction) -> Option<Refusal> {
    if transaction.parts.iter().any(|part| part.body == Body::Nested) {
        return Some(Refusal::NotEmbeddable);
    }
    if protocol.base == Base::Nis1 {
        return nis1(transaction);
    }
    let bare = match transaction.envelope {
        Envelope::Bare => true,
        Envelope::AggregateComplete => false,
        Envelope::AggregateBonded if protocol.switches.bonded_aggregates => false,
        Envelope::AggregateBonded | Envelope::Multisig => return Some(Refusal::UnknownType),
    };
    transaction.parts.iter().find_map(|part| match &part.body {
        Body::Modification(_) if bare && !protocol.conduct.bare_modification => {
            Some(Refusal::NotEmbeddable)
        }
        Body::HashLock(_) if !bare => Some(Refusal::NotEmbeddable),
        Body::HashLock(_) if !protocol.switches.bonded_aggregates => Some(Refusal::UnknownType),
        Body::Modification(modification) => catapult_entries(protocol, transaction, modification),
        _ => None,
    })
}

fn catapult_entries(
    protocol: &Protocol,
    transaction: &Transaction,
    modification: &Modification,
) -> Option<Refusal> {
    let changes = transaction.changes_of(modification);
    if changes.len() <= ENTRIES_MAX {
        return None;
    }
    let count = |action| changes.iter().filter(|change| change.action == action).count();
    let fits = !protocol.base.has_ordered_changes()
        && count(Action::Add) <= ENTRIES_MAX
        && count(Action::Remove) <= ENTRIES_MAX;
    (!fits).then_some(Refusal::TooManyEntries)
}

fn nis1(transaction: &Transaction) -> Option<Refusal> {
    match transaction.envelope {
        Envelope::AggregateComplete | Envelope::AggregateBonded => {
            return Some(Refusal::UnknownType);
        }
        Envelope::Multisig if transaction.parts.len() != 1 => {
            return Some(Refusal::NotOneInnerTransaction);
        }
        Envelope::Bare | Envelope::Multisig => {}
    }
    transaction.parts.iter().find_map(|part| match &part.body {
        Body::HashLock(_) => Some(Refusal::UnknownType),
        Body::Modification(modification) => nis1_modification(modification),
        _ => None,
    })
}

/// `MultisigAggregateModificationTransaction`'s constructor: version 1 has entries and no threshold
/// change, version 2 has at least one of the two.
fn nis1_modification(modification: &Modification) -> Option<Refusal> {
    let (entries, delta) = (!modification.changes.is_empty(), modification.delta_present);
    match modification.version {
        0 | 2 if entries || delta => None,
        1 if entries && !delta => None,
        0..=2 => Some(Refusal::EmptyModification),
        _ => Some(Refusal::UnknownVersion),
    }
}

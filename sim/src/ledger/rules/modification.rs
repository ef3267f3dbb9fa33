//! What a Catapult multisig modification may change.

use super::{Desk, Direction};
use crate::account::AccountId;
use crate::ledger::links::{Marks, Minima, View};
use crate::protocol::{Base, Protocol};
use crate::transaction::{Action, Change, Modification};
use crate::verdict::Reason;

/// The checks that need no state, on one modification's list.
///
/// Eras A and B walk the list in order; Symbol counts the deletions first
/// (`MultisigCosignatoriesValidator`).
///
/// # Errors
/// A meaningless action, an account in both sets, several deletions, or a repeated entry.
pub fn stateless<M: Marks>(
    protocol: &Protocol,
    desk: &mut Desk<M>,
    changes: &[Change],
) -> Result<(), Reason> {
    if changes.is_empty() {
        return Ok(());
    }
    if protocol.base.has_ordered_changes() {
        ordered(protocol, desk, changes)
    } else {
        listed(protocol, desk, changes)
    }
}

fn ordered<M: Marks>(
    protocol: &Protocol,
    desk: &mut Desk<M>,
    changes: &[Change],
) -> Result<(), Reason> {
    desk.seen.clear();
    desk.other.clear();
    let (mut deletions, mut redundant) = (0, false);
    for change in changes {
        let (own, opposite) = match change.action {
            Action::Add => (&mut desk.seen, &mut desk.other),
            Action::Remove => (&mut desk.other, &mut desk.seen),
            Action::Invalid => return Err(Reason::MultisigInvalidModificationAction),
        };
        if opposite.marked(change.account) {
            return Err(Reason::MultisigAccountInBothSets);
        }
        let fresh = own.mark(change.account);
        redundant |= !fresh;
        deletions += u32::from(fresh && change.action == Action::Remove);
    }
    if deletions > protocol.switches.max_deletions_per_modification {
        return Err(Reason::MultisigMultipleDeletes);
    }
    if redundant { Err(Reason::MultisigRedundantModification) } else { Ok(()) }
}

fn listed<M: Marks>(
    protocol: &Protocol,
    desk: &mut Desk<M>,
    changes: &[Change],
) -> Result<(), Reason> {
    let deletions = changes.iter().filter(|change| change.action == Action::Remove);
    if deletions.clone().count() > protocol.switches.max_deletions_per_modification as usize {
        return Err(Reason::MultisigMultipleDeletes);
    }
    desk.seen.clear();
    desk.other.clear();
    let mut additions = changes.iter().filter(|change| change.action == Action::Add);
    let redundant = additions.any(|add| !desk.seen.mark(add.account));
    if redundant || deletions.clone().any(|deletion| !desk.other.mark(deletion.account)) {
        return Err(Reason::MultisigRedundantModification);
    }
    let mut deletions = deletions;
    if deletions.any(|deletion| desk.seen.marked(deletion.account)) {
        return Err(Reason::MultisigAccountInBothSets);
    }
    Ok(())
}

/// All checks of one modification against a state, signatures aside, in the servers' order: each
/// addition (cosigned accounts, depth, loop), number of cosignatories, membership, thresholds.
///
/// Nothing is written, yet the thresholds are judged as they will stand after the change, as the
/// servers do it. Returns the thresholds to store; `None` where the account keeps no entry.
///
/// # Errors
/// The first failure.
pub fn stateful<V: View, M: Marks>(
    protocol: &Protocol,
    view: &V,
    desk: &mut Desk<M>,
    multisig: AccountId,
    modification: &Modification,
    changes: &[Change],
) -> Result<Option<Minima>, Reason> {
    let count = |action| changes.iter().filter(|change| change.action == action).count() as u64;
    let (additions, deletions) = (count(Action::Add), count(Action::Remove));
    if additions > 0 {
        new_cosignatories(protocol, view, desk, multisig, changes)?;
    }
    let after =
        u64::from(view.cosignatory_count(multisig)).wrapping_add(additions).wrapping_sub(deletions);
    if !changes.is_empty() {
        // The subtraction wraps on the servers, too: removing from a plain account is too many.
        if after > u64::from(protocol.limits.max_cosignatories_per_account) {
            return Err(Reason::MultisigMaxCosignatories);
        }
        membership(protocol.base, view, multisig, changes)?;
    }
    settings(view, multisig, modification, after)
}

/// `MultisigMaxCosignedAccounts` and `MultisigLoopAndLevel` for every addition, on the state before
/// the modification; what the same modification removes is not taken off.
fn new_cosignatories<V: View, M: Marks>(
    protocol: &Protocol,
    view: &V,
    desk: &mut Desk<M>,
    multisig: AccountId,
    changes: &[Change],
) -> Result<(), Reason> {
    let limits = &protocol.limits;
    desk.above.clear();
    desk.above.mark(multisig);
    let mut levels_above = 0;
    if view.multisig_count(multisig) > 0 {
        let mark = |account, above: &mut M| {
            above.mark(account);
        };
        levels_above = desk.walk(view, multisig, Direction::Up, limits.max_multisig_depth, mark);
    }
    for change in changes.iter().filter(|change| change.action == Action::Add) {
        let cosignatory = change.account;
        if view.multisig_count(cosignatory) >= limits.max_cosigned_accounts_per_account {
            return Err(Reason::MultisigMaxCosignedAccounts);
        }
        let mut meets = desk.above.marked(cosignatory);
        let mut levels_below = 0;
        if view.is_multisig(cosignatory) {
            let look = |account, above: &mut M| meets |= above.marked(account);
            levels_below =
                desk.walk(view, cosignatory, Direction::Down, limits.max_multisig_depth, look);
        }
        if levels_above + levels_below + 1 > limits.max_multisig_depth {
            return Err(Reason::MultisigMaxMultisigDepth);
        }
        if meets {
            return Err(Reason::MultisigLoop);
        }
    }
    Ok(())
}

/// `MultisigInvalidCosignatories`: eras A and B in list order, Symbol additions first.
fn membership<V: View>(
    base: Base,
    view: &V,
    multisig: AccountId,
    changes: &[Change],
) -> Result<(), Reason> {
    let removes = |change: &&Change| change.action == Action::Remove;
    if !view.has_entry(multisig) && changes.iter().any(|change| removes(&change)) {
        return Err(Reason::MultisigUnknownMultisigAccount);
    }
    let judge =
        |change: &Change| match (change.action, view.is_cosignatory(multisig, change.account)) {
            (Action::Add, true) => Err(Reason::MultisigAlreadyACosignatory),
            (Action::Remove, false) => Err(Reason::MultisigNotACosignatory),
            _ => Ok(()),
        };
    if base.has_ordered_changes() {
        return changes.iter().try_for_each(judge);
    }
    changes.iter().filter(|change| change.action == Action::Add).try_for_each(judge)?;
    changes.iter().filter(removes).try_for_each(judge)
}

/// `MultisigInvalidSettings`, on the entry as it stands once the cosignatories have changed. An
/// account without an entry accepts exactly -1/-1, and nothing comes of it.
fn settings<V: View>(
    view: &V,
    multisig: AccountId,
    modification: &Modification,
    cosignatories_after: u64,
) -> Result<Option<Minima>, Reason> {
    let deltas = (modification.approval_delta, modification.removal_delta);
    if cosignatories_after == 0 && view.multisig_count(multisig) == 0 {
        return match deltas {
            (-1, -1) => Ok(None),
            _ => Err(Reason::MultisigMinSettingOutOfRange),
        };
    }
    let before = view.minima(multisig);
    let moved = |minimum: u32, delta: i32| i64::from(minimum) + i64::from(delta);
    let (approval, removal) = (moved(before.approval, deltas.0), moved(before.removal, deltas.1));
    if approval < 1 || removal < 1 {
        return Err(Reason::MultisigMinSettingOutOfRange);
    }
    if approval.max(removal) as u64 > cosignatories_after {
        return Err(Reason::MultisigMinSettingLargerThanNumCosignatories);
    }
    Ok(Some(Minima { approval: approval as u32, removal: removal as u32 }))
}

//! What a Catapult multisig modification may change.

use super::{Desk, Direction, Facts};
use crate::account::AccountId;
use crate::ledger::links::{Marks, Minima, View};
use crate::protocol::conduct::{DepthScope, LimitSubject, ListOrder, LoopScope, SettingsBound};
use crate::protocol::{Base, Protocol};
use crate::transaction::{Action, CosignatoryModification, Modification};
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
    changes: &[CosignatoryModification],
) -> Result<(), Reason> {
    if changes.is_empty() {
        return Ok(());
    }
    if in_order(protocol.base, protocol.conduct.list_order) {
        ordered(protocol, desk, changes)
    } else {
        listed(protocol, desk, changes)
    }
}

/// Whether a list is walked in its own order, as the older Catapult eras do.
fn in_order(base: Base, order: ListOrder) -> bool {
    base.has_ordered_changes() == (order == ListOrder::Native)
}

fn ordered<M: Marks>(
    protocol: &Protocol,
    desk: &mut Desk<M>,
    changes: &[CosignatoryModification],
) -> Result<(), Reason> {
    desk.seen.clear();
    desk.other.clear();
    let (mut deletions, mut redundant) = (0, None);
    for change in changes {
        let (own, opposite) = match change.action {
            Action::Add => (&mut desk.seen, &mut desk.other),
            Action::Remove => (&mut desk.other, &mut desk.seen),
            Action::Invalid => {
                let facts = Facts::default().naming(change.account);
                return desk.refuse(Reason::MultisigInvalidModificationAction, facts);
            }
        };
        if opposite.marked(change.account) && protocol.conduct.both_sets_refused {
            let facts = Facts::default().naming(change.account);
            return desk.refuse(Reason::MultisigAccountInBothSets, facts);
        }
        let fresh = own.mark(change.account);
        if !fresh {
            redundant = redundant.or(Some(change.account));
        }
        deletions += u32::from(fresh && change.action == Action::Remove);
    }
    let most = protocol.switches.max_deletions_per_modification;
    if deletions > most {
        let facts = Facts::numbers(i64::from(deletions), i64::from(most));
        return desk.refuse(Reason::MultisigMultipleDeletes, facts);
    }
    match redundant.filter(|_| protocol.conduct.repeats_refused) {
        Some(account) => {
            desk.refuse(Reason::MultisigRedundantModification, Facts::default().naming(account))
        }
        None => Ok(()),
    }
}

fn listed<M: Marks>(
    protocol: &Protocol,
    desk: &mut Desk<M>,
    changes: &[CosignatoryModification],
) -> Result<(), Reason> {
    let deletions = changes.iter().filter(|change| change.action == Action::Remove);
    let (count, most) =
        (deletions.clone().count(), protocol.switches.max_deletions_per_modification);
    if count > most as usize {
        let facts = Facts::numbers(count as i64, i64::from(most));
        return desk.refuse(Reason::MultisigMultipleDeletes, facts);
    }
    desk.seen.clear();
    desk.other.clear();
    let mut additions = changes.iter().filter(|change| change.action == Action::Add);
    let twice = additions.find(|add| !desk.seen.mark(add.account));
    let twice =
        twice.or_else(|| deletions.clone().find(|deletion| !desk.other.mark(deletion.account)));
    if let Some(change) = twice.filter(|_| protocol.conduct.repeats_refused) {
        let facts = Facts::default().naming(change.account);
        return desk.refuse(Reason::MultisigRedundantModification, facts);
    }
    let mut deletions = deletions;
    let both = deletions.find(|deletion| desk.seen.marked(deletion.account));
    if let Some(change) = both.filter(|_| protocol.conduct.both_sets_refused) {
        let facts = Facts::default().naming(change.account);
        return desk.refuse(Reason::MultisigAccountInBothSets, facts);
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
    changes: &[CosignatoryModification],
) -> Result<Option<Minima>, Reason> {
    let (mut additions, mut deletions) = (0, 0);
    for change in changes {
        additions += u64::from(change.action == Action::Add);
        deletions += u64::from(change.action == Action::Remove);
    }
    if additions > 0 {
        new_cosignatories(protocol, view, desk, multisig, changes)?;
    }
    let after =
        u64::from(view.cosignatory_count(multisig)).wrapping_add(additions).wrapping_sub(deletions);
    if !changes.is_empty() {
        let counted = match protocol.conduct.limit_subject {
            LimitSubject::Count => after,
            LimitSubject::CountWithoutAdditions => after.wrapping_sub(additions),
            LimitSubject::CountWithoutDeletions => after.wrapping_add(deletions),
            LimitSubject::Thresholds => larger_threshold(view, multisig, modification),
        };
        // The subtraction wraps on the servers, too: removing from a plain account is too many.
        let wrapped = counted > u64::MAX / 2;
        if counted > u64::from(protocol.limits.max_cosignatories_per_account)
            && (!wrapped || protocol.conduct.count_wraps)
        {
            let limit = i64::from(protocol.limits.max_cosignatories_per_account);
            let facts = Facts::numbers(counted.cast_signed(), limit).of(multisig);
            return desk.refuse(Reason::MultisigMaxCosignatories, facts);
        }
        if let Err((reason, other)) = membership(protocol, view, multisig, changes) {
            return desk.refuse(reason, Facts { other, ..Facts::default() }.of(multisig));
        }
    }
    match settings(protocol, view, multisig, modification, (after, deletions)) {
        Ok(minima) => Ok(minima),
        Err((reason, facts)) => desk.refuse(reason, facts.of(multisig)),
    }
}

/// The larger of the thresholds that a modification asks for.
fn larger_threshold<V: View>(view: &V, multisig: AccountId, modification: &Modification) -> u64 {
    let before = view.minima(multisig);
    let approval = i64::from(before.approval) + i64::from(modification.approval_delta);
    let removal = i64::from(before.removal) + i64::from(modification.removal_delta);
    approval.max(removal).max(0) as u64
}

/// `MultisigMaxCosignedAccounts` and `MultisigLoopAndLevel` for every addition, on the state before
/// the modification; what the same modification removes is not taken off.
fn new_cosignatories<V: View, M: Marks>(
    protocol: &Protocol,
    view: &V,
    desk: &mut Desk<M>,
    multisig: AccountId,
    changes: &[CosignatoryModification],
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
            let (found, limit) =
                (view.multisig_count(cosignatory), limits.max_cosigned_accounts_per_account);
            let facts = Facts::numbers(i64::from(found) + 1, i64::from(limit));
            return desk.refuse(
                Reason::MultisigMaxCosignedAccounts,
                facts.of(multisig).naming(cosignatory),
            );
        }
        let mut meets = desk.above.marked(cosignatory);
        let mut levels_below = 0;
        if view.is_multisig(cosignatory) {
            let look = |account, above: &mut M| meets |= above.marked(account);
            levels_below =
                desk.walk(view, cosignatory, Direction::Down, limits.max_multisig_depth, look);
        }
        let levels = match protocol.conduct.depth_scope {
            DepthScope::Both => levels_above + levels_below + 1,
            DepthScope::Above => levels_above + 1,
            DepthScope::Below => levels_below + 1,
        };
        let is_loop = match protocol.conduct.loop_scope {
            LoopScope::Transitive => meets,
            LoopScope::Direct => cosignatory == multisig,
        };
        let facts = Facts::numbers(i64::from(levels), i64::from(limits.max_multisig_depth));
        let facts = facts.of(multisig).naming(cosignatory);
        if is_loop && protocol.conduct.loop_before_depth {
            return desk.refuse(Reason::MultisigLoop, facts);
        }
        if levels > limits.max_multisig_depth {
            return desk.refuse(Reason::MultisigMaxMultisigDepth, facts);
        }
        if is_loop {
            return desk.refuse(Reason::MultisigLoop, facts);
        }
    }
    Ok(())
}

/// `MultisigInvalidCosignatories`: eras A and B in list order, Symbol additions first.
fn membership<V: View>(
    protocol: &Protocol,
    view: &V,
    multisig: AccountId,
    changes: &[CosignatoryModification],
) -> Result<(), (Reason, Option<AccountId>)> {
    let removes = |change: &&CosignatoryModification| change.action == Action::Remove;
    if !view.has_entry(multisig)
        && let Some(change) = changes.iter().find(removes)
    {
        return Err((Reason::MultisigUnknownMultisigAccount, Some(change.account)));
    }
    let judge = |change: &CosignatoryModification| {
        let account = Some(change.account);
        match (change.action, view.is_cosignatory(multisig, change.account)) {
            (Action::Add, true) => Err((Reason::MultisigAlreadyACosignatory, account)),
            (Action::Remove, false) => Err((Reason::MultisigNotACosignatory, account)),
            _ => Ok(()),
        }
    };
    let mut additions = changes.iter().filter(|change| change.action == Action::Add);
    let mut deletions = changes.iter().filter(removes);
    match (protocol.base.has_ordered_changes(), protocol.conduct.membership_order) {
        (true, ListOrder::Native) => changes.iter().try_for_each(judge),
        (true, ListOrder::Foreign) | (false, ListOrder::Native) => {
            additions.try_for_each(judge)?;
            deletions.try_for_each(judge)
        }
        (false, ListOrder::Foreign) => {
            deletions.try_for_each(judge)?;
            additions.try_for_each(judge)
        }
    }
}

/// `MultisigInvalidSettings`, on the entry as it stands once the cosignatories have changed. An
/// account without an entry accepts exactly -1/-1, and nothing comes of it.
fn settings<V: View>(
    protocol: &Protocol,
    view: &V,
    multisig: AccountId,
    modification: &Modification,
    (cosignatories_after, deletions): (u64, u64),
) -> Result<Option<Minima>, (Reason, Facts)> {
    let deltas = (modification.approval_delta, modification.removal_delta);
    if cosignatories_after == 0 && view.multisig_count(multisig) == 0 {
        return match deltas {
            (-1, -1) if protocol.conduct.dissolution || deletions == 0 => Ok(None),
            _ => Err((Reason::MultisigMinSettingOutOfRange, Facts::default())),
        };
    }
    let before = view.minima(multisig);
    let moved = |minimum: u32, delta: i32| match i64::from(minimum) + i64::from(delta) {
        sum if protocol.conduct.minimum_wraps => i64::from(sum as u8),
        sum => sum,
    };
    let (approval, removal) = (moved(before.approval, deltas.0), moved(before.removal, deltas.1));
    let (smaller, least) = (approval.min(removal), i64::from(protocol.conduct.minimum_least));
    if smaller < least {
        return Err((Reason::MultisigMinSettingOutOfRange, Facts::numbers(smaller, least)));
    }
    let most = match protocol.conduct.settings_bound {
        SettingsBound::Before => u64::from(view.cosignatory_count(multisig)),
        SettingsBound::NoneOnDeletion if deletions > 0 => u64::MAX,
        SettingsBound::After | SettingsBound::NoneOnDeletion => cosignatories_after,
    };
    if approval.max(removal) as u64 > most {
        let facts = Facts::numbers(approval.max(removal), most.cast_signed());
        return Err((Reason::MultisigMinSettingLargerThanNumCosignatories, facts));
    }
    Ok(Some(Minima { approval: approval as u32, removal: removal as u32 }))
}

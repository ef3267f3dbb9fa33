//! What a modification itself must keep to, and what it does: the validators and observers of
//! `plugins/txes/multisig`.

use super::super::Judgement;
use super::super::sorted::Set;
use super::super::state::{Entry, State};
use super::{additions, deletions};
use crate::account::AccountId;
use crate::protocol::{Base, Protocol};
use crate::transaction::{Action, Change, Modification, Transaction};
use crate::verdict::Reason;

/// Notification MultisigCosignatories, stateless: each era in its own order.
pub(super) fn list(
    protocol: &Protocol,
    transaction: &Transaction,
    modification: &Modification,
) -> Judgement {
    let most_deletions = u64::from(protocol.switches.max_deletions_per_modification);
    let added = additions(transaction, modification);
    let removed = deletions(transaction, modification);
    if protocol.base == Base::Symbol {
        two_lists(&added, &removed, most_deletions)
    } else {
        opposite_actions(transaction.changes_of(modification))?;
        one_list(&added, &removed, most_deletions)
    }
}

/// Era C: the number of deletions (repeats count), duplicates, then an account in both lists.
fn two_lists(added: &[AccountId], removed: &[AccountId], most_deletions: u64) -> Judgement {
    if removed.len() as u64 > most_deletions {
        return Err(Reason::MultisigMultipleDeletes);
    }
    if has_duplicate(added) || has_duplicate(removed) {
        return Err(Reason::MultisigRedundantModification);
    }
    if added.iter().any(|account| removed.contains(account)) {
        return Err(Reason::MultisigAccountInBothSets);
    }
    Ok(())
}

/// Eras A and B, a: "walk the list in order"; a meaningless action or the opposite action on the
/// same account, "whichever comes first in the list wins".
fn opposite_actions(list: &[Change]) -> Judgement {
    let mut added = Set::new();
    let mut removed = Set::new();
    for change in list {
        let (own, opposite) = match change.action {
            Action::Invalid => return Err(Reason::MultisigInvalidModificationAction),
            Action::Add => (&mut added, &removed),
            Action::Remove => (&mut removed, &added),
        };
        if opposite.contains(&change.account) {
            return Err(Reason::MultisigAccountInBothSets);
        }
        own.insert(change.account);
    }
    Ok(())
}

/// Eras A and B, b and c: more than one distinct removal, then the same entry twice.
fn one_list(added: &[AccountId], removed: &[AccountId], most_deletions: u64) -> Judgement {
    let distinct: Set<&AccountId> = removed.iter().collect();
    if distinct.len() as u64 > most_deletions {
        return Err(Reason::MultisigMultipleDeletes);
    }
    if has_duplicate(added) || has_duplicate(removed) {
        return Err(Reason::MultisigRedundantModification);
    }
    Ok(())
}

fn has_duplicate(list: &[AccountId]) -> bool {
    list.iter().collect::<Set<_>>().len() < list.len()
}

/// The order in which `NotificationPublisher` speaks: each new cosignatory, the cosignatories, the
/// settings. The entry is written when all of them are content.
pub(super) fn execute(
    protocol: &Protocol,
    state: &mut State,
    transaction: &Transaction,
    account: AccountId,
    modification: &Modification,
) -> Judgement {
    let added = additions(transaction, modification);
    let removed = deletions(transaction, modification);
    for &addition in &added {
        new_cosignatory(protocol, state, account, addition)?;
    }
    if !added.is_empty() || !removed.is_empty() {
        max_cosignatories(protocol, state, account, added.len(), removed.len())?;
        invalid_cosignatories(protocol, state, account, transaction, modification)?;
    }
    let mut after = state.entry(account).clone();
    after.cosignatories.extend(&added);
    after.cosignatories.retain(|cosignatory| !removed.contains(cosignatory));
    let entry_is_left = !after.cosignatories.is_empty() || state.is_cosignatory(account);
    settings(&mut after, entry_is_left, modification)?;
    state.set_entry(account, after);
    Ok(())
}

/// Notification MultisigNewCosignatory: how many X cosigns for, depth, loop, in this order; "depth
/// is tested before loop". All see the state before the modification.
fn new_cosignatory(
    protocol: &Protocol,
    state: &State,
    account: AccountId,
    addition: AccountId,
) -> Judgement {
    let limits = &protocol.limits;
    let cosigned = state.multisigs(addition).count() as u64;
    if cosigned >= u64::from(limits.max_cosigned_accounts_per_account) {
        return Err(Reason::MultisigMaxCosignedAccounts);
    }
    let depth = state.longest_path_up(account) + state.longest_path_down(addition) + 1;
    if depth > u64::from(limits.max_multisig_depth) {
        return Err(Reason::MultisigMaxMultisigDepth);
    }
    let mut above = state.ancestors(account);
    above.insert(account);
    let mut below = state.descendants(addition);
    below.insert(addition);
    if !above.is_disjoint(&below) {
        return Err(Reason::MultisigLoop);
    }
    Ok(())
}

/// "current + additions - deletions > maxCosignatoriesPerAccount, with unsigned wrap": too many
/// deletions look like very many cosignatories.
fn max_cosignatories(
    protocol: &Protocol,
    state: &State,
    account: AccountId,
    added: usize,
    removed: usize,
) -> Judgement {
    let current = state.cosignatories(account).len() as u64;
    let count = current.wrapping_add(added as u64).wrapping_sub(removed as u64);
    if count > u64::from(protocol.limits.max_cosignatories_per_account) {
        return Err(Reason::MultisigMaxCosignatories);
    }
    Ok(())
}

/// Without an entry nothing can be removed. With one, era C looks at all additions first and the
/// older eras (servers up to v0.8.0.3) walk the list in order.
fn invalid_cosignatories(
    protocol: &Protocol,
    state: &State,
    account: AccountId,
    transaction: &Transaction,
    modification: &Modification,
) -> Judgement {
    let mut list = transaction.changes_of(modification).to_vec();
    if protocol.base == Base::Symbol {
        list.sort_by_key(|change| change.action == Action::Remove);
    }
    let known = state.has_entry(account);
    let members = state.cosignatories(account);
    for change in list {
        let is_member = members.contains(&change.account);
        match change.action {
            Action::Remove if !known => return Err(Reason::MultisigUnknownMultisigAccount),
            Action::Remove if !is_member => return Err(Reason::MultisigNotACosignatory),
            Action::Add if is_member => return Err(Reason::MultisigAlreadyACosignatory),
            _ => {}
        }
    }
    Ok(())
}

/// Notification MultisigSettings, "after the cosignatories observer": an account without an entry
/// takes -1/-1 and nothing else; otherwise both minima must be 1 to the number of cosignatories.
fn settings(after: &mut Entry, entry_is_left: bool, modification: &Modification) -> Judgement {
    let (approval, removal) = (modification.approval_delta, modification.removal_delta);
    if !entry_is_left {
        let dissolves = approval == -1 && removal == -1;
        return if dissolves { Ok(()) } else { Err(Reason::MultisigMinSettingOutOfRange) };
    }
    let min_approval = i64::from(after.min_approval) + i64::from(approval);
    let min_removal = i64::from(after.min_removal) + i64::from(removal);
    if min_approval < 1 || min_removal < 1 {
        return Err(Reason::MultisigMinSettingOutOfRange);
    }
    let cosignatories = after.cosignatories.len() as i64;
    if min_approval > cosignatories || min_removal > cosignatories {
        return Err(Reason::MultisigMinSettingLargerThanNumCosignatories);
    }
    after.min_approval = u32::try_from(min_approval).unwrap_or(u32::MAX);
    after.min_removal = u32::try_from(min_removal).unwrap_or(u32::MAX);
    Ok(())
}

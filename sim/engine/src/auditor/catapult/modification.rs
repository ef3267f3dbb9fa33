//! What a modification itself must keep to, and what it does: the validators and observers of
//! `plugins/txes/multisig`.

use super::super::Judgement;
use super::super::account_set::AccountSet;
use super::super::state::{Entry, State};
use super::of_action;
use crate::account::AccountId;
use crate::protocol::{Base, Protocol};
use crate::transaction::{Action, CosignatoryModification, Modification, Transaction};
use crate::verdict::Reason;

/// Notification MultisigCosignatories, stateless: each era in its own order.
pub(super) fn list(protocol: &Protocol, list: &[CosignatoryModification]) -> Judgement {
    let most_deletions = u64::from(protocol.switches.max_deletions_per_modification);
    if protocol.base == Base::Symbol {
        two_lists(list, most_deletions)
    } else {
        opposite_actions(list)?;
        one_list(list, most_deletions)
    }
}

/// Era C: the number of deletions (repeats count), duplicates, then an account in both lists.
fn two_lists(list: &[CosignatoryModification], most_deletions: u64) -> Judgement {
    if of_action(list, Action::Remove).count() as u64 > most_deletions {
        return Err(Reason::MultisigMultipleDeletes);
    }
    let (added, removed) = no_duplicates(list)?;
    if !added.is_disjoint(&removed) {
        return Err(Reason::MultisigAccountInBothSets);
    }
    Ok(())
}

/// Eras A and B, a: "walk the list in order"; a meaningless action or the opposite action on the
/// same account, "whichever comes first in the list wins".
fn opposite_actions(list: &[CosignatoryModification]) -> Judgement {
    let mut added = AccountSet::new();
    let mut removed = AccountSet::new();
    for change in list {
        let (own, opposite) = match change.action {
            Action::Invalid => return Err(Reason::MultisigInvalidModificationAction),
            Action::Add => (&mut added, &removed),
            Action::Remove => (&mut removed, &added),
        };
        if opposite.contains(change.account) {
            return Err(Reason::MultisigAccountInBothSets);
        }
        own.insert(change.account);
    }
    Ok(())
}

/// Eras A and B, b and c: more than one distinct removal, then the same entry twice.
fn one_list(list: &[CosignatoryModification], most_deletions: u64) -> Judgement {
    let distinct: AccountSet = of_action(list, Action::Remove).collect();
    if distinct.len() as u64 > most_deletions {
        return Err(Reason::MultisigMultipleDeletes);
    }
    no_duplicates(list).map(|_| ())
}

/// The accounts that a list adds and those that it removes, each once.
fn no_duplicates(list: &[CosignatoryModification]) -> Result<(AccountSet, AccountSet), Reason> {
    let (mut added, mut removed) = (AccountSet::new(), AccountSet::new());
    let fresh = of_action(list, Action::Add).all(|account| added.insert(account))
        && of_action(list, Action::Remove).all(|account| removed.insert(account));
    if fresh { Ok((added, removed)) } else { Err(Reason::MultisigRedundantModification) }
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
    let list = transaction.changes_of(modification);
    let (added, removed) = (of_action(list, Action::Add), of_action(list, Action::Remove));
    for addition in added.clone() {
        new_cosignatory(protocol, state, account, addition)?;
    }
    let (additions, deletions) = (added.clone().count(), removed.clone().count());
    if additions + deletions > 0 {
        max_cosignatories(protocol, state, account, additions, deletions)?;
        invalid_cosignatories(protocol, state, account, list)?;
    }
    let mut after = state.entry(account).clone();
    after.cosignatories.extend(added);
    after.cosignatories = after.cosignatories.difference(&removed.collect());
    let entry_is_left = !after.cosignatories.is_empty() || state.is_cosignatory(account);
    settings(&mut after, entry_is_left, modification)?;
    state.set_entry(account, &after);
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
    let cosigned = state.multisigs(addition).len() as u64;
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
    list: &[CosignatoryModification],
) -> Judgement {
    let known = state.has_entry(account);
    let members = state.cosignatories(account);
    let judge = |change: &CosignatoryModification| match (
        change.action,
        members.contains(change.account),
    ) {
        (Action::Remove, _) if !known => Err(Reason::MultisigUnknownMultisigAccount),
        (Action::Remove, false) => Err(Reason::MultisigNotACosignatory),
        (Action::Add, true) => Err(Reason::MultisigAlreadyACosignatory),
        _ => Ok(()),
    };
    if protocol.base == Base::Symbol {
        let adds = |change: &&CosignatoryModification| change.action == Action::Add;
        list.iter().filter(adds).try_for_each(judge)?;
        list.iter().filter(|change| !adds(change)).try_for_each(judge)
    } else {
        list.iter().try_for_each(judge)
    }
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

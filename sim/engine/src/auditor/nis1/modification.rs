//! What a NIS1 modification must keep to, and what it does: MultisigCosignatoryModification and
//! NumCosignatoryRange.

use super::super::Judgement;
use super::super::account_set::AccountSet;
use super::super::state::State;
use crate::account::AccountId;
use crate::protocol::Protocol;
use crate::transaction::{Action, CosignatoryModification, Modification, Transaction};
use crate::verdict::Reason;

/// MultisigCosignatoryModification (b to e), then NumCosignatoryRange (f and g).
pub(super) fn validate(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    multisig: AccountId,
    modification: &Modification,
) -> Judgement {
    let list = sorted(transaction, modification);
    for change in &list {
        entry(state, multisig, change)?;
    }
    multiple_deletes(protocol, &list)?;
    redundant(&list)?;
    if state.is_cosignatory(multisig) {
        return Err(Reason::MultisigAccountCannotBeCosigner);
    }
    range(protocol, state, multisig, modification, &list)
}

/// `MultisigAggregateModificationTransaction`: "adds before deletes, each by encoded address"; ids
/// are in the addresses' order.
fn sorted(transaction: &Transaction, modification: &Modification) -> Vec<CosignatoryModification> {
    let mut list = transaction.changes_of(modification).to_vec();
    list.sort_by_key(|change| (change.action == Action::Remove, change.account));
    list
}

/// b: one entry against the state before the modification.
fn entry(state: &State, multisig: AccountId, change: &CosignatoryModification) -> Judgement {
    let is_cosignatory = state.cosignatories(multisig).contains(change.account);
    match change.action {
        Action::Add if is_cosignatory => Err(Reason::MultisigAlreadyACosignatory),
        Action::Add if state.is_multisig(change.account) || change.account == multisig => {
            Err(Reason::MultisigAccountCannotBeCosigner)
        }
        Action::Remove if !is_cosignatory => Err(Reason::MultisigNotACosigner),
        _ => Ok(()),
    }
}

/// c: "more than one DISTINCT deleted account".
fn multiple_deletes(protocol: &Protocol, list: &[CosignatoryModification]) -> Judgement {
    let deleted = distinct(list, Action::Remove).len() as u64;
    if deleted > u64::from(protocol.switches.max_deletions_per_modification) {
        return Err(Reason::MultisigMultipleDeletes);
    }
    Ok(())
}

/// d: "number of entries != distinct adds + distinct deletes".
fn redundant(list: &[CosignatoryModification]) -> Judgement {
    if list.len() != distinct(list, Action::Add).len() + distinct(list, Action::Remove).len() {
        return Err(Reason::MultisigRedundantModification);
    }
    Ok(())
}

/// f and g: m' in 0..=N', with m' wrapping as a 32 bit number does, then the largest N'.
fn range(
    protocol: &Protocol,
    state: &State,
    multisig: AccountId,
    modification: &Modification,
    list: &[CosignatoryModification],
) -> Judgement {
    let before = state.entry(multisig).cosignatories.len() as i64;
    let added = distinct(list, Action::Add).len() as i64;
    let removed = distinct(list, Action::Remove).len() as i64;
    let count = before + added - removed;
    let min = i64::from(min_after(state, multisig, modification));
    if min < 0 || min > count {
        return Err(Reason::MultisigMinCosignatoriesOutOfRange);
    }
    if count > i64::from(protocol.limits.max_cosignatories_per_account) {
        return Err(Reason::TooManyMultisigCosigners);
    }
    Ok(())
}

/// m' = min + relativeChange; no change where none is present.
fn min_after(state: &State, multisig: AccountId, modification: &Modification) -> i32 {
    let delta = if modification.delta_present { modification.approval_delta } else { 0 };
    let before = state.entry(multisig).min_approval;
    i32::try_from(before).unwrap_or(i32::MAX).wrapping_add(delta)
}

fn distinct(list: &[CosignatoryModification], action: Action) -> AccountSet {
    list.iter().filter(|change| change.action == action).map(|change| change.account).collect()
}

/// "Per entry in sorted order add/remove both links; then min += relativeChange."
pub(super) fn execute(
    state: &mut State,
    transaction: &Transaction,
    multisig: AccountId,
    modification: &Modification,
) {
    let min = min_after(state, multisig, modification);
    let mut after = state.entry(multisig).clone();
    for change in sorted(transaction, modification) {
        match change.action {
            Action::Add => after.cosignatories.insert(change.account),
            Action::Remove => after.cosignatories.remove(change.account),
            Action::Invalid => false,
        };
    }
    after.min_approval = u32::try_from(min).unwrap_or(0);
    state.set_entry(multisig, &after);
}

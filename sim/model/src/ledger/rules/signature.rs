//! Who must sign and who may sign a Catapult aggregate.

use super::{Desk, Facts};
use crate::account::AccountId;
use crate::ledger::links::{Marks, View};
use crate::protocol::{EligibleAddition, Protocol, Switches, Threshold};
use crate::transaction::{Action, Body, CosignatoryModification, Transaction};
use crate::verdict::Reason;

/// The aggregate's own limits, in the order of `BasicAggregateCosignaturesValidator`; the signer
/// counts as a signature. Leaves every signature marked in `desk.signed`.
///
/// # Errors
/// No transactions, too many of them, too many signatures, or one signature twice.
pub fn basic<M: Marks>(
    protocol: &Protocol,
    desk: &mut Desk<M>,
    transaction: &Transaction,
) -> Result<(), Reason> {
    let limits = &protocol.limits;
    let above = |count: usize, limit: u32| Facts::numbers(count as i64, i64::from(limit));
    let (parts, signatures) = (transaction.parts.len(), transaction.cosignatures.len() + 1);
    if parts == 0 {
        return desk.refuse(Reason::AggregateNoTransactions, Facts::default());
    }
    if parts > limits.max_transactions_per_aggregate as usize {
        let facts = above(parts, limits.max_transactions_per_aggregate);
        return desk.refuse(Reason::AggregateTooManyTransactions, facts);
    }
    if signatures > limits.max_cosignatures_per_aggregate as usize {
        let facts = above(signatures, limits.max_cosignatures_per_aggregate);
        return desk.refuse(Reason::AggregateTooManyCosignatures, facts);
    }
    desk.signed.clear();
    let twice = transaction.signatures().find(|&account| !desk.signed.mark(account));
    match (twice, protocol.conduct.signer_votes) {
        (Some(account), _) => {
            let facts = Facts::default().of(account);
            desk.refuse(Reason::AggregateRedundantCosignatures, facts)
        }
        (None, 1) => Ok(()),
        (None, votes) => {
            weigh(desk, transaction, votes);
            Ok(())
        }
    }
}

/// Gives the signer of the whole no vote, or two.
fn weigh<M: Marks>(desk: &mut Desk<M>, transaction: &Transaction, votes: u8) {
    desk.twice = (votes == 2).then_some(transaction.signer);
    if votes == 0 {
        desk.signed.clear();
        for &account in &transaction.cosignatures {
            desk.signed.mark(account);
        }
    }
}

/// `StrictAggregateCosignaturesValidator`: exactly the signers of the parts may and must sign.
/// Expects `desk.signed`.
///
/// # Errors
/// A signature of somebody else (first), or a part's signer who did not sign.
pub fn strict<M: Marks>(desk: &mut Desk<M>, transaction: &Transaction) -> Result<(), Reason> {
    desk.eligible.clear();
    for part in &transaction.parts {
        desk.eligible.mark(part.signer);
    }
    stranger(desk, transaction)?;
    match transaction.parts.iter().position(|part| !desk.signed.marked(part.signer)) {
        None => Ok(()),
        Some(part) => {
            let account = transaction.parts.get(part).map(|part| part.signer);
            let facts = Facts { account, part: Some(part as u32), ..Facts::default() };
            desk.refuse(Reason::AggregateMissingCosignatures, facts)
        }
    }
}

/// Refuses a signature that is not marked as eligible.
fn stranger<M: Marks>(desk: &mut Desk<M>, transaction: &Transaction) -> Result<(), Reason> {
    match transaction.signatures().find(|&account| !desk.eligible.marked(account)) {
        None => Ok(()),
        Some(account) => {
            let facts = Facts::default().of(account);
            desk.refuse(Reason::AggregateIneligibleCosignatories, facts)
        }
    }
}

/// `MultisigAggregateEligibleCosignatoriesValidator`: every signature is a leaf of some part's signer
/// or of some addition, in the state before the aggregate.
///
/// # Errors
/// A signature that nothing in the aggregate asks for.
pub fn eligible<V: View, M: Marks>(
    switches: &Switches,
    view: &V,
    desk: &mut Desk<M>,
    transaction: &Transaction,
) -> Result<(), Reason> {
    desk.eligible.clear();
    desk.visited.clear();
    for part in &transaction.parts {
        mark_leaves(view, desk, part.signer);
        let Body::Modification(modification) = &part.body else { continue };
        for change in transaction.changes_of(modification) {
            match (change.action, switches.eligible_addition) {
                (Action::Add, EligibleAddition::Leaves) => mark_leaves(view, desk, change.account),
                (Action::Add, EligibleAddition::OwnKey) => {
                    desk.eligible.mark(change.account);
                }
                _ => {}
            }
        }
    }
    stranger(desk, transaction)
}

/// Marks the accounts at the bottom of an account's tree as eligible; the account itself if plain.
fn mark_leaves<V: View, M: Marks>(view: &V, desk: &mut Desk<M>, account: AccountId) {
    if !view.is_multisig(account) {
        desk.eligible.mark(account);
    } else if desk.visited.mark(account) {
        for cosignatory in view.cosignatories(account) {
            if view.is_multisig(cosignatory) {
                mark_leaves(view, desk, cosignatory);
            } else {
                desk.eligible.mark(cosignatory);
            }
        }
    }
}

/// Which threshold one part needs: what it adds and removes decides, not what it does to thresholds.
/// Source: `MultisigAggregateSufficientCosignatoriesValidator`.
#[must_use]
pub fn operation(switches: &Switches, changes: &[CosignatoryModification]) -> Threshold {
    let (mut adds, mut removes) = (false, false);
    for change in changes {
        adds |= change.action == Action::Add;
        removes |= change.action == Action::Remove;
    }
    match removes {
        false => Threshold::Approval,
        true if adds => switches.mixed_threshold,
        true => switches.removal_threshold,
    }
}

/// Whether one part is signed for: by its signer and, for a modification, by every added account.
/// Expects `desk.signed`.
///
/// # Errors
/// Signatures are missing.
pub fn sufficient<V: View, M: Marks>(
    switches: &Switches,
    view: &V,
    desk: &mut Desk<M>,
    signer: AccountId,
    changes: &[CosignatoryModification],
) -> Result<(), Reason> {
    let threshold = operation(switches, changes);
    desk.visited.clear();
    desk.satisfied.clear();
    let mut asks = |account: AccountId| match satisfied(switches, view, desk, account, threshold) {
        true => Ok(()),
        false => desk.refuse(Reason::AggregateMissingCosignatures, Facts::default().of(account)),
    };
    asks(signer)?;
    match switches.opt_in {
        true => added(changes).try_for_each(asks),
        false => Ok(()),
    }
}

/// The accounts that a modification adds.
pub fn added(changes: &[CosignatoryModification]) -> impl Iterator<Item = AccountId> {
    let additions = changes.iter().filter(|change| change.action == Action::Add);
    additions.map(|addition| addition.account)
}

/// Whether an account's own key (plain) or enough of its cosignatories (multisig) signed. A multisig
/// account's own key never counts; a key reachable on several ways counts on each.
pub fn satisfied<V: View, M: Marks>(
    switches: &Switches,
    view: &V,
    desk: &mut Desk<M>,
    account: AccountId,
    threshold: Threshold,
) -> bool {
    if !view.is_multisig(account) {
        return desk.signed.marked(account);
    }
    if !desk.visited.mark(account) {
        return desk.satisfied.marked(account);
    }
    let minima = view.minima(account);
    let needed = threshold.of(minima.approval, minima.removal);
    let below = if switches.pass_down { threshold } else { Threshold::Approval };
    let mut count = 0;
    for cosignatory in view.cosignatories(account) {
        if count >= needed {
            break;
        }
        let agrees = match view.is_multisig(cosignatory) {
            true => satisfied(switches, view, desk, cosignatory, below),
            false => desk.signed.marked(cosignatory),
        };
        if agrees {
            count += 1 + u32::from(desk.twice == Some(cosignatory));
        }
    }
    let enough = count >= needed;
    if enough {
        desk.satisfied.mark(account);
    }
    enough
}

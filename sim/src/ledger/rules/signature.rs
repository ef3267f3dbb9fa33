//! Who must sign and who may sign a Catapult aggregate.

use super::Desk;
use crate::account::AccountId;
use crate::ledger::links::{Marks, View};
use crate::protocol::{EligibleAddition, Protocol, Switches, Threshold};
use crate::transaction::{Action, Body, Change, Transaction};
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
    if transaction.parts.is_empty() {
        return Err(Reason::AggregateNoTransactions);
    }
    if transaction.parts.len() > limits.max_transactions_per_aggregate as usize {
        return Err(Reason::AggregateTooManyTransactions);
    }
    if transaction.cosignatures.len() + 1 > limits.max_cosignatures_per_aggregate as usize {
        return Err(Reason::AggregateTooManyCosignatures);
    }
    desk.signed.clear();
    let redundant = transaction.signatures().any(|account| !desk.signed.mark(account));
    match (redundant, protocol.conduct.signer_votes) {
        (true, _) => Err(Reason::AggregateRedundantCosignatures),
        (false, 1) => Ok(()),
        (false, votes) => {
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
    if transaction.signatures().any(|account| !desk.eligible.marked(account)) {
        return Err(Reason::AggregateIneligibleCosignatories);
    }
    if transaction.parts.iter().any(|part| !desk.signed.marked(part.signer)) {
        return Err(Reason::AggregateMissingCosignatures);
    }
    Ok(())
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
    let stranger = transaction.signatures().any(|account| !desk.eligible.marked(account));
    if stranger { Err(Reason::AggregateIneligibleCosignatories) } else { Ok(()) }
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
pub fn operation(switches: &Switches, changes: &[Change]) -> Threshold {
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
    changes: &[Change],
) -> Result<(), Reason> {
    let threshold = operation(switches, changes);
    desk.visited.clear();
    desk.satisfied.clear();
    let mut all = satisfied(switches, view, desk, signer, threshold);
    if switches.opt_in {
        let mut added = changes.iter().filter(|change| change.action == Action::Add);
        all = all && added.all(|add| satisfied(switches, view, desk, add.account, threshold));
    }
    if all { Ok(()) } else { Err(Reason::AggregateMissingCosignatures) }
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

//! The rules of the three Catapult eras, in the order in which the server checks them. "M" is the
//! modified account, "X" an added one, "S" all signers.
//!
//! Sources: the validators and observers of the plugins `multisig`, `aggregate` and `lock_hash`
//! (`plugins/txes/*/src`) in catapult-server v0.4.0.1 and v0.8.0.3 and in Symbol's client/catapult
//! 1.0.3.8.

mod modification;

use super::account_set::AccountSet;
use super::identity::{self, Identity};
use super::state::{Entry, Lock, State};
use super::{Judgement, mosaics};
use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::protocol::{EligibleAddition, Protocol, Threshold};
use crate::transaction::{
    Action, Body, CosignatoryModification, EmbeddedTransaction, Envelope, HashLock, PendingId,
    Transaction,
};
use crate::unit::Height;
use crate::verdict::Reason;

/// The stateless pass over everything, then the stateful rules interleaved
/// with execution. The deposit of a bonded aggregate lies under its id.
///
/// `state` may be half changed after a failure; the caller throws it away.
pub(super) fn execute(
    protocol: &Protocol,
    state: &mut State,
    transaction: &Transaction,
    identity: Identity,
) -> Judgement {
    let signed = signers(transaction);
    stateless(protocol, transaction, &signed)?;
    identity::is_new(protocol, state, transaction, identity)?;
    permitted_operation(state, transaction)?;
    let bonded = transaction.envelope == Envelope::AggregateBonded;
    let lock = if bonded { Some(aggregate_hash_present(state, identity.id)?) } else { None };
    identity::deadline(protocol, state, transaction, identity)?;
    if let Some(lock) = lock {
        return_deposit(state, lock);
    }
    if transaction.envelope != Envelope::Bare {
        eligible_cosignatories(protocol, state, transaction, &signed)?;
    }
    for part in &transaction.parts {
        if transaction.envelope != Envelope::Bare {
            sufficient_cosignatories(protocol, state, transaction, part, &signed)?;
        }
        execute_part(protocol, state, transaction, part)?;
    }
    identity::remember(state, transaction, identity);
    Ok(())
}

/// What a partial transaction without cosignatures must pass before it may wait, by the confirmed
/// state: the basic rules, then the stateless ones of the plugins, "not asked: eligibility, missing
/// cosignatures" (`extensions/partialtransaction`, `PtValidator::validatePartial`).
pub(super) fn admit_partial(
    protocol: &Protocol,
    confirmed: &State,
    transaction: &Transaction,
    identity: Identity,
) -> Judgement {
    permitted_operation(confirmed, transaction)?;
    aggregate_hash_present(confirmed, identity.id)?;
    identity::deadline(protocol, confirmed, transaction, identity)?;
    basic_cosignatures(protocol, transaction, &signers(transaction))?;
    stateless_parts(protocol, transaction)
}

/// How a collection of cosignatures is judged, by the confirmed state and "without executing
/// anything: BasicAggregateCosignatures (+ strict), eligibility, sufficiency of each embedded
/// transaction" (`PtValidator::validateCosignatories`).
pub(super) fn judge_partial(
    protocol: &Protocol,
    confirmed: &State,
    transaction: &Transaction,
) -> Judgement {
    let signed = signers(transaction);
    aggregate_cosignatures(protocol, transaction, &signed)?;
    eligible_cosignatories(protocol, confirmed, transaction, &signed)?;
    for part in &transaction.parts {
        sufficient_cosignatories(protocol, confirmed, transaction, part, &signed)?;
    }
    Ok(())
}

/// `ValidatingNotificationSubscriber`: "any stateless failure anywhere in the aggregate beats every
/// stateful failure".
fn stateless(protocol: &Protocol, transaction: &Transaction, signed: &AccountSet) -> Judgement {
    if transaction.envelope != Envelope::Bare {
        aggregate_cosignatures(protocol, transaction, signed)?;
    }
    stateless_parts(protocol, transaction)
}

/// The stateless rules of each embedded transaction, in order.
fn stateless_parts(protocol: &Protocol, transaction: &Transaction) -> Judgement {
    for part in &transaction.parts {
        match &part.body {
            Body::Modification(modification) => {
                modification::list(protocol, transaction.changes_of(modification))?;
            }
            Body::Transfer(transfer) => {
                let bytes = transfer.message.of_text(&transaction.text).len() as u64;
                if bytes > u64::from(protocol.limits.max_message_bytes) {
                    return Err(Reason::MessageTooLarge);
                }
            }
            Body::HashLock(lock) => hash_lock_form(protocol, lock)?,
            Body::MosaicDefinition(_) | Body::MosaicSupplyChange(_) | Body::Nested => {}
        }
    }
    Ok(())
}

/// Notification AggregateCosignatures: the basic validator, then the strict one.
fn aggregate_cosignatures(
    protocol: &Protocol,
    transaction: &Transaction,
    signed: &AccountSet,
) -> Judgement {
    basic_cosignatures(protocol, transaction, signed)?;
    if protocol.switches.strict_cosignature_check {
        strict_cosignatures(transaction, signed)?;
    }
    Ok(())
}

/// No transactions, too many, too many signatures (the signer counts), the same signature twice.
fn basic_cosignatures(
    protocol: &Protocol,
    transaction: &Transaction,
    signed: &AccountSet,
) -> Judgement {
    let limits = &protocol.limits;
    let transactions = transaction.parts.len() as u64;
    let signatures = transaction.cosignatures.len() as u64 + 1;
    if transactions == 0 {
        return Err(Reason::AggregateNoTransactions);
    }
    if transactions > u64::from(limits.max_transactions_per_aggregate) {
        return Err(Reason::AggregateTooManyTransactions);
    }
    if signatures > u64::from(limits.max_cosignatures_per_aggregate) {
        return Err(Reason::AggregateTooManyCosignatures);
    }
    if (signed.len() as u64) < signatures {
        return Err(Reason::AggregateRedundantCosignatures);
    }
    Ok(())
}

/// Only embedded signers may sign, and all of them must; "ineligible must dominate missing".
fn strict_cosignatures(transaction: &Transaction, signed: &AccountSet) -> Judgement {
    let embedded: AccountSet = transaction.parts.iter().map(|part| part.signer).collect();
    if !signed.is_subset(&embedded) {
        return Err(Reason::AggregateIneligibleCosignatories);
    }
    if !embedded.is_subset(signed) {
        return Err(Reason::AggregateMissingCosignatures);
    }
    Ok(())
}

/// `lock_hash`: duration 1 to the longest, then the exact amount.
fn hash_lock_form(protocol: &Protocol, lock: &HashLock) -> Judgement {
    let limits = &protocol.limits;
    if lock.duration_blocks < 1 || lock.duration_blocks > limits.hash_lock_duration_blocks_max {
        return Err(Reason::LockHashInvalidDuration);
    }
    if lock.amount.0 != limits.hash_lock_amount {
        return Err(Reason::LockHashInvalidMosaicAmount);
    }
    Ok(())
}

/// Notification Transaction, MultisigPermittedOperation: "the TOP-LEVEL signer is multisig".
fn permitted_operation(state: &State, transaction: &Transaction) -> Judgement {
    if state.is_multisig(transaction.signer) {
        return Err(Reason::MultisigOperationProhibitedByAccount);
    }
    Ok(())
}

/// AggregateHashPresent: a bonded aggregate needs a lock on its hash, and an active one.
fn aggregate_hash_present(state: &State, id: Option<PendingId>) -> Result<Lock, Reason> {
    let pending = id.ok_or(Reason::LockHashUnknownHash)?;
    match state.active_lock(pending) {
        Some(lock) => Ok(lock),
        None if state.knows_lock(pending) => Err(Reason::LockHashInactiveHash),
        None => Err(Reason::LockHashUnknownHash),
    }
}

/// `lock_hash`: "on success the lock is marked used and [the deposit] is returned to the lock's
/// OWNER", at once, so before the embedded transactions.
fn return_deposit(state: &mut State, lock: Lock) {
    state.settle(lock);
    state.credit(lock.owner, MosaicId::CURRENCY, lock.amount);
}

/// MultisigAggregateEligibleCosignatories: "every member of S (the aggregate signer included) must
/// be eligible", by the state before the aggregate. It also says what an addition makes eligible.
fn eligible_cosignatories(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    signed: &AccountSet,
) -> Judgement {
    let mut eligible = AccountSet::new();
    for part in &transaction.parts {
        eligible.add_all(&state.leaves(part.signer));
        for added in opting_in(transaction, part) {
            match protocol.switches.eligible_addition {
                EligibleAddition::OwnKey => eligible.extend([added]),
                EligibleAddition::Leaves => eligible.add_all(&state.leaves(added)),
            }
        }
    }
    if !signed.is_subset(&eligible) {
        return Err(Reason::AggregateIneligibleCosignatories);
    }
    Ok(())
}

/// MultisigAggregateSufficientCosignatories: the embedded signer and (opt-in) every added account
/// must be satisfied.
fn sufficient_cosignatories(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    part: &EmbeddedTransaction,
    signed: &AccountSet,
) -> Judgement {
    let threshold = operation_threshold(protocol, transaction, part);
    let agrees = |account| satisfied(protocol, state, account, threshold, signed);
    let asks_added = protocol.switches.opt_in;
    if agrees(part.signer) && (!asks_added || opting_in(transaction, part).all(agrees)) {
        Ok(())
    } else {
        Err(Reason::AggregateMissingCosignatures)
    }
}

/// The type of operation says which threshold counts.
fn operation_threshold(
    protocol: &Protocol,
    transaction: &Transaction,
    part: &EmbeddedTransaction,
) -> Threshold {
    let Body::Modification(modification) = &part.body else { return Threshold::Approval };
    let has = |action| {
        let mut list = transaction.changes_of(modification).iter();
        list.any(|change| change.action == action)
    };
    match (has(Action::Add), has(Action::Remove)) {
        (_, false) => Threshold::Approval,
        (false, true) => protocol.switches.removal_threshold,
        (true, true) => protocol.switches.mixed_threshold,
    }
}

/// MultisigAggregateSufficientCosignatories: "sat(a,op) = a has no cosignatories -> a in S; else
/// #{c : sat(c,op)} >= threshold(a,op)".
///
/// The accounts below `account` are settled from the leaves upwards, until nobody is added.
pub(super) fn satisfied(
    protocol: &Protocol,
    state: &State,
    account: AccountId,
    threshold: Threshold,
    signed: &AccountSet,
) -> bool {
    if !state.is_multisig(account) {
        return signed.contains(account);
    }
    if state.cosignatories(account).is_disjoint(state.multisig_accounts()) {
        // Keys alone: nobody else is to be settled first.
        return enough(state.entry(account), threshold, signed);
    }
    let below = if protocol.switches.pass_down { threshold } else { Threshold::Approval };
    let tree = state.descendants(account);
    let multisigs = tree.intersection(state.multisig_accounts());
    let mut agreed = tree.difference(&multisigs).intersection(signed);
    loop {
        let undecided = multisigs.difference(&agreed);
        let agrees = |&member: &AccountId| enough(state.entry(member), below, &agreed);
        let more: AccountSet = undecided.iter().filter(agrees).collect();
        if more.is_empty() {
            return enough(state.entry(account), threshold, &agreed);
        }
        agreed.add_all(&more);
    }
}

fn enough(entry: &Entry, threshold: Threshold, agreed: &AccountSet) -> bool {
    let approvals = entry.cosignatories.intersection(agreed).len() as u64;
    approvals >= u64::from(threshold.of(entry.min_approval, entry.min_removal))
}

/// One embedded (or bare) transaction at its turn.
fn execute_part(
    protocol: &Protocol,
    state: &mut State,
    transaction: &Transaction,
    part: &EmbeddedTransaction,
) -> Judgement {
    match &part.body {
        Body::Transfer(transfer) => mosaics::transfer(state, transaction, part.signer, transfer),
        Body::Modification(change) => {
            modification::execute(protocol, state, transaction, part.signer, change)
        }
        Body::HashLock(lock) => lock_deposit(protocol, state, part.signer, lock),
        Body::MosaicDefinition(definition) => mosaics::define(state, part.signer, definition),
        Body::MosaicSupplyChange(change) => mosaics::change_supply(state, part.signer, change),
        Body::Nested => Ok(()),
    }
}

/// `lock_hash`: the deposit is debited; then HashLockCacheUnique: no active lock on that hash, in
/// the older eras no lock at all that is not pruned yet.
fn lock_deposit(
    protocol: &Protocol,
    state: &mut State,
    owner: AccountId,
    asked: &HashLock,
) -> Judgement {
    let &HashLock { pending, amount, duration_blocks } = asked;
    if !state.debit(owner, MosaicId::CURRENCY, amount) {
        return Err(Reason::InsufficientBalance);
    }
    let exists = match protocol.base.has_one_lock_per_hash() {
        true => state.knows_lock(pending),
        false => state.active_lock(pending).is_some(),
    };
    if exists {
        return Err(Reason::LockHashHashAlreadyExists);
    }
    let chain = state.chain_mut();
    let end = Height(chain.height.0.saturating_add(duration_blocks));
    chain.locks.retain(|lock| lock.pending != pending || !lock.settled);
    chain.locks.push(Lock { pending, owner, amount, end, settled: false });
    Ok(())
}

/// S: "{aggregate signer} + all cosigners".
pub(super) fn signers(transaction: &Transaction) -> AccountSet {
    let mut signed = AccountSet::from([transaction.signer]);
    transaction.cosignatures.iter().for_each(|&account| {
        signed.insert(account);
    });
    signed
}

/// The accounts a part adds, in order; none if it is no modification.
fn opting_in<'t>(
    transaction: &'t Transaction,
    part: &EmbeddedTransaction,
) -> impl Iterator<Item = AccountId> + use<'t> {
    of_action(transaction.changes_in(part), Action::Add)
}

/// The accounts to which a list does this, in order.
fn of_action(
    list: &[CosignatoryModification],
    action: Action,
) -> impl Iterator<Item = AccountId> + Clone + use<'_> {
    let chosen = list.iter().filter(move |change| change.action == action);
    chosen.map(|change| change.account)
}

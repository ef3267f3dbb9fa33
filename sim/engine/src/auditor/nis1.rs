//! The rules of NIS1, in the order of its lists of validators. "M" is the multisig account, "C" its
//! cosignatories, "S" the signers, "R" the accounts that a modification removes.
//!
//! Source: the validators in `org.nem.nis.validators` (`transaction`, `block`, `unconfirmed`) of
//! NIS1 0.6.102, by their names without `Validator`.

mod balance;
mod modification;

use super::account_set::AccountSet;
use super::identity::{self, Identity};
use super::state::{OpenBlock, State};
use super::{Judgement, mosaics};
use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::transaction::{Action, Body, EmbeddedTransaction, Envelope, Transaction};
use crate::verdict::Reason;

/// `BlockChainValidator`: all validators of one transaction, then its execution.
///
/// `state` may be half changed after a failure; the caller throws it away.
pub(super) fn execute(
    protocol: &Protocol,
    state: &mut State,
    transaction: &Transaction,
    identity: Identity,
) -> Judgement {
    identity::is_new(protocol, state, transaction, identity)?;
    identity::deadline(protocol, state, transaction, identity)?;
    validate(protocol, state, transaction, Signatures::Complete)?;
    for part in &transaction.parts {
        execute_part(state, transaction, part)?;
    }
    balance::pay_fees(state, transaction)?;
    enter_in_block(&mut state.chain_mut().block, transaction);
    identity::remember(state, transaction, identity);
    Ok(())
}

/// Whether MultisigSignaturesPresent is among the validators: it is left out of the unconfirmed
/// cache.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Signatures {
    /// A block: all signatures must be there.
    Complete,
    /// The unconfirmed cache: more may come.
    MayFollow,
}

/// The aggregate validator: the list on the outer transaction, on each signature, last on the inner
/// transaction.
pub(super) fn validate(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    signatures: Signatures,
) -> Judgement {
    if transaction.envelope == Envelope::Multisig {
        outer(protocol, state, transaction, signatures)?;
        for part in &transaction.parts {
            for cosigner in &attached_signatures(transaction) {
                signature(state, part.signer, cosigner)?;
            }
        }
    }
    for part in &transaction.parts {
        bare_or_inner(protocol, state, transaction, part)?;
    }
    Ok(())
}

/// The list on the wrapper: 6 balance, 9 multisig may not act, 12 initiator, 16 mosaic balance
/// (which sees the inner moves), last the signatures.
fn outer(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    signatures: Signatures,
) -> Judgement {
    for part in &transaction.parts {
        let moves = balance::of_whole(state, transaction, part);
        balance::suffices(state, part.signer, moves)?;
    }
    non_operational(state, transaction.signer)?;
    for part in &transaction.parts {
        if !state.cosignatories(part.signer).contains(transaction.signer) {
            return Err(Reason::MultisigNotACosigner);
        }
        if matches!(part.body, Body::Transfer(_)) {
            mosaic_validators(state, transaction, part)?;
        }
        if signatures == Signatures::Complete {
            signatures_present(protocol, state, transaction, part)?;
        }
    }
    Ok(())
}

/// The list on one signature transaction: 6 its fee, paid by M, and 9.
pub(super) fn signature(state: &State, multisig: AccountId, cosigner: AccountId) -> Judgement {
    balance::suffices(state, multisig, [balance::of_signature()].into_iter())?;
    non_operational(state, cosigner)
}

/// The list on a transaction that stands alone or inside: 6, 9 (alone only), 10, 14 and 15.
fn bare_or_inner(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    part: &EmbeddedTransaction,
) -> Judgement {
    balance::suffices(state, part.signer, balance::of_part(state, transaction, part))?;
    if transaction.envelope == Envelope::Bare {
        non_operational(state, part.signer)?;
    }
    match &part.body {
        Body::Transfer(transfer) => {
            let bytes = transfer.message.of_text(&transaction.text).len() as u64;
            if bytes > u64::from(protocol.limits.max_message_bytes) {
                return Err(Reason::MessageTooLarge);
            }
        }
        Body::Modification(change) => {
            modification::validate(protocol, state, transaction, part.signer, change)?;
        }
        _ => {}
    }
    mosaic_validators(state, transaction, part)
}

/// 16 and after: the mosaic validators, as a dry run.
fn mosaic_validators(
    state: &State,
    transaction: &Transaction,
    part: &EmbeddedTransaction,
) -> Judgement {
    match &part.body {
        Body::Transfer(transfer) => {
            let mut amounts = transaction.amounts_of(transfer).iter();
            if amounts.all(|(mosaic, _)| *mosaic == MosaicId::CURRENCY) {
                return Ok(());
            }
            mosaics::transfer(&mut state.clone(), transaction, part.signer, transfer)
        }
        Body::MosaicDefinition(asked) => mosaics::define(&mut state.clone(), part.signer, asked),
        Body::MosaicSupplyChange(asked) => {
            mosaics::change_supply(&mut state.clone(), part.signer, asked)
        }
        _ => Ok(()),
    }
}

/// 9 MultisigNonOperational: a multisig account signs nothing.
pub(super) fn non_operational(state: &State, signer: AccountId) -> Judgement {
    if state.is_multisig(signer) {
        return Err(Reason::TransactionNotAllowedForMultisig);
    }
    Ok(())
}

/// Whether a waiting transaction is to be judged by the rules of a block: all signatures are there,
/// or one of a stranger, which no further signature can mend (it "spoils the whole").
pub(super) fn is_ready(protocol: &Protocol, state: &State, transaction: &Transaction) -> bool {
    let mut parts = transaction.parts.iter();
    parts.all(|part| {
        let cosignatories = state.cosignatories(part.signer);
        transaction.signatures().any(|signer| !cosignatories.contains(signer))
            || signatures_present(protocol, state, transaction, part).is_ok()
    })
}

/// MultisigSignaturesPresent with S, C and R: a stranger spoils it; R does not count; N-of-N needs
/// all of C - R, M-of-N needs min.
fn signatures_present(
    protocol: &Protocol,
    state: &State,
    transaction: &Transaction,
    part: &EmbeddedTransaction,
) -> Judgement {
    let signed: AccountSet = transaction.signatures().collect();
    let removed = removed_accounts(transaction, part);
    if signed.is_subset(state.cosignatories(part.signer))
        && enough(protocol, state, part.signer, &signed, &removed)
    {
        return Ok(());
    }
    Err(Reason::MultisigInvalidCosigners)
}

/// MultisigSignaturesPresent for signatures of cosignatories.
pub(super) fn enough(
    protocol: &Protocol,
    state: &State,
    multisig: AccountId,
    signed: &AccountSet,
    removed: &AccountSet,
) -> bool {
    let entry = state.entry(multisig);
    let all = &entry.cosignatories;
    let counted: AccountSet = signed.difference(removed);
    if entry.min_approval == 0 || u64::from(entry.min_approval) == all.len() as u64 {
        if protocol.switches.n_of_n_removal_by_others {
            return counted == all.difference(removed);
        }
        return signed == all;
    }
    counted.len() as u64 >= u64::from(entry.min_approval)
}

/// R: "accounts deleted by the inner modification (empty for other types)".
fn removed_accounts(transaction: &Transaction, part: &EmbeddedTransaction) -> AccountSet {
    let Body::Modification(modification) = &part.body else { return AccountSet::new() };
    let list = transaction.changes_of(modification).iter();
    list.filter(|change| change.action == Action::Remove).map(|change| change.account).collect()
}

/// `MultisigTransaction`: a set; the initiator's own signature and repeats are dropped silently.
pub(super) fn attached_signatures(transaction: &Transaction) -> AccountSet {
    let mut attached: AccountSet = transaction.cosignatures.iter().copied().collect();
    attached.remove(transaction.signer);
    attached
}

fn execute_part(
    state: &mut State,
    transaction: &Transaction,
    part: &EmbeddedTransaction,
) -> Judgement {
    match &part.body {
        Body::Transfer(transfer) => mosaics::transfer(state, transaction, part.signer, transfer),
        Body::Modification(change) => {
            modification::execute(state, transaction, part.signer, change);
            Ok(())
        }
        Body::MosaicDefinition(definition) => mosaics::define(state, part.signer, definition),
        Body::MosaicSupplyChange(change) => mosaics::change_supply(state, part.signer, change),
        Body::HashLock(_) | Body::Nested => Ok(()),
    }
}

/// `BlockChainValidator`: the block validators that speak of its transactions, in order:
/// MaxTransactions, NoSelfSigned, BlockUniqueHash, BlockMultisigAggregateModification.
pub(super) fn validate_block(
    protocol: &Protocol,
    block: &OpenBlock,
    harvester: Option<AccountId>,
    repeats: bool,
) -> Judgement {
    if block.transactions > u64::from(protocol.limits.max_transactions_per_block) {
        return Err(Reason::TooManyTransactions);
    }
    if harvester.is_some_and(|account| block.signers.contains(account)) {
        return Err(Reason::SelfSignedTransaction);
    }
    if repeats {
        return Err(Reason::Neutral);
    }
    if block.modified_twice {
        return Err(Reason::ConflictingMultisigModification);
    }
    Ok(())
}

/// "A multisig transaction counts 2 + number of signatures"; "at most ONE modification per signing
/// account in a block, whatever it contains".
fn enter_in_block(block: &mut OpenBlock, transaction: &Transaction) {
    block.transactions += match transaction.envelope {
        Envelope::Multisig => 2 + attached_signatures(transaction).len() as u64,
        _ => 1,
    };
    block.signers.insert(transaction.signer);
    for part in &transaction.parts {
        if matches!(part.body, Body::Modification(_)) {
            block.modified_twice |= !block.modified.insert(part.signer);
        }
    }
}

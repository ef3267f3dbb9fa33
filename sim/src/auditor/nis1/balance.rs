//! Fees and the balance check: what `BalanceValidator` adds up.

use super::super::Judgement;
use super::super::sorted::Map;
use super::super::state::State;
use super::attached_signatures;
use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::transaction::{Body, Envelope, Part, Transaction, Transfer};
use crate::unit::Amount;
use crate::verdict::Reason;

/// One fee unit, 0.05 XEM, in micro XEM.
const UNIT: u64 = 50_000;
/// The wrapper: 3 units.
const OUTER: Amount = Amount(3 * UNIT);
/// Each signature: 3 units.
const SIGNATURE: Amount = Amount(3 * UNIT);
/// A modification: 10 units, whatever its size.
const MODIFICATION: Amount = Amount(10 * UNIT);
/// A mosaic definition or supply change: 3 units.
const MOSAIC: Amount = Amount(3 * UNIT);

/// A movement of the currency; to nobody if it is a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    from: AccountId,
    to: Option<AccountId>,
    amount: Amount,
}

impl Move {
    fn fee(from: AccountId, amount: Amount) -> Self {
        Self { from, to: None, amount }
    }
}

/// All movements of the outer transaction: "signatures' fees, inner moves and fee, outer fee".
pub(super) fn of_whole(transaction: &Transaction) -> Vec<Move> {
    let mut moves = Vec::new();
    for part in &transaction.parts {
        for _ in attached_signatures(transaction) {
            moves.extend(of_signature(part.signer));
        }
        moves.extend(of_part(transaction, part));
        moves.push(Move::fee(part.signer, OUTER));
    }
    moves
}

/// The fee of one signature transaction, paid by the multisig account.
pub(super) fn of_signature(multisig: AccountId) -> Vec<Move> {
    vec![Move::fee(multisig, SIGNATURE)]
}

/// The movements of a transaction that stands alone or inside, its fee last.
pub(super) fn of_part(transaction: &Transaction, part: &Part) -> Vec<Move> {
    let mut moves = Vec::new();
    if let Body::Transfer(transfer) = &part.body {
        for &(mosaic, amount) in transaction.amounts_of(transfer) {
            if mosaic == MosaicId::CURRENCY {
                moves.push(Move { from: part.signer, to: Some(transfer.recipient), amount });
            }
        }
    }
    moves.push(Move::fee(part.signer, fee(transaction, part)));
    moves
}

fn fee(transaction: &Transaction, part: &Part) -> Amount {
    match &part.body {
        Body::Transfer(transfer) => transfer_fee(transaction, transfer),
        Body::Modification(_) => MODIFICATION,
        Body::MosaicDefinition(_) | Body::MosaicSupplyChange(_) => MOSAIC,
        Body::HashLock(_) | Body::Nested => Amount::ZERO,
    }
}

/// "Transfer 1..25 units by amount (+ message)": one for every 10,000 XEM, one for every 32 bytes
/// begun.
fn transfer_fee(transaction: &Transaction, transfer: &Transfer) -> Amount {
    let amounts = transaction.amounts_of(transfer).iter();
    let currency = amounts.filter(|(mosaic, _)| *mosaic == MosaicId::CURRENCY);
    let total = currency.fold(0_u64, |sum, (_, amount)| sum.saturating_add(amount.0));
    let by_amount = (total / 1_000_000 / 10_000).clamp(1, 25);
    let bytes = transfer.message.of_text(&transaction.text).len() as u64;
    let by_message = if bytes == 0 { 0 } else { bytes / 32 + 1 };
    Amount(UNIT * (by_amount + by_message))
}

/// 6 BalanceValidator: a dry run, each movement by what the earlier ones left.
pub(super) fn suffices(state: &State, moves: &[Move]) -> Judgement {
    let mut balances: Map<AccountId, Amount> = Map::new();
    let before = |account| state.balance(account, MosaicId::CURRENCY);
    for step in moves {
        let held = balances.get(&step.from).map_or_else(|| before(step.from), |&amount| amount);
        let rest = held.checked_sub(step.amount).ok_or(Reason::InsufficientBalance)?;
        balances.insert(step.from, rest);
        if let Some(recipient) = step.to {
            let held = balances.get(&recipient).map_or_else(|| before(recipient), |&amount| amount);
            balances.insert(recipient, held.checked_add(step.amount).unwrap_or(Amount(u64::MAX)));
        }
    }
    Ok(())
}

/// Takes all fees of a transaction, for the harvester of the block.
pub(super) fn pay_fees(state: &mut State, transaction: &Transaction) -> Judgement {
    let moves = match transaction.envelope {
        Envelope::Multisig => of_whole(transaction),
        _ => transaction.parts.iter().flat_map(|part| of_part(transaction, part)).collect(),
    };
    for fee in moves.iter().filter(|step| step.to.is_none()) {
        if !state.debit(fee.from, MosaicId::CURRENCY, fee.amount) {
            return Err(Reason::InsufficientBalance);
        }
        let sum = state.fees.checked_add(fee.amount);
        state.fees = sum.unwrap_or(Amount(u64::MAX));
    }
    Ok(())
}

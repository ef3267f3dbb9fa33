//! Fees and the balance check: what `BalanceValidator` adds up.

use super::super::Judgement;
use super::super::state::State;
use super::attached_signatures;
use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::transaction::{Body, EmbeddedTransaction, Envelope, Transaction, Transfer};
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

/// `MosaicConstants.MOSAIC_DEFINITION_XEM`: how many XEM there are.
const XEM_SUPPLY: u64 = 8_999_999_999;
/// `MosaicConstants.MAX_QUANTITY`.
const MOST_QUANTITY: u128 = 9_000_000_000_000_000;
/// Micro XEM in a XEM.
const MICRO: u64 = 1_000_000;

/// What a part's signer gives away of the currency; to nobody if it is a fee.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    to: Option<AccountId>,
    amount: Amount,
}

impl Move {
    const fn fee(amount: Amount) -> Self {
        Self { to: None, amount }
    }
}

/// All that the signer of a part gives for a transaction: for a wrapper "signatures' fees, inner moves
/// and fee, outer fee".
pub(super) fn of_whole<'t>(
    state: &State,
    transaction: &'t Transaction,
    part: &'t EmbeddedTransaction,
) -> impl Iterator<Item = Move> + use<'t> {
    let wrapped = transaction.envelope == Envelope::Multisig;
    let signatures = if wrapped { attached_signatures(transaction).len() } else { 0 };
    std::iter::repeat_n(of_signature(), signatures)
        .chain(of_part(state, transaction, part))
        .chain(wrapped.then_some(Move::fee(OUTER)))
}

/// The fee of one signature transaction, paid by the multisig account.
pub(super) const fn of_signature() -> Move {
    Move::fee(SIGNATURE)
}

/// What the signer of a transaction that stands alone or inside gives, its fee last.
pub(super) fn of_part<'t>(
    state: &State,
    transaction: &'t Transaction,
    part: &'t EmbeddedTransaction,
) -> impl Iterator<Item = Move> + use<'t> {
    let transfer = match &part.body {
        Body::Transfer(transfer) => Some(transfer),
        _ => None,
    };
    let moves = transfer.into_iter().flat_map(|transfer| {
        let amounts = transaction.amounts_of(transfer).iter();
        let currency = amounts.filter(|(mosaic, _)| *mosaic == MosaicId::CURRENCY);
        currency.map(|&(_, amount)| Move { to: Some(transfer.recipient), amount })
    });
    moves.chain([Move::fee(fee(state, transaction, part))])
}

fn fee(state: &State, transaction: &Transaction, part: &EmbeddedTransaction) -> Amount {
    match &part.body {
        Body::Transfer(transfer) => transfer_fee(state, transaction, transfer),
        Body::Modification(_) => MODIFICATION,
        Body::MosaicDefinition(_) | Body::MosaicSupplyChange(_) => MOSAIC,
        Body::HashLock(_) | Body::Nested => Amount::ZERO,
    }
}

/// `AbstractTransactionFeeCalculator`: "message: 0 without one, else floor(bytes / 32) + 1", and by
/// what is moved: the currency alone by its amount, else the sum over all mosaics, the currency
/// among them as the mosaic that it is.
fn transfer_fee(state: &State, transaction: &Transaction, transfer: &Transfer) -> Amount {
    let amounts = transaction.amounts_of(transfer);
    let moved = if amounts.iter().all(|(mosaic, _)| *mosaic == MosaicId::CURRENCY) {
        let micro = amounts.iter().fold(0_u64, |sum, (_, amount)| sum.saturating_add(amount.0));
        units_for_xem(u128::from(micro / MICRO))
    } else {
        let units = amounts.iter().map(|&(mosaic, amount)| mosaic_units(state, mosaic, amount));
        units.fold(0, u64::saturating_add)
    };
    let bytes = transfer.message.of_text(&transaction.text).len() as u64;
    let by_message = if bytes == 0 { 0 } else { bytes / 32 + 1 };
    Amount(UNIT.saturating_mul(moved.saturating_add(by_message)))
}

/// "Clamp(floor(XEM / 10,000), 1, 25)".
fn units_for_xem(xem: u128) -> u64 {
    (xem / 10_000).clamp(1, 25) as u64
}

/// What one mosaic adds: one for a small business mosaic; else by its equivalent in XEM, less the
/// more its units are few.
fn mosaic_units(state: &State, mosaic: MosaicId, quantity: Amount) -> u64 {
    let (supply, divisibility) = whole_supply(state, mosaic);
    if divisibility == 0 && supply <= 10_000 {
        return 1;
    }
    let parts = 10_u128.pow(divisibility);
    let once = u128::from(XEM_SUPPLY) * u128::from(quantity.0) * u128::from(MICRO);
    let xem = once.checked_div(u128::from(supply)).unwrap_or(0) / (parts * u128::from(MICRO));
    let units = units_for_xem(xem);
    let relief = relief(u128::from(supply) * parts);
    units.saturating_sub(relief).max(1)
}

/// The supply in whole units, and the decimal places. Nobody defined: as if there were none.
fn whole_supply(state: &State, mosaic: MosaicId) -> (u64, u32) {
    if mosaic == MosaicId::CURRENCY {
        return (XEM_SUPPLY, 6);
    }
    let Some(definition) = state.chain().definitions.get(&mosaic) else { return (0, 0) };
    let divisibility = u32::from(definition.divisibility);
    (definition.supply.0 / 10_u64.pow(divisibility), divisibility)
}

/// "Trunc(0.8 * ln(floor(9 * 10^15 / quantity)))": how many steps of e^(5/4) it is up to there.
fn relief(quantity: u128) -> u64 {
    let Some(times) = MOST_QUANTITY.checked_div(quantity) else { return 0 };
    let steps = (1..=30).take_while(|&step| (1.25 * f64::from(step)).exp() <= times as f64);
    steps.count() as u64
}

/// 6 BalanceValidator: a dry run, each movement by what the earlier ones left. Nobody but the payer
/// pays, so what others receive is not followed.
pub(super) fn suffices(
    state: &State,
    payer: AccountId,
    moves: impl Iterator<Item = Move>,
) -> Judgement {
    let mut held = state.currency(payer);
    for step in moves {
        let rest = held.checked_sub(step.amount).ok_or(Reason::InsufficientBalance)?;
        held = if step.to == Some(payer) { held } else { rest };
    }
    Ok(())
}

/// Takes all fees of a transaction, for the harvester of the block.
pub(super) fn pay_fees(state: &mut State, transaction: &Transaction) -> Judgement {
    for part in &transaction.parts {
        for fee in of_whole(state, transaction, part).filter(|step| step.to.is_none()) {
            if !state.debit(part.signer, MosaicId::CURRENCY, fee.amount) {
                return Err(Reason::InsufficientBalance);
            }
            let chain = state.chain_mut();
            let sum = chain.fees.checked_add(fee.amount);
            chain.fees = sum.unwrap_or(Amount(u64::MAX));
        }
    }
    Ok(())
}

//! What a NIS1 transaction costs, after the second fee fork.
//!
//! Source: NIS1 0.6.102, `FeeUnitAwareTransactionFeeCalculator`, `AbstractTransactionFeeCalculator`.

use super::State;
use crate::mosaic::MosaicId;
use crate::protocol::Conduct;
use crate::protocol::conduct::MosaicFee;
use crate::transaction::{Body, Part, Transaction, Transfer};
use crate::unit::Amount;

/// A unit of fee, 0.05 XEM.
const UNIT: u64 = 50_000;
/// The wrapper, and each attached signature: 3 units.
pub(super) const WRAPPER: u64 = 3 * UNIT;
/// A modification, whatever its size: 10 units.
const MODIFICATION: u64 = 10 * UNIT;
/// Smallest units in a XEM.
const XEM: u64 = 1_000_000;
/// All XEM there are, in whole units.
const XEM_SUPPLY: u128 = 8_999_999_999;
/// Most of a mosaic that there may be, in its smallest unit.
const QUANTITY_MAX: u64 = 9_000_000_000_000_000;
/// At most so many whole units without decimal places: a small business mosaic, which costs 1 unit.
const SMALL_BUSINESS_SUPPLY: u64 = 10_000;

/// The fee of a transaction that is not a wrapper, in micro-XEM.
pub(super) fn of(conduct: &Conduct, state: &State, transaction: &Transaction, part: &Part) -> u64 {
    match &part.body {
        Body::Transfer(transfer) => {
            let message = match transfer.message.len() as u64 {
                0 => 0,
                bytes if conduct.message_unit_begun => bytes / 32 + 1,
                bytes => bytes.div_ceil(32),
            };
            (moves(conduct.mosaic_fee, state, transaction, transfer) + message) * UNIT
        }
        Body::Modification(_) => MODIFICATION,
        _ => WRAPPER,
    }
}

/// The units for what a transfer moves: the currency alone, or each mosaic for itself.
fn moves(rule: MosaicFee, state: &State, transaction: &Transaction, transfer: &Transfer) -> u64 {
    let amounts = transaction.amounts_of(transfer);
    let is_currency = |&(mosaic, _): &(MosaicId, Amount)| mosaic == MosaicId::CURRENCY;
    if amounts.iter().all(is_currency) {
        let sum = |sum: u64, (_, amount): &(MosaicId, Amount)| sum.saturating_add(amount.0);
        return of_xem(amounts.iter().fold(0, sum) / XEM);
    }
    amounts.iter().map(|&(mosaic, amount)| of_mosaic(rule, state, mosaic, amount)).sum()
}

/// The units for so many whole XEM.
fn of_xem(amount: u64) -> u64 {
    (amount / 10_000).clamp(1, 25)
}

/// The units for a mosaic: what its share of the supply would cost in XEM, less for a small supply.
fn of_mosaic(rule: MosaicFee, state: &State, mosaic: MosaicId, quantity: Amount) -> u64 {
    if mosaic == MosaicId::CURRENCY {
        return of_xem(quantity.0 / XEM);
    }
    let Some(definition) = state.definition(mosaic) else { return 1 };
    let places = u32::from(definition.divisibility);
    let scale = 10u64.saturating_pow(places);
    let supply = definition.supply.0 / scale.max(1);
    if places == 0 && supply <= SMALL_BUSINESS_SUPPLY {
        return 1;
    }
    let product = XEM_SUPPLY * u128::from(quantity.0) * u128::from(XEM);
    let of_supply = product.checked_div(u128::from(supply)).unwrap_or(0);
    let equivalent = of_supply / 10u128.pow(places + 6);
    let equivalent = u64::try_from(equivalent).unwrap_or(u64::MAX);
    let less = match rule {
        MosaicFee::ByEquivalent => less_for_supply(supply.saturating_mul(scale)),
        MosaicFee::WithoutRelief => 0,
        MosaicFee::Flat => u64::MAX,
    };
    of_xem(equivalent).saturating_sub(less).max(1)
}

/// How many units less a mosaic costs, given its whole supply in the smallest unit.
fn less_for_supply(quantity: u64) -> u64 {
    match QUANTITY_MAX.checked_div(quantity) {
        // A logarithm that is below zero or that of zero takes nothing off.
        Some(ratio @ 1..) => (0.8 * (ratio as f64).ln()) as u64,
        _ => 0,
    }
}

//! What a NIS1 transaction costs, after the second fee fork.
//!
//! Source: NIS1 0.6.102, `FeeUnitAwareTransactionFeeCalculator`, `AbstractTransactionFeeCalculator`.

use super::State;
use crate::mosaic::MosaicId;
use crate::protocol::Conduct;
use crate::protocol::conduct::MosaicFee;
use crate::transaction::{Body, EmbeddedTransaction, Transaction, Transfer};
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
pub(super) fn of(
    conduct: &Conduct,
    state: &State,
    transaction: &Transaction,
    part: &EmbeddedTransaction,
) -> u64 {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::account::AccountId;
    use crate::mosaic::Definition;

    const MOSAIC: MosaicId = MosaicId(1);

    /// A state with one mosaic of so many whole units.
    fn state(supply: u64, divisibility: u8) -> State {
        let mut state = State::new(1);
        let supply = Amount(supply * 10u64.pow(u32::from(divisibility)));
        let owner = AccountId(0);
        let definition =
            Definition { owner, supply, divisibility, supply_mutable: true, transferable: true };
        state.definitions = vec![None, Some(definition)];
        state
    }

    #[test]
    fn a_mosaic_costs_its_share_of_the_supply() {
        #[rustfmt::skip]
        let table = [
            // whole supply, decimal places, quantity, units
            (10_000, 0, 10_000, 1),
            (10_001, 0, 10_001, 3), // the whole supply, 25 units, less 22
            (10_001, 0, 1, 3), // one of them is worth more than 250,000 XEM
            (10_000, 1, 100_000, 5), // not small: it has a decimal place
            (11_000, 0, 1_000, 4),
            (100_000_000, 3, 1_000, 1),
            (100_000_000, 3, 1_223_000, 2), // 11 less 9
            (100_000_000, 3, 2_112_000, 10),
            (100_000_000, 3, 100_000_000_000, 16),
            (9_000_000_000, 6, 9_000_000_000_000_000, 25),
            (9_000_000_000, 6, 0, 1),
            (0, 3, 1, 1),
        ];
        for (supply, places, quantity, units) in table {
            let found = of_mosaic(
                MosaicFee::ByEquivalent,
                &state(supply, places),
                MOSAIC,
                Amount(quantity),
            );
            assert_eq!(found, units, "{supply} {places} {quantity}");
        }
        assert_eq!(
            of_mosaic(MosaicFee::ByEquivalent, &state(1, 0), MosaicId(2), Amount(5)),
            1,
            "nobody defined it"
        );
    }

    #[test]
    fn the_currency_costs_by_ten_thousands_alone_and_beside_others() {
        for (xem, units) in
            [(0, 1), (9_999, 1), (19_999, 1), (20_000, 2), (250_000, 25), (260_000, 25)]
        {
            let mut transfer = Transaction::default();
            let recipient = AccountId(0);
            transfer.push_transfer(recipient, recipient, Amount(xem * XEM));
            let part = transfer.parts[0];
            assert_eq!(
                of(&Conduct::default(), &state(5, 0), &transfer, &part),
                units * UNIT,
                "{xem}"
            );
            transfer.amounts.push((MOSAIC, Amount(5)));
            let Body::Transfer(mut body) = part.body else { panic!("{part:?}") };
            body.amounts = crate::unit::Span::between(0, 2);
            let part = EmbeddedTransaction { body: Body::Transfer(body), ..part };
            assert_eq!(
                of(&Conduct::default(), &state(5, 0), &transfer, &part),
                (units + 1) * UNIT,
                "{xem} and five"
            );
        }
    }

    #[test]
    fn a_message_costs_a_unit_and_one_more_for_every_thirty_two_bytes() {
        for (bytes, units) in [(0, 1), (1, 2), (31, 2), (32, 3), (63, 3), (64, 4)] {
            let mut transfer = Transaction::default();
            transfer.push_transfer(AccountId(0), AccountId(0), Amount(0));
            transfer.text = "x".repeat(bytes);
            let Body::Transfer(mut body) = transfer.parts[0].body else { panic!() };
            body.message = crate::unit::Span::between(0, bytes);
            let part = EmbeddedTransaction { body: Body::Transfer(body), ..transfer.parts[0] };
            assert_eq!(
                of(&Conduct::default(), &State::new(1), &transfer, &part),
                units * UNIT,
                "{bytes}"
            );
        }
    }
}

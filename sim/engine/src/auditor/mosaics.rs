//! Transfers, and the testbench's own simple rules of mosaics (see `mosaic.rs`).

use super::Judgement;
use super::state::State;
use crate::account::AccountId;
use crate::mosaic::{Definition, MosaicId};
use crate::transaction::{MosaicDefinition, MosaicSupplyChange, Transaction, Transfer};
use crate::unit::Amount;
use crate::verdict::Reason;

/// Moves each amount in turn: "balance below amount -> insufficient balance; it moves the amount at
/// once" (the older eras).
pub(super) fn transfer(
    state: &mut State,
    transaction: &Transaction,
    sender: AccountId,
    transfer: &Transfer,
) -> Judgement {
    for &(mosaic, amount) in transaction.amounts_of(transfer) {
        may_pass_on(state, mosaic, sender, transfer.recipient)?;
        if !state.debit(sender, mosaic, amount) {
            return Err(Reason::InsufficientBalance);
        }
        state.credit(transfer.recipient, mosaic, amount);
    }
    Ok(())
}

/// The currency always, and a mosaic that nobody defined, of which nobody has anything; one that is
/// not transferable only from or to its owner.
fn may_pass_on(
    state: &State,
    mosaic: MosaicId,
    sender: AccountId,
    recipient: AccountId,
) -> Judgement {
    if mosaic == MosaicId::CURRENCY {
        return Ok(());
    }
    let Some(definition) = state.chain().definitions.get(&mosaic) else { return Ok(()) };
    if definition.transferable || [sender, recipient].contains(&definition.owner) {
        Ok(())
    } else {
        Err(Reason::MosaicNonTransferable)
    }
}

/// Whoever defines a mosaic first owns it; the owner alone describes it anew. Nobody owns the
/// currency.
pub(super) fn define(state: &mut State, signer: AccountId, asked: &MosaicDefinition) -> Judgement {
    let known = state.chain().definitions.get(&asked.mosaic);
    if asked.mosaic == MosaicId::CURRENCY || known.is_some_and(|known| known.owner != signer) {
        return Err(Reason::MosaicOwnerConflict);
    }
    let definition = Definition {
        owner: signer,
        supply: known.map_or(Amount::ZERO, |known| known.supply),
        divisibility: asked.divisibility,
        supply_mutable: asked.supply_mutable,
        transferable: asked.transferable,
    };
    state.chain_mut().definitions.insert(asked.mosaic, definition);
    Ok(())
}

/// The owner creates units in its own hands or destroys units it holds.
pub(super) fn change_supply(
    state: &mut State,
    signer: AccountId,
    asked: &MosaicSupplyChange,
) -> Judgement {
    if asked.mosaic == MosaicId::CURRENCY {
        return Err(Reason::MosaicOwnerConflict);
    }
    let mut definition =
        state.chain().definitions.get(&asked.mosaic).copied().ok_or(Reason::MosaicUnknown)?;
    if definition.owner != signer {
        return Err(Reason::MosaicOwnerConflict);
    }
    if definition.supply > Amount::ZERO && !definition.supply_mutable {
        return Err(Reason::MosaicSupplyImmutable);
    }
    if asked.increase {
        let supply = definition.supply.checked_add(asked.delta);
        definition.supply = supply.ok_or(Reason::MosaicSupplyExceeded)?;
        state.credit(signer, asked.mosaic, asked.delta);
    } else {
        let supply = definition.supply.checked_sub(asked.delta);
        definition.supply = supply.ok_or(Reason::MosaicSupplyNegative)?;
        if !state.debit(signer, asked.mosaic, asked.delta) {
            return Err(Reason::MosaicSupplyNegative);
        }
    }
    state.chain_mut().definitions.insert(asked.mosaic, definition);
    Ok(())
}

//! Every write to the state, each with its record in the journal.

use super::block::OpenBlock;
use super::counted::Counted;
use super::journal::{Journal, Rare, Record};
use super::links::{Links, Minima, View};
use super::pending::{Lock, Pending, Waiting};
use super::rules::Facts;
use super::state::State;
use crate::account::AccountId;
use crate::mosaic::{Definition, MosaicId};
use crate::transaction::{
    Action, CosignatoryModification, MosaicDefinition, MosaicSupplyChange, PendingId, Transaction,
    Transfer,
};
use crate::unit::Amount;
use crate::verdict::Reason;

/// The state together with what is needed to take every write back.
#[derive(Clone, Debug, Default)]
pub(super) struct Books {
    pub state: Counted<State>,
    pub journal: Journal,
    pub pending: Counted<Pending>,
    pub block: OpenBlock,
    /// Number of links and thresholds that the open block changed.
    pub changed: u64,
    /// The links as the last sealed block left them, once somebody asked for them.
    pub confirmed: Option<Box<Links>>,
    /// What a debit that failed knew.
    pub facts: Facts,
}

impl Books {
    fn link(&mut self, multisig: AccountId, cosignatory: AccountId) {
        self.journal.push(Record::Linked { multisig, cosignatory });
        self.changed += 1;
        self.state.links.link(multisig, cosignatory);
    }

    fn unlink(&mut self, multisig: AccountId, cosignatory: AccountId) {
        self.journal.push(Record::Unlinked { multisig, cosignatory });
        self.changed += 1;
        self.state.links.unlink(multisig, cosignatory);
        if !self.journal.conduct.back_link_removed {
            self.state.links.keep_back_link(multisig, cosignatory);
        }
    }

    /// Stores thresholds.
    pub fn set_minima(&mut self, account: AccountId, minima: Minima) {
        let before = self.state.links.minima(account);
        if before != minima {
            self.journal.push(Record::Minima { account, before });
            self.changed += 1;
            self.state.links.set_minima(account, minima);
        }
    }

    /// Applies a modification that was found valid. An account left without any link keeps no
    /// thresholds: `minima` is `None`.
    pub fn modify(
        &mut self,
        multisig: AccountId,
        changes: &[CosignatoryModification],
        minima: Option<Minima>,
    ) {
        for change in changes {
            match change.action {
                Action::Add => self.link(multisig, change.account),
                Action::Remove => self.unlink(multisig, change.account),
                Action::Invalid => {}
            }
        }
        if minima.is_some() || self.journal.conduct.empty_entry_removed {
            self.set_minima(multisig, minima.unwrap_or_default());
        }
    }

    fn set_balance(&mut self, account: AccountId, mosaic: MosaicId, amount: Amount) {
        if mosaic == MosaicId::CURRENCY {
            let before = std::mem::replace(&mut self.state.currency[account], amount.0);
            self.journal.push(Record::Currency { account, before });
            return;
        }
        let fresh = self.state.holdings.len() as u32;
        let slot = *self.state.slots.entry((account, mosaic)).or_insert(fresh);
        if slot == fresh {
            self.state.holdings.push(0);
        }
        if let Some(held) = self.state.holdings.get_mut(slot as usize) {
            let before = std::mem::replace(held, amount.0);
            self.journal.push(Record::Holding { slot, before });
        }
    }

    /// Takes an amount from an account.
    pub fn debit(
        &mut self,
        account: AccountId,
        mosaic: MosaicId,
        amount: Amount,
    ) -> Result<(), Reason> {
        let held = self.state.balance(account, mosaic);
        let Some(rest) = held.checked_sub(amount) else {
            self.facts = Facts::amounts(held.0, amount.0).of(account);
            return Err(Reason::InsufficientBalance);
        };
        self.set_balance(account, mosaic, rest);
        Ok(())
    }

    /// Gives an amount to an account. All balances together fit 64 bits since the start, so a sum
    /// beyond them is a bug of this ledger.
    pub fn credit(&mut self, account: AccountId, mosaic: MosaicId, amount: Amount) {
        let held = self.state.balance(account, mosaic);
        let sum = held.checked_add(amount);
        debug_assert!(sum.is_some(), "the supply of a mosaic exceeds 64 bits");
        self.set_balance(account, mosaic, sum.unwrap_or(held));
    }

    /// Moves the amounts of a transfer, in order, of the mosaics that are `chosen`.
    pub fn transfer(
        &mut self,
        sender: AccountId,
        transaction: &Transaction,
        transfer: &Transfer,
        chosen: impl Fn(MosaicId) -> bool,
    ) -> Result<(), Reason> {
        let amounts = transaction.amounts_of(transfer).iter();
        for &(mosaic, amount) in amounts.filter(|(mosaic, _)| chosen(*mosaic)) {
            // Of a mosaic that nobody defined everybody holds nothing.
            if mosaic != MosaicId::CURRENCY
                && let Some(definition) = self.state.definition(mosaic)
            {
                let owner = definition.owner;
                if !definition.transferable && owner != sender && owner != transfer.recipient {
                    return Err(Reason::MosaicNonTransferable);
                }
            }
            let held = self.state.balance(transfer.recipient, mosaic);
            self.debit(sender, mosaic, amount)?;
            self.credit(transfer.recipient, mosaic, amount);
            if !self.journal.conduct.transfer_reads_again {
                let sum = held.checked_add(amount).unwrap_or(held);
                self.set_balance(transfer.recipient, mosaic, sum);
            }
        }
        Ok(())
    }

    /// Takes a fee from an account; the next harvester collects it.
    pub fn pay_fee(&mut self, payer: AccountId, fee: Amount) -> Result<(), Reason> {
        self.debit(payer, MosaicId::CURRENCY, fee)?;
        self.set_uncollected(self.state.uncollected + fee.0);
        Ok(())
    }

    /// Sets what the next harvester collects.
    pub fn set_uncollected(&mut self, amount: u64) {
        let before = std::mem::replace(&mut self.state.uncollected, amount);
        self.journal.push(Record::Uncollected { before });
    }

    /// Sets what hash locks hold.
    pub fn set_locked(&mut self, amount: u64) {
        let before = std::mem::replace(&mut self.state.locked, amount);
        self.journal.push(Record::Locked { before });
    }

    /// Defines a mosaic or describes it anew; its owner only.
    pub fn define(&mut self, signer: AccountId, body: &MosaicDefinition) -> Result<(), Reason> {
        let known = self.state.definition(body.mosaic).copied();
        if known.is_some_and(|definition| definition.owner != signer)
            || body.mosaic == MosaicId::CURRENCY
        {
            return Err(Reason::MosaicOwnerConflict);
        }
        self.set_definition(
            body.mosaic,
            Some(Definition {
                owner: signer,
                supply: known.map_or(Amount::ZERO, |definition| definition.supply),
                divisibility: body.divisibility,
                supply_mutable: body.supply_mutable,
                transferable: body.transferable,
            }),
        );
        Ok(())
    }

    /// Creates or destroys units in the owner's hands; the owner only.
    pub fn change_supply(
        &mut self,
        signer: AccountId,
        body: &MosaicSupplyChange,
    ) -> Result<(), Reason> {
        let Some(&definition) = self.state.definition(body.mosaic) else {
            return Err(match body.mosaic {
                MosaicId::CURRENCY => Reason::MosaicOwnerConflict,
                _ => Reason::MosaicUnknown,
            });
        };
        if definition.owner != signer {
            return Err(Reason::MosaicOwnerConflict);
        }
        if !definition.supply_mutable && definition.supply > Amount::ZERO {
            return Err(Reason::MosaicSupplyImmutable);
        }
        let supply = if body.increase {
            let more = definition.supply.checked_add(body.delta);
            let more = more.ok_or(Reason::MosaicSupplyExceeded)?;
            self.credit(signer, body.mosaic, body.delta);
            more
        } else {
            self.debit(signer, body.mosaic, body.delta)
                .map_err(|_| Reason::MosaicSupplyNegative)?;
            Amount(definition.supply.0 - body.delta.0)
        };
        self.set_definition(body.mosaic, Some(Definition { supply, ..definition }));
        Ok(())
    }

    fn set_definition(&mut self, mosaic: MosaicId, definition: Option<Definition>) {
        let index = mosaic.0 as usize;
        if self.state.definitions.len() <= index {
            self.state.definitions.resize(index + 1, None);
        }
        if let Some(slot) = self.state.definitions.get_mut(index) {
            let before = std::mem::replace(slot, definition);
            self.journal.push(Record::Rare(Box::new(Rare::Definition { mosaic, before })));
        }
    }

    /// Stores a hash lock.
    pub fn set_lock(&mut self, pending: PendingId, lock: Option<Lock>) {
        let before = self.pending.set_lock(pending, lock);
        self.journal.push(Record::Rare(Box::new(Rare::Lock { pending, before })));
    }

    /// Stores a waiting transaction.
    pub fn set_waiting(&mut self, pending: PendingId, waiting: Option<Waiting>) {
        let before = self.pending.set_waiting(pending, waiting);
        self.journal.push(Record::Rare(Box::new(Rare::Waiting { pending, before })));
    }

    /// Keeps the height at which an identity was executed.
    pub fn set_executed(&mut self, id: PendingId, height: u64) {
        let before = self.state.executed_at(id).unwrap_or(0);
        self.journal.push(Record::Rare(Box::new(Rare::Executed { id, before })));
        self.put_executed(id, height);
    }

    fn put_executed(&mut self, id: PendingId, height: u64) {
        let index = id.0 as usize;
        if self.state.executed.len() <= index {
            self.state.executed.resize(index + 1, 0);
        }
        if let Some(slot) = self.state.executed.get_mut(index) {
            *slot = height;
        }
    }

    /// A new block is open: what stands is confirmed.
    pub fn confirm(&mut self) {
        self.changed = 0;
        self.confirmed = None;
    }

    /// Exchanges the present links for those that the last sealed block left, or back. Nothing where
    /// the open block changed none.
    pub fn exchange_links(&mut self) {
        if self.changed == 0 {
            return;
        }
        let mut confirmed = self.confirmed.take().unwrap_or_else(|| Box::new(self.sealed_links()));
        std::mem::swap(&mut *confirmed, &mut self.state.links);
        self.confirmed = Some(confirmed);
    }

    /// The links without what the open block did to them.
    fn sealed_links(&self) -> Links {
        let mut links = self.state.links.clone();
        for record in self.journal.open_records().iter().rev() {
            match *record {
                Record::Linked { multisig, cosignatory } => links.unlink(multisig, cosignatory),
                Record::Unlinked { multisig, cosignatory } => links.link(multisig, cosignatory),
                Record::Minima { account, before } => links.set_minima(account, before),
                _ => {}
            }
        }
        links
    }

    /// Counts an executed transaction in the open block.
    pub fn count_in_block(&mut self, count: u32, signer: AccountId, modified: Option<AccountId>) {
        let block = &mut self.block;
        let (transactions, conflicting) = (block.transactions, block.conflicting);
        self.journal.push(Record::Counters { transactions, conflicting });
        block.transactions = transactions.saturating_add(count);
        let before = block.sign(signer);
        self.journal.push(Record::Stamp { account: signer, signed: true, before });
        if let Some(account) = modified {
            let before = block.modify(account);
            self.journal.push(Record::Stamp { account, signed: false, before });
        }
    }

    /// Takes back every write since the journal ended at `end`, newest first.
    pub fn undo_to(&mut self, end: u64) {
        self.journal.prepare_undo(end);
        while let Some(record) = self.journal.pop_above(end) {
            match record {
                Record::Linked { multisig, cosignatory } => {
                    self.changed = self.changed.saturating_sub(1);
                    self.state.links.unlink(multisig, cosignatory);
                }
                Record::Unlinked { multisig, cosignatory } => {
                    self.changed = self.changed.saturating_sub(1);
                    self.state.links.link(multisig, cosignatory);
                }
                Record::Minima { account, before } => {
                    self.changed = self.changed.saturating_sub(1);
                    let now = self.state.links.minima(account);
                    let minima = self.journal.minima_undone(now, before);
                    self.state.links.set_minima(account, minima);
                }
                Record::Currency { account, before } => self.state.currency[account] = before,
                Record::Holding { slot, before } => {
                    if let Some(held) = self.state.holdings.get_mut(slot as usize) {
                        *held = before;
                    }
                }
                Record::Uncollected { before } => self.state.uncollected = before,
                Record::Locked { before } => self.state.locked = before,
                Record::Counters { transactions, conflicting } => {
                    self.block.transactions = transactions;
                    self.block.conflicting = conflicting;
                }
                Record::Stamp { account, signed, before } => {
                    self.block.restore(account, signed, before);
                }
                Record::Rare(rare) => self.undo_rare(*rare),
            }
        }
    }

    fn undo_rare(&mut self, rare: Rare) {
        match rare {
            Rare::Definition { mosaic, before } => {
                if let Some(slot) = self.state.definitions.get_mut(mosaic.0 as usize) {
                    *slot = before;
                }
            }
            Rare::Lock { pending, before } => {
                self.pending.set_lock(pending, before);
            }
            Rare::Executed { id, before } => self.put_executed(id, before),
            Rare::Waiting { pending, before } => {
                self.pending.set_waiting(pending, before);
            }
        }
    }
}

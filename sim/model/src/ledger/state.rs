//! What a ledger holds: links and thresholds, balances, mosaics. Raw data without rules.

use foldhash::fast::FixedState;
use hashbrown::HashMap;
use sha2::{Digest, Sha256};

use super::links::{Links, View};
use crate::account::{AccountId, PerAccount};
use crate::mosaic::{Definition, MosaicId};
use crate::transaction::PendingId;
use crate::unit::Amount;

/// The raw state of a ledger, as rules and invariants read it.
#[derive(Clone, Debug, Default)]
pub struct State {
    pub(super) links: Links,
    pub(super) currency: PerAccount<u64>,
    pub(super) slots: HashMap<(AccountId, MosaicId), u32, FixedState>,
    pub(super) holdings: Vec<u64>,
    pub(super) definitions: Vec<Option<Definition>>,
    pub(super) uncollected: u64,
    pub(super) locked: u64,
    /// At which height the transaction of an identity was executed; 0: not yet.
    pub(super) executed: Vec<u64>,
}

impl State {
    /// `count` plain accounts without balances.
    #[must_use]
    pub fn new(count: usize) -> Self {
        Self { links: Links::new(count), currency: PerAccount::new(count), ..Self::default() }
    }

    /// Number of accounts.
    #[must_use]
    pub fn len(&self) -> usize {
        self.currency.0.len()
    }

    /// Whether there is no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.currency.0.is_empty()
    }

    /// The multisig links and thresholds.
    #[must_use]
    #[inline]
    pub const fn links(&self) -> &Links {
        &self.links
    }

    /// What an account holds of the currency, in its smallest unit.
    #[must_use]
    #[inline]
    pub fn currency(&self, account: AccountId) -> u64 {
        self.currency[account]
    }

    /// What an account holds of a mosaic.
    #[must_use]
    #[inline]
    pub fn balance(&self, account: AccountId, mosaic: MosaicId) -> Amount {
        if mosaic == MosaicId::CURRENCY {
            return Amount(self.currency[account]);
        }
        let slot = self.slots.get(&(account, mosaic));
        Amount(slot.and_then(|&slot| self.holdings.get(slot as usize)).copied().unwrap_or(0))
    }

    /// The definition of a mosaic; `None` for the currency and for one that nobody defined.
    #[must_use]
    pub fn definition(&self, mosaic: MosaicId) -> Option<&Definition> {
        self.definitions.get(mosaic.0 as usize).and_then(Option::as_ref)
    }

    /// Fees and forfeited deposits that no harvester has collected yet.
    #[must_use]
    pub const fn uncollected(&self) -> Amount {
        Amount(self.uncollected)
    }

    /// Deposits held by hash locks.
    #[must_use]
    pub const fn locked(&self) -> Amount {
        Amount(self.locked)
    }

    /// The height of the block in which the transaction of this identity was executed.
    #[must_use]
    #[inline]
    pub fn executed_at(&self, id: PendingId) -> Option<u64> {
        self.executed.get(id.0 as usize).copied().filter(|&height| height > 0)
    }

    /// All identities that were executed, with their heights, by id.
    pub fn executed(&self) -> impl Iterator<Item = (PendingId, u64)> {
        let heights = self.executed.iter().enumerate().filter(|(_, height)| **height > 0);
        heights.map(|(id, &height)| (PendingId(id as u32), height))
    }

    /// All currency there is: in accounts, in deposits, and not yet collected.
    #[must_use]
    pub fn currency_supply(&self) -> u128 {
        let held: u128 = self.currency.0.iter().map(|&amount| u128::from(amount)).sum();
        held + u128::from(self.uncollected) + u128::from(self.locked)
    }

    /// All holdings of mosaics other than the currency, in the order of account and mosaic.
    #[must_use]
    pub fn holdings(&self) -> Vec<(AccountId, MosaicId, Amount)> {
        let mut all: Vec<_> = self
            .slots
            .iter()
            .filter_map(|(&(account, mosaic), &slot)| {
                let &amount = self.holdings.get(slot as usize)?;
                (amount > 0).then_some((account, mosaic, Amount(amount)))
            })
            .collect();
        all.sort_unstable_by_key(|&(account, mosaic, _)| (account, mosaic));
        all
    }

    /// The mosaics that are defined.
    pub fn mosaics(&self) -> impl Iterator<Item = (MosaicId, &Definition)> {
        let defined = self.definitions.iter().enumerate();
        defined.filter_map(|(id, slot)| Some((MosaicId(id as u32), slot.as_ref()?)))
    }

    /// A digest of everything here: the first 8 bytes of a SHA-256 over the canonical order of the
    /// state. Equal states have equal digests, on any machine, however they came about.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut hash = Sha256::new();
        for account in self.links.multisig_accounts() {
            let minima = self.links.minima(account);
            for number in [account.0, minima.approval, minima.removal] {
                hash.update(number.to_le_bytes());
            }
            for cosignatory in self.links.cosignatories(account) {
                hash.update(cosignatory.0.to_le_bytes());
            }
            hash.update([0xFF; 4]);
        }
        hash.update([0xFE; 4]);
        for (account, &amount) in self.currency.0.iter().enumerate().filter(|(_, a)| **a > 0) {
            hash.update((account as u64).to_le_bytes());
            hash.update(amount.to_le_bytes());
        }
        for (account, mosaic, amount) in self.holdings() {
            hash.update([account.0.to_le_bytes(), mosaic.0.to_le_bytes()].concat());
            hash.update(amount.0.to_le_bytes());
        }
        for (mosaic, definition) in self.mosaics() {
            hash.update([mosaic.0.to_le_bytes(), definition.owner.0.to_le_bytes()].concat());
            hash.update(definition.supply.0.to_le_bytes());
            let flags = [definition.supply_mutable, definition.transferable].map(u8::from);
            hash.update(flags);
            hash.update([definition.divisibility]);
        }
        hash.update(self.uncollected.to_le_bytes());
        hash.update(self.locked.to_le_bytes());
        for (id, height) in self.executed() {
            hash.update(id.0.to_le_bytes());
            hash.update(height.to_le_bytes());
        }
        let bytes = hash.finalize();
        bytes.iter().take(8).fold(0, |digest, &byte| digest << 8 | u64::from(byte))
    }
}

impl PartialEq for State {
    /// Equal contents, whatever their places in memory.
    fn eq(&self, other: &Self) -> bool {
        self.links == other.links
            && self.currency == other.currency
            && self.holdings() == other.holdings()
            && self.mosaics().eq(other.mosaics())
            && (self.uncollected, self.locked) == (other.uncollected, other.locked)
            && self.executed().eq(other.executed())
    }
}

#[cfg(test)]
mod tests;

//! The state a ledger starts from, checked before it is believed.

use super::links::{Minima, StampMarks, View};
use super::rules::{Desk, Direction};
use super::state::State;
use crate::account::AccountId;
use crate::mosaic::{Definition, MosaicId};
use crate::protocol::Protocol;
use crate::unit::Amount;

/// A multisig account at the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The account.
    pub account: AccountId,
    /// Its thresholds; NIS1: `approval` is min cosignatories.
    pub minima: Minima,
    /// Its cosignatories, in any order, each once.
    pub cosignatories: Vec<AccountId>,
}

/// What a ledger starts from.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Genesis {
    /// Number of accounts; ids run from 0 to one less.
    pub accounts: usize,
    /// What accounts hold. A mosaic's supply is the sum of what is held.
    pub balances: Vec<(AccountId, MosaicId, Amount)>,
    /// Mosaics and their definitions; `supply` is computed.
    pub definitions: Vec<(MosaicId, Definition)>,
    /// The accounts that are multisig from the start.
    pub entries: Vec<Entry>,
}

/// A start that no chain of transactions could have reached.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GenesisError {
    /// All balances of one mosaic together exceed 2^64 - 1.
    #[error("the balances of mosaic {0} add up to more than 18446744073709551615")]
    SupplyOverflow(u32),
    /// A multisig account that is broken by itself.
    #[error("`{}`: {what}", account.0)]
    Entry {
        /// Which account.
        account: AccountId,
        /// What is wrong and what was expected.
        what: String,
    },
}

impl Genesis {
    /// `accounts` plain accounts without balances.
    #[must_use]
    pub fn of_accounts(accounts: usize) -> Self {
        Self { accounts, ..Self::default() }
    }

    /// The state this genesis describes.
    pub(super) fn state(&self, protocol: &Protocol) -> Result<State, GenesisError> {
        let mut state = State::new(self.accounts);
        for &(mosaic, definition) in &self.definitions {
            let index = mosaic.0 as usize;
            if state.definitions.len() <= index {
                state.definitions.resize(index + 1, None);
            }
            if let Some(slot) = state.definitions.get_mut(index) {
                *slot = Some(Definition { supply: Amount::ZERO, ..definition });
            }
        }
        let mut currency: u64 = 0;
        for &(account, mosaic, amount) in &self.balances {
            let overflow = GenesisError::SupplyOverflow(mosaic.0);
            if mosaic == MosaicId::CURRENCY {
                currency = currency.checked_add(amount.0).ok_or(overflow)?;
                state.currency[account] += amount.0;
                continue;
            }
            let slot = state.definitions.get_mut(mosaic.0 as usize).and_then(Option::as_mut);
            if let Some(definition) = slot {
                definition.supply = definition.supply.checked_add(amount).ok_or(overflow)?;
            }
            let fresh = state.holdings.len() as u32;
            let slot = *state.slots.entry((account, mosaic)).or_insert(fresh);
            if slot == fresh {
                state.holdings.push(0);
            }
            if let Some(held) = state.holdings.get_mut(slot as usize) {
                *held += amount.0;
            }
        }
        for entry in &self.entries {
            for &cosignatory in &entry.cosignatories {
                state.links.link(entry.account, cosignatory);
            }
            state.links.set_minima(entry.account, entry.minima);
        }
        let mut desk = Desk::new(state.len());
        self.entries.iter().try_for_each(|entry| check(protocol, &state, &mut desk, entry))?;
        Ok(state)
    }
}

impl From<&State> for Genesis {
    /// The same balances, mosaics and multisig accounts as a start. What is locked, not yet collected or
    /// executed is no part of a start.
    fn from(state: &State) -> Self {
        let accounts = (0..state.len() as u32).map(AccountId);
        let held = accounts.map(|one| (one, MosaicId::CURRENCY, Amount(state.currency(one))));
        let held = held.filter(|(.., amount)| amount.0 > 0);
        let links = &state.links;
        let entry = |account| Entry {
            account,
            minima: links.minima(account),
            cosignatories: links.cosignatories_of(account).to_vec(),
        };
        Self {
            accounts: state.len(),
            balances: held.chain(state.holdings()).collect(),
            definitions: state.mosaics().map(|(id, &definition)| (id, definition)).collect(),
            entries: links.multisig_accounts().map(entry).collect(),
        }
    }
}

fn check(
    protocol: &Protocol,
    state: &State,
    desk: &mut Desk<StampMarks>,
    entry: &Entry,
) -> Result<(), GenesisError> {
    let limits = &protocol.limits;
    let (account, minima) = (entry.account, entry.minima);
    let count = entry.cosignatories.len();
    let error = |what: String| Err(GenesisError::Entry { account, what });
    if count == 0 {
        return error("has no cosignatories; leave it out or name at least one".to_owned());
    }
    if state.links.cosignatory_count(account) as usize != count {
        return error("names a cosignatory twice; each counts once".to_owned());
    }
    if count > limits.max_cosignatories_per_account as usize {
        let most = limits.max_cosignatories_per_account;
        return error(format!("has {count} cosignatories; the protocol allows {most}"));
    }
    let approvals = usize::from(!protocol.base.has_zero_for_all())..=count;
    let removals = if protocol.base.has_removal_threshold() { 1..=count } else { 0..=0 };
    for (name, minimum, range) in
        [("min approval", minima.approval, approvals), ("min removal", minima.removal, removals)]
    {
        if !range.contains(&(minimum as usize)) {
            let (least, most) = (range.start(), range.end());
            return error(format!("{name} is {minimum}; expected {least} to {most}"));
        }
    }
    for &cosignatory in &entry.cosignatories {
        let cosigned = state.links.multisig_count(cosignatory);
        if cosigned > limits.max_cosigned_accounts_per_account {
            let most = limits.max_cosigned_accounts_per_account;
            return error(format!("a cosignatory cosigns {cosigned} accounts; {most} are allowed"));
        }
    }
    // No chain without a loop has more levels than there are accounts, whatever the limit says.
    let levels_max = limits.max_multisig_depth.min(state.len() as u32);
    let levels = desk.walk(&state.links, account, Direction::Down, levels_max, |_, _| {});
    if levels > levels_max {
        return error(format!("stands more than {levels_max} levels high, or in a loop"));
    }
    Ok(())
}

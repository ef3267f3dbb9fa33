//! Simpler starts: fewer entries, balances and accounts, limits as they were given, or a start
//! in the middle of things.

use std::ops::Range;

use super::{Case, Shrinker, edit};
use crate::account::AccountId;
use crate::ledger::{Entry, Genesis, Ledger, View};
use crate::mosaic::MosaicId;
use crate::protocol::Limit;
use crate::scenario::{Act, Step};
use crate::unit::Amount;

/// What a balance is lowered or raised to, so that numbers are easy to read.
const ROUND_BALANCE: u64 = 100_000_000;

impl<J: FnMut(&Case) -> Option<usize>, F: FnMut(&Case)> Shrinker<'_, J, F> {
    /// Gives back the limits that the run tightened, all at once or one by one.
    pub(super) fn widen_limits(&mut self) {
        if self.case.wide == self.case.protocol {
            return;
        }
        if self.adopt(|case| case.protocol = case.wide.clone()) {
            return;
        }
        let wide = self.case.wide.limits;
        for limit in Limit::ALL {
            let mut limits = self.case.protocol.limits;
            limit.set(&mut limits, limit.of(&wide));
            if limits != self.case.protocol.limits {
                self.adopt(|case| case.protocol.limits = limits);
            }
        }
    }

    /// Leaves out entries, cosignatories, balances and mosaics, and lowers thresholds.
    pub(super) fn simplify_start(&mut self) {
        for index in (0..self.case.genesis.entries.len()).rev() {
            if !self.adopt(|case| drop(case.genesis.entries.remove(index))) {
                self.simplify_entry(index);
            }
        }
        for index in (0..self.case.genesis.balances.len()).rev() {
            if self.adopt(|case| _ = case.genesis.balances.remove(index)) {
                continue;
            }
            let Some(&(account, mosaic, amount)) = self.case.genesis.balances.get(index) else {
                continue;
            };
            if mosaic == MosaicId::CURRENCY && amount.0 != ROUND_BALANCE {
                let round = (account, mosaic, Amount(ROUND_BALANCE));
                self.adopt(|case| {
                    case.genesis.balances.splice(index..=index, [round]);
                });
            }
        }
        for index in (0..self.case.genesis.definitions.len()).rev() {
            self.adopt(|case| {
                let (mosaic, _) = case.genesis.definitions.remove(index);
                case.genesis.balances.retain(|(_, other, _)| *other != mosaic);
            });
        }
    }

    fn simplify_entry(&mut self, index: usize) {
        let count = |case: &Case| {
            case.genesis.entries.get(index).map_or(0, |entry| entry.cosignatories.len())
        };
        for place in (0..count(&self.case)).rev() {
            self.adopt(|case| {
                if let Some(entry) = case.genesis.entries.get_mut(index) {
                    entry.cosignatories.remove(place);
                    let most = entry.cosignatories.len() as u32;
                    entry.minima.approval = entry.minima.approval.min(most);
                    entry.minima.removal = entry.minima.removal.min(most);
                }
            });
        }
        let lower: [fn(&mut Entry); 2] = [
            |entry| entry.minima.approval = entry.minima.approval.min(1),
            |entry| entry.minima.removal = entry.minima.removal.min(1),
        ];
        for edit in lower {
            let Some(entry) = self.case.genesis.entries.get(index) else { continue };
            let mut lower = entry.clone();
            edit(&mut lower);
            if lower != *entry {
                self.adopt(|case| {
                    case.genesis.entries.splice(index..=index, [lower]);
                });
            }
        }
    }

    /// Lets one account play the part of another, unless somebody named them.
    pub(super) fn merge_accounts(&mut self) {
        if self.case.names.is_some() {
            return;
        }
        let accounts = self.case.genesis.accounts as u32;
        for gone in (1..accounts).rev() {
            for stays in 0..gone {
                let (gone, stays) = (AccountId(gone), AccountId(stays));
                if self.is_stopped() || !names(&self.case).contains(&gone) {
                    break;
                }
                if self.adopt(|case| merge(case, gone, stays)) {
                    break;
                }
            }
        }
    }

    /// Forgets the accounts that nothing names, and numbers the others anew.
    pub(super) fn drop_accounts(&mut self) {
        self.adopt(|case| {
            let mut used = names(case);
            used.sort_unstable();
            used.dedup();
            keep(case, &used);
        });
    }

    /// Starts from the state that the first steps lead to, as many as it can be, or that one of the
    /// steps alone leads to, if the rest still fails.
    pub(super) fn start_later(&mut self) -> bool {
        for taken in (1..self.case.steps.len()).rev() {
            if self.starts_behind(0..taken) {
                return true;
            }
        }
        (0..self.case.steps.len().saturating_sub(1)).any(|one| self.starts_behind(one..one + 1))
    }

    fn starts_behind(&mut self, taken: Range<usize>) -> bool {
        if self.is_stopped() {
            return false;
        }
        let first = self.case.steps.get(taken.clone()).unwrap_or_default();
        let Some(genesis) = state_after(&self.case, first) else { return false };
        self.adopt(|case| {
            case.steps.drain(taken);
            case.genesis = genesis;
        })
    }
}

/// Lets `stays` play the part of `gone`.
fn merge(case: &mut Case, gone: AccountId, stays: AccountId) {
    let to = |account| if account == gone { stays } else { account };
    case.steps.iter_mut().for_each(|step| edit::rename(step, &to));
    case.genesis.entries.retain(|entry| entry.account != gone);
    for entry in &mut case.genesis.entries {
        entry.cosignatories.iter_mut().for_each(|account| *account = to(*account));
    }
    case.genesis.balances.retain(|(account, ..)| *account != gone);
}

/// Keeps these accounts alone, in order and each once, and numbers them from 0.
fn keep(case: &mut Case, used: &[AccountId]) {
    let to = |account: AccountId| {
        AccountId(used.binary_search(&account).map_or(account.0, |index| index as u32))
    };
    case.steps.iter_mut().for_each(|step| edit::rename(step, &to));
    case.names = case.names.take().map(|names| names.of_accounts(used));
    let genesis = &mut case.genesis;
    genesis.accounts = used.len();
    genesis.balances.retain(|(account, ..)| used.binary_search(account).is_ok());
    genesis.balances.iter_mut().for_each(|(account, ..)| *account = to(*account));
    for (_, definition) in &mut genesis.definitions {
        definition.owner = to(definition.owner);
    }
    for entry in &mut genesis.entries {
        entry.account = to(entry.account);
        entry.cosignatories.iter_mut().for_each(|account| *account = to(*account));
    }
}

/// Every account that a case names, in any order, with repeats.
fn names(case: &Case) -> Vec<AccountId> {
    let mut named: Vec<AccountId> = Vec::new();
    for step in &case.steps {
        named.extend(step.transactions().iter().flat_map(|one| one.accounts()));
        if let Act::Cosign(_, account) | Act::SealBlock(Some(account)) = &step.act {
            named.push(*account);
        }
    }
    for entry in &case.genesis.entries {
        named.push(entry.account);
        named.extend_from_slice(&entry.cosignatories);
    }
    named.extend(case.genesis.definitions.iter().map(|(_, definition)| definition.owner));
    named
}

/// The healthy state behind some steps, as a start.
fn state_after(case: &Case, steps: &[Step]) -> Option<Genesis> {
    let mut ledger = Ledger::from_genesis(case.protocol.clone(), &case.genesis).ok()?;
    for step in steps {
        step.put_to(&mut ledger);
    }
    let state = ledger.state();
    let mut genesis = Genesis::of_accounts(state.len());
    for account in (0..state.len() as u32).map(AccountId) {
        let currency = state.balance(account, MosaicId::CURRENCY);
        if currency > Amount::ZERO {
            genesis.balances.push((account, MosaicId::CURRENCY, currency));
        }
    }
    genesis.balances.extend(state.holdings());
    genesis.definitions.extend(state.mosaics().map(|(mosaic, definition)| (mosaic, *definition)));
    for account in state.links().multisig_accounts() {
        genesis.entries.push(Entry {
            account,
            minima: state.links().minima(account),
            cosignatories: state.links().cosignatories_of(account).to_vec(),
        });
    }
    Some(genesis)
}

//! A document as the start of a ledger.

use super::{Document, FieldError};
use crate::account::Accounts;
use crate::key::Era;
use crate::ledger::{Entry, Genesis, Minima};
use crate::mosaic::MosaicId;
use crate::unit::Amount;

impl Document {
    /// The accounts the document names and the state it tells of, for a ledger to start from: every
    /// account that has cosignatories and all of them named, with the thresholds of the document; on NIS1
    /// also what each account listed holds.
    ///
    /// # Errors
    /// More accounts than a ledger can number.
    pub fn genesis(&self) -> Result<(Accounts, Genesis), FieldError> {
        let names: Vec<&String> = self.members.keys().collect();
        let accounts = Accounts::new(&names)
            .map_err(|error| FieldError::new("accounts", error, "names for a ledger"))?;
        let genesis = self.genesis_in(&accounts)?;
        Ok((accounts, genesis))
    }

    /// As [`Self::genesis`], with the numbers of these accounts, among which the document's must be.
    ///
    /// # Errors
    /// An account of the document that is not among them.
    pub fn genesis_in(&self, accounts: &Accounts) -> Result<Genesis, FieldError> {
        let mut genesis = Genesis::of_accounts(accounts.len());
        let find = |name: &String| {
            let none = || FieldError::new(name.as_str(), "no address", "one for every account");
            accounts.find(name).ok_or_else(none)
        };
        for (name, told) in &self.accounts {
            let account = find(name)?;
            if let Some(purse) = told.purse.as_ref().filter(|purse| purse.balance > 0) {
                genesis.balances.push((account, MosaicId::CURRENCY, Amount(purse.balance)));
            }
            if told.cosignatories.is_empty() || !told.is_complete() {
                continue;
            }
            let removal = if self.era == Era::N { 0 } else { told.min_removal };
            genesis.entries.push(Entry {
                account,
                minima: Minima { approval: told.min_approval, removal },
                cosignatories: told.cosignatories.iter().map(find).collect::<Result<_, _>>()?,
            });
        }
        Ok(genesis)
    }
}

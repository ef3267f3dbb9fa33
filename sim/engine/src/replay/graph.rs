//! The accounts of a ledger as the document that a node would answer with.

use std::collections::BTreeMap;

use super::{Replay, conveyance};
use crate::account::AccountId;
use crate::key::{Address, Era};
use crate::ledger::View;
use crate::rest::{Document, FieldError, Links, Member};

impl Replay {
    /// The account, with everything above and below it, as a REST document of the protocol's era: a
    /// graph, on NIS1 `account/get`.
    ///
    /// An account whose name is an address of the era keeps it, so that what was read from a node is
    /// written with the node's addresses; any other gets the key of its name. Eras A and B name accounts
    /// by public keys and so always get those.
    ///
    /// # Errors
    /// Accounts in a loop, which no ledger allows.
    pub fn graph(&self, account: AccountId) -> Result<Document, FieldError> {
        let (accounts, base) = (&self.header.names.accounts, self.header.protocol.base);
        let era = Era::of_base(base);
        let courier = conveyance::courier(accounts, base);
        let state = self.trial.ledger().state().links();
        let label = |account| accounts.label(account).to_owned();
        let links: Links = state
            .multisig_accounts()
            .map(|account| {
                let minima = state.minima(account);
                let cosignatories =
                    state.cosignatories_of(account).iter().map(|&one| label(one)).collect();
                (label(account), (minima.approval, minima.removal, cosignatories))
            })
            .collect();
        let members: BTreeMap<String, Member> = accounts
            .ids()
            .filter_map(|account| {
                let own = own_address(accounts.label(account), era);
                let public_key = courier.key(account)?.public();
                let member = match own {
                    Some(address) => Member { address, public_key: None },
                    None => Member {
                        address: courier.address(account)?,
                        public_key: (era != Era::C).then_some(public_key),
                    },
                };
                Some((label(account), member))
            })
            .collect();
        Document::of_links(era, accounts.label(account), &links, &members)
    }

    /// The accounts that cosign for none and have cosignatories: a graph from each shows everything.
    #[must_use]
    pub fn top_accounts(&self) -> Vec<AccountId> {
        let links = self.trial.ledger().state().links();
        let top = |&account: &AccountId| links.multisigs_of(account).is_empty();
        links.multisig_accounts().filter(top).collect()
    }
}

/// The address that this name is, in the eras whose documents show no public key.
fn own_address(name: &str, era: Era) -> Option<Address> {
    if !matches!(era, Era::C | Era::N) {
        return None;
    }
    let address = Address::from_text(name).ok()?;
    let fits = address.bytes().len() == era.address_bytes() && address.check().is_ok();
    fits.then_some(address)
}

//! What a file says of accounts, whichever of the known layouts it has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::account::AccountId;
use crate::analysis::{Group, Odds, Structure, StructureError};
use crate::ledger::{Ledger, Links, View as _};
use crate::protocol::Protocol;
use crate::replay::Replay;
use crate::rest::Document;
use crate::scenario::{Header, Names};

pub use crate::plan::Account;

/// The accounts of one file, or of one line of it.
#[derive(Clone, Debug)]
pub struct Subject {
    /// What the file calls it; `None` where it has no name of its own.
    pub id: Option<String>,
    /// The protocol of the accounts.
    pub protocol: Protocol,
    /// The multisig accounts.
    pub accounts: Vec<Account>,
    /// The account the file asks about; `None` for all of them.
    pub target: Option<String>,
    /// Keys that are lost or stolen together.
    pub groups: Vec<Group>,
    /// How likely keys, and groups of them, are lost and stolen.
    pub odds: BTreeMap<String, Odds>,
    /// Keys that do not exist any more.
    pub lost: Vec<String>,
    /// Keys that a thief holds.
    pub stolen: Vec<String>,
    /// The REST document, for finding accounts by address or key and for what it does not show.
    pub document: Option<Document>,
    /// What a node said that has no multisig entry of the account.
    pub not_found: Option<String>,
    /// All accounts of a scenario, plain ones too.
    pub names: Vec<String>,
    /// What accounts of a scenario hold of the currency.
    pub balances: Vec<(String, u64)>,
    /// The ledger at the end of a scenario, and its names: it knows mosaics, hash locks, and what was executed.
    pub ledger: Option<Arc<(Ledger, Names)>>,
}

impl Subject {
    /// A subject of these accounts and nothing else.
    #[must_use]
    pub fn new(protocol: Protocol, accounts: Vec<Account>) -> Self {
        Self {
            id: None,
            protocol,
            accounts,
            target: None,
            groups: Vec::new(),
            odds: BTreeMap::new(),
            lost: Vec::new(),
            stolen: Vec::new(),
            document: None,
            not_found: None,
            names: Vec::new(),
            balances: Vec::new(),
            ledger: None,
        }
    }

    /// The accounts as the analysis takes them, lost keys marked.
    ///
    /// # Errors
    /// Accounts that make no structure.
    pub fn structure(&self) -> Result<Structure, StructureError> {
        let listed = |name: &str| {
            let inside = |account: &Account| {
                account.0 == name || account.3.iter().any(|below| below == name)
            };
            self.accounts.iter().any(inside)
        };
        let query = self.document.iter().map(|document| &document.query);
        let lone: BTreeSet<&String> =
            self.target.iter().chain(query).filter(|name| !listed(name)).collect();
        let lone = lone.into_iter().map(|name| (name.as_str(), 0, 0, Vec::new()));
        let accounts = self.accounts.iter().map(borrowed);
        let mut structure = Structure::new(accounts.chain(lone), &self.protocol)?;
        for key in &self.lost {
            if let Some(id) = structure.target(key) {
                structure.lose(id);
            }
        }
        Ok(structure)
    }

    /// The same with the groups, and their probabilities, of the keys of another one that are `inside`.
    #[must_use]
    pub fn with_groups_of(mut self, whole: &Self, inside: impl Fn(&String) -> bool) -> Self {
        for group in &whole.groups {
            let keys: Vec<String> = group.keys.iter().filter(|key| inside(key)).cloned().collect();
            if keys.is_empty() {
                continue;
            }
            if let Some(odds) = whole.odds.get(&group.name) {
                self.odds.insert(group.name.clone(), *odds);
            }
            self.groups.push(Group { keys, ..group.clone() });
        }
        self
    }

    /// The name that a user's word stands for: a name, an address in base32 or hex, a public key.
    #[must_use]
    pub fn name_of<'a>(&'a self, word: &'a str) -> &'a str {
        self.document.as_ref().and_then(|document| document.find(word)).unwrap_or(word)
    }
}

fn borrowed((name, approval, removal, below): &Account) -> (&str, u32, u32, Vec<&str>) {
    (name, *approval, *removal, below.iter().map(String::as_str).collect())
}

/// The accounts as a replay stands.
#[must_use]
pub fn of_replay(replay: &Replay) -> Subject {
    let header = replay.header();
    let accounts = accounts_of(header, replay.ledger().state().links());
    let names = |keys: &[AccountId]| -> Vec<String> {
        let mut names: Vec<String> =
            keys.iter().map(|&key| header.names.accounts.label(key).to_owned()).collect();
        names.sort();
        names.dedup();
        names
    };
    let id = Some(header.name.clone()).filter(|name| !name.is_empty());
    Subject {
        id,
        lost: names(&header.lost),
        stolen: names(&header.stolen),
        ..Subject::new(header.protocol.clone(), accounts)
    }
}

fn accounts_of(header: &Header, links: &Links) -> Vec<Account> {
    let label = |account: AccountId| header.names.accounts.label(account).to_owned();
    let account = |account| {
        let minima = links.minima(account);
        let removal = header.protocol.base.shown_removal(minima.approval, minima.removal);
        let below = links.cosignatories_of(account).iter().map(|&below| label(below));
        (label(account), minima.approval, removal, below.collect())
    };
    links.multisig_accounts().map(account).collect()
}

/// The accounts of a node's document.
#[must_use]
pub fn of_parsed(document: Document, protocol: Protocol) -> Subject {
    let account = |(label, account): (&String, &crate::rest::Account)| {
        let below = account.cosignatories.clone();
        (label.clone(), account.min_approval, account.min_removal, below)
    };
    let whole = document
        .accounts
        .iter()
        .filter(|(_, account)| account.cosignatory_count > 0 && account.is_complete());
    let accounts = whole.map(account).collect();
    Subject { document: Some(document), ..Subject::new(protocol, accounts) }
}

//! What nodes answer about accounts: `multisig` and `multisig/graph` documents and NIS1's `account/get`.
//!
//! A document is read into one plain structure, checked against itself (links from both sides, levels,
//! thresholds, repeated entries) and written back equal. Which era it is of shows in its field names.
//! A bare answer is read, and also one inside a wrapper that names the accounts.

mod catapult;
mod check;
mod genesis;
mod links;
mod merge;
mod nis1;
mod shown;
pub mod transaction;
mod wrapper;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::key::{Address, Era, PublicKey};

pub use crate::wire::FieldError;
pub use nis1::Purse;
pub use shown::question;

/// Which answer a document is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DocumentKind {
    /// `GET /account/{address}/multisig`: one account.
    Multisig,
    /// `GET /account/{address}/multisig/graph`: all it is connected with, by level.
    Graph,
    /// NIS1 `GET /account/get`: one account and its neighbours.
    Account {
        /// Whether the node harvests with it: `LOCKED`, `UNLOCKED` or `UNKNOWN`.
        status: String,
        /// Whether another account harvests for it: `ACTIVE`, `INACTIVE` and so on.
        remote_status: String,
    },
}

/// One account of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Its address.
    pub address: Address,
    /// Its public key; Symbol's documents do not hold it, NIS1 not before it has sent something.
    pub public_key: Option<PublicKey>,
    /// How many signatures a transaction needs; 0 for a plain account, and on NIS1 for all of them.
    pub min_approval: u32,
    /// How many signatures the removal of a cosignatory needs; NIS1: the same as `min_approval`.
    pub min_removal: u32,
    /// The names of its cosignatories, in the document's order.
    pub cosignatories: Vec<String>,
    /// The names of the accounts it cosigns for, in the document's order.
    pub multisigs: Vec<String>,
    /// How many cosignatories it has; more than are named where `account/get` tells only of one.
    pub cosignatory_count: u32,
    /// The version of the state entry; only in Symbol.
    pub version: Option<u64>,
    /// What NIS1 tells besides.
    pub purse: Option<Purse>,
}

impl Account {
    /// Whether all of its cosignatories are named.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.cosignatories.len() as u64 == u64::from(self.cosignatory_count)
    }
}

/// An account that is named somewhere in a document, listed or not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Member {
    /// Its address.
    pub address: Address,
    /// Its public key; Symbol's documents do not hold it.
    pub public_key: Option<PublicKey>,
}

/// Min approval, min removal and cosignatories of every multisig account, by name.
pub type Links = BTreeMap<String, (u32, u32, Vec<String>)>;

/// A document about accounts.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The era whose field names it uses: A, B, C or N.
    pub era: Era,
    /// Which answer it is.
    pub kind: DocumentKind,
    /// The name of the account that was asked for.
    pub query: String,
    /// The accounts listed, by name: their label in the wrapper, else their address in base32.
    pub accounts: BTreeMap<String, Account>,
    /// The names at each level of a graph, ascending: 0 the account asked for, below it the accounts it
    /// cosigns for, above it its cosignatories.
    pub levels: Vec<(i64, Vec<String>)>,
    members: BTreeMap<String, Member>,
    base32: bool,
}

impl Document {
    /// Reads a document from its text.
    ///
    /// # Errors
    /// No JSON (with line and column), or as [`Self::from_json`].
    pub fn from_text(text: &str) -> Result<Self, FieldError> {
        let value: Value = serde_json::from_str(text)
            .map_err(|error| FieldError::new("document", error, "JSON"))?;
        Self::from_json(&value)
    }

    /// Reads a document, bare or in a wrapper, and checks it against itself.
    ///
    /// # Errors
    /// A field that is missing, unknown or out of range, links that do not agree, an account at a level
    /// where it cannot be, entries of one account that differ; with the path of the field.
    pub fn from_json(value: &Value) -> Result<Self, FieldError> {
        wrapper::read(value)
    }

    /// The name of the account this text stands for: a label, an address in base32 or hex, or a public
    /// key.
    #[must_use]
    pub fn find(&self, text: &str) -> Option<&str> {
        if let Some((name, _)) = self.members.get_key_value(text) {
            return Some(name);
        }
        let address = Address::from_text(text).ok();
        let key = PublicKey::from_hex(text);
        let matches = |member: &Member| {
            address == Some(member.address) || (key.is_some() && key == member.public_key)
        };
        let (name, _) = self.members.iter().find(|(_, member)| matches(member))?;
        Some(name)
    }

    /// The document as the node wrote it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match &self.kind {
            DocumentKind::Multisig => self.multisig_json(&self.query).unwrap_or_default(),
            DocumentKind::Graph => catapult::graph_to_json(self),
            DocumentKind::Account { status, remote_status } => {
                nis1::to_json(self, status, remote_status)
            }
        }
    }

    /// The `multisig` document of one account; `None` where it is not listed.
    #[must_use]
    pub fn multisig_json(&self, name: &str) -> Option<Value> {
        catapult::multisig_to_json(self, self.accounts.get(name)?)
    }

    /// The multisig state the document tells of, as a scenario's header and steps write it: every account
    /// that has cosignatories and all of them named.
    #[must_use]
    pub fn state(&self) -> Value {
        let complete = |(_, account): &(&String, &Account)| {
            !account.cosignatories.is_empty() && account.is_complete()
        };
        let entry = |(name, account): (&String, &Account)| {
            let mut cosignatories = account.cosignatories.clone();
            cosignatories.sort_unstable();
            let value = if self.era == Era::N {
                let minimum = account.min_approval;
                json!({"min_cosignatories": minimum, "cosignatories": cosignatories})
            } else {
                json!({
                    "min_approval": account.min_approval,
                    "min_removal": account.min_removal,
                    "cosignatories": cosignatories,
                })
            };
            (name.clone(), value)
        };
        Value::Object(self.accounts.iter().filter(complete).map(entry).collect::<Map<_, _>>())
    }

    /// The document that a node of this era would answer about `query`: a graph, on NIS1 the account.
    /// `links` holds the thresholds (NIS1: the first one) and cosignatories of every multisig account,
    /// `members` the address of every name and, but for Symbol, its public key.
    ///
    /// # Errors
    /// A name without an address or key, or an account among its own cosignatories' cosignatories.
    pub fn of_links(
        era: Era,
        query: &str,
        links: &Links,
        members: &BTreeMap<String, Member>,
    ) -> Result<Self, FieldError> {
        links::document(era, query, links, members)
    }

    /// The document in a wrapper that says which name stands for which address, as
    /// [`Self::from_json`] reads it.
    #[must_use]
    pub fn to_wrapper(&self) -> Value {
        let label = |(name, member): (&String, &Member)| {
            let address = json!({
                "address": member.address.to_string(),
                "address_hex": member.address.hex(),
            });
            (name.clone(), address)
        };
        let labels: Map<String, Value> = self.members.iter().map(label).collect();
        let key = match self.kind {
            DocumentKind::Multisig => "multisig",
            DocumentKind::Graph => "graph",
            DocumentKind::Account { .. } => "response",
        };
        json!({"query": self.query, "labels": labels, key: self.to_json()})
    }
}

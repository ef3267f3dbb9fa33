//! The accounts of a state under their names, and a transaction put to them.

use std::collections::BTreeMap;

use super::super::{Document, FieldError};
use super::{Party, SignedDocument, SignedPartBody, TransactionDocument};
use crate::account::{AccountId, Accounts};
use crate::key::{Address, Era, Network, PublicKey};
use crate::mosaic::MosaicId;
use crate::transaction::{self as ledger, PendingId, Transaction};
use crate::unit::Span;
use crate::wire::{Directory, Payload, transaction_of};

/// The ids by which the currency of the public networks is known: Symbol's on the main and the test network
/// and their name `symbol.xym`, and `cat.currency` of the servers before.
///
/// Source: `[chain] currencyMosaicId` of the networks' `config-network.properties`; the ids of names follow
/// from `model/NamespaceIdGenerator`.
pub const CURRENCY_MOSAICS: [u64; 4] =
    [0x6BED_913F_A202_23F8, 0x72C0_212E_67A0_8BCE, 0xE74B_99BA_41F4_AFEE, 0x85BB_EA6C_C462_B244];

/// The name of the signer that a document does not name.
const SIGNER: &str = "signer";

/// The names of a state's accounts with their addresses and keys, and what a transaction adds to them.
#[derive(Clone, Debug, Default)]
pub struct AccountDirectory {
    /// Some of them several times.
    names: Vec<String>,
    by_address: BTreeMap<Address, String>,
    by_key: BTreeMap<PublicKey, String>,
    added: Vec<String>,
    mosaics: Vec<String>,
    hashes: Vec<[u8; 32]>,
    currency: Option<u64>,
}

impl AccountDirectory {
    /// The accounts of a node's document.
    #[must_use]
    pub fn of_document(document: &Document) -> Self {
        let mut directory = Self::default();
        for (name, member) in &document.members {
            directory.insert(name, Some(member.address), member.public_key);
        }
        directory
    }

    /// Adds an account of the state. A name that is an address or a public key stands for that account.
    pub fn insert(&mut self, name: &str, address: Option<Address>, key: Option<PublicKey>) {
        let named = Address::from_text(name).ok().filter(|address| address.network().is_some());
        if let Some(address) = address.or(named) {
            self.by_address.insert(address, name.to_owned());
        }
        if let Some(key) = key.or_else(|| PublicKey::from_hex(name)) {
            self.by_key.insert(key, name.to_owned());
        }
        self.names.push(name.to_owned());
    }

    /// Takes this mosaic for the currency too, beside [`CURRENCY_MOSAICS`].
    pub const fn set_currency(&mut self, mosaic: u64) {
        self.currency = Some(mosaic);
    }

    /// The name of an account; `None` where the state does not name it and [`Self::admit`] has not.
    #[must_use]
    pub fn name_of(&self, party: &Party) -> Option<&str> {
        let by_key = party.public_key.and_then(|key| self.by_key.get(&key));
        by_key.or_else(|| self.by_address.get(&party.address)).map(String::as_str)
    }

    /// The accounts that transactions named and the state did not, in the order of their coming.
    #[must_use]
    pub fn added(&self) -> &[String] {
        &self.added
    }

    /// The names of the mosaics, by [`MosaicId`], the currency first.
    #[must_use]
    pub fn mosaics(&self) -> &[String] {
        &self.mosaics
    }

    /// The hashes that hash locks speak of, by [`PendingId`].
    #[must_use]
    pub fn hashes(&self) -> &[[u8; 32]] {
        &self.hashes
    }

    /// The accounts for a ledger.
    ///
    /// # Errors
    /// More accounts than a ledger can number.
    pub fn accounts(&self) -> Result<Accounts, FieldError> {
        let mut names: Vec<&String> = self.names.iter().collect();
        names.sort_unstable();
        names.dedup();
        Accounts::new(&names)
            .map_err(|error| FieldError::new("accounts", error, "names for a ledger"))
    }

    /// The network and the length of the addresses that the state knows; `None` without any.
    fn home(&self) -> Option<(Network, usize)> {
        let address = self.by_address.keys().find(|address| address.network().is_some())?;
        Some((address.network()?, address.bytes().len()))
    }

    /// Makes room for what a transaction names: new accounts go by their address.
    ///
    /// # Errors
    /// A cosignature on its own, or a transaction of another network or era than the state's addresses.
    pub fn admit(&mut self, document: &TransactionDocument) -> Result<SignedDocument, FieldError> {
        let summary = document.summary()?;
        if let Some((network, length)) = self.home() {
            if network != summary.network {
                let expected =
                    format!("`{}`, the network of the state's addresses", network.name());
                let found = format!("`{}`", summary.network.name());
                return Err(FieldError::new("transaction.network", found, expected));
            }
            if length != summary.era.address_bytes() {
                let found = format!("a transaction of era {}", summary.era);
                let expected = if length == 24 { "one of Symbol" } else { "one of before Symbol" };
                let expected =
                    format!("{expected}, as the state's addresses of {length} bytes are");
                return Err(FieldError::new("transaction", found, expected));
            }
        }
        for party in summary.parties() {
            self.admit_party(party);
        }
        if summary.signer.is_none() {
            self.by_key.insert(PublicKey([0; 32]), SIGNER.to_owned());
            self.names.push(SIGNER.to_owned());
        }
        self.admit_mosaics(&summary);
        Ok(summary)
    }

    fn admit_party(&mut self, party: &Party) {
        let name = match self.name_of(party) {
            Some(name) => name.to_owned(),
            None => {
                let name = party.address.to_string();
                self.names.push(name.clone());
                self.added.push(name.clone());
                name
            }
        };
        if let Some(key) = party.public_key {
            self.by_key.entry(key).or_insert_with(|| name.clone());
        }
        self.by_address.entry(party.address).or_insert(name);
    }

    fn admit_mosaics(&mut self, summary: &SignedDocument) {
        if self.mosaics.is_empty() {
            self.mosaics.push("currency".to_owned());
        }
        for part in &summary.parts {
            match &part.body {
                SignedPartBody::Transfer { mosaics, .. } => {
                    mosaics.iter().for_each(|(name, _)| self.admit_mosaic(name));
                }
                SignedPartBody::HashLock { hash, .. } if !self.hashes.contains(hash) => {
                    self.hashes.push(*hash);
                }
                _ => {}
            }
        }
    }

    fn admit_mosaic(&mut self, name: &str) {
        let is_currency = match u64::from_str_radix(name, 16) {
            Ok(id) => self.is_currency(id),
            Err(_) => name == "nem:xem",
        };
        if !is_currency && !self.mosaics.iter().any(|known| known == name) {
            self.mosaics.push(name.to_owned());
        }
    }

    fn is_currency(&self, id: u64) -> bool {
        CURRENCY_MOSAICS.contains(&id) || self.currency == Some(id)
    }

    /// The transaction for a ledger of these accounts; [`Self::admit`] goes before.
    ///
    /// What has a type that no rule here knows becomes a transfer of nothing by the same account to itself:
    /// it needs the same signatures and does nothing.
    ///
    /// # Errors
    /// An account or a mosaic that was not admitted.
    pub fn transaction(
        &self,
        document: &TransactionDocument,
        accounts: &Accounts,
    ) -> Result<Transaction, FieldError> {
        let place = match &document.payload {
            Payload::Catapult { era, transaction } => (*era, transaction.network),
            Payload::Nis1(transaction) => (Era::N, transaction.network),
            Payload::Detached(_) => (Era::C, Network::Testnet),
        };
        transaction_of(&document.payload, &Numbered { directory: self, accounts, place })
    }
}

/// A directory with the numbers that a ledger's accounts have.
struct Numbered<'d> {
    directory: &'d AccountDirectory,
    accounts: &'d Accounts,
    place: (Era, Network),
}

impl Directory for Numbered<'_> {
    fn by_key(&self, key: &PublicKey) -> Option<AccountId> {
        let name = self.directory.by_key.get(key);
        let (era, network) = self.place;
        let name = name.or_else(|| self.directory.by_address.get(&Address::of(key, era, network)));
        self.accounts.find(name?)
    }

    fn by_address(&self, address: &Address) -> Option<AccountId> {
        self.accounts.find(self.directory.by_address.get(address)?)
    }

    fn mosaic(&self, id: u64) -> Option<MosaicId> {
        match self.directory.is_currency(id) {
            true => Some(MosaicId::CURRENCY),
            false => self.mosaic_of(&format!("{id:016X}")),
        }
    }

    fn mosaic_of_name(&self, namespace: &str, name: &str) -> Option<MosaicId> {
        match (namespace, name) {
            ("nem", "xem") => Some(MosaicId::CURRENCY),
            _ => self.mosaic_of(&format!("{namespace}:{name}")),
        }
    }

    fn pending(&self, hash: &[u8; 32]) -> PendingId {
        let index = self.directory.hashes.iter().position(|known| known == hash);
        PendingId(index.and_then(|index| u32::try_from(index).ok()).unwrap_or_default())
    }

    fn unread(&self, signer: AccountId) -> Option<ledger::Body> {
        let transfer = ledger::Transfer {
            recipient: signer,
            amounts: Span::default(),
            message: Span::default(),
        };
        Some(ledger::Body::Transfer(transfer))
    }

    /// A byte for a byte: limits and fees count them.
    fn text(&self, bytes: &[u8]) -> Option<String> {
        let plain = |&byte: &u8| if byte.is_ascii() { char::from(byte) } else { '?' };
        let text = std::str::from_utf8(bytes).map(str::to_owned);
        Some(text.unwrap_or_else(|_| bytes.iter().map(plain).collect()))
    }
}

impl Numbered<'_> {
    fn mosaic_of(&self, name: &str) -> Option<MosaicId> {
        let index = self.directory.mosaics.iter().position(|known| known == name)?;
        u32::try_from(index).ok().map(MosaicId)
    }
}

//! What a server makes of a transaction before it verifies it.
//!
//! A server does not verify the bytes it gets: it reads them into objects and verifies what these write.
//! Source: NemProject/nem, `core/model`: the constructor of `MultisigAggregateModificationTransaction`
//! sorts the modifications (`MultisigCosignatoryModification.compareTo`: type, then address text),
//! `TransferTransactionAttachment` adds up mosaics of one id and sorts them by text,
//! `TransferTransaction.normalizeMessage` leaves out an empty message, `MultisigTransaction.addSignature`
//! keeps one signature of each cosignatory, sorted by address text, and none of the initiator.

use std::collections::BTreeSet;

use super::super::cursor::WireError;
use super::super::error::FieldError;
use super::order::{Order, break_of};
use super::{Body, Mosaic, Transaction, Transfer, entry_fields};
use crate::key::{Address, Era, PublicKey};

impl Transaction<'_> {
    /// The bytes that a server verifies and hashes: those of the non-verifiable form, in the server's order.
    ///
    /// # Errors
    /// As [`Transaction::write`].
    pub fn server_bytes(&self) -> Result<Vec<u8>, FieldError> {
        let mut read = self.clone();
        read.canonicalize();
        read.signed_bytes()
    }

    /// Brings what is signed into the form that a server writes, in a wrapper's inner transaction too.
    pub fn canonicalize(&mut self) {
        let network = self.network;
        match &mut self.body {
            Body::Modification { entries, .. } if entries.len() > 1 => {
                entries.to_mut().sort_by_cached_key(|entry| {
                    let (adds, key) = entry_fields(entry);
                    (!adds, Address::of(&PublicKey(key), Era::N, network).to_string())
                });
            }
            Body::Transfer(transfer) => transfer.canonicalize(),
            Body::Multisig { inner, .. } => inner.canonicalize(),
            _ => {}
        }
    }

    /// What a server changes when it reads the transaction, a sentence each; empty where it changes
    /// nothing. Costs two hashes for each modification and cosignature where there are several.
    ///
    /// # Errors
    /// As [`Transaction::check_order`].
    pub fn server_changes(&self) -> Result<Vec<String>, WireError> {
        let mut changes = Vec::new();
        if self.check_order()? == Some(Order::Bytes) {
            changes.push(
                "a server sorts modifications by type and the text of their addresses before it \
                 verifies; these are sorted by the bytes of their addresses"
                    .to_owned(),
            );
        }
        self.other_changes(&mut changes);
        Ok(changes)
    }

    fn other_changes(&self, changes: &mut Vec<String>) {
        match &self.body {
            Body::Transfer(transfer) => transfer.changes(changes),
            Body::Multisig { inner, cosignatures } => {
                inner.other_changes(changes);
                self.cosignature_changes(cosignatures.as_deref().unwrap_or_default(), changes);
            }
            _ => {}
        }
    }

    fn cosignature_changes(&self, cosignatures: &[Transaction<'_>], changes: &mut Vec<String>) {
        let mut signers = BTreeSet::new();
        for (number, one) in (1..).zip(cosignatures) {
            let why = match (one.signer == self.signer, signers.insert(one.signer)) {
                (true, _) => "is the initiator's own",
                (_, false) => "is another one of the same cosignatory",
                _ => continue,
            };
            changes.push(format!("a server ignores cosignature {number}: it {why}"));
        }
        if cosignatures.len() < 2 {
            return;
        }
        let address = |one: &Transaction<'_>| {
            Address::of(&PublicKey(one.signer), Era::N, self.network).to_string()
        };
        let addresses: Vec<String> = cosignatures.iter().map(address).collect();
        if let Some(index) = break_of(&addresses) {
            changes.push(format!(
                "a server sorts cosignatures by the text of their signers' addresses, which no \
                 signature covers; cosignature {} comes before the one ahead of it",
                index + 1
            ));
        }
    }
}

impl Transfer<'_> {
    fn canonicalize(&mut self) {
        self.message.take_if(|message| message.payload.is_empty());
        let Some(mosaics) = &mut self.mosaics else { return };
        mosaics.sort_by(|one, other| one.id().cmp(&other.id()));
        mosaics.dedup_by(|later, first| {
            let is_same = later.id() == first.id();
            if is_same {
                first.quantity = first.quantity.wrapping_add(later.quantity);
            }
            is_same
        });
        mosaics.sort_by_cached_key(Mosaic::text);
    }

    fn changes(&self, changes: &mut Vec<String>) {
        if self.message.as_ref().is_some_and(|message| message.payload.is_empty()) {
            changes.push("a server leaves out an empty message before it verifies".to_owned());
        }
        let mosaics = self.mosaics.as_deref().unwrap_or_default();
        let mut seen = BTreeSet::new();
        if let Some(twice) = mosaics.iter().find(|mosaic| !seen.insert(mosaic.id())) {
            let (namespace, name) = twice.id();
            changes.push(format!(
                "a server adds up mosaics of one id before it verifies; `{namespace}:{name}` is there \
                 more than once"
            ));
        }
        let texts: Vec<String> = match mosaics.len() {
            0 | 1 => Vec::new(),
            _ => mosaics.iter().map(Mosaic::text).collect(),
        };
        let Some(index) = break_of(&texts) else { return };
        let id = |index: usize| mosaics.get(index).map(Mosaic::id).unwrap_or_default();
        let ((namespace, name), (before_namespace, before)) = (id(index), id(index - 1));
        changes.push(format!(
            "a server sorts mosaics by their text before it verifies; `{namespace}:{name}` stands \
             behind `{before_namespace}:{before}`"
        ));
    }
}

impl Mosaic<'_> {
    fn id(&self) -> (&str, &str) {
        (&self.namespace, &self.name)
    }

    /// The text a server sorts by.
    fn text(&self) -> String {
        format!("{}:{} : {}", self.namespace, self.name, self.quantity)
    }
}

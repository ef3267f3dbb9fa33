//! The ledger's transactions sent through their bytes and back.
//!
//! Accounts get keys from their names ([`in_text_order`]), so that a scenario gives the same bytes
//! everywhere. What the bytes cannot say (a nested envelope, a meaningless action, this testbench's own
//! mosaic definitions, more entries than the count field holds) is refused when it is sent.

mod carrying;
mod receiving;
mod sending;

use std::collections::BTreeMap;

pub use carrying::Carried;
pub use receiving::{Directory, transaction_of};

use super::{Era, FieldError, Network, Payload, WireError};
use crate::account::{AccountId, Accounts};
use crate::key::{Address, KeyPair, PublicKey, in_text_order};
use crate::transaction::Transaction;

/// The keys of all accounts of a ledger, both ways.
#[derive(Clone, Debug)]
pub struct Courier {
    era: Era,
    network: Network,
    keys: Vec<(KeyPair, Address)>,
    by_key: BTreeMap<PublicKey, AccountId>,
    by_address: BTreeMap<Address, AccountId>,
}

impl Courier {
    /// Makes a key for every account; about 50 microseconds each.
    #[must_use]
    pub fn new(accounts: &Accounts, era: Era, network: Network) -> Self {
        let labels: Vec<&str> = accounts.ids().map(|id| accounts.label(id)).collect();
        let with_address = |pair: KeyPair| {
            let address = Address::of(&pair.public(), era, network);
            (pair, address)
        };
        let pairs = in_text_order(&labels, era, network);
        let keys: Vec<(KeyPair, Address)> = pairs.into_iter().map(with_address).collect();
        let by_key = accounts.ids().zip(&keys).map(|(id, (pair, _))| (pair.public(), id));
        let by_address = accounts.ids().zip(&keys).map(|(id, (_, address))| (*address, id));
        let (by_key, by_address) = (by_key.collect(), by_address.collect());
        Self { era, network, keys, by_key, by_address }
    }

    /// The key pair of an account; `None` for an id of another ledger.
    #[must_use]
    pub fn key(&self, account: AccountId) -> Option<&KeyPair> {
        self.keys.get(account.index()).map(|(pair, _)| pair)
    }

    /// The address of an account; `None` for an id of another ledger.
    #[must_use]
    pub fn address(&self, account: AccountId) -> Option<Address> {
        self.keys.get(account.index()).map(|(_, address)| *address)
    }

    /// The transaction as bytes, signed and cosigned where a generation hash is given (any will do on
    /// NIS1), else with signatures of zeros. Fees and deadlines are zero.
    ///
    /// # Errors
    /// Something that this era's bytes cannot say.
    pub fn send(
        &self,
        transaction: &Transaction,
        generation_hash: Option<&[u8; 32]>,
    ) -> Result<Vec<u8>, FieldError> {
        self.payload(transaction, generation_hash)?.encode()
    }

    /// The transaction that these bytes are; with a generation hash its signatures are checked, too.
    ///
    /// # Errors
    /// Bytes that the layout does not allow, an account that is not the ledger's, a signature that does
    /// not hold, or a transaction that is carried unread.
    pub fn receive(
        &self,
        bytes: &[u8],
        generation_hash: Option<&[u8; 32]>,
    ) -> Result<Transaction, FieldError> {
        let payload = Payload::decode(bytes, self.era)?;
        payload.check_order()?;
        if generation_hash.is_some()
            && let Some(signatures) = payload.verify(generation_hash)?
            && !signatures.all_hold()
        {
            return Err(FieldError::new("signatures", "one that fails", "all to hold"));
        }
        transaction_of(&payload, self)
    }
}

impl From<WireError> for FieldError {
    fn from(error: WireError) -> Self {
        Self::new(format!("byte {}", error.offset), error.found, error.expected)
    }
}

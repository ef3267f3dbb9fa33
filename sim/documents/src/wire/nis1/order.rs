//! The order of a modification's entries, which the addresses behind the keys decide.
//!
//! The server sorts by type and then by the TEXT of the address and verifies the signature over the
//! bytes it sorted; symbol-sdk 3.3 signs the order of the raw address bytes. Digits sort before letters
//! in text and after them in base32, so the two differ. Both are read, and the signature is judged over
//! the server's order ([`Transaction::server_bytes`]); anything else no one writes.

use super::super::cursor::WireError;
use super::{Body, Form, Transaction, entry_fields};
use crate::key::{Address, Era, Network, PublicKey};

/// By which order a modification's entries are sorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// By the text of the addresses, as the server does (and by their bytes, if both agree).
    Text,
    /// By the bytes of the addresses only: a server will not accept the signature.
    Bytes,
}

fn addresses(entries: &[[u8; 44]], network: Network) -> Vec<(bool, Address)> {
    let address = |entry| {
        let (adds, key) = entry_fields(entry);
        (!adds, Address::of(&PublicKey(key), Era::N, network))
    };
    entries.iter().map(address).collect()
}

/// The first entry that breaks the order, or `None`.
pub(super) fn break_of<K: Ord>(keys: &[K]) -> Option<usize> {
    keys.windows(2).position(|pair| matches!(pair, [one, other] if one > other)).map(|at| at + 1)
}

impl Transaction<'_> {
    /// Checks the order of the modification in this transaction or in its wrapper; `None` where there
    /// is no modification. Costs two hashes an entry.
    ///
    /// # Errors
    /// The entries are sorted neither by text nor by bytes.
    pub fn check_order(&self) -> Result<Option<Order>, WireError> {
        self.check_order_at(0)
    }

    fn check_order_at(&self, start: usize) -> Result<Option<Order>, WireError> {
        let body = start + if self.form() == Form::Verifiable { 128 } else { 60 };
        match &self.body {
            Body::Modification { entries, .. } => {
                order_of(entries, self.network, body + 4).map(Some)
            }
            Body::Multisig { inner, .. } => inner.check_order_at(body + 4),
            _ => Ok(None),
        }
    }
}

fn order_of(entries: &[[u8; 44]], network: Network, start: usize) -> Result<Order, WireError> {
    if entries.len() < 2 {
        return Ok(Order::Text);
    }
    let bytes = addresses(entries, network);
    let texts: Vec<(bool, String)> =
        bytes.iter().map(|(deletes, address)| (*deletes, address.to_string())).collect();
    let Some(index) = break_of(&texts) else { return Ok(Order::Text) };
    if break_of(&bytes).is_none() {
        return Ok(Order::Bytes);
    }
    let text = |index: usize| texts.get(index).map_or("", |(_, text)| text.as_str());
    Err(WireError::new(
        start + 44 * index,
        format_args!("address {} behind {}", text(index), text(index - 1)),
        "modifications sorted by address",
    ))
}

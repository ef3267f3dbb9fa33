//! Keys made from account names, so that a scenario's bytes are the same everywhere.
//!
//! They are as public as the names: never use one on a real network.

use sha2::{Digest, Sha256};

use super::{Address, Era, KeyPair, Network, PrivateKey};

/// The private key a name stands for: SHA-256 of `quorate account ` and the name.
#[must_use]
pub fn private_key_of_name(name: &str) -> PrivateKey {
    let digest = Sha256::new().chain_update(b"quorate account ").chain_update(name.as_bytes());
    PrivateKey(digest.finalize().into())
}

/// One key pair for each of `names`, in their order, such that the text of the addresses sorts as the
/// text of the names does.
///
/// NIS1 walks a modification in the order of the addresses' text and a scenario in the order of its
/// names' text; the first failure is the same only when the two orders are. Every name makes its key
/// ([`private_key_of_name`]); the keys are sorted by address and handed out in the order of the
/// names, so a key belongs to a name only within one list. A name that stands twice gets one key.
#[must_use]
pub fn in_text_order(names: &[&str], era: Era, network: Network) -> Vec<KeyPair> {
    let mut sorted = names.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let mut keys: Vec<(String, KeyPair)> = sorted
        .iter()
        .map(|name| {
            let pair = KeyPair::new(private_key_of_name(name), era, network);
            (Address::of(&pair.public(), era, network).to_string(), pair)
        })
        .collect();
    keys.sort_by(|one, other| one.0.cmp(&other.0));
    names
        .iter()
        .filter_map(|name| sorted.binary_search(name).ok())
        .filter_map(|index| keys.get(index).map(|(_, pair)| pair.clone()))
        .collect()
}

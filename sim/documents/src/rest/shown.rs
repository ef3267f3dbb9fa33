//! What a document shows of an account, and the question whose answer would show all of it.

use super::Document;
use crate::key::{Address, Era};

impl Document {
    /// Whether the document shows this account in full: its own entry, with all of its cosignatories
    /// named. An account that is only named in another's list may be a multisig account itself: a
    /// graph goes down from the account asked for and up from it, never down again from one above.
    #[must_use]
    pub fn shows(&self, name: &str) -> bool {
        self.accounts.get(name).is_some_and(super::Account::is_complete)
    }

    /// The request to a node whose answer shows this account and all below it; `None` for a name
    /// that the document does not hold.
    #[must_use]
    pub fn question(&self, name: &str) -> Option<String> {
        Some(question(self.era, self.members.get(name)?.address))
    }
}

/// The request whose answer shows the account of this address and all below and above it.
#[must_use]
pub fn question(era: Era, address: Address) -> String {
    match era {
        Era::N => format!("GET /account/get?address={address}"),
        _ => format!("GET /account/{address}/multisig/graph"),
    }
}

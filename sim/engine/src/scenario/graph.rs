//! What a node answers about accounts as the header of a scenario.

use super::header::Header;
use super::names::Names;
use super::read::Misfit;
use crate::protocol::Protocol;
use crate::rest::Document;

impl Header {
    /// The header of a scenario that starts from this document under this protocol.
    ///
    /// # Errors
    /// A document of another protocol's era.
    pub fn of_document(document: &Document, protocol: Protocol) -> Result<Self, Misfit> {
        let base = document.era.base();
        if base != protocol.base {
            let (found, expected) = (base.name(), protocol.base.name());
            let what = format!("a document of `{found}`; expected one of `{expected}`");
            return Err(Misfit(what));
        }
        let (accounts, genesis) = document.genesis().map_err(|error| Misfit(error.to_string()))?;
        Ok(Self {
            name: document.query.clone(),
            description: String::new(),
            names: Names::new(accounts, &protocol),
            protocol,
            genesis,
            lost: Vec::new(),
            stolen: Vec::new(),
        })
    }
}

//! What a key is worth: who can spend now, who could in the end, what may be lost.

mod policy;
mod quorum;
mod sets;
mod structure;

pub use quorum::{QuorumList, minimal_quorums};
pub use structure::{Structure, StructureError, View, can_spend};

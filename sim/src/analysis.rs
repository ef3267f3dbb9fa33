//! What a key is worth: who can spend now, who could in the end, what may be lost.

mod answers;
mod budget;
mod conditions;
mod design;
mod diagram;
mod formula;
mod gate;
mod listing;
mod modules;
mod plan;
mod policy;
mod quorum;
mod scaled;
mod sets;
mod signatures;
mod structure;
mod table;

pub use answers::{
    Answers, Fewest, Importance, Likelihood, Odds, Options, Power, Replacement, Side, answers,
};
pub use budget::Budget;
pub use design::{Design, DesignError, Risk, design};
pub use formula::{Formula, formula};
pub use quorum::{QuorumList, minimal_quorums};
pub use scaled::Scaled;
pub use structure::{Structure, StructureError, View, can_spend};

//! A deterministic testbench for multisignature protocols.
//!
//! `quorate` holds an in-memory ledger that follows the multisig rules of four real protocols to the
//! letter (NEM NIS1, two Catapult eras and Symbol), replays scenario files against it and checks
//! every promise the protocols make after every step.
//!
//! The rooms below stand in dependency order: a room uses only rooms above it. `sim/README.md` tells
//! what lies in each.

// words
pub mod unit;
pub mod account;
pub mod mosaic;
pub mod key;
// question
pub mod transaction;
pub mod verdict;
// law
pub mod protocol;
pub mod fault;
// machine
pub mod ledger;
// watch
pub mod invariant;
pub mod auditor;
// outside
pub mod wire;
pub mod rest;
// meaning
pub mod analysis;
pub mod hazard;
// story
pub mod scenario;
pub mod replay;
// others
pub mod conformance;
// search
pub mod trial;
pub mod choice;
pub mod generate;
pub mod workload;
pub mod shrink;
pub mod campaign;
pub mod explore;
// answer
pub mod validate;
// page
pub mod report;
// door
pub mod cli;

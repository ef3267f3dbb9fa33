//! The engine of [`quorate`](https://docs.rs/quorate), a testbench for multisignature protocols: ledger, rules, analysis and searches.
//!
//! `quorate` shows these modules under its own name; use it instead. They are a package of their own because
//! they are built with full optimisation, and what only prints is not.
//!
//! The modules stand in dependency order: a module uses only modules above it.

// words
pub mod encoding;
pub mod version;
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
pub mod reason;
pub mod replay;
pub mod author;
// others
pub mod conformance;
// search
pub mod trial;
pub mod choice;
pub mod generate;
pub mod shrink;
pub mod campaign;
pub mod explore;
// answer
pub mod plan;
pub mod goal;

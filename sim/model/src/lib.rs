//! The words, the rules and the ledger of `quorate`, a testbench for multisignature protocols.
//!
//! `quorate` shows these modules under its own name; use it instead. Its packages are built with as much
//! optimisation as each needs, and at the same time. The modules stand in dependency order.

// words
pub mod encoding;
pub mod version;
pub mod unit;
pub mod account;
pub mod flaw;
pub mod mosaic;
pub mod key;
pub mod choice;
// question
pub mod transaction;
pub mod verdict;
// rules
pub mod protocol;
pub mod fault;
// machine
pub mod ledger;

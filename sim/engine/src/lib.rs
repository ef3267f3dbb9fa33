//! Scenarios, checks, fuzzing and exploration of `quorate`, a testbench for multisignature protocols.
//!
//! `quorate` shows these modules under its own name; use it instead. The modules stand in dependency order.

use quorate_analysis::{analysis, hazard};
use quorate_documents::{rest, wire};
use quorate_model::{
    account, choice, encoding, fault, flaw, key, ledger, mosaic, protocol, transaction, unit,
    verdict, version,
};

// watch
pub mod invariant;
pub mod auditor;
// story
pub mod scenario;
pub mod trial;
pub mod reason;
pub mod replay;
pub mod author;
// others
pub mod ending;
pub mod conformance;
// search
pub mod generate;
pub mod shrink;
pub mod campaign;
pub mod explore;

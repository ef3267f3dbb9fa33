//! Who controls a multisignature account: the closed forms of `quorate`, a testbench for multisignature protocols.
//!
//! `quorate` shows these modules under its own name; use it instead.

#[cfg(test)]
use quorate_model::choice;
use quorate_model::{account, ledger, mosaic, protocol, transaction, unit};

pub mod analysis;
pub mod hazard;

//! Binary transactions and REST documents for `quorate`, a testbench for multisignature protocols.
//!
//! `quorate` shows these modules under its own name; use it instead.

use quorate_model::{account, encoding, flaw, key, ledger, mosaic, transaction, unit};

pub mod wire;
pub mod rest;

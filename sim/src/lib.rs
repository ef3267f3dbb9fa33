//! A deterministic testbench for multisignature protocols.
//!
//! `quorate` holds an in-memory ledger that follows the multisig rules of four real protocols to the
//! letter (NEM NIS1, two Catapult eras and Symbol), replays scenario files against it and checks
//! fourteen invariants after every step.
//!
//! A scenario goes in, an outcome comes out:
//!
//! ```
//! use quorate::replay::{Options, replay};
//! use quorate::scenario::{Layout, open_reader, source};
//!
//! let text = r#"{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet","accounts":["ann","bob"],"balances":{"ann":5}}
//! {"transaction":{"type":"transfer","signer":"ann","recipient":"bob","amount":9},"result":"Success"}"#;
//! let (header, mut steps) = open_reader("poor.jsonl", source(text.as_bytes()), Layout::Lines)?;
//! let outcome = replay(header, &mut steps, Options::default())?;
//! assert_eq!(outcome.failures[0].found, "`Failure_Core_Insufficient_Balance`");
//! # Ok::<(), quorate::scenario::ScenarioError>(())
//! ```
//!
//! # The first hour
//!
//! Four programs of at most 60 lines are there to be copied (`cargo run --release --example NAME`):
//!
//! <details><summary><code>examples/own_invariant.rs</code>: an invariant of your own, fuzzed and shrunk to a scenario</summary>
//!
//! ```ignore
#![doc = include_str!("../examples/own_invariant.rs")]
//! ```
//! </details>
//!
//! <details><summary><code>examples/own_hazard.rs</code>: a hazard of your own, explored to the nearest state that shows it</summary>
//!
//! ```ignore
#![doc = include_str!("../examples/own_hazard.rs")]
//! ```
//! </details>
//!
//! <details><summary><code>examples/own_protocol.rs</code>: a protocol of your own from JSON, and what it changes</summary>
//!
//! ```ignore
#![doc = include_str!("../examples/own_protocol.rs")]
//! ```
//! </details>
//!
//! <details><summary><code>examples/own_peer.rs</code>: an implementation of your own behind the line protocol</summary>
//!
//! ```ignore
#![doc = include_str!("../examples/own_peer.rs")]
//! ```
//! </details>
//!
//! The modules below stand in dependency order: a module uses only modules above it. `sim/README.md` says
//! what lies in each.
//!
//! With `default-features = false` this is the engine alone, without the command line (feature `cli`) and without
//! pages, pictures, JUnit and SARIF (feature `report`).

// words, question, rules, machine
#[doc(inline)]
#[rustfmt::skip]
pub use quorate_model::{
    encoding, version, unit, account, flaw, mosaic, key, choice,
    transaction, verdict,
    protocol, fault,
    ledger,
};
// outside
#[doc(inline)]
#[rustfmt::skip]
pub use quorate_documents::{wire, rest};
// meaning
#[doc(inline)]
#[rustfmt::skip]
pub use quorate_analysis::{analysis, hazard};
// watch, story, others, search
#[doc(inline)]
#[rustfmt::skip]
pub use quorate_engine::{
    invariant, auditor,
    scenario, trial, reason, replay, author,
    ending, conformance,
    generate, shrink, campaign, explore,
};
// search
pub mod workload;
// answer
pub mod plan;
pub mod goal;
pub mod validate;
pub mod examination;
// page
#[cfg(feature = "report")]
pub mod report;
// door
#[cfg(feature = "cli")]
pub mod cli;

//! Everything a test can ask of the library and of the built command line, in one binary: a module
//! each for a command, a format or a rule of the house. Scenario files are tests of their own
//! (`tests/scenarios.rs`).
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod analysis;
mod analyze;
mod auditor_traces;
mod bad_input;
mod bounds;
mod bytes;
mod certificates;
mod cluster;
mod cmd;
mod conform;
mod courier;
mod documents;
mod examples;
mod explain;
mod explore;
mod fuzz;
mod fuzz_parts;
mod goal;
mod graphs;
mod groups;
mod hostile;
mod layout;
mod model;
mod mutated;
mod plan;
mod readme;
mod reasons;
mod reports;
mod rest;
mod schemas;
mod signatures;
mod survival;
mod tables;
mod texts;
mod tidy;
mod time;
mod validate;
mod wire;
mod wire_properties;
mod workflows;
mod writing;

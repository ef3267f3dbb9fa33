//! The story: scenario files, the only currency of this testbench.
//!
//! A scenario is a header and steps, as one JSON object (`.json`) or one object a line (`.jsonl`,
//! `.jsonl.gz`, streamed). [`open`] reads the header and hands out the steps one by one; [`mod@write`]
//! makes a file of them. `scenarios/README.md` tells the format by example.

pub mod diff;
mod document;
mod graph;
mod header;
mod names;
mod read;
pub mod layout;
pub mod record;
mod source;
mod step;
pub mod write;

pub use document::Document;
pub use header::{FORMAT, Header, unknown_protocol};
pub use names::Names;
pub use read::Misfit;
pub use source::{
    LINE_BYTES_MAX, Layout, Line, ScenarioError, Source, Steps, open, open_reader, sniff, source,
};
pub use step::{Ability, Act, Check, KeySets, Step};

//! Coverage-guided targets over the public API of `quorate`.
//!
//! Each module is the body of one target: its doc says what is claimed, how it is tried and what counts
//! as a failure. `targets/` ties the bodies to libFuzzer; `cargo test` runs the same bodies over the
//! readable seeds of `seeds/`, on stable and without an engine. No model and no oracle lives here.

pub mod faulty;
pub mod properties;
pub mod protocol_json;
pub mod rollback;
pub mod scenario;
pub mod sequence;
pub mod wire;
pub mod wire_differential;
pub mod story;

/// The body of a target: panics if what it claims does not hold.
pub type Body = fn(&[u8]);

/// All targets: name and body.
pub const TARGETS: [(&str, Body); 8] = [
    ("faulty", faulty::run),
    ("properties", properties::run),
    ("protocol_json", protocol_json::run),
    ("rollback", rollback::run),
    ("scenario", scenario::run),
    ("sequence", sequence::run),
    ("wire", wire::run),
    ("wire_differential", wire_differential::run),
];

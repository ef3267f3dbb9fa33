//! A payload as the scenario step it is, with everything a step does not say kept beside it.
//!
//! The step speaks of accounts by their addresses and leaves out what no rule looks at; `wire` holds the
//! rest: era, network, versions, fees, deadlines, signatures, and the public key behind each address.
//! [`join`] puts the two together again to the same bytes.
//!
//! ```
//! # use quorate::wire::{Era, Payload, step};
//! # let bytes = [vec![0x7B, 0, 0, 0], vec![0; 96], vec![3, 0x90, 0x55, 0x41], vec![0; 16], vec![1, 1, 0]].concat();
//! let payload = Payload::decode(&bytes, Era::A)?;
//! let (step, wire) = step::split(&payload);
//! assert_eq!(step["transaction"]["min_approval_delta"], 1);
//! assert_eq!(step::join(&step, &wire)?.encode()?, bytes);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod joining;
mod splitting;

pub use joining::join;
pub use splitting::split;

/// What the layout implies and neither part repeats.
const IMPLIED: [&str; 6] = [
    "size",
    "payload_size",
    "entity_type",
    "transaction_type",
    "network_byte",
    "inner_transaction_size",
];

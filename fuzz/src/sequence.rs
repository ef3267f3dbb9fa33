//! Claim: whatever is asked of the ledger in whatever order, every invariant holds after every step.
//!
//! The bytes make a story ([`story`]); it is replayed as `quorate replay` does. A broken invariant is a
//! failure, and is printed as the scenario that shows it. Expectations in a seed do not count here.

use std::ops::ControlFlow;

use quorate::replay::{Options, Replay};
use quorate::scenario::record::StepRecord;

use crate::story::{document, story};

/// Tries the claim.
///
/// # Panics
/// If it does not hold.
pub fn run(bytes: &[u8]) {
    let Some((header, steps)) = story(bytes) else { return };
    let Ok(mut replay) = Replay::new(header.clone(), Options::default()) else { return };
    let unexpecting = StepRecord::default();
    for step in &steps {
        let flow = replay.step(step, &unexpecting);
        let flow = flow.unwrap_or_else(|misfit| panic!("{misfit}"));
        if flow == ControlFlow::Break(()) {
            break;
        }
    }
    let broken = replay.end().failures.into_iter().find(|failure| failure.invariant);
    if let Some(failure) = broken {
        panic!("step {}: {failure:?} in\n{}", failure.step, document(&header, &steps));
    }
}

//! Claim: whatever is asked of the ledger in whatever order, every invariant holds after every step and
//! the auditor gives the same answer.
//!
//! The bytes make a story ([`story`](crate::story)), drawn while it is taken. A failure is printed with
//! the scenario that shows it. Expectations in a seed do not count here.

use quorate::choice::{Bytes, Choices};
use quorate::generate::Sequence;
use quorate::scenario::Step;
use quorate::trial::{Failure, Trial};

use crate::story::{STEPS_MAX, document, story, world};

/// Tries the claim.
///
/// # Panics
/// If it does not hold.
pub fn run(bytes: &[u8]) {
    let failed = if bytes.starts_with(b"{") { told(bytes) } else { drawn(bytes) };
    if let Err(failure) = failed {
        let scenario = story(bytes).map(|(header, steps)| document(&header, &steps));
        panic!("{failure:?} in\n{}", scenario.unwrap_or_default());
    }
}

/// A scenario that stands in the bytes.
fn told(bytes: &[u8]) -> Result<(), Box<Failure>> {
    let Some((header, steps)) = story(bytes) else { return Ok(()) };
    let followed = header.protocol.clone();
    let trial = Trial::new(&header.protocol, followed, &header.genesis, true);
    let Ok(mut trial) = trial else { return Ok(()) };
    steps.iter().try_for_each(|step| trial.step(step).map(|_| ()))?;
    trial.end()
}

/// A story that the bytes draw.
fn drawn(bytes: &[u8]) -> Result<(), Box<Failure>> {
    let mut choices = Bytes::new(bytes);
    let Some(world) = world(&mut choices) else { return Ok(()) };
    let trial = Trial::new(&world.protocol, world.protocol.clone(), &world.genesis, true);
    let Ok(mut trial) = trial else { return Ok(()) };
    let mut sequence = Sequence::new(&world);
    let mut step = Step::default();
    for _ in 0..STEPS_MAX {
        if choices.is_spent() {
            break;
        }
        sequence.next(&mut choices, trial.ledger(), &mut step);
        let _verdict = trial.step(&step)?;
    }
    trial.end()
}

//! Claim: whatever bug a ledger has, the checks come to an end and nobody panics, also on a state that no
//! healthy ledger reaches: a loop, a link on one side, a threshold that nobody can meet.
//!
//! The first byte chooses a seeded fault, the rest make a story as for [`sequence`](crate::sequence). That
//! the checks object is no failure here; `quorate faults --matrix` tells which of them do.

use quorate::choice::{Bytes, Choices};
use quorate::fault::Fault;
use quorate::generate::{Sequence, World};
use quorate::protocol::Protocol;
use quorate::scenario::Step;
use quorate::trial::Trial;

use crate::story::STEPS_MAX;

/// Tries the claim.
pub fn run(bytes: &[u8]) {
    let mut choices = Bytes::new(bytes);
    let chosen = choices.below(Fault::all().count() as u32) as usize;
    let Some(fault) = Fault::all().nth(chosen) else { return };
    let preset = choices.one_of(fault.protocols).and_then(Protocol::preset);
    let Some(preset) = preset else { return };
    let world = World::draw(&mut choices, &preset);
    let followed = fault.seeded_in(&world.protocol);
    let trial = Trial::new(&world.protocol, followed, &world.genesis, true);
    // A start may be one that the faulty protocol does not allow.
    let Ok(mut trial) = trial else { return };
    let mut sequence = Sequence::new(&world);
    let mut step = Step::default();
    for _ in 0..STEPS_MAX {
        if choices.is_spent() {
            break;
        }
        sequence.next(&mut choices, trial.ledger(), &mut step);
        if trial.step(&step).is_err() {
            return;
        }
    }
    let _broken = trial.end();
}

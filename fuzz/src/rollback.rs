//! Claim: rolling back restores the exact state in which a block was opened, and the same steps taken
//! from there come to the exact state again.
//!
//! The bytes make a story ([`story`]); its own roll backs are left out. What stood when each block was
//! opened is kept; at the end every block within the horizon is gone back to.

use std::collections::BTreeMap;

use quorate::ledger::{Ledger, State};
use quorate::scenario::Act;

use crate::story::{act, document, story};

/// Tries the claim.
///
/// # Panics
/// If it does not hold.
pub fn run(bytes: &[u8]) {
    let Some((header, mut steps)) = story(bytes) else { return };
    steps.retain(|step| !matches!(step.act, Act::RollBack(_)));
    let Ok(mut ledger) = Ledger::from_genesis(header.protocol.clone(), &header.genesis) else {
        return;
    };
    let mut opened: BTreeMap<u64, (State, usize)> = BTreeMap::new();
    for (index, step) in steps.iter().enumerate() {
        let height = ledger.height();
        act(&mut ledger, step);
        if ledger.height() != height {
            opened.insert(ledger.height(), (ledger.state().clone(), index + 1));
        }
    }
    for (&height, (state, next)) in &opened {
        let mut back = ledger.clone();
        if !back.roll_back(ledger.height() - height).is_accepted() {
            continue;
        }
        let told = || format!("back to height {height} of\n{}", document(&header, &steps));
        assert!(back.height() == height && back.state() == state, "another state {}", told());
        steps.iter().skip(*next).for_each(|step| act(&mut back, step));
        assert_eq!(back.height(), ledger.height(), "another height after going {}", told());
        assert!(back.state() == ledger.state(), "another end after going {}", told());
    }
}

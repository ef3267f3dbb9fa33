//! Rolling back restores the exact earlier state.

use super::{Event, Finding, Scene, broken};
use crate::verdict::Verdict;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let (Event::RollBack(blocks), Verdict::Accepted) = (scene.event, scene.verdict) else {
        return Ok(());
    };
    let height = scene.ledger.height();
    if height != scene.before.height.saturating_sub(blocks) {
        let before = scene.before.height;
        return broken(format!("height {before} less {blocks} became {height}"), &[]);
    }
    let known = scene.before.digests.iter().find(|(opened, _)| *opened == height);
    let Some(&(_, expected)) = known else { return Ok(()) };
    // Everything is looked at after a roll-back: what is found for all accounts is that of the whole.
    let found = scene.before.digest_after(scene.ledger.state(), scene.touched);
    if found == expected {
        return Ok(());
    }
    let what = format!(
        "the state at the opening of block {height} was {expected:016x} and is {found:016x} after \
         rolling back to it"
    );
    broken(what, &[])
}

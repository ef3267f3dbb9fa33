//! A waiting transaction completes, fails or expires once and not after its deadline, and its deposit
//! is paid once.

use super::shadow::{deadline_blocks, deposit};
use super::{Event, Finding, Scene, broken};
use crate::ledger::Status;
use crate::transaction::PendingId;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    for &pending in scene.pending {
        let Some(waiting) = scene.ledger.waiting(pending) else { continue };
        let announced = matches!(scene.event, Event::Announce(id, _) if id == pending);
        let back = matches!(scene.event, Event::RollBack(_) | Event::Seal(_));
        if let Some(before) = scene.before.status(pending)
            && before != Status::Waiting
            && before != waiting.status
            && !announced
            && !back
        {
            return again(pending, before, waiting.status);
        }
        if waiting.status == Status::Waiting && waiting.end <= scene.ledger.height() {
            let what = format!(
                "pending {} should have ended at height {} and waits at {}",
                pending.0,
                waiting.end,
                scene.ledger.height()
            );
            return broken(what, &[waiting.transaction.signer]);
        }
    }
    in_time(scene)?;
    deposits(scene)
}

/// What was announced with a deadline ends with the first block after it, counted from where it was
/// put to the ledger: before a roll-back perhaps, at a greater height.
fn in_time(scene: &Scene<'_>) -> Finding {
    let Event::Announce(pending, transaction) = scene.event else { return Ok(()) };
    let Some(waiting) = scene.ledger.waiting(pending) else { return Ok(()) };
    let Some(blocks) = deadline_blocks(scene.protocol, transaction) else { return Ok(()) };
    let here = scene.ledger.height().saturating_add(blocks).saturating_add(1);
    let end = here.max(scene.before.latest_end(pending));
    if waiting.status != Status::Waiting || waiting.end <= end {
        return Ok(());
    }
    let what = format!(
        "pending {} may wait to height {}, its deadline ends it at {end}",
        pending.0, waiting.end
    );
    broken(what, &[waiting.transaction.signer])
}

fn again(pending: PendingId, before: Status, after: Status) -> Finding {
    broken(format!("pending {} was {before:?} and became {after:?}", pending.0), &[])
}

/// With more entries than this named, all locks are added up anew.
const NAMED_MAX: usize = 256;

/// What the active hash locks hold. Where time stands still, only those that the step named can have changed.
fn held(scene: &Scene<'_>) -> u128 {
    let few = scene.pending.len() <= NAMED_MAX;
    if !few || scene.ledger.height() != scene.before.height {
        let active = scene.ledger.all_locks().filter(|(_, lock)| lock.active);
        return active.map(|(_, lock)| u128::from(lock.amount)).sum();
    }
    let mut held = u128::from(scene.before.locked);
    for (at, &pending) in scene.pending.iter().enumerate() {
        if !scene.pending.iter().take(at).any(|&earlier| earlier == pending) {
            let (before, now) = (scene.before.deposit(pending), deposit(scene.ledger, pending));
            held = (held + u128::from(now)).saturating_sub(u128::from(before));
        }
    }
    held
}

/// What hash locks hold is what the active ones hold.
fn deposits(scene: &Scene<'_>) -> Finding {
    let locked = scene.ledger.state().locked().0;
    if scene.pending.is_empty() && locked == scene.before.locked {
        return Ok(());
    }
    let held = held(scene);
    if held == u128::from(locked) {
        return Ok(());
    }
    broken(format!("active hash locks hold {held}, the ledger keeps {locked} for them"), &[])
}

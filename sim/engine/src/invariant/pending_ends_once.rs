//! A waiting transaction completes, fails or expires once and not after its deadline, and its deposit
//! is paid once.

use super::shadow::deadline_blocks;
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

/// Most hash locks that are added up after every step; of more only where a block ends or is taken back, so
/// that many do not take time by their square.
const LOCKS_EACH_STEP_MAX: usize = 1_000;

/// What hash locks hold is what the active ones hold.
fn deposits(scene: &Scene<'_>) -> Finding {
    let locked = scene.ledger.state().locked().0;
    let at_end = matches!(scene.event, Event::Seal(_) | Event::RollBack(_) | Event::Submit([]));
    let many = scene.ledger.lock_ids() > LOCKS_EACH_STEP_MAX && !at_end;
    if many || scene.pending.is_empty() && locked == scene.before.locked {
        return Ok(());
    }
    let active = scene.ledger.all_locks().filter(|(_, lock)| lock.active);
    let held: u128 = active.map(|(_, lock)| u128::from(lock.amount)).sum();
    if held == u128::from(locked) {
        return Ok(());
    }
    broken(format!("active hash locks hold {held}, the ledger keeps {locked} for them"), &[])
}

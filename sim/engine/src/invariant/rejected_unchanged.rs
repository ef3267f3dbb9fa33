//! What is not executed changes neither links, thresholds nor balances.

use super::{Event, Finding, Scene, broken};
use crate::mosaic::MosaicId;
use crate::verdict::Verdict;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let dropped_block = matches!(scene.event, Event::Seal(_) | Event::RollBack(_));
    if scene.verdict == Verdict::Accepted || dropped_block {
        return Ok(());
    }
    if scene.changed.is_empty() && scene.moved.is_empty() {
        return Ok(());
    }
    let state = scene.ledger.state();
    for &account in scene.touched {
        let before = scene.before.entry(account);
        if !before.links_equal(state.links(), account) {
            return broken("links or thresholds of {} changed without a transaction", &[account]);
        }
        let after = state.balance(account, MosaicId::CURRENCY).0;
        if before.currency != after {
            let what = format!("{{}} held {} and holds {after}, yet nothing ran", before.currency);
            return broken(what, &[account]);
        }
    }
    Ok(())
}

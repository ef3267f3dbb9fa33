//! Thresholds lie between 1 (NIS1: 0) and the number of cosignatories; a plain account has none.

use super::{Finding, Scene, broken};
use crate::ledger::View;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let links = scene.ledger.state().links();
    let base = scene.protocol.base;
    let (zero, two) = (base.has_zero_for_all(), base.has_removal_threshold());
    for &account in scene.changed {
        let count = links.cosignatories_of(account).len() as u32;
        let minima = links.minima(account);
        let least = u32::from(!zero && count > 0);
        let removal = if two { least..=count } else { 0..=0 };
        if !(least..=count).contains(&minima.approval) || !removal.contains(&minima.removal) {
            let what = format!(
                "{{}} has thresholds {}/{} with {count} cosignatories",
                minima.approval, minima.removal
            );
            return broken(what, &[account]);
        }
    }
    Ok(())
}

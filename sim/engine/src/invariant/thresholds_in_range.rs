//! Thresholds lie between 1 (NIS1: 0) and the number of cosignatories; a plain account has none.

use super::{Finding, Scene, broken};
use crate::ledger::View;
use crate::protocol::Base;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let links = scene.ledger.state().links();
    let nis1 = scene.protocol.base == Base::Nis1;
    for &account in scene.changed {
        let count = links.cosignatories_of(account).len() as u32;
        let minima = links.minima(account);
        let least = u32::from(!nis1 && count > 0);
        let removal = if nis1 { 0..=0 } else { least..=count };
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

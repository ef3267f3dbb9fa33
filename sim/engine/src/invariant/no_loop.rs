//! No account is above itself.

use std::collections::BTreeSet;

use super::{Finding, Scene, broken};
use crate::account::AccountId;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let links = scene.ledger.state().links();
    for &account in scene.changed {
        if links.cosignatories_of(account).is_empty() || links.multisigs_of(account).is_empty() {
            continue;
        }
        let plain = |&below: &AccountId| links.cosignatories_of(below).is_empty();
        if links.cosignatories_of(account).iter().all(plain) {
            continue;
        }
        let mut below = BTreeSet::new();
        let mut open = links.cosignatories_of(account).to_vec();
        while let Some(next) = open.pop() {
            if next == account {
                return broken("{} is above itself", &[account]);
            }
            if below.insert(next) {
                open.extend_from_slice(links.cosignatories_of(next));
            }
        }
    }
    Ok(())
}

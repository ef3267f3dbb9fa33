//! No account is above itself.

use super::levels::beyond;
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
        let next = |account| links.cosignatories_of(account);
        let mut level = beyond(&[account], next);
        // A loop further down has no last level: no chain is longer than there are accounts.
        for _ in 0..links.len() {
            if level.is_empty() {
                break;
            }
            if level.contains(&account) {
                return broken("{} is above itself", &[account]);
            }
            level = beyond(&level, next);
        }
    }
    Ok(())
}

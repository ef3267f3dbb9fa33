//! No chain of cosignatories is longer than the depth limit.

use super::levels::beyond;
use super::{Finding, Scene, broken};
use crate::account::AccountId;

/// Levels one can go from an account, at most `most`.
fn levels<'l>(
    account: AccountId,
    most: usize,
    next: impl Fn(AccountId) -> &'l [AccountId],
) -> usize {
    // The first level is looked at where it lies: most trees have no other.
    let first = next(account);
    if first.is_empty() || most == 0 {
        return 0;
    }
    if first.iter().fold(true, |last, &account| last & next(account).is_empty()) {
        return 1;
    }
    let mut level = beyond(first, &next);
    for passed in 1..most {
        if level.is_empty() {
            return passed;
        }
        level = beyond(&level, &next);
    }
    most
}

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let limit = scene.protocol.limits.max_multisig_depth as usize;
    let links = scene.ledger.state().links();
    for &account in scene.changed {
        if links.cosignatories_of(account).is_empty() {
            continue;
        }
        let above = levels(account, limit + 1, |account| links.multisigs_of(account));
        let below = levels(account, limit + 1, |account| links.cosignatories_of(account));
        if above + below > limit {
            let what = format!("{{}} stands on {above} + {below} levels, limit {limit}");
            return broken(what, &[account]);
        }
    }
    Ok(())
}

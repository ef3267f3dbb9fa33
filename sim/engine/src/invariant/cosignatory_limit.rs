//! No account has more cosignatories than the limit.

use super::{Finding, Scene, broken};

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let limit = scene.protocol.limits.max_cosignatories_per_account as usize;
    for &account in scene.changed {
        let count = scene.ledger.state().links().cosignatories_of(account).len();
        if count > limit {
            return broken(format!("{{}} has {count} cosignatories, limit {limit}"), &[account]);
        }
    }
    Ok(())
}

//! No account cosigns for more accounts than the limit.

use super::{Finding, Scene, broken};

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let limit = scene.protocol.limits.max_cosigned_accounts_per_account as usize;
    for &account in scene.changed {
        let count = scene.ledger.state().links().multisigs_of(account).len();
        if count > limit {
            return broken(format!("{{}} cosigns for {count} accounts, limit {limit}"), &[account]);
        }
    }
    Ok(())
}

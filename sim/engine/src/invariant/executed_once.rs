//! A transaction is executed at most once on one chain.

use super::{Finding, Scene, broken};
use crate::transaction::PendingId;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    for (index, transaction) in scene.executed.iter().enumerate() {
        for id in ids(scene, index) {
            let before = scene.executed.iter().take(index).enumerate();
            let beside = before.flat_map(|(other, _)| ids(scene, other)).any(|other| other == id);
            if beside || scene.before.executed.iter().any(|&(other, _)| other == id) {
                let what = format!("transaction {} of {{}} was executed before", id.0);
                return broken(what, &[transaction.signer]);
            }
        }
    }
    Ok(())
}

/// What the transaction at this place of those that were executed is known by.
fn ids(scene: &Scene<'_>, index: usize) -> impl Iterator<Item = PendingId> {
    let transaction = scene.executed.get(index);
    let own = transaction.and_then(|one| scene.event.announced().or(one.id));
    own.into_iter().chain(transaction.and_then(|one| one.inner_id))
}

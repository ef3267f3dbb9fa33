//! No account becomes a cosignatory without consenting, where the protocol asks it.

use super::evaluator::Evaluator;
use super::{Finding, Scene, broken};
use crate::transaction::Action;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    if !scene.protocol.switches.opt_in {
        return Ok(());
    }
    let mut evaluator = Evaluator::new(scene.protocol, scene.before);
    for transaction in scene.executed {
        let last = transaction.parts.len().saturating_sub(1);
        for (index, part) in transaction.parts.iter().enumerate() {
            let changes = transaction.changes_in(part);
            let threshold = evaluator.threshold(changes);
            for change in changes.iter().filter(|change| change.action == Action::Add) {
                if !evaluator.approves(change.account, threshold, transaction) {
                    let what = "{} became a cosignatory of {} without consenting";
                    return broken(what, &[change.account, part.signer]);
                }
            }
            if index < last || scene.executed.len() > 1 {
                evaluator.execute(transaction, part);
            }
        }
    }
    Ok(())
}

//! Every executed transaction carries the signatures its account asks for.

use super::evaluator::Evaluator;
use super::{Finding, Scene, broken};
use crate::transaction::Envelope;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let mut evaluator = Evaluator::new(scene.protocol, scene.before);
    for transaction in scene.executed {
        let last = transaction.parts.len().saturating_sub(1);
        for (index, part) in transaction.parts.iter().enumerate() {
            let wraps = transaction.envelope == Envelope::Multisig;
            let approved = if wraps && !scene.protocol.base.has_aggregates() {
                evaluator.approves_wrapper(transaction, part)
            } else {
                let threshold = evaluator.threshold(transaction.changes_in(part));
                evaluator.approves(part.signer, threshold, transaction)
            };
            if !approved {
                let signers: Vec<_> = transaction.signatures().collect();
                let signed = vec!["{}"; signers.len()].join(", ");
                let what = format!(
                    "part {} was executed on behalf of {{}}, which did not approve: signed by {signed}",
                    index + 1
                );
                return broken(what, &[&[part.signer], signers.as_slice()].concat());
            }
            if index < last || scene.executed.len() > 1 {
                evaluator.execute(transaction, part);
            }
        }
    }
    Ok(())
}

//! No transaction is executed whose outermost signer is multisig.

use super::{Event, Finding, Scene, broken};
use crate::transaction::Transaction;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    // Inside a block of several an earlier one may have released or converted the signer.
    if let Event::Submit([_, _, ..]) = scene.event {
        return Ok(());
    }
    let multisig = |transaction: &&Transaction| {
        !scene.before.entry(transaction.signer).cosignatories().is_empty()
    };
    match scene.executed.iter().find(multisig) {
        Some(transaction) => broken("the multisig account {} initiated", &[transaction.signer]),
        None => Ok(()),
    }
}

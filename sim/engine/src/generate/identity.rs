//! Deadlines, and transactions that come a second time.

use super::Sequence;
use super::sequence::PENDING_MAX;
use crate::choice::Choices;
use crate::transaction::{Body, Envelope, PendingId, Transaction};

/// The transactions that have a number, as they were first drawn. The records are used again.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    drawn: Vec<Transaction>,
    /// A bit for each number: whether something was drawn under it.
    numbers: u64,
}

/// Every number is a bit.
const _: () = assert!(PENDING_MAX <= u64::BITS);

impl Known {
    /// What was drawn under this number.
    pub fn get(&self, number: PendingId) -> Option<&Transaction> {
        let drawn = self.numbers >> number.0 & 1 == 1;
        self.drawn.get(number.0 as usize).filter(|_| drawn)
    }

    /// Keeps what was drawn under a number.
    pub fn keep(&mut self, number: PendingId, transaction: &Transaction) {
        let index = number.0 as usize;
        if index >= self.drawn.len() {
            self.drawn.resize_with(index + 1, Transaction::default);
        }
        if let Some(place) = self.drawn.get_mut(index) {
            place.copy_from(transaction);
            self.numbers |= 1 << number.0;
        }
    }
}

impl Sequence {
    /// Gives a transaction a deadline, a number, or the number of an earlier one and so all that it
    /// holds.
    pub(super) fn number(&mut self, choices: &mut impl Choices, transaction: &mut Transaction) {
        self.date(choices, transaction);
        if !choices.chance(self.weights.again) || locks_alone(transaction) {
            return;
        }
        let number = PendingId(choices.below(self.pending.max(1)));
        if let Some(earlier) = self.known.get(number).filter(|_| choices.chance(160)) {
            transaction.copy_from(earlier);
            transaction.id = Some(number);
            if transaction.inner_id.is_some() && choices.chance(96) {
                // What is inside once more, in a wrapper of its own.
                transaction.id = None;
                transaction.signer = self.account(choices);
            }
            return;
        }
        let number = self.fresh_pending();
        if self.known.get(number).is_none() {
            self.name_inner(choices, transaction);
            self.known.keep(number, transaction);
            transaction.id = Some(number);
        }
    }

    /// Gives what a NIS1 wrapper holds a number of its own now and then.
    pub(super) fn name_inner(&mut self, choices: &mut impl Choices, transaction: &mut Transaction) {
        if transaction.envelope != Envelope::Multisig || !choices.chance(self.weights.again) {
            return;
        }
        let inner = self.fresh_pending();
        if self.known.get(inner).is_none() {
            transaction.inner_id = Some(inner);
        }
    }

    /// A deadline at, below or above a bound, or some blocks off.
    pub(super) fn date(&self, choices: &mut impl Choices, transaction: &mut Transaction) {
        if !choices.chance(self.weights.date) {
            return;
        }
        let limits = &self.protocol.limits;
        let lifetime = match transaction.envelope {
            Envelope::AggregateBonded | Envelope::Multisig => limits.bonded_lifetime_seconds,
            _ => limits.transaction_lifetime_seconds,
        };
        let bound = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
        let block_time = bound(limits.block_time_seconds);
        let about = match choices.below(8) {
            0 => 0,
            1 | 2 => bound(lifetime),
            _ => block_time.saturating_mul(i64::from(1 + choices.below(4))),
        };
        let beside = i64::from(choices.below(3)) - 1;
        transaction.deadline_seconds = Some(about.saturating_add(beside));
    }
}

/// Whether this is a hash lock without an envelope, whose number is that of its aggregate.
fn locks_alone(transaction: &Transaction) -> bool {
    let mut parts = transaction.parts.iter();
    transaction.envelope == Envelope::Bare
        && parts.any(|part| matches!(part.body, Body::HashLock(_)))
}

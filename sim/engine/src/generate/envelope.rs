//! Shapes that a server drops unread, or refuses as a whole.

use super::Sequence;
use crate::account::AccountId;
use crate::choice::Choices;
use crate::ledger::Links;
use crate::transaction::{Body, Envelope, Transaction};

impl Sequence {
    /// A transaction in the wrong envelope, empty, too full, or nested.
    pub(super) fn absurd(
        &mut self,
        choices: &mut impl Choices,
        links: &Links,
        transaction: &mut Transaction,
    ) {
        self.modify(choices, links, transaction);
        let aggregates = self.protocol.base.has_aggregates();
        match choices.below(4) {
            0 if aggregates => transaction.envelope = Envelope::Multisig,
            0 => transaction.envelope = Envelope::AggregateComplete,
            1 if aggregates => self.fill(transaction),
            2 if aggregates => transaction.parts.clear(),
            2 => transaction.parts.truncate(1),
            3 => self.alone(transaction),
            _ => {
                transaction.reset(self.protocol.base.signed_envelope(), AccountId(0));
                transaction.push(AccountId(0), Body::Nested);
            }
        }
    }

    /// Repeats the first part until the aggregate is one transaction too full.
    fn fill(&self, transaction: &mut Transaction) {
        let full = self.protocol.limits.max_transactions_per_aggregate as usize;
        let (Some(&part), 0..=8) = (transaction.parts.first(), full) else { return };
        let account = part.signer;
        transaction.parts.truncate(1);
        while transaction.parts.len() <= full {
            transaction.push_transfer(account, account, crate::unit::Amount::ZERO);
        }
    }

    /// Takes the modification out of its envelope.
    fn alone(&self, transaction: &mut Transaction) {
        let Some(part) = transaction.parts.first().copied() else { return };
        transaction.parts.truncate(1);
        transaction.envelope = Envelope::Bare;
        transaction.signer = part.signer;
        transaction.cosignatures.clear();
    }
}

//! How a NIS1 transaction goes through: validators in the server's order, fees, blocks.
//!
//! Source: NIS1 0.6.102, `TransactionValidatorFactory`, `AggregateSingleTransactionValidatorBuilder`,
//! `BlockChainValidator`.

use super::identity::Arrival;
use super::links::View;
use super::pending::{Status, Waiting};
use super::rules::{Facts, nis1};
use super::{Ledger, fee};
use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::protocol::conduct::{FeePayer, Initiation};
use crate::transaction::{
    Action, Body, CosignatoryModification, EmbeddedTransaction, Envelope, Modification, PendingId,
    Transaction,
};
use crate::unit::Amount;
use crate::verdict::{Reason, Refusal, Verdict};

impl Ledger {
    /// Judges and executes a transaction with its identity and its deadline.
    pub(super) fn nis1_submitted(
        &mut self,
        transaction: &Transaction,
        id: Option<PendingId>,
        arrival: Arrival,
    ) -> Result<(), Reason> {
        self.nis1_unique([id, transaction.inner_id], arrival)?;
        let deadline = self.deadline(id, transaction);
        self.timely(deadline, transaction)?;
        self.nis1(transaction, true)
    }

    /// Judges and executes; on a failure the caller takes back what was written.
    pub(super) fn nis1(
        &mut self,
        transaction: &Transaction,
        signatures_present: bool,
    ) -> Result<(), Reason> {
        let Some(part) = transaction.parts.first() else { return Ok(()) };
        let wrapped = transaction.envelope == Envelope::Multisig;
        let signatures = if wrapped { self.attached(transaction) } else { 0 };
        self.nis1_pay(transaction, part, wrapped, signatures)?;
        let links = &self.books.state.links;
        if links.is_multisig(transaction.signer) && !self.may_act(transaction, part) {
            return Err(Reason::TransactionNotAllowedForMultisig);
        }
        if wrapped {
            if !links.is_cosignatory(part.signer, transaction.signer) {
                return Err(Reason::MultisigNotACosigner);
            }
            self.nis1_mosaics(transaction, part)?;
            let links = &self.books.state.links;
            if signatures_present {
                self.nis1_signatures(transaction, part)?;
            } else if let Some(&signer) =
                transaction.cosignatures.iter().find(|&&signer| links.is_multisig(signer))
            {
                let facts = Facts::default().of(signer);
                return self.desk.refuse(Reason::TransactionNotAllowedForMultisig, facts);
            }
        }
        self.nis1_part(transaction, part)
    }

    /// `MosaicBalance`: the moves of other mosaics. It is the last of a list but for the signatures,
    /// and the wrapper's list, which stands first, sees the moves of the inner transaction.
    fn nis1_mosaics(
        &mut self,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
    ) -> Result<(), Reason> {
        let Body::Transfer(transfer) = &part.body else { return Ok(()) };
        let others = |mosaic| mosaic != MosaicId::CURRENCY;
        self.books.transfer(part.signer, transaction, transfer, others)
    }

    /// Whether a multisig account may do this on its own; never in a healthy ledger.
    fn may_act(&self, transaction: &Transaction, part: &EmbeddedTransaction) -> bool {
        let deletes = |change: &CosignatoryModification| change.action == Action::Remove;
        match self.protocol.conduct.initiation {
            Initiation::Never => false,
            Initiation::Always => true,
            Initiation::ModificationWithoutDeletion => {
                matches!(part.body, Body::Modification(_))
                    && !transaction.changes_in(part).iter().any(deletes)
            }
        }
    }

    /// Number of attached signatures: a repeat and the initiator's own are dropped in silence.
    fn attached(&mut self, transaction: &Transaction) -> u32 {
        use super::links::Marks;
        self.desk.signed.clear();
        self.desk.signed.mark(transaction.signer);
        let fresh = |&&account: &&AccountId| self.desk.signed.mark(account);
        transaction.cosignatures.iter().filter(fresh).count() as u32
    }

    /// The balance validator: all moves of the transaction in the order of execution. Fees and
    /// amounts all come from the multisig account; cosignatories need no balance.
    fn nis1_pay(
        &mut self,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
        wrapped: bool,
        signatures: u32,
    ) -> Result<(), Reason> {
        let conduct = &self.protocol.conduct;
        let fee_inner = fee::of(conduct, &self.books.state, transaction, part);
        let fee_signature = if conduct.signature_own_fee { fee::WRAPPER } else { fee_inner };
        let payer = match conduct.fee_payer {
            FeePayer::Multisig => part.signer,
            FeePayer::Initiator => transaction.signer,
        };
        if signatures > 0 {
            self.books.pay_fee(payer, Amount(fee_signature * u64::from(signatures)))?;
        }
        if let Body::Transfer(transfer) = &part.body {
            let currency = |mosaic| mosaic == MosaicId::CURRENCY;
            self.books.transfer(part.signer, transaction, transfer, currency)?;
        }
        self.books.pay_fee(part.signer, Amount(fee_inner))?;
        match wrapped {
            true => self.books.pay_fee(payer, Amount(fee::WRAPPER)),
            false => Ok(()),
        }
    }

    fn nis1_signatures(
        &mut self,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
    ) -> Result<(), Reason> {
        let result = self.nis1_signatures_present(transaction, part);
        if !self.protocol.conduct.judging_changes_nothing && result.is_ok() {
            let removed = |change: &&CosignatoryModification| change.action == Action::Remove;
            for change in transaction.changes_in(part).iter().filter(removed) {
                self.books.state.links.unlink(part.signer, change.account);
            }
        }
        result
    }

    fn nis1_signatures_present(
        &mut self,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
    ) -> Result<(), Reason> {
        nis1::signatures_present(
            &self.protocol,
            &self.books.state.links,
            &mut self.desk,
            part.signer,
            transaction.signatures(),
            transaction.changes_in(part),
        )
    }

    pub(super) fn nis1_part(
        &mut self,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
    ) -> Result<(), Reason> {
        match &part.body {
            Body::Transfer(transfer) => {
                let limit = self.protocol.limits.max_message_bytes as usize;
                match transfer.message.len() > limit {
                    true => {
                        let facts = Facts::numbers(transfer.message.len() as i64, limit as i64);
                        self.desk.refuse(Reason::MessageTooLarge, facts.of(part.signer))
                    }
                    false if transaction.envelope == Envelope::Bare => {
                        self.nis1_mosaics(transaction, part)
                    }
                    false => Ok(()),
                }
            }
            Body::Modification(body) => self.nis1_modification(transaction, part.signer, body),
            Body::MosaicDefinition(body) => self.books.define(part.signer, body),
            Body::MosaicSupplyChange(body) => self.books.change_supply(part.signer, body),
            Body::HashLock(_) | Body::Nested => Ok(()),
        }
    }

    fn nis1_modification(
        &mut self,
        transaction: &Transaction,
        multisig: AccountId,
        body: &Modification,
    ) -> Result<(), Reason> {
        let mut sorted = std::mem::take(&mut self.sorted);
        nis1::sort(transaction.changes_of(body), &mut sorted);
        let links = &self.books.state.links;
        let desk = &mut self.desk;
        let result = nis1::modification(&self.protocol, links, desk, multisig, body, &sorted);
        if let Ok(minimum) = result {
            let minima = super::Minima { approval: minimum, removal: 0 };
            self.books.modify(multisig, &sorted, Some(minima));
        }
        self.sorted = sorted;
        result.map(|_| ())
    }

    /// Keeps what the block validators ask at the end of the block, once a transaction is executed.
    pub(super) fn count_in_block(&mut self, transaction: &Transaction) {
        let wrapped = transaction.envelope == Envelope::Multisig;
        let count = match wrapped && self.protocol.conduct.block_counts_inner {
            true => 2 + self.attached(transaction),
            false => 1,
        };
        let modified = match transaction.parts.first() {
            Some(part) if matches!(part.body, Body::Modification(_)) => Some(part.signer),
            _ => None,
        };
        self.books.count_in_block(count, transaction.signer, modified);
    }

    /// The block validators, in the server's order.
    pub(super) fn nis1_block(
        &mut self,
        harvester: Option<AccountId>,
        repeats: bool,
    ) -> Result<(), Reason> {
        let block = &self.books.block;
        let most = self.protocol.limits.max_transactions_per_block;
        if block.transactions > most {
            let facts = Facts::numbers(block.transactions.into(), most.into());
            return self.desk.refuse(Reason::TooManyTransactions, facts);
        }
        let conduct = &self.protocol.conduct;
        let signed = |account: &AccountId| block.has_signed(*account);
        if let Some(harvester) = harvester.filter(signed)
            && conduct.self_signed_refused
        {
            let facts = Facts::default().of(harvester);
            return self.desk.refuse(Reason::SelfSignedTransaction, facts);
        }
        if repeats {
            return Err(Reason::Neutral);
        }
        if block.conflicting && conduct.conflict_refused {
            return Err(Reason::ConflictingMultisigModification);
        }
        Ok(())
    }

    /// Takes a wrapper into the unconfirmed ones: everything is judged but the signatures.
    pub(super) fn announce_multisig(
        &mut self,
        pending: PendingId,
        transaction: &Transaction,
    ) -> Verdict {
        let ids = [Some(pending), transaction.inner_id];
        if let Err(reason) = self.nis1_unique(ids, Arrival::Announced) {
            return Verdict::Rejected(reason);
        }
        let deadline = self.deadline(Some(pending), transaction);
        let mark = self.books.journal.end();
        let timely = self.timely(deadline, transaction);
        let admitted = timely.and_then(|()| self.nis1(transaction, false));
        self.books.undo_to(mark);
        if let Err(reason) = admitted {
            return Verdict::Rejected(reason);
        }
        let end = self.waits_until(deadline, transaction);
        let status = Status::Waiting;
        let waiting = Waiting { transaction: transaction.clone(), status, end, judged_by: None };
        self.books.set_waiting(pending, Some(waiting));
        self.complete_multisig(pending)
    }

    /// A signature transaction for a wrapper that does not wait: a known one again, or one without a
    /// match.
    pub(super) fn unmatched(&self, pending: PendingId, signer: AccountId) -> Reason {
        let known = |waiting: &Waiting| {
            waiting.status == Status::Complete && waiting.transaction.cosignatures.contains(&signer)
        };
        if self.books.pending.waiting(pending).is_some_and(known) {
            Reason::Neutral
        } else if self.books.state.links.is_multisig(signer) {
            Reason::TransactionNotAllowedForMultisig
        } else {
            Reason::MultisigNoMatchingMultisig
        }
    }

    /// A signature transaction for a waiting wrapper.
    pub(super) fn cosign_multisig(&mut self, pending: PendingId, signer: AccountId) -> Verdict {
        let Some(mut waiting) = self.books.pending.waiting(pending).cloned() else {
            return Verdict::Refused(Refusal::NotPending);
        };
        let transaction = &mut waiting.transaction;
        if transaction.cosignatures.contains(&signer) {
            return Verdict::Rejected(Reason::Neutral);
        }
        let multisig = transaction.parts.first().map_or(signer, |part| part.signer);
        let (links, currency) = (&self.books.state.links, MosaicId::CURRENCY);
        let held = self.books.state.balance(multisig, currency);
        if held < Amount(fee::WRAPPER) {
            self.books.facts = Facts::amounts(held.0, fee::WRAPPER).of(multisig);
            return Verdict::Rejected(Reason::InsufficientBalance);
        }
        if links.is_multisig(signer) {
            return Verdict::Rejected(Reason::TransactionNotAllowedForMultisig);
        }
        let initiator = signer == transaction.signer;
        let confirmed =
            |ledger: &mut Self| ledger.books.state.links.is_cosignatory(multisig, signer);
        let any = !self.protocol.conduct.signature_must_match;
        if initiator || !(any || self.by_confirmed(confirmed)) {
            return Verdict::Rejected(Reason::MultisigNoMatchingMultisig);
        }
        transaction.cosignatures.push(signer);
        self.books.set_waiting(pending, Some(waiting));
        self.complete_multisig(pending)
    }

    /// Executes a waiting wrapper if its signatures suffice in the present state. One that carries
    /// the signature of somebody who is no cosignatory any more can never be executed.
    fn complete_multisig(&mut self, pending: PendingId) -> Verdict {
        let Some(waiting) = self.books.pending.waiting(pending).cloned() else {
            return Verdict::Refused(Refusal::NotPending);
        };
        let transaction = &waiting.transaction;
        let Some(part) = transaction.parts.first() else { return Verdict::Pending };
        let links = &self.books.state.links;
        let current = |signer| links.is_cosignatory(part.signer, signer);
        let spoiled = !transaction.signatures().all(current);
        let refused = self.protocol.conduct.stranger_refused;
        if !(spoiled && refused) && self.nis1_signatures_present(transaction, part).is_err() {
            return Verdict::Pending;
        }
        let mark = self.books.journal.end();
        // Another wrapper may have brought in meanwhile what is inside this one.
        let executed = |id| self.books.state.executed_at(id).is_some();
        let mut ids = [Some(pending), waiting.transaction.inner_id].into_iter().flatten();
        let result = match ids.any(executed) {
            true => Err(Reason::Neutral),
            false => self.nis1(&waiting.transaction, true),
        };
        match result {
            Ok(()) => {
                self.count_in_block(&waiting.transaction);
                self.remember(Some(pending), waiting.transaction.inner_id);
            }
            Err(_) => {
                if !self.holds_failures {
                    self.books.undo_to(mark);
                }
                self.end_waiting(pending, Status::Failed);
            }
        }
        result.into()
    }
}

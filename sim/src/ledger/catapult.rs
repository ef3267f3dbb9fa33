//! How a Catapult transaction goes through: stateless checks of the whole, then part by part.
//!
//! Source: `NotificationPublisher.cpp`, `AggregateTransactionPlugin.cpp`, `MultisigPlugin.cpp`; the
//! order is the one in which the servers publish notifications and run their validators.

use std::sync::Arc;

use super::Ledger;
use super::links::{Links, Marks, View};
use super::pending::{Lock, Status, Waiting};
use super::rules::{modification, signature};
use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::protocol::conduct::{DepositRecipient, EligibilityTime, Initiation};
use crate::transaction::{Body, Envelope, HashLock, Part, PendingId, Transaction};
use crate::unit::Amount;
use crate::verdict::{Reason, Refusal, Verdict};

impl Ledger {
    /// Judges and executes; on a failure the caller takes back what was written.
    pub(super) fn catapult(&mut self, transaction: &Transaction) -> Result<(), Reason> {
        if transaction.envelope != Envelope::Bare {
            return self.aggregate(transaction, None);
        }
        let Some(part) = transaction.parts.first() else { return Ok(()) };
        self.part_stateless(transaction, part)?;
        self.may_initiate(transaction)?;
        self.part(transaction, part)
    }

    /// An aggregate under the full rules. A bonded one names its hash lock, which it uses up.
    fn aggregate(
        &mut self,
        transaction: &Transaction,
        pending: Option<PendingId>,
    ) -> Result<(), Reason> {
        self.aggregate_stateless(transaction)?;
        self.may_initiate(transaction)?;
        if transaction.envelope == Envelope::AggregateBonded {
            self.use_lock(pending, transaction.signer)?;
        }
        let time = self.protocol.conduct.eligibility_time;
        if let (EligibilityTime::AfterMissing, Some(part)) = (time, transaction.parts.first()) {
            self.sufficient(transaction, part)?;
        }
        if time != EligibilityTime::AfterExecution {
            self.eligible(transaction)?;
        }
        for part in &transaction.parts {
            self.sufficient(transaction, part)?;
            self.part(transaction, part)?;
        }
        match time {
            EligibilityTime::AfterExecution => self.eligible(transaction),
            _ => Ok(()),
        }
    }

    fn eligible(&mut self, transaction: &Transaction) -> Result<(), Reason> {
        let links = &self.books.state.links;
        signature::eligible(&self.protocol.switches, links, &mut self.desk, transaction)
    }

    fn aggregate_stateless(&mut self, transaction: &Transaction) -> Result<(), Reason> {
        signature::basic(&self.protocol, &mut self.desk, transaction)?;
        if self.protocol.switches.strict_cosignature_check {
            signature::strict(&mut self.desk, transaction)?;
        }
        transaction.parts.iter().try_for_each(|part| self.part_stateless(transaction, part))
    }

    fn part_stateless(&mut self, transaction: &Transaction, part: &Part) -> Result<(), Reason> {
        let limits = &self.protocol.limits;
        match &part.body {
            Body::Modification(body) => {
                let changes = transaction.changes_of(body);
                modification::stateless(&self.protocol, &mut self.desk, changes)
            }
            Body::Transfer(body) if body.message.len() > limits.max_message_bytes as usize => {
                Err(Reason::MessageTooLarge)
            }
            Body::HashLock(body) => {
                let longest = limits.hash_lock_duration_blocks_max;
                if !(1..=longest).contains(&body.duration_blocks) {
                    Err(Reason::LockHashInvalidDuration)
                } else if body.amount.0 != limits.hash_lock_amount {
                    Err(Reason::LockHashInvalidMosaicAmount)
                } else {
                    Ok(())
                }
            }
            _ => Ok(()),
        }
    }

    /// `MultisigPermittedOperation`: a multisig account signs nothing at the top.
    fn may_initiate(&self, transaction: &Transaction) -> Result<(), Reason> {
        let allowed = !self.books.state.links.is_multisig(transaction.signer)
            || self.protocol.conduct.initiation == Initiation::Always;
        match allowed {
            true => Ok(()),
            false => Err(Reason::MultisigOperationProhibitedByAccount),
        }
    }

    fn sufficient(&mut self, transaction: &Transaction, part: &Part) -> Result<(), Reason> {
        let changes = match &part.body {
            Body::Modification(body) => transaction.changes_of(body),
            _ => &[],
        };
        let switches = &self.protocol.switches;
        let links = &self.books.state.links;
        signature::sufficient(switches, links, &mut self.desk, part.signer, changes)
    }

    fn part(&mut self, transaction: &Transaction, part: &Part) -> Result<(), Reason> {
        let signer = part.signer;
        match &part.body {
            Body::Transfer(body) => self.books.transfer(signer, transaction, body, |_| true),
            Body::Modification(body) => {
                let changes = transaction.changes_of(body);
                let links = &self.books.state.links;
                let desk = &mut self.desk;
                let minima =
                    modification::stateful(&self.protocol, links, desk, signer, body, changes)?;
                self.books.modify(signer, changes, minima);
                Ok(())
            }
            Body::HashLock(body) => self.hash_lock(signer, body),
            Body::MosaicDefinition(body) => self.books.define(signer, body),
            Body::MosaicSupplyChange(body) => self.books.change_supply(signer, body),
            Body::Nested => Ok(()),
        }
    }

    fn hash_lock(&mut self, owner: AccountId, body: &HashLock) -> Result<(), Reason> {
        self.books.debit(owner, MosaicId::CURRENCY, body.amount)?;
        let active = |lock: &Lock| lock.active && self.height < lock.end;
        if self.books.pending.lock(body.pending).is_some_and(active) {
            return Err(Reason::LockHashHashAlreadyExists);
        }
        self.settle_expired(body.pending);
        self.books.set_locked(self.books.state.locked + body.amount.0);
        let end = self.height.saturating_add(body.duration_blocks);
        let lock = Lock { owner, amount: body.amount.0, end, active: true };
        self.books.set_lock(body.pending, Some(lock));
        Ok(())
    }

    /// The deposit of an earlier lock of the same hash that ended with the open block is nobody's but
    /// the harvester's, before the new lock takes its place.
    fn settle_expired(&mut self, pending: PendingId) {
        if let Some(&lock) = self.books.pending.lock(pending)
            && lock.active
        {
            self.books.set_lock(pending, Some(Lock { active: false, ..lock }));
            self.books.set_locked(self.books.state.locked - lock.amount);
            self.books.set_uncollected(self.books.state.uncollected + lock.amount);
        }
    }

    /// `AggregateHashPresent`: the lock that holds for a bonded aggregate.
    fn lock_of(&self, pending: Option<PendingId>) -> Result<(PendingId, Lock), Reason> {
        let pending = pending.ok_or(Reason::LockHashUnknownHash)?;
        let &lock = self.books.pending.lock(pending).ok_or(Reason::LockHashUnknownHash)?;
        if lock.active && self.height < lock.end {
            Ok((pending, lock))
        } else {
            Err(Reason::LockHashInactiveHash)
        }
    }

    /// Uses the lock up: its deposit goes back to its owner.
    fn use_lock(&mut self, pending: Option<PendingId>, signer: AccountId) -> Result<(), Reason> {
        let (pending, lock) = self.lock_of(pending)?;
        self.books.set_lock(pending, Some(Lock { active: false, ..lock }));
        self.books.set_locked(self.books.state.locked - lock.amount);
        let recipient = match self.protocol.conduct.deposit_recipient {
            DepositRecipient::AggregateSigner => signer,
            DepositRecipient::Rightful | DepositRecipient::OwnerAlways => lock.owner,
        };
        for _ in 0..self.protocol.conduct.deposit_payments {
            self.books.credit(recipient, MosaicId::CURRENCY, Amount(lock.amount));
        }
        Ok(())
    }

    /// Admits a bonded aggregate to the waiting ones, or executes it where nothing is missing. What
    /// its parts would do is not judged before it is complete.
    pub(super) fn announce_bonded(
        &mut self,
        pending: PendingId,
        transaction: &Transaction,
    ) -> Verdict {
        let admitted = self.admit(pending, transaction);
        let end = match admitted {
            Ok(end) => end,
            Err(reason) => return Verdict::Rejected(reason),
        };
        let by_present = self.protocol.conduct.pending_by_present;
        let judged_by = (!by_present).then(|| Arc::new(self.books.state.links.clone()));
        let (transaction, status) = (transaction.clone(), Status::Waiting);
        self.books.set_waiting(pending, Some(Waiting { transaction, status, end, judged_by }));
        self.complete_bonded(pending)
    }

    /// The height at which an admitted aggregate stops waiting. Signatures may be missing.
    fn admit(&mut self, pending: PendingId, transaction: &Transaction) -> Result<u64, Reason> {
        self.collectable(transaction)?;
        let mut parts = transaction.parts.iter();
        parts.try_for_each(|part| self.part_stateless(transaction, part))?;
        self.may_initiate(transaction)?;
        let (_, lock) = self.lock_of(Some(pending))?;
        self.eligible(transaction)?;
        Ok(lock.end.min(self.height.saturating_add(self.lifetime_blocks())))
    }

    /// The aggregate's own checks while signatures are collected: whether any is missing by the strict
    /// check is told, not refused.
    fn collectable(&mut self, transaction: &Transaction) -> Result<bool, Reason> {
        signature::basic(&self.protocol, &mut self.desk, transaction)?;
        if !self.protocol.switches.strict_cosignature_check {
            return Ok(true);
        }
        match signature::strict(&mut self.desk, transaction) {
            Err(Reason::AggregateMissingCosignatures) => Ok(false),
            result => result.map(|()| true),
        }
    }

    /// Adds a cosignature to a waiting aggregate and executes it where it is now complete.
    pub(super) fn cosign_bonded(&mut self, pending: PendingId, signer: AccountId) -> Verdict {
        let Some(mut waiting) = self.books.pending.waiting(pending).cloned() else {
            return Verdict::Refused(Refusal::NotPending);
        };
        let transaction = &mut waiting.transaction;
        if transaction.signatures().any(|account| account == signer) {
            return Verdict::Rejected(Reason::AggregateRedundantCosignatures);
        }
        transaction.cosignatures.push(signer);
        let judged = self.collectable(transaction).and_then(|_| self.eligible(transaction));
        match judged {
            Ok(()) => {}
            Err(reason @ Reason::AggregateIneligibleCosignatories) => {
                let allowed = |account| self.desk.eligible.marked(account);
                if !allowed(signer) || !allowed(transaction.signer) {
                    return Verdict::Rejected(reason);
                }
                // Cosignatures that a modification made stale are dropped; the new one stays.
                let keeps_all = !self.protocol.conduct.stale_dropped;
                transaction.cosignatures.retain(|&account| keeps_all || allowed(account));
            }
            Err(reason) => return Verdict::Rejected(reason),
        }
        self.books.set_waiting(pending, Some(waiting));
        self.complete_bonded(pending)
    }

    /// Whether a waiting aggregate carries all signatures, by the state it is judged by.
    fn is_complete(&mut self, waiting: &Waiting) -> bool {
        let present = waiting
            .judged_by
            .as_ref()
            .map(|links| std::mem::replace(&mut self.books.state.links, Links::clone(links)));
        let transaction = &waiting.transaction;
        let complete = self.collectable(transaction) == Ok(true)
            && transaction.parts.iter().all(|part| self.sufficient(transaction, part).is_ok());
        if let Some(present) = present {
            self.books.state.links = present;
        }
        complete
    }

    /// Executes a waiting aggregate if no signature is missing in the present state.
    fn complete_bonded(&mut self, pending: PendingId) -> Verdict {
        let Some(mut waiting) = self.books.pending.waiting(pending).cloned() else {
            return Verdict::Refused(Refusal::NotPending);
        };
        if !self.is_complete(&waiting) {
            return Verdict::Pending;
        }
        let mark = self.books.journal.end();
        let result = self.aggregate(&waiting.transaction, Some(pending));
        if result.is_err() {
            self.books.undo_to(mark);
        }
        waiting.status = if result.is_ok() { Status::Complete } else { Status::Failed };
        self.books.set_waiting(pending, Some(waiting));
        result.into()
    }
}

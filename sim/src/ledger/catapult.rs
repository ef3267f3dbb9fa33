//! How a Catapult transaction goes through: stateless checks of the whole, then part by part.
//!
//! Source: `NotificationPublisher.cpp`, `AggregateTransactionPlugin.cpp`, `MultisigPlugin.cpp`; the
//! order is the one in which the servers publish notifications and run their validators.

use super::Ledger;
use super::links::View;
use super::pending::{Lock, Status, Waiting};
use super::rules::{modification, signature};
use crate::account::AccountId;
use crate::mosaic::MosaicId;
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
        self.may_initiate(transaction.signer)?;
        self.part(transaction, part)
    }

    /// An aggregate under the full rules. A bonded one names its hash lock, which it uses up.
    fn aggregate(
        &mut self,
        transaction: &Transaction,
        pending: Option<PendingId>,
    ) -> Result<(), Reason> {
        self.aggregate_stateless(transaction)?;
        self.may_initiate(transaction.signer)?;
        if transaction.envelope == Envelope::AggregateBonded {
            self.use_lock(pending)?;
        }
        let links = &self.books.state.links;
        let switches = &self.protocol.switches;
        signature::eligible(switches, links, &mut self.desk, transaction)?;
        for part in &transaction.parts {
            self.sufficient(transaction, part)?;
            self.part(transaction, part)?;
        }
        Ok(())
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
            Body::HashLock(body) if body.amount.0 != limits.hash_lock_amount => {
                Err(Reason::LockHashInvalidMosaicAmount)
            }
            Body::HashLock(body) => match body.duration_blocks {
                1.. if body.duration_blocks <= limits.hash_lock_duration_blocks_max => Ok(()),
                _ => Err(Reason::LockHashInvalidDuration),
            },
            _ => Ok(()),
        }
    }

    /// `MultisigPermittedOperation`: a multisig account signs nothing at the top.
    fn may_initiate(&self, signer: AccountId) -> Result<(), Reason> {
        match self.books.state.links.is_multisig(signer) {
            true => Err(Reason::MultisigOperationProhibitedByAccount),
            false => Ok(()),
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
            Body::Transfer(body) => self.books.transfer(signer, transaction, body),
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
        let active = |lock: &Lock| lock.active && self.height < lock.end;
        if self.books.pending.lock(body.pending).is_some_and(active) {
            return Err(Reason::LockHashHashAlreadyExists);
        }
        self.books.debit(owner, MosaicId::CURRENCY, body.amount)?;
        self.books.set_locked(self.books.state.locked + body.amount.0);
        let end = self.height.saturating_add(body.duration_blocks);
        let lock = Lock { owner, amount: body.amount.0, end, active: true };
        self.books.set_lock(body.pending, Some(lock));
        Ok(())
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
    fn use_lock(&mut self, pending: Option<PendingId>) -> Result<(), Reason> {
        let (pending, lock) = self.lock_of(pending)?;
        self.books.set_lock(pending, Some(Lock { active: false, ..lock }));
        self.books.set_locked(self.books.state.locked - lock.amount);
        self.books.credit(lock.owner, MosaicId::CURRENCY, Amount(lock.amount));
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
        let status = Status::Waiting;
        let waiting = Waiting { transaction: transaction.clone(), status, end };
        self.books.set_waiting(pending, Some(waiting));
        self.complete_bonded(pending)
    }

    /// The height at which an admitted aggregate stops waiting.
    fn admit(&mut self, pending: PendingId, transaction: &Transaction) -> Result<u64, Reason> {
        self.aggregate_stateless(transaction)?;
        self.may_initiate(transaction.signer)?;
        let (_, lock) = self.lock_of(Some(pending))?;
        let links = &self.books.state.links;
        signature::eligible(&self.protocol.switches, links, &mut self.desk, transaction)?;
        Ok(lock.end.min(self.height.saturating_add(self.lifetime_blocks())))
    }

    /// Adds a cosignature to a waiting aggregate and executes it where it is now complete.
    pub(super) fn cosign_bonded(&mut self, pending: PendingId, signer: AccountId) -> Verdict {
        let Some(mut waiting) = self.books.pending.waiting(pending).cloned() else {
            return Verdict::Refused(Refusal::NotPending);
        };
        let transaction = &mut waiting.transaction;
        transaction.cosignatures.push(signer);
        if let Err(reason) = signature::basic(&self.protocol, &mut self.desk, transaction) {
            return Verdict::Rejected(reason);
        }
        let links = &self.books.state.links;
        let eligible =
            signature::eligible(&self.protocol.switches, links, &mut self.desk, transaction);
        if let Err(reason) = eligible {
            let allowed = |account| crate::ledger::Marks::marked(&self.desk.eligible, account);
            if !allowed(signer) || !allowed(transaction.signer) {
                return Verdict::Rejected(reason);
            }
            // Cosignatures that a modification made stale are dropped; the new one stays.
            transaction.cosignatures.retain(|&account| allowed(account));
        }
        self.books.set_waiting(pending, Some(waiting));
        self.complete_bonded(pending)
    }

    /// Executes a waiting aggregate if no signature is missing in the present state.
    fn complete_bonded(&mut self, pending: PendingId) -> Verdict {
        let Some(mut waiting) = self.books.pending.waiting(pending).cloned() else {
            return Verdict::Refused(Refusal::NotPending);
        };
        let transaction = &waiting.transaction;
        if signature::basic(&self.protocol, &mut self.desk, transaction).is_err()
            || transaction.parts.iter().any(|part| self.sufficient(transaction, part).is_err())
        {
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

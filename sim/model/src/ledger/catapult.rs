//! How a Catapult transaction goes through: stateless checks of the whole, then part by part.
//!
//! Source: `NotificationPublisher.cpp`, `AggregateTransactionPlugin.cpp`, `MultisigPlugin.cpp`; the
//! order is the one in which the servers publish notifications and run their validators.

use super::Ledger;
use super::identity::Deadline;
use super::links::View;
use super::pending::Lock;
use super::rules::{Facts, modification, signature};
use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::protocol::conduct::{DepositRecipient, EligibilityTime, Initiation};
use crate::transaction::{Body, EmbeddedTransaction, Envelope, HashLock, PendingId, Transaction};
use crate::unit::Amount;
use crate::verdict::Reason;

impl Ledger {
    /// Judges and executes; on a failure the caller takes back what was written.
    pub(super) fn catapult(
        &mut self,
        transaction: &Transaction,
        id: Option<PendingId>,
    ) -> Result<(), Reason> {
        let deadline = self.deadline(id, transaction);
        if transaction.envelope != Envelope::Bare {
            return self.aggregate(transaction, id, deadline);
        }
        let Some(part) = transaction.parts.first() else { return Ok(()) };
        self.part_stateless(transaction, part)?;
        self.unique(id)?;
        self.may_initiate(transaction)?;
        self.timely(deadline, transaction)?;
        self.part(transaction, part)
    }

    /// An aggregate under the full rules. A bonded one uses up the hash lock of its identity. Which
    /// of two validators of one notification runs first the servers leave open: here the duplicate,
    /// the signer, the lock, the deadline.
    pub(super) fn aggregate(
        &mut self,
        transaction: &Transaction,
        id: Option<PendingId>,
        deadline: Option<Deadline>,
    ) -> Result<(), Reason> {
        self.aggregate_stateless(transaction)?;
        self.unique(id)?;
        self.may_initiate(transaction)?;
        if transaction.envelope == Envelope::AggregateBonded {
            self.use_lock(id, transaction.signer)?;
        }
        self.timely(deadline, transaction)?;
        let time = self.protocol.conduct.eligibility_time;
        if let (EligibilityTime::AfterMissing, Some(part)) = (time, transaction.parts.first()) {
            self.sufficient(transaction, part)?;
        }
        if time != EligibilityTime::AfterExecution {
            self.eligible(transaction)?;
        }
        for (index, part) in transaction.parts.iter().enumerate() {
            let judged = self.sufficient(transaction, part);
            if let Err(reason) = judged.and_then(|()| self.part(transaction, part)) {
                self.note_part(index);
                return Err(reason);
            }
        }
        match time {
            EligibilityTime::AfterExecution => self.eligible(transaction),
            _ => Ok(()),
        }
    }

    pub(super) fn eligible(&mut self, transaction: &Transaction) -> Result<(), Reason> {
        let links = &self.books.state.links;
        signature::eligible(&self.protocol.switches, links, &mut self.desk, transaction)
    }

    fn aggregate_stateless(&mut self, transaction: &Transaction) -> Result<(), Reason> {
        signature::basic(&self.protocol, &mut self.desk, transaction)?;
        if self.protocol.switches.strict_cosignature_check {
            signature::strict(&mut self.desk, transaction)?;
        }
        self.parts_stateless(transaction)
    }

    /// Every part's own stateless rules, in order.
    pub(super) fn parts_stateless(&mut self, transaction: &Transaction) -> Result<(), Reason> {
        for (index, part) in transaction.parts.iter().enumerate() {
            if let Err(reason) = self.part_stateless(transaction, part) {
                self.note_part(index);
                return Err(reason);
            }
        }
        Ok(())
    }

    /// Keeps which part, or which transaction of a block, was refused.
    #[cold]
    pub(super) fn note_part(&mut self, index: usize) {
        let part = u32::try_from(index).ok();
        self.desk.facts.part = part;
        self.books.facts.part = part;
    }

    pub(super) fn part_stateless(
        &mut self,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
    ) -> Result<(), Reason> {
        let limits = &self.protocol.limits;
        match &part.body {
            Body::Modification(body) => {
                let changes = transaction.changes_of(body);
                modification::stateless(&self.protocol, &mut self.desk, changes)
            }
            Body::Transfer(body) if body.message.len() > limits.max_message_bytes as usize => {
                let facts =
                    Facts::numbers(body.message.len() as i64, limits.max_message_bytes.into());
                self.desk.refuse(Reason::MessageTooLarge, facts.of(part.signer))
            }
            Body::HashLock(body) => {
                let (longest, deposit) =
                    (limits.hash_lock_duration_blocks_max, limits.hash_lock_amount);
                let facts = |found: u64, limit: u64| Facts::amounts(found, limit).of(part.signer);
                if !(1..=longest).contains(&body.duration_blocks) {
                    let facts = facts(body.duration_blocks, longest);
                    self.desk.refuse(Reason::LockHashInvalidDuration, facts)
                } else if body.amount.0 != deposit {
                    self.desk
                        .refuse(Reason::LockHashInvalidMosaicAmount, facts(body.amount.0, deposit))
                } else {
                    Ok(())
                }
            }
            _ => Ok(()),
        }
    }

    /// `MultisigPermittedOperation`: a multisig account signs nothing at the top.
    pub(super) fn may_initiate(&self, transaction: &Transaction) -> Result<(), Reason> {
        let allowed = !self.books.state.links.is_multisig(transaction.signer)
            || self.protocol.conduct.initiation == Initiation::Always;
        match allowed {
            true => Ok(()),
            false => Err(Reason::MultisigOperationProhibitedByAccount),
        }
    }

    pub(super) fn sufficient(
        &mut self,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
    ) -> Result<(), Reason> {
        let changes = transaction.changes_in(part);
        let switches = &self.protocol.switches;
        let links = &self.books.state.links;
        signature::sufficient(switches, links, &mut self.desk, part.signer, changes)
    }

    pub(super) fn part(
        &mut self,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
    ) -> Result<(), Reason> {
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
        let earlier = self.books.pending.lock(body.pending);
        let renewed = earlier.is_some();
        let active = |lock: &Lock| lock.active && self.height < lock.end;
        let conduct = &self.protocol.conduct;
        let one_per_hash = self.protocol.base.has_one_lock_per_hash() && conduct.ended_lock_kept;
        let holds = earlier.is_some_and(|lock| one_per_hash || active(lock));
        if holds && conduct.second_lock_refused {
            return Err(Reason::LockHashHashAlreadyExists);
        }
        self.settle_expired(body.pending);
        self.books.set_locked(self.books.state.locked + body.amount.0);
        let (since, amount) = (self.height, body.amount.0);
        let end = since.saturating_add(body.duration_blocks);
        let lock = Lock { owner, amount, end, active: true, since, renewed };
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

    /// `AggregateHashPresentValidator`: the lock that holds for a bonded
    /// aggregate.
    pub(super) fn lock_of(&self, pending: Option<PendingId>) -> Result<(PendingId, Lock), Reason> {
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
}

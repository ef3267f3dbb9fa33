//! What waits for signatures: catapult.md section 7, nis1.md section 6.

use super::nis1::Signatures;
use super::sorted::{Map, Set};
use super::{Auditor, catapult, nis1, shape};
use crate::account::AccountId;
use crate::protocol::Base;
use crate::transaction::{Envelope, PendingId, Transaction};
use crate::unit::Height;
use crate::verdict::{Reason, Refusal, Verdict};

/// A transaction that waits for signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    transaction: Transaction,
    /// The last height at which it may be completed, its own lifetime considered.
    pub(super) last: Height,
}

/// Everything that waits, and every id that ever did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Pool {
    pub(super) waiting: Map<PendingId, Waiting>,
    announced: Set<PendingId>,
}

impl Auditor {
    /// Announces a bonded aggregate, or a NIS1 multisig transaction that may lack signatures.
    ///
    /// A Catapult aggregate needs its hash lock confirmed before. What lacks nothing is executed at
    /// once (`Accepted`), what lacks signatures waits (`Pending`); anything else leaves the id free. What
    /// needs no announcement is executed as it stands and leaves it free, too.
    pub fn announce(&mut self, pending: PendingId, transaction: &Transaction) -> Verdict {
        self.remember_opening();
        if let Err(refusal) = shape::check(&self.protocol, transaction) {
            return Verdict::Refused(refusal);
        }
        if shape::locks_for(transaction, pending) {
            return Verdict::Refused(Refusal::NotEmbeddable);
        }
        if self.pool.announced.contains(&pending) {
            return Verdict::Refused(Refusal::AlreadyAnnounced);
        }
        if matches!(transaction.envelope, Envelope::Bare | Envelope::AggregateComplete) {
            return self.execute(transaction, None);
        }
        if let Err(reason) = self.may_wait(pending, transaction) {
            return Verdict::Rejected(reason);
        }
        let verdict = self.complete(pending, transaction);
        match verdict {
            Verdict::Pending => {
                let waiting =
                    Waiting { transaction: transaction.clone(), last: self.last_height() };
                self.pool.waiting.insert(pending, waiting);
                self.pool.announced.insert(pending);
            }
            Verdict::Accepted => {
                self.pool.announced.insert(pending);
            }
            Verdict::Rejected(_) | Verdict::Refused(_) => {}
        }
        verdict
    }

    /// Adds one signature to a waiting transaction and judges it by the present state.
    ///
    /// A signature that cannot be taken leaves it waiting. One that completes it executes it, or
    /// ends it with the failure of the full rules.
    pub fn cosign(&mut self, pending: PendingId, account: AccountId) -> Verdict {
        self.remember_opening();
        let Some(waiting) = self.pool.waiting.get(&pending) else {
            return Verdict::Refused(Refusal::NotPending);
        };
        let signed = match self.protocol.base {
            Base::Nis1 => self.with_signature(&waiting.transaction, account),
            _ => self.with_cosignature(&waiting.transaction, account),
        };
        let signed = match signed {
            Ok(signed) => signed,
            Err(reason) => return Verdict::Rejected(reason),
        };
        let verdict = self.complete(pending, &signed);
        if verdict == Verdict::Pending {
            if let Some(waiting) = self.pool.waiting.get_mut(&pending) {
                waiting.transaction = signed;
            }
        } else {
            self.pool.waiting.remove(&pending);
        }
        verdict
    }

    /// Whether this aggregate is waiting for signatures.
    #[must_use]
    pub fn is_waiting(&self, pending: PendingId) -> bool {
        self.pool.waiting.contains_key(&pending)
    }

    /// Judges the signatures of a partial Catapult aggregate by the present state without executing
    /// anything: `Accepted` = complete, `Pending` = signatures are missing, else the failure.
    pub fn judge_bonded(&self, transaction: &Transaction) -> Verdict {
        if self.protocol.base == Base::Nis1 {
            return Verdict::Refused(Refusal::UnknownType);
        }
        if let Err(refusal) = shape::check(&self.protocol, transaction) {
            return Verdict::Refused(refusal);
        }
        match catapult::judge_partial(&self.protocol, &self.state, transaction) {
            Err(Reason::AggregateMissingCosignatures) => Verdict::Pending,
            judgement => Verdict::from(judgement),
        }
    }

    /// Everything a transaction must pass before it may wait, completeness aside.
    fn may_wait(&self, pending: PendingId, transaction: &Transaction) -> Result<(), Reason> {
        if self.protocol.base == Base::Nis1 {
            return nis1::validate(&self.protocol, &self.state, transaction, Signatures::MayFollow);
        }
        catapult::admit_partial(&self.protocol, &self.state, transaction, pending)
    }

    /// Executes what is complete by the full rules; `Pending` if it is not complete.
    fn complete(&mut self, pending: PendingId, transaction: &Transaction) -> Verdict {
        if self.protocol.base == Base::Nis1 {
            return match nis1::is_ready(&self.protocol, &self.state, transaction) {
                true => self.execute(transaction, Some(pending)),
                false => Verdict::Pending,
            };
        }
        match self.judge_bonded(transaction) {
            Verdict::Accepted => self.execute(transaction, Some(pending)),
            verdict => verdict,
        }
    }

    /// catapult.md section 7: a signature twice, one too many, one that is not eligible; "accepted
    /// cosignatures are re-judged": those that a modification made stale are dropped.
    fn with_cosignature(
        &self,
        waiting: &Transaction,
        account: AccountId,
    ) -> Result<Transaction, Reason> {
        if waiting.signatures().any(|signer| signer == account) {
            return Err(Reason::AggregateRedundantCosignatures);
        }
        let mut signed = waiting.clone();
        signed.cosignatures.push(account);
        match self.judge_bonded(&signed) {
            Verdict::Rejected(Reason::AggregateIneligibleCosignatories) => {
                signed.cosignatures.retain(|&cosigner| self.is_eligible(waiting, cosigner));
                let is_taken = signed.cosignatures.contains(&account)
                    && self.is_eligible(waiting, waiting.signer);
                if is_taken { Ok(signed) } else { Err(Reason::AggregateIneligibleCosignatories) }
            }
            Verdict::Rejected(reason) => Err(reason),
            _ => Ok(signed),
        }
    }

    /// Whether `account` alone may sign this aggregate.
    fn is_eligible(&self, aggregate: &Transaction, account: AccountId) -> bool {
        let mut alone = aggregate.clone();
        alone.signer = account;
        alone.cosignatures.clear();
        let ineligible = Verdict::Rejected(Reason::AggregateIneligibleCosignatories);
        self.judge_bonded(&alone) != ineligible
    }

    /// nis1.md section 6: a repeat is neutral; then the validators of a signature transaction; then it
    /// must match: "different signer than the initiator, [..] signer is cosigner".
    fn with_signature(
        &self,
        waiting: &Transaction,
        account: AccountId,
    ) -> Result<Transaction, Reason> {
        if waiting.cosignatures.contains(&account) {
            return Err(Reason::Neutral);
        }
        for part in &waiting.parts {
            nis1::signature(&self.state, part.signer, account)?;
            let is_cosigner = self.state.cosignatories(part.signer).contains(&account);
            if account == waiting.signer || !is_cosigner {
                return Err(Reason::MultisigNoMatchingMultisig);
            }
        }
        let mut signed = waiting.clone();
        signed.cosignatures.push(account);
        Ok(signed)
    }

    /// The last height within the lifetime of what is announced now.
    fn last_height(&self) -> Height {
        let limits = &self.protocol.limits;
        let blocks = limits.bonded_lifetime_seconds.checked_div(limits.block_time_seconds);
        Height(self.state.height.0.saturating_add(blocks.unwrap_or(u64::MAX)))
    }
}

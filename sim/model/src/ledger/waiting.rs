//! How bonded aggregates wait for their cosignatures.
//!
//! Source: `extensions/partialtransaction/src/chain/PtUpdater.cpp`, `PtValidator.cpp`. A server
//! judges what waits by what is confirmed, never by the block it is about to make.

use std::sync::Arc;

use super::Ledger;
use super::identity::Deadline;
use super::links::Links;
use super::pending::{Lock, Status, Waiting};
use super::rules::signature;
use crate::account::AccountId;
use crate::transaction::{Envelope, PendingId, Transaction};
use crate::verdict::{Reason, Refusal, Verdict};

impl Ledger {
    /// Admits a bonded aggregate to the waiting ones and offers the cosignatures that came with it.
    /// Of one that waits already only the cosignatures are news.
    pub(super) fn announce_bonded(
        &mut self,
        pending: PendingId,
        transaction: &Transaction,
    ) -> Verdict {
        if !self.is_waiting(pending) {
            let mut bare = transaction.clone();
            if self.protocol.conduct.attached_offered {
                bare.cosignatures.clear();
            }
            let deadline = self.deadline(Some(pending), transaction);
            let lock = match self.by_confirmed(|ledger| ledger.admit(pending, &bare, deadline)) {
                Ok(lock) => lock,
                Err(reason) => return Verdict::Rejected(reason),
            };
            let end = lock.end.min(self.waits_until(deadline, transaction));
            let by_present = self.protocol.conduct.pending_by_present;
            let judged_by = (!by_present).then(|| Arc::new(self.books.state.links.clone()));
            let waiting = Waiting { transaction: bare, status: Status::Waiting, end, judged_by };
            self.books.set_waiting(pending, Some(waiting));
            let at_once = self.protocol.conduct.completeness_at_announcement;
            if transaction.cosignatures.is_empty() && at_once {
                return self.complete_if_judged(pending);
            }
        } else if !self.protocol.conduct.announced_again_merges {
            return Verdict::Pending;
        }
        self.offer(pending, &transaction.cosignatures)
    }

    /// Offers cosignatures one by one, each signer once, until the aggregate waits no more.
    fn offer(&mut self, pending: PendingId, cosignatures: &[AccountId]) -> Verdict {
        for (index, &signer) in cosignatures.iter().enumerate() {
            if cosignatures.iter().take(index).any(|&earlier| earlier == signer) {
                continue;
            }
            let verdict = self.cosign_bonded(pending, signer);
            if !self.is_waiting(pending) {
                return verdict;
            }
        }
        Verdict::Pending
    }

    /// Whether an aggregate may wait, judged without any cosignature: the rules that every transaction
    /// knows first, then the plugins' own stateless ones. What its parts would do is not asked, and
    /// neither is who may sign.
    fn admit(
        &mut self,
        pending: PendingId,
        transaction: &Transaction,
        deadline: Option<Deadline>,
    ) -> Result<Lock, Reason> {
        let conduct = self.protocol.conduct;
        if !conduct.lock_before_stateless {
            self.well_formed(transaction)?;
        }
        self.unique(Some(pending))?;
        self.may_initiate(transaction)?;
        let lock = self.confirmed_lock(pending)?;
        self.timely(deadline, transaction)?;
        self.well_formed(transaction)?;
        if !conduct.ineligible_signer_waits {
            self.eligible(transaction)?;
        }
        Ok(lock)
    }

    /// The plugins' own stateless rules.
    fn well_formed(&mut self, transaction: &Transaction) -> Result<(), Reason> {
        signature::basic(&self.protocol, &mut self.desk, transaction)?;
        self.parts_stateless(transaction)
    }

    /// The lock that holds for an announcement: one of a sealed block.
    fn confirmed_lock(&self, pending: PendingId) -> Result<Lock, Reason> {
        let (_, lock) = self.lock_of(Some(pending))?;
        let confirmed = lock.since < self.height || !self.protocol.conduct.lock_confirmed;
        match (confirmed, lock.renewed) {
            (true, _) => Ok(lock),
            (false, true) => Err(Reason::LockHashInactiveHash),
            (false, false) => Err(Reason::LockHashUnknownHash),
        }
    }

    /// What a bonded aggregate is answered that is announced in the present state, all of it sealed, as if its
    /// hash lock held: refused, waiting, or executed once it is complete ([`Ledger::held_of`]).
    pub fn announced(&mut self, transaction: &Transaction) -> Verdict {
        match self.held_of(transaction) {
            Ok((held, true)) => self.submit(&held),
            Ok((_, false)) => Verdict::Pending,
            Err(reason) => Verdict::Rejected(reason),
        }
    }

    /// What the check of these cosignatures answers, in the present state; `Pending` where none is missing.
    pub fn judged(&mut self, held: &Transaction) -> Verdict {
        match self.judge_cosignatures(held) {
            Ok(()) => Verdict::Pending,
            Err(reason) => Verdict::Rejected(reason),
        }
    }

    /// What is held of an announced aggregate, as an aggregate that need not wait: its cosignatures are offered
    /// one by one, those that count for nothing are left out, and none is looked at once it is complete. Whether it
    /// is: whether they are enough for all its parts as they stand before any of them is executed.
    ///
    /// # Errors
    /// It is refused at once.
    pub fn held_of(&mut self, transaction: &Transaction) -> Result<(Transaction, bool), Reason> {
        let mut held = transaction.clone();
        held.envelope = Envelope::AggregateComplete;
        held.cosignatures.clear();
        self.well_formed(&held)?;
        self.may_initiate(&held)?;
        if transaction.cosignatures.is_empty() && self.judge_cosignatures(&held).is_ok() {
            return Ok((held, true));
        }
        for &signer in &transaction.cosignatures {
            if held.cosignatures.contains(&signer) {
                continue;
            }
            held.cosignatures.push(signer);
            match self.judge_cosignatures(&held) {
                Ok(()) => return Ok((held, true)),
                Err(Reason::AggregateMissingCosignatures) => {}
                Err(Reason::AggregateIneligibleCosignatories) => {
                    held.cosignatures.pop();
                }
                Err(reason) => return Err(reason),
            }
        }
        Ok((held, false))
    }

    /// Asks something of the links as the last sealed block left them.
    pub fn by_confirmed<T>(&mut self, ask: impl FnOnce(&mut Self) -> T) -> T {
        if !self.protocol.conduct.judged_by_confirmed {
            return ask(self);
        }
        self.books.exchange_links();
        let answer = ask(self);
        self.books.exchange_links();
        answer
    }

    /// What the cosignatures of a waiting aggregate are worth: who may sign, then who must. Nothing is
    /// executed.
    fn judge(&mut self, waiting: &Waiting) -> Result<(), Reason> {
        let Some(links) = &waiting.judged_by else {
            return self.by_confirmed(|ledger| ledger.judge_cosignatures(&waiting.transaction));
        };
        let present = std::mem::replace(&mut self.books.state.links, Links::clone(links));
        let judged = self.judge_cosignatures(&waiting.transaction);
        self.books.state.links = present;
        judged
    }

    fn judge_cosignatures(&mut self, transaction: &Transaction) -> Result<(), Reason> {
        signature::basic(&self.protocol, &mut self.desk, transaction)?;
        if self.protocol.switches.strict_cosignature_check {
            signature::strict(&mut self.desk, transaction)?;
        }
        self.eligible(transaction)?;
        transaction.parts.iter().try_for_each(|part| self.sufficient(transaction, part))
    }

    /// Adds a cosignature to a waiting aggregate and executes it where it is now complete. One that
    /// may not stand in it ends it: one above the cap, and its own signer's.
    pub(super) fn cosign_bonded(&mut self, pending: PendingId, signer: AccountId) -> Verdict {
        let Some(mut waiting) = self.books.pending.waiting(pending).cloned() else {
            return Verdict::Refused(Refusal::NotPending);
        };
        if waiting.transaction.cosignatures.contains(&signer) {
            return Verdict::Rejected(Reason::AggregateRedundantCosignatures);
        }
        waiting.transaction.cosignatures.push(signer);
        let judged = match self.judge(&waiting) {
            Err(reason @ Reason::AggregateIneligibleCosignatories) => {
                if !self.drop_stale(&mut waiting, signer) {
                    return Verdict::Rejected(reason);
                }
                self.judge(&waiting)
            }
            judged => judged,
        };
        match judged {
            Ok(()) => {
                self.books.set_waiting(pending, Some(waiting));
                self.complete_bonded(pending)
            }
            // Ineligible only where stale cosignatures were kept.
            Err(
                Reason::AggregateMissingCosignatures | Reason::AggregateIneligibleCosignatories,
            ) => {
                self.books.set_waiting(pending, Some(waiting));
                Verdict::Pending
            }
            Err(reason) => {
                if self.protocol.conduct.failure_ends_waiting {
                    self.end_waiting(pending, Status::Purged);
                }
                Verdict::Rejected(reason)
            }
        }
    }

    /// Leaves out the cosignatures that a modification made stale, each judged alone; false where the
    /// newest one, `signer`'s, is itself ineligible.
    fn drop_stale(&mut self, waiting: &mut Waiting, signer: AccountId) -> bool {
        let held = std::mem::take(&mut waiting.transaction.cosignatures);
        let mut eligible = |account: AccountId| {
            waiting.transaction.cosignatures.clear();
            waiting.transaction.cosignatures.push(account);
            self.judge(waiting) != Err(Reason::AggregateIneligibleCosignatories)
        };
        if !eligible(signer) {
            return false;
        }
        let mut kept = held.clone();
        kept.retain(|&account| eligible(account));
        waiting.transaction.cosignatures =
            if self.protocol.conduct.stale_dropped { kept } else { held };
        true
    }

    /// Executes a waiting aggregate that no signature is missing from.
    fn complete_if_judged(&mut self, pending: PendingId) -> Verdict {
        let Some(waiting) = self.books.pending.waiting(pending).cloned() else {
            return Verdict::Refused(Refusal::NotPending);
        };
        match self.judge(&waiting) {
            Ok(()) => self.complete_bonded(pending),
            Err(_) => Verdict::Pending,
        }
    }

    /// Executes a waiting aggregate that is complete, under the full rules.
    fn complete_bonded(&mut self, pending: PendingId) -> Verdict {
        let Some(waiting) = self.books.pending.waiting(pending).cloned() else {
            return Verdict::Refused(Refusal::NotPending);
        };
        let mark = self.books.journal.end();
        let result = self.aggregate(&waiting.transaction, Some(pending), None);
        match result {
            Ok(()) => self.remember(Some(pending), None),
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

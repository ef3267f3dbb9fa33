//! What waits for signatures: partial transactions, and the unconfirmed ones of NIS1.

use std::sync::Arc;

use super::identity::{self, Arrival, Identity};
use super::nis1::Signatures;
use super::sorted::Map;
use super::state::State;
use super::{Auditor, catapult, nis1, shape};
use crate::account::AccountId;
use crate::protocol::Base;
use crate::transaction::{Envelope, PendingId, Transaction};
use crate::unit::Height;
use crate::verdict::{Reason, Refusal, Verdict};

/// How a transaction stands that waits or waited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stage {
    Waits,
    Executed,
    /// Failed, purged or out of time.
    Ended,
}

/// A transaction that waits for signatures, with those that it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Waiting {
    transaction: Arc<Transaction>,
    stage: Stage,
    /// The last height at which it may be completed, its own lifetime considered.
    pub(super) last: Height,
}

/// Everything that waits or waited.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Pool {
    announced: Map<PendingId, Waiting>,
}

impl Clone for Pool {
    fn clone(&self) -> Self {
        Self { announced: self.announced.clone() }
    }

    /// Keeps the memory of its list.
    fn clone_from(&mut self, source: &Self) {
        self.announced.clone_from(&source.announced);
    }
}

impl Pool {
    /// All that wait.
    pub(super) fn waiting(&self) -> impl Iterator<Item = (PendingId, &Waiting)> {
        let waits = |(_, waiting): &(_, &Waiting)| waiting.stage == Stage::Waits;
        self.announced.iter().map(|(&pending, waiting)| (pending, waiting)).filter(waits)
    }

    /// What waits under this id.
    fn get(&self, pending: PendingId) -> Option<&Arc<Transaction>> {
        let waiting = self.announced.get(&pending)?;
        (waiting.stage == Stage::Waits).then_some(&waiting.transaction)
    }

    /// Keeps it with the signatures that it holds now.
    fn hold(&mut self, pending: PendingId, signed: Transaction) {
        if let Some(waiting) = self.announced.get_mut(&pending) {
            waiting.transaction = Arc::new(signed);
        }
    }

    /// Those of these that wait do so no more.
    pub(super) fn end(&mut self, ids: impl Iterator<Item = PendingId>, stage: Stage) {
        for pending in ids {
            if let Some(waiting) = self.announced.get_mut(&pending)
                && waiting.stage == Stage::Waits
            {
                waiting.stage = stage;
            }
        }
    }
}

impl Auditor {
    /// Announces a bonded aggregate, or a NIS1 multisig transaction that may lack signatures.
    ///
    /// What lacks nothing is executed at once (`Accepted`), what lacks signatures waits
    /// (`Pending`). An aggregate that waits already takes the attached cosignatures that are new.
    /// What needs no announcement is executed as it stands.
    pub fn announce(&mut self, pending: PendingId, transaction: &Transaction) -> Verdict {
        self.remember_opening();
        if let Err(refusal) = shape::check(&self.protocol, transaction) {
            return Verdict::Refused(refusal);
        }
        if shape::locks_for(transaction, pending) {
            return Verdict::Refused(Refusal::NotEmbeddable);
        }
        let known = self.pool.announced.get(&pending);
        if known.is_some_and(|known| !known.transaction.is_same_as(transaction)) {
            return Verdict::Refused(Refusal::AlreadyAnnounced);
        }
        let hashes = [Some(pending), transaction.inner_id];
        if self.protocol.base == Base::Nis1
            && hashes.into_iter().flatten().any(|hash| self.knows_unconfirmed(hash))
        {
            return Verdict::Rejected(Reason::Neutral);
        }
        match transaction.envelope {
            Envelope::Bare | Envelope::AggregateComplete => {
                let identity = self.identify(transaction, Some(pending), Arrival::Announced);
                self.execute(transaction, identity)
            }
            Envelope::AggregateBonded => self.announce_partial(pending, transaction),
            Envelope::Multisig => self.announce_unconfirmed(pending, transaction),
        }
    }

    /// Adds one signature to a waiting transaction.
    ///
    /// One that completes it executes it, or ends it with the failure of the full rules.
    pub fn cosign(&mut self, pending: PendingId, account: AccountId) -> Verdict {
        self.remember_opening();
        match self.protocol.base {
            Base::Nis1 => self.sign_unconfirmed(pending, account),
            _ => self.cosign_partial(pending, account),
        }
    }

    /// Whether this aggregate is waiting for signatures.
    #[must_use]
    pub fn is_waiting(&self, pending: PendingId) -> bool {
        self.pool.get(pending).is_some()
    }

    /// The cosignatures that a waiting transaction holds, in the order in which they came; none if it
    /// does not wait.
    #[must_use]
    pub fn held(&self, pending: PendingId) -> Option<&[AccountId]> {
        self.pool.get(pending).map(|waiting| waiting.cosignatures.as_slice())
    }

    /// Judges the signatures of a partial Catapult aggregate by the confirmed state without
    /// executing anything: `Accepted` = complete, `Pending` = signatures are missing, else the
    /// failure.
    pub fn judge_bonded(&self, transaction: &Transaction) -> Verdict {
        if self.protocol.base == Base::Nis1 {
            return Verdict::Refused(Refusal::UnknownType);
        }
        if let Err(refusal) = shape::check(&self.protocol, transaction) {
            return Verdict::Refused(refusal);
        }
        match catapult::judge_partial(&self.protocol, self.confirmed(), transaction) {
            Err(Reason::AggregateMissingCosignatures) => Verdict::Pending,
            judgement => Verdict::from(judgement),
        }
    }

    // ---- `extensions/partialtransaction`

    /// `PtUpdater::update` of a transaction: one that waits already takes what is new; another one
    /// is admitted as if it carried no cosignatures, and then offered those that it carries.
    fn announce_partial(&mut self, pending: PendingId, transaction: &Transaction) -> Verdict {
        let known = self.pool.get(pending);
        let held = known.map_or(&[][..], |waiting| &waiting.cosignatures);
        let mut offered: Vec<AccountId> = Vec::new();
        for &account in &transaction.cosignatures {
            if !offered.contains(&account) && !held.contains(&account) {
                offered.push(account);
            }
        }
        if known.is_none() {
            let mut alone = transaction.clone();
            alone.cosignatures.clear();
            let identity = self.identify(transaction, Some(pending), Arrival::Announced);
            if let Err(reason) = self.may_wait(identity, &alone) {
                return Verdict::Rejected(reason);
            }
            self.wait(pending, identity, alone);
            if offered.is_empty() {
                return self.complete_partial(pending);
            }
        }
        for account in offered {
            let verdict = self.cosign_partial(pending, account);
            if !self.is_waiting(pending) {
                return verdict;
            }
        }
        Verdict::Pending
    }

    /// `PtValidator::validatePartial`: the basic rules by the confirmed state, then the stateless
    /// ones of the plugins.
    fn may_wait(&self, identity: Identity, transaction: &Transaction) -> Result<(), Reason> {
        identity::is_new(&self.protocol, &self.state, transaction, identity)?;
        catapult::admit_partial(&self.protocol, self.confirmed(), transaction, identity)
    }

    /// `PtUpdater::checkEligibility`: what is held and the new one, judged together; the new one
    /// alone, where somebody is ineligible; then each of those held, alone.
    fn cosign_partial(&mut self, pending: PendingId, account: AccountId) -> Verdict {
        let Some(waiting) = self.pool.get(pending) else {
            return Verdict::Refused(Refusal::NotPending);
        };
        let mut signed = Transaction::clone(waiting);
        if signed.cosignatures.contains(&account) {
            return Verdict::Rejected(Reason::AggregateRedundantCosignatures);
        }
        signed.cosignatures.push(account);
        match catapult::judge_partial(&self.protocol, self.confirmed(), &signed) {
            Ok(()) | Err(Reason::AggregateMissingCosignatures) => {}
            Err(Reason::AggregateIneligibleCosignatories) => {
                if !self.is_eligible(&signed, account) {
                    return Verdict::Rejected(Reason::AggregateIneligibleCosignatories);
                }
                let held = std::mem::take(&mut signed.cosignatures);
                let fresh = held.into_iter().filter(|&signer| self.is_eligible(&signed, signer));
                let fresh: Vec<AccountId> = fresh.collect();
                signed.cosignatures = fresh;
            }
            Err(reason) => {
                self.pool.end([pending].into_iter(), Stage::Ended);
                return Verdict::Rejected(reason);
            }
        }
        self.pool.hold(pending, signed);
        self.complete_partial(pending)
    }

    /// Whether this aggregate with `account` as its only cosigner has no ineligible signature.
    fn is_eligible(&self, aggregate: &Transaction, account: AccountId) -> bool {
        let mut single = aggregate.clone();
        single.cosignatures = vec![account];
        let judgement = catapult::judge_partial(&self.protocol, self.confirmed(), &single);
        judgement != Err(Reason::AggregateIneligibleCosignatories)
    }

    /// `PtUpdater::checkCompleteness`: what is complete leaves and is judged by the full rules.
    fn complete_partial(&mut self, pending: PendingId) -> Verdict {
        let Some(waiting) = self.pool.get(pending).cloned() else { return Verdict::Pending };
        if catapult::judge_partial(&self.protocol, self.confirmed(), &waiting).is_err() {
            return Verdict::Pending;
        }
        self.leave(pending, &waiting)
    }

    // ---- `org.nem.nis.harvesting.UnconfirmedTransactionsCache`

    /// Everything but the rule that all signatures are there.
    fn announce_unconfirmed(&mut self, pending: PendingId, transaction: &Transaction) -> Verdict {
        let identity = self.identify(transaction, Some(pending), Arrival::Announced);
        if let Err(reason) = self.may_lack_signatures(identity, transaction) {
            return Verdict::Rejected(reason);
        }
        self.wait(pending, identity, transaction.clone());
        self.complete_unconfirmed(pending)
    }

    fn may_lack_signatures(
        &self,
        identity: Identity,
        transaction: &Transaction,
    ) -> Result<(), Reason> {
        identity::deadline(&self.protocol, &self.state, transaction, identity)?;
        nis1::validate(&self.protocol, &self.state, transaction, Signatures::MayFollow)
    }

    /// "Hash check before entry (outer + inner + signatures) -> NEUTRAL": whether a hash is that of
    /// something that waits or was executed, or of what is inside it.
    fn knows_unconfirmed(&self, hash: PendingId) -> bool {
        let inner = |(_, waiting): (_, &Waiting)| waiting.transaction.inner_id == Some(hash);
        self.is_waiting(hash)
            || self.pool.waiting().any(inner)
            || self.state.chain().executed.contains_key(&hash)
    }

    /// A repeat is neutral; then the validators of a signature transaction; then it must match
    /// (`MultisigSignatureMatchPredicate`): "different signer than the initiator, [..] signer is
    /// cosigner in the CONFIRMED state".
    fn sign_unconfirmed(&mut self, pending: PendingId, account: AccountId) -> Verdict {
        match self.with_signature(pending, account) {
            Err(reason) => Verdict::Rejected(reason),
            Ok(signed) => {
                self.pool.hold(pending, signed);
                self.complete_unconfirmed(pending)
            }
        }
    }

    fn with_signature(
        &self,
        pending: PendingId,
        account: AccountId,
    ) -> Result<Transaction, Reason> {
        let announced = self.pool.announced.get(&pending);
        let known = announced.filter(|known| known.stage != Stage::Ended);
        if known.is_some_and(|known| known.transaction.cosignatures.contains(&account)) {
            return Err(Reason::Neutral);
        }
        let Some(waiting) = self.pool.get(pending) else {
            nis1::non_operational(&self.state, account)?;
            return Err(Reason::MultisigNoMatchingMultisig);
        };
        for part in &waiting.parts {
            nis1::signature(&self.state, part.signer, account)?;
            let is_cosigner = self.confirmed().cosignatories(part.signer).contains(account);
            if account == waiting.signer || !is_cosigner {
                return Err(Reason::MultisigNoMatchingMultisig);
            }
        }
        let mut signed = Transaction::clone(waiting);
        signed.cosignatures.push(account);
        Ok(signed)
    }

    /// Block creation takes what has all its signatures, or one that no further signature can mend.
    fn complete_unconfirmed(&mut self, pending: PendingId) -> Verdict {
        match self.pool.get(pending).cloned() {
            Some(waiting) if nis1::is_ready(&self.protocol, &self.state, &waiting) => {
                self.leave(pending, &waiting)
            }
            _ => Verdict::Pending,
        }
    }

    // ---- both

    /// The state as the open block began: what the last sealed block left.
    fn confirmed(&self) -> &State {
        self.history.opening_state().unwrap_or(&self.state)
    }

    /// Lets it wait to the end of its lifetime.
    fn wait(&mut self, pending: PendingId, identity: Identity, transaction: Transaction) {
        let last = identity::last_height(&self.protocol, &self.state, &transaction, identity);
        let transaction = Arc::new(transaction);
        let waiting = Waiting { transaction, stage: Stage::Waits, last };
        self.pool.announced.insert(pending, waiting);
    }

    /// It waits no more, and the full rules run on it.
    fn leave(&mut self, pending: PendingId, transaction: &Transaction) -> Verdict {
        let verdict = self.execute(transaction, Identity::of_waiting(pending));
        // What was executed has ended by now.
        self.pool.end([pending].into_iter(), Stage::Ended);
        verdict
    }
}

//! Hash locks, announcements and cosignatures.

use super::Sequence;
use crate::account::AccountId;
use crate::choice::Choices;
use crate::ledger::{Ledger, Status, View};
use crate::scenario::{Act, Step};
use crate::transaction::{Body, Envelope, HashLock, PendingId, Transaction};
use crate::unit::Amount;

impl Sequence {
    /// The next thing around a transaction that waits: its deposit, itself, a signature.
    pub(super) fn wait(&mut self, choices: &mut impl Choices, ledger: &Ledger, step: &mut Step) {
        let locks = self.protocol.base.has_hash_locks();
        if locks && !self.protocol.switches.bonded_aggregates && choices.chance(160) {
            return self.modify(choices, ledger.state().links(), &mut step.transaction);
        }
        let cosigned = if choices.chance(150) { self.waiting(choices, ledger) } else { None };
        if let Some(pending) = cosigned {
            if choices.chance(28) {
                self.announce(choices, ledger, step, pending);
            } else if choices.chance(20) && self.outdate(choices, ledger, step, pending) {
                // What was signed is stale once this is sealed.
            } else {
                step.act = self.cosign(choices, ledger, pending);
            }
        } else if !locks || choices.chance(24) {
            // An id without a deposit, or one whose deposit is used up or gone.
            match self.locked.take() {
                Some((pending, _)) => self.announce(choices, ledger, step, pending),
                None if self.pending > 0 && choices.chance(96) => {
                    let pending = PendingId(choices.below(self.pending));
                    if choices.chance(96) {
                        step.act = self.cosign(choices, ledger, pending);
                    } else {
                        self.announce(choices, ledger, step, pending);
                    }
                }
                None => {
                    let pending = self.fresh_pending();
                    self.announce(choices, ledger, step, pending);
                }
            }
        } else if let Some((pending, height)) = self.locked {
            // A deposit counts once its block is sealed.
            if height >= ledger.height() && !choices.chance(24) {
                step.act = self.seal(choices);
            } else {
                self.locked = None;
                self.announce(choices, ledger, step, pending);
            }
        } else {
            self.lock(choices, ledger, &mut step.transaction);
        }
    }

    /// One that waits, if there is any.
    fn waiting(&self, choices: &mut impl Choices, ledger: &Ledger) -> Option<PendingId> {
        let count = self.pending.max(1);
        let first = choices.below(count);
        let mut round = (0..count).map(|offset| PendingId((first + offset) % count));
        round.find(|&pending| {
            ledger.waiting(pending).is_some_and(|waiting| waiting.status == Status::Waiting)
        })
    }

    /// A deposit alone, or inside an aggregate: then anybody's, a multisig account's, too.
    fn lock(&mut self, choices: &mut impl Choices, ledger: &Ledger, transaction: &mut Transaction) {
        let links = ledger.state().links();
        if choices.chance(200) {
            let owner = self.account(choices);
            transaction.reset(Envelope::Bare, owner);
            return self.push_lock(choices, ledger, transaction, owner);
        }
        transaction.reset(self.protocol.base.signed_envelope(), AccountId(0));
        for _ in 0..=choices.below(2) {
            let owner = self.multisig(choices, links);
            if choices.chance(200) {
                self.push_lock(choices, ledger, transaction, owner);
            } else {
                self.transfer(choices, ledger, transaction, owner);
            }
        }
        self.sign(choices, links, transaction);
    }

    /// A part that deposits for an aggregate to come, seldom for one that came already.
    fn push_lock(
        &mut self,
        choices: &mut impl Choices,
        ledger: &Ledger,
        transaction: &mut Transaction,
        owner: AccountId,
    ) {
        let repeated = self.pending > 0 && choices.chance(48);
        let pending = match repeated {
            true => PendingId(choices.below(self.pending)),
            false => self.fresh_pending(),
        };
        self.locked = Some((pending, ledger.height()));
        let limits = &self.protocol.limits;
        let longest = limits.hash_lock_duration_blocks_max;
        let duration_blocks = match choices.below(16) {
            0 => longest.saturating_add(1),
            1 => 0,
            2 => longest,
            _ => u64::from(1 + choices.below(6)),
        };
        let wrong = u64::from(choices.chance(8));
        let amount = Amount(limits.hash_lock_amount.saturating_add(wrong));
        transaction.push(owner, Body::HashLock(HashLock { pending, amount, duration_blocks }));
    }

    /// Announces something that lacks some of its signatures, or what was announced before under this
    /// number, with other signatures.
    fn announce(
        &mut self,
        choices: &mut impl Choices,
        ledger: &Ledger,
        step: &mut Step,
        pending: PendingId,
    ) {
        let links = ledger.state().links();
        let transaction = &mut step.transaction;
        if let Some(earlier) = self.known.get(pending) {
            transaction.copy_from(earlier);
            transaction.cosignatures.clear();
            if transaction.envelope != Envelope::Bare {
                for _ in 0..choices.below(3) {
                    let part = choices.one_of(&transaction.parts).map(|part| part.signer);
                    let signer = part.map(|account| self.leaf(choices, links, account));
                    transaction.cosignatures.extend(signer);
                }
            }
        } else if !self.announcement(choices, ledger, pending, transaction) {
            return;
        }
        self.attach(choices, transaction);
        step.act = Act::Announce(pending);
    }

    /// Something to announce; false if there is nothing that could wait.
    fn announcement(
        &mut self,
        choices: &mut impl Choices,
        ledger: &Ledger,
        pending: PendingId,
        transaction: &mut Transaction,
    ) -> bool {
        let links = ledger.state().links();
        if choices.chance(130) {
            self.modify(choices, links, transaction);
        } else {
            transaction.reset(self.protocol.base.signed_envelope(), AccountId(0));
            let aggregates = self.protocol.base.has_aggregates();
            let several = aggregates && choices.chance(80);
            let parts = if several { 1 + choices.below(4) } else { 1 };
            for _ in 0..parts {
                let account = self.multisig(choices, links);
                self.transfer(choices, ledger, transaction, account);
                if self.protocol.base.has_hash_locks() && choices.chance(16) {
                    self.push_lock(choices, ledger, transaction, account);
                }
            }
            self.sign(choices, links, transaction);
        }
        match transaction.envelope {
            // NIS1: a plain account's own modification has nothing to wait for.
            Envelope::Bare => return false,
            // Nor has one that is said to be complete.
            Envelope::AggregateComplete if choices.chance(4) => {}
            Envelope::AggregateComplete => transaction.envelope = Envelope::AggregateBonded,
            Envelope::AggregateBonded | Envelope::Multisig => {}
        }
        self.date(choices, transaction);
        self.name_inner(choices, transaction);
        self.known.keep(pending, transaction);
        let signatures = transaction.cosignatures.len() as u32;
        let kept = choices.below(signatures + 1) as usize;
        transaction.cosignatures.truncate(kept);
        true
    }

    /// Attaches what does not belong there: a stranger's signature, one twice, the signer's own.
    fn attach(&self, choices: &mut impl Choices, transaction: &mut Transaction) {
        let wrong = match choices.below(32) {
            0 | 1 => Some(self.account(choices)),
            2 | 3 => choices.one_of(&transaction.cosignatures),
            4 => Some(transaction.signer),
            _ => None,
        };
        transaction.cosignatures.extend(wrong);
    }

    /// Removes a cosignatory whose signature a waiting transaction holds; false if none is found.
    fn outdate(
        &mut self,
        choices: &mut impl Choices,
        ledger: &Ledger,
        step: &mut Step,
        pending: PendingId,
    ) -> bool {
        let links = ledger.state().links();
        let Some(waiting) = ledger.waiting(pending) else { return false };
        let part = choices.one_of(&waiting.transaction.parts);
        let signed = choices.one_of(&waiting.transaction.cosignatures);
        let (Some(part), Some(signed)) = (part, signed) else { return false };
        let members = links.cosignatories_of(part.signer);
        if !members.contains(&signed) {
            return false;
        }
        // A threshold that would be above the number of those who stay goes down with it.
        let minima = links.minima(part.signer);
        let lower = |minimum: u32| -i32::from(minimum as usize >= members.len());
        let deltas = (lower(minima.approval), lower(minima.removal));
        step.transaction.reset(self.protocol.base.signed_envelope(), AccountId(0));
        step.transaction.push_modification(part.signer, deltas, &[], &[signed]);
        self.sign(choices, links, &mut step.transaction);
        true
    }

    /// A signature that is needed as a rule, or one of anybody.
    fn cosign(&self, choices: &mut impl Choices, ledger: &Ledger, pending: PendingId) -> Act {
        let links = ledger.state().links();
        let mut signer = self.account(choices);
        if let Some(waiting) = ledger.waiting(pending)
            && !choices.chance(20)
        {
            let transaction = &waiting.transaction;
            for _ in 0..4 {
                let part = choices.one_of(&transaction.parts).map(|part| part.signer);
                let added = choices.one_of(&transaction.changes).map(|change| change.account);
                let from = if choices.chance(128) { part } else { added.or(part) };
                signer = self.leaf(choices, links, from.unwrap_or(signer));
                if choices.chance(6) {
                    // Whoever announced it, once more.
                    signer = transaction.signer;
                    break;
                }
                if !transaction.signatures().any(|account| account == signer) {
                    break;
                }
            }
        }
        Act::Cosign(pending, signer)
    }
}

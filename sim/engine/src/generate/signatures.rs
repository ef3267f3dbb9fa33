//! Who signs: just enough, all who may, or a set with something wrong about it.

use super::Sequence;
use crate::account::AccountId;
use crate::choice::Choices;
use crate::ledger::{Links, Marks, View};
use crate::protocol::Threshold;
use crate::transaction::{Action, Body, CosignatoryModification, Transaction};

/// No tree is followed further down than this, whatever a broken ledger links.
const LEVELS_MAX: u32 = 8;

impl Sequence {
    /// Signs what was drawn: who must sign by the present state, and sometimes others.
    pub(super) fn sign(
        &mut self,
        choices: &mut impl Choices,
        links: &Links,
        transaction: &mut Transaction,
    ) {
        self.signers.clear();
        self.signing.clear();
        if !self.protocol.base.has_aggregates() {
            self.sign_nis1(choices, links, transaction);
        } else {
            let everybody = choices.chance(80);
            for part in &transaction.parts {
                let changes = match &part.body {
                    Body::Modification(body) => transaction.changes_of(body),
                    _ => &[],
                };
                let threshold = self.threshold(changes, everybody);
                self.require(choices, links, part.signer, threshold, LEVELS_MAX);
                for change in changes.iter().filter(|change| change.action == Action::Add) {
                    self.require(choices, links, change.account, threshold, LEVELS_MAX);
                }
            }
        }
        if self.forges(choices) {
            self.forge(choices, links, transaction);
        }
        self.write(choices, transaction);
    }

    /// The threshold that a part asks for; `None`: everybody is to sign.
    fn threshold(&self, changes: &[CosignatoryModification], everybody: bool) -> Option<Threshold> {
        let (mut adds, mut removes) = (false, false);
        for change in changes {
            adds |= change.action == Action::Add;
            removes |= change.action == Action::Remove;
        }
        let switches = &self.protocol.switches;
        match (everybody, removes) {
            (true, _) => None,
            (_, false) => Some(Threshold::Approval),
            (_, true) if adds => Some(switches.mixed_threshold),
            (_, true) => Some(switches.removal_threshold),
        }
    }

    /// Adds the keys that satisfy an account: enough of its cosignatories from a random one on.
    fn require(
        &mut self,
        choices: &mut impl Choices,
        links: &Links,
        account: AccountId,
        threshold: Option<Threshold>,
        levels: u32,
    ) {
        let cosignatories = links.cosignatories_of(account);
        if cosignatories.is_empty() {
            self.require_key(account);
            return;
        }
        if levels == 0 {
            return;
        }
        // Who asks everybody finds nobody new on a second visit; to the others the mark is nothing.
        let again = !self.signing.mark(account);
        if threshold.is_none() & again {
            return;
        }
        let minima = links.minima(account);
        let count = cosignatories.len();
        let needed = threshold.map_or(count, |threshold| {
            (threshold.of(minima.approval, minima.removal) as usize).min(count)
        });
        let below = match (threshold, self.protocol.switches.pass_down) {
            (Some(_), false) => Some(Threshold::Approval),
            _ => threshold,
        };
        let first = if needed < count { choices.below(count as u32) as usize } else { 0 };
        let mut index = first;
        for _ in 0..needed {
            let Some(&cosignatory) = cosignatories.get(index) else { break };
            index = if index + 1 == count { 0 } else { index + 1 };
            if links.is_multisig(cosignatory) {
                self.require(choices, links, cosignatory, below, levels - 1);
            } else {
                self.require_key(cosignatory);
            }
        }
    }

    /// Adds a key that is not among the signers yet.
    #[inline]
    fn require_key(&mut self, key: AccountId) {
        // Nobody can foretell whether it is: it is taken in and perhaps let go, without a branch.
        let signers = self.signers.len() + usize::from(self.signing.mark(key));
        self.signers.push(key);
        self.signers.truncate(signers);
    }

    /// NIS1: the cosignatories that have to sign, the removed one left out as a rule.
    fn sign_nis1(
        &mut self,
        choices: &mut impl Choices,
        links: &Links,
        transaction: &mut Transaction,
    ) {
        let Some(part) = transaction.parts.first() else { return };
        let cosignatories = links.cosignatories_of(part.signer);
        if cosignatories.is_empty() {
            // A plain account's own modification stands alone.
            self.signers.push(part.signer);
            return;
        }
        let changes = match &part.body {
            Body::Modification(body) => transaction.changes_of(body),
            _ => &[],
        };
        let removed = |account: AccountId| {
            changes.iter().any(|one| one.action == Action::Remove && one.account == account)
        };
        let leaves_out = choices.chance(200);
        let minimum = links.minima(part.signer).approval as usize;
        let count = cosignatories.len();
        let all = minimum == 0 || minimum == count;
        let needed = if all || choices.chance(50) { count } else { minimum };
        let first = choices.below(count as u32) as usize;
        let (before, from) = cosignatories.split_at_checked(first).unwrap_or_default();
        let round = from.iter().chain(before).copied();
        let chosen = round.filter(|&account| !leaves_out || !removed(account));
        self.signers.extend(chosen.take(needed));
    }

    /// One signature too few, too many, by a stranger, twice, or by the account's own key.
    fn forge(&mut self, choices: &mut impl Choices, links: &Links, transaction: &Transaction) {
        let index = choices.below(self.signers.len().max(1) as u32) as usize;
        match choices.below(6) {
            0 | 1 if index < self.signers.len() => {
                self.signers.remove(index);
            }
            2 => {
                let stranger = self.account(choices);
                self.signers.push(stranger);
            }
            3 => {
                let again = self.signers.get(index).copied();
                self.signers.extend(again);
            }
            4 => self.signers.extend(transaction.parts.first().map(|part| part.signer)),
            _ => {
                let part = transaction.parts.first().map_or(AccountId(0), |part| part.signer);
                let key = self.leaf(choices, links, part);
                self.signers.push(key);
            }
        }
    }

    /// A key at the bottom of an account's tree.
    pub(super) fn leaf(
        &self,
        choices: &mut impl Choices,
        links: &Links,
        from: AccountId,
    ) -> AccountId {
        let mut account = from;
        for _ in 0..LEVELS_MAX {
            match choices.one_of(links.cosignatories_of(account)) {
                Some(below) => account = below,
                None => break,
            }
        }
        account
    }

    /// Puts the signers under the transaction, any of them first.
    fn write(&mut self, choices: &mut impl Choices, transaction: &mut Transaction) {
        let last = self.signers.len().saturating_sub(1);
        let index = choices.below(self.signers.len().max(1) as u32) as usize;
        if index < self.signers.len() {
            self.signers.swap(index, last);
        }
        let signer = match self.signers.pop() {
            Some(signer) => signer,
            None => self.account(choices),
        };
        transaction.signer = signer;
        // The list of the last transaction takes their place: nothing is copied.
        std::mem::swap(&mut transaction.cosignatures, &mut self.signers);
        let alone = transaction.parts.first().filter(|part| part.signer == signer);
        if !self.protocol.base.has_aggregates() && alone.is_some() {
            transaction.envelope = crate::transaction::Envelope::Bare;
            transaction.cosignatures.clear();
        }
    }
}

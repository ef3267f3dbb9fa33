//! Looks at the ledger in the middle of a transaction; afterwards everything is as it was.

use super::Ledger;
use super::links::{Marks, View};
use super::rules::{self, Facts};
use crate::account::AccountId;
use crate::protocol::Base;
use crate::transaction::{CosignatoryModification, EmbeddedTransaction, Envelope, Transaction};
use crate::verdict::{Reason, Verdict};

impl Ledger {
    /// Puts a step to the ledger once more and shows it as it stands where the step is refused, with
    /// what the rule that refuses knows. Then everything is as it was before. For steps of the open
    /// block only: one that seals a block or goes back is not taken again.
    pub fn at_refusal<T>(
        &mut self,
        step: impl FnOnce(&mut Self) -> Verdict,
        look: impl FnOnce(&mut Self, Verdict, Facts) -> T,
    ) -> T {
        let mark = self.books.journal.end();
        self.holds_failures = true;
        self.books.facts = Facts::default();
        self.desk.facts = Facts::default();
        let verdict = step(self);
        self.holds_failures = false;
        let facts = match verdict {
            Verdict::Rejected(Reason::InsufficientBalance) => self.books.facts,
            _ => Facts { part: self.desk.facts.part.or(self.books.facts.part), ..self.desk.facts },
        };
        let seen = look(self, verdict, facts);
        self.books.undo_to(mark);
        seen
    }

    /// NIS1: how many of which cosignatories must sign for a transaction of `multisig` that makes these
    /// changes; those it removes do not count.
    #[must_use]
    pub fn nis1_signers(
        &self,
        multisig: AccountId,
        changes: &[CosignatoryModification],
    ) -> (u32, Vec<AccountId>) {
        let links = &self.books.state.links;
        let mut desk = self.desk.clone();
        let needed =
            rules::nis1::signatures_needed(&self.protocol, links, &mut desk, multisig, changes);
        let stays = |account: &AccountId| !desk.other.marked(*account);
        (needed, links.cosignatories(multisig).filter(stays).collect())
    }

    /// Shows the ledger before each part of a transaction in turn, whoever signed it: the parts before
    /// are executed as far as their own rules allow. Then everything is as it was before.
    pub fn in_turn(
        &mut self,
        transaction: &Transaction,
        mut look: impl FnMut(&mut Self, &EmbeddedTransaction),
    ) {
        let mark = self.books.journal.end();
        for part in &transaction.parts {
            look(self, part);
            let before = self.books.journal.end();
            let executed = match self.protocol.base {
                Base::Nis1 => self.nis1_part(transaction, part),
                _ => self.part(transaction, part),
            };
            if executed.is_err() {
                self.books.undo_to(before);
            }
        }
        self.books.undo_to(mark);
    }

    /// Whether these signatures, and no others, are enough for one part in the present state, whoever
    /// else may sign it.
    pub fn is_signed_by(
        &mut self,
        transaction: &Transaction,
        part: &EmbeddedTransaction,
        signed: &[AccountId],
    ) -> bool {
        self.desk.signed.clear();
        for &account in signed {
            self.desk.signed.mark(account);
        }
        if self.protocol.base.has_aggregates() {
            return self.sufficient(transaction, part).is_ok();
        }
        if transaction.envelope != Envelope::Multisig {
            return signed.contains(&part.signer);
        }
        if !self.books.state.links.is_multisig(part.signer) {
            return false;
        }
        let (needed, stay) = self.nis1_signers(part.signer, transaction.changes_in(part));
        stay.iter().filter(|account| signed.contains(account)).count() >= needed as usize
    }

    /// The accounts whose signature this transaction may carry, in the present state.
    pub fn eligible_signers(&mut self, transaction: &Transaction) -> Vec<AccountId> {
        let links = &self.books.state.links;
        if !self.protocol.base.has_aggregates() || transaction.envelope == Envelope::Bare {
            let account = transaction.parts.first().map_or(transaction.signer, |part| part.signer);
            return match links.is_multisig(account) && transaction.envelope == Envelope::Multisig {
                true => links.cosignatories(account).collect(),
                false => vec![account],
            };
        }
        // Whether all who signed may is reported beside whom the rule marked as eligible.
        let _ = self.eligible(transaction);
        let mut eligible = self.marked_eligible();
        if self.protocol.switches.strict_cosignature_check {
            eligible.retain(|signer| transaction.parts.iter().any(|part| part.signer == *signer));
        }
        eligible
    }

    /// The accounts that the rule about eligible signatures allowed when it was asked last.
    #[must_use]
    pub fn marked_eligible(&self) -> Vec<AccountId> {
        let accounts = (0..self.books.state.len() as u32).map(AccountId);
        accounts.filter(|&account| self.desk.eligible.marked(account)).collect()
    }

    /// What the rule that refused last knows; of a block that was refused when it was sealed.
    #[must_use]
    pub const fn facts(&self) -> Facts {
        self.desk.facts
    }
}

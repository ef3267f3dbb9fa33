//! The ledger's own rules on a packed state: whether a modification is legal, and whose signatures
//! make it so.

use super::packed::{ACCOUNTS_MAX, Graph, Packed, Set};
use crate::account::AccountId;
use crate::ledger::rules::{Desk, modification, nis1, signature};
use crate::ledger::{BitMarks, Minima, View, bits};
use crate::protocol::Protocol;
use crate::transaction::{
    Action, Body, CosignatoryModification, EmbeddedTransaction, Envelope, Modification, Transaction,
};
use crate::unit::Span;
use crate::verdict::Reason;

/// One modification: what becomes of an account's cosignatories and thresholds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edit {
    /// The modified account.
    pub multisig: u8,
    /// The set of added cosignatories.
    pub additions: Set,
    /// The set of removed cosignatories.
    pub deletions: Set,
    /// The thresholds afterwards: min approval, min removal.
    pub thresholds: (u8, u8),
}

impl Edit {
    /// The state this modification leads to.
    #[must_use]
    pub const fn applied(self, state: Packed) -> Packed {
        let account = self.multisig as usize;
        let row = (state.row(account) | self.additions) & !self.deletions;
        let (approval, removal) = (self.thresholds.0 as u32, self.thresholds.1 as u32);
        state.with(account, row, Minima { approval, removal })
    }
}

/// A judge: the protocol, the desk its rules work on, and a transaction to put before them.
#[derive(Clone, Debug)]
pub struct Judge<'p> {
    protocol: &'p Protocol,
    desk: Desk<BitMarks>,
    transaction: Transaction,
}

fn accounts_of(set: Set) -> impl Iterator<Item = AccountId> {
    bits(u64::from(set)).map(|account| AccountId(account as u32))
}

impl<'p> Judge<'p> {
    /// A judge who follows this protocol.
    #[must_use]
    pub fn new(protocol: &'p Protocol) -> Self {
        Self { protocol, desk: Desk::default(), transaction: Transaction::default() }
    }

    /// Writes the one transaction that carries this modification and these signatures.
    fn write(&mut self, graph: &Graph, edit: Edit, signers: Set) -> (AccountId, Modification) {
        let multisig = AccountId(u32::from(edit.multisig));
        let mut signatures = accounts_of(signers);
        let base = self.protocol.base;
        let envelope = match base.has_aggregates() || graph.is_multisig(multisig) {
            true => base.signed_envelope(),
            false => Envelope::Bare,
        };
        let transaction = &mut self.transaction;
        transaction.reset(envelope, signatures.next().unwrap_or(multisig));
        transaction.cosignatures.extend(signatures);
        let entry = |action| move |account| CosignatoryModification { action, account };
        transaction.changes.extend(accounts_of(edit.additions).map(entry(Action::Add)));
        transaction.changes.extend(accounts_of(edit.deletions).map(entry(Action::Remove)));
        let before = graph.minima(multisig);
        let row = graph.state.row(edit.multisig as usize);
        let ends = (row | edit.additions) & !edit.deletions == 0;
        // Catapult wants exactly -1 and -1 from an account that stops being multisig.
        let ends = ends && base.has_removal_threshold();
        let delta =
            |after: u8, before: u32| if ends { -1 } else { i32::from(after) - before as i32 };
        let body = Modification {
            approval_delta: delta(edit.thresholds.0, before.approval),
            removal_delta: delta(edit.thresholds.1, before.removal),
            delta_present: true,
            version: 0,
            changes: Span::between(0, transaction.changes.len()),
        };
        transaction
            .parts
            .push(EmbeddedTransaction { signer: multisig, body: Body::Modification(body) });
        (multisig, body)
    }

    /// The transaction of this modification with these signatures.
    pub fn transaction(&mut self, graph: &Graph, edit: Edit, signers: Set) -> Transaction {
        self.write(graph, edit, signers);
        self.transaction.clone()
    }

    /// Judges a modification that carries these signatures, in the ledger's order. Returns the
    /// thresholds that the rules leave.
    ///
    /// # Errors
    /// The first failure.
    pub fn judge(&mut self, graph: &Graph, edit: Edit, signers: Set) -> Result<Minima, Reason> {
        let (multisig, body) = self.write(graph, edit, signers);
        let protocol = self.protocol;
        if !protocol.base.has_aggregates() {
            if graph.is_multisig(self.transaction.signer) {
                return Err(Reason::TransactionNotAllowedForMultisig);
            }
            if self.transaction.envelope == Envelope::Multisig {
                self.nis1_signed(graph, multisig)?;
            } else if signers != 1 << edit.multisig {
                return Err(Reason::MultisigInvalidCosigners);
            }
            return self.lawful(graph, multisig, &body);
        }
        signature::basic(protocol, &mut self.desk, &self.transaction)?;
        if protocol.switches.strict_cosignature_check {
            signature::strict(&mut self.desk, &self.transaction)?;
        }
        modification::stateless(protocol, &mut self.desk, &self.transaction.changes)?;
        if graph.is_multisig(self.transaction.signer) {
            return Err(Reason::MultisigOperationProhibitedByAccount);
        }
        let switches = &protocol.switches;
        signature::eligible(switches, graph, &mut self.desk, &self.transaction)?;
        let changes = &self.transaction.changes;
        signature::sufficient(switches, graph, &mut self.desk, multisig, changes)?;
        self.lawful(graph, multisig, &body)
    }

    fn nis1_signed(&mut self, graph: &Graph, multisig: AccountId) -> Result<(), Reason> {
        if !graph.is_cosignatory(multisig, self.transaction.signer) {
            return Err(Reason::MultisigNotACosigner);
        }
        let (signers, changes) = (self.transaction.signatures(), &self.transaction.changes);
        nis1::signatures_present(self.protocol, graph, &mut self.desk, multisig, signers, changes)
    }

    fn lawful(
        &mut self,
        graph: &Graph,
        multisig: AccountId,
        body: &Modification,
    ) -> Result<Minima, Reason> {
        let (protocol, desk) = (self.protocol, &mut self.desk);
        let changes = &self.transaction.changes;
        if !protocol.base.has_aggregates() {
            // The entries stand in the server's order already: additions, deletions, each by id.
            let after = nis1::modification(protocol, graph, desk, multisig, body, changes)?;
            return Ok(Minima { approval: after, removal: 0 });
        }
        let after = modification::stateful(protocol, graph, desk, multisig, body, changes)?;
        Ok(after.unwrap_or_default())
    }

    /// Judges what a modification changes, whoever signs it.
    ///
    /// # Errors
    /// The first failure.
    pub fn judge_change(&mut self, graph: &Graph, edit: Edit) -> Result<Minima, Reason> {
        let (multisig, body) = self.write(graph, edit, 0);
        if self.protocol.base.has_aggregates() {
            let changes = &self.transaction.changes;
            modification::stateless(self.protocol, &mut self.desk, changes)?;
        }
        self.lawful(graph, multisig, &body)
    }

    /// Everyone among `keys` whose signature this modification may carry to any effect.
    pub fn eligible(&mut self, graph: &Graph, edit: Edit, keys: Set) -> Set {
        let plain = !super::symmetry::multisig_set(graph.state.rows);
        if !self.protocol.base.has_aggregates() {
            let row = graph.state.row(edit.multisig as usize);
            return if row == 0 { keys & 1 << edit.multisig } else { keys & plain & row };
        }
        if self.protocol.switches.strict_cosignature_check {
            return keys & plain & 1 << edit.multisig;
        }
        self.write(graph, edit, 0);
        let switches = &self.protocol.switches;
        // Only the marks are asked for; the verdict speaks of a signer who is not chosen yet.
        let _ = signature::eligible(switches, graph, &mut self.desk, &self.transaction);
        self.desk.eligible.0 as Set & plain & keys
    }

    /// Signatures among the eligible keys `all`, as few as the cap asks for, that make this
    /// modification legal.
    pub fn signers_among(&mut self, graph: &Graph, edit: Edit, all: Set) -> Option<Set> {
        let cap = self.cap();
        if all == 0 || cap == 0 {
            return None;
        }
        if all.count_ones() <= cap {
            return self.judge(graph, edit, all).is_ok().then_some(all);
        }
        let fits = |set: &Set| set.count_ones() == cap;
        subsets(all).filter(fits).find(|&set| self.judge(graph, edit, set).is_ok())
    }

    /// Most signatures that one transaction may carry, the signer included; NIS1 knows no cap.
    #[must_use]
    pub const fn cap(&self) -> u32 {
        match self.protocol.max_signatures() {
            Some(most) => most,
            None => u32::MAX,
        }
    }

    /// Leaves out every signature that is not needed, highest account first.
    pub fn sparing(&mut self, graph: &Graph, edit: Edit, signers: Set) -> Set {
        (0..ACCOUNTS_MAX).rev().fold(signers, |kept, account| {
            let fewer = kept & !(1 << account);
            let enough = fewer != 0 && self.judge(graph, edit, fewer).is_ok();
            if enough { fewer } else { kept }
        })
    }

    /// The protocol.
    #[must_use]
    pub const fn protocol(&self) -> &'p Protocol {
        self.protocol
    }
}

/// All subsets of a set, the empty one first.
pub(crate) fn subsets(set: Set) -> impl Iterator<Item = Set> {
    let mut next: Option<Set> = Some(0);
    std::iter::from_fn(move || {
        let this = next?;
        next = (this != set).then(|| this.wrapping_sub(set) & set);
        Some(this)
    })
}

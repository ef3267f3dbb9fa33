//! The multisig rules of all four protocols written a second time, straight from their description,
//! slow and obvious. The auditor shares nothing with the ledger but the words of the question and
//! the answer, so that a mistake in one of them shows as a difference.
//!
//! One function is one rule, in the order in which the servers check it. The comments name the
//! server's notification, validator or class; words in quotation marks describe it.

mod account_set;
mod block;
mod catapult;
mod identity;
mod mosaics;
mod nis1;
mod shape;
mod sorted;
mod state;
mod waiting;

use std::collections::BTreeSet;

use crate::account::AccountId;
use crate::mosaic::{Definition, MosaicId};
use crate::protocol::{Base, Protocol, Threshold};
use crate::transaction::{PendingId, Transaction};
use crate::unit::Amount;
use crate::verdict::{Reason, Verdict};

pub use account_set::AccountSet;
use block::History;
use identity::{Arrival, Deadline, Identity};
use sorted::Map;
pub use state::Entry;
use state::State;
use waiting::{Pool, Stage};

/// The first failure, or none.
type Judgement = Result<(), Reason>;

/// How far a rollback may reach at first, in sealed blocks.
const HORIZON_BLOCKS: usize = 1_000;

/// A second opinion: a whole world of its own, judged by the rules of one protocol.
///
/// ```
/// use quorate::account::AccountId;
/// use quorate::auditor::Auditor;
/// use quorate::protocol::Protocol;
/// use quorate::transaction::{Envelope, Transaction};
/// use quorate::verdict::Verdict;
///
/// let [alice, phone, laptop] = [0, 1, 2].map(AccountId);
/// let mut auditor = Auditor::new(&Protocol::preset("symbol").expect("a known protocol"));
/// let mut conversion = Transaction::new(Envelope::AggregateComplete, alice);
/// conversion.push_modification(alice, (2, 1), &[phone, laptop], &[]);
/// conversion.cosignatures = vec![phone, laptop];
/// assert_eq!(auditor.submit(&conversion), Verdict::Accepted);
/// assert!(auditor.approves(alice, &[phone, laptop].into()));
/// assert!(!auditor.approves(alice, &[alice, phone].into()));
/// ```
#[derive(Clone, Debug)]
pub struct Auditor {
    protocol: Protocol,
    state: State,
    /// Where a transaction is tried out: what the state is, or was before the last change.
    draft: State,
    pool: Pool,
    history: History,
    /// The deadlines of what has an id; no roll-back changes what was signed.
    deadlines: Map<PendingId, Deadline>,
}

impl Auditor {
    /// A world in which nobody is multisig and nobody has anything; block 1 is open.
    #[must_use]
    pub fn new(protocol: &Protocol) -> Self {
        Self {
            protocol: protocol.clone(),
            state: State::new(),
            draft: State::new(),
            pool: Pool::default(),
            history: History::new(HORIZON_BLOCKS),
            deadlines: Map::new(),
        }
    }

    /// Keeps copies of at most this many sealed blocks for [`Auditor::roll_back`]; forgets all it
    /// has.
    pub fn set_horizon(&mut self, blocks: usize) {
        self.history = History::new(blocks);
    }

    /// Gives an account a balance in place of the one it has.
    pub fn set_balance(&mut self, account: AccountId, mosaic: MosaicId, amount: Amount) {
        self.state.set_balance(account, mosaic, amount);
    }

    /// Makes an account multisig as it stands, unjudged; without cosignatories: a plain account.
    pub fn set_entry(&mut self, account: AccountId, entry: Entry) {
        self.state.set_entry(account, &entry);
    }

    /// Describes a mosaic as if it had been defined.
    pub fn set_definition(&mut self, mosaic: MosaicId, definition: Definition) {
        self.state.chain_mut().definitions.insert(mosaic, definition);
    }

    /// Judges a transaction and, if it is accepted, executes it; otherwise nothing changes.
    ///
    /// The deposit of a bonded aggregate lies under its `id`.
    pub fn submit(&mut self, transaction: &Transaction) -> Verdict {
        self.remember_opening();
        if let Err(refusal) = shape::check(&self.protocol, transaction) {
            return Verdict::Refused(refusal);
        }
        let identity = self.identify(transaction, None, Arrival::Submitted);
        self.execute(transaction, identity)
    }

    /// Judges a block: all its transactions in order, each on what the earlier ones left, and on
    /// NIS1 the rules of the block after them, which speak of these transactions alone. All are
    /// executed and the block is sealed without a harvester, or the first failure is the answer and
    /// nothing changes.
    pub fn submit_block(&mut self, transactions: &[Transaction]) -> Verdict {
        self.remember_opening();
        for transaction in transactions {
            if let Err(refusal) = shape::check(&self.protocol, transaction) {
                return Verdict::Refused(refusal);
            }
        }
        self.draft.follow(&mut self.state);
        self.draft.chain_mut().block = state::OpenBlock::default();
        for transaction in transactions {
            let identity = self.identify(transaction, None, Arrival::InBlock);
            if let Err(reason) = execute(&self.protocol, &mut self.draft, transaction, identity) {
                return Verdict::Rejected(reason);
            }
        }
        let repeats = identity::is_repeated(&self.state, transactions);
        if let Err(reason) = block::judge(&self.protocol, &self.draft, None, repeats) {
            return Verdict::Rejected(reason);
        }
        std::mem::swap(&mut self.state, &mut self.draft);
        for transaction in transactions {
            self.pool.end(transaction.id.into_iter().chain(transaction.inner_id), Stage::Executed);
        }
        self.seal_block(None)
    }

    /// An account's thresholds and cosignatories; none for a plain one.
    #[must_use]
    #[inline]
    pub fn entry(&self, account: AccountId) -> &Entry {
        self.state.entry(account)
    }

    /// All multisig accounts, by id.
    pub fn entries(&self) -> impl Iterator<Item = (AccountId, &Entry)> {
        self.state.entries()
    }

    /// What an account has of a mosaic.
    #[must_use]
    #[inline]
    pub fn balance(&self, account: AccountId, mosaic: MosaicId) -> Amount {
        self.state.balance(account, mosaic)
    }

    /// What a mosaic's owner decided, if it is defined.
    #[must_use]
    pub fn definition(&self, mosaic: MosaicId) -> Option<&Definition> {
        self.state.chain().definitions.get(&mosaic)
    }

    /// Whether these keys together can approve a plain transfer by `account` in the present state.
    ///
    /// Keys that have no say do no harm here, and the limit on signatures is not considered.
    #[must_use]
    pub fn approves(&self, account: AccountId, signatures: &BTreeSet<AccountId>) -> bool {
        if self.protocol.base == Base::Nis1 && self.state.is_multisig(account) {
            let members = self.state.cosignatories(account);
            let signed = members.iter().filter(|member| signatures.contains(member)).collect();
            let removed = AccountSet::new();
            return nis1::enough(&self.protocol, &self.state, account, &signed, &removed);
        }
        let signed = signatures.iter().copied().collect();
        catapult::satisfied(&self.protocol, &self.state, account, Threshold::Approval, &signed)
    }

    /// All or nothing, on a copy.
    fn execute(&mut self, transaction: &Transaction, identity: Identity) -> Verdict {
        self.draft.follow(&mut self.state);
        let judgement = execute(&self.protocol, &mut self.draft, transaction, identity);
        if judgement.is_ok() {
            std::mem::swap(&mut self.state, &mut self.draft);
            self.pool.end(identity.id.into_iter().chain(transaction.inner_id), Stage::Executed);
        }
        Verdict::from(judgement)
    }
}

/// The full rules of the protocol; `state` may be half changed after a failure.
fn execute(
    protocol: &Protocol,
    state: &mut State,
    transaction: &Transaction,
    identity: Identity,
) -> Judgement {
    match protocol.base {
        Base::Nis1 => nis1::execute(protocol, state, transaction, identity),
        _ => catapult::execute(protocol, state, transaction, identity),
    }
}

#[cfg(test)]
mod tests;

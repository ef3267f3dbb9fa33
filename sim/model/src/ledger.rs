//! The machine: a deterministic in-memory ledger that follows a protocol's rules to the letter.
//!
//! A [`Ledger`] starts from a validated [`Genesis`] and answers [`submit`](Ledger::submit),
//! [`announce`](Ledger::announce), [`cosign`](Ledger::cosign), [`seal_block`](Ledger::seal_block),
//! [`advance`](Ledger::advance) and [`roll_back`](Ledger::roll_back) with a [`Verdict`]. Its raw
//! [`State`] can be read at any time and is written by nobody else.
//!
//! ```
//! use quorate::ledger::{Genesis, Ledger};
//! use quorate::account::AccountId;
//! use quorate::protocol::Protocol;
//! use quorate::transaction::{Envelope, Transaction};
//! use quorate::verdict::Verdict;
//!
//! let protocol = Protocol::preset("symbol-mainnet").unwrap();
//! let mut ledger = Ledger::from_genesis(protocol, &Genesis::of_accounts(3)).unwrap();
//! let [shared, alice, bob] = [0, 1, 2].map(AccountId);
//! let mut convert = Transaction::new(Envelope::AggregateComplete, alice);
//! convert.cosignatures.extend([shared, bob]);
//! convert.push_modification(shared, (2, 1), &[alice, bob], &[]);
//! // Once converted, the account's own key is nothing; before, it must consent.
//! assert_eq!(ledger.submit(&convert), Verdict::Accepted);
//! ```

mod apply;
mod block;
mod catapult;
mod counted;
mod fee;
mod genesis;
mod identity;
mod journal;
mod links;
mod look;
mod nis1;
mod pending;
pub mod rules;
mod shape;
mod state;
mod waiting;

pub use genesis::{Entry, Genesis, GenesisError};
pub use links::{BitMarks, Links, List, Marks, Minima, StampMarks, View, bits};
pub use pending::{Lock, Status, Waiting};
pub use state::State;

use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::protocol::conduct::DepositRecipient;
use crate::protocol::{Base, Protocol, Threshold};
use crate::transaction::{CosignatoryModification, Envelope, PendingId, Transaction};
use crate::unit::Amount;
use crate::verdict::{Refusal, Verdict};

use apply::Books;
use block::OpenBlock;
use counted::Counted;
use identity::{Arrival, Deadline};
use journal::Journal;
use pending::Pending;
use rules::{Desk, Facts};

/// How many sealed blocks a ledger can roll back by default.
pub const HORIZON_BLOCKS: usize = 1000;

/// A ledger: a protocol, a state, and the means to go back.
#[derive(Clone, Debug)]
pub struct Ledger {
    protocol: Protocol,
    books: Books,
    desk: Desk<StampMarks>,
    height: u64,
    sorted: Vec<CosignatoryModification>,
    /// Whether a step that is refused leaves the state as it is at the refusal, for a look at it.
    holds_failures: bool,
    /// The deadlines of identities that have one.
    deadlines: Vec<Option<Deadline>>,
}

impl Ledger {
    /// A ledger that stands on this genesis, with block 1 open.
    ///
    /// # Errors
    /// A genesis that no chain of transactions could have reached.
    pub fn from_genesis(protocol: Protocol, genesis: &Genesis) -> Result<Self, GenesisError> {
        let state = genesis.state(&protocol)?;
        let accounts = state.len();
        let counted = if protocol.base.has_block_rules() { accounts } else { 0 };
        let journal = Journal::new(HORIZON_BLOCKS, protocol.conduct);
        let kept_blocks = protocol.limits.max_rollback_blocks;
        let pending = Pending::new(protocol.base.has_one_lock_per_hash().then_some(kept_blocks));
        let block = OpenBlock::new(counted);
        let (state, pending) = (Counted::new(state), Counted::new(pending));
        Ok(Self {
            protocol,
            books: Books { state, journal, pending, block, ..Books::default() },
            desk: Desk::new(accounts),
            height: 1,
            sorted: Vec::new(),
            holds_failures: false,
            deadlines: Vec::new(),
        })
    }

    /// The same ledger with another horizon, in sealed blocks. To be called before the first step.
    #[must_use]
    pub fn with_horizon(mut self, blocks: usize) -> Self {
        self.books.journal = Journal::new(blocks, self.protocol.conduct);
        self
    }

    /// The protocol it follows.
    #[must_use]
    pub const fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// The raw state.
    #[must_use]
    pub const fn state(&self) -> &State {
        self.books.state.get()
    }

    /// How often the state, a hash lock or a waiting transaction may have been written since the
    /// start, writes that were taken back included. The same number twice: nothing changed between.
    #[must_use]
    pub const fn writes(&self) -> u64 {
        self.books.state.writes() + self.books.pending.writes()
    }

    /// The height of the open block, at least 1.
    #[must_use]
    pub const fn height(&self) -> u64 {
        self.height
    }

    /// The time of the open block: seconds since the start, block time times blocks.
    #[must_use]
    pub const fn time_seconds(&self) -> u64 {
        (self.height - 1).saturating_mul(self.protocol.limits.block_time_seconds)
    }

    /// Number of sealed blocks that can be rolled back now.
    #[must_use]
    pub fn horizon_blocks(&self) -> usize {
        self.books.journal.blocks()
    }

    /// Whether the open block holds anything, as far as is known.
    #[must_use]
    pub fn is_block_begun(&self) -> bool {
        let journal = &self.books.journal;
        journal.open_start().is_none() || !journal.open_records().is_empty()
    }

    /// A waiting (or once waiting) transaction.
    #[must_use]
    pub fn waiting(&self, pending: PendingId) -> Option<&Waiting> {
        self.books.pending.waiting(pending)
    }

    /// The hash lock for a transaction.
    #[must_use]
    pub fn lock(&self, pending: PendingId) -> Option<&Lock> {
        self.books.pending.lock(pending)
    }

    /// One above the greatest id that ever had a hash lock.
    #[must_use]
    pub const fn lock_ids(&self) -> usize {
        self.books.pending.get().lock_ids()
    }

    /// All transactions that wait or waited, by id.
    pub fn all_waiting(&self) -> impl Iterator<Item = (PendingId, &Waiting)> {
        self.books.pending.all_waiting()
    }

    /// All hash locks, by id.
    pub fn all_locks(&self) -> impl Iterator<Item = (PendingId, &Lock)> {
        self.books.pending.all_locks()
    }

    /// Bytes that the undo records take.
    #[must_use]
    pub fn journal_bytes(&self) -> usize {
        self.books.journal.bytes()
    }

    /// Judges a transaction and executes it if it is valid; else nothing changes.
    pub fn submit(&mut self, transaction: &Transaction) -> Verdict {
        if let Some(refusal) = shape::refusal(&self.protocol, transaction) {
            return Verdict::Refused(refusal);
        }
        self.books.journal.trim();
        self.execute(transaction, transaction.id, Arrival::Submitted)
    }

    #[inline]
    fn execute(
        &mut self,
        transaction: &Transaction,
        id: Option<PendingId>,
        arrival: Arrival,
    ) -> Verdict {
        let mark = self.books.journal.end();
        let result = match self.protocol.base {
            Base::Nis1 => self.nis1_submitted(transaction, id, arrival),
            _ => self.catapult(transaction, id),
        };
        match result {
            Ok(()) => {
                if self.protocol.base.has_block_rules() {
                    self.count_in_block(transaction);
                }
                self.remember(id, transaction.inner_id);
            }
            Err(_) if self.undoes_failures() => self.books.undo_to(mark),
            Err(_) => {}
        }
        result.into()
    }

    const fn undoes_failures(&self) -> bool {
        self.protocol.conduct.failure_undone && !self.holds_failures
    }

    /// Executes these transactions and seals the block: all of them, or none and the first failure.
    /// What was executed before in the open block is sealed with them, or stays if they fail; the
    /// rules of the block speak of these transactions alone.
    pub fn submit_block(&mut self, transactions: &[Transaction]) -> Verdict {
        let shape = |transaction| shape::refusal(&self.protocol, transaction);
        if let Some(refusal) = transactions.iter().find_map(shape) {
            return Verdict::Refused(refusal);
        }
        self.books.journal.trim();
        let mark = self.books.journal.end();
        let suspended = self.books.block.suspend();
        let repeats = self.protocol.base.has_block_rules() && self.repeats(transactions);
        let execute = |one: &Transaction| self.execute(one, one.id, Arrival::InBlock);
        let mut executed = transactions.iter().map(execute).enumerate();
        let failure = executed.find(|(_, verdict)| !verdict.is_accepted());
        let verdict = match failure {
            Some((index, failure)) => {
                self.note_part(index);
                if !self.holds_failures {
                    self.books.undo_to(mark);
                }
                failure
            }
            None => self.judge_and_close(None, mark, repeats),
        };
        if !verdict.is_accepted() {
            self.books.block.resume(suspended);
        }
        verdict
    }

    /// Announces a transaction that may have to wait for signatures: a bonded aggregate under its
    /// hash lock, a NIS1 wrapper. Whatever need not wait is executed at once. The same again is no
    /// news but for the cosignatures of a bonded aggregate.
    pub fn announce(&mut self, pending: PendingId, transaction: &Transaction) -> Verdict {
        if let Some(refusal) = shape::refusal(&self.protocol, transaction) {
            return Verdict::Refused(refusal);
        }
        if shape::names_itself(pending, transaction) {
            return Verdict::Refused(Refusal::NotEmbeddable);
        }
        let same = |waiting: &Waiting| waiting.transaction.is_same_as(transaction);
        if !self.books.pending.waiting(pending).is_none_or(same) {
            return Verdict::Refused(Refusal::AlreadyAnnounced);
        }
        self.books.journal.trim();
        let mark = self.books.journal.end();
        let waits = self.is_waiting(pending);
        let verdict = match transaction.envelope {
            Envelope::AggregateBonded => self.announce_bonded(pending, transaction),
            Envelope::Multisig => self.announce_multisig(pending, transaction),
            Envelope::Bare | Envelope::AggregateComplete => {
                self.execute(transaction, Some(pending), Arrival::Announced)
            }
        };
        let rejected = matches!(verdict, Verdict::Rejected(_)) && !waits;
        if rejected && self.undoes_failures() {
            self.books.undo_to(mark);
        }
        verdict
    }

    /// Adds a cosignature to a waiting transaction; the last one that is needed executes it.
    pub fn cosign(&mut self, pending: PendingId, signer: AccountId) -> Verdict {
        // Whom a reason speaks of, unless a rule names another.
        self.desk.facts = Facts::default().of(signer);
        if !self.is_waiting(pending) {
            return match self.protocol.base {
                Base::Nis1 => Verdict::Rejected(self.unmatched(pending, signer)),
                _ => Verdict::Refused(Refusal::NotPending),
            };
        }
        self.books.journal.trim();
        match self.protocol.base {
            Base::Nis1 => self.cosign_multisig(pending, signer),
            _ => self.cosign_bonded(pending, signer),
        }
    }

    fn is_waiting(&self, pending: PendingId) -> bool {
        let waits = |waiting: &Waiting| waiting.status == Status::Waiting;
        self.books.pending.waiting(pending).is_some_and(waits)
    }

    /// Seals the open block: fees and forfeited deposits go to the harvester, or wait for the next
    /// one. On NIS1 the block validators judge it first; a block they refuse is dropped whole.
    pub fn seal_block(&mut self, harvester: Option<AccountId>) -> Verdict {
        let Some(mark) = self.books.journal.open_start() else {
            // The block's beginning is forgotten: it cannot be dropped, so it is not judged.
            self.books.block.begin();
            return self.judge_and_close(harvester, self.books.journal.end(), false);
        };
        self.judge_and_close(harvester, mark, false)
    }

    fn judge_and_close(
        &mut self,
        harvester: Option<AccountId>,
        mark: u64,
        repeats: bool,
    ) -> Verdict {
        if self.protocol.base.has_block_rules()
            && let Err(reason) = self.nis1_block(harvester, repeats)
        {
            self.books.undo_to(mark);
            return Verdict::Rejected(reason);
        }
        self.close(harvester);
        Verdict::Accepted
    }

    fn close(&mut self, harvester: Option<AccountId>) {
        if self.protocol.conduct.expiry {
            self.forfeit_expired_locks();
        }
        if let Some(harvester) = harvester
            && self.books.state.uncollected > 0
        {
            let amount = Amount(self.books.state.uncollected);
            self.books.set_uncollected(0);
            self.books.credit(harvester, MosaicId::CURRENCY, amount);
        }
        if self.protocol.conduct.expiry {
            self.drop_expired_waiting();
        }
        self.books.journal.seal(self.height);
        self.books.confirm();
        self.height += 1;
        self.books.block.begin();
    }

    /// The deposits of locks that end with the open block are nobody's but the harvester's. What
    /// ended too long ago to be rolled back is forgotten (`CreateCacheBlockPruningObserver`).
    fn forfeit_expired_locks(&mut self) {
        let ended: Vec<(PendingId, Lock)> = self
            .books
            .pending
            .ending(self.height)
            .filter_map(|pending| Some((pending, *self.books.pending.lock(pending)?)))
            .filter(|(_, lock)| lock.end <= self.height)
            .collect();
        for (pending, lock) in ended {
            if !lock.active {
                if self.books.pending.is_forgotten(&lock, self.height) {
                    self.books.set_lock(pending, None);
                }
                continue;
            }
            let ended = Lock { active: false, ..lock };
            let kept = !self.books.pending.is_forgotten(&ended, self.height);
            self.books.set_lock(pending, kept.then_some(ended));
            self.books.set_locked(self.books.state.locked - lock.amount);
            match self.protocol.conduct.deposit_recipient {
                DepositRecipient::OwnerAlways => {
                    self.books.credit(lock.owner, MosaicId::CURRENCY, Amount(lock.amount));
                }
                _ => self.books.set_uncollected(self.books.state.uncollected + lock.amount),
            }
        }
        self.books.pending.forget_ends(self.height);
    }

    /// What may not wait in the next block any more is dropped with this one.
    fn drop_expired_waiting(&mut self) {
        let next = self.height + 1;
        let ended: Vec<PendingId> = self.books.pending.ending(next).collect();
        for pending in ended {
            let Some(waiting) = self.books.pending.waiting(pending) else { continue };
            if waiting.status == Status::Waiting && waiting.end <= next {
                let expired = Waiting { status: Status::Expired, ..waiting.clone() };
                self.books.set_waiting(pending, Some(expired));
            }
        }
    }

    /// Seals the open block and `blocks - 1` empty ones. Nothing for 0.
    pub fn advance(&mut self, blocks: u64) -> Verdict {
        let Some(target) = self.height.checked_add(blocks).filter(|_| blocks > 0) else {
            return Verdict::Accepted;
        };
        let verdict = self.seal_block(None);
        if !verdict.is_accepted() {
            return verdict;
        }
        while self.height < target {
            let quiet_until = self.books.pending.first_end().map_or(u64::MAX, |end| end - 1);
            let kept_from = target.saturating_sub(self.books.journal.horizon() as u64 + 1);
            let skip_to = quiet_until.min(kept_from);
            if skip_to > self.height {
                self.books.journal.forget();
                self.height = skip_to;
            } else {
                self.close(None);
            }
        }
        verdict
    }

    /// Goes back: drops the open block and the last `blocks` sealed ones; the state is exactly what it
    /// was when the oldest of them was opened.
    pub fn roll_back(&mut self, blocks: u64) -> Verdict {
        let Some(mark) = self.books.journal.reopen(blocks) else {
            return Verdict::Refused(Refusal::BeyondHorizon);
        };
        self.books.undo_to(mark.records);
        self.books.confirm();
        self.height = mark.height.min(self.height);
        self.books.block.begin();
        Verdict::Accepted
    }

    /// Undoes everything since the journal ended at `mark` ([`Ledger::mark`]), inside the open block.
    pub fn undo_to(&mut self, mark: u64) {
        self.books.undo_to(mark);
    }

    /// The journal's present end, for [`Ledger::undo_to`].
    #[must_use]
    pub fn mark(&self) -> u64 {
        self.books.journal.end()
    }

    /// Whether these signatures together approve a plain transfer from `account` in the present
    /// state, limits on their number aside.
    pub fn approves(&mut self, account: AccountId, signatures: &[AccountId]) -> bool {
        let links = &self.books.state.links;
        self.desk.signed.clear();
        for &signature in signatures {
            self.desk.signed.mark(signature);
        }
        if !self.protocol.base.has_aggregates() && links.is_multisig(account) {
            let mine = signatures.iter().copied();
            let mine = mine.filter(|&signature| links.is_cosignatory(account, signature));
            let desk = &mut self.desk;
            return rules::nis1::signatures_present(
                &self.protocol,
                links,
                desk,
                account,
                mine,
                &[],
            )
            .is_ok();
        }
        self.desk.visited.clear();
        self.desk.satisfied.clear();
        let switches = &self.protocol.switches;
        let threshold = Threshold::Approval;
        rules::signature::satisfied(switches, links, &mut self.desk, account, threshold)
    }
}

#[cfg(test)]
mod tests;

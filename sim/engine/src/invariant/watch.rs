//! Watches a ledger step by step and reports the first broken invariant.

use std::slice;

use super::shadow::{Shadow, deadline_blocks};
use super::{ALL, Breach, Event, Invariant, Scene};
use crate::account::AccountId;
use crate::ledger::{Ledger, Marks, StampMarks, State, Status};
use crate::protocol::Protocol;
use crate::transaction::{Body, Envelope, PendingId, Transaction};
use crate::verdict::Verdict;

/// Every how many steps everything is looked at, not only what the step touched.
const EVERYTHING_EACH: u64 = 1000;

/// Keeps a shadow of a ledger and checks every invariant after every step.
#[derive(Clone, Debug)]
pub struct Watch {
    protocol: Protocol,
    shadow: Shadow,
    marks: StampMarks,
    /// The accounts that the step named, and behind them room for all others and one more.
    places: Vec<AccountId>,
    touched: usize,
    changed: Vec<AccountId>,
    moved: Vec<AccountId>,
    pending: Vec<PendingId>,
    executed: Vec<Transaction>,
    steps: u64,
    /// How often the ledger had been written after the last step.
    writes: u64,
    /// Whether the last step wrote nothing.
    idle: bool,
    thorough: bool,
    broken: Vec<&'static str>,
    /// Invariants of somebody else, behind those of this crate.
    own: Vec<Invariant>,
}

impl Watch {
    /// Begins to watch a ledger, judging it by this protocol. `thorough`: look at everything every time.
    #[must_use]
    pub fn new(protocol: Protocol, ledger: &Ledger, thorough: bool) -> Self {
        Self {
            protocol,
            shadow: Shadow::of(ledger),
            marks: StampMarks::new(ledger.state().len()),
            places: vec![AccountId(0); ledger.state().len() + 1],
            touched: 0,
            changed: Vec::new(),
            moved: Vec::new(),
            pending: Vec::new(),
            executed: Vec::new(),
            steps: 0,
            writes: ledger.writes(),
            idle: false,
            thorough,
            broken: Vec::new(),
            own: Vec::new(),
        }
    }

    /// Checks this invariant, too, from the next step on.
    pub fn add(&mut self, invariant: Invariant) {
        self.own.push(invariant);
    }

    /// What the invariant of this name states; nothing for a name that none has.
    #[must_use]
    pub fn statement(&self, name: &str) -> &'static str {
        let mut all = ALL.iter().chain(&self.own);
        all.find(|invariant| invariant.name == name).map_or("", |invariant| invariant.statement)
    }

    /// The names of all invariants that the last step broke, not only the first.
    #[must_use]
    pub fn broken(&self) -> &[&'static str] {
        &self.broken
    }

    /// Whether the last step was refused before the ledger wrote anything: all stands as it did before.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.idle
    }

    /// The accounts that the last step named, each once; all of them where it was looked at whole,
    /// none where nothing was written.
    #[must_use]
    pub fn touched(&self) -> &[AccountId] {
        self.places.get(..self.touched).unwrap_or_default()
    }

    /// A digest of the accounts as they stand now.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.shadow.digest
    }

    /// Checks every invariant on the step that led to the ledger's present state.
    ///
    /// # Errors
    /// The first broken invariant.
    pub fn step(
        &mut self,
        ledger: &Ledger,
        event: Event<'_>,
        verdict: Verdict,
    ) -> Result<(), Breach> {
        self.steps += 1;
        let everything = self.thorough
            || self.steps.is_multiple_of(EVERYTHING_EACH)
            || matches!((event, verdict), (Event::RollBack(_), _))
            || matches!((event, verdict), (Event::Seal(_), Verdict::Rejected(_)));
        self.idle = !everything && self.is_unwritten(ledger, event, verdict);
        if self.idle {
            self.broken.clear();
            self.touched = 0;
            self.note_deadlines(event);
            return Ok(());
        }
        self.collect(ledger, event, verdict, everything);
        let executed: &[Transaction] = match event {
            Event::Submit(transactions) if verdict == Verdict::Accepted => transactions,
            _ => &self.executed,
        };
        let scene = Scene {
            protocol: &self.protocol,
            ledger,
            before: &self.shadow,
            event,
            verdict,
            executed,
            touched: self.places.get(..self.touched).unwrap_or_default(),
            changed: &self.changed,
            moved: &self.moved,
            pending: &self.pending,
        };
        self.broken.clear();
        // As a rule nothing is broken, and nothing said about it is carried around.
        let own_hold = || self.own.iter().all(|invariant| invariant.holds(&scene));
        let result = if ALL.iter().all(|invariant| invariant.built_in_holds(&scene)) && own_hold() {
            Ok(())
        } else {
            let all = ALL.iter().chain(&self.own);
            let broken = all.filter(|invariant| !invariant.holds(&scene));
            self.broken.extend(broken.map(|invariant| invariant.name));
            let mut all = ALL.iter().chain(&self.own);
            all.try_for_each(|invariant| invariant.check(&scene))
        };
        self.follow(ledger, event, verdict);
        result
    }

    /// Whether a transaction was refused and the ledger wrote nothing meanwhile, not even something
    /// that it took back. Then no invariant that held before can be broken now; those of somebody else
    /// may look at more.
    fn is_unwritten(&self, ledger: &Ledger, event: Event<'_>, verdict: Verdict) -> bool {
        matches!((event, verdict), (Event::Submit(_), Verdict::Rejected(_) | Verdict::Refused(_)))
            && (ledger.writes(), ledger.height()) == (self.writes, self.shadow.height)
            && self.own.is_empty()
    }

    /// Looks at everything once more, at the end of a run.
    ///
    /// # Errors
    /// The first broken invariant.
    pub fn end(&mut self, ledger: &Ledger) -> Result<(), Breach> {
        let refused = Verdict::Refused(crate::verdict::Refusal::NotPending);
        self.collect(ledger, Event::Submit(&[]), refused, true);
        let touched = self.places.get(..self.touched).unwrap_or_default();
        self.changed.clear();
        self.changed.extend_from_slice(touched);
        let scene = Scene {
            protocol: &self.protocol,
            ledger,
            before: &self.shadow,
            event: Event::Submit(&[]),
            verdict: refused,
            executed: &[],
            touched: self.places.get(..self.touched).unwrap_or_default(),
            changed: &self.changed,
            moved: &self.moved,
            pending: &self.pending,
        };
        ALL.iter().chain(&self.own).try_for_each(|invariant| invariant.check(&scene))
    }

    /// Gathers the accounts the step named, those that changed, and what was executed.
    fn collect(&mut self, ledger: &Ledger, event: Event<'_>, verdict: Verdict, everything: bool) {
        self.pending.clear();
        self.executed.clear();
        self.marks.clear();
        self.touch(ledger, event);
        if everything {
            self.touched = ledger.state().len();
            self.places.iter_mut().zip(0..).for_each(|(place, id)| *place = AccountId(id));
        }
        // Where time moved, whatever waits may have ended.
        if everything || ledger.height() != self.shadow.height {
            self.pending.clear();
            self.pending.extend(ledger.all_waiting().map(|(pending, _)| pending));
            self.pending.extend(ledger.all_locks().map(|(pending, _)| pending));
        }
        if let Event::Announce(pending, _) | Event::Cosign(pending, _) = event
            && verdict == Verdict::Accepted
            && let Some(waiting) = ledger.waiting(pending)
            && waiting.status == Status::Complete
        {
            self.executed.push(waiting.transaction.clone());
        }
        self.differ(ledger.state());
    }

    /// Compares the accounts that the step named with their shadows.
    fn differ(&mut self, state: &State) {
        self.changed.clear();
        self.moved.clear();
        let links = state.links();
        for &account in self.places.get(..self.touched).unwrap_or_default() {
            let before = self.shadow.entry(account);
            if !before.links_equal(links, account) {
                self.changed.push(account);
            }
            if before.currency != state.currency(account) {
                self.moved.push(account);
            }
        }
    }

    fn touch(&mut self, ledger: &Ledger, event: Event<'_>) {
        let (first, transactions, pending) = match event {
            Event::Submit(transactions) => (None, transactions, None),
            Event::Announce(pending, one) => (None, slice::from_ref(one), Some(pending)),
            Event::Cosign(pending, signer) => {
                let waiting = ledger.waiting(pending).map(|waiting| &waiting.transaction);
                (Some(signer), waiting.map_or(&[][..], slice::from_ref), Some(pending))
            }
            Event::Seal(harvester) => (harvester, &[][..], None),
            Event::RollBack(_) => (None, &[][..], None),
        };
        self.pending.extend(pending);
        let (places, marks) = (self.places.as_mut_slice(), &mut self.marks);
        let mut count = 0;
        let mut add = |account| {
            // Whether it was named before nobody can foretell: no branch.
            if let Some(place) = places.get_mut(count) {
                *place = account;
            }
            count += usize::from(marks.mark(account));
        };
        first.into_iter().for_each(&mut add);
        for transaction in transactions {
            transaction.each_account(&mut add);
            if !matches!(event, Event::Cosign(..)) {
                self.pending.extend(locks(transaction));
            }
        }
        let bonded = |one: &&Transaction| one.envelope == Envelope::AggregateBonded;
        let bonded = transactions.iter().filter(bonded).filter_map(|one| one.id);
        for pending in pending.into_iter().chain(bonded) {
            ledger.lock(pending).into_iter().for_each(|lock| add(lock.owner));
        }
        self.touched = count;
    }

    /// Makes the shadow what the ledger is now.
    fn follow(&mut self, ledger: &Ledger, event: Event<'_>, verdict: Verdict) {
        let state = ledger.state();
        for &account in self.changed.iter().chain(&self.moved) {
            self.shadow.copy(state, account);
        }
        for &pending in &self.pending {
            self.shadow.copy_status(ledger, pending);
        }
        self.note_deadlines(event);
        self.note_executed(ledger, event, verdict);
        self.writes = ledger.writes();
        // Time that does not pass opens no block.
        let moved = self.shadow.height != ledger.height();
        self.shadow.copy_rest(ledger);
        let opened =
            matches!(event, Event::RollBack(_)) || matches!(event, Event::Seal(_)) && moved;
        if opened && verdict == Verdict::Accepted {
            self.shadow.note_opening(ledger);
        }
    }

    /// Notes until when what has an id and a deadline may wait.
    fn note_deadlines(&mut self, event: Event<'_>) {
        let transactions = match event {
            Event::Submit(transactions) => transactions,
            Event::Announce(_, one) => slice::from_ref(one),
            Event::Cosign(..) | Event::Seal(_) | Event::RollBack(_) => &[],
        };
        for transaction in transactions {
            if let Some(id) = event.announced().or(transaction.id)
                && let Some(blocks) = deadline_blocks(&self.protocol, transaction)
            {
                let end = self.shadow.height.saturating_add(blocks).saturating_add(1);
                self.shadow.note_end(id, end);
            }
        }
    }

    /// Notes what was executed under an id, and forgets what a roll-back or a refused block took back.
    fn note_executed(&mut self, ledger: &Ledger, event: Event<'_>, verdict: Verdict) {
        let height = self.shadow.height;
        let executed: &[Transaction] = match event {
            Event::Submit(transactions) if verdict == Verdict::Accepted => transactions,
            _ => &self.executed,
        };
        for transaction in executed {
            let own = event.announced().or(transaction.id);
            let ids = own.into_iter().chain(transaction.inner_id);
            self.shadow.executed.extend(ids.map(|id| (id, height)));
        }
        let taken_back = matches!(event, Event::RollBack(_))
            || matches!((event, verdict), (Event::Seal(_), Verdict::Rejected(_)));
        if taken_back {
            self.shadow.executed.retain(|&(_, height)| height < ledger.height());
        }
    }
}

/// The hash locks that a transaction asks for.
fn locks(transaction: &Transaction) -> impl Iterator<Item = PendingId> + '_ {
    transaction.parts.iter().filter_map(|part| match &part.body {
        Body::HashLock(lock) => Some(lock.pending),
        _ => None,
    })
}

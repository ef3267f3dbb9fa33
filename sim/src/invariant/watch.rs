//! Watches a ledger step by step and reports the first broken promise.

use super::shadow::Shadow;
use super::{ALL, Breach, Event, Invariant, Scene};
use crate::account::AccountId;
use crate::ledger::{Ledger, Marks, StampMarks, Status};
use crate::protocol::Protocol;
use crate::transaction::Transaction;
use crate::verdict::Verdict;

/// Every how many steps everything is looked at, not only what the step touched.
const EVERYTHING_EACH: u64 = 1000;

/// Keeps a shadow of a ledger and checks every invariant after every step.
#[derive(Clone, Debug)]
pub struct Watch {
    protocol: Protocol,
    shadow: Shadow,
    marks: StampMarks,
    touched: Vec<AccountId>,
    changed: Vec<AccountId>,
    executed: Vec<Transaction>,
    steps: u64,
    thorough: bool,
    broken: Vec<&'static str>,
    /// Promises that somebody else makes, behind those of this crate.
    own: Vec<Invariant>,
}

impl Watch {
    /// Begins to watch a ledger, judging it by this law. `thorough`: look at everything every time.
    #[must_use]
    pub fn new(protocol: Protocol, ledger: &Ledger, thorough: bool) -> Self {
        Self {
            protocol,
            shadow: Shadow::of(ledger),
            marks: StampMarks::new(ledger.state().len()),
            touched: Vec::new(),
            changed: Vec::new(),
            executed: Vec::new(),
            steps: 0,
            thorough,
            broken: Vec::new(),
            own: Vec::new(),
        }
    }

    /// Checks this promise, too, from the next step on.
    pub fn add(&mut self, invariant: Invariant) {
        self.own.push(invariant);
    }

    /// The names of all invariants that the last step broke, not only the first.
    #[must_use]
    pub fn broken(&self) -> &[&'static str] {
        &self.broken
    }

    /// A digest of the accounts as they stand now.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.shadow.digest
    }

    /// Checks every invariant on the step that led to the ledger's present state.
    ///
    /// # Errors
    /// The first broken promise.
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
            touched: &self.touched,
            changed: &self.changed,
        };
        let mut all = ALL.iter().chain(&self.own);
        let result = all.try_for_each(|invariant| invariant.check(&scene));
        self.broken.clear();
        if result.is_err() {
            let all = ALL.iter().chain(&self.own);
            let broken = all.filter(|invariant| invariant.check(&scene).is_err());
            self.broken.extend(broken.map(|invariant| invariant.name));
        }
        self.follow(ledger, event, verdict);
        result
    }

    /// Looks at everything once more, at the end of a run.
    ///
    /// # Errors
    /// The first broken promise.
    pub fn end(&mut self, ledger: &Ledger) -> Result<(), Breach> {
        let refused = Verdict::Refused(crate::verdict::Refusal::NotPending);
        self.collect(ledger, Event::Submit(&[]), refused, true);
        self.changed.clone_from(&self.touched);
        let scene = Scene {
            protocol: &self.protocol,
            ledger,
            before: &self.shadow,
            event: Event::Submit(&[]),
            verdict: refused,
            executed: &[],
            touched: &self.touched,
            changed: &self.changed,
        };
        ALL.iter().chain(&self.own).try_for_each(|invariant| invariant.check(&scene))
    }

    /// Gathers the accounts the step named, those that changed, and what was executed.
    fn collect(&mut self, ledger: &Ledger, event: Event<'_>, verdict: Verdict, everything: bool) {
        self.touched.clear();
        self.changed.clear();
        self.executed.clear();
        self.marks.clear();
        if everything {
            self.touched.extend((0..ledger.state().len() as u32).map(AccountId));
        } else {
            self.touch(ledger, event);
        }
        if let Event::Announce(pending, _) | Event::Cosign(pending, _) = event
            && verdict == Verdict::Accepted
            && let Some(waiting) = ledger.waiting(pending)
            && waiting.status == Status::Complete
        {
            self.executed.push(waiting.transaction.clone());
        }
        let links = ledger.state().links();
        let shadow = &self.shadow;
        let differs = |&&account: &&AccountId| !shadow.entry(account).links_equal(links, account);
        self.changed.extend(self.touched.iter().filter(differs));
    }

    fn touch(&mut self, ledger: &Ledger, event: Event<'_>) {
        let (touched, marks) = (&mut self.touched, &mut self.marks);
        let mut add = |account| {
            if marks.mark(account) {
                touched.push(account);
            }
        };
        match event {
            Event::Submit(transactions) => {
                transactions.iter().flat_map(Transaction::accounts).for_each(add);
            }
            Event::Announce(pending, transaction) => {
                transaction.accounts().for_each(&mut add);
                ledger.all_locks().filter(|(id, _)| *id == pending).for_each(|(_, lock)| {
                    add(lock.owner);
                });
            }
            Event::Cosign(pending, signer) => {
                add(signer);
                if let Some(waiting) = ledger.waiting(pending) {
                    waiting.transaction.accounts().for_each(&mut add);
                }
                ledger.all_locks().filter(|(id, _)| *id == pending).for_each(|(_, lock)| {
                    add(lock.owner);
                });
            }
            Event::Seal(harvester) => harvester.into_iter().for_each(add),
            Event::RollBack(_) => {}
        }
    }

    /// Makes the shadow what the ledger is now.
    fn follow(&mut self, ledger: &Ledger, event: Event<'_>, verdict: Verdict) {
        let state = ledger.state();
        self.touched.iter().for_each(|&account| self.shadow.copy(state, account));
        // Time that does not pass opens no block.
        let moved = self.shadow.height != ledger.height();
        self.shadow.copy_rest(ledger);
        let opened =
            matches!(event, Event::RollBack(_)) || matches!(event, Event::Seal(_)) && moved;
        if opened && verdict == Verdict::Accepted {
            self.shadow.note_opening(ledger);
        }
    }
}

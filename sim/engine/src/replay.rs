//! Replays a scenario: scenario, transaction, ledger, verdict, invariants, report.
//!
//! A failed expectation is data in the [`Outcome`], never a panic; a scenario that cannot be read is
//! an error with its place.
//!
//! [`replay`] does it all. Whoever wants to look on takes the steps alone:
//!
//! ```
//! use quorate::replay::{Options, Replay};
//! use quorate::scenario::{Layout, Step, open_reader, source};
//!
//! let text = r#"{"format":"multisig-trace","version":1,"protocol":"nis1","accounts":["ann","bob"]}
//! {"advance":{"blocks":3}}"#;
//! let (header, mut steps) = open_reader("time.jsonl", source(text.as_bytes()), Layout::Lines)?;
//! let mut replay = Replay::new(header, Options::default())?;
//! let mut step = Step::default();
//! while let Some(record) = steps.next(replay.header_mut(), &mut step)? {
//!     let _flow = replay.step(&step, &record)?;
//! }
//! assert_eq!(replay.ledger().height(), 4);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod ability;
mod compare;
mod conveyance;
mod graph;
mod reasons;
mod report;
mod state_text;
mod tree;

use std::ops::ControlFlow;
use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

pub use conveyance::{BYTES_ROUND_TRIP, Conveyed};
pub use reasons::{last_judged, last_reason, reasons};
pub use report::{ProtocolId, Report, Scenario};
pub use tree::account_tree;

use crate::analysis::Budget;
use crate::invariant::Invariant;
use crate::ledger::{HORIZON_BLOCKS, Ledger};
use crate::reason::{self, Explanation, Solver};
use crate::scenario::record::StepRecord;
use crate::scenario::{Act, Header, Misfit, ScenarioError, Step, Steps};
use crate::trial::Trial;
use crate::verdict::{Refusal, Verdict};
use crate::wire::Courier;

/// How to replay.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// How many sealed blocks can be rolled back.
    pub horizon_blocks: usize,
    /// Look at everything after every step, and undo and redo every step.
    pub thorough: bool,
    /// Check no invariant.
    pub bare: bool,
    /// Go on behind the first failure.
    pub keep_going: bool,
    /// Send every transaction through its bytes before the ledger sees it.
    pub wire: bool,
    /// Set from outside to end what a step takes long for; what it would have said is left out.
    pub stop: Option<&'static AtomicBool>,
    /// Give the reason of every step that is refused or waits; else only where a result is not the
    /// expected one.
    pub explain: bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            horizon_blocks: HORIZON_BLOCKS,
            thorough: false,
            bare: false,
            keep_going: false,
            wire: false,
            stop: None,
            explain: false,
        }
    }
}

/// What did not come as expected.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Failure {
    /// The step, from 1; 0 for the end of the scenario.
    pub step: u64,
    /// The line the step stands on, from 1.
    pub line: u64,
    /// What was looked at: `result`, `state`, `balance`, `can_spend`, ..., an invariant's name, or
    /// `peer`.
    pub about: String,
    /// Whether an invariant is broken, rather than an expectation.
    pub invariant: bool,
    /// What the scenario, or the invariant, says.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// Why the step was refused or waits, where a result was not the expected one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Box<Explanation>>,
    /// The accounts around it, drawn as a tree, or a shrunk scenario; may be empty.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// A file with the shrunk scenario.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<String>,
}

/// What a replay found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Number of steps taken.
    pub steps: u64,
    /// Number of expectations that were compared.
    pub expectations: u64,
    /// What failed; one by default.
    pub failures: Vec<Failure>,
    /// The digest of the state at the end.
    pub digest: u64,
    /// What went through its bytes; nothing by default.
    pub conveyed: Conveyed,
}

impl Outcome {
    /// The digest of the state at the end as reports write it: 16 hex digits.
    #[must_use]
    pub fn digest_text(&self) -> String {
        format!("{:016x}", self.digest)
    }
}

/// A scenario in the middle of its replay.
pub struct Replay {
    header: Header,
    trial: Trial,
    courier: Option<Courier>,
    options: Options,
    outcome: Outcome,
    verdict: Option<Verdict>,
    reason: Option<Box<Explanation>>,
    solver: Solver,
}

/// Replays a scenario to its end or its first failure.
///
/// # Errors
/// A scenario that cannot be read.
pub fn replay(
    header: Header,
    steps: &mut Steps,
    options: Options,
) -> Result<Outcome, ScenarioError> {
    replay_and_tell(header, steps, options, |_, _| ())
}

/// Replays a scenario and shows every step, once taken, to `tell`.
///
/// # Errors
/// A scenario that cannot be read.
pub fn replay_and_tell(
    header: Header,
    steps: &mut Steps,
    options: Options,
    tell: impl FnMut(&Replay, &StepRecord<'_>),
) -> Result<Outcome, ScenarioError> {
    replay_to_end(header, steps, options, tell).map(Replay::end)
}

/// As [`replay_and_tell`], and hands the replay over before its account is closed ([`Replay::end`]),
/// for whoever wants the ledger's last state.
///
/// # Errors
/// A scenario that cannot be read.
pub fn replay_to_end(
    header: Header,
    steps: &mut Steps,
    options: Options,
    mut tell: impl FnMut(&Replay, &StepRecord<'_>),
) -> Result<Replay, ScenarioError> {
    replay_while(header, steps, options, &mut |replay, record| {
        tell(replay, record);
        ControlFlow::Continue(())
    })
}

/// As [`replay_to_end`], until `tell` breaks off.
///
/// # Errors
/// A scenario that cannot be read.
pub fn replay_while(
    header: Header,
    steps: &mut Steps,
    options: Options,
    tell: &mut dyn FnMut(&Replay, &StepRecord<'_>) -> ControlFlow<()>,
) -> Result<Replay, ScenarioError> {
    let mut replay = Replay::new(header, options).map_err(|what| steps.error(what))?;
    let mut step = Step::default();
    while let Some(record) = steps.next(&mut replay.header, &mut step)? {
        let before = replay.outcome.steps;
        let flow = replay.step(&step, &record);
        let flow = match flow {
            Ok(flow) => flow,
            Err(misfit) => {
                drop(record);
                return Err(steps.error(misfit.0));
            }
        };
        let told = tell(&replay, &record);
        drop(record);
        replay.locate(before, steps.line());
        if flow.is_break() || told.is_break() {
            break;
        }
    }
    Ok(replay)
}

impl Replay {
    /// Stands a ledger on the header's start.
    ///
    /// # Errors
    /// A start that is impossible, as a sentence.
    pub fn new(header: Header, options: Options) -> Result<Self, String> {
        let ledger = Ledger::from_genesis(header.protocol.clone(), &header.genesis)
            .map_err(|error| compare::genesis_error(&header, &error))?
            .with_horizon(options.horizon_blocks);
        let mut trial = Trial::bare(ledger);
        if !options.bare {
            trial = trial.watched(header.protocol.clone(), options.thorough);
        }
        if !header.lost.is_empty() {
            trial.lose(&header.lost);
        }
        let (accounts, base) = (&header.names.accounts, header.protocol.base);
        let courier = options.wire.then(|| conveyance::courier(accounts, base));
        let outcome = Outcome::default();
        Ok(Self {
            header,
            trial,
            courier,
            options,
            outcome,
            verdict: None,
            reason: None,
            solver: Solver::new(Budget::default()),
        })
    }

    /// A second replay that stands where this one does, with nothing found so far, and checks no invariant.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self {
            header: self.header.clone(),
            trial: self.trial.fork(),
            courier: None,
            options: self.options,
            outcome: Outcome::default(),
            verdict: None,
            reason: None,
            solver: Solver::new(Budget::default()),
        }
    }

    /// Checks an invariant of your own, too, from the next step on; nothing where no invariant is checked.
    pub fn add_invariant(&mut self, invariant: Invariant) {
        self.trial.add(&[invariant]);
    }

    /// Takes one step: verdict, expectations, invariants.
    ///
    /// # Errors
    /// An expected state that is none, as a sentence.
    pub fn step(
        &mut self,
        step: &Step,
        record: &StepRecord<'_>,
    ) -> Result<ControlFlow<()>, Misfit> {
        self.outcome.steps += 1;
        let failures = self.outcome.failures.len();
        let conveyed = self.convey(step);
        let step = conveyed.as_ref().unwrap_or(step);
        let mark = self.trial.ledger().mark();
        let verdict = self.act(step);
        self.verdict = verdict;
        self.reason = None;
        if let Some(verdict) = verdict {
            self.explain(verdict, step, record, mark);
            self.expect_result(verdict, step, record);
            if let Err(broken) = self.trial.judge(step, verdict) {
                self.breach(&broken);
            }
            if self.options.thorough && verdict == Verdict::Accepted {
                self.undo_and_redo(step, mark);
            }
        }
        if let Some(expected) = &record.state {
            self.expect_state(step, expected)?;
        }
        let failed = self.outcome.failures.len() > failures;
        Ok(match failed && !self.options.keep_going {
            true => ControlFlow::Break(()),
            false => ControlFlow::Continue(()),
        })
    }

    /// Puts the step to the ledger; `None` for a step that only looks.
    pub fn act(&mut self, step: &Step) -> Option<Verdict> {
        match &step.act {
            Act::Lose(keys) => self.header.lost.extend_from_slice(keys),
            Act::Steal(keys) => self.header.stolen.extend_from_slice(keys),
            Act::Check(check) => self.check(check),
            _ => {}
        }
        self.trial.put(step)
    }

    /// Keeps the reason for a verdict that somebody wants explained, or that is not the expected one.
    fn explain(&mut self, verdict: Verdict, step: &Step, record: &StepRecord<'_>, mark: u64) {
        let name = self.header.protocol.result_name(verdict);
        let expected = record.result.as_ref().is_none_or(|expected| expected.0 == name);
        if verdict.is_accepted() || expected && !self.options.explain {
            return;
        }
        self.reason = self.reason_of(verdict, step, mark).map(Box::new);
    }

    /// Why a step that was just put to the ledger was refused or waits; `mark` is the ledger's before
    /// it ([`Ledger::mark`]). `None` for a step that was executed.
    pub fn reason_of(&mut self, verdict: Verdict, step: &Step, mark: u64) -> Option<Explanation> {
        let accounts = &self.header.names.accounts;
        let lost = verdict == Verdict::Refused(Refusal::LostKey);
        match step.act {
            Act::Transaction | Act::Block | Act::Announce(_) | Act::Cosign(..) if !lost => {}
            _ => return reason::of_sealed(self.trial.ledger(), accounts, verdict),
        }
        let ledger = self.trial.ledger_mut();
        // A step that is refused may end what waited: it is asked about on the ledger before it.
        let changed = ledger.mark() != mark;
        if changed {
            ledger.undo_to(mark);
        }
        let found = reason::of(ledger, accounts, step, &self.solver);
        if changed {
            let _ = step.put_to(ledger);
        }
        found
    }

    /// Takes an executed step back and executes it again: both states must come again.
    fn undo_and_redo(&mut self, step: &Step, mark: u64) {
        if !matches!(step.act, Act::Transaction) {
            return;
        }
        let ledger = self.trial.ledger_mut();
        let after = ledger.state().clone();
        ledger.undo_to(mark);
        let again = ledger.submit(&step.transaction);
        if again != Verdict::Accepted || *ledger.state() != after {
            self.fail("undo-and-redo", "the same state again", "another state", Vec::new(), true);
        }
    }

    /// Gives the failures of the last step their place.
    fn locate(&mut self, before: u64, line: u64) {
        for failure in self.outcome.failures.iter_mut().rev() {
            if failure.step <= before {
                break;
            }
            failure.line = line;
        }
    }

    /// Looks at everything once more and closes the account.
    #[must_use]
    pub fn end(mut self) -> Outcome {
        if self.outcome.failures.is_empty()
            && let Err(broken) = self.trial.end()
        {
            self.breach(&broken);
        }
        self.outcome.digest = self.trial.ledger().state().digest();
        self.outcome
    }

    /// What the ledger answered to the last step; `None` where it was not asked.
    #[must_use]
    pub const fn verdict(&self) -> Option<Verdict> {
        self.verdict
    }

    /// Why the last step was refused or waits, where that was asked for or was not expected.
    #[must_use]
    pub fn reason(&self) -> Option<&Explanation> {
        self.reason.as_deref()
    }

    /// What was found so far.
    #[must_use]
    pub const fn outcome(&self) -> &Outcome {
        &self.outcome
    }

    /// The ledger as it stands.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        self.trial.ledger()
    }

    /// The header, with the keys lost and stolen so far.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The header, for reading the next step with.
    #[must_use]
    pub const fn header_mut(&mut self) -> &mut Header {
        &mut self.header
    }
}

#[cfg(test)]
mod tests;

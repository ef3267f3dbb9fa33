//! Other implementations: the same steps through another program, every difference reported.
//!
//! # Attaching an implementation of your own
//!
//! A peer is any program that speaks the line protocol of `quorate apply`:
//!
//! - It reads one JSON object a line from standard input. A line with `format` is the header of a
//!   scenario (`scenarios/README.md` tells its fields): start afresh, **answer nothing**. A header also
//!   comes in the middle of a scenario, behind a step that differs, with our state in it.
//! - Every other line is a step: **answer one line**, the same step with `result` (the name of the
//!   verdict) and `state` (all multisig accounts behind the step), and flush it.
//! - Members that are absent are not compared: leave `state` out if you do not have it. The order of
//!   names and members does not count, further members are not looked at. `lose` and `steal` have no
//!   result; answer the step as it came. `check` steps look only and are not sent.
//! - Steps arrive before earlier ones are answered (at most `--window` of them). Answer in order.
//! - End when standard input ends. What is written to standard error is shown if the peer fails.
//!
//! `sim/examples/peer.py` is such a program in about sixty lines of Python, over a toy ledger:
//!
//! ```text
//! quorate conform --peer 'python3 sim/examples/peer.py' scenarios/household
//! ```
//!
//! `quorate fuzz --peer COMMAND` plays random sequences to the same program. Replace its `Ledger` by
//! calls into your implementation. Where the two are known to differ, say so
//! in a file for `--declared`, of `conform` and `fuzz`; such differences are counted, and no longer fail,
//! with whatever state is behind them:
//!
//! ```json
//! [{"ours": "Failure_Aggregate_Missing_Cosignatures", "theirs": "Failure_Core_Unsigned",
//!   "why": "our node checks signatures before it looks at the state"}]
//! ```
//!
//! # Behind a difference
//!
//! A scenario ends at its first difference that is not declared. Behind a declared one, and behind every one with
//! `--keep-going`, the comparison goes on: the peer gets the scenario's header with our `state`, `balances`,
//! `mosaics`, `lost` and `stolen`, and then the next step. Answers to steps that were sent meanwhile are thrown
//! away and the steps sent again, so that the outcome is the same whatever the window. Two names for the refusal of
//! one transaction need no header, as neither side changed anything; names of refusals are those of the protocol and
//! whatever begins with `Failure_` or `Refused_`.
//!
//! What a header cannot say is not asked for. Such steps are taken by our ledger alone and counted with the reason
//! (`uncompared`): while a hash lock holds a deposit; one that names a transaction, goes back to a block, or
//! collects fees of before the header; one that is judged by a block that was open then. The peer starts again
//! behind them.

pub mod compare;
mod judge;
pub mod message;
pub mod peer;
mod report;
mod restart;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use serde::Deserialize;

pub use compare::compare;
pub use peer::{Peer, PeerError, end_peers};
pub use report::{DeclaredCount, DifferenceKind, PeerReport, Report, uncompared};

use crate::ledger::HORIZON_BLOCKS;
use crate::reason::codes;
use crate::scenario::ScenarioError;

/// How to compare.
#[derive(Clone, Debug)]
pub struct Options {
    /// Most steps that wait for an answer at a time, at least 1.
    pub window: usize,
    /// How long to wait for the next answer.
    pub deadline: Duration,
    /// Whether states are compared, or results only.
    pub states: bool,
    /// Whether to go on in a scenario behind a step that differs undeclared.
    pub keep_going: bool,
    /// How many sealed blocks can be rolled back.
    pub horizon_blocks: usize,
    /// Grows with every answer, for whoever watches.
    pub answers: Arc<AtomicU64>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            window: 4096,
            deadline: Duration::from_secs(5),
            states: true,
            keep_going: false,
            horizon_blocks: HORIZON_BLOCKS,
            answers: Arc::default(),
        }
    }
}

/// What two implementations can disagree about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// The verdict's name.
    Result,
    /// The multisig state behind the step.
    State,
}

impl About {
    /// The word in reports.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Result => "result",
            Self::State => "state",
        }
    }
}

/// One step that the peer answers otherwise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The step, from 1.
    pub step: u64,
    /// The line it begins on.
    pub line: u64,
    /// Our verdict's name, if the step has one.
    pub result: Option<&'static str>,
    /// What differs.
    pub about: About,
    /// Ours.
    pub expected: String,
    /// The peer's.
    pub found: String,
}

impl Difference {
    /// Whether this is the same failure: the same pair of verdicts, or states that differ behind the
    /// same verdict.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        let pair = self.about == About::State
            || (&self.expected, &self.found) == (&other.expected, &other.found);
        self.about == other.about && self.result == other.result && pair
    }
}

/// A difference the user knows of.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with `ours`, `theirs` and `why`")]
pub struct Declared {
    /// Our verdict's name.
    pub ours: String,
    /// The peer's.
    pub theirs: String,
    /// Why that is all right.
    pub why: String,
    /// How often it was met.
    #[serde(skip)]
    pub count: u64,
}

impl Declared {
    /// Refuses what is not one known difference.
    ///
    /// # Errors
    /// A name that is empty or a pattern, two equal names, no reason.
    pub fn check(&self) -> Result<(), String> {
        for (field, name) in [("ours", &self.ours), ("theirs", &self.theirs)] {
            let word = name.trim().to_ascii_lowercase();
            let is_word_for_all = ["", "any", "all", "everything"].contains(&word.as_str());
            if is_word_for_all || name.contains(['*', '?', '%', '|', '^', '$', '\\', '[', '(']) {
                return Err(format!(
                    "`{field}` is `{name}`, which would stand for every difference; expected the name of \
                     one result"
                ));
            }
        }
        codes::check_name(&self.ours).map_err(|error| format!("`ours`: {error}"))?;
        if self.ours == self.theirs {
            return Err(format!("`{}` twice names no difference; expected two names", self.ours));
        }
        match self.why.trim().is_empty() {
            true => Err("`why` is empty; expected a reason".to_owned()),
            false => Ok(()),
        }
    }

    /// What a report says of it.
    #[must_use]
    pub fn counted(self) -> DeclaredCount {
        let Self { ours, theirs, why, count } = self;
        DeclaredCount { ours, theirs, why, count }
    }

    fn covers(&self, difference: &Difference) -> bool {
        difference.about == About::Result
            && self.ours == difference.expected
            && self.theirs == difference.found
    }
}

/// What came of one scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Number of answers that were compared.
    pub steps: u64,
    /// Number of differences that were declared.
    pub declared: u64,
    /// What differs, undeclared.
    pub differences: Vec<Difference>,
    /// Steps behind a difference that were not sent, by the reason.
    pub uncompared: BTreeMap<&'static str, u64>,
}

/// Why a comparison did not come to its end.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// The scenario cannot be read.
    #[error("{0}")]
    Scenario(ScenarioError),
    /// The peer failed.
    #[error("step {step}: {error}")]
    Peer {
        /// The step that was not answered, from 1; 0 before the first.
        step: u64,
        /// The line it begins on.
        line: u64,
        /// How.
        error: PeerError,
    },
    /// It was stopped.
    #[error("stopped")]
    Stopped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_difference_is_one_pair_of_names_with_a_reason() {
        let declared = |ours: &str, theirs: &str, why: &str| {
            let [ours, theirs, why] = [ours, theirs, why].map(str::to_owned);
            Declared { ours, theirs, why, count: 0 }.check()
        };
        assert_eq!(declared("Success", "NEUTRAL", "another word"), Ok(()));
        for every in ["*", "", " ", "any", "Any", "all", "Failure_*", ".*", "%"] {
            let error = declared(every, "NEUTRAL", "why").unwrap_err();
            assert!(error.contains("every difference"), "{error}");
            assert!(declared("Success", every, "why").is_err(), "{every}");
        }
        assert!(declared("Success", "Success", "why").is_err());
        let error = declared("Succes", "NEUTRAL", "why").unwrap_err();
        assert!(error.starts_with("`ours`: unknown result `Succes`; expected one"), "{error}");
        assert!(error.ends_with("did you mean `Success`?"), "{error}");
        assert!(declared("Success", "NEUTRAL", " ").is_err());
    }

    fn difference(about: About, result: &'static str, expected: &str, found: &str) -> Difference {
        let (expected, found) = (expected.to_owned(), found.to_owned());
        Difference { step: 3, line: 4, result: Some(result), about, expected, found }
    }

    #[test]
    fn the_same_failure_is_the_same_pair_of_verdicts_or_a_state_behind_the_same_verdict() {
        let one = difference(About::Result, "Success", "Success", "No");
        assert!(one.is_like(&Difference { step: 1, line: 2, ..one.clone() }));
        assert!(!one.is_like(&difference(About::Result, "Success", "Success", "Never")));
        assert!(!one.is_like(&difference(About::Result, "Yes", "Yes", "No")));
        let state = difference(About::State, "Success", "`a` {}", "`b` {}");
        assert!(state.is_like(&difference(About::State, "Success", "`c` {}", "`d` {}")));
        assert!(!state.is_like(&difference(About::State, "Yes", "`a` {}", "`b` {}")));
        assert!(!state.is_like(&one));
    }
}

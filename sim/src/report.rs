//! Reports: what a command found, in the formats that people and machines read, one file per format.
//!
//! `replay` and `conform` fill the same [`Report`]; a format only writes it down. Nothing in it depends
//! on the clock or the machine, so equal runs give equal bytes.

pub mod benchmark;
pub mod file;
pub mod html;
pub mod json;
pub mod junit;
mod markup;
pub mod plot;
pub use plot::chart;
pub mod record;
pub mod render;
pub mod sarif;
pub mod sheet;
pub mod text;
pub mod tree;

/// What a command found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// The command's name: `replay`, `conform`.
    pub command: String,
    /// The runs: one, or one for each peer.
    pub runs: Vec<Run>,
    /// Whether it came to its end; false after Ctrl-C.
    pub complete: bool,
    /// The command line that repeats the first failure; empty if there is none.
    pub repeat: String,
}

/// One way through all the scenarios.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Run {
    /// The peer's command; `None` for our ledger alone.
    pub peer: Option<String>,
    /// The scenarios in the order in which they were played.
    pub scenarios: Vec<Scenario>,
    /// Differences that were declared beforehand.
    pub declared: Vec<Declared>,
}

/// A protocol as a report names it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Law {
    /// Its name.
    pub name: String,
    /// Its digest, 16 hex digits ([`Protocol::digest`](crate::protocol::Protocol::digest)).
    pub digest: String,
}

impl Law {
    /// What a report says of this protocol.
    #[must_use]
    pub fn of(protocol: &crate::protocol::Protocol) -> Self {
        Self { name: protocol.name.clone(), digest: protocol.digest() }
    }
}

/// What came of one scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// The file as the user named it.
    pub path: String,
    /// The name in its header.
    pub name: String,
    /// The protocol it is played under.
    pub protocol: Option<Law>,
    /// Number of steps taken.
    pub steps: u64,
    /// Number of expectations compared (`replay`).
    pub expectations: Option<u64>,
    /// The digest of the state at the end (`replay`).
    pub digest: Option<u64>,
    /// Number of declared differences met (`conform`).
    pub declared: Option<u64>,
    /// What is not as expected.
    pub failures: Vec<Failure>,
    /// Why it could not be played to its end: the peer failed.
    pub error: Option<Failure>,
}

/// Something that is not as expected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// The step, from 1; 0 for the end of the scenario.
    pub step: u64,
    /// The line, from 1.
    pub line: u64,
    /// What was looked at: `result`, `state`, ..., an invariant's name, or `peer`.
    pub about: String,
    /// Whether an invariant is broken.
    pub invariant: bool,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
    /// A drawing around it, or a shrunk scenario; may be empty.
    pub detail: String,
    /// A file with the shrunk scenario.
    pub shrunk: Option<String>,
}

/// A difference that was declared beforehand.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Declared {
    /// Our verdict's name.
    pub ours: String,
    /// The peer's.
    pub theirs: String,
    /// Why that is all right.
    pub why: String,
    /// How often it was met.
    pub count: u64,
}

impl Scenario {
    /// Failures and the error, if there is one.
    pub fn findings(&self) -> impl Iterator<Item = &Failure> {
        self.failures.iter().chain(&self.error)
    }
}

impl Report {
    /// The protocols of all scenarios, each once.
    #[must_use]
    pub fn laws(&self) -> Vec<&Law> {
        let mut laws: Vec<&Law> = Vec::new();
        for scenario in self.runs.iter().flat_map(|run| &run.scenarios) {
            laws.extend(scenario.protocol.iter());
        }
        laws.sort_by_key(|law| (&law.name, &law.digest));
        laws.dedup();
        laws
    }

    /// Number of scenarios that failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        let scenarios = self.runs.iter().flat_map(|run| &run.scenarios);
        scenarios.filter(|scenario| scenario.findings().next().is_some()).count()
    }
}

/// What a rule promises, in a sentence: an invariant's promise, or what an expectation is about.
#[must_use]
pub fn promise(about: &str) -> &'static str {
    let invariant = crate::invariant::ALL.iter().find(|invariant| invariant.name == about);
    match (invariant, about) {
        (Some(invariant), _) => invariant.promise,
        (_, "result") => "a step has the verdict that is expected",
        (_, "state") => "the multisig accounts behind a step are the expected ones",
        (_, "balance") => "an account holds what is expected",
        (_, "can_spend") => "the keys can, or cannot, spend as expected",
        (_, "locked") => "an account is, or is not, locked as expected",
        (_, "quorums") => "the smallest sets of keys that can spend are the expected ones",
        (_, "undo-and-redo") => "a step taken back and taken again gives the same state",
        (_, crate::campaign::AUDITOR) => {
            "a step comes out as the rules, written a second time, have it"
        }
        (_, "peer") => "the peer answers every step with one line, in time",
        _ => "a scenario comes out as expected",
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A report with one of everything.
    pub fn sample() -> Report {
        let failure = Failure {
            step: 3,
            line: 14,
            about: "result".into(),
            expected: "`Success`".into(),
            found: "`Failure_\u{1}<&>`".into(),
            detail: "treasury  2-of-3\n".into(),
            shrunk: Some("found/one.json".into()),
            ..Failure::default()
        };
        let broken = Failure {
            about: "no-loop".into(),
            invariant: true,
            step: 4,
            line: 15,
            ..Failure::default()
        };
        let good = Scenario {
            path: "a b.json".into(),
            steps: 7,
            expectations: Some(9),
            digest: Some(0xab),
            ..Scenario::default()
        };
        let bad = Scenario {
            path: "b.json".into(),
            name: "bad".into(),
            steps: 3,
            failures: vec![failure, broken],
            ..Scenario::default()
        };
        let error = Failure {
            about: "peer".into(),
            step: 1,
            line: 2,
            found: "no answer".into(),
            ..Failure::default()
        };
        let silent = Scenario { path: "c.json".into(), error: Some(error), ..Scenario::default() };
        let run = Run { scenarios: vec![good, bad, silent], ..Run::default() };
        Report {
            command: "replay".into(),
            runs: vec![run],
            complete: true,
            repeat: "quorate replay b.json".into(),
        }
    }

    #[test]
    fn failed_scenarios_are_counted_once() {
        assert_eq!(sample().failed(), 2);
    }
}

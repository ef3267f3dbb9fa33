//! Reports: what a command found, in the formats that people and machines read, one file per format.
//!
//! Every command answers with one value, and JSON is that value. `text` and `html` are formats of its
//! [`Sheet`](sheet::Sheet), `junit` and `sarif` of its [`Report`], a list of cases with their failures.
//! Nothing in them depends on the clock or the machine, so equal runs give equal bytes.

pub mod benchmark;
pub mod file;
pub mod html;
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

/// What a command found as cases that pass or fail, each failure with its place.
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
    /// The kinds of difference.
    pub kinds: Vec<DifferenceKind>,
}

pub use crate::conformance::{DeclaredCount as Declared, DifferenceKind};
pub use crate::replay::{Failure, ProtocolId, Scenario};
use crate::validate::{COST_GROWTH, HazardKind};

impl Report {
    /// The protocols of all scenarios, each once.
    #[must_use]
    pub fn protocols(&self) -> Vec<&ProtocolId> {
        let mut protocols: Vec<&ProtocolId> = Vec::new();
        for scenario in self.runs.iter().flat_map(|run| &run.scenarios) {
            protocols.extend(scenario.protocol.iter());
        }
        protocols.sort_by_key(|protocol| (&protocol.name, &protocol.digest));
        protocols.dedup();
        protocols
    }

    /// Number of scenarios that failed.
    #[must_use]
    pub fn failed(&self) -> usize {
        let scenarios = self.runs.iter().flat_map(|run| &run.scenarios);
        scenarios.filter(|scenario| scenario.has_failed()).count()
    }
}

impl From<&crate::replay::Report> for Report {
    fn from(answer: &crate::replay::Report) -> Self {
        let run = Run { scenarios: answer.scenarios.clone(), ..Run::default() };
        Self {
            command: "replay".to_owned(),
            runs: vec![run],
            complete: answer.complete,
            repeat: answer.reproduce.clone().unwrap_or_default(),
        }
    }
}

impl From<&crate::campaign::Report> for Report {
    /// A case for each saved finding that was replayed, one for the random sequences, one for each
    /// finding.
    fn from(answer: &crate::campaign::Report) -> Self {
        let mut scenarios = answer.regressions.scenarios.clone();
        if answer.regressions.hold() {
            scenarios.push(sequences(answer));
        }
        scenarios.extend(answer.findings.iter().map(|finding| finding_case(answer, finding)));
        Self {
            command: "fuzz".to_owned(),
            runs: vec![Run { scenarios, ..Run::default() }],
            complete: answer.complete,
            repeat: answer.reproduce.clone().unwrap_or_default(),
        }
    }
}

/// The random sequences: a case that fails only where a peer did.
fn sequences(answer: &crate::campaign::Report) -> Scenario {
    let fault = answer.fault.as_ref().map_or(String::new(), |fault| format!(" with {fault}"));
    let error = answer.peer_failure.as_ref().map(|failure| Failure {
        step: failure.step,
        about: "peer".to_owned(),
        expected: "an answer to every step".to_owned(),
        found: format!("run {}: {}", failure.run, failure.error),
        ..Failure::default()
    });
    Scenario {
        path: format!("fuzz-{}-seed-{}", answer.protocol, answer.seed),
        name: format!("{} random sequences, {}{fault}", answer.runs, answer.protocol),
        protocol: Some(protocol_of(answer)),
        steps: answer.steps,
        error,
        ..Scenario::default()
    }
}

fn protocol_of(answer: &crate::campaign::Report) -> ProtocolId {
    ProtocolId { name: answer.protocol.clone(), digest: answer.protocol_digest.clone() }
}

fn finding_case(answer: &crate::campaign::Report, finding: &crate::campaign::Finding) -> Scenario {
    let (about, expected) = finding.cause.expectation();
    let failure = Failure {
        step: finding.steps,
        line: finding.line,
        about: about.to_owned(),
        invariant: matches!(finding.cause, crate::campaign::Cause::Invariant(_)),
        expected,
        found: finding.what.clone(),
        detail: finding.text(),
        reason: finding.reason.clone(),
        shrunk: finding.saved.clone(),
    };
    Scenario {
        path: finding.file.clone(),
        name: finding.label.clone(),
        protocol: Some(protocol_of(answer)),
        steps: finding.steps,
        failures: vec![failure],
        ..Scenario::default()
    }
}

impl From<&Report> for crate::conformance::Report {
    fn from(report: &Report) -> Self {
        let failed =
            |scenarios: &[Scenario]| scenarios.iter().filter(|one| one.has_failed()).count();
        let peer = |run: &Run| crate::conformance::PeerReport {
            peer: run.peer.clone().unwrap_or_default(),
            declared: run.declared.clone(),
            kinds: run.kinds.clone(),
            failed: failed(&run.scenarios) as u64,
            scenarios: run.scenarios.clone(),
        };
        Self {
            peers: report.runs.iter().map(peer).collect(),
            failed: report.failed() as u64,
            complete: report.complete,
            version: crate::version::Version::default(),
            reproduce: Some(report.repeat.clone()).filter(|command| !command.is_empty()),
        }
    }
}

/// What a rule states, in a sentence: an invariant's statement, or what an expectation is about.
#[must_use]
pub fn statement(about: &str) -> &'static str {
    if let Ok(hazard) = about.parse::<HazardKind>() {
        return hazard.meaning();
    }
    let invariant = crate::invariant::ALL.iter().find(|invariant| invariant.name == about);
    match (invariant, about) {
        (Some(invariant), _) => invariant.statement,
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
        (_, COST_GROWTH) => {
            "one legal transaction costs a node no more than so many times what it did"
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
            digest: Some("00000000000000ab".into()),
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

//! The answer of `conform`: what came of every scenario with every peer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::About;
use crate::replay::{Failure, Scenario};
use crate::version::Version;

/// What came of scenarios that were played to other programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Report {
    /// One for each peer.
    pub peers: Vec<PeerReport>,
    /// Scenarios with a failure, those of all peers.
    pub failed: u64,
    /// False if `--time` or Ctrl-C ended it before its last scenario.
    pub complete: bool,
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
    /// The command that shows the first failure again; absent if there is none.
    #[serde(rename = "repeat", default, skip_serializing_if = "Option::is_none")]
    pub reproduce: Option<String>,
}

/// What came of scenarios that were played to one program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct PeerReport {
    /// The peer's command.
    pub peer: String,
    /// Differences that were declared beforehand.
    pub declared: Vec<DeclaredCount>,
    /// One for each file, in the order in which they were played.
    pub scenarios: Vec<Scenario>,
    /// Scenarios with a failure.
    pub failed: u64,
    /// Undeclared differences by kind, those of most scenarios first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<DifferenceKind>,
}

/// Differences of one kind: the same two results, or other states after equal results. A state that differs
/// with its result is no kind of its own.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DifferenceKind {
    /// What differs: `result` or `state`.
    pub about: String,
    /// Our result; absent for states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ours: Option<String>,
    /// The peer's result; absent for states.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub theirs: Option<String>,
    /// Scenarios with such a difference.
    #[schemars(range(min = 1))]
    pub scenarios: u64,
    /// The first of them: file, line and step.
    pub first: String,
}

impl DifferenceKind {
    /// The kinds of differences of one scenario, each once.
    #[must_use]
    pub fn of(scenario: &Scenario) -> Vec<Self> {
        let result = |failure: &&Failure| failure.about == About::Result.word();
        let with_result: Vec<u64> =
            scenario.failures.iter().filter(result).map(|one| one.step).collect();
        let mut kinds: Vec<Self> = Vec::new();
        for failure in &scenario.failures {
            let is_result = result(&failure);
            if !is_result && with_result.contains(&failure.step) {
                continue;
            }
            let named = |text: &str| is_result.then(|| text.trim_matches('`').to_owned());
            let kind = Self {
                about: failure.about.clone(),
                ours: named(&failure.expected),
                theirs: named(&failure.found),
                scenarios: 1,
                first: format!("{}:{}: step {}", scenario.path, failure.line, failure.step),
            };
            if !kinds.iter().any(|known| known.is_like(&kind)) {
                kinds.push(kind);
            }
        }
        kinds
    }

    /// The kinds of differences of all these scenarios, those of most scenarios first.
    #[must_use]
    pub fn of_all(scenarios: &[Scenario]) -> Vec<Self> {
        let mut kinds: Vec<Self> = Vec::new();
        for kind in scenarios.iter().flat_map(Self::of) {
            match kinds.iter_mut().find(|known| known.is_like(&kind)) {
                Some(known) => known.scenarios += 1,
                None => kinds.push(kind),
            }
        }
        kinds.sort_by_key(|kind| std::cmp::Reverse(kind.scenarios));
        kinds
    }

    /// Whether it is the same kind.
    #[must_use]
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.about, &self.ours, &self.theirs) == (&other.about, &other.ours, &other.theirs)
    }

    /// What differs, in words.
    #[must_use]
    pub fn sentence(&self) -> String {
        match (&self.ours, &self.theirs) {
            (Some(ours), Some(theirs)) => format!("ours `{ours}`, theirs `{theirs}`"),
            _ => "another state after the same result".to_owned(),
        }
    }
}

/// A declared difference and how often it was met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeclaredCount {
    /// Our verdict's name.
    pub ours: String,
    /// The peer's.
    pub theirs: String,
    /// Why that is all right.
    pub why: String,
    /// How often it was met.
    pub count: u64,
}

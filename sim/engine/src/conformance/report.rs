//! The answer of `conform`: what came of every scenario with every peer.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{About, Difference};
use crate::replay::Scenario;
use crate::version::Version;

/// What came of scenarios that were played to other programs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct PeerReport {
    /// The peer's command.
    pub peer: String,
    /// Differences that were declared beforehand.
    pub declared: Vec<DeclaredCount>,
    /// The kinds of difference, those of most scenarios first.
    pub kinds: Vec<DifferenceKind>,
    /// One for each file, in the order in which they were played.
    pub scenarios: Vec<Scenario>,
    /// Scenarios with a failure.
    pub failed: u64,
}

/// Steps behind a difference that were not compared, in all of these scenarios, by the reason.
#[must_use]
pub fn uncompared(scenarios: &[Scenario]) -> BTreeMap<&str, u64> {
    let mut all = BTreeMap::new();
    for (why, steps) in scenarios.iter().flat_map(|one| &one.uncompared) {
        *all.entry(why.as_str()).or_default() += steps;
    }
    all
}

/// Differences of one kind: the same pair of answers, or other states after the same answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct DifferenceKind {
    /// What differs: `result` or `state`.
    pub about: String,
    /// Our verdict's name.
    pub ours: String,
    /// The peer's; ours where the states differ.
    pub theirs: String,
    /// How many differences there are.
    pub count: u64,
    /// In how many scenarios.
    pub scenarios: u64,
    /// The file of the first one.
    pub path: String,
    /// Its line.
    pub line: u64,
    /// Its step, from 1.
    pub step: u64,
    /// Where its shrunk scenario was saved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shrunk: Option<String>,
    /// Why it was not shrunk, where that was tried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unshrunk: Option<String>,
}

impl DifferenceKind {
    /// The kind of a difference, with this one as its first.
    #[must_use]
    pub fn of(difference: &Difference, path: &str) -> Self {
        let name = |name: &str| name.to_owned();
        let result = difference.result.unwrap_or_default();
        let (ours, theirs) = match difference.about {
            About::Result => (name(&difference.expected), name(&difference.found)),
            About::State => (name(result), name(result)),
        };
        Self {
            about: name(difference.about.word()),
            ours,
            theirs,
            count: 0,
            scenarios: 0,
            path: name(path),
            line: difference.line,
            step: difference.step,
            shrunk: None,
            unshrunk: None,
        }
    }

    /// The kind in words, and how often it was met.
    #[must_use]
    pub fn words(&self) -> String {
        let Self { ours, theirs, count, scenarios, .. } = self;
        let what = match self.about == About::State.word() {
            false => format!("ours `{ours}`, theirs `{theirs}`"),
            true if ours.is_empty() => "another state".to_owned(),
            true => format!("another state after `{ours}`"),
        };
        let times = if *count == 1 { "once".to_owned() } else { format!("{count} times") };
        let places = if *scenarios == 1 { "scenario" } else { "scenarios" };
        format!("{what}: {times} in {scenarios} {places}")
    }

    /// Where the first one is.
    #[must_use]
    pub fn place(&self) -> String {
        let Self { path, line, step, .. } = self;
        let shrunk = match (&self.shrunk, &self.unshrunk) {
            (Some(file), _) => format!(", shrunk: {file}"),
            (_, Some(why)) => format!(", not shrunk: {why}"),
            _ => String::new(),
        };
        format!("{path}:{line}: step {step}{shrunk}")
    }
}

/// A declared difference and how often it was met.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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

//! The answer of a replay: what came of every scenario.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Conveyed, Failure, Outcome};
use crate::protocol::Protocol;
use crate::version::Version;

/// What came of scenarios that were replayed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Report {
    /// One for each file, in the order in which they were played.
    pub scenarios: Vec<Scenario>,
    /// Scenarios with a failure.
    pub failed: u64,
    /// False if stopped by Ctrl-C.
    pub complete: bool,
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
    /// The command that shows the first failure again; absent if there is none.
    #[serde(rename = "repeat", default, skip_serializing_if = "Option::is_none")]
    pub reproduce: Option<String>,
    /// What went through its bytes; only with `--wire`.
    #[serde(rename = "wire", default, skip_serializing_if = "Option::is_none")]
    pub conveyed: Option<Conveyed>,
}

impl Report {
    /// Puts the outcomes of scenarios together.
    #[must_use]
    pub fn new(scenarios: Vec<Scenario>, conveyed: Conveyed, complete: bool) -> Self {
        let failed = scenarios.iter().filter(|one| one.has_failed());
        let reproduce = failed.clone().next().map(Scenario::reproduce);
        Self {
            failed: failed.count() as u64,
            reproduce,
            scenarios,
            complete,
            version: Version::default(),
            conveyed: Some(conveyed).filter(|one| *one != Conveyed::default()),
        }
    }
}

/// What came of one scenario.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Scenario {
    /// The file as it was named on the command line.
    pub path: String,
    /// The name in its header; may be empty.
    pub name: String,
    /// The protocol it is played under.
    #[serde(flatten)]
    #[cfg_attr(feature = "schemas", schemars(with = "ProtocolId"))]
    pub protocol: Option<ProtocolId>,
    /// Steps taken.
    pub steps: u64,
    /// Expectations compared (`replay`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expectations: Option<u64>,
    /// Digest of the state at the end (`replay`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9a-f]{16}$")))]
    pub digest: Option<String>,
    /// Declared differences met (`conform`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<u64>,
    /// Steps behind a difference that were not compared, by the reason (`conform`).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uncompared: BTreeMap<String, u64>,
    /// What is not as expected.
    pub failures: Vec<Failure>,
    /// Why it could not be played to its end: the peer failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<Failure>,
}

/// A protocol as an answer names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ProtocolId {
    /// The protocol it is played under.
    #[serde(rename = "protocol")]
    pub name: String,
    /// Digest of the protocol: equal for equal rule sets, limits and switches.
    #[serde(rename = "protocol_digest")]
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9a-f]{16}$")))]
    pub digest: String,
}

impl ProtocolId {
    /// What an answer says of this protocol.
    #[must_use]
    pub fn of(protocol: &Protocol) -> Self {
        Self { name: protocol.name.clone(), digest: protocol.digest() }
    }
}

impl Scenario {
    /// What came of a file that was replayed.
    #[must_use]
    pub fn of(path: String, name: String, protocol: &Protocol, outcome: &Outcome) -> Self {
        Self {
            path,
            name,
            protocol: Some(ProtocolId::of(protocol)),
            steps: outcome.steps,
            expectations: Some(outcome.expectations),
            digest: Some(outcome.digest_text()),
            failures: outcome.failures.clone(),
            ..Self::default()
        }
    }

    /// Failures and the error, if there is one.
    pub fn findings(&self) -> impl Iterator<Item = &Failure> {
        self.failures.iter().chain(&self.error)
    }

    /// Whether anything is not as expected.
    #[must_use]
    pub fn has_failed(&self) -> bool {
        self.findings().next().is_some()
    }

    /// Where a failure is: `file:line: step n`.
    #[must_use]
    pub fn place(&self, failure: &Failure) -> String {
        format!("{}:{}: step {}", self.path, failure.line, failure.step)
    }

    /// The command that replays it once more.
    #[must_use]
    pub fn reproduce(&self) -> String {
        let path = shlex::try_quote(&self.path).map_or_else(|_| self.path.clone(), Into::into);
        let is_wire = self.failures.first().is_some_and(|one| one.about == super::BYTES_ROUND_TRIP);
        let wire = if is_wire { " --wire" } else { "" };
        format!("quorate replay {path} --keep-going{wire}")
    }
}

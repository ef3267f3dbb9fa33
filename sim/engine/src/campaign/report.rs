//! The answer of a campaign.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::outcome::Outcome;
use super::tally::DEPTHS;
use super::{CampaignPlan, PeerFailure, Share};
use crate::conformance::{Declared, DeclaredCount};
use crate::replay::Scenario;
use crate::version::Version;

/// What a campaign gave: the same for the same plan, whatever the number of threads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Report {
    /// The protocol.
    pub protocol: String,
    /// The seeded fault.
    pub fault: Option<String>,
    /// The random seed.
    pub seed: u64,
    /// Which part of a campaign it is; absent in the answer of a whole one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<Share>,
    /// Runs that count.
    pub runs: u64,
    /// Steps of all runs.
    pub steps: u64,
    /// Steps that were executed.
    pub accepted: u64,
    /// Modifications among all parts of the transactions.
    pub modifications: u64,
    /// States met for the first time in their run.
    pub states: u64,
    /// Every result of the protocol; by depth of the accounts it concerned.
    pub results: Vec<ResultCount>,
    /// Names of results that were never met.
    pub never_reached: Vec<String>,
    /// One for each kind of failure, in the order of the runs, invariants and auditor before peers.
    pub findings: Vec<Finding>,
    /// Saved findings that were replayed first; if one fails, nothing new is tried.
    pub regressions: Regressions,
    /// False if `--time`, Ctrl-C or a peer ended it before its last run.
    pub complete: bool,
    /// Digest of the protocol: equal for equal rule sets, limits and switches.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9a-f]{16}$")))]
    pub protocol_digest: String,
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
    /// The commands of the peers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub peers: Vec<String>,
    /// Differences that were declared beforehand, and how often the peers showed each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub declared: Vec<DeclaredCount>,
    /// Steps behind a declared difference that were not compared, by the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uncompared: BTreeMap<String, u64>,
    /// The peer that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub peer_failure: Option<PeerError>,
    /// The command that comes to the last finding again, or to the failure of a peer; absent if there is neither.
    #[serde(rename = "repeat", default, skip_serializing_if = "Option::is_none")]
    pub reproduce: Option<String>,
}

/// How often a result was met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ResultCount {
    /// The result.
    pub name: String,
    /// How often it was met.
    pub count: u64,
    /// The same by the account's depth: plain, one level, two, three, more.
    pub by_depth: [u64; DEPTHS],
}

/// Saved findings that were replayed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Regressions {
    /// How many.
    pub replayed: u64,
    /// The paths of those that failed.
    pub failed: Vec<String>,
    /// What came of those that failed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub failures: Vec<Scenario>,
    /// What came of all of them; reports have a case for each.
    #[serde(skip)]
    pub scenarios: Vec<Scenario>,
}

impl Regressions {
    /// Saved findings and how they came out.
    #[must_use]
    pub fn new(scenarios: Vec<Scenario>) -> Self {
        let failures: Vec<Scenario> =
            scenarios.iter().filter(|one| one.has_failed()).cloned().collect();
        Self {
            replayed: scenarios.len() as u64,
            failed: failures.iter().map(|one| one.path.clone()).collect(),
            failures,
            scenarios,
        }
    }

    /// Whether all came out as they should.
    #[must_use]
    pub const fn hold(&self) -> bool {
        self.failed.is_empty()
    }
}

/// A peer that crashed, fell silent or answered nonsense.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct PeerError {
    /// Its command.
    pub peer: String,
    /// The run, from 0.
    pub run: u64,
    /// The step that was not answered, from 1; 0 before the first.
    pub step: u64,
    /// What went wrong.
    pub error: String,
}

impl Report {
    /// The answer of a campaign whose findings were shrunk; `declared` is how these peers were known to differ.
    #[must_use]
    pub fn new(
        plan: &CampaignPlan,
        (peers, declared): (&[String], &[Declared]),
        regressions: Regressions,
        outcome: &Outcome,
        findings: Vec<Finding>,
    ) -> Self {
        let tally = &outcome.tally;
        let result = |(name, by_depth): (&str, [u64; DEPTHS])| ResultCount {
            name: name.to_owned(),
            count: by_depth.iter().sum(),
            by_depth,
        };
        let results: Vec<ResultCount> = tally.rows(&plan.protocol).map(result).collect();
        let never = results.iter().filter(|one| one.count == 0).map(|one| one.name.clone());
        let failure = |failure: &PeerFailure| PeerError {
            peer: peers.get(failure.peer).cloned().unwrap_or_default(),
            run: failure.run,
            step: failure.step,
            error: failure.error.clone(),
        };
        let counts = outcome.declared.iter().copied().chain(std::iter::repeat(0));
        let declared =
            declared.iter().zip(counts).map(|(one, count)| Declared { count, ..one.clone() });
        let finding = findings.last().and_then(|finding| finding.commands.first().cloned());
        let regression = || regressions.failures.first().map(Scenario::reproduce);
        Self {
            protocol: plan.protocol.name.clone(),
            fault: plan.fault.map(|fault| fault.name.to_owned()),
            seed: plan.seed,
            part: None,
            runs: outcome.runs,
            steps: tally.steps(),
            accepted: tally.accepted(),
            modifications: tally.modifications,
            states: tally.states,
            never_reached: never.collect(),
            results,
            complete: outcome.complete,
            protocol_digest: plan.protocol.digest(),
            version: Version::default(),
            peers: peers.to_vec(),
            declared: declared.map(Declared::counted).collect(),
            uncompared: outcome.uncompared.iter().map(|(&why, &n)| (why.to_owned(), n)).collect(),
            peer_failure: outcome.peer_failure.as_ref().map(failure),
            reproduce: finding.or_else(regression),
            findings,
            regressions,
        }
    }

    /// Whether anything is not as it should be.
    #[must_use]
    pub const fn found(&self) -> bool {
        !self.regressions.hold() || !self.findings.is_empty()
    }
}

//! The answer of `conform`: what came of every scenario with every peer.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::replay::Scenario;
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

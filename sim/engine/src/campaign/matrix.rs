//! Which check catches which fault.

use serde::{Deserialize, Serialize};

use super::{AUDITOR, CampaignPlan, Progress, campaign};
use crate::fault::Fault;
use crate::invariant;
use crate::protocol::Protocol;
use crate::version::Version;

/// Which check catches which fault.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Matrix {
    /// All invariants, and `auditor`.
    pub checks: Vec<String>,
    /// A row for each fault.
    #[serde(rename = "matrix")]
    pub rows: Vec<Row>,
    /// Checks that object to no fault.
    pub catches_nothing: Vec<String>,
    /// The seed of each fault's runs; absent in older answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// How many runs each fault got; absent in older answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub runs: Option<u64>,
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
}

/// One fault and the checks that objected to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Row {
    /// The fault's name.
    pub fault: String,
    /// The preset it was seeded in.
    pub protocol: String,
    /// The invariants, and `auditor`, in the order in which they objected first.
    pub caught_by: Vec<String>,
    /// Whether no invariant objected, and the auditor did.
    pub auditor_only: bool,
    /// Steps until the first objection; null if there was none.
    #[serde(rename = "steps")]
    pub steps_to_first: Option<u64>,
}

/// Steps of each run of the matrix.
const STEPS: u32 = 400;

/// Seeds each fault in its first protocol and notes every check that objects in so many runs.
#[must_use]
pub fn matrix(faults: &[&'static Fault], seed: u64, runs: u64, jobs: usize) -> Matrix {
    let row = |&fault: &&'static Fault| {
        let protocol = fault.protocols.first().copied()?;
        let plan = CampaignPlan {
            fault: Some(fault),
            seed,
            runs,
            steps: STEPS,
            keep_going: true,
            jobs,
            ..CampaignPlan::new(Protocol::preset(protocol)?)
        };
        let report = campaign(&plan, &Progress::default(), |_| ());
        Some(Row {
            fault: fault.name.to_owned(),
            protocol: protocol.to_owned(),
            auditor_only: report.caught_by == [AUDITOR],
            caught_by: report.caught_by.iter().map(ToString::to_string).collect(),
            steps_to_first: report.steps_to_first,
        })
    };
    let rows: Vec<Row> = faults.iter().filter_map(row).collect();
    let names = invariant::ALL.iter().map(|one| one.name).chain([AUDITOR]);
    let checks: Vec<String> = names.map(str::to_owned).collect();
    let catches_nothing =
        checks.iter().filter(|&check| rows.iter().all(|row| !row.caught_by.contains(check)));
    Matrix {
        catches_nothing: catches_nothing.cloned().collect(),
        checks,
        rows,
        seed: Some(seed),
        runs: Some(runs),
        version: Version::default(),
    }
}

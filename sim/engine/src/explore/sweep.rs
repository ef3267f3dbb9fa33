//! The same search over many limits: which one matters.

use serde::{Deserialize, Serialize};

use super::{Counts, ExploreError, Explorer, Question, StateInvariant, Subject};
use crate::protocol::{Limit, Protocol};
use crate::version::Version;

/// The limits to be swept: every combination of these values is explored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Sweep {
    /// Most cosignatories one account may have; empty = the protocol's own.
    pub max_cosignatories: Vec<u32>,
    /// Most accounts one account may cosign for; empty = the protocol's own.
    pub max_cosigned: Vec<u32>,
    /// Most levels; empty = the protocol's own.
    pub max_depth: Vec<u32>,
    /// Most signatures in one aggregate; empty = the protocol's own.
    pub max_cosignatures: Vec<u32>,
}

/// The names of the swept limits as options of the command line.
pub const LIMITS: [&str; 4] = [
    Limit::Cosignatories.option(),
    Limit::Cosigned.option(),
    Limit::Depth.option(),
    Limit::Cosignatures.option(),
];

/// The same search over many limits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct SweepReport {
    /// The protocol.
    pub protocol: String,
    /// Number of accounts.
    #[cfg_attr(feature = "schemas", schemars(range(min = 1)))]
    pub accounts: usize,
    /// One for each combination of limits.
    pub rows: Vec<Row>,
    /// The hazards that were looked for under each.
    #[serde(default)]
    pub asked: Vec<String>,
    /// Those of them that may not be reachable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<String>,
    /// Limits that alone decide whether something is reached.
    pub closed_by: Vec<Closing>,
    /// Digest of the protocol: equal for equal rule sets, limits and switches.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9a-f]{16}$")))]
    pub protocol_digest: String,
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
}

/// What one combination of limits gives.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Row {
    /// The limits.
    pub limits: SweptLimits,
    /// How much there is.
    #[serde(flatten)]
    pub counts: Counts,
    /// Whether all states were seen.
    pub complete: bool,
    /// What is broken or reached, nearest first.
    pub found: Vec<Reached>,
}

/// The values of the limits that can be swept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct SweptLimits {
    /// Most cosignatories one account may have.
    pub max_cosignatories: u32,
    /// Most accounts one account may cosign for.
    pub max_cosigned: u32,
    /// Most levels.
    pub max_depth: u32,
    /// Most signatures in one aggregate.
    pub max_cosignatures: u32,
}

impl SweptLimits {
    /// The values in the order of [`LIMITS`].
    #[must_use]
    pub const fn values(self) -> [u32; 4] {
        [self.max_cosignatories, self.max_cosigned, self.max_depth, self.max_cosignatures]
    }
}

/// Something broken or reached.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Reached {
    /// Fewest modifications to it.
    pub depth: u32,
    /// The name of the invariant or the hazard.
    pub name: String,
}

/// A limit that closes a hazard: with these values it is never reached, with others it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Closing {
    /// The name of what is closed.
    pub name: String,
    /// Which limit does it, with underscores.
    pub limit: String,
    /// The values that do, ascending, whatever the other limits.
    pub values: Vec<u32>,
}

impl SweepReport {
    /// Whether an invariant is broken under some limits.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        let is_invariant = |name: &str| StateInvariant::ALL.iter().any(|one| one.name() == name);
        self.rows.iter().flat_map(|row| &row.found).any(|one| is_invariant(&one.name))
    }

    /// The hazards that were looked for under a row's limits and not reached.
    pub fn not_reached(&self, row: &Row) -> impl Iterator<Item = &String> {
        let reached = |name: &String| row.found.iter().any(|found| found.name == *name);
        self.asked.iter().filter(move |name| !reached(name))
    }

    /// The denied hazards with the rows where they are reached, and with those that leave it undecided.
    pub fn not_excluded(&self) -> impl Iterator<Item = (&str, [u64; 2])> {
        let count = |is: &dyn Fn(&&Row) -> bool| self.rows.iter().filter(is).count() as u64;
        let rows = move |name: &String| {
            let reached = |row: &&Row| row.found.iter().any(|found| found.name == *name);
            [count(&reached), count(&|row| !row.complete && !reached(row))]
        };
        let denied = self.denied.iter().map(move |name| (name.as_str(), rows(name)));
        denied.filter(|(_, rows)| *rows != [0, 0])
    }
}

/// Explores every combination of limits, looks for the question's hazards in each, and says which
/// limit rules out what.
///
/// # Errors
/// A question that cannot be explored.
pub fn sweep(question: &Question<'_>, sweep: &Sweep) -> Result<SweepReport, ExploreError> {
    let own = question.protocol.limits;
    let or = |values: &[u32], own: u32| if values.is_empty() { vec![own] } else { values.to_vec() };
    let mut rows = Vec::new();
    for &cosignatories in &or(&sweep.max_cosignatories, own.max_cosignatories_per_account) {
        for &cosigned in &or(&sweep.max_cosigned, own.max_cosigned_accounts_per_account) {
            for &depth in &or(&sweep.max_depth, own.max_multisig_depth) {
                for &cap in &or(&sweep.max_cosignatures, own.max_cosignatures_per_aggregate) {
                    rows.push(row(question, [cosignatories, cosigned, depth, cap])?);
                }
            }
        }
    }
    Ok(SweepReport {
        protocol: question.protocol.name.clone(),
        accounts: question.accounts,
        asked: question.sought().map(|subject| question.name_of(subject)).collect(),
        denied: Vec::new(),
        closed_by: closings(&rows),
        rows,
        protocol_digest: question.protocol.digest(),
        version: Version::default(),
    })
}

fn row(
    question: &Question<'_>,
    [cosignatories, cosigned, depth, cap]: [u32; 4],
) -> Result<Row, ExploreError> {
    let mut protocol: Protocol = question.protocol.clone();
    protocol.limits.max_cosignatories_per_account = cosignatories;
    protocol.limits.max_cosigned_accounts_per_account = cosigned;
    protocol.limits.max_multisig_depth = depth;
    protocol.limits.max_cosignatures_per_aggregate = cap;
    let question = Question { protocol: &protocol, to_the_end: true, ..question.clone() };
    let report = Explorer::new(question.clone())?.run();
    let findings = report.broken.iter().chain(&report.hazards);
    let mut found: Vec<(u32, Subject)> =
        findings.map(|finding| (finding.depth, finding.subject)).collect();
    found.sort_unstable();
    let reached =
        |(depth, subject): (u32, Subject)| Reached { depth, name: question.name_of(subject) };
    let limits = SweptLimits {
        max_cosignatories: cosignatories,
        max_cosigned: cosigned,
        max_depth: depth,
        max_cosignatures: cap,
    };
    let found = found.into_iter().map(reached).collect();
    Ok(Row { limits, counts: report.counts, complete: report.complete, found })
}

/// Every limit that alone decides whether something is reached.
fn closings(rows: &[Row]) -> Vec<Closing> {
    let mut names: Vec<&String> =
        rows.iter().flat_map(|row| row.found.iter().map(|one| &one.name)).collect();
    names.sort_unstable();
    names.dedup();
    let mut closings = Vec::new();
    for name in names {
        for (limit, option) in LIMITS.iter().enumerate() {
            let value = |row: &Row| row.limits.values().get(limit).copied();
            let reached =
                |row: &&Row| !row.complete || row.found.iter().any(|found| found.name == *name);
            let open: Vec<_> = rows.iter().filter(reached).filter_map(value).collect();
            let mut values: Vec<u32> = rows.iter().filter_map(value).collect();
            values.retain(|value| !open.contains(value));
            values.sort_unstable();
            values.dedup();
            if !values.is_empty() {
                let limit = option.replace('-', "_");
                closings.push(Closing { name: name.clone(), limit, values });
            }
        }
    }
    closings
}

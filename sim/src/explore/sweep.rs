//! The same search over many limits: which one matters.

use super::{Counts, ExploreError, Explorer, Question, Subject};
use crate::protocol::Protocol;

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

/// The names of the swept limits, in the order of [`Row::limits`].
pub const LIMITS: [&str; 4] =
    ["max-cosignatories", "max-cosigned", "max-depth", "max-cosignatures"];

/// What one combination of limits gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// The limits: cosignatories, cosigned accounts, depth, cosignatures.
    pub limits: [u32; 4],
    /// How much there is.
    pub counts: Counts,
    /// Whether all states were seen.
    pub complete: bool,
    /// What is broken or reached, with the fewest modifications to it, nearest first.
    pub found: Vec<(u32, Subject)>,
}

/// A limit that closes a hazard: with these values it is never reached, with others it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Closing {
    /// What is closed.
    pub subject: Subject,
    /// Which limit does it: an index into [`LIMITS`].
    pub limit: usize,
    /// The values that do, ascending, whatever the other limits.
    pub values: Vec<u32>,
}

/// Explores every combination of limits, looks for the question's hazards in each, and says which
/// limit closes what.
///
/// # Errors
/// A question that cannot be explored.
pub fn sweep(
    question: &Question<'_>,
    sweep: &Sweep,
) -> Result<(Vec<Row>, Vec<Closing>), ExploreError> {
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
    let closings = closings(&rows);
    Ok((rows, closings))
}

fn row(question: &Question<'_>, limits: [u32; 4]) -> Result<Row, ExploreError> {
    let mut protocol: Protocol = question.protocol.clone();
    let [cosignatories, cosigned, depth, cap] = limits;
    protocol.limits.max_cosignatories_per_account = cosignatories;
    protocol.limits.max_cosigned_accounts_per_account = cosigned;
    protocol.limits.max_multisig_depth = depth;
    protocol.limits.max_cosignatures_per_aggregate = cap;
    let question = Question { protocol: &protocol, to_the_end: true, ..question.clone() };
    let report = Explorer::new(question)?.run();
    let findings = report.broken.iter().chain(&report.hazards);
    let mut found: Vec<(u32, Subject)> =
        findings.map(|finding| (finding.depth, finding.subject)).collect();
    found.sort_unstable();
    Ok(Row { limits, counts: report.counts, complete: report.complete, found })
}

/// Every limit that alone decides whether something is reached.
fn closings(rows: &[Row]) -> Vec<Closing> {
    let mut subjects: Vec<Subject> =
        rows.iter().flat_map(|row| row.found.iter().map(|&(_, subject)| subject)).collect();
    subjects.sort_unstable();
    subjects.dedup();
    let mut closings = Vec::new();
    for subject in subjects {
        for limit in 0..LIMITS.len() {
            let value = |row: &Row| row.limits.get(limit).copied();
            let reached =
                |row: &&Row| !row.complete || row.found.iter().any(|&(_, found)| found == subject);
            let open: Vec<_> = rows.iter().filter(reached).filter_map(value).collect();
            let mut values: Vec<u32> = rows.iter().filter_map(value).collect();
            values.retain(|value| !open.contains(value));
            values.sort_unstable();
            values.dedup();
            if !values.is_empty() {
                closings.push(Closing { subject, limit, values });
            }
        }
    }
    closings
}

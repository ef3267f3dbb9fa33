//! The result of a search as plain data, and several parts' results put together.

use serde::{Deserialize, Serialize};

use super::search::Stop;
use super::witness::{self, WitnessError};
use super::{Counts, Finding, Question, Report, Subject};
use crate::protocol::Protocol;
use crate::protocol::json::{self, ProtocolRecord};
use crate::scenario::Document;
use crate::version::Version;

/// The limits that bound a graph, and the cap on signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Bounds {
    /// Most cosignatories one account may have.
    pub max_cosignatories_per_account: u32,
    /// Most accounts one account may cosign for.
    pub max_cosigned_accounts_per_account: u32,
    /// Most levels, counted in edges.
    pub max_multisig_depth: u32,
    /// Most signatures in one aggregate, its signer included.
    pub max_cosignatures_per_aggregate: u32,
}

impl Bounds {
    /// A protocol's.
    #[must_use]
    pub const fn of(protocol: &Protocol) -> Self {
        let limits = &protocol.limits;
        Self {
            max_cosignatories_per_account: limits.max_cosignatories_per_account,
            max_cosigned_accounts_per_account: limits.max_cosigned_accounts_per_account,
            max_multisig_depth: limits.max_multisig_depth,
            max_cosignatures_per_aggregate: limits.max_cosignatures_per_aggregate,
        }
    }
}

/// A broken invariant, or a hazard that was looked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Found {
    /// The name of the invariant or the hazard.
    pub name: String,
    /// Whether it is; absent where the search ended before it knew.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reachable: Option<bool>,
    /// Fewest modifications to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub depth: Option<u32>,
    /// The account that it concerns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// A shortest scenario that shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<Document>,
}

/// The result of a search, or of one part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Part {
    /// The protocol's name.
    pub protocol: String,
    /// Number of accounts.
    pub accounts: usize,
    /// The limits that bound the graphs.
    pub limits: Bounds,
    /// The rules in full: a preset and what differs from it.
    pub rules: ProtocolRecord,
    /// Which part of how many.
    pub share: (u32, u32),
    /// States, accounts distinguished by name.
    pub states_labelled: u64,
    /// States up to renaming.
    pub states_canonical: u64,
    /// Legal modifications out of the canonical states, labelled, without those that change nothing.
    pub transitions: u64,
    /// Modifications to the farthest state.
    pub depth_max: u32,
    /// Whether all states were seen.
    pub complete: bool,
    /// Why the search ended, if not because all states were seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stop: Option<Stop>,
    /// All states up to so many modifications were seen.
    pub depth_proved: u32,
    /// Invariants that do not hold.
    pub broken: Vec<Found>,
    /// Hazards that were looked for.
    pub hazards: Vec<Found>,
    /// Those of them that may not be reachable.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub denied: Vec<String>,
    /// Digest of the protocol: equal for equal rule sets, limits and switches.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9a-f]{16}$")))]
    pub protocol_digest: String,
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
    /// How long it took; only if that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seconds: Option<f64>,
}

impl Part {
    /// The denied hazards that are reachable, or not decided: all but those that are not reachable.
    pub fn not_excluded(&self) -> impl Iterator<Item = &Found> {
        let open = |found: &&Found| found.reachable != Some(false);
        self.hazards.iter().filter(open).filter(|found| self.denied.contains(&found.name))
    }

    /// A report as plain data, under the user's names (one for each account).
    ///
    /// # Errors
    /// Names that do not fit.
    pub fn new(
        question: &Question<'_>,
        report: &Report,
        labels: &[String],
    ) -> Result<Self, WitnessError> {
        let found = |finding: &Finding| found(question, labels, finding);
        let broken = report.broken.iter().map(found).collect::<Result<_, _>>()?;
        let mut hazards = Vec::new();
        for subject in question.sought() {
            hazards.push(match report.hazards.iter().find(|known| known.subject == subject) {
                Some(finding) => found(finding)?,
                None => Found {
                    name: question.name_of(subject),
                    reachable: report.complete.then_some(false),
                    depth: None,
                    account: None,
                    scenario: None,
                },
            });
        }
        let Counts { states_labelled, states_canonical, transitions, depth_max } = report.counts;
        Ok(Self {
            protocol: question.protocol.name.clone(),
            accounts: question.accounts,
            limits: Bounds::of(question.protocol),
            rules: json::record_of(question.protocol),
            share: (question.share.part, question.share.parts),
            states_labelled,
            states_canonical,
            transitions,
            depth_max,
            complete: report.complete,
            stop: report.stop,
            depth_proved: report.depth_proved,
            broken,
            hazards,
            denied: Vec::new(),
            protocol_digest: question.protocol.digest(),
            version: Version::default(),
            seconds: None,
        })
    }
}

fn found(
    question: &Question<'_>,
    labels: &[String],
    finding: &Finding,
) -> Result<Found, WitnessError> {
    let mut sorted: Vec<&String> = labels.iter().collect();
    sorted.sort_unstable();
    let account = sorted.get(finding.account as usize).map(ToString::to_string);
    let name = question.name_of(finding.subject);
    let whom = account.as_deref().unwrap_or_default();
    let depth = finding.depth;
    let fewest = match depth {
        1 => "1 modification leads to".to_owned(),
        _ => format!("{depth} modifications, and no fewer, lead to"),
    };
    let described = match finding.subject {
        Subject::Invariant(_) => format!("{fewest} a state that breaks the invariant `{name}`."),
        _ if finding.steps.len() > depth as usize => {
            format!("{fewest} `{name}` for `{whom}`; the steps after them are the way out.")
        }
        _ => format!("{fewest} `{name}` for `{whom}`."),
    };
    let text = witness::scenario(question.protocol, labels, (&name, &described), &finding.steps)?;
    let scenario = Document::new(&text)?;
    Ok(Found { name, reachable: Some(true), depth: Some(depth), account, scenario: Some(scenario) })
}

/// Parts that do not make a whole.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MergeError {
    /// Nothing to put together.
    #[error("no parts; expected the results of all parts of one search")]
    Empty,
    /// Counts that no search comes to.
    #[error("the counts of part {0} of {1} make a sum above {max}; expected counts of a search", max = u64::MAX)]
    Sum(u32, u32),
    /// Parts of different searches.
    #[error("part {0} of {1} answers another question than the first part")]
    Other(u32, u32),
    /// One part is missing or there twice.
    #[error("part {part} of {parts} is there {times} times; expected once")]
    Times {
        /// Which.
        part: u32,
        /// Of how many.
        parts: u32,
        /// How often it is there.
        times: usize,
    },
}

/// Puts the results of all parts of one search together. The order does not matter.
///
/// # Errors
/// Parts that are missing, there twice, or of different searches.
pub fn merge(mut parts: Vec<Part>) -> Result<Part, MergeError> {
    parts.sort_by_key(|part| part.share);
    let mut rest = parts.into_iter();
    let mut whole = rest.next().ok_or(MergeError::Empty)?;
    let (first, count) = whole.share;
    let mut times = vec![0usize; count.min(1 << 16) as usize];
    let mut seen = |part: u32| {
        let slot = times.get_mut(part.wrapping_sub(1) as usize);
        slot.map_or(0, |times| {
            *times += 1;
            *times
        })
    };
    seen(first);
    for part in rest {
        let (number, parts) = part.share;
        let same = (&part.rules, part.accounts, part.hazards.len(), parts)
            == (&whole.rules, whole.accounts, whole.hazards.len(), count);
        if !same {
            return Err(MergeError::Other(number, parts));
        }
        seen(number);
        whole.join(part).ok_or(MergeError::Sum(number, parts))?;
    }
    if let Some((at, &times)) = times.iter().enumerate().find(|&(_, &times)| times != 1) {
        return Err(MergeError::Times { part: at as u32 + 1, parts: count, times });
    }
    whole.share = (1, 1);
    Ok(whole)
}

impl Part {
    /// Takes another part in; `None` where the sum of a count is beyond its range.
    fn join(&mut self, other: Self) -> Option<()> {
        self.states_labelled = self.states_labelled.checked_add(other.states_labelled)?;
        self.states_canonical = self.states_canonical.checked_add(other.states_canonical)?;
        self.transitions = self.transitions.checked_add(other.transitions)?;
        self.depth_max = self.depth_max.max(other.depth_max);
        self.depth_proved = match (self.complete, other.complete) {
            (true, true) => self.depth_proved.max(other.depth_proved),
            (true, false) => other.depth_proved,
            (false, true) => self.depth_proved,
            (false, false) => self.depth_proved.min(other.depth_proved),
        };
        self.complete &= other.complete;
        self.stop = self.stop.or(other.stop);
        self.seconds = None;
        join(&mut self.broken, other.broken);
        join(&mut self.hazards, other.hazards);
        Some(())
    }
}

/// Keeps, of everything found, the nearest; of equally near ones the first part's.
fn join(mine: &mut Vec<Found>, other: Vec<Found>) {
    for found in other {
        match mine.iter_mut().find(|known| known.name == found.name) {
            Some(known) => {
                let far = |found: &Found| found.depth.unwrap_or(u32::MAX);
                let unknown = known.reachable == Some(false) && found.reachable.is_none();
                if far(&found) < far(known) || unknown {
                    *known = found;
                }
            }
            None => mine.push(found),
        }
    }
}

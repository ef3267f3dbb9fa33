//! Every hazard of a configuration: shown or excluded, and what would close it.

use serde::{Deserialize, Serialize};

use super::closing::{Closing, closings, reachable};
use super::cost;
use super::shape::{HazardKind, Shape, why};
use super::witness::{self, Witness};
use super::world;
use crate::author::BuilderError;
use crate::explore::ExploreError;
use crate::protocol::Protocol;
use crate::unit::grouped;

/// What was found out about one hazard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemas", schemars(rename = "hazard"))]
pub struct HazardReport {
    /// Which hazard.
    #[serde(rename = "name")]
    pub kind: HazardKind,
    /// Whether it is reachable.
    pub reachable: bool,
    /// How it comes about, or which bound excludes it.
    pub why: String,
    /// The single changes that fix it, switches first, then each limit's smallest; absent if it is not
    /// reachable.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<Vec<String>>,
    /// A scenario that shows it; absent if it is not reachable, or would take too many accounts.
    #[serde(flatten)]
    pub witness: Option<Witness>,
    /// What contradicts the closed form: a mistake of this program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contradiction: Option<String>,
    /// Who accepts it, and until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<Accepted>,
}

/// An acceptance, as it stands on the day of the validation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Accepted {
    /// Why it is accepted.
    pub reason: String,
    /// The last day on which it counts.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$")))]
    pub until: String,
    /// Whether that day is over.
    pub expired: bool,
    /// The day by which it is judged; only if it has expired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub today: Option<String>,
}

/// Every hazard, in the order of [`HazardKind::ALL`].
///
/// # Errors
/// Threads that cannot be started.
pub fn hazards(protocol: &Protocol, visits_max: u64) -> Result<Vec<HazardReport>, ExploreError> {
    let closings = |kind| closings(protocol, kind, visits_max);
    HazardKind::ALL.into_iter().map(|kind| hazard(protocol, kind, visits_max, &closings)).collect()
}

/// One hazard; `closings` says what closes it, if it is reachable.
pub(super) fn hazard(
    protocol: &Protocol,
    kind: HazardKind,
    visits_max: u64,
    closings: &dyn Fn(HazardKind) -> Vec<Closing>,
) -> Result<HazardReport, ExploreError> {
    let shape = Shape::new(protocol);
    let reachable = reachable(protocol, kind, visits_max);
    let why = match kind {
        HazardKind::Costly => costly(protocol, reachable, visits_max),
        _ => why(&shape, kind),
    };
    let (mut witness, mut contradiction) = (None, None);
    let mut closed_by = None;
    if reachable {
        match shown(protocol, &shape, kind) {
            Ok(found) => witness = found,
            Err(error) => contradiction = Some(error.to_string()),
        }
        let closings = closings(kind);
        if let (None, Some(what)) = (&contradiction, still_open(protocol, kind, &closings)?) {
            contradiction = Some(what);
        }
        closed_by = Some(closings.into_iter().map(|closing| closing.text).collect());
    }
    Ok(HazardReport { kind, reachable, why, closed_by, witness, contradiction, accepted: None })
}

/// The switch that is said to close a takeover and leaves one among a few accounts, if there is one.
fn still_open(
    protocol: &Protocol,
    kind: HazardKind,
    closings: &[Closing],
) -> Result<Option<String>, ExploreError> {
    let guards = |closing: &&Closing| closing.protocol.limits == protocol.limits;
    for closing in closings.iter().filter(guards).filter(|_| kind == HazardKind::Takeover) {
        if world::shows(&closing.protocol, kind)? {
            let text = &closing.text;
            let what =
                format!("{text} does not close {kind} in the exhaustive search of a few accounts");
            return Ok(Some(what));
        }
    }
    Ok(None)
}

fn shown(
    protocol: &Protocol,
    shape: &Shape,
    kind: HazardKind,
) -> Result<Option<Witness>, BuilderError> {
    match shape.cause(kind) {
        Some(cause) => witness::witness(protocol, cause),
        None => cost::witness(protocol),
    }
}

fn costly(protocol: &Protocol, reachable: bool, visits_max: u64) -> String {
    let (visits, exact) = cost::visits(protocol);
    let (number, visits_max) = (grouped(visits), grouped(visits_max));
    let most = if exact { "" } else { "at most " };
    let what = protocol.base.signed_envelope_name();
    match reachable {
        true => format!(
            "one legal {what} can ask for {most}{number} account visits, more than {visits_max}"
        ),
        false => format!(
            "no legal {what} asks for more than {number} account visits, {visits_max} are allowed"
        ),
    }
}

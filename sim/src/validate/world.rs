//! Few accounts, completely: the configuration's own limits among as many accounts as fit the work, and
//! the configuration's shape scaled down until six accounts show all of it.

use std::sync::atomic::AtomicBool;

use serde::{Deserialize, Serialize};

use super::shape::{HazardKind, Shape, power};
use crate::explore::{Bounds, Counts, ExploreError, Explorer, Question, Stop, Subject};
use crate::hazard::Hazard;
use crate::protocol::Protocol;

/// Which limits are explored.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemas", schemars(inline))]
pub enum Scale {
    /// The configuration's own limits, as far as so few accounts meet them.
    #[serde(rename = "limits as configured")]
    Full,
    /// The same relations between the limits, with small numbers.
    #[serde(rename = "limits scaled down")]
    Small,
}

impl Scale {
    /// Its name in answers.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "limits as configured",
            Self::Small => "limits scaled down",
        }
    }
}

/// An exhaustive exploration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct World {
    /// Which limits.
    #[serde(rename = "world")]
    pub scale: Scale,
    /// Number of accounts.
    pub accounts: u64,
    /// The limits that bound it.
    pub limits: Bounds,
    /// How much there is.
    #[serde(flatten)]
    pub counts: Counts,
    /// Whether every state was seen.
    pub complete: bool,
    /// Whether the search was asked to end before.
    #[serde(skip)]
    pub asked: bool,
    /// The names of broken invariants.
    pub broken: Vec<String>,
    /// The hazards reached.
    pub reached: Vec<ReachedHazard>,
    /// Hazards for which search and closed form differ.
    pub disagreements: Vec<HazardKind>,
}

/// A hazard that an exploration reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ReachedHazard {
    /// Which hazard.
    pub name: HazardKind,
    /// The fewest modifications that reach it.
    pub modifications: u32,
}

/// What an exploration can find, and as what.
fn sought() -> Vec<(Hazard, HazardKind)> {
    HazardKind::ALL.into_iter().filter_map(|kind| Some((kind.of_states()?, kind))).collect()
}

/// Accounts of the scaled world: a chain of two, an account, and three cosignatories.
const SMALL_ACCOUNTS: usize = 6;

/// Most legal modifications of the largest world that is explored, by default.
pub const TRANSITIONS_MAX: u64 = 200_000_000;

/// One more account asks for about so many times the work.
const GROWTH: u64 = 160;

/// Most accounts of a world.
const ACCOUNTS_MAX: usize = 7;

/// Most bytes that a world may take.
const BYTES_MAX: usize = 1 << 30;

/// The worlds of a configuration, reported to `tell` as they begin; fewer once `stop` is set.
///
/// # Errors
/// Threads that cannot be started.
pub fn worlds(
    protocol: &Protocol,
    (jobs, transitions_max): (usize, u64),
    stop: &AtomicBool,
    mut tell: impl FnMut(&str),
) -> Result<Vec<World>, ExploreError> {
    let mut worlds: Vec<World> = Vec::new();
    let mut largest: Option<World> = None;
    for accounts in 3..=ACCOUNTS_MAX {
        tell(&format!("exploring {accounts} accounts"));
        let world = explored(protocol, Scale::Full, accounts, jobs, stop)?;
        let work = world.counts.transitions.max(1).saturating_mul(GROWTH);
        let (complete, sound) = (world.complete, world.broken.is_empty());
        largest = Some(world);
        if !complete || !sound || work > transitions_max {
            break;
        }
    }
    worlds.extend(largest);
    if protocol.base.has_levels() && worlds.iter().all(|world| world.complete) {
        tell("exploring the shape in small");
        let small = scaled(protocol);
        worlds.push(explored(&small, Scale::Small, SMALL_ACCOUNTS, jobs, stop)?);
    }
    Ok(worlds)
}

/// Whether a changed protocol lets a hazard happen among four accounts.
///
/// # Errors
/// Threads that cannot be started.
pub(super) fn shows(protocol: &Protocol, kind: HazardKind) -> Result<bool, ExploreError> {
    let world = explored(protocol, Scale::Full, 4, 1, &AtomicBool::new(false))?;
    Ok(world.reached.iter().any(|reached| reached.name == kind))
}

/// The same shape with small limits: whether cosignatories exceed the cap, whether nested quorums do.
pub(super) fn scaled(protocol: &Protocol) -> Protocol {
    let shape = Shape::new(protocol);
    let mut small = protocol.clone();
    let limits = &mut small.limits;
    let lower = |limit: &mut u32, most: u32| *limit = most.min(*limit);
    lower(&mut limits.max_multisig_depth, 3);
    lower(&mut limits.max_cosigned_accounts_per_account, 2);
    if shape.cosignatories > shape.cap {
        lower(&mut limits.max_cosignatories_per_account, 3);
        lower(&mut limits.max_cosignatures_per_aggregate, 2);
    } else {
        lower(&mut limits.max_cosignatories_per_account, 2);
        let most = power(2, limits.max_multisig_depth.into());
        let cap = if shape.quorum_most() > shape.cap { 2 } else { most as u32 };
        lower(&mut limits.max_cosignatures_per_aggregate, cap);
    }
    small
}

fn explored(
    protocol: &Protocol,
    scale: Scale,
    accounts: usize,
    jobs: usize,
    stop: &AtomicBool,
) -> Result<World, ExploreError> {
    let sought = sought();
    let find: Vec<Hazard> = sought.iter().map(|&(hazard, _)| hazard).collect();
    let question = Question {
        find: &find,
        to_the_end: true,
        jobs,
        bytes_max: BYTES_MAX,
        ..Question::new(protocol, accounts)
    };
    let report = Explorer::new(question)?.run_until(stop, |_| {});
    let mut reached: Vec<(HazardKind, u32)> = Vec::new();
    for finding in &report.hazards {
        let of = |&&(hazard, _): &&(Hazard, HazardKind)| finding.subject == Subject::Hazard(hazard);
        reached.extend(sought.iter().find(of).map(|&(_, kind)| (kind, finding.depth)));
    }
    reached.sort_unstable();
    let broken = report.broken.iter().filter_map(|finding| match finding.subject {
        Subject::Invariant(statement) => Some(statement.name().to_owned()),
        Subject::Hazard(_) | Subject::Own(_) => None,
    });
    Ok(World {
        scale,
        accounts: accounts as u64,
        limits: Bounds::of(protocol),
        counts: report.counts,
        complete: report.complete,
        asked: report.stop == Some(Stop::Asked),
        broken: broken.collect(),
        disagreements: disagreements(protocol, scale, report.complete, &reached),
        reached: reached
            .into_iter()
            .map(|(name, modifications)| ReachedHazard { name, modifications })
            .collect(),
    })
}

/// The hazards that a search finds and the closed form excludes; in the scaled world, which shows all
/// of the shape, also the other way round.
fn disagreements(
    protocol: &Protocol,
    scale: Scale,
    complete: bool,
    reached: &[(HazardKind, u32)],
) -> Vec<HazardKind> {
    let shape = Shape::new(protocol);
    // The strict check needs an aggregate of two parts, and a search makes one modification at a time.
    let whole = scale == Scale::Small && complete && !shape.strict;
    let differs = |&kind: &HazardKind| {
        let found = reached.iter().any(|&(known, _)| known == kind);
        let open = shape.cause(kind).is_some();
        found && !open || whole && open && !found
    };
    sought().into_iter().map(|(_, kind)| kind).filter(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_differs_from_the_closed_form_is_noticed() {
        let protocol = Protocol::preset("symbol-mainnet").unwrap();
        let says =
            |scale, reached: &[(HazardKind, u32)]| disagreements(&protocol, scale, true, reached);
        let known =
            [(HazardKind::OverCap, 4), (HazardKind::Takeover, 1), (HazardKind::DeadLevel, 2)];
        assert_eq!(says(Scale::Small, &known), []);
        assert_eq!(says(Scale::Small, known.get(1..).unwrap()), [HazardKind::OverCap]);
        assert_eq!(says(Scale::Full, &[]), []);
        assert_eq!(says(Scale::Full, &[(HazardKind::LockedAlive, 4)]), [HazardKind::LockedAlive]);
    }

    #[test]
    fn the_scaled_world_keeps_the_relations_between_limits() {
        let mut protocol = Protocol::preset("symbol-mainnet").unwrap();
        for (cap, expected) in [(25, [2, 2]), (15, [3, 2]), (255, [2, 2])] {
            protocol.limits.max_cosignatures_per_aggregate = cap;
            let Bounds {
                max_cosignatories_per_account: wide,
                max_cosignatures_per_aggregate: cap,
                ..
            } = Bounds::of(&scaled(&protocol));
            assert_eq!([wide, cap], expected);
        }
        protocol.limits.max_cosignatories_per_account = 5;
        assert_eq!(scaled(&protocol).limits.max_cosignatures_per_aggregate, 8);
    }
}

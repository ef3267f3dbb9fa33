//! Small worlds, completely: the configuration's own limits among as many accounts as fit the work, and
//! the configuration's shape scaled down until six accounts show all of it.

use std::sync::atomic::AtomicBool;

use super::shape::{Peril, Shape, power};
use crate::explore::{Bounds, Counts, ExploreError, Explorer, Question, Stop, Subject};
use crate::hazard::Hazard;
use crate::protocol::{Base, Protocol};

/// Which world it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scale {
    /// The configuration's own limits, as far as so few accounts meet them.
    Full,
    /// Its shape in small: the same relations between the limits, with small numbers.
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

/// What a small world holds.
#[derive(Clone, Debug)]
pub struct World {
    /// Which world.
    pub scale: Scale,
    /// Number of accounts.
    pub accounts: usize,
    /// The limits that bound it.
    pub limits: Bounds,
    /// How much there is.
    pub counts: Counts,
    /// Whether every state was seen.
    pub complete: bool,
    /// Whether the search was asked to end before.
    pub asked: bool,
    /// The names of broken promises.
    pub broken: Vec<&'static str>,
    /// The hazards reached, each after how many modifications at least.
    pub reached: Vec<(Peril, u32)>,
    /// Hazards for which search and closed form differ.
    pub disagree: Vec<Peril>,
}

const SOUGHT: [(Hazard, Peril); 4] = [
    (Hazard::LockedAlive, Peril::LockedAlive),
    (Hazard::OverCap, Peril::OverCap),
    (Hazard::Takeover(None), Peril::Takeover),
    (Hazard::DeadLevel, Peril::DeadLevel),
];

/// Accounts of the scaled world: a chain of two, an account, and three cosignatories.
const SMALL_ACCOUNTS: usize = 6;

/// Most legal modifications of the largest world that is explored, unless told otherwise.
pub const TRANSITIONS_MAX: u64 = 200_000_000;

/// One more account asks for about so many times the work.
const GROWTH: u64 = 160;

/// Most accounts of a world.
const ACCOUNTS_MAX: usize = 7;

/// Most bytes that a world may take.
const BYTES_MAX: usize = 1 << 30;

/// The worlds of a configuration, told to `tell` as they begin; fewer once `stop` is set.
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
    if protocol.base != Base::Nis1 && worlds.iter().all(|world| world.complete) {
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
pub(super) fn shows(protocol: &Protocol, peril: Peril) -> Result<bool, ExploreError> {
    let world = explored(protocol, Scale::Full, 4, 1, &AtomicBool::new(false))?;
    Ok(world.reached.iter().any(|&(reached, _)| reached == peril))
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
    let find = SOUGHT.map(|(hazard, _)| hazard);
    let question = Question {
        find: &find,
        to_the_end: true,
        jobs,
        bytes_max: BYTES_MAX,
        ..Question::new(protocol, accounts)
    };
    let report = Explorer::new(question)?.run_until(stop, |_| {});
    let mut reached: Vec<(Peril, u32)> = Vec::new();
    for finding in &report.hazards {
        let of = |&&(hazard, _): &&(Hazard, Peril)| finding.subject == Subject::Hazard(hazard);
        reached.extend(SOUGHT.iter().find(of).map(|&(_, peril)| (peril, finding.depth)));
    }
    reached.sort_unstable();
    let broken = report.broken.iter().filter_map(|finding| match finding.subject {
        Subject::Promise(promise) => Some(promise.name()),
        Subject::Hazard(_) => None,
    });
    Ok(World {
        scale,
        accounts,
        limits: Bounds::of(protocol),
        counts: report.counts,
        complete: report.complete,
        asked: report.stop == Some(Stop::Asked),
        broken: broken.collect(),
        disagree: disagreements(protocol, scale, report.complete, &reached),
        reached,
    })
}

/// The hazards that a search finds and the closed form excludes; in the scaled world, which shows all
/// of the shape, also the other way round.
fn disagreements(
    protocol: &Protocol,
    scale: Scale,
    complete: bool,
    reached: &[(Peril, u32)],
) -> Vec<Peril> {
    let shape = Shape::new(protocol);
    // The strict check needs an aggregate of two parts, and a search makes one modification at a time.
    let whole = scale == Scale::Small && complete && !shape.strict;
    let differs = |&peril: &Peril| {
        let found = reached.iter().any(|&(known, _)| known == peril);
        let open = shape.way(peril).is_some();
        found && !open || whole && open && !found
    };
    SOUGHT.map(|(_, peril)| peril).into_iter().filter(differs).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_search_that_differs_from_the_closed_form_is_noticed() {
        let protocol = Protocol::preset("symbol-mainnet").unwrap();
        let says = |scale, reached: &[(Peril, u32)]| disagreements(&protocol, scale, true, reached);
        let known = [(Peril::OverCap, 4), (Peril::Takeover, 1), (Peril::DeadLevel, 2)];
        assert_eq!(says(Scale::Small, &known), []);
        assert_eq!(says(Scale::Small, known.get(1..).unwrap()), [Peril::OverCap]);
        assert_eq!(says(Scale::Full, &[]), []);
        assert_eq!(says(Scale::Full, &[(Peril::LockedAlive, 4)]), [Peril::LockedAlive]);
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

//! One step of the search: the moves out of a batch of families, and what they reach.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::family::{Digits, Family, Passage};
use super::moves::{Keys, Move, Mover};
use super::numbers::Numbers;
use super::own_hazard::OwnHazard;
use super::packed::{Graph, Packed, Renaming, Scale};
use super::symmetry::Skeleton;
use crate::hazard::Hazard;
use crate::protocol::Protocol;

/// A move on its way from a family of the batch to its target.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    /// Which family of the batch it comes from.
    pub source: u32,
    /// The family it leads to, or [`UNKNOWN`].
    pub target: u32,
    multisig: u8,
    renaming: Renaming,
    /// For which of the source's states it is legal; all if there is none.
    allowed: Option<Numbers>,
    skeleton: Skeleton,
}

/// A family that there was not when the move was found.
const UNKNOWN: u32 = u32::MAX;

/// What leaves one family at one depth.
#[derive(Clone, Debug, Default)]
pub(super) struct Departure {
    pub arrivals: Vec<Arrival>,
    /// Legal modifications out of the states, labelled, without those that change nothing.
    pub transitions: u64,
}

/// What every part of a search needs to know.
#[derive(Clone, Copy, Debug)]
pub(super) struct Setting<'p> {
    pub protocol: &'p Protocol,
    pub accounts: usize,
    pub scale: Scale,
    pub keys: Keys,
    pub share: Share,
    pub find: &'p [Hazard],
    pub own: &'p [OwnHazard],
}

/// One part of a search that several machines share: part `part` (from 1) of `parts`.
///
/// Every part finds all states; it counts them, and looks for broken invariants and hazards, only in
/// its own: a state belongs to the part that the hash of its canonical form names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which part, 1 to `parts`.
    pub part: u32,
    /// How many parts there are.
    pub parts: u32,
}

impl Default for Share {
    fn default() -> Self {
        Self { part: 1, parts: 1 }
    }
}

impl Share {
    /// Whether a state, in its canonical form, belongs to this part.
    #[must_use]
    #[inline]
    pub const fn holds(self, skeleton: Skeleton, number: u32) -> bool {
        if self.parts <= 1 {
            return true;
        }
        let rows = skeleton.rows as u64 ^ (skeleton.rows >> 64) as u64;
        let mut hash = rows ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        hash = (hash ^ (hash >> 32)).wrapping_mul(0xd6e8_feb8_6659_fd93);
        ((hash ^ (hash >> 32)) % self.parts as u64) as u32 + 1 == self.part
    }
}

/// The moves out of one family's states of one depth. Those into families that are full are counted and
/// left out.
fn depart(
    setting: &Setting<'_>,
    shelf: &Shelf,
    mover: &mut Mover<'_>,
    moves: &mut Vec<Move>,
    (source, family): (u32, &Family),
    numbers: &Numbers,
) -> Departure {
    let mut departure = Departure::default();
    mover.moves(family.skeleton, moves);
    let mine = |numbers: &Numbers| match setting.share.parts {
        ..=1 => numbers.count(),
        _ => {
            let held = |&number: &u32| setting.share.holds(family.skeleton, number);
            numbers.iter().filter(held).count() as u64
        }
    };
    let states = mine(numbers);
    for found in moves.iter() {
        let values = u64::from(setting.scale.values(u32::from(found.count)));
        let changes = values - u64::from(found.keeps_cosignatories());
        let per_state = changes * u64::from(found.multiplicity);
        let allowed = restricted(setting, mover, family, found, numbers);
        let legal = allowed.as_ref().map_or(states, mine);
        departure.transitions += per_state * legal;
        let target = shelf.find(found.target);
        if target.and_then(|id| shelf.get(id)).is_some_and(Family::is_full) {
            continue;
        }
        departure.arrivals.push(Arrival {
            source,
            target: target.unwrap_or(UNKNOWN),
            multisig: found.multisig,
            renaming: found.renaming,
            allowed,
            skeleton: found.target,
        });
    }
    departure
}

/// For which of these states a move is legal; `None` if for all.
pub(super) fn restricted(
    setting: &Setting<'_>,
    mover: &mut Mover<'_>,
    family: &Family,
    found: &Move,
    numbers: &Numbers,
) -> Option<Numbers> {
    if found.uniform {
        return None;
    }
    let states = family.states(setting.scale);
    Some(numbers.filtered(|number| mover.allows(&Graph::new(states.of(number)), found)))
}

/// Bytes that a family takes beside its own: in the index, and as room that is still free there and in the
/// list of families.
const ENTRY_BYTES: usize = 2 * size_of::<(Skeleton, u32)>() + size_of::<Family>();

/// The families of a search, found by their canonical skeletons.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    pub families: Vec<Family>,
    index: HashMap<Skeleton, u32, foldhash::fast::FixedState>,
    pub bytes: usize,
}

impl Shelf {
    /// The number of the family of this canonical skeleton, made now if it is new; `None` if it would
    /// hold more than 2^32 states, or all families more than so many bytes.
    pub fn find_or_make(
        &mut self,
        setting: &Setting<'_>,
        skeleton: Skeleton,
        bytes_max: usize,
    ) -> Option<u32> {
        if let Some(&id) = self.index.get(&skeleton) {
            return Some(id);
        }
        let form = super::symmetry::Symmetry::new(setting.accounts).form(skeleton);
        let left = bytes_max.checked_sub(self.bytes + ENTRY_BYTES)?;
        let family = Family::new(setting.scale, setting.accounts, &form, left)?;
        let id = self.families.len() as u32;
        self.bytes += family.bytes() + ENTRY_BYTES;
        self.index.insert(skeleton, id);
        self.families.push(family);
        Some(id)
    }

    /// The families with states of a depth that is the last so far.
    pub fn standing(&self, depth: u32) -> Vec<u32> {
        let families = self.families.iter().zip(0..);
        let here = families.filter(|(family, _)| family.at(depth).is_some());
        here.map(|(_, id)| id).collect()
    }

    /// Counts anew how many bytes the families take.
    pub fn recount(&mut self) {
        self.bytes = self.families.iter().map(|family| family.bytes() + ENTRY_BYTES).sum();
    }

    /// The number of a family that exists.
    pub fn find(&self, skeleton: Skeleton) -> Option<u32> {
        self.index.get(&skeleton).copied()
    }

    /// A family by its number.
    pub fn get(&self, id: u32) -> Option<&Family> {
        self.families.get(id as usize)
    }
}

/// A state seen for the first time: its family, its number, and how many of the family's states
/// differ from it in names alone (itself included).
#[derive(Clone, Copy, Debug)]
pub(super) struct Fresh {
    pub number: u32,
    pub orbit: u32,
    pub state: Packed,
}

/// What a search does with fresh states; one for every family and batch, joined in order.
pub(super) trait Notes: Default + Send {
    /// Looks at a state.
    fn look(&mut self, setting: &Setting<'_>, family: &Family, fresh: Fresh);
}

/// All moves out of a batch. `lists` are the batch's states, one list a family.
pub(super) fn departures(
    setting: &Setting<'_>,
    shelf: &Shelf,
    batch: &[u32],
    lists: &[Numbers],
) -> Vec<Departure> {
    let sources = batch.par_iter().zip(lists).enumerate();
    let start = || (Mover::new(setting.protocol, setting.accounts, setting.keys), Vec::new());
    let departures = sources.map_init(start, |(mover, moves), (source, (&id, numbers))| {
        let family = shelf.get(id)?;
        Some(depart(setting, shelf, mover, moves, (source as u32, family), numbers))
    });
    departures.with_max_len(1).map(Option::unwrap_or_default).collect()
}

/// Finds the target of every move, by target in order. `None` where the targets and their fresh states,
/// of this depth, do not fit the memory.
pub(super) fn directed(
    setting: &Setting<'_>,
    shelf: &mut Shelf,
    departures: Vec<Departure>,
    (depth, bytes_max): (u32, usize),
) -> Option<Vec<Arrival>> {
    let arrivals = departures.into_iter().map(|departure| departure.arrivals);
    let mut all: Vec<Arrival> = arrivals.flatten().collect();
    for arrival in all.iter_mut().filter(|arrival| arrival.target == UNKNOWN) {
        arrival.target = shelf.find_or_make(setting, arrival.skeleton, bytes_max)?;
    }
    all.sort_by_key(|arrival| arrival.target);
    let targets = all.chunk_by(|one, other| one.target == other.target);
    let families = targets.filter_map(|group| shelf.get(group.first()?.target));
    let fresh = families.filter(|family| family.at(depth).is_none());
    let bytes: usize = fresh.map(|family| Numbers::bytes(family.size())).sum();
    (shelf.bytes + bytes <= bytes_max).then_some(all)
}

/// Reaches what the arrivals lead to. Each family is filled by one thread, so that the result does
/// not depend on their number. Returns what was noted, by family in order, and how many bytes the sets
/// of fresh states take.
pub(super) fn arrive<N: Notes>(
    setting: &Setting<'_>,
    families: &mut [Family],
    sources: &[Digits],
    lists: &[Numbers],
    (arrivals, depth): (&[Arrival], u32),
) -> (Vec<(u32, N)>, usize) {
    let mut rest = families.iter_mut().enumerate();
    let groups = arrivals.chunk_by(|one, other| one.target == other.target);
    let tasks: Vec<(u32, &mut Family, &[Arrival])> = groups
        .filter_map(|group| {
            let target = group.first()?.target;
            let (id, family) = rest.find(|(id, _)| *id == target as usize)?;
            Some((id as u32, family, group))
        })
        .collect();
    let done = tasks.into_par_iter().with_max_len(1).map(|(id, family, group)| {
        let known = family.take(depth);
        let bytes = if known.is_some() { 0 } else { Numbers::bytes(family.size()) };
        let mut numbers = known.unwrap_or_else(|| Numbers::none(family.size()));
        let (states, mut notes) = (family.states(setting.scale), N::default());
        for arrival in group {
            let source = arrival.source as usize;
            let (Some(from), Some(list)) = (sources.get(source), lists.get(source)) else {
                continue;
            };
            let passage = Passage::new(from, &family.digits, arrival.multisig, arrival.renaming);
            let list = arrival.allowed.as_ref().unwrap_or(list);
            fill(family, &passage, list, &mut |family, fresh, orbit| {
                numbers.insert(fresh);
                if setting.share.holds(family.skeleton, fresh) {
                    let state = states.of(fresh);
                    notes.look(setting, family, Fresh { number: fresh, orbit, state });
                }
            });
        }
        if numbers.is_empty() {
            return None;
        }
        family.put(depth, numbers);
        Some(((id, notes), bytes))
    });
    let (noted, bytes): (Vec<_>, Vec<usize>) = done.flatten().unzip();
    (noted, bytes.iter().sum())
}

/// Reaches what the states of a list lead to, and says what is fresh: the least number of its orbit, and
/// how many that has.
fn fill(
    family: &mut Family,
    passage: &Passage,
    list: &Numbers,
    found: &mut impl FnMut(&Family, u32, u32),
) {
    for number in list.iter() {
        if family.is_full() {
            return;
        }
        let base = passage.base(number);
        for value in 0..passage.values {
            if let Some((least, orbit)) = family.reach(base + value * passage.stride) {
                found(family, least, orbit);
            }
        }
    }
}

//! Breadth-first search from one state, level by level, and the way back to it.

use std::sync::atomic::{AtomicBool, Ordering};

use serde::{Deserialize, Serialize};

use super::expansion::{Fresh, Notes, Setting, Shelf, arrive, departures, directed};
use super::family::{Digits, Family, Passage};
use super::moves::Mover;
use super::numbers::Numbers;
use super::packed::{Graph, Packed, Set};
use super::symmetry::{Skeleton, Symmetry};
use super::witness::Stage;

/// How many families are expanded before their arrivals are handed over.
const BATCH: usize = 512;

/// Most states of a batch, so that what its moves allow takes little memory.
const BATCH_STATES: u64 = 1 << 22;

/// Why a search ended before it had seen everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum Stop {
    /// The next states do not fit the memory.
    Memory,
    /// It was asked to.
    Asked,
    /// The depth it was asked for is reached.
    Depth,
    /// Everything that was looked for is found.
    Found,
    /// A hazard of one's own depends on which account is which.
    Asymmetric,
}

/// Bounds of a search that are not bounds of the graph.
#[derive(Clone, Copy, Debug)]
pub(super) struct Budget<'s> {
    pub bytes_max: usize,
    pub stop: &'s AtomicBool,
}

/// A canonical state: its family's number and its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub family: u32,
    pub number: u32,
}

/// A search under way.
#[derive(Clone, Debug)]
pub(super) struct Search<'p> {
    pub setting: Setting<'p>,
    pub shelf: Shelf,
    /// The families with states of the present depth.
    pub frontier: Vec<u32>,
    /// Modifications made so far.
    pub depth: u32,
    /// Legal modifications out of all states of lesser depth.
    pub transitions: u64,
    /// How many families are expanded before their arrivals are handed over, at least 1. What is found
    /// does not depend on it.
    pub batch: usize,
}

impl<'p> Search<'p> {
    /// Starts from a state in which some accounts are distinguished. Also returns what is noted of it.
    pub fn new<N: Notes>(setting: Setting<'p>, start: Packed, colour: Set) -> (Self, N) {
        let shelf = Shelf::default();
        let (depth, transitions) = (0, 0);
        let mut search =
            Self { setting, shelf, frontier: vec![0], depth, transitions, batch: BATCH };
        let skeleton = Skeleton { rows: start.rows, colour };
        let (canonical, renaming) = Symmetry::new(setting.accounts).canonical(skeleton);
        search.shelf.find_or_make(&setting, canonical, usize::MAX);
        let mut notes = N::default();
        if let Some(family) = search.shelf.families.first_mut() {
            let number = family.digits.number(setting.scale, start.renamed(renaming));
            if let Some((least, orbit)) = family.reach(number) {
                let mut numbers = Numbers::none(family.size());
                numbers.insert(least);
                family.put(0, numbers);
                if setting.share.holds(canonical, least) {
                    let state = family.state(setting.scale, least);
                    notes.look(&setting, family, Fresh { number: least, orbit, state });
                }
            }
        }
        (search, notes)
    }

    /// Goes one modification further. Returns what was noted of the fresh states, by family.
    ///
    /// # Errors
    /// The search was stopped; the states of the new depth are incomplete then, and taken back.
    pub fn level<N: Notes>(&mut self, budget: Budget<'_>) -> Result<Vec<(u32, N)>, Stop> {
        let frontier = std::mem::take(&mut self.frontier);
        let mut noted = Vec::new();
        let mut transitions = 0;
        let mut rest = frontier.as_slice();
        while !rest.is_empty() {
            let (batch, others) = rest.split_at(self.batch_len(rest));
            match self.batch(batch, budget, &mut noted) {
                Ok(more) => transitions += more,
                Err(stop) => {
                    self.take_back();
                    self.frontier = frontier;
                    return Err(stop);
                }
            }
            rest = others;
        }
        self.transitions += transitions;
        self.depth += 1;
        self.frontier = self.shelf.standing(self.depth);
        Ok(noted)
    }

    fn batch<N: Notes>(
        &mut self,
        batch: &[u32],
        budget: Budget<'_>,
        noted: &mut Vec<(u32, N)>,
    ) -> Result<u64, Stop> {
        if budget.stop.load(Ordering::Relaxed) {
            return Err(Stop::Asked);
        }
        let (depth, setting) = (self.depth, self.setting);
        // Taken out of their families, so that these may be filled meanwhile.
        let lists: Vec<Numbers> = batch.iter().map(|&id| self.lend(id)).collect();
        let sources: Vec<Digits> =
            batch.iter().filter_map(|&id| self.shelf.get(id)).map(|family| family.digits).collect();
        let departures = departures(&setting, &self.shelf, batch, &lists);
        let transitions = departures.iter().map(|departure| departure.transitions).sum();
        let arrivals =
            directed(&setting, &mut self.shelf, departures, (depth + 1, budget.bytes_max));
        if let Some(arrivals) = &arrivals {
            let families = &mut self.shelf.families;
            let (fresh, bytes) =
                arrive::<N>(&setting, families, &sources, &lists, (arrivals, depth + 1));
            noted.extend(fresh);
            self.shelf.bytes += bytes;
        }
        for (&id, list) in batch.iter().zip(lists) {
            if let Some(family) = self.shelf.families.get_mut(id as usize) {
                family.put(depth, list);
            }
        }
        arrivals.map(|_| transitions).ok_or(Stop::Memory)
    }

    /// How many of these families make the next batch: those whose states are not too many together.
    fn batch_len(&self, families: &[u32]) -> usize {
        let mut states = 0;
        let fits = |&&id: &&u32| {
            states += self.shelf.get(id).map_or(0, |family| u64::from(family.size()));
            states <= BATCH_STATES
        };
        families.iter().take(self.batch).take_while(fits).count().max(1)
    }

    fn lend(&mut self, id: u32) -> Numbers {
        let family = self.shelf.families.get_mut(id as usize);
        family.and_then(|family| family.take(self.depth)).unwrap_or_default()
    }

    /// Forgets the states of the depth that was begun.
    fn take_back(&mut self) {
        for family in &mut self.shelf.families {
            if family.levels.last().is_some_and(|level| level.depth > self.depth) {
                family.levels.pop();
                family.recall();
            }
        }
        self.shelf.recount();
    }

    /// The canonical states on a shortest way from the start to a state, both ends included.
    pub fn path(&self, place: Place, depth: u32) -> Vec<Stage> {
        let mut path = vec![place];
        let mut at = place;
        for before in (0..depth).rev() {
            let Some(found) = self.predecessor(at, before) else { break };
            path.push(found);
            at = found;
        }
        path.reverse();
        let stage = |place: Place| {
            let family = self.shelf.get(place.family)?;
            let state = family.state(self.setting.scale, place.number);
            Some(Stage { state, colour: family.skeleton.colour })
        };
        path.into_iter().filter_map(stage).collect()
    }

    /// The first state of a depth from which one move leads to this one.
    fn predecessor(&self, place: Place, depth: u32) -> Option<Place> {
        let setting = &self.setting;
        let target = self.shelf.get(place.family)?;
        let mut mover = Mover::new(setting.protocol, setting.accounts, setting.keys);
        let mut moves = Vec::new();
        for (id, family) in self.shelf.families.iter().enumerate() {
            let Some(numbers) = family.at(depth) else { continue };
            mover.moves(family.skeleton, &mut moves);
            for found in moves.iter().filter(|found| found.target == target.skeleton) {
                let passage =
                    Passage::new(&family.digits, &target.digits, found.multisig, found.renaming);
                let leads = |&number: &u32| {
                    let graph = Graph::new(family.state(setting.scale, number));
                    leads_to(&passage, target, number, place.number)
                        && (found.uniform || mover.allows(&graph, found))
                };
                if let Some(number) = numbers.iter().find(leads) {
                    return Some(Place { family: id as u32, number });
                }
            }
        }
        None
    }
}

fn leads_to(passage: &Passage, target: &Family, from: u32, to: u32) -> bool {
    let base = passage.base(from);
    (0..passage.values).any(|value| target.least(base + value * passage.stride) == to)
}

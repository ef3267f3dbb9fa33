//! Breadth-first search from one state, level by level, and the way back to it.

use std::sync::atomic::{AtomicBool, Ordering};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::expansion::{Fresh, Notes, Setting, Shelf, arrive, departures, directed};
use super::family::{Digits, Family, Level, Passage};
use super::moves::Mover;
use super::packed::{Graph, Packed};
use super::symmetry::{Skeleton, Symmetry};
use super::witness::Stage;

/// How many families are expanded before their arrivals are handed over.
const BATCH: usize = 512;

/// Why a search ended before it had seen everything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
    pub fn new<N: Notes>(setting: Setting<'p>, start: Packed, colour: u8) -> (Self, N) {
        let shelf = Shelf::default();
        let (depth, transitions) = (0, 0);
        let mut search =
            Self { setting, shelf, frontier: vec![0], depth, transitions, batch: BATCH };
        let skeleton = Skeleton { rows: start.rows, colour };
        let (canonical, renaming) = Symmetry::new(setting.accounts).canonical(skeleton);
        search.shelf.find_or_make(&setting, canonical);
        let mut notes = N::default();
        if let Some(family) = search.shelf.families.first_mut() {
            let number = family.digits.number(setting.scale, start.renamed(renaming));
            if let Some((least, orbit)) = family.reach(number) {
                family.levels.push(Level { depth: 0, numbers: vec![least] });
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
        for batch in frontier.chunks(self.batch) {
            match self.batch(batch, budget, &mut noted) {
                Ok(more) => transitions += more,
                Err(stop) => {
                    self.take_back();
                    self.frontier = frontier;
                    return Err(stop);
                }
            }
        }
        self.transitions += transitions;
        self.depth += 1;
        self.frontier = self.sorted_level();
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
        let lists: Vec<Vec<u32>> = batch.iter().map(|&id| self.lend(id)).collect();
        let sources: Vec<Digits> =
            batch.iter().filter_map(|&id| self.shelf.get(id)).map(|family| family.digits).collect();
        let departures = departures(&setting, &self.shelf, batch, &lists);
        let transitions = departures.iter().map(|departure| departure.transitions).sum();
        let arrivals = directed(&setting, &mut self.shelf, departures, budget.bytes_max);
        if let Some(arrivals) = &arrivals {
            let families = &mut self.shelf.families;
            let mut fresh: Vec<(u32, N)> =
                arrive(&setting, families, &sources, &lists, (arrivals, depth + 1));
            noted.append(&mut fresh);
        }
        for (&id, list) in batch.iter().zip(lists) {
            self.give_back(id, list);
        }
        arrivals.map(|_| transitions).ok_or(Stop::Memory)
    }

    /// Takes the states of the present depth out of a family, so that others may be filled meanwhile.
    fn lend(&mut self, id: u32) -> Vec<u32> {
        let depth = self.depth;
        let family = self.shelf.families.get_mut(id as usize);
        let levels = family.map(|family| family.levels.iter_mut());
        let level = levels.and_then(|mut levels| levels.find(|level| level.depth == depth));
        level.map(|level| std::mem::take(&mut level.numbers)).unwrap_or_default()
    }

    fn give_back(&mut self, id: u32, numbers: Vec<u32>) {
        let depth = self.depth;
        if let Some(family) = self.shelf.families.get_mut(id as usize)
            && let Some(level) = family.levels.iter_mut().find(|level| level.depth == depth)
        {
            level.numbers = numbers;
        }
    }

    /// Sorts the states of the present depth and returns the families that have some.
    fn sorted_level(&mut self) -> Vec<u32> {
        let mut frontier = Vec::new();
        for (id, family) in self.shelf.families.iter_mut().enumerate() {
            let Some(level) = family.levels.last_mut() else { continue };
            if level.depth == self.depth {
                level.numbers.sort_unstable();
                level.numbers.shrink_to_fit();
                self.shelf.bytes += level.numbers.len() * 4;
                frontier.push(id as u32);
            }
        }
        frontier
    }

    /// Forgets the states of the depth that was begun.
    fn take_back(&mut self) {
        for family in &mut self.shelf.families {
            if family.levels.last().is_some_and(|level| level.depth > self.depth) {
                family.levels.pop();
                family.recall();
            }
        }
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
            let numbers = family.at(depth);
            if numbers.is_empty() {
                continue;
            }
            mover.moves(family.skeleton, &mut moves);
            for found in moves.iter().filter(|found| found.target == target.skeleton) {
                let passage =
                    Passage::new(&family.digits, &target.digits, found.multisig, found.renaming);
                let leads = |&number: &u32| {
                    let graph = Graph::new(family.state(setting.scale, number));
                    leads_to(&passage, target, number, place.number)
                        && (found.uniform || mover.allows(&graph, found))
                };
                if let Some(number) = numbers.iter().copied().find(leads) {
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

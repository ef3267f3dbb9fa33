//! The smallest changes of thresholds, in the order of their cost.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::answer::Goal;
use super::shape::{Choice, Shape};
use crate::analysis::{Event, View, Work};

/// What comes next.
pub enum Found {
    /// Thresholds that reach the goal, one for each slot.
    Choices(Vec<Choice>),
    /// There are no others.
    None,
    /// The work ended.
    Undecided,
}

/// For each slot the least and the most cosignatories that may control it eventually.
type Ranges = Vec<(u32, u32)>;

/// How many thresholds change, and by how much in sum.
pub type Cost = (u32, u32);

/// A search that goes on from one result to the next.
pub struct Search<'s, 'a> {
    shape: Shape<'a>,
    goal: Goal,
    work: &'s Work,
    open: BinaryHeap<Reverse<(Cost, u64, Ranges)>>,
    /// How many ranges there have been: of equal cost, the first comes first.
    count: u64,
    /// Sets that spoke against thresholds before.
    known: [Vec<Vec<usize>>; 2],
}

const EVENTS: [Event; 2] = [Event::Theft, Event::Loss];

impl<'s, 'a> Search<'s, 'a> {
    /// All thresholds of a shape.
    pub fn new(shape: &Shape<'a>, goal: Goal, work: &'s Work) -> Self {
        let all = shape.slots.iter().map(|_| (1, u32::MAX)).collect();
        let open = BinaryHeap::new();
        let mut search =
            Self { shape: shape.clone(), goal, work, open, count: 0, known: Default::default() };
        search.add(all);
        search
    }

    fn add(&mut self, ranges: Ranges) {
        let mut cost = (0, 0);
        for (slot, &range) in self.shape.slots.iter().zip(&ranges) {
            let Some(choice) = slot.cheapest(range) else { return };
            cost = (cost.0 + choice.cost.0, cost.1 + choice.cost.1);
        }
        self.count += 1;
        self.open.push(Reverse((cost, self.count, ranges)));
    }

    /// The cheapest thresholds within the ranges; `None` where there are none.
    fn cheapest(&self, ranges: &Ranges) -> Option<Vec<Choice>> {
        self.shape.slots.iter().zip(ranges).map(|(slot, &range)| slot.cheapest(range)).collect()
    }

    /// The next thresholds that reach the goal, at less cost than `below` and no more than `most`.
    pub fn next(&mut self, below: Option<Cost>, most: Option<Cost>) -> Found {
        while let Some(Reverse((cost, _, ranges))) = self.open.pop() {
            if below.is_some_and(|below| cost >= below) || most.is_some_and(|most| cost > most) {
                return Found::None;
            }
            if self.work.spend(self.price()).is_none() {
                return Found::Undecided;
            }
            if self.is_hopeless(&ranges) {
                continue;
            }
            let Some(choices) = self.cheapest(&ranges) else { continue };
            let Some(spoiled) = self.spoiled(&choices) else { return Found::Undecided };
            match spoiled {
                Some((event, counts)) => self.divide(&ranges, event, &counts),
                None => {
                    self.others(&ranges, &choices);
                    return Found::Choices(choices);
                }
            }
        }
        Found::None
    }

    /// Units of work for the looks at all known sets, with the cheapest thresholds and with the extreme
    /// ones.
    fn price(&self) -> u64 {
        let known = self.shape.flat.iter().zip(&self.known);
        known.map(|(flat, known)| flat.price()[0] * (2 * known.len() as u64 + 4)).sum()
    }

    /// Whether a set that is known spends with all thresholds of the ranges, or locks with all of them.
    fn is_hopeless(&mut self, ranges: &Ranges) -> bool {
        for ((event, known), flat) in EVENTS.into_iter().zip(&self.known).zip(&mut self.shape.flat)
        {
            let slots = self.shape.slots.iter().zip(ranges);
            let extremes = slots.map(|(slot, &range)| {
                let [least, most] = slot.extremes(range);
                if event == Event::Theft { most } else { least }
            });
            flat.set(&extremes.collect::<Vec<u32>>());
            if known.iter().any(|set| flat.does(set)) {
                return true;
            }
        }
        false
    }

    /// A set that speaks against these thresholds, by how many cosignatories of each slot it makes sign and
    /// whether that is enough; the outer `None` where the work ended.
    fn spoiled(&mut self, choices: &[Choice]) -> Option<Option<Spoiled>> {
        self.shape.look_at(choices);
        for ((event, known), flat) in EVENTS.into_iter().zip(&self.known).zip(&mut self.shape.flat)
        {
            if known.iter().any(|set| flat.does(set)) {
                return Some(Some((event, flat.counts())));
            }
        }
        let bounds = [self.goal.resist, self.goal.survive];
        for (at, (event, bound)) in EVENTS.into_iter().zip(bounds).enumerate() {
            let Some(flat) = self.shape.flat.get_mut(at) else { continue };
            let [_, price] = flat.price();
            self.work.spend(price)?;
            let set = match flat.few(bound) {
                Some(set) => set,
                None => match self.proved(choices, event, bound)? {
                    Some(set) => set,
                    None => continue,
                },
            };
            let (Some(flat), Some(known)) = (self.shape.flat.get_mut(at), self.known.get_mut(at))
            else {
                continue;
            };
            let does = flat.does(&set);
            known.push(set);
            return does.then(|| Some((event, flat.counts())));
        }
        Some(None)
    }

    /// So few units that do it, or the proof that there are none; `None` where the work ended.
    fn proved(
        &mut self,
        choices: &[Choice],
        event: Event,
        bound: usize,
    ) -> Option<Option<Vec<usize>>> {
        self.shape.set(choices);
        let (found, used) = self.shape.fewest_here(event, View::Eventually, &self.work.left());
        self.work.add(used);
        self.work.spend(0)?;
        let names = match (found, event) {
            (Some(found), _) if found.lower > bound => return Some(None),
            (Some(found), _) if found.keys.len() <= bound => found.keys,
            (Some(_), _) => return None,
            // of a locked account nothing spends, and no loss is needed
            (None, Event::Theft) => return Some(None),
            (None, Event::Loss) => Vec::new(),
        };
        let [theft, loss] = &self.shape.flat;
        Some(Some(if event == Event::Theft { theft } else { loss }.places(&names)))
    }

    /// The ranges without those thresholds that such a set speaks against: one of the accounts that sign
    /// needs more cosignatories than those, or one that does not sign no more than those. The ranges that
    /// are added have no thresholds in common.
    fn divide(&mut self, ranges: &Ranges, event: Event, counts: &[(u32, bool)]) {
        let mut rest = ranges.clone();
        for (at, &(count, signs)) in counts.iter().enumerate() {
            if signs != (event == Event::Theft) {
                continue;
            }
            let mut one = rest.clone();
            if let (Some(one), Some(rest)) = (one.get_mut(at), rest.get_mut(at)) {
                match event {
                    Event::Theft => (one.0, rest.1) = (one.0.max(count + 1), rest.1.min(count)),
                    Event::Loss => (one.1, rest.0) = (one.1.min(count), rest.0.max(count + 1)),
                }
            }
            self.add(one);
        }
    }

    /// The ranges without these thresholds alone.
    fn others(&mut self, ranges: &Ranges, choices: &[Choice]) {
        let mut rest = ranges.clone();
        for (at, choice) in choices.iter().enumerate() {
            let here = choice.eventually;
            let (mut lower, mut higher) = (rest.clone(), rest.clone());
            if let (Some(lower), Some(higher), Some(rest)) =
                (lower.get_mut(at), higher.get_mut(at), rest.get_mut(at))
            {
                (lower.1, higher.0) = (lower.1.min(here - 1), higher.0.max(here + 1));
                *rest = (here, here);
            }
            self.add(lower);
            self.add(higher);
        }
    }
}

/// What a set that speaks against thresholds does, and of each slot how many cosignatories it makes sign and
/// whether that is enough.
type Spoiled = (Event, Vec<(u32, bool)>);

//! The first minimal sets alone: what comes later is not made.
//!
//! A set of a gate takes a set of each of `threshold` children, which share no key. Taking the next set of
//! a child, or the next child in the order of their first sets, makes the whole later. So the sets of a
//! gate come in order out of a heap of choices, and each choice is reached from an earlier one.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use hashbrown::HashSet;

use super::super::budget::Work;
use super::super::modules::Input;
use super::super::plan::Plan;
use super::super::policy::Dense;
use super::super::sets::KeySet;
use super::{Maker, SET_PRICE};

/// Units of work for each key of a set that is made.
const KEY_PRICE: u64 = 8;

/// A set of keys, ascending; ordered as [`KeySet`] is: by size, then by names.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Keys {
    size: usize,
    keys: Vec<usize>,
}

impl Keys {
    fn of(mut keys: Vec<usize>) -> Self {
        keys.sort_unstable();
        Self { size: keys.len(), keys }
    }
}

/// For some children of a gate, by their rank, which of their sets is taken; ascending.
type Choice = Vec<(usize, usize)>;

/// The sets of a module, as far as they were asked for.
#[derive(Default)]
struct Stream {
    found: Vec<Keys>,
    /// The children in the order of their first sets; empty where the sets are made all at once.
    ranks: Vec<Input>,
    open: BinaryHeap<Reverse<(Keys, Choice)>>,
    /// The choice of the last set found, while nothing next to it is open.
    last: Option<Choice>,
    seen: HashSet<Choice, foldhash::fast::FixedState>,
}

struct Streams<'a> {
    plan: &'a Plan,
    most: usize,
    work: &'a Work,
    streams: Dense<Stream>,
}

/// The first `most` minimal sets of the plan's policy, in order; `None` where they are too many to look at
/// within the budget.
pub(in super::super) fn first_sets(
    plan: &Plan,
    most: usize,
    work: &Work,
) -> Option<Vec<Vec<usize>>> {
    let Some(last) = plan.parts.len().checked_sub(1) else { return Some(vec![vec![0]]) };
    let mut streams = Streams { plan, most, work, streams: Dense(Vec::new()) };
    for place in 0..plan.parts.len() {
        streams.start(place)?;
    }
    streams.make(last, most)?;
    let found = std::mem::take(&mut streams.streams[last].found);
    Some(found.into_iter().take(most).map(|set| set.keys).collect())
}

impl Streams<'_> {
    /// Makes the first set of a module, those below it having theirs.
    fn start(&mut self, place: usize) -> Option<()> {
        let stream = match self.plan.parts.get(place)?.module.single_gate() {
            Some(gate) => self.of_gate(place, gate.threshold)?,
            None => self.of_core(place)?,
        };
        self.streams.0.push(stream);
        self.make(place, 1)
    }

    fn of_gate(&self, place: usize, threshold: usize) -> Option<Stream> {
        let mut ranks = self.plan.parts.get(place)?.module.inputs.clone();
        match ranks.iter().all(|input| matches!(input, Input::Key(_))) {
            true => {
                ranks.sort_by_cached_key(|input| if let Input::Key(key) = *input { key } else { 0 })
            }
            false => ranks.sort_by_cached_key(|&input| self.set(input, 0)),
        }
        let mut stream = Stream { ranks, ..Stream::default() };
        let first: Choice = (0..threshold).map(|rank| (rank, 0)).collect();
        stream.open.push(Reverse((self.union(&stream.ranks, &first)?, first)));
        Some(stream)
    }

    /// All sets at once: keys that several gates share belong together.
    fn of_core(&mut self, place: usize) -> Option<Stream> {
        let part = self.plan.parts.get(place)?;
        let keys = self.plan.policy.inputs;
        let mut below: Dense<Vec<KeySet>> = Dense(Vec::new());
        for &input in &part.module.inputs {
            if let Input::Module(module) = input {
                self.make(module, self.most)?;
            }
            let sets = (0..self.most).map_while(|at| self.set(input, at));
            below.0.push(sets.map(|set| key_set(&set, keys)).collect());
        }
        let sets = Maker { keys, most: self.most, work: self.work }.of_core(part, &below)?;
        let found = sets.iter().map(|set| Keys::of(set.members().collect())).collect();
        Some(Stream { found, ..Stream::default() })
    }

    /// The set at this place, from 0, among those of an input that were made.
    fn set(&self, input: Input, at: usize) -> Option<Keys> {
        match input {
            Input::Key(key) => (at == 0).then(|| Keys::of(vec![key])),
            Input::Module(module) => self.streams[module].found.get(at).cloned(),
        }
    }

    /// Makes the first `count` sets of a module, or all.
    fn make(&mut self, place: usize, count: usize) -> Option<()> {
        while self.streams[place].found.len() < count {
            if let Some(last) = self.streams[place].last.take() {
                self.follow(place, &last)?;
            }
            let stream = &mut self.streams[place];
            let Some(Reverse((set, choice))) = stream.open.pop() else { break };
            stream.found.push(set);
            stream.last = Some(choice);
        }
        Some(())
    }

    /// Opens the choices next to this one: the next set of a child, or the next child in its stead.
    fn follow(&mut self, place: usize, choice: &Choice) -> Option<()> {
        for (at, &(rank, index)) in choice.iter().enumerate() {
            let stream = &self.streams[place];
            let is_free = stream.ranks.len() > rank + 1
                && choice.get(at + 1).is_none_or(|&(next, _)| next != rank + 1);
            let input = stream.ranks.get(rank).copied();
            if index == 0 && is_free {
                self.open(place, choice, at, (rank + 1, 0))?;
            }
            if let Some(Input::Module(module)) = input {
                self.make(module, index + 2)?;
                if self.streams[module].found.len() > index + 1 {
                    self.open(place, choice, at, (rank, index + 1))?;
                }
            }
        }
        Some(())
    }

    /// Puts a choice with one place changed among the open ones, once.
    fn open(&mut self, place: usize, choice: &Choice, at: usize, to: (usize, usize)) -> Option<()> {
        let mut choice = choice.clone();
        choice.get_mut(at).into_iter().for_each(|one| *one = to);
        if self.streams[place].seen.contains(&choice) {
            return Some(());
        }
        let set = self.union(&self.streams[place].ranks, &choice)?;
        let stream = &mut self.streams[place];
        stream.seen.insert(choice.clone());
        stream.open.push(Reverse((set, choice)));
        Some(())
    }

    fn union(&self, ranks: &[Input], choice: &Choice) -> Option<Keys> {
        let mut keys = Vec::new();
        for &(rank, index) in choice {
            match ranks.get(rank).copied()? {
                Input::Key(key) => keys.push(key),
                Input::Module(module) => {
                    keys.extend_from_slice(&self.streams[module].found.get(index)?.keys);
                }
            }
        }
        self.work.spend(SET_PRICE + KEY_PRICE * keys.len() as u64)?;
        Some(Keys::of(keys))
    }
}

fn key_set(set: &Keys, inputs: usize) -> KeySet {
    let mut all = KeySet::empty(inputs);
    set.keys.iter().for_each(|&key| all.insert(key));
    all
}

//! A structure below a target as a plain list, for many looks at sets of keys.

use std::collections::BTreeMap;

use super::{Event, Structure, View};
use crate::account::AccountId;

/// Most orders in which a small set is looked for.
const ORDERS_MAX: usize = 32;

/// The accounts and keys below a target, every cosignatory before the accounts it cosigns for.
#[derive(Clone, Debug)]
pub struct Flat {
    event: Event,
    nodes: Vec<Node>,
    /// The keys that are left, or groups of them, and their names.
    units: Vec<usize>,
    names: Vec<String>,
    /// The accounts that may change.
    slots: Vec<usize>,
    /// What signs, as it was last looked at.
    signs: Vec<bool>,
}

#[derive(Clone, Debug)]
struct Node {
    below: Vec<usize>,
    threshold: u32,
}

impl Flat {
    /// What lies below `target`; a look is at thefts, or at losses.
    pub fn new(
        structure: &Structure,
        event: Event,
        target: AccountId,
        slots: &[AccountId],
    ) -> Self {
        let order = structure.below(target);
        let places: BTreeMap<AccountId, usize> =
            order.iter().enumerate().map(|(place, &id)| (id, place)).collect();
        let place = |id: &AccountId| places.get(id).copied();
        let node = |&id: &AccountId| Node {
            below: structure.cosignatories(id).iter().filter_map(place).collect(),
            threshold: structure.threshold(id, View::Eventually),
        };
        let left = |id: &&AccountId| structure.is_key(**id) && !structure.is_lost(**id);
        let keys: Vec<&AccountId> = order.iter().filter(left).collect();
        Self {
            event,
            nodes: order.iter().map(node).collect(),
            units: keys.iter().filter_map(|id| place(id)).collect(),
            names: keys.iter().map(|&&id| structure.name(id).to_owned()).collect(),
            slots: slots.iter().filter_map(place).collect(),
            signs: vec![false; order.len()],
        }
    }

    /// How many keys, or groups of them, are left.
    pub fn units(&self) -> usize {
        self.units.len()
    }

    /// The places of units among all of them.
    pub fn places(&self, names: &[String]) -> Vec<usize> {
        let place = |name| self.names.iter().position(|one| one == name);
        names.iter().filter_map(place).collect()
    }

    /// Takes the thresholds that count eventually, one for each slot.
    pub fn set(&mut self, thresholds: &[u32]) {
        for (&slot, &threshold) in self.slots.iter().zip(thresholds) {
            if let Some(node) = self.nodes.get_mut(slot) {
                node.threshold = threshold;
            }
        }
    }

    /// Whether these units do it: spend if they are stolen, or lock if they are lost.
    pub fn does(&mut self, units: &[usize]) -> bool {
        let lost = self.event == Event::Loss;
        for &unit in &self.units {
            self.signs.get_mut(unit).into_iter().for_each(|signs| *signs = lost);
        }
        for unit in units.iter().filter_map(|&unit| self.units.get(unit)) {
            self.signs.get_mut(*unit).into_iter().for_each(|signs| *signs = !lost);
        }
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| !node.below.is_empty()) {
            let signs = ready(&self.signs, node) >= node.threshold;
            self.signs.get_mut(at).into_iter().for_each(|one| *one = signs);
        }
        self.signs.last() != Some(&lost)
    }

    /// Of each slot, as it was last looked at, how many cosignatories sign, and whether that is enough.
    pub fn counts(&self) -> Vec<(u32, bool)> {
        let slots = self.slots.iter().filter_map(|&slot| {
            let node = self.nodes.get(slot)?;
            Some((ready(&self.signs, node), self.signs.get(slot).copied()?))
        });
        slots.collect()
    }

    /// At most `bound` units that do it, where leaving one out after the other leads to so few.
    pub fn few(&mut self, bound: usize) -> Option<Vec<usize>> {
        let count = self.units.len();
        for first in 0..count.min(ORDERS_MAX) {
            let mut set: Vec<usize> = (0..count).collect();
            for unit in (first..count).chain(0..first) {
                let fewer: Vec<usize> = set.iter().copied().filter(|&one| one != unit).collect();
                if self.does(&fewer) {
                    set = fewer;
                }
            }
            if set.len() <= bound && self.does(&set) {
                return Some(set);
            }
        }
        None
    }

    /// Units of work for one look, and for looking for few units.
    pub fn price(&self) -> [u64; 2] {
        let links: usize = self.nodes.iter().map(|node| node.below.len() + 3).sum();
        let (look, count) = (2 * links as u64, self.units.len() as u64);
        [look, count.min(ORDERS_MAX as u64) * count * (look + 2 * count)]
    }
}

fn ready(signs: &[bool], node: &Node) -> u32 {
    let signing = |below: &&usize| signs.get(**below).copied().unwrap_or(false);
    node.below.iter().filter(signing).count() as u32
}

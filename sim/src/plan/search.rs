//! The fewest transactions from one state to another.
//!
//! A plan is first built step by step, always towards the new state. A* then looks for a shorter one among
//! all that a transaction can do, modifications that are taken back included; where it ends without one,
//! the plan is proved to be the shortest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::mover::{Inside, Mover, Reach, Style, choices, distance};
use super::set::Set;
use super::signers;
use super::world::{Row, Rows};
use crate::account::AccountId;

/// Most sets of signers of one transaction that are tried.
const SIGNER_SETS_MAX: usize = 2_000;
/// Most transactions of a plan that is built step by step.
const STEPS_MAX: usize = 400;

/// The states between the transactions of a plan, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub states: Vec<Rows>,
    /// Whether no plan of fewer transactions exists.
    pub proved: bool,
}

/// What a search ended with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// A plan.
    Found(Path),
    /// No transactions lead to the new state.
    Impossible,
    /// The work ended first.
    Undecided,
}

impl Mover<'_> {
    /// The fewest transactions from the old state to the new one.
    pub fn shortest(&mut self) -> Outcome {
        let (old, new) = (self.world.old.clone(), self.world.new.clone());
        let built = self.built(&old, &new);
        let least = self.least(&old, &new);
        match built {
            Some(states) if states.len() == least + 1 => {
                Outcome::Found(Path { states, proved: true })
            }
            built => self.improved(built),
        }
    }

    /// At least so many transactions are needed.
    pub fn least(&self, from: &[Row], goal: &[Row]) -> usize {
        let protocol = self.world.protocol;
        let most = protocol.switches.max_deletions_per_modification.max(1) as usize;
        let parts = |(row, goal): (&Row, &Row)| {
            let out = row.members.minus(goal.members).len();
            out.div_ceil(most).max(usize::from(row != goal))
        };
        let all: usize = from.iter().zip(goal).map(parts).sum();
        let by_parts = all.div_ceil(self.world.parts_max().max(1));
        let come = from.iter().zip(goal).fold(Set::default(), |all, (row, goal)| {
            all.or(goal.members.minus(row.members))
        });
        let keys = come.iter().filter(|id| !self.world.movable.contains(id));
        let keys = keys.filter(|&id| self.world.look(from).row(id).members.is_empty()).count();
        let by_cap = match (self.world.cap(), protocol.switches.opt_in) {
            (Some(cap), true) => keys.div_ceil(cap.max(1)),
            _ => 0,
        };
        by_parts.max(by_cap)
    }

    /// A plan in which every transaction goes as far towards the new state as one can.
    fn built(&mut self, old: &[Row], new: &[Row]) -> Option<Vec<Rows>> {
        let mut states = vec![old.to_vec()];
        while states.len() <= STEPS_MAX {
            let here = states.last()?.clone();
            if here == new {
                return Some(states);
            }
            if self.one(&here, new).is_some() {
                states.push(new.to_vec());
                continue;
            }
            let next = self.nearest(&here, new)?;
            if states.contains(&next) {
                return None;
            }
            states.push(next);
        }
        None
    }

    /// Whether one transaction leads from a state to another directly, and by which signers.
    pub fn one(&mut self, from: &[Row], goal: &[Row]) -> Option<Set> {
        let able = self.able(from);
        for style in [Style::Direct, Style::Apart] {
            if let Reach::Found(edits) = self.reach(from, goal, able, style) {
                let set = signers::fewest(self.world, from, &edits)?;
                if self.world.cap().is_none_or(|cap| set.len() <= cap) {
                    return Some(set);
                }
            } else if style == Style::Direct {
                return None;
            }
        }
        None
    }

    /// The state nearest to the goal to which one transaction leads.
    fn nearest(&mut self, from: &[Row], goal: &[Row]) -> Option<Rows> {
        let start = distance(&Inside { rows: from.to_vec(), touched: 0 }, goal);
        let mut best: Option<(usize, Rows)> = None;
        for set in self.signer_sets(from).0 {
            let (found, _) = self.closure(from, set, Some(goal));
            for inside in found {
                let left = distance(&inside, goal);
                if left < best.as_ref().map_or(start, |best| best.0) {
                    best = Some((left, self.committed(&inside, goal)));
                }
            }
        }
        best.map(|(_, rows)| rows)
    }

    /// The state with the goal's thresholds wherever a modified account has the goal's cosignatories.
    fn committed(&self, inside: &Inside, goal: &[Row]) -> Rows {
        let row = |(slot, (row, goal)): (usize, (&Row, &Row))| {
            let done = inside.touched >> slot & 1 == 1 && row.members == goal.members;
            if done { *goal } else { *row }
        };
        inside.rows.iter().zip(goal).enumerate().map(row).collect()
    }

    /// The sets of keys that may sign one transaction, as large as the cap allows; and whether they are
    /// all.
    pub fn signer_sets(&self, rows: &[Row]) -> (Vec<Set>, bool) {
        let able = self.able(rows);
        let Some(cap) = self.world.cap().filter(|&cap| cap < able.len()) else {
            return (vec![able], true);
        };
        let groups = self.groups(&self.world.look(rows), able, Set::default());
        let mut sets = exactly(&groups, cap);
        let complete = sets.len() <= SIGNER_SETS_MAX;
        sets.truncate(SIGNER_SETS_MAX);
        (sets, complete)
    }

    /// A shorter plan than the one that was built, or the proof that there is none.
    fn improved(&mut self, built: Option<Vec<Rows>>) -> Outcome {
        let bound = built.as_ref().map_or(usize::MAX, |states| states.len() - 1);
        let (found, complete) = self.a_star(bound);
        match (found, built) {
            (Some(states), _) => Outcome::Found(Path { states, proved: complete }),
            (None, Some(states)) => Outcome::Found(Path { states, proved: complete }),
            (None, None) if complete => Outcome::Impossible,
            (None, None) => Outcome::Undecided,
        }
    }

    /// The shortest plan with fewer transactions than `bound`, and whether everything was looked at.
    fn a_star(&mut self, bound: usize) -> (Option<Vec<Rows>>, bool) {
        let (old, new) = (self.world.old.clone(), self.world.new.clone());
        let mut nodes: Vec<(Rows, usize, usize)> = vec![(old.clone(), 0, 0)];
        let mut lengths = BTreeMap::from([(old.clone(), 0)]);
        let mut open = BinaryHeap::from([Reverse((self.least(&old, &new), 0, 0))]);
        let mut complete = true;
        while let Some(Reverse((_, _, at))) = open.pop() {
            let Some((rows, length, _)) = nodes.get(at).cloned() else { continue };
            if rows == new {
                return (Some(trail(&nodes, at)), complete);
            }
            if lengths.get(&rows).is_some_and(|&known| known < length) {
                continue;
            }
            let (children, all) = self.children(&rows);
            complete &= all;
            if !all && self.work.spend(1).is_none() {
                return (None, false);
            }
            for child in children {
                let total = length + 1 + self.least(&child, &new);
                let known = lengths.get(&child).is_some_and(|&known| known <= length + 1);
                if total >= bound || known {
                    continue;
                }
                lengths.insert(child.clone(), length + 1);
                let left = distance(&Inside { rows: child.clone(), touched: 0 }, &new);
                open.push(Reverse((total, left, nodes.len())));
                nodes.push((child, length + 1, at));
            }
        }
        (None, complete)
    }

    /// Every state one transaction further, with the least or the final thresholds of each modified
    /// account; and whether they are all.
    fn children(&mut self, rows: &[Row]) -> (Vec<Rows>, bool) {
        let new = self.world.new.clone();
        let (sets, mut complete) = self.signer_sets(rows);
        let mut children = std::collections::BTreeSet::new();
        for set in sets {
            let (found, all) = self.closure(rows, set, None);
            complete &= all;
            for inside in found {
                complete &= self.commits(rows, &inside, &new, set, &mut children);
            }
        }
        (children.into_iter().collect(), complete)
    }

    /// The states that a transaction may leave: of each modified account with the new cosignatories the
    /// least thresholds or the new ones.
    fn commits(
        &mut self,
        from: &[Row],
        inside: &Inside,
        new: &[Row],
        signers: Set,
        children: &mut std::collections::BTreeSet<Rows>,
    ) -> bool {
        let matches = |slot: &usize| {
            let (row, goal) = (self.world.row(&inside.rows, *slot), self.world.row(new, *slot));
            inside.touched >> *slot & 1 == 1 && row.members == goal.members && row != goal
        };
        let slots: Vec<usize> = (0..new.len()).filter(matches).collect();
        let mut complete = slots.len() <= 6;
        for choice in 0..1_usize << slots.len().min(6) {
            let mut rows = inside.rows.clone();
            for (at, &slot) in slots.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1) {
                let _ = at;
                if let Some(row) = rows.get_mut(slot) {
                    *row = self.world.row(new, slot);
                }
            }
            if choice == 0 || self.world.movable.len() == 1 {
                children.insert(rows);
                continue;
            }
            // final thresholds of one account may stand in the way of the others
            match self.reach(from, &rows, signers, Style::All) {
                Reach::Found(_) => {
                    children.insert(rows);
                }
                Reach::Never => {}
                Reach::Unknown => complete = false,
            }
        }
        complete
    }
}

/// All choices of exactly so many, of each group its first ones.
fn exactly(groups: &[Vec<AccountId>], count: usize) -> Vec<Set> {
    let mut all = vec![Set::default()];
    let mut left: usize = groups.iter().map(Vec::len).sum();
    for group in groups {
        left -= group.len();
        let one = choices(std::slice::from_ref(group), usize::MAX);
        let longer = all.iter().flat_map(|&set| one.iter().map(move |&more| set.or(more)));
        all = longer.filter(|set| set.len() <= count && set.len() + left >= count).collect();
        all.truncate(SIGNER_SETS_MAX * 8);
    }
    all
}

fn trail(nodes: &[(Rows, usize, usize)], mut at: usize) -> Vec<Rows> {
    let mut states = Vec::new();
    while let Some((rows, length, before)) = nodes.get(at) {
        states.push(rows.clone());
        if *length == 0 {
            break;
        }
        at = *before;
    }
    states.reverse();
    states
}

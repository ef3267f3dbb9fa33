//! Of the shortest plans the one with the narrowest windows.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::mover::Mover;
use super::power::{Width, openings};
use super::search::Path;
use super::world::{Row, Rows};
use crate::analysis::Work;

/// Most thresholds that are tried for all accounts that one transaction modifies.
const THRESHOLDS_MAX: usize = 1_500;
/// Most states that are looked at.
const STATES_MAX: usize = 400_000;

/// A plan with its windows.
pub struct Narrow {
    pub states: Vec<Rows>,
    /// Whether no plan of as few transactions has narrower windows.
    pub proved: bool,
}

/// A state on the way: after so many transactions, the state before it.
struct Node {
    rows: Rows,
    length: usize,
    before: usize,
}

impl Mover<'_> {
    /// The narrowest of the plans as long as this one; `work` bounds the search.
    pub fn narrowest(&mut self, path: &Path) -> Narrow {
        let length = path.states.len().saturating_sub(1);
        if length < 2 {
            return Narrow { states: path.states.clone(), proved: true };
        }
        let direct = self.layered(length, true);
        if let Some((states, width, _)) = &direct
            && width.is_none()
        {
            return Narrow { states: states.clone(), proved: true };
        }
        let all = self.layered(length, false);
        let proved = all.as_ref().is_some_and(|all| all.2);
        let own = width_of(self, &path.states).map(|width| (path.states.clone(), width, false));
        let best = [direct, all, own].into_iter().flatten().min_by_key(|found| found.1);
        match best {
            Some((states, ..)) => Narrow { states, proved },
            None => Narrow { states: path.states.clone(), proved: false },
        }
    }

    /// The narrowest plan of so many transactions, its width, and whether all were looked at.
    fn layered(&mut self, length: usize, direct: bool) -> Option<(Vec<Rows>, Width, bool)> {
        let (old, new) = (self.world.old.clone(), self.world.new.clone());
        let mut nodes = vec![Node { rows: old, length: 0, before: 0 }];
        let mut open = BinaryHeap::from([Reverse((Width::default(), 0, 0))]);
        let mut seen = BTreeSet::new();
        let mut widths: BTreeMap<Rows, Option<Width>> = BTreeMap::new();
        let mut complete = true;
        while let Some(Reverse((width, _, at))) = open.pop() {
            let node = nodes.get(at)?;
            let (rows, done) = (node.rows.clone(), node.length);
            if rows == new {
                return Some((trail(&nodes, at), width, complete));
            }
            let (children, all) = self.steps(&rows, length - done - 1, direct);
            complete &= all;
            for child in children {
                if !seen.insert((done + 1, child.clone())) || nodes.len() > STATES_MAX {
                    complete &= nodes.len() <= STATES_MAX;
                    continue;
                }
                let own = widths.entry(child.clone()).or_insert_with(|| {
                    openings(self.world, &child, self.work).map(|found| Width::of(&found))
                });
                let Some(own) = *own else {
                    complete = false;
                    continue;
                };
                let (total, odd) = (width.plus(own), oddness(&child, &new));
                open.push(Reverse((total, odd, nodes.len())));
                nodes.push(Node { rows: child, length: done + 1, before: at });
            }
            if self.work.spend(1).is_none() {
                return None;
            }
        }
        None
    }

    /// The states one transaction further from which the new one can be reached in so many more; and
    /// whether they are all.
    fn steps(&mut self, rows: &[Row], left: usize, direct: bool) -> (BTreeSet<Rows>, bool) {
        let new = self.world.new.clone();
        let mut children = BTreeSet::new();
        if left == 0 {
            if self.one(rows, &new).is_some() {
                children.insert(new);
            }
            return (children, true);
        }
        let (sets, mut complete) = self.signer_sets(rows);
        for set in sets {
            let (found, all) = self.closure(rows, set, Some(new.as_slice()).filter(|_| direct));
            complete &= all;
            for inside in found {
                let touched = |slot: &usize| inside.touched >> *slot & 1 == 1;
                let slots: Vec<usize> = (0..inside.rows.len()).filter(touched).collect();
                let (rows, all) = self.with_thresholds(&inside.rows, &slots);
                complete &= all;
                children.extend(rows.into_iter().filter(|rows| self.least(rows, &new) <= left));
            }
        }
        (children, complete)
    }

    /// The state with all thresholds of these accounts that can matter; and whether they are all.
    fn with_thresholds(&self, rows: &[Row], slots: &[usize]) -> (Vec<Rows>, bool) {
        let options: Vec<Vec<(u32, u32)>> =
            slots.iter().map(|&slot| self.thresholds(rows, slot, false)).collect();
        let ways = options.iter().try_fold(1_usize, |all, one| all.checked_mul(one.len()));
        let (options, complete) = match ways {
            Some(ways) if ways <= THRESHOLDS_MAX => (options, true),
            _ => (slots.iter().map(|&slot| self.thresholds(rows, slot, true)).collect(), false),
        };
        let mut all = vec![rows.to_vec()];
        for (&slot, options) in slots.iter().zip(&options) {
            let with = |rows: &Rows, &(approval, removal): &(u32, u32)| {
                let mut rows = rows.clone();
                if let Some(row) = rows.get_mut(slot) {
                    (row.approval, row.removal) = (approval, removal);
                }
                rows
            };
            let longer = all.iter().take(THRESHOLDS_MAX);
            all = longer.flat_map(|rows| options.iter().map(|one| with(rows, one))).collect();
        }
        (all, complete)
    }

    /// The thresholds that an account may have in between. A min removal above min approval asks for
    /// more signatures and takes nothing from anybody, so it is left out; `few` takes those of both ends
    /// and the outermost.
    fn thresholds(&self, rows: &[Row], slot: usize, few: bool) -> Vec<(u32, u32)> {
        let count = self.world.row(rows, slot).members.len() as u32;
        if count == 0 {
            return vec![(0, 0)];
        }
        let ends = [&self.world.old, &self.world.new].map(|end| self.world.row(end, slot));
        let nis1 = self.world.is_nis1();
        let fit = |end: Row| {
            let removal = if nis1 { 0 } else { end.removal.clamp(1, count) };
            (end.approval.clamp(u32::from(!nis1), count), removal)
        };
        let mut all: BTreeSet<(u32, u32)> = ends.into_iter().map(fit).collect();
        if few {
            all.extend([1, count].map(|both| (both, if nis1 { 0 } else { both })));
        } else {
            for approval in 1..=count {
                let removals = if nis1 { 0..=0 } else { 1..=approval };
                all.extend(removals.map(|removal| (approval, removal)));
            }
        }
        all.into_iter().collect()
    }
}

/// How far thresholds are from the new ones: of equally narrow plans the plainest is taken.
fn oddness(rows: &[Row], new: &[Row]) -> u64 {
    let one = |(row, goal): (&Row, &Row)| {
        let missing = row.members.minus(goal.members).len() + goal.members.minus(row.members).len();
        let apart = row.approval.abs_diff(goal.approval) + row.removal.abs_diff(goal.removal);
        missing as u64 + u64::from(apart)
    };
    rows.iter().zip(new).map(one).sum()
}

/// How wide the windows of a plan are; `None` where the work ended.
fn width_of(mover: &Mover<'_>, states: &[Rows]) -> Option<Width> {
    let inner = states.get(1..states.len().saturating_sub(1)).unwrap_or_default();
    let work: &Work = mover.work;
    inner.iter().try_fold(Width::default(), |sum, rows| {
        Some(sum.plus(Width::of(&openings(mover.world, rows, work)?)))
    })
}

fn trail(nodes: &[Node], mut at: usize) -> Vec<Rows> {
    let mut states = Vec::new();
    while let Some(node) = nodes.get(at) {
        states.push(node.rows.clone());
        if node.length == 0 {
            break;
        }
        at = node.before;
    }
    states.reverse();
    states
}

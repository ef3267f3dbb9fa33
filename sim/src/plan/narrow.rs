//! Of the shortest plans the one with the narrowest windows.

use crate::account::SmallSet;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::mover::{Mover, Reach, Style};
use super::power::{Width, openings};
use super::search::{Path, Step, trail};
use super::world::{Row, Rows};

/// Most thresholds that are tried for all accounts that one transaction modifies.
const THRESHOLDS_MAX: usize = 400;
/// Units of work for one state with its thresholds.
const CHILD_PRICE: u64 = 5_000;
/// Most states that are looked at.
const STATES_MAX: usize = 200_000;

/// How the plans of one length are searched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Order {
    /// Directly and ahead, for a plan soon.
    Ahead,
    /// Directly, the narrowest first.
    Direct,
    /// With modifications that are taken back.
    All,
}

/// The narrowest plan that was found, its width, and whether all were looked at.
pub struct Narrow {
    pub path: Path,
    pub width: Width,
    pub complete: bool,
}

impl Mover<'_> {
    /// How wide the windows of a plan are; `None` where the work ended.
    pub fn width_of(&self, path: &Path) -> Option<Width> {
        let states = &path.states;
        let inner = states.get(1..states.len().saturating_sub(1)).unwrap_or_default();
        inner.iter().try_fold(Width::default(), |sum, rows| {
            Some(sum.plus(Width::of(&openings(self.world, rows, self.work)?)))
        })
    }

    /// The narrowest plan of so many transactions.
    pub fn layered(&mut self, length: usize, order: Order) -> Option<Narrow> {
        let (old, new) = (self.world.old.clone(), self.world.new.clone());
        let start = Step { rows: old, length: 0, before: 0, signers: SmallSet::default() };
        let mut steps = vec![start];
        let none = Width::default();
        let rank = |width: Width, left: usize| match order {
            Order::Ahead => (Width::default(), left, width),
            Order::Direct | Order::All => (width, left, Width::default()),
        };
        // the width of the states before, and of the state itself once that is known
        let mut open = BinaryHeap::from([Reverse((rank(none, length), 0, 0, none, true))]);
        let mut seen = BTreeSet::new();
        let mut complete = true;
        while let Some(Reverse((_, odd, at, width, known))) = open.pop() {
            let step = steps.get(at)?;
            let (rows, done) = (step.rows.clone(), step.length);
            if rows == new {
                return Some(Narrow { path: trail(&steps, at), width, complete });
            }
            if !known {
                match openings(self.world, &rows, self.work) {
                    Some(found) => {
                        let width = width.plus(Width::of(&found));
                        open.push(Reverse((rank(width, length - done), odd, at, width, true)));
                    }
                    None => complete = false,
                }
                self.work.spend(1)?;
                continue;
            }
            let (children, all) = self.steps(&rows, length - done - 1, order);
            complete &= all;
            for (child, signers) in children {
                if steps.len() > STATES_MAX || !seen.insert((done + 1, child.clone())) {
                    complete &= steps.len() <= STATES_MAX;
                    continue;
                }
                let (left, is_end) = (length - done - 1, child == new);
                open.push(Reverse((
                    rank(width, left),
                    oddness(&child, &new),
                    steps.len(),
                    width,
                    is_end,
                )));
                steps.push(Step { rows: child, length: done + 1, before: at, signers });
            }
            self.work.spend(1)?;
        }
        None
    }

    /// The states one transaction further from which the new one can be reached in so many more, and who
    /// signs; and whether they are all.
    fn steps(
        &mut self,
        rows: &[Row],
        left: usize,
        order: Order,
    ) -> (BTreeMap<Rows, SmallSet>, bool) {
        let new = self.world.new.clone();
        let mut children = BTreeMap::new();
        if left == 0 {
            if let Some(set) = self.one(rows, &new) {
                children.insert(new, set);
                return (children, true);
            }
            let all = order != Order::All || self.one_of_all(rows, &new, &mut children);
            return (children, all);
        }
        let (sets, mut complete) = self.signer_sets(rows);
        let goal = Some(new.as_slice()).filter(|_| order != Order::All);
        for set in sets {
            let (found, all) = self.closure(rows, set, goal);
            complete &= all;
            for inside in found {
                let touched = |slot: &usize| inside.touched >> *slot & 1 == 1;
                let slots: Vec<usize> = (0..inside.rows.len()).filter(touched).collect();
                let (found, all) = self.with_thresholds(&inside.rows, &slots);
                complete &= all;
                if self.work.spend(CHILD_PRICE * found.len() as u64).is_none() {
                    return (children, false);
                }
                for child in found {
                    let far = child == new || self.least(&child, &new) > left;
                    if !far && self.stands(rows, &child, slots.len(), set) {
                        children.entry(child).or_insert(set);
                    }
                }
            }
        }
        (children, complete)
    }

    /// Whether the thresholds of several accounts can be left by one transaction; those of one always.
    fn stands(&mut self, from: &[Row], goal: &[Row], modified: usize, signers: SmallSet) -> bool {
        modified < 2 || self.reach(from, goal, signers, Style::Direct) != Reach::Never
    }

    /// The last transaction with modifications that are taken back; whether everything was looked at.
    fn one_of_all(
        &mut self,
        rows: &[Row],
        new: &[Row],
        children: &mut BTreeMap<Rows, SmallSet>,
    ) -> bool {
        let (sets, mut complete) = self.signer_sets(rows);
        for set in sets {
            match self.reach(rows, new, set, Style::All) {
                Reach::Found(_) => {
                    children.insert(new.to_vec(), set);
                    return complete;
                }
                Reach::Never => {}
                Reach::Unknown => complete = false,
            }
        }
        complete
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
        let base = self.world.protocol.base;
        let least = u32::from(!base.has_zero_for_all());
        let fit = |end: Row| {
            let removal = base.stored_removal(end.removal.clamp(1, count));
            (end.approval.clamp(least, count), removal)
        };
        let mut all: BTreeSet<(u32, u32)> = ends.into_iter().map(fit).collect();
        if few {
            all.extend([1, count].map(|both| (both, base.stored_removal(both))));
        } else {
            for approval in 1..=count {
                let removals = if base.has_removal_threshold() { 1..=approval } else { 0..=0 };
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

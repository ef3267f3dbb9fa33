//! The fewest transactions from one state to another.
//!
//! A plan is first built step by step, always towards the new state. A* then looks for a shorter one among
//! all that a transaction can do, modifications that are taken back included; where it ends without one,
//! the plan is proved to be the shortest.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use super::judge::Edit;
use super::mover::{Inside, Mover, Reach, Style, distance};
use super::signers;
use super::world::{Look, Row, Rows};
use crate::account::{AccountId, SmallSet, choices_of_exactly};
use crate::ledger::View as _;

/// Units of work to put together what the signers of a transaction must satisfy; finding the fewest counts its own.
const SIGNERS_PRICE: u64 = 50_000;
/// Most sets of signers of one transaction that are tried.
const SIGNER_SETS_MAX: usize = 2_000;
/// Most transactions of a plan that is built step by step.
const STEPS_MAX: usize = 400;
/// Most sets of signers of which the one that comes nearest is taken.
const NEAREST_SETS_MAX: usize = 100;

/// The states between the transactions of a plan, both ends included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Path {
    pub states: Vec<Rows>,
    /// Keys that can sign each transaction, no more than the cap; not yet as few as possible.
    pub signers: Vec<SmallSet>,
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
            Some(path) if path.signers.len() == least => {
                Outcome::Found(Path { proved: true, ..path })
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
        by_parts.max(self.least_by_cap(from, goal))
    }

    /// How many transactions the cap on signatures asks for: every new key signs for itself, and beside
    /// it somebody who controls what is changed.
    fn least_by_cap(&self, from: &[Row], goal: &[Row]) -> usize {
        let (world, look) = (self.world, self.world.look(from));
        let Some(cap) = world.cap().filter(|_| world.protocol.switches.opt_in) else { return 0 };
        let come = from
            .iter()
            .zip(goal)
            .fold(SmallSet::default(), |all, (row, goal)| all.or(goal.members.minus(row.members)));
        let is_key =
            |id: &AccountId| !world.movable.contains(id) && look.row(*id).members.is_empty();
        let new = SmallSet::of(come.iter().filter(is_key));
        let changed = world.movable.iter().zip(from.iter().zip(goal));
        let changed = changed.filter(|(_, (row, goal))| row != goal).map(|(&id, _)| id);
        let besides = changed.map(|id| besides(&look, id, new)).max().unwrap_or(0);
        match new.len() + besides > cap {
            true => new.len().div_ceil(cap.max(1)).max(2),
            false => usize::from(from != goal),
        }
    }

    /// A plan in which every transaction goes as far towards the new state as one can.
    fn built(&mut self, old: &[Row], new: &[Row]) -> Option<Path> {
        let whole = self.stepwise(old, new, |mover, here| mover.prefix(here, new, false));
        let pairs = self.stepwise(old, new, |mover, here| mover.prefix(here, new, true));
        let shorter = |path: &Path| path.signers.len();
        whole
            .into_iter()
            .chain(pairs)
            .min_by_key(shorter)
            .or_else(|| self.stepwise(old, new, |mover, here| mover.nearest(here, new)))
    }

    /// A plan of such transactions until one leads to the new state.
    fn stepwise(
        &mut self,
        old: &[Row],
        new: &[Row],
        next: impl Fn(&mut Self, &[Row]) -> Option<(Rows, SmallSet)>,
    ) -> Option<Path> {
        let mut path = Path { states: vec![old.to_vec()], signers: Vec::new(), proved: false };
        while path.signers.len() < STEPS_MAX {
            let here = path.states.last()?.clone();
            if here == new {
                return Some(path);
            }
            let (rows, set) = match self.one(&here, new) {
                Some(set) => (new.to_vec(), set),
                None => next(self, &here)?,
            };
            if path.states.contains(&rows) {
                return None;
            }
            path.states.push(rows);
            path.signers.push(set);
        }
        None
    }

    /// The state after as many of the modifications to the goal as fit one transaction, and who signs it;
    /// with `pairs` cosignatories come and go one by one.
    fn prefix(&mut self, from: &[Row], goal: &[Row], pairs: bool) -> Option<(Rows, SmallSet)> {
        let able = self.able(from);
        let edits = match self.reach(from, goal, able, Style::Direct) {
            Reach::Found(edits) => edits,
            _ => vec![self.first_of_many(from, goal, able)?],
        };
        let edits = if pairs { self.paired(from, goal, able, &edits)? } else { edits };
        let cap = self.world.cap().unwrap_or(usize::MAX);
        let most = edits.len().min(self.world.parts_max());
        let signed = |count: usize| {
            let edits = edits.get(..count)?;
            self.work.spend(SIGNERS_PRICE)?;
            signers::fewest(self.world, from, edits, self.work).filter(|set| set.len() <= cap)
        };
        let (count, set) = (1..=most).rev().find_map(|count| Some((count, signed(count)?)))?;
        let rows = edits.iter().take(count).fold(from.to_vec(), |rows, edit| edit.applied(&rows));
        Some((rows, set))
    }

    /// The direct modification that comes nearest to the goal, its thresholds kept where they fit.
    fn first_of_many(&mut self, from: &[Row], goal: &[Row], able: SmallSet) -> Option<Edit> {
        let found = self.closure_of_one(from, able, goal);
        let best = found.into_iter().min_by_key(|(inside, _)| distance(inside, goal))?.1;
        let kept = self.kept(from, goal, best);
        Some(if self.judge.allows(from, &kept) { kept } else { best })
    }

    /// The same modifications with cosignatories that come and go one by one, thresholds kept as they
    /// are until the last of an account; `None` where the rules take it otherwise only.
    fn paired(
        &mut self,
        from: &[Row],
        goal: &[Row],
        able: SmallSet,
        edits: &[Edit],
    ) -> Option<Vec<Edit>> {
        let mut slots: Vec<usize> = Vec::new();
        for edit in edits
            .iter()
            .filter(|edit| self.world.row(from, edit.slot) != self.world.row(goal, edit.slot))
        {
            if !slots.contains(&edit.slot) {
                slots.push(edit.slot);
            }
        }
        let mut rows = from.to_vec();
        let mut all = Vec::new();
        self.judge.sign(able);
        for slot in slots {
            loop {
                let (row, end) = (self.world.row(&rows, slot), self.world.row(goal, slot));
                if row == end {
                    break;
                }
                let first = |set: SmallSet| SmallSet::of(set.iter().next());
                let add = first(end.members.minus(row.members));
                let remove = first(row.members.minus(end.members));
                let edit = self.kept(&rows, goal, Edit { slot, add, remove, goal: (0, 0) });
                if !self.judge.allows(&rows, &edit) {
                    return None;
                }
                rows = edit.applied(&rows);
                all.push(edit);
            }
        }
        Some(all)
    }

    /// The modification with the thresholds that the account has as far as they fit, or, where it is the
    /// last one to the goal, with the goal's.
    pub fn kept(&self, rows: &[Row], goal: &[Row], edit: Edit) -> Edit {
        let (row, end) = (self.world.row(rows, edit.slot), self.world.row(goal, edit.slot));
        let members = edit.after(row).members;
        let count = members.len() as u32;
        let clamped = |now: u32, goal: u32| match (count, now) {
            (0, _) => 0,
            (_, 0) => goal.min(count),
            (_, now) => now.clamp(1, count),
        };
        let kept = (clamped(row.approval, end.approval), clamped(row.removal, end.removal));
        Edit {
            goal: if members == end.members { (end.approval, end.removal) } else { kept },
            ..edit
        }
    }

    /// Whether one transaction leads from a state to another directly, and by which signers.
    pub fn one(&mut self, from: &[Row], goal: &[Row]) -> Option<SmallSet> {
        let able = self.able(from);
        for style in [Style::Direct, Style::Apart] {
            if let Reach::Found(edits) = self.reach(from, goal, able, style) {
                self.work.spend(SIGNERS_PRICE)?;
                let set = signers::fewest(self.world, from, &edits, self.work)?;
                if self.world.cap().is_none_or(|cap| set.len() <= cap) {
                    return Some(set);
                }
            } else if style == Style::Direct {
                return None;
            }
        }
        None
    }

    /// The state nearest to the goal to which one transaction leads, and who signs it.
    fn nearest(&mut self, from: &[Row], goal: &[Row]) -> Option<(Rows, SmallSet)> {
        let start = distance(&Inside { rows: from.to_vec(), touched: 0 }, goal);
        let mut best: Option<(usize, Rows, SmallSet)> = None;
        for set in self.signer_sets(from).0.into_iter().take(NEAREST_SETS_MAX) {
            let (found, _) = self.closure(from, set, Some(goal));
            for inside in found {
                let left = distance(&inside, goal);
                if left < best.as_ref().map_or(start, |best| best.0) {
                    best = Some((left, self.committed(&inside, goal), set));
                }
            }
        }
        best.map(|(_, rows, set)| (rows, set))
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
    pub fn signer_sets(&self, rows: &[Row]) -> (Vec<SmallSet>, bool) {
        let able = self.able(rows);
        let Some(cap) = self.world.cap().filter(|&cap| cap < able.len()) else {
            return (vec![able], true);
        };
        let groups = self.groups(&self.world.look(rows), able, SmallSet::default());
        let mut sets = choices_of_exactly(&groups, cap, SIGNER_SETS_MAX * 8);
        let complete = sets.len() <= SIGNER_SETS_MAX;
        sets.truncate(SIGNER_SETS_MAX);
        (sets, complete)
    }

    /// A shorter plan than the one that was built, or the proof that there is none.
    fn improved(&mut self, built: Option<Path>) -> Outcome {
        let bound = built.as_ref().map_or(usize::MAX, |path| path.signers.len());
        let (found, complete) = self.a_star(bound);
        match found.or(built) {
            Some(path) => Outcome::Found(Path { proved: complete, ..path }),
            None if complete => Outcome::Impossible,
            None => Outcome::Undecided,
        }
    }

    /// The shortest plan with fewer transactions than `bound`, and whether everything was looked at.
    fn a_star(&mut self, bound: usize) -> (Option<Path>, bool) {
        let (old, new) = (self.world.old.clone(), self.world.new.clone());
        let start = Step { rows: old.clone(), length: 0, before: 0, signers: SmallSet::default() };
        let mut steps = vec![start];
        let mut lengths = BTreeMap::from([(old.clone(), 0)]);
        let mut open = BinaryHeap::from([Reverse((self.least(&old, &new), 0, 0))]);
        let mut complete = self.least(&old, &new) < bound || bound == 0;
        if !complete {
            return (None, true);
        }
        while let Some(Reverse((_, _, at))) = open.pop() {
            let Some(step) = steps.get(at) else { continue };
            let (rows, length) = (step.rows.clone(), step.length);
            if rows == new {
                return (Some(trail(&steps, at)), complete);
            }
            if lengths.get(&rows).is_some_and(|&known| known < length) {
                continue;
            }
            if self.work.spend(1).is_none() {
                return (None, false);
            }
            let (children, all) = self.children(&rows);
            complete &= all;
            for (child, signers) in children {
                let total = length + 1 + self.least(&child, &new);
                let known = lengths.get(&child).is_some_and(|&known| known <= length + 1);
                if total >= bound || known {
                    continue;
                }
                lengths.insert(child.clone(), length + 1);
                let left = distance(&Inside { rows: child.clone(), touched: 0 }, &new);
                open.push(Reverse((total, left, steps.len())));
                steps.push(Step { rows: child, length: length + 1, before: at, signers });
            }
        }
        (None, complete)
    }

    /// Every state one transaction further, with the least or the final thresholds of each modified
    /// account, and who signs for it; and whether they are all.
    fn children(&mut self, rows: &[Row]) -> (BTreeMap<Rows, SmallSet>, bool) {
        let new = self.world.new.clone();
        let (sets, mut complete) = self.signer_sets(rows);
        let mut children = BTreeMap::new();
        for set in sets {
            let (found, all) = self.closure(rows, set, None);
            complete &= all;
            for inside in found {
                complete &= self.commits(rows, &inside, &new, set, &mut children);
            }
            if self.work.spend(1).is_none() {
                return (children, false);
            }
        }
        (children, complete)
    }

    /// The states that a transaction may leave: of each modified account with the new cosignatories the
    /// least thresholds or the new ones.
    fn commits(
        &mut self,
        from: &[Row],
        inside: &Inside,
        new: &[Row],
        signers: SmallSet,
        children: &mut BTreeMap<Rows, SmallSet>,
    ) -> bool {
        let matches = |slot: &usize| {
            let (row, goal) = (self.world.row(&inside.rows, *slot), self.world.row(new, *slot));
            inside.touched >> *slot & 1 == 1 && row.members == goal.members && row != goal
        };
        let slots: Vec<usize> = (0..new.len()).filter(matches).collect();
        let mut complete = slots.len() <= 6;
        for choice in 0..1_usize << slots.len().min(6) {
            let mut rows = inside.rows.clone();
            for (_, &slot) in slots.iter().enumerate().filter(|(at, _)| choice >> at & 1 == 1) {
                if let Some(row) = rows.get_mut(slot) {
                    *row = self.world.row(new, slot);
                }
            }
            if choice == 0 || self.world.movable.len() == 1 {
                children.entry(rows).or_insert(signers);
                continue;
            }
            // final thresholds of one account may stand in the way of the others
            match self.reach(from, &rows, signers, Style::All) {
                Reach::Found(_) => {
                    children.entry(rows).or_insert(signers);
                }
                Reach::Never => {}
                Reach::Unknown => complete = false,
            }
        }
        complete
    }
}

/// At least so many keys that are not new are needed to change an account, however many transactions
/// come before it.
fn besides(look: &Look<'_>, account: AccountId, new: SmallSet) -> usize {
    let row = look.row(account);
    if row.members.is_empty() {
        return usize::from(!new.contains(account));
    }
    let count = row.members.len() as u32;
    let needed = look.world.protocol.eventual_threshold(row.approval, row.removal, count) as usize;
    // an account below asks for at least one key, but that may be one that is counted already
    let free = row.members.iter().filter(|&id| look.is_multisig(id) || new.contains(id)).count();
    needed.saturating_sub(free)
}

/// A state on the way, and how it was come to.
pub struct Step {
    pub rows: Rows,
    /// After so many transactions.
    pub length: usize,
    /// The place of the state before.
    pub before: usize,
    /// Who signs the transaction from there.
    pub signers: SmallSet,
}

/// The plan that ends with this state.
pub fn trail(steps: &[Step], mut at: usize) -> Path {
    let mut path = Path { states: Vec::new(), signers: Vec::new(), proved: false };
    while let Some(step) = steps.get(at) {
        path.states.push(step.rows.clone());
        if step.length == 0 {
            break;
        }
        path.signers.push(step.signers);
        at = step.before;
    }
    path.states.reverse();
    path.signers.reverse();
    path
}

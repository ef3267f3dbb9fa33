//! What one transaction can do: modifications one after the other, all signed by the same keys.
//!
//! Inside a transaction nobody sees the thresholds in between, and low ones ask for fewest signatures. So
//! every account that is modified has the least thresholds until its last modification, which leaves
//! whatever is wanted; no other choice reaches more. Keys that stand for the same accounts in both states
//! and now are interchangeable: of such keys the first are taken.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};

use super::author::consents;
use super::judge::{Edit, Judge};
use super::world::{Look, Row, Rows, World};
use crate::account::{AccountId, PerAccount, SmallSet, choices};
use crate::analysis::Work;
use crate::ledger::View as _;

/// Units of work for one modification that is judged.
const JUDGE_PRICE: u64 = 2_000;
/// Units of work for listing the modifications of one state.
const EDITS_PRICE: u64 = 10_000;
/// Most ways to choose the accounts that one modification adds, where they can be added one by one too.
const ADDITIONS_MAX: usize = 200;
/// Most ways where a transaction is a single modification.
const ADDITIONS_SINGLE_MAX: usize = 20_000;

/// Which modifications are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Only what leads to the goal directly.
    Direct,
    /// The same, deletions before additions: each asks for its own threshold.
    Apart,
    /// Every modification, also those that are taken back.
    All,
}

/// What a search within one transaction found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reach {
    /// The modifications that lead to the goal.
    Found(Vec<Edit>),
    /// There are none.
    Never,
    /// The work ended before that was known.
    Unknown,
}

/// The state inside a transaction.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Inside {
    pub rows: Rows,
    /// The slots that were modified, a bit for each.
    pub touched: u128,
}

struct Node {
    inside: Inside,
    parts: usize,
    before: Option<(usize, Edit)>,
}

/// Searches what transactions can do.
pub struct Mover<'w> {
    pub world: &'w World<'w>,
    pub judge: Judge<'w>,
    pub work: &'w Work,
    roles: PerAccount<(SmallSet, SmallSet, Option<AccountId>)>,
}

impl<'w> Mover<'w> {
    pub fn new(world: &'w World<'w>, work: &'w Work) -> Self {
        let (old, new) = (world.look(&world.old), world.look(&world.new));
        let role = |account: AccountId| {
            let movable = world.movable.contains(&account);
            let alone = movable || old.is_multisig(account) || world.barred.contains(account);
            (old.above(account), new.above(account), alone.then_some(account))
        };
        let roles = PerAccount(world.accounts.ids().map(role).collect());
        Self { world, judge: Judge::new(world), work, roles }
    }

    /// Accounts of a set in groups of interchangeable ones.
    pub fn groups(&self, look: &Look<'_>, of: SmallSet, apart: SmallSet) -> Vec<Vec<AccountId>> {
        let mut groups: BTreeMap<_, Vec<AccountId>> = BTreeMap::new();
        for account in of.iter() {
            let key = (self.roles[account], look.above(account), apart.contains(account));
            groups.entry(key).or_default().push(account);
        }
        groups.into_values().collect()
    }

    /// The keys that can sign a transaction in this state, and whose signature can matter.
    pub fn able(&self, rows: &[Row]) -> SmallSet {
        let look = self.world.look(rows);
        let mut wanted: Vec<AccountId> = self.world.movable.clone();
        wanted.extend(self.world.candidates.iter().flat_map(|set| set.iter()));
        let (mut seen, mut able) = (SmallSet::default(), SmallSet::default());
        while let Some(account) = wanted.pop() {
            if seen.contains(account) {
                continue;
            }
            seen = seen.with(account);
            let below = look.row(account).members;
            if below.is_empty() {
                able = able.with(account);
            }
            wanted.extend(below.iter());
        }
        able.minus(self.world.barred)
    }

    /// The modifications from one state to another, all signed by these keys, in one transaction.
    pub fn reach(&mut self, from: &[Row], goal: &[Row], signers: SmallSet, style: Style) -> Reach {
        self.judge.sign(signers);
        let start = Inside { rows: from.to_vec(), touched: 0 };
        let mut open = BinaryHeap::from([Reverse((distance(&start, goal), 0, 0))]);
        let mut seen = BTreeSet::from([start.clone()]);
        let mut nodes = vec![Node { inside: start, parts: 0, before: None }];
        let mut complete = true;
        while let Some(Reverse((left, _, at))) = open.pop() {
            let Some(node) = nodes.get(at) else { continue };
            let (inside, parts) = (node.inside.clone(), node.parts);
            if left == 0 {
                match self.finished(from, &path(&nodes, at), goal) {
                    Some(edits) => return Reach::Found(edits),
                    None => complete = false,
                }
                continue;
            }
            if parts >= self.world.parts_max() {
                continue;
            }
            if self.work.spend(EDITS_PRICE).is_none() {
                return Reach::Unknown;
            }
            let (edits, all) =
                self.edits(&inside, Some(goal).filter(|_| style != Style::All), style);
            complete &= all;
            for edit in edits {
                if self.work.spend(JUDGE_PRICE).is_none() {
                    return Reach::Unknown;
                }
                if !self.judge.allows(&inside.rows, &edit) {
                    continue;
                }
                let touched = inside.touched | 1 << edit.slot;
                let next = Inside { rows: edit.applied(&inside.rows), touched };
                if seen.insert(next.clone()) {
                    open.push(Reverse((distance(&next, goal), parts + 1, nodes.len())));
                    nodes.push(Node { inside: next, parts: parts + 1, before: Some((at, edit)) });
                }
            }
        }
        if complete { Reach::Never } else { Reach::Unknown }
    }

    /// Every state that a transaction signed by these keys leads to, with the least thresholds wherever
    /// it modified something, or, with a goal, every one that lies on the way to it; and whether these
    /// are all.
    pub fn closure(
        &mut self,
        from: &[Row],
        signers: SmallSet,
        goal: Option<&[Row]>,
    ) -> (Vec<Inside>, bool) {
        let style = if goal.is_some() { Style::Direct } else { Style::All };
        self.judge.sign(signers);
        let start = Inside { rows: from.to_vec(), touched: 0 };
        let mut seen = BTreeSet::from([start.clone()]);
        let (mut level, mut complete) = (vec![start], true);
        let mut found = Vec::new();
        for _ in 0..self.world.parts_max() {
            let mut next_level = Vec::new();
            for inside in &level {
                if self.work.spend(EDITS_PRICE).is_none() {
                    return (found, false);
                }
                let (edits, all) = self.edits(inside, goal, style);
                complete &= all;
                for edit in edits {
                    if self.work.spend(JUDGE_PRICE).is_none() {
                        return (found, false);
                    }
                    if !self.judge.allows(&inside.rows, &edit) {
                        continue;
                    }
                    let touched = inside.touched | 1 << edit.slot;
                    let next = Inside { rows: edit.applied(&inside.rows), touched };
                    if seen.insert(next.clone()) {
                        next_level.push(next.clone());
                        found.push(next);
                    }
                }
            }
            if next_level.is_empty() {
                break;
            }
            level = next_level;
        }
        (found, complete)
    }

    /// The direct modifications that these keys sign, and what each leads to.
    pub fn closure_of_one(
        &mut self,
        from: &[Row],
        signers: SmallSet,
        goal: &[Row],
    ) -> Vec<(Inside, Edit)> {
        self.judge.sign(signers);
        let start = Inside { rows: from.to_vec(), touched: 0 };
        let (edits, _) = self.edits(&start, Some(goal), Style::Direct);
        let mut found = Vec::new();
        for edit in edits {
            if self.judge.allows(from, &edit) {
                found.push((Inside { rows: edit.applied(from), touched: 1 << edit.slot }, edit));
            }
        }
        found
    }

    /// The modifications to try in a state, and whether they are all.
    fn edits(&self, inside: &Inside, goal: Option<&[Row]>, style: Style) -> (Vec<Edit>, bool) {
        let (look, signers) = (self.world.look(&inside.rows), self.judge.signers());
        let (mut edits, mut complete) = (Vec::new(), true);
        for (slot, &account) in self.world.movable.iter().enumerate() {
            let row = self.world.row(&inside.rows, slot);
            let candidates = self.world.candidates.get(slot).copied().unwrap_or_default();
            let wanted = goal.map_or(candidates, |goal| self.world.row(goal, slot).members);
            let out = goal.map_or(row.members, |_| row.members.minus(wanted));
            let touched = inside.touched >> slot & 1 == 1;
            if goal.is_some_and(|goal| self.world.row(goal, slot) == row) && !touched {
                continue;
            }
            let own = SmallSet::of([account]);
            let come = self.groups(&look, wanted.minus(row.members).minus(own), signers);
            let go = self.groups(&look, out, signers);
            let (adds, all) = self.additions(&come);
            complete &= all;
            let most = self.world.protocol.switches.max_deletions_per_modification as usize;
            for remove in choices(&go, most) {
                for &add in &adds {
                    let apart = style == Style::Apart && !add.is_empty() && !remove.is_empty();
                    if apart || (add.is_empty() && remove.is_empty() && touched) {
                        continue;
                    }
                    let goal = self.world.least(row.members.or(add).minus(remove));
                    edits.push(Edit { slot, add, remove, goal });
                }
            }
        }
        (edits, complete)
    }

    fn additions(&self, groups: &[Vec<AccountId>]) -> (Vec<SmallSet>, bool) {
        let opt_in = self.world.protocol.has_opt_in();
        let signs =
            |group: &&Vec<AccountId>| !opt_in || group.iter().all(|&id| !self.is_unable(id));
        let groups: Vec<Vec<AccountId>> = groups.iter().filter(signs).cloned().collect();
        let ways = groups.iter().try_fold(1_usize, |all, one| all.checked_mul(one.len() + 1));
        let single = self.world.parts_max() < ADDITIONS_MAX / 2;
        let most = if single { ADDITIONS_SINGLE_MAX } else { ADDITIONS_MAX };
        if ways.is_some_and(|ways| ways <= most) {
            return (choices(&groups, usize::MAX), true);
        }
        // one by one they lead as far
        let mut sets = choices(&groups, 1);
        sets.push(SmallSet::of(groups.iter().flatten().copied()));
        (sets, !single)
    }

    /// Whether this account is a key that does not sign; an account of keys is judged by the rules.
    fn is_unable(&self, account: AccountId) -> bool {
        let multisig = self.world.movable.contains(&account)
            || !self.world.look(&self.world.old).row(account).members.is_empty();
        !multisig && !self.judge.signers().contains(account)
    }

    /// The same modifications with the goal's thresholds at the end.
    fn finished(&mut self, from: &[Row], edits: &[Edit], goal: &[Row]) -> Option<Vec<Edit>> {
        let last = self.with_goal(edits, goal);
        let mut top_first = last.clone();
        top_first.sort_by_key(|edit| self.height(goal, edit.slot));
        let top_first = self.with_goal(&low(self.world, from, &top_first), goal);
        let mut appended = edits.to_vec();
        let mut slots: Vec<usize> = last.iter().map(|edit| edit.slot).collect();
        slots.sort_by_key(|&slot| (self.height(goal, slot), slot));
        slots.dedup();
        let thresholds = |slot: usize| {
            let row = self.world.row(goal, slot);
            let (add, remove) = (SmallSet::default(), SmallSet::default());
            let least = self.world.least(row.members) == (row.approval, row.removal);
            (!least).then_some(Edit { slot, add, remove, goal: (row.approval, row.removal) })
        };
        appended.extend(slots.into_iter().filter_map(thresholds));
        [last, top_first, appended].into_iter().find(|edits| {
            self.parts(from, edits) <= self.world.parts_max() && self.leads(from, edits, goal)
        })
    }

    /// How many modifications these are with those that added accounts make to take part.
    fn parts(&self, from: &[Row], edits: &[Edit]) -> usize {
        edits.len() + consents(self.world, from, edits).len()
    }

    /// The same, the last modification of each account leaving the goal's thresholds.
    fn with_goal(&self, edits: &[Edit], goal: &[Row]) -> Vec<Edit> {
        let mut edits = edits.to_vec();
        let mut done = BTreeSet::new();
        for edit in edits.iter_mut().rev() {
            if done.insert(edit.slot) {
                let row = self.world.row(goal, edit.slot);
                edit.goal = (row.approval, row.removal);
            }
        }
        edits
    }

    /// How far below the top an account stands; the tops are 0.
    fn height(&self, rows: &[Row], slot: usize) -> usize {
        let look = self.world.look(rows);
        let mut level = SmallSet::of(self.world.movable.get(slot).copied());
        for height in 0..self.world.accounts.len() {
            level = level.iter().fold(SmallSet::default(), |all, one| all.or(look.above(one)));
            if level.is_empty() {
                return height;
            }
        }
        0
    }

    /// Whether the rules take all of these, and they lead to the goal.
    pub fn leads(&mut self, from: &[Row], edits: &[Edit], goal: &[Row]) -> bool {
        let mut rows = from.to_vec();
        for edit in edits {
            if !self.judge.allows(&rows, edit) {
                return false;
            }
            rows = edit.applied(&rows);
        }
        rows == goal
    }
}

/// The modifications with the least thresholds again, as far as each has its account's last ones.
fn low(world: &World<'_>, from: &[Row], edits: &[Edit]) -> Vec<Edit> {
    let mut rows = from.to_vec();
    let mut all = Vec::with_capacity(edits.len());
    for edit in edits {
        let members = edit.after(world.row(&rows, edit.slot)).members;
        let edit = Edit { goal: world.least(members), ..*edit };
        rows = edit.applied(&rows);
        all.push(edit);
    }
    all
}

fn path(nodes: &[Node], mut at: usize) -> Vec<Edit> {
    let mut edits = Vec::new();
    while let Some((before, edit)) = nodes.get(at).and_then(|node| node.before) {
        edits.push(edit);
        at = before;
    }
    edits.reverse();
    edits
}

/// How many cosignatories are wrong, and accounts that were not modified with wrong thresholds.
pub fn distance(inside: &Inside, goal: &[Row]) -> usize {
    let wrong = |(slot, (row, goal)): (usize, (&Row, &Row))| {
        let differ = row.members.minus(goal.members).len() + goal.members.minus(row.members).len();
        let open = differ == 0 && inside.touched >> slot & 1 == 0 && row != goal;
        differ + usize::from(open)
    };
    inside.rows.iter().zip(goal).enumerate().map(wrong).sum()
}

//! The cheapest variables that make a policy true, by branch and bound on its linear relaxation.
//!
//! In a pass it is asked whether some set costs no more than is proved so far to be needed. Accounts
//! are decided before keys: that an account must be true adds a whole row to the relaxation. A pass
//! without success proves the least bound at which a branch was given up, and the next one begins
//! there; so an interrupted search has proved nearly all that it could.
//!
//! Variables with the same cost and the same parents are one column with values up to their number.
//!
//! Bounds do not hang on rounding: with the relaxation's multipliers, rounded to whole units, the bound and
//! the reduced costs are computed anew in integers. No multipliers make that bound too high.

use std::collections::BTreeMap;

use super::super::budget::Work;
use super::super::policy::{Dense, Gate, Policy};
use super::Cheapest;
use super::relaxation::{Outcome, Relaxation, Row};
use super::tally::Tally;

/// Whole units of a cost, so that multipliers are integers.
const UNIT: i64 = 1 << 32;
/// Costs above this would not fit their sum in units.
const COSTS_MAX: u64 = 1 << 24;
/// Larger multipliers come of rounding alone.
const MULTIPLIER_MAX: f64 = (1_u64 << 48) as f64;
/// A value this near to a whole number is taken for it.
const NEAR: f64 = 1e-6;
/// In the first nodes, and then in one of so many, a set is made of the relaxation's values.
const ROUNDED_FIRST: usize = 256;
const ROUNDED_EACH: usize = 16;

/// Units of work to look around the best set before each pass, and one part in so many of the work done
/// besides.
const WANDER_WORK: u64 = 2_000_000;
const WANDER_SHARE: u64 = 16;
/// Units of work to bound a node, for each edge and column.
const EDGE_PRICE: u64 = 2;
/// Units of work to put a column in order.
const SORT_PRICE: u64 = 30;

/// A branch to be explored: the bounds changed before it, and those of one column in it.
struct Branch {
    changes: usize,
    column: usize,
    lower: f64,
    upper: f64,
}

/// One search.
struct Cover<'a> {
    policy: &'a Policy,
    work: &'a Work,
    /// For each column the variables it stands for; those of gates have none.
    members: Dense<Vec<usize>>,
    column_costs: Dense<i64>,
    /// For each gate the columns of its children, and its own.
    rows: Dense<(Vec<usize>, usize)>,
    tally: Tally<'a>,
    relaxation: Relaxation,
    /// Bounds that were changed: column, lower, upper.
    changes: Vec<(usize, f64, f64)>,
    /// The least bound at which this pass gave up a branch.
    given_up: i64,
    reduced: Dense<i64>,
    best: Cheapest,
    nodes: usize,
    /// Units of work for a node, without its relaxation.
    price: u64,
    /// Units of work for looking around, and the state of its random numbers.
    wandered: u64,
    seed: u64,
}

/// Improves on `best` until it is proved, or the budget is spent, or the relaxation is too large.
pub(super) fn cover(policy: &Policy, costs: &[u64], best: Cheapest, work: &Work) -> Cheapest {
    let sum = costs.iter().fold(0, |sum: u64, &cost| sum.saturating_add(cost));
    if best.lower == best.cost || sum > COSTS_MAX {
        return best;
    }
    let Some(mut cover) = Cover::new(policy, costs, best.clone(), work) else { return best };
    while cover.best.lower < cover.best.cost && cover.pass() {}
    cover.best
}

impl<'a> Cover<'a> {
    fn new(policy: &'a Policy, costs: &'a [u64], best: Cheapest, work: &'a Work) -> Option<Self> {
        let tally = Tally::new(policy);
        let mut alike: BTreeMap<(u64, &[usize]), Vec<usize>> = BTreeMap::new();
        for ((input, uses), &cost) in tally.uses().iter().enumerate().take(policy.inputs).zip(costs)
        {
            alike.entry((cost, uses)).or_default().push(input);
        }
        let mut members: Vec<Vec<usize>> = Vec::new();
        let mut columns = Dense::new(0, policy.nodes());
        let mut column_costs = Vec::new();
        for ((cost, _), inputs) in alike {
            inputs.iter().for_each(|&input| columns[input] = members.len());
            members.push(inputs);
            column_costs.push(i64::try_from(cost).ok()?);
        }
        for node in policy.inputs..policy.nodes() {
            columns[node] = members.len();
            members.push(Vec::new());
            column_costs.push(0);
        }
        let row = |(gate, node): (&Gate, usize)| {
            let mut children: Vec<usize> =
                gate.children.iter().map(|&child| columns[child]).collect();
            children.sort_unstable();
            children.dedup();
            (children, columns[node])
        };
        let rows: Dense<(Vec<usize>, usize)> =
            policy.gates.iter().zip(policy.inputs..).map(row).collect();
        let factors = rows.iter().zip(&policy.gates).map(|((children, own), gate)| -> Row {
            let threshold = (*own, -(gate.threshold as f64));
            children.iter().map(|&child| (child, 1.0)).chain([threshold]).collect()
        });
        let upper = members.iter().map(|inputs| inputs.len().max(1) as f64).collect();
        let costs_of = column_costs.iter().map(|&cost| cost as f64).collect();
        Some(Self {
            relaxation: Relaxation::new(costs_of, upper, factors.collect())?,
            price: (policy.edges() + column_costs.len() as u64) * EDGE_PRICE,
            policy,
            work,
            members: Dense(members),
            reduced: Dense::new(0, column_costs.len()),
            column_costs: Dense(column_costs),
            rows,
            tally,
            changes: Vec::new(),
            given_up: i64::MAX,
            best,
            nodes: 0,
            wandered: 0,
            seed: 1,
        })
    }

    /// Looks for a set no costlier than what is proved; whether the search goes on.
    fn pass(&mut self) -> bool {
        self.wander();
        self.undo(0);
        self.given_up = i64::MAX;
        let mut open: Vec<Branch> = Vec::new();
        let Some((_, root)) = self.rows.0.last() else { return false };
        self.change(*root, 1.0, 1.0);
        loop {
            let Some(branching) = self.node() else { return false };
            if self.best.cost <= self.best.lower {
                return false;
            }
            if let Some(column) = branching {
                let (lower, upper) = (self.relaxation.lower[column], self.relaxation.upper[column]);
                let below = (self.relaxation.value[column] + NEAR).floor();
                let below = below.max(lower).min(upper - 1.0);
                let changes = self.changes.len();
                open.push(Branch { changes, column, lower, upper: below });
                open.push(Branch { changes, column, lower: below + 1.0, upper });
            }
            let Some(next) = open.pop() else { break };
            self.undo(next.changes);
            self.change(next.column, next.lower, next.upper);
        }
        let proved = u64::try_from(self.given_up).unwrap_or(u64::MAX);
        self.best.lower = proved.min(self.best.cost);
        true
    }

    fn change(&mut self, column: usize, lower: f64, upper: f64) {
        let relaxation = &mut self.relaxation;
        self.changes.push((column, relaxation.lower[column], relaxation.upper[column]));
        (relaxation.lower[column], relaxation.upper[column]) = (lower, upper);
    }

    fn undo(&mut self, changes: usize) {
        for (column, lower, upper) in self.changes.drain(changes..).rev() {
            (self.relaxation.lower[column], self.relaxation.upper[column]) = (lower, upper);
        }
    }

    /// One node: the column to branch on, if it is not done with; `None` when the budget is spent.
    fn node(&mut self) -> Option<Option<usize>> {
        self.nodes += 1;
        let goal = self.goal();
        // enough above the goal that the bound in whole units is, too
        let outcome = self.relaxation.solve(goal as f64 + 1e-3, self.work);
        let spent = self.work.spend(self.price).is_none();
        if outcome == Outcome::Spent || spent {
            return None;
        }
        if outcome == Outcome::Impossible && !self.is_possible() {
            return Some(None);
        }
        let bound = self.bound();
        if bound > goal * UNIT {
            self.give_up(bound);
            return Some(None);
        }
        self.fix(goal * UNIT - bound, bound);
        let column = self.branching();
        if column.is_none() {
            self.leaf();
        }
        let often = self.nodes < ROUNDED_FIRST || self.nodes.is_multiple_of(ROUNDED_EACH);
        if column.is_none() || outcome == Outcome::Solved && often {
            self.round();
        }
        Some(column)
    }

    /// All is decided, or a set is found.
    fn leaf(&mut self) {
        if let Some(cost) = self.whole() {
            self.given_up = self.given_up.min(cost);
        }
    }

    /// What a set may cost in this pass.
    fn goal(&self) -> i64 {
        i64::try_from(self.best.lower).unwrap_or(i64::MAX)
    }

    fn give_up(&mut self, bound: i64) {
        let whole = bound.div_euclid(UNIT) + i64::from(bound.rem_euclid(UNIT) > 0);
        self.given_up = self.given_up.min(whole);
    }

    /// The proved bound in units, and the reduced costs it rests on.
    fn bound(&mut self) -> i64 {
        for (reduced, &cost) in self.reduced.0.iter_mut().zip(self.column_costs.iter()) {
            *reduced = cost * UNIT;
        }
        for (place, (children, own)) in self.rows.iter().enumerate() {
            let multiplier = self.relaxation.multiplier(place) * UNIT as f64;
            // rounded down; a wild one proves nothing, but must not overflow
            let multiplier = if multiplier < MULTIPLIER_MAX { multiplier as i64 } else { 0 };
            if multiplier > 0 {
                children.iter().for_each(|&child| self.reduced[child] -= multiplier);
                let threshold = self.policy.gates.get(place).map_or(0, |gate| gate.threshold);
                self.reduced[*own] += multiplier * threshold as i64;
            }
        }
        let (lower, upper) = (&self.relaxation.lower, &self.relaxation.upper);
        let cost = |(column, &reduced): (usize, &i64)| {
            let value = if reduced > 0 { lower[column] } else { upper[column] };
            i128::from(reduced) * i128::from(value as i64)
        };
        let bound: i128 = self.reduced.iter().enumerate().map(cost).sum();
        i64::try_from(bound).unwrap_or(i64::MIN / 2)
    }

    /// Fixes the columns whose next value would cost more than there is room for.
    fn fix(&mut self, room: i64, bound: i64) {
        for column in 0..self.relaxation.columns() {
            let (lower, upper) = (self.relaxation.lower[column], self.relaxation.upper[column]);
            let reduced = self.reduced[column];
            if lower < upper && reduced.abs() > room {
                let value = if reduced > 0 { lower } else { upper };
                self.change(column, value, value);
                self.give_up(bound + reduced.abs());
            }
        }
    }

    /// Whether some choice within the bounds makes all true that must be: the one with all that may be.
    fn is_possible(&self) -> bool {
        let mut most: Dense<f64> =
            (0..self.relaxation.columns()).map(|column| self.relaxation.upper[column]).collect();
        for ((children, own), gate) in self.rows.iter().zip(&self.policy.gates) {
            let sum: f64 = children.iter().map(|&child| most[child]).sum();
            if sum < gate.threshold as f64 {
                if self.relaxation.lower[*own] > 0.0 {
                    return false;
                }
                most[*own] = 0.0;
            }
        }
        true
    }

    /// What to decide next: of the accounts that one which must be true may need, the one that is
    /// true least; else the key nearest to a half; else whatever is open, for the values may be
    /// whole by rounding only. `None` where all is decided, or a set is found.
    fn branching(&mut self) -> Option<usize> {
        if let Some(column) = self.in_part() {
            return Some(column);
        }
        if self.whole().is_some_and(|cost| cost <= self.goal()) {
            return None;
        }
        let relaxation = &self.relaxation;
        (0..relaxation.columns())
            .find(|&column| relaxation.lower[column] < relaxation.upper[column])
    }

    /// The open account or key with a value that is not whole.
    fn in_part(&self) -> Option<usize> {
        let relaxation = &self.relaxation;
        let open = |column: usize| relaxation.lower[column] < relaxation.upper[column];
        let part = |column: usize| {
            let value = relaxation.value[column];
            let part = value - value.floor();
            (part > NEAR && part < 1.0 - NEAR).then_some(part)
        };
        let asked = |place: usize| {
            let of = |&parent: &usize| self.rows.0.get(parent).map_or(0, |row| row.1);
            self.tally.uses()[self.policy.inputs + place]
                .iter()
                .any(|parent| relaxation.lower[of(parent)] > 0.0)
        };
        let gates = self.rows.iter().enumerate().rev();
        let gates = gates.filter(|&(place, row)| open(row.1) && asked(place));
        let gate = gates
            .filter_map(|(_, row)| Some((part(row.1)?, row.1)))
            .min_by(|one, other| one.0.total_cmp(&other.0));
        let keys = || (0..self.members.len()).filter(|&column| !self.members[column].is_empty());
        let half = |column: usize| part(column).map(|part| ((part - 0.5).abs(), column));
        let key = || {
            let keys = keys().filter(|&column| open(column)).filter_map(half);
            keys.min_by(|one, other| one.0.total_cmp(&other.0))
        };
        gate.or_else(key).map(|found| found.1)
    }

    /// What the values cost, rounded to whole ones, if they make the policy true.
    fn whole(&mut self) -> Option<i64> {
        self.tally.clear();
        let mut cost = 0;
        for (column, inputs) in self.members.iter().enumerate() {
            let Some(&first) = inputs.first() else { continue };
            let (lower, upper) = (self.relaxation.lower[column], self.relaxation.upper[column]);
            let count = self.relaxation.value[column].clamp(lower, upper).round();
            if count > 0.0 {
                self.tally.add(first, count as usize);
                cost += self.column_costs[column] * count as i64;
            }
        }
        self.work.add(self.tally.price());
        self.tally.is_true().then_some(cost)
    }

    /// A set made of the relaxation's values: the variables nearest to true, as many as it takes,
    /// without those that turn out not to be needed.
    fn round(&mut self) {
        let mut order: Vec<(f64, usize, usize)> = Vec::new();
        for (column, inputs) in self.members.iter().enumerate().filter(|entry| !entry.1.is_empty())
        {
            let value = self.relaxation.value[column].clamp(0.0, inputs.len() as f64);
            let count = value.floor() as usize;
            order.push((1.0, column, count));
            order.push((value - value.floor(), column, usize::from(count < inputs.len())));
            order.push((0.0, column, inputs.len().saturating_sub(count + 1)));
        }
        order.retain(|entry| entry.2 > 0);
        order.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
        self.tally.clear();
        let first = |column: usize| self.members[column].first().copied().unwrap_or(0);
        let mut taken: Vec<(usize, usize)> = Vec::new();
        for &(_, column, count) in &order {
            if self.tally.is_true() {
                break;
            }
            self.tally.add(first(column), count);
            taken.push((first(column), count));
        }
        self.tally.spare(&mut taken);
        self.work.add(self.tally.price() + order.len() as u64 * SORT_PRICE);
        let mut held = Dense::new(0, self.members.len());
        order.iter().zip(&taken).for_each(|(&(_, column, _), &(_, count))| held[column] += count);
        if self.cost(&held) < self.best.cost {
            self.keep(&held);
        }
    }

    fn cost(&self, held: &Dense<usize>) -> u64 {
        let costs = self.column_costs.iter().zip(held.iter());
        costs.map(|(&cost, &count)| cost as u64 * count as u64).sum()
    }

    /// From the best set to others that cost no more, one variable exchanged for another at a time, and
    /// on to cheaper ones where two turn out not to be needed; for a part of the work at most.
    fn wander(&mut self) {
        let columns = (0..self.members.len()).filter(|&column| !self.members[column].is_empty());
        let columns: Dense<usize> = columns.collect();
        let mut held = self.held();
        let mut cost = self.best.cost;
        let most = WANDER_WORK + self.work.used() / WANDER_SHARE;
        while self.wandered < most && cost > self.best.lower && self.work.spend(1).is_some() {
            let added = columns[self.random(columns.len())];
            if held[added] < self.members[added].len() {
                self.put(&mut held, added);
                let start = self.random(columns.len());
                let order = (start..columns.len()).chain(0..start).map(|place| columns[place]);
                let mut gone = 0;
                for column in order.filter(|&column| column != added) {
                    let pays = gone > 0 || self.column_costs[column] >= self.column_costs[added];
                    if pays && held[column] > 0 && self.take(&mut held, column) {
                        gone += 1;
                    }
                }
                if gone == 0 {
                    self.take(&mut held, added);
                }
                cost = self.cost(&held);
                if cost < self.best.cost {
                    self.keep(&held);
                }
            }
            let price = self.tally.price();
            self.wandered += price + 1;
            self.work.add(price);
        }
    }

    /// A number that looks random and is always the same, below a bound.
    fn random(&mut self, bound: usize) -> usize {
        self.seed = self.seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (self.seed >> 33) as usize % bound.max(1)
    }

    /// How many of each column the best set has; the tally is made to have them, too.
    fn held(&mut self) -> Dense<usize> {
        let is_best = |input: &&usize| self.best.members.binary_search(input).is_ok();
        let count = |inputs: &Vec<usize>| inputs.iter().filter(is_best).count();
        let held: Dense<usize> = self.members.iter().map(count).collect();
        self.tally.clear();
        for (inputs, &count) in self.members.iter().zip(held.iter()) {
            inputs.first().into_iter().for_each(|&first| self.tally.add(first, count));
        }
        held
    }

    fn put(&mut self, held: &mut Dense<usize>, column: usize) {
        held[column] += 1;
        self.members[column].first().into_iter().for_each(|&first| self.tally.add(first, 1));
    }

    /// Takes one of a column out, if the policy stays true.
    fn take(&mut self, held: &mut Dense<usize>, column: usize) -> bool {
        let Some(&first) = self.members[column].first() else { return false };
        self.tally.remove(first, 1);
        let spared = self.tally.is_true();
        if spared {
            held[column] -= 1;
        } else {
            self.tally.add(first, 1);
        }
        spared
    }

    /// Takes a set for the best.
    fn keep(&mut self, held: &Dense<usize>) {
        let members = self.members.iter().zip(held.iter());
        let members = members.flat_map(|(inputs, &count)| inputs.iter().take(count).copied());
        let mut members: Vec<usize> = members.collect();
        members.sort_unstable();
        self.best = Cheapest { members, cost: self.cost(held), lower: self.best.lower };
    }
}

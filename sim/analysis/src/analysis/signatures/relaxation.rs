//! A linear relaxation: every node of a policy may be true in part.
//!
//! Minimise the sum of costs times values, where each gate's children add up to its threshold times
//! its own value at least, and every value lies between two bounds. A dual simplex on a dense tableau: after
//! bounds were changed, in whatever way, the basis at hand is a start as good as any, so a search
//! need not undo anything here. Rounding can make this slow, not wrong: what is proved is read off
//! [`Relaxation::multiplier`], and any multipliers prove something.

use super::super::budget::Work;
use super::super::policy::Dense;

/// Smaller factors are taken for rounding.
const TINY: f64 = 1e-9;
/// How far a value may lie outside its bounds.
const TOLERANCE: f64 = 1e-7;
/// Pivots after which the tableau is made anew, so that rounding does not add up.
const PIVOTS_MAX: usize = 2_000;
/// Entries of a tableau that are read and written in one unit of work.
const ENTRIES_PER_UNIT: u64 = 5;
/// Units of work for each column when two variables are exchanged.
const COLUMN_PRICE: u64 = 18;
/// Most entries of a tableau: 8 bytes each.
const ENTRIES_MAX: usize = 6_000_000;

/// How an attempt to solve ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    /// The values are the best there are.
    Solved,
    /// The best is above the limit.
    Costly,
    /// No values keep within the bounds, or rounding says so.
    Impossible,
    /// The budget is spent.
    Spent,
}

/// One row: the sum of these columns times their factors is not negative.
pub(super) type Row = Vec<(usize, f64)>;

/// The relaxation with its present basis. Variables are the columns, then a slack for each row.
pub(super) struct Relaxation {
    columns: usize,
    costs: Dense<f64>,
    rows: Dense<Row>,
    /// The bounds of every variable; a slack has none above.
    pub lower: Dense<f64>,
    pub upper: Dense<f64>,
    /// The value of every variable after the last [`Relaxation::solve`].
    pub value: Dense<f64>,
    /// Row by row what each basic variable is in terms of the free ones.
    table: Dense<f64>,
    basic: Dense<usize>,
    free: Dense<usize>,
    /// For each variable its place among the free ones, if it is free.
    place: Dense<Option<usize>>,
    /// What one unit of each free variable costs.
    reduced: Dense<f64>,
    /// While it is solved: value and bounds of the free variables by column of the table, and of the
    /// basic ones by its row, side by side in memory.
    of_free: Dense<Range>,
    /// The values of the free ones once more, for products with a row.
    at: Dense<f64>,
    of_basic: Dense<Range>,
    pivots: usize,
    candidates: Vec<(f64, f64, usize)>,
}

/// A value and its bounds.
#[derive(Clone, Copy, Default)]
struct Range {
    value: f64,
    lower: f64,
    upper: f64,
}

/// The sum of the products of two lists, always in the same order, in four sums that need not wait for
/// each other.
fn product(one: &[f64], other: &[f64]) -> f64 {
    let mut sums = [0.0; 4];
    let (ones, others) = (one.chunks_exact(4), other.chunks_exact(4));
    let rest = ones.remainder().iter().zip(others.remainder());
    let rest: f64 = rest.map(|(one, other)| one * other).sum();
    for (one, other) in ones.zip(others) {
        for (sum, (one, other)) in sums.iter_mut().zip(one.iter().zip(other)) {
            *sum += one * other;
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// The least ratio comes first; of equal ones the largest factor, which rounds least.
fn is_before(one: &(f64, f64, usize), other: &(f64, f64, usize)) -> bool {
    one.0 < other.0 || one.0 == other.0 && one.1 > other.1
}

impl Relaxation {
    /// The relaxation of these rows; `None` where its tableau would be too large. Values lie
    /// between 0 and `upper`.
    pub fn new(costs: Vec<f64>, mut upper: Vec<f64>, rows: Vec<Row>) -> Option<Self> {
        let (columns, count) = (costs.len(), rows.len());
        if columns.saturating_mul(count) > ENTRIES_MAX {
            return None;
        }
        let all = columns + count;
        upper.resize(all, f64::INFINITY);
        let mut relaxation = Self {
            columns,
            costs: Dense(costs),
            rows: Dense(rows),
            lower: Dense::new(0.0, all),
            upper: Dense(upper),
            value: Dense::new(0.0, all),
            table: Dense::new(0.0, columns * count),
            basic: Dense::new(0, count),
            free: Dense::new(0, columns),
            place: Dense::new(None, all),
            reduced: Dense::new(0.0, columns),
            of_free: Dense::new(Range::default(), columns),
            at: Dense::new(0.0, columns),
            of_basic: Dense::new(Range::default(), count),
            pivots: 0,
            candidates: Vec::new(),
        };
        relaxation.reset();
        Some(relaxation)
    }

    /// The number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// All slacks basic, all columns free.
    fn reset(&mut self) {
        self.table.0.fill(0.0);
        for (row, list) in self.rows.iter().enumerate() {
            for &(column, factor) in list {
                self.table[row * self.columns + column] = factor;
            }
            self.basic[row] = self.columns + row;
            self.place[self.columns + row] = None;
        }
        for column in 0..self.columns {
            self.free[column] = column;
            self.place[column] = Some(column);
            self.reduced[column] = self.costs[column];
        }
        self.pivots = 0;
    }

    /// The same basis from the start, without the rounding of all pivots on the way.
    fn renew(&mut self) {
        let mut stays = Dense::new(false, self.place.len());
        self.basic.iter().for_each(|&variable| stays[variable] = true);
        self.reset();
        for variable in (0..self.columns).filter(|&variable| stays[variable]) {
            let Some(column) = self.place[variable] else { continue };
            let size = |row: usize| self.table[row * self.columns + column].abs();
            let rows = (0..self.basic.len()).filter(|&row| !stays[self.basic[row]]);
            let row = rows.max_by(|&one, &other| size(one).total_cmp(&size(other)));
            if let Some(row) = row.filter(|&row| size(row) > TOLERANCE) {
                self.pivot(row, column);
            }
        }
        self.pivots = 0;
    }

    /// Every free variable to the bound that its reduced cost asks for.
    fn settle(&mut self) {
        let free = self.free.iter().zip(self.reduced.iter());
        let ranges = self.of_free.0.iter_mut().zip(&mut self.at.0);
        for ((&variable, &reduced), (range, at)) in free.zip(ranges) {
            let (lower, upper) = (self.lower[variable], self.upper[variable]);
            let value = if reduced < 0.0 && upper.is_finite() { upper } else { lower };
            (*range, *at) = (Range { value, lower, upper }, value);
        }
    }

    /// The basic variables as the free ones have them.
    fn follow(&mut self) {
        let rows = self.table.0.chunks(self.columns).zip(self.basic.iter());
        for ((row, &variable), range) in rows.zip(&mut self.of_basic.0) {
            let (lower, upper) = (self.lower[variable], self.upper[variable]);
            *range = Range { value: product(row, &self.at.0), lower, upper };
        }
    }

    /// The values, by variable.
    fn publish(&mut self) {
        for (&variable, &value) in self.free.iter().zip(self.at.iter()) {
            self.value[variable] = value;
        }
        for (&variable, range) in self.basic.iter().zip(self.of_basic.iter()) {
            self.value[variable] = range.value;
        }
    }

    /// The cost of the present values.
    fn objective(&self) -> f64 {
        product(&self.reduced.0, &self.at.0)
    }

    /// Finds the best values within the present bounds, or that they cost more than the limit. The
    /// values are given where they are the best.
    pub fn solve(&mut self, limit: f64, work: &Work) -> Outcome {
        let price = self.price();
        if self.pivots > PIVOTS_MAX {
            work.add(price * self.basic.len() as u64);
            self.renew();
        }
        self.settle();
        if self.objective() > limit {
            return Outcome::Costly;
        }
        work.add(self.table.len() as u64 / ENTRIES_PER_UNIT);
        self.follow();
        // more than ever needed, unless rounding leads in a circle
        let most = 50 + 10 * self.place.len();
        for _ in 0..most {
            if self.objective() > limit {
                return Outcome::Costly;
            }
            let Some((row, missing, sign)) = self.leaving() else {
                self.publish();
                return Outcome::Solved;
            };
            if work.spend(price).is_none() {
                return Outcome::Spent;
            }
            let Some(column) = self.entering(row, missing, sign) else {
                return Outcome::Impossible;
            };
            let leaving = self.of_basic[row];
            let bound = if sign > 0.0 { leaving.lower } else { leaving.upper };
            let step = (bound - leaving.value) / self.table[row * self.columns + column];
            self.shift(column, step);
            self.of_basic[row].value = bound;
            self.pivot(row, column);
            std::mem::swap(&mut self.of_basic[row], &mut self.of_free[column]);
            self.at[column] = bound;
        }
        self.renew();
        Outcome::Costly
    }

    /// Units of work to exchange two variables, all that goes with it included.
    fn price(&self) -> u64 {
        self.table.len() as u64 / ENTRIES_PER_UNIT + self.columns as u64 * COLUMN_PRICE
    }

    /// The row whose variable is farthest outside its bounds, how far, and whether it must grow (1)
    /// or shrink (-1).
    fn leaving(&self) -> Option<(usize, f64, f64)> {
        let mut worst = None;
        let mut most = TOLERANCE;
        for (row, range) in self.of_basic.iter().enumerate() {
            let (short, over) = (range.lower - range.value, range.value - range.upper);
            if short.max(over) > most {
                most = short.max(over);
                worst = Some((row, most, if short > over { 1.0 } else { -1.0 }));
            }
        }
        worst
    }

    /// The free variable that makes up for what is missing in a row at the least cost. Those that do
    /// not suffice though they go from one bound to the other go there on the way.
    fn entering(&mut self, row: usize, mut missing: f64, sign: f64) -> Option<usize> {
        self.candidates.clear();
        let line = self.table.0.iter().skip(row * self.columns).take(self.columns);
        let free = self.of_free.iter().zip(self.reduced.iter());
        for (column, (&factor, (range, reduced))) in line.zip(free).enumerate() {
            let high = range.value > range.lower;
            let helps = if high { -sign * factor } else { sign * factor };
            if helps > TINY && range.lower < range.upper {
                self.candidates.push((reduced.abs() / helps, helps, column));
            }
        }
        loop {
            let (place, &(_, helps, column)) = self
                .candidates
                .iter()
                .enumerate()
                .reduce(|best, next| if is_before(next.1, best.1) { next } else { best })?;
            self.candidates.swap_remove(place);
            let range = self.of_free[column];
            let gain = helps * (range.upper - range.lower);
            if gain >= missing {
                return Some(column);
            }
            missing -= gain;
            let high = range.value > range.lower;
            let (goal, width) =
                (if high { range.lower } else { range.upper }, range.upper - range.lower);
            self.shift(column, if high { -width } else { width });
            (self.of_free[column].value, self.at[column]) = (goal, goal);
        }
    }

    /// Moves a free variable by so much; the basic ones follow.
    fn shift(&mut self, column: usize, step: f64) {
        let lines = self.table.0.chunks_exact(self.columns);
        for (line, range) in lines.zip(&mut self.of_basic.0) {
            range.value += line.get(column).map_or(0.0, |factor| factor * step);
        }
        self.of_free[column].value += step;
        self.at[column] += step;
    }

    /// Exchanges the basic variable of a row for the free one of a column.
    fn pivot(&mut self, row: usize, column: usize) {
        let width = self.columns;
        let inverse = 1.0 / self.table[row * width + column];
        let (before, rest) = self.table.0.split_at_mut(row * width);
        let (line, after) = rest.split_at_mut(width);
        line.iter_mut().for_each(|factor| *factor *= -inverse);
        if let Some(own) = line.get_mut(column) {
            *own = inverse;
        }
        let others = before.chunks_mut(width).chain(after.chunks_mut(width));
        for other in others.chain([self.reduced.0.as_mut_slice()]) {
            let Some(own) = other.get_mut(column) else { continue };
            let factor = std::mem::take(own);
            if factor != 0.0 {
                other.iter_mut().zip(&*line).for_each(|(other, &own)| *other += factor * own);
            }
        }
        let (leaving, entering) = (self.basic[row], self.free[column]);
        (self.basic[row], self.free[column]) = (entering, leaving);
        (self.place[entering], self.place[leaving]) = (None, Some(column));
        self.pivots += 1;
    }

    /// By how much the bound grows with each unit that a row asks for; not negative.
    pub fn multiplier(&self, row: usize) -> f64 {
        self.place[self.columns + row].map_or(0.0, |column| self.reduced[column].max(0.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_of_edges_costs_a_half_of_each_corner() {
        // five corners, each edge needs one of its two; a column that is always 1 asks for it
        let mut rows: Vec<Row> = (0..5).map(|at| vec![(at, 1.0), ((at + 1) % 5, 1.0)]).collect();
        rows.iter_mut().for_each(|row| row.push((5, -1.0)));
        let costs = vec![1.0, 1.0, 1.0, 1.0, 1.0, 0.0];
        let budget = Work::new(super::super::super::Budget::default());
        let mut relaxation = Relaxation::new(costs, vec![1.0; 6], rows).unwrap();
        assert_eq!(relaxation.solve(9.0, &budget), Outcome::Solved);
        assert!(relaxation.objective().abs() < 1e-9);
        relaxation.lower[5] = 1.0;
        assert_eq!(relaxation.solve(9.0, &budget), Outcome::Solved);
        assert!((relaxation.objective() - 2.5).abs() < 1e-9);
        let multipliers: f64 = (0..5).map(|row| relaxation.multiplier(row)).sum();
        assert!((multipliers - 2.5).abs() < 1e-9);
        relaxation.renew();
        assert_eq!(relaxation.solve(9.0, &budget), Outcome::Solved);
        assert!((relaxation.objective() - 2.5).abs() < 1e-9);
        assert_eq!(relaxation.solve(2.0, &budget), Outcome::Costly);
        relaxation.upper[0] = 0.0;
        assert_eq!(relaxation.solve(9.0, &budget), Outcome::Solved);
        assert!((relaxation.objective() - 3.0).abs() < 1e-9);
        relaxation.upper[1] = 0.0;
        assert_eq!(relaxation.solve(9.0, &budget), Outcome::Impossible);
        relaxation.upper[1] = 1.0;
        relaxation.upper[0] = 1.0;
        assert_eq!(relaxation.solve(9.0, &budget), Outcome::Solved);
        assert!((relaxation.objective() - 2.5).abs() < 1e-9);
        assert!(Relaxation::new(vec![0.0; 10_000], vec![1.0; 10_000], vec![vec![]; 601]).is_none());
    }
}

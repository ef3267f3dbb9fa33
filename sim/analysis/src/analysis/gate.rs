//! One gate over independent events: the Poisson-binomial distribution, and what each event adds.

use num_bigint::BigUint;

use super::policy::Dense;
use super::scaled::{Chance, Number, Scaled, fits_f64};

/// The probability of a function, and what each of its variables does to it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Effect {
    /// The probability of the function.
    pub chance: Chance,
    /// For each variable the probability that it decides: the Birnbaum importance; `None` where the
    /// method does not tell.
    pub birnbaum: Option<Dense<Scaled>>,
    /// For each variable the probability that the others complete a minimal set around it; `None`
    /// where the method does not tell.
    pub complete: Option<Dense<Scaled>>,
}

/// The effect of a `threshold`-of-n gate over these independent events.
pub(super) fn effect(threshold: usize, chances: &[Chance]) -> Effect {
    if fits_f64(chances) {
        effect_in::<f64>(threshold, chances)
    } else {
        effect_in::<Scaled>(threshold, chances)
    }
}

/// The probability that at least `threshold` of these independent events happen; also of thousands, and
/// far beyond the range of `f64`.
///
/// All odds are multiplied by one factor, by which about `threshold` events become likely; each number of
/// events is then off by a power of it, which is taken back at the end. So the numbers on the way fit
/// `f64`, and those that do not count for nothing.
pub(super) fn at_least(threshold: usize, chances: &[Chance]) -> Scaled {
    let possible = chances.iter().filter(|chance| !chance.yes.is_zero()).count();
    let certain = chances.iter().filter(|chance| chance.no.is_zero()).count();
    if possible < threshold {
        return Scaled::ZERO;
    }
    if certain >= threshold {
        return Scaled::ONE;
    }
    // either enough happen, or few enough do not: the shorter row
    let misses = chances.len() - threshold;
    if threshold <= misses {
        let tilted = Tilted::of(chances.to_vec(), threshold, true);
        let (_, enough) = tilted.row(threshold);
        tilted.whole(threshold).times(Scaled::new(enough))
    } else {
        let turned = chances.iter().map(|chance| Chance { yes: chance.no, no: chance.yes });
        let tilted = Tilted::of(turned.collect(), misses, false);
        let (row, _) = tilted.row(misses + 1);
        let few = row.iter().fold(0.0, |sum, part| sum * tilted.factor + part);
        tilted.whole(misses).times(Scaled::new(few))
    }
}

/// Units of work for [`at_least`] of so many events.
pub(super) fn at_least_price(threshold: usize, events: usize) -> u64 {
    let width = threshold.min(events.saturating_sub(threshold) + 1) as u64;
    events as u64 * (width + TILT_PRICE)
}

/// Units of work for each event to find the factor.
const TILT_PRICE: u64 = 300;
/// What counts for nothing: far below what could change a digit, above what makes arithmetic slow.
const NOTHING: f64 = 1e-280;

/// Events whose odds are all multiplied by one factor.
struct Tilted {
    factor: f64,
    events: Vec<Chance>,
    tilted: Vec<(f64, f64)>,
}

impl Tilted {
    /// With a factor that makes about `goal` events likely: at least 1 for `more` of them, else at most 1.
    fn of(events: Vec<Chance>, goal: usize, more: bool) -> Self {
        let odds = |event: &Chance| event.yes.over(event.no).map_or(f64::INFINITY, Scaled::to_f64);
        let odds: Vec<f64> = events.iter().map(odds).collect();
        let is_beyond = |factor: f64| {
            let mean: f64 = odds.iter().map(|odds| 1.0 / (1.0 + 1.0 / (odds * factor))).sum();
            if more { mean >= goal as f64 } else { mean <= goal as f64 + 0.5 }
        };
        let (mut near, mut far) = (1.0, 1.0);
        let step = if more { 2.0 } else { 0.5 };
        for _ in 0..1_000 {
            if is_beyond(far) {
                break;
            }
            (near, far) = (far, far * step);
        }
        for _ in 0..12 {
            let middle = f64::midpoint(near, far);
            if is_beyond(middle) { far = middle } else { near = middle }
        }
        let factor = Scaled::new(far);
        let of = |event: &Chance| {
            let yes = event.yes.times(factor);
            let part = |part: Scaled| part.over(yes.plus(event.no)).unwrap_or_default().to_f64();
            (part(yes), part(event.no))
        };
        Self { factor: far, tilted: events.iter().map(of).collect(), events }
    }

    /// The chance of 0, 1, 2, ... events below `width`, and of that many and more, each event more
    /// divided by the factor.
    fn row(&self, width: usize) -> (Vec<f64>, f64) {
        let (mut row, mut enough) = (vec![0.0; width], 0.0);
        let mut next = row.clone();
        row.first_mut().into_iter().for_each(|none| *none = 1.0);
        for &(yes, no) in &self.tilted {
            let last = row.last().copied().unwrap_or(1.0);
            enough = enough * (no + yes / self.factor) + last * yes;
            let fewer = std::iter::once(&0.0).chain(&row);
            for ((next, &same), &fewer) in next.iter_mut().zip(&row).zip(fewer) {
                let sum = same * no + fewer * yes;
                *next = if sum < NOTHING { 0.0 } else { sum };
            }
            std::mem::swap(&mut row, &mut next);
        }
        (row, enough)
    }

    /// What a chance of so many events is to be multiplied with.
    fn whole(&self, count: usize) -> Scaled {
        let factor = Scaled::new(self.factor);
        let back = Scaled::ONE.over(factor).unwrap_or_default();
        let sums = self.events.iter().map(|event| event.yes.times(factor).plus(event.no));
        sums.chain(std::iter::repeat_n(back, count)).fold(Scaled::ONE, Scaled::times)
    }
}

fn effect_in<N: Number>(threshold: usize, chances: &[Chance]) -> Effect {
    let chances: Vec<Chance<N>> = chances.iter().map(|chance| chance.map()).collect();
    let width = threshold + 1;
    let before = counts(threshold, chances.iter());
    let after = counts(threshold, chances.iter().rev());
    let (after, whole) = after.split_at(after.len().saturating_sub(width));
    let mut birnbaum = Vec::with_capacity(chances.len());
    let mut complete = Vec::with_capacity(chances.len());
    for (before, after) in before.chunks(width).zip(after.chunks(width).rev()) {
        let (decides, completes) = around(before, after);
        birnbaum.push(decides.to_scaled());
        complete.push(completes.to_scaled());
    }
    let (yes, below) = whole.split_last().map_or((N::ZERO, whole), |(&yes, below)| (yes, below));
    let no = below.iter().fold(N::ZERO, |sum, &part| sum.add(part));
    let chance = Chance { yes: yes.to_scaled(), no: no.to_scaled() };
    let (birnbaum, complete) = (Some(Dense(birnbaum)), Some(Dense(complete)));
    Effect { chance, birnbaum, complete }
}

/// The chance of each number of events among the first 0, 1, 2, ..., one row after the other; the last
/// of the threshold + 1 numbers of a row stands for the threshold and all above.
fn counts<'a, N: Number + 'a>(
    threshold: usize,
    chances: impl ExactSizeIterator<Item = &'a Chance<N>>,
) -> Vec<N> {
    let width = threshold + 1;
    let mut rows = vec![N::ZERO; width * (chances.len() + 1)];
    rows.first_mut().into_iter().for_each(|none| *none = N::ONE);
    let mut rest = rows.as_mut_slice();
    for chance in chances {
        let (row, after) = rest.split_at_mut(width);
        if let Some(next) = after.get_mut(..width) {
            step(row, next, chance);
        }
        rest = after;
    }
    rows
}

/// One event more.
fn step<N: Number>(row: &[N], next: &mut [N], chance: &Chance<N>) {
    let mut fewer = N::ZERO;
    for (next, &same) in next.iter_mut().zip(row) {
        *next = same.mul(chance.no).add(fewer.mul(chance.yes));
        fewer = same;
    }
    if let (Some(next), Some(&all)) = (next.last_mut(), row.last()) {
        *next = next.add(all.mul(chance.yes));
    }
}

/// With the events on both sides of one: the chance of exactly threshold - 1, and of at least that.
fn around<N: Number>(before: &[N], after: &[N]) -> (N, N) {
    let Some((&all, fewer)) = after.split_last() else { return (N::ZERO, N::ZERO) };
    let (mut exactly, mut beyond, mut more) = (N::ZERO, N::ZERO, all);
    // with 0, 1, 2, ... before: threshold - 1, threshold - 2, ... after, or more than that
    for (&chance, &rest) in before.iter().zip(fewer.iter().rev()) {
        beyond = beyond.add(chance.mul(more));
        exactly = exactly.add(chance.mul(rest));
        more = more.add(rest);
    }
    if let Some(&enough) = before.last() {
        beyond = beyond.add(enough.mul(more));
    }
    (exactly, exactly.add(beyond))
}

/// How much more likely a gate becomes when its events change one after the other: of each its chance
/// before and after, and the rise from one to the other, had without a subtraction.
pub(super) fn rise(threshold: usize, steps: &[(Chance, Chance, Scaled)]) -> Scaled {
    let width = threshold + 1;
    let after = counts(threshold, steps.iter().map(|step| &step.1));
    let before = counts(threshold, steps.iter().rev().map(|step| &step.0));
    let sides = after.chunks(width).zip(before.chunks(width).rev().skip(1));
    steps.iter().zip(sides).fold(Scaled::ZERO, |sum, (step, (after, before))| match step.2 {
        none if none.is_zero() => sum,
        rise => sum.plus(rise.times(around(after, before).0)),
    })
}

/// How many minimal sets a gate has whose children have these many: the elementary symmetric
/// polynomial of their numbers.
pub(super) fn combinations(threshold: usize, counts: &[BigUint]) -> BigUint {
    std::mem::take(&mut combination_row(threshold, counts)[threshold])
}

/// The same for gates of 0, 1, 2, ... up to the threshold. Equal children are taken together.
pub(super) fn combination_row(threshold: usize, counts: &[BigUint]) -> Dense<BigUint> {
    let mut sorted: Vec<&BigUint> = counts.iter().collect();
    sorted.sort_unstable();
    let mut chosen = Dense::new(BigUint::ZERO, threshold + 1);
    chosen[0] = BigUint::from(1_u8);
    for group in sorted.chunk_by(|one, other| one == other) {
        let power = group.first().map_or(BigUint::ZERO, |&count| count.clone());
        let parts = binomial_row(group.len(), threshold, &power);
        let mut next = Dense::new(BigUint::ZERO, threshold + 1);
        for (count, ways) in chosen.iter().enumerate().filter(|(_, ways)| **ways != BigUint::ZERO) {
            for (more, part) in parts.iter().enumerate().take(threshold + 1 - count) {
                next[count + more] += ways * part;
            }
        }
        chosen = next;
    }
    chosen
}

/// For 0, 1, 2, ... of `count` equal children: the number of choices, times their sets.
fn binomial_row(count: usize, most: usize, sets: &BigUint) -> Vec<BigUint> {
    let mut row = vec![BigUint::from(1_u8)];
    for chosen in 1..=count.min(most) {
        let next = row.last().map(|last| last * sets * (count - chosen + 1) / chosen);
        row.extend(next);
    }
    row
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(one: Scaled, other: f64) {
        assert!((one.to_f64() - other).abs() < 1e-12, "{one} is not {other}");
    }

    #[test]
    fn two_of_three_by_hand() {
        let chances = [0.1, 0.2, 0.4].map(Chance::new);
        for effect in [effect_in::<f64>(2, &chances), effect_in::<Scaled>(2, &chances)] {
            close(effect.chance.yes, 0.1 * 0.2 * 0.6 + 0.1 * 0.8 * 0.4 + 0.9 * 0.2 * 0.4 + 0.008);
            close(effect.chance.no, 1.0 - effect.chance.yes.to_f64());
            close(effect.birnbaum.as_ref().unwrap()[0], 0.2 * 0.6 + 0.8 * 0.4);
            close(effect.complete.as_ref().unwrap()[0], 1.0 - 0.8 * 0.6);
            close(effect.birnbaum.as_ref().unwrap()[2], 0.1 * 0.8 + 0.9 * 0.2);
            close(effect.complete.as_ref().unwrap()[2], 1.0 - 0.9 * 0.8);
        }
    }

    #[test]
    fn a_gate_of_all_beyond_the_range_of_f64() {
        let chances = vec![Chance { yes: Scaled::new(1e-300), no: Scaled::ONE }; 10];
        let effect = effect(10, &chances);
        assert!((-3001..=-3000).contains(&effect.chance.yes.decimal().1));
        assert!((-2701..=-2700).contains(&effect.birnbaum.as_ref().unwrap()[3].decimal().1));
        close(super::effect(1, &chances).complete.unwrap()[0], 1.0);
    }

    /// The same by a row of scaled numbers for each event.
    fn by_rows(threshold: usize, chances: &[Chance]) -> Scaled {
        let rows = counts::<Scaled>(threshold, chances.iter());
        rows.last().copied().unwrap()
    }

    #[test]
    fn at_least_so_many_events_is_what_row_by_row_gives() {
        let near = |one: Scaled, other: Scaled| {
            let (large, small) = if one < other { (other, one) } else { (one, other) };
            large.minus(small) <= large.times(Scaled::new(1e-11))
        };
        let odds: [fn(usize) -> f64; 4] = [
            |_| 0.5,
            |at| 1e-7 * (at + 1) as f64,
            |at| 1.0 - 1e-9 * at as f64,
            |at| [0.0, 1.0, 0.3, 1e-300, 0.999][at % 5],
        ];
        for odds in odds {
            for count in [1, 2, 5, 40, 300] {
                let chances: Vec<Chance> = (0..count).map(|at| Chance::new(odds(at))).collect();
                for threshold in [1, 2, count / 3, count / 2, count - 1, count] {
                    if threshold > 0 && threshold <= count {
                        let (found, truth) =
                            (at_least(threshold, &chances), by_rows(threshold, &chances));
                        assert!(near(found, truth), "{threshold} of {count}: {found} {truth}");
                    }
                }
            }
        }
    }

    #[test]
    fn combinations_of_unequal_children() {
        let counts = [1_u8, 2, 2, 3].map(BigUint::from);
        assert_eq!(combinations(2, &counts), BigUint::from(23_u8));
        assert_eq!(combinations(4, &counts), BigUint::from(12_u8));
    }
}

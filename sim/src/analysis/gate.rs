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

/// The probability that at least `threshold` of these independent events happen.
pub(super) fn at_least(threshold: usize, chances: &[Chance]) -> Scaled {
    if fits_f64(chances) {
        last_count::<f64>(threshold, chances).to_scaled()
    } else {
        last_count::<Scaled>(threshold, chances)
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

/// The last number of the last of those rows.
fn last_count<N: Number>(threshold: usize, chances: &[Chance]) -> N {
    let mut row = vec![N::ZERO; threshold + 1];
    row.first_mut().into_iter().for_each(|none| *none = N::ONE);
    let mut next = row.clone();
    for chance in chances {
        step(&row, &mut next, &chance.map());
        std::mem::swap(&mut row, &mut next);
    }
    row.last().copied().unwrap_or(N::ZERO)
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

    #[test]
    fn combinations_of_unequal_children() {
        let counts = [1_u8, 2, 2, 3].map(BigUint::from);
        assert_eq!(combinations(2, &counts), BigUint::from(23_u8));
        assert_eq!(combinations(4, &counts), BigUint::from(12_u8));
    }
}

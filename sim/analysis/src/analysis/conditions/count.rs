//! How many minimal sets a policy with few shared variables has.
//!
//! A minimal set is some shared variables and some own ones. Where a gate has more true children than
//! it needs, no own variable below it is needed; so own variables lie only below gates with exactly
//! enough, and such a gate needs what any of its true children needs. Counted are the own variables for
//! which no shared variable outside a set `within` is needed, which makes unions into products; then
//! that all shared variables taken are needed is had by inclusion and exclusion over `within`.

use num_bigint::{BigInt, BigUint};

use super::super::budget::Work;
use super::super::gate;
use super::super::policy::{Dense, Gate};
use super::Tree;

/// Most (gate, assignment) pairs that are solved for a count.
const CASES_MAX: usize = 100_000;
/// Units of work for each large number.
const NUMBER_PRICE: u64 = 80;

/// A gate while minimal sets are counted, given which shared variables are in the set.
#[derive(Clone)]
struct Ways {
    /// True by these alone: the shared variables it needs. No own variable is needed then.
    needs: Option<usize>,
    /// Otherwise, for each set of shared variables: how many sets of own variables make it true, each
    /// needed, while no shared variable outside that set is.
    own: Vec<BigUint>,
}

/// Children of the last gate that are bound together by shared variables, at these positions.
struct Group {
    positions: Vec<usize>,
    children: Vec<usize>,
}

impl Tree {
    /// The sum over the minimal sets of the product of their variables' numbers; `None` where that
    /// takes too long.
    pub fn count(&self, numbers: &[BigUint], work: &Work) -> Option<BigUint> {
        let triples = |below: &Vec<usize>| 3_usize.saturating_pow(below.len() as u32);
        let gates = self.below.iter().skip(self.policy.inputs);
        if gates.map(triples).fold(0, usize::saturating_add) > CASES_MAX {
            return None;
        }
        let mut ways: Dense<Vec<Ways>> = Dense::new(Vec::new(), self.policy.nodes());
        for input in 0..self.policy.inputs {
            ways[input] = self.ways_of_input(input, numbers);
        }
        let (last, gates) = self.policy.gates.split_last()?;
        for (gate, node) in gates.iter().zip(self.policy.inputs..) {
            work.spend(self.count_price(gate, node))?;
            let cases = 0..1_usize << self.below[node].len();
            let of_case = |taken| {
                work.go_on()?;
                Some(self.ways_of_gate(gate, node, taken, &ways))
            };
            let solved: Option<Vec<Ways>> = cases.map(of_case).collect();
            ways[node] = solved?;
        }
        let root = self.policy.root();
        work.spend(self.count_price(last, root).saturating_mul(2))?;
        let exactly = self.exactly_enough(last, numbers, &ways, work)?;
        (exactly + self.more_than_enough(last, numbers, &ways)).to_biguint()
    }

    /// Units of work for a gate: for each set taken each set within it, a row of large numbers.
    fn count_price(&self, gate: &Gate, node: usize) -> u64 {
        let numbers = gate.children.len() as u64 * (gate.threshold as u64 + 1);
        let pairs = 3_u64.saturating_pow(self.below[node].len() as u32);
        pairs.saturating_mul(numbers * NUMBER_PRICE)
    }

    fn ways_of_input(&self, input: usize, numbers: &[BigUint]) -> Vec<Ways> {
        let open = |own: BigUint| Ways { needs: None, own: vec![own] };
        match self.below[input].is_empty() {
            true => vec![open(numbers.get(input).cloned().unwrap_or_default())],
            false => vec![open(BigUint::ZERO), Ways { needs: Some(1), own: Vec::new() }],
        }
    }

    fn ways_of_gate(
        &self,
        gate: &Gate,
        node: usize,
        taken: usize,
        ways: &Dense<Vec<Ways>>,
    ) -> Ways {
        let below = |child: usize| ways[child].get(self.case_of(child, node, taken));
        let needs = self.needs_below(gate, node, taken, ways);
        if needs.len() >= gate.threshold {
            let needs = needed(&needs, gate.threshold, self.below[node].len());
            return Ways { needs: Some(needs), own: Vec::new() };
        }
        let all: usize = needs.iter().fold(0, |all, needs| all | needs);
        let children = gate.children.iter().filter_map(|&child| Some((child, below(child)?)));
        let open: Vec<(usize, &Ways)> = children.filter(|(_, ways)| ways.needs.is_none()).collect();
        let own = (0..=taken).map(|within| {
            if within & !taken != 0 || all & !within != 0 {
                return BigUint::ZERO;
            }
            let of = |&(child, ways): &(usize, &Ways)| {
                ways.own.get(self.case_of(child, node, within)).cloned().unwrap_or_default()
            };
            let numbers: Vec<BigUint> = open.iter().map(of).collect();
            gate::combinations(gate.threshold - needs.len(), &numbers)
        });
        Ways { needs: None, own: own.collect() }
    }

    /// What each child needs that is true by the shared variables alone.
    fn needs_below(
        &self,
        gate: &Gate,
        node: usize,
        taken: usize,
        ways: &Dense<Vec<Ways>>,
    ) -> Vec<usize> {
        let positions = &self.below[node];
        let of_child = |&child: &usize| {
            let needs = ways[child].get(self.case_of(child, node, taken))?.needs?;
            Some(self.lift(child, positions, needs))
        };
        gate.children.iter().filter_map(of_child).collect()
    }

    /// A child's set of shared variables as one of these positions.
    fn lift(&self, child: usize, positions: &[usize], set: usize) -> usize {
        let members = self.below[child].iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1);
        let bits = members.filter_map(|(_, position)| positions.binary_search(position).ok());
        bits.map(|bit| 1 << bit).sum()
    }

    /// The product of the numbers of these shared variables.
    fn product(&self, positions: &[usize], set: usize, numbers: &[BigUint]) -> BigUint {
        let members = positions.iter().enumerate().filter(|(bit, _)| set >> bit & 1 == 1);
        let inputs = members.filter_map(|(_, &position)| self.shared.get(position));
        inputs.filter_map(|&input| numbers.get(input)).product()
    }

    /// Sets by which the last gate has more true children than it needs: shared variables only.
    fn more_than_enough(
        &self,
        gate: &Gate,
        numbers: &[BigUint],
        ways: &Dense<Vec<Ways>>,
    ) -> BigInt {
        let root = self.policy.root();
        let positions = &self.below[root];
        let of_case = |taken: usize| {
            let needs = self.needs_below(gate, root, taken, ways);
            let minimal = needs.len() > gate.threshold
                && needed(&needs, gate.threshold, positions.len()) == taken;
            minimal.then(|| BigInt::from(self.product(positions, taken, numbers)))
        };
        (0..1_usize << positions.len()).filter_map(of_case).sum()
    }

    /// Sets by which the last gate has exactly enough true children. Its children fall into groups
    /// without a common variable; each group is a polynomial whose powers count true children.
    fn exactly_enough(
        &self,
        gate: &Gate,
        numbers: &[BigUint],
        ways: &Dense<Vec<Ways>>,
        work: &Work,
    ) -> Option<BigInt> {
        let (alone, bound): (Vec<usize>, Vec<usize>) =
            gate.children.iter().partition(|&&child| self.below[child].is_empty());
        let own = |&child: &usize| ways[child].first().and_then(|ways| ways.own.first()).cloned();
        let fixed: Vec<BigUint> = alone.iter().filter_map(own).collect();
        let row = gate::combination_row(gate.threshold, &fixed);
        let mut polynomial: Vec<BigInt> =
            row.iter().map(|part| BigInt::from(part.clone())).collect();
        for group in self.groups(&bound) {
            let factor = self.of_group(&group, gate.threshold, (numbers, ways), work)?;
            polynomial = times(&polynomial, &factor, gate.threshold);
        }
        Some(polynomial.pop().unwrap_or_default())
    }

    fn groups(&self, children: &[usize]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        for &child in children {
            let touches = |group: &Group| {
                self.below[child].iter().any(|position| group.positions.contains(position))
            };
            let (joined, mut rest): (Vec<Group>, Vec<Group>) =
                groups.into_iter().partition(touches);
            let mut one = Group { positions: self.below[child].clone(), children: vec![child] };
            for group in joined {
                one.positions.extend(group.positions);
                one.children.extend(group.children);
            }
            one.positions.sort_unstable();
            one.positions.dedup();
            rest.push(one);
            groups = rest;
        }
        groups
    }

    fn of_group(
        &self,
        group: &Group,
        most: usize,
        (numbers, ways): (&[BigUint], &Dense<Vec<Ways>>),
        work: &Work,
    ) -> Option<Vec<BigInt>> {
        let mut total = vec![BigInt::ZERO; most + 1];
        for taken in 0..1_usize << group.positions.len() {
            work.go_on()?;
            let mut sum = vec![BigInt::ZERO; most + 1];
            for within in (0..=taken).filter(|within| within & !taken == 0) {
                let Some(part) = self.of_children(group, taken, within, most, ways) else {
                    continue;
                };
                let odd = (taken ^ within).count_ones() % 2 == 1;
                let terms = sum.iter_mut().zip(part);
                terms.for_each(|(sum, part)| if odd { *sum -= part } else { *sum += part });
            }
            let product = BigInt::from(self.product(&group.positions, taken, numbers));
            total.iter_mut().zip(sum).for_each(|(total, part)| *total += part * &product);
        }
        Some(total)
    }

    /// A child that is true alone is one power; an open one is 1 and its ways one power higher.
    fn of_children(
        &self,
        group: &Group,
        taken: usize,
        within: usize,
        most: usize,
        ways: &Dense<Vec<Ways>>,
    ) -> Option<Vec<BigInt>> {
        let (mut open, mut true_alone) = (Vec::new(), 0);
        for &child in &group.children {
            let place = |set| self.case_among(child, &group.positions, set);
            let ways = ways[child].get(place(taken))?;
            match ways.needs {
                Some(needs) if self.lift(child, &group.positions, needs) & !within != 0 => {
                    return None;
                }
                Some(_) => true_alone += 1,
                None => open.push(ways.own.get(place(within)).cloned().unwrap_or_default()),
            }
        }
        let rest = most.checked_sub(true_alone)?;
        let row = gate::combination_row(rest, &open);
        let low = std::iter::repeat_n(BigInt::ZERO, true_alone);
        Some(low.chain(row.0.into_iter().map(BigInt::from)).collect())
    }
}

/// The shared variables without which fewer than `threshold` of these children stay true.
fn needed(needs: &[usize], threshold: usize, count: usize) -> usize {
    let falls = |bit: usize| needs.iter().filter(|&&needs| needs >> bit & 1 == 1).count();
    let spare = needs.len() - threshold;
    (0..count).filter(|&bit| falls(bit) > spare).map(|bit| 1 << bit).sum()
}

/// The product of two polynomials up to a power.
fn times(one: &[BigInt], other: &[BigInt], most: usize) -> Vec<BigInt> {
    let mut product = Dense::new(BigInt::ZERO, most + 1);
    for (power, part) in one.iter().enumerate().filter(|(_, part)| **part != BigInt::ZERO) {
        for (more, factor) in other.iter().enumerate().take(most + 1 - power) {
            product[power + more] += part * factor;
        }
    }
    product.0
}

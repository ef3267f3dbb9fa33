//! What a diagram says of chances near 0 and 1, against exact arithmetic.

use num_bigint::BigUint;

use super::super::budget::Budget;
use super::super::policy::Gate;
use super::super::scaled::Chance;
use super::*;
use crate::choice::{Choices, Seeded};

/// Bits behind the point of the chances.
const BITS: usize = 60;
const ONE: u64 = 1 << BITS;

/// Gates over keys and the gates before them; the last one has all that are no member of another.
fn policy(choices: &mut Seeded, inputs: usize) -> Policy {
    let count = 2 + choices.below(4) as usize;
    let mut gates: Vec<Gate> = Vec::new();
    for place in 0..count {
        let all = inputs + place;
        let mut children: Vec<usize> = (0..all).filter(|_| choices.chance(90)).collect();
        if place + 1 == count {
            let used = |member: &usize| gates.iter().any(|gate| gate.children.contains(member));
            children.extend((0..all).filter(|member| !used(member)));
        }
        children.push(choices.below(inputs as u32) as usize);
        children.sort_unstable();
        children.dedup();
        let threshold = 1 + choices.below(children.len() as u32) as usize;
        gates.push(Gate { threshold, children });
    }
    Policy { inputs, gates }
}

/// A numerator over 2^BITS: a half, or near 0 or 1.
fn numerator(choices: &mut Seeded) -> u64 {
    match choices.below(4) {
        0 | 1 => ONE / 2,
        2 => 1 << (1 + choices.below(58)),
        _ => ONE - (1 << (8 + choices.below(50))),
    }
}

/// The probability over 2^(BITS * keys).
fn exact(policy: &Policy, odds: &[u64]) -> BigUint {
    let weight = |set: usize| {
        let held: Vec<bool> = (0..odds.len()).map(|key| set >> key & 1 == 1).collect();
        let factor = |key: usize| if held[key] { odds[key] } else { ONE - odds[key] };
        let product = (0..odds.len()).fold(BigUint::from(1_u8), |all, key| all * factor(key));
        policy.value(&held).then_some(product)
    };
    (0..1 << odds.len()).filter_map(weight).sum()
}

fn number(numerator: &BigUint, keys: usize) -> f64 {
    let shift = numerator.bits().saturating_sub(64);
    let top = (numerator >> shift).iter_u64_digits().next().unwrap_or(0);
    let exponent = shift as i64 - (BITS * keys) as i64;
    let half = exponent / 2;
    top as f64 * 2_f64.powi(half as i32) * 2_f64.powi((exponent - half) as i32)
}

/// Digits that cancel in a difference are not given: what is given is right.
#[test]
fn an_importance_is_right_or_left_out() {
    let mut choices = Seeded::new(5);
    let (mut given, mut left_out) = (0, 0);
    for _ in 0..400 {
        let inputs = 3 + choices.below(4) as usize;
        let policy = policy(&mut choices, inputs);
        let odds: Vec<u64> = (0..inputs).map(|_| numerator(&mut choices)).collect();
        let float = |&odds: &u64| Chance::new(odds as f64 / 2_f64.powi(BITS as i32));
        // Only what a `f64` holds is the chance that is meant.
        if odds.iter().any(|&odds| odds as f64 as u64 != odds) {
            continue;
        }
        let chances: Vec<Chance> = odds.iter().map(float).collect();
        let work = Work::new(Budget::default());
        let effect = Diagram::of(&policy, &work).unwrap().effect(&chances, &work).unwrap();
        let near = |found: f64, exact: f64| (found - exact).abs() <= 1e-9 * exact;
        let whole = number(&exact(&policy, &odds), inputs);
        assert!(near(effect.chance.yes.to_f64(), whole), "{policy:?} {odds:?}");
        let Some(birnbaum) = effect.birnbaum else {
            left_out += 1;
            continue;
        };
        for key in 0..inputs {
            let fixed = |chance: u64| {
                let mut odds = odds.clone();
                odds[key] = chance;
                exact(&policy, &odds)
            };
            let decides = number(&(fixed(ONE) - fixed(0)), inputs);
            let found = birnbaum[key].to_f64();
            assert!(near(found, decides), "{policy:?} {odds:?} {key}: {found} {decides}");
        }
        given += 1;
    }
    assert!(given > 100 && left_out > 10, "{given} given, {left_out} left out");
}

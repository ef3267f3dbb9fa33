//! Bounds on a probability, against trying all sets.

use super::super::policy::Gate;
use super::*;

#[test]
fn numbers_of_keys_bound_a_probability_from_both_sides() {
    // two of three accounts, two of three keys each, of five
    let gate = |children: &[usize]| Gate { threshold: 2, children: children.to_vec() };
    let gates = vec![gate(&[0, 1, 2]), gate(&[1, 2, 3]), gate(&[0, 3, 4]), gate(&[5, 6, 7])];
    let policy = Policy { inputs: 5, gates };
    for odds in [0.01, 0.3, 0.9] {
        let chances = vec![Chance::new(odds); 5];
        let held = |set: u32| (0..5).map(|key| set >> key & 1 == 1).collect::<Vec<bool>>();
        let weight = |set: u32| {
            let count = set.count_ones() as i32;
            odds.powi(count) * (1.0 - odds).powi(5 - count)
        };
        let truth: f64 = (0..32).filter(|&set| policy.value(&held(set))).map(weight).sum();
        let work = Work::new(Budget::default());
        let plan = Plan::new(policy.clone(), &work);
        let (fewest, against) =
            (signatures::fewest(&plan, &work), signatures::fewest(&plan.dual(), &work));
        let (low, high) = by_number(&chances, &fewest, &against, &work);
        assert!(low.to_f64() < truth && truth < high.to_f64(), "{low} {truth} {high}");
        // as tight as two keys that suffice, and one that is not enough
        assert!(low.to_f64() >= odds * odds * 0.999);
        assert!(high.to_f64() <= 1.0 - (1.0 - odds).powi(5) + 1e-9);
    }
}

/// A certificate that proves less than it could, and a set that is larger than need be: the bounds that rest
/// on them still hold the probability.
#[test]
fn an_unproved_number_bounds_no_more_than_it_proves() {
    let gate = |threshold, children: &[usize]| Gate { threshold, children: children.to_vec() };
    let policies = [
        vec![gate(2, &[0, 1, 2]), gate(2, &[1, 2, 3]), gate(2, &[0, 3, 4]), gate(2, &[5, 6, 7])],
        // one key alone, or three others together
        vec![gate(3, &[1, 2, 3]), gate(1, &[0, 5, 4])],
        vec![gate(1, &[0, 1]), gate(2, &[2, 3, 4]), gate(2, &[5, 6])],
    ];
    let held = |set: u32| (0..5).map(|key| set >> key & 1 == 1).collect::<Vec<bool>>();
    for gates in policies {
        let policy = Policy { inputs: 5, gates };
        let dual = policy.dual();
        for odds in [[0.3; 5], [0.9, 0.1, 0.2, 0.05, 0.6], [0.01, 0.99, 0.5, 0.4, 0.98]] {
            let chances: Vec<Chance> = odds.iter().map(|&odds| Chance::new(odds)).collect();
            let weight = |set: u32| {
                let one =
                    |key: usize| if set >> key & 1 == 1 { odds[key] } else { 1.0 - odds[key] };
                (0..5).map(one).product::<f64>()
            };
            let truth: f64 = (0..32).filter(|&set| policy.value(&held(set))).map(weight).sum();
            let certificates = |policy: &Policy| {
                let sets = (0..32_u32).filter(|&set| policy.value(&held(set)));
                let fewest = sets.clone().map(u32::count_ones).min().unwrap();
                let members =
                    |set: u32| (0..5).filter(|key| set >> key & 1 == 1).collect::<Vec<usize>>();
                let of = |set: u32| {
                    (0..=fewest).map(move |lower| Cheapest {
                        members: members(set),
                        cost: set.count_ones().into(),
                        lower: lower.into(),
                    })
                };
                sets.flat_map(of).collect::<Vec<Cheapest>>()
            };
            let work = Work::new(Budget::default());
            let others = certificates(&dual);
            for fewest in certificates(&policy) {
                for against in &others {
                    let (low, high) = by_number(&chances, &fewest, against, &work);
                    let (low, high) = (low.to_f64(), high.to_f64());
                    assert!(
                        low <= truth && truth <= high,
                        "{fewest:?} {against:?} {low} {truth} {high}"
                    );
                }
            }
        }
    }
}

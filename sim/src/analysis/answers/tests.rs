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

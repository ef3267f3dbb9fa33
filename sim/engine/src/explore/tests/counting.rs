//! The number of labelled states, counted without a search: all graphs of at most two levels that keep
//! the limits, each as often as its thresholds can be set. A search reaches every one of them where the
//! cap on signatures is out of reach.

use std::collections::BTreeMap;

use super::*;

/// Of some accounts, how many cosign for no account, for one, for two ... up to the limit.
type Load = Vec<u64>;

/// All sizes that a choice of at most `most` accounts has, none beyond its limit: in how many ways, and
/// what becomes of the load.
fn choices(load: &Load, most: u64) -> Vec<(u64, u64, Load)> {
    let binomial = |n: u64, k: u64| (0..k).fold(1, |ways, i| ways * (n - i) / (i + 1));
    let mut all = vec![(0, 1, load.clone())];
    for times in (0..load.len() - 1).rev() {
        let one_more = |(size, ways, load): (u64, u64, Load)| {
            let free = load[times];
            (0..=free.min(most - size)).map(move |chosen| {
                let mut load = load.clone();
                load[times] -= chosen;
                load[times + 1] += chosen;
                (size + chosen, ways * binomial(free, chosen), load)
            })
        };
        all = all.into_iter().flat_map(one_more).collect();
    }
    all
}

/// Labelled states of so many accounts: keys, multisig accounts over keys alone, and multisig accounts
/// over at least one of these. An account of `k` cosignatories has `k * k` pairs of thresholds.
fn labelled(accounts: u64, (most, cosigned, depth): (u32, u32, u32)) -> u64 {
    let factorial = |n: u64| (1..=n).product::<u64>();
    let mut sum = 0;
    for upper in 0..=if depth > 1 { accounts } else { 0 } {
        for lower in 0..=accounts - upper {
            let keys = accounts - upper - lower;
            let none = |count| [vec![count], vec![0; cosigned as usize]].concat();
            let names = factorial(accounts) / factorial(upper) / factorial(lower) / factorial(keys);
            let mut ways = BTreeMap::from([((none(keys), none(lower)), names)]);
            for account in 0..lower + upper {
                let mut next = BTreeMap::new();
                for ((keys, lower_load), before) in ways {
                    let nested = match account < lower {
                        true => vec![(0, 1, lower_load)],
                        false => choices(&lower_load, most.into()),
                    };
                    let valid = |&(size, _, _): &(u64, u64, Load)| account < lower || size > 0;
                    for (nested, nested_ways, lower_load) in nested.into_iter().filter(valid) {
                        for (size, key_ways, keys) in choices(&keys, u64::from(most) - nested) {
                            let size = size + nested;
                            *next.entry((keys, lower_load.clone())).or_default() +=
                                before * nested_ways * key_ways * size * size;
                        }
                    }
                }
                ways = next;
            }
            sum += ways.values().sum::<u64>();
        }
    }
    sum
}

#[test]
fn a_search_reaches_as_many_states_as_can_be_counted() {
    for (accounts, bounds) in [
        (3, (3, 3, 2)),
        (4, (3, 3, 2)),
        (5, (3, 3, 2)),
        (6, (3, 3, 2)),
        (6, (5, 1, 2)),
        (6, (2, 5, 1)),
        (9, (1, 1, 2)),
        (9, (2, 1, 1)),
        (9, (8, 1, 1)),
        (10, (1, 2, 1)),
        (10, (1, 1, 2)),
        (10, (9, 1, 1)),
    ] {
        let found = counts(&bounded(Base::Symbol, bounds), accounts as usize);
        assert_eq!(found.0, labelled(accounts, bounds), "{accounts} accounts, {bounds:?}");
    }
}

/// The figures of the largest searches, which take too long for a test.
#[test]
fn nine_and_ten_accounts_have_as_many_states_as_the_readme_says() {
    let counted = [7, 8, 9, 10].map(|accounts| labelled(accounts, (3, 3, 2)));
    assert_eq!(
        counted,
        [1_875_571_818, 297_362_203_377, 57_052_886_554_009, 13_657_550_481_275_431]
    );
}

/// Out of the start any account may take any of the others as cosignatories.
#[test]
fn all_first_modifications_are_counted() {
    for accounts in 2..=10 {
        let protocol = bounded(Base::Symbol, (accounts as u32 - 1, 1, 1));
        let mut found = Vec::new();
        let mut mover = moves::Mover::new(&protocol, accounts, Keys::All);
        mover.moves(symmetry::Skeleton::default(), &mut found);
        let counted: u64 = found.iter().map(|one| u64::from(one.multiplicity)).sum();
        assert_eq!(counted, accounts as u64 * ((1 << (accounts - 1)) - 1), "{accounts} accounts");
    }
}

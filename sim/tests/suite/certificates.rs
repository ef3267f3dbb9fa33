//! What an answer about keys claims, against exact arithmetic over all sets of keys: whatever it may cost,
//! each bound holds the exact value, and each number that is given without a bound is that value to nine
//! digits. Chances lie so near to 0 and 1 that their differences cancel in a `f64`.

use std::collections::BTreeMap;

use num_bigint::BigUint;
use proptest::collection::vec;
use proptest::prelude::*;
use quorate::account::AccountId;
use quorate::analysis::{
    Answers, Budget, DemandGate, Odds, Options, Power, Scaled, Side, Structure, View, answers,
    can_spend, demanded,
};
use quorate::protocol::Protocol;

/// Bits behind the point of the chances; all are multiples of 2^-BITS.
const BITS: u64 = 60;

/// A chance as its numerator over 2^BITS.
fn chances() -> impl Strategy<Value = u64> {
    let one = 1_u64 << BITS;
    prop_oneof![
        2 => Just(one / 2),
        2 => Just(one / 4),
        3 => (1..59_u32).prop_map(|shift| 1_u64 << shift),
        3 => (8..59_u32).prop_map(move |shift| one - (1 << shift)),
        1 => Just(0),
        1 => Just(one),
    ]
}

/// A tree of up to three levels, some of whose keys stand in two accounts.
fn trees() -> impl Strategy<Value = Structure> {
    let account = |most: usize| vec(0..most, 1..5);
    (vec(account(7), 1..4), vec((0..9_u32, 0..9_u32), 4), account(9)).prop_map(
        |(lower, thresholds, top)| {
            let threshold = |place: usize, count: usize| {
                let (approval, removal) = thresholds[place];
                (1 + approval % count as u32, 1 + removal % count as u32)
            };
            let mut entries = Vec::new();
            for (place, keys) in lower.iter().enumerate() {
                let mut below: Vec<String> = keys.iter().map(|key| format!("k{key}")).collect();
                below.sort();
                below.dedup();
                let (approval, removal) = threshold(place, below.len());
                entries.push((format!("m{place}"), approval, removal, below));
            }
            // The account on top has the lower ones, and some keys of its own.
            let mut below: Vec<String> = top.iter().map(|key| format!("k{key}")).collect();
            below.extend((0..lower.len()).map(|place| format!("m{place}")));
            below.sort();
            below.dedup();
            let (approval, removal) = threshold(3, below.len());
            entries.push(("top".to_owned(), approval, removal, below));
            Structure::new(entries, &Protocol::preset("symbol-mainnet").unwrap()).unwrap()
        },
    )
}

/// One side by trying all sets of keys: for each set whether it happens.
struct Table {
    keys: usize,
    happens: Vec<bool>,
}

impl Table {
    fn spend(structure: &Structure, keys: &[AccountId], target: AccountId, view: View) -> Self {
        let held = |set: usize| {
            let of = |bit: &usize| set >> bit & 1 == 1;
            (0..keys.len()).filter(of).map(|bit| keys[bit]).collect::<Vec<_>>()
        };
        let all = 0..1_usize << keys.len();
        let happens = all.map(|set| can_spend(structure, target, &held(set), view)).collect();
        Self { keys: keys.len(), happens }
    }

    /// Which sets lock where they are lost: those without which the others do not spend.
    fn lock(&self) -> Self {
        let all = self.happens.len() - 1;
        let happens = (0..=all).map(|lost| !self.happens[all & !lost]).collect();
        Self { keys: self.keys, happens }
    }

    fn minimal(&self) -> Vec<usize> {
        let is_minimal = |&set: &usize| {
            let mut without = (0..self.keys).filter(|bit| set >> bit & 1 == 1);
            self.happens[set] && without.all(|bit| !self.happens[set ^ 1 << bit])
        };
        (0..self.happens.len()).filter(is_minimal).collect()
    }

    /// The probability of the sets that are named, over 2^(BITS * keys).
    fn chance(&self, odds: &[u64], holds: impl Fn(usize) -> bool) -> BigUint {
        let one = 1_u64 << BITS;
        let weight = |set: usize| {
            let factor = |key: usize| if set >> key & 1 == 1 { odds[key] } else { one - odds[key] };
            (0..self.keys).fold(BigUint::from(1_u8), |all, key| all * factor(key))
        };
        (0..self.happens.len()).filter(|&set| holds(set)).map(weight).sum()
    }

    /// The same with one key surely in the set, or surely not, as a difference.
    fn birnbaum(&self, odds: &[u64], key: usize) -> BigUint {
        let fixed = |chance: u64| {
            let mut odds = odds.to_vec();
            odds[key] = chance;
            self.chance(&odds, |set| self.happens[set])
        };
        fixed(1 << BITS) - fixed(0)
    }
}

/// The numerator as a number; the first 64 bits are enough.
fn number(numerator: &BigUint, keys: usize) -> f64 {
    let shift = numerator.bits().saturating_sub(64);
    let top = (numerator >> shift).iter_u64_digits().next().unwrap_or(0);
    let exponent = shift as i64 - (BITS * keys as u64) as i64;
    // 2^exponent in two steps: it may lie below what one `f64` holds.
    let half = exponent / 2;
    top as f64 * 2_f64.powi(half as i32) * 2_f64.powi((exponent - half) as i32)
}

fn near(found: Scaled, exact: f64) -> bool {
    (found.to_f64() - exact).abs() <= 1e-9 * exact
}

/// Everything that one side claims.
fn check(side: &Side, table: &Table, names: &[String], odds: &[u64]) -> Result<(), TestCaseError> {
    let minimal = table.minimal();
    let named = |set: usize| {
        let of = |bit: &usize| set >> bit & 1 == 1;
        (0..table.keys).filter(of).map(|bit| names[bit].clone()).collect::<Vec<_>>()
    };
    let mut sets: Vec<Vec<String>> = minimal.iter().map(|&set| named(set)).collect();
    sets.sort_by_key(|set| (set.len(), set.clone()));
    prop_assert!(side.count.as_ref().is_none_or(|count| *count == sets.len().into()));
    prop_assert!(side.sets.as_ref().is_none_or(|list| *list == sets));
    let fewest = minimal.iter().map(|set| set.count_ones() as usize).min();
    if let Some(fewest) = fewest {
        let (lower, upper) = side.fewest.bounds();
        prop_assert!(lower <= fewest && fewest <= upper, "{lower} {fewest} {upper}");
        let bit = |key: &String| 1 << names.iter().position(|name| name == key).unwrap();
        let set = side.fewest.keys.iter().map(bit).fold(0_usize, |all, bit| all | bit);
        prop_assert!(table.happens[set] && set.count_ones() as usize == upper);
    }
    let singles: Vec<&String> = sets.iter().filter(|set| set.len() == 1).flatten().collect();
    prop_assert_eq!(side.singles.iter().collect::<Vec<_>>(), singles);
    let whole = table.chance(odds, |set| table.happens[set]);
    let exact = number(&whole, table.keys);
    let bounds = side.likelihood.unwrap();
    let (low, high) = (bounds.low.to_f64(), bounds.high.to_f64());
    prop_assert!(low <= exact * (1.0 + 1e-9), "{low} {exact}");
    prop_assert!(exact * (1.0 - 1e-9) <= high, "{exact} {high}");
    for entry in &side.importance {
        let key = names.iter().position(|name| *name == entry.key).unwrap();
        let birnbaum = table.birnbaum(odds, key);
        let exact = number(&birnbaum, table.keys);
        prop_assert!(near(entry.birnbaum, exact), "{}: {:?} {exact}", entry.key, entry.birnbaum);
        let gain = number(&(birnbaum * odds[key]), table.keys + 1);
        prop_assert!(near(entry.gain, gain), "{}: {:?} {gain}", entry.key, entry.gain);
        if let Some(share) = entry.fussell_vesely {
            let within =
                |set: usize| minimal.iter().any(|own| own >> key & 1 == 1 && own & set == *own);
            let complete = number(&table.chance(odds, within), table.keys);
            let exact = complete / number(&whole, table.keys);
            prop_assert!(near(share, exact), "{}: {share:?} {exact}", entry.key);
        }
    }
    Ok(())
}

fn of(found: &Answers, view: View) -> &Power {
    match view {
        View::Now => &found.now,
        View::Eventually => &found.eventually,
    }
}

/// Budgets so small that each method is cut short somewhere, and one that is enough for all.
fn budgets() -> impl Strategy<Value = u64> {
    prop_oneof![
        0..300_u64,
        300..3_000_u64,
        3_000..30_000_u64,
        30_000..1_000_000_u64,
        Just(50_000_000)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_claim_holds_the_exact_value(
        tree in trees(),
        compromise in vec(chances(), 9),
        loss in vec(chances(), 9),
        work in budgets(),
        list_max in prop_oneof![0..3_usize, Just(2_000)],
    ) {
        let target = tree.target("top").unwrap();
        let keys: Vec<AccountId> =
            tree.below(target).into_iter().filter(|&key| tree.is_key(key)).collect();
        let names: Vec<String> = keys.iter().map(|&key| tree.name(key).to_owned()).collect();
        let float = |numerator: u64| numerator as f64 / 2_f64.powi(BITS as i32);
        // What a `f64` holds of it is the chance that is meant.
        let whole = |numerator: u64| float(numerator) * 2_f64.powi(BITS as i32) == numerator as f64
            && (numerator as f64) as u64 == numerator;
        prop_assume!(compromise.iter().chain(&loss).all(|&chance| whole(chance)));
        let odds: BTreeMap<String, Odds> = names
            .iter()
            .enumerate()
            .map(|(place, name)| {
                let odds =
                    Odds { loss: Some(float(loss[place])), compromise: Some(float(compromise[place])) };
                (name.clone(), odds)
            })
            .collect();
        let budget = Budget { work, ..Budget::default() };
        let found = answers(&tree, target, &odds, &Options { budget, list_max, ..Options::default() });
        for view in [View::Now, View::Eventually] {
            let power = of(&found, view);
            let spend = Table::spend(&tree, &keys, target, view);
            check(&power.spend, &spend, &names, &compromise)?;
            check(&power.lock, &spend.lock(), &names, &loss)?;
            if work == 50_000_000 {
                for side in [&power.spend, &power.lock] {
                    prop_assert!(side.fewest.exact().is_some() && side.count.is_some());
                    prop_assert!(side.likelihood.unwrap().exact().is_some());
                }
            }
        }
    }
}

/// Gates over seven keys and the gates before them, each key and gate at most once in each; the last one,
/// which has all that are no member of another, is asked for.
fn gates() -> impl Strategy<Value = Vec<DemandGate>> {
    vec((vec(0..10_usize, 1..6), 0..6_usize), 1..5).prop_map(|drawn| {
        let (count, mut gates): (usize, Vec<DemandGate>) = (drawn.len(), Vec::new());
        for (place, (members, needed)) in drawn.into_iter().enumerate() {
            // 7, 8 and 9 are the gates made last.
            let of = |&member: &usize| match member {
                key @ 0..=6 => Some(key),
                gate => place.checked_sub(gate - 6).map(|gate| KEYS + gate),
            };
            let mut of: Vec<usize> = members.iter().filter_map(of).collect();
            of.push(place % KEYS);
            if place + 1 == count {
                let used = |gate: &usize| gates.iter().any(|other| other.of.contains(gate));
                of.extend((KEYS..KEYS + place).filter(|gate| !used(gate)));
            }
            of.sort_unstable();
            of.dedup();
            gates.push(DemandGate { needed: 1 + needed % of.len(), of });
        }
        gates
    })
}

const KEYS: usize = 7;

/// Whether a set of keys meets the last gate.
fn meets(gates: &[DemandGate], set: usize) -> bool {
    let mut values: Vec<bool> = (0..KEYS).map(|key| set >> key & 1 == 1).collect();
    for gate in gates {
        let met = gate.of.iter().filter(|&&member| values[member]).count() >= gate.needed;
        values.push(met);
    }
    values.last() == Some(&true)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    /// A list that is cut short holds the first sets of the whole one.
    #[test]
    fn the_first_sets_are_those_of_the_whole_list(
        gates in gates(),
        most in 1..40_usize,
        work in budgets(),
    ) {
        let minimal = |&set: &usize| {
            let mut without = (0..KEYS).filter(|key| set >> key & 1 == 1);
            meets(&gates, set) && without.all(|key| !meets(&gates, set ^ 1 << key))
        };
        let keys = |set: usize| (0..KEYS).filter(|key| set >> key & 1 == 1).collect::<Vec<_>>();
        let mut whole: Vec<Vec<usize>> = (0..1 << KEYS).filter(minimal).map(keys).collect();
        whole.sort_by_key(|set| (set.len(), set.clone()));
        let found = demanded(KEYS, &gates, most, Budget { work, ..Budget::default() });
        let fewest = whole[0].len();
        prop_assert!(found.count.as_ref().is_none_or(|count| *count == whole.len().into()));
        prop_assert!(found.fewest >= fewest && (!found.proved || found.fewest == fewest));
        let first = &whole[..most.min(whole.len())];
        if found.sets.len() > 1 || work == 50_000_000 {
            prop_assert!(found.proved);
            prop_assert_eq!(&found.sets[..], first);
        } else {
            // One set that is enough, as small as was found.
            let set = found.sets[0].iter().fold(0, |set, key| set | 1 << key);
            prop_assert!(meets(&gates, set) && found.sets[0].len() == found.fewest);
        }
    }
}

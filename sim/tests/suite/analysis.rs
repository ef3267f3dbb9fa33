//! The analysis agrees with the recorded answers of every structure in `data/analysis`.

use std::collections::BTreeMap;
use std::io::Read as _;

use proptest::prelude::*;
use quorate::account::AccountId;
use quorate::analysis::{
    Budget, Figures, Odds, Options, Structure, View, answers, can_spend, check_quorums,
};
use quorate::protocol::Protocol;
use serde_json::Value;

fn lines(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/analysis/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    flate2::read::GzDecoder::new(std::fs::File::open(path).unwrap())
        .read_to_string(&mut text)
        .unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn structure_of(line: &Value) -> (Structure, BTreeMap<String, Odds>) {
    let number = |value: &Value| value.as_u64().unwrap() as u32;
    let entries = line["accounts"].as_object().unwrap().iter().map(|(name, entry)| {
        let below = entry["cosignatories"].as_array().unwrap();
        let names = below.iter().map(|name| name.as_str().unwrap().to_owned()).collect();
        (name.clone(), number(&entry["min_approval"]), number(&entry["min_removal"]), names)
    });
    let target = line["target"].as_str().unwrap().to_owned();
    let missing = line["accounts"].get(&target).is_none().then(|| (target, 0, 0, Vec::new()));
    let protocol = Protocol::preset("symbol-mainnet").unwrap();
    let structure = Structure::new(entries.chain(missing), &protocol).unwrap();
    let odds = line["probabilities"].as_object().unwrap().iter().map(|(key, entry)| {
        let odds = Odds { loss: entry["loss"].as_f64(), compromise: entry["compromise"].as_f64() };
        (key.clone(), odds)
    });
    (structure, odds.collect())
}

/// The answers as programs read them.
fn figures(structure: &Structure, target: AccountId, odds: &BTreeMap<String, Odds>) -> Value {
    let found = answers(structure, target, odds, &Options::default());
    serde_json::to_value(Figures::from(&found)).unwrap()
}

/// Mantissa and decimal exponent of a number or a text like `3.9e-10922`.
fn decimal(value: &Value) -> (f64, i64) {
    let text =
        value.as_str().map_or_else(|| format!("{:e}", value.as_f64().unwrap()), str::to_owned);
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (mut mantissa, mut exponent): (f64, i64) =
        (mantissa.parse().unwrap(), exponent.parse().unwrap());
    while mantissa != 0.0 && mantissa < 1.0 {
        (mantissa, exponent) = (mantissa * 10.0, exponent - 1);
    }
    (mantissa, exponent)
}

fn agrees(expected: &Value, found: &Value, path: &str, wrong: &mut Vec<String>) {
    let same = match expected {
        Value::Object(fields) => {
            for (name, value) in fields.iter().filter(|(name, _)| *name != "eventual_by") {
                agrees(value, &found[name], &format!("{path}/{name}"), wrong);
            }
            true
        }
        _ if path.ends_with("_count") => {
            let digits = |value: &Value| value.to_string().trim_matches('"').to_owned();
            digits(expected) == digits(found)
        }
        Value::Number(_) | Value::String(_)
            if !path.ends_with("sha256") && (found.is_number() || found.is_string()) =>
        {
            let ((one, exponent), (other, other_exponent)) = (decimal(expected), decimal(found));
            let shift = (exponent - other_exponent) as i32;
            shift.abs() < 2 && (one * 10_f64.powi(shift) - other).abs() <= 1e-9 * other.abs()
        }
        _ => expected == found,
    };
    if !same {
        wrong.push(format!("{path}: {found} is not {expected}"));
    }
}

fn check(name: &str) {
    let mut wrong = Vec::new();
    for line in lines(name) {
        let (structure, odds) = structure_of(&line);
        let target = structure.target(line["target"].as_str().unwrap()).unwrap();
        let found = figures(&structure, target, &odds);
        agrees(&line["answers"], &found, line["id"].as_str().unwrap(), &mut wrong);
    }
    wrong.iter_mut().for_each(|line| line.truncate(300));
    assert!(
        wrong.is_empty(),
        "{} differences:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(20)].join("\n")
    );
}

#[test]
fn structures_agree() {
    check("structures");
}

#[test]
fn large_structures_agree() {
    check("large");
}

/// The structures of the table of figures: no recorded answers, but these are exact within the default
/// budget, and were proved before.
#[test]
fn hard_structures_are_proved_within_the_default_budget() {
    let fewest: BTreeMap<&str, (u64, u64)> = BTreeMap::from([
        ("B01", (2, 2)),
        ("B02", (9, 9)),
        ("B03", (13, 8)),
        ("B04", (8, 2)),
        ("B05", (10, 11)),
        ("B06", (8, 8)),
        ("B07", (8, 8)),
        ("B08", (24, 24)),
        ("B09", (27, 27)),
        ("B10", (169, 169)),
        ("B11", (22, 22)),
        ("B13", (8, 8)),
    ]);
    let mut seen = 0;
    for line in lines("hard") {
        let (structure, odds) = structure_of(&line);
        let target = structure.target(line["target"].as_str().unwrap()).unwrap();
        let found = figures(&structure, target, &odds);
        let id = line["id"].as_str().unwrap();
        let (sign, lose) = fewest[id];
        assert_eq!(found["min_signatures"], sign, "{id}");
        assert_eq!(found["min_losses_that_lock"], lose, "{id}");
        let exact = found["lockout_probability"].is_number();
        assert_eq!(exact || found["lockout_probability"].is_string(), id != "B11", "{id}");
        seen += 1;
    }
    assert_eq!(seen, fewest.len());
}

/// A regular tree in which so many keys of each bottom account stand in a second one, too.
fn tree(widths: &[usize], thresholds: &[usize], shared: &[(usize, usize)]) -> Structure {
    let mut entries = Vec::new();
    let mut open = vec![("m".to_owned(), 0)];
    let mut bottom = Vec::new();
    while let Some((name, level)) = open.pop() {
        let below: Vec<String> = (0..widths[level]).map(|child| format!("{name}{child}")).collect();
        match level + 1 < widths.len() {
            true => open.extend(below.iter().map(|child| (child.clone(), level + 1))),
            false => bottom.push(entries.len()),
        }
        entries.push((name, thresholds[level] as u32, 1, below));
    }
    for (place, &(one, other)) in shared.iter().enumerate() {
        let last = widths[widths.len() - 1];
        let (one, other) = (one % bottom.len(), other % bottom.len());
        for account in [one, other] {
            let below: &mut Vec<String> = &mut entries[bottom[account]].3;
            let key = format!("shared{place}");
            if !below.contains(&key) {
                below[place % last] = key;
            }
        }
    }
    Structure::new(entries, &Protocol::preset("symbol-mainnet").unwrap()).unwrap()
}

fn trees() -> impl Strategy<Value = Structure> {
    let level = || (2..4_usize).prop_flat_map(|width| (Just(width), 1..=width));
    let shared = proptest::collection::vec((0..9_usize, 0..9_usize), 0..10);
    (proptest::collection::vec(level(), 2..4), shared).prop_map(|(levels, shared)| {
        let (widths, thresholds): (Vec<usize>, Vec<usize>) = levels.into_iter().unzip();
        tree(&widths, &thresholds, &shared)
    })
}

/// Everything by trying all sets of keys: probability, number of minimal sets, fewest keys.
fn by_trying(structure: &Structure, target: AccountId, view: View, odds: f64) -> (f64, u64, usize) {
    let keys: Vec<AccountId> =
        structure.below(target).into_iter().filter(|&key| structure.is_key(key)).collect();
    let spends: Vec<bool> = (0..1_usize << keys.len())
        .map(|set| {
            let held: Vec<AccountId> =
                (0..keys.len()).filter(|bit| set >> bit & 1 == 1).map(|bit| keys[bit]).collect();
            can_spend(structure, target, &held, view)
        })
        .collect();
    let size = |set: usize| set.count_ones() as i32;
    let all = keys.len() as i32;
    let minimal = |&set: &usize| {
        spends[set] && (0..keys.len()).all(|bit| set >> bit & 1 == 0 || !spends[set ^ 1 << bit])
    };
    let sets = (0..spends.len()).filter(|&set| spends[set]);
    let chance = sets.clone().map(|set| odds.powi(size(set)) * (1.0 - odds).powi(all - size(set)));
    let fewest = sets.map(|set| size(set) as usize).min().unwrap();
    (chance.sum(), (0..spends.len()).filter(minimal).count() as u64, fewest)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    /// Whatever an answer may cost, what it says is true: exact numbers are the exact ones, and intervals
    /// hold them.
    #[test]
    fn any_budget_gives_true_answers(tree in trees(), work in prop::sample::select(
        vec![0, 1_000, 10_000, 50_000, 200_000, 1_000_000, 50_000_000])
    ) {
        let target = tree.target("m").unwrap();
        let keys: Vec<AccountId> =
            tree.below(target).into_iter().filter(|&key| tree.is_key(key)).collect();
        prop_assume!(keys.len() <= 16);
        let chance = Odds { loss: Some(0.2), compromise: Some(0.2) };
        let odds = keys.iter().map(|&key| (tree.name(key).to_owned(), chance)).collect();
        let budget = Budget { work, ..Budget::default() };
        let found = answers(&tree, target, &odds, &Options { budget, ..Options::default() });
        for (power, view) in [(&found.now, View::Now), (&found.eventually, View::Eventually)] {
            let (theft, sets, fewest) = by_trying(&tree, target, view, 0.2);
            let side = &power.spend;
            prop_assert!(side.fewest.lower <= fewest && fewest <= side.fewest.keys.len());
            let ids: Vec<AccountId> =
                side.fewest.keys.iter().map(|key| tree.target(key).unwrap()).collect();
            prop_assert!(can_spend(&tree, target, &ids, view));
            prop_assert!(side.count.as_ref().is_none_or(|count| *count == sets.into()));
            let listed = side.sets.as_ref().map(|list| list.len() as u64);
            prop_assert!(listed.is_none_or(|listed| listed == sets));
            let bounds = side.likelihood.unwrap();
            let (low, high) = (bounds.low.to_f64(), bounds.high.to_f64());
            prop_assert!(low <= theft * (1.0 + 1e-9) && theft * (1.0 - 1e-9) <= high);
            if work == 50_000_000 {
                prop_assert_eq!(side.fewest.exact(), Some(fewest));
                prop_assert_eq!(listed, Some(sets));
                prop_assert!(bounds.exact().is_some());
            }
            let check = |expected: &[Vec<String>]| {
                check_quorums(&tree, target, view, expected, 10_000, &budget).0
            };
            if let Some(list) = &side.sets {
                prop_assert!(check(list) != Some(false));
                prop_assert!(check(&list[1..]) != Some(true));
            }
        }
    }
}

/// Trees of every size that Symbol allows in two levels, and small ones of three, up to 60 shared keys.
fn wide_trees() -> impl Strategy<Value = Structure> {
    let level = |most: usize| (2..=most).prop_flat_map(|width| (Just(width), 1..=width));
    let two = proptest::collection::vec(level(25), 2);
    let three = proptest::collection::vec(level(6), 3);
    let shared = proptest::collection::vec((0..625_usize, 0..625_usize), 0..=60);
    (prop_oneof![two, three], shared).prop_map(|(levels, shared)| {
        let (widths, thresholds): (Vec<usize>, Vec<usize>) = levels.into_iter().unzip();
        tree(&widths, &thresholds, &shared)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    /// The work of an answer, which is the same on every machine, ends with its budget: no phase adds a
    /// budget of its own. What each account and key costs once, to look at, comes on top.
    #[test]
    fn the_work_of_an_answer_stays_within_its_budget(
        tree in wide_trees(),
        work in prop::sample::select(vec![100_000_u64, 1_000_000, 10_000_000]),
    ) {
        let target = tree.target("m").unwrap();
        let below = tree.below(target);
        let edges: usize = below.iter().map(|&account| tree.cosignatories(account).len()).sum();
        let chance = Odds { loss: Some(0.1), compromise: Some(0.02) };
        let odds = below.iter().map(|&key| (tree.name(key).to_owned(), chance)).collect();
        let budget = Budget { work, ..Budget::default() };
        let found = answers(&tree, target, &odds, &Options { budget, ..Options::default() });
        let most = work + 5_000 * edges as u64;
        prop_assert!(found.work <= most, "{} of {most} units for {edges} links", found.work);
        for power in [&found.now, &found.eventually] {
            for side in [&power.spend, &power.lock] {
                let (lower, upper) = side.fewest.bounds();
                prop_assert!(lower <= upper);
                prop_assert!(side.likelihood.is_some_and(|one| one.low <= one.high));
            }
        }
    }
}

#[test]
fn what_was_brought_is_answered_within_the_default_budget() {
    for name in ["10x10-2-shared", "5x5x5-6-shared", "slow-25x5-13.3-6-2"] {
        let path = format!("{}/tests/data/field/{name}.json", env!("CARGO_MANIFEST_DIR"));
        let mut line: Value =
            serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
        let top = if line["accounts"].get("top").is_some() { "top" } else { "m0" };
        line["target"] = top.into();
        if line.get("probabilities").is_none() {
            line["probabilities"] = serde_json::json!({});
        }
        let (structure, odds) = structure_of(&line);
        let target = structure.target(top).unwrap();
        let found = answers(&structure, target, &odds, &Options::default());
        for power in [&found.now, &found.eventually] {
            for side in [&power.spend, &power.lock] {
                assert!(side.fewest.exact().is_some(), "{name}");
                assert!(side.count.is_some() && !side.unlisted, "{name}");
                assert!(side.likelihood.is_none_or(|one| one.exact().is_some()), "{name}");
            }
        }
    }
}

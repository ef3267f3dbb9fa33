//! Groups of keys: the answers over groups against every set of groups, and what is said about them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use proptest::prelude::*;
use quorate::account::AccountId;
use quorate::analysis::{
    Group, GroupAnswers, Odds, Options, Side, Structure, View, answers, can_spend, group_answers,
};
use quorate::protocol::Protocol;
use serde_json::{Value, json};

const KEYS: usize = 6;

/// What is asked: a tree over keys `k0` to `k5`, groups of them by bits, a lost key, and which of the keys
/// and groups have a probability.
#[derive(Clone, Debug)]
struct Case {
    nis1: bool,
    /// Min approval, min removal (1 to the number of cosignatories by remainder), keys by bits.
    rows: Vec<(u32, u32, u8)>,
    groups: Vec<u8>,
    lost: Option<usize>,
    own: u8,
    of_groups: u8,
}

fn cases() -> impl Strategy<Value = Case> {
    let row = || (0..6_u32, 0..6_u32, 1..64_u8);
    let rows = proptest::collection::vec(row(), 1..4);
    let groups = proptest::collection::vec(1..64_u8, 1..4);
    let lost = prop_oneof![3 => Just(None), 1 => (0..KEYS).prop_map(Some)];
    (any::<bool>(), rows, groups, lost, any::<u8>(), any::<u8>()).prop_map(
        |(nis1, rows, groups, lost, own, of_groups)| Case {
            nis1,
            rows,
            groups,
            lost,
            own,
            of_groups,
        },
    )
}

fn keys(bits: u8) -> Vec<String> {
    (0..KEYS).filter(|key| bits >> key & 1 == 1).map(|key| format!("k{key}")).collect()
}

impl Case {
    /// `top` over all other rows and the keys of the first one; on NIS1 the first row alone.
    fn structure(&self) -> Structure {
        let preset = if self.nis1 { "nis1" } else { "symbol-mainnet" };
        let protocol = Protocol::preset(preset).unwrap();
        let rows = if self.nis1 { &self.rows[..1] } else { &self.rows };
        let entry = |(at, &(approval, removal, bits)): (usize, &(u32, u32, u8))| {
            let mut below = keys(bits);
            if at == 0 {
                below.extend((1..rows.len()).map(|row| format!("m{row}")));
            }
            let count = below.len() as u32;
            let approval = approval % count + 1;
            let removal = if self.nis1 { approval } else { removal % count + 1 };
            (format!("m{at}"), approval, removal, below)
        };
        let mut structure = Structure::new(rows.iter().enumerate().map(entry), &protocol).unwrap();
        let lost = self.lost.and_then(|key| structure.target(&format!("k{key}")));
        lost.into_iter().for_each(|key| structure.lose(key));
        structure
    }

    fn groups(&self) -> Vec<Group> {
        let group = |(at, &bits): (usize, &u8)| Group { name: format!("g{at}"), keys: keys(bits) };
        self.groups.iter().enumerate().map(group).collect()
    }

    /// Probabilities that tell keys, groups, loss and theft apart.
    fn odds(&self) -> BTreeMap<String, Odds> {
        let odds = |loss: f64| Odds { loss: Some(loss), compromise: Some(loss / 2.0) };
        let own = (0..KEYS).filter(|key| self.own >> key & 1 == 1);
        let own = own.map(|key| (format!("k{key}"), odds(0.1 + 0.07 * key as f64)));
        let groups = (0..self.groups.len()).filter(|group| self.of_groups >> group & 1 == 1);
        own.chain(groups.map(|group| (format!("g{group}"), odds(0.2 + 0.09 * group as f64))))
            .collect()
    }
}

/// The groups and the keys in no group, in the order of their names, each with its keys.
fn units(
    structure: &Structure,
    target: AccountId,
    groups: &[Group],
) -> Vec<(String, Vec<AccountId>)> {
    let left = |id: AccountId| structure.is_key(id) && !structure.is_lost(id);
    let below: Vec<AccountId> =
        structure.below(target).into_iter().filter(|&id| left(id)).collect();
    let mut units: Vec<(String, Vec<AccountId>)> = Vec::new();
    for group in groups {
        let ids = group.keys.iter().filter_map(|key| structure.target(key));
        let ids: Vec<AccountId> = ids.filter(|id| below.contains(id)).collect();
        if !ids.is_empty() {
            units.push((group.name.clone(), ids));
        }
    }
    let grouped: BTreeSet<AccountId> = units.iter().flat_map(|unit| unit.1.clone()).collect();
    for &key in below.iter().filter(|&key| !grouped.contains(key)) {
        units.push((structure.name(key).to_owned(), vec![key]));
    }
    units.sort();
    units
}

/// All minimal sets of units for which `does` holds, smallest first.
fn minimal(
    units: &[(String, Vec<AccountId>)],
    does: impl Fn(&BTreeSet<AccountId>) -> bool,
) -> Vec<Vec<String>> {
    let keys = |set: usize| -> BTreeSet<AccountId> {
        let inside = units.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
        inside.flat_map(|(_, unit)| unit.1.clone()).collect()
    };
    let holds: Vec<bool> = (0..1 << units.len()).map(|set| does(&keys(set))).collect();
    let is_minimal = |&set: &usize| {
        holds[set] && (0..units.len()).all(|at| set >> at & 1 == 0 || !holds[set ^ 1 << at])
    };
    let names = |set: usize| -> Vec<String> {
        (0..units.len()).filter(|at| set >> at & 1 == 1).map(|at| units[at].0.clone()).collect()
    };
    let mut sets: Vec<Vec<String>> = (0..holds.len()).filter(is_minimal).map(names).collect();
    sets.sort_by_key(|set| (set.len(), set.clone()));
    sets
}

/// The probability that `does` holds of the keys that fall: every key by itself, every group at once.
fn probability(
    structure: &Structure,
    units: &[(String, Vec<AccountId>)],
    chance: impl Fn(&str) -> Option<f64>,
    not_known: f64,
    does: impl Fn(&BTreeSet<AccountId>) -> bool,
) -> f64 {
    let keys: BTreeSet<AccountId> = units.iter().flat_map(|unit| unit.1.clone()).collect();
    let mut events: BTreeMap<String, (f64, Vec<AccountId>)> = BTreeMap::new();
    for (name, ids) in units {
        if let Some(chance) = chance(name) {
            events.insert(name.clone(), (chance, ids.clone()));
        }
    }
    for &key in &keys {
        let name = structure.name(key);
        if let Some(chance) = chance(name) {
            events.insert(name.to_owned(), (chance, vec![key]));
        }
    }
    let covered: BTreeSet<AccountId> = events.values().flat_map(|event| event.1.clone()).collect();
    for &key in keys.difference(&covered) {
        events.insert(structure.name(key).to_owned(), (not_known, vec![key]));
    }
    let events: Vec<_> = events.into_values().collect();
    let mut sum = 0.0;
    for set in 0..1_u32 << events.len() {
        let (mut weight, mut fallen) = (1.0, BTreeSet::new());
        for (at, (chance, ids)) in events.iter().enumerate() {
            match set >> at & 1 == 1 {
                true => {
                    weight *= chance;
                    fallen.extend(ids.iter().copied());
                }
                false => weight *= 1.0 - chance,
            }
        }
        sum += if does(&fallen) { weight } else { 0.0 };
    }
    sum
}

type Chance = fn(&Odds) -> Option<f64>;

/// Whether each key, or a group of it, has a probability.
fn all_known(
    structure: &Structure,
    units: &[(String, Vec<AccountId>)],
    odds: &BTreeMap<String, Odds>,
    of: Chance,
) -> bool {
    let known = |name: &str| odds.get(name).and_then(of).is_some();
    let with = |key: &AccountId| units.iter().any(|(name, keys)| keys.contains(key) && known(name));
    let mut keys = units.iter().flat_map(|unit| &unit.1);
    keys.all(|key| known(structure.name(*key)) || with(key))
}

fn check(case: &Case) -> Result<(), TestCaseError> {
    let (structure, groups, odds) = (case.structure(), case.groups(), case.odds());
    let target = structure.target("m0").unwrap();
    let options = Options::default();
    let known = answers(&structure, target, &odds, &options);
    let units = units(&structure, target, &groups);
    let found = group_answers(&structure, target, &groups, &odds, &known, &options);
    let Some(GroupAnswers { answers: found, alone, in_several, groups: shown }) = found else {
        prop_assert!(units.iter().all(|unit| !unit.0.starts_with('g')));
        return Ok(());
    };
    prop_assert_eq!(found.keys, units.len());
    prop_assert_eq!(shown.len() + alone.len(), units.len());
    let all: BTreeSet<AccountId> = units.iter().flat_map(|unit| unit.1.clone()).collect();
    for key in &all {
        let count = units.iter().filter(|unit| unit.1.contains(key)).count();
        let told = in_several.iter().find(|one| one.name == structure.name(*key));
        prop_assert_eq!(told.map_or(1, |one| one.keys.len()), count);
    }
    for (view, power) in [(View::Now, &found.now), (View::Eventually, &found.eventually)] {
        let spend = |keys: &BTreeSet<AccountId>| {
            can_spend(&structure, target, &keys.iter().copied().collect::<Vec<_>>(), view)
        };
        let lock = |keys: &BTreeSet<AccountId>| !spend(&all.difference(keys).copied().collect());
        let (spending, locking) = (minimal(&units, spend), minimal(&units, lock));
        prop_assert_eq!(power.locked, spending.is_empty());
        let survived = |losses: &[Vec<String>]| losses.first().map_or(units.len(), Vec::len);
        let same = |side: &Side, sets: &[Vec<String>]| {
            let singles: Vec<String> =
                sets.iter().filter(|set| set.len() == 1).map(|set| set[0].clone()).collect();
            prop_assert_eq!(side.sets.as_deref(), Some(sets));
            prop_assert_eq!(&side.singles, &singles);
            prop_assert_eq!(side.fewest.exact(), Some(sets.first().map_or(0, Vec::len)));
            Ok(())
        };
        same(&power.spend, &spending)?;
        same(&power.lock, &locking)?;
        prop_assert!(power.locked || survived(&locking) > 0);
        // the fewest units that spend when everything else is gone
        let left = (0..1_usize << units.len()).filter(|set| {
            let gone = units.iter().enumerate().filter(|(at, _)| set >> at & 1 == 0);
            !lock(&gone.flat_map(|(_, unit)| unit.1.clone()).collect())
        });
        let left = left.map(|set| set.count_ones() as usize).min();
        prop_assert_eq!(power.left.exact().filter(|_| !power.locked), left);
        let (of_theft, of_loss): (Chance, Chance) = (|odds| odds.compromise, |odds| odds.loss);
        for (side, of, does) in [
            (&power.spend, of_theft, &spend as &dyn Fn(&BTreeSet<AccountId>) -> bool),
            (&power.lock, of_loss, &lock),
        ] {
            let truth = |not_known: f64| {
                let chance = |name: &str| odds.get(name).and_then(of);
                probability(&structure, &units, chance, not_known, does)
            };
            let (least, most) = (truth(0.0), truth(1.0));
            // told exactly where no key counts of which nothing is known
            let value = side.likelihood.map(|one| one.exact().unwrap().to_f64());
            match value {
                Some(value) => prop_assert!(
                    (value - least).abs() <= 1e-9 * least && (value - most).abs() <= 1e-9 * most,
                    "{} is not {} and {}",
                    value,
                    least,
                    most
                ),
                None => prop_assert!(!all_known(&structure, &units, &odds, of)),
            }
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, ..ProptestConfig::default() })]

    /// Over groups everything is what trying all sets of groups gives, shared and lost keys and keys in
    /// several groups included.
    #[test]
    fn answers_over_groups_are_those_of_all_sets_of_groups(case in cases()) {
        check(&case)?;
    }
}

fn run(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn tree(more: &str) -> String {
    format!(
        r#"{{"format":"account-tree","accounts":{{
  "top":{{"min_approval":2,"min_removal":2,"cosignatories":["a","b","c","desk"]}},
  "desk":{{"min_approval":1,"min_removal":1,"cosignatories":["c","d"]}}}},
 {more}}}"#
    )
}

#[test]
fn groups_that_are_none_are_refused_with_their_place() {
    let folder = tempfile::tempdir().unwrap();
    for (groups, line) in [
        (r#"{"x":[]}"#, "4:12: group `x` has no keys; expected at least one"),
        (
            r#"{"x":["a","nobody"]}"#,
            "4:21: group `x` names `nobody`; expected a key of one of the accounts",
        ),
        (
            r#"{"x":["a","desk"]}"#,
            "4:21: group `x` names `desk`, a multisig account, which has no key that signs; \
             expected keys",
        ),
        (r#"{"x":["a","a"]}"#, "4:17: group `x` names `a` twice; expected each key once"),
        (
            r#"{"desk":["a"]}"#,
            "4:12: group `desk` has the name of an account; expected a name that no account and \
             no key has",
        ),
        (r#"{"x":["a"],"x":["b"]}"#, "4:31: duplicate name `x`; expected it once"),
        (r#"{"":["a"]}"#, "4:12: group `` has an empty name; expected at least one character"),
        (r#"{"x":"a"}"#, "4:18: invalid type: string \"a\"; expected a list"),
    ] {
        std::fs::write(folder.path().join("t.json"), tree(&format!(r#""groups":{groups}"#)))
            .unwrap();
        for command in [
            &["analyze", "t.json"][..],
            &["plan", "t.json", "t.json"],
            &["explain", "--state", "t.json", "t.json"],
        ] {
            let output = run(command, folder.path());
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{error}");
            assert_eq!(error, format!("error: t.json:{line}\n"));
        }
    }
}

#[test]
fn lost_and_stolen_may_name_a_group() {
    let folder = tempfile::tempdir().unwrap();
    let more = r#""groups":{"bag":["a","b"]},"stolen":["bag"],"lost":["bag","d"],
        "probabilities":{"bag":{"loss":0.5}}"#;
    std::fs::write(folder.path().join("t.json"), tree(more)).unwrap();
    let arguments = ["analyze", "t.json", "--account", "top", "--format", "json"];
    let found: Value = serde_json::from_slice(&run(&arguments, folder.path()).stdout).unwrap();
    assert_eq!(found[0]["lost"], json!(["a", "b", "d"]));
    assert_eq!(found[0]["thief_spends"], json!({"now": true, "eventually": true}));
    // what is lost is no group any more
    assert!(found[0]["answers"].get("groups").is_none(), "{found}");
}

#[test]
fn a_tree_without_groups_says_nothing_of_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("t.json"), tree(r#""lost":[]"#)).unwrap();
    let output = run(&["analyze", "t.json", "--format", "json"], folder.path());
    assert!(!String::from_utf8(output.stdout).unwrap().contains("group"));
}

/// An account tree with one account of these thresholds over keys `a` to `d`, `a` and `b` on one phone.
fn phone(thresholds: u32, keys: &[&str]) -> String {
    let of = |key: &&str| (key.to_string(), json!({"loss": 0.01, "compromise": 0.01}));
    let mut odds: serde_json::Map<String, Value> = keys.iter().map(of).collect();
    odds.insert("phone".to_owned(), json!({"loss": 0.1, "compromise": 0.2}));
    json!({
        "format": "account-tree", "protocol": "symbol-mainnet", "groups": {"phone": ["a", "b"]},
        "accounts": {"x": {
            "min_approval": thresholds, "min_removal": thresholds, "cosignatories": keys,
        }},
        "probabilities": odds,
    })
    .to_string()
}

#[test]
fn a_comparison_over_groups_has_the_figures_of_both_files() {
    let folder = tempfile::tempdir().unwrap();
    let names = ["one.json", "two.json", "three.json", "wide.json"];
    let texts = [(1, 3), (2, 3), (3, 3), (3, 4)];
    for (name, (thresholds, keys)) in names.into_iter().zip(texts) {
        let text = phone(thresholds, &["a", "b", "c", "d"][..keys]);
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let json = |arguments: &[&str]| -> Value {
        let output = run(&[arguments, &["--format", "json"]].concat(), folder.path());
        serde_json::from_slice(&output.stdout).unwrap()
    };
    let mut differ = 0;
    for (old, new) in names.into_iter().flat_map(|old| names.map(|new| (old, new))) {
        if old == new {
            continue;
        }
        let found = json(&["analyze", old, "--against", new]);
        let [before, after] = [old, new].map(|name| json(&["analyze", name])[0]["answers"].take());
        for (view, prefix) in [("now", ""), ("eventually", "eventual_")] {
            for field in [
                "min_signatures",
                "min_losses_that_lock",
                "single_points_of_theft",
                "single_points_of_failure",
                "lockout_probability",
                "theft_probability",
            ] {
                let own = |answers: &Value| answers["groups"][format!("{prefix}{field}")].clone();
                let expected = json!({"old": own(&before), "new": own(&after)});
                assert_eq!(found[0]["groups"][view][field], expected, "{old} {new} {view} {field}");
                differ += usize::from(own(&before) != own(&after));
            }
        }
    }
    assert!(differ > 60, "{differ}");
    let text = run(&["analyze", "two.json", "--against", "three.json"], folder.path());
    let text = String::from_utf8(text.stdout).unwrap();
    let rows: Vec<String> =
        text.lines().map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect();
    assert!(rows.iter().any(|row| row == "groups that alone spend, now phone none"), "{text}");
    assert!(rows.iter().any(|row| row == "fewest groups that spend, now 1 2"), "{text}");
}

#[test]
fn a_plan_takes_the_name_of_a_group_for_its_keys_and_a_page_marks_them() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("old.json"), phone(2, &["a", "b", "c", "d"])).unwrap();
    std::fs::write(folder.path().join("new.json"), phone(1, &["a", "b", "c"])).unwrap();
    let plan = |keys: &str, how: &str| -> Value {
        let arguments = ["plan", "old.json", "new.json", how, keys, "--format", "json"];
        serde_json::from_slice(&run(&arguments, folder.path()).stdout).unwrap()
    };
    for how in ["--lost", "--stolen"] {
        let group = plan("phone", how);
        assert_eq!(group, plan("a,b", how));
        assert_eq!(group["transactions"][0]["signers"], json!(["c", "d"]), "{group}");
    }
    assert!(
        run(&["plan", "old.json", "new.json", "--lost", "tablet"], folder.path()).status.code()
            == Some(2)
    );
    // what happens to the phone is not left out of any probability that is shown
    let text = run(&["analyze", "old.json", "--html", "page.html"], folder.path()).stdout;
    let text = String::from_utf8(text).unwrap();
    assert_eq!(text.matches("probability of theft").count(), 1, "{text}");
    assert!(text.find("Over groups of keys") < text.find("probability of theft"), "{text}");
    let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert_eq!(page.matches(">group phone</text>").count(), 2);
}

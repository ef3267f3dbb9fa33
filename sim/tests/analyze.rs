//! `quorate analyze`: the recorded answers through the binary, every document, and every way replayed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test stops where its data is not what it should be"
)]

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proptest::prelude::*;
use quorate::account::AccountId;
use quorate::analysis::{Structure, View, can_spend, ladder};
use quorate::ledger::Ledger;
use quorate::protocol::Protocol;
use serde_json::Value;

fn data(folder: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data").join(folder)
}

fn quorate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quorate")).args(arguments).output().unwrap()
}

fn analyze(path: &Path, more: &[&str]) -> Value {
    let path = path.display().to_string();
    let output = quorate(&[&["analyze", &path, "--format", "json"], more].concat());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn recorded_structures_are_answered_line_by_line() {
    let path = data("analysis/structures.jsonl.gz");
    let found = analyze(&path, &[]);
    let mut text = String::new();
    let file = std::fs::File::open(path).unwrap();
    flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(found.as_array().unwrap().len(), lines.len());
    for (expected, found) in lines.iter().zip(found.as_array().unwrap()) {
        assert_eq!(found["id"], expected["id"]);
        assert_eq!(found["account"], expected["target"]);
        for (name, value) in expected["answers"].as_object().unwrap() {
            let exact =
                name.ends_with("_sha256") || name.contains("points_of") || name.contains("min_");
            if exact {
                assert_eq!(found["answers"][name], *value, "{} {name}", expected["id"]);
            }
        }
        takeover_is_told(found);
    }
}

/// Where fewer keys spend in the end, a takeover is named and its scenario is there.
fn takeover_is_told(found: &Value) {
    let answers = &found["answers"];
    let (now, eventually) = (&answers["min_signatures"], &answers["eventual_min_signatures"]);
    let fewer = eventually.as_u64() < now.as_u64();
    let told = found["ways"].as_array().unwrap().iter().any(|way| way["name"] == "takeover");
    assert_eq!(told, fewer, "{found}");
}

#[test]
fn every_way_is_a_scenario_that_replays() {
    let folder = tempfile::tempdir().unwrap();
    let found = analyze(&data("analysis/structures.jsonl.gz"), &[]);
    let mut ways = 0;
    for account in found.as_array().unwrap() {
        for way in account["ways"].as_array().unwrap() {
            let name = format!(
                "{}-{}.json",
                account["id"].as_str().unwrap(),
                way["name"].as_str().unwrap()
            );
            std::fs::write(folder.path().join(name), way["scenario"].to_string()).unwrap();
            ways += 1;
        }
    }
    assert!(ways > 50, "{ways} ways");
    let output = quorate(&["replay", &folder.path().display().to_string()]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn every_document_is_read_by_every_name() {
    for entry in std::fs::read_dir(data("graphs")).unwrap() {
        let path = entry.unwrap().path();
        let found = analyze(&path, &[]);
        let mut text = String::new();
        let file = std::fs::File::open(&path).unwrap();
        flate2::read::GzDecoder::new(file).read_to_string(&mut text).unwrap();
        let document: Value = serde_json::from_str(&text).unwrap();
        for account in found.as_array().unwrap() {
            let label = account["account"].as_str().unwrap();
            let Some(names) = document["labels"].get(label) else { continue };
            for field in ["address", "address_hex"] {
                let word = names[field].as_str().unwrap();
                let again = analyze(&path, &["--account", word]);
                assert_eq!(again[0], *account, "{} {word}", path.display());
            }
        }
    }
}

#[test]
fn nobody_sees_half_a_way() {
    let folder = tempfile::tempdir().unwrap();
    let ways = folder.path().join("ways");
    let tree = folder.path().join("tree.json");
    let text = r#"{"format":"account-tree","accounts":{"a/b":{"min_approval":2,"min_removal":1,
        "cosignatories":["one","two"]}}}"#;
    std::fs::write(&tree, text).unwrap();
    let path = ways.display().to_string();
    let output = quorate(&["analyze", &tree.display().to_string(), "--save", &path]);
    assert!(output.status.success());
    let names = std::fs::read_dir(&ways).unwrap().map(|entry| entry.unwrap().file_name());
    let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
    names.sort();
    assert_eq!(names, ["a-b-recovery.json", "a-b-takeover.json"]);
    assert!(quorate(&["replay", &path]).status.success());
}

#[test]
fn lost_keys_are_gone_and_stolen_keys_spend() {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree.json");
    let analysed = |lost: &str, stolen: &str| {
        let text = format!(
            r#"{{"format":"account-tree","lost":{lost},"stolen":{stolen},"accounts":{{"x":
            {{"min_approval":3,"min_removal":2,"cosignatories":["a","b","c"]}}}}}}"#
        );
        std::fs::write(&tree, text).unwrap();
        analyze(&tree, &[])[0].clone()
    };
    let one = analysed(r#"["a"]"#, "[]");
    assert_eq!(one["locked"], serde_json::json!({"now": true, "eventually": false}));
    assert_eq!(one["answers"]["min_signatures"], Value::Null);
    assert_eq!(one["answers"]["min_cut_sets"], serde_json::json!([[]]));
    assert_eq!(one["answers"]["eventual_min_signatures"], 2);
    assert_eq!(one["answers"]["eventual_single_points_of_failure"], serde_json::json!(["b", "c"]));
    assert_eq!(one["ways"][0]["name"], "recovery");
    let two = analysed(r#"["a","b"]"#, r#"["a","b"]"#);
    assert_eq!(two["locked"], serde_json::json!({"now": true, "eventually": true}));
    assert_eq!(two["thief_spends"], serde_json::json!({"now": false, "eventually": true}));
}

/// A structure of up to three levels over eight keys that several accounts may share.
fn trees() -> impl Strategy<Value = Vec<(String, u32, u32, Vec<String>)>> {
    let below = |names: Vec<String>| {
        let most = names.len().min(4);
        (proptest::sample::subsequence(names, 1..=most), 1..=4_u32, 1..=4_u32)
    };
    let keys: Vec<String> = (0..8).map(|key| format!("k{key}")).collect();
    let mut middle = keys.clone();
    middle.extend((0..3).map(|account| format!("y{account}")));
    let mut top = keys.clone();
    top.extend((0..3).map(|account| format!("z{account}")));
    let level = (
        proptest::collection::vec(below(keys), 3),
        proptest::collection::vec(below(middle), 3),
        below(top),
    );
    level.prop_map(|(low, middle, top)| {
        let account = |name: String, (below, approval, removal): (Vec<String>, u32, u32)| {
            let most = below.len() as u32;
            (name, approval.min(most), removal.min(most), below)
        };
        let named = |letter: &'static str| move |at: usize| format!("{letter}{at}");
        let low = low.into_iter().enumerate().map(|(at, one)| account(named("y")(at), one));
        let middle = middle.into_iter().enumerate().map(|(at, one)| account(named("z")(at), one));
        low.chain(middle).chain([account("x".to_owned(), top)]).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    /// The theorem both ways: whoever controls an account in the end has a way there that the ledger
    /// accepts, and whoever does not has none.
    #[test]
    fn who_spends_eventually_has_a_way(tree in trees(), held in proptest::bits::u8::ANY) {
        let protocol = Protocol::preset("symbol-mainnet").unwrap();
        let structure = Structure::new(tree, &protocol).unwrap();
        let target = structure.target("x").unwrap();
        let keys: Vec<AccountId> = (0..8)
            .filter(|key| held >> key & 1 == 1)
            .filter_map(|key| structure.target(&format!("k{key}")))
            .collect();
        let Some(&recipient) = keys.first() else { return Ok(()) };
        let way = ladder(&structure, &protocol, target, &keys, recipient);
        prop_assert_eq!(way.is_some(), can_spend(&structure, target, &keys, View::Eventually));
        let Some(way) = way else { return Ok(()) };
        prop_assert_eq!(way.rungs.is_empty(), can_spend(&structure, target, &keys, View::Now));
        let mut ledger = Ledger::from_genesis(protocol, &way.genesis).unwrap();
        for transaction in way.rungs.iter().map(|rung| &rung.transaction).chain([&way.payment]) {
            prop_assert!(transaction.signatures().all(|signer| keys.contains(&signer)));
            prop_assert!(ledger.submit(transaction).is_accepted());
        }
    }
}

#[test]
fn names_in_an_error_are_those_of_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree.json");
    let cases: BTreeMap<&str, &str> = BTreeMap::from([
        (r#"{"x":{"min_approval":1,"min_removal":1,"cosignatories":["x"]}}"#, "loop: x -> x"),
        (
            r#"{"x":{"min_approval":3,"min_removal":1,"cosignatories":["a","b"]}}"#,
            "min approval of account `x` is 3; expected 1 to 2",
        ),
        (
            r#"{"x":{"min_approval":1,"min_removal":1,"cosignatories":["a","a"]}}"#,
            "lists cosignatory `a` twice",
        ),
    ]);
    for (accounts, expected) in cases {
        let text = format!("{{\"format\":\"account-tree\",\n\"accounts\":{accounts}}}");
        std::fs::write(&tree, text).unwrap();
        let output = quorate(&["analyze", &tree.display().to_string()]);
        let message = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(message.contains(expected) && message.contains("tree.json:2:"), "{message}");
    }
}

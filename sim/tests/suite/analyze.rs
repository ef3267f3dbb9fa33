//! `quorate analyze`: the recorded answers through the binary, every document, and every way replayed.

#[path = "analyze/edges.rs"]
mod edges;

use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use proptest::prelude::*;
use quorate::account::AccountId;
use quorate::analysis::{Budget, Spending, Structure, View, can_spend};
use quorate::ledger::Ledger;
use quorate::protocol::Protocol;
use serde_json::Value;

#[cfg(unix)]
use super::survival;

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
    assert_eq!(names, ["a%2Fb-recovery.json", "a%2Fb-takeover.json"]);
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
        let spending = Spending {
            structure: &structure,
            protocol: &protocol,
            target,
            keys: &keys,
            recipient,
        };
        let way = spending.ladder(&Budget::default());
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
fn each_step_tells_what_it_changes_and_for_whom() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../scenarios/takeover/symbol-low-min-removal.json");
    let found = analyze(&path, &["--each-step"]);
    let steps = found.as_array().unwrap();
    let changes: Vec<(u64, usize)> = steps
        .iter()
        .map(|one| (one["step"].as_u64().unwrap(), one["changes"].as_array().unwrap().len()))
        .collect();
    // the theft at step 2 changes no account
    assert_eq!(changes, [(1, 1), (2, 0), (7, 1)]);
    let (made, taken) = (&steps[0]["changes"][0], &steps[2]["changes"][0]);
    assert_eq!(made["account"], "vault");
    assert_eq!(made["now"]["min_signatures"], serde_json::json!({"old": 1, "new": 2}));
    assert_eq!(made["eventually"]["gain_power"], serde_json::json!([["ada"], ["ben"], ["cleo"]]));
    assert_eq!(taken["now"]["gain_power"], serde_json::json!([["ben"], ["cleo"]]));
    assert_eq!(taken["eventually"]["lose_power"], serde_json::json!([["ada"]]));
}

#[test]
fn accounts_that_change_together_are_told_in_every_order() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, board: &str, office: &str| {
        let path = folder.path().join(name);
        let text = format!(
            r#"{{"format":"account-tree","accounts":{{
            "top":{{"min_approval":2,"min_removal":2,"cosignatories":["board","office"]}},
            "board":{board},"office":{office}}}}}"#
        );
        std::fs::write(&path, text).unwrap();
        path
    };
    let of =
        |key: &str| format!(r#"{{"min_approval":1,"min_removal":1,"cosignatories":["{key}"]}}"#);
    let old = file("old.json", &of("ada"), &of("ben"));
    let together = |board: &str, office: &str| {
        let new = file("new.json", &of(board), &of(office));
        let found = analyze(&old, &["--against", &new.display().to_string()]);
        found.as_array().unwrap().last().unwrap()["accounts_together"].clone()
    };
    let opened = |found: &Value| -> Vec<(Value, Value, Value)> {
        let windows = found["windows"].as_array().unwrap().iter();
        let all = windows.map(|window| {
            let opening = &window["openings"][0];
            (window["changed"].clone(), opening["account"].clone(), opening["sets"].clone())
        });
        all.collect()
    };
    let window = |changed: &str, sets: Value| (serde_json::json!([changed]), "top".into(), sets);
    let sets = |keys: &[&str]| serde_json::json!([keys]);
    // an old and a new key together spend in between only, but no fewer than at the ends
    let strangers = together("cai", "dora");
    let windows =
        [window("board", sets(&["ben", "cai"])), window("office", sets(&["ada", "dora"]))];
    assert_eq!(opened(&strangers), windows);
    assert_eq!(strangers["order_without"], Value::Null);
    assert_eq!(strangers["order_without_fewer_keys"], serde_json::json!(["board", "office"]));
    // once `board` alone has changed, `ben` has both
    let passed_on = together("ben", "cai");
    let windows = [window("board", sets(&["ben"])), window("office", sets(&["ada", "cai"]))];
    assert_eq!(opened(&passed_on), windows);
    let told = passed_on["windows"][0]["window"].as_str().unwrap();
    assert!(told.ends_with("; 1 key can seize top (2 otherwise)"), "{told}");
    assert_eq!(passed_on["order_without"], Value::Null);
    assert_eq!(passed_on["order_without_fewer_keys"], serde_json::json!(["office", "board"]));
    let exchanged = together("ben", "ada");
    let windows = [window("board", sets(&["ben"])), window("office", sets(&["ada"]))];
    assert_eq!(opened(&exchanged), windows);
    assert_eq!(exchanged["order_without_fewer_keys"], Value::Null);
}

#[test]
fn pictures_show_every_account_and_every_choice() {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree.svg");
    let board = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/board.json");
    let board = board.display().to_string();
    let svg = tree.display().to_string();
    let output = quorate(&["analyze", &board, "--account", "treasury", "--svg", &svg]);
    assert!(output.status.success());
    let text = std::fs::read_to_string(&tree).unwrap();
    for name in ["treasury", "board", "office", "ada", "ben", "cai", "dora", "vault"] {
        assert_eq!(text.matches(&format!("<title>{name}</title>")).count(), 1, "{name}");
    }
    // one link each, two for the shared key; it, the other one that spends alone, and the legend
    assert_eq!(text.matches("<path").count(), 8);
    assert_eq!(text.matches("alone spends").count(), 3, "{text}");
    for thresholds in ["2/1 of 2", "3/2 of 4", "1/1 of 2"] {
        assert!(text.contains(thresholds), "{thresholds}");
    }
    // of several accounts, each has a file with its name
    let output = quorate(&["analyze", &board, "--svg", &svg]);
    assert!(output.status.success());
    for name in ["treasury", "board", "office"] {
        assert!(folder.path().join(format!("tree-{name}.svg")).exists(), "{name}");
    }
    let plot = folder.path().join("plot.svg").display().to_string();
    for (protocol, labels) in [("symbol-mainnet", 4), ("nis1", 4)] {
        let arguments = ["analyze", "--design", "4", "--protocol", protocol, "--plot", &plot];
        assert!(quorate(&arguments).status.success());
        let text = std::fs::read_to_string(&plot).unwrap();
        assert!(text.contains(&format!("4 keys, {protocol}")) && text.contains("</svg>"));
        let named = (1..=labels).filter(|count| text.contains(&format!("{count} of 4")));
        assert_eq!(named.count(), labels, "{protocol}");
        assert!(text.contains("asks 4, falls to"), "{protocol}");
    }
}

/// 25 accounts of 25 out of so many keys, 13 of each needed: too much to be exact soon.
fn much_shared(keys: u64) -> String {
    let mut dice = 1_u64;
    let mut below = |bound: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % bound
    };
    let mut accounts = serde_json::Map::new();
    for account in 0..25 {
        let mut all: Vec<String> = (0..keys).map(|key| format!("k{key}")).collect();
        let some: Vec<String> =
            (0..25).map(|_| all.swap_remove(below(all.len() as u64) as usize)).collect();
        let entry =
            serde_json::json!({"min_approval": 13, "min_removal": 13, "cosignatories": some});
        accounts.insert(format!("y{account}"), entry);
    }
    let names: Vec<String> = (0..25).map(|account| format!("y{account}")).collect();
    let top = serde_json::json!({"min_approval": 13, "min_removal": 13, "cosignatories": names});
    accounts.insert("x".to_owned(), top);
    let odds: serde_json::Map<String, Value> = (0..keys)
        .map(|key| (format!("k{key}"), serde_json::json!({"loss": 0.05, "compromise": 0.02})))
        .collect();
    serde_json::json!({"format": "account-tree", "accounts": accounts, "probabilities": odds})
        .to_string()
}

/// What is not exact says so, and holds together.
fn is_certified(found: &Value) {
    assert_eq!(found["complete"], false);
    let answers = &found["answers"];
    for name in ["lockout_probability", "theft_probability"] {
        let interval = answers[name]["interval"].as_array().unwrap();
        let ends: Vec<f64> = interval.iter().map(|end| end.as_f64().unwrap()).collect();
        // at least 13 of the keys are needed, which is unlikely enough
        assert!(0.0 < ends[0] && ends[0] < ends[1] && ends[1] < 0.01, "{ends:?}");
    }
    assert_eq!(answers["min_path_sets_count"], Value::Null);
    let certificate = &answers["min_signatures_certificate"];
    let lower = certificate["lower_bound"].as_u64().unwrap();
    let quorum = certificate["keys"].as_array().unwrap().len() as u64;
    assert!(13 <= lower && lower <= quorum && quorum <= 100, "{certificate}");
}

#[test]
fn what_does_not_end_in_time_is_an_interval() {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree.json");
    std::fs::write(&tree, much_shared(100)).unwrap();
    let found = analyze(&tree, &["--account", "x", "--time", "300ms"]);
    is_certified(&found[0]);
}

#[cfg(unix)]
#[test]
fn ctrl_c_prints_what_was_found_so_far() {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree.json");
    std::fs::write(&tree, much_shared(120)).unwrap();
    let words = ["analyze", "tree.json", "--account", "x", "--format", "json", "--time", "20s"];
    let stopped = survival::interrupted(folder.path(), &words);
    assert_eq!(stopped.status.code(), Some(130));
    let found: Value = serde_json::from_slice(&stopped.stdout).unwrap();
    is_certified(&found[0]);
}

#[test]
fn above_the_cap_there_is_a_way_a_proof_or_neither() {
    let folder = tempfile::tempdir().unwrap();
    let tree = folder.path().join("tree.json");
    let text = r#"{"format":"account-tree","accounts":{"x":{"min_approval":3,"min_removal":3,
        "cosignatories":["a","b","c"]}}}"#;
    std::fs::write(&tree, text).unwrap();
    let told = |more: &[&str]| {
        let found = analyze(&tree, more)[0].clone();
        let names = found["notes"].as_array().unwrap().iter().map(|note| note["name"].clone());
        let names: Vec<String> = names.map(|name| name.as_str().unwrap().to_owned()).collect();
        let ways = found["ways"].as_array().unwrap().iter();
        let way = ways.filter(|way| way["name"] == "unwinding").count();
        (names.first().cloned().unwrap_or_default(), way)
    };
    assert_eq!(told(&["--max-cosignatures", "2"]), ("over-cap".to_owned(), 1));
    let no_level = ["--max-cosignatures", "2", "--max-depth", "1"];
    assert_eq!(told(&no_level), ("locked-alive".to_owned(), 0));
    let alone = ["--max-cosignatures", "1"];
    assert_eq!(told(&alone), ("locked-alive".to_owned(), 0));
    let seven = r#"{"format":"account-tree","accounts":{"x":{"min_approval":7,"min_removal":7,
        "cosignatories":["a","b","c","d","e","f","g"]}}}"#;
    std::fs::write(&tree, seven).unwrap();
    let few = ["--max-cosignatures", "2", "--max-cosigned", "2"];
    assert_eq!(told(&few), ("undecided".to_owned(), 0));
    // a way that nests cosignatories replays
    std::fs::write(&tree, text).unwrap();
    let ways = folder.path().join("ways").display().to_string();
    let path = tree.display().to_string();
    let output = quorate(&["analyze", &path, "--max-cosignatures", "2", "--save", &ways]);
    assert!(output.status.success());
    let output = quorate(&["replay", &ways]);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
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

//! `quorate explain` as a user meets it: bad input, the examples of its help, its page, cases from the
//! field.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn explain(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(folder).arg("explain").args(arguments).output().unwrap()
}

fn field(name: &str) -> String {
    root().join("sim/tests/data/field").join(name).display().to_string()
}

fn example(name: &str) -> String {
    root().join("sim/examples").join(name).display().to_string()
}

fn answer(arguments: &[&str]) -> Value {
    let output = explain(&root(), &[arguments, &["--format", "json"]].concat());
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{error}"))
}

/// One sentence on one line, exit code 2, all of these parts in it.
#[track_caller]
fn refused(folder: &Path, arguments: &[&str], expected: &[&str]) {
    let output = explain(folder, arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    assert!(output.stdout.is_empty(), "{arguments:?}");
    assert_eq!(error.lines().count(), 1, "{error}");
    for part in [&["error: ", "expected"], expected].concat() {
        assert!(error.contains(part), "no `{part}` in: {error}");
    }
}

#[test]
fn what_is_no_transaction_of_these_accounts_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let write = |name: &str, text: &str| fs::write(here.join(name), text).unwrap();
    let hash = "22".repeat(32);
    write("empty.json", "");
    write("text.txt", "hello");
    write("object.json", "{}");
    write("odd.hex", "abc");
    write("hash.hex", &hash);
    fs::create_dir(here.join("folder")).unwrap();
    let sorted = fs::read_to_string(field("modifications-sorted.hex")).unwrap();
    write("cut.hex", &sorted[..200]);
    let waiting = fs::read_to_string(example("waiting.json")).unwrap();
    write("partial.json", &waiting);
    write("mainnet.json", &waiting.replace("\"network\":152", "\"network\":104"));
    let graph = example("graph.json");
    let state = |transaction: &'static str, expected: &[&str]| {
        refused(here, &["--state", &graph, transaction], expected);
    };
    state("empty.json", &["empty.json", "found nothing"]);
    state("folder", &["folder: a folder"]);
    state("text.txt", &["text.txt", "a hex digit"]);
    state("object.json", &["object.json"]);
    state("odd.hex", &["3 hex digits", "an even number"]);
    state("cut.hex", &["cut.hex", "bytes of signature"]);
    state("hash.hex", &["a hash or a public key", "GET /transactions/partial/"]);
    state("mainnet.json", &["`mainnet`", "`testnet`", "the state's addresses"]);
    refused(here, &["--state", &graph, &hash], &["a hash or a public key"]);
    let nodes = example("graph.json");
    state_refused(here, &graph, &nodes, &["a node's answer about accounts"]);
    // accounts that the transaction does not name
    let asks = "ask the node: GET /account/TD6TLAMJMDD3DC3S6SNFLGH2T5YSUNKNWM7N4VY/multisig/graph";
    let other = field("one-account/graph.json");
    state_refused(here, &other, "partial.json", &["names no account of the state", asks]);
    let nis1 = field("nis1-cosigner/bare.json");
    state_refused(here, &nis1, "partial.json", &["era C"]);
    let board = example("board.json");
    write("step.json", r#"{"type":"transfer","signer":"nobody","recipient":"noone","amount":1}"#);
    state_refused(here, &board, "step.json", &["names no account of the state"]);
    // what is no state
    for (state, expected) in [
        ("empty.json", "an empty file"),
        ("folder", "a folder"),
        ("text.txt", "JSON"),
        ("hash.hex", "neither an object nor a list"),
        ("partial.json", "a node's answer about a transaction"),
    ] {
        state_refused(here, state, "partial.json", &[state, expected]);
    }
    // a transaction without accounts
    refused(
        here,
        &["partial.json"],
        &["a transaction without its accounts", "`--state FILE`", asks],
    );
    refused(here, &["text.txt"], &["a file"]);
    refused(here, &["folder"], &["a folder"]);
    let step = ["step.json"];
    refused(here, &step, &["a transaction without its accounts"]);
}

#[track_caller]
fn state_refused(folder: &Path, state: &str, transaction: &str, expected: &[&str]) {
    refused(folder, &["--state", state, transaction], expected);
}

#[test]
fn the_examples_of_the_help_run() {
    let help = String::from_utf8(explain(&root(), &["--help"]).stdout).unwrap();
    let examples: Vec<&str> =
        help.lines().filter_map(|line| line.strip_prefix("  quorate explain ")).collect();
    assert!(examples.len() >= 6, "{help}");
    for example in examples {
        let words = shlex::split(example).unwrap();
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let output = explain(&root(), &words);
        assert_eq!(output.status.code(), Some(0), "{example}");
        assert!(!output.stdout.is_empty(), "{example}");
    }
}

#[test]
fn a_waiting_aggregate_as_a_node_tells_it_is_answered_to_its_end() {
    let (graph, partial) = (example("graph.json"), example("waiting.json"));
    let found = answer(&["--state", &graph, &partial]);
    assert_eq!(found["verdict"], "Failure_Aggregate_Missing_Cosignatures");
    assert_eq!(found["signed"], serde_json::json!(["TAFU6JRTEQIULBOS6EGPE76IE5OPGUSRU57JCGQ"]));
    let missing = serde_json::json!([["TBN7K67ERW3ZOKYJFLPF3W7W5WBBEPJF5PA75MQ"]]);
    assert_eq!(found["missing"]["sets"], missing);
    assert_eq!(found["parts"][0]["threshold"], "min removal");
    assert_eq!(found["deadline_utc"], "2023-09-23 09:53:36 UTC");
    // with the signature it fails all the same, and why
    assert_eq!(found["verdict_completed"], "Failure_Multisig_Min_Setting_Out_Of_Range");
    assert_eq!(found["reason_completed"]["found"], 0, "{found:#}");
    let lock = format!("GET /lock/hash/{}", "2".repeat(64));
    let open = found["partial"].as_array().unwrap();
    assert!(open.iter().any(|one| one.as_str().unwrap().ends_with(&lock)), "{open:?}");
}

#[test]
fn the_page_begins_with_the_answer_and_draws_who_signed() {
    let folder = tempfile::tempdir().unwrap();
    let step = r#"{"type":"aggregate_complete","signer":"ada","cosignatures":["eve","vault"],
        "transactions":[{"type":"transfer","signer":"treasury","recipient":"ada","amount":5}]}"#;
    fs::write(folder.path().join("step.json"), step).unwrap();
    let board = example("board.json");
    let arguments = ["--state", &board, "step.json", "--html", "page.html"];
    let output = explain(folder.path(), &arguments);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("  [ ] treasury: 1 of 2, 2 needed\n"), "{text}");
    for line in
        ["    [ ] board: 1 of 4, 3 needed", "      [x] ada: signed", "      [ ] ben: missing"]
    {
        assert!(text.lines().any(|one| one == line), "no `{line}` in {text}");
    }
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    let headline = page.split("<h1>").nth(1).unwrap().split("</h1>").next().unwrap();
    assert_eq!(headline, "It is refused: the signature of eve counts for nothing");
    let drawing = page.split("<svg").nth(1).unwrap().split("</svg>").next().unwrap();
    for (class, count) in [("rect class=\"signed\"", 3), ("rect class=\"missing\"", 5)] {
        assert_eq!(drawing.matches(class).count(), count, "{class}: {drawing}");
    }
    for word in ["\u{2713} ada", "? ben", "signed", "missing", "stroke-dasharray"] {
        assert!(drawing.contains(word), "{word}");
    }
}

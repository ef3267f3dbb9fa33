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
fn a_step_is_read_with_its_place_and_holds_one_transaction() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let board = example("board.json");
    let transfer = r#"{"type":"transfer","signer":"treasury","recipient":"zoe","amount":3}"#;
    let write = |name: &str, text: &str| fs::write(here.join(name), text).unwrap();
    write("misspelt.json", "{\"transaction\":\n {\"type\":\"transfer\",\"amont\":3}}");
    write("misspelt-alone.json", "{\"type\":\"transfer\",\n\"amont\":3}");
    write("two.json", &format!(r#"{{"type":"block","transactions":[{transfer},{transfer}]}}"#));
    write("strangers.json", &transfer.replace("treasury", "nobody"));
    for (name, parts) in [
        ("misspelt.json", ["misspelt.json:2:", "unknown field `amont`", "did you mean `amount`?"]),
        ("misspelt-alone.json", ["alone.json:2:", "`amont`", "did you mean `amount`?"]),
        ("two.json", ["two.json: ", "2 transactions in one block", "one transaction at a time"]),
        ("strangers.json", ["strangers.json: ", "names no account", "the documents of"]),
    ] {
        refused(here, &["--state", &board, name], &parts);
    }
    // Whoever is named in any place is known, if only by the step.
    let named = r#"{"announce":{"id":"x","transaction":{"type":"aggregate_bonded","signer":"ana","cosignatures":["cy"],
        "transactions":[{"type":"multisig_modification","signer":"treasury","min_removal_delta":0,"min_approval_delta":0,
        "additions":["dee"],"deletions":["eli"]},{"type":"transfer","signer":"fay","recipient":"gus","amount":1}]}}}"#;
    write("named.json", named);
    let output = explain(here, &["--state", &board, "named.json"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
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

/// A plain NIS1 account as `account/get` tells it.
fn plain_account(address: &str, key: &str, balance: u64) -> String {
    serde_json::json!({
        "meta": {"cosignatories": [], "cosignatoryOf": [], "status": "LOCKED", "remoteStatus": "INACTIVE"},
        "account": {"address": address, "publicKey": key, "balance": balance, "vestedBalance": balance,
            "harvestedBlocks": 0, "label": null, "importance": 0.0, "multisigInfo": {}},
    })
    .to_string()
}

#[test]
fn signatures_in_the_bytes_are_verified_as_the_server_does() {
    const MODIFIER: (&str, &str) = (
        "TCFYDK7MDQFDJ6JDIAZ3IJV3I4446VOSB2LKC2ME",
        "abeb435a4451cda6b4e91fe623f3490e48cfd517f166d412aaceb8c2b1fc9a24",
    );
    const PAYER: (&str, &str) = (
        "TB3JCHVARQNGDS3UVGAJPTFE22UQFGMCQHSBNBMF",
        "edfd32f6e760648c032f9acb4b30d514265f6a5b5f8a7154f2618922b4062084",
    );
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let state = |name: &str, (address, key): (&str, &str), balance: u64| {
        let path = here.join(name);
        fs::write(&path, plain_account(address, key, balance)).unwrap();
        path.display().to_string()
    };
    let modifier = state("modifier.json", MODIFIER, 100_000_000);
    let payer = state("payer.json", PAYER, 100_000_000);
    let judged = |state: &str, file: &str| answer(&["--state", state, &field(file)]);
    let good = judged(&modifier, "modifications-sorted.hex");
    assert_eq!((&good["verdict"], &good["invalid"]), (&"Success".into(), &Value::Null));
    assert_eq!(good["partial"].as_array().unwrap().len(), 0, "its balance is shown");
    let after = &good["after"][MODIFIER.0];
    assert_eq!(after["min_cosignatories"], 0);
    let poor = judged(&state("poor.json", MODIFIER, 1), "modifications-sorted.hex");
    assert_eq!(poor["verdict"], "FAILURE_INSUFFICIENT_BALANCE");
    for (state, file, change) in [
        (&modifier, "modifications-by-bytes.hex", "a server sorts modifications by type"),
        (&payer, "mosaics-unsorted.hex", "a server sorts mosaics by their text"),
        (&payer, "mosaics-sorted.hex", "does not hold over the bytes"),
    ] {
        let refused = judged(state, file);
        assert_eq!(refused["verdict"], "FAILURE_SIGNATURE_NOT_VERIFIABLE", "{file}");
        assert_eq!(refused["verdict_completed"], refused["verdict"]);
        assert_eq!(refused["invalid"].as_array().unwrap().len(), 1, "{file}");
        assert!(refused["after"].as_object().unwrap().is_empty(), "{file}");
        assert!(!refused["complete"].as_bool().unwrap(), "{file}");
        let part = &refused["parts"][0];
        assert_eq!((&part["satisfied"], &part["signed"]), (&false.into(), &serde_json::json!([])));
        assert_eq!(refused["signed"], part["signed"], "{file}");
        let text = refused["reason"]["text"].as_str().unwrap();
        assert!(text.contains(change), "{file}: {text}");
    }
    let unsorted = field("modifications-unsorted.hex");
    let place = "modifications-unsorted.hex: at byte 176: found address";
    refused(here, &["--state", &modifier, &unsorted], &[place, "sorted by address"]);
}

/// 7-of-16 account `x`.
fn many_keys(folder: &Path) -> String {
    let keys: Vec<String> = (0..16).map(|key| format!("k{key:02}")).collect();
    let account = serde_json::json!({"min_approval": 7, "min_removal": 7, "cosignatories": keys});
    let tree = serde_json::json!({"format": "account-tree", "accounts": {"x": account}});
    let path = folder.join("x.json");
    fs::write(&path, tree.to_string()).unwrap();
    path.display().to_string()
}

fn payment(folder: &Path, name: &str, cosignatures: &[&str]) -> String {
    let step = serde_json::json!({"type": "aggregate_complete", "signer": "k00",
        "cosignatures": cosignatures,
        "transactions": [{"type": "transfer", "signer": "x", "recipient": "k00", "amount": 1}]});
    let path = folder.join(name);
    fs::write(&path, step.to_string()).unwrap();
    path.display().to_string()
}

#[test]
fn of_thousands_of_ways_the_first_twenty_are_listed() {
    let folder = tempfile::tempdir().unwrap();
    let state = many_keys(folder.path());
    let one = payment(folder.path(), "one.json", &[]);
    let found = answer(&["--state", &state, &one]);
    let missing = &found["missing"];
    assert_eq!((&missing["count"], &missing["fewest"]), (&"5005".into(), &6.into()));
    let sets = missing["sets"].as_array().unwrap();
    let texts: Vec<String> = sets.iter().map(Value::to_string).collect();
    assert!(texts.len() == 20 && texts.is_sorted(), "{texts:?}");
    assert_eq!(sets[0], serde_json::json!(["k01", "k02", "k03", "k04", "k05", "k06"]));
    assert_eq!(found["confirmed"], true);
    let text = explain(folder.path(), &["--state", &state, &one]);
    let text = String::from_utf8(text.stdout).unwrap();
    assert!(text.contains("Ways to complete it: the first 20 of 5005"), "{text}");
    assert!(text.contains("k01, k02, k03, k04, k06, k08"), "{text}");
}

#[test]
fn what_refuses_it_now_stands_before_what_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    let state = many_keys(folder.path());
    let twice = payment(folder.path(), "twice.json", &["k01", "k01"]);
    let text = explain(folder.path(), &["--state", &state, &twice]);
    let text = String::from_utf8(text.stdout).unwrap();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let expected = "It is refused: `k01` signs twice; besides, at least 5 signatures are missing";
    assert!(text.starts_with(expected), "{text}");
    assert!(text.contains("Send each signature once"), "{text}");
}

#[test]
fn numbers_as_databases_and_logs_write_them_are_no_options() {
    for word in ["-2143223802", "2151743494", "0x80410006", "80410006", "code -2143223802"] {
        let found = answer(&[word]);
        let code = &found["codes"][0]["code"];
        assert_eq!(code, "Failure_Aggregate_Missing_Cosignatures", "{word}");
    }
}

#[test]
fn a_hash_and_a_lock_alone_are_told_what_belongs_to_them() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let hash = "22".repeat(32);
    let asks = "GET /transactions/partial/";
    refused(here, &[&hash], &["a hash or a public key", asks, "`--state FILE`"]);
    let lock = serde_json::json!({"lock": {
        "version": 1, "ownerAddress": "985BF57BE48DB7972B092ADE5DDBF6ED82123D25EBC1FEB2",
        "mosaicId": "72C0212E67A08BCE", "amount": "10000000", "endHeight": "4000", "status": 0,
        "hash": hash,
    }});
    fs::write(here.join("lock.json"), lock.to_string()).unwrap();
    let arguments = ["--state", &example("graph.json"), "lock.json"];
    refused(here, &arguments, &["a hash lock without its transaction", &format!("{asks}{hash}")]);
}

#[test]
fn a_multisig_account_whose_cosignatories_are_not_shown_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let key = "d7fbc8f6fc999dfccaba283e2114ee2eb9818394eef111f80d141ae3973098d0";
    let shared = "9eeaf5d62f558ab46152a55f45a9a64c75dd50cb39819e58b04c996e4bea4ac4";
    let part = |kind: u32, signer: &str| {
        serde_json::json!({"timeStamp": 74649215, "deadline": 74735615, "fee": 150000, "type": kind,
            "version": -1744830463, "signer": signer})
    };
    let mut inner = part(257, shared);
    inner["amount"] = 1.into();
    inner["recipient"] = "TALICE2GMA34CXHD7XLJQ536NM5UNKQHTORNNT2J".into();
    inner["message"] = serde_json::json!({});
    let mut wrapper = part(4100, key);
    wrapper["signature"] = "01".repeat(64).into();
    wrapper["signatures"] = serde_json::json!([]);
    wrapper["otherTrans"] = inner;
    let list = serde_json::json!({"data": [{"meta": {"data": null}, "transaction": wrapper}]});
    fs::write(folder.path().join("unconfirmed.json"), list.to_string()).unwrap();
    let ask = "ask the node: GET /account/get?address=TDFU3L3BR3QFMGBQW36XKNEEISX7XPUKCF5VWXRY";
    let state = field("nis1-cosigner/bare.json");
    let arguments = ["--state", state.as_str(), "unconfirmed.json"];
    let hidden = "`TDFU3L3BR3QFMGBQW36XKNEEISX7XPUKCF5VWXRY` is a multisig account";
    refused(folder.path(), &arguments, &[hidden, ask]);
}

/// A scenario shows more than its accounts: mosaics, hash locks, what was executed, lost keys.
#[test]
fn a_step_behind_a_scenario_is_answered_as_the_scenario_would() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let lock =
        r#"{"type":"hash_lock","signer":"a","id":"p","amount":10000000,"duration_blocks":480}"#;
    let pay = r#""transactions":[{"type":"transfer","signer":"m","recipient":"c","amount":1}]"#;
    let rent = r#"{"type":"transfer","signer":"a","recipient":"b","amount":1,"id":"rent"}"#;
    let stamp = r#"{"type":"mosaic_supply_change","signer":"a","mosaic":"stamp","action":"increase","amount":3}"#;
    let state = format!(
        r#"{{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet","accounts":["a","b","c","m"],
        "balances":{{"a":50000000,"m":5}},"mosaics":[{{"name":"stamp","owner":"a","divisibility":0,"supply_mutable":true,"transferable":true}}],
        "state":{{"m":{{"min_approval":2,"min_removal":2,"cosignatories":["a","b"]}}}},
        "steps":[{{"transaction":{rent}}},{{"transaction":{lock}}},{{"seal_block":{{}}}},{{"lose":["b"]}}]}}"#
    );
    write("state.json", &state);
    let bonded = |id: &str| {
        format!(
            r#"{{"announce":{{"id":"{id}","transaction":{{"type":"aggregate_bonded","signer":"a",{pay}}}}}}}"#
        )
    };
    let signed =
        format!(r#"{{"type":"aggregate_complete","signer":"a","cosignatures":["b"],{pay}}}"#);
    for (name, text, verdict) in [
        ("supply", stamp, "Success"),
        ("again", rent, "Failure_Hash_Already_Exists"),
        ("locked", lock, "Failure_LockHash_Hash_Already_Exists"),
        ("announced", &bonded("p"), "Failure_Aggregate_Missing_Cosignatures"),
        ("unlocked", &bonded("q"), "Failure_LockHash_Unknown_Hash"),
        ("lost", &signed, "Refused_Lost_Key"),
    ] {
        write("step.json", text);
        let state = folder.path().join("state.json").display().to_string();
        let step = folder.path().join("step.json").display().to_string();
        let found = answer(&["--state", &state, &step]);
        assert_eq!(found["verdict"], verdict, "{name}: {found:#}");
        assert_eq!(found["partial"], serde_json::json!([]), "{name}");
        assert_eq!(found["reason"].is_null(), verdict == "Success", "{name}");
    }
}

/// A cosignature that counts for nothing refuses no aggregate that waits: the node leaves it out.
#[test]
fn what_waits_is_told_apart_from_what_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    let entry = |approval: u32, keys: &str| {
        format!(r#"{{"min_approval":{approval},"min_removal":1,"cosignatories":{keys}}}"#)
    };
    let (three, one) = (entry(2, r#"["a","b","c"]"#), entry(1, r#"["a","e"]"#));
    write(
        "tree.json",
        &format!(
            r#"{{"format":"account-tree","protocol":"symbol-mainnet","accounts":{{"m":{three},"n":{one}}}}}"#
        ),
    );
    let pay = |from: &str| {
        format!(r#"{{"type":"transfer","signer":"{from}","recipient":"a","amount":1}}"#)
    };
    let raise = r#"{"type":"multisig_modification","signer":"m","min_removal_delta":0,"min_approval_delta":1,"additions":[],"deletions":[]}"#;
    for (signer, cosignatures, parts, first, then) in [
        (
            "a",
            "\"d\"",
            pay("m"),
            "It does not go through yet: one of b, c is missing",
            "d: no transaction inside asks for it",
        ),
        (
            "a",
            "\"b\",\"c\"",
            format!("{raise},{}", pay("m")),
            "It is refused: `m` needs 3 of a, b, c (min approval); signed: a, b; c is",
            "nobody can sign it afterwards",
        ),
        (
            "d",
            "\"a\"",
            pay("m"),
            "It cannot go through: no further signatures can complete it",
            "never complete",
        ),
        (
            "a",
            "\"d\"",
            pay("n"),
            "It waits: signed: a; nothing is missing",
            "only when another signature comes that counts",
        ),
    ] {
        write(
            "step.json",
            &format!(
                r#"{{"type":"aggregate_bonded","signer":"{signer}","cosignatures":[{cosignatures}],"transactions":[{parts}]}}"#
            ),
        );
        let output = explain(folder.path(), &["--state", "tree.json", "step.json"]);
        let text = String::from_utf8(output.stdout).unwrap().replace('\n', " ");
        assert!(text.starts_with(first), "{text}");
        assert!(text.contains(then), "{then}: {text}");
    }
}

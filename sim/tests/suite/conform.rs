//! `quorate conform` as a user meets it: peers that agree, differ, crash, talk rubbish, flood and hang.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const QUORATE: &str = env!("CARGO_BIN_EXE_quorate");

/// Converting, spending, and a step that is refused.
const SCENARIO: &str = r#"{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet","accounts":["alice","bob","carol","shared"],"balances":{"shared":100,"carol":50}}
{"transaction":{"type":"transfer","signer":"carol","recipient":"bob","amount":5}}
{"transaction":{"type":"aggregate_complete","signer":"alice","cosignatures":["shared","bob"],"transactions":[{"type":"multisig_modification","signer":"shared","min_removal_delta":1,"min_approval_delta":2,"additions":["alice","bob"],"deletions":[]}]},"result":"ignored here","state":{}}
{"transaction":{"type":"transfer","signer":"carol","recipient":"bob","amount":5}}
{"check":{"balance":{"bob":10}}}
{"transaction":{"type":"transfer","signer":"shared","recipient":"bob","amount":10}}
{"transaction":{"type":"aggregate_complete","signer":"alice","cosignatures":["bob"],"transactions":[{"type":"transfer","signer":"shared","recipient":"carol","amount":10}]}}
"#;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("one.jsonl"), SCENARIO).unwrap();
    folder
}

fn conform(folder: &Path, peer: &str, arguments: &[&str]) -> Output {
    let mut command = Command::new(QUORATE);
    command.current_dir(folder).arg("conform").args(["--peer", peer]).args(arguments);
    command.output().unwrap()
}

fn itself() -> String {
    shlex::try_quote(QUORATE).unwrap().into_owned() + " apply"
}

/// The binary behind a `sed` that spoils its answers.
fn spoiled(sed: &str) -> String {
    let script = format!("{QUORATE} apply | sed -u '{sed}'");
    shlex::try_join(["sh", "-c", script.as_str()]).unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_binary_agrees_with_itself_on_all_traces() {
    let traces = root().join("scenarios/traces");
    let output = conform(&root(), &itself(), &[traces.to_str().unwrap()]);
    let text = text(&output);
    assert!(text.starts_with("118 of 118 scenarios agree"), "{text}");
    assert!(text.contains("23,600 steps"), "{text}");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn any_window_and_layout_agree() {
    let folder = folder();
    for window in ["1", "2", "3", "1000000"] {
        let output = conform(folder.path(), &itself(), &["one.jsonl", "--window", window]);
        assert_eq!(output.status.code(), Some(0), "{window}");
        assert!(text(&output).contains("5 steps"), "a `check` is not sent: {}", text(&output));
    }
    let stories = root().join("scenarios/household");
    let output = conform(folder.path(), &itself(), &[stories.to_str().unwrap(), "--no-state"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let short = itself() + " --no-state";
    let results = conform(folder.path(), &short, &["one.jsonl", "--no-state"]);
    assert_eq!(results.status.code(), Some(0), "{}", text(&results));
    let missing = conform(folder.path(), &short, &["one.jsonl"]);
    assert_eq!(missing.status.code(), Some(1), "a state that is not sent does not agree");
    assert!(text(&missing).contains("no `state` in the answer"), "{}", text(&missing));
}

#[test]
fn a_declared_pattern_that_hides_every_difference_is_refused() {
    let folder = folder();
    for name in ["*", "", "any"] {
        let list = format!("[{{\"ours\":\"{name}\",\"theirs\":\"NEUTRAL\",\"why\":\"x\"}}]");
        fs::write(folder.path().join("known.json"), list).unwrap();
        let output = conform(folder.path(), &itself(), &["one.jsonl", "--declared", "known.json"]);
        assert_eq!(output.status.code(), Some(2), "{name}");
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains("known.json: declared difference 1:"), "{error}");
    }
}

#[test]
fn another_result_is_shrunk_saved_and_repeated() {
    let folder = folder();
    let peer = spoiled("s/Operation_Prohibited_By_Account/Nobody_Knows/");
    let output = conform(folder.path(), &peer, &["one.jsonl", "--save", "found"]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("one.jsonl:6: step 5: another `result`"), "{text}");
    assert!(text.contains("ours:   `Failure_Multisig_Operation_Prohibited_By_Account`"), "{text}");
    assert!(text.contains("peer's: `Failure_Multisig_Nobody_Knows`"), "{text}");
    let last = text.lines().last().unwrap();
    assert!(last.starts_with("reproduce: quorate conform --peer "), "{text}");
    let saved = last.rsplit(' ').next().unwrap();
    assert!(saved.starts_with("found/conform-one-step-5-result-"), "{text}");
    let saved = fs::read_to_string(folder.path().join(saved)).unwrap();
    let document: Value = serde_json::from_str(&saved).unwrap();
    let steps = document["steps"].as_array().unwrap();
    assert_eq!(steps.len(), 2, "converting and the refused transfer: {saved}");
    assert_eq!(steps[1]["result"], "Failure_Multisig_Operation_Prohibited_By_Account");
    assert!(!saved.contains("carol"), "{saved}");
    // What was saved replays with us, and differs again with the peer.
    let mut replay = Command::new(QUORATE);
    replay.current_dir(folder.path()).args(["replay", "found"]);
    assert_eq!(replay.output().unwrap().status.code(), Some(0));
    let words = shlex::split(last.strip_prefix("reproduce: quorate ").unwrap()).unwrap();
    let again = Command::new(QUORATE).current_dir(folder.path()).args(words).output().unwrap();
    assert_eq!(again.status.code(), Some(1));
}

/// Names, limits and what is not sent to a peer (a key that is lost, a check) are somebody's; `carol` and `dora`
/// do not matter and go.
#[test]
fn a_shrunk_difference_keeps_names_and_limits() {
    let folder = tempfile::tempdir().unwrap();
    let text = r#"{"format":"multisig-trace","version":1,"protocol":{"base":"symbol-mainnet","limits":{"max_cosignatories_per_account":3}},"accounts":["alice","bob","carol","dora","shared"],"balances":{"shared":100,"carol":50},"state":{"shared":{"min_approval":1,"min_removal":1,"cosignatories":["alice","bob"]}},"lost":["dora"]}
{"lose":["carol"]}
{"check":{"balance":{"carol":50}}}
{"transaction":{"type":"aggregate_complete","signer":"alice","cosignatures":["carol"],"transactions":[{"type":"transfer","signer":"carol","recipient":"bob","amount":1}]}}
{"transaction":{"type":"transfer","signer":"shared","recipient":"bob","amount":10}}
"#;
    fs::write(folder.path().join("own.jsonl"), text).unwrap();
    let peer = spoiled("s/Operation_Prohibited_By_Account/Nobody_Knows/");
    let output = conform(folder.path(), &peer, &["own.jsonl", "--save", "found"]);
    assert_eq!(output.status.code(), Some(1), "{}", self::text(&output));
    let saved = fs::read_dir(folder.path().join("found")).unwrap().next().unwrap().unwrap();
    let saved: Value = serde_json::from_str(&fs::read_to_string(saved.path()).unwrap()).unwrap();
    assert_eq!(saved["protocol"]["limits"]["max_cosignatories_per_account"], 3, "{saved}");
    let accounts = saved["accounts"].as_array().unwrap();
    assert!(accounts.contains(&"shared".into()), "{saved}");
    assert!(accounts.iter().all(|one| one != "carol" && one != "dora"), "{saved}");
    assert_eq!(saved["steps"].as_array().unwrap().len(), 1, "{saved}");
    assert_eq!(saved["steps"][0]["transaction"]["signer"], "shared", "{saved}");
}

/// A peer that stumbles over an author's remark: written anew, without it, nothing differs.
#[test]
fn a_difference_that_lies_in_the_text_alone_is_reported_as_it_stands() {
    let folder = tempfile::tempdir().unwrap();
    let text = SCENARIO.replacen(r#"{"transaction":"#, r#"{"note":"first","transaction":"#, 1);
    fs::write(folder.path().join("one.jsonl"), text).unwrap();
    let peer = spoiled("/note/s/Success/Nobody_Knows/");
    let output = conform(folder.path(), &peer, &["one.jsonl"]);
    let text = self::text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("one.jsonl:2: step 1: another `result`"), "{text}");
    assert!(!text.contains("shrunk ("), "{text}");
    assert!(text.contains("step 1, not shrunk: it does not show where quorate writes"), "{text}");
    assert!(text.lines().last().unwrap().ends_with(" one.jsonl"), "{text}");
}

/// A peer that ends where a second scenario begins: the difference stands, and why it is not shrunk is true.
#[test]
fn a_peer_that_fails_when_it_is_asked_again_is_not_said_to_agree() {
    let folder = folder();
    let change = "s/Operation_Prohibited_By_Account/Nobody_Knows/";
    let script = format!("sed -u '1!{{/\"format\"/Q}}' | {QUORATE} apply | sed -u '{change}'");
    let peer = shlex::try_join(["sh", "-c", script.as_str()]).unwrap();
    let output = conform(folder.path(), &peer, &["one.jsonl"]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("step 5, not shrunk: the peer fails when it is asked again"), "{text}");
}

#[test]
fn another_state_is_shown_where_it_differs() {
    let folder = folder();
    let peer = spoiled("s/\"min_approval\":2/\"min_approval\":1/");
    let output = conform(folder.path(), &peer, &["one.jsonl", "--format", "json"]);
    assert_eq!(output.status.code(), Some(1));
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let failure = &document["peers"][0]["scenarios"][0]["failures"][0];
    assert_eq!(
        (&failure["about"], &failure["step"], &failure["line"]),
        (&"state".into(), &2.into(), &3.into())
    );
    assert!(failure["expected"].as_str().unwrap().contains("\"min_approval\":2"));
    assert!(failure["found"].as_str().unwrap().contains("\"min_approval\":1"));
    assert_eq!(document["failed"], 1);
    assert!(document["repeat"].as_str().unwrap().ends_with("one.jsonl"));
}

#[test]
fn a_declared_difference_is_counted() {
    let folder = folder();
    let peer = spoiled("s/Operation_Prohibited_By_Account/Nobody_Knows/");
    let declared = r#"[{"ours":"Failure_Multisig_Operation_Prohibited_By_Account","theirs":"Failure_Multisig_Nobody_Knows","why":"an older name"}]"#;
    fs::write(folder.path().join("known.json"), declared).unwrap();
    let output = conform(folder.path(), &peer, &["one.jsonl", "--declared", "known.json"]);
    let text = text(&output);
    assert_eq!(output.status.code(), Some(0), "{text}");
    assert!(text.contains("1 declared difference\n"), "{text}");
    assert!(text.contains("1 time: an older name"), "{text}");
    // Ours alone does not declare a difference: what the peer says counts, too.
    let other = declared.replace("Nobody_Knows", "Somebody_Knows");
    fs::write(folder.path().join("known.json"), other).unwrap();
    let output = conform(folder.path(), &peer, &["one.jsonl", "--declared", "known.json"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    fs::write(folder.path().join("known.json"), r#"[{"ours":"A","why":"b"}]"#).unwrap();
    let output = conform(folder.path(), &peer, &["one.jsonl", "--declared", "known.json"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("known.json:1:"));
}

#[test]
fn a_peer_that_fails_is_reported_as_such() {
    let folder = folder();
    let cases = [
        ("sh -c 'echo out of oil >&2; exit 7'", "exit status: 7"),
        ("sh -c 'echo hello; cat'", "answers no step"),
        ("sh -c 'read header; while read step; do echo hello; done'", "invalid answer `hello`"),
        ("sh -c 'read header; cat /dev/zero'", "without a line end"),
        ("sh -c 'while read line; do :; done; sleep 60'", "no answer within 0.3 s"),
        ("sh -c 'exec >&-; sleep 60'", "closed its standard output"),
    ];
    for (peer, expected) in cases {
        let output = conform(folder.path(), peer, &["one.jsonl", "--deadline", "300ms"]);
        let text = text(&output);
        assert_eq!(output.status.code(), Some(3), "{peer}: {text}");
        let fits = text.contains(expected)
            || peer.contains("hello; cat") && text.contains("invalid answer");
        assert!(fits, "{peer}: {text}");
        assert!(text.lines().last().unwrap().starts_with("reproduce: quorate conform"), "{text}");
    }
    let output = conform(folder.path(), "sh -c 'echo out of oil >&2; exit 7'", &["one.jsonl"]);
    assert!(text(&output).contains("it said:\n    out of oil"), "{}", text(&output));
}

/// What a peer may do instead of answering; in each shell loop `l` is the question.
const BAD_PEERS: [&str; 18] = [
    "true",
    "false",
    "sh -c 'kill -9 $$'",
    "sleep 1000",
    "cat",
    "sh -c 'yes {}'",
    "sh -c 'exec <&-; sleep 1000'",
    "sh -c 'exec >&-; sleep 1000'",
    "sh -c 'cat /dev/zero >&2'",
    "sh -c 'read l; cat /dev/zero'",
    "sh -c 'read l; read l; printf \"{\"; sleep 1000'",
    "sh -c 'read h; while read l; do printf \"\\377\\n\"; done'",
    "sh -c 'read h; while read l; do printf \"\\000\\n\"; done'",
    "sh -c 'read h; while read l; do echo; done'",
    "sh -c 'read h; while read l; do echo []; done'",
    "sh -c 'read h; while read l; do echo {}; done'",
    "sh -c 'read h; while read l; do echo \"$l\"; echo \"$l\"; done'",
    "sh -c 'read h; while read l; do head -c 100000 /dev/zero | tr \"\\0\" [; echo; done'",
];

#[test]
fn a_peer_of_each_bad_kind_ends_with_exit_code_3_in_time() {
    let folder = folder();
    for peer in BAD_PEERS {
        for words in [vec!["conform", "one.jsonl"], vec!["fuzz", "--runs", "2", "--steps", "9"]] {
            let mut command = Command::new(QUORATE);
            command.current_dir(folder.path()).args(&words);
            let start = std::time::Instant::now();
            let output = command.args(["--peer", peer, "--deadline", "200ms"]).output().unwrap();
            let text = text(&output);
            assert_eq!(output.status.code(), Some(3), "{peer}: {text}");
            assert!(text.contains("failed") || text.contains("FAILED"), "{peer}: {text}");
            assert!(start.elapsed().as_secs() < 20, "{peer}: {:?}", start.elapsed());
        }
    }
}

#[test]
fn no_more_steps_are_sent_than_the_window_holds() {
    let folder = folder();
    for (window, lines) in [("1", 2), ("2", 3), ("1000", 6)] {
        let arguments = ["one.jsonl", "--deadline", "500ms", "--window", window];
        let output = conform(folder.path(), "sh -c 'cat > seen'", &arguments);
        assert_eq!(output.status.code(), Some(3), "{}", text(&output));
        let seen = fs::read_to_string(folder.path().join("seen")).unwrap();
        assert_eq!(seen.lines().count(), lines, "the header and {window} steps: {seen}");
    }
}

#[cfg(unix)]
#[test]
fn a_silent_peer_does_not_outlive_us() {
    let folder = folder();
    let peer = "sh -c 'echo $$ > pid; trap : TERM INT HUP PIPE; while :; do sleep 0.1; done'";
    let output = conform(folder.path(), peer, &["one.jsonl", "--deadline", "500ms"]);
    assert_eq!(output.status.code(), Some(3), "{}", text(&output));
    let process = fs::read_to_string(folder.path().join("pid")).unwrap();
    let alive = Command::new("kill").args(["-0", process.trim()]).output().unwrap();
    assert!(!alive.status.success(), "process {process} still runs");
}

#[test]
fn a_peer_that_differs_goes_on_with_the_next_scenario() {
    let folder = folder();
    fs::write(folder.path().join("two.jsonl"), SCENARIO).unwrap();
    let peer = spoiled("s/\"min_approval\":2/\"min_approval\":1/");
    let arguments = ["one.jsonl", "two.jsonl", "--format", "json"];
    for more in [&[][..], &["--no-shrink"]] {
        let output = conform(folder.path(), &peer, &[&arguments[..], more].concat());
        let document: Value = serde_json::from_slice(&output.stdout).unwrap();
        for scenario in document["peers"][0]["scenarios"].as_array().unwrap() {
            assert_eq!(scenario["error"], Value::Null, "{scenario}");
            assert_eq!(scenario["failures"].as_array().unwrap().len(), 1, "{scenario}");
            assert_eq!(scenario["failures"][0]["step"], 2, "{scenario}");
        }
    }
    let all = conform(folder.path(), &peer, &["one.jsonl", "--keep-going", "--format", "json"]);
    let document: Value = serde_json::from_slice(&all.stdout).unwrap();
    let failures = document["peers"][0]["scenarios"][0]["failures"].as_array().unwrap();
    let steps: Vec<_> = failures.iter().map(|failure| failure["step"].as_u64().unwrap()).collect();
    assert_eq!(steps, [2, 3, 5, 6], "the state stays as it is; a `check` is not sent");
}

#[test]
fn a_peer_that_cannot_be_started_is_wrong_usage() {
    let folder = folder();
    for peer in ["no-such-program --at-all", "", "'unclosed"] {
        let output = conform(folder.path(), peer, &["one.jsonl"]);
        assert_eq!(output.status.code(), Some(2), "{peer}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("expected a program"), "{peer}");
    }
}

#[test]
fn every_peer_is_asked() {
    let folder = folder();
    let peer = spoiled("s/Prohibited/Forbidden/");
    let words = ["one.jsonl", "--html", "page.html", "--peer", peer.as_str()];
    let output = conform(folder.path(), &itself(), &words);
    let text = text(&output);
    let page = std::fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("1 scenario played by this ledger and by 2 other programs"));
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(text.contains("1 of 1 scenarios agree"), "{text}");
    assert!(text.contains("0 of 1 scenarios agree"), "{text}");
}

#[test]
fn reports_are_written_beside_the_answer() {
    let folder = folder();
    let arguments = ["one.jsonl", "--junit", "r.xml", "--sarif", "r.sarif", "--no-shrink"];
    conform(folder.path(), &spoiled("s/Prohibited/Forbidden/"), &arguments);
    let junit = fs::read_to_string(folder.path().join("r.xml")).unwrap();
    assert!(junit.contains("one.jsonl:6: step 5: `result`"), "{junit}");
    let sarif = fs::read_to_string(folder.path().join("r.sarif")).unwrap();
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    assert_eq!(sarif["runs"][0]["results"][0]["ruleId"], "result");
}

#[test]
fn the_python_example_can_be_attached() {
    if Command::new("python3").arg("--version").output().is_err() {
        println!("skipped: no python3 in the path");
        return;
    }
    let folder = folder();
    let peer = root().join("sim/examples/peer.py");
    let peer = shlex::try_join(["python3", peer.to_str().unwrap()]).unwrap();
    let plain: String = SCENARIO.lines().take(2).map(|line| format!("{line}\n")).collect();
    fs::write(folder.path().join("plain.jsonl"), plain).unwrap();
    let slow = ["plain.jsonl", "--deadline", "60s"];
    let output = conform(folder.path(), &peer, &slow);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output));
    let output = conform(folder.path(), &peer, &["one.jsonl", "--deadline", "60s"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output));
    assert!(text(&output).contains("peer's: `Unsupported`"), "{}", text(&output));
}

#[test]
fn a_step_that_we_refuse_and_the_peer_does_not_has_our_reason() {
    let folder = folder();
    let steps: Vec<String> = (0..3)
        .map(|amount| {
            format!(
                r#"{{"transaction":{{"type":"aggregate_complete","signer":"a","cosignatures":[],"transactions":[{{"type":"transfer","signer":"x","recipient":"a","amount":{amount}}}]}}}}"#
            )
        })
        .collect();
    let header = r#"{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet","accounts":["a","b","x"],"balances":{"x":5},"state":{"x":{"min_approval":2,"min_removal":1,"cosignatories":["a","b"]}}}"#;
    let path = folder.path().join("short.jsonl");
    fs::write(&path, format!("{header}\n{}\n", steps.join("\n"))).unwrap();
    let peer =
        spoiled("s/\"result\":\"Failure_Aggregate_Missing_Cosignatures\"/\"result\":\"Success\"/");
    let more = ["short.jsonl", "--keep-going", "--format", "json", "--junit", "r.xml"];
    let output = conform(folder.path(), &peer, &more);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let failures = answer["peers"][0]["scenarios"][0]["failures"].as_array().unwrap();
    assert_eq!(failures.len(), 3, "{answer:#}");
    for failure in failures {
        assert_eq!(failure["reason"]["code"], "Failure_Aggregate_Missing_Cosignatures");
        assert!(
            failure["reason"]["text"].as_str().unwrap().contains("b is missing"),
            "{failure:#}"
        );
    }
    let told = text(&conform(folder.path(), &peer, &["short.jsonl"]));
    assert!(told.contains("  reason: ") && told.contains("b is missing"), "{told}");
    let junit = fs::read_to_string(folder.path().join("r.xml")).unwrap();
    assert_eq!(junit.matches("b is missing").count(), 3, "{junit}");
    // A step that we execute has none.
    let good = steps[0].replace("\"cosignatures\":[]", "\"cosignatures\":[\"b\"]");
    fs::write(&path, format!("{header}\n{good}\n")).unwrap();
    let other = spoiled("s/\"result\":\"Success\"/\"result\":\"No\"/");
    let output = conform(folder.path(), &other, &["short.jsonl", "--format", "json"]);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let failure = &answer["peers"][0]["scenarios"][0]["failures"][0];
    assert!(failure["found"] == "`No`" && failure["reason"].is_null(), "{failure:#}");
}

#[test]
fn differences_of_one_kind_are_counted_and_shrunk_once() {
    let folder = folder();
    let names = ["one.jsonl", "two.jsonl", "three.jsonl"];
    names.iter().for_each(|name| fs::write(folder.path().join(name), SCENARIO).unwrap());
    // another word for one result, another state in every scenario but the first
    let peer = spoiled("s/Prohibited/Forbidden/");
    let output = conform(folder.path(), &peer, &[&names[..], &["--format", "json"]].concat());
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    let found = &document["peers"][0];
    let kinds = found["kinds"].as_array().unwrap();
    assert_eq!(kinds.len(), 1, "{found}");
    assert_eq!((&kinds[0]["count"], &kinds[0]["scenarios"]), (&3.into(), &3.into()));
    assert_eq!((&kinds[0]["path"], &kinds[0]["step"]), (&"one.jsonl".into(), &5.into()));
    let details = found["scenarios"].as_array().unwrap().iter();
    let details = details.map(|one| one["failures"][0]["detail"].as_str().unwrap_or_default());
    let shown: Vec<bool> = details.map(|detail| !detail.is_empty()).collect();
    assert_eq!(shown, [true, false, false]);
    let saved = conform(folder.path(), &peer, &[&names[..], &["--save", "found"]].concat());
    assert_eq!(fs::read_dir(folder.path().join("found")).unwrap().count(), 1);
    let told = text(&saved);
    assert!(
        told.contains("Forbidden_By_Account`: 3 times in 3 scenarios; first: one.jsonl:6: step 5"),
        "{told}"
    );

    // several kinds in one scenario, each with its own count
    let peer = spoiled("s/Prohibited/Forbidden/;s/\"min_approval\":2/\"min_approval\":1/");
    let arguments = ["one.jsonl", "two.jsonl", "--keep-going", "--no-shrink", "--format", "json"];
    let document: Value =
        serde_json::from_slice(&conform(folder.path(), &peer, &arguments).stdout).unwrap();
    let kinds = document["peers"][0]["kinds"].as_array().unwrap();
    let all: u64 = kinds.iter().map(|kind| kind["count"].as_u64().unwrap()).sum();
    let scenarios = document["peers"][0]["scenarios"].as_array().unwrap().iter();
    let failures = scenarios.map(|one| one["failures"].as_array().unwrap().len() as u64);
    assert!(kinds.len() > 1 && all == failures.sum::<u64>(), "{kinds:?}");
    assert!(kinds.iter().all(|kind| kind["scenarios"] == 2 && kind["path"] == "one.jsonl"));
}

/// Differences as `step about` of the first scenario, and the steps that were compared and not.
fn met(output: &Output) -> (Vec<String>, u64, u64) {
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
    let scenario = &answer["peers"][0]["scenarios"][0];
    assert_eq!(scenario["error"], Value::Null, "{answer:#}");
    let place =
        |one: &Value| format!("{}:{} {}", one["line"], one["step"], one["about"].as_str().unwrap());
    let failures = scenario["failures"].as_array().unwrap().iter().map(place).collect();
    let uncompared = scenario["uncompared"].as_object().into_iter().flatten();
    let uncompared = uncompared.map(|(_, steps)| steps.as_u64().unwrap()).sum();
    (failures, scenario["steps"].as_u64().unwrap(), uncompared)
}

/// A peer with two bugs: the first leads it into another state, in which it never comes to the second.
const TWO_BUGS: &str = r#"{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet","accounts":["a","b","c","x","y","z"],"balances":{"x":100},"stolen":["c"],"name":"two"}

{"transaction":{"type":"aggregate_complete","signer":"a","cosignatures":["x"],"transactions":[{"type":"multisig_modification","signer":"x","min_removal_delta":1,"min_approval_delta":1,"additions":["a","b"],"deletions":[]}]}}
{"lose":["c"]}
{"check":{"balance":{"x":100}}}
{"transaction":{"type":"aggregate_complete","signer":"a","cosignatures":["x","b"],"transactions":[{"type":"multisig_modification","signer":"x","min_removal_delta":1,"min_approval_delta":1,"additions":["a","b"],"deletions":[]}]}}
{"transaction":{"type":"aggregate_complete","signer":"z","cosignatures":["y"],"transactions":[{"type":"multisig_modification","signer":"z","min_removal_delta":1,"min_approval_delta":1,"additions":["y"],"deletions":[]}]}}
{"transaction":{"type":"aggregate_complete","signer":"a","cosignatures":[],"transactions":[{"type":"transfer","signer":"x","recipient":"b","amount":7}]}}
{"transaction":{"type":"transfer","signer":"b","recipient":"a","amount":8}}
{"transaction":{"type":"transfer","signer":"b","recipient":"a","amount":7}}
{"transaction":{"type":"transfer","signer":"c","recipient":"a","amount":0}}
"#;

#[test]
fn behind_a_difference_the_rest_is_compared_from_the_right_state() {
    let folder = folder();
    fs::write(folder.path().join("two.jsonl"), TWO_BUGS).unwrap();
    let gz = |name: &str| {
        let file = fs::File::create(folder.path().join(name)).unwrap();
        let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
        std::io::Write::write_all(&mut packed, TWO_BUGS.as_bytes()).unwrap();
        packed.finish().unwrap();
    };
    gz("two.jsonl.gz");
    let peer = itself() + " --fault no-opt-in";
    let json = ["--format", "json", "--no-shrink"];
    let first = conform(folder.path(), &peer, &[&["two.jsonl"][..], &json].concat());
    assert_eq!(met(&first).0, ["3:1 result", "3:1 state"]);
    let spoiled =
        spoiled("s/Insufficient_Balance/Too_Poor/").replace(" apply ", " apply --fault no-opt-in ");
    for file in ["two.jsonl", "two.jsonl.gz"] {
        let answers = ["1", "2", "3", "5", "4096"].map(|window| {
            let more = [file, "--keep-going", "--window", window];
            let output = conform(folder.path(), &spoiled, &[&more[..], &json].concat());
            assert_eq!(output.status.code(), Some(1));
            assert_eq!(
                met(&output),
                (["3:1 result", "3:1 state", "9:7 result"].map(str::to_owned).to_vec(), 8, 0)
            );
            output.stdout
        });
        assert!(answers.iter().all(|one| *one == answers[0]), "the window changes nothing");
    }
}

#[cfg(unix)]
#[test]
fn what_a_peer_does_on_another_way_than_ours_does_not_count() {
    let folder = folder();
    fs::write(folder.path().join("two.jsonl"), TWO_BUGS).unwrap();
    // Wrong in its first step, it would die of the next one; a header comes first, or it is started again.
    let script = format!(
        "if [ -e met ]; then exec {QUORATE} apply; fi
         touch met; read header; read step; echo '{{\"result\":\"Success\",\"state\":{{}}}}'
         read next; case \"$next\" in *format*) (echo \"$next\"; cat) | {QUORATE} apply;; *) exit 9;; esac"
    );
    fs::write(folder.path().join("peer.sh"), script).unwrap();
    for window in ["1", "4096"] {
        let _ = fs::remove_file(folder.path().join("met"));
        let more = ["two.jsonl", "--keep-going", "--no-shrink", "--format", "json"];
        let output =
            conform(folder.path(), "sh peer.sh", &[&more[..], &["--window", window]].concat());
        assert_eq!(met(&output), (vec!["3:1 result".to_owned()], 8, 0), "{window}");
    }
}

/// What a header cannot say: a deposit, and what lies before it.
const DEPOSIT: &str = r#"{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet","accounts":["a","b"],"balances":{"a":99000000}}
{"transaction":{"type":"hash_lock","signer":"a","id":"p","amount":10000000,"duration_blocks":480}}
{"transaction":{"type":"transfer","signer":"a","recipient":"b","amount":13}}
{"transaction":{"type":"transfer","signer":"a","recipient":"b","amount":1}}
{"advance":{"blocks":480}}
{"advance":{"blocks":3}}
{"transaction":{"type":"transfer","signer":"a","recipient":"b","amount":13}}
{"transaction":{"type":"transfer","signer":"a","recipient":"b","amount":1}}
{"roll_back":{"blocks":1}}
{"transaction":{"type":"transfer","signer":"a","recipient":"b","amount":1}}
{"transaction":{"type":"transfer","signer":"a","recipient":"b","amount":99000000}}
"#;

#[test]
fn a_step_that_asks_for_what_no_header_says_is_counted_and_not_compared() {
    let folder = folder();
    fs::write(folder.path().join("deposit.jsonl"), DEPOSIT).unwrap();
    let declared = r#"[{"ours":"Success","theirs":"Yes","why":"another word"},{"ours":"Success","theirs":"Never","why":"not met"}]"#;
    fs::write(folder.path().join("known.json"), declared).unwrap();
    let peer = spoiled("/:13}/s/\"result\":\"Success\"/\"result\":\"Yes\"/");
    let more = ["deposit.jsonl", "--declared", "known.json"];
    for window in ["1", "2", "4096"] {
        let json = ["--format", "json", "--window", window];
        let output = conform(folder.path(), &peer, &[&more[..], &json].concat());
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(met(&output), (Vec::new(), 6, 4), "{}", text(&output));
        let answer: Value = serde_json::from_slice(&output.stdout).unwrap();
        let scenario = &answer["peers"][0]["scenarios"][0];
        assert_eq!(scenario["declared"], 2);
        let why = scenario["uncompared"].as_object().unwrap();
        let counts: Vec<_> =
            why.iter().map(|(why, steps)| (why.as_str(), steps.as_u64())).collect();
        let deposit = "a hash lock holds a deposit, which no header can say";
        let before = "it goes back to before the difference";
        assert_eq!(counts, [(deposit, Some(3)), (before, Some(1))]);
    }
    let output = conform(folder.path(), &peer, &[&more[..], &["--html", "page.html"]].concat());
    let told = text(&output);
    assert!(told.contains("2 declared differences, 4 steps not compared"), "{told}");
    assert!(told.contains("\n  not compared, 3 steps: a hash lock holds a deposit"), "{told}");
    assert!(told.contains("theirs `Never`, 0 times: not met"), "{told}");
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("a hash lock holds a deposit"), "{page}");
}

#[test]
fn each_kind_of_difference_behind_the_first_is_shrunk() {
    let folder = folder();
    fs::write(folder.path().join("two.jsonl"), TWO_BUGS).unwrap();
    let peer =
        spoiled("s/Insufficient_Balance/Too_Poor/").replace(" apply ", " apply --fault no-opt-in ");
    let more = ["two.jsonl", "--keep-going", "--save", "found", "--format", "json"];
    let answer: Value =
        serde_json::from_slice(&conform(folder.path(), &peer, &more).stdout).unwrap();
    let failures = answer["peers"][0]["scenarios"][0]["failures"].as_array().unwrap();
    let poor = failures.iter().find(|one| one["step"] == 7).unwrap();
    let saved = fs::read_to_string(folder.path().join(poor["shrunk"].as_str().unwrap())).unwrap();
    let saved: Value = serde_json::from_str(&saved).unwrap();
    assert_eq!(saved["steps"].as_array().unwrap().len(), 1, "{saved}");
    assert_eq!(saved["steps"][0]["result"], "Failure_Core_Insufficient_Balance");
    assert_eq!(answer["peers"][0]["kinds"].as_array().unwrap().len(), failures.len());
}

/// Far behind the start our ledger is taken back to a copy of itself, not to the start; the steps between are taken
/// again. Every unit counts: at the end `a` has just enough.
#[test]
fn a_difference_late_in_a_long_scenario_leads_back_to_the_right_state() {
    let folder = folder();
    let pay = |amount: u64| {
        format!(
            "{{\"transaction\":{{\"type\":\"transfer\",\"signer\":\"a\",\"recipient\":\"b\",\"amount\":{amount}}}}}\n"
        )
    };
    let mut text = String::from(
        "{\"format\":\"multisig-trace\",\"version\":1,\"protocol\":\"symbol-mainnet\",\"accounts\":[\"a\",\"b\"],\"balances\":{\"a\":40200}}\n",
    );
    let differs = [3, 14_000, 14_001, 14_005, 39_999];
    (1..=40_000).for_each(|step| text += &pay(if differs.contains(&step) { 41 } else { 1 }));
    text += &(pay(1) + &pay(0) + &pay(1));
    fs::write(folder.path().join("long.jsonl"), text).unwrap();
    // The peer starts from whatever state is ours: that it is the right one shows where we say that `a` is poor.
    let poor = "Failure_Core_Insufficient_Balance";
    let peer = spoiled(&format!("/:41}}/s/Success/Yes/;s/{poor}/Poor/"));
    for window in ["1000000", "4096", "7"] {
        let more = ["long.jsonl", "--keep-going", "--no-shrink", "--format", "json"];
        let output = conform(folder.path(), &peer, &[&more[..], &["--window", window]].concat());
        let all = differs.into_iter().chain([40_001, 40_003]);
        let expected = all.map(|step| format!("{}:{step} result", step + 1));
        assert_eq!(met(&output), (expected.collect(), 40_003, 0), "{window}");
    }
}

#[test]
fn a_step_is_answered_where_a_header_comes_behind_it() {
    use std::io::{BufRead as _, BufReader, Write as _};
    use std::process::Stdio;
    let mut apply = Command::new(QUORATE);
    apply.arg("apply").stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut apply = apply.spawn().unwrap();
    let header = SCENARIO.lines().next().unwrap();
    let text = format!("{header}\n{{\"lose\":[\"bob\"]}}\n{header}\n");
    let mut input = apply.stdin.take().unwrap();
    input.write_all(text.as_bytes()).unwrap();
    input.flush().unwrap();
    let output = apply.stdout.take().unwrap();
    let (sender, answers) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let mut line = String::new();
        let _ = BufReader::new(output).read_line(&mut line);
        let _ = sender.send(line);
    });
    let answer = answers.recv_timeout(std::time::Duration::from_secs(20));
    drop(input);
    assert!(answer.unwrap().contains("\"state\":{}"));
    assert!(apply.wait().unwrap().success());
}

//! `quorate fuzz` as a user meets it: peers, reports, saved findings; `quorate faults` as a page.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

const QUORATE: &str = env!("CARGO_BIN_EXE_quorate");
const FAULTY: &str = "quorate apply --fault no-opt-in";

fn quorate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(QUORATE).current_dir(folder).args(arguments).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap()
}

/// A program that answers as we do, but for what `sed` makes of it.
fn spoiled(sed: &str) -> String {
    let script = format!("{QUORATE} apply | sed -u '{sed}'");
    shlex::try_join(["sh", "-c", script.as_str()]).unwrap()
}

#[test]
fn a_peer_that_follows_the_rules_agrees_in_every_protocol() {
    let folder = tempfile::tempdir().unwrap();
    for protocol in ["symbol-mainnet", "catapult-v1", "catapult-v3", "nis1"] {
        let arguments = ["fuzz", "--protocol", protocol, "--runs", "12", "--steps", "200"];
        let peers = ["--peer", "quorate apply", "--peer", "quorate apply"];
        let output = quorate(folder.path(), &[&arguments[..], &peers].concat());
        assert!(
            text(&output).starts_with("Random sequences: nothing found\n"),
            "{}",
            text(&output)
        );
        assert_eq!(output.status.code(), Some(0), "{protocol}");
    }
}

#[test]
fn a_peer_with_a_bug_is_found_shrunk_and_saved_whatever_the_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let hunt = |jobs: &str, save: &str| {
        let arguments = ["fuzz", "--runs", "70", "--peer", FAULTY, "--keep-going"];
        let more = ["--format", "json", "--save", save, "--jobs", jobs];
        let output = quorate(folder.path(), &[&arguments[..], &more].concat());
        assert_eq!(output.status.code(), Some(1), "{}", text(&output));
        output
    };
    let one = hunt("1", "found");
    let read = |folder: &Path| {
        let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
        let mut files: Vec<_> =
            entries.map(|path| (path.clone(), fs::read(path).unwrap())).collect();
        files.sort();
        files
    };
    let saved = read(&folder.path().join("found"));
    let three = hunt("3", "found");
    assert_eq!(text(&one), text(&three));
    assert_eq!(saved, read(&folder.path().join("found")));
    let document = json(&one);
    assert_eq!(document["complete"], true);
    assert_eq!(document["peers"][0], FAULTY);
    let finding = document["findings"].as_array().unwrap().iter().find(|finding| {
        let disagreement = &finding["disagreement"];
        disagreement["about"] == "result" && disagreement["theirs"] == "Success"
    });
    let finding = finding.expect("the peer takes what lacks a consent");
    assert_eq!(finding["disagreement"]["ours"], "Failure_Aggregate_Missing_Cosignatures");
    assert!(finding["steps"].as_u64().unwrap() <= 2, "{finding}");
    // Each saved scenario is healthy here, and shows the bug of the peer again.
    for (path, _) in &saved {
        let path = path.to_str().unwrap();
        assert_eq!(quorate(folder.path(), &["replay", path]).status.code(), Some(0), "{path}");
        let again = quorate(folder.path(), &["conform", "--peer", FAULTY, path]);
        assert_eq!(again.status.code(), Some(1), "{path}");
    }
}

#[test]
fn a_peer_that_fails_is_not_one_that_differs() {
    let folder = tempfile::tempdir().unwrap();
    let hunt = |peer: &str| {
        let arguments = ["fuzz", "--runs", "5", "--peer", peer, "--deadline", "20s"];
        let output = quorate(folder.path(), &[&arguments[..], &["--format", "json"]].concat());
        assert_eq!(output.status.code(), Some(3), "{peer}: {}", text(&output));
        json(&output)
    };
    let rubbish = hunt(&spoiled("s/^.*roll_back.*$/no answer/"));
    let error = rubbish["peer_failure"]["error"].as_str().unwrap();
    assert!(error.starts_with("invalid answer `no answer`"), "{error}");
    assert_eq!(
        (&rubbish["complete"], rubbish["findings"].as_array().unwrap().len()),
        (&false.into(), 0)
    );
    let command = rubbish["repeat"].as_str().unwrap();
    let again = shlex::split(command).unwrap();
    let again: Vec<&str> = again.iter().skip(1).map(String::as_str).collect();
    let output = quorate(folder.path(), &again);
    assert_eq!(output.status.code(), Some(3), "{command}: {}", text(&output));
    let last = text(&output).lines().rev().find(|line| !line.is_empty()).map(str::to_owned);
    assert_eq!(last.unwrap(), format!("reproduce: {command}"));
    let gone = hunt("quorate apply --fault nothing-of-the-kind");
    let error = gone["peer_failure"]["error"].as_str().unwrap();
    assert!(error.contains("unknown fault `nothing-of-the-kind`"), "{error}");
    let unstarted = quorate(folder.path(), &["fuzz", "--peer", "./no-such-program"]);
    assert_eq!(unstarted.status.code(), Some(2));
    let said = String::from_utf8_lossy(&unstarted.stderr);
    assert!(said.contains("cannot start `./no-such-program`"), "{said}");
}

#[test]
fn saved_findings_are_replayed_first() {
    let folder = tempfile::tempdir().unwrap();
    let few = ["fuzz", "--runs", "2", "--steps", "20"];
    let keeps = ["fuzz", "--fault", "no-opt-in", "--no-auditor", "--save", "scenarios/regressions"];
    let output = quorate(folder.path(), &keeps);
    assert_eq!(output.status.code(), Some(1));
    let saved = "scenarios/regressions/no-opt-in-symbol-opt-in.json";
    let said = text(&output);
    assert!(said.contains(&format!("\nsaved      {saved}\n")), "{said}");
    assert!(said.contains(&format!("  quorate replay {saved}\n")), "{said}");
    let faulty = format!("  quorate conform --peer '{FAULTY}' {saved}\n");
    assert!(said.contains(&faulty), "{said}");
    let words = shlex::split(faulty.trim().strip_prefix("quorate ").unwrap()).unwrap();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    assert_eq!(quorate(folder.path(), &words).status.code(), Some(1), "{faulty}");
    let healthy = quorate(folder.path(), &few);
    assert_eq!(healthy.status.code(), Some(0));
    assert!(
        text(&healthy).contains("\n1 saved finding replayed  as expected\n"),
        "{}",
        text(&healthy)
    );
    // It comes again: an expectation that the rules do not meet.
    let path = folder.path().join(saved);
    let changed = fs::read_to_string(&path)
        .unwrap()
        .replace("Failure_Aggregate_Missing_Cosignatures", "Success");
    fs::write(&path, changed).unwrap();
    let broken = quorate(folder.path(), &few);
    assert_eq!(broken.status.code(), Some(1));
    assert!(
        text(&broken).starts_with("Random sequences: an earlier finding came again\n"),
        "{}",
        text(&broken)
    );
    assert!(text(&broken).contains(&format!("\n{saved}:")), "{}", text(&broken));
    assert!(text(&broken).ends_with(&format!("reproduce: quorate replay {saved} --keep-going\n")));
    let document = json(&quorate(folder.path(), &[&few[..], &["--format", "json"]].concat()));
    assert_eq!(document["regressions"]["failed"][0], saved);
    assert_eq!((&document["runs"], &document["complete"]), (&0.into(), &false.into()));
    // A seeded fault is hunted without them, and an empty folder is no obstacle.
    assert_eq!(quorate(folder.path(), &["fuzz", "--fault", "no-opt-in"]).status.code(), Some(1));
    fs::remove_file(path).unwrap();
    assert_eq!(quorate(folder.path(), &few).status.code(), Some(0));
}

#[test]
fn reports_name_the_broken_promise_and_what_was_never_reached() {
    let folder = tempfile::tempdir().unwrap();
    let files = ["--junit", "found.xml", "--sarif", "found.sarif", "--html", "found.html"];
    let hunt = ["fuzz", "--fault", "no-opt-in", "--no-auditor", "--save", "found"];
    let output = quorate(folder.path(), &[&hunt[..], &files].concat());
    assert_eq!(output.status.code(), Some(1));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let junit = read("found.xml");
    assert!(junit.contains("tests=\"2\" skipped=\"0\" failures=\"1\""), "{junit}");
    assert!(junit.contains("found/no-opt-in-symbol-opt-in.json:"), "{junit}");
    let sarif: Value = serde_json::from_str(&read("found.sarif")).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "opt-in");
    let place = &result["locations"][0]["physicalLocation"];
    let saved = "found/no-opt-in-symbol-opt-in.json";
    assert_eq!(place["artifactLocation"]["uri"], saved);
    let line = place["region"]["startLine"].as_u64().unwrap() as usize;
    let scenario = read(saved);
    let mut step = scenario.lines().skip(line - 1);
    assert_eq!(step.next(), Some("    {"), "line {line} of {scenario}");
    assert!(step.next().unwrap().starts_with("      \"transaction\": {"), "{scenario}");
    let page = read("found.html");
    for words in [
        "never reached",
        "is caught",
        "quorate fuzz --protocol symbol-mainnet",
        "Depth 3",
        "opt-in",
    ] {
        assert!(page.contains(words), "{words}");
    }
    let again = quorate(folder.path(), &[&hunt[..], &files, &["--jobs", "3"]].concat());
    assert_eq!((text(&again), read("found.html")), (text(&output), page));
    let healthy = quorate(folder.path(), &[&["fuzz", "--runs", "2"][..], &files].concat());
    assert_eq!(healthy.status.code(), Some(0));
    assert!(
        read("found.xml").contains("tests=\"1\" skipped=\"0\" failures=\"0\""),
        "{}",
        read("found.xml")
    );
    assert!(read("found.html").contains("nothing found"));
}

#[test]
fn the_matrix_says_which_check_catches_which_fault() {
    let folder = tempfile::tempdir().unwrap();
    let matrix = |name: &str, jobs: &str| {
        let arguments = ["faults", name, "--matrix", "--runs", "20", "--html", "matrix.html"];
        let output = quorate(folder.path(), &[&arguments[..], &["--jobs", jobs]].concat());
        assert_eq!(output.status.code(), Some(0));
        fs::read_to_string(folder.path().join("matrix.html")).unwrap()
    };
    let page = matrix("loop-check-only-direct", "1");
    assert!(page.contains("auditor, no-loop, depth-limit"), "{page}");
    assert_eq!(page, matrix("loop-check-only-direct", "3"));
    let alone = matrix("missing-before-ineligible", "1");
    assert!(alone.contains("auditor only"));
}

#[test]
fn a_finding_says_why_the_rules_refuse_the_step_wherever_it_is_shown() {
    let folder = tempfile::tempdir().unwrap();
    let arguments = ["fuzz", "--fault", "no-opt-in", "--format", "json"];
    let files = ["--junit", "r.xml", "--sarif", "r.sarif", "--html", "r.html"];
    let output = quorate(folder.path(), &[&arguments[..], &files].concat());
    let answer = json(&output);
    let finding = &answer["findings"][0];
    let reason = &finding["reason"];
    assert_eq!(reason["code"], finding["disagreement"]["rules"], "{finding:#}");
    let sentence = reason["text"].as_str().unwrap();
    assert!(sentence.contains("missing"), "{sentence}");
    let told = quorate(folder.path(), &["fuzz", "--fault", "no-opt-in"]);
    let line =
        text(&told).lines().find(|line| line.trim_start().starts_with("reason")).map(str::to_owned);
    assert!(line.is_some_and(|line| line.contains(sentence)), "{}", text(&told));
    for file in ["r.xml", "r.sarif", "r.html"] {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.contains(sentence), "{file}");
    }
}

fn word<'f>(finding: &'f Value, who: &str) -> &'f str {
    finding["disagreement"][who].as_str().unwrap()
}

#[test]
fn a_declared_difference_of_a_peer_is_counted_and_the_run_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let declare = |pairs: &[(&str, &str)]| {
        let one = |(ours, theirs): &(&str, &str)| serde_json::json!({"ours": ours, "theirs": theirs, "why": "an old gap"});
        let list: Vec<Value> = pairs.iter().map(one).collect();
        fs::write(folder.path().join("known.json"), Value::from(list).to_string()).unwrap();
    };
    let fuzz = |peer: &str, more: &[&str]| {
        let arguments = ["fuzz", "--peer", peer, "--declared", "known.json"];
        quorate(folder.path(), &[&arguments[..], more].concat())
    };
    let order = "quorate apply --fault missing-before-ineligible";
    let missing = "Failure_Aggregate_Missing_Cosignatures";
    declare(&[("Failure_Aggregate_Ineligible_Cosignatories", missing), (missing, "NEUTRAL")]);
    let output = fuzz(order, &["--runs", "12", "--html", "page.html"]);
    let told = text(&output);
    assert_eq!(output.status.code(), Some(0), "{told}");
    let words = told.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("NEUTRAL 0 an old gap"), "{told}");
    let page = fs::read_to_string(folder.path().join("page.html")).unwrap();
    assert!(page.contains("an old gap"));
    let [one, three] =
        ["1", "3"].map(|jobs| fuzz(order, &["--format", "json", "--runs", "12", "--jobs", jobs]));
    assert_eq!(text(&one), text(&three));
    let counts = &json(&one)["declared"];
    assert!(counts[0]["count"].as_u64().unwrap() > 5 && counts[1]["count"] == 0, "{counts}");
    // All that one bug does is declared. Behind a step that the peer executes and we refuse it is started again,
    // and a second bug is met.
    declare(&[]);
    let first = json(&fuzz(FAULTY, &["--keep-going", "--format", "json", "--runs", "70"]));
    let pair = |one| (word(one, "ours"), word(one, "theirs"));
    declare(&first["findings"].as_array().unwrap().iter().map(pair).collect::<Vec<_>>());
    let peer = format!(
        "sh -c '{QUORATE} apply --fault no-opt-in | sed -u s/Failure_Hash_Already_Exists/Known_Already/'"
    );
    let save = ["--keep-going", "--save", "found", "--format", "json", "--runs", "40"];
    let found = json(&fuzz(&peer, &save));
    let findings = found["findings"].as_array().unwrap();
    let second = findings.iter().find(|one| one["disagreement"]["theirs"] == "Known_Already");
    assert!(second.is_some_and(|one| one["steps"].as_u64().unwrap() <= 3), "{found:#}");
    let counts = found["declared"].as_array().unwrap().iter();
    assert!(counts.map(|one| one["count"].as_u64().unwrap()).sum::<u64>() > 20, "{found:#}");
    assert!(found["uncompared"].as_object().is_some_and(|why| !why.is_empty()), "{found:#}");
    assert!(findings.iter().all(|one| one["disagreement"]["about"] == "result"), "{found:#}");
    let again = findings[0]["commands"][0].as_str().unwrap();
    assert!(again.contains(" --declared known.json --seed 1"), "{again}");
    let of_saved = findings[0]["commands"].as_array().unwrap().last().unwrap();
    assert!(of_saved.as_str().unwrap().contains(" --declared known.json found/"), "{of_saved}");
    let alone = quorate(folder.path(), &["fuzz", "--declared", "known.json"]);
    assert_eq!(alone.status.code(), Some(2), "without a peer nothing can be declared");
}

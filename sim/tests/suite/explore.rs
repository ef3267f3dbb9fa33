//! `quorate explore` as scripts see it: the answer's fields, exit codes, parts, saved scenarios.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

#[cfg(unix)]
use super::survival;

const BOUNDS: [&str; 6] = ["--max-cosignatories", "3", "--max-cosigned", "3", "--max-depth", "2"];

fn quorate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quorate")).args(arguments).output().expect("quorate runs")
}

fn explore(arguments: &[&str]) -> Output {
    quorate(&[&["explore", "--format", "json"], &BOUNDS[..], arguments].concat())
}

fn answer(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).expect("an answer in JSON")
}

#[test]
fn the_answer_has_the_fields_scripts_rely_on() {
    let output = explore(&["--accounts", "4"]);
    assert_eq!(output.status.code(), Some(0));
    let answer = answer(&output);
    assert_eq!(answer["protocol"], "symbol-mainnet");
    assert_eq!(answer["limits"]["max_multisig_depth"], 2);
    let numbers = ["accounts", "states_labelled", "states_canonical", "transitions", "depth_max"];
    assert_eq!(numbers.map(|name| answer[name].as_u64().unwrap()), [4, 2189, 139, 4122, 3]);
    let empty = |name: &str| answer[name].as_array().is_some_and(Vec::is_empty);
    assert!(empty("broken") && empty("hazards"));
    assert!(answer.get("seconds").is_none(), "no times unless asked for");
}

#[test]
fn a_denied_hazard_is_exit_code_1_and_its_scenario_replays() {
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().to_str().unwrap();
    let names = ["--names", "zoe,ann,bob", "--accounts", "3", "--save", save];
    let output = explore(&[&["--deny", "takeover:1"], &names[..]].concat());
    assert_eq!(output.status.code(), Some(1));
    let errors = String::from_utf8(output.stderr.clone()).unwrap();
    assert!(errors.trim_end().lines().last().unwrap().starts_with("reproduce: quorate explore"));
    assert_eq!(answer(&output)["hazards"][0]["account"], "ann");
    assert!(Path::new(save).join("explore-takeover-1.json").exists());
    assert_eq!(quorate(&["replay", save]).status.code(), Some(0));
    let denied = explore(&["--accounts", "3", "--deny", "takeover:1", "--max-cosignatories", "1"]);
    assert_eq!(denied.status.code(), Some(2), "a limit named twice is wrong usage");
}

#[test]
fn parts_are_put_together_and_a_missing_one_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let paths: Vec<String> = (1..=2)
        .map(|part| {
            let share = format!("{part}/2");
            let path = folder.path().join(format!("part-{part}.json"));
            let output = explore(&["--accounts", "5", "--shard", &share]);
            std::fs::write(&path, output.stdout).unwrap();
            path.to_str().unwrap().to_owned()
        })
        .collect();
    let merge = |paths: &[String]| {
        let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
        quorate(&[&["explore", "--format", "json", "--merge"], &paths[..]].concat())
    };
    assert_eq!(answer(&merge(&paths))["states_labelled"], 157_301);
    let missing = merge(&paths[..1]);
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("part 2 of 2 is there 0 times"));
}

#[test]
fn a_checkpoint_is_gone_on_from() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("world");
    let arguments = ["--accounts", "5", "--checkpoint", path.to_str().unwrap()];
    let first = answer(&explore(&[&arguments[..], &["--max-modifications", "2"]].concat()));
    assert_eq!(
        (&first["complete"], &first["depth_proved"]),
        (&Value::from(false), &Value::from(2))
    );
    // It stands where it ended: nothing nearer is searched once more.
    let there = answer(&explore(&[&arguments[..], &["--max-modifications", "0"]].concat()));
    assert_eq!((&there["depth_proved"], &there["stop"]), (&Value::from(2), &"depth".into()));
    let output = explore(&arguments);
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(said, format!("{}: continues after level 2\n", path.display()));
    let second = answer(&output);
    assert_eq!(
        (&second["complete"], &second["states_canonical"]),
        (&Value::from(true), &Value::from(1838))
    );
}

/// What is killed without warning continues after its last level, and answers with the same bytes.
#[cfg(unix)]
#[test]
fn a_killed_search_continues_from_its_checkpoint() {
    use std::os::unix::process::ExitStatusExt as _;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search");
    let words = [&["explore", "--accounts", "7"], &BOUNDS[..]].concat();
    let searched = [&words[..], &["--checkpoint", path.to_str().unwrap()]].concat();
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let mut child = command.args(&searched).stdout(Stdio::null()).spawn().expect("quorate runs");
    while !path.exists() && child.try_wait().unwrap().is_none() {
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    assert_eq!(child.wait().unwrap().signal(), Some(9), "it ended before it was killed");
    // Where it stands after the kill, and not at the start.
    let there = [&searched[..], &["--max-modifications", "0", "--format", "json"]].concat();
    assert!(answer(&quorate(&there))["depth_proved"].as_u64().unwrap() > 0);
    assert_eq!(quorate(&searched).stdout, quorate(&words).stdout);
}

#[test]
fn a_search_that_found_too_little_memory_continues_with_more() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("search");
    let words = [&["explore", "--accounts", "5"], &BOUNDS[..]].concat();
    let searched = [&words[..], &["--checkpoint", path.to_str().unwrap()]].concat();
    let little = [&searched[..], &["--memory", "30K"]].concat();
    let text = String::from_utf8(quorate(&little).stdout).unwrap();
    let words_of = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words_of.contains("the next ones need more memory than allowed"), "{text}");
    assert_eq!(quorate(&searched).stdout, quorate(&words).stdout);
    let refused = quorate(&little);
    assert_eq!(refused.status.code(), Some(2));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("do not fit the memory; expected more of it"), "{error}");
}

#[test]
fn ten_accounts_are_explored_and_an_eleventh_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let save = folder.path().to_str().unwrap();
    let limits = ["--max-cosignatories", "9", "--max-cosigned", "1", "--max-depth", "1"];
    let names = "kim,lea,max,nia,ole,pia,quin,ria,sam,tom";
    let find = ["--max-cosignatures", "8", "--find", "over-cap", "--find", "lockout:9"];
    let ten = ["explore", "--accounts", "10", "--format", "json", "--to-the-end"];
    let found = quorate(&[&ten[..], &limits, &find, &["--names", names, "--save", save]].concat());
    let answer = answer(&found);
    assert_eq!(answer["states_labelled"], 64_014_841);
    let depths = [0, 1].map(|at| answer["hazards"][at]["depth"].as_u64());
    assert_eq!(depths, [Some(2), Some(1)]);
    let replayed = quorate(&["replay", save, "--format", "json"]);
    assert_eq!(replayed.status.code(), Some(0), "{replayed:?}");
    let few = ["--max-cosignatories", "1", "--max-cosigned", "1", "--max-depth", "1"];
    let agreement = quorate(&[&["explore", "--accounts", "10", "--theorem"], &few[..]].concat());
    assert_eq!(agreement.status.code(), Some(0), "{agreement:?}");
    let eleven = explore(&["--accounts", "11", "--max-modifications", "1"]);
    assert_eq!(eleven.status.code(), Some(2));
    let error = String::from_utf8(eleven.stderr).unwrap();
    assert!(error.contains("11 accounts cannot be explored; expected 1 to 10"), "{error}");
    let tight = explore(&["--accounts", "5", "--theorem", "--memory", "1M"]);
    assert_eq!(tight.status.code(), Some(2));
    let error = String::from_utf8(tight.stderr).unwrap();
    assert!(error.contains("the states do not fit 1048576 bytes"), "{error}");
}

#[test]
fn a_hunt_says_which_share_of_the_states_it_met() {
    let output = explore(&["--accounts", "3", "--compare-fuzz", "100"]);
    assert_eq!(output.status.code(), Some(0));
    let answer = answer(&output);
    let numbers = ["states_labelled", "unexplored", "seed", "steps"];
    assert_eq!(numbers.map(|name| answer[name].as_u64().unwrap()), [52, 0, 1, 500]);
    let marks = answer["marks"].as_array().expect("a list of marks");
    assert_eq!(
        marks.iter().map(|mark| mark["runs"].as_u64().unwrap()).collect::<Vec<_>>(),
        [1, 10, 100]
    );
    assert_eq!(marks[2]["share_labelled"], 1.0);
    let text =
        quorate(&[&["explore", "--accounts", "3", "--compare-fuzz", "100"], &BOUNDS[..]].concat());
    let text = String::from_utf8(text.stdout).expect("text");
    assert!(text.contains("There are 52 labelled states"), "{text}");
    let words = text.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(words.contains("left 0 labelled and 0 up to renaming unseen"), "{text}");
}

#[test]
fn a_sweep_is_drawn() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("limits.svg");
    let file = path.to_str().expect("a plain path");
    let sweep = ["--sweep", "max-cosignatories=1-3", "--sweep", "max-depth=1,2", "--plot", file];
    let output =
        quorate(&[&["explore", "--accounts", "3", "--find", "takeover"], &sweep[..]].concat());
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    let svg = std::fs::read_to_string(&path).expect("a drawing");
    for word in ["<svg", "3 accounts", "max-cosignatories", "max-depth 2", "takeover 1"] {
        assert!(svg.contains(word), "{word}");
    }
    assert_eq!(std::fs::read_dir(folder.path()).expect("a folder").count(), 1);
    let alone = explore(&["--accounts", "3", "--plot", file]);
    assert_eq!(alone.status.code(), Some(2), "nothing to draw");
}

/// Each reason for which an exploration ends with exit code 1 is one by itself.
#[test]
fn a_broken_promise_a_denied_hazard_and_an_undecided_one_are_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    let whole = answer(&explore(&["--accounts", "2", "--find", "takeover"]));
    let merged = |edit: &dyn Fn(&mut Value), deny: &[&str]| {
        let mut part = whole.clone();
        edit(&mut part);
        let path = folder.path().join("part.json");
        std::fs::write(&path, part.to_string()).unwrap();
        let words = ["explore", "--merge", path.to_str().unwrap()];
        quorate(&[&words[..], deny].concat()).status.code()
    };
    let deny = ["--deny", "takeover"];
    assert_eq!(merged(&|_| (), &deny), Some(0));
    let broken = |part: &mut Value| {
        part["broken"] = serde_json::json!([{"name": "no-loop", "reachable": true, "depth": 1}]);
    };
    assert_eq!(merged(&broken, &[]), Some(1));
    let reached = |part: &mut Value| {
        part["hazards"][0] = serde_json::json!({"name": "takeover", "reachable": true, "depth": 1});
    };
    assert_eq!(merged(&reached, &[]), Some(0));
    assert_eq!(merged(&reached, &deny), Some(1));
    let undecided = |part: &mut Value| {
        part["complete"] = false.into();
        part["hazards"][0] = serde_json::json!({"name": "takeover", "reachable": null});
    };
    assert_eq!(merged(&undecided, &[]), Some(0));
    assert_eq!(merged(&undecided, &deny), Some(1));
    // A sweep: a denied hazard found in a row, a row that is not complete, neither.
    let sweep = |more: &[&str]| {
        let words = ["explore", "--accounts", "3", "--sweep", "max-cosignatories=1-2"];
        quorate(&[&words[..], more].concat()).status.code()
    };
    assert_eq!(sweep(&["--find", "takeover"]), Some(0));
    assert_eq!(sweep(&deny), Some(1));
    assert_eq!(sweep(&["--deny", "locked-alive"]), Some(0));
    assert_eq!(sweep(&["--deny", "locked-alive", "--max-modifications", "1"]), Some(1));
}

/// Under the strict check nobody else may sign an account's modification, so that keys which the closed form
/// counts on can sign nothing.
const STRICT: &str = r#"{"format":"multisig-protocol","version":1,"name":"strict","base":"symbol",
    "switches":{"strict_cosignature_check":true}}"#;

#[test]
fn a_closed_form_that_a_search_contradicts_is_exit_code_1() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("strict.json");
    let file = path.to_str().unwrap();
    let theorem = |protocol: &str| {
        std::fs::write(&path, protocol).unwrap();
        explore(&["--accounts", "3", "--theorem", "--protocol", file])
    };
    let differs = theorem(STRICT);
    assert_eq!(differs.status.code(), Some(1), "{differs:?}");
    let found = answer(&differs);
    assert_eq!((&found["agrees"], &found["protocol"]), (&false.into(), &"strict".into()));
    let sets = ["closed_form", "search"].map(|of| found["disagreement"][of].as_u64().unwrap());
    assert_ne!(sets[0], sets[1]);
    let errors = String::from_utf8(differs.stderr).unwrap();
    let last = errors.trim_end().lines().last().unwrap();
    assert!(last.starts_with("reproduce: quorate explore") && last.contains("--theorem"), "{last}");
    let agrees = theorem(&STRICT.replace("true", "false"));
    assert_eq!((agrees.status.code(), agrees.stderr.as_slice()), (Some(0), &b""[..]));
    assert_eq!(
        (&answer(&agrees)["agrees"], answer(&agrees).get("disagreement")),
        (&true.into(), None)
    );
}

#[test]
fn random_runs_against_an_exploration_say_by_their_exit_code_how_they_ended() {
    let little = explore(&["--accounts", "4", "--compare-fuzz", "20", "--memory", "4K"]);
    assert_eq!(little.status.code(), Some(0), "what is not known is not wrong");
    let found = answer(&little);
    assert_eq!((&found["complete"], &found["stop"]), (&false.into(), &"memory".into()));
    for (wrong, what) in [
        (&["--accounts", "11", "--compare-fuzz", "1"][..], "11 accounts cannot be explored"),
        (&["--accounts", "3", "--compare-fuzz", "many"], "invalid value 'many'"),
        (&["--accounts", "3", "--compare-fuzz", "1", "--theorem"], "cannot be used with"),
    ] {
        let refused = explore(wrong);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!((refused.status.code(), refused.stdout.len()), (Some(2), 0), "{error}");
        assert!(error.contains(what), "{error}");
    }
}

/// Ctrl-C ends the runs with what they have met so far.
#[cfg(unix)]
#[test]
fn random_runs_that_are_stopped_are_exit_code_130() {
    let folder = tempfile::tempdir().unwrap();
    let words = ["explore", "--format", "json", "--accounts", "3", "--compare-fuzz", "100000000"];
    let stopped = survival::interrupted(folder.path(), &[&words, &BOUNDS[..]].concat());
    assert_eq!(stopped.status.code(), Some(130));
    let found = answer(&stopped);
    assert_eq!(found["stop"], "asked");
    let runs = found["marks"].as_array().unwrap().last().unwrap()["runs"].as_u64().unwrap();
    assert!((1..100_000_000).contains(&runs), "{runs}");
}

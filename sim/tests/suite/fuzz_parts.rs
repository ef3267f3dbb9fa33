//! `quorate fuzz` in parts: put together they are the campaign that makes all their runs, byte for byte.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// How the runs of a campaign are divided: so many in each part.
const DIVISIONS: [&[u64]; 3] = [&[5, 16], &[1, 13, 7], &[3, 1, 4, 1, 5, 5, 2]];
const RUNS: u64 = 21;

/// Nothing found; a fault in nearly every run, each kind counted; the same up to its first finding; on
/// another protocol, with a limit that has a name of its own.
const CAMPAIGNS: [&[&str]; 4] = [
    &["--steps", "120"],
    &["--fault", "no-opt-in", "--keep-going", "--steps", "60"],
    &["--fault", "membership-deletions-first", "--steps", "30", "--seed", "3"],
    &["--protocol", "nis1", "--max-cosignatories", "5", "--steps", "90", "--no-auditor"],
];

fn fuzz(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.current_dir(folder).arg("fuzz").args(arguments).output().unwrap()
}

/// Makes the runs from `first` on and keeps the answer as `NAME.json`.
fn part(folder: &Path, name: &str, campaign: &[&str], first: u64, runs: u64) -> String {
    let (first, runs) = (first.to_string(), runs.to_string());
    let share = ["--first-run", &first, "--runs", &runs, "--format", "json"];
    let answer = fuzz(folder, &[campaign, &share].concat());
    let file = format!("{name}.json");
    fs::write(folder.join(&file), answer.stdout).unwrap();
    file
}

fn merge(folder: &Path, files: &[String], more: &[&str]) -> Output {
    let files: Vec<&str> = files.iter().map(String::as_str).collect();
    fuzz(folder, &[&["--format", "json", "--merge"], &files[..], more].concat())
}

#[test]
fn parts_put_together_are_the_whole_campaign() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut found = Vec::new();
    for campaign in CAMPAIGNS {
        let whole = fuzz(folder, &[campaign, &["--runs", "21", "--format", "json"]].concat());
        assert_ne!(whole.status.code(), Some(2), "{campaign:?}");
        for division in DIVISIONS {
            let mut first = 0;
            let mut files = Vec::new();
            for &runs in division {
                files.push(part(folder, &first.to_string(), campaign, first, runs));
                first += runs;
            }
            assert_eq!(first, RUNS);
            files.reverse();
            let merged = merge(folder, &files, &["--runs", "21"]);
            let read = |output: &Output| String::from_utf8(output.stdout.clone()).unwrap();
            assert_eq!(read(&merged), read(&whole), "{campaign:?} in {division:?}");
            assert_eq!(merged.status.code(), whole.status.code(), "{campaign:?}");
        }
        let whole: serde_json::Value = serde_json::from_slice(&whole.stdout).unwrap();
        found.push(whole["findings"].as_array().unwrap().len());
    }
    assert!(matches!(found[..], [0, 1..=9, 1, 0]), "{found:?}");
}

#[test]
fn what_makes_no_whole_is_refused_in_one_sentence() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let plain: &[&str] = &["--steps", "20"];
    let of = |name: &str, campaign: &[&str], first, runs| part(folder, name, campaign, first, runs);
    let whole = fuzz(folder, &["--steps", "20", "--runs", "4", "--format", "json"]);
    fs::write(folder.join("whole.json"), whole.stdout).unwrap();
    fs::write(folder.join("text.json"), "nothing").unwrap();
    let (a, b) = (of("a", plain, 0, 4), of("b", plain, 4, 4));
    let changed = |from: &str, to: &str, name: &str| {
        let text = fs::read_to_string(folder.join(&b)).unwrap();
        assert!(text.contains(from), "{from}");
        fs::write(folder.join(name), text.replace(from, to)).unwrap();
        name.to_owned()
    };
    let version = format!("\"quorate\":\"{}", env!("CARGO_PKG_VERSION"));
    let other = |what: &str| {
        format!(
            "the part from run 4 on has another {what} than the first part; expected parts of one campaign"
        )
    };
    let seed: &[&str] = &["--steps", "20", "--seed", "2"];
    let nis1: &[&str] = &["--steps", "20", "--protocol", "nis1"];
    let limit: &[&str] = &["--steps", "20", "--max-depth", "2"];
    let cases: Vec<(Vec<String>, &[&str], String)> = vec![
        (vec![a.clone(), of("gap", plain, 6, 4)], &[], "runs 4 to 5 are missing; expected every run once".into()),
        (vec![b.clone()], &[], "runs 0 to 3 are missing; expected every run once".into()),
        (vec![a.clone(), b.clone()], &["--runs", "9"], "runs 8 to 8 are missing; expected every run once".into()),
        (vec![a.clone(), b.clone()], &["--runs", "7"], "the parts make 8 runs; expected 7".into()),
        (vec![a.clone(), of("lap", plain, 3, 4)], &[], "runs 3 to 3 are there twice; expected every run once".into()),
        (vec![a.clone(), b.clone(), b.clone()], &[], "runs 4 to 7 are there twice; expected every run once".into()),
        (vec![a.clone(), of("seed", seed, 4, 4)], &[], other("seed")),
        (vec![a.clone(), of("nis1", nis1, 4, 4)], &[], other("protocol")),
        (vec![a.clone(), of("limit", limit, 4, 4)], &[], other("protocol")),
        (vec![a.clone(), of("steps", &["--steps", "21"], 4, 4)], &[], other("number of steps in a run")),
        (vec![a.clone(), of("fault", &["--steps", "20", "--fault", "no-opt-in"], 4, 4)], &[], other("seeded fault")),
        (vec![a.clone(), of("alone", &["--steps", "20", "--no-auditor"], 4, 4)], &[], other("choice of `--no-auditor`")),
        (vec![a.clone(), of("all", &["--steps", "20", "--keep-going"], 4, 4)], &[], other("choice of `--keep-going`")),
        (vec![a.clone(), changed(&version, "\"quorate\":\"9.9.9", "version.json")], &[], other("version of quorate")),
        (
            vec![a.clone(), changed("\"complete\":true", "\"complete\":false", "cut.json")],
            &[],
            "the part from run 4 on is incomplete; expected all of its runs".into(),
        ),
        (
            vec![a.clone(), changed("\"steps\":80", "\"steps\":18446744073709551615", "sum.json")],
            &[],
            "the counts of the parts make a sum above 18446744073709551615; expected counts of a campaign".into(),
        ),
        (
            vec![a.clone(), "whole.json".into()],
            &[],
            "whole.json: this is no part of a campaign; expected an answer of `fuzz --first-run --format json`".into(),
        ),
        (
            vec!["text.json".into()],
            &[],
            "text.json:1:2: no JSON: no value begins here; expected an answer of `fuzz --first-run --format json`".into(),
        ),
    ];
    assert_eq!(merge(folder, &[a, b.clone()], &[]).status.code(), Some(0));
    for (files, more, expected) in cases {
        let output = merge(folder, &files, more);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{files:?}: {said}");
        assert!(said.contains(&expected) && said.lines().count() == 1, "{files:?}: {said}");
        assert!(output.stdout.is_empty(), "{files:?}");
    }
}

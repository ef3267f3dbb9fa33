//! The recipes for several machines: what they call exists, and what they put together is the whole.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;

const WORLD: [&str; 8] =
    ["--accounts", "5", "--max-cosignatories", "3", "--max-cosigned", "3", "--max-depth", "2"];

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("cluster")
}

fn text(name: &str) -> String {
    fs::read_to_string(folder().join(name)).unwrap()
}

fn explore(arguments: &[&str]) -> Output {
    let quorate = env!("CARGO_BIN_EXE_quorate");
    Command::new(quorate).arg("explore").args(arguments).output().unwrap()
}

/// The commands that call `explore`, a line each, comments left out.
fn calls(text: &str) -> Vec<String> {
    let plain = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let joined = plain.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let called = joined.lines().filter_map(|line| line.split_once(" explore "));
    called.map(|(_, arguments)| arguments.to_owned()).collect()
}

fn flags(call: &str) -> Vec<&str> {
    let words = call.split([' ', '"', '=']);
    words.filter(|word| word.starts_with("--") && word.len() > 2).collect()
}

#[test]
fn every_flag_of_a_recipe_is_one_of_the_command() {
    let help = String::from_utf8(explore(&["--help"]).stdout).unwrap();
    let known: Vec<&str> = help.split([' ', '\n', ',']).filter(|w| w.starts_with("--")).collect();
    for name in ["parallel.sh", "slurm-array.sbatch", "kubernetes-indexed-job.yaml"] {
        let calls = calls(&text(name));
        assert!(calls.iter().any(|call| flags(call).contains(&"--shard")), "{name}: {calls:?}");
        for flag in calls.iter().flat_map(|call| flags(call)) {
            assert!(known.contains(&flag), "{name}: `{flag}` is no flag of `quorate explore`");
        }
    }
}

#[test]
fn the_scripts_are_ones_that_a_shell_can_read() {
    for name in ["parallel.sh", "slurm-array.sbatch"] {
        let path = folder().join(name);
        let read = Command::new("bash").arg("-n").arg(&path).status().expect("bash is there");
        assert!(read.success(), "{name}");
    }
    let yaml = text("kubernetes-indexed-job.yaml");
    let script: Vec<&str> = yaml
        .lines()
        .skip_while(|line| line.trim() != "- |")
        .skip(1)
        .take_while(|line| line.starts_with("              "))
        .collect();
    assert!(script.len() > 5, "{script:?}");
    let read = Command::new("sh").args(["-n", "-c", &script.join("\n")]).status().unwrap();
    assert!(read.success());
}

/// What stands in the blocks of shell of the page about parts.
fn blocks(page: &str) -> Vec<&str> {
    page.split("```sh\n").skip(1).filter_map(|block| block.split("```").next()).collect()
}

#[test]
fn the_page_shows_campaigns_in_parts_that_a_shell_and_the_command_take() {
    let page = text("README.md");
    let help =
        Command::new(env!("CARGO_BIN_EXE_quorate")).args(["fuzz", "--help"]).output().unwrap();
    let help = String::from_utf8(help.stdout).unwrap();
    let known: Vec<&str> = help.split([' ', '\n', ',']).filter(|w| w.starts_with("--")).collect();
    let mut shown = 0;
    for block in blocks(&page) {
        let read = Command::new("sh").args(["-n", "-c", block]).status().unwrap();
        assert!(read.success(), "{block}");
        for call in block.replace("\\\n", " ").lines() {
            let Some((_, call)) = call.split_once("quorate fuzz ") else { continue };
            shown += 1;
            for flag in flags(call) {
                assert!(known.contains(&flag), "`{flag}` is no flag of `quorate fuzz`");
            }
        }
    }
    assert_eq!(shown, 4);
}

/// Every field with a value and where it stands: `spec/template/spec/restartPolicy`.
fn fields(yaml: &str) -> Vec<(String, String)> {
    let mut path: Vec<(usize, String)> = Vec::new();
    let mut fields = Vec::new();
    let mut text_from = None;
    for line in yaml.lines().filter(|line| !line.trim_start().starts_with('#')) {
        let entry = line.trim_start().trim_start_matches("- ");
        let indent = line.len() - entry.len();
        assert!(!line.contains('\t'), "tabs indent nothing in YAML: {line}");
        if text_from.is_some_and(|from| indent > from) {
            continue;
        }
        text_from = (entry.trim() == "|").then_some(line.len() - line.trim_start().len());
        assert!(indent % 2 == 0, "{line}");
        path.retain(|&(above, _)| above < indent);
        let Some((name, value)) = entry.split_once(':') else { continue };
        path.push((indent, name.to_owned()));
        let full = path.iter().map(|(_, name)| name.as_str()).collect::<Vec<_>>().join("/");
        fields.push((full, value.trim().trim_matches('"').to_owned()));
    }
    fields
}

#[test]
fn the_job_is_indexed_and_its_number_of_parts_agrees() {
    let fields = fields(&text("kubernetes-indexed-job.yaml"));
    let all = |path: &str| {
        let found = fields.iter().filter(move |(known, _)| known == path);
        found.map(|(_, value)| value.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(all("apiVersion"), ["batch/v1"]);
    assert_eq!(all("kind"), ["Job"]);
    assert_eq!(all("spec/completionMode"), ["Indexed"]);
    let pod = "spec/template/spec";
    assert_eq!(all(&format!("{pod}/restartPolicy")), ["Never"]);
    assert_eq!(all(&format!("{pod}/containers/env/name")), ["PARTS"]);
    let parts = all("spec/completions");
    assert_eq!(parts, all(&format!("{pod}/containers/env/value")));
    assert_eq!(parts, all("spec/parallelism"));
    let mounted = all(&format!("{pod}/containers/volumeMounts/name"));
    assert_eq!(mounted, all(&format!("{pod}/volumes/name")));
}

#[test]
fn the_merged_parts_are_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let search = ["--find", "takeover", "--to-the-end", "--format", "json"];
    let whole = explore(&[&WORLD[..], &search].concat());
    let mut merge = ["--format", "json", "--merge"].map(str::to_owned).to_vec();
    for part in [3, 1, 2] {
        let share = format!("{part}/3");
        let answer = explore(&[&WORLD[..], &search, &["--shard", &share]].concat());
        let path = folder.path().join(format!("part-{part}.json"));
        fs::write(&path, answer.stdout).unwrap();
        merge.push(path.to_str().unwrap().to_owned());
    }
    let merged = explore(&merge.iter().map(String::as_str).collect::<Vec<_>>());
    let read = |output: &Output| serde_json::from_slice::<Value>(&output.stdout).unwrap();
    let (whole, merged) = (read(&whole), read(&merged));
    assert_eq!(whole["states_labelled"], 157_301);
    for field in ["states_labelled", "states_canonical", "transitions", "depth_max", "complete"] {
        assert_eq!(whole[field], merged[field], "{field}");
    }
    assert_eq!(whole["law"], merged["law"]);
    assert_eq!(whole["hazards"][0]["depth"], merged["hazards"][0]["depth"]);
}

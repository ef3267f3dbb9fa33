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

const QUORATE: &str = env!("CARGO_BIN_EXE_quorate");

fn quorate(arguments: &[&str]) -> Output {
    Command::new(QUORATE).args(arguments).output().unwrap()
}

fn explore(arguments: &[&str]) -> Output {
    quorate(&[&["explore"], arguments].concat())
}

/// All flags that the help of a command names.
fn known(command: &str) -> Vec<String> {
    let help = String::from_utf8(quorate(&[command, "--help"]).stdout).unwrap();
    let words = help.split([' ', '\n', ',']).filter(|word| word.starts_with("--"));
    words.map(str::to_owned).collect()
}

/// The calls of a command, a line each, comments left out.
fn calls(text: &str, command: &str) -> Vec<String> {
    let plain = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let joined = plain.collect::<Vec<_>>().join("\n").replace("\\\n", " ");
    let word = format!(" {command} ");
    let called = joined.lines().filter_map(|line| line.split_once(word.as_str()));
    called.map(|(_, arguments)| arguments.to_owned()).collect()
}

fn flags(call: &str) -> Vec<&str> {
    let words = call.split([' ', '"', '=']);
    words.filter(|word| word.starts_with("--") && word.len() > 2).collect()
}

#[test]
fn every_flag_of_a_recipe_is_one_of_the_command() {
    for (name, command, part) in [
        ("parallel.sh", "explore", "--shard"),
        ("slurm-array.sbatch", "explore", "--shard"),
        ("kubernetes-indexed-job.yaml", "explore", "--shard"),
        ("slurm-campaign.sbatch", "fuzz", "--first-run"),
    ] {
        let (known, calls) = (known(command), calls(&text(name), command));
        assert!(calls.iter().any(|call| flags(call).contains(&part)), "{name}: {calls:?}");
        for flag in calls.iter().flat_map(|call| flags(call)) {
            let is_known = known.iter().any(|known| known == flag);
            assert!(is_known, "{name}: `{flag}` is no flag of `quorate {command}`");
        }
    }
}

#[test]
fn the_scripts_are_ones_that_a_shell_can_read() {
    for name in ["parallel.sh", "slurm-array.sbatch", "slurm-campaign.sbatch"] {
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
    let known = known("fuzz");
    let mut shown = 0;
    for block in blocks(&page) {
        let read = Command::new("sh").args(["-n", "-c", block]).status().unwrap();
        assert!(read.success(), "{block}");
        for call in block.replace("\\\n", " ").lines() {
            let Some((_, call)) = call.split_once("quorate fuzz ") else { continue };
            shown += 1;
            for flag in flags(call) {
                let is_known = known.iter().any(|known| known == flag);
                assert!(is_known, "`{flag}` is no flag of `quorate fuzz`");
            }
        }
    }
    assert_eq!(shown, 4, "calls of `quorate fuzz`");
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

/// Runs a script as each of so many tasks of a Slurm array that starts at 1, in a folder with `parts`; the files that
/// it wrote, in no particular order. (`.ci/cluster` does it on a real Slurm.)
#[cfg(unix)]
fn array(folder: &Path, script: &str, tasks: u32, arguments: &[&str]) -> Vec<String> {
    fs::create_dir_all(folder.join("parts")).unwrap();
    fs::create_dir_all(folder.join("bin")).unwrap();
    std::os::unix::fs::symlink(QUORATE, folder.join("bin/quorate")).unwrap();
    for task in (1..=tasks).rev() {
        let mut shell = Command::new("bash");
        shell.arg(self::folder().join(script)).args(arguments).current_dir(folder);
        shell.env("PATH", format!("{}/bin:/usr/bin:/bin", folder.display())).env("RUNS", "15");
        shell.envs(
            [("SLURM_ARRAY_TASK_ID", task), ("SLURM_ARRAY_TASK_COUNT", tasks)]
                .map(|(name, number)| (name, number.to_string())),
        );
        let output = shell.env("SLURM_CPUS_PER_TASK", "1").output().unwrap();
        assert!(output.status.success(), "{output:?}");
    }
    let parts = fs::read_dir(folder.join("parts")).unwrap();
    let parts: Vec<_> = parts.map(|entry| entry.unwrap().path()).collect();
    parts.iter().map(|path| path.to_str().unwrap().to_owned()).collect()
}

/// What `--merge` makes of parts.
#[cfg(unix)]
fn merged(command: &str, parts: &[String]) -> Output {
    let parts = parts.iter().map(String::as_str);
    let words = [command, "--format", "json", "--merge"].into_iter().chain(parts);
    quorate(&words.collect::<Vec<_>>())
}

#[cfg(unix)]
#[test]
fn the_merged_parts_of_a_search_are_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let search = ["--find", "takeover", "--to-the-end"];
    let question = [&WORLD[..], &search].concat();
    let parts = array(folder.path(), "slurm-array.sbatch", 3, &question);
    assert_eq!(parts.len(), 3, "{parts:?}");
    let whole = explore(&[&question[..], &["--format", "json"]].concat());
    let read: Value = serde_json::from_slice(&whole.stdout).unwrap();
    assert_eq!(read["states_labelled"], 157_301);
    assert_eq!(merged("explore", &parts), whole);
}

/// A seeded fault is found: a part that found something ends with exit code 1, which is no failure of the task.
#[cfg(unix)]
#[test]
fn the_merged_parts_of_a_campaign_are_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let question = ["--fault", "no-opt-in", "--keep-going", "--seed", "5"];
    let parts = array(folder.path(), "slurm-campaign.sbatch", 4, &question);
    assert_eq!(parts.len(), 4, "{parts:?}");
    let whole = quorate(&[&["fuzz", "--runs", "60", "--format", "json"], &question[..]].concat());
    assert_eq!(whole.status.code(), Some(1));
    assert_eq!(merged("fuzz", &parts).stdout, whole.stdout);
}

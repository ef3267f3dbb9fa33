//! Workflows and scripts do what they say: every action is pinned, and every `run:` runs here, in a folder of its
//! own with stand-ins for the tools that build, install and publish. Each `quorate` in it is a command line that
//! the program takes.
#![cfg(unix)]

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use quorate::cli::definition;

use super::survival::root;

const QUORATE: &str = env!("CARGO_BIN_EXE_quorate");
const TARGET: &str = "x86_64-unknown-linux-musl";

/// Every workflow and composite action: its path and its text.
fn pages() -> Vec<(PathBuf, String)> {
    let folders = [".github/workflows", ".github/actions/validate"];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 5, "{paths:?}");
    paths.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// The value of a field in each line that sets it, a comment behind it included.
fn values<'t>(text: &'t str, field: &str) -> Vec<&'t str> {
    let start = format!("{field}: ");
    let lines = text.lines().map(|line| line.trim_start().trim_start_matches("- "));
    lines.filter_map(|line| line.strip_prefix(start.as_str())).collect()
}

fn indent(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

/// The body of every `run:`, in order.
fn bodies(text: &str) -> Vec<String> {
    let (mut bodies, mut lines) = (Vec::new(), text.lines().peekable());
    while let Some(line) = lines.next() {
        let Some(body) = line.trim_start().trim_start_matches("- ").strip_prefix("run: ") else {
            continue;
        };
        if body != "|" {
            bodies.push(body.to_owned());
            continue;
        }
        let mut block = Vec::new();
        while let Some(next) = lines.next_if(|next| next.is_empty() || indent(next) > indent(line))
        {
            block.push(next);
        }
        let margin = block.iter().filter(|line| !line.is_empty()).map(|line| indent(line)).min();
        let cut = |line: &&str| line.get(margin.unwrap_or(0)..).unwrap_or_default().to_owned();
        bodies.push(block.iter().map(cut).collect::<Vec<_>>().join("\n"));
    }
    bodies
}

#[test]
fn every_body_of_a_workflow_is_seen() {
    let text = "    - run: one\n    - name: x\n      run: |\n        two \\\n          three\n\n        four\n      env:\n";
    assert_eq!(bodies(text), ["one", "two \\\n  three\n\nfour"]);
}

#[test]
fn every_action_is_pinned_to_a_commit() {
    let example = root().join("reports/README.md");
    let example = (example.clone(), fs::read_to_string(example).unwrap());
    let mut pinned: BTreeMap<String, String> = BTreeMap::new();
    for (path, text) in pages().into_iter().chain([example]) {
        for used in values(&text, "uses") {
            // Our own action: the same commit as the workflow, or in the example to copy the reader's choice.
            if used.starts_with("./") || used.starts_with("OWNER/quorate/") {
                continue;
            }
            let parts = used.split_once('@').and_then(|(name, at)| {
                let (commit, version) = at.split_once(" # ")?;
                let is_commit =
                    commit.len() == 40 && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
                (is_commit && version.starts_with('v')).then_some((name, at))
            });
            let (name, at) = parts.unwrap_or_else(|| {
                panic!("{}: `{used}`: expected NAME@COMMIT # VERSION", path.display())
            });
            let known = pinned.entry(name.to_owned()).or_insert_with(|| at.to_owned());
            assert_eq!(known, at, "{}: `{name}` in two versions", path.display());
        }
    }
    assert!(pinned.len() >= 6, "{pinned:?}");
}

/// Opened by its name, a file that standard error was led into loses what is in it: the log of a whole run.
#[test]
fn no_script_opens_the_standard_streams_by_name() {
    let folders = [".ci", "sim/cluster"];
    let entries = folders.iter().flat_map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let scripts: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    assert!(scripts.len() >= 6, "{scripts:?}");
    for path in scripts {
        let text = fs::read_to_string(&path).unwrap();
        assert!(!text.contains("/dev/std"), "{}", path.display());
    }
}

/// `cargo mutants` looks at the default member alone unless it is told otherwise, and none of the files that
/// `.cargo/mutants.toml` names is in it: it would find nothing to change, and end well.
#[test]
fn changes_are_tried_in_all_packages() {
    let mut commands = 0;
    for name in [".github/workflows/mutants.yml", ".github/CONTRIBUTING.md", ".cargo/mutants.toml"]
    {
        let text = fs::read_to_string(root().join(name)).unwrap();
        for line in text.lines().filter(|line| line.contains("cargo mutants --")) {
            commands += 1;
            assert!(line.contains("cargo mutants --workspace "), "{name}: {line}");
        }
    }
    assert!(commands >= 5, "{commands}");
    let settings = fs::read_to_string(root().join(".cargo/mutants.toml")).unwrap();
    let paths = settings.lines().filter_map(|line| line.trim().strip_prefix("\"sim/"));
    let paths: Vec<&str> = paths.filter_map(|path| path.split(['*', '"']).next()).collect();
    assert!(paths.len() >= 8, "{paths:?}");
    for path in paths {
        assert!(root().join("sim").join(path).exists(), "sim/{path}");
    }
}

#[test]
fn no_step_gets_more_than_it_needs() {
    let mut checkouts = 0;
    for (path, text) in pages() {
        let path = path.display();
        for body in bodies(&text) {
            assert!(!body.contains("${{"), "{path}: an expression is put into a script: {body}");
        }
        let lines: Vec<&str> = text.lines().collect();
        for (number, line) in lines.iter().enumerate() {
            if line.contains("actions/checkout@") {
                checkouts += 1;
                let with: Vec<&str> =
                    lines[number + 1..number + 3].iter().map(|line| line.trim()).collect();
                assert_eq!(with, ["with:", "persist-credentials: false"], "{path}");
            }
            let grants = line.contains(": write");
            assert!(!grants || line.contains(" # "), "{path}: `{line}` does not say what for");
            assert!(!grants || indent(line) > 4, "{path}: `{line}` is granted to every job");
        }
        if text.contains("\njobs:") {
            assert!(text.contains("\npermissions:\n  contents: read\n\n"), "{path}: permissions");
        }
    }
    assert!(checkouts >= 5, "{checkouts} checkouts");
}

/// A folder in which workflows run: what they read of the project, and tools that write down how they were
/// called.
struct Checkout {
    folder: tempfile::TempDir,
}

/// Writes down its name and its words, one line a call, and does nothing else. `cargo deny` and `cargo fuzz` are
/// not installed, and a seeded fault is found.
const STAND_IN: &str = r#"#!/bin/sh
{ printf '%s' "${0##*/}"; printf '\037%s' "$@"; echo; } >> "$CALLS"
case "$*" in
"deny --version") exit 101 ;;
"fuzz --version") exit "${FUZZ:-101}" ;;
*"fuzz run"*) exit "${CRASH:-0}" ;;
*"--fault"*) exit "${FOUND:-1}" ;;
/*.html) exit 1 ;;
esac
case "${0##*/}" in
cluster) echo "skipped: no Slurm"; exit "${CLUSTER:-0}" ;;
esac
"#;

impl Checkout {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let top = folder.path();
        for place in [
            "bin",
            ".ci",
            "sim",
            "fuzz",
            "target/debug",
            "target/tmp/samples",
            "temp/quorate/release",
        ] {
            fs::create_dir_all(top.join(place)).unwrap();
        }
        fs::create_dir_all(top.join("scenarios/household")).unwrap();
        fs::create_dir_all(top.join(format!("target/{TARGET}/dist"))).unwrap();
        for file in [
            ".ci/run",
            "Cargo.toml",
            "LICENSE",
            "README.md",
            "sim/CHANGELOG.md",
            "fuzz/README.md",
            "scenarios/household/symbol.json",
        ] {
            fs::copy(root().join(file), top.join(file)).unwrap();
        }
        fs::write(top.join("target/tmp/samples/replay.html"), "<body></body>").unwrap();
        for tool in ["cargo", "rustup", "gh", "chromium", "apt-get", "python3"] {
            program(&top.join("bin").join(tool), STAND_IN);
        }
        for script in [".ci/browser", ".ci/cluster"] {
            program(&top.join(script), STAND_IN);
        }
        program(&top.join(format!("target/{TARGET}/dist/quorate")), "#!/bin/sh\necho built\n");
        for place in ["target/debug/quorate", "temp/quorate/release/quorate"] {
            symlink(QUORATE, top.join(place)).unwrap();
        }
        Self { folder }
    }

    /// Runs a body as the runner does, with what it finds in its environment.
    fn run(&self, body: &str, more: &[(&str, &str)]) -> Output {
        let top = self.folder.path();
        let mut shell = Command::new("bash");
        shell.current_dir(top).args(["--noprofile", "--norc", "-eo", "pipefail", "-c", body]);
        shell.env("PATH", format!("{}/bin:/usr/local/bin:/usr/bin:/bin", top.display()));
        shell
            .env_remove("CARGO_TARGET_DIR")
            .env("CALLS", top.join("calls"))
            .env("RUNNER_TEMP", top.join("temp"));
        shell.env("GITHUB_OUTPUT", top.join("outputs")).env("GITHUB_ACTION_PATH", "/action");
        let version = concat!("v", env!("CARGO_PKG_VERSION"));
        shell.envs([("GITHUB_REF_NAME", version), ("TARGET", TARGET), ("FOLDER", "made here")]);
        shell.envs([("CONFIGURATION", "nis1"), ("DENY", "dead-level costly")]);
        shell.env("ARGUMENTS", "--runs 5 --work 300").envs(more.iter().copied());
        shell.output().unwrap()
    }

    fn read(&self, file: &str) -> String {
        fs::read_to_string(self.folder.path().join(file)).unwrap_or_default()
    }

    /// How the stand-ins were called: the words of each call.
    fn calls(&self) -> Vec<Vec<String>> {
        let calls = self.read("calls");
        calls.lines().map(|line| line.split('\u{1f}').map(str::to_owned).collect()).collect()
    }
}

fn program(path: &Path, text: &str) {
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// The command line of `quorate` in a call of `cargo run`.
fn own(call: &[String]) -> Option<Vec<String>> {
    let is_run = call.first().is_some_and(|tool| tool == "cargo")
        && call.get(1).is_some_and(|word| word == "run");
    let at = call.iter().position(|word| word == "--").filter(|_| is_run)?;
    Some([&["quorate".to_owned()], &call[at + 1..]].concat())
}

#[test]
fn every_body_runs() {
    let (mut count, mut commands) = (0, 0);
    for (path, text) in pages() {
        let checkout = Checkout::new();
        for body in bodies(&text) {
            let output = checkout.run(&body, &[]);
            assert!(output.status.success(), "{}: {body}\n{output:#?}", path.display());
            count += 1;
        }
        for call in checkout.calls() {
            if let Some(words) = own(&call) {
                let parsed = definition().try_get_matches_from(&words);
                assert!(parsed.is_ok(), "{}: {words:?}: {parsed:?}", path.display());
                commands += 1;
            }
        }
    }
    // `.ci/run` alone validates, replays and fuzzes five times.
    assert!(count >= 13 && commands >= 7, "{count} bodies, {commands} commands");
}

/// The body in this file that holds these words.
fn body(file: &str, words: &str) -> String {
    let text = fs::read_to_string(root().join(".github").join(file)).unwrap();
    let found = bodies(&text).into_iter().find(|body| body.contains(words));
    found.unwrap_or_else(|| panic!("{file}: no step with `{words}`"))
}

#[test]
fn a_release_is_an_archive_with_all_that_is_promised() {
    let checkout = Checkout::new();
    let output = checkout.run(&body("workflows/release.yml", "tar -czf"), &[]);
    assert!(output.status.success(), "{output:#?}");
    let name = format!("quorate-v{}-{TARGET}", env!("CARGO_PKG_VERSION"));
    let script = format!("sha256sum --check {name}.tar.gz.sha256 && tar -tzf {name}.tar.gz");
    let listed = checkout.run(&script, &[]);
    let listed = String::from_utf8(listed.stdout).unwrap();
    for file in [
        "quorate",
        "README.md",
        "LICENSE",
        "CHANGELOG.md",
        "scenarios/household/symbol.json",
        "man/quorate.1",
        "man/quorate-validate.1",
        "completions/quorate.bash",
        "completions/quorate.fish",
        "completions/quorate.zsh",
    ] {
        assert!(listed.lines().any(|line| line == format!("{name}/{file}")), "{file}: {listed}");
    }
    // A build that made no program makes no archive either.
    fs::remove_dir_all(checkout.folder.path().join(format!("target/{TARGET}"))).unwrap();
    assert!(!checkout.run(&body("workflows/release.yml", "tar -czf"), &[]).status.success());
}

#[test]
fn a_tag_of_another_version_makes_no_release() {
    let body = body("workflows/release.yml", "grep");
    assert!(Checkout::new().run(&body, &[]).status.success());
    assert!(!Checkout::new().run(&body, &[("GITHUB_REF_NAME", "v9.9.9")]).status.success());
}

#[test]
fn the_action_writes_its_reports_and_fails_where_a_denied_hazard_is_reachable() {
    let checkout = Checkout::new();
    let body = body("actions/validate/action.yml", "--sarif");
    let output = checkout.run(&body, &[]);
    assert!(output.status.success(), "{output:#?}");
    assert_eq!(checkout.read("outputs"), "folder=made here\n");
    for file in ["validate.sarif", "validate.xml", "validate.html", "validate.txt"] {
        assert!(checkout.read(&format!("made here/{file}")).len() > 100, "{file}");
    }
    for denied in ["takeover", "dead-level,takeover", "all"] {
        let output = checkout.run(&body, &[("DENY", denied)]);
        assert_eq!(output.status.code(), Some(1), "{denied}");
    }
    let none = checkout.run(&body, &[("DENY", ""), ("ARGUMENTS", "--runs 1 --work 100")]);
    assert!(none.status.success(), "{none:#?}");
}

#[test]
fn a_check_that_cannot_be_made_is_said() {
    let checkout = Checkout::new();
    let output = checkout.run("bash .ci/run", &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    let skipped: Vec<&str> =
        text.lines().filter_map(|line| line.strip_prefix("== SKIPPED ")).collect();
    assert!(skipped[0].starts_with("cargo deny check: cargo-deny is not installed"), "{text}");
    assert!(skipped[1].starts_with("cargo fuzz run: cargo-fuzz or a nightly Rust"), "{text}");
    assert_eq!(skipped.len(), 2, "{text}");
    // Without Slurm its arrays are not tried; parts that are not the whole end it.
    let output = checkout.run("bash .ci/run", &[("CLUSTER", "77")]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{text}");
    assert_eq!(text.lines().last(), Some("== SKIPPED .ci/cluster: no Slurm"));
    assert!(!checkout.run("bash .ci/run", &[("CLUSTER", "1")]).status.success());
    // The command of the page is run as it stands there; what it finds ends it.
    let checkout = Checkout::new();
    let output = checkout.run("bash .ci/run", &[("FUZZ", "0")]);
    assert!(!String::from_utf8(output.stdout).unwrap().contains("SKIPPED cargo fuzz"));
    let of_page = |call: &Vec<String>| call.contains(&"-use_counters=0".to_owned());
    assert_eq!(checkout.calls().iter().filter(|call| of_page(call)).count(), 1);
    let output = Checkout::new().run("bash .ci/run", &[("FUZZ", "0"), ("CRASH", "77")]);
    assert_eq!(output.status.code(), Some(77));
    // A fault that is not found ends it, and so does a wrong command line.
    for found in ["0", "2"] {
        let output = Checkout::new().run("bash .ci/run", &[("FOUND", found)]);
        assert!(!output.status.success(), "{found}");
    }
}

/// The blocks of commands of a page.
fn blocks(page: &str) -> Vec<String> {
    let text = fs::read_to_string(root().join(page)).unwrap();
    let blocks = text.split("\n```sh\n").skip(1);
    blocks.filter_map(|rest| rest.split("\n```").next().map(str::to_owned)).collect()
}

/// Every command of the page on fuzzing runs on a fresh clone: the folders that it names are there, or made by
/// the command above it in the same block.
#[test]
fn every_command_on_fuzzing_finds_its_folders() {
    let blocks = blocks("fuzz/README.md");
    let mut runs = 0;
    for block in &blocks {
        let checkout = Checkout::new();
        let seeds = fs::read_dir(root().join("fuzz/seeds")).unwrap();
        for target in seeds.map(|entry| entry.unwrap().file_name()) {
            fs::create_dir_all(checkout.folder.path().join("fuzz/seeds").join(target)).unwrap();
        }
        let output = checkout.run(block, &[]);
        assert!(output.status.success(), "{block}: {output:#?}");
        for call in checkout.calls().iter().filter(|call| call.iter().any(|word| word == "fuzz")) {
            let target = call.iter().skip_while(|word| *word != "fuzz").nth(2).unwrap();
            assert!(root().join(format!("fuzz/targets/{target}.rs")).exists(), "{call:?}");
            let named = call.iter().filter(|word| word.starts_with("fuzz/"));
            for folder in named.filter(|folder| !folder.contains("/artifacts/")) {
                assert!(checkout.folder.path().join(folder).is_dir(), "{block}: {folder}");
            }
            runs += usize::from(call.iter().any(|word| word == "run"));
        }
    }
    assert!(blocks.len() >= 7 && runs >= 4, "{} blocks, {runs} runs", blocks.len());
}

/// What the first page says about installing is what the program takes.
#[test]
fn what_is_said_about_installing_is_taken() {
    let lines: Vec<String> = blocks("README.md").join("\n").lines().map(str::to_owned).collect();
    let own = lines.iter().filter(|line| line.starts_with("quorate "));
    let count = own
        .map(|line| {
            let words = shlex::split(line).unwrap();
            let words = words.into_iter().take_while(|word| word != ">");
            definition()
                .try_get_matches_from(words)
                .unwrap_or_else(|error| panic!("{line}: {error}"))
        })
        .count();
    assert!(count >= 3, "{lines:?}");
}

//! The samples in `reports/` are what the program writes today.
//!
//! `cargo test -p quorate --test suite reports:: -- --ignored` writes them anew.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use quorate::report::sheet::Sheet;
use quorate::report::text::{Options, page};

/// A name, the command line, and which files are written beside the answer.
const SAMPLES: [(&str, &str, &[&str]); 9] = [
    (
        "validated",
        "validate symbol-mainnet --runs 20 --work 1000 --jobs 1",
        &["html", "junit", "sarif"],
    ),
    (
        "replay",
        "replay scenarios/takeover/symbol-low-min-removal.json scenarios/key-loss/recovered-nis1.json \
         scenarios/fraud-detection/symbol.json",
        &["html", "junit", "sarif"],
    ),
    ("failed", "replay sim/tests/cmd/broken.json", &["html", "junit", "sarif"]),
    ("found", "fuzz --fault no-opt-in --jobs 1", &["html", "junit", "sarif"]),
    ("matrix", "faults --matrix", &["html"]),
    (
        "explored",
        "explore --accounts 4 --max-cosignatories 2 --find takeover --find locked-alive",
        &["html"],
    ),
    ("analyzed", "analyze sim/examples/board.json", &["html"]),
    ("treasury", "analyze sim/examples/board.json --account treasury", &["svg"]),
    ("thresholds", "analyze --design 5 --loss 0.05 --compromise 0.01", &["html"]),
];

const BYTES_MAX: u64 = 2 << 20;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn extension(kind: &str) -> &str {
    if kind == "junit" { "xml" } else { kind }
}

/// Writes all samples into a folder.
fn write(folder: &Path) {
    for (name, command, kinds) in SAMPLES {
        for (format, extension) in [("text", "txt"), ("json", "json")] {
            let mut words = shlex::split(command).unwrap();
            words.extend(["--format".to_owned(), format.to_owned()]);
            // a text may name the files that were written
            if format == "json" {
                for kind in kinds {
                    let path = folder.join(format!("{name}.{}", self::extension(kind)));
                    words.extend([format!("--{kind}"), path.display().to_string()]);
                }
            }
            let output = Command::new(env!("CARGO_BIN_EXE_quorate"))
                .args(&words)
                .current_dir(root())
                .output()
                .unwrap();
            assert!(output.status.code().is_some_and(|code| code < 2), "{words:?}: {output:?}");
            fs::write(folder.join(format!("{name}.{extension}")), output.stdout).unwrap();
        }
    }
}

fn files(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    files.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[test]
fn samples_are_what_is_written_today() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let mut bytes = 0;
    for name in files(folder.path()) {
        let today = fs::read(folder.path().join(&name)).unwrap();
        let sample = fs::read(root().join("reports").join(&name)).unwrap_or_default();
        bytes += today.len() as u64;
        assert!(
            today == sample,
            "reports/{name} is not what is written today; \
             `cargo test -p quorate --test suite reports:: -- --ignored` writes it anew"
        );
    }
    assert!(bytes < BYTES_MAX, "{bytes} bytes of samples");
}

#[test]
fn every_sample_is_told_of() {
    let text = fs::read_to_string(root().join("reports/README.md")).unwrap();
    for (name, command, _) in SAMPLES {
        assert!(text.contains(&format!("`{name}.")), "{name}");
        assert!(text.contains(command), "{command}");
    }
}

#[test]
fn a_page_drawn_from_the_answer_is_the_page_drawn_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("page.html");
    for name in
        ["replay", "failed", "found", "matrix", "explored", "thresholds", "benchmarks", "validated"]
    {
        let status = Command::new(env!("CARGO_BIN_EXE_quorate"))
            .args(["report", &format!("reports/{name}.json"), "--html"])
            .arg(&path)
            .current_dir(root())
            .status()
            .unwrap();
        assert!(status.success());
        let drawn = fs::read_to_string(&path).unwrap();
        assert!(
            drawn == fs::read_to_string(root().join(format!("reports/{name}.html"))).unwrap(),
            "{name}"
        );
    }
}

/// Comparisons of accounts are read back into their type; what the answer does not hold, pictures and
/// the files' names, is left out.
#[test]
fn a_saved_comparison_of_accounts_is_drawn() {
    let folder = tempfile::tempdir().unwrap();
    let (answer, path) = (folder.path().join("answer.json"), folder.path().join("page.html"));
    let quorate = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.args(arguments).current_dir(root().join("sim")).output().unwrap()
    };
    let pair = ["analyze", "tests/cmd/exchanged.json", "--against", "tests/cmd/planned.json"];
    let steps = ["analyze", "../scenarios/takeover/symbol-low-min-removal.json", "--each-step"];
    for (arguments, shown) in
        [(&pair[..], "1 key can seize wallet (2 otherwise)"), (&steps, "Step ")]
    {
        let found = quorate(&[arguments, &["--format", "json"]].concat());
        assert!(found.status.success());
        fs::write(&answer, found.stdout).unwrap();
        let [from, to] = [&answer, &path].map(|path| path.to_str().unwrap());
        let drawn = quorate(&["report", from, "--html", to]);
        assert!(drawn.status.success(), "{drawn:?}");
        let page = fs::read_to_string(&path).unwrap();
        let text = String::from_utf8(quorate(arguments).stdout).unwrap();
        let verdict = text.lines().next().unwrap().split_once(": ").unwrap().1;
        assert!(page.contains(verdict) && page.contains(shown), "{verdict}");
    }
    // a list of something else is no answer
    fs::write(&answer, "[{\"a\":1}]").unwrap();
    let refused = quorate(&["report", answer.to_str().unwrap(), "--html", path.to_str().unwrap()]);
    assert_eq!(refused.status.code(), Some(2));
    let error = String::from_utf8(refused.stderr).unwrap();
    assert!(error.contains("no result of a known kind"), "{error}");
}

/// The text of a saved answer in so many columns.
fn text<A: serde::de::DeserializeOwned>(name: &str, width: usize) -> String
where
    for<'a> Sheet: From<&'a A>,
{
    let path = root().join(format!("reports/{name}.json"));
    let answer: A = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    page(&Sheet::from(&answer), Options { width, details: false })
}

#[test]
fn a_text_fits_a_narrow_terminal() {
    let texts = [
        text::<quorate::replay::Report>("failed", 60),
        text::<quorate::campaign::Report>("found", 60),
        text::<quorate::campaign::Matrix>("matrix", 60),
        text::<quorate::explore::Part>("explored", 60),
    ];
    for text in texts {
        // scenarios, drawings and commands stay as they are
        let is_fixed = |line: &&str| line.starts_with([' ', '{', '}']) || line.contains("quorate ");
        let long: Vec<&str> =
            text.lines().filter(|line| !is_fixed(line) && line.chars().count() > 60).collect();
        assert!(long.is_empty(), "{long:#?}");
        assert!(text.lines().count() > 8, "{text}");
    }
}

#[test]
fn a_name_stays_a_name() {
    const NAME: &str = "</script><img src=x onerror=alert(1)>";
    let scenario = serde_json::json!({
        "format": "multisig-trace", "version": 1, "name": NAME, "description": NAME,
        "protocol": "symbol-mainnet", "accounts": [NAME, "b"],
        "state": {NAME: {"min_approval": 1, "min_removal": 1, "cosignatories": ["b"]}},
        "steps": [{"note": NAME, "lose": ["b"]}, {"check": {"balance": {NAME: {NAME: 1}}}}],
    });
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    fs::write(&path, scenario.to_string()).unwrap();
    for command in ["replay", "analyze"] {
        let page = folder.path().join("a.html");
        let output = Command::new(env!("CARGO_BIN_EXE_quorate"))
            .args([command, path.to_str().unwrap(), "--html", page.to_str().unwrap()])
            .output()
            .unwrap();
        assert!(output.status.code().is_some_and(|code| code < 2), "{output:?}");
        let page = fs::read_to_string(page).unwrap();
        assert_eq!(page.matches("<script>").count(), 1, "{command}");
        assert!(!page.contains("<img") && page.contains("&lt;img"), "{command}");
    }
}

#[test]
#[ignore = "writes the samples anew"]
fn refresh() {
    write(&root().join("reports"));
}

//! The samples in `reports/` are what the program writes today; of pages, but for one, the digests stand there.
//!
//! `cargo test -p quorate --test suite reports:: -- --ignored` writes them anew.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use quorate::report::sheet::Sheet;
use quorate::report::text::{Options, page};
use sha2::{Digest as _, Sha256};

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

const BYTES_MAX: usize = 2 << 20;

/// The page that is kept whole: what the first command of the README writes.
const KEPT: &str = "validated.html";

/// Where the pages are left for whoever wants to open them (`.ci/run` does).
const PAGES: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/samples");

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn extension(kind: &str) -> &str {
    if kind == "junit" { "xml" } else { kind }
}

fn quorate(words: &[String]) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output = command.args(words).current_dir(root()).output().unwrap();
    assert!(output.status.code().is_some_and(|code| code < 2), "{words:?}: {output:?}");
    output.stdout
}

/// Draws the page of a saved sample.
fn draw(name: &str, page: &Path) {
    let sample = format!("reports/{name}.json");
    quorate(&["report".to_owned(), sample, "--html".to_owned(), page.display().to_string()]);
}

/// Writes all samples into a folder.
fn write(folder: &Path) {
    draw("benchmarks", &folder.join("benchmarks.html"));
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
            fs::write(folder.join(format!("{name}.{extension}")), quorate(&words)).unwrap();
        }
    }
}

/// The files of a folder and what stands in them.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    let files = entries.filter(|entry| entry.file_type().unwrap().is_file());
    let named = |entry: &fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    files.map(|entry| (named(&entry), fs::read(entry.path()).unwrap())).collect()
}

fn is_page(name: &str) -> bool {
    name.ends_with(".html")
}

/// A line of `reports/pages.sha256`, as `sha256sum` writes and checks it.
fn digest_line(name: &str, page: &[u8]) -> String {
    format!("{}  {name}\n", data_encoding::HEXLOWER.encode(&Sha256::digest(page)))
}

/// The digests of all pages.
fn digests() -> String {
    fs::read_to_string(root().join("reports/pages.sha256")).unwrap()
}

#[test]
fn samples_are_what_is_written_today() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let (samples, digests) = (root().join("reports"), digests());
    let anew = "`cargo test -p quorate --test suite reports:: -- --ignored` writes it anew";
    let mut bytes = 0;
    let mut lines = String::new();
    fs::create_dir_all(PAGES).unwrap();
    for (name, today) in files(folder.path()) {
        if is_page(&name) {
            fs::write(Path::new(PAGES).join(&name), &today).unwrap();
            let line = digest_line(&name, &today);
            assert!(digests.contains(&line), "the page {name} is another than it was; {anew}");
            lines += &line;
        }
        if !is_page(&name) || name == KEPT {
            bytes += today.len();
            let sample = fs::read(samples.join(&name)).unwrap_or_default();
            assert!(today == sample, "reports/{name} is not what is written today; {anew}");
        }
    }
    assert_eq!(lines, digests, "pages that nobody draws");
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
    for name in ["replay", "failed", "found", "matrix", "explored", "thresholds", "validated"] {
        draw(name, &path);
        let line = digest_line(&format!("{name}.html"), &fs::read(&path).unwrap());
        assert!(digests().contains(&line), "{name}");
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
    let folder = tempfile::tempdir().unwrap();
    write(folder.path());
    let samples = root().join("reports");
    let mut lines = String::new();
    for (name, today) in files(folder.path()) {
        if is_page(&name) {
            lines += &digest_line(&name, &today);
        }
        if !is_page(&name) || name == KEPT {
            fs::write(samples.join(name), today).unwrap();
        }
    }
    fs::write(samples.join("pages.sha256"), lines).unwrap();
}

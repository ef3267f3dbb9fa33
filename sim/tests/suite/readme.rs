//! What the pages print is what happens. The guided hour of `scenarios/README.md`: its files are written,
//! its commands run, its answers compared, in the order in which they stand there and from an empty
//! folder. The commands of `README.md`: from the top folder.
#![cfg(unix)]

use std::fs;
use std::path::Path;
use std::process::Command;

/// The guided hour.
fn section() -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/README.md");
    let page = fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("\n## The first hour\n").expect("the guided hour");
    rest.split("\n## ").next().unwrap().to_owned()
}

/// Whether a text is what a line says, `[..]` standing for anything.
fn line_matches(expected: &str, found: &str) -> bool {
    let mut parts = expected.split("[..]");
    let first = parts.next().unwrap_or("");
    let Some(mut rest) = found.strip_prefix(first) else { return false };
    for part in parts {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.is_empty() || expected.ends_with("[..]")
}

/// Whether lines are what was expected, `...` standing for any number of them.
fn matches(expected: &[&str], found: &[&str]) -> bool {
    match (expected.split_first(), found.split_first()) {
        (None, None) => true,
        (Some((&"...", rest)), _) => (0..=found.len()).any(|skip| matches(rest, &found[skip..])),
        (Some((line, rest)), Some((first, others))) => {
            line_matches(line, first) && matches(rest, others)
        }
        _ => false,
    }
}

/// Runs what a `$` begins and compares what stands below it.
fn play(block: &str, folder: &Path) -> usize {
    let commands = block.split("\n$ ").map(|one| one.trim_start_matches("$ "));
    let mut count = 0;
    for command in commands {
        let mut lines = command.lines();
        let words = lines.next().unwrap();
        let mut expected: Vec<&str> = lines.collect();
        let code = expected.first().and_then(|line| line.strip_prefix("? "));
        let code = code.map_or(0, |code| code.parse().unwrap());
        expected.retain(|line| !line.starts_with("? "));
        let own = Path::new(env!("CARGO_BIN_EXE_quorate")).parent().unwrap();
        let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap());
        let mut shell = Command::new("sh");
        shell.current_dir(folder).env("PATH", path).args(["-c", words]);
        let output = shell.output().unwrap();
        let told = String::from_utf8(output.stdout).unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "$ {words}\n{told}{error}");
        let said = if told.is_empty() { &error } else { &told };
        let found: Vec<&str> = said.lines().collect();
        let shown = !expected.is_empty();
        assert!(!shown || matches(&expected, &found), "$ {words}\n{said}\nexpected\n{expected:#?}");
        count += 1;
    }
    count
}

/// The name of the file that a block is: the last one in backticks in the text above it.
fn file_name(above: &str) -> Option<&str> {
    let words = above.split('`').skip(1).step_by(2);
    words.filter(|word| word.ends_with(".json") || word.ends_with(".py")).last()
}

#[test]
fn the_first_hour_goes_as_it_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let section = section();
    let (mut commands, mut files, mut above) = (0, Vec::new(), "");
    for (index, part) in section.split("```").enumerate() {
        if index % 2 == 0 {
            above = part;
            continue;
        }
        let (kind, content) = part.split_once('\n').unwrap();
        match kind {
            "console" => commands += play(content.trim_end(), folder.path()),
            "json" | "python" => {
                let name = file_name(above).expect("a name for this file");
                fs::write(folder.path().join(name), content).unwrap();
                files.push(name);
            }
            _ => panic!("a block of {kind:?}"),
        }
    }
    assert_eq!(files, ["first.json", "peer.py", "mine.json"]);
    assert!(commands >= 14, "{commands} commands");
}

#[test]
fn the_first_page_goes_as_it_is_told() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    fs::create_dir_all(top.join("reports/local")).unwrap();
    let page = fs::read_to_string(top.join("README.md")).unwrap();
    let blocks = page.split("```console\n").skip(1).filter_map(|rest| rest.split("```").next());
    let commands: usize = blocks.map(|block| play(block.trim_end(), &top)).sum();
    assert!(commands >= 14, "{commands} commands");
}

#[test]
fn a_wrong_answer_is_seen() {
    assert!(matches(&["a [..] c", "...", "z"], &["a b c", "x", "y", "z"]));
    assert!(!matches(&["a [..] c", "...", "z"], &["a b d", "z"]));
    assert!(!matches(&["a"], &["a", "b"]));
    assert!(!matches(&["a", "b"], &["a"]));
}

/// Each row of "Survives" names tests that exist.
#[test]
fn every_row_of_what_it_survives_is_a_test() {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(own.join("README.md")).unwrap();
    let (_, rest) = page.split_once("\n## Survives\n").unwrap();
    let table = rest.split("\n## ").next().unwrap();
    let rows: Vec<&str> = table.lines().filter(|line| line.starts_with("| ")).skip(1).collect();
    assert!(rows.len() > 30, "{} rows", rows.len());
    for row in rows {
        let tests = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let named: Vec<&str> =
            tests.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect();
        assert!(!named.is_empty(), "no test: {row}");
        for name in named {
            let (module, function) = name.split_once("::").unwrap();
            let file = match module {
                "file" => own.join("src/report/file.rs"),
                "interrupt" => own.join("src/cli/interrupt.rs"),
                "ending" => own.join("engine/src/ending.rs"),
                _ => own.join(format!("tests/suite/{module}.rs")),
            };
            let text = fs::read_to_string(&file).unwrap_or_default();
            let at = text
                .find(&format!("fn {function}()"))
                .unwrap_or_else(|| panic!("no {name}: {row}"));
            let before = &text[..at];
            let attributes = before.rsplit("\n\n").next().unwrap();
            assert!(attributes.contains("#[test]"), "{name} is no test");
        }
    }
}

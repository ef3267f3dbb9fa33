//! `quorate fmt`: the shipped stories are laid out the one way, and only space changes.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

#[test]
fn every_story_is_laid_out_the_one_way() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut quorate = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output = quorate.current_dir(root).args(["fmt", "--check", "scenarios"]).output().unwrap();
    let named = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "`quorate fmt scenarios` would change:\n{named}");
}

#[test]
fn a_file_written_anew_says_the_same_and_stays_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let story = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/household/symbol.json");
    let story = fs::read_to_string(story).unwrap();
    let value: Value = serde_json::from_str(&story).unwrap();
    let steps = value["steps"].as_array().unwrap();
    let mut header = value.clone();
    header.as_object_mut().unwrap().shift_remove("steps");
    let spaced = |value: &Value| value.to_string().replace(":{", ":  {");
    let lines: Vec<String> = std::iter::once(&header).chain(steps).map(spaced).collect();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("a.json"), serde_json::to_string_pretty(&value).unwrap()).unwrap();
    fs::write(path("b.jsonl"), lines.join("\r\n\n")).unwrap();
    fs::write(path("broken.json"), "{}").unwrap();
    let fmt = |words: &[&str]| {
        let mut quorate = Command::new(env!("CARGO_BIN_EXE_quorate"));
        quorate.current_dir(folder.path()).arg("fmt").args(words).output().unwrap()
    };
    assert_eq!(fmt(&["--check", "a.json", "b.jsonl"]).stdout, b"a.json\nb.jsonl\n");
    assert_eq!(fmt(&["a.json", "b.jsonl"]).status.code(), Some(0));
    assert_eq!(fs::read_to_string(path("a.json")).unwrap(), story);
    let compact: String =
        std::iter::once(&header).chain(steps).map(|one| format!("{one}\n")).collect();
    assert_eq!(fs::read_to_string(path("b.jsonl")).unwrap(), compact);
    assert_eq!(fmt(&["--check", "a.json", "b.jsonl"]).status.code(), Some(0));
    assert_eq!(fmt(&["broken.json"]).status.code(), Some(2));
    assert_eq!(fs::read_to_string(path("broken.json")).unwrap(), "{}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

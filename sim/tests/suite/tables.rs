//! Account trees as tables: what spreadsheets export, and where what is wrong stands.

use std::path::Path;
use std::process::{Command, Output};

use serde_json::Value;

fn quorate(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// The answers of a file without the names of the file.
fn answers(folder: &Path, file: &str) -> Value {
    let output = quorate(folder, &["analyze", file, "--format", "json"]);
    assert!(output.status.success(), "{file}: {}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

const TREE: &str = r#"{"format":"account-tree","accounts":{
    "top, all":{"min_approval":2,"min_removal":1,"cosignatories":["desk","a \"b\"","c"]},
    "desk":{"min_approval":1,"min_removal":1,"cosignatories":["c","dé"]}}}"#;

#[test]
fn what_spreadsheets_export_is_the_same_tree() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    std::fs::write(folder.join("tree.json"), TREE).unwrap();
    let plain = "account,min_approval,min_removal,cosignatory\n\
                 \"top, all\",2,1,desk\n\"top, all\",2,1,\"a \"\"b\"\"\"\n\"top, all\",2,1,c\n\
                 desk,1,1,c\ndesk,1,1,dé\n";
    let once = "account,min_approval,min_removal,cosignatory\r\n\
                \"top, all\",2,1,desk\r\n\"top, all\",,,\"a \"\"b\"\"\"\r\n\r\n  ,, ,\r\n\
                \"top, all\",,,c\r\n desk , 1, 1 ,c\r\ndesk,,,dé";
    let european = "\u{feff}\"account\";\"min_approval\";\"min_removal\";\"cosignatory\";\n\
                    top, all;2;1;desk;\ntop, all;2;;\"a \"\"b\"\"\"\n;;;;\ntop, all;;1;c;;\n\
                    desk;1;1;c\ndesk;1;1;dé\n\n\n";
    let tabs = "Cosignatory\tMin Removal\tMin-Approval\tACCOUNT\n\
                desk\t1\t2\ttop, all\n\"a \"\"b\"\"\"\t\t\ttop, all\nc\t\t\ttop, all\n\
                c\t1\t1\tdesk\ndé\t\t\tdesk\n";
    let expected = answers(folder, "tree.json");
    assert_eq!(expected[1]["account"], "top, all");
    for (name, text) in
        [("plain.csv", plain), ("once.CSV", once), ("european.txt", european), ("tabs.csv", tabs)]
    {
        std::fs::write(folder.join(name), text).unwrap();
        assert_eq!(answers(folder, name), expected, "{name}");
        // every command that takes a tree takes it
        let output = quorate(folder, &["plan", "tree.json", name]);
        let told = String::from_utf8(output.stdout).unwrap();
        assert!(output.status.success() && told.contains("nothing changes"), "{name}: {told}");
        let payment = r#"{"transaction":{"type":"aggregate_complete","signer":"c","cosignatures":[],
            "transactions":[{"type":"transfer","signer":"desk","recipient":"c","amount":1}]}}"#;
        std::fs::write(folder.join("payment.json"), payment).unwrap();
        let explain = |state: &str| {
            let arguments = ["explain", "--state", state, "payment.json", "--format", "json"];
            quorate(folder, &arguments).stdout
        };
        assert!(!explain(name).is_empty());
        assert_eq!(explain(name), explain("tree.json"), "{name}");
    }
}

#[test]
fn nis1_has_one_threshold() {
    let folder = tempfile::tempdir().unwrap();
    let table = "account,min_cosignatories,cosignatory\nx,0,a\nx,,b\nx,,c\n";
    std::fs::write(folder.path().join("x.csv"), table).unwrap();
    let found = answers(folder.path(), "x.csv");
    assert_eq!(found[0]["protocol"], "nis1");
    assert_eq!(found[0]["answers"]["min_signatures"], 3);
    assert_eq!(found[0]["answers"]["eventual_min_signatures"], 2);
}

#[test]
fn the_template_is_a_table_that_is_read() {
    let folder = tempfile::tempdir().unwrap();
    let output = quorate(folder.path(), &["analyze", "--csv-template"]);
    assert!(output.status.success());
    std::fs::write(folder.path().join("t.csv"), &output.stdout).unwrap();
    let found = answers(folder.path(), "t.csv");
    let names: Vec<&str> =
        found.as_array().unwrap().iter().map(|one| one["account"].as_str().unwrap()).collect();
    assert_eq!(names, ["board", "office", "treasury"]);
    let output = quorate(folder.path(), &["analyze", "--csv-template", "t.csv"]);
    assert_eq!(output.status.code(), Some(2));
}

#[test]
fn what_is_wrong_is_told_with_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let head = "account,min_approval,min_removal,cosignatory";
    for (text, expected) in [
        (String::new(), "an empty file; expected"),
        ("\n;;\n".to_owned(), "1:1: nothing; expected `account`"),
        (
            "account,min_aproval,min_removal,cosignatory\n".to_owned(),
            "1:9: column `min_aproval`; expected `account`, `min_approval`",
        ),
        ("account,account\n".to_owned(), "1:9: column `account` twice; expected it once"),
        (
            "account,cosignatory\nx,a\n".to_owned(),
            "1:1: columns `account`, `cosignatory`; expected",
        ),
        (format!("{head}\n"), "2:1: no rows below the header; expected"),
        (format!("{head}\nx,2,two,a\n"), "2:5: `two` of account `x`; expected a whole number"),
        (format!("{head}\nx,-1,2,a\n"), "2:3: `-1` of account `x`; expected a whole number"),
        (
            format!("{head}\nx,2,2,a\n\nx,3,2,b\n"),
            "4:3: 3 for account `x`, and 2 in line 2; expected the same",
        ),
        (
            format!("{head}\nx,1,1,a\nx,,1,\n"),
            "3:6: `cosignatory` is empty; expected the name of a key or an account",
        ),
        (format!("{head}\nx,1,1\n"), "2:1: `cosignatory` is empty; expected"),
        (format!("{head}\n,1,1,a\n"), "2:1: `account` is empty; expected the name of an account"),
        (format!("{head}\nx,1,1,a,b\n"), "2:9: `b` in column 5; expected 4 columns"),
        (
            format!("{head}\nx,1,1,a\nx,1,1,a\n"),
            "3:7: account `x` lists cosignatory `a` twice; each counts once",
        ),
        (
            format!("{head}\ny,1,1,a\nx,,1,b\n"),
            "3:1: no thresholds of account `x`; expected `min_approval` and `min_removal` in its \
             first row",
        ),
        (
            format!("{head}\ny,1,1,a\nx,2,1,b\n"),
            "3:1: min approval of account `x` is 2; expected 1 to 1, its number of cosignatories",
        ),
        (
            format!("{head}\nz,1,1,a\nx,1,1,y\ny,1,1,x\n"),
            "3:1: accounts cosign for each other in a loop: x -> y -> x",
        ),
        (
            format!("{head}\nx,1,1,\"a\ny,1,1,b\n"),
            "2:7: a quote that is never closed; expected the whole cell in quotes",
        ),
        (
            format!("{head}\nx,1,1,\"a\"b\ny,1,1,b\n"),
            "2:7: text behind a closing quote; expected the whole cell in quotes",
        ),
        (
            format!("{head}\nü x,1,1,a\"b\"\n"),
            "2:9: a quote inside a cell; expected the whole cell in quotes",
        ),
    ] {
        std::fs::write(folder.path().join("t.csv"), &text).unwrap();
        for arguments in [&["analyze", "t.csv"][..], &["plan", "t.csv", "t.csv"]] {
            let output = quorate(folder.path(), arguments);
            let error = String::from_utf8(output.stderr).unwrap();
            assert_eq!(output.status.code(), Some(2), "{text}: {error}");
            assert!(
                error.replace("t.csv: ", "t.csv:").starts_with(&format!("error: t.csv:{expected}")),
                "{text}\n{error}"
            );
            assert_eq!(error.lines().count(), 1, "{error}");
        }
    }
    // not UTF-8, as older spreadsheets write it
    std::fs::write(
        folder.path().join("t.csv"),
        b"account,min_approval,min_removal,cosignatory\nx,1,1,d\xe9\n",
    )
    .unwrap();
    let output = quorate(folder.path(), &["analyze", "t.csv"]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.code() == Some(2) && error.contains("t.csv:2:8:"), "{error}");
}

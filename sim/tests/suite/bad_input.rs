//! Files that cannot be read: one clear error each, with its place, and exit code 2.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::Path;
use std::process::{Command, Output};

use flate2::Compression;
use flate2::write::GzEncoder;
use proptest::prelude::*;
use quorate::replay::{Options, replay};
use quorate::scenario::{Layout, ScenarioError, Step, open_reader, source};

const HEADER: &str = r#"{"format":"multisig-trace","version":1,"protocol":"symbol-mainnet","accounts":["alice","bob"],"balances":{"alice":5}}"#;
const TRANSFER: &str =
    r#"{"transaction":{"type":"transfer","signer":"alice","recipient":"bob","amount":1}}"#;

fn run(folder: &Path, name: &str, bytes: &[u8]) -> Output {
    fs::write(folder.join(name), bytes).unwrap();
    let mut quorate = Command::new(env!("CARGO_BIN_EXE_quorate"));
    quorate.current_dir(folder).args(["replay", name]).output().unwrap()
}

/// Replays a file with these bytes: exactly one error, of which `expected` are parts in this order.
#[track_caller]
fn refused(name: &str, bytes: &[u8], expected: &[&str]) {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), name, bytes);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(output.stdout.is_empty(), "{}", String::from_utf8_lossy(&output.stdout));
    let lines: Vec<&str> = error.lines().collect();
    let [line] = lines.as_slice() else { panic!("one line expected: {error}") };
    assert!(line.starts_with(&format!("error: {name}:")), "{line}");
    assert!(line.contains("expected") || line.contains("required"), "{line}");
    let mut rest = *line;
    for part in expected {
        let Some(at) = rest.find(part) else { panic!("no `{part}` in: {line}") };
        rest = &rest[at + part.len()..];
    }
}

fn lines(steps: &[&str]) -> Vec<u8> {
    format!("{HEADER}\n{}\n", steps.join("\n")).into_bytes()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn a_good_file_is_good() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(folder.path(), "good.jsonl.gz", &gzip(&lines(&[TRANSFER, "", TRANSFER])));
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn truncated() {
    refused(
        "a.jsonl",
        &lines(&[TRANSFER])[..HEADER.len() + 40],
        &["a.jsonl:2:39: step 1:", "cut off"],
    );
    refused("a.json", &HEADER.as_bytes()[..60], &["a.json:1:60:", "cut off"]);
    refused("a.jsonl", &HEADER.as_bytes()[..60], &["a.jsonl:1:60:", "cut off"]);
    let packed = gzip(&lines(&[TRANSFER; 100]));
    refused("a.jsonl.gz", &packed[..packed.len() - 9], &["a.jsonl.gz:", "ends early", "gzip"]);
    refused("a.jsonl.gz", HEADER.as_bytes(), &["a.jsonl.gz:1:", "expected a gzip file"]);
    let mut damaged = packed.clone();
    let middle = damaged.len() / 2;
    damaged[middle..].fill(0xff);
    refused("a.jsonl.gz", &damaged, &["a.jsonl.gz:"]);
}

#[test]
fn empty() {
    refused("a.jsonl", b"", &["a.jsonl:1: nothing; expected a header"]);
    refused("a.jsonl", b"\n\n", &["a.jsonl:3: nothing; expected a header"]);
    refused("a.json", b"", &["a.json:1:1: the text ends"]);
}

#[test]
fn huge_lines_and_bombs() {
    let mut bomb = GzEncoder::new(Vec::new(), Compression::best());
    bomb.write_all(format!("{HEADER}\n").as_bytes()).unwrap();
    let zeros = vec![b' '; 1 << 20];
    for _ in 0..80 {
        bomb.write_all(&zeros).unwrap();
    }
    let bomb = bomb.finish().unwrap();
    assert!(bomb.len() < 200_000, "{}", bomb.len());
    refused("a.jsonl.gz", &bomb, &["a.jsonl.gz:2: a line of more than 64 MiB; expected one step"]);
    let blank = gzip(format!("{HEADER}{}", "\n".repeat(3_000_000)).as_bytes());
    refused("a.jsonl.gz", &blank, &["a.jsonl.gz:1000", "more than 100000 blank lines"]);
}

/// An endless source that counts what is taken from it.
struct Endless(std::rc::Rc<std::cell::Cell<u64>>);

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        buffer.fill(b'x');
        self.0.set(self.0.get() + buffer.len() as u64);
        Ok(buffer.len())
    }
}

#[test]
fn an_endless_line_is_read_no_further_than_its_limit() {
    for (layout, mib) in [(Layout::Lines, 64), (Layout::Json, 256)] {
        let taken = std::rc::Rc::new(std::cell::Cell::new(0));
        let error = open_reader("endless", source(Endless(taken.clone())), layout).err().unwrap();
        assert!(error.what.contains(&format!("{mib} MiB")), "{error}");
        assert!(taken.get() < (mib + 1) << 20, "{}", taken.get());
    }
}

#[test]
fn deeply_nested() {
    let deep = "[".repeat(100_000);
    refused("a.jsonl", &lines(&[&format!("{{\"check\":{deep}")]), &["a.jsonl:2:10: step 1:"]);
    let open = r#"{"type":"aggregate_complete","signer":"alice","transactions":["#;
    let deep = format!("{{\"transaction\":{}{}}}", open.repeat(5000), "]}".repeat(5000));
    refused("a.jsonl", &lines(&[&deep]), &["a.jsonl:2:", "step 1: nested more than"]);
    let whole = format!("{},\"steps\":[{deep}]}}", &HEADER[..HEADER.len() - 1]);
    refused("a.json", whole.as_bytes(), &["a.json:1:", "step 1: nested more than"]);
    let header = HEADER.replace("{\"alice\":5}", &"[".repeat(100_000));
    refused("a.json", header.as_bytes(), &["a.json:1:"]);
}

#[test]
fn duplicate_keys() {
    let header = HEADER.replace("\"version\":1", "\"version\":1,\"version\":1");
    refused(
        "a.jsonl",
        header.as_bytes(),
        &["a.jsonl:1:", "duplicate field `version`; expected it once"],
    );
    let step = TRANSFER.replace("\"amount\":1", "\"amount\":1,\"amount\":2");
    refused("a.jsonl", &lines(&[&step]), &["a.jsonl:2:", "step 1: duplicate field `amount`"]);
    let header = HEADER.replace("\"alice\":5", "\"alice\":5,\"bob\":1,\"alice\":6");
    refused("a.jsonl", header.as_bytes(), &["a.jsonl:1:", "duplicate name `alice`"]);
    let entry = r#"{"min_approval":1,"min_removal":1,"cosignatories":["bob"]}"#;
    let step = format!(
        "{},\"state\":{{\"alice\":{entry},\"alice\":{entry}}}}}",
        &TRANSFER[..TRANSFER.len() - 1]
    );
    refused(
        "a.jsonl",
        &lines(&[&step]),
        &["a.jsonl:2:", "step 1: in `state`: duplicate name `alice`; expected it once"],
    );
}

#[test]
fn wrong_types() {
    let cases = [
        ("\"accounts\":[\"alice\",\"bob\"]", "\"accounts\":{\"alice\":1}", "expected a list"),
        ("\"version\":1", "\"version\":\"1\"", "expected a whole number"),
        ("\"version\":1", "\"version\":2", "`version` is 2; expected 1"),
        ("\"alice\":5", "\"alice\":\"5\"", "expected a balance"),
        ("\"alice\":5", "\"alice\":-5", "expected a balance"),
        ("\"alice\":5", "\"alice\":0.5", "expected a balance"),
        ("\"symbol-mainnet\"", "7", "expected a preset's name"),
        ("\"symbol-mainnet\"", "\"symbl\"", "unknown protocol `symbl`; expected one of"),
        ("multisig-trace", "multisig", "`format` is `multisig`; expected `multisig-trace`"),
    ];
    for (good, bad, expected) in cases {
        let header = HEADER.replace(good, bad);
        assert_ne!(header, HEADER);
        refused("a.jsonl", header.as_bytes(), &["a.jsonl:1:", expected]);
        refused("a.json", header.as_bytes(), &["a.json:1:", expected]);
    }
    let step = TRANSFER.replace("\"bob\"", "[\"bob\"]");
    refused(
        "a.jsonl",
        &lines(&[TRANSFER, &step]),
        &["a.jsonl:3:", "step 2: invalid type: a list; expected a text"],
    );
    for line in ["[]", "5", "null", "\"x\""] {
        refused(
            "a.jsonl",
            &lines(&[line]),
            &["a.jsonl:2:", "step 1:", "expected a step: an object"],
        );
        refused("a.jsonl", line.as_bytes(), &["a.jsonl:1:", "expected the header: an object"]);
        refused("a.json", line.as_bytes(), &["a.json:1:", "expected the header: an object"]);
    }
}

#[test]
fn no_utf8() {
    let mut bytes = lines(&[TRANSFER, TRANSFER]);
    let at = HEADER.len() + 1 + TRANSFER.len() + 1 + 5;
    bytes[at] = 0xff;
    refused(
        "a.jsonl",
        &bytes,
        &["a.jsonl:3:6: byte 0xFF is no UTF-8; expected JSON text in UTF-8"],
    );
    refused("a.json", &bytes, &["a.json:3:6: byte 0xFF"]);
}

#[test]
fn unknown_fields() {
    let header = HEADER.replace("balances", "balanses");
    refused(
        "a.jsonl",
        header.as_bytes(),
        &["a.jsonl:1:", "unknown field `balanses`", "did you mean `balances`?"],
    );
    let step = TRANSFER.replace("recipient", "recipent");
    refused(
        "a.jsonl",
        &lines(&[&step]),
        &["a.jsonl:2:", "step 1: unknown field `recipent`", "did you mean `recipient`?"],
    );
    let step = TRANSFER.replace("\"amount\":1", "\"amount\":1,\"additions\":[]");
    refused("a.jsonl", &lines(&[&step]), &["a.jsonl:2: step 1:", "has no `additions`"]);
}

#[test]
fn a_place_inside_a_written_json_file() {
    let text = "{\n  \"format\": \"multisig-trace\", \"version\": 1, \"protocol\": \"symbol-mainnet\",\n  \"accounts\": [\"alice\", \"bob\",\n    \"alice\"],\n  \"steps\": []\n}\n";
    refused("a.json", text.as_bytes(), &["a.json:4:5: account `alice` is listed twice"]);
    let text = text.replace("\n    \"alice\"", " \"carol\"");
    let steps =
        format!("\"steps\": [\n    {TRANSFER},\n    {}\n  ]", TRANSFER.replace("amount", "amuont"));
    let text = text.replace("\"steps\": []", &steps);
    refused(
        "a.json",
        text.as_bytes(),
        &["a.json:6:81: step 2: unknown field `amuont`", "`amount`?"],
    );
}

#[test]
fn names_and_numbers() {
    let header = HEADER.replace("\"bob\"]", "\"bob\",\"alice\"]");
    refused(
        "a.jsonl",
        header.as_bytes(),
        &["a.jsonl:1:", "account `alice` is listed twice", "expected each name once"],
    );
    let header = HEADER.replace("\"alice\":5", "\"alice\":18446744073709551616");
    refused("a.jsonl", header.as_bytes(), &["a.jsonl:1:", "more than 18446744073709551615"]);
    let header = HEADER.replace("\"alice\":5", "\"alice\":18446744073709551615,\"bob\":1");
    refused(
        "a.jsonl",
        header.as_bytes(),
        &["a.jsonl:1:", "add up to more than 18446744073709551615"],
    );
    let header = HEADER.replace("\"alice\":5", "\"alise\":5");
    refused(
        "a.jsonl",
        header.as_bytes(),
        &["a.jsonl:1:", "unknown account `alise`", "did you mean `alice`?"],
    );
    let step = TRANSFER.replace("\"bob\"", "\"bobb\"");
    refused(
        "a.jsonl",
        &lines(&[TRANSFER, &step]),
        &["a.jsonl:3: step 2: unknown account `bobb`", "did you mean `bob`?"],
    );
}

#[test]
fn several_or_no_actions() {
    let two = format!("{},\"seal_block\":{{}}}}", &TRANSFER[..TRANSFER.len() - 1]);
    refused(
        "a.jsonl",
        &lines(&[&two]),
        &["a.jsonl:2: step 1:", "(`transaction`, `seal_block`); expected exactly one"],
    );
    refused(
        "a.jsonl",
        &lines(&["{\"note\":\"x\"}"]),
        &["a.jsonl:2: step 1: a step without an action; expected one of"],
    );
    refused(
        "a.jsonl",
        &lines(&["{\"advance\":{}}"]),
        &["step 1: an `advance` by nothing; expected `blocks`"],
    );
}

#[test]
fn headers_that_are_missing_or_too_many() {
    refused("a.jsonl", TRANSFER.as_bytes(), &["a.jsonl:1: a step; expected the header first"]);
    refused(
        "a.jsonl",
        &lines(&[TRANSFER, HEADER]),
        &["a.jsonl:3: a second header; expected a step"],
    );
    let header = HEADER.replace("\"accounts\":[\"alice\",\"bob\"],", "");
    refused(
        "a.jsonl",
        header.as_bytes(),
        &["a.jsonl:1:", "missing field `accounts`; it is required"],
    );
}

#[test]
fn names_that_are_no_scenario() {
    refused("a.txt", HEADER.as_bytes(), &["a.txt: expected a scenario: `.json`"]);
}

/// Reads and replays, as `quorate replay` does.
fn play(bytes: &[u8], layout: Layout) -> Result<u64, ScenarioError> {
    let (header, mut steps) = open_reader("x", source(Cursor::new(bytes.to_vec())), layout)?;
    let options = Options { keep_going: true, ..Options::default() };
    replay(header, &mut steps, options).map(|outcome| outcome.steps)
}

fn good_files() -> Vec<(Layout, Vec<u8>)> {
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
    let read = |name: &str| fs::read(scenarios.join(name)).unwrap();
    let names =
        ["household/symbol.json", "conversion/nis1.json", "bonded-expiry/in-time-catapult-v3.json"];
    let mut files: Vec<_> = names.map(|name| (Layout::Json, read(name))).into();
    let mut trace = Vec::new();
    let packed = read("traces/catapult-v1/dev-014.jsonl.gz");
    flate2::read::MultiGzDecoder::new(packed.as_slice()).read_to_end(&mut trace).unwrap();
    let end = trace.iter().enumerate().filter(|(_, byte)| **byte == b'\n').nth(12).unwrap().0;
    trace.truncate(end + 1);
    files.push((Layout::Lines, trace));
    files.push((
        Layout::Lines,
        lines(&[TRANSFER, "{\"seal_block\":{}}", "{\"roll_back\":{\"blocks\":1}}"]),
    ));
    files
}

/// A change of a text: cut it, or put something somewhere.
#[derive(Clone, Debug)]
enum Damage {
    Cut(prop::sample::Index),
    Drop(prop::sample::Index, usize),
    Put(prop::sample::Index, Vec<u8>),
    Repeat(prop::sample::Index, usize),
    Byte(prop::sample::Index, u8),
}

fn damage() -> impl Strategy<Value = Damage> {
    let tokens = [
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"",
        "0",
        "-1",
        "1e99",
        "18446744073709551616",
        "null",
        "true",
        "\"alice\"",
        "\"type\"",
        "\\u0000",
        "\n",
        "99999999999",
        "\"steps\":[",
        "\"block\"",
        "\"result\":\"x\",",
    ];
    let token = prop::sample::select(tokens.to_vec()).prop_map(|token| token.as_bytes().to_vec());
    let index = any::<prop::sample::Index>;
    prop_oneof![
        1 => index().prop_map(Damage::Cut),
        3 => (index(), 1usize..40).prop_map(|(at, count)| Damage::Drop(at, count)),
        5 => (index(), token).prop_map(|(at, token)| Damage::Put(at, token)),
        2 => (index(), 1usize..200).prop_map(|(at, count)| Damage::Repeat(at, count)),
        2 => (index(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
    ]
}

fn damaged(mut bytes: Vec<u8>, damage: &Damage) -> Vec<u8> {
    if bytes.is_empty() {
        return bytes;
    }
    let length = bytes.len();
    match damage {
        Damage::Cut(at) => bytes.truncate(at.index(length)),
        Damage::Drop(at, count) => {
            let at = at.index(length);
            bytes.drain(at..(at + count).min(length));
        }
        Damage::Put(at, token) => {
            let at = at.index(length);
            bytes.splice(at..at, token.iter().copied());
        }
        Damage::Repeat(at, count) => {
            let at = at.index(length);
            let piece = bytes[at..(at + count).min(length)].to_vec();
            bytes.splice(at..at, piece);
        }
        Damage::Byte(at, byte) => bytes[at.index(length)] = *byte,
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_damaged_file_is_read_or_refused_with_a_place(
        which in any::<prop::sample::Index>(),
        damages in prop::collection::vec(damage(), 1..4),
    ) {
        let files = good_files();
        let (layout, bytes) = files[which.index(files.len())].clone();
        let bytes = damages.iter().fold(bytes, damaged);
        if let Err(error) = play(&bytes, layout) {
            prop_assert!(error.line > 0, "{error}");
            prop_assert!(!error.what.is_empty() && !error.to_string().contains('\n'), "{error}");
            let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() as u64 + 1;
            prop_assert!(error.line <= lines, "{error}");
        }
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        for layout in [Layout::Json, Layout::Lines] {
            prop_assert!(play(&bytes, layout).is_err());
        }
    }
}

#[test]
fn the_good_files_are_good() {
    for (layout, bytes) in good_files() {
        let mut step = Step::default();
        let (mut header, mut steps) = open_reader("x", source(Cursor::new(bytes)), layout).unwrap();
        while steps.next(&mut header, &mut step).unwrap().is_some() {}
        assert!(steps.number() > 2);
    }
}

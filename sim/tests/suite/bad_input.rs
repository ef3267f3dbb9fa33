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
    refused("a.jsonl.gz", b"hello", &["a.jsonl.gz:1: no gzip data", "expected a gzip file"]);
    let behind = [&packed[..], b"x"].concat();
    refused("a.jsonl.gz", &behind, &["a.jsonl.gz:", "something else stands behind it"]);
    refused("a.jsonl", &packed, &["a.jsonl:1:1: this is gzip data", "unpack it"]);
    let mut damaged = packed.clone();
    let middle = damaged.len() / 2;
    damaged[middle..].fill(0xff);
    refused("a.jsonl.gz", &damaged, &["a.jsonl.gz:"]);
}

#[test]
fn empty() {
    refused("a.jsonl", b"", &["a.jsonl:1: the file is empty; expected a header"]);
    refused("a.jsonl", b"\n\n", &["a.jsonl:3: the file is empty; expected a header"]);
    refused("a.json", b"", &["a.json:1:1: the file is empty; expected the header"]);
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
        ("\"symbol-mainnet\"", "\"symbol-mainet\"", "; did you mean `symbol-mainnet`?"),
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
        &["a.jsonl:3:6: the byte 0xFF is not UTF-8; expected text in UTF-8"],
    );
    refused("a.json", &bytes, &["a.json:3:6: the byte 0xFF"]);
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

/// A scenario as Windows editors save it: a byte order mark and CRLF.
#[test]
fn a_byte_order_mark_is_passed_over_in_every_layout() {
    let folder = tempfile::tempdir().unwrap();
    let text = String::from_utf8(lines(&[TRANSFER])).unwrap();
    let windows = format!("\u{feff}{}", text.replace('\n', "\r\n"));
    let json =
        format!("\u{feff}{},\r\n\"steps\":[{TRANSFER}]}}\r\n", HEADER.strip_suffix('}').unwrap());
    for (name, text) in [("a.jsonl", &windows), ("a.json", &json)] {
        let output = run(folder.path(), name, text.as_bytes());
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{name}: {error}");
    }
    let utf16: Vec<u8> = windows.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for name in ["b.jsonl", "b.json"] {
        refused(name, &utf16, &[&format!("{name}:1:1: this is UTF-16 (little-endian)")]);
    }
}

fn quorate(folder: &Path, arguments: &[&str]) -> Output {
    let mut quorate = Command::new(env!("CARGO_BIN_EXE_quorate"));
    quorate.current_dir(folder).args(arguments).stdin(std::process::Stdio::null()).output().unwrap()
}

/// Every command that writes, told to write over what it reads.
#[test]
fn an_output_that_is_an_input_is_refused_before_anything_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let story = String::from_utf8(lines(&[TRANSFER])).unwrap();
    let own = r#"{"format":"multisig-protocol","version":1,"base":"symbol-mainnet"}"#;
    for (name, text) in [("own.json", own), ("in/story.jsonl", &story), ("old.jsonl", &story)] {
        fs::create_dir_all(folder.path().join("in")).unwrap();
        fs::write(folder.path().join(name), text).unwrap();
    }
    let mut names = vec!["in/story.jsonl", "in/../in/story.jsonl"];
    if cfg!(unix) {
        #[cfg(unix)]
        std::os::unix::fs::symlink("in/story.jsonl", folder.path().join("soft")).unwrap();
        fs::hard_link(folder.path().join("in/story.jsonl"), folder.path().join("hard")).unwrap();
        names.extend(["soft", "hard"]);
    }
    let mut commands: Vec<Vec<&str>> = vec![
        vec!["validate", "own.json", "--html", "own.json"],
        vec!["validate", "own.json", "--junit", "own.json"],
        vec!["validate", "nis1", "--against", "own.json", "--sarif", "own.json"],
        vec!["explore", "--protocol", "own.json", "--sweep", "max-depth=1-2", "--plot", "own.json"],
        vec!["fuzz", "--protocol", "own.json", "--html", "own.json"],
        vec!["generate", "churn", "--protocol", "own.json", "--output", "own.json"],
        vec!["analyze", "own.json", "--svg", "own.json"],
        vec!["conform", "--peer", "quorate apply", "in/story.jsonl", "--junit", "in/story.jsonl"],
        vec!["report", "own.json", "--html", "own.json"],
        vec!["replay", "old.jsonl", "--html", "new", "--junit", "new"],
    ];
    for name in &names {
        commands.push(vec!["replay", "in/story.jsonl", "--html", name]);
        commands.push(vec!["replay", "in", "--sarif", name]);
    }
    for command in commands {
        let output = quorate(folder.path(), &command);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command:?}: {error}");
        assert!(error.contains("would write over"), "{command:?}: {error}");
        assert!(error.contains("expected another file"), "{command:?}: {error}");
        assert!(output.stdout.is_empty(), "{command:?}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("own.json")).unwrap(), own);
    assert_eq!(fs::read_to_string(folder.path().join("in/story.jsonl")).unwrap(), story);
    assert!(!folder.path().join("new").exists());
    let good = quorate(folder.path(), &["replay", "in/story.jsonl", "--html", "page.html"]);
    assert_eq!(good.status.code(), Some(0));
}

#[test]
fn no_payload_at_all_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["empty", "empty.json"] {
        fs::write(folder.path().join(name), "").unwrap();
    }
    for command in [
        &["decode", "--era", "C", "empty"][..],
        &["decode", "--era", "C", "-"],
        &["encode", "empty.json"],
        &["encode", "-"],
    ] {
        let output = quorate(folder.path(), command);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{command:?}: {error}");
        assert!(error.contains("empty; expected a file of "), "{command:?}: {error}");
    }
}

/// Lines of hex with a byte order mark and CRLF are read, UTF-16 is named.
#[test]
fn payloads_are_read_as_editors_save_them() {
    let folder = tempfile::tempdir().unwrap();
    let payload = include_str!("../data/field/mosaics-sorted.hex").trim();
    let windows = format!("\u{feff}{payload}\r\n{payload}\r\n");
    fs::write(folder.path().join("lines.txt"), &windows).unwrap();
    let utf16: Vec<u8> = windows.encode_utf16().flat_map(u16::to_le_bytes).collect();
    fs::write(folder.path().join("utf16.txt"), utf16).unwrap();
    let output = quorate(folder.path(), &["decode", "--era", "N", "lines.txt"]);
    assert_eq!(output.status.code(), Some(0), "{output:?}");
    assert_eq!(String::from_utf8(output.stdout).unwrap().lines().count(), 2);
    let output = quorate(folder.path(), &["decode", "--era", "N", "utf16.txt"]);
    assert_eq!(output.status.code(), Some(2));
    let error = String::from_utf8(output.stderr).unwrap();
    assert!(error.contains("utf16.txt: this is UTF-16 (little-endian)"), "{error}");
}

/// The first line of what a command complains about, after exit code 2.
#[track_caller]
fn complaint(folder: &Path, arguments: &[&str]) -> String {
    let output = quorate(folder, arguments);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{arguments:?}: {error}");
    error.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn a_document_of_another_format_is_named_by_every_reader() {
    let folder = tempfile::tempdir().unwrap();
    let tree = r#"{"format":"account-tree","protocol":"nis1","accounts":{"joint":{"min_cosignatories":1,"cosignatories":["ann"]}}}"#;
    let protocol = r#"{"base":"symbol","format":"multisig-protocol","version":1}"#;
    let scenario = format!("{},\"steps\":[]}}", HEADER.strip_suffix('}').unwrap());
    for (name, text) in
        [("tree.json", tree), ("protocol.json", protocol), ("scenario.json", &scenario)]
    {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let trace = "; expected `multisig-trace`: this is";
    let rules = "; expected `multisig-protocol`: this is";
    let part = ": this is an account tree; expected an answer of `explore --format json`";
    let cases = [
        (&["replay", "protocol.json"][..], "1:27", trace, "a protocol, not a scenario"),
        (&["replay", "tree.json"], "1:11", trace, "an account tree, not a scenario"),
        (&["fmt", "tree.json"], "1:11", trace, "an account tree, not a scenario"),
        (&["analyze", "--each-step", "tree.json"], "1:11", trace, "an account tree"),
        (&["validate", "scenario.json"], "1:11", rules, "a scenario, not a protocol"),
        (&["protocols", "tree.json"], "1:11", rules, "an account tree, not a protocol"),
        (&["explore", "--protocol", "tree.json"], "1:11", rules, "an account tree"),
        (&["explore", "--merge", "tree.json"], "1:11", part, ""),
    ];
    for (arguments, place, expected, kind) in cases {
        let error = complaint(folder.path(), arguments);
        let name = arguments.last().unwrap();
        assert!(error.starts_with(&format!("error: {name}:{place}: `format` is `")), "{error}");
        assert!(error.contains(expected) && error.contains(kind), "{error}");
    }
}

/// Files beside scenarios: the same words for the same slips, each once and with its place.
#[test]
fn every_json_file_is_refused_in_the_readers_words() {
    let folder = tempfile::tempdir().unwrap();
    let tree = r#"{"format":"account-tree","accounts":{"joint":{"min_approval":1,"min_removal":1,"cosignatories":["ann"]}}}"#;
    let files = [
        ("list.json", "[1]".to_owned()),
        ("object.json", "{}".to_owned()),
        ("empty.json", String::new()),
        ("text.json", tree.replace("\"min_approval\":1", "\"min_approval\":\"3\"")),
        ("field.json", tree.replace("min_approval", "min_aproval")),
        ("twice.json", tree.replace("}}}", "},\"joint\":{\"cosignatories\":[]}}}")),
        ("limits.json", r#"{"base":"symbol","limts":{}}"#.to_owned()),
    ];
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let declared = ["conform", "--peer", "x", ".", "--declared"];
    let accept = ["validate", "symbol-mainnet", "--accept"];
    let chances = ["analyze", "--design", "3", "--probabilities"];
    let cases: [(&[&str], &str, &str); 17] = [
        (&["explore", "--merge"], "list.json:1:2", "integer `1`; expected a text in quotes"),
        (&["explore", "--merge"], "object.json:1:2", "expected an answer of `explore"),
        (&["validate"], "empty.json", "the file is empty; expected a protocol in JSON"),
        (&["explore", "--merge"], "empty.json:1:1", "the file is empty; expected an answer"),
        (&["fuzz", "--merge"], "list.json:1:2", "integer `1`; expected a text in quotes"),
        (&["fuzz", "--merge"], "empty.json:1:1", "the file is empty; expected an answer of `fuzz"),
        (&accept, "list.json:1:2", "expected a list"),
        (&accept, "empty.json:1:1", "the file is empty; expected {\"accepted\""),
        (&declared, "list.json:1:2", "expected an object with `ours`, `theirs` and `why`"),
        (&declared, "object.json:1:1", "invalid type: an object; expected a list"),
        (&declared, "empty.json:1:1", "the file is empty; expected [{\"ours\""),
        (&["analyze"], "text.json:1:64", "string \"3\"; expected a whole number from 0 to"),
        (&["analyze"], "field.json:1:59", "did you mean `min_approval`?"),
        (&["analyze"], "twice.json:1:", "duplicate name `joint`; expected it once"),
        (&chances, "empty.json:1:1", "the file is empty; expected {\"KEY\""),
        (&["validate"], "limits.json:1:24", "did you mean `limits`?"),
        (&["protocols"], "object.json:1:2", "missing field `base`; it is required"),
    ];
    for (command, place, expected) in cases {
        let name = place.split(':').next().unwrap();
        let error = complaint(folder.path(), &[command, &[name]].concat());
        assert!(error.starts_with(&format!("error: {place}")), "{command:?}: {error}");
        assert!(error.contains(expected), "{command:?}: {error}");
        assert_eq!(error.matches(" column ").count(), 0, "{error}");
        assert!(!error.contains("struct"), "{error}");
    }
}

#[test]
fn what_was_meant_as_a_file_or_a_name_is_called_so() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("folder")).unwrap();
    let tree = r#"{"format":"account-tree","accounts":{"joint":{"min_approval":1,"min_removal":1,"cosignatories":["ann"]}}}"#;
    fs::write(folder.path().join("tree.json"), tree).unwrap();
    fs::write(folder.path().join("comma.json"), "{\"payload\":\"00\"\n \"era\":1}").unwrap();
    fs::write(folder.path().join("utf16.json"), b"\xFF\xFE{\0}\0").unwrap();
    let pair = r#"[{"ours":"Succes","theirs":"Yes","why":"x"}]"#;
    fs::write(folder.path().join("pair.json"), pair).unwrap();
    let explain = ["explain", "--state", "tree.json"];
    let declared = ["conform", "--peer", "x", ".", "--declared"];
    let cases: [(&[&str], &str, &str); 14] = [
        (&["validate"], "missing.json", "missing.json: no such file; expected a preset's name"),
        (&["protocols"], "in/missing", "in/missing: no such file"),
        (&["explore", "--protocol"], "no.properties", "no.properties: no such file"),
        (&["fuzz", "--protocol"], "missing.json", "missing.json: no such file"),
        (&["validate"], "symbol-mainet", "; did you mean `symbol-mainnet`?"),
        (&["decode", "--era", "C"], "folder", "folder: a folder; expected a file of payloads"),
        (&["decode"], "folder/", "folder/: a folder; expected a file of payloads, hex digits"),
        (&["encode"], "folder", "folder: a folder; expected a file of JSON objects"),
        (
            &["encode"],
            "missing.json",
            "missing.json: no such file; expected a file of JSON objects",
        ),
        (&explain, "zz", "zz: no such file; expected a file, hex digits"),
        (&explain, "comma.json", "comma.json:2:2: no JSON: expected `,` or `}`"),
        (&explain, "utf16.json", "utf16.json:1:1: this is UTF-16 (little-endian); expected UTF-8"),
        (&declared, "pair.json", "pair.json: declared difference 1: `ours`: unknown result"),
        (&declared, "pair.json", "did you mean `Success`?"),
    ];
    for (command, word, expected) in cases {
        let error = complaint(folder.path(), &[command, &[word]].concat());
        assert!(error.contains(expected), "{command:?} {word}: {error}");
    }
    for word in ["[1]", "null", "5"] {
        let output = quorate(folder.path(), &["encode", word]);
        let answer = String::from_utf8(output.stdout).unwrap();
        assert!(answer.contains("expected a JSON object"), "{word}: {answer}");
    }
}

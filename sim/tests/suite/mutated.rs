//! Damaged inputs over all readers: each is read or refused with words, in a bounded time, and nothing
//! panics. A few thousand are tried with the other tests; a million by hand:
//!
//! ```text
//! MUTATED=1000000 cargo test --release -p quorate --test suite mutated:: -- --ignored --nocapture
//! ```

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;
use quorate::choice::{Choices, Seeded, derive};
use quorate::conformance::message;
use quorate::explore::{self, Explorer, Question};
use quorate::protocol::{Protocol, json, properties};
use quorate::replay::{Options, replay};
use quorate::rest;
use quorate::scenario::{Layout, Source, open_reader, source};
use quorate::wire::{Era, Payload, decode_line_unsealed, encode_line, round_trip};
use quorate::{campaign, validate};

/// Reads bytes; `Err` is a refusal with its words.
type Reader = fn(&[u8]) -> Result<(), String>;

/// A reader, the inputs it takes that are to be damaged, and how many are tried where others get a thousand.
struct Target {
    name: &'static str,
    inputs: Vec<Vec<u8>>,
    read: Reader,
    share: usize,
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn file(path: &str) -> Vec<u8> {
    let bytes = fs::read(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    if !path.ends_with(".gz") {
        return bytes;
    }
    let mut text = Vec::new();
    MultiGzDecoder::new(bytes.as_slice()).read_to_end(&mut text).unwrap();
    text
}

/// The first lines of a file.
fn lines(path: &str, count: usize) -> Vec<u8> {
    let bytes = file(path);
    bytes.split_inclusive(|&byte| byte == b'\n').take(count).flatten().copied().collect()
}

fn text(bytes: &[u8]) -> Result<&str, String> {
    std::str::from_utf8(bytes).map_err(|error| error.to_string())
}

fn played(bytes: &[u8], layout: Layout) -> Result<(), String> {
    replayed(source(Cursor::new(bytes.to_vec())), layout)
}

fn unpacked(bytes: &[u8]) -> Result<(), String> {
    replayed(source(MultiGzDecoder::new(Cursor::new(bytes.to_vec()))), Layout::Lines)
}

fn replayed(text: Source, layout: Layout) -> Result<(), String> {
    let refused = |error: quorate::scenario::ScenarioError| {
        assert!(error.line > 0, "{error}");
        error.to_string()
    };
    let (header, mut steps) = open_reader("x", text, layout).map_err(refused)?;
    let options = Options { keep_going: true, ..Options::default() };
    replay(header, &mut steps, options).map(|_| ()).map_err(refused)
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

/// A payload in every era, from its bytes, and as a line where it is taken.
fn payload(bytes: &[u8]) -> Result<(), String> {
    let mut refusal = String::new();
    for era in Era::ALL {
        let taken = round_trip(bytes, era).unwrap_or_else(|what| panic!("era {era}: {what}"));
        let read = Payload::decode(bytes, era).and_then(|payload| payload.check_order());
        assert!(taken || read.is_err(), "taken once and refused once");
        if let Err(error) = read {
            assert!(error.offset <= bytes.len(), "{error}");
            refusal = error.to_string();
        }
    }
    if refusal.is_empty() { Ok(()) } else { Err(refusal) }
}

fn wire_line(bytes: &[u8]) -> Result<(), String> {
    let text = text(bytes)?.trim_end();
    let encoded = encode_line(text, None).map(|_| ()).map_err(|error| error.to_string());
    // The first era that takes it; where none does, the refusal of the last.
    let mut decoded = Err(String::new());
    for era in Era::ALL {
        decoded = decode_line_unsealed(text, era).map(|_| ()).map_err(|error| error.to_string());
        if decoded.is_ok() {
            break;
        }
    }
    encoded.or(decoded)
}

fn graph(bytes: &[u8]) -> Result<(), String> {
    let document = rest::Document::from_text(text(bytes)?).map_err(|error| error.to_string())?;
    let _ = document.to_json();
    document.genesis().map(|_| ()).map_err(|error| error.to_string())
}

fn rest_transaction(bytes: &[u8]) -> Result<(), String> {
    let items = rest::transaction::read(bytes, &rest::transaction::Options::default())
        .map_err(|error| error.to_string())?;
    for item in items {
        if let rest::transaction::Item::Transaction(document) = item {
            let _ = (document.hash(), document.signatures(), document.not_shown());
            document.summary().map_err(|error| error.to_string())?;
        }
    }
    Ok(())
}

fn answer<T: serde::de::DeserializeOwned>(bytes: &[u8]) -> Result<(), String> {
    serde_json::from_slice::<T>(bytes).map(|_| ()).map_err(|error| error.to_string())
}

fn in_file(
    bytes: &[u8],
    name: &str,
    read: impl Fn(&Path) -> Result<(), String>,
) -> Result<(), String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    read(&path)
}

fn small() -> Protocol {
    let mut protocol = Protocol::preset("symbol-private").unwrap();
    protocol.limits.max_cosignatories_per_account = 2;
    protocol
}

fn checkpoint(bytes: &[u8]) -> Result<(), String> {
    in_file(bytes, "search", |path| {
        let protocol = small();
        let resumed = Explorer::resume(Question::new(&protocol, 3), path);
        resumed.map(|_| ()).map_err(|error| error.to_string())
    })
}

/// What only the command line reads: account trees and tables.
fn analyzed(bytes: &[u8], name: &str) -> Result<(), String> {
    in_file(bytes, name, |path| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
        command.arg("analyze").arg(path).args(["--format", "json", "--time", "2s"]);
        let output = command.stdin(Stdio::null()).output().unwrap();
        let error = String::from_utf8_lossy(&output.stderr).into_owned();
        match output.status.code() {
            Some(0) => Ok(()),
            Some(2) => {
                assert!(error.starts_with("error: ") || !output.stdout.is_empty(), "{error}");
                Err(error)
            }
            other => panic!("{other:?}: {error}"),
        }
    })
}

fn saved_checkpoint() -> Vec<u8> {
    let protocol = small();
    let mut explorer = Explorer::new(Question::new(&protocol, 3)).unwrap();
    let never = std::sync::atomic::AtomicBool::new(false);
    assert_eq!(explorer.level(&never), Ok(true));
    let mut bytes = Vec::new();
    explorer.save(&mut bytes).unwrap();
    bytes
}

/// What the command line answers.
fn said(words: &str) -> Vec<u8> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    let output = command.args(words.split(' ')).current_dir(root()).output().unwrap();
    assert!(!output.stdout.is_empty(), "{words}: {output:?}");
    output.stdout
}

fn targets() -> Vec<Target> {
    let files = |paths: &[&str]| paths.iter().map(|path| file(path)).collect::<Vec<_>>();
    let stories = files(&[
        "scenarios/household/symbol.json",
        "scenarios/conversion/nis1.json",
        "scenarios/bonded-expiry/in-time-catapult-v3.json",
    ]);
    let trace = lines("scenarios/traces/catapult-v1/dev-014.jsonl.gz", 13);
    let graphs = files(&[
        "sim/tests/data/graphs/diamond.json.gz",
        "sim/tests/data/graphs/era-A-shared-2-of-3.json.gz",
        "sim/tests/data/graphs/nis1-asset-1-of-1.json.gz",
        "sim/tests/data/field/nis1-cosigner/k1.json",
    ]);
    let vectors = ["A", "B", "C", "N"]
        .map(|era| lines(&format!("sim/tests/data/vectors/era-{era}.jsonl.gz"), 12));
    let vector = |line: &[u8]| serde_json::from_slice::<serde_json::Value>(line).ok();
    let hex = |value: serde_json::Value| {
        let field = value.get("hex").or(value.get("payload"))?.as_str()?.to_owned();
        quorate::wire::bytes_of_hex(&field).ok()
    };
    let each = vectors.iter().flat_map(|lines| lines.split(|&byte| byte == b'\n'));
    let payloads: Vec<Vec<u8>> = each.clone().filter_map(vector).filter_map(hex).collect();
    let mut wire_lines: Vec<Vec<u8>> =
        each.filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect();
    let upper =
        |bytes: &Vec<u8>| bytes.iter().map(|byte| format!("{byte:02X}")).collect::<String>();
    wire_lines.extend(payloads.iter().map(|bytes| upper(bytes).into_bytes()));
    assert!(payloads.len() > 20, "{} payloads", payloads.len());
    let record = |name| json::record_of(&Protocol::preset(name).unwrap());
    let protocols =
        ["nis1", "symbol-mainnet"].map(|name| serde_json::to_vec(&record(name)).unwrap()).to_vec();
    let own = br#"{"format":"multisig-protocol","version":1,"name":"own","base":"symbol-mainnet","limits":{"max_multisig_depth":2},"switches":{"removal_threshold":"max"}}"#;
    let tree = file("sim/examples/board.json");
    let table = b"account,min_approval,min_removal,cosignatory\nvault,2,1,ann\nvault,2,1,bob\nbob,1,1,\"cleo, dan\"\n";
    let accepted = file("sim/tests/cmd/accepted.json");
    let message = br#"{"result":"Success","state":{"a3":{"min_approval":2,"min_removal":1,"cosignatories":["a1","a2"]}}}"#;
    let target = |name, inputs, read: Reader, share| Target { name, inputs, read, share };
    vec![
        target("scenario", stories, |bytes| played(bytes, Layout::Json), 1000),
        target("trace", vec![trace.clone()], |bytes| played(bytes, Layout::Lines), 1000),
        target("packed trace", vec![packed(&trace)], unpacked, 300),
        target(
            "trace, damaged before it is packed",
            vec![trace],
            |bytes| unpacked(&packed(bytes)),
            300,
        ),
        target(
            "protocol",
            [protocols, vec![own.to_vec()]].concat(),
            |bytes| json::parse(text(bytes)?).map(|_| ()).map_err(|error| error.to_string()),
            1000,
        ),
        target(
            "server's properties",
            files(&[
                "sim/tests/data/config/symbol-mainnet.properties",
                "sim/tests/data/config/server-0.4.properties",
            ]),
            |bytes| {
                properties::protocol(bytes, "x", None)
                    .map(|_| ())
                    .map_err(|error| error.to_string())
            },
            1000,
        ),
        target("payload", payloads, payload, 1000),
        target("line of decode and encode", wire_lines, wire_line, 1000),
        target("account document", graphs.clone(), graph, 1000),
        target(
            "transaction document",
            [graphs, files(&["sim/tests/data/field/nis1-cosigner/bare.json"])].concat(),
            rest_transaction,
            500,
        ),
        target(
            "answer of a peer",
            vec![message.to_vec()],
            |bytes| message::Answer::read(bytes).map(|_| ()),
            1000,
        ),
        target(
            "accepted hazards",
            vec![accepted],
            |bytes| validate::acceptances(text(bytes)?).map(|_| ()),
            500,
        ),
        target(
            "part of an exploration",
            vec![said("explore --accounts 2 --format json")],
            answer::<explore::Part>,
            500,
        ),
        target(
            "part of a campaign",
            vec![said("fuzz --runs 1 --steps 9 --format json")],
            answer::<campaign::Report>,
            500,
        ),
        target("checkpoint", vec![saved_checkpoint()], checkpoint, 200),
        target("account tree", vec![tree], |bytes| analyzed(bytes, "x.json"), 4),
        target("account table", vec![table.to_vec()], |bytes| analyzed(bytes, "x.csv"), 4),
    ]
}

const TOKENS: [&[u8]; 30] = [
    b"{",
    b"}",
    b"[",
    b"]",
    b",",
    b":",
    b"\"",
    b"0",
    b"-1",
    b"1e99",
    b"18446744073709551616",
    b"18446744073709551615",
    b"4294967296",
    b"-2147483649",
    b"null",
    b"true",
    b"\"type\"",
    b"\\u0000",
    b"\n",
    b"\r\n",
    b"=",
    b"#",
    b"\xff",
    b"\xef\xbb\xbf",
    b"\xe2\x80\xae",
    b"[[[[[[[[",
    b"\"steps\":[",
    b"\0\0\0\0",
    b"\xff\xff\xff\xff",
    b"'",
];

/// One to four changes of a good input: cut, dropped, repeated, exchanged, put in, another byte, another
/// number.
fn damaged(choices: &mut Seeded, input: &[u8]) -> Vec<u8> {
    let mut bytes = input.to_vec();
    let changes = if choices.chance(150) { 1 } else { 2 + choices.below(3) };
    for _ in 0..changes {
        let length = bytes.len() as u32;
        if length == 0 {
            break;
        }
        let at = choices.below(length) as usize;
        let end = (at + 1 + choices.below(40) as usize).min(bytes.len());
        match choices.below(16) {
            0 => bytes.truncate(at),
            1..=3 => drop(bytes.drain(at..end)),
            4 | 5 => {
                let piece = bytes[at..end].to_vec();
                bytes.splice(at..at, piece);
            }
            6 | 7 => {
                let piece: Vec<u8> = bytes.drain(at..end).collect();
                let to = choices.below(bytes.len() as u32 + 1) as usize;
                bytes.splice(to..to, piece);
            }
            8..=11 => {
                let token = TOKENS[choices.below(TOKENS.len() as u32) as usize];
                bytes.splice(at..at, token.iter().copied());
            }
            12 | 13 => bytes[at] = choices.below(256) as u8,
            _ => {
                // A number, where one stands near, becomes another.
                let digit = bytes[at..].iter().position(u8::is_ascii_digit).map(|place| at + place);
                if let Some(place) = digit {
                    bytes[place] = b'0' + choices.below(10) as u8;
                }
            }
        }
    }
    bytes
}

/// So many damaged inputs, shared among the readers; a line for each says how it went.
fn tried(count: usize) {
    let targets = targets();
    let shares: usize = targets.iter().map(|target| target.share).sum();
    let mut all = 0;
    for (number, target) in targets.iter().enumerate() {
        for input in &target.inputs {
            let read = (target.read)(input);
            // What only some eras take is refused by the others.
            let partly = target.name.contains("payload") || target.name.contains("line");
            let others = target.name.contains("document");
            assert!(read.is_ok() || partly || others, "{}: {read:?}", target.name);
        }
        let inputs = (count * target.share).div_ceil(shares);
        let (mut refused, mut longest) = (0, Duration::ZERO);
        let start = Instant::now();
        for index in 0..inputs {
            let mut choices = Seeded::new(derive(number as u64, index as u64));
            let input = &target.inputs[choices.below(target.inputs.len() as u32) as usize];
            let bytes = damaged(&mut choices, input);
            let begun = Instant::now();
            if let Err(words) = (target.read)(&bytes) {
                assert!(!words.trim().is_empty(), "{}: input {index} without a word", target.name);
                refused += 1;
            }
            longest = longest.max(begun.elapsed());
        }
        assert!(longest < Duration::from_secs(20), "{}: {longest:?}", target.name);
        all += inputs;
        let (name, took) = (target.name, start.elapsed());
        println!("{inputs:8} {name}: {refused} refused, {took:.1?}, the longest {longest:.1?}");
    }
    println!("{all:8} in all");
}

#[test]
fn damaged_inputs_are_read_or_refused_with_words() {
    tried(2_000);
}

#[test]
#[ignore = "minutes: MUTATED says how many inputs"]
fn a_million_damaged_inputs() {
    let count = std::env::var("MUTATED").ok().and_then(|text| text.parse().ok());
    tried(count.unwrap_or(1_000_000));
}

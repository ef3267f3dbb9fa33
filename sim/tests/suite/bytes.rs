//! `decode`, `encode`, `replay --wire` and `replay --export-graph` as a program meets them: the binary,
//! its lines and its exit codes.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};

use flate2::read::GzDecoder;
use quorate::rest::Document;
use serde_json::{Value, json};

const VECTORS: [(&str, &str); 6] = [
    ("A", "era-A"),
    ("A1", "era-A1-transitional"),
    ("B", "era-B"),
    ("B2", "era-B2-transitional"),
    ("C", "era-C"),
    ("N", "era-N"),
];

fn text_of(name: &str) -> String {
    let path = format!("{}/tests/data/vectors/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text
}

fn vectors(name: &str) -> Vec<Value> {
    text_of(name).lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn command(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quorate"));
    command.args(arguments).current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."));
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Runs the binary with this input.
fn quorate(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = command(arguments).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    output
}

fn lines(output: &Output) -> Vec<Value> {
    let text = std::str::from_utf8(&output.stdout).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn every_vector_is_decoded_and_encoded_as_the_official_sdk_does() {
    let mut count = 0;
    for (era, name) in VECTORS {
        let decoded = quorate(&["decode", "--era", era, "-"], text_of(name).as_bytes());
        assert_eq!(decoded.status.code(), Some(0), "{name}");
        let (vectors, answers) = (vectors(name), lines(&decoded));
        assert_eq!(vectors.len(), answers.len(), "{name}");
        for (vector, answer) in vectors.iter().zip(&answers) {
            let id = &vector["id"];
            assert_eq!(answer["era"], era, "{id}");
            assert_eq!(answer["json"], vector["json"], "{id}");
            assert_eq!(answer["hash"], vector["hash"], "{id}");
            // symbol-sdk 3.3 sorts NIS1 modifications by address bytes; a server verifies another order.
            let order = vector["modification_order"].as_str().unwrap_or("");
            let holds = !order.contains("would not verify");
            assert_eq!(answer["signatures"]["signer"], holds, "{id}");
            count += 1;
        }
        for without in ["json", "transaction"] {
            let part: String = answers
                .iter()
                .map(|answer| {
                    let mut answer = answer.clone();
                    answer.as_object_mut().unwrap().remove(without);
                    if without == "transaction" {
                        answer.as_object_mut().unwrap().remove("wire");
                        answer.as_object_mut().unwrap().remove("cosign");
                    }
                    format!("{answer}\n")
                })
                .collect();
            let encoded = quorate(&["encode", "-"], part.as_bytes());
            assert_eq!(encoded.status.code(), Some(0), "{name} without {without}");
            let hex: Vec<Value> = vectors.iter().map(|one| json!({"hex": one["hex"]})).collect();
            assert_eq!(lines(&encoded), hex, "{name} without {without}");
        }
    }
    assert_eq!(count, 281);
}

#[test]
fn every_malformed_line_is_refused_and_the_good_ones_around_it_are_not() {
    let mut count = 0;
    for era in ["A", "B", "C", "N"] {
        let good = vectors(&format!("era-{era}"))[0]["hex"].as_str().unwrap().to_owned();
        let malformed = vectors(&format!("malformed-{era}"));
        let mut input = String::new();
        for vector in &malformed {
            input += &format!("{}\n{good}\r\n", json!({"hex": vector["hex"]}));
            let hex = vector["hex"].as_str().unwrap();
            if !hex.contains('\n') {
                input += &format!("{hex}\n{good}\n");
            }
        }
        let output = quorate(&["decode", "--era", era, "--no-hash", "-"], input.as_bytes());
        assert_eq!(output.status.code(), Some(2));
        let answers = lines(&output);
        assert_eq!(answers.len(), input.lines().count());
        for pair in answers.chunks(2) {
            assert!(pair[0]["error"].is_string() && pair[0]["offset"].is_u64(), "{}", pair[0]);
            assert!(pair[1]["json"].is_object() && pair[1].get("error").is_none());
        }
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(&format!("{} of {} refused", answers.len() / 2, answers.len())));
        count += malformed.len();
    }
    assert_eq!(count, 214);
}

#[test]
fn a_payload_is_hex_a_file_of_hex_or_a_binary_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    for (era, name) in VECTORS {
        let hex = vectors(name)[1]["hex"].as_str().unwrap().to_owned();
        let bytes = data_encoding::HEXUPPER.decode(hex.as_bytes()).unwrap();
        std::fs::write(path("payload.bin"), bytes).unwrap();
        std::fs::write(path("payload.txt"), format!("{hex}\n")).unwrap();
        let by_hex = lines(&quorate(&["decode", "--era", era, &hex], b""));
        for file in ["payload.bin", "payload.txt"] {
            let by_file = quorate(&["decode", "--era", era, &path(file)], b"");
            assert_eq!(lines(&by_file), by_hex, "{era} {file}");
        }
        let indented = quorate(&["decode", "--era", era, "--format", "text", &hex], b"");
        std::fs::write(path("payload.json"), &indented.stdout).unwrap();
        let encoded = quorate(&["encode", &path("payload.json")], b"");
        assert_eq!(lines(&encoded), [json!({ "hex": hex })], "{era}");
        let encoded = quorate(&["encode", &by_hex[0].to_string()], b"");
        assert_eq!(lines(&encoded), [json!({ "hex": hex })], "{era}");
    }
    let missing = quorate(&["decode", "--era", "C", &path("no-such-file")], b"");
    assert_eq!(missing.status.code(), Some(2));
    assert!(String::from_utf8(missing.stderr).unwrap().contains("no such file"));
}

#[test]
fn the_same_bytes_mean_the_opposite_in_eras_a1_and_b() {
    let vectors = vectors("era-A1-transitional");
    let of_adds = |one: &&Value| one["json"]["type"] == "multisig_modification";
    let hex = vectors.iter().find(of_adds).unwrap()["hex"].as_str().unwrap();
    let actions = |era: &str| {
        let answer = lines(&quorate(&["decode", "--era", era, hex], b""));
        answer[0]["transaction"]["modifications"].to_string()
    };
    let (a1, b) = (actions("A1"), actions("B"));
    assert!(a1.contains("add") && !a1.contains("remove"), "{a1}");
    assert_eq!(a1.replace("add", "remove"), b);
    let untold = quorate(&["decode", hex], b"");
    assert_eq!(untold.status.code(), Some(2), "the era is never guessed");
    let both = quorate(&["decode", "--era", "A1", "--protocol", "catapult-v1", hex], b"");
    assert_eq!(both.status.code(), Some(2));
    let told = lines(&quorate(&["decode", "--protocol", "catapult-v1", hex], b""));
    assert_eq!(told[0]["era"], "B");
}

#[test]
fn hash_and_signatures_need_the_generation_hash_and_can_be_left_out() {
    let vector = &vectors("era-C")[0];
    let (hex, hash) =
        (vector["hex"].as_str().unwrap(), vector["generation_hash"].as_str().unwrap());
    let given = lines(&quorate(&["decode", "--era", "C", "--generation-hash", hash, hex], b""));
    assert_eq!(given[0]["hash"], vector["hash"]);
    let missing = lines(&quorate(&["decode", "--era", "C", hex], b""));
    assert_eq!((&missing[0]["hash"], &missing[0]["signatures"]), (&Value::Null, &Value::Null));
    let left_out = lines(&quorate(&["decode", "--era", "C", "--no-hash", hex], b""));
    assert!(left_out[0].get("hash").is_none() && left_out[0].get("signatures").is_none());
    assert_eq!(left_out[0]["wire"], given[0]["wire"]);
    let short = quorate(&["decode", "--era", "C", "--generation-hash", "00", hex], b"");
    assert_eq!(short.status.code(), Some(2));
    assert!(String::from_utf8(short.stderr).unwrap().contains("expected 32"));
}

#[test]
fn an_answer_comes_before_the_next_line_is_asked_for() {
    for (arguments, line) in [
        (&["decode", "--era", "C", "-"][..], vectors("era-C")[0]["hex"].as_str().unwrap()),
        (&["encode", "-"][..], "{}"),
    ] {
        let mut child = command(arguments).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        for _ in 0..3 {
            writeln!(stdin, "{line}").unwrap();
            stdin.flush().unwrap();
            let mut answer = String::new();
            stdout.read_line(&mut answer).unwrap();
            assert!(answer.starts_with('{') && answer.ends_with("}\n"), "{answer}");
        }
        drop(stdin);
        child.wait().unwrap();
    }
}

#[test]
fn a_reader_who_leaves_is_no_error() {
    let line = vectors("era-N")[0]["hex"].as_str().unwrap().to_owned() + "\n";
    let mut child = command(&["decode", "--era", "N", "--no-hash", "-"]).spawn().unwrap();
    drop(child.stdout.take());
    let mut stdin = child.stdin.take().unwrap();
    let writer = std::thread::spawn(move || {
        let _ = stdin.write_all(line.repeat(2000).as_bytes());
    });
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}

#[test]
fn lines_that_are_no_text_or_too_long_are_answered_like_the_others() {
    let mut input = b"\xFF\n\n".to_vec();
    input.resize(input.len() + (64 << 20) + 10, b'0');
    input.extend_from_slice(b"\n00");
    let output = quorate(&["decode", "--era", "C", "-"], &input);
    assert_eq!(output.status.code(), Some(2));
    let offsets: Vec<Value> = lines(&output).iter().map(|one| one["offset"].clone()).collect();
    assert_eq!(offsets, [json!(0), json!(0), json!(64 << 20), json!(0)]);
}

#[test]
fn every_scenario_holds_with_its_transactions_sent_through_their_bytes() {
    let output = quorate(&["replay", "--wire", "scenarios"], b"");
    let text = String::from_utf8(output.stdout).unwrap();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let line = text.lines().find(|line| line.contains("went through their bytes")).unwrap();
    let sent: u64 = line.split(' ').next().unwrap().replace(',', "").parse().unwrap();
    assert!(sent > 10_000, "{line}");
    let story = "scenarios/two-factor/nis1-falls-to-one-key.json";
    let output = quorate(&["replay", "--wire", "--format", "json", story], b"");
    let document: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(document["wire"]["sent"].as_u64().unwrap() > 0, "{document}");
    let plain = quorate(&["replay", "--format", "json", story], b"");
    let plain: Value = serde_json::from_slice(&plain.stdout).unwrap();
    assert_eq!(document["scenarios"], plain["scenarios"], "the digest is the same, too");
    assert!(plain.get("wire").is_none());
}

#[test]
fn the_last_state_is_exported_as_a_node_would_answer() {
    let story = "scenarios/two-factor/nis1-falls-to-one-key.json";
    let output = quorate(&["replay", story, "--export-graph", "wallet"], b"");
    assert_eq!(output.status.code(), Some(0));
    let document = Document::from_text(std::str::from_utf8(&output.stdout).unwrap()).unwrap();
    let expected = json!({"wallet": {"min_cosignatories": 1, "cosignatories": ["alice-laptop"]}});
    assert_eq!(document.state(), expected);
    let unknown = quorate(&["replay", story, "--export-graph", "nobody"], b"");
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8(unknown.stderr).unwrap().contains("no account `nobody`"));
    let several = quorate(&["replay", "scenarios/takeover", "--export-graph", "wallet"], b"");
    assert_eq!(several.status.code(), Some(2));
}

#[test]
fn a_folder_gets_a_graph_of_every_top_account_of_every_scenario() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().display().to_string();
    let paths = ["scenarios/takeover", "scenarios/m-of-n"];
    let output = quorate(&["replay", paths[0], paths[1], "--export-graph", &path], b"");
    assert_eq!(output.status.code(), Some(0));
    let mut count = 0;
    let mut folders = vec![folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = std::fs::read_to_string(&path).unwrap();
            let document = Document::from_text(&text);
            let document = document.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            assert!(document.state()[&document.query].is_object(), "{}", path.display());
            count += 1;
        }
    }
    assert!(count >= 4, "{count} documents");
}

//! What the program prints for programs is what `sim/schemas` says, and the schemas are those of the
//! answers' types.
//!
//! `cargo test -p quorate --test suite -- --ignored write_the_schemas` writes the generated ones anew.

use std::collections::BTreeSet;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use jsonschema::Validator;
use quorate::campaign::Matrix;
use quorate::examination::{Compared, Designs, Element, StepChanges};
use quorate::explore::{Agreement, Part, Residual, SweepReport};
use quorate::fault::Catalogue;
use quorate::goal::Advice;
use quorate::plan::Plan;
use quorate::protocol::json::{Description, Presets};
use quorate::reason::codes::Codes;
use quorate::reason::{Signing, Signings};
use quorate::rest::transaction::DecodedItem;
use quorate::scenario::diff::Diff;
use quorate::validate::{Comparison, Report as Validation};
use quorate::wire::{Encoded, RefusedLine};
use quorate::{campaign, conformance, replay};
use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

/// An answer that has several forms.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "only the schema is wanted")]
enum Either<A, B> {
    One(A),
    Other(B),
}

/// The schema of a type as its file has it.
fn generated<A: JsonSchema>(name: &str, title: &str) -> (String, String) {
    let generator = SchemaSettings::draft2020_12().for_serialize().into_generator();
    let schema = generator.into_root_schema_for::<A>();
    let mut fields = Map::new();
    fields.insert("$schema".into(), json!("https://json-schema.org/draft/2020-12/schema"));
    fields.insert("$id".into(), json!(format!("urn:quorate:schema:{name}")));
    fields.insert("title".into(), json!(title));
    for (field, value) in schema.as_object().unwrap() {
        fields.entry(field.as_str()).or_insert_with(|| value.clone());
    }
    (name.to_owned(), format!("{:#}\n", Value::Object(fields)))
}

/// The schemas of all answers that are types.
fn all_generated() -> Vec<(String, String)> {
    let answer = |command: &str| format!("Answer of `quorate {command} --format json`");
    vec![
        generated::<replay::Report>("replay", &answer("replay")),
        generated::<conformance::Report>("conform", &answer("conform")),
        generated::<campaign::Report>("fuzz", &answer("fuzz")),
        generated::<Either<Either<Part, SweepReport>, Either<Agreement, Residual>>>(
            "explore",
            &answer("explore"),
        ),
        generated::<Either<Validation, Comparison>>("validate", &answer("validate")),
        generated::<Either<Presets, Description>>("protocols", &answer("protocols [PROTOCOL]")),
        generated::<Catalogue>("faults", &answer("faults")),
        generated::<Matrix>("faults-matrix", &answer("faults --matrix")),
        generated::<Diff>("diff", &answer("diff")),
        generated::<Plan>("plan", &answer("plan")),
        generated::<Either<Vec<Element>, Either<Vec<StepChanges>, Either<Vec<Compared>, Designs>>>>(
            "analyze",
            &answer("analyze"),
        ),
        generated::<Advice>("want", &answer("analyze --want")),
        generated::<Either<Codes, Either<Signing, Signings>>>("explain", &answer("explain")),
        generated::<Either<DecodedItem, RefusedLine>>("decode", "A line of `quorate decode`"),
        generated::<Either<Encoded, RefusedLine>>("encode", "A line of `quorate encode`"),
    ]
}

#[test]
fn the_schemas_are_those_of_the_types() {
    for (name, text) in all_generated() {
        let path = root().join(format!("sim/schemas/{name}.json"));
        assert!(
            std::fs::read_to_string(&path).unwrap_or_default() == text,
            "sim/schemas/{name}.json is not the schema of the type; \
             `cargo test -p quorate --test suite -- --ignored write_the_schemas` writes it anew"
        );
    }
}

#[test]
#[ignore = "writes the schemas anew"]
fn write_the_schemas() {
    for (name, text) in all_generated() {
        std::fs::write(root().join(format!("sim/schemas/{name}.json")), text).unwrap();
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn schema(name: &str) -> Validator {
    let path = root().join(format!("sim/schemas/{name}.json"));
    let text = std::fs::read_to_string(&path).unwrap();
    let schema: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(schema["$id"], format!("urn:quorate:schema:{name}"));
    assert_eq!(schema["$schema"], "https://json-schema.org/draft/2020-12/schema");
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::validator_for(&schema).unwrap()
}

/// What the program prints to standard output, whatever its exit code.
fn printed(arguments: &str, input: &str) -> String {
    let mut child = Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(shlex::split(arguments).unwrap())
        .current_dir(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap()
}

fn answer(arguments: &str) -> Value {
    let text = printed(&format!("{arguments} --format json"), "");
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{arguments}: {error}: {text}"))
}

fn valid(schema: &Validator, what: &str, value: &Value) {
    let errors: Vec<String> = schema
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}: {}", errors.join("\n"));
}

/// The schema takes every answer, and none of them without one of these fields.
fn check(name: &str, commands: &[&str], needed: &[&str]) {
    let schema = schema(name);
    let mut missed: BTreeSet<&str> = needed.iter().copied().collect();
    for command in commands {
        let whole = answer(command);
        valid(&schema, command, &whole);
        for pointer in needed {
            let (parent, field) = pointer.rsplit_once('/').unwrap();
            let mut wrong = whole.clone();
            let Some(Value::Object(fields)) = wrong.pointer_mut(parent) else { continue };
            if fields.remove(field).is_some() {
                missed.remove(pointer);
                assert!(!schema.is_valid(&wrong), "{command}: without {pointer}");
            }
        }
    }
    assert!(missed.is_empty(), "no answer has {missed:?}");
    assert!(!schema.is_valid(&json!("another document")));
}

#[test]
fn replay() {
    check(
        "replay",
        &[
            "replay scenarios/household scenarios/takeover",
            "replay --wire scenarios/household",
            "replay sim/tests/cmd/broken.json",
        ],
        &[
            "/scenarios",
            "/scenarios/0/protocol_digest",
            "/scenarios/0/failures/0/about",
            "/quorate",
        ],
    );
}

#[test]
fn conform() {
    check(
        "conform",
        &["conform --peer 'quorate apply' scenarios/household"],
        &["/peers", "/peers/0/peer", "/peers/0/scenarios/0/failures"],
    );
}

#[test]
fn fuzz() {
    check(
        "fuzz",
        &[
            "fuzz --runs 3 --steps 50",
            "fuzz --fault no-opt-in --no-auditor --runs 20",
            "fuzz --runs 20 --peer 'quorate apply --fault no-opt-in'",
            "fuzz --runs 5 --peer 'quorate apply --fault no-such-fault'",
        ],
        &[
            "/findings",
            "/findings/0/invariant",
            "/findings/0/disagreement",
            "/findings/0/commands",
            "/findings/0/scenario/format",
            "/results/0/by_depth",
            "/regressions/replayed",
            "/peer_failure/error",
        ],
    );
}

#[test]
fn explore() {
    check(
        "explore",
        &[
            "explore --accounts 3 --find takeover --find locked-alive",
            "explore --accounts 3 --max-modifications 1",
            "explore --accounts 3 --find takeover --sweep max-cosignatories=1-2",
            "explore --accounts 3 --theorem",
            "explore --accounts 3 --compare-fuzz 5 --steps 20",
        ],
        &["/protocol_digest", "/limits/max_multisig_depth", "/rows/0/found", "/agrees", "/marks"],
    );
}

#[test]
fn want() {
    let board = "analyze sim/examples/board.json --account treasury --want";
    check(
        "want",
        &[
            &format!("{board} survive=1,resist=1"),
            &format!("{board} survive=9,resist=9"),
            "analyze sim/examples/phone.json --want survive=1,resist=1",
        ],
        &["/want/survive", "/has/resist", "/changes/0/plan/shortest", "/complete", "/quorate"],
    );
}

#[test]
fn analyze() {
    check(
        "analyze",
        &[
            "analyze sim/examples/board.json",
            "analyze sim/examples/phone.json",
            "analyze scenarios/takeover/symbol-low-min-removal.json",
            "analyze scenarios/takeover/symbol-low-min-removal.json --each-step",
            "analyze sim/tests/cmd/exchanged.json --against sim/tests/cmd/planned.json",
            "analyze sim/tests/data/field/one-account/bob.json",
            "analyze sim/tests/data/field/nis1-to-symbol/nis1.json --against \
             sim/tests/data/field/nis1-to-symbol/symbol.json",
            "analyze --design 3",
        ],
        &[
            "/0/answers/keys",
            "/0/answers/groups/members",
            "/0/formula/now",
            "/0/changes",
            "/designs/0/now/frontier",
            "/keys",
        ],
    );
}

#[test]
fn protocols_and_faults() {
    check(
        "protocols",
        &["protocols", "protocols nis1"],
        &["/protocols/0/limits/max_multisig_depth", "/switches", "/base"],
    );
    check("faults", &["faults", "faults no-opt-in"], &["/faults", "/faults/0/origin"]);
    check(
        "faults-matrix",
        &["faults --matrix --runs 1 no-opt-in"],
        &["/matrix/0/caught_by", "/catches_nothing", "/checks"],
    );
}

#[test]
fn diff() {
    check(
        "diff",
        &["diff scenarios/household/symbol.json scenarios/household/nis1.json"],
        &["/same", "/header/0/path", "/steps/0/changed", "/steps/0/changes"],
    );
}

#[test]
fn plan() {
    let board = "plan sim/examples/board.json sim/examples/board-new.json";
    let lost = format!("{board} --lost eve");
    let stepwise = "plan sim/tests/cmd/keys-old.json sim/tests/cmd/keys-new.json \
                    --max-cosignatories 4 --max-transactions 1";
    check(
        "plan",
        &[board, &lost, stepwise],
        &[
            "/possible",
            "/shortest",
            "/transactions/0/signers",
            "/transactions/0/changes",
            "/windows/0/after",
        ],
    );
}

#[test]
fn bytes() {
    let line =
        |text: &str| -> Value { serde_json::from_str(text.lines().next().unwrap()).unwrap() };
    let seed = std::fs::read_to_string(root().join("fuzz/seeds/wire/c-transfer.hex")).unwrap();
    let hex = seed.split_whitespace().nth(1).unwrap();
    let decoded = printed("decode - --era C", &format!("{{\"hex\":\"{hex}\"}}\n"));
    let refused = printed("decode - --era C", "{\"hex\":\"00\"}\n");
    let decode = schema("decode");
    valid(&decode, "decode", &line(&decoded));
    valid(&decode, "decode", &line(&refused));
    assert!(line(&refused).get("error").is_some());
    let signer = "B39C4E0FDA2CA1C9778E9F24C80A3899E1331D2203578DEB4DAA9EEC896AFF3A";
    let shown = json!({"meta": {"height": "7"}, "transaction": {"type": 16705, "version": 2,
        "network": 152, "signerPublicKey": signer, "deadline": "1", "transactions": [
            {"transaction": {"type": 16717, "version": 1, "network": 152, "signerPublicKey": signer}}]}});
    let lock = json!({"lock": {"ownerAddress": "98F0987D05D3EB9017DA069185BCE3388E69F7B156F59969",
        "mosaicId": "72C0212E67A08BCE", "amount": "1", "endHeight": "2", "status": 1,
        "hash": "33".repeat(32)}});
    let cosignature = json!({"parentHash": "33".repeat(32), "signature": "22".repeat(64),
        "signerPublicKey": signer, "version": "0"});
    for (document, key) in [(shown, "not_shown"), (lock, "lock"), (cosignature, "cosign")] {
        let answer = line(&printed("decode -", &format!("{document}\n")));
        assert!(answer.get(key).is_some(), "{answer}");
        valid(&decode, "decode", &answer);
    }
    let mut wrong = line(&decoded);
    wrong["era"] = json!("D");
    assert!(!decode.is_valid(&wrong));

    let encoded = printed("encode - --era C", &decoded);
    let encode = schema("encode");
    valid(&encode, "encode", &line(&encoded));
    valid(&encode, "encode", &line(&printed("encode - --era C", "{\"json\":1}\n")));
    assert_eq!(line(&encoded)["hex"], hex);
    assert!(!encode.is_valid(&json!({"hex": "0"})));
}

#[test]
fn apply() {
    let path = root().join("scenarios/household/nis1.json");
    let mut header: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let steps = header.as_object_mut().unwrap().remove("steps").unwrap();
    let mut input = format!("{header}\n");
    for step in steps.as_array().unwrap() {
        input += &format!("{step}\n");
    }
    let schema = schema("apply");
    let answers = printed("apply", &input);
    assert_eq!(answers.lines().count(), steps.as_array().unwrap().len());
    for line in answers.lines() {
        let mut value: Value = serde_json::from_str(line).unwrap();
        valid(&schema, line, &value);
        value.as_object_mut().unwrap().remove("state");
        assert!(!schema.is_valid(&value), "{line}");
    }
}

#[test]
fn validate_is_as_promised() {
    let schema = schema("validate");
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.html");
    let page = shlex::try_quote(page.to_str().unwrap()).unwrap().into_owned();
    for arguments in ["nis1", "--max-depth 0", "symbol-private --against symbol-mainnet"] {
        let command = format!("validate {arguments} --runs 3 --work 5000 --html {page}");
        let mut real = answer(&command);
        valid(&schema, &command, &real);
        for (pointer, wrong) in [("/hazards/0/name", "something"), ("/verdict", "fine")] {
            let mut wrong_one = real.clone();
            *wrong_one.pointer_mut(pointer).unwrap() = json!(wrong);
            assert!(!schema.is_valid(&wrong_one), "{command}: {pointer}");
        }
        real["hazards"][0].as_object_mut().unwrap().remove("reachable");
        assert!(!schema.is_valid(&real), "{command}");
    }
}

#[test]
fn benchmarks() {
    let schema = schema("benchmarks");
    let text = std::fs::read_to_string(root().join("reports/benchmarks.json")).unwrap();
    let run: Value = serde_json::from_str(&text).unwrap();
    valid(&schema, "reports/benchmarks.json", &run);
    for needed in ["format", "version", "machine", "measures"] {
        let mut wrong = run.clone();
        wrong.as_object_mut().unwrap().remove(needed);
        assert!(!schema.is_valid(&wrong), "without {needed}");
    }
    let other = json!({"name": "x", "group": "faults", "measure": "no-opt-in", "rate": 1.5});
    let calls = json!({"name": "x", "each": 0.25, "count": 4});
    for (field, entry, number) in [("yardsticks", other, "rate"), ("allocations", calls, "each")] {
        let mut with = run.clone();
        with[field] = json!([entry]);
        valid(&schema, field, &with);
        with[field][0][number] = json!(-1);
        assert!(!schema.is_valid(&with), "{field}: {number}");
    }
}

#[test]
fn every_schema_has_a_test() {
    let own = std::fs::read_to_string(root().join("sim/tests/suite/schemas.rs")).unwrap();
    for entry in std::fs::read_dir(root().join("sim/schemas")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "json") {
            let name = path.file_stem().unwrap().to_string_lossy().into_owned();
            assert!(own.contains(&format!("\"{name}\"")), "{name}");
        }
    }
}

#[test]
fn every_form_of_explain_has_its_schema() {
    let board = "explain --state sim/examples/board.json sim/examples/payment.json";
    let waiting = "explain --state sim/examples/graph.json \
                   sim/examples/waiting.json";
    check(
        "explain",
        &[board, waiting, "explain --list", "explain 0x80410006"],
        &["/verdict", "/complete", "/parts", "/missing", "/confirmed", "/after", "/codes"],
    );
}

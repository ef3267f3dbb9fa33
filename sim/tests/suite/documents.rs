//! Transactions in every form that people hold them in, and what else they bring by mistake.

use std::io::{Read as _, Write as _};
use std::process::{Command, Output, Stdio};

use flate2::read::GzDecoder;
use proptest::prelude::*;
use quorate::key::{Address, Era, Network, PublicKey};
use quorate::ledger::{Entry, Genesis, Ledger, Minima};
use quorate::protocol::Protocol;
use quorate::rest::FieldError;
use quorate::rest::transaction::{
    AccountDirectory, Form, Item, Options, SignedDocument, TransactionDocument, TransactionKind,
    read,
};
use serde_json::{Map, Value, json};

const VECTORS: [(Era, &str); 6] = [
    (Era::A, "era-A"),
    (Era::A1, "era-A1-transitional"),
    (Era::B, "era-B"),
    (Era::B2, "era-B2-transitional"),
    (Era::C, "era-C"),
    (Era::N, "era-N"),
];

fn vectors(name: &str) -> Vec<Value> {
    let path = format!("{}/tests/data/vectors/{name}.jsonl.gz", env!("CARGO_MANIFEST_DIR"));
    let mut text = String::new();
    GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// Every vector but those with a wrapper or a signature inside a wrapper, which no NIS1 node answers with.
fn all_vectors() -> impl Iterator<Item = (Era, Value)> {
    let wrapped = |vector: &Value| {
        let inner = vector["json"]["inner_transaction"]["type"].as_str();
        matches!(inner, Some("multisig" | "cosignature"))
    };
    VECTORS.into_iter().flat_map(move |(era, name)| {
        let all = vectors(name).into_iter().filter(move |one| !wrapped(one));
        all.map(move |one| (era, one))
    })
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_else(|| panic!("no `{key}` in {value}"))
}

fn unhex(text: &str) -> Vec<u8> {
    data_encoding::HEXUPPER_PERMISSIVE.decode(text.as_bytes()).unwrap()
}

fn options(era: Era, vector: &Value) -> Options {
    let hash = vector.get("generation_hash").and_then(Value::as_str);
    let generation_hash = hash.map(|hash| unhex(hash).try_into().unwrap());
    Options { era: Some(era), generation_hash, signer: None }
}

fn one(bytes: &[u8], options: &Options) -> Result<TransactionDocument, FieldError> {
    let items = read(bytes, options)?;
    let [Item::Transaction(document)] = items.as_slice() else { panic!("{items:?}") };
    Ok(document.as_ref().clone())
}

fn summary(bytes: &[u8], options: &Options) -> SignedDocument {
    one(bytes, options).and_then(|document| document.summary()).unwrap_or_else(|error| {
        panic!("{error}: {}", String::from_utf8_lossy(bytes));
    })
}

fn halves(digits: &str) -> Value {
    let number: u64 = digits.parse().unwrap();
    json!([number & 0xFFFF_FFFF, number >> 32])
}

/// What a node of the era would answer, from the fields of a vector.
fn rest(era: Era, fields: &Value, is_top: bool) -> Value {
    if era == Era::N {
        return rest_of_nis1(fields);
    }
    let is_old = matches!(era, Era::A | Era::A1);
    let number = |digits: &str| if is_old { halves(digits) } else { json!(digits) };
    let mut out = Map::new();
    let mut put = |key: &str, value: Value| out.insert(key.to_owned(), value);
    let (version, network) = (fields["version"].as_u64().unwrap(), fields["network_byte"].as_u64());
    put("type", fields["entity_type"].clone());
    if is_old {
        put("version", json!(version | network.unwrap() << 8));
        put("signer", json!(text(fields, "signer_public_key").to_lowercase()));
    } else {
        put("version", json!(version));
        put("network", json!(network));
        put("signerPublicKey", fields["signer_public_key"].clone());
    }
    if is_top {
        put("signature", fields["signature"].clone());
        put(if is_old { "fee" } else { "maxFee" }, number(text(fields, "max_fee")));
        put("deadline", number(text(fields, "deadline")));
    }
    let hex_address = |value: &Value| {
        let address = Address::from_text(value.as_str().unwrap()).unwrap();
        json!(address.hex())
    };
    match text(fields, "type") {
        "multisig_modification" => {
            put("minRemovalDelta", fields["min_removal_delta"].clone());
            put("minApprovalDelta", fields["min_approval_delta"].clone());
            for (ours, theirs) in [
                ("address_additions", "addressAdditions"),
                ("address_deletions", "addressDeletions"),
            ] {
                if let Some(list) = fields[ours].as_array() {
                    put(theirs, list.iter().map(hex_address).collect());
                }
            }
            for (ours, theirs) in [
                ("public_key_additions", "publicKeyAdditions"),
                ("public_key_deletions", "publicKeyDeletions"),
            ] {
                if fields[ours].is_array() {
                    put(theirs, fields[ours].clone());
                }
            }
            if let Some(list) = fields["modifications"].as_array() {
                let key = if era == Era::B { "modificationAction" } else { "type" };
                let entry = |entry: &Value| {
                    let public_key = entry["cosignatory_public_key"].clone();
                    json!({key: entry["action_byte"], "cosignatoryPublicKey": public_key})
                };
                put("modifications", list.iter().map(entry).collect());
            }
        }
        "transfer" => {
            put("recipientAddress", hex_address(&fields["recipient_address"]));
            let mosaic = |one: &Value| json!({"id": one["mosaic_id"], "amount": number(text(one, "amount"))});
            put("mosaics", fields["mosaics"].as_array().unwrap().iter().map(mosaic).collect());
            put("message", fields["message_hex"].clone());
        }
        "hash_lock" => {
            put("mosaicId", fields["mosaic"]["mosaic_id"].clone());
            put("amount", number(text(&fields["mosaic"], "amount")));
            put("duration", number(text(fields, "duration")));
            put("hash", fields["hash"].clone());
        }
        "aggregate_complete" | "aggregate_bonded" => {
            if let Some(hash) = fields.get("transactions_hash") {
                put("transactionsHash", hash.clone());
            }
            let inner = |one: &Value| json!({"meta": {}, "transaction": rest(era, one, false)});
            put(
                "transactions",
                fields["transactions"].as_array().unwrap().iter().map(inner).collect(),
            );
            let cosignature = |one: &Value| {
                let key = if is_old { "signer" } else { "signerPublicKey" };
                json!({key: one["signer_public_key"], "signature": one["signature"], "version": "0"})
            };
            let list = fields["cosignatures"].as_array().unwrap();
            put("cosignatures", list.iter().map(cosignature).collect());
        }
        "opaque" => {
            put("recipientAddress", json!("98".repeat(25)));
        }
        other => panic!("{other}"),
    }
    Value::Object(out)
}

fn rest_of_nis1(fields: &Value) -> Value {
    let number = |key: &str| {
        fields[key]
            .as_str()
            .map_or(fields[key].clone(), |digits| json!(digits.parse::<u64>().unwrap()))
    };
    let version = fields["version"].as_u64().unwrap() as u32
        | (fields["network_byte"].as_u64().unwrap() as u32) << 24;
    let mut out = json!({
        "type": fields["transaction_type"], "version": version as i32, "timeStamp": fields["timestamp"],
        "signer": text(fields, "signer_public_key").to_lowercase(), "fee": number("fee"),
        "deadline": fields["deadline"],
    });
    if fields.get("signature").is_some() {
        out["signature"] = json!(text(fields, "signature").to_lowercase());
    }
    match text(fields, "type") {
        "multisig_modification" => {
            let entry = |one: &Value| {
                let key = text(one, "cosignatory_public_key").to_lowercase();
                json!({"modificationType": one["action_value"], "cosignatoryAccount": key})
            };
            let list = fields["modifications"].as_array().unwrap();
            out["modifications"] = list.iter().map(entry).collect();
            if let Some(change) = fields.get("min_approval_delta") {
                out["minCosignatories"] = json!({"relativeChange": change});
            }
        }
        "transfer" => {
            out["recipient"] = fields["recipient_address"].clone();
            out["amount"] = number("amount");
            out["message"] = match &fields["message"] {
                Value::Null => json!({}),
                message => json!({"type": message["type"], "payload": message["payload_hex"]}),
            };
            if let Some(list) = fields["mosaics"].as_array() {
                let mosaic = |one: &Value| {
                    let id = json!({"namespaceId": one["namespace"], "name": one["name"]});
                    let quantity: u64 = text(one, "quantity").parse().unwrap();
                    json!({"mosaicId": id, "quantity": quantity})
                };
                out["mosaics"] = list.iter().map(mosaic).collect();
            }
        }
        "multisig" => {
            out["otherTrans"] = rest_of_nis1(&fields["inner_transaction"]);
            let list = fields["cosignatures"].as_array();
            out["signatures"] = list.into_iter().flatten().map(rest_of_nis1).collect();
        }
        "cosignature" => {
            let hash = text(fields, "other_transaction_hash").to_lowercase();
            out["otherHash"] = json!({"data": hash});
            out["otherAccount"] = fields["multisig_account_address"].clone();
        }
        other => panic!("{other}"),
    }
    out
}

#[test]
fn a_nodes_json_and_the_bytes_give_the_same_value() {
    let (mut count, mut cosignatures) = (0, 0);
    for (era, vector) in all_vectors() {
        let id = &vector["id"];
        let options = options(era, &vector);
        let by_hex = summary(text(&vector, "hex").as_bytes(), &options);
        assert_eq!(
            by_hex.hash.map(|hash| data_encoding::HEXUPPER.encode(&hash)).as_deref(),
            vector["hash"].as_str(),
            "{id}"
        );
        assert_eq!(by_hex, summary(&unhex(text(&vector, "hex")), &options), "{id}: binary");
        let hash = vector["hash"].clone();
        let meta = match era {
            Era::N => json!({"hash": {"data": hash}, "height": 9_007_199_254_740_991_u64}),
            _ => json!({"hash": hash, "height": "0"}),
        };
        let whole =
            json!({"id": "X", "meta": meta, "transaction": rest(era, &vector["json"], true)});
        let by_json = summary(whole.to_string().as_bytes(), &options);
        assert_eq!(by_json, by_hex, "{id}: {whole}");
        let listed = json!({"data": [whole], "pagination": {}}).to_string();
        assert_eq!(summary(listed.as_bytes(), &options), by_hex, "{id}: listed");
        let decoded = one(whole.to_string().as_bytes(), &options).unwrap();
        assert_eq!(decoded.form, Form::Rest);
        if decoded.is_whole() {
            let bytes = decoded.payload.encode().unwrap();
            assert_eq!(data_encoding::HEXUPPER.encode(&bytes), text(&vector, "hex"), "{id}");
        }
        let announced = match (era, vector.get("announce")) {
            (Era::N, Some(announce)) => announce.clone(),
            _ => json!({"payload": vector["hex"], "hash": hash, "networkType": 152}),
        };
        let announced = summary(announced.to_string().as_bytes(), &options);
        let own = SignedDocument { cosignatures: announced.cosignatures.clone(), ..by_hex.clone() };
        assert_eq!(announced, own, "{id}: announced");
        cosignatures += by_json.cosignatures.len();
        count += 1;
    }
    assert_eq!(count, 280);
    assert!(cosignatures > 150, "{cosignatures}");
}

#[test]
fn the_era_is_decided_by_the_content_and_the_others_are_named() {
    let (mut told, mut decided) = (0, 0);
    for (era, vector) in all_vectors() {
        let id = &vector["id"];
        let hex = text(&vector, "hex").as_bytes();
        let document = rest(era, &vector["json"], true).to_string();
        for bytes in [hex, document.as_bytes()] {
            match one(bytes, &Options::default()) {
                Ok(found) => {
                    let read = found.payload.era();
                    assert!(
                        read == era || found.also.contains(&era) || bytes != hex,
                        "{id}: {read}"
                    );
                    let (one, other) = (
                        found.summary().unwrap().parts,
                        summary(bytes, &Options { era: Some(era), ..Options::default() }).parts,
                    );
                    // B2 has no layout of its own for what it shares with C
                    if read == era {
                        assert_eq!(one, other, "{id}");
                    }
                    decided += 1;
                }
                Err(error) => {
                    assert!(matches!(era, Era::A1 | Era::B), "{id}: {error}");
                    assert!(error.found.contains("A1 and B"), "{id}: {error}");
                    told += 1;
                }
            }
        }
    }
    assert!(told > 60 && decided > 400, "{told} {decided}");
    let vector = vectors("era-B").into_iter().find(|one| one["category"] == "mod-add").unwrap();
    let as_b =
        one(text(&vector, "hex").as_bytes(), &Options { era: Some(Era::B), ..Options::default() });
    assert_eq!(as_b.unwrap().also, [Era::A1]);
}

#[test]
fn signing_data_is_the_transaction_without_its_signatures() {
    let mut count = 0;
    for (era, vector) in all_vectors().filter(|(era, _)| *era != Era::N) {
        let (id, hex) = (&vector["id"], unhex(text(&vector, "hex")));
        if vector["json"]["cosignatures"].as_array().is_some_and(|list| !list.is_empty()) {
            continue;
        }
        if !vector["generation_hash"].is_string() {
            continue;
        }
        let start = if matches!(era, Era::B2 | Era::C) { 108 } else { 100 };
        let data = [unhex(text(&vector, "generation_hash")), hex[start..].to_vec()].concat();
        let whole = summary(&hex, &options(era, &vector));
        let told = Options { era: Some(era), ..Options::default() };
        let unsigned = summary(&data, &told);
        assert_eq!(
            (unsigned.signer, unsigned.is_signed, unsigned.hash),
            (None, false, None),
            "{id}"
        );
        let signer = PublicKey::from_hex(text(&vector["json"], "signer_public_key"));
        let unsigned = summary(&data, &Options { signer, ..told });
        let signature = SignedDocument { is_signed: true, hash: whole.hash, ..unsigned };
        assert_eq!(signature, whole, "{id}");
        count += 1;
    }
    assert!(count > 150, "{count}");
    let bonded = vectors("era-C").into_iter().find(|one| one["category"] == "bonded").unwrap();
    let hex = unhex(text(&bonded, "hex"));
    let short = [unhex(text(&bonded, "generation_hash")), hex[108..160].to_vec()].concat();
    let error = one(&short, &Options::default()).unwrap_err();
    assert!(error.found.contains("only the hash of its transactions"), "{error}");
    for vector in vectors("era-N") {
        let data = text(&vector["announce"], "data");
        let unsigned = one(data.as_bytes(), &Options::default()).unwrap();
        assert_eq!(unsigned.form, Form::SigningData, "{}", vector["id"]);
        let whole = summary(text(&vector, "hex").as_bytes(), &Options::default());
        let unsigned = unsigned.summary().unwrap();
        assert_eq!((unsigned.parts, unsigned.hash), (whole.parts, whole.hash), "{}", vector["id"]);
    }
}

#[test]
fn a_detached_cosignature_is_read_from_json_and_bytes() {
    let mut count = 0;
    for vector in vectors("era-C") {
        for detached in vector["detached_cosignatures"].as_array().into_iter().flatten() {
            let fields = &detached["json"];
            let json = json!({"parentHash": fields["parent_hash"], "signature": fields["signature"],
                "signerPublicKey": fields["signer_public_key"], "version": "0"});
            let by_json = one(json.to_string().as_bytes(), &Options::default()).unwrap();
            let by_hex = one(text(detached, "hex").as_bytes(), &Options::default()).unwrap();
            assert_eq!(by_json.payload, by_hex.payload);
            assert!(by_json.summary().is_err(), "it is no transaction");
            count += 1;
        }
    }
    assert!(count > 0);
}

#[test]
fn what_is_no_transaction_is_named() {
    let hex = text(&vectors("era-C")[0], "hex").to_owned();
    let cut = &hex[..hex.len() - 2];
    let cases: [(&str, &str, &str); 18] = [
        ("", "nothing", "a transaction"),
        (r#"{"data":[]}"#, "an empty list", "a transaction"),
        ("[]", "an empty list", "a transaction"),
        (&"AB".repeat(32), "a hash or a public key", "GET /transactions/partial/{hash}"),
        (&"AB".repeat(64), "a signature", "a transaction"),
        (&hex[..hex.len() - 1], "hex digits", "an even number"),
        (cut, "where the size field says", "it was cut off"),
        ("TDHZ4KQCMDOK4ETY4RDDL6Q4MLF6TGEFJQXYI6Y", "an address", "a transaction"),
        ("98CF9E2A0260DCAE1278E44635FA1C62CBE998854C2F847B", "an address", "a transaction"),
        (
            r#"{"code":"ResourceNotFound","message":"no resource exists with id 'X'"}"#,
            "`ResourceNotFound`",
            "no longer",
        ),
        (
            r#"{"timeStamp":1,"error":"Not Found","message":"no","status":404}"#,
            "`Not Found`",
            "ask GET",
        ),
        (r#"{"format":"multisig-trace","version":1,"steps":[]}"#, "a scenario", "a transaction"),
        (
            r#"{"transaction":{"type":"transfer","signer":"a"}}"#,
            "a step of a scenario",
            "a transaction",
        ),
        (r#"[{"level":0,"multisigEntries":[]}]"#, "answer about accounts", "a transaction"),
        (
            r#"{"network":{"identifier":"x"},"chain":{},"plugins":{}}"#,
            "`network/properties`",
            "a transaction",
        ),
        ("<!DOCTYPE html>\n<html></html>", "a page in HTML or XML", "JSON or hex digits"),
        ("nemesis:\n  mosaics:\n", "a line of YAML", "a transaction"),
        ("{\"type\":1", "the text ends inside an object", "JSON"),
    ];
    for (brought, found, expected) in cases {
        let error = read(brought.as_bytes(), &Options::default()).expect_err(brought);
        let said = error.to_string();
        assert!(said.contains(found) && said.contains(expected), "{brought}: {said}");
    }
    let list = r#"{"data":[{"id":"1","meta":{},"transaction":{"type":16961,"version":2,"network":152,
        "signerPublicKey":"B39C4E0FDA2CA1C9778E9F24C80A3899E1331D2203578DEB4DAA9EEC896AFF3A","deadline":"1"}}]}"#;
    let said = read(list.as_bytes(), &Options::default()).unwrap_err().to_string();
    assert!(said.contains("which a list does not hold"), "{said}");
}

const KEYS: [&str; 3] = [
    "B39C4E0FDA2CA1C9778E9F24C80A3899E1331D2203578DEB4DAA9EEC896AFF3A",
    "9D805AAA55BE8252061C6990F194A18F56119FABAB8A18C3B697D44CF3863496",
    "00626BA59559E14DAED4D62DEE7BA63F93659E1787E0ABEDD8ED8A6CD487A309",
];

fn address(key: &str, network: Network) -> Address {
    Address::of(&PublicKey::from_hex(key).unwrap(), Era::C, network)
}

/// An aggregate of an account's mosaic definition and transfer, signed by the second key.
fn waiting(cosignatures: &[&str]) -> TransactionDocument {
    let [joint, first, _] = KEYS;
    let part = |more: Value| {
        let mut part = json!({"signerPublicKey": joint, "version": 1, "network": 152});
        part.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        json!({"meta": {}, "transaction": part})
    };
    let stranger = "98F0987D05D3EB9017DA069185BCE3388E69F7B156F59969";
    let mosaics = json!([{"id": "72C0212E67A08BCE", "amount": "5"}]);
    let cosignature =
        |key: &&str| json!({"signerPublicKey": key, "signature": "00".repeat(64), "version": "0"});
    let whole = json!({"meta": {"hash": "11".repeat(32), "height": "0"}, "transaction": {
        "type": 16705, "version": 2, "network": 152, "signerPublicKey": first, "maxFee": "0",
        "deadline": "1", "signature": "22".repeat(64),
        "transactions": [
            part(json!({"type": 16717, "nonce": 1})),
            part(json!({"type": 16724, "recipientAddress": stranger, "mosaics": mosaics, "message": "00FF"})),
        ],
        "cosignatures": cosignatures.iter().map(cosignature).collect::<Vec<_>>(),
    }});
    one(whole.to_string().as_bytes(), &Options::default()).unwrap()
}

#[test]
fn a_waiting_transaction_is_put_to_a_ledger_under_the_names_of_a_state() {
    let [joint, first, second] = KEYS;
    let mut directory = AccountDirectory::default();
    for (name, key) in [("joint", joint), ("ann", first), ("bob", second)] {
        directory.insert(name, Some(address(key, Network::Testnet)), None);
    }
    let (short, enough) = (waiting(&[]), waiting(&[second]));
    let seen = directory.admit(&short).unwrap();
    assert_eq!(seen.kind, TransactionKind::Complete);
    assert_eq!(seen.parts[0].type_name(seen.era), "mosaic definition");
    assert_eq!(short.not_shown().unwrap(), ["the body of part 1: type 16717 mosaic definition"]);
    directory.admit(&enough).unwrap();
    assert_eq!(directory.added(), ["TDYJQ7IF2PVZAF62A2IYLPHDHCHGT55RK32ZS2I"]);
    let accounts = directory.accounts().unwrap();
    let [joint, ann, bob] = ["joint", "ann", "bob"].map(|name| accounts.find(name).unwrap());
    let entry = Entry {
        account: joint,
        minima: Minima { approval: 2, removal: 1 },
        cosignatories: vec![ann, bob],
    };
    let genesis = Genesis {
        entries: vec![entry],
        balances: vec![(joint, quorate::mosaic::MosaicId::CURRENCY, quorate::unit::Amount(5))],
        ..Genesis::of_accounts(accounts.len())
    };
    let protocol = Protocol::preset("symbol-mainnet").unwrap();
    let mut ledger = Ledger::from_genesis(protocol, &genesis).unwrap();
    let refused = ledger.submit(&directory.transaction(&short, &accounts).unwrap());
    assert_eq!(format!("{refused:?}"), "Rejected(AggregateMissingCosignatures)");
    let accepted = ledger.submit(&directory.transaction(&enough, &accounts).unwrap());
    assert!(accepted.is_accepted(), "{accepted:?}");
}

#[test]
fn a_transaction_of_another_network_or_era_than_the_state_is_refused() {
    let mut directory = AccountDirectory::default();
    directory.insert("joint", Some(address(KEYS[0], Network::Mainnet)), None);
    let error = directory.admit(&waiting(&[])).unwrap_err().to_string();
    assert!(error.contains("`testnet`") && error.contains("`mainnet`"), "{error}");
    let nis1 = one(text(&vectors("era-N")[0], "hex").as_bytes(), &Options::default()).unwrap();
    let mut directory = AccountDirectory::default();
    directory.insert("joint", Some(address(KEYS[0], Network::Testnet)), None);
    let error = directory.admit(&nis1).unwrap_err().to_string();
    assert!(error.contains("era N") && error.contains("one of Symbol"), "{error}");
}

#[test]
fn a_hash_lock_is_read() {
    let lock = json!({"id": "X", "lock": {"version": 1, "mosaicId": "72C0212E67A08BCE", "amount": "10000000",
        "ownerAddress": "98F0987D05D3EB9017DA069185BCE3388E69F7B156F59969",
        "endHeight": "12345", "status": 0, "hash": "33".repeat(32)}});
    let items = read(lock.to_string().as_bytes(), &Options::default()).unwrap();
    let [Item::Lock(found)] = items.as_slice() else { panic!("{items:?}") };
    assert_eq!((found.amount, found.end_height, found.is_used), (10_000_000, 12345, false));
    let listed = json!({"data": [lock, lock], "pagination": {}}).to_string();
    assert_eq!(read(listed.as_bytes(), &Options::default()).unwrap().len(), 2);
    let bad = lock.to_string().replace("\"status\":0", "\"status\":7");
    assert!(read(bad.as_bytes(), &Options::default()).is_err());
}

fn quorate(arguments: &[&str], input: &str) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

fn answers(output: &Output) -> Vec<Value> {
    let text = String::from_utf8(output.stdout.clone()).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn decode_reads_documents_and_says_which_eras_accept_the_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let vector = vectors("era-C")
        .into_iter()
        .find(|one| {
            one["category"] == "bonded"
                && !one["json"]["cosignatures"].as_array().unwrap().is_empty()
        })
        .unwrap();
    let whole = json!({"meta": {"hash": vector["hash"], "height": "0"}, "transaction": rest(Era::C, &vector["json"], true)});
    let indented = serde_json::to_string_pretty(&whole).unwrap();
    for name in ["waiting.json", "waiting"] {
        let path = folder.path().join(name);
        std::fs::write(&path, &indented).unwrap();
        let output = quorate(&["decode", path.to_str().unwrap()], "");
        assert_eq!(
            output.status.code(),
            Some(0),
            "{name}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let [answer] = &answers(&output)[..] else { panic!("{name}") };
        assert_eq!((&answer["json"], &answer["form"]), (&vector["json"], &json!("rest")));
        let holds = answer["signatures"]["cosignatures"].as_array().unwrap();
        assert!(
            !holds.is_empty() && holds.iter().all(|holds| *holds == true),
            "by the node's hash"
        );
        let encoded = quorate(&["encode", "-"], &format!("{answer}\n"));
        assert_eq!(answers(&encoded), [json!({"hex": vector["hex"]})]);
    }
    let listed = json!({"data": [whole, whole]}).to_string();
    assert_eq!(answers(&quorate(&["decode", "-"], &listed)).len(), 2);
    let vector = vectors("era-B").into_iter().find(|one| one["category"] == "mod-add").unwrap();
    let hex = text(&vector, "hex");
    let output = quorate(&["decode", "--era", "B", hex], "");
    assert_eq!(answers(&output)[0]["also"], json!(["A1"]));
    let output = quorate(&["decode", "--era", "B", "--format", "text", hex], "");
    assert!(String::from_utf8_lossy(&output.stderr).contains("also accepted by era A1"));
    let output = quorate(&["decode", hex], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(answers(&output)[0]["error"].as_str().unwrap().contains("opposite meaning"));
    let vector = &vectors("era-C")[0];
    assert_eq!(answers(&quorate(&["decode", text(vector, "hex")], ""))[0]["json"], vector["json"]);
}

/// A node's `network/properties` of a properties file.
fn network_properties(properties: &str) -> Value {
    let mut out = json!({"plugins": {}});
    let mut section = String::new();
    for line in properties
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with(['#', ';']))
    {
        if let Some(name) = line.strip_prefix('[') {
            section = name.trim_end_matches(']').to_owned();
            continue;
        }
        let (key, value) = line.split_once('=').unwrap();
        let place = match section.strip_prefix("plugin:catapult.plugins.") {
            Some(plugin) => &mut out["plugins"][plugin],
            None => &mut out[&section],
        };
        place[key.trim()] = json!(value.trim());
    }
    out
}

fn config(name: &str) -> String {
    let path = format!("{}/tests/data/config/{name}.properties", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

/// Limits and switches as `protocols` prints them.
fn protocol(path: &std::path::Path) -> (Value, String) {
    let output = quorate(&["protocols", "--format", "json", path.to_str().unwrap()], "");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(0), "{said}");
    let mut value: Value = serde_json::from_slice(&output.stdout).unwrap();
    value.as_object_mut().unwrap().remove("name");
    (value, said)
}

#[test]
fn a_nodes_network_properties_and_its_folder_are_the_protocol_of_its_file() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["symbol-mainnet", "symbol-bootstrap", "server-0.4", "server-0.7"] {
        let properties = config(name);
        let path = folder.path().join(format!("{name}.properties"));
        std::fs::write(&path, &properties).unwrap();
        let (expected, _) = protocol(&path);
        let json = folder.path().join(format!("{name}.json"));
        let value = network_properties(&properties);
        std::fs::write(&json, serde_json::to_string_pretty(&value).unwrap()).unwrap();
        assert_eq!(protocol(&json).0, expected, "{name}");
        let node = folder.path().join(name);
        std::fs::create_dir_all(node.join("resources")).unwrap();
        std::fs::write(node.join("resources/config-network.properties"), &properties).unwrap();
        let (found, said) = protocol(&node);
        assert_eq!(found, expected, "{name}");
        assert!(said.contains("resources/config-network.properties"), "{said}");
        let text = serde_json::to_string_pretty(&value).unwrap().replacen(
            "\"maxMultisigDepth\": \"3\"",
            "\"maxMultisigDepth\": \"300\"",
            1,
        );
        std::fs::write(&json, &text).unwrap();
        let output = quorate(&["protocols", json.to_str().unwrap()], "");
        let line = text.lines().position(|line| line.contains("\"300\"")).unwrap() + 1;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2));
        assert!(
            said.contains(&format!("{name}.json:{line}:")) && said.contains("`maxMultisigDepth`"),
            "{said}"
        );
    }
}

#[test]
fn the_switch_of_sirius_is_read_and_its_other_keys_are_ignored_aloud() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("sirius.properties");
    let own = "[plugin:catapult.plugins.multisig]\nkeyOfTheirOwn = 7\nnewCosignersMustApprove = ";
    for (value, opt_in) in [("true", true), ("false", false)] {
        let text = config("server-0.4");
        let text =
            text.replacen("[plugin:catapult.plugins.multisig]\n", &format!("{own}{value}\n"), 1);
        std::fs::write(&path, text).unwrap();
        let (found, said) = protocol(&path);
        assert_eq!(found["switches"]["opt_in"], opt_in, "{found}");
        assert!(
            said.contains("warning")
                && said.contains("[plugin:catapult.plugins.multisig] keyOfTheirOwn"),
            "{said}"
        );
    }
    let text = config("server-0.4").replacen(
        "[plugin:catapult.plugins.multisig]\n",
        "[plugin:catapult.plugins.multisig]\nkeyOfTheirOwn = 7\n",
        1,
    );
    std::fs::write(&path, text).unwrap();
    assert_eq!(quorate(&["protocols", path.to_str().unwrap()], "").status.code(), Some(2));
}

#[test]
fn a_preset_in_yaml_and_a_page_are_named_where_a_protocol_is_expected() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("preset.yml");
    for (text, found) in [
        (
            "nemesisGenerationHashSeed: 57F7\nnodes:\n  - name: peer\n",
            "resources/config-network.properties",
        ),
        ("<html><body>502</body></html>", "HTML"),
        (r#"{"code":"ResourceNotFound","message":"no"}"#, "ResourceNotFound"),
        ("[{\"level\":0,\"multisigEntries\":[]}]", "answer about accounts"),
    ] {
        std::fs::write(&path, text).unwrap();
        let output = quorate(&["validate", path.to_str().unwrap()], "");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(said.contains(found), "{said}");
    }
}

/// Every byte, text and document may be broken anywhere: an answer or an error, and no panic.
fn survives(bytes: &[u8], options: &Options) {
    let Ok(items) = read(bytes, options) else { return };
    for item in items {
        let Item::Transaction(document) = item else { continue };
        let _ = document.decoded(true);
        let _ = document.not_shown();
        let mut directory = AccountDirectory::default();
        if directory.admit(&document).is_ok() {
            let accounts = directory.accounts().unwrap();
            let _ = directory.transaction(&document, &accounts);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn broken_bytes_and_documents_do_not_panic(
        era in 0_usize..6, index in any::<prop::sample::Index>(),
        edits in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..6),
        told in any::<bool>(),
    ) {
        let (era, name) = VECTORS[era];
        let vectors = vectors(name);
        let vector = &vectors[index.index(vectors.len())];
        let document = json!({"meta": {"hash": vector["hash"], "height": "1"}, "transaction": rest(era, &vector["json"], true)});
        let options = if told { options(era, vector) } else { Options::default() };
        let hex = text(vector, "hex");
        for start in [unhex(hex), hex.as_bytes().to_vec(), document.to_string().into_bytes()] {
            let mut bytes = start;
            for (place, byte, kind) in &edits {
                if bytes.is_empty() { break; }
                let at = place.index(bytes.len());
                match kind {
                    0 => bytes[at] = *byte,
                    1 => { bytes.truncate(at); }
                    _ => bytes.insert(at, *byte),
                }
                survives(&bytes, &options);
            }
        }
        // values of a document exchanged for others of another kind
        let mut broken = document;
        let mut paths = Vec::new();
        collect(&broken, String::new(), &mut paths);
        for (place, byte, _) in &edits {
            let path = &paths[place.index(paths.len())];
            if let Some(value) = broken.pointer_mut(path) {
                *value = match byte % 7 {
                    0 => Value::Null,
                    1 => json!(-1),
                    2 => json!(u64::MAX),
                    3 => json!("é"),
                    4 => json!([]),
                    5 => json!({}),
                    _ => json!("0".repeat(usize::from(*byte))),
                };
            }
            survives(broken.to_string().as_bytes(), &options);
        }
    }
}

fn collect(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Object(map) => {
            map.iter().for_each(|(key, value)| collect(value, format!("{path}/{key}"), paths))
        }
        Value::Array(list) => list
            .iter()
            .enumerate()
            .for_each(|(at, value)| collect(value, format!("{path}/{at}"), paths)),
        _ => {}
    }
    paths.push(path);
}

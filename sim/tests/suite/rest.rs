//! What nodes answer, read, checked and written back equal.

use std::collections::BTreeMap;
use std::io::Read;

use flate2::read::GzDecoder;
use quorate::key::Era;
use quorate::rest::{Document, Links, Member};
use serde_json::{Value, json};

fn documents() -> Vec<(String, Value)> {
    let folder = format!("{}/tests/data/graphs", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let mut text = String::new();
            GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
            (path.display().to_string(), serde_json::from_str(&text).unwrap())
        })
        .collect()
}

fn document(name: &str) -> Value {
    let ending = format!("/{name}.json.gz");
    documents().into_iter().find(|(path, _)| path.ends_with(&ending)).unwrap().1
}

#[test]
fn every_document_is_read_and_written_back_equal() {
    let all = documents();
    assert_eq!(all.len(), 22);
    for (path, value) in all {
        let read = Document::from_json(&value).unwrap_or_else(|error| panic!("{path}: {error}"));
        let key = if value.get("graph").is_some() { "graph" } else { "response" };
        assert_eq!(read.to_json(), value[key], "{path}");
        if let Some(multisig) = value.get("multisig") {
            assert_eq!(read.multisig_json(&read.query).unwrap(), *multisig, "{path}");
            let bare = Document::from_json(multisig).unwrap();
            assert_eq!(bare.to_json(), *multisig, "{path}");
        }
        let bare = Document::from_json(&value[key]).unwrap();
        assert_eq!(bare.to_json(), value[key], "{path} bare");
    }
}

#[test]
fn accounts_are_found_by_label_address_and_key() {
    let read = Document::from_json(&document("fraud-detection")).unwrap();
    assert_eq!(read.query, "wallet");
    let phone = &read.accounts["phone"];
    for text in ["phone", &phone.address.to_string(), &phone.address.hex()] {
        assert_eq!(read.find(text), Some("phone"), "{text}");
    }
    assert_eq!(read.find("nobody"), None);
    let old = Document::from_json(&document("era-A-fraud-detection")).unwrap();
    let account = &old.accounts[&old.query];
    assert_eq!(old.find(&account.public_key.unwrap().to_string()), Some(old.query.as_str()));
}

#[test]
fn a_document_tells_the_state_of_a_scenario() {
    let read = Document::from_json(&document("shared-2-of-3")).unwrap();
    let cosignatories = json!(["ana", "bob", "cruz"]);
    let expected = json!({"joint-account":
        {"min_approval": 2, "min_removal": 2, "cosignatories": cosignatories}});
    assert_eq!(read.state(), expected);
    let nis1 = Document::from_json(&document("nis1-cosignatory")).unwrap();
    assert_eq!(nis1.accounts.len(), 3);
    let state = nis1.state();
    assert_eq!(state.as_object().unwrap().len(), 1, "of the two only the 1-of-1 is all told");
}

/// The links and members of a document, as a ledger would hold them.
fn taken_apart(read: &Document) -> (Links, BTreeMap<String, Member>) {
    let members = read
        .accounts
        .iter()
        .map(|(name, account)| {
            let (address, public_key) = (account.address, account.public_key);
            (name.clone(), Member { address, public_key })
        })
        .collect();
    let links = read
        .accounts
        .iter()
        .filter(|(_, account)| !account.cosignatories.is_empty())
        .map(|(name, account)| {
            let (approval, removal) = (account.min_approval, account.min_removal);
            (name.clone(), (approval, removal, account.cosignatories.clone()))
        })
        .collect();
    (links, members)
}

#[test]
fn a_document_made_from_links_is_the_one_a_node_writes() {
    for name in [
        "diamond",
        "supply-chain-mlma",
        "company-three-levels",
        "dao-25",
        "era-A-fraud-detection",
        "era-B-shared-2-of-3",
        "nis1-shared-n-of-n",
    ] {
        let value = document(name);
        let read = Document::from_json(&value).unwrap();
        let (links, members) = taken_apart(&read);
        let made = Document::of_links(read.era, &read.query, &links, &members).unwrap();
        let again = Document::from_json(&made.to_wrapper()).unwrap();
        assert_eq!(again.query, read.query, "{name}");
        assert_eq!(again.state(), read.state(), "{name}");
        if read.era != Era::N {
            let address = |entry: &Value| entry["multisig"]["accountAddress"].to_string();
            let sorted = |graph: &Value| {
                let mut graph = graph.clone();
                for level in graph.as_array_mut().unwrap() {
                    level["multisigEntries"].as_array_mut().unwrap().sort_by_key(address);
                }
                graph
            };
            assert_eq!(made.accounts, read.accounts, "{name}");
            assert_eq!(sorted(&made.to_json()), sorted(&value["graph"]), "{name}");
        } else {
            let purseless = |value: &Value| {
                let text = value.to_string();
                text.replace("10000000", "0").replace("0.0", "0")
            };
            assert_eq!(purseless(&made.to_json()), purseless(&value["response"]), "{name}");
        }
    }
}

/// What is done to a good document, and what the refusal must speak of.
type Damage = (&'static str, fn(&mut Value), &'static str, &'static str);

const DAMAGES: [Damage; 17] = [
    ("shared-2-of-3", |d| entry(d, 0, 0)["minApproval"] = json!(4), "minApproval", "1 to 3"),
    ("shared-2-of-3", |d| entry(d, 0, 0)["minRemoval"] = json!(0), "minRemoval", "1 to 3"),
    ("shared-2-of-3", |d| entry(d, 1, 0)["minApproval"] = json!(1), "minApproval", "expected 0"),
    ("shared-2-of-3", |d| entry(d, 1, 2)["multisigAddresses"] = json!([]), "cruz", "without"),
    ("shared-2-of-3", |d| d["graph"][1]["level"] = json!(2), "graph[1]", "expected level 1"),
    ("shared-2-of-3", |d| drop_entry(d, 1, 1), "graph[1]", "without `ana`"),
    ("shared-2-of-3", |d| drop_level(d, 1), "graph", "no level 1"),
    ("shared-2-of-3", |d| entry(d, 0, 0)["minApproved"] = json!(1), "minApproved", "unknown field"),
    ("shared-2-of-3", |d| entry(d, 0, 0)["accountAddress"] = json!("98"), "accountAddress", "48"),
    ("shared-2-of-3", |d| d["query"] = json!("ana"), "query", "joint-account"),
    (
        "shared-2-of-3",
        |d| d["multisig"]["multisig"]["minRemoval"] = json!(1),
        "multisig",
        "level 0",
    ),
    ("diamond", |d| entry(d, 2, 1)["version"] = json!(2), "graph[2]", "differs"),
    ("diamond", |d| lift(d), "graph[1]", "only accounts linked"),
    ("era-A-shared-2-of-3", |d| swap_key(d, "account"), "account", "the key of"),
    ("era-B-shared-2-of-3", |d| swap_key(d, "accountPublicKey"), "accountPublicKey", "the key of"),
    ("nis1-shared-2-of-3", |d| shrink(d), "cosignatories", "expected 3"),
    ("nis1-shared-2-of-3", |d| raise(d), "minCosignatories", "at most 3"),
];

fn entry(document: &mut Value, level: usize, index: usize) -> &mut Value {
    &mut document["graph"][level]["multisigEntries"][index]["multisig"]
}

fn drop_entry(document: &mut Value, level: usize, index: usize) {
    document["graph"][level]["multisigEntries"].as_array_mut().unwrap().remove(index);
}

fn drop_level(document: &mut Value, level: usize) {
    document["graph"].as_array_mut().unwrap().remove(level);
}

/// Lists an account of level 2 at level 1 as well.
fn lift(document: &mut Value) {
    let entry = document["graph"][2]["multisigEntries"][0].clone();
    document["graph"][1]["multisigEntries"].as_array_mut().unwrap().push(entry);
}

/// Puts the key of the first cosignatory where the account's own belongs.
fn swap_key(document: &mut Value, field: &str) {
    let other = entry(document, 1, 0)[field].clone();
    entry(document, 0, 0)[field] = other;
}

fn shrink(document: &mut Value) {
    document["response"]["meta"]["cosignatories"].as_array_mut().unwrap().pop();
}

fn raise(document: &mut Value) {
    document["response"]["account"]["multisigInfo"]["minCosignatories"] = json!(4);
}

#[test]
fn a_document_at_odds_with_itself_is_refused_with_its_path() {
    for (name, damage, path, said) in DAMAGES {
        let mut value = document(name);
        damage(&mut value);
        let error = Document::from_json(&value).expect_err(said).to_string();
        assert!(error.contains(path) && error.contains(said), "{path} / {said}: {error}");
    }
}

#[test]
fn a_loop_ends() {
    let mut value = document("chain-depth-3");
    let top = entry(&mut value, 0, 0)["accountAddress"].clone();
    let bottom = entry(&mut value, 3, 0)["accountAddress"].clone();
    for key in ["minApproval", "minRemoval"] {
        entry(&mut value, 3, 0)[key] = json!(1);
    }
    entry(&mut value, 3, 0)["cosignatoryAddresses"] = json!([top]);
    entry(&mut value, 0, 0)["multisigAddresses"] = json!([bottom]);
    let graph = &value["graph"];
    assert!(Document::from_json(graph).unwrap_err().to_string().contains("no loop"));
}

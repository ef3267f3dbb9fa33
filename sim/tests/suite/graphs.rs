//! A node's answer becomes a ledger that answers, and the ledger's graph is the node's again.

use std::io::Read;

use flate2::read::GzDecoder;
use quorate::key::Era;
use quorate::ledger::{Ledger, View};
use quorate::protocol::{Base, Protocol};
use quorate::replay::{Options, Replay};
use quorate::rest::Document;
use quorate::scenario::Header;
use quorate::transaction::{Envelope, Transaction};
use quorate::unit::Amount;
use quorate::verdict::Verdict;
use serde_json::Value;

fn documents() -> Vec<(String, Document)> {
    let folder = format!("{}/tests/data/graphs", env!("CARGO_MANIFEST_DIR"));
    let mut paths: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let read = |path: &std::path::PathBuf| {
        let mut text = String::new();
        GzDecoder::new(std::fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
        (path.display().to_string(), Document::from_text(&text).unwrap())
    };
    paths.iter().map(read).collect()
}

#[test]
fn every_document_becomes_a_ledger_with_the_state_it_tells_of() {
    for (path, document) in documents() {
        let base = document.era.base();
        let header = Header::of_document(&document, Protocol::of_base(base)).unwrap();
        let ledger = Ledger::from_genesis(header.protocol.clone(), &header.genesis);
        let ledger = ledger.unwrap_or_else(|error| panic!("{path}: {error}"));
        let links = ledger.state().links();
        let state = document.state();
        let state = state.as_object().unwrap();
        assert_eq!(links.multisig_account_count(), state.len(), "{path}");
        for (name, entry) in state {
            let account = header.names.accounts.find(name).unwrap();
            let minima = links.minima(account);
            let told = if base == Base::Nis1 { "min_cosignatories" } else { "min_approval" };
            assert_eq!(entry[told], minima.approval, "{path} {name}");
            let names = links.cosignatories_of(account).iter();
            let names: Vec<Value> =
                names.map(|&one| header.names.accounts.label(one).into()).collect();
            assert_eq!(entry["cosignatories"], Value::Array(names), "{path} {name}");
        }
    }
}

#[test]
fn the_ledger_answers_by_the_rules_of_the_documents_era() {
    let (_, document) =
        documents().into_iter().find(|(path, _)| path.contains("/shared-2-of-3")).unwrap();
    let header = Header::of_document(&document, Protocol::of_base(Base::Symbol)).unwrap();
    let mut ledger = Ledger::from_genesis(header.protocol.clone(), &header.genesis).unwrap();
    let account = |name| header.names.accounts.find(name).unwrap();
    let [joint, ana, bob] = ["joint-account", "ana", "bob"].map(account);
    let mut transfer = Transaction::new(Envelope::AggregateComplete, ana);
    transfer.push_transfer(joint, bob, Amount(0));
    assert!(matches!(ledger.submit(&transfer), Verdict::Rejected(_)), "one of two");
    transfer.cosignatures.push(bob);
    assert_eq!(ledger.submit(&transfer), Verdict::Accepted);
    let error = Header::of_document(&document, Protocol::of_base(Base::Nis1)).unwrap_err();
    assert!(error.0.contains("`symbol`") && error.0.contains("`nis1`"), "{}", error.0);
}

#[test]
fn what_a_document_told_is_told_again() {
    for (path, document) in documents() {
        let header =
            Header::of_document(&document, Protocol::of_base(document.era.base())).unwrap();
        let replay = Replay::new(header, Options::default()).unwrap();
        let asked = replay.header().names.accounts.find(&document.query).unwrap();
        let exported = replay.graph(asked).unwrap();
        let again = Document::from_json(&exported.to_wrapper()).unwrap();
        assert_eq!(again.state(), document.state(), "{path}");
        assert_eq!(again.query, document.query, "{path}");
    }
}

#[test]
fn an_account_named_by_its_address_keeps_it() {
    let (_, labelled) =
        documents().into_iter().find(|(path, _)| path.contains("/fraud-detection.json")).unwrap();
    let bare = Document::from_json(&labelled.to_json()).unwrap();
    assert_eq!(bare.era, Era::C);
    let header = Header::of_document(&bare, Protocol::of_base(Base::Symbol)).unwrap();
    let replay = Replay::new(header, Options::default()).unwrap();
    let asked = replay.header().names.accounts.find(&bare.query).unwrap();
    assert_eq!(replay.graph(asked).unwrap().accounts, bare.accounts);
}

//! Every transaction of every scenario sent through its bytes: what comes back is what was sent.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use quorate::key::{Era, Network};
use quorate::scenario::{Header, Step, open, sniff};
use quorate::transaction::{Action, Body, Transaction};
use quorate::wire::Courier;

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut paths: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() && !path.ends_with("protocols") {
            collect(&path, files);
        } else if !path.ends_with("schema.json") && sniff(&path).is_some() {
            files.push(path);
        }
    }
}

/// What the bytes do not keep: identity and deadline, which are the scenario's own, the order between additions and deletions (NIS1: any), the order of
/// Symbol's and NIS1's mosaics, and whether a modification's version was named.
fn normal(transaction: &Transaction, era: Era) -> Transaction {
    let mut normal = transaction.clone();
    (normal.id, normal.inner_id, normal.deadline_seconds) = (None, None, None);
    for part in &mut normal.parts {
        match &mut part.body {
            Body::Modification(modification) => {
                modification.version = 0;
                modification.delta_present |= era != Era::N;
                let run = modification.changes.start as usize..modification.changes.end as usize;
                let changes = normal.changes.get_mut(run).unwrap();
                match era {
                    Era::N => changes.sort_by_key(|one| (one.action != Action::Add, one.account)),
                    Era::C => changes.sort_by_key(|one| one.action != Action::Add),
                    _ => {}
                }
            }
            Body::Transfer(transfer) if matches!(era, Era::C | Era::N) => {
                let run = transfer.amounts.start as usize..transfer.amounts.end as usize;
                normal.amounts.get_mut(run).unwrap().sort_by_key(|(mosaic, _)| *mosaic);
            }
            _ => {}
        }
    }
    normal
}

/// Sends all transactions of a scenario; counts those sent, and why the others could not be.
fn convey(path: &Path, refused: &mut BTreeMap<String, u64>) -> u64 {
    let (mut header, mut steps): (Header, _) = open(path).unwrap();
    let era = Era::of_base(header.protocol.base);
    let courier = Courier::new(&header.names.accounts, era, Network::Testnet);
    let mut step = Step::default();
    let mut sent = 0;
    while let Some(record) = steps.next(&mut header, &mut step).unwrap() {
        drop(record);
        for transaction in step.transactions() {
            match courier.send(transaction, None) {
                Ok(bytes) => {
                    let received = courier.receive(&bytes, None);
                    let received = received.unwrap_or_else(|e| panic!("{}: {e}", path.display()));
                    let (received, expected) = (normal(&received, era), normal(transaction, era));
                    assert_eq!(received, expected, "{}", path.display());
                    sent += 1;
                }
                Err(error) => *refused.entry(error.found).or_default() += 1,
            }
        }
    }
    sent
}

#[test]
fn every_transaction_of_every_scenario_comes_back_as_it_was_sent() {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios"), &mut files);
    let mut refused = BTreeMap::new();
    let sent: u64 = files.iter().map(|path| convey(path, &mut refused)).sum();
    println!("{} scenarios, {sent} transactions sent, refused: {refused:#?}", files.len());
    assert!(sent > 10_000, "{sent}");
    let refused: u64 = refused.values().sum();
    assert!(refused * 20 < sent, "{refused} of {sent} have no bytes");
}

//! The auditor against the recorded answers of the real servers: every step, name and state.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use quorate::account::{AccountId, Accounts};
use quorate::auditor::{Auditor, Entry};
use quorate::mosaic::MosaicId;
use quorate::protocol::{Base, Protocol};
use quorate::transaction::{
    Action, Body, CosignatoryModification, Envelope, Modification, Transaction,
};
use quorate::unit::{Amount, Span};
use serde_json::Value;

/// Runs every trace of a folder and checks that there are as many traces and steps as there should be.
fn agrees(folder: &str, traces: usize, steps: usize) {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/traces").join(folder);
    let mut files: Vec<PathBuf> =
        fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let run: usize = files.iter().map(|file| run_trace(file)).sum();
    assert_eq!((files.len(), run), (traces, steps), "{}", directory.display());
}

/// Runs one trace and returns its number of steps.
fn run_trace(file: &Path) -> usize {
    let mut lines = BufReader::new(GzDecoder::new(File::open(file).unwrap())).lines();
    let header: Value = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
    let labels: Vec<&str> = list(&header, "accounts").iter().map(text).collect();
    let accounts = Accounts::new(&labels).unwrap();
    let protocol = protocol(&header);
    let mut auditor = Auditor::new(&protocol);
    for (label, amount) in field(&header, "balances").as_object().unwrap() {
        let amount = Amount(amount.as_u64().unwrap());
        auditor.set_balance(accounts.find(label).unwrap(), MosaicId::CURRENCY, amount);
    }
    let mut steps = 0;
    for line in lines {
        let step: Value = serde_json::from_str(&line.unwrap()).unwrap();
        steps += 1;
        let place = format!("{}:{}: {}", file.display(), steps + 1, field(&step, "transaction"));
        let question = field(&step, "transaction");
        let verdict = if field(question, "type") == "block" {
            let block: Vec<Transaction> = list(question, "transactions")
                .iter()
                .map(|question| transaction(&accounts, question))
                .collect();
            auditor.submit_block(&block)
        } else {
            auditor.submit(&transaction(&accounts, question))
        };
        assert_eq!(protocol.result_name(verdict), text(field(&step, "result")), "{place}");
        assert_eq!(found(&auditor), expected(&accounts, field(&step, "state")), "{place}");
    }
    steps
}

fn protocol(header: &Value) -> Protocol {
    let mut protocol = Protocol::of_base(Base::from_name(text(field(header, "ruleset"))).unwrap());
    for (name, value) in field(header, "limits").as_object().unwrap() {
        let value = u32::try_from(value.as_u64().unwrap()).unwrap();
        let limits = &mut protocol.limits;
        match name.as_str() {
            "max_cosignatories_per_account" => limits.max_cosignatories_per_account = value,
            "max_cosigned_accounts_per_account" => limits.max_cosigned_accounts_per_account = value,
            "max_multisig_depth" => limits.max_multisig_depth = value,
            "max_cosignatures_per_aggregate" => limits.max_cosignatures_per_aggregate = value,
            "max_transactions_per_aggregate" => limits.max_transactions_per_aggregate = value,
            other => panic!("a limit without a field: {other}"),
        }
    }
    protocol
}

fn transaction(accounts: &Accounts, question: &Value) -> Transaction {
    let envelope = match text(field(question, "type")) {
        "aggregate_complete" => Envelope::AggregateComplete,
        "multisig" => Envelope::Multisig,
        _ => Envelope::Bare,
    };
    let mut transaction = Transaction::new(envelope, account(accounts, field(question, "signer")));
    if envelope == Envelope::Bare {
        push(&mut transaction, accounts, question);
        return transaction;
    }
    transaction.cosignatures =
        list(question, "cosignatures").iter().map(|name| account(accounts, name)).collect();
    for part in list(question, "transactions") {
        push(&mut transaction, accounts, part);
    }
    transaction
}

fn push(transaction: &mut Transaction, accounts: &Accounts, part: &Value) {
    let signer = account(accounts, field(part, "signer"));
    if field(part, "type") == "transfer" {
        let amount = Amount(field(part, "amount").as_u64().unwrap());
        transaction.push_transfer(signer, account(accounts, field(part, "recipient")), amount);
        return;
    }
    assert_eq!(field(part, "type"), "multisig_modification");
    let start = transaction.changes.len();
    for (field, action) in [("additions", Action::Add), ("deletions", Action::Remove)] {
        for name in list(part, field) {
            transaction
                .changes
                .push(CosignatoryModification { action, account: account(accounts, name) });
        }
    }
    for entry in list(part, "modifications") {
        let action = match text(field(entry, "action")) {
            "add" => Action::Add,
            "remove" => Action::Remove,
            _ => Action::Invalid,
        };
        let account = account(accounts, field(entry, "cosignatory"));
        transaction.changes.push(CosignatoryModification { action, account });
    }
    let delta = part.get("min_cosignatories_delta").or_else(|| part.get("min_approval_delta"));
    let modification = Modification {
        approval_delta: delta.map_or(0, integer),
        removal_delta: part.get("min_removal_delta").map_or(0, integer),
        delta_present: delta.is_some(),
        version: part.get("version").map_or(0, |version| u8::try_from(integer(version)).unwrap()),
        changes: Span::between(start, transaction.changes.len()),
    };
    transaction.push(signer, Body::Modification(modification));
}

fn found(auditor: &Auditor) -> Vec<(AccountId, Entry)> {
    auditor.entries().map(|(account, entry)| (account, entry.clone())).collect()
}

fn expected(accounts: &Accounts, state: &Value) -> Vec<(AccountId, Entry)> {
    let number = |entry: &Value, name: &str| {
        entry.get(name).map_or(0, |value| u32::try_from(value.as_u64().unwrap()).unwrap())
    };
    let entry = |entry: &Value| Entry {
        min_approval: number(entry, "min_approval") + number(entry, "min_cosignatories"),
        min_removal: number(entry, "min_removal"),
        cosignatories: list(entry, "cosignatories")
            .iter()
            .map(|name| account(accounts, name))
            .collect(),
    };
    let mut state: Vec<_> = state
        .as_object()
        .unwrap()
        .iter()
        .map(|(label, value)| (accounts.find(label).unwrap(), entry(value)))
        .collect();
    state.sort_by_key(|(account, _)| *account);
    state
}

fn account(accounts: &Accounts, name: &Value) -> AccountId {
    accounts.find(text(name)).unwrap()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn integer(value: &Value) -> i32 {
    i32::try_from(value.as_i64().unwrap()).unwrap()
}

fn field<'a>(value: &'a Value, name: &str) -> &'a Value {
    value.get(name).unwrap_or(&Value::Null)
}

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.get(name).map_or(&[], |list| list.as_array().unwrap())
}

#[test]
fn agrees_with_symbol() {
    agrees("symbol", 40, 8_000);
}

#[test]
fn agrees_with_nis1() {
    agrees("nis1", 30, 6_000);
}

#[test]
fn agrees_with_nis1_blocks() {
    agrees("nis1-blocks", 8, 1_600);
}

#[test]
fn agrees_with_catapult_v3() {
    agrees("catapult-v3", 20, 4_000);
}

#[test]
fn agrees_with_catapult_v1() {
    agrees("catapult-v1", 20, 4_000);
}

//! `quorate explain --state`: a transaction put to accounts that somebody holds as documents.

use std::collections::BTreeSet;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value;

use super::Arguments;
use crate::account::{AccountId, Accounts};
use crate::analysis::Budget;
use crate::cli::state::State;
use crate::cli::{Fatal, input};
use crate::flaw::Flaw;
use crate::key::{Era, Network};
use crate::ledger::Ledger;
use crate::mosaic::MosaicId;
use crate::reason::codes::Known;
use crate::reason::{Ineligible, Signing, Solver, of, of_sealed, signing};
use crate::rest::question;
use crate::rest::transaction::{
    Form, Item, Lock, Options, Party, SignedDocument, TransactionDocument, read,
};
use crate::scenario::record::{StepRecord, TransactionRecord};
use crate::scenario::{Act, Names, Step};
use crate::transaction::{EmbeddedTransaction, Envelope, Transaction};
use crate::unit::Amount;
use crate::validate::Day;
use crate::verdict::{Refusal, Verdict};

/// Answers about every transaction that was brought.
pub fn answers(arguments: &Arguments) -> Result<Vec<Signing>, Fatal> {
    let protocol = arguments.protocol.as_deref().map(crate::cli::protocol::load).transpose()?;
    let mut state = State::read(&arguments.state, protocol.as_ref())?;
    let Some(word) = &arguments.word else {
        let expected = "expected a file, hex digits, or - for standard input";
        return Err(Fatal(format!("no transaction; {expected}")));
    };
    let (name, text) = brought(word)?;
    match scenario_text(&text) {
        Some(text) => Ok(vec![of_step(&mut state, &name, text)?]),
        None => of_documents(&mut state, arguments, &name, &text),
    }
}

/// The transaction's text: a file's, standard input's, or the word itself where it is hex.
fn brought(word: &str) -> Result<(String, Vec<u8>), Fatal> {
    let path = Path::new(word);
    if word != "-" && !path.exists() && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(("the transaction".to_owned(), word.as_bytes().to_vec()));
    }
    if word != "-" && !path.exists() {
        let expected = "expected a file, hex digits, or - for standard input";
        return Err(Fatal(format!("{word}: no such file; {expected}")));
    }
    let bytes = input::bytes(path, input::LARGE_BYTES_MAX)?;
    input::check_json(word, &bytes)?;
    Ok((word.to_owned(), bytes))
}

/// What a scenario says of a transaction.
#[derive(Clone, Copy)]
enum ScenarioText<'t> {
    /// A whole step.
    Step(&'t str),
    /// Only what it holds.
    Transaction(&'t str),
}

/// A step of a scenario, or a transaction of one; none for other documents.
fn scenario_text(text: &[u8]) -> Option<ScenarioText<'_>> {
    let text = std::str::from_utf8(text).ok()?;
    let value: Value = input::json("", text, "").ok()?;
    let inner = value.get("transaction").or_else(|| value.pointer("/announce/transaction"));
    // A node's answer numbers the type.
    let is_named = inner.or(Some(&value))?.get("type").is_some_and(Value::is_string);
    let written = if inner.is_some() { ScenarioText::Step } else { ScenarioText::Transaction };
    is_named.then(|| written(text))
}

fn record<'t, T: Deserialize<'t>>(name: &str, text: &'t str) -> Result<T, Fatal> {
    serde_json::from_str(text).map_err(|error| Fatal(format!("{name}:{}", Flaw::new(text, &error))))
}

fn of_step(state: &mut State, name: &str, text: ScenarioText<'_>) -> Result<Signing, Fatal> {
    let record = match text {
        ScenarioText::Step(text) => record(name, text)?,
        ScenarioText::Transaction(text) => {
            StepRecord { transaction: Some(record(name, text)?), ..StepRecord::default() }
        }
    };
    let announced = record.announce.as_ref().map(|announced| &announced.transaction);
    let transaction = record.transaction.as_ref().or(announced);
    let named = transaction.map_or_else(Vec::new, TransactionRecord::account_names);
    let mut accounts = state.accounts()?;
    let unknown: BTreeSet<&str> =
        named.iter().copied().filter(|name| accounts.find(name).is_none()).collect();
    if named.iter().all(|name| unknown.contains(name)) {
        return Err(nothing_in_common(name, ""));
    }
    if !unknown.is_empty() {
        unknown.iter().for_each(|name| state.directory.insert(name, None, None));
        accounts = state.accounts()?;
    }
    let protocol = &state.subject.protocol;
    let mut step = Step::default();
    // The ledger of a scenario knows its own accounts alone.
    let own = state.subject.ledger.as_deref().filter(|_| unknown.is_empty());
    let mut names = match own {
        Some((_, names)) => names.clone(),
        None => Names::new(accounts.clone(), protocol),
    };
    let read = names.read(protocol, &record, &mut step);
    read.map_err(|misfit| Fatal(format!("{name}: {}", misfit.0)))?;
    let transactions = step.transactions();
    let [transaction] = transactions else {
        return Err(Fatal(format!(
            "{name}: {} transactions in one block; expected one transaction at a time",
            transactions.len()
        )));
    };
    match own {
        Some((ledger, _)) => of_scenario(state, &names.accounts, ledger, &step, transaction),
        None => answer(state, &accounts, transaction, &[]),
    }
}

/// Judges a step behind a scenario, whose open block counts as sealed: mosaics, hash locks, what was executed
/// and which keys are lost is known.
fn of_scenario(
    state: &State,
    accounts: &Accounts,
    ledger: &Ledger,
    step: &Step,
    transaction: &Transaction,
) -> Result<Signing, Fatal> {
    let mut ledger = ledger.clone();
    let _ = ledger.seal_block(None);
    let mut answer = judged(state, accounts, &mut ledger, transaction)?;
    let announced = matches!(step.act, Act::Announce(_));
    if announced {
        answer.partial.retain(|open| open != LOCK_UNKNOWN);
    }
    let lost = lost(state, accounts);
    let refused = match transaction.signatures().any(|key| lost.contains(&key)) {
        true => Some(Verdict::Refused(Refusal::LostKey)),
        false if announced => step.put_to(&mut ledger.clone()),
        false => None,
    };
    // Its hash lock, its identity, a key that does not exist any more.
    let name = refused.map(|verdict| ledger.protocol().result_name(verdict));
    if let Some(verdict @ (Verdict::Rejected(_) | Verdict::Refused(_))) = refused
        && name != Some(answer.verdict.as_str())
    {
        answer.verdict = name.unwrap_or_default().to_owned();
        answer.reason = match verdict {
            Verdict::Rejected(_) => {
                of(&mut ledger, accounts, step, &Solver::new(Budget::default()))
            }
            _ => of_sealed(&ledger, accounts, verdict),
        };
    }
    Ok(answer)
}

fn of_documents(
    state: &mut State,
    arguments: &Arguments,
    name: &str,
    text: &[u8],
) -> Result<Vec<Signing>, Fatal> {
    let fatal = |error: crate::rest::FieldError| Fatal(format!("{name}: {error}"));
    let options =
        Options { era: arguments.era, generation_hash: arguments.generation_hash, signer: None };
    let items = read(text, &options).map_err(fatal)?;
    let (mut documents, mut locks): (Vec<TransactionDocument>, Vec<Lock>) =
        (Vec::new(), Vec::new());
    for item in items {
        match item {
            Item::Transaction(document) => documents.push(*document),
            Item::Lock(lock) => locks.push(lock),
        }
    }
    if documents.is_empty() {
        return Err(without_transaction(name, &locks));
    }
    let known = state.directory.clone();
    for document in &documents {
        let summary = state.directory.admit(document).map_err(fatal)?;
        let acts = summary.parts.iter().filter_map(|part| part.signer.as_ref());
        let mut acts = acts.chain(&summary.signer).chain(&summary.cosignatures);
        if !acts.any(|party| known.name_of(party).is_some()) {
            return Err(nothing_in_common(name, &format!("; ask the node: {}", asks(&summary))));
        }
    }
    let state = &*state;
    let accounts = state.accounts()?;
    let mosaics: Vec<MosaicId> =
        (1..state.directory.mosaics().len() as u32).map(MosaicId).collect();
    let answer = |document: &TransactionDocument| {
        let transaction = state.directory.transaction(document, &accounts).map_err(fatal)?;
        let summary = document.summary().map_err(fatal)?;
        let mut answer = answer(state, &accounts, &transaction, &mosaics)?;
        answer.deadline = Some(summary.deadline.to_string());
        answer.deadline_utc = utc(&summary);
        answer.hash = summary.hash.map(|hash| data_encoding::HEXUPPER.encode(&hash));
        let lock = locks.iter().find(|lock| Some(lock.hash) == summary.hash);
        answer.lock_end_height = lock.map(|lock| lock.end_height);
        about_lock(&mut answer);
        about_signatures(&mut answer, state, name, document, &summary)?;
        for part in &document.unread {
            answer.partial.push(format!(
                "transaction {} inside is of a type that is judged for its signatures only",
                part + 1
            ));
        }
        Ok(answer)
    };
    documents.iter().map(answer).collect()
}

/// Said of a document that holds no transaction; of locks, where theirs are to be found.
fn without_transaction(name: &str, locks: &[Lock]) -> Fatal {
    Fatal(match locks.first() {
        Some(lock) => format!(
            "{name}: a hash lock without its transaction; expected both as a list; ask the node: GET \
             /transactions/partial/{}",
            data_encoding::HEXUPPER.encode(&lock.hash)
        ),
        None => format!("{name}: no transaction; expected one, or a list of them"),
    })
}

fn nothing_in_common(name: &str, ask: &str) -> Fatal {
    Fatal(format!(
        "{name}: the transaction names no account of the state; expected the documents of one of its accounts{ask}"
    ))
}

/// The requests whose answers show the accounts inside a transaction.
fn asks(summary: &SignedDocument) -> String {
    let mut asks: Vec<String> = Vec::new();
    for party in summary.parts.iter().filter_map(|part| part.signer.as_ref()) {
        let ask = question(summary.era, party.address);
        if !asks.contains(&ask) && asks.len() < ASKS_MAX {
            asks.push(ask);
        }
    }
    asks.join(", ")
}

/// Most requests that one message names.
const ASKS_MAX: usize = 3;

/// What is said of a file that stands where a result is expected: a transaction lacks its accounts.
pub fn without_state(arguments: &Arguments, word: &str) -> Option<Fatal> {
    let hex = word.len() >= HASH_DIGITS && word.bytes().all(|byte| byte.is_ascii_hexdigit());
    if hex && word.len() == HASH_DIGITS && !Path::new(word).exists() {
        // its reader says what to do with a hash
        let error = read(word.as_bytes(), &Options::default()).err()?;
        return Some(Fatal(format!("`{word}`: {error}, and `--state FILE` beside it")));
    }
    if !hex && !Path::new(word).exists() {
        return None;
    }
    let expected = match brought(word)
        .map(|(_, text)| (scenario_text(&text).is_some(), first(arguments, &text)))
    {
        Err(error) => return Some(error),
        Ok((false, None)) => "a file; expected the name or number of a result".to_owned(),
        Ok((_, summary)) => {
            let ask =
                summary.map_or(String::new(), |one| format!("; ask the node: {}", asks(&one)));
            format!("a transaction without its accounts; expected `--state FILE` beside it{ask}")
        }
    };
    let name = if hex { "the transaction" } else { word };
    Some(Fatal(format!("{name}: {expected}")))
}

/// Hex digits of a hash or of a public key.
const HASH_DIGITS: usize = 64;

/// The first transaction of a document; none where it holds none that can be read.
fn first(arguments: &Arguments, text: &[u8]) -> Option<SignedDocument> {
    let options =
        Options { era: arguments.era, generation_hash: arguments.generation_hash, signer: None };
    let documents = read(text, &options).ok()?.into_iter().filter_map(|item| match item {
        Item::Transaction(document) => Some(document),
        Item::Lock(_) => None,
    });
    documents.into_iter().next()?.summary().ok()
}

/// Judges one transaction on the state. What accounts hold is known of a scenario and on NIS1; else they
/// hold plenty.
fn answer(
    state: &State,
    accounts: &Accounts,
    transaction: &Transaction,
    mosaics: &[MosaicId],
) -> Result<Signing, Fatal> {
    let mut genesis = state.genesis(accounts)?;
    if !shows_balances(state, accounts, transaction) {
        let each = (u64::MAX >> 2) / accounts.len().max(1) as u64;
        genesis.balances =
            accounts.ids().map(|account| (account, MosaicId::CURRENCY, Amount(each))).collect();
    }
    let signers: BTreeSet<AccountId> = transaction.parts.iter().map(|part| part.signer).collect();
    let share = (u64::MAX >> 2) / signers.len().max(1) as u64;
    for &signer in &signers {
        genesis.balances.extend(mosaics.iter().map(|&mosaic| (signer, mosaic, Amount(share))));
    }
    let mut ledger = Ledger::from_genesis(state.subject.protocol.clone(), &genesis)
        .map_err(|error| Fatal(format!("the state is impossible: {error}")))?;
    judged(state, accounts, &mut ledger, transaction)
}

/// What the ledger says of a transaction, and what the state leaves open.
fn judged(
    state: &State,
    accounts: &Accounts,
    ledger: &mut Ledger,
    transaction: &Transaction,
) -> Result<Signing, Fatal> {
    let lost = lost(state, accounts);
    let partial = open_questions(state, accounts, transaction)?;
    let answer = signing(ledger, accounts, transaction, &lost, Budget::default());
    Ok(Signing { partial, ..answer })
}

/// The keys that do not exist any more.
fn lost(state: &State, accounts: &Accounts) -> Vec<AccountId> {
    state.subject.lost.iter().filter_map(|key| accounts.find(key)).collect()
}

/// Whether the state says what those hold who pay: a scenario, and on NIS1 an answer about each of them.
fn shows_balances(state: &State, accounts: &Accounts, transaction: &Transaction) -> bool {
    let Some(document) = &state.subject.document else { return !state.subject.names.is_empty() };
    let shown = |part: &EmbeddedTransaction| {
        let account = document.accounts.get(accounts.label(part.signer));
        account.is_some_and(|account| account.purse.is_some())
    };
    transaction.parts.iter().all(shown)
}

/// Whether the signatures hold that stand in the bytes. Those of a node's answer it has verified itself.
fn about_signatures(
    answer: &mut Signing,
    state: &State,
    name: &str,
    document: &TransactionDocument,
    summary: &SignedDocument,
) -> Result<(), Fatal> {
    if document.form == Form::Rest || !summary.is_signed {
        return Ok(());
    }
    let changes = document.payload.server_changes();
    let changes = changes.map_err(|error| Fatal(format!("{name}: {error}")))?;
    let Some(found) = document.signatures() else {
        let open = "whether the signatures hold is not shown without the network's generation hash; give it \
                    as `--generation-hash`, ask the node: GET /network/properties";
        answer.partial.push(open.to_owned());
        return Ok(());
    };
    let named = |party: &Party| {
        state.directory.name_of(party).map_or_else(|| party.address.to_string(), str::to_owned)
    };
    let invalid =
        |party: &Party, why: &str| Ineligible { account: named(party), why: why.to_owned() };
    let why = "does not hold over the bytes that are signed";
    let own = summary.signer.iter().filter(|_| found.signer == Some(false));
    let others = summary.cosignatures.iter().zip(&found.cosignatures);
    let others = others.filter(|(_, holds)| !**holds).map(|(party, _)| party);
    let mut all: Vec<Ineligible> = own.chain(others).map(|party| invalid(party, why)).collect();
    let mut known = Known::NotVerifiable;
    if all.is_empty() && found.transactions_hash == Some(false) {
        let covers = "covers another hash than that of what is inside";
        all.extend(summary.signer.iter().map(|party| invalid(party, covers)));
        known = if summary.era == Era::N { known } else { Known::HashMismatch };
    }
    answer.refuse_signatures(state.subject.protocol.base, known, all, &changes);
    Ok(())
}

/// The hash lock is known where its document was brought, else it is asked for by the hash.
fn about_lock(answer: &mut Signing) {
    for open in answer.partial.iter_mut().filter(|open| *open == LOCK_UNKNOWN) {
        if let Some(hash) = &answer.hash {
            *open = format!("{LOCK_UNKNOWN}: GET /lock/hash/{hash}");
        }
    }
    if answer.lock_end_height.is_some() {
        answer.partial.retain(|open| !open.starts_with(LOCK_UNKNOWN));
    }
}

/// The deadline as a time of day, on public networks: others choose their first block's time.
///
/// Source: `epochAdjustment` of the networks' `config-network.properties`; NIS1: the time of the nemesis
/// block, 2015-03-29 00:06:25 UTC (`NetworkInfos`).
fn utc(summary: &SignedDocument) -> Option<String> {
    let seconds = match (summary.era, summary.network) {
        (Era::C, Network::Mainnet) => 1_615_853_185 + summary.deadline / 1000,
        (Era::C, Network::Testnet) => 1_667_250_467 + summary.deadline / 1000,
        (Era::N, _) => 1_427_587_585 + summary.deadline.min(u64::from(u32::MAX)),
        _ => return None,
    };
    let (day, rest) = (Day::of_epoch(seconds / 86_400), seconds % 86_400);
    Some(format!("{day} {:02}:{:02}:{:02} UTC", rest / 3600, rest / 60 % 60, rest % 60))
}

/// What no document about accounts shows of a bonded aggregate.
const LOCK_UNKNOWN: &str = "whether its hash lock holds is not shown; ask the node";

/// What the documents do not show, and the question to ask the node.
fn open_questions(
    state: &State,
    accounts: &Accounts,
    transaction: &Transaction,
) -> Result<Vec<String>, Fatal> {
    let mut open = Vec::new();
    let asked: BTreeSet<AccountId> = transaction.parts.iter().map(|part| part.signer).collect();
    let asked: Vec<&str> = asked.into_iter().map(|account| accounts.label(account)).collect();
    let partial = state.partial(&asked)?.into_iter();
    open.extend(partial.filter(|partial| !partial.figures_exact).map(|partial| partial.text));
    if !shows_balances(state, accounts, transaction) {
        let taken = "what accounts hold is not shown: amounts and fees are taken as covered";
        open.push(taken.to_owned());
    }
    if transaction.envelope == Envelope::AggregateBonded {
        open.push(LOCK_UNKNOWN.to_owned());
    }
    Ok(open)
}

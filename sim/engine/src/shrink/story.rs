//! A shrunk case as a scenario file: what the rules expect, and in words what was found.

use std::sync::atomic::{AtomicBool, Ordering};

use super::{Case, STOP_EACH};
use crate::account::{AccountId, PerAccount};
use crate::conformance::{About, Difference};
use crate::generate::names;
use crate::invariant;
use crate::ledger::{Genesis, Ledger};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::scenario::record::StateText;
use crate::scenario::record::{Name, StepRecord};
use crate::scenario::{Act, Check, Header, Names, Step, write};
use crate::trial::{Failure, FailureKind};
use crate::verdict::Verdict;

/// A scenario and what it is called.
#[derive(Clone, Debug)]
pub struct Story {
    /// A name for the file, without its ending.
    pub file: String,
    /// What was expected and what was found.
    pub description: String,
    /// The whole file.
    pub text: String,
}

/// Tells a case as a scenario. `repeat` is the command that finds it again.
#[must_use]
pub fn story(case: &Case, failure: &Failure, repeat: &str) -> Story {
    let header = case.header();
    let description = description(case, failure, &header.names, repeat);
    let header = Header { name: title(case, failure), description: description.clone(), ..header };
    let text = document(case, &header).unwrap_or_default();
    Story { file: file_name(case, failure), description, text }
}

/// Tells a case in which another program answers otherwise. `peer` is its command.
#[must_use]
pub fn disagreement(case: &Case, difference: &Difference, peer: &str, repeat: &str) -> Story {
    let header = case.header();
    let (about, base) = (difference.about.word(), case.protocol.base.name());
    let (expected, found) = (&difference.expected, &difference.found);
    let expectation = match difference.about {
        About::Result => "the last step answers",
        About::State => "the state behind the last step is",
    };
    let description = format!(
        "Expected: {expectation} {expected}. Found: the peer `{peer}` says {found}. Found by: {repeat}"
    );
    let name = format!("another {about} than the peer's");
    let header = Header { name, description: description.clone(), ..header };
    let text = document(case, &header).unwrap_or_default();
    let instead = match difference.about {
        About::Result => format!("{found} instead of {expected}"),
        About::State => format!("another state behind {}", difference.result.unwrap_or_default()),
    };
    Story { file: format!("peer-{base}-{}", file_words(&instead)), description, text }
}

/// A scenario as the text of a `.jsonl` that expects nothing; none once `stop` is set.
#[must_use]
pub fn lines(header: &Header, steps: &[Step], stop: &AtomicBool) -> Option<String> {
    let mut text = serde_json::to_string(&write::header(header)).unwrap_or_default();
    for (index, step) in steps.iter().enumerate() {
        if index.is_multiple_of(STOP_EACH) && stop.load(Ordering::Relaxed) {
            return None;
        }
        text.push('\n');
        let record = write::step(&header.names, header.protocol.base, step);
        text.push_str(&serde_json::to_string(&record).unwrap_or_default());
    }
    Some(text + "\n")
}

/// A header that says where steps start, with names by number, and has no name of its own yet.
#[must_use]
pub fn header(protocol: &Protocol, start: &Genesis, steps: &[Step]) -> Header {
    Header {
        name: String::new(),
        description: String::new(),
        protocol: protocol.clone(),
        names: names(protocol, start.accounts, pending_count(steps)),
        genesis: start.clone(),
        lost: Vec::new(),
        stolen: Vec::new(),
    }
}

fn title(case: &Case, failure: &Failure) -> String {
    match (case.fault, failure.kind) {
        (Some(fault), _) => format!("Seeded fault: {}", fault.name),
        (None, kind) => kind.label(&case.protocol),
    }
}

fn file_name(case: &Case, failure: &Failure) -> String {
    let base = case.protocol.base.name();
    let word = file_words(&failure.kind.label(&case.protocol));
    match case.fault {
        Some(fault) => format!("{}-{base}-{word}", fault.name),
        None => format!("{base}-{word}"),
    }
}

/// A sentence as a file is named.
fn file_words(words: &str) -> String {
    words.to_lowercase().replace(|letter: char| !letter.is_ascii_alphanumeric(), "-")
}

/// What was expected, what was found, and how to find it again.
fn description(case: &Case, failure: &Failure, names: &Names, repeat: &str) -> String {
    let found = failure.sentence(&names.accounts);
    let expected = match failure.kind {
        FailureKind::Invariant(name) => {
            let mut all = invariant::ALL.iter().chain(case.invariants);
            let known = all.find(|one| one.name == name);
            let statement = known.map_or("", |one| one.statement);
            format!("Expected: {statement} (`{name}`)")
        }
        FailureKind::Verdicts { auditor, .. } => {
            format!("Expected: the last step answers {}", case.protocol.result_name(auditor))
        }
        FailureKind::State(part) => format!("Expected: the {part} that the rules lead to"),
    };
    let seeded = case
        .fault
        .map_or(String::new(), |fault| format!(" Seeded in the ledger: {}", fault.description));
    format!("{expected}. Found: {found}.{seeded} Found by: {repeat}")
}

fn pending_count(steps: &[Step]) -> u32 {
    steps.iter().flat_map(Step::ids).map(|id| id.0 + 1).max().unwrap_or(0)
}

/// The file: every step with the healthy result, the last one with the healthy state and balances.
fn document(case: &Case, header: &Header) -> Option<String> {
    let (names, base) = (&header.names, case.protocol.base);
    let mut ledger = Ledger::from_genesis(case.protocol.clone(), &case.genesis).ok()?;
    let mut records: Vec<StepRecord<'_>> = Vec::new();
    for step in &case.steps {
        let verdict: Option<Verdict> = step.put_to(&mut ledger);
        let mut record = write::step(names, base, step);
        record.result = verdict.map(|verdict| Name::from(case.protocol.result_name(verdict)));
        records.push(record);
    }
    let links = ledger.state().links();
    if let Some(last) = records.last_mut() {
        last.state = Some(StateText::Entries(write::state(names, base, links)));
    }
    let check = Step::of(Act::Check(Box::new(balances(case, &ledger))));
    if moves_money(case) {
        records.push(write::step(names, base, &check));
    }
    write::document(header, &records).ok()
}

/// Whether balances can tell healthy from faulty.
fn moves_money(case: &Case) -> bool {
    !matches!(case.kind, Some(FailureKind::Verdicts { .. })) && !case.genesis.balances.is_empty()
}

/// What everybody named holds at the end.
fn balances(case: &Case, ledger: &Ledger) -> Check {
    let mut named: PerAccount<bool> = PerAccount::new(case.genesis.accounts);
    case.genesis.balances.iter().for_each(|&(account, ..)| named[account] = true);
    let transactions = case.steps.iter().flat_map(|step| step.transactions());
    transactions.flat_map(|one| one.accounts()).for_each(|account| named[account] = true);
    let ids = (0..case.genesis.accounts as u32).map(AccountId).filter(|&id| named[id]);
    let held = |id| (id, MosaicId::CURRENCY, ledger.state().balance(id, MosaicId::CURRENCY));
    Check { balances: ids.map(held).collect(), ..Check::default() }
}

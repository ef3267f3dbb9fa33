//! What a file tells of accounts, whichever of the known layouts it has.

use std::borrow::Cow;
use std::path::Path;
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

use super::super::{Fatal, input};
use super::{csv_file, tree_file};
use crate::key::Era;

use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::replay::{Options, Replay};
use crate::rest::Document;
use crate::rest::transaction::{Contents, contents_of};
use crate::scenario::{self, Act, Step};

/// What a file may hold.
const EXPECTED: &str = "a scenario (`multisig-trace`), an `account-tree`, a table of accounts (CSV), or a node's `multisig`, \
                        `multisig/graph` or `account/get` answer";

pub use crate::examination::subject::{Account, Subject, of_parsed, of_replay};

/// Reads all subjects of a file: one, or one for each line of a file of account trees.
pub fn read(path: &Path, protocol: Option<&Protocol>) -> Result<Vec<Subject>, Fatal> {
    let name = path.display().to_string();
    let text = input::text(path, input::LARGE_BYTES_MAX)?;
    let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or("");
    let lines = name.ends_with(".jsonl") || name.ends_with(".jsonl.gz");
    if text.trim().is_empty() {
        return Err(Fatal(format!("{name}: an empty file; expected {EXPECTED}")));
    }
    if csv_file::is_table(&name, &text) {
        let mut subject = csv_file::read(&name, &text)?;
        subject.protocol = protocol.cloned().unwrap_or(subject.protocol);
        return Ok(vec![subject]);
    }
    let head = if lines { first } else { &text };
    let layout = match input::json::<Head<'_>>(&name, head, "JSON") {
        Ok(head) if head.format.as_deref() == Some(tree_file::FORMAT) => Layout::Tree,
        _ => layout(input::json(&name, head, "JSON")?),
    };
    let mut subjects = match layout {
        Layout::Scenario => vec![of_scenario(path, |_| ())?],
        Layout::Tree if lines => {
            let filled = text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty());
            let read = filled.map(|(at, line)| tree_file::read(&name, line, at + 1));
            read.collect::<Result<Vec<Subject>, Fatal>>()?
        }
        Layout::Tree => vec![tree_file::read(&name, &text, 1)?],
        Layout::Document(whole) => vec![of_document(&name, &whole)?],
        Layout::NotFound(message) => vec![of_not_found(message)?],
        Layout::Other(what) => {
            return Err(Fatal(format!("{name}: {what}; expected {EXPECTED}")));
        }
    };
    if let Some(protocol) = protocol {
        subjects.iter_mut().for_each(|subject| subject.protocol = protocol.clone());
    }
    Ok(subjects)
}

/// The field by which a large file is known before it is read.
#[derive(Deserialize)]
struct Head<'a> {
    #[serde(borrow, default)]
    format: Option<Cow<'a, str>>,
}

enum Layout {
    Scenario,
    Tree,
    Document(Value),
    /// The answer of a node about an account that is neither multisig nor cosignatory.
    NotFound(String),
    Other(String),
}

fn layout(value: Value) -> Layout {
    match contents_of(&value) {
        Contents::Scenario => match value.get("format").and_then(Value::as_str) {
            Some(scenario::FORMAT) => Layout::Scenario,
            other => Layout::Other(format!("`format` is `{}`", other.unwrap_or_default())),
        },
        Contents::AccountTree => Layout::Tree,
        Contents::Accounts => Layout::Document(value),
        Contents::NodeError { code, message } if code == NOT_FOUND => Layout::NotFound(message),
        // its reader says what a list of levels lacks
        Contents::Unknown if value.is_array() => Layout::Document(value),
        Contents::Unknown if value.is_object() => {
            Layout::Other("an object without `format`".to_owned())
        }
        Contents::Unknown => Layout::Other("neither an object nor a list".to_owned()),
        other => Layout::Other(other.text()),
    }
}

/// What catapult-rest answers about an account without a multisig entry.
const NOT_FOUND: &str = "ResourceNotFound";

/// The accounts at the end of a scenario. `tell` sees them at the start and after every step.
pub fn of_scenario(path: &Path, mut tell: impl FnMut(&Replay)) -> Result<Subject, Fatal> {
    let (header, mut steps) = scenario::open(path)?;
    let options = Options { bare: true, keep_going: true, ..Options::default() };
    let mut replay = Replay::new(header, options).map_err(|what| steps.error(what))?;
    tell(&replay);
    let mut step = Step::default();
    while steps.next(replay.header_mut(), &mut step)?.is_some() {
        // what a scenario expects of its accounts does not change them
        if !matches!(step.act, Act::Check(_)) {
            replay.act(&step);
        }
        tell(&replay);
    }
    let accounts = &replay.header().names.accounts;
    let state = replay.ledger().state();
    let held = |id| (accounts.label(id).to_owned(), state.balance(id, MosaicId::CURRENCY).0);
    Ok(Subject {
        names: accounts.ids().map(|id| accounts.label(id).to_owned()).collect(),
        balances: accounts.ids().map(held).filter(|(_, amount)| *amount > 0).collect(),
        ledger: Some(Arc::new((replay.ledger().clone(), replay.header().names.clone()))),
        ..of_replay(&replay)
    })
}

fn of_document(name: &str, value: &Value) -> Result<Subject, Fatal> {
    let document = Document::from_json(value).map_err(|error| Fatal(format!("{name}: {error}")))?;
    let preset = match document.era {
        Era::N => "nis1",
        Era::A => "catapult-v3",
        Era::B => "catapult-v1",
        _ => "symbol-mainnet",
    };
    let protocol =
        Protocol::preset(preset).ok_or_else(|| Fatal(format!("unknown protocol `{preset}`")))?;
    Ok(of_parsed(document, protocol))
}

/// The account a node has no multisig entry of, by the name in the node's message.
fn of_not_found(message: String) -> Result<Subject, Fatal> {
    let symbol = Protocol::preset("symbol-mainnet").ok_or_else(|| Fatal("no protocol".into()))?;
    let name = message.split('\'').nth(1).filter(|name| !name.is_empty());
    let target = Some(name.unwrap_or("the account asked for").to_owned());
    Ok(Subject { target, not_found: Some(message), ..Subject::new(symbol, Vec::new()) })
}

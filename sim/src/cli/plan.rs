//! `quorate plan`: the transactions that change the keys, who signs them, and what opens meanwhile.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::analyze::subject::{self, Subject};
use super::answer::{Format, give};
use super::output::ended;
use super::{Exit, Fatal};
use crate::account::{AccountId, Accounts, did_you_mean};
use crate::examination::Allowance;
use crate::ledger::Genesis;
use crate::mosaic::MosaicId;
use crate::plan::{Plan, Task, entries, plan};
use crate::protocol::Protocol;
use crate::unit::Amount;

/// Plan a change of keys: the fewest transactions that lead from OLD to NEW, who signs each, and which
/// sets of keys can do more between them than before and after.
///
/// OLD and NEW are account trees, scenarios (as they stand at their end), or a node's multisig/graph,
/// multisig or account/get answers.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate plan sim/examples/board.json sim/examples/board-new.json
  quorate plan sim/examples/board.json sim/examples/board-new.json --lost ben
  quorate plan old.json new.json --stolen phone --save rotation.json
  quorate plan old.json new.json --html plan.html

A window is a state between two transactions in which some keys can spend, now or eventually, that
could neither before nor after; or in which all keys together cannot, though they can before and after. Of the
shortest plans one without a window is taken, else one with the narrowest.

Exit codes: 0 there is a plan and no window opens; 1 there is none, none was found in time, or a window
opens; 2 files that cannot be read or do not belong together.")]
pub struct Arguments {
    /// The accounts as they are
    #[arg(value_name = "OLD")]
    old: PathBuf,
    /// The accounts as they are to be
    #[arg(value_name = "NEW")]
    new: PathBuf,
    /// Keys, or groups of them, that nobody can sign with any more
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    lost: Vec<String>,
    /// Keys, or groups of them, that a thief holds; the plan does not ask them to sign
    #[arg(long, value_name = "KEYS", value_delimiter = ',')]
    stolen: Vec<String>,
    /// The protocol, where the files name none or another is meant
    #[arg(long, value_name = "PROTOCOL")]
    protocol: Option<String>,
    #[command(flatten)]
    limits: super::limits::Limits,
    /// How long to search; default: a fixed amount of work
    #[arg(long, value_name = "DURATION", value_parser = super::duration::parse)]
    time: Option<Duration>,
    /// Write the plan as a scenario into this file
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    #[command(flatten)]
    page: super::report::Page,
    /// Output format
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let start = Instant::now();
    let protocol = arguments.protocol.as_deref().map(super::protocol::load).transpose()?;
    let old = one(&arguments.old, protocol.as_ref(), arguments)?;
    let new = one(&arguments.new, protocol.as_ref(), arguments)?;
    let task = task([&arguments.old, &arguments.new], [&old, &new], arguments)?;
    let old_path = arguments.old.display();
    // from here on Ctrl-C asks to stop; reading is ended by it at once
    let allowance = Allowance::new(start, arguments.time, super::interrupt::watch_always());
    let answer = plan(&task, &allowance.options(Some(1.0)).budget)
        .map_err(|error| Fatal(format!("{old_path}: {error}")))?;
    if let Some(path) = &arguments.save {
        save(path, &answer)?;
    }
    let reader = give(&answer, arguments.format, &arguments.page)?;
    let exit = match (allowance.is_stopped(), answer.is_good()) {
        (true, _) => Exit::Stopped,
        (false, true) => Exit::Good,
        (false, false) => Exit::Broken,
    };
    Ok(ended(exit, reader))
}

fn save(path: &Path, answer: &Plan) -> Result<(), Fatal> {
    let Some(scenario) = &answer.scenario else { return Ok(()) };
    crate::report::file::save(path, &scenario.text())
        .map_err(|error| Fatal(format!("{}: cannot write: {error}", path.display())))
}

/// The accounts of a file, all of them shown.
fn one(path: &Path, protocol: Option<&Protocol>, arguments: &Arguments) -> Result<Subject, Fatal> {
    let shown = path.display();
    let mut subjects = subject::read(path, protocol)?;
    let (Some(mut subject), true) = (subjects.pop(), subjects.is_empty()) else {
        let found = subjects.len() + 1;
        return Err(Fatal(format!("{shown}: {found} structures; expected one")));
    };
    subject.protocol = arguments.limits.on(subject.protocol.clone())?;
    subject.structure().map_err(|error| Fatal(format!("{shown}: {error}")))?;
    if let Some(document) = &subject.document {
        let half = |account: &&crate::rest::Account| {
            account.cosignatory_count > 0 && !account.is_complete()
        };
        let cut = document.accounts.iter().find(|(_, account)| half(account));
        if let Some((name, _)) = cut {
            let ask = document.question(name).unwrap_or_default();
            let what = "the document names only some of its cosignatories; ask the node";
            return Err(Fatal(format!("{shown}: account `{name}`: {what}: {ask}")));
        }
    }
    Ok(subject)
}

/// All names that a file holds.
fn names(subject: &Subject) -> BTreeSet<&str> {
    let accounts = subject.accounts.iter();
    let rows = accounts.flat_map(|(name, _, _, below)| std::iter::once(name).chain(below));
    let all = rows.chain(&subject.names).chain(&subject.target);
    let query = subject.document.iter().map(|document| &document.query);
    all.chain(query).map(String::as_str).collect()
}

fn task(
    paths: [&PathBuf; 2],
    [old, new]: [&Subject; 2],
    arguments: &Arguments,
) -> Result<Task, Fatal> {
    let [old_path, new_path] = paths.map(|path| path.display());
    if old.protocol.digest() != new.protocol.digest() {
        let (one, other) = (&old.protocol.name, &new.protocol.name);
        let hint = "expected one protocol for both; `--protocol` names it";
        return Err(Fatal(format!("{old_path} is of {one} and {new_path} of {other}; {hint}")));
    }
    let (before, after) = (names(old), names(new));
    if before.is_disjoint(&after) {
        let expected = "expected two states of the same accounts";
        return Err(Fatal(format!(
            "{old_path} and {new_path} have no account in common; {expected}"
        )));
    }
    let labels: Vec<&str> = before.union(&after).copied().collect();
    let accounts = Accounts::new(&labels).map_err(|error| Fatal(error.to_string()))?;
    let keys = |words: &[String], known: &[String]| -> Result<Vec<AccountId>, Fatal> {
        // the name of a group stands for all its keys
        let group = |word: &String| {
            let mut groups = old.groups.iter().chain(&new.groups);
            groups.find(|group| group.name == *word).map(|group| group.keys.clone())
        };
        let words = words.iter().flat_map(|word| group(word).unwrap_or_else(|| vec![word.clone()]));
        let named = words.map(|word| key([old, new], &accounts, &word));
        let mut all: Vec<AccountId> = named.collect::<Result<_, _>>()?;
        all.extend(known.iter().filter_map(|name| accounts.find(name)));
        all.sort_unstable();
        all.dedup();
        Ok(all)
    };
    let lost = keys(&arguments.lost, &old.lost)?;
    let stolen = keys(&arguments.stolen, &old.stolen)?;
    let find = |name: &String| accounts.find(name);
    let balances = old
        .balances
        .iter()
        .filter_map(|(name, held)| Some((find(name)?, MosaicId::CURRENCY, Amount(*held))));
    let genesis = Genesis {
        balances: balances.collect(),
        entries: entries(&old.accounts, &old.protocol, &accounts),
        ..Genesis::of_accounts(accounts.len())
    };
    let new = entries(&new.accounts, &old.protocol, &accounts);
    Ok(Task { protocol: old.protocol.clone(), accounts, old: genesis, new, lost, stolen })
}

/// The key of this name, address or public key.
fn key(subjects: [&Subject; 2], accounts: &Accounts, word: &str) -> Result<AccountId, Fatal> {
    let found = subjects.iter().find_map(|subject| accounts.find(subject.name_of(word)));
    let Some(found) = found else {
        let hint = did_you_mean(accounts.nearest(word));
        return Err(Fatal(format!("no key `{word}`; expected one of either file{hint}")));
    };
    let name = accounts.label(found);
    let [old, _] = subjects;
    match old.accounts.iter().any(|account| account.0 == name && !account.3.is_empty()) {
        true => {
            let what = "is a multisig account, which has no key of its own that signs";
            Err(Fatal(format!("`{word}` {what}; expected keys")))
        }
        false => Ok(found),
    }
}

//! `quorate analyze`: who can spend now, who could in the end, what may be lost, and the way there.

mod accounts;
mod choose;
mod compare;
mod csv_file;
mod letters;
mod picture;
pub mod subject;
mod tree_file;
mod want;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::replay::Format;
use super::{Exit, Fatal};
use crate::account::{AccountId, did_you_mean};
use crate::analysis::Structure;
use crate::examination::{self, Allowance, Period, partial};
use crate::goal::Goal;
use crate::protocol::Protocol;
use subject::Subject;

/// Tell what the keys of accounts are worth: who can spend now, who could in the end, what may be
/// lost, how likely that is.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate analyze sim/examples/board.json
  quorate analyze multisig-graph.json --account TBQL6DKQGITARWEAM7K4TQJ4AKV25GI53PZCP7R2
  quorate analyze scenarios/takeover/symbol-low-min-removal.json --save ways
  quorate analyze sim/examples/board.json --account treasury --period 1y --html treasury.html
  quorate analyze sim/examples/board.json --account treasury --want survive=1,resist=1
  quorate analyze old.json --against new.json --html change.html
  quorate analyze scenarios/takeover/symbol-low-min-removal.json --each-step
  quorate analyze --design 5 --loss 0.05 --compromise 0.01 --plot five-keys.svg

FILE is a scenario (the state at its end, lost and stolen keys included), a node's `multisig/graph`,
`multisig` or `account/get` answer, or an account tree:
  {\"format\":\"account-tree\",\"protocol\":\"symbol-mainnet\",
   \"accounts\":{\"shared\":{\"min_approval\":2,\"min_removal\":2,\"cosignatories\":[\"a\",\"b\",\"c\"]}},
   \"groups\":{\"phone\":[\"a\",\"b\"]},
   \"probabilities\":{\"a\":{\"loss\":0.1,\"compromise\":0.01},\"phone\":{\"loss\":0.05}}}

The same accounts as CSV, a row for each cosignatory of an account (NIS1: `min_cosignatories` instead of the
two thresholds); thresholds stand in the first row of an account or in all of them, cells are separated by
commas, semicolons or tabs:
  account,min_approval,min_removal,cosignatory
  shared,2,2,a
  shared,,,b

`groups` are keys that are lost or stolen together, such as those on one phone; they count as one, and the
figures are given over keys and over groups. A key in no group counts as a group of itself; one in several
is lost or stolen with any of them. The probability of a group is that of an event which takes all its keys
at once, beside what happens to each key by itself; all these events are independent.

Now is the approval of one payment as the accounts stand; eventually is after any chain of
transactions that the same keys get accepted.

A node's document may not show all: such an answer says `partial` first and names the request to the node
that would. Accounts that the protocol forbids are answered with a warning; `--strict` refuses them.")]
pub struct Arguments {
    /// A scenario, a node's answer, an account tree (JSON or CSV), or lines of account trees
    #[arg(required_unless_present_any = ["design", "csv_template"])]
    file: Option<PathBuf>,
    /// The account: its name, address (base32 or hex) or public key; else all multisig accounts
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// The protocol, where the file names none or another is meant
    #[arg(long, value_name = "PROTOCOL")]
    protocol: Option<String>,
    #[command(flatten)]
    limits: super::limits::Limits,
    /// How long to look for exact answers; beyond that, certified intervals
    #[arg(long, value_name = "DURATION", value_parser = super::duration::parse)]
    time: Option<Duration>,
    /// Print so many of the minimal sets; in JSON leave out lists of more (2,000 by default), not
    /// their counts
    #[arg(long, value_name = "NUMBER")]
    list: Option<usize>,
    /// The smallest changes by which the account survives any loss of N keys and no M keys spend, both
    /// eventually: `survive=N,resist=M`, or one of them
    #[arg(long, value_name = "GOAL", conflicts_with_all = ["design", "against", "each_step", "svg", "list"])]
    want: Option<Goal>,
    /// Write takeover, recovery and unwinding as scenarios into this folder; with `--want` the accounts
    /// after each change
    #[arg(long, value_name = "FOLDER")]
    save: Option<PathBuf>,
    /// The time that the probabilities are meant for, such as `1y` or `6 months`: they are said as once in
    /// so many years, if each such time is like the others
    #[arg(long, value_name = "PERIOD", conflicts_with = "want")]
    period: Option<Period>,
    /// Draw the account tree as SVG; of several accounts, each in a file with its name
    #[arg(long, value_name = "FILE")]
    svg: Option<PathBuf>,
    /// Compare with the accounts of another file: who gains power, who loses it, key by key; where
    /// both have groups, also the figures over groups
    #[arg(long, value_name = "FILE", conflicts_with = "design")]
    against: Option<PathBuf>,
    /// Compare from step to step through a scenario
    #[arg(long, conflicts_with_all = ["against", "design"])]
    each_step: bool,
    /// Refuse accounts that the protocol forbids instead of warning of them
    #[arg(long)]
    strict: bool,
    /// Print an account tree as CSV, to be filled in by a spreadsheet
    #[arg(long, exclusive = true)]
    csv_template: bool,
    #[command(flatten)]
    choice: choose::Choice,
    #[command(flatten)]
    page: super::report::Page,
    /// How to answer
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    if arguments.csv_template {
        super::output::print(csv_file::TEMPLATE)?;
        return Ok(Exit::Good);
    }
    let protocol = protocol(arguments)?;
    if let Some(keys) = arguments.choice.design {
        let symbol = || Protocol::preset("symbol-mainnet");
        let protocol = protocol.or_else(symbol).ok_or_else(|| Fatal("no protocol".into()))?;
        let protocol = arguments.limits.on(protocol)?;
        let output = (arguments.format, &arguments.page);
        return choose::run(&arguments.choice, keys, &protocol, arguments.period, output);
    }
    let Some(file) = &arguments.file else {
        return Err(Fatal(
            "no file; expected a scenario, a node's answer or an account tree".into(),
        ));
    };
    let start = Instant::now();
    let allowance = || Allowance::new(start, arguments.time, super::interrupt::watch_always());
    if let Some(path) = &arguments.against {
        let old = only(file, protocol.as_ref(), arguments)?;
        let new = only(path, protocol.as_ref(), arguments)?;
        return compare::files([file, path], [&old, &new], arguments, &allowance());
    }
    if arguments.each_step {
        super::interrupt::watch_reading();
        return compare::steps(file, arguments, &allowance());
    }
    let subjects = read(file, protocol.as_ref(), arguments)?;
    if let Some(goal) = arguments.want {
        return want::run(&subjects, file, goal, arguments, &allowance());
    }
    accounts::run(&subjects, file, arguments, &allowance())
}

/// The protocol that was named.
fn protocol(arguments: &Arguments) -> Result<Option<Protocol>, Fatal> {
    let Some(name) = &arguments.protocol else { return Ok(None) };
    super::protocol::load(name).map(Some)
}

/// All subjects of a file, under the limits that were named.
fn read(
    path: &Path,
    protocol: Option<&Protocol>,
    arguments: &Arguments,
) -> Result<Vec<Subject>, Fatal> {
    let mut subjects = subject::read(path, protocol)?;
    for subject in &mut subjects {
        subject.protocol = arguments.limits.on(subject.protocol.clone())?;
    }
    Ok(subjects)
}

/// The one subject of a file.
fn only(path: &Path, protocol: Option<&Protocol>, arguments: &Arguments) -> Result<Subject, Fatal> {
    let mut subjects = read(path, protocol, arguments)?;
    match (subjects.pop(), subjects.len()) {
        (Some(subject), 0) => Ok(subject),
        (_, more) => {
            let (path, found) = (path.display(), more + 1);
            Err(Fatal(format!("{path}: {found} structures; expected one to compare")))
        }
    }
}

fn structure(path: &Path, subject: &Subject) -> Result<Structure, Fatal> {
    let path = path.display();
    subject.structure().map_err(|error| Fatal(format!("{path}: {error}")))
}

/// With `--strict`: no answer about accounts that the protocol forbids.
fn refuse_forbidden(
    arguments: &Arguments,
    path: &Path,
    subject: &Subject,
    structure: &Structure,
) -> Result<(), Fatal> {
    let warnings = examination::warnings(subject, structure);
    match warnings.first().filter(|_| arguments.strict) {
        None => Ok(()),
        Some(first) => {
            let (path, text) = (path.display(), &first.text);
            Err(Fatal(format!("{path}: {text}; refused by `--strict`")))
        }
    }
}

/// The accounts to report on.
fn targets(
    path: &Path,
    subject: &Subject,
    structure: &Structure,
    account: Option<&str>,
) -> Result<Vec<AccountId>, Fatal> {
    let Some(word) = account.or(subject.target.as_deref()) else {
        let query = subject.document.as_ref().map(|document| document.query.as_str());
        let query = query.and_then(|query| structure.target(query));
        let mut all: Vec<AccountId> = structure.multisigs().collect();
        // a document about a cosignatory may show no multisig account, or not all it signs for
        let open = |&query: &AccountId| partial::of(subject, structure, query).is_some();
        let lone = query.filter(|query| !all.contains(query));
        all.extend(lone.filter(|query| all.is_empty() || open(query)));
        return Ok(all);
    };
    let name = subject.name_of(word);
    if let Some(target) = structure.target(name) {
        return Ok(vec![target]);
    }
    let path = path.display();
    if let Some(ask) = subject.document.as_ref().and_then(|document| document.question(name)) {
        let what = "the document names only some of its cosignatories; ask the node";
        return Err(Fatal(format!("{path}: account `{name}`: {what}: {ask}")));
    }
    let hint = did_you_mean(structure.nearest(name));
    let expected = "expected a name, an address or a public key of the file";
    Err(Fatal(format!("{path}: no account `{word}`; {expected}{hint}")))
}

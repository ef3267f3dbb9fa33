//! Workloads shared by the benchmarks: recorded traces held in memory, made-up modifications, and worlds to explore.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use quorate::account::AccountId;
use quorate::explore::{Counts, Explorer, Question};
use quorate::ledger::{Genesis, Ledger};
use quorate::protocol::Protocol;
use quorate::scenario::{Act, Header, Step, open};
use quorate::transaction::{Envelope, Transaction};

/// A trace whose steps are held in memory, ready to be put to a ledger.
pub struct Trace {
    /// Protocol and start.
    pub header: Header,
    /// All steps.
    pub steps: Vec<Step>,
}

impl Trace {
    /// Runs the whole trace on a fresh ledger; returns the digest of the state at the end.
    #[must_use]
    pub fn run(&self, ledger: &mut Ledger) -> usize {
        let accepted = |step: &Step| match step.act {
            Act::Block => ledger.submit_block(&step.block).is_accepted(),
            _ => ledger.submit(&step.transaction).is_accepted(),
        };
        self.steps.iter().map(accepted).filter(|&accepted| accepted).count()
    }

    /// A ledger on the trace's start.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        ledger(&self.header.protocol, &self.header.genesis)
    }
}

fn ledger(protocol: &Protocol, genesis: &Genesis) -> Ledger {
    match Ledger::from_genesis(protocol.clone(), genesis) {
        Ok(ledger) => ledger,
        Err(error) => panic!("a benchmark's start is impossible: {error}"),
    }
}

/// The folder of recorded traces of one rule set.
#[must_use]
pub fn folder(ruleset: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/traces").join(ruleset)
}

/// The files of a folder in the order of their names.
#[must_use]
pub fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten();
    let mut files: Vec<PathBuf> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    files.sort();
    files
}

/// All recorded traces of one rule set, read into memory.
#[must_use]
pub fn traces(ruleset: &str) -> Vec<Trace> {
    files(&folder(ruleset)).iter().map(|path| read(path)).collect()
}

/// The same traces as text.
#[must_use]
pub fn texts(ruleset: &str) -> Vec<String> {
    let read = |path: &PathBuf| {
        let mut text = String::new();
        let file = std::fs::File::open(path).ok()?;
        GzDecoder::new(file).read_to_string(&mut text).ok()?;
        Some(text)
    };
    files(&folder(ruleset)).iter().filter_map(read).collect()
}

/// Saves figures for the benchmark report, in `target/figures`, beside what criterion writes.
///
/// # Errors
/// A folder or file that cannot be written.
pub fn save(name: &str, figures: &[serde_json::Value]) -> std::io::Result<()> {
    let target = std::env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
    let target = target.unwrap_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target"));
    let folder = target.join("figures");
    std::fs::create_dir_all(&folder)?;
    let figures = serde_json::Value::from(figures);
    std::fs::write(folder.join(name), format!("{figures:#}\n"))
}

/// The bounds of the figures of exploration: 3 cosignatories, 3 cosigned accounts, 2 levels.
#[must_use]
pub fn bounded() -> Protocol {
    let mut protocol = Protocol::of_base(quorate::protocol::Base::Symbol);
    protocol.limits.max_cosignatories_per_account = 3;
    protocol.limits.max_cosigned_accounts_per_account = 3;
    protocol.limits.max_multisig_depth = 2;
    protocol
}

/// Everything that so many accounts can reach, every invariant checked in every state.
#[must_use]
pub fn explored(protocol: &Protocol, accounts: usize, jobs: usize) -> Counts {
    let question = Question { jobs, ..Question::new(protocol, accounts) };
    let report = match Explorer::new(question) {
        Ok(explorer) => explorer.run(),
        Err(error) => panic!("a world that cannot be explored: {error}"),
    };
    assert!(report.complete && report.broken.is_empty(), "not explored, or an invariant is broken");
    report.counts
}

fn read(path: &Path) -> Trace {
    let read = || {
        let (mut header, mut source) = open(path)?;
        let mut steps = Vec::new();
        let mut step = Step::default();
        while source.next(&mut header, &mut step)?.is_some() {
            steps.push(step.clone());
        }
        Ok::<_, quorate::scenario::ScenarioError>(Trace { header, steps })
    };
    match read() {
        Ok(trace) => trace,
        Err(error) => panic!("a recorded trace cannot be read: {error}"),
    }
}

/// Simple modifications that are all legal, over and over: 1,000 accounts convert to 1-of-2, swap a
/// cosignatory, change thresholds and become plain again.
pub struct Modifications {
    /// Where they run.
    pub protocol: Protocol,
    /// Number of accounts.
    pub accounts: usize,
    /// One round; at its end the state is that of its start.
    pub round: Vec<Transaction>,
}

impl Modifications {
    /// A round over `multisigs` accounts of a ledger of `accounts`, spread evenly.
    #[must_use]
    pub fn new(accounts: usize, multisigs: usize) -> Self {
        let stride = accounts / multisigs.max(1);
        let mut round = Vec::new();
        for index in 0..multisigs {
            let account = |offset: usize| AccountId(((index * stride + offset) % accounts) as u32);
            let [shared, alice, bob, carol] = [0, 1, 2, 3].map(account);
            let mut push = |signer, cosigners: &[AccountId], deltas, add: &[_], remove: &[_]| {
                let mut transaction = Transaction::new(Envelope::AggregateComplete, signer);
                transaction.cosignatures.extend_from_slice(cosigners);
                transaction.push_modification(shared, deltas, add, remove);
                round.push(transaction);
            };
            push(shared, &[alice, bob], (1, 1), &[alice, bob], &[]);
            push(alice, &[], (1, 0), &[], &[]);
            push(alice, &[bob, carol], (0, 0), &[carol], &[bob]);
            push(alice, &[], (-1, 0), &[], &[carol]);
            push(alice, &[], (-1, -1), &[], &[alice]);
        }
        let protocol = Protocol::of_base(quorate::protocol::Base::Symbol);
        Self { protocol, accounts, round }
    }

    /// A fresh ledger for them.
    #[must_use]
    pub fn ledger(&self) -> Ledger {
        ledger(&self.protocol, &Genesis::of_accounts(self.accounts))
    }

    /// Runs one round; returns how many were accepted, which is all.
    #[must_use]
    pub fn run(&self, ledger: &mut Ledger) -> usize {
        let accepted = |transaction| ledger.submit(transaction).is_accepted();
        self.round.iter().map(accepted).filter(|&accepted| accepted).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_modification_of_a_round_is_legal_and_the_round_ends_where_it_began() {
        let work = Modifications::new(40, 10);
        let mut ledger = work.ledger();
        let before = ledger.state().clone();
        assert_eq!(work.run(&mut ledger), work.round.len());
        assert!(*ledger.state() == before);
    }

    #[test]
    fn the_recorded_traces_are_there() {
        assert_eq!(traces("symbol").len(), 40);
    }
}

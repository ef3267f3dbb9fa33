//! Made scenarios of any size: a cold chain, custody trees, a DAO, a long random life, and the
//! structure that costs the most to validate.
//!
//! A [`Workload`] tells one step after another, puts each to a ledger of its own and writes the answer
//! beside it, so that what comes out replays green, however long it is. Nothing grows with the number
//! of steps.
//!
//! ```
//! use quorate::protocol::Protocol;
//! use quorate::workload::{WorkloadKind, WorkloadSettings, Workload};
//!
//! let protocol = Protocol::preset("symbol-mainnet").unwrap();
//! let kind = WorkloadKind::SupplyChain { sensors: 3, days: 1, warm: 1 };
//! let mut workload = Workload::new(&WorkloadSettings { protocol, seed: 7, kind }).unwrap();
//! let mut steps = 0;
//! while let Some(record) = workload.next().unwrap() {
//!     assert!(record.result.is_some() || record.check.is_some());
//!     steps += 1;
//! }
//! assert!(steps > 3 * 288);
//! ```

mod churn;
mod custody_tree;
mod dao;
mod supply_chain;
mod worst_case;

use crate::account::{AccountId, Accounts};
use crate::ledger::{Entry, Genesis, Ledger, Minima};
use crate::protocol::{Base, Protocol};
use crate::replay::{Options, Replay};
use crate::scenario::record::{Name, StateText, StepRecord};
use crate::scenario::{Act, Header, Names, Step, write};
use crate::transaction::{Body, Envelope, Transaction};
use crate::verdict::Verdict;

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WorkloadKind {
    /// Shipments under the eyes of sensors that write a reading every five minutes.
    SupplyChain {
        /// Number of sensors, at least 1.
        sensors: u32,
        /// Number of days, at least 1.
        days: u32,
        /// Number of readings that are too warm.
        warm: u32,
    },
    /// Vaults above departments above officers.
    CustodyTree {
        /// Number of accounts, filled up with whole trees.
        accounts: u32,
        /// Levels of a tree, counted in edges; fewer where the protocol allows no more.
        levels: u32,
        /// Number of steps.
        steps: u64,
    },
    /// A treasury whose members vote, come and go.
    Dao {
        /// Number of accounts that are members or may become members, at least 3.
        members: u32,
        /// Number of steps.
        steps: u64,
    },
    /// The long random life of some accounts.
    Churn {
        /// Number of accounts, at least 4.
        accounts: u32,
        /// Number of steps.
        steps: u64,
    },
    /// Payments out of the deepest and widest structure that is legal.
    WorstCase {
        /// Number of steps.
        steps: u64,
    },
}

impl WorkloadKind {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::SupplyChain { .. } => "supply-chain",
            Self::CustodyTree { .. } => "custody-tree",
            Self::Dao { .. } => "dao",
            Self::Churn { .. } => "churn",
            Self::WorstCase { .. } => "worst-case",
        }
    }
}

/// What to make.
#[derive(Clone, Debug)]
pub struct WorkloadSettings {
    /// The protocol.
    pub protocol: Protocol,
    /// Where all decisions come from.
    pub seed: u64,
    /// What is written.
    pub kind: WorkloadKind,
}

/// A plan that cannot be carried out.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{kind}` under `{protocol}`: {what}")]
pub struct Unfit {
    /// What was to be written.
    pub kind: &'static str,
    /// The protocol's name.
    pub protocol: String,
    /// What was found and what was expected.
    pub what: String,
}

/// A step on its way to the page.
#[derive(Debug, Default)]
struct Page {
    step: Step,
    /// For the reader; mostly empty.
    note: String,
    /// Whether the state is written after the step.
    state: bool,
    /// The verdict without which the story makes no sense.
    accepted: bool,
}

impl Page {
    /// The step's transaction, emptied: a part on behalf of `account` is to follow.
    fn blank(&mut self, base: Base, signers: &[AccountId]) -> &mut Transaction {
        self.step.act = Act::Transaction;
        let transaction = &mut self.step.transaction;
        let (&first, others) = signers.split_first().unwrap_or((&AccountId(0), &[]));
        transaction.reset(base.signed_envelope(), first);
        transaction.cosignatures.extend_from_slice(others);
        transaction
    }
}

/// Something that can be written step by step.
trait Plot {
    /// Puts the next step on the empty page; false behind the last one.
    fn next(&mut self, ledger: &Ledger, page: &mut Page) -> bool;

    /// Whether blocks are sealed for it before they are too full; else it seals its own.
    fn is_sealed(&self) -> bool {
        true
    }
}

/// A made scenario, written step by step.
pub struct Workload {
    kind: &'static str,
    replay: Replay,
    plot: Box<dyn Plot>,
    page: Page,
    /// Whether the page is still to be written: a block had to be sealed first.
    kept: bool,
    /// Weight of the open block, where blocks have a limit.
    weight: u32,
    seal: Step,
}

impl Workload {
    /// Begins a scenario.
    ///
    /// # Errors
    /// A plan that does not fit the protocol's limits, or more accounts than an id can number.
    pub fn new(plan: &WorkloadSettings) -> Result<Self, Unfit> {
        let kind = plan.kind.name();
        let unfit = |what| Unfit { kind, protocol: plan.protocol.name.clone(), what };
        let (header, plot): (Header, Box<dyn Plot>) = match plan.kind {
            WorkloadKind::SupplyChain { sensors, days, warm } => {
                supply_chain::begin(plan, sensors, days, warm)
            }
            WorkloadKind::CustodyTree { accounts, levels, steps } => {
                custody_tree::begin(plan, accounts, levels, steps)
            }
            WorkloadKind::Dao { members, steps } => dao::begin(plan, members, steps),
            WorkloadKind::Churn { accounts, steps } => churn::begin(plan, accounts, steps),
            WorkloadKind::WorstCase { steps } => worst_case::begin(plan, steps),
        }
        .map_err(unfit)?;
        let options = Options { bare: true, keep_going: true, ..Options::default() };
        let replay = Replay::new(header, options).map_err(unfit)?;
        let seal = Step::of(Act::SealBlock(None));
        Ok(Self { kind, replay, plot, page: Page::default(), kept: false, weight: 0, seal })
    }

    /// The header of the scenario.
    #[must_use]
    pub const fn header(&self) -> &Header {
        self.replay.header()
    }

    /// Tells the next step, with the ledger's answer; `None` behind the last one.
    ///
    /// # Errors
    /// The protocol refuses a step without which the story makes no sense.
    #[expect(clippy::should_implement_trait, reason = "an iterator cannot lend what it gives")]
    pub fn next(&mut self) -> Result<Option<StepRecord<'_>>, Unfit> {
        if !self.kept {
            self.page.note.clear();
            (self.page.state, self.page.accepted) = (false, false);
            if !self.plot.next(self.replay.ledger(), &mut self.page) {
                return Ok(None);
            }
        }
        self.kept = !self.kept && self.is_full();
        let step = if self.kept { &self.seal } else { &self.page.step };
        let verdict = self.replay.act(step);
        let protocol = self.replay.ledger().protocol();
        if !self.kept && self.page.accepted && verdict != Some(Verdict::Accepted) {
            let found = verdict.map_or("nothing", |verdict| protocol.result_name(verdict));
            let what = format!("found `{found}`, expected `Success` for: {}", self.page.note);
            return Err(Unfit { kind: self.kind, protocol: protocol.name.clone(), what });
        }
        let names = &self.replay.header().names;
        let mut record = write::step(names, protocol.base, step);
        record.result = verdict.map(|verdict| Name::from(protocol.result_name(verdict)));
        if !self.kept {
            record.note = (!self.page.note.is_empty()).then(|| Name::from(self.page.note.as_str()));
            let links = self.replay.ledger().state().links();
            let state = || StateText::Entries(write::state(names, protocol.base, links));
            record.state = self.page.state.then(state);
        }
        Ok(Some(record))
    }

    /// Whether the open block has no room for this step: it is sealed first.
    fn is_full(&mut self) -> bool {
        let limit = self.replay.ledger().protocol().limits.max_transactions_per_block;
        if limit == u32::MAX || !self.plot.is_sealed() {
            return false;
        }
        let one = |transaction: &Transaction| match transaction.envelope {
            Envelope::Bare => 1,
            _ => 2 + transaction.cosignatures.len() as u32,
        };
        let weight: u32 = self.page.step.transactions().iter().map(one).sum();
        let closes = matches!(self.page.step.act, Act::Advance(_) | Act::SealBlock(_));
        let full = self.weight + weight > limit;
        self.weight = if closes {
            0
        } else if full {
            weight
        } else {
            self.weight + weight
        };
        full
    }
}

/// A header for these accounts, everything else empty.
fn header(protocol: &Protocol, labels: &[String]) -> Result<Header, String> {
    let accounts = Accounts::new(labels).map_err(|error| error.to_string())?;
    Ok(Header {
        name: String::new(),
        description: String::new(),
        protocol: protocol.clone(),
        names: Names::new(accounts, protocol),
        genesis: Genesis::of_accounts(labels.len()),
        lost: Vec::new(),
        stolen: Vec::new(),
    })
}

/// A multisig account with the same threshold for everything.
fn entry(base: Base, account: AccountId, minimum: u32, cosignatories: Vec<AccountId>) -> Entry {
    let removal = base.stored_removal(minimum);
    Entry { account, minima: Minima { approval: minimum, removal }, cosignatories }
}

/// Leaves the threshold of the last modification unmentioned, where the protocol can.
fn unmentioned(base: Base, transaction: &mut Transaction) {
    if base.has_optional_threshold()
        && let Some(part) = transaction.parts.last_mut()
        && let Body::Modification(body) = &mut part.body
    {
        body.delta_present = false;
    }
}

#[cfg(test)]
mod tests;

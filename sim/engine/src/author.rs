//! A scenario made step by step on a ledger, written down, and replayed to prove it.

use std::borrow::Cow;
use std::io::Cursor;

use crate::account::{AccountId, Accounts};
use crate::ledger::{Entry, Genesis, Ledger, View as _};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::replay::{Options, replay};
use crate::scenario::record::{Name, StateText};
use crate::scenario::{Act, Document, Header, Layout, Names, Step, open_reader, source, write};
use crate::transaction::{Envelope, Transaction};
use crate::unit::Amount;
use crate::verdict::{Reason, Verdict};

/// Most multisig accounts whose state is written after every step.
const STATE_ACCOUNTS_MAX: usize = 12;

/// Most cosignatories that one modification can name: the servers count them in a byte.
const ENTRIES_MAX: usize = 255;

/// Most by which one modification moves a threshold: a signed byte.
const DELTA_MAX: u32 = 127;

/// What the payer of the scenario holds; on NIS1 fees are paid from it.
const FUNDS: u64 = 1_000_000_000;

/// What went otherwise than the closed form says.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuilderError {
    /// A step was answered otherwise.
    #[error("step {step} ({note}) answered `{found}`; expected `{expected}`")]
    Verdict {
        /// The step, from 1.
        step: usize,
        /// What it does.
        note: String,
        /// What the ledger answered.
        found: &'static str,
        /// What was to come.
        expected: &'static str,
    },
    /// The written scenario does not replay.
    #[error("the scenario does not replay: {0}")]
    Replay(String),
    /// The accounts' names, or their start, do not fit.
    #[error("the scenario has no start: {0}")]
    Start(String),
}

/// A step that was taken.
struct TakenStep {
    step: Step,
    note: String,
    verdict: Option<Verdict>,
    entries: Option<Vec<Entry>>,
}

/// A scenario under way.
pub struct ScenarioBuilder {
    header: Header,
    ledger: Ledger,
    steps: Vec<TakenStep>,
}

impl ScenarioBuilder {
    /// A story among plain accounts; the first label is the account it is about, which has funds.
    pub fn new(
        protocol: &Protocol,
        labels: &[String],
        name: &str,
        description: &str,
    ) -> Result<Self, BuilderError> {
        let accounts =
            Accounts::new(labels).map_err(|error| BuilderError::Start(error.to_string()))?;
        let mut genesis = Genesis::of_accounts(accounts.len());
        if let Some(payer) = labels.first().and_then(|label| accounts.find(label)) {
            genesis.balances.push((payer, MosaicId::CURRENCY, Amount(FUNDS)));
        }
        Self::from_header(Header {
            name: name.to_owned(),
            description: description.to_owned(),
            protocol: protocol.clone(),
            names: Names::new(accounts, protocol),
            genesis,
            lost: Vec::new(),
            stolen: Vec::new(),
        })
    }

    /// A story that starts as this header says.
    pub fn from_header(header: Header) -> Result<Self, BuilderError> {
        let ledger = Ledger::from_genesis(header.protocol.clone(), &header.genesis)
            .map_err(|error| BuilderError::Start(error.to_string()))?;
        Ok(Self { header, ledger, steps: Vec::new() })
    }

    /// The account of this name.
    pub fn id(&self, label: &str) -> AccountId {
        self.header.names.accounts.find(label).unwrap_or_default()
    }

    /// The accounts of these names.
    pub fn ids(&self, labels: &[String]) -> Vec<AccountId> {
        labels.iter().map(|label| self.id(label)).collect()
    }

    /// The ledger as it stands.
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// Number of accepted transactions so far.
    pub fn accepted(&self) -> usize {
        let accepted = |taken: &&TakenStep| {
            taken.step.act == Act::Transaction && taken.verdict == Some(Verdict::Accepted)
        };
        self.steps.iter().filter(accepted).count()
    }

    /// Submits a transaction, which must be answered like this.
    pub fn submit(
        &mut self,
        transaction: Transaction,
        note: impl Into<String>,
        expected: Verdict,
    ) -> Result<(), BuilderError> {
        let note = note.into();
        let found = self.ledger.submit(&transaction);
        if found != expected {
            let name = |verdict| self.header.protocol.result_name(verdict);
            let (found, expected) = (name(found), name(expected));
            return Err(BuilderError::Verdict {
                step: self.steps.len() + 1,
                note,
                found,
                expected,
            });
        }
        let entries = self.entries();
        let step = Step::submit(transaction);
        self.steps.push(TakenStep { step, note, verdict: Some(found), entries });
        Ok(())
    }

    /// Lets a key be stolen, seals the block, or looks.
    pub fn act(&mut self, act: Act, note: impl Into<String>) {
        let step = Step::of(act);
        let verdict = step.put_to(&mut self.ledger);
        self.steps.push(TakenStep { step, note: note.into(), verdict, entries: None });
    }

    fn entries(&self) -> Option<Vec<Entry>> {
        let links = self.ledger.state().links();
        if links.multisig_account_count() > STATE_ACCOUNTS_MAX {
            return None;
        }
        let entry = |account| Entry {
            account,
            minima: links.minima(account),
            cosignatories: links.cosignatories_of(account).to_vec(),
        };
        Some(links.multisig_accounts().map(entry).collect())
    }

    /// An envelope that these accounts sign, the first one as initiator.
    pub fn signed(&self, signers: &[AccountId]) -> Transaction {
        let envelope = self.header.protocol.base.signed_envelope();
        let mut signers = signers.iter().copied();
        let mut transaction = Transaction::new(envelope, signers.next().unwrap_or_default());
        transaction.cosignatures.extend(signers);
        transaction
    }

    /// A payment of one unit.
    pub fn payment(&self, signers: &[AccountId], from: AccountId, to: AccountId) -> Transaction {
        let mut transaction = self.signed(signers);
        transaction.push_transfer(from, to, Amount(1));
        transaction
    }

    /// Makes a plain account a multisig of plain accounts, in as many transactions as the cap on
    /// signatures asks for, and brings it to these thresholds.
    pub fn convert(
        &mut self,
        account: AccountId,
        members: &[AccountId],
        (approval, removal): (u32, u32),
    ) -> Result<(), BuilderError> {
        let label = self.header.names.accounts.label(account).to_owned();
        if !self.header.protocol.base.has_aggregates() {
            let mut transaction = Transaction::new(Envelope::Bare, account);
            let delta = i32::try_from(approval).unwrap_or(i32::MAX);
            transaction.push_modification(account, (delta, 0), members, &[]);
            let note = format!("{label} becomes {approval}-of-{}", members.len());
            return self.submit(transaction, note, Verdict::Accepted);
        }
        let consent = self.header.protocol.switches.opt_in;
        let cap = self.header.protocol.limits.max_cosignatures_per_aggregate as usize;
        let batch = if consent { cap.saturating_sub(1).clamp(1, ENTRIES_MAX) } else { ENTRIES_MAX };
        let mut present = 0;
        for added in members.chunks(batch) {
            let first = members.first().copied().unwrap_or_default();
            let mut signers = vec![if present == 0 { account } else { first }];
            signers.extend(added.iter().filter(|_| consent));
            present += added.len();
            let last = present == members.len();
            let goal = if last { (approval, removal) } else { (1, 1) };
            let deltas = self.deltas(account, goal);
            let mut transaction = self.signed(&signers);
            transaction.push_modification(account, deltas, added, &[]);
            let note = format!("{label} takes {} of {}", present, members.len());
            self.submit(transaction, note, Verdict::Accepted)?;
        }
        self.raise(account, members, (approval, removal))
    }

    /// Raises thresholds as far as one modification reaches, again and again.
    fn raise(
        &mut self,
        account: AccountId,
        members: &[AccountId],
        goal: (u32, u32),
    ) -> Result<(), BuilderError> {
        loop {
            let deltas = self.deltas(account, goal);
            if deltas == (0, 0) {
                return Ok(());
            }
            let minima = self.ledger.state().links().minima(account);
            let signers = members.get(..minima.approval as usize).unwrap_or(members);
            let mut transaction = self.signed(signers);
            transaction.push_modification(account, deltas, &[], &[]);
            self.submit(transaction, "the thresholds rise further", Verdict::Accepted)?;
        }
    }

    /// How far a modification moves both thresholds towards a goal, each within a signed byte.
    fn deltas(&self, account: AccountId, (approval, removal): (u32, u32)) -> (i32, i32) {
        let minima = self.ledger.state().links().minima(account);
        let step = |from: u32, to: u32| match to.checked_sub(from) {
            Some(up) => up.min(DELTA_MAX) as i32,
            None => -((from - to).min(DELTA_MAX) as i32),
        };
        (step(minima.approval, approval), step(minima.removal, removal))
    }

    /// A modification that brings an account to these thresholds.
    pub fn lowering(
        &self,
        signers: &[AccountId],
        account: AccountId,
        goal: (u32, u32),
        (additions, deletions): (&[AccountId], &[AccountId]),
    ) -> Transaction {
        let mut transaction = self.signed(signers);
        let deltas = self.deltas(account, goal);
        transaction.push_modification(account, deltas, additions, deletions);
        transaction
    }

    /// The scenario, once a replay of its text has shown it: every expectation and invariant.
    pub fn end(self) -> Result<Document, BuilderError> {
        let (names, base) = (&self.header.names, self.header.protocol.base);
        let mut records = Vec::with_capacity(self.steps.len());
        for taken in &self.steps {
            let mut record = write::step(names, base, &taken.step);
            record.note = Some(Name(Cow::Borrowed(&taken.note)));
            let name = |verdict| Name::from(self.header.protocol.result_name(verdict));
            record.result = taken.verdict.map(name);
            let state = taken.entries.as_ref().map(|entries| write::entries(names, base, entries));
            record.state = state.map(StateText::Entries);
            records.push(record);
        }
        let failed = |error: &dyn std::fmt::Display| BuilderError::Replay(error.to_string());
        let text = write::document(&self.header, &records).map_err(|error| failed(&error))?;
        prove(&text)?;
        Document::new(&text).map_err(|error| failed(&error))
    }
}

/// Replays a scenario from its text.
fn prove(text: &str) -> Result<(), BuilderError> {
    let failed = |error: &dyn std::fmt::Display| BuilderError::Replay(error.to_string());
    let reader = source(Cursor::new(text.as_bytes().to_vec()));
    let (header, mut steps) =
        open_reader("scenario", reader, Layout::Json).map_err(|error| failed(&error))?;
    let outcome = replay(header, &mut steps, Options::default()).map_err(|error| failed(&error))?;
    match outcome.failures.first() {
        None => Ok(()),
        Some(failure) => Err(BuilderError::Replay(format!(
            "step {}: `{}`: expected {}, found {}",
            failure.step, failure.about, failure.expected, failure.found
        ))),
    }
}

/// Signatures that are needed are missing.
pub const MISSING: Verdict = Verdict::Rejected(Reason::AggregateMissingCosignatures);
/// More signatures than the cap.
pub const TOO_MANY: Verdict = Verdict::Rejected(Reason::AggregateTooManyCosignatures);
/// More levels than the limit.
pub const TOO_DEEP: Verdict = Verdict::Rejected(Reason::MultisigMaxMultisigDepth);
/// A key that cosigns for as many accounts as it may.
pub const COSIGNS_ENOUGH: Verdict = Verdict::Rejected(Reason::MultisigMaxCosignedAccounts);
/// A signature that nobody asked for.
pub const INELIGIBLE: Verdict = Verdict::Rejected(Reason::AggregateIneligibleCosignatories);
/// NIS1: too few signatures.
pub const INVALID: Verdict = Verdict::Rejected(Reason::MultisigInvalidCosigners);

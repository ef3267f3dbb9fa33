//! From canonical states back to transactions between the user's own accounts.
//!
//! A path names its states up to renaming. It is walked again from the user's start: out of the state
//! as the user names it, the first modification is taken that leads to a state of the next form. The
//! renaming so comes along by itself.

use super::judge::Edit;
use super::moves::{Keys, Mover};
use super::packed::{Graph, Packed, Scale, Set};
use super::symmetry::{Skeleton, Symmetry};
use crate::account::{AccountId, Accounts};
use crate::ledger::Genesis;
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::scenario::record::StateText;
use crate::scenario::{Header, Names, write};
use crate::transaction::Transaction;
use crate::unit::Amount;

/// A state on a path, up to renaming, and the accounts distinguished in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stage {
    pub state: Packed,
    pub colour: Set,
}

/// A modification with the signatures it needs, under the user's names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What it changes.
    pub edit: Edit,
    /// Who signs, as few as possible.
    pub signers: Set,
    /// The state it leads to.
    pub after: Packed,
    /// As a transaction that a ledger takes.
    pub transaction: Transaction,
}

/// Walks paths under the user's names.
pub(super) struct Guide<'p> {
    mover: Mover<'p>,
    symmetry: Symmetry,
    scale: Scale,
}

impl<'p> Guide<'p> {
    pub fn new(protocol: &'p Protocol, accounts: usize, keys: Keys) -> Self {
        Self {
            mover: Mover::new(protocol, accounts, keys),
            symmetry: Symmetry::new(accounts),
            scale: Scale(protocol.base),
        }
    }

    /// The steps along a path from the state `at`, in which the accounts `colour` are distinguished.
    pub fn walk(&mut self, mut at: Packed, colour: Set, path: &[Stage]) -> Vec<Step> {
        let mut steps = Vec::new();
        for &stage in path {
            let Some(step) = self.step(at, colour, stage) else { break };
            at = step.after;
            steps.push(step);
        }
        steps
    }

    fn step(&mut self, at: Packed, colour: Set, stage: Stage) -> Option<Step> {
        let mut moves = Vec::new();
        let goal = self.least(stage.state, stage.colour);
        self.mover.moves(Skeleton { rows: at.rows, colour }, &mut moves);
        let graph = Graph::new(at);
        for found in moves.iter().filter(|found| found.target.rows == goal.rows) {
            for number in 0..self.scale.values(u32::from(found.count)) {
                let edit = found.edit(self.scale.minima(u32::from(found.count), number));
                let after = edit.applied(at);
                if self.least(after, colour) == goal
                    && let Some(signers) =
                        self.mover.judge.signers_among(&graph, edit, found.eligible)
                {
                    let signers = self.mover.judge.sparing(&graph, edit, signers);
                    let transaction = self.mover.judge.transaction(&graph, edit, signers);
                    return Some(Step { edit, signers, after, transaction });
                }
            }
        }
        None
    }

    /// The least of all states of the same form: what two states have in common that differ in names
    /// alone.
    pub fn least(&mut self, state: Packed, colour: Set) -> Packed {
        let form = self.symmetry.form(Skeleton { rows: state.rows, colour });
        let renamed = form.renamings.iter().map(|&renaming| state.renamed(renaming));
        renamed.min().unwrap_or(state)
    }
}

/// A scenario that a replay runs on the full ledger: the steps, and the state expected after each.
///
/// `labels` are the user's names, one for each account; account `i` is the `i`-th in the order of the
/// text.
///
/// # Errors
/// Labels that do not fit, or what the writer reports.
pub fn scenario(
    protocol: &Protocol,
    labels: &[String],
    (name, description): (&str, &str),
    steps: &[Step],
) -> Result<String, WitnessError> {
    let accounts = Accounts::new(labels)?;
    let count = accounts.len();
    let mut genesis = Genesis::of_accounts(count);
    if protocol.base.has_fees() {
        // The multisig account pays all fees.
        let funds = |account| (account, MosaicId::CURRENCY, Amount(1_000_000_000));
        genesis.balances = accounts.ids().map(funds).collect();
    }
    let header = Header {
        name: name.to_owned(),
        description: description.to_owned(),
        protocol: protocol.clone(),
        names: Names::new(accounts, protocol),
        genesis,
        lost: Vec::new(),
        stolen: Vec::new(),
    };
    let story: Vec<crate::scenario::Step> =
        steps.iter().map(|step| crate::scenario::Step::submit(step.transaction.clone())).collect();
    let mut records: Vec<_> =
        story.iter().map(|step| write::step(&header.names, protocol.base, step)).collect();
    for (record, step) in records.iter_mut().zip(steps) {
        let entries = entries(step.after, count);
        record.state =
            Some(StateText::Entries(write::entries(&header.names, protocol.base, &entries)));
        record.result = Some(protocol.result_name(crate::verdict::Verdict::Accepted).into());
    }
    Ok(write::document(&header, &records)?)
}

/// The multisig accounts of a state, as a genesis or an expectation names them.
#[must_use]
pub fn entries(state: Packed, accounts: usize) -> Vec<crate::ledger::Entry> {
    let members = |set: Set| {
        crate::ledger::bits(u64::from(set)).map(|member| AccountId(member as u32)).collect()
    };
    (0..accounts)
        .filter(|&account| state.row(account) != 0)
        .map(|account| crate::ledger::Entry {
            account: AccountId(account as u32),
            minima: state.minima_of(account),
            cosignatories: members(state.row(account)),
        })
        .collect()
}

/// A witness that cannot be written down.
#[derive(Debug, thiserror::Error)]
pub enum WitnessError {
    /// The user's names.
    #[error(transparent)]
    Labels(#[from] crate::account::LabelError),
    /// What the writer of JSON reports.
    #[error("cannot write the scenario: {0}")]
    Write(#[from] serde_json::Error),
}

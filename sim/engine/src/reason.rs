//! Why a step was refused, and what it waits for: the reason beside a result name.
//!
//! A reason is made on demand. The step is put to the ledger once more ([`Ledger::at_refusal`]), so the
//! rule that refused says what it knows, and the ledger is looked at as it stood at that moment.
//! [`catalogue`] says what each result name means, whatever the state.

pub mod catalogue;
pub mod codes;
mod confirm;
mod invalid;
mod missing;
mod path;
mod sentence;
mod signing;
mod tree;
mod words;

pub use missing::{Demand, Missing, Solver};
pub use signing::{After, Cap, Ineligible, PartSigning, Signing, Signings, signing};
pub use tree::{Branch, Standing};
pub use words::{listed, missing_words, names_all};

use serde::{Deserialize, Serialize};

use crate::account::{AccountId, Accounts, PerAccount};
use crate::analysis::Budget;
use crate::ledger::rules::{Facts, signature};
use crate::ledger::{Ledger, Status, View as _};
use crate::protocol::Threshold;
use crate::scenario::{Act, Step};
use crate::transaction::{EmbeddedTransaction, Envelope, PendingId, Transaction};
use crate::verdict::{Reason, Verdict};

use sentence::Scene;

/// Why a step was refused or has to wait.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Explanation {
    /// The result name, as the protocol spells it.
    pub code: String,
    /// The server's own name of the check.
    pub check: String,
    /// Where the check stands: the server and its version.
    pub source: String,
    /// Which transaction of the aggregate or block, from 1.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub part: Option<usize>,
    /// The account that the rule speaks of.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub account: Option<String>,
    /// The number found.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub found: Option<i128>,
    /// The number it may at most be, or must at least be.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub limit: Option<i128>,
    /// Who signed of those who were asked.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub signed: Vec<String>,
    /// Which signatures would do.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub missing: Option<Missing>,
    /// Whose signatures count for nothing.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ineligible: Vec<String>,
    /// The accounts of a loop, or of the longest way through the levels, from the top.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub path: Vec<String>,
    /// It all in a sentence.
    pub text: String,
    /// What helps.
    pub remedy: String,
}

/// Why `step` is refused or waits, on a ledger as it stands before it; `None` if it is executed, or only
/// lets time pass or looks.
///
/// A block that was refused when it was sealed has to be asked about right after
/// ([`of_sealed`]).
pub fn of(
    ledger: &mut Ledger,
    accounts: &Accounts,
    step: &Step,
    solver: &Solver,
) -> Option<Explanation> {
    match step.act {
        Act::Transaction | Act::Block | Act::Announce(_) | Act::Cosign(..) => {}
        _ => return None,
    }
    let again = |ledger: &mut Ledger| step.put_to(ledger).unwrap_or(Verdict::Accepted);
    let waiting = match step.act {
        Act::Cosign(pending, signer) => ledger.waiting(pending).map(|waiting| {
            let mut transaction = waiting.transaction.clone();
            transaction.cosignatures.push(signer);
            transaction
        }),
        _ => None,
    };
    let one = waiting.as_ref().or_else(|| step.transactions().first());
    ledger.at_refusal(again, |ledger, verdict, facts| {
        let look = Look { accounts, solver, verdict, facts };
        match step.act {
            Act::Announce(pending) | Act::Cosign(pending, _) => look.waiting(ledger, pending, one),
            Act::Block => {
                // Of a block the facts say which transaction was refused.
                let index = facts.part.map(|part| part as usize);
                let transaction = index.and_then(|index| step.transactions().get(index));
                let facts = Facts { part: None, ..facts };
                let explanation = Look { facts, ..look }.explanation(ledger, transaction)?;
                Some(Explanation { part: index.map(|index| index + 1), ..explanation })
            }
            _ => look.explanation(ledger, one),
        }
    })
}

/// Why `transaction` is refused or waits that `put` puts to the ledger.
fn of_transaction(
    ledger: &mut Ledger,
    accounts: &Accounts,
    transaction: &Transaction,
    put: impl FnOnce(&mut Ledger) -> Verdict,
    solver: &Solver,
) -> Option<Explanation> {
    ledger.at_refusal(put, |ledger, verdict, facts| {
        Look { accounts, solver, verdict, facts }.explanation(ledger, Some(transaction))
    })
}

/// A refusal that is looked at on the ledger as it stands there.
#[derive(Clone, Copy)]
struct Look<'a> {
    accounts: &'a Accounts,
    solver: &'a Solver,
    verdict: Verdict,
    facts: Facts,
}

impl Look<'_> {
    fn explanation(
        self,
        ledger: &mut Ledger,
        transaction: Option<&Transaction>,
    ) -> Option<Explanation> {
        let eligible = &eligible(ledger, transaction, self.verdict);
        let Self { accounts, solver, verdict, facts } = self;
        Scene { ledger, accounts, transaction, facts, eligible, solver }.explanation(verdict)
    }

    /// Of a transaction that waits, with the cosignatures that it holds now. A server judges it by what is
    /// confirmed, until it is complete and executed.
    fn waiting(
        self,
        ledger: &mut Ledger,
        pending: PendingId,
        asked: Option<&Transaction>,
    ) -> Option<Explanation> {
        let waiting = ledger.waiting(pending);
        let was_executed = waiting.is_some_and(|waiting| waiting.status == Status::Failed);
        let held = waiting.map(|waiting| waiting.transaction.clone());
        let shown = match self.verdict == Verdict::Pending || was_executed {
            true => held.as_ref().or(asked),
            false => asked,
        };
        match was_executed || !ledger.protocol().base.has_aggregates() {
            true => self.explanation(ledger, shown),
            false => ledger.by_confirmed(|ledger| self.explanation(ledger, shown)),
        }
    }
}

/// Why the open block was refused when it was sealed; asked right after it.
#[must_use]
pub fn of_sealed(ledger: &Ledger, accounts: &Accounts, verdict: Verdict) -> Option<Explanation> {
    let facts = ledger.facts();
    let (eligible, solver) = (&PerAccount::default(), &Solver::new(Budget::default()));
    Scene { ledger, accounts, transaction: None, facts, eligible, solver }.explanation(verdict)
}

/// Whose signatures count for a step that lacks signatures; nobody's for other verdicts, whose reasons
/// do not ask.
fn eligible(
    ledger: &mut Ledger,
    transaction: Option<&Transaction>,
    verdict: Verdict,
) -> PerAccount<bool> {
    let signers = match (verdict, transaction) {
        // Parts before the refused one are executed by now: the rule has marked who was eligible.
        (Verdict::Rejected(Reason::AggregateMissingCosignatures), _) => ledger.marked_eligible(),
        (Verdict::Pending | Verdict::Rejected(Reason::MultisigInvalidCosigners), Some(one)) => {
            ledger.eligible_signers(one)
        }
        _ => return PerAccount::default(),
    };
    marked(ledger.state().len(), &signers)
}

/// Which of `count` accounts are among these.
fn marked(count: usize, accounts: &[AccountId]) -> PerAccount<bool> {
    let mut all = PerAccount::new(count);
    accounts.iter().for_each(|&account| all[account] = true);
    all
}

/// The source of a base's checks.
const fn source(base: crate::protocol::Base) -> &'static str {
    use crate::protocol::Base;
    match base {
        Base::Nis1 => "NIS1 0.6.102",
        Base::CatapultV3 => "catapult-server v0.4.0.1",
        Base::CatapultV1 => "catapult-server v0.8.0.3",
        Base::Symbol => "Symbol client/catapult 1.0.3.8",
    }
}

/// The threshold that a part asks for, in words.
#[must_use]
pub const fn threshold_name(threshold: Threshold) -> &'static str {
    match threshold {
        Threshold::Approval => "min approval",
        Threshold::Removal => "min removal",
        Threshold::Larger => "the larger of min approval and min removal",
    }
}

/// What one part asks for, as a demand with these signatures counted. Returns how many cosignatories of its
/// account agree; of a plain account 1 where it signed itself.
pub fn demand_of_part(
    demand: &mut Demand<'_>,
    ledger: &Ledger,
    transaction: &Transaction,
    part: &EmbeddedTransaction,
) -> u32 {
    let (protocol, links) = (ledger.protocol(), ledger.state().links());
    let changes = transaction.changes_in(part);
    if !protocol.base.has_removal_threshold() {
        if transaction.envelope != Envelope::Multisig {
            return demand.some_of(1, std::iter::once(part.signer));
        }
        if !links.is_multisig(part.signer) {
            // A wrapper for an account that has no cosignatories: nobody can sign for it.
            return demand.some_of(1, std::iter::empty());
        }
        let (needed, stay) = ledger.nis1_signers(part.signer, changes);
        return demand.some_of(needed, stay.into_iter());
    }
    let threshold = signature::operation(&protocol.switches, changes);
    let agreed = demand.account(links, &protocol.switches, part.signer, threshold);
    if protocol.switches.opt_in {
        for account in signature::added(changes) {
            demand.account(links, &protocol.switches, account, threshold);
        }
    }
    agreed
}

/// Labels in their order.
fn labels(accounts: &Accounts, ids: impl IntoIterator<Item = AccountId>) -> Vec<String> {
    ids.into_iter().map(|id| accounts.label(id).to_owned()).collect()
}

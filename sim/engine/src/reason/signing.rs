//! Who has signed a transaction, who still must, and what comes of it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::confirm::{Trial, found, in_turn, is_minimal, put};
use super::missing::{Demand, Missing, Solver};
use super::tree::{Branch, Signatures};
use super::words::{NEVER_COMPLETE, kind_of};
use super::{Explanation, demand_of_part, labels, marked, of_transaction, threshold_name};
use crate::account::{AccountId, Accounts, PerAccount};
use crate::analysis::Budget;
use crate::ledger::rules::signature;
use crate::ledger::{Ledger, View};
use crate::transaction::{Body, EmbeddedTransaction, Envelope, Transaction};
use crate::verdict::Verdict;

/// Who has signed, who must, and whether it goes through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Signing {
    /// What the server answers now, as the protocol spells it; `Success` if it goes through. Of an aggregate that waits:
    /// what its check of the cosignatures answers.
    pub verdict: String,
    /// Whether no signature is missing.
    pub complete: bool,
    /// What the documents do not show, and what to ask the node; empty where nothing is left open.
    pub partial: Vec<String>,
    /// Why not, where it does not go through.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason: Option<Explanation>,
    /// Everybody whose signature it carries, the signer of the whole first.
    pub signed: Vec<String>,
    /// Each transaction inside, in order.
    pub parts: Vec<PartSigning>,
    /// What completes all parts together.
    pub missing: Missing,
    /// Whether the ledger agreed when every listed set was put to it: with the set no signature is
    /// missing, and with any one key of it left out one is. Anything else would be a fault of ours.
    pub confirmed: bool,
    /// Keys whose signature counts, whether they signed or not.
    pub eligible: Vec<String>,
    /// Signatures that count for nothing; one of them is enough to refuse the whole.
    pub ineligible: Vec<Ineligible>,
    /// Signatures that do not hold over what is signed, where the document shows its bytes; one of them is
    /// enough to refuse the whole before anything else is looked at.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub invalid: Vec<Ineligible>,
    /// Room for signatures.
    pub cap: Cap,
    /// Its hash, where the document says it or it could be computed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hash: Option<String>,
    /// Until when it may wait, as the document says it: milliseconds since the network's first block; on
    /// NIS1 seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline: Option<String>,
    /// The same as a time of day, on the public networks.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline_utc: Option<String>,
    /// The height at which its hash lock ends, where that was brought along.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lock_end_height: Option<u64>,
    /// What can still end it while it waits.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ended_by: Vec<String>,
    /// What the server answers once the fewest missing signatures are there and those that count for
    /// nothing are not, replayed on the ledger.
    pub verdict_completed: String,
    /// Why it is refused even then; absent where it is not.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub reason_completed: Option<Explanation>,
    /// Multisig accounts that it changes, as they stand after it; by name, none where it cannot go
    /// through.
    pub after: BTreeMap<String, After>,
}

/// Several transactions that were brought together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Signings {
    /// Each of them, in the order of the document.
    pub transactions: Vec<Signing>,
}

/// Who signs for one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct PartSigning {
    /// Whose transaction it is.
    pub account: String,
    /// What it is: `transfer`, `addition`, `removal`, `removal and addition`, `thresholds`, ...
    pub kind: String,
    /// Which threshold counts.
    pub threshold: String,
    /// How many of the account's cosignatories must agree; 1 for a plain account.
    pub needed: u32,
    /// How many of them agree.
    pub agreed: u32,
    /// Its cosignatories; the account itself where it is plain.
    pub of: Vec<String>,
    /// Accounts that it adds, which must agree as well.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub opt_in: Vec<String>,
    /// Keys that signed and count for this part.
    pub signed: Vec<String>,
    /// What completes it.
    pub missing: Missing,
    /// Whether nothing is missing.
    pub satisfied: bool,
    /// The accounts asked and all below them, each once and after all it cosigns for; absent where they
    /// are too many to be drawn.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub tree: Vec<Branch>,
}

/// A signature that counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Ineligible {
    /// Whose.
    pub account: String,
    /// Why.
    pub why: String,
}

/// Signatures in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Cap {
    /// How many it carries, its signer's included.
    pub used: usize,
    /// How many it may carry; none where the protocol sets no limit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub most: Option<u32>,
}

/// A multisig account after the transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct After {
    /// Min approval; on NIS1 min cosignatories, 0 standing for all.
    pub min_approval: u32,
    /// NIS1: min cosignatories, 0 standing for all; absent on Catapult.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub min_cosignatories: Option<u32>,
    /// Min removal; 0 on NIS1.
    pub min_removal: u32,
    /// By name; none once it is dissolved.
    pub cosignatories: Vec<String>,
}

/// Judges a transaction on a ledger that holds its accounts. A bonded aggregate is judged as if its
/// hash lock held. `unable` are keys that cannot sign any more.
///
/// The answer is tried before it is given: with the fewest missing signatures added the ledger executes
/// the transaction, or refuses it for another reason, which is then said.
#[must_use]
pub fn signing(
    ledger: &mut Ledger,
    accounts: &Accounts,
    transaction: &Transaction,
    unable: &[AccountId],
    budget: Budget,
) -> Signing {
    let waits = transaction.envelope == Envelope::AggregateBonded;
    let mut transaction = transaction.clone();
    if waits {
        (transaction.id, transaction.inner_id) = (None, None);
        transaction.envelope = Envelope::AggregateComplete;
    }
    let eligible = ledger.eligible_signers(&transaction);
    let marks = marked(ledger.state().len(), &eligible);
    let solver = &Solver::new(budget);
    let scene =
        Scene { accounts, transaction: &transaction, eligible: &marks, unable, solver, waits };
    let strangers = scene.strangers(ledger);
    let counted = scene.without(&strangers);
    let (parts, missing, signed, parts_confirmed) = scene.parts(ledger);
    let reason = scene.reason(ledger, &transaction);
    let success = ledger.protocol().result_name(Verdict::Accepted).to_owned();
    let verdict = reason.as_ref().map_or(success, |reason| reason.code.clone());
    let most = ledger.protocol().limits.max_cosignatures_per_aggregate;
    let mut trial = Trial {
        ledger,
        accounts,
        transaction: &counted,
        eligible: &marks,
        most: most as usize,
        waits,
    };
    let missing = if waits { trial.going_through(missing) } else { missing };
    let completed = trial.with(missing.sets.first().map_or(&[], Vec::as_slice));
    let able = |account: &&AccountId| !unable.contains(account);
    let able: Vec<AccountId> = eligible.iter().filter(able).copied().collect();
    let confirmed = parts_confirmed && trial.confirms(&missing, completed, &able);
    let full = scene.completed(counted, &missing);
    let after = scene.after(ledger, &full);
    let waits_in_vain = missing.fewest.is_some_and(|fewest| fewest > 0);
    let reason_completed = match waits_in_vain && completed != Verdict::Accepted {
        true => scene.reason(ledger, &full),
        false => None,
    };
    let bare = transaction.envelope == Envelope::Bare;
    Signing {
        complete: missing.fewest == Some(0),
        verdict,
        partial: Vec::new(),
        reason,
        signed: labels(accounts, signed.iter().copied()),
        parts,
        missing,
        confirmed,
        eligible: labels(accounts, eligible),
        ineligible: strangers,
        invalid: Vec::new(),
        cap: Cap { used: signed.len(), most: (most != u32::MAX && !bare).then_some(most) },
        hash: None,
        deadline: None,
        deadline_utc: None,
        lock_end_height: None,
        ended_by: if waits { scene.ended_by(signed.len(), most) } else { Vec::new() },
        verdict_completed: ledger.protocol().result_name(completed).to_owned(),
        reason_completed,
        after,
    }
}

/// What helps an aggregate that is complete sooner than its execution allows.
const FAILS_WHEN_COMPLETE: &str = "it is executed, and fails, as soon as the signatures are there that its parts ask for \
     before any of them is executed: nobody can sign it afterwards; announce the change and what rests on it one after the other, \
     or send it complete, with all signatures";

struct Scene<'a> {
    accounts: &'a Accounts,
    transaction: &'a Transaction,
    eligible: &'a PerAccount<bool>,
    unable: &'a [AccountId],
    solver: &'a Solver,
    /// Whether it is announced and waits for its signatures.
    waits: bool,
}

impl Scene<'_> {
    /// Why the ledger refuses it with the signatures that it has. Of one that waits: what the check of the
    /// cosignatures answers that a node holds, or why it fails once it is complete.
    fn reason(&self, ledger: &mut Ledger, transaction: &Transaction) -> Option<Explanation> {
        let (accounts, solver) = (self.accounts, self.solver);
        let held = if self.waits { ledger.held_of(transaction).ok() } else { None };
        match &held {
            Some((held, false)) => {
                let mut reason =
                    of_transaction(ledger, accounts, held, |ledger| ledger.judged(held), solver)?;
                if !self.eligible[held.signer] {
                    NEVER_COMPLETE.clone_into(&mut reason.remedy);
                }
                Some(reason)
            }
            _ => {
                let shown = held.as_ref().map_or(transaction, |(held, _)| held);
                let submit = |ledger: &mut Ledger| put(ledger, transaction, self.waits);
                let mut reason = of_transaction(ledger, accounts, shown, submit, solver)?;
                if self.waits && reason.missing.is_some() {
                    FAILS_WHEN_COMPLETE.clone_into(&mut reason.remedy);
                }
                Some(reason)
            }
        }
    }

    fn name(&self, account: AccountId) -> String {
        self.accounts.label(account).to_owned()
    }

    fn demand<'s>(&'s self, signed: &'s [AccountId]) -> Demand<'s> {
        Demand::new(self.accounts, signed, self.eligible, self.unable)
    }

    /// Every part at its turn, what completes them all, who signed, each once, and whether the ledger
    /// confirms what is said of each of several parts.
    fn parts(&self, ledger: &mut Ledger) -> (Vec<PartSigning>, Missing, Vec<AccountId>, bool) {
        let mut signed: Vec<AccountId> = Vec::new();
        for account in self.transaction.signatures() {
            if !signed.contains(&account) {
                signed.push(account);
            }
        }
        let (mut parts, mut confirmed) = (Vec::new(), true);
        let mut whole = self.demand(&signed);
        in_turn(ledger, self.transaction, self.waits, |ledger, part| {
            let told = self.part(ledger, part, &signed);
            // What is said of the only part is said of the whole, which is tried as such.
            if self.transaction.parts.len() > 1 {
                demand_of_part(&mut whole, ledger, self.transaction, part);
                confirmed &= self.confirms_part(ledger, part, &signed, &told.missing);
            }
            parts.push(told);
        });
        let missing = match parts.as_slice() {
            // Its own signer is not among the cosignatures that a node leaves out.
            _ if self.waits && !self.eligible[self.transaction.signer] => Missing::never(),
            [only] => only.missing.clone(),
            _ => whole.missing(self.solver),
        };
        (parts, missing, signed, confirmed)
    }

    /// Whether each listed set is what the part still needs, by the ledger's own rule.
    fn confirms_part(
        &self,
        ledger: &mut Ledger,
        part: &EmbeddedTransaction,
        signed: &[AccountId],
        missing: &Missing,
    ) -> bool {
        let counts = |account: &&AccountId| self.eligible[**account];
        let signed: Vec<AccountId> = signed.iter().filter(counts).copied().collect();
        missing.sets.iter().all(|set| {
            is_minimal(&found(self.accounts, set), |keys| {
                let all: Vec<AccountId> = signed.iter().chain(keys).copied().collect();
                ledger.is_signed_by(self.transaction, part, &all)
            })
        })
    }

    fn part(
        &self,
        ledger: &Ledger,
        part: &EmbeddedTransaction,
        signed: &[AccountId],
    ) -> PartSigning {
        let (protocol, links) = (ledger.protocol(), ledger.state().links());
        let changes = self.transaction.changes_in(part);
        let added = signature::added(changes).filter(|_| protocol.has_opt_in());
        let opt_in: Vec<AccountId> = added.collect();
        let alone = !protocol.base.has_aggregates() && self.transaction.envelope == Envelope::Bare;
        let (threshold, needed, of) = if alone || !links.is_multisig(part.signer) {
            ("its own signature", 1, vec![part.signer])
        } else if !protocol.base.has_removal_threshold() {
            let (needed, stay) = ledger.nis1_signers(part.signer, changes);
            ("min cosignatories", needed, stay)
        } else {
            let threshold = signature::operation(&protocol.switches, changes);
            let minima = links.minima(part.signer);
            let needed = threshold.of(minima.approval, minima.removal);
            (threshold_name(threshold), needed, links.cosignatories(part.signer).collect())
        };
        let mut demand = self.demand(signed);
        let agreed = demand_of_part(&mut demand, ledger, self.transaction, part);
        let satisfied = demand.is_satisfied();
        // Its own key is asked, and no cosignatory's.
        let is_own = alone && links.is_multisig(part.signer);
        let mut asked = if is_own { Vec::new() } else { vec![part.signer] };
        asked.extend(&opt_in);
        let mut below = keys_below(links, ledger.state().len(), &asked);
        below[part.signer] |= is_own;
        let counts = signed.iter().filter(|key| below[**key]).copied();
        PartSigning {
            account: self.name(part.signer),
            kind: kind_of(part, changes).to_owned(),
            threshold: threshold.to_owned(),
            needed,
            agreed,
            of: labels(self.accounts, of),
            opt_in: labels(self.accounts, opt_in),
            signed: labels(self.accounts, counts),
            missing: demand.missing(self.solver),
            satisfied,
            tree: self.tree(ledger, part, signed, &asked),
        }
    }

    fn tree(
        &self,
        ledger: &Ledger,
        part: &EmbeddedTransaction,
        signed: &[AccountId],
        asked: &[AccountId],
    ) -> Vec<Branch> {
        let (protocol, links) = (ledger.protocol(), ledger.state().links());
        let changes = self.transaction.changes_in(part);
        let needed = |account: AccountId, is_asked: bool| {
            if !protocol.base.has_removal_threshold() {
                return ledger.nis1_signers(account, changes).0;
            }
            let minima = links.minima(account);
            let threshold = match is_asked || protocol.switches.pass_down {
                true => signature::operation(&protocol.switches, changes),
                false => crate::protocol::Threshold::Approval,
            };
            threshold.of(minima.approval, minima.removal)
        };
        let two = protocol.base.has_removal_threshold();
        let stay = if two { Vec::new() } else { ledger.nis1_signers(part.signer, changes).1 };
        let counts = |account: AccountId| {
            two || stay.contains(&account) || !links.is_cosignatory(part.signer, account)
        };
        let signatures = Signatures {
            accounts: self.accounts,
            view: links,
            signed,
            eligible: self.eligible,
            unable: self.unable,
            needed: &needed,
            counts: &counts,
        };
        signatures.tree(asked)
    }

    /// The signatures it carries that do not count.
    fn strangers(&self, ledger: &Ledger) -> Vec<Ineligible> {
        let links = ledger.state().links();
        let signatures = self.transaction.signatures();
        let mut strangers: Vec<AccountId> =
            signatures.filter(|&account| !self.eligible[account]).collect();
        strangers.sort();
        strangers.dedup();
        let why = |account: AccountId| match links.is_multisig(account) {
            true => "a multisig account's own key never counts",
            false => "no transaction inside asks for it",
        };
        let strangers = strangers.into_iter();
        strangers
            .map(|account| Ineligible { account: self.name(account), why: why(account).to_owned() })
            .collect()
    }

    /// The transaction without the cosignatures of these.
    fn without(&self, strangers: &[Ineligible]) -> Transaction {
        let mut transaction = self.transaction.clone();
        let stranger = |account: AccountId| {
            let name = self.accounts.label(account);
            strangers.iter().any(|one| one.account == name)
        };
        transaction.cosignatures.retain(|&account| !stranger(account));
        transaction
    }

    /// What ends a waiting aggregate (`PtUpdater`): its own signer cosigning, one signature above the
    /// cap, and time.
    fn ended_by(&self, used: usize, most: u32) -> Vec<String> {
        let signer = self.name(self.transaction.signer);
        let mut all = vec![format!("a cosignature by its own signer, `{signer}`")];
        if used >= most as usize {
            all.push(format!("one eligible cosignature more: {used} of {most} are used"));
        }
        all.push("its deadline, and the end of its hash lock".to_owned());
        all
    }

    /// The transaction with the fewest missing signatures.
    fn completed(&self, mut counted: Transaction, missing: &Missing) -> Transaction {
        let fewest = missing.sets.first().map_or(&[][..], Vec::as_slice);
        counted.cosignatures.extend(found(self.accounts, fewest));
        counted
    }

    /// The accounts that it changes; none where it is refused.
    fn after(&self, ledger: &mut Ledger, transaction: &Transaction) -> BTreeMap<String, After> {
        let again = |ledger: &mut Ledger| put(ledger, transaction, self.waits);
        ledger.at_refusal(again, |ledger, verdict, _| match verdict {
            Verdict::Accepted => self.changed(ledger),
            _ => BTreeMap::new(),
        })
    }

    fn changed(&self, ledger: &Ledger) -> BTreeMap<String, After> {
        let links = ledger.state().links();
        let two = ledger.protocol().base.has_removal_threshold();
        let modifies = |part: &&EmbeddedTransaction| matches!(part.body, Body::Modification(_));
        let changed = self.transaction.parts.iter().filter(modifies).map(|part| part.signer);
        changed
            .map(|account| {
                let minima = links.minima(account);
                let after = After {
                    min_approval: minima.approval,
                    min_cosignatories: (!two).then_some(minima.approval),
                    min_removal: minima.removal,
                    cosignatories: labels(self.accounts, links.cosignatories(account)),
                };
                (self.name(account), after)
            })
            .collect()
    }
}

/// Which of `count` accounts are keys below these accounts, the accounts themselves where they are plain.
fn keys_below<V: View>(view: &V, count: usize, accounts: &[AccountId]) -> PerAccount<bool> {
    let (mut keys, mut seen) = (PerAccount::new(count), PerAccount::new(count));
    let mut open = accounts.to_vec();
    while let Some(account) = open.pop() {
        if std::mem::replace(&mut seen[account], true) {
            continue;
        }
        keys[account] = !view.is_multisig(account);
        open.extend(view.cosignatories(account));
    }
    keys
}

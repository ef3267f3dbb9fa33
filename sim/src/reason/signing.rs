//! Who has signed a transaction, who still must, and what comes of it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::missing::{Demand, Missing};
use super::{Explanation, changes_of, demand_of_part, labels, of, threshold_name};
use crate::account::{AccountId, Accounts};
use crate::analysis::Budget;
use crate::ledger::rules::signature;
use crate::ledger::{Ledger, View};
use crate::protocol::Base;
use crate::scenario::Step;
use crate::transaction::{Body, Envelope, Part, Transaction};
use crate::verdict::Verdict;

/// Who has signed, who must, and whether it goes through.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signing {
    /// What the server answers now, as the protocol spells it; `Success` if it goes through.
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
    /// Keys whose signature counts, whether they signed or not.
    pub eligible: Vec<String>,
    /// Signatures that count for nothing; one of them is enough to refuse the whole.
    pub ineligible: Vec<Ineligible>,
    /// Room for signatures.
    pub cap: Cap,
    /// Its hash, where the document says it or it could be computed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub hash: Option<String>,
    /// Until when it may wait, as the document says it: milliseconds since the network's first block; on
    /// NIS1 seconds.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub deadline: Option<String>,
    /// The height at which its hash lock ends, where that was brought along.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub lock_end_height: Option<u64>,
    /// What can still end it while it waits.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub ended_by: Vec<String>,
    /// What the server answers once the fewest missing signatures are there and those that count for
    /// nothing are not, replayed on the ledger.
    pub verdict_completed: String,
    /// Multisig accounts that it changes, as they stand after it; by name, none where it cannot go
    /// through.
    pub after: BTreeMap<String, After>,
}

/// Several transactions that were brought together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Signings {
    /// Each of them, in the order of the document.
    pub transactions: Vec<Signing>,
}

/// Who signs for one part.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
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
}

/// A signature that counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Ineligible {
    /// Whose.
    pub account: String,
    /// Why.
    pub why: String,
}

/// Signatures in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Cap {
    /// How many it carries, its signer's included.
    pub used: usize,
    /// How many it may carry; none where the protocol sets no limit.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub most: Option<u32>,
}

/// A multisig account after the transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct After {
    /// Min approval; on NIS1 min cosignatories, 0 standing for all.
    pub min_approval: u32,
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
    (transaction.id, transaction.inner_id) = (None, None);
    if transaction.envelope == Envelope::AggregateBonded {
        transaction.envelope = Envelope::AggregateComplete;
    }
    let scene = Scene { accounts, transaction: &transaction, unable, budget };
    let (parts, missing, signed) = scene.parts(ledger);
    let reason = of(ledger, accounts, &Step::submit(transaction.clone()), budget);
    let verdict = reason.as_ref().map_or("Success", |reason| reason.code.as_str()).to_owned();
    let verdict = match (&reason, ledger.protocol().base) {
        (None, _) => scene.success(ledger),
        _ => verdict,
    };
    let (eligible, strangers) = scene.eligible(ledger);
    let (verdict_completed, after) = scene.completed(ledger, &missing, &strangers);
    let most = ledger.protocol().limits.max_cosignatures_per_aggregate;
    let bare = transaction.envelope == Envelope::Bare;
    Signing {
        complete: parts.iter().all(|part| part.satisfied),
        verdict,
        partial: Vec::new(),
        reason,
        signed: labels(accounts, signed.iter().copied()),
        parts,
        missing,
        eligible,
        ineligible: strangers,
        cap: Cap { used: signed.len(), most: (most != u32::MAX && !bare).then_some(most) },
        hash: None,
        deadline: None,
        lock_end_height: None,
        ended_by: if waits { scene.ended_by(signed.len(), most) } else { Vec::new() },
        verdict_completed,
        after,
    }
}

struct Scene<'a> {
    accounts: &'a Accounts,
    transaction: &'a Transaction,
    unable: &'a [AccountId],
    budget: Budget,
}

impl Scene<'_> {
    fn name(&self, account: AccountId) -> String {
        self.accounts.label(account).to_owned()
    }

    /// Every part at its turn, what completes them all, and who signed, each once.
    fn parts(&self, ledger: &mut Ledger) -> (Vec<PartSigning>, Missing, Vec<AccountId>) {
        let mut signed: Vec<AccountId> = Vec::new();
        for account in self.transaction.signatures() {
            if !signed.contains(&account) {
                signed.push(account);
            }
        }
        let mut parts = Vec::new();
        let mut whole = Demand::new(self.accounts, &signed, self.unable);
        ledger.in_turn(self.transaction, |ledger, part| {
            demand_of_part(&mut whole, ledger, self.transaction, part);
            parts.push(self.part(ledger, part, &signed));
        });
        let missing = whole.missing(self.budget);
        (parts, missing, signed)
    }

    fn part(&self, ledger: &Ledger, part: &Part, signed: &[AccountId]) -> PartSigning {
        let (protocol, links) = (ledger.protocol(), ledger.state().links());
        let changes = changes_of(self.transaction, part);
        let nis1 = protocol.base == Base::Nis1;
        let added = signature::added(changes).filter(|_| protocol.switches.opt_in && !nis1);
        let opt_in: Vec<AccountId> = added.collect();
        let (threshold, needed, of) = if !links.is_multisig(part.signer) {
            ("its own signature", 1, vec![part.signer])
        } else if nis1 {
            let (needed, stay) = ledger.nis1_signers(part.signer, changes);
            ("min cosignatories", needed, stay)
        } else {
            let threshold = signature::operation(&protocol.switches, changes);
            let minima = links.minima(part.signer);
            let needed = threshold.of(minima.approval, minima.removal);
            (threshold_name(threshold), needed, links.cosignatories(part.signer).collect())
        };
        let agrees = |account: &AccountId| {
            let mut demand = Demand::new(self.accounts, signed, self.unable);
            match nis1 {
                true => demand.some_of(1, std::iter::once(*account)),
                false => {
                    let kind = signature::operation(&protocol.switches, changes);
                    demand.account(links, &protocol.switches, *account, kind);
                }
            }
            demand.is_satisfied()
        };
        let agreed = of.iter().filter(|account| agrees(account)).count() as u32;
        let mut demand = Demand::new(self.accounts, signed, self.unable);
        demand_of_part(&mut demand, ledger, self.transaction, part);
        let satisfied = demand.is_satisfied();
        let mut asked = vec![part.signer];
        asked.extend(&opt_in);
        let below = keys_below(links, &asked);
        let counts = signed.iter().filter(|key| below.contains(key)).copied();
        PartSigning {
            account: self.name(part.signer),
            kind: kind(part, changes).to_owned(),
            threshold: threshold.to_owned(),
            needed,
            agreed,
            of: labels(self.accounts, of),
            opt_in: labels(self.accounts, opt_in),
            signed: labels(self.accounts, counts),
            missing: demand.missing(self.budget),
            satisfied,
        }
    }

    /// Whose signature counts, and which of those it carries do not.
    fn eligible(&self, ledger: &mut Ledger) -> (Vec<String>, Vec<Ineligible>) {
        let eligible = ledger.eligible_signers(self.transaction);
        let links = ledger.state().links();
        let mut strangers: Vec<AccountId> =
            self.transaction.signatures().filter(|key| !eligible.contains(key)).collect();
        strangers.sort();
        strangers.dedup();
        let why = |account: AccountId| match links.is_multisig(account) {
            true => "a multisig account's own key never counts",
            false => "no transaction inside asks for it",
        };
        let strangers = strangers
            .into_iter()
            .map(|account| Ineligible { account: self.name(account), why: why(account).to_owned() })
            .collect();
        (labels(self.accounts, eligible), strangers)
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

    fn success(&self, ledger: &Ledger) -> String {
        ledger.protocol().result_name(Verdict::Accepted).to_owned()
    }

    /// The answer with the fewest missing signatures and without those that count for nothing, and the
    /// accounts that it changes.
    fn completed(
        &self,
        ledger: &mut Ledger,
        missing: &Missing,
        ineligible: &[Ineligible],
    ) -> (String, BTreeMap<String, After>) {
        let mut transaction = self.transaction.clone();
        let counts = |account: &AccountId| {
            let name = self.accounts.label(*account);
            !ineligible.iter().any(|one| one.account == name)
        };
        transaction.cosignatures.retain(counts);
        let fewest = missing.sets.first().into_iter().flatten();
        let keys = fewest.filter_map(|name| self.accounts.find(name));
        transaction.cosignatures.extend(keys);
        let again = |ledger: &mut Ledger| ledger.submit(&transaction);
        ledger.at_refusal(again, |ledger, verdict, _| {
            let name = ledger.protocol().result_name(verdict).to_owned();
            let after = match verdict {
                Verdict::Accepted => self.after(ledger),
                _ => BTreeMap::new(),
            };
            (name, after)
        })
    }

    fn after(&self, ledger: &Ledger) -> BTreeMap<String, After> {
        let links = ledger.state().links();
        let modifies = |part: &&Part| matches!(part.body, Body::Modification(_));
        let changed = self.transaction.parts.iter().filter(modifies).map(|part| part.signer);
        changed
            .map(|account| {
                let minima = links.minima(account);
                let after = After {
                    min_approval: minima.approval,
                    min_removal: minima.removal,
                    cosignatories: labels(self.accounts, links.cosignatories(account)),
                };
                (self.name(account), after)
            })
            .collect()
    }
}

/// The keys below these accounts, the accounts themselves where they are plain.
fn keys_below<V: View>(view: &V, accounts: &[AccountId]) -> Vec<AccountId> {
    let mut keys = Vec::new();
    let mut seen = std::collections::BTreeSet::new();
    let mut open = accounts.to_vec();
    while let Some(account) = open.pop() {
        if !seen.insert(account) {
            continue;
        }
        match view.is_multisig(account) {
            true => open.extend(view.cosignatories(account)),
            false => keys.push(account),
        }
    }
    keys
}

/// What a part does, in words.
fn kind(part: &Part, changes: &[crate::transaction::Change]) -> &'static str {
    use crate::transaction::Action;
    let any = |action| changes.iter().any(|change| change.action == action);
    match &part.body {
        Body::Transfer(_) => "transfer",
        Body::Modification(_) => match (any(Action::Add), any(Action::Remove)) {
            (true, true) => "removal and addition of cosignatories",
            (true, false) => "addition of cosignatories",
            (false, true) => "removal of a cosignatory",
            (false, false) => "change of thresholds",
        },
        Body::HashLock(_) => "hash lock",
        Body::MosaicDefinition(_) => "mosaic definition",
        Body::MosaicSupplyChange(_) => "mosaic supply change",
        Body::Nested => "nested aggregate",
    }
}

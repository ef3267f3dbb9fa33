//! A way to an account's money as a scenario: who starts it, each transaction, the payment.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::subject::Subject;
use crate::account::{AccountId, Accounts};
use crate::analysis::{Budget, Ladder, Rung, Spending, Structure, View, can_spend};
use crate::ledger::Ledger;
use crate::protocol::Protocol;
use crate::scenario::record::{Name, StateText, StepRecord};
use crate::scenario::{Ability, Act, Check, Header, Names, Step, write};
use crate::transaction::Transaction;
use crate::verdict::Verdict;

/// Most accounts and keys for which the state is written after every step.
const STATE_ACCOUNTS_MAX: usize = 60;

/// Why somebody goes this way.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// Fewer keys than a payment needs now come to spend.
    Takeover,
    /// The keys that are left come back.
    Recovery,
    /// More signatures than one aggregate may carry are unwound from below.
    Unwinding,
}

impl Purpose {
    /// The word for it in answers and file names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Takeover => "takeover",
            Self::Recovery => "recovery",
            Self::Unwinding => "unwinding",
        }
    }
}

/// Steps to an end, executed on a ledger and written down.
#[derive(Clone, Debug)]
pub struct Way {
    /// Why.
    pub purpose: Purpose,
    /// The account.
    pub account: String,
    /// The keys that walk it.
    pub keys: Vec<String>,
    /// The keys that must be lost before; empty unless it is a recovery of what may come.
    pub lost: Vec<String>,
    /// Each transaction in words, the payment last.
    pub steps: Vec<String>,
    /// The scenario's text.
    pub scenario: String,
}

/// The accounts that are asked about.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The accounts as a file has them.
    pub subject: &'a Subject,
    /// The same as the analysis has them.
    pub structure: &'a Structure,
    /// The account to spend from.
    pub target: AccountId,
}

/// The way of `keys`, if there is one and they cannot spend as things stand. Only where cosignatories
/// have to be nested does it concern more than what lies below the account, `near`.
pub fn way(
    near: Place<'_>,
    around: Place<'_>,
    purpose: Purpose,
    keys: &[String],
    lost: &[String],
    budget: &Budget,
) -> Option<Way> {
    let plain = near.way(purpose, (keys, lost), budget, |ask, budget| ask.plain_ladder(budget));
    plain.or_else(|| {
        around.way(purpose, (keys, lost), budget, |ask, budget| ask.nesting_ladder(budget))
    })
}

impl Place<'_> {
    fn way(
        self,
        purpose: Purpose,
        (keys, lost): (&[String], &[String]),
        budget: &Budget,
        find: impl Fn(&Spending<'_>, &Budget) -> Option<Ladder>,
    ) -> Option<Way> {
        let Self { subject, structure, target } = self;
        let ids: Vec<AccountId> = keys.iter().filter_map(|key| structure.target(key)).collect();
        let recipient = *ids.first()?;
        let protocol = &subject.protocol;
        let found = find(&Spending { structure, protocol, target, keys: &ids, recipient }, budget)?;
        let walk = Walk { subject, structure, target, purpose, ids, lost, found: &found };
        let all = found.rungs.iter().map(|rung| rung_words(structure, rung));
        let scenario = walk.scenario()?;
        Some(Way {
            purpose,
            account: structure.name(target).to_owned(),
            keys: keys.to_vec(),
            lost: lost.to_vec(),
            steps: all.chain([payment_words(structure, target, &found.payment)]).collect(),
            scenario,
        })
    }
}

fn signers(structure: &Structure, transaction: &Transaction) -> String {
    let names: Vec<&str> = transaction.signatures().map(|key| structure.name(key)).collect();
    let count = names.len();
    match names.get(..6).filter(|_| count > 8) {
        Some(first) => format!("{} and {} more", first.join(", "), count - 6),
        None => names.join(", "),
    }
}

fn rung_words(structure: &Structure, rung: &Rung) -> String {
    let account = structure.name(rung.account);
    let signed = signers(structure, &rung.transaction);
    match (rung.deleted, rung.added) {
        (Some(deleted), _) => {
            let deleted = structure.name(deleted);
            format!("{account}: delete {deleted}, lower the thresholds; signed by {signed}")
        }
        (None, Some(added)) => {
            let added = structure.name(added);
            format!("{account}: let {added} sign for it; signed by {signed}")
        }
        (None, None) => format!("{account}: lower both thresholds to 1; signed by {signed}"),
    }
}

fn payment_words(structure: &Structure, target: AccountId, payment: &Transaction) -> String {
    let (account, signed) = (structure.name(target), signers(structure, payment));
    format!("{account}: pay; signed by {signed}")
}

struct Walk<'a> {
    subject: &'a Subject,
    structure: &'a Structure,
    target: AccountId,
    purpose: Purpose,
    ids: Vec<AccountId>,
    lost: &'a [String],
    found: &'a Ladder,
}

impl Walk<'_> {
    fn scenario(&self) -> Option<String> {
        let structure = self.structure;
        let labels: Vec<&str> = structure.accounts().map(|id| structure.name(id)).collect();
        let protocol = &self.subject.protocol;
        let names = Names::new(Accounts::new(&labels).ok()?, protocol);
        let named = |keys: &[String]| keys.iter().filter_map(|key| structure.target(key)).collect();
        let header = Header {
            name: format!("{}: {}", self.purpose.name(), structure.name(self.target)),
            description: self.description(),
            protocol: protocol.clone(),
            names,
            genesis: self.found.genesis.clone(),
            lost: named(&self.subject.lost),
            stolen: Vec::new(),
        };
        let base = protocol.base;
        let event = match self.purpose {
            Purpose::Takeover => Some(Act::Steal(self.ids.clone())),
            Purpose::Recovery if !self.lost.is_empty() => Some(Act::Lose(named(self.lost))),
            _ => None,
        };
        let looks = [event, Some(Act::Check(Box::new(self.check())))];
        let looks: Vec<Step> = looks.into_iter().flatten().map(Step::of).collect();
        let mut records: Vec<StepRecord<'_>> =
            looks.iter().map(|step| write::step(&header.names, base, step)).collect();
        let transactions: Vec<&Transaction> = self.transactions().collect();
        let steps: Vec<Step> = transactions.iter().map(|&one| Step::submit(one.clone())).collect();
        let mut ledger = Ledger::from_genesis(protocol.clone(), &header.genesis).ok()?;
        for (step, note) in steps.iter().zip(self.notes()) {
            let mut record = write::step(&header.names, base, step);
            let verdict = ledger.submit(&step.transaction);
            record.note = Some(Name(Cow::Owned(note)));
            record.result = Some(Name::from(protocol.result_name(verdict)));
            if structure.len() <= STATE_ACCOUNTS_MAX && verdict == Verdict::Accepted {
                let links = ledger.state().links();
                let state = write::state(&header.names, base, links);
                record.state = Some(StateText::Entries(state));
            }
            records.push(record);
        }
        write::document(&header, &records).ok()
    }

    fn transactions(&self) -> impl Iterator<Item = &Transaction> {
        let rungs = self.found.rungs.iter().map(|rung| &rung.transaction);
        rungs.chain([&self.found.payment])
    }

    fn notes(&self) -> impl Iterator<Item = String> {
        let rungs = self.found.rungs.iter().map(|rung| rung_words(self.structure, rung));
        let payment = payment_words(self.structure, self.target, &self.found.payment);
        rungs.chain([payment])
    }

    /// What these keys can do before the first step.
    fn check(&self) -> Check {
        let can = |view| Some(can_spend(self.structure, self.target, &self.ids, view));
        let ability = Ability {
            account: self.target,
            keys: self.ids.clone(),
            now: can(View::Now),
            eventually: can(View::Eventually),
        };
        Check { can_spend: Some(ability), ..Check::default() }
    }

    fn description(&self) -> String {
        let (account, count) = (self.structure.name(self.target), self.ids.len());
        let all = count_of(self.found.rungs.len() + 1, "transaction");
        let keys = count_of(count, "key");
        match self.purpose {
            Purpose::Takeover => format!("{keys} cannot pay from {account}, but {all} do it."),
            Purpose::Recovery => format!("The {keys} that are left pay from {account} by {all}."),
            Purpose::Unwinding => format!(
                "No aggregate holds the signatures that {account} needs; {all} from below do it."
            ),
        }
    }
}

/// `1 key`, `2 keys`.
pub fn count_of(count: usize, what: &str) -> String {
    crate::unit::count_of(count as u64, what)
}

/// The protocol's cap on signatures, the signer included; `None` where it has none.
pub fn cap(protocol: &Protocol) -> Option<usize> {
    protocol.max_signatures().map(|most| most as usize)
}

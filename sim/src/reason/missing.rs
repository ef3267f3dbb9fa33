//! Which signatures are missing: what a transaction still asks for once those it has are counted.
//!
//! What an account asks for is a gate over its cosignatories, with the thresholds that the rules take
//! for this kind of change. Keys that signed are taken out of the gates, and what is left is given to
//! the analysis: it knows the fewest keys, the minimal sets and their number.

use std::cell::RefCell;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::account::{AccountId, Accounts, PerAccount};
use crate::analysis::{Budget, Options, Structure, signers};
use crate::ledger::View;
use crate::protocol::{Protocol, Switches, Threshold};

/// Most minimal sets that are listed.
pub const SETS_MAX: usize = 20;

/// Signatures that would complete something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Missing {
    /// The fewest keys that complete it; none where no signatures do.
    pub fewest: Option<usize>,
    /// Whether fewer than these were proved to be too few.
    #[serde(skip_serializing_if = "is_true", default = "yes")]
    pub proved: bool,
    /// Minimal sets of keys that complete it, the smallest first; at most 20 of them.
    pub sets: Vec<Vec<String>>,
    /// How many minimal sets there are, in digits; absent where they could not be counted.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub count: Option<String>,
}

fn is_true(value: &bool) -> bool {
    *value
}

const fn yes() -> bool {
    true
}

impl Missing {
    /// Nothing is missing.
    #[must_use]
    pub fn nothing() -> Self {
        let (sets, count) = (vec![Vec::new()], Some("1".to_owned()));
        Self { fewest: Some(0), proved: true, sets, count }
    }

    /// No signatures complete it.
    #[must_use]
    pub fn never() -> Self {
        Self { fewest: None, proved: true, sets: Vec::new(), count: Some("0".to_owned()) }
    }
}

/// A gate: its name, twice how many of its children it asks for, and their names.
type Gate = (String, u32, u32, Vec<String>);

/// Solves what demands ask for; what was asked before is not solved again.
pub struct Solver {
    budget: Budget,
    solved: RefCell<Vec<(Vec<Gate>, Missing)>>,
}

impl Solver {
    /// With so much work for each demand.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        Self { budget, solved: RefCell::default() }
    }

    /// What completes the last of these gates.
    fn missing(&self, gates: Vec<Gate>, top: &str) -> Missing {
        let before = self.solved.borrow().iter().find(|entry| entry.0 == gates).cloned();
        if let Some((_, missing)) = before {
            return missing;
        }
        let unknown = Missing { fewest: None, proved: false, sets: Vec::new(), count: None };
        let missing = solve(&gates, top, self.budget).unwrap_or(unknown);
        self.solved.borrow_mut().push((gates, missing.clone()));
        missing
    }
}

/// What is left of an account's demand.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Rest {
    Done,
    Never,
    Asks(String),
}

/// Demands of one or several accounts, possibly in several states, with the signed keys taken out.
pub struct Demand<'a> {
    accounts: &'a Accounts,
    signed: &'a [AccountId],
    /// Whose signatures count.
    eligible: &'a PerAccount<bool>,
    /// Keys that cannot sign any more.
    unable: &'a [AccountId],
    gates: Vec<Gate>,
    all: Vec<Rest>,
}

impl<'a> Demand<'a> {
    /// No demand yet. A signature of an account that is not `eligible` counts for nothing, and none is
    /// asked of it.
    #[must_use]
    pub fn new(
        accounts: &'a Accounts,
        signed: &'a [AccountId],
        eligible: &'a PerAccount<bool>,
        unable: &'a [AccountId],
    ) -> Self {
        Self { accounts, signed, eligible, unable, gates: Vec::new(), all: Vec::new() }
    }

    /// Demands that `account` is satisfied by this threshold, on Catapult.
    pub fn account<V: View>(
        &mut self,
        view: &V,
        switches: &Switches,
        account: AccountId,
        threshold: Threshold,
    ) {
        let mut known = BTreeMap::new();
        let rest = self.rest(view, switches, account, threshold, &mut known);
        self.all.push(rest);
    }

    /// Demands so many signatures of these keys, as NIS1 does.
    pub fn some_of(&mut self, needed: u32, keys: impl Iterator<Item = AccountId>) {
        let rests: Vec<Rest> = keys.map(|key| self.key(key)).collect();
        let rest = self.gate(needed, rests);
        self.all.push(rest);
    }

    /// Whether nothing is missing.
    #[must_use]
    pub fn is_satisfied(&self) -> bool {
        self.all.iter().all(|rest| *rest == Rest::Done)
    }

    fn key(&self, key: AccountId) -> Rest {
        let eligible = self.eligible.0.get(key.index()).copied().unwrap_or(false);
        if eligible && self.signed.contains(&key) {
            Rest::Done
        } else if !eligible || self.unable.contains(&key) {
            Rest::Never
        } else {
            Rest::Asks(self.accounts.label(key).to_owned())
        }
    }

    fn rest<V: View>(
        &mut self,
        view: &V,
        switches: &Switches,
        account: AccountId,
        threshold: Threshold,
        known: &mut BTreeMap<(AccountId, u8), Rest>,
    ) -> Rest {
        if !view.is_multisig(account) {
            return self.key(account);
        }
        if let Some(rest) = known.get(&(account, threshold as u8)) {
            return rest.clone();
        }
        let minima = view.minima(account);
        let needed = threshold.of(minima.approval, minima.removal);
        let below = if switches.pass_down { threshold } else { Threshold::Approval };
        let cosignatories: Vec<AccountId> = view.cosignatories(account).collect();
        let rests = cosignatories
            .into_iter()
            .map(|cosignatory| self.rest(view, switches, cosignatory, below, known))
            .collect();
        let rest = self.gate(needed, rests);
        known.insert((account, threshold as u8), rest.clone());
        rest
    }

    /// At least `needed` of these.
    fn gate(&mut self, needed: u32, rests: Vec<Rest>) -> Rest {
        let done = rests.iter().filter(|rest| **rest == Rest::Done).count();
        let asks: Vec<String> = rests
            .into_iter()
            .filter_map(|rest| match rest {
                Rest::Asks(name) => Some(name),
                Rest::Done | Rest::Never => None,
            })
            .collect();
        let needed = (needed as usize).saturating_sub(done);
        if needed == 0 {
            return Rest::Done;
        }
        if needed > asks.len() {
            return Rest::Never;
        }
        // No account is named by a control character, so a gate's name is nobody's.
        let name = format!("\u{1}{}", self.gates.len());
        let needed = needed as u32;
        self.gates.push((name.clone(), needed, needed, asks));
        Rest::Asks(name)
    }

    /// What completes all demands.
    #[must_use]
    pub fn missing(mut self, solver: &Solver) -> Missing {
        if self.is_satisfied() {
            return Missing::nothing();
        }
        let all = std::mem::take(&mut self.all);
        if all.contains(&Rest::Never) {
            return Missing::never();
        }
        let mut asks: Vec<String> = all
            .into_iter()
            .filter_map(|rest| match rest {
                Rest::Asks(name) => Some(name),
                _ => None,
            })
            .collect();
        asks.sort();
        asks.dedup();
        if let ([only], true) = (asks.as_slice(), self.gates.is_empty()) {
            let (sets, count) = (vec![vec![only.clone()]], Some("1".to_owned()));
            return Missing { fewest: Some(1), proved: true, sets, count };
        }
        let top = format!("\u{1}{}", self.gates.len());
        let needed = asks.len() as u32;
        self.gates.push((top.clone(), needed, needed, asks));
        solver.missing(self.gates, &top)
    }
}

/// Asks the analysis for the minimal sets of the gate `top`.
fn solve(gates: &[Gate], top: &str, budget: Budget) -> Option<Missing> {
    // Every threshold is written out, so any protocol with two thresholds will do.
    let protocol = Protocol::preset("symbol-mainnet")?;
    let structure = Structure::new(gates.iter().cloned(), &protocol).ok()?;
    let target = structure.target(top)?;
    let options = Options { list_max: 2_000, digest_max: 0, budget };
    let spend = signers(&structure, target, &options)?;
    let mut sets = spend.sets.unwrap_or_else(|| vec![spend.fewest.keys.clone()]);
    sets.truncate(SETS_MAX);
    Some(Missing {
        fewest: Some(spend.fewest.keys.len()),
        proved: spend.fewest.exact().is_some(),
        sets,
        count: spend.count.map(|count| count.to_string()),
    })
}

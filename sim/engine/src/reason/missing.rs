//! Which signatures are missing: what a transaction still asks for once those it has are counted.
//!
//! What an account asks for is a gate over its cosignatories, with the thresholds that the rules take
//! for this kind of change. Keys that signed are taken out of the gates, and what is left is given to
//! the analysis: it knows the fewest keys, the minimal sets and their number.

use std::cell::RefCell;
use std::rc::Rc;

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use crate::account::{AccountId, Accounts, PerAccount};
use crate::analysis::{Budget, DemandGate, Demanded, Work, demanded, fewest_demanded};
use crate::ledger::View;
use crate::protocol::{Switches, Threshold};

/// Most minimal sets that are listed.
const SETS_MAX: usize = 20;
/// Most names in a list of several sets: far more than any transaction carries.
const NAMES_MAX: usize = 1_000;

/// Signatures that would complete something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Missing {
    /// The fewest keys that complete it; none where no signatures do.
    pub fewest: Option<usize>,
    /// Whether fewer than these were proved to be too few.
    #[serde(skip_serializing_if = "is_true", default = "yes")]
    pub proved: bool,
    /// Minimal sets of keys that complete it, the smallest first: the first 20, and fewer where they are
    /// so large that they name more than 1,000 keys together.
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

/// What stands behind a gate: a key, or a gate before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Member {
    Key(AccountId),
    Gate(usize),
}

/// At least so many of these.
type Gate = (u32, Vec<Member>);

/// Most solutions that are kept.
const SOLVED_MAX: usize = 1_000;

/// How many keys there are, and the gates over them.
type Asked = (usize, Vec<DemandGate>);

/// Solves what demands ask for. What was asked before, be it of other keys, is not solved again.
pub struct Solver {
    budget: Budget,
    solved: RefCell<HashMap<Asked, Rc<Demanded>, foldhash::fast::FixedState>>,
}

impl Solver {
    /// With so much work for each demand.
    #[must_use]
    pub fn new(budget: Budget) -> Self {
        Self { budget, solved: RefCell::default() }
    }

    /// The sets of keys that the last of these gates asks for.
    fn solve(&self, asked: Asked) -> Rc<Demanded> {
        let mut solved = self.solved.borrow_mut();
        if let Some(found) = solved.get(&asked) {
            return Rc::clone(found);
        }
        if solved.len() >= SOLVED_MAX {
            solved.clear();
        }
        let found = Rc::new(demanded(asked.0, &asked.1, SETS_MAX, self.budget));
        solved.insert(asked, Rc::clone(&found));
        found
    }
}

/// What is left of an account's demand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Rest {
    Done,
    Never,
    Asks(Member),
}

/// What is left of the demands of accounts, by account and threshold.
type Known = HashMap<(AccountId, u8), Rest, foldhash::fast::FixedState>;

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

    /// Demands that `account` is satisfied by this threshold, on Catapult. Returns how many of its
    /// cosignatories agree; of a plain account 1 where it signed itself.
    pub fn account<V: View>(
        &mut self,
        view: &V,
        switches: &Switches,
        account: AccountId,
        threshold: Threshold,
    ) -> u32 {
        let (rest, agreed) = self.rest(view, switches, account, threshold, &mut Known::default());
        self.all.push(rest);
        agreed
    }

    /// Demands so many signatures of these keys, as NIS1 does. Returns how many of them signed.
    pub fn some_of(&mut self, needed: u32, keys: impl Iterator<Item = AccountId>) -> u32 {
        let rests = keys.map(|key| self.key(key)).collect();
        let (rest, agreed) = self.gate(needed, rests);
        self.all.push(rest);
        agreed
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
            Rest::Asks(Member::Key(key))
        }
    }

    /// What is left of an account's demand, and how many of its cosignatories agree.
    fn rest<V: View>(
        &mut self,
        view: &V,
        switches: &Switches,
        account: AccountId,
        threshold: Threshold,
        known: &mut Known,
    ) -> (Rest, u32) {
        if !view.is_multisig(account) {
            let rest = self.key(account);
            return (rest, u32::from(rest == Rest::Done));
        }
        let minima = view.minima(account);
        let needed = threshold.of(minima.approval, minima.removal);
        let below = if switches.pass_down { threshold } else { Threshold::Approval };
        let mut rests = Vec::with_capacity(view.cosignatory_count(account) as usize);
        for cosignatory in view.cosignatories(account) {
            let place = (cosignatory, below as u8);
            let rest = match known.get(&place) {
                Some(&rest) => rest,
                None => {
                    let (rest, _) = self.rest(view, switches, cosignatory, below, known);
                    if view.is_multisig(cosignatory) {
                        known.insert(place, rest);
                    }
                    rest
                }
            };
            rests.push(rest);
        }
        self.gate(needed, rests)
    }

    /// At least `needed` of these, and how many of them are done.
    fn gate(&mut self, needed: u32, rests: Vec<Rest>) -> (Rest, u32) {
        let done = rests.iter().filter(|rest| **rest == Rest::Done).count() as u32;
        let asks: Vec<Member> = rests
            .into_iter()
            .filter_map(|rest| match rest {
                Rest::Asks(member) => Some(member),
                Rest::Done | Rest::Never => None,
            })
            .collect();
        let open = needed.saturating_sub(done);
        let rest = match open {
            0 => Rest::Done,
            _ if open as usize > asks.len() => Rest::Never,
            _ => {
                self.gates.push((open, asks));
                Rest::Asks(Member::Gate(self.gates.len() - 1))
            }
        };
        (rest, done)
    }

    /// What completes all demands.
    #[must_use]
    pub fn missing(mut self, solver: &Solver) -> Missing {
        match self.close() {
            Rest::Done => Missing::nothing(),
            Rest::Never => Missing::never(),
            Rest::Asks(_) => missing(self.accounts, &self.gates, solver),
        }
    }

    /// As few keys as were found within the work that complete all demands; `None` where no keys do.
    pub fn fewest(mut self, work: &Work) -> Option<Vec<AccountId>> {
        match self.close() {
            Rest::Done => Some(Vec::new()),
            Rest::Never => None,
            Rest::Asks(_) => {
                let (keys, gates) = numbered(self.accounts, &self.gates);
                let found = fewest_demanded(keys.len(), &gates, work);
                Some(found.into_iter().filter_map(|key| keys.get(key).copied()).collect())
            }
        }
    }

    /// All demands as one, the last gate.
    fn close(&mut self) -> Rest {
        if self.is_satisfied() {
            return Rest::Done;
        }
        if self.all.contains(&Rest::Never) {
            return Rest::Never;
        }
        let mut asks: Vec<Member> = Vec::new();
        for rest in &self.all {
            match *rest {
                Rest::Asks(member) if !asks.contains(&member) => asks.push(member),
                _ => {}
            }
        }
        self.gates.push((asks.len() as u32, asks));
        Rest::Asks(Member::Gate(self.gates.len() - 1))
    }
}

/// The keys that the last of these gates asks for, in the order of their names, and the gates over their
/// numbers.
fn numbered(accounts: &Accounts, gates: &[Gate]) -> (Vec<AccountId>, Vec<DemandGate>) {
    let used = used(gates);
    let reached = || gates.iter().zip(&used).filter(|(_, used)| **used).map(|(gate, _)| gate);
    let members = reached().flat_map(|(_, members)| members);
    let mut keys: Vec<AccountId> = members
        .filter_map(|member| match *member {
            Member::Key(key) => Some(key),
            Member::Gate(_) => None,
        })
        .collect();
    // Accounts are numbered in the order of their names.
    keys.sort_unstable();
    keys.dedup();
    let mut numbers: PerAccount<usize> = PerAccount::new(accounts.len());
    keys.iter().zip(0..).for_each(|(&key, number)| numbers[key] = number);
    let mut places = vec![0; gates.len()];
    let kept = places.iter_mut().zip(&used).filter(|(_, used)| **used);
    kept.zip(keys.len()..).for_each(|((place, _), number)| *place = number);
    let number = |member: &Member| match *member {
        Member::Key(key) => numbers[key],
        Member::Gate(gate) => places.get(gate).copied().unwrap_or_default(),
    };
    let gate = |(needed, members): &Gate| DemandGate {
        needed: *needed as usize,
        of: members.iter().map(number).collect(),
    };
    let gates = reached().map(gate).collect();
    (keys, gates)
}

/// What completes the last of these gates.
fn missing(accounts: &Accounts, gates: &[Gate], solver: &Solver) -> Missing {
    let (keys, gates) = numbered(accounts, gates);
    let found = solver.solve((keys.len(), gates));
    let name = |key: &usize| keys.get(*key).map_or("", |&key| accounts.label(key)).to_owned();
    let mut names = 0;
    let few = |set: &&Vec<usize>| {
        names += set.len();
        names <= NAMES_MAX || names == set.len()
    };
    let sets = found.sets.iter().take_while(few);
    Missing {
        fewest: Some(found.fewest),
        proved: found.proved,
        sets: sets.map(|set| set.iter().map(name).collect()).collect(),
        count: found.count.as_ref().map(|count| count.to_string()),
    }
}

/// Which gates the last one asks, through others; those that were satisfied otherwise are left out.
fn used(gates: &[Gate]) -> Vec<bool> {
    let mut used = vec![false; gates.len()];
    used.last_mut().into_iter().for_each(|last| *last = true);
    for (place, (_, members)) in gates.iter().enumerate().rev() {
        if used.get(place) != Some(&true) {
            continue;
        }
        for member in members {
            if let Member::Gate(gate) = *member {
                used.get_mut(gate).into_iter().for_each(|one| *one = true);
            }
        }
    }
    used
}

//! One question about one side of an account, without all the others.

use std::collections::BTreeMap;

use super::super::Budget;
use super::super::budget::Work;
use super::super::groups::Event;
use super::super::plan::Plan;
use super::super::policy::Policy;
use super::super::scaled::{Chance, Scaled};
use super::super::signatures;
use super::super::structure::{Structure, View};
use super::{
    Asked, DIAGRAM_PART, FEWEST_PART, Fewest, LIST_PART, Likelihood, Options, PLAN_PART, Side,
};
use crate::account::AccountId;

/// The sets of keys that `target` asks for now, without what their loss does; `None` where no keys are
/// enough.
#[must_use]
pub fn signers(structure: &Structure, target: AccountId, options: &Options) -> Option<Side> {
    let (policy, keys) = Policy::of(structure, target, View::Now);
    if policy.nodes() == 0 {
        return None;
    }
    let names = keys.iter().map(|&key| structure.name(key)).collect();
    let asked = Asked { names, loss: None, compromise: None, options };
    let work = Work::new(options.budget);
    let plan = work.part(PLAN_PART, |work| Plan::new(policy, work));
    let fewest = work.part(FEWEST_PART, |work| signatures::fewest(&plan, work));
    let sets = work.part(LIST_PART, |work| asked.sets(&plan, work));
    Some(asked.side(&plan, sets, (&fewest, &fewest), None, &work))
}

/// The fewest keys that spend (`Event::Theft`), or whose loss locks (`Event::Loss`), and how many units of
/// work it took to find them; `None` where the keys left do not spend, all together.
#[must_use]
pub fn fewest_keys(
    structure: &Structure,
    target: AccountId,
    view: View,
    event: Event,
    budget: &Budget,
) -> (Option<Fewest>, u64) {
    let (policy, keys) = Policy::of(structure, target, view);
    if policy.nodes() == 0 {
        return (None, 0);
    }
    let policy = if event == Event::Loss { policy.dual() } else { policy };
    let work = Work::new(*budget);
    let plan = work.part(PLAN_PART, |work| Plan::new(policy, work));
    let found = signatures::fewest(&plan, &work);
    let name = |&key: &usize| keys.get(key).map_or("", |&id| structure.name(id)).to_owned();
    let lower = usize::try_from(found.lower).unwrap_or(usize::MAX);
    (Some(Fewest { keys: found.members.iter().map(name).collect(), lower }), work.used())
}

/// How likely it is that keys that spend are stolen, or that so many are lost that the others do not
/// spend; `chances` by the names of the keys. `None` where that of a key is not known.
pub(in super::super) fn likelihood_of(
    structure: &Structure,
    target: AccountId,
    view: View,
    event: Event,
    chances: &BTreeMap<String, f64>,
    options: &Options,
) -> Option<Likelihood> {
    let (policy, keys) = Policy::of(structure, target, view);
    let names: Vec<&str> = keys.iter().map(|&key| structure.name(key)).collect();
    let found = names.iter().map(|&name| chances.get(name).copied().map(Chance::new));
    let found: Vec<Chance> = found.collect::<Option<_>>()?;
    let asked = Asked { names, loss: None, compromise: None, options };
    let work = Work::new(options.budget);
    if policy.nodes() == 0 {
        let value = if event == Event::Loss { Scaled::ONE } else { Scaled::ZERO };
        return Some(Likelihood { low: value, high: value });
    }
    let mut plan = work.part(PLAN_PART, |work| Plan::new(policy, work));
    work.part(DIAGRAM_PART, |work| plan.prepare(work));
    let dual = plan.dual();
    let (plan, dual) = if event == Event::Loss { (dual, plan) } else { (plan, dual) };
    let [fewest, against] =
        [&plan, &dual].map(|plan| work.part(FEWEST_PART, |work| signatures::fewest(plan, work)));
    Some(asked.likelihood(&plan, &found, (&fewest, &against), &work).0)
}

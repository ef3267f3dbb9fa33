//! Changing the keys: the transactions that lead from one state of accounts to another.
//!
//! A plan is as short as the rules allow, and of equally short plans it opens the narrowest windows. A
//! *window* is a state between two transactions in which some set of keys can do, now or eventually, what
//! it can do neither before nor after the change, or in which all keys together no longer do what they do
//! before and after. Whatever happens inside one transaction nobody sees.
//!
//! # How it is found
//!
//! The accounts connected with a change are taken out and searched with the ledger's own rules. What one
//! transaction can do is a search over modifications that the same keys sign; transactions are searched by
//! A*. That a plan is the shortest is proved among all plans that use these accounts and their keys and no
//! others. The plan is replayed on a ledger before it is handed out.

mod answer;
mod author;
mod judge;
mod mover;
mod narrow;
mod power;
mod search;
mod signers;
mod why;
mod world;

pub use answer::{Plan, PlannedModification, Transaction, Window};

use crate::account::{AccountId, Accounts};
use crate::analysis::{Budget, Work};
use crate::ledger::{Entry, Genesis, Ledger, Minima};
use crate::protocol::Protocol;
use crate::replay::ProtocolId;
use crate::version::Version;

use author::Draft;
pub(crate) use author::moved;
use mover::Mover;
use narrow::Order;
use power::Width;
use search::{Outcome, Path};
use world::{Scope, World};

/// What is to be changed.
#[derive(Clone, Debug)]
pub struct Task {
    /// The protocol that both states live under.
    pub protocol: Protocol,
    /// The names of all accounts of either state.
    pub accounts: Accounts,
    /// How everything stands before.
    pub old: Genesis,
    /// The multisig accounts afterwards.
    pub new: Vec<Entry>,
    /// Keys that nobody can sign with any more.
    pub lost: Vec<AccountId>,
    /// Keys that a thief holds; the plan does not ask them.
    pub stolen: Vec<AccountId>,
}

/// Accounts by name: min approval, min removal (on NIS1 both `min_cosignatories`), cosignatories.
pub type Account = (String, u32, u32, Vec<String>);

/// The multisig accounts as a ledger has them; `accounts` holds all their names.
#[must_use]
pub fn entries(rows: &[Account], protocol: &Protocol, accounts: &Accounts) -> Vec<Entry> {
    let entry = |(name, approval, removal, below): &Account| {
        let removal = protocol.base.stored_removal(*removal);
        Some(Entry {
            account: accounts.find(name)?,
            minima: Minima { approval: *approval, removal },
            cosignatories: below.iter().filter_map(|name| accounts.find(name)).collect(),
        })
    };
    rows.iter().filter(|account| !account.3.is_empty()).filter_map(entry).collect()
}

/// A change that no plan can be made for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PlanError {
    /// The state before is one that no ledger holds.
    #[error("the old accounts: {0}")]
    Old(String),
    /// A plan that was found does not replay; a fault of this program.
    #[error("the plan that was found does not replay: {0}; please report it with both files")]
    Replay(String),
}

/// A part of a plan: the states between its transactions, among the accounts of a world.
struct Route<'t> {
    world: World<'t>,
    path: Path,
    narrowest: bool,
}

/// The result for a part of the task.
enum Found<'t> {
    Route(Box<Route<'t>>),
    Never(String),
    Undecided,
}

/// The transactions from the old state to the new one.
///
/// # Errors
/// An old state that no ledger holds.
pub fn plan(task: &Task, budget: &Budget) -> Result<Plan, PlanError> {
    let named = |error: crate::ledger::GenesisError| named(&task.accounts, &error);
    Ledger::from_genesis(task.protocol.clone(), &task.old)
        .map_err(|error| PlanError::Old(named(error)))?;
    let mut answer = Plan::empty(task);
    let new = Genesis { entries: task.new.clone(), ..Genesis::of_accounts(task.accounts.len()) };
    if let Err(error) = Ledger::from_genesis(task.protocol.clone(), &new) {
        answer.why = Some(format!("{} allows no such state: {}", task.protocol.name, named(error)));
        return Ok(answer);
    }
    let parts = parts(task);
    let routes_budget = budget.part(ROUTES_PART);
    let mut routes = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let budget = routes_budget.part(1.0 / (parts.len() - at) as f64);
        match route(part, &budget) {
            Found::Route(route) => routes.push(*route),
            Found::Never(why) => {
                answer.why = Some(why);
                return Ok(answer);
            }
            Found::Undecided => {
                answer.complete = false;
                answer.why = Some("the work ended before a plan was found".to_owned());
                return Ok(answer);
            }
        }
    }
    let rest = budget.share(1.0 - ROUTES_PART);
    Draft::new(task, &routes, budget.work).finish(answer, &Work::new(rest))
}

/// The part of the work and time for finding the transactions; the rest is for who signs them and for the
/// windows between them.
const ROUTES_PART: f64 = 0.8;

/// The accounts of a genesis error by name.
fn named(accounts: &Accounts, error: &crate::ledger::GenesisError) -> String {
    match error {
        crate::ledger::GenesisError::Entry { account, what } => {
            format!("`{}` {what}", accounts.label(*account))
        }
        other => other.to_string(),
    }
}

/// The task in parts that do not depend on each other: where a transaction modifies one account only,
/// the accounts that are not each other's cosignatories.
fn parts(task: &Task) -> Vec<Task> {
    let changed = world::changed(task);
    if task.protocol.base.has_aggregates() || changed.is_empty() {
        return if changed.is_empty() { Vec::new() } else { vec![task.clone()] };
    }
    let below = |account: AccountId| {
        let rows = task.old.entries.iter().chain(&task.new);
        let own = rows.filter(move |entry| entry.account == account);
        own.flat_map(|entry| entry.cosignatories.iter().copied())
    };
    let mut groups: Vec<Vec<AccountId>> = Vec::new();
    for &account in &changed {
        let linked = |group: &Vec<AccountId>| {
            let linked = |&other: &AccountId| {
                below(account).any(|one| one == other) || below(other).any(|one| one == account)
            };
            group.iter().any(linked)
        };
        let (joined, apart): (Vec<_>, Vec<_>) = groups.into_iter().partition(linked);
        groups = apart;
        groups.push(joined.into_iter().flatten().chain([account]).collect());
    }
    groups.sort();
    groups.iter().map(|group| only(task, group)).collect()
}

/// The task as if these accounts alone changed.
fn only(task: &Task, group: &[AccountId]) -> Task {
    let kept = task.old.entries.iter().filter(|entry| !group.contains(&entry.account));
    let new = task.new.iter().filter(|entry| group.contains(&entry.account));
    Task { new: kept.chain(new).cloned().collect(), ..task.clone() }
}

/// The part of the work for the fewest transactions; the rest is for the narrowest windows.
const SEARCH_PART: f64 = 0.5;

/// The worlds of a task, each with more that can be tried than the one before; none where the accounts
/// are too many.
fn worlds(task: &Task) -> Vec<World<'_>> {
    let mut worlds: Vec<World<'_>> = Vec::new();
    for world in Scope::ALL.into_iter().filter_map(|scope| World::new(task, scope)) {
        if !worlds.last().is_some_and(|last| last.is_like(&world)) {
            worlds.push(world);
        }
    }
    worlds
}

/// The shortest route of a part with the narrowest windows.
fn route<'t>(task: &'t Task, budget: &Budget) -> Found<'t> {
    let mut worlds = worlds(task);
    let Some(first) = worlds.first() else { return Found::Undecided };
    if let Some(cause) = why::cause(first) {
        return Found::Never(cause);
    }
    let share = SEARCH_PART / worlds.len() as f64;
    let mut best: Option<(usize, Path)> = None;
    let mut decided = false;
    for (at, world) in worlds.iter().enumerate() {
        let work = Work::new(budget.part(share));
        let mut mover = Mover::new(world, &work);
        decided = match mover.shortest() {
            Outcome::Found(path) => {
                let least = path.signers.len() == mover.least(&world.old, &world.new);
                let proved = path.proved;
                if best.as_ref().is_none_or(|(_, best)| path.signers.len() < best.signers.len()) {
                    best = Some((at, path));
                }
                if least {
                    decided = true;
                    break;
                }
                proved
            }
            Outcome::Impossible => true,
            Outcome::Undecided => false,
        };
    }
    match (best, decided) {
        (Some((at, path)), proved) => {
            let (at, path, narrowest) = narrowest(&worlds, (at, Path { proved, ..path }), budget);
            Found::Route(Box::new(Route { world: worlds.swap_remove(at), path, narrowest }))
        }
        (None, true) => Found::Never(why::never(first)),
        (None, false) => Found::Undecided,
    }
}

/// Of the plans as long as this one the narrowest that is found, in which of the worlds, and whether it
/// is proved to be.
fn narrowest(
    worlds: &[World<'_>],
    (at, path): (usize, Path),
    budget: &Budget,
) -> (usize, Path, bool) {
    let (length, proved) = (path.signers.len(), path.proved);
    if length < 2 {
        return (at, path, true);
    }
    let mut best: Option<(usize, Path, Width)> = None;
    let mut exact = false;
    let tried = worlds.iter().enumerate().skip(at);
    let share = (1.0 - SEARCH_PART) / (worlds.len() - at) as f64;
    for ((place, world), (order, part)) in tried.flat_map(|one| ORDERS.map(|order| (one, order))) {
        let work = Work::new(budget.part(share * part));
        let mut mover = Mover::new(world, &work);
        if best.is_none() {
            best = mover.width_of(&path).map(|width| (at, path.clone(), width));
        }
        let found = mover.layered(length, order);
        exact = order == Order::All && found.as_ref().is_some_and(|found| found.complete);
        if let Some(found) = found
            && best.as_ref().is_none_or(|best| found.width < best.2)
        {
            best = Some((place, found.path, found.width));
        }
        if best.as_ref().is_some_and(|best| best.2.is_none()) {
            exact = true;
            break;
        }
    }
    let (at, path) = best.map_or((at, path), |best| (best.0, best.1));
    (at, Path { proved, ..path }, exact)
}

/// The searches for the narrowest windows, and the part of the work that each may take.
const ORDERS: [(Order, f64); 3] = [(Order::Ahead, 0.2), (Order::Direct, 0.3), (Order::All, 0.5)];

impl Plan {
    /// An answer that says nothing yet.
    fn empty(task: &Task) -> Self {
        let (thief, lost) = (why::thief(task), task.lost.iter());
        let label = |&id: &AccountId| task.accounts.label(id).to_owned();
        Self {
            possible: false,
            why: None,
            shortest: false,
            narrowest: false,
            complete: true,
            transactions: Vec::new(),
            windows: Vec::new(),
            windows_complete: true,
            lost: lost.map(label).collect(),
            stolen: task.stolen.iter().map(label).collect(),
            thief,
            notes: Vec::new(),
            scenario: None,
            protocol: ProtocolId::of(&task.protocol),
            version: Version::default(),
        }
    }
}

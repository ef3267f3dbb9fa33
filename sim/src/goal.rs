//! Goals: which losses an account must survive and which thefts it must resist, and the smallest changes
//! that get it there.
//!
//! Everything is meant eventually, after any chain of transactions: a loss is survived while the keys that
//! are left can bring the account back, and a theft is resisted while the stolen keys can never spend.
//! Where there are groups of keys, losses and thefts are those of groups.
//!
//! # How the smallest change is found
//!
//! A change is judged by the threshold that counts eventually ([`Protocol::eventual_threshold`]) of each
//! account. Each account has a range of them; the cheapest thresholds within the ranges are tried. If
//! some few keys spend that must not, one of the accounts that they make sign needs a higher threshold than
//! so many; if some losses lock, one of the accounts that do not sign any more needs a lower one. So every
//! set of keys that speaks against a choice divides the ranges, and the ranges are looked at in the order
//! of their cost. What is found first is the smallest, and where no range is left there is none.

mod answer;
mod search;
mod shape;

pub use answer::{
    Advice, Goal, GoalError, Level, Next, PlanLength, Proposal, ProposalKind, Settings, Step,
};

use crate::account::Accounts;
use crate::analysis::{Budget, Event, Group, View, Work};
use crate::ledger::Genesis;
use crate::plan::{Account, Task, entries, plan};
use crate::protocol::Protocol;
use crate::replay::ProtocolId;
use crate::version::Version;

use search::{Cost, Found, Search};
use shape::{Choice, Shape};

/// The accounts as they stand.
#[derive(Clone, Copy, Debug)]
pub struct State<'a> {
    /// The protocol.
    pub protocol: &'a Protocol,
    /// All multisig accounts.
    pub accounts: &'a [Account],
    /// Keys that are lost or stolen together.
    pub groups: &'a [Group],
    /// Keys that nobody can sign with.
    pub lost: &'a [String],
    /// Keys that a thief holds; a plan does not ask them.
    pub stolen: &'a [String],
    /// The account, one of the multisig accounts.
    pub target: &'a str,
}

/// Most thresholds of one shape that are tried.
const TRIED_MAX: usize = 200;
/// How much is answered, and the parts of the work for it.
#[derive(Clone, Copy)]
struct Extent {
    /// Most changes of one kind.
    changes: usize,
    /// The part of the work for the search of one kind of change, and of that for the plan of one change.
    kind: f64,
    plan: f64,
}

const ALL: Extent = Extent { changes: 3, kind: 0.3, plan: 0.05 };
const FIRST: Extent = Extent { changes: 1, kind: 0.4, plan: 0.5 };

/// The smallest changes that reach a goal.
///
/// # Errors
/// Accounts that make no structure, or a target that is none of the multisig accounts.
pub fn advice(state: &State<'_>, goal: Goal, budget: &Budget) -> Result<Advice, GoalError> {
    let own = Shape::own(state)?;
    let work = Work::new(*budget);
    let mut adviser = Adviser::new(state, goal, ALL, &work);
    let has = adviser.level(&own, &[]);
    let met = adviser.meets(has);
    let mut changes: Vec<Proposal> = Vec::new();
    let mut why = Vec::new();
    if met == Some(false) {
        why.extend(too_few(&own, goal));
        for kind in [ProposalKind::Thresholds, ProposalKind::Key, ProposalKind::Level] {
            let found = match why.is_empty() || kind != ProposalKind::Thresholds {
                true => adviser.kind(kind, &own, &changes, &mut why),
                false => Vec::new(),
            };
            changes.extend(found);
        }
        why.append(&mut adviser.rejected);
    }
    Ok(Advice {
        account: state.target.to_owned(),
        want: goal,
        counted: own.counted(),
        count: own.units(),
        has,
        met,
        why: if changes.is_empty() { why } else { Vec::new() },
        changes,
        complete: adviser.complete && met.is_some(),
        protocol: ProtocolId::of(state.protocol),
        version: Version::default(),
    })
}

/// What the next better level costs: the smallest changes of thresholds by which one loss more is survived,
/// and one theft more resisted. `None` where the account is locked, or the work is not enough to tell.
///
/// # Errors
/// As [`advice`].
pub fn next(state: &State<'_>, budget: &Budget) -> Result<Option<Next>, GoalError> {
    let own = Shape::own(state)?;
    let work = Work::new(*budget);
    let adviser = |goal| Adviser::new(state, goal, FIRST, &work);
    let none = Goal { survive: 0, resist: 0 };
    let has = adviser(none).level(&own, &[]);
    let Some((survive, resist)) = has.survive.zip(has.resist) else { return Ok(None) };
    let step = |goal: Goal| {
        let mut adviser = adviser(goal);
        let mut why: Vec<String> = too_few(&own, goal).into_iter().collect();
        let found = match why.is_empty() {
            true => adviser.kind(ProposalKind::Thresholds, &own, &[], &mut why),
            false => Vec::new(),
        };
        why.append(&mut adviser.rejected);
        let change = found.into_iter().next();
        let why = if change.is_none() { why.into_iter().next() } else { None };
        (change.is_some() || adviser.complete).then_some(Step { want: goal, change, why })
    };
    let better = step(Goal { survive: survive + 1, resist: 0 });
    let safer = step(Goal { survive: 0, resist: resist + 1 });
    let counted = own.counted();
    Ok(better.zip(safer).map(|(survive, resist)| Next { counted, has, survive, resist }))
}

/// The fact that so few keys cannot reach the goal, whatever their thresholds are.
fn too_few(own: &Shape<'_>, goal: Goal) -> Option<String> {
    let (units, what) = (own.units(), own.counted());
    let needed = goal.survive + goal.resist + 1;
    (units < needed).then(|| {
        let Goal { survive, resist } = goal;
        let asked = match (survive, resist) {
            (0, resist) => format!("{resist} stolen must not spend"),
            (survive, 0) => format!("what is left after {survive} lost must spend"),
            _ => {
                format!("what is left after {survive} lost must spend and {resist} stolen must not")
            }
        };
        let are = if units == 1 { "is" } else { "are" };
        format!("{asked}: that takes at least {needed} {what}, and there {are} {units}")
    })
}

/// Looks for changes that reach one goal.
struct Adviser<'a> {
    state: &'a State<'a>,
    goal: Goal,
    extent: Extent,
    work: &'a Work,
    /// Which limits and plans forbid changes that would do.
    rejected: Vec<String>,
    complete: bool,
}

impl<'a> Adviser<'a> {
    fn new(state: &'a State<'a>, goal: Goal, extent: Extent, work: &'a Work) -> Self {
        Self { state, goal, extent, work, rejected: Vec::new(), complete: true }
    }

    /// How many losses are survived and thefts resisted, of all that are not known to be more.
    fn level(&self, shape: &Shape<'_>, choices: &[Choice]) -> Level {
        let of = |event, view| {
            let (found, used) = shape.fewest(choices, event, view, &self.work.left());
            self.work.add(used);
            found
        };
        let number = |event, view| of(event, view).and_then(|found| Some(found.exact()? - 1));
        let survive = number(Event::Loss, View::Eventually);
        Level {
            survive,
            survive_now: number(Event::Loss, View::Now),
            resist: match survive {
                None if shape.is_locked(choices) => Some(shape.units()),
                _ => number(Event::Theft, View::Eventually),
            },
        }
    }

    fn meets(&self, has: Level) -> Option<bool> {
        // of a locked account nothing is survived
        let survive = has.survive.map_or(Some(false), |has| Some(has >= self.goal.survive));
        Some(survive? && has.resist? >= self.goal.resist)
    }

    /// The smallest changes of one kind that cost fewer thresholds than those known.
    fn kind(
        &mut self,
        kind: ProposalKind,
        own: &Shape<'_>,
        known: &[Proposal],
        why: &mut Vec<String>,
    ) -> Vec<Proposal> {
        let below = known.iter().map(Proposal::cost).min();
        let (mut shapes, forbidden) = match kind {
            ProposalKind::Thresholds => (vec![own.clone()], Vec::new()),
            ProposalKind::Key => own.with_a_key(),
            ProposalKind::Level => own.with_a_level_less(),
        };
        let room = !shapes.is_empty();
        shapes.retain(|shape| too_few(shape, self.goal).is_none());
        let mut found: Vec<(&Shape<'_>, Vec<Choice>, Proposal)> = Vec::new();
        let (count, before) = (shapes.len(), std::mem::replace(&mut self.complete, true));
        for (at, shape) in shapes.iter().enumerate() {
            let part = self.extent.kind / (count - at) as f64;
            let budget = self.work.left().part(part);
            let work = Work::new(budget);
            let most = found.first().map(|found| found.2.cost());
            let changes = self.search(shape, kind, (below, most), &work);
            self.work.add(work.used());
            // of no shape more than what is found already
            if changes.first().is_some_and(|first| Some(first.1.cost()) < most) {
                found.clear();
            }
            found.extend(changes.into_iter().map(|(choices, change)| (shape, choices, change)));
        }
        found.truncate(self.extent.changes);
        let decided = std::mem::replace(&mut self.complete, before);
        self.complete &= decided;
        if found.is_empty() && known.is_empty() {
            why.extend(forbidden);
            why.push(match kind {
                _ if !decided => format!("{}: not decided, the work ended first", kind.words()),
                ProposalKind::Thresholds => self.no_thresholds(own),
                ProposalKind::Key if !room => "no account has room for one key more".to_owned(),
                ProposalKind::Key => "one key more is not enough".to_owned(),
                ProposalKind::Level if !room => "no level can be taken out".to_owned(),
                ProposalKind::Level => "one level less is not enough".to_owned(),
            });
        }
        let told = found.into_iter();
        told.map(|(shape, choices, change)| Proposal {
            level: self.level(shape, &choices),
            ..change
        })
        .collect()
    }

    /// The smallest changes of one shape that cost less than `below` and no more than `most`.
    fn search(
        &mut self,
        shape: &Shape<'_>,
        kind: ProposalKind,
        (below, most): (Option<Cost>, Option<Cost>),
        work: &Work,
    ) -> Vec<(Vec<Choice>, Proposal)> {
        let mut search = Search::new(shape, self.goal, work);
        let mut changes: Vec<(Vec<Choice>, Proposal)> = Vec::new();
        for _ in 0..TRIED_MAX {
            match search.next(below, changes.last().map(|last| last.1.cost()).or(most)) {
                Found::Choices(choices) => match self.change(shape, kind, &choices, work) {
                    Ok(change) => changes.push((choices, change)),
                    Err(why) if self.rejected.contains(&why) => {}
                    Err(why) => self.rejected.push(why),
                },
                Found::None => return changes,
                Found::Undecided => break,
            }
            if changes.len() >= self.extent.changes {
                return changes;
            }
        }
        self.complete = false;
        changes
    }

    /// A change with its plan, what it reaches still open, or why it cannot be made.
    fn change(
        &self,
        shape: &Shape<'_>,
        kind: ProposalKind,
        choices: &[Choice],
        work: &Work,
    ) -> Result<Proposal, String> {
        let most = self.state.protocol.max_signatures().map_or(usize::MAX, |most| most as usize);
        let (signs, used) = shape.signatures(choices, &work.left());
        work.add(used);
        if let Some(signs) = signs.filter(|&signs| signs > most) {
            return Err(format!(
                "a payment would need {signs} signatures; an aggregate holds {most} \
                 (max_cosignatures_per_aggregate)"
            ));
        }
        let rows = shape.rows(choices);
        let settings = shape.settings(choices);
        let budget = work.left().part(self.extent.plan);
        // a plan does not say what it took
        work.add(budget.work);
        let plan = self.plan(&rows, &budget)?;
        let level = Level { survive: None, survive_now: None, resist: None };
        Ok(Proposal { kind, settings, level, plan, accounts: shape.changed(&rows) })
    }

    fn plan(&self, rows: &[Account], budget: &Budget) -> Result<PlanLength, String> {
        let state = self.state;
        let all = state.accounts.iter().chain(rows);
        let mut names: Vec<&str> =
            all.flat_map(|row| std::iter::once(&row.0).chain(&row.3)).map(String::as_str).collect();
        names.sort_unstable();
        names.dedup();
        let accounts = Accounts::new(&names).map_err(|error| error.to_string())?;
        let of = |rows| entries(rows, state.protocol, &accounts);
        let keys = |names: &[String]| names.iter().filter_map(|name| accounts.find(name)).collect();
        let genesis =
            Genesis { entries: of(state.accounts), ..Genesis::of_accounts(accounts.len()) };
        let task = Task {
            protocol: state.protocol.clone(),
            old: genesis,
            new: of(rows),
            lost: keys(state.lost),
            stolen: keys(state.stolen),
            accounts,
        };
        let found = plan(&task, budget).map_err(|error| error.to_string())?;
        match (&found.why, found.complete) {
            (Some(why), true) if !found.possible => Err(why.clone()),
            _ => Ok(PlanLength {
                possible: found.possible.then_some(true),
                transactions: found.possible.then_some(found.transactions.len()),
                shortest: found.shortest,
                windows: found.windows.len(),
            }),
        }
    }

    /// Why no thresholds reach the goal: keys that spend, or whose loss locks, whatever they are.
    fn no_thresholds(&self, own: &Shape<'_>) -> String {
        let Goal { survive, resist } = self.goal;
        let keys = |event, choices: &[Choice]| {
            let (found, used) = own.fewest(choices, event, View::Eventually, &self.work.left());
            self.work.add(used);
            found.map(|found| found.keys)
        };
        let theft = keys(Event::Theft, &own.highest()).filter(|keys| keys.len() <= resist);
        let loss = keys(Event::Loss, &own.lowest()).filter(|keys| keys.len() <= survive);
        match (theft, loss) {
            (Some(keys), _) => {
                format!("whatever the thresholds are, {} can take it over", keys.join(", "))
            }
            (_, Some(keys)) => {
                format!("whatever the thresholds are, the loss of {} locks it", keys.join(", "))
            }
            _ => "no thresholds reach it".to_owned(),
        }
    }
}

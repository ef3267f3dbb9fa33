//! A plan as transactions and as a scenario that replays.

use super::answer::{Plan, PlannedModification, Transaction, Window};
use super::judge::Edit;
use super::mover::{Mover, Reach, Style};
use super::power::{Opening, openings};
use super::signers::fewest;
use super::world::{Row, World};
use super::{PlanError, Route, Task};
use crate::account::{AccountId, SmallSet};
use crate::analysis::{Budget, View, Work};
use crate::author::ScenarioBuilder;
use crate::ledger::{Genesis, View as _};
use crate::mosaic::MosaicId;
use crate::scenario::{Act, Check, Header, Names};
use crate::transaction::{Body, Envelope};
use crate::unit::{Amount, count_of};
use crate::verdict::Verdict;

/// What a NIS1 modification costs, and its wrapper and each attached signature, in micro-XEM.
const MODIFICATION_FEE: u64 = 500_000;
const SIGNATURE_FEE: u64 = 150_000;

/// A plan being written down.
pub(super) struct Draft<'t> {
    task: &'t Task,
    routes: &'t [Route<'t>],
    work: u64,
}

/// Of the work for a plan, one part in so many is for writing its transactions down, and the bounds of that in
/// units: it needs some, and does not look at the clock.
const WRITE_PART: u64 = 10;
const WRITE_LEAST: u64 = 20_000_000;
const WRITE_MOST: u64 = 140_000_000;

/// One transaction with what it does.
struct Written {
    transaction: crate::transaction::Transaction,
    told: Transaction,
    account: AccountId,
}

impl<'t> Draft<'t> {
    /// `work` is how much the plan may cost.
    pub const fn new(task: &'t Task, routes: &'t [Route<'t>], work: u64) -> Self {
        Self { task, routes, work }
    }

    /// The answer with the transactions, once the ledger has taken them.
    pub fn finish(&self, mut answer: Plan, work: &Work) -> Result<Plan, PlanError> {
        answer.possible = true;
        answer.shortest = self.routes.iter().all(|route| route.path.proved);
        answer.narrowest = self.routes.iter().all(|route| route.narrowest);
        let mut written = Vec::new();
        for route in self.routes {
            let before = written.len();
            written.extend(self.transactions(route)?);
            let states = &route.path.states;
            let inner = states.get(1..states.len().saturating_sub(1));
            for (at, rows) in inner.unwrap_or_default().iter().enumerate() {
                match openings(&route.world, rows, work) {
                    Some(found) => {
                        answer.windows.extend(windows(&route.world, before + at + 1, &found));
                    }
                    None => {
                        answer.complete = false;
                        answer.windows_complete = false;
                        let words = "windows were not all looked for: the work ended, or the keys of \
                                     one account are too many";
                        answer.notes.push(words.to_owned());
                    }
                }
            }
        }
        answer.complete &= answer.shortest && answer.narrowest;
        let genesis = self.funded(&written, &mut answer.notes);
        answer.scenario = Some(self.scenario(&written, genesis, &answer)?);
        answer.transactions = written.into_iter().map(|one| one.told).collect();
        Ok(answer)
    }

    fn transactions(&self, route: &Route<'_>) -> Result<Vec<Written>, PlanError> {
        // what was found is written down even when the time is up
        let work = (self.work / WRITE_PART).clamp(WRITE_LEAST, WRITE_MOST);
        let work = Work::new(Budget { work, ..Budget::default() });
        let mut mover = Mover::new(&route.world, &work);
        let states = &route.path.states;
        let pairs = states.iter().zip(states.iter().skip(1)).zip(&route.path.signers);
        pairs
            .map(|((from, goal), &signers)| {
                let (edits, signers) = mover
                    .transaction(from, goal, signers)
                    .ok_or_else(|| PlanError::Replay("a transaction is lost".to_owned()))?;
                Ok(self.written(&route.world, from, &edits, signers))
            })
            .collect()
    }

    /// The account of the same name among all accounts.
    fn id(&self, world: &World<'_>, account: AccountId) -> AccountId {
        self.task.accounts.find(world.name(account)).unwrap_or_default()
    }

    fn ids(&self, world: &World<'_>, set: SmallSet) -> Vec<AccountId> {
        let mut ids: Vec<AccountId> = set.iter().map(|account| self.id(world, account)).collect();
        ids.sort_unstable();
        ids
    }

    fn written(
        &self,
        world: &World<'_>,
        from: &[Row],
        edits: &[Edit],
        signers: SmallSet,
    ) -> Written {
        let signing = self.ids(world, signers);
        let (first, others) =
            signing.split_first().map_or((AccountId(0), &[][..]), |(one, all)| (*one, all));
        let mut rows = from.to_vec();
        let own = edits.first().and_then(|edit| world.movable.get(edit.slot).copied());
        let own = own.unwrap_or_default();
        let base = world.protocol.base;
        let envelope = match base.has_aggregates() || world.look(from).is_multisig(own) {
            true => base.signed_envelope(),
            false => Envelope::Bare,
        };
        let mut transaction = crate::transaction::Transaction::new(envelope, first);
        transaction.cosignatures.extend_from_slice(others);
        let mut told = Transaction {
            signers: world.names(signers),
            accounts: Vec::new(),
            changes: Vec::new(),
        };
        for account in consents(world, from, edits) {
            let id = self.id(world, account);
            transaction.push_modification(id, (0, 0), &[], &[]);
            let row = world.look(from).row(account);
            told.add(world, account, (SmallSet::default(), SmallSet::default()), row);
        }
        for edit in edits {
            let account = world.movable.get(edit.slot).copied().unwrap_or_default();
            let row = world.row(&rows, edit.slot);
            let (add, remove) = (self.ids(world, edit.add), self.ids(world, edit.remove));
            let deltas = edit.deltas(row);
            transaction.push_modification(self.id(world, account), deltas, &add, &remove);
            let unmentioned = base.has_optional_threshold() && deltas.0 == 0;
            if unmentioned && !(add.is_empty() && remove.is_empty()) {
                // the threshold stays unchanged: a modification need not speak of it
                for part in &mut transaction.parts {
                    if let Body::Modification(body) = &mut part.body {
                        body.delta_present = false;
                    }
                }
            }
            told.add(world, account, (edit.add, edit.remove), edit.after(row));
            rows = edit.applied(&rows);
        }
        Written { transaction, told, account: self.id(world, own) }
    }

    /// The start, with enough for the fees where accounts pay them.
    fn funded(&self, written: &[Written], notes: &mut Vec<String>) -> Genesis {
        let mut genesis = self.task.old.clone();
        if !self.task.protocol.base.has_fees() {
            return genesis;
        }
        let mut fees: std::collections::BTreeMap<AccountId, u64> = Default::default();
        for one in written {
            let wrapped = one.transaction.envelope == Envelope::Multisig;
            let signatures =
                if wrapped { 1 + one.transaction.cosignatures.len() as u64 } else { 0 };
            *fees.entry(one.account).or_default() += MODIFICATION_FEE + signatures * SIGNATURE_FEE;
        }
        for (account, fee) in fees {
            let name = self.task.accounts.label(account);
            let xem = fee as f64 / 1_000_000.0;
            let held = genesis
                .balances
                .iter_mut()
                .find(|(id, mosaic, _)| (*id, *mosaic) == (account, MosaicId::CURRENCY));
            match held {
                Some((_, _, held)) if held.0 >= fee => {}
                Some((_, _, held)) => {
                    *held = Amount(fee);
                    notes.push(format!(
                        "`{name}` must hold {xem} XEM for the fees, more than it does"
                    ));
                }
                None => {
                    genesis.balances.push((account, MosaicId::CURRENCY, Amount(fee)));
                    notes.push(format!("`{name}` must hold {xem} XEM for the fees"));
                }
            }
        }
        genesis
    }

    fn scenario(
        &self,
        written: &[Written],
        genesis: Genesis,
        answer: &Plan,
    ) -> Result<crate::scenario::Document, PlanError> {
        let task = self.task;
        let failed = |error: crate::author::BuilderError| PlanError::Replay(error.to_string());
        let count = written.len();
        let header = Header {
            name: "plan".to_owned(),
            description: format!(
                "Changes the accounts in {}; {}.",
                count_of(count as u64, "transaction"),
                match answer.windows.is_empty() {
                    true => "no window opens".to_owned(),
                    false => format!("{} open", count_of(answer.windows.len() as u64, "window")),
                }
            ),
            protocol: task.protocol.clone(),
            names: Names::new(task.accounts.clone(), &task.protocol),
            genesis,
            lost: task.lost.clone(),
            stolen: task.stolen.clone(),
        };
        let mut builder = ScenarioBuilder::from_header(header).map_err(failed)?;
        let mut in_block: Vec<AccountId> = Vec::new();
        for one in written {
            if task.protocol.base.has_block_rules() {
                if in_block.contains(&one.account) {
                    builder.act(Act::SealBlock(None), "one modification of an account and block");
                    in_block.clear();
                }
                in_block.push(one.account);
            }
            let note = one.told.words();
            builder.submit(one.transaction.clone(), note, Verdict::Accepted).map_err(failed)?;
        }
        let check = Check { state: Some(task.new.clone()), ..Check::default() };
        builder.act(Act::Check(Box::new(check)), "the new state");
        builder.end().map_err(failed)
    }
}

/// Accounts that must take part so that their keys may sign for their being added: those that are added
/// and do not act themselves.
pub(super) fn consents(world: &World<'_>, from: &[Row], edits: &[Edit]) -> Vec<AccountId> {
    let look = world.look(from);
    let judge = super::judge::Judge::new(world);
    let acts = |account: AccountId| {
        edits.iter().any(|edit| world.movable.get(edit.slot) == Some(&account))
    };
    let added = edits.iter().flat_map(|edit| edit.add.iter());
    let fits = world.parts_max() > 1;
    added.filter(|_| fits).filter(|&id| judge.needs_consent(&look, id) && !acts(id)).collect()
}

impl Transaction {
    fn add(
        &mut self,
        world: &World<'_>,
        account: AccountId,
        (add, remove): (SmallSet, SmallSet),
        after: Row,
    ) {
        let name = world.name(account).to_owned();
        if !self.accounts.contains(&name) {
            self.accounts.push(name.clone());
        }
        self.changes.push(PlannedModification {
            account: name,
            additions: world.names(add),
            deletions: world.names(remove),
            min_approval: after.approval,
            min_removal: after.removal,
            plain: after.members.is_empty(),
        });
    }

    /// The modifications in words.
    #[must_use]
    pub fn words(&self) -> String {
        self.changes.iter().map(PlannedModification::words).collect::<Vec<_>>().join("; ")
    }
}

/// `add a, b`, `remove c`: what is done with which accounts, where there are any.
pub(crate) fn moved(parts: [(&str, &[String]); 2]) -> Vec<String> {
    let some = parts.into_iter().filter(|(_, names)| !names.is_empty());
    some.map(|(what, names)| format!("{what} {}", names.join(", "))).collect()
}

impl PlannedModification {
    /// The modification in words.
    #[must_use]
    pub fn words(&self) -> String {
        let mut words = moved([("add", &self.additions[..]), ("remove", &self.deletions[..])]);
        let after = match (self.min_approval, self.min_removal) {
            _ if self.plain => "a plain account".to_owned(),
            (0, 0) => "all cosignatories must sign".to_owned(),
            (approval, 0) => format!("min cosignatories {approval}"),
            (approval, removal) => format!("min approval {approval}, min removal {removal}"),
        };
        words.push(if words.is_empty() { after } else { format!("then {after}") });
        format!("{}: {}", self.account, words.join(", "))
    }
}

impl Mover<'_> {
    /// The modifications of one transaction between two states and who signs them: as few as are found.
    pub(super) fn transaction(
        &mut self,
        from: &[Row],
        goal: &[Row],
        signers: SmallSet,
    ) -> Option<(Vec<Edit>, SmallSet)> {
        let able = self.able(from);
        let cap = self.world.cap().unwrap_or(usize::MAX);
        let mut best: Option<(Vec<Edit>, SmallSet)> = None;
        for style in [Style::Direct, Style::Apart] {
            if let Reach::Found(edits) = self.reach(from, goal, able, style) {
                offer(self, from, edits, cap, &mut best);
            }
        }
        if best.is_none() {
            for style in [Style::Direct, Style::All] {
                if let Reach::Found(edits) = self.reach(from, goal, signers, style) {
                    offer(self, from, edits, cap, &mut best);
                }
            }
        }
        let (edits, set) = best?;
        self.judge.sign(set);
        let grouped = grouped(&edits);
        let edits = if self.leads(from, &grouped, goal) { grouped } else { edits };
        Some(self.plainer(from, goal, edits, set))
    }

    /// The same with thresholds that stay as they are until an account's last modification, where that
    /// takes no more signatures.
    fn plainer(
        &mut self,
        from: &[Row],
        goal: &[Row],
        edits: Vec<Edit>,
        set: SmallSet,
    ) -> (Vec<Edit>, SmallSet) {
        let mut rows = from.to_vec();
        let mut plain = Vec::with_capacity(edits.len());
        for (at, &edit) in edits.iter().enumerate() {
            let is_last = edits.iter().skip(at + 1).all(|later| later.slot != edit.slot);
            let edit = if is_last { edit } else { self.kept(&rows, goal, edit) };
            rows = edit.applied(&rows);
            plain.push(edit);
        }
        self.judge.sign(set);
        let same = plain != edits && self.leads(from, &plain, goal);
        if same { (plain, set) } else { (edits, set) }
    }
}

/// The same with the modifications of each account together.
fn grouped(edits: &[Edit]) -> Vec<Edit> {
    let first = |slot: usize| edits.iter().position(|edit| edit.slot == slot);
    let mut grouped = edits.to_vec();
    grouped.sort_by_key(|edit| first(edit.slot));
    grouped
}

/// Takes these modifications if they need fewer signatures, and no more than the cap.
fn offer(
    mover: &Mover<'_>,
    from: &[Row],
    edits: Vec<Edit>,
    cap: usize,
    best: &mut Option<(Vec<Edit>, SmallSet)>,
) {
    let Some(set) = fewest(mover.world, from, &edits, mover.work) else { return };
    let fewer =
        |best: &(Vec<Edit>, SmallSet)| (set.len(), edits.len()) < (best.1.len(), best.0.len());
    if set.len() <= cap && best.as_ref().is_none_or(fewer) {
        *best = Some((edits, set));
    }
}

/// What opens after so many transactions; both views as one where they agree.
fn windows(world: &World<'_>, after: usize, openings: &[Opening]) -> Vec<Window> {
    let named = |sets: &[Vec<AccountId>]| {
        let mut named: Vec<Vec<String>> = sets
            .iter()
            .map(|set| {
                let mut names: Vec<String> =
                    set.iter().map(|&key| world.name(key).to_owned()).collect();
                names.sort();
                names
            })
            .collect();
        named.sort_by(|one, other| (one.len(), one).cmp(&(other.len(), other)));
        named.truncate(crate::analysis::SETS_MAX);
        named
    };
    let mut windows: Vec<Window> = Vec::new();
    for opening in openings {
        let window = Window {
            after,
            account: world.name(opening.account).to_owned(),
            when: if opening.view == View::Now { "now" } else { "eventually" }.to_owned(),
            gain: named(&opening.gain.0),
            gain_count: opening.gain.1,
            lose: named(&opening.lose.0),
            lose_count: opening.lose.1,
        };
        let same = windows.last_mut().filter(|last| {
            (&last.account, &last.gain, &last.lose) == (&window.account, &window.gain, &window.lose)
        });
        match same {
            Some(last) => last.when = "now and eventually".to_owned(),
            None => windows.push(window),
        }
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thresholds_are_those_afterwards_and_zero_has_its_meaning() {
        let words = |(min_approval, min_removal), plain| {
            let (account, additions, deletions) = ("x".into(), vec!["a".into()], Vec::new());
            PlannedModification { account, additions, deletions, min_approval, min_removal, plain }
                .words()
        };
        assert_eq!(words((2, 1), false), "x: add a, then min approval 2, min removal 1");
        assert_eq!(words((2, 0), false), "x: add a, then min cosignatories 2");
        assert_eq!(words((0, 0), false), "x: add a, then all cosignatories must sign");
        assert_eq!(words((0, 0), true), "x: add a, then a plain account");
        let (account, additions, deletions) = ("x".into(), Vec::new(), Vec::new());
        let alone = PlannedModification {
            account,
            additions,
            deletions,
            min_approval: 2,
            min_removal: 1,
            plain: false,
        };
        assert_eq!(alone.words(), "x: min approval 2, min removal 1");
    }
}

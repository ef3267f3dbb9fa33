//! Single modifications, judged by the ledger's own rules.

use super::world::{Look, Row, Rows, World};
use crate::account::{AccountId, SmallSet};
use crate::ledger::rules::{Desk, modification, nis1, signature};
use crate::ledger::{Marks as _, StampMarks, View as _};
use crate::protocol::EligibleAddition;
use crate::transaction::{Action, CosignatoryModification, Modification};
use crate::unit::Span;

/// Most by which one modification moves a threshold: a signed byte.
const DELTA_MAX: i32 = 127;

/// One modification: who comes, who goes, and the thresholds that it leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edit {
    /// Which of the movable accounts.
    pub slot: usize,
    /// The cosignatories it adds.
    pub add: SmallSet,
    /// Those it removes.
    pub remove: SmallSet,
    /// Min approval and min removal afterwards.
    pub goal: (u32, u32),
}

impl Edit {
    /// The row that it leaves.
    pub fn after(&self, row: Row) -> Row {
        let members = row.members.or(self.add).minus(self.remove);
        let (approval, removal) = if members.is_empty() { (0, 0) } else { self.goal };
        Row { members, approval, removal }
    }

    /// The rows that it leaves.
    pub fn applied(&self, rows: &[Row]) -> Rows {
        let mut after = rows.to_vec();
        if let Some(row) = after.get_mut(self.slot) {
            *row = self.after(*row);
        }
        after
    }

    /// The changes of both thresholds, as a modification states them.
    pub fn deltas(&self, row: Row) -> (i32, i32) {
        // a dissolution is spelled -1, -1 whatever the thresholds are
        let (approval, removal) = (self.goal.0 as i32, self.goal.1 as i32);
        (approval - row.approval as i32, removal - row.removal as i32)
    }
}

/// Asks the rules about modifications.
pub struct Judge<'w> {
    world: &'w World<'w>,
    desk: Desk<StampMarks>,
    changes: Vec<CosignatoryModification>,
    sorted: Vec<CosignatoryModification>,
    signers: SmallSet,
}

impl<'w> Judge<'w> {
    pub fn new(world: &'w World<'w>) -> Self {
        let desk = Desk::new(world.accounts.len());
        Self { world, desk, changes: Vec::new(), sorted: Vec::new(), signers: SmallSet::default() }
    }

    /// The keys that sign.
    pub const fn signers(&self) -> SmallSet {
        self.signers
    }

    /// From now on these keys sign.
    pub fn sign(&mut self, signers: SmallSet) {
        self.signers = signers;
        self.desk.signed.clear();
        for account in signers.iter() {
            self.desk.signed.mark(account);
        }
    }

    /// Whether the rules take a modification that these keys sign.
    pub fn allows(&mut self, rows: &[Row], edit: &Edit) -> bool {
        let Some(&account) = self.world.movable.get(edit.slot) else { return false };
        self.changes.clear();
        let change = |action| move |account| CosignatoryModification { action, account };
        self.changes.extend(edit.add.iter().map(change(Action::Add)));
        self.changes.extend(edit.remove.iter().map(change(Action::Remove)));
        let deltas = edit.deltas(self.world.row(rows, edit.slot));
        if deltas.0.abs().max(deltas.1.abs()) > DELTA_MAX {
            return false;
        }
        let body = Modification {
            approval_delta: deltas.0,
            removal_delta: deltas.1,
            delta_present: true,
            version: 0,
            changes: Span::between(0, self.changes.len()),
        };
        let look = self.world.look(rows);
        match self.world.protocol.base.has_aggregates() {
            true => self.catapult_allows(&look, account, &body),
            false => self.nis1_allows(&look, account, &body),
        }
    }

    fn catapult_allows(
        &mut self,
        look: &Look<'_>,
        account: AccountId,
        body: &Modification,
    ) -> bool {
        let refused = |change: &CosignatoryModification| {
            change.action == Action::Add && self.needs_consent(look, change.account)
        };
        let narrow = self.world.parts_max() < 2 && self.changes.iter().any(refused);
        if narrow {
            // nothing beside the addition fits that would make the keys below eligible
            let (all, added) = (self.signers, self.changes.iter().map(|change| change.account));
            let eligible = look.leaves(account).or(SmallSet::of(added));
            self.sign(all.and(eligible));
            let allowed = self.catapult_takes(look, account, body);
            self.sign(all);
            return allowed;
        }
        self.catapult_takes(look, account, body)
    }

    fn catapult_takes(&mut self, look: &Look<'_>, account: AccountId, body: &Modification) -> bool {
        let Self { world, desk, changes, .. } = self;
        let (protocol, switches) = (world.protocol, &world.protocol.switches);
        signature::sufficient(switches, look, desk, account, changes).is_ok()
            && modification::stateless(protocol, desk, changes).is_ok()
            && modification::stateful(protocol, look, desk, account, body, changes).is_ok()
    }

    fn nis1_allows(&mut self, look: &Look<'_>, account: AccountId, body: &Modification) -> bool {
        nis1::sort(&self.changes, &mut self.sorted);
        let (protocol, desk) = (self.world.protocol, &mut self.desk);
        if nis1::modification(protocol, look, desk, account, body, &self.sorted).is_err() {
            return false;
        }
        if !look.is_multisig(account) {
            return self.signers.contains(account);
        }
        let needed = nis1::signatures_needed(protocol, look, desk, account, &self.changes);
        let able = look.row(account).members.and(self.signers);
        let votes = able.iter().filter(|&member| !desk.other.marked(member)).count();
        !able.is_empty() && votes >= needed as usize
    }

    /// Whether a signature of an added account that is multisig must be made eligible by a
    /// modification of that account.
    pub fn needs_consent(&self, look: &Look<'_>, added: AccountId) -> bool {
        let own = self.world.protocol.switches.eligible_addition == EligibleAddition::OwnKey;
        own && look.is_multisig(added) && self.world.protocol.base.has_aggregates()
    }
}

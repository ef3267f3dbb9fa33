//! Who signs a transaction: as few keys as its modifications allow.

use super::judge::Edit;
use super::world::{Row, World};
use crate::account::{AccountId, PerAccount, SmallSet};
use crate::analysis::Work;
use crate::ledger::rules::{Desk, nis1, signature};
use crate::ledger::{Marks as _, View as _};
use crate::protocol::EligibleAddition;
use crate::reason::Demand;
use crate::transaction::{Action, CosignatoryModification};

/// The fewest keys that sign all of these modifications, one after the other; `None` where none do.
pub fn fewest(world: &World<'_>, from: &[Row], edits: &[Edit], work: &Work) -> Option<SmallSet> {
    let eligible = eligible(world, from, edits);
    let barred: Vec<AccountId> = world.barred.iter().collect();
    let mut demand = Demand::new(&world.accounts, &[], &eligible, &barred);
    let mut rows = from.to_vec();
    for edit in edits {
        let account = *world.movable.get(edit.slot)?;
        let look = world.look(&rows);
        let change = |action| move |account| CosignatoryModification { action, account };
        let mut changes: Vec<CosignatoryModification> =
            edit.add.iter().map(change(Action::Add)).collect();
        changes.extend(edit.remove.iter().map(change(Action::Remove)));
        if !world.protocol.base.has_aggregates() {
            if !look.is_multisig(account) {
                demand.some_of(1, std::iter::once(account));
            } else {
                let mut desk = Desk::new(world.accounts.len());
                let protocol = world.protocol;
                let needed = nis1::signatures_needed(protocol, &look, &mut desk, account, &changes);
                let stay = look.row(account).members.iter();
                let stay = stay.filter(|&member| !desk.other.marked(member));
                // somebody must begin it, even where nobody has to agree
                match needed {
                    0 => demand.some_of(1, look.row(account).members.iter()),
                    _ => demand.some_of(needed, stay),
                };
            }
        } else {
            let switches = &world.protocol.switches;
            let threshold = signature::operation(switches, &changes);
            demand.account(&look, switches, account, threshold);
            for added in signature::added(&changes).filter(|_| switches.opt_in) {
                demand.account(&look, switches, added, threshold);
            }
        }
        rows = edit.applied(&rows);
    }
    demand.fewest(work).map(SmallSet::of)
}

/// Whose signature counts: everybody's, for accounts that are added can take part so that their keys may
/// sign; but not where a transaction is a single modification.
fn eligible(world: &World<'_>, from: &[Row], edits: &[Edit]) -> PerAccount<bool> {
    let own = world.protocol.switches.eligible_addition == EligibleAddition::OwnKey;
    if !own || world.parts_max() > 1 || !world.protocol.base.has_aggregates() {
        return PerAccount(vec![true; world.accounts.len()]);
    }
    let look = world.look(from);
    let of = |edit: &Edit| {
        let account = world.movable.get(edit.slot);
        account.map_or(edit.add, |&account| edit.add.or(look.leaves(account)))
    };
    let all = edits.iter().map(of).fold(SmallSet::default(), SmallSet::or);
    PerAccount(world.accounts.ids().map(|id| all.contains(id)).collect())
}

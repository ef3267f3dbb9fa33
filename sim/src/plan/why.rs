//! Why there is no plan, and what a thief can do meanwhile.

use super::Task;
use super::power::{VIEWS, spends};
use super::world::World;
use crate::account::{AccountId, SmallSet};
use crate::analysis::{Structure, View, can_spend};
use crate::ledger::View as _;

/// Signatures that no transactions can do without and that nobody can give; `None` where there are none.
pub(super) fn cause(world: &World<'_>) -> Option<String> {
    let old = world.look(&world.old);
    let state = |key: AccountId| match world.lost.contains(key) {
        true => "lost",
        false => "stolen",
    };
    let able = SmallSet::of(world.accounts.ids()).minus(world.barred);
    let opt_in = world.protocol.has_opt_in();
    let mut all = Vec::new();
    for (slot, &account) in world.movable.iter().enumerate() {
        let (before, after) = (world.row(&world.old, slot), world.row(&world.new, slot));
        if before == after {
            continue;
        }
        let name = world.name(account);
        for added in after.members.minus(before.members).iter().filter(|_| opt_in) {
            let other = world.name(added);
            if !old.is_multisig(added) && world.barred.contains(added) {
                let what = state(added);
                all.push(format!(
                    "`{other}` must sign to become a cosignatory of `{name}`, and it is {what}"
                ));
            } else if !spends(&old, added, able, View::Eventually) {
                all.push(format!(
                    "`{other}` must agree to become a cosignatory of `{name}`, and {}",
                    short(world, added, able)
                ));
            }
        }
        if before.members.is_empty() && world.barred.contains(account) {
            all.push(format!(
                "`{name}` is converted by its own key, and that is {}",
                state(account)
            ));
        } else if !spends(&old, account, able, View::Eventually) {
            all.push(format!("`{name}` cannot be changed: {}", short(world, account, able)));
        }
    }
    all.dedup();
    all.truncate(4);
    (!all.is_empty()).then(|| all.join("; "))
}

/// What to say where every sequence was tried.
pub(super) fn never(world: &World<'_>) -> String {
    let (protocol, limits) = (world.protocol, &world.protocol.limits);
    let new = world.look(&world.new);
    let stuck =
        world.movable.iter().zip(world.old.iter().zip(&world.new)).find(|(id, (old, row))| {
            !old.members.is_empty() && row.members.is_empty() && !new.above(**id).is_empty()
        });
    if let Some((&account, _)) = stuck {
        let (name, above) = (world.name(account), world.names(new.above(account)).join(", "));
        return format!(
            "`{name}` cosigns for {above}, and an account that cosigns cannot become plain"
        );
    }
    let limits = match protocol.base.has_levels() {
        false => format!("{} cosignatories, one level", limits.max_cosignatories_per_account),
        true => format!(
            "{} cosignatories, {} cosigned accounts, depth {}; {} signatures and {} transactions an \
             aggregate",
            limits.max_cosignatories_per_account,
            limits.max_cosigned_accounts_per_account,
            limits.max_multisig_depth,
            limits.max_cosignatures_per_aggregate,
            limits.max_transactions_per_aggregate
        ),
    };
    format!(
        "every sequence of modifications between these accounts was tried, and each is refused on the way \
         by the limits of {} ({limits}) or for missing signatures",
        protocol.name
    )
}

/// Which signatures an account lacks.
fn short(world: &World<'_>, account: AccountId, able: SmallSet) -> String {
    let look = world.look(&world.old);
    let row = look.row(account);
    let agrees = |&one: &AccountId| spends(&look, one, able, View::Eventually);
    let ready: Vec<AccountId> = row.members.iter().filter(agrees).collect();
    let count = row.members.len() as u32;
    let protocol = world.protocol;
    let needed = protocol.eventual_threshold(row.approval, row.removal, count);
    let names: Vec<&str> = ready.iter().map(|&id| world.name(id)).collect();
    let who = if names.is_empty() { "none of them".to_owned() } else { names.join(", ") };
    format!(
        "`{}` needs at least {needed} of its {count} cosignatories; able to sign: {who}",
        world.name(account)
    )
}

/// What the stolen keys can do before the first transaction, a sentence for each account.
pub(super) fn thief(task: &Task) -> Vec<String> {
    if task.stolen.is_empty() {
        return Vec::new();
    }
    let label = |id: &AccountId| task.accounts.label(*id).to_owned();
    let base = task.protocol.base;
    let entries = task.old.entries.iter().map(|entry| {
        let removal = base.shown_removal(entry.minima.approval, entry.minima.removal);
        let below = entry.cosignatories.iter().map(label).collect();
        (label(&entry.account), entry.minima.approval, removal, below)
    });
    let Ok(structure) = Structure::new(entries, &task.protocol) else { return Vec::new() };
    let held: Vec<AccountId> =
        task.stolen.iter().filter_map(|id| structure.target(&label(id))).collect();
    let mut all = Vec::new();
    for account in structure.multisigs() {
        let name = structure.name(account);
        let [now, eventually] = VIEWS.map(|view| can_spend(&structure, account, &held, view));
        match (now, eventually) {
            (true, _) => all.push(format!("the stolen keys spend from `{name}` before the plan is through")),
            (false, true) => all.push(format!(
                "the stolen keys can take `{name}` over before the plan is through: whoever sends first wins"
            )),
            (false, false) => {}
        }
    }
    if all.is_empty() {
        all.push(
            "the stolen keys alone can take no account over before the plan is through".to_owned(),
        );
    }
    all
}

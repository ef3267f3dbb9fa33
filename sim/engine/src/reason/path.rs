//! Ways through the levels of accounts, for a sentence that names them.

use crate::account::AccountId;
use crate::ledger::View;

/// Most accounts that a way names.
const LENGTH_MAX: usize = 64;

/// The longest way from `account` up (to the accounts cosigned for) or down; `account` stands first.
pub fn longest<V: View>(view: &V, account: AccountId, up: bool) -> Vec<AccountId> {
    let mut best = vec![account];
    let mut way = vec![account];
    // Ways that a broken state or a wide graph would multiply are given up after so many accounts.
    let mut left = 10_000;
    extend(view, up, &mut way, &mut best, &mut left);
    best
}

fn extend<V: View>(
    view: &V,
    up: bool,
    way: &mut Vec<AccountId>,
    best: &mut Vec<AccountId>,
    left: &mut u32,
) {
    let Some(&last) = way.last() else { return };
    if *left == 0 || way.len() >= LENGTH_MAX {
        return;
    }
    *left -= 1;
    let next: Vec<AccountId> =
        if up { view.multisigs(last).collect() } else { view.cosignatories(last).collect() };
    for account in next {
        way.push(account);
        if way.len() > best.len() {
            best.clone_from(way);
        }
        extend(view, up, way, best, left);
        way.pop();
    }
}

/// The shortest way down from `from` to `to`, both included; empty if there is none.
pub fn between<V: View>(view: &V, from: AccountId, to: AccountId) -> Vec<AccountId> {
    let mut seen = std::collections::BTreeMap::from([(from, from)]);
    let mut queue = std::collections::VecDeque::from([from]);
    while let Some(account) = queue.pop_front() {
        if account == to {
            let mut way = vec![to];
            let mut at = to;
            while at != from {
                at = seen.get(&at).copied().unwrap_or(from);
                way.push(at);
            }
            way.reverse();
            return way;
        }
        for below in view.cosignatories(account) {
            seen.entry(below).or_insert_with(|| {
                queue.push_back(below);
                account
            });
        }
    }
    Vec::new()
}

//! Accounts above the cap on signatures: what `analysis` says of each reachable state, held against a
//! search of everything that can be reached from it.

use super::*;
use crate::analysis::{Budget, Spending, Structure, is_frozen};
use crate::explore::search::Budget as SearchBudget;

/// How many accounts above the cap have a way out and how many are locked, and of how many of either
/// the analysis knows.
#[derive(Debug, Default, PartialEq, Eq)]
struct Tally {
    free: [u32; 2],
    locked: [u32; 2],
}

fn structure(protocol: &Protocol, state: Packed, accounts: usize) -> Structure {
    let name = |account: crate::account::AccountId| format!("a{}", account.0);
    let entry = |entry: crate::ledger::Entry| {
        let below = entry.cosignatories.iter().map(|&below| name(below)).collect();
        (name(entry.account), entry.minima.approval, entry.minima.removal, below)
    };
    Structure::new(entries(state, accounts).into_iter().map(entry), protocol).unwrap()
}

/// Whether the analysis has a way out, and a proof that there is none.
fn judged(protocol: &Protocol, structure: &Structure, account: usize) -> (bool, bool) {
    let target = structure.target(&format!("a{account}")).unwrap();
    let keys: Vec<_> =
        structure.below(target).into_iter().filter(|&key| structure.is_key(key)).collect();
    let budget = Budget::default();
    let spending = Spending { structure, protocol, target, keys: &keys, recipient: keys[0] };
    let way = spending.ladder(&budget);
    (way.is_some(), is_frozen(structure, protocol, target, &budget))
}

fn tally(limits: (u32, u32, u32), cap: u32, accounts: usize) -> Tally {
    let mut protocol = bounded(Base::Symbol, limits);
    protocol.limits.max_cosignatures_per_aggregate = cap;
    let find = [Hazard::OverCap, Hazard::LockedAlive];
    let question = Question { find: &find, to_the_end: true, ..Question::new(&protocol, accounts) };
    let mut explorer = Explorer::new(question).unwrap();
    let stop = AtomicBool::new(false);
    let budget = SearchBudget { bytes_max: 1 << 30, stop: &stop };
    let mut tally = Tally::default();
    loop {
        let setting = explorer.search.setting;
        let waiting: Vec<Place> =
            explorer.ladders.waiting.iter().map(|&(place, _)| place).collect();
        for place in waiting {
            let family = explorer.search.shelf.get(place.family).unwrap();
            let state = family.state(setting.scale, place.number);
            let above = affected(&protocol, &Graph::new(state), accounts, Hazard::OverCap);
            let structure = structure(&protocol, state, accounts);
            for account in bits(u64::from(above)) {
                let way = explorer.ladders.climb(setting, state, account as u8, budget).unwrap();
                let (free, frozen) = judged(&protocol, &structure, account);
                assert!(way.is_some() || !free, "a way out of {state:?} for {account}");
                assert!(way.is_none() || !frozen, "{account} is not locked in {state:?}");
                let (counts, knows) = match way {
                    Some(_) => (&mut tally.free, free),
                    None => (&mut tally.locked, frozen),
                };
                counts[0] += 1;
                counts[1] += u32::from(knows);
            }
        }
        if !explorer.level(&stop).unwrap() {
            return tally;
        }
    }
}

#[test]
fn no_state_is_called_locked_that_is_not_and_none_free_that_is_locked() {
    for depth in 1..=3 {
        for cosigned in 1..=3 {
            for cap in 1..=2 {
                let tally = tally((3, cosigned, depth), cap, 4);
                let all_known = Tally { free: [tally.free[0]; 2], locked: [tally.locked[0]; 2] };
                assert_eq!(tally, all_known, "depth {depth}, cosigned {cosigned}, cap {cap}");
                let has_room = depth > 1 && cosigned > 1;
                assert_eq!(tally.locked[0], u32::from(cap == 2 && !has_room));
            }
        }
    }
    // of larger worlds not all is known, and the rest is said to be undecided
    let five = |limits, cap| tally(limits, cap, 5);
    assert_eq!(five((3, 3, 2), 2), Tally { free: [115, 104], locked: [6, 6] });
    assert_eq!(five((4, 2, 2), 2), Tally { free: [229, 178], locked: [16, 14] });
    assert_eq!(five((4, 2, 2), 3), Tally { free: [4, 4], locked: [0, 0] });
    assert_eq!(five((3, 2, 3), 2), Tally { free: [119, 97], locked: [2, 0] });
}

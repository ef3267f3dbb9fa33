//! Small worlds: what the closed forms say is what a search finds, limit by limit.

use super::*;
use crate::account::AccountId;
use crate::ledger::{Entry, Genesis, Ledger, View as _};
use crate::transaction::{Envelope, Transaction};
use crate::unit::Amount;
use crate::verdict::Verdict;
use std::collections::{BTreeSet, VecDeque};

/// Accounts of the searched worlds.
const ACCOUNTS: usize = 5;

const HAZARDS: [(Hazard, HazardKind); 4] = [
    (Hazard::LockedAlive, HazardKind::LockedAlive),
    (Hazard::OverCap, HazardKind::OverCap),
    (Hazard::Takeover(None), HazardKind::Takeover),
    (Hazard::DeadLevel, HazardKind::DeadLevel),
];

/// Searches a world for every hazard and compares what the closed form says. Returns how many hazards
/// were reached, and how many were not.
fn compared(protocol: &Protocol) -> [usize; 2] {
    let find = HAZARDS.map(|(hazard, _)| hazard);
    let search = Search { find: &find, to_the_end: true, ..Search::new(protocol, ACCOUNTS) };
    let report = Explorer::new(search).unwrap().run();
    let mut counts = [0, 0];
    for found_out in hazards(protocol, u64::MAX).unwrap() {
        let Some((hazard, _)) = HAZARDS.iter().find(|(_, kind)| *kind == found_out.kind) else {
            continue;
        };
        let limits = protocol.limits;
        let told = format!("{} under {limits:?}: {:?}", found_out.kind, found_out.contradiction);
        assert_eq!(found_out.contradiction, None, "{told}");
        let found = report.hazards.iter().find(|one| one.subject == Subject::Hazard(*hazard));
        if found.is_some() {
            assert!(found_out.reachable, "found, and said to be impossible: {told}");
        }
        if found_out.reachable {
            let witness = found_out.witness.expect("a small scenario");
            let text = witness.scenario.text();
            let spare = ["payee", "guest"].iter().filter(|name| !acts(&text, name)).count();
            if witness.accounts as usize - spare <= ACCOUNTS {
                let found = found.unwrap_or_else(|| panic!("shown, and not found: {told}"));
                assert!(u64::from(found.depth) <= witness.transactions, "{told}");
            }
        }
        counts[usize::from(!found_out.reachable)] += 1;
    }
    counts
}

/// Whether an account of a scenario is anybody's cosignatory.
fn acts(text: &str, name: &str) -> bool {
    let steps = text.split("\"steps\"").nth(1).unwrap();
    !text.contains(&format!("\"{name}\"")) || steps.matches(&format!("[\"{name}\"]")).count() > 0
}

#[test]
fn closed_forms_are_what_a_search_finds_on_symbol() {
    let mut counts = [0, 0];
    for cosignatories in 1..=3 {
        for cosigned in 1..=2 {
            for depth in 1..=3 {
                for cap in 1..=3 {
                    let each = compared(&limited([cosignatories, cosigned, depth, cap]));
                    counts = [counts[0] + each[0], counts[1] + each[1]];
                }
            }
        }
    }
    assert!(counts.iter().all(|&count| count > 50), "{counts:?}");
}

#[test]
fn closed_forms_are_what_a_search_finds_on_the_other_bases() {
    for base in [Base::CatapultV1, Base::CatapultV3] {
        for [cosignatories, cosigned, depth] in [[3, 2, 2], [2, 1, 3], [2, 2, 2]] {
            for cap in 2..=3 {
                let mut protocol = limited([cosignatories, cosigned, depth, cap]);
                protocol.base = base;
                protocol.switches = Protocol::of_base(base).switches;
                protocol.currency = Protocol::of_base(base).currency;
                compared(&protocol);
            }
        }
    }
    let mut nis1 = Protocol::of_base(Base::Nis1);
    for cosignatories in 1..=4 {
        nis1.limits.max_cosignatories_per_account = cosignatories;
        for others in [true, false] {
            nis1.switches.n_of_n_removal_by_others = others;
            compared(&nis1);
        }
    }
}

#[test]
fn closed_forms_are_what_a_search_finds_under_other_switches() {
    let thresholds = [Threshold::Approval, Threshold::Removal, Threshold::Larger];
    for (alone, swap) in thresholds.iter().flat_map(|one| thresholds.map(|two| (*one, two))) {
        for (opt_in, cap) in [(true, 2), (false, 1), (false, 2)] {
            let mut protocol = limited([3, 2, 2, cap]);
            protocol.switches.removal_threshold = alone;
            protocol.switches.mixed_threshold = swap;
            protocol.switches.opt_in = opt_in;
            compared(&protocol);
            protocol.switches.max_deletions_per_modification = 0;
            protocol.limits.max_multisig_depth = 1;
            compared(&protocol);
        }
    }
}

/// A state as a value: each multisig account with its cosignatories; all thresholds are 1, which
/// every legal aggregate can be satisfied with.
type Graph = Vec<(u32, Vec<u32>)>;

fn ledger(protocol: &Protocol, accounts: usize, graph: &Graph) -> Ledger {
    let mut genesis = Genesis::of_accounts(accounts);
    for (account, below) in graph {
        genesis.entries.push(Entry {
            account: AccountId(*account),
            minima: crate::ledger::Minima { approval: 1, removal: 1 },
            cosignatories: below.iter().map(|&below| AccountId(below)).collect(),
        });
    }
    Ledger::from_genesis(protocol.clone(), &genesis).unwrap()
}

fn graph(ledger: &Ledger) -> Graph {
    let links = ledger.state().links();
    let below = |account| links.cosignatories(account).map(|below| below.0).collect();
    links.multisig_accounts().map(|account| (account.0, below(account))).collect()
}

/// The most visits of any legal transaction in any state that so many accounts reach, thresholds 1.
fn searched(protocol: &Protocol, accounts: u32) -> u64 {
    let wide = protocol.limits.max_cosignatories_per_account;
    let mut known: BTreeSet<Graph> = BTreeSet::from([Vec::new()]);
    let mut waiting = VecDeque::from([Vec::new()]);
    let mut most = 0;
    while let Some(state) = waiting.pop_front() {
        let start = ledger(protocol, accounts as usize, &state);
        for signer in (0..accounts).map(AccountId) {
            let members = start.state().links().cosignatories_of(signer).to_vec();
            for added in (0u32..1 << accounts).filter(|added| added.count_ones() <= wide) {
                for removed in std::iter::once(None).chain(members.iter().copied().map(Some)) {
                    let found = tried(&start, accounts, signer, added, removed);
                    let Some((after, visits)) = found else { continue };
                    most = most.max(visits);
                    if known.insert(after.clone()) {
                        waiting.push_back(after);
                    }
                }
            }
        }
    }
    most
}

fn keys_below(ledger: &Ledger, account: AccountId, keys: &mut BTreeSet<AccountId>) {
    let below = ledger.state().links().cosignatories_of(account);
    if below.is_empty() {
        keys.insert(account);
    }
    below.iter().for_each(|&below| keys_below(ledger, below, keys));
}

/// Takes one modification, or a payment, signed by everybody who may sign it.
fn tried(
    start: &Ledger,
    accounts: u32,
    signer: AccountId,
    added: u32,
    removed: Option<AccountId>,
) -> Option<(Graph, u64)> {
    let links = start.state().links();
    let additions: Vec<_> =
        (0..accounts).filter(|id| added >> id & 1 == 1).map(AccountId).collect();
    let deletions: Vec<_> = removed.into_iter().collect();
    let ends = links.cosignatories_of(signer).len() + additions.len() == deletions.len();
    let delta = match (links.is_multisig(signer), ends) {
        (_, true) => -1,
        (true, false) => 0,
        (false, false) => 1,
    };
    let mut keys = BTreeSet::new();
    keys_below(start, signer, &mut keys);
    additions.iter().for_each(|&added| keys_below(start, added, &mut keys));
    let mut keys = keys.into_iter();
    let mut transaction = Transaction::new(Envelope::AggregateComplete, keys.next()?);
    transaction.cosignatures.extend(keys);
    if additions.is_empty() && deletions.is_empty() {
        transaction.push_transfer(signer, AccountId(0), Amount(0));
    } else {
        transaction.push_modification(signer, (delta, delta), &additions, &deletions);
    }
    let mut ledger = start.clone();
    (ledger.submit(&transaction) == Verdict::Accepted).then(|| {
        let walks = additions.iter().map(|&added| cost::counted(links, added));
        let visits = cost::counted(links, signer) + walks.sum::<u64>();
        (graph(&ledger), visits)
    })
}

#[test]
fn the_dearest_part_is_the_one_that_a_search_finds() {
    for (limits, accounts) in [
        ([1, 1, 1, 3], 3),
        ([2, 2, 1, 4], 4),
        ([1, 2, 2, 4], 4),
        ([1, 1, 2, 5], 5),
        ([1, 3, 3, 5], 5),
    ] {
        let mut protocol = limited(limits);
        let dearest = |protocol: &Protocol| cost(protocol, VISITS_MAX).visits_per_transaction.0;
        assert_eq!(dearest(&protocol), searched(&protocol, accounts), "{limits:?}");
        protocol.switches.max_deletions_per_modification = 0;
        assert_eq!(dearest(&protocol), searched(&protocol, accounts), "{limits:?} kept");
        protocol.switches.max_deletions_per_modification = 1;
        protocol.switches.opt_in = false;
        assert!(dearest(&protocol) < searched(&limited(limits), accounts), "{limits:?} unasked");
    }
    // Too few accounts for a full tree: the closed form is never less.
    let protocol = limited([2, 3, 2, 4]);
    let (found, most) =
        (searched(&protocol, 4), cost(&protocol, VISITS_MAX).visits_per_transaction.0);
    assert!(found > 5 && found <= most, "{found} {most}");
}

#[test]
fn the_cost_of_an_aggregate_is_counted_visit_by_visit() {
    for (cosignatories, cosigned, depth, parts) in
        [(2, 2, 2, 7), (3, 1, 2, 4), (4, 3, 3, 5), (1, 1, 4, 3), (3, 2, 1, 6)]
    {
        for base in [Base::Symbol, Base::CatapultV1, Base::CatapultV3] {
            let mut protocol = limited([cosignatories, cosigned, depth, 5]);
            protocol.base = base;
            protocol.switches = Protocol::of_base(base).switches;
            protocol.currency = Protocol::of_base(base).currency;
            protocol.limits.max_transactions_per_aggregate = parts;
            let cost = cost(&protocol, VISITS_MAX);
            let apart = base == Base::CatapultV3 && cosigned == 1 && depth > 1;
            assert_eq!(cost.exact, !apart);
            // The scenario is made only if the visits counted are those of the closed form.
            let witness = cost::witness(&protocol).unwrap();
            assert_eq!(witness.is_some(), !apart, "{base:?} {cosignatories} {depth}");
            protocol.switches.opt_in = false;
            assert!(cost::visits(&protocol).0 < cost.visits.0);
        }
    }
    assert_eq!(cost::walk(25, 3), 1 + 25 + 625 + 15_625);
    let mainnet = cost(&Protocol::preset("symbol-mainnet").unwrap(), VISITS_MAX);
    assert_eq!(mainnet.visits.0, 100 * (16_276 + 651));
    assert_eq!(cost(&Protocol::of_base(Base::Nis1), VISITS_MAX).visits.0, 33);
    assert_eq!(cost(&limited([u32::MAX, 1, 255, 25]), VISITS_MAX).visits.0, u64::MAX);
}

//! The plainest search there is: no symmetry, no candidates left out, every set of signers tried. And
//! the full ledger, which must say the same of every modification.

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::account::AccountId;
use crate::ledger::{Genesis, Ledger};
use crate::mosaic::MosaicId;
use crate::protocol::Threshold;
use crate::unit::Amount;
use crate::verdict::Verdict;
use judge::{Edit, Judge, subsets};

/// Every modification that can be written down over so many accounts, sensible or not.
fn edits(base: Base, accounts: usize, most: u8) -> Vec<Edit> {
    let all = packed::all(accounts);
    let mut edits = Vec::new();
    for multisig in 0..accounts as u8 {
        for additions in subsets(all) {
            for deletions in subsets(all).filter(|set| set.count_ones() <= 2) {
                for approval in 0..=most {
                    for removal in 0..=if base == Base::Nis1 { 0 } else { most } {
                        let thresholds = (approval, removal);
                        edits.push(Edit { multisig, additions, deletions, thresholds });
                    }
                }
            }
        }
    }
    edits
}

/// The modifications that some set of signers makes legal, those that change nothing left out.
fn legal(judge: &mut Judge<'_>, accounts: usize, state: Packed, edits: &[Edit]) -> Vec<Edit> {
    let graph = Graph::new(state);
    let all = packed::all(accounts);
    let mut legal = Vec::new();
    for &edit in edits {
        // The rules leave 0/0 where an account becomes plain, however the deltas are written.
        let Ok(after) = judge.judge_change(&graph, edit) else { continue };
        let thresholds = (after.approval as u8, after.removal as u8);
        if thresholds != edit.thresholds || edit.applied(state) == state {
            continue;
        }
        if subsets(all).skip(1).any(|signers| judge.judge(&graph, edit, signers).is_ok()) {
            legal.push(edit);
        }
    }
    legal
}

/// Labelled states, and the transitions out of one of each class.
fn plainly(protocol: &Protocol, accounts: usize, most: u8) -> (u64, u64, u64) {
    let edits = edits(protocol.base, accounts, most);
    let mut judge = Judge::new(protocol);
    let mut guide = Guide::new(protocol, accounts, Keys::All);
    let mut seen = BTreeSet::from([Packed::default()]);
    let mut classes = BTreeMap::new();
    let mut waiting = vec![Packed::default()];
    while let Some(state) = waiting.pop() {
        let legal = legal(&mut judge, accounts, state, &edits);
        let before = classes.insert(guide.least(state, 0), legal.len());
        assert!(before.is_none_or(|before| before == legal.len()), "a renaming changed the rules");
        for edit in legal {
            let after = edit.applied(state);
            if seen.insert(after) {
                waiting.push(after);
            }
        }
    }
    let transitions = classes.values().sum::<usize>() as u64;
    (seen.len() as u64, classes.len() as u64, transitions)
}

fn variants() -> Vec<(Protocol, usize)> {
    let mut variants = Vec::new();
    for base in [Base::Symbol, Base::CatapultV1, Base::CatapultV3] {
        variants.push((bounded(base, (3, 3, 2)), 3));
        variants.push((bounded(base, (2, 1, 3)), 3));
    }
    variants.push((bounded(Base::Nis1, (2, u32::MAX, 1)), 4));
    variants.push((bounded(Base::Nis1, (3, 2, 1)), 4));
    let change = |edit: &dyn Fn(&mut Protocol)| {
        let mut protocol = bounded(Base::Symbol, (3, 3, 2));
        edit(&mut protocol);
        (protocol, 3)
    };
    variants.push(change(&|p| p.limits.max_cosignatures_per_aggregate = 1));
    variants.push(change(&|p| p.limits.max_cosignatures_per_aggregate = 2));
    variants.push(change(&|p| p.switches.opt_in = false));
    variants.push(change(&|p| p.switches.pass_down = false));
    variants.push(change(&|p| p.switches.max_deletions_per_modification = 0));
    variants.push(change(&|p| p.switches.max_deletions_per_modification = 2));
    variants.push(change(&|p| p.switches.strict_cosignature_check = true));
    variants.push(change(&|p| p.switches.removal_threshold = Threshold::Larger));
    let mut wide = bounded(Base::CatapultV3, (2, 2, 2));
    variants.push((wide.clone(), 4));
    wide.limits.max_cosignatures_per_aggregate = 2;
    variants.push((wide, 4));
    let mut all_sign = bounded(Base::Nis1, (3, u32::MAX, 1));
    all_sign.switches.n_of_n_removal_by_others = false;
    variants.push((all_sign, 4));
    variants
}

#[test]
fn nothing_legal_is_missed_and_symmetry_changes_no_number() {
    for (protocol, accounts) in variants() {
        let most = protocol.limits.max_cosignatories_per_account as u8 + 1;
        let (labelled, canonical, transitions) = plainly(&protocol, accounts, most);
        let counts = explored(Question::new(&protocol, accounts)).counts;
        let found = (counts.states_labelled, counts.states_canonical, counts.transitions);
        assert_eq!(found, (labelled, canonical, transitions), "{protocol:?}");
    }
}

fn ledger(protocol: &Protocol, accounts: usize, state: Packed) -> Ledger {
    let mut genesis = Genesis::of_accounts(accounts);
    let funds = |account| (AccountId(account), MosaicId::CURRENCY, Amount(1_000_000_000));
    genesis.balances = (0..accounts as u32).map(funds).collect();
    genesis.entries = entries(state, accounts);
    Ledger::from_genesis(protocol.clone(), &genesis).unwrap()
}

/// Every canonical state of a search.
fn states(protocol: &Protocol, accounts: usize) -> Vec<Packed> {
    let mut explorer = Explorer::new(Question::new(protocol, accounts)).unwrap();
    while explorer.level(&AtomicBool::new(false)) == Ok(true) {}
    let families = &explorer.search.shelf.families;
    let of = |family: &family::Family| {
        let numbers = family.levels.iter().flat_map(|level| level.numbers.iter());
        numbers
            .map(|number| family.state(explorer.search.setting.scale, number))
            .collect::<Vec<_>>()
    };
    families.iter().flat_map(of).collect()
}

#[test]
fn the_full_ledger_says_the_same_of_every_modification() {
    let mut accepted = 0;
    for (protocol, accounts) in variants().into_iter().filter(|&(_, accounts)| accounts == 3) {
        let edits = edits(protocol.base, accounts, 3);
        let mut judge = Judge::new(&protocol);
        for state in states(&protocol, accounts) {
            let graph = Graph::new(state);
            let mut ledger = ledger(&protocol, accounts, state);
            for &edit in &edits {
                for signers in 1..8 {
                    let transaction = judge.transaction(&graph, edit, signers);
                    let judged = judge.judge(&graph, edit, signers);
                    let mark = ledger.mark();
                    let verdict = ledger.submit(&transaction);
                    let expected = Verdict::from(judged.map(|_| ()));
                    assert_eq!(verdict, expected, "{edit:?} by {signers:b} on {state:?}");
                    if let Ok(minima) = judged {
                        let thresholds = (minima.approval as u8, minima.removal as u8);
                        let after = Edit { thresholds, ..edit }.applied(state);
                        assert_eq!(Packed::of_links(ledger.state().links()), Some(after));
                        accepted += 1;
                    }
                    ledger.undo_to(mark);
                }
            }
        }
    }
    assert!(accepted > 1_000, "{accepted}");
}

#[test]
fn every_edge_of_a_search_replays_on_the_full_ledger() {
    for protocol in [
        bounded(Base::Symbol, (3, 3, 2)),
        bounded(Base::CatapultV3, (3, 2, 3)),
        bounded(Base::CatapultV1, (2, 2, 3)),
        bounded(Base::Nis1, (32, u32::MAX, 1)),
    ] {
        let mut mover = moves::Mover::new(&protocol, 4, Keys::All);
        let (mut edges, mut found) = (0, Vec::new());
        for state in states(&protocol, 4) {
            let graph = Graph::new(state);
            let mut ledger = ledger(&protocol, 4, state);
            mover.moves(symmetry::Skeleton { rows: state.rows, colour: 0 }, &mut found);
            for found in &found {
                let scale = Scale(protocol.base);
                for number in 0..scale.values(u32::from(found.count)) {
                    let edit = found.edit(scale.minima(u32::from(found.count), number));
                    let signers = mover.judge.signers_among(&graph, edit, found.eligible);
                    let Some(signers) = signers else { continue };
                    let transaction = mover.judge.transaction(&graph, edit, signers);
                    let mark = ledger.mark();
                    assert_eq!(ledger.submit(&transaction), Verdict::Accepted, "{edit:?}");
                    let after = Packed::of_links(ledger.state().links());
                    assert_eq!(after, Some(edit.applied(state)));
                    ledger.undo_to(mark);
                    edges += 1;
                }
            }
        }
        assert!(edges > 400, "{edges}");
    }
}

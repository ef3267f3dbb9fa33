//! A broken invariant is found at the step that broke it, not later.

use super::*;
use crate::choice::{Seeded, derive};
use crate::fault::Fault;
use crate::generate::{Sequence, World};
use crate::ledger::{Entry, Genesis, Minima};
use crate::scenario::Step;
use crate::transaction::Envelope;
use crate::unit::Amount;

#[test]
fn a_link_that_is_kept_on_one_side_is_found_at_the_step_that_removes_the_other() {
    let [vault, ann, bob] = [0, 1, 2].map(AccountId);
    for (name, removal, envelope) in
        [("symbol-mainnet", 1, Envelope::AggregateComplete), ("nis1", 0, Envelope::Multisig)]
    {
        let healthy = Protocol::preset(name).unwrap();
        let faulty = Fault::named("back-link-kept").unwrap().seeded_in(&healthy);
        let mut genesis = Genesis::of_accounts(3);
        let currency = crate::mosaic::MosaicId::CURRENCY;
        genesis
            .balances
            .extend([0, 1, 2].map(|id| (AccountId(id), currency, Amount(1_000_000_000))));
        let minima = Minima { approval: 1, removal };
        genesis.entries.push(Entry { account: vault, minima, cosignatories: vec![ann, bob] });
        let mut removes = Transaction::new(envelope, ann);
        removes.push_modification(vault, (0, 0), &[], &[bob]);
        for (protocol, found) in [(&healthy, None), (&faulty, Some("links-symmetric"))] {
            let mut ledger = Ledger::from_genesis(protocol.clone(), &genesis).unwrap();
            let mut watch = Watch::new(healthy.clone(), &ledger, false);
            let verdict = ledger.submit(&removes);
            assert_eq!(verdict, Verdict::Accepted, "{name}");
            let event = Event::Submit(std::slice::from_ref(&removes));
            let breach = watch.step(&ledger, event, verdict).err();
            assert_eq!(breach.as_ref().map(|breach| breach.invariant), found, "{name}");
            assert!(breach.is_none_or(|breach| breach.accounts == [bob, vault]), "{name}");
        }
    }
}

/// The invariant that a look at everything behind some step finds broken, though the look at the step
/// itself did not.
fn found_late(fault: &Fault, name: &str, run: u64) -> Option<&'static str> {
    let healthy = Protocol::preset(name).unwrap();
    let mut choices = Seeded::new(derive(1, run));
    let world = World::draw(&mut choices, &healthy);
    let ledger = Ledger::from_genesis(fault.seeded_in(&world.protocol), &world.genesis);
    let mut ledger = ledger.ok()?;
    let mut watch = Watch::new(world.protocol.clone(), &ledger, false);
    let mut sequence = Sequence::new(&world);
    let mut step = Step::default();
    for _ in 0..400 {
        sequence.next(&mut choices, &ledger, &mut step);
        let verdict = step.put_to(&mut ledger)?;
        if watch.step(&ledger, step.event()?, verdict).is_err() {
            break;
        }
        if let Err(breach) = watch.end(&ledger) {
            return Some(breach.invariant);
        }
    }
    None
}

#[test]
fn no_seeded_fault_breaks_an_invariant_that_only_a_look_at_everything_finds() {
    let mut late = Vec::new();
    for fault in Fault::all() {
        for name in fault.protocols {
            let found = (0..RUNS).find_map(|run| found_late(fault, name, run));
            late.extend(found.map(|invariant| format!("{}, {name}: {invariant}", fault.name)));
        }
    }
    assert!(late.is_empty(), "{late:#?}");
}

/// Runs of each fault under each protocol.
const RUNS: u64 = 5;

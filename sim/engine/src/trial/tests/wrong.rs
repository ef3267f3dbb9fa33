//! Wrong answers and wrong states fed in: each comparison of ledger and auditor, and the last look at the
//! end, notices the one thing that only it can see.

use super::*;
use crate::auditor::Entry;
use crate::invariant::Event;

/// A trial on the usual start, on which ledger and auditor agree so far.
fn agreed(protocol: &Protocol, steps: &[Step]) -> Trial {
    let nis1 = protocol.base == crate::protocol::Base::Nis1;
    let mut trial = Trial::new(protocol, protocol.clone(), &start(nis1), true).unwrap();
    for step in steps {
        assert!(trial.step(step).is_ok());
    }
    trial
}

fn kind(trial: &mut Trial, step: &Step) -> Option<FailureKind> {
    let failure = trial.step(step).err()?;
    assert!(failure.disagrees && failure.broken.is_empty(), "{failure:?}");
    Some(failure.kind)
}

/// Nobody is multisig by these rules, and nobody has anything.
fn other(entry: (u32, u32), cosignatories: &[AccountId]) -> Entry {
    let (min_approval, min_removal) = entry;
    Entry { min_approval, min_removal, cosignatories: cosignatories.iter().copied().collect() }
}

/// The auditor's world, to be made another than the ledger's.
fn auditor_in(trial: &mut Trial) -> &mut Auditor {
    trial.checks.as_mut().unwrap().auditor.as_mut().unwrap()
}

fn rejected(kind: Option<FailureKind>) -> bool {
    matches!(kind, Some(FailureKind::Verdicts { ledger, auditor }) if ledger != auditor)
}

fn poor(trial: &mut Trial, account: AccountId) {
    auditor_in(trial).set_balance(account, MosaicId::CURRENCY, Amount(0));
}

fn paying(from: AccountId) -> Transaction {
    let mut one = Transaction::new(Envelope::Bare, from);
    one.push_transfer(from, B, Amount(1));
    one
}

/// Each way to put something to the ledger is put to the auditor, and its answer is compared.
#[test]
fn another_answer_is_noticed_whatever_was_asked() {
    let protocol = preset("symbol-mainnet");
    let lock = lock(A, 10_000_000, 9);
    let waiting = announce(Envelope::AggregateBonded, &[A]);
    // A transaction and a block that the auditor's payer cannot afford.
    for act in [Act::Transaction, Act::Block] {
        let mut trial = agreed(&protocol, &[]);
        poor(&mut trial, C);
        let step = Step { transaction: paying(C), block: vec![paying(C)], ..Step::of(act) };
        assert!(rejected(kind(&mut trial, &step)));
    }
    // An announcement under a lock that the auditor does not know.
    let mut trial = agreed(&protocol, &[lock.clone(), seal()]);
    *auditor_in(&mut trial) = auditor_of(&protocol, &start(false));
    assert!(rejected(kind(&mut trial, &waiting)));
    // A cosignature of somebody who is no cosignatory there.
    let mut trial = agreed(&protocol, &[lock.clone(), seal(), waiting.clone(), seal()]);
    auditor_in(&mut trial).set_entry(M, other((1, 1), &[A, C]));
    assert!(rejected(kind(&mut trial, &Step::of(Act::Cosign(P, B)))));
    // A roll-back farther than the auditor's horizon.
    let mut trial = agreed(&protocol, &[seal(), seal()]);
    auditor_in(&mut trial).set_horizon(1);
    assert!(rejected(kind(&mut trial, &Step::of(Act::RollBack(2)))));
    // A block of NIS1 that only the auditor refuses, sealed and passed by.
    let mut protocol = preset("nis1");
    protocol.limits.max_transactions_per_block = 1;
    for step in [seal(), Step::of(Act::Advance(2))] {
        let mut trial = agreed(&protocol, &[Step::submit(paying(C))]);
        assert!(auditor_in(&mut trial).submit(&paying(A)).is_accepted());
        assert!(rejected(kind(&mut trial, &step)), "{:?}", step.act);
    }
}

#[test]
fn another_state_is_noticed_though_the_answers_agree() {
    let protocol = preset("symbol-mainnet");
    let pay = || Step {
        transaction: payment(Envelope::AggregateComplete, &[A, B]),
        ..Step::of(Act::Transaction)
    };
    type Edit = fn(&mut Auditor);
    let rows: [(&str, Edit); 6] = [
        ("cosignatories", |auditor| auditor.set_entry(M, other((2, 1), &[A, B, C]))),
        ("cosignatories", |auditor| auditor.set_entry(C, other((1, 1), &[A]))),
        ("thresholds", |auditor| auditor.set_entry(M, other((1, 1), &[A, B]))),
        ("thresholds", |auditor| auditor.set_entry(M, other((2, 2), &[A, B]))),
        ("balance", |auditor| auditor.set_balance(M, MosaicId::CURRENCY, Amount(RICH - 1))),
        ("balance", |auditor| auditor.set_balance(C, MosaicId::CURRENCY, Amount(RICH + 1))),
    ];
    for (part, edit) in rows {
        let mut trial = agreed(&protocol, &[]);
        edit(auditor_in(&mut trial));
        assert_eq!(kind(&mut trial, &pay()), Some(FailureKind::State(part)));
        // A block, and whatever passes time or goes back, looks as well.
        for step in [
            Step { block: vec![pay().transaction], ..Step::of(Act::Block) },
            seal(),
            Step::of(Act::Advance(2)),
            Step::of(Act::RollBack(0)),
        ] {
            let mut trial = agreed(&protocol, &[seal()]);
            edit(auditor_in(&mut trial));
            // The auditor remembers a block's opening at the first step in it.
            assert_eq!(kind(&mut trial, &step), Some(FailureKind::State(part)), "{:?}", step.act);
        }
    }
}

/// Whoever harvests a block is looked at.
#[test]
fn another_balance_of_the_harvester_is_noticed() {
    let protocol = preset("symbol-mainnet");
    let mut trial = agreed(&protocol, &[]);
    poor(&mut trial, C);
    let sealed = Step::of(Act::SealBlock(Some(C)));
    assert_eq!(kind(&mut trial, &sealed), Some(FailureKind::State("balance")));
}

/// A mosaic is looked at where a step can move it.
#[test]
fn another_holding_of_a_mosaic_is_noticed() {
    let protocol = preset("symbol-mainnet");
    let token = MosaicId(1);
    let mut genesis = start(false);
    let definition = crate::mosaic::Definition {
        owner: A,
        supply_mutable: true,
        transferable: true,
        ..Default::default()
    };
    genesis.definitions.push((token, definition));
    genesis.balances.push((A, token, Amount(50)));
    let mut send = Transaction::new(Envelope::Bare, A);
    send.push_transfer(A, C, Amount(1));
    send.amounts[0].0 = token;
    let mut more = Transaction::new(Envelope::Bare, A);
    let body =
        crate::transaction::MosaicSupplyChange { mosaic: token, increase: true, delta: Amount(1) };
    more.push(A, Body::MosaicSupplyChange(body));
    let mut anew = Transaction::new(Envelope::Bare, A);
    let body = crate::transaction::MosaicDefinition {
        mosaic: token,
        divisibility: 0,
        supply_mutable: true,
        transferable: true,
    };
    anew.push(A, Body::MosaicDefinition(body));
    let block = Step { block: vec![send.clone()], ..Step::of(Act::Block) };
    for step in [Step::submit(send), Step::submit(more), Step::submit(anew), block, seal()] {
        let mut trial = Trial::new(&protocol, protocol.clone(), &genesis, true).unwrap();
        auditor_in(&mut trial).set_balance(A, token, Amount(49));
        assert_eq!(kind(&mut trial, &step), Some(FailureKind::State("balance")), "{:?}", step.act);
        // The same units, and another supply.
        let mut trial = Trial::new(&protocol, protocol.clone(), &genesis, true).unwrap();
        let other = crate::mosaic::Definition { supply: Amount(49), ..definition };
        auditor_in(&mut trial).set_definition(token, other);
        assert_eq!(kind(&mut trial, &step), Some(FailureKind::State("mosaic")), "{:?}", step.act);
    }
}

#[test]
fn what_waits_is_compared_with_all_that_it_holds() {
    let protocol = preset("symbol-mainnet");
    let mut genesis = start(false);
    genesis.entries[0] = Multisig {
        account: M,
        minima: Minima { approval: 3, removal: 1 },
        cosignatories: vec![A, B, C],
    };
    let begun = || {
        let mut trial = Trial::new(&protocol, protocol.clone(), &genesis, true).unwrap();
        let waiting = announce(Envelope::AggregateBonded, &[A]);
        for step in [lock(A, 10_000_000, 9), seal(), waiting] {
            assert!(trial.step(&step).is_ok());
        }
        trial
    };
    // Both wait, and one of them holds another signature.
    let mut trial = begun();
    assert_eq!(auditor_in(&mut trial).cosign(P, C), Pending);
    let cosigned = Step::of(Act::Cosign(P, B));
    // The third signature completes it there: another answer. Announced again it is the same answer.
    assert!(rejected(kind(&mut trial.clone(), &cosigned)));
    let again = announce(Envelope::AggregateBonded, &[A]);
    assert_eq!(kind(&mut trial, &again), Some(FailureKind::State("held cosignatures")));
    // It waits here and was executed there; the block passes in both.
    for step in [seal(), Step::of(Act::SealBlock(Some(C))), Step::of(Act::Advance(1))] {
        let mut trial = begun();
        let auditor = auditor_in(&mut trial);
        // Its own signer's signature ends it, and moves nothing.
        assert!(!auditor.cosign(P, A).is_accepted() && !auditor.is_waiting(P));
        assert_eq!(kind(&mut trial, &step), Some(FailureKind::State("waiting")), "{:?}", step.act);
    }
    // The deposit's owner and whoever the waiting transaction names are looked at as well.
    for account in [A, C, M] {
        let mut trial = begun();
        let auditor = auditor_in(&mut trial);
        let held = auditor.balance(account, MosaicId::CURRENCY);
        auditor.set_balance(account, MosaicId::CURRENCY, Amount(held.0 + 1));
        assert_eq!(kind(&mut trial, &cosigned), Some(FailureKind::State("balance")), "{account:?}");
    }
}

/// A block of NIS1 that both refuse is taken back whole: all accounts are looked at, not only its harvester.
#[test]
fn a_refused_block_is_compared_whole() {
    let protocol = preset("nis1");
    let mut trial = agreed(&protocol, &[]);
    let auditor = auditor_in(&mut trial);
    // Of somebody whom neither the payment nor the seal names.
    let unnamed = AccountId(4);
    let held = auditor.balance(unnamed, MosaicId::CURRENCY);
    auditor.set_balance(unnamed, MosaicId::CURRENCY, Amount(held.0 + 1));
    assert_eq!(trial.step(&Step::submit(paying(C))), Ok(Accepted));
    let refused = Step::of(Act::SealBlock(Some(C)));
    assert_eq!(kind(&mut trial, &refused), Some(FailureKind::State("balance")));
}

#[test]
fn height_and_what_the_next_harvester_collects_are_compared() {
    let protocol = preset("nis1");
    let mut trial = agreed(&protocol, &[]);
    let _ = auditor_in(&mut trial).seal_block(None);
    assert_eq!(kind(&mut trial, &Step::submit(paying(A))), Some(FailureKind::State("height")));
    // A fee that only the auditor took, of an account that the step does not name.
    let mut trial = agreed(&protocol, &[]);
    assert!(auditor_in(&mut trial).submit(&paying(C)).is_accepted());
    let unnamed = {
        let mut one = Transaction::new(Envelope::Bare, A);
        one.push_transfer(A, A, Amount(1));
        Step::submit(one)
    };
    assert_eq!(kind(&mut trial, &unnamed), Some(FailureKind::State("pot")));
}

/// A start that the followed rules allow and the healthy ones do not, which no step touches: only the
/// last look at everything sees it.
#[test]
fn what_no_step_touched_is_looked_at_in_the_end() {
    type Edit = fn(&mut Protocol);
    let rows: [(&str, Edit); 4] = [
        ("cosignatory-limit", |protocol| protocol.limits.max_cosignatories_per_account = 1),
        ("cosigned-limit", |protocol| protocol.limits.max_cosigned_accounts_per_account = 0),
        ("depth-limit", |protocol| protocol.limits.max_multisig_depth = 0),
        ("thresholds-in-range", |_| {}),
    ];
    for (name, edit) in rows {
        let followed = preset("symbol-mainnet");
        let mut healthy = followed.clone();
        edit(&mut healthy);
        let mut genesis = start(false);
        let unnamed = AccountId(4);
        if name == "thresholds-in-range" {
            // Judged by the rules of NIS1, which have one threshold.
            healthy = preset("nis1");
        }
        genesis.balances.retain(|(account, ..)| *account != unnamed);
        let mut trial = Trial::new(&healthy, followed, &genesis, false).unwrap();
        let mut pay = Transaction::new(Envelope::Bare, C);
        pay.push_transfer(C, unnamed, Amount(1));
        assert_eq!(trial.step(&Step::submit(pay)), Ok(Accepted), "{name}");
        let failure = trial.end().unwrap_err();
        assert_eq!((failure.kind, failure.disagrees), (FailureKind::Invariant(name), false));
        assert_eq!(failure.broken, [name]);
    }
}

/// What was completed and waits again, with nobody having announced it anew.
#[test]
fn what_waited_and_ended_does_not_wait_again() {
    let protocol = preset("symbol-mainnet");
    let mut ledger = Ledger::from_genesis(protocol.clone(), &start(false)).unwrap();
    let waiting = announce(Envelope::AggregateBonded, &[A]);
    for step in [lock(A, 10_000_000, 9), seal(), waiting.clone()] {
        assert!(step.put_to(&mut ledger).is_some());
    }
    let before = ledger.clone();
    let mut watch = Watch::new(protocol, &before, false);
    assert_eq!(ledger.cosign(P, B), Accepted);
    assert_eq!(watch.step(&ledger, Event::Cosign(P, B), Accepted), Ok(()));
    let mut announced = watch.clone();
    assert!(watch.step(&before, Event::Cosign(P, C), Pending).is_err());
    assert!(watch.broken().contains(&"pending-ends-once"), "{:?}", watch.broken());
    // Announced anew it may wait again: of this the same ledger breaks nothing.
    let _ = announced.step(&before, Event::Announce(P, &waiting.transaction), Pending);
    assert!(!announced.broken().contains(&"pending-ends-once"), "{:?}", announced.broken());
}

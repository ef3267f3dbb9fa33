//! Time as a ledger counts it: in one go as block by block, and up to the last block that a lifetime
//! allows, whole number of blocks or not.

use proptest::collection::vec;
use proptest::prelude::*;
use quorate::account::AccountId;
use quorate::choice::Seeded;
use quorate::generate::{Sequence, World};
use quorate::ledger::{Genesis, Ledger, Lock, State, Status, Waiting};
use quorate::mosaic::MosaicId;
use quorate::protocol::{Base, PRESETS, Protocol};
use quorate::scenario::{Act, Step};
use quorate::transaction::{Envelope, HashLock, PendingId, Transaction};
use quorate::trial::Trial;
use quorate::unit::Amount;
use quorate::verdict::Verdict;

/// Everything that a ledger shows of itself.
#[derive(Debug, PartialEq)]
struct Whole {
    height: u64,
    horizon_blocks: usize,
    state: State,
    waiting: Vec<(PendingId, Waiting)>,
    locks: Vec<(PendingId, Lock)>,
}

fn whole(ledger: &Ledger) -> Whole {
    Whole {
        height: ledger.height(),
        horizon_blocks: ledger.horizon_blocks(),
        state: ledger.state().clone(),
        waiting: ledger.all_waiting().map(|(id, waiting)| (id, waiting.clone())).collect(),
        locks: ledger.all_locks().map(|(id, lock)| (id, *lock)).collect(),
    }
}

/// A ledger with this horizon after so many random steps, among them hash locks and what waits.
fn lived(preset: &str, seed: u64, steps: usize, horizon: usize) -> Ledger {
    let mut choices = Seeded::new(seed);
    let mut world = World::draw(&mut choices, &Protocol::preset(preset).unwrap());
    world.weights.wait = 60;
    let ledger = Ledger::from_genesis(world.protocol.clone(), &world.genesis).unwrap();
    let mut ledger = ledger.with_horizon(horizon);
    let (mut sequence, mut step) = (Sequence::new(&world), Step::default());
    for _ in 0..steps {
        sequence.next(&mut choices, &ledger, &mut step);
        let _ = step.put_to(&mut ledger);
    }
    ledger
}

/// Seals block after block, as often as `advance` does: not at all behind a block that is refused.
fn block_by_block(ledger: &mut Ledger, blocks: u64) -> Verdict {
    let mut verdict = Verdict::Accepted;
    for _ in 0..blocks {
        verdict = ledger.seal_block(None);
        if !verdict.is_accepted() {
            break;
        }
    }
    verdict
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn time_passes_in_one_go_as_block_by_block(
        seed: u64,
        preset in 0..5_usize,
        horizon in prop_oneof![0..6_usize, 6..40_usize, Just(1000)],
        quiet in vec(prop_oneof![0..4_u64, 0..60_u64, 0..1100_u64], 1..4),
    ) {
        let mut one = lived(PRESETS[preset].0, seed, 50, horizon);
        let mut other = one.clone();
        for &blocks in &quiet {
            prop_assert_eq!(one.advance(blocks), block_by_block(&mut other, blocks));
            prop_assert_eq!(whole(&one), whole(&other));
        }
        // However far back: as far as the horizon, the same answer and the same state.
        let kept = one.horizon_blocks() as u64;
        prop_assert!(kept <= horizon as u64);
        let far = [0, 1, kept / 2, kept.saturating_sub(1), kept, kept + 1];
        for blocks in far {
            let (mut back, mut also) = (one.clone(), other.clone());
            let verdict = back.roll_back(blocks);
            prop_assert_eq!(verdict.is_accepted(), blocks <= kept, "{} of {}", blocks, kept);
            prop_assert_eq!(verdict, also.roll_back(blocks));
            prop_assert_eq!(whole(&back), whole(&also));
            // And from there on again.
            prop_assert_eq!(back.advance(blocks + 3), block_by_block(&mut also, blocks + 3));
            prop_assert_eq!(whole(&back), whole(&also));
        }
    }
}

const SHARED: AccountId = AccountId(0);
const ANN: AccountId = AccountId(1);
const BOB: AccountId = AccountId(2);
const P: PendingId = PendingId(0);

/// `SHARED` is a 2-of-2 of Ann and Bob, who have enough of everything.
fn shared(protocol: &Protocol) -> Genesis {
    let mut genesis = Genesis::of_accounts(3);
    for account in [SHARED, ANN, BOB] {
        genesis.balances.push((account, MosaicId::CURRENCY, Amount(100_000_000)));
    }
    let removal = if protocol.base == Base::Nis1 { 0 } else { 2 };
    let minima = quorate::ledger::Minima { approval: 2, removal };
    let cosignatories = vec![ANN, BOB];
    genesis.entries.push(quorate::ledger::Entry { account: SHARED, minima, cosignatories });
    genesis
}

/// A payment of the shared account, announced by Ann, with this deadline.
fn announced(base: Base, deadline_seconds: Option<i64>) -> Step {
    let envelope = if base == Base::Nis1 { Envelope::Multisig } else { Envelope::AggregateBonded };
    let mut transaction = Transaction::new(envelope, ANN);
    transaction.push_transfer(SHARED, BOB, Amount(1));
    transaction.deadline_seconds = deadline_seconds;
    Step { transaction, ..Step::of(Act::Announce(P)) }
}

fn lock(amount: u64, duration_blocks: u64) -> Step {
    let mut transaction = Transaction::new(Envelope::Bare, ANN);
    let amount = Amount(amount);
    let body = HashLock { pending: P, amount, duration_blocks };
    transaction.push(ANN, quorate::transaction::Body::HashLock(body));
    Step::submit(transaction)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    /// A block whose time is the deadline is the last that takes it, whatever the time of a block.
    #[test]
    fn what_waits_may_be_completed_up_to_the_last_block_before_its_end(
        preset in 0..5_usize,
        block_time in 1..70_u64,
        lifetime in 1..400_u64,
        own_deadline in proptest::option::of(1..400_u64),
        started in 1..6_u64,
    ) {
        let mut protocol = Protocol::preset(PRESETS[preset].0).unwrap();
        protocol.limits.block_time_seconds = block_time;
        protocol.limits.bonded_lifetime_seconds = lifetime;
        let deadline = own_deadline.map(|seconds| seconds.min(lifetime));
        // So many blocks later the payment may still be completed.
        let last = deadline.unwrap_or(lifetime) / block_time;
        for (blocks, completes) in [(last, true), (last + 1, false)] {
            let mut trial =
                Trial::new(&protocol, protocol.clone(), &shared(&protocol), true).unwrap();
            let mut steps = Vec::new();
            if protocol.base != Base::Nis1 {
                let longest = protocol.limits.hash_lock_duration_blocks_max;
                steps.push(lock(protocol.limits.hash_lock_amount, longest));
            }
            steps.push(Step::of(Act::Advance(started)));
            steps.push(announced(protocol.base, deadline.map(|seconds| seconds as i64)));
            steps.push(Step::of(Act::Advance(blocks)));
            for step in &steps {
                prop_assert!(trial.step(step).is_ok(), "{:?}: {:?}", step.act, trial.step(step));
            }
            let status = trial.ledger().waiting(P).map(|waiting| waiting.status);
            let expected = if completes { Status::Waiting } else { Status::Expired };
            prop_assert_eq!(status, Some(expected), "{} of {} blocks", blocks, last);
            let verdict = trial.step(&Step::of(Act::Cosign(P, BOB)));
            prop_assert_eq!(verdict.map(Verdict::is_accepted), Ok(completes));
            prop_assert_eq!(trial.end(), Ok(()));
        }
    }

    /// A deadline counts in seconds: the last block that takes it is the last one not behind it, and it
    /// may lie a whole lifetime ahead and no second more.
    #[test]
    fn a_deadline_is_met_to_the_second(
        preset in 0..5_usize,
        block_time in 1..70_u64,
        lifetime in 1..400_u64,
        seconds in 0..500_u64,
        later in 0..8_u64,
    ) {
        let mut protocol = Protocol::preset(PRESETS[preset].0).unwrap();
        let is_nis1 = protocol.base == Base::Nis1;
        protocol.limits.block_time_seconds = block_time;
        protocol.limits.transaction_lifetime_seconds = lifetime;
        let mut trial = Trial::new(&protocol, protocol.clone(), &shared(&protocol), true).unwrap();
        prop_assert!(trial.step(&Step::of(Act::Advance(3))).is_ok());
        let mut transaction = Transaction::new(Envelope::Bare, ANN);
        transaction.push_transfer(ANN, BOB, Amount(1));
        transaction.deadline_seconds = Some(seconds as i64);
        transaction.id = Some(P);
        let first = trial.step(&Step::submit(transaction.clone()));
        let expected = if is_nis1 { 1..=lifetime } else { 0..=lifetime };
        prop_assert_eq!(first.map(Verdict::is_accepted), Ok(expected.contains(&seconds)));
        // The same bytes again, in a later block: its time passes, its deadline stays.
        prop_assert!(trial.step(&Step::of(Act::RollBack(0))).is_ok());
        prop_assert!(trial.step(&Step::of(Act::Advance(later))).is_ok());
        let passed = later * block_time;
        let again = trial.step(&Step::submit(transaction));
        let near = if is_nis1 { seconds <= lifetime } else { seconds <= passed + lifetime };
        let in_time = seconds >= passed && near && (seconds > 0 || !is_nis1);
        prop_assert_eq!(again.map(Verdict::is_accepted), Ok(in_time));
    }
}

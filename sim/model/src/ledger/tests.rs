//! Tests of the ledger that the recorded traces do not cover.

use super::*;
use crate::ledger::links::Minima;
use crate::transaction::{Body, HashLock};
use crate::verdict::{Reason, Refusal};
use Verdict::{Accepted, Pending, Refused, Rejected};

const P: PendingId = PendingId(0);
const Q: PendingId = PendingId(1);
const CLUB: AccountId = AccountId(0);
const A: AccountId = AccountId(1);
const B: AccountId = AccountId(2);
const C: AccountId = AccountId(3);
const D: AccountId = AccountId(4);

/// A 2-of-3 of A, B and C that holds 100; A holds two deposits.
fn ledger(protocol: &str, edit: impl FnOnce(&mut Protocol)) -> Ledger {
    let mut protocol = Protocol::preset(protocol).unwrap();
    edit(&mut protocol);
    let currency = MosaicId::CURRENCY;
    let nis1 = protocol.base == Base::Nis1;
    let rich = if nis1 { 100_000_000 } else { 100 };
    let genesis = Genesis {
        balances: vec![(A, currency, Amount(20_000_000)), (CLUB, currency, Amount(rich))],
        entries: vec![Entry {
            account: CLUB,
            minima: Minima { approval: 2, removal: if nis1 { 0 } else { 2 } },
            cosignatories: vec![A, B, C],
        }],
        ..Genesis::of_accounts(5)
    };
    Ledger::from_genesis(protocol, &genesis).unwrap()
}

fn lock(pending: PendingId, duration_blocks: u64) -> Transaction {
    let mut made = Transaction::new(Envelope::Bare, A);
    let amount = Amount(10_000_000);
    made.push(A, Body::HashLock(HashLock { pending, amount, duration_blocks }));
    made
}

fn payment(envelope: Envelope, signers: &[AccountId], from: AccountId) -> Transaction {
    let mut made = Transaction::new(envelope, signers[0]);
    made.cosignatures.extend_from_slice(&signers[1..]);
    made.push_transfer(from, D, Amount(1));
    made
}

fn bonded(signers: &[AccountId]) -> Transaction {
    payment(Envelope::AggregateBonded, signers, CLUB)
}

/// A ledger with a confirmed lock of so many blocks, made at height 1.
fn locked(protocol: &str, blocks: u64, edit: impl FnOnce(&mut Protocol)) -> Ledger {
    let mut made = ledger(protocol, edit);
    assert_eq!(made.submit(&lock(P, blocks)), Accepted);
    assert_eq!(made.seal_block(None), Accepted);
    made
}

fn status(ledger: &Ledger) -> Option<Status> {
    ledger.waiting(P).map(|waiting| waiting.status)
}

/// Brings a ledger to a height.
fn reach(ledger: &mut Ledger, height: u64) {
    assert_eq!(ledger.advance(height - ledger.height()), Accepted);
}

#[test]
fn a_lock_keeps_others_of_its_hash_out_as_long_as_its_era_says() {
    let exists = Rejected(Reason::LockHashHashAlreadyExists);
    let (unknown, inactive) = (Reason::LockHashUnknownHash, Reason::LockHashInactiveHash);
    #[rustfmt::skip]
    let table = [
        // era, height, a new lock, an announcement; the first lock ends at 11
        ("catapult-v3", 10, exists, Pending), ("catapult-v3", 11, exists, Rejected(inactive)),
        ("catapult-v3", 51, exists, Rejected(inactive)), ("catapult-v3", 52, Accepted, Rejected(unknown)),
        ("catapult-v1", 10, exists, Pending), ("catapult-v1", 11, exists, Rejected(inactive)),
        ("catapult-v1", 51, exists, Rejected(inactive)), ("catapult-v1", 52, Accepted, Rejected(unknown)),
        ("symbol-private", 10, exists, Pending), ("symbol-private", 11, Accepted, Rejected(inactive)),
        ("symbol-private", 500, Accepted, Rejected(inactive)),
    ];
    for (era, height, again, announced) in table {
        let mut expired = locked(era, 10, |_| {});
        reach(&mut expired, height);
        assert_eq!(expired.announce(P, &bonded(&[A])), announced, "{era} {height}");
        let mark = expired.mark();
        assert_eq!(expired.submit(&lock(P, 10)), again, "{era} {height}");
        expired.undo_to(mark);
        let mut used = locked(era, 10, |_| {});
        assert_eq!(used.announce(P, &bonded(&[A, B])), Accepted);
        reach(&mut used, height);
        let symbol = used.protocol().base == Base::Symbol;
        let again = if symbol { Accepted } else { again };
        assert_eq!(used.submit(&lock(P, 10)), again, "{era} {height}, used");
    }
}

#[test]
fn a_lock_is_forgotten_in_one_leap_and_comes_back_with_a_rollback() {
    let mut made = locked("catapult-v1", 10, |_| {});
    reach(&mut made, 51);
    let before = made.state().clone();
    assert_eq!(made.advance(3), Accepted);
    assert_eq!(made.all_locks().count(), 0);
    assert_eq!(made.roll_back(3), Accepted);
    assert_eq!(made.all_locks().count(), 1);
    assert_eq!((made.height(), made.state().clone()), (51, before));
    assert_eq!(made.roll_back(42), Accepted);
    assert!(made.all_locks().all(|(_, lock)| lock.active), "before its end it holds again");
    reach(&mut made, 100_000);
    assert_eq!(made.all_locks().count(), 0);
}

#[test]
fn a_lock_counts_once_its_block_is_sealed() {
    for era in ["catapult-v3", "catapult-v1", "symbol-mainnet"] {
        let mut made = ledger(era, |_| {});
        assert_eq!(made.submit(&lock(P, 10)), Accepted);
        let announced = made.announce(P, &bonded(&[A]));
        assert_eq!(announced, Rejected(Reason::LockHashUnknownHash), "{era}");
        let mut in_the_block = bonded(&[A, B]);
        in_the_block.id = Some(P);
        let mut other = made.clone();
        assert_eq!(other.submit(&in_the_block), Accepted, "{era}: a block sees its own locks");
        assert_eq!(made.seal_block(None), Accepted);
        assert_eq!(made.announce(P, &bonded(&[A])), Pending, "{era}");
    }
}

#[test]
fn one_signature_above_the_cap_ends_what_waits_and_the_cap_itself_does_not() {
    let parts = |signers: &[AccountId]| {
        let mut made = bonded(signers);
        made.push_transfer(D, A, Amount(0));
        made
    };
    let (most, many) = (Pending, Rejected(Reason::AggregateTooManyCosignatures));
    for (cap, second, third) in
        [(4, most, most), (3, most, many), (2, many, Refused(Refusal::NotPending))]
    {
        let mut made = locked("symbol-mainnet", 10, |protocol| {
            protocol.limits.max_cosignatures_per_aggregate = cap;
        });
        assert_eq!(made.announce(P, &parts(&[A])), Pending);
        assert_eq!(made.cosign(P, B), Pending);
        assert_eq!(made.cosign(P, C), second, "{cap}");
        let stranger = Rejected(Reason::AggregateIneligibleCosignatories);
        if third == most && second == most && cap == 4 {
            assert_eq!(made.cosign(P, CLUB), stranger, "its own key is nothing");
        }
        let purged = status(&made) == Some(Status::Purged);
        assert_eq!(purged, second == many, "{cap}");
    }
}

#[test]
fn whoever_signed_the_whole_ends_it_by_cosigning_and_may_announce_it_again() {
    let mut made = locked("symbol-mainnet", 10, |_| {});
    let redundant = Rejected(Reason::AggregateRedundantCosignatures);
    assert_eq!(made.announce(P, &bonded(&[A, A])), redundant, "attached it ends it at once");
    assert_eq!(made.announce(P, &bonded(&[A, D])), Pending, "a stranger's is left out");
    assert_eq!(made.waiting(P).unwrap().transaction.cosignatures, []);
    assert_eq!(made.cosign(P, A), redundant);
    assert_eq!(status(&made), Some(Status::Purged));
    assert_eq!(made.cosign(P, B), Refused(Refusal::NotPending));
    assert_eq!(made.announce(P, &bonded(&[A, D, B])), Accepted);
}

#[test]
fn what_waits_is_judged_by_what_is_sealed() {
    let mut made = locked("symbol-mainnet", 10, |_| {});
    let mut removal = Transaction::new(Envelope::AggregateComplete, A);
    removal.cosignatures.push(C);
    removal.push_modification(CLUB, (0, 0), &[], &[B]);
    assert_eq!(made.announce(P, &bonded(&[A])), Pending);
    assert_eq!(made.seal_block(None), Accepted);
    assert_eq!(made.submit(&removal), Accepted);
    let before = made.state().clone();
    // Complete by the sealed block, and refused by the rules that hold now.
    let ineligible = Rejected(Reason::AggregateIneligibleCosignatories);
    assert_eq!(made.clone().cosign(P, B), ineligible);
    assert_eq!(*made.state(), before);
    assert_eq!(made.seal_block(None), Accepted);
    assert_eq!(made.cosign(P, B), ineligible);
    assert_eq!(status(&made), Some(Status::Waiting), "now it is only a stranger's");
    assert_eq!(made.cosign(P, C), Accepted);
    assert_eq!(made.roll_back(1), Accepted);
    assert_eq!(made.cosign(P, B), Accepted);
}

/// A change of links alone, thresholds as they were, is one that the sealed block does not know.
#[test]
fn what_waits_knows_a_new_or_a_gone_cosignatory_once_it_is_sealed() {
    let change = |signers: &[AccountId], added: &[AccountId], removed: &[AccountId]| {
        let mut made = Transaction::new(Envelope::AggregateComplete, signers[0]);
        made.cosignatures.extend_from_slice(&signers[1..]);
        made.push_modification(CLUB, (0, 0), added, removed);
        made
    };
    let ineligible = Rejected(Reason::AggregateIneligibleCosignatories);
    let mut made = locked("symbol-mainnet", 10, |_| {});
    assert_eq!(made.announce(P, &bonded(&[A])), Pending);
    assert_eq!(made.seal_block(None), Accepted);
    let mut gone = made.clone();
    assert_eq!(made.submit(&change(&[A, B, D], &[D], &[])), Accepted);
    assert_eq!(made.cosign(P, D), ineligible);
    assert_eq!(status(&made), Some(Status::Waiting), "a stranger's is left out");
    assert_eq!(made.seal_block(None), Accepted);
    assert_eq!(made.cosign(P, D), Accepted);
    let mut raised = gone.clone();
    assert_eq!(gone.submit(&change(&[A, C], &[], &[B])), Accepted);
    assert_eq!(gone.cosign(P, B), ineligible);
    assert_eq!(status(&gone), Some(Status::Failed), "complete by the sealed block");
    // Thresholds alone: two are enough by the sealed block, and three are asked for now.
    let mut raise = change(&[A, B], &[], &[]);
    raise.parts.clear();
    raise.push_modification(CLUB, (1, 1), &[], &[]);
    assert_eq!(raised.submit(&raise), Accepted);
    let missing = Rejected(Reason::AggregateMissingCosignatures);
    assert_eq!(raised.cosign(P, B), missing);
    assert_eq!(status(&raised), Some(Status::Failed));
}

#[test]
fn an_aggregate_is_announced_again_for_its_signatures_alone() {
    let three = |protocol: &mut Protocol| protocol.limits.max_cosignatures_per_aggregate = 3;
    let mut made = locked("catapult-v3", 10, three);
    assert_eq!(made.announce(P, &bonded(&[A])), Pending);
    assert_eq!(made.announce(P, &bonded(&[A])), Pending, "no news");
    assert_eq!(made.announce(P, &bonded(&[B])), Refused(Refusal::AlreadyAnnounced));
    assert_eq!(made.announce(P, &bonded(&[A, D, C])), Accepted);
    let duplicate = Rejected(Reason::HashAlreadyExists);
    assert_eq!(made.announce(P, &bonded(&[A])), duplicate);
    assert_eq!(made.roll_back(0), Accepted);
    assert_eq!(made.announce(P, &bonded(&[A])), Pending);
}

#[test]
fn deadlines_hold_at_their_bounds() {
    let (past, future) = (Rejected(Reason::PastDeadline), Rejected(Reason::FutureDeadline));
    #[rustfmt::skip]
    let table = [
        ("symbol-mainnet", -1, past), ("symbol-mainnet", 0, Accepted),
        ("symbol-mainnet", 21_600, Accepted), ("symbol-mainnet", 21_601, future),
        ("symbol-private", 86_400, Accepted), ("symbol-private", 86_401, future),
        ("catapult-v1", -1, past), ("catapult-v1", 86_400, Accepted), ("catapult-v1", 86_401, future),
        ("catapult-v3", -1, past), ("catapult-v3", 86_400, Accepted), ("catapult-v3", 86_401, future),
        ("nis1", 0, past), ("nis1", 1, Accepted), ("nis1", 86_400, Accepted), ("nis1", 86_401, future),
        ("nis1", i64::MIN, past), ("symbol-mainnet", i64::MIN, past), ("symbol-mainnet", i64::MAX, future),
    ];
    for (protocol, seconds, expected) in table {
        let mut made = ledger(protocol, |_| {});
        reach(&mut made, 5);
        let mut transfer = payment(Envelope::Bare, &[A], A);
        transfer.deadline_seconds = Some(seconds);
        assert_eq!(made.submit(&transfer), expected, "{protocol} {seconds}");
    }
}

#[test]
fn what_waits_ends_at_the_earlier_of_deadline_and_lock() {
    let gone = Refused(Refusal::NotPending);
    #[rustfmt::skip]
    let table = [
        // lock in blocks, deadline in seconds, height of the cosignature, its answer; a block takes 30 s
        (10, 90, 5, Accepted), (10, 90, 6, gone), (10, 89, 4, Accepted), (10, 89, 5, gone),
        (4, 900, 4, Accepted), (4, 900, 5, gone),
    ];
    for (blocks, seconds, height, expected) in table {
        let mut made = locked("symbol-mainnet", blocks, |_| {});
        let mut waiting = bonded(&[A]);
        waiting.deadline_seconds = Some(seconds);
        assert_eq!(made.announce(P, &waiting), Pending);
        reach(&mut made, height);
        assert_eq!(made.cosign(P, B), expected, "{blocks} {seconds} {height}");
        assert_eq!(made.roll_back(height - 2), Accepted);
        assert_eq!(status(&made), None, "its announcement went with the block");
    }
}

#[test]
fn the_first_deadline_is_that_of_the_bytes() {
    let mut made = ledger("symbol-mainnet", |_| {});
    let mut transfer = payment(Envelope::Bare, &[B], B);
    (transfer.id, transfer.deadline_seconds) = (Some(Q), Some(60));
    let poor = Rejected(Reason::InsufficientBalance);
    assert_eq!(made.submit(&transfer), poor);
    reach(&mut made, 3);
    assert_eq!(made.submit(&transfer), poor, "60 s later");
    reach(&mut made, 4);
    assert_eq!(made.submit(&transfer), Rejected(Reason::PastDeadline));
    transfer.id = None;
    assert_eq!(made.submit(&transfer), poor, "other bytes");
}

#[test]
fn an_identity_is_executed_once_and_forgotten_with_its_block() {
    for (protocol, at_once, later) in [
        ("symbol-mainnet", Reason::HashAlreadyExists, Reason::HashAlreadyExists),
        ("catapult-v3", Reason::HashAlreadyExists, Reason::HashAlreadyExists),
        ("nis1", Reason::TransactionDuplicateInChain, Reason::Neutral),
    ] {
        let mut made = ledger(protocol, |_| {});
        let mut transfer = payment(Envelope::Bare, &[A], A);
        transfer.id = Some(Q);
        let digest = made.state().digest();
        assert_eq!(made.submit(&transfer), Accepted);
        assert_ne!(made.state().digest(), digest);
        assert_eq!(made.submit(&transfer), Rejected(at_once), "{protocol}");
        assert_eq!(made.advance(1_000_000), Accepted);
        assert_eq!(made.submit(&transfer), Rejected(later), "{protocol}");
        let mut again = ledger(protocol, |_| {});
        assert_eq!(again.submit(&transfer), Accepted);
        assert_eq!(again.roll_back(0), Accepted);
        assert_eq!(again.state().digest(), digest);
        assert_eq!(again.submit(&transfer), Accepted, "{protocol}");
    }
}

#[test]
fn a_nis1_node_knows_what_waits_by_both_its_hashes() {
    let wrapper = |signers: &[AccountId]| payment(Envelope::Multisig, signers, CLUB);
    let inside = |signers: &[AccountId]| Transaction { inner_id: Some(Q), ..wrapper(signers) };
    let mut made = ledger("nis1", |_| {});
    let neutral = Rejected(Reason::Neutral);
    assert_eq!(made.announce(P, &inside(&[A])), Pending);
    assert_eq!(made.announce(P, &inside(&[A])), neutral);
    assert_eq!(made.announce(PendingId(2), &inside(&[B])), neutral);
    let mut bare = payment(Envelope::Bare, &[A], A);
    assert_eq!(made.announce(Q, &bare), neutral);
    bare.id = Some(Q);
    let unmatched = Rejected(Reason::MultisigNoMatchingMultisig);
    assert_eq!(made.cosign(PendingId(2), B), unmatched);
    assert_eq!(made.cosign(P, D), unmatched);
    assert_eq!(made.cosign(P, CLUB), Rejected(Reason::TransactionNotAllowedForMultisig));
    assert_eq!(made.cosign(P, B), Accepted);
    assert_eq!(made.cosign(P, B), neutral, "its signature is in the chain");
    assert_eq!(made.cosign(P, C), unmatched);
    assert_eq!(made.submit(&bare), Rejected(Reason::TransactionDuplicateInChain));
    assert_eq!(made.seal_block(None), Accepted);
    assert_eq!(made.submit_block(&[bare.clone()]), neutral);
    let poor = payment(Envelope::Bare, &[D, D], D);
    let poor = Transaction { cosignatures: Vec::new(), ..poor };
    let first_failure = made.submit_block(&[bare, poor]);
    assert_eq!(first_failure, Rejected(Reason::InsufficientBalance), "block rules come last");
}

#[test]
fn of_a_mosaic_that_nobody_defined_everybody_holds_nothing() {
    for protocol in ["symbol-mainnet", "catapult-v3", "catapult-v1", "nis1"] {
        let mut made = ledger(protocol, |_| {});
        let mut transfer = payment(Envelope::Bare, &[A], A);
        transfer.amounts[0] = (MosaicId(7), Amount(1));
        let poor = Rejected(Reason::InsufficientBalance);
        assert_eq!(made.submit(&transfer), poor, "{protocol}");
        transfer.amounts[0].1 = Amount(0);
        assert_eq!(made.submit(&transfer), Accepted, "{protocol}: nothing of it may be sent");
    }
}

#[test]
fn whatever_is_written_is_counted_even_if_it_is_taken_back() {
    let mut ledger = ledger("symbol-mainnet", |_| ());
    let mut known = ledger.writes();
    let mut is_written = |ledger: &Ledger| {
        let before = std::mem::replace(&mut known, ledger.writes());
        before != known
    };
    let short = payment(Envelope::AggregateComplete, &[A], CLUB);
    assert_eq!(ledger.submit(&short), Rejected(Reason::AggregateMissingCosignatures));
    assert!(!is_written(&ledger));
    let mut poor = payment(Envelope::AggregateComplete, &[A, B], CLUB);
    poor.push_transfer(CLUB, D, Amount(1_000));
    let before = ledger.state().clone();
    assert_eq!(ledger.submit(&poor), Rejected(Reason::InsufficientBalance));
    assert!(*ledger.state() == before && is_written(&ledger));
    assert_eq!(ledger.submit(&lock(P, 10)), Accepted);
    assert!(is_written(&ledger));
    assert_eq!(ledger.roll_back(0), Accepted);
    assert!(*ledger.state() == before && is_written(&ledger));
}

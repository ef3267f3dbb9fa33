//! Transactions that wait for signatures, their deposits, and the way back through blocks.

use super::*;

fn waiting(duration_blocks: u64) -> Auditor {
    let mut auditor = world(&protocol(Base::Symbol), 2, 1, &[A, B, C]);
    confirm_lock(&mut auditor, duration_blocks);
    let question = payment(Envelope::AggregateBonded, &[A], 5);
    assert_eq!(auditor.announce(P, &question), Pending);
    auditor
}

/// Locks a deposit for P and seals the block.
fn confirm_lock(auditor: &mut Auditor, duration_blocks: u64) {
    let lock = lock_for(auditor, duration_blocks);
    assert_eq!([auditor.submit(&lock), auditor.seal_block(None)], [Accepted; 2]);
}

/// A world of an account with two cosignatories, and a confirmed lock.
fn locked(base: Base) -> Auditor {
    let mut auditor = world(&protocol(base), 2, 1, &[A, B]);
    confirm_lock(&mut auditor, 10);
    auditor
}

#[test]
fn a_bonded_aggregate_needs_its_deposit_first() {
    let mut auditor = world(&protocol(Base::Symbol), 2, 1, &[A, B]);
    let question = payment(Envelope::AggregateBonded, &[A], 5);
    let unknown = Rejected(Reason::LockHashUnknownHash);
    assert_eq!(auditor.announce(P, &question), unknown);
    assert_eq!(auditor.submit(&question), unknown);
    let lock = lock_for(&auditor, 2);
    assert_eq!(auditor.submit(&lock), Accepted);
    assert_eq!(auditor.submit(&lock), Rejected(Reason::LockHashHashAlreadyExists));
    assert_eq!(currency(&auditor, OWNER), THOUSAND - DEPOSIT);
    assert_eq!(auditor.announce(P, &question), unknown, "a lock of the open block");
    let _ = auditor.advance(2);
    let inactive = Rejected(Reason::LockHashInactiveHash);
    assert_eq!(auditor.announce(P, &question), inactive);
    assert_eq!(auditor.submit(&lock), Accepted);
    assert_eq!(auditor.announce(P, &question), inactive);
    assert_eq!(auditor.seal_block(None), Accepted);
    assert_eq!(auditor.announce(P, &question), Pending);
}

#[test]
fn a_hash_lock_has_one_amount_and_a_longest_duration() {
    let mut auditor = world(&protocol(Base::Symbol), 0, 0, &[]);
    let longest = auditor.protocol.limits.hash_lock_duration_blocks_max;
    for wrong in [0, longest + 1] {
        let lock = lock_for(&auditor, wrong);
        assert_eq!(auditor.submit(&lock), Rejected(Reason::LockHashInvalidDuration));
    }
    let cheap = HashLock { pending: P, amount: Amount(DEPOSIT - 1), duration_blocks: longest };
    let invalid = Rejected(Reason::LockHashInvalidMosaicAmount);
    assert_eq!(auditor.submit(&bare(OWNER, Body::HashLock(cheap))), invalid);
    let lock = lock_for(&auditor, longest);
    auditor.set_balance(OWNER, MosaicId::CURRENCY, Amount(DEPOSIT - 1));
    assert_eq!(auditor.submit(&lock), Rejected(Reason::InsufficientBalance));
}

#[test]
fn the_last_cosignature_executes_and_returns_the_deposit() {
    let mut auditor = waiting(10);
    assert_eq!(auditor.cosign(P, X), Rejected(Reason::AggregateIneligibleCosignatories));
    assert!(auditor.is_waiting(P));
    assert_eq!(currency(&auditor, OWNER), THOUSAND - DEPOSIT);
    assert_eq!(auditor.cosign(P, B), Accepted);
    assert_eq!(currency(&auditor, OWNER), THOUSAND);
    assert_eq!(currency(&auditor, X), THOUSAND + 5);
    assert_eq!(auditor.cosign(P, C), Refused(Refusal::NotPending));
    let again = payment(Envelope::AggregateBonded, &[A], 5);
    assert_eq!(auditor.announce(P, &again), Rejected(Reason::HashAlreadyExists));
    let other = payment(Envelope::AggregateBonded, &[A], 6);
    assert_eq!(auditor.announce(P, &other), Refused(Refusal::AlreadyAnnounced));
    let _ = auditor.advance(20);
    assert_eq!(auditor.uncollected(), Amount::ZERO);
}

#[test]
fn a_sufficient_aggregate_executes_as_it_is_announced() {
    let mut auditor = locked(Base::Symbol);
    let question = payment(Envelope::AggregateBonded, &[A, B], 5);
    assert_eq!(auditor.judge_bonded(&question), Accepted);
    assert_eq!(auditor.announce(P, &question), Accepted);
    assert_eq!(currency(&auditor, X), THOUSAND + 5);
}

#[test]
fn what_looks_complete_may_fail_by_the_full_rules_and_waits_no_longer() {
    let mut auditor = world(&protocol(Base::Symbol), 1, 1, &[A, B]);
    confirm_lock(&mut auditor, 10);
    // Raises the threshold and spends: the old threshold is met, the new one is not.
    let mut question = change(Envelope::AggregateBonded, &[X], (1, 0), &[], &[]);
    question.push_transfer(M, X, Amount(1)).push_transfer(X, M, Amount(0));
    assert_eq!(auditor.announce(P, &question), Pending);
    assert_eq!(auditor.cosign(P, A), Rejected(Reason::AggregateMissingCosignatures));
    assert!(!auditor.is_waiting(P));
    assert_eq!(auditor.entries().next().map(|(_, entry)| entry.min_approval), Some(1));
    assert_eq!(currency(&auditor, OWNER), THOUSAND - DEPOSIT);
}

#[test]
fn a_stale_cosignature_is_dropped_when_the_next_one_arrives() {
    let mut auditor = world(&protocol(Base::Symbol), 3, 1, &[A, B, C]);
    confirm_lock(&mut auditor, 10);
    assert_eq!(auditor.announce(P, &payment(Envelope::AggregateBonded, &[A, B], 5)), Pending);
    assert_eq!(auditor.submit(&aggregate(&[A], (-1, 0), &[], &[B])), Accepted);
    assert_eq!(auditor.seal_block(None), Accepted);
    assert_eq!(auditor.cosign(P, X), Rejected(Reason::AggregateIneligibleCosignatories));
    assert_eq!(auditor.cosign(P, C), Accepted);
}

#[test]
fn the_harvester_of_the_block_gets_an_expired_deposit() {
    let mut auditor = waiting(3);
    let _ = auditor.advance(1);
    assert_eq!(auditor.height(), Height(3));
    assert!(auditor.is_waiting(P));
    let _ = auditor.advance(1);
    assert_eq!(auditor.cosign(P, B), Refused(Refusal::NotPending));
    assert_eq!(currency(&auditor, HARVESTER), THOUSAND);
    assert_eq!(auditor.seal_block(Some(HARVESTER)), Accepted);
    assert_eq!(currency(&auditor, HARVESTER), THOUSAND + DEPOSIT);
    assert_eq!(currency(&auditor, OWNER), THOUSAND - DEPOSIT);
    assert_eq!(auditor.uncollected(), Amount::ZERO);
}

#[test]
fn a_lifetime_ends_before_its_deposit_does() {
    let mut protocol = protocol(Base::Symbol);
    protocol.limits.bonded_lifetime_seconds = 5 * protocol.limits.block_time_seconds;
    let mut auditor = waiting(50);
    let mut short = world(&protocol, 2, 1, &[A, B]);
    confirm_lock(&mut short, 50);
    assert_eq!(short.announce(P, &payment(Envelope::AggregateBonded, &[A], 5)), Pending);
    let _ = short.advance(5);
    let _ = auditor.advance(48);
    assert!(short.is_waiting(P) && auditor.is_waiting(P));
    let _ = short.advance(1);
    assert!(!short.is_waiting(P));
    let _ = short.advance(43);
    assert_eq!((short.height(), short.uncollected()), (Height(51), Amount::ZERO));
    let _ = short.advance(u64::MAX);
    assert_eq!(short.uncollected(), Amount(DEPOSIT));
}

#[test]
fn blocks_sealed_one_by_one_and_many_at_once_are_the_same() {
    let mut protocol = protocol(Base::Symbol);
    protocol.limits.bonded_lifetime_seconds = 5 * protocol.limits.block_time_seconds;
    let mut leaping = world(&protocol, 2, 1, &[A, B]);
    confirm_lock(&mut leaping, 9);
    assert_eq!(leaping.announce(P, &payment(Envelope::AggregateBonded, &[A], 5)), Pending);
    let start = leaping.clone();
    let mut walking = leaping.clone();
    for blocks in 1..15 {
        leaping = start.clone();
        let _ = leaping.advance(blocks);
        assert_eq!(walking.seal_block(None), Accepted);
        assert_eq!(walking.state, leaping.state);
        assert_eq!(walking.pool, leaping.pool);
        assert_eq!(walking.is_waiting(P), blocks <= 5);
        assert_eq!(walking.uncollected(), Amount(if blocks < 9 { 0 } else { DEPOSIT }));
        for back in 0..=blocks {
            let (mut walked, mut leapt) = (walking.clone(), leaping.clone());
            assert_eq!([walked.roll_back(back), leapt.roll_back(back)], [Accepted; 2]);
            assert_eq!((walked.state, walked.pool), (leapt.state, leapt.pool));
        }
    }
}

#[test]
fn bonded_aggregates_may_be_switched_off() {
    let mut protocol = protocol(Base::Symbol);
    protocol.switches.bonded_aggregates = false;
    let mut auditor = world(&protocol, 1, 1, &[A]);
    let question = payment(Envelope::AggregateBonded, &[A], 5);
    assert_eq!(auditor.announce(P, &question), Refused(Refusal::UnknownType));
}

#[test]
fn a_nis1_transaction_waits_for_its_signatures() {
    let mut auditor = world(&protocol(Base::Nis1), 2, 0, &[A, B, C]);
    let question = payment(Envelope::Multisig, &[A], 5);
    let stranger = payment(Envelope::Multisig, &[X], 5);
    assert_eq!(auditor.announce(P, &stranger), Rejected(Reason::MultisigNotACosigner));
    assert_eq!(auditor.announce(P, &question), Pending);
    let no_match = Rejected(Reason::MultisigNoMatchingMultisig);
    assert_eq!([auditor.cosign(P, A), auditor.cosign(P, X)], [no_match, no_match]);
    let multisig = Rejected(Reason::TransactionNotAllowedForMultisig);
    assert_eq!(auditor.cosign(P, M), multisig);
    assert_eq!(auditor.cosign(P, B), Accepted);
    // 0.15 for the wrapper, 0.15 for the signature, 0.05 for the transfer.
    assert_eq!(currency(&auditor, M), THOUSAND - 5 - 350_000);
    assert_eq!(auditor.cosign(P, C), no_match);
    let neutral = Rejected(Reason::Neutral);
    assert_eq!([auditor.cosign(P, B), auditor.announce(P, &question)], [neutral, neutral]);
}

#[test]
fn a_nis1_transaction_fails_when_it_is_complete_and_not_before() {
    let mut auditor = world(&protocol(Base::Nis1), 3, 0, &[A, B, C]);
    assert_eq!(auditor.announce(P, &payment(Envelope::Multisig, &[A], 5)), Pending);
    auditor.set_balance(M, MosaicId::CURRENCY, Amount(350_000));
    assert_eq!(auditor.cosign(P, B), Pending);
    assert_eq!(auditor.cosign(P, C), Rejected(Reason::InsufficientBalance));
    assert!(!auditor.is_waiting(P));
}

#[test]
fn a_strict_protocol_waits_for_embedded_signers_and_still_reads_their_lists() {
    let mut protocol = protocol(Base::Symbol);
    protocol.switches.strict_cosignature_check = true;
    let mut auditor = world(&protocol, 0, 0, &[]);
    confirm_lock(&mut auditor, 10);
    let mut question = enveloped(Envelope::AggregateBonded, &[A]);
    question.push_transfer(A, X, Amount(1)).push_transfer(B, X, Amount(1));
    let mut redundant = question.clone();
    redundant.push_modification(A, (1, 1), &[C, C], &[]);
    let rejected = Rejected(Reason::MultisigRedundantModification);
    assert_eq!(auditor.announce(P, &redundant), rejected);
    assert_eq!(auditor.announce(P, &question), Pending);
    assert_eq!(auditor.cosign(P, C), Rejected(Reason::AggregateIneligibleCosignatories));
    assert_eq!(auditor.cosign(P, B), Accepted);
}

#[test]
fn a_repeated_nis1_signature_is_neutral_and_a_day_is_the_end() {
    let mut auditor = world(&protocol(Base::Nis1), 3, 0, &[A, B, C]);
    assert_eq!(auditor.announce(P, &payment(Envelope::Multisig, &[A], 5)), Pending);
    assert_eq!(auditor.cosign(P, B), Pending);
    assert_eq!(auditor.cosign(P, B), Rejected(Reason::Neutral));
    let _ = auditor.advance(24 * 60);
    assert!(auditor.is_waiting(P));
    let _ = auditor.advance(1);
    assert_eq!(auditor.cosign(P, C), Rejected(Reason::MultisigNoMatchingMultisig));
}

#[test]
fn a_second_announcement_brings_its_cosignatures_and_no_stranger_spoils_it() {
    let mut auditor = world(&protocol(Base::Symbol), 3, 1, &[A, B, C]);
    confirm_lock(&mut auditor, 10);
    assert_eq!(auditor.announce(P, &payment(Envelope::AggregateBonded, &[A, X], 5)), Pending);
    assert_eq!(auditor.announce(P, &payment(Envelope::AggregateBonded, &[A], 5)), Pending);
    assert_eq!(auditor.announce(P, &payment(Envelope::AggregateBonded, &[A, B, B], 5)), Pending);
    let redundant = Rejected(Reason::AggregateRedundantCosignatures);
    assert_eq!(auditor.cosign(P, B), redundant);
    assert!(auditor.is_waiting(P));
    assert_eq!(
        auditor.announce(P, &payment(Envelope::AggregateBonded, &[A, B, X, C], 5)),
        Accepted
    );
}

#[test]
fn the_signer_and_one_signature_too_many_end_what_waits() {
    let mut protocol = protocol(Base::CatapultV1);
    protocol.limits.max_cosignatures_per_aggregate = 2;
    let mut auditor = world(&protocol, 3, 1, &[A, B, C]);
    confirm_lock(&mut auditor, 10);
    let question = payment(Envelope::AggregateBonded, &[A], 5);
    assert_eq!(auditor.announce(P, &question), Pending);
    assert_eq!(auditor.cosign(P, A), Rejected(Reason::AggregateRedundantCosignatures));
    assert_eq!(auditor.cosign(P, B), Refused(Refusal::NotPending));
    assert_eq!(auditor.announce(P, &question), Pending, "its deposit still holds");
    assert_eq!(auditor.cosign(P, B), Pending);
    assert_eq!(auditor.cosign(P, C), Rejected(Reason::AggregateTooManyCosignatures));
    assert!(!auditor.is_waiting(P));
}

#[test]
fn what_waits_is_judged_by_what_the_last_block_left() {
    let mut auditor = locked(Base::Symbol);
    assert_eq!(auditor.announce(P, &payment(Envelope::AggregateBonded, &[A], 5)), Pending);
    let lower = aggregate(&[A, B], (-1, 0), &[], &[]);
    assert_eq!(auditor.submit(&lower), Accepted);
    assert_eq!(auditor.cosign(P, X), Rejected(Reason::AggregateIneligibleCosignatories));
    let mut sealed = auditor.clone();
    assert_eq!(sealed.seal_block(None), Accepted);
    assert_eq!(sealed.announce(P, &payment(Envelope::AggregateBonded, &[A], 5)), Pending);
    assert_eq!([auditor.cosign(P, B), sealed.cosign(P, B)], [Accepted; 2]);
}

#[test]
fn admission_asks_for_the_lock_first_and_for_no_eligible_signer() {
    let mut auditor = world(&protocol(Base::CatapultV3), 2, 1, &[A, B]);
    let stranger = payment(Envelope::AggregateBonded, &[X], 5);
    let redundant = change(Envelope::AggregateBonded, &[A], (0, 0), &[C, C], &[]);
    let unknown = Rejected(Reason::LockHashUnknownHash);
    assert_eq!(auditor.announce(P, &redundant), unknown);
    confirm_lock(&mut auditor, 10);
    let rejected = Rejected(Reason::MultisigRedundantModification);
    assert_eq!(auditor.announce(P, &redundant), rejected);
    assert_eq!(auditor.announce(P, &stranger), Pending);
    assert_eq!(auditor.cosign(P, A), Rejected(Reason::AggregateIneligibleCosignatories));
}

#[test]
fn an_older_era_remembers_a_lock_for_so_many_blocks_after_its_end() {
    for (base, remembered) in [(Base::CatapultV3, 40), (Base::CatapultV1, 40), (Base::Symbol, 0)] {
        let mut auditor = world(&protocol(base), 2, 1, &[A, B]);
        let lock = lock_for(&auditor, 2);
        assert_eq!(auditor.submit(&lock), Accepted);
        let _ = auditor.advance(2 + remembered);
        let verdict = auditor.submit(&lock);
        if base == Base::Symbol {
            assert_eq!(verdict, Accepted);
            continue;
        }
        assert_eq!(verdict, Rejected(Reason::LockHashHashAlreadyExists));
        let question = payment(Envelope::AggregateBonded, &[A], 5);
        assert_eq!(auditor.announce(P, &question), Rejected(Reason::LockHashInactiveHash));
        let _ = auditor.advance(1);
        assert_eq!(auditor.announce(P, &question), Rejected(Reason::LockHashUnknownHash));
        assert_eq!(auditor.submit(&lock), Accepted);
    }
}

#[test]
fn a_deadline_has_two_bounds_and_an_id_is_executed_once() {
    let bases = [(Base::Symbol, 0), (Base::Nis1, 1)];
    for (base, first) in bases {
        let mut auditor = world(&protocol(base), 0, 0, &[]);
        let longest = auditor.protocol.limits.transaction_lifetime_seconds as i64;
        let mut pay = |seconds, id| {
            let mut transaction = bare(A, Body::Nested);
            transaction.parts.clear();
            transaction.push_transfer(A, B, Amount(1));
            (transaction.deadline_seconds, transaction.id) = (Some(seconds), id);
            auditor.submit(&transaction)
        };
        assert_eq!(pay(first - 1, None), Rejected(Reason::PastDeadline));
        assert_eq!(pay(longest + 1, None), Rejected(Reason::FutureDeadline));
        assert_eq!([pay(first, None), pay(longest, Some(P))], [Accepted; 2]);
        let again = match base {
            Base::Nis1 => Reason::TransactionDuplicateInChain,
            _ => Reason::HashAlreadyExists,
        };
        assert_eq!(pay(longest, Some(P)), Rejected(again));
    }
}

#[test]
fn a_waiting_aggregate_ends_with_its_deadline() {
    let mut auditor = locked(Base::Symbol);
    let mut question = payment(Envelope::AggregateBonded, &[A], 5);
    let block_time = auditor.protocol.limits.block_time_seconds as i64;
    question.deadline_seconds = Some(2 * block_time + 1);
    assert_eq!(auditor.announce(P, &question), Pending);
    let _ = auditor.advance(2);
    assert!(auditor.is_waiting(P));
    let _ = auditor.advance(1);
    assert_eq!(auditor.cosign(P, B), Refused(Refusal::NotPending));
    assert_eq!(auditor.announce(P, &question), Rejected(Reason::PastDeadline));
}

#[test]
fn a_transfer_of_mosaics_pays_by_their_worth() {
    // Whole supply, divisibility, quantity, units: FeeUnitAwareTransactionFeeCalculatorTest.
    let table = [
        (11_000, 0, 1_000, 4),
        (10_000, 0, 1_000, 1),
        (100_000_000, 3, 1_223_000, 2),
        (100_000_000, 3, 2_112_000, 10),
    ];
    for (supply, divisibility, quantity, units) in table {
        let mut auditor = world(&protocol(Base::Nis1), 0, 0, &[]);
        let supply = Amount(supply * 10_u64.pow(u32::from(divisibility)));
        let (supply_mutable, transferable) = (true, true);
        let definition =
            Definition { owner: A, supply, divisibility, supply_mutable, transferable };
        auditor.set_definition(TOKEN, definition);
        auditor.set_balance(A, TOKEN, supply);
        let mut transaction = bare(A, Body::Nested);
        transaction.parts.clear();
        transaction.amounts.push((TOKEN, Amount(quantity)));
        let amounts = Span::between(0, 1);
        let transfer = Transfer { recipient: B, amounts, ..Transfer::default() };
        transaction.push(A, Body::Transfer(transfer));
        assert_eq!(auditor.submit(&transaction), Accepted);
        assert_eq!(currency(&auditor, A), THOUSAND - units * 50_000);
    }
}

#[test]
fn a_rollback_restores_state_and_waiting() {
    let mut auditor = waiting(2_000);
    let at_start = auditor.clone();
    let _ = auditor.advance(3);
    assert_eq!(auditor.cosign(P, B), Accepted);
    assert_eq!(auditor.submit(&aggregate(&[A], (-1, 0), &[], &[C])), Accepted);
    assert_eq!(auditor.seal_block(None), Accepted);
    assert_eq!(auditor.height(), Height(6));
    assert_eq!(auditor.roll_back(6), Refused(Refusal::BeyondHorizon));
    assert_eq!(auditor.roll_back(1), Accepted);
    assert_eq!(auditor.height(), Height(5));
    assert!(auditor.is_waiting(P));
    let mut expected = at_start.state.clone();
    expected.chain_mut().height = Height(5);
    assert_eq!(auditor.state, expected);
    assert_eq!(auditor.roll_back(4), Accepted);
    assert_eq!((auditor.height(), auditor.is_waiting(P)), (Height(1), false));
    assert_eq!(currency(&auditor, OWNER), THOUSAND);
    let _ = auditor.advance(5_000);
    assert_eq!(auditor.roll_back(1_001), Refused(Refusal::BeyondHorizon));
    assert_eq!(auditor.roll_back(1_000), Accepted);
    assert_eq!(auditor.height(), Height(4_001));
}

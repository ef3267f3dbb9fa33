//! What hunting brought to light, each as the few steps that show it. Every step is judged by the
//! ledger, all invariants and the auditor; the answers are those of the servers.

mod wrong;

use super::*;
use crate::account::AccountId;
use crate::ledger::{Entry as Multisig, Minima};
use crate::transaction::{Body, Envelope, HashLock, PendingId, Transaction};
use crate::verdict::{Reason, Refusal};
use Verdict::{Accepted, Pending, Refused, Rejected};

const M: AccountId = AccountId(0);
const A: AccountId = AccountId(1);
const B: AccountId = AccountId(2);
const C: AccountId = AccountId(3);
const P: PendingId = PendingId(0);
const RICH: u64 = 100_000_000;

/// `M` is 2-of-2 of `A` and `B`; everybody is rich.
fn start(nis1: bool) -> Genesis {
    let mut genesis = Genesis::of_accounts(5);
    let rich = (0..5).map(|id| (AccountId(id), MosaicId::CURRENCY, Amount(RICH)));
    genesis.balances.extend(rich);
    let minima = Minima { approval: 2, removal: if nis1 { 0 } else { 1 } };
    genesis.entries.push(Multisig { account: M, minima, cosignatories: vec![A, B] });
    genesis
}

/// Takes the steps and compares each answer.
fn expect(protocol: &Protocol, genesis: &Genesis, steps: &[(Step, Verdict)]) {
    let mut trial = Trial::new(protocol, protocol.clone(), genesis, true).unwrap();
    for (number, (step, expected)) in steps.iter().enumerate() {
        let found = trial.step(step);
        assert_eq!(found, Ok(*expected), "step {}", number + 1);
    }
    assert_eq!(trial.end(), Ok(()));
}

fn preset(name: &str) -> Protocol {
    Protocol::preset(name).unwrap()
}

fn lock(owner: AccountId, amount: u64, duration_blocks: u64) -> Step {
    let mut one = Transaction::new(Envelope::Bare, owner);
    let body = HashLock { pending: P, amount: Amount(amount), duration_blocks };
    one.push(owner, Body::HashLock(body));
    Step::submit(one)
}

fn seal() -> Step {
    Step::of(Act::SealBlock(None))
}

fn payment(envelope: Envelope, signers: &[AccountId]) -> Transaction {
    let mut one = Transaction::new(envelope, signers[0]);
    one.cosignatures.extend_from_slice(&signers[1..]);
    one.push_transfer(M, C, Amount(5));
    one
}

fn announce(envelope: Envelope, signers: &[AccountId]) -> Step {
    Step { transaction: payment(envelope, signers), ..Step::of(Act::Announce(P)) }
}

#[test]
fn a_hash_lock_is_judged_by_its_duration_then_its_amount_then_the_balance() {
    let protocol = preset("symbol-mainnet");
    let mut genesis = start(false);
    genesis.balances.retain(|(account, ..)| *account != C);
    let steps = [
        (lock(A, 1, 0), Rejected(Reason::LockHashInvalidDuration)),
        (lock(A, 1, 5), Rejected(Reason::LockHashInvalidMosaicAmount)),
        (lock(A, 10_000_000, 5), Accepted),
        (lock(C, 10_000_000, 5), Rejected(Reason::InsufficientBalance)),
        (lock(A, 10_000_000, 5), Rejected(Reason::LockHashHashAlreadyExists)),
    ];
    expect(&protocol, &genesis, &steps);
}

#[test]
fn an_ended_deposit_is_not_lost_where_a_new_one_takes_its_place() {
    let seal = |account| Step::of(Act::SealBlock(account));
    let steps = [
        (lock(A, 10_000_000, 1), Accepted),
        (seal(None), Accepted),
        // The first lock ended with the block that is open now, and so its hash is free.
        (lock(B, 10_000_000, 3), Accepted),
        (seal(Some(C)), Accepted),
        (Step::of(Act::Advance(4)), Accepted),
    ];
    expect(&preset("symbol-mainnet"), &start(false), &steps);
}

#[test]
fn under_the_strict_check_an_aggregate_waits_for_its_signers() {
    let mut protocol = preset("symbol-mainnet");
    protocol.switches.strict_cosignature_check = true;
    let mut aggregate = Transaction::new(Envelope::AggregateBonded, A);
    aggregate.push_transfer(A, C, Amount(1)).push_transfer(B, C, Amount(1));
    let announced = Step { transaction: aggregate, ..Step::of(Act::Announce(P)) };
    let steps = [
        (lock(A, 10_000_000, 5), Accepted),
        (seal(), Accepted),
        (announced, Pending),
        (Step::of(Act::Cosign(P, B)), Accepted),
    ];
    expect(&protocol, &start(false), &steps);
}

#[test]
fn a_name_is_announced_once_and_free_again_if_it_was_refused() {
    let bonded = |signers: &[AccountId]| announce(Envelope::AggregateBonded, signers);
    let steps = [
        (bonded(&[A]), Rejected(Reason::LockHashUnknownHash)),
        (lock(A, 10_000_000, 5), Accepted),
        (bonded(&[A]), Rejected(Reason::LockHashUnknownHash)),
        (seal(), Accepted),
        (bonded(&[A]), Pending),
        (bonded(&[B]), Refused(Refusal::AlreadyAnnounced)),
        (Step::of(Act::Cosign(P, A)), Rejected(Reason::AggregateRedundantCosignatures)),
        (Step::of(Act::Cosign(P, B)), Refused(Refusal::NotPending)),
        (bonded(&[A]), Pending),
        (Step::of(Act::Cosign(P, B)), Accepted),
        (bonded(&[A]), Rejected(Reason::HashAlreadyExists)),
    ];
    expect(&preset("symbol-mainnet"), &start(false), &steps);
}

#[test]
fn what_waits_is_taken_up_to_its_deadline() {
    let mut protocol = preset("symbol-mainnet");
    protocol.limits.bonded_lifetime_seconds = 2 * protocol.limits.block_time_seconds;
    for (blocks, answer) in [(2, Accepted), (3, Refused(Refusal::NotPending))] {
        let steps = [
            (lock(A, 10_000_000, 9), Accepted),
            (seal(), Accepted),
            (announce(Envelope::AggregateBonded, &[A]), Pending),
            (Step::of(Act::Advance(blocks)), Accepted),
            (Step::of(Act::Cosign(P, B)), answer),
        ];
        expect(&protocol, &start(false), &steps);
    }
}

#[test]
fn nis1_judges_a_signature_by_repeat_fee_and_account_in_this_order() {
    let protocol = preset("nis1");
    let mut genesis = start(true);
    genesis.entries[0] = Multisig {
        account: M,
        minima: Minima { approval: 0, removal: 0 },
        cosignatories: vec![A, B, C],
    };
    let mut drain = payment(Envelope::Multisig, &[A, B, C]);
    drain.amounts[0].1 = Amount(RICH - 150_000 * 3 - 50_000 - 100_000);
    let steps = [
        (announce(Envelope::Multisig, &[A]), Pending),
        (Step::of(Act::Cosign(P, B)), Pending),
        (Step::submit(drain), Accepted),
        (Step::of(Act::Cosign(P, B)), Rejected(Reason::Neutral)),
        (Step::of(Act::Cosign(P, C)), Rejected(Reason::InsufficientBalance)),
    ];
    expect(&protocol, &genesis, &steps);
}

#[test]
fn nis1_refuses_a_wrapper_that_a_multisig_account_signed_before_it_waits() {
    let mut genesis = start(true);
    let minima = Minima { approval: 1, removal: 0 };
    genesis.entries.push(Multisig { account: C, minima, cosignatories: vec![AccountId(4)] });
    let refused = Rejected(Reason::TransactionNotAllowedForMultisig);
    expect(&preset("nis1"), &genesis, &[(announce(Envelope::Multisig, &[A, C]), refused)]);
}

#[test]
fn nis1_looks_at_mosaics_last() {
    let mut strange = payment(Envelope::Multisig, &[C]);
    strange.amounts[0] = (MosaicId(1), Amount(1));
    let mut known = strange.clone();
    known.signer = A;
    known.cosignatures.push(B);
    let steps = [
        (Step::submit(strange), Rejected(Reason::MultisigNotACosigner)),
        (Step::submit(known), Rejected(Reason::InsufficientBalance)),
    ];
    expect(&preset("nis1"), &start(true), &steps);
}

#[test]
fn a_failed_nis1_block_leaves_what_was_open_before() {
    let bare = |signer: AccountId| {
        let mut one = Transaction::new(Envelope::Bare, signer);
        one.push_transfer(signer, B, Amount(1));
        one
    };
    let mut protocol = preset("nis1");
    protocol.limits.max_transactions_per_block = 1;
    let block = Step { block: vec![bare(A), bare(C)], ..Step::of(Act::Block) };
    let steps = [
        (Step::submit(bare(C)), Accepted),
        (block, Rejected(Reason::TooManyTransactions)),
        (Step::of(Act::SealBlock(Some(C))), Rejected(Reason::SelfSignedTransaction)),
        (Step::of(Act::SealBlock(Some(C))), Accepted),
    ];
    expect(&protocol, &start(true), &steps);
}

#[test]
fn time_that_does_not_pass_opens_no_block() {
    let mut pay = Transaction::new(Envelope::Bare, A);
    pay.push_transfer(A, C, Amount(1));
    let steps = [
        (Step::submit(pay), Accepted),
        (Step::of(Act::Advance(0)), Accepted),
        (Step::of(Act::RollBack(0)), Accepted),
    ];
    expect(&preset("symbol-mainnet"), &start(false), &steps);
}

/// A complete aggregate that deposits on behalf of `M`.
fn deposit_of_the_multisig(signers: &[AccountId]) -> Step {
    let mut aggregate = payment(Envelope::AggregateComplete, signers);
    let lock = HashLock { pending: P, amount: Amount(10_000_000), duration_blocks: 3 };
    aggregate.push(M, Body::HashLock(lock));
    Step::submit(aggregate)
}

#[test]
fn a_multisig_account_deposits_inside_an_aggregate() {
    let protocol = Protocol::preset("symbol-mainnet").unwrap();
    let missing = Rejected(Reason::AggregateMissingCosignatures);
    let taken = Rejected(Reason::LockHashHashAlreadyExists);
    let steps = [
        (deposit_of_the_multisig(&[A]), missing),
        (announce(Envelope::AggregateBonded, &[A]), Rejected(Reason::LockHashUnknownHash)),
        (deposit_of_the_multisig(&[A, B]), Accepted),
        (deposit_of_the_multisig(&[A, B]), taken),
        (seal(), Accepted),
        (announce(Envelope::AggregateBonded, &[A]), Pending),
        (Step::of(Act::Cosign(P, B)), Accepted),
        (deposit_of_the_multisig(&[A, B]), Accepted),
        (Step::of(Act::Advance(4)), Accepted),
        (deposit_of_the_multisig(&[A, B]), Accepted),
    ];
    expect(&protocol, &start(false), &steps);
}

#[test]
fn deposits_need_no_bonded_aggregates_and_none_is_its_own() {
    let mut protocol = Protocol::preset("symbol-mainnet").unwrap();
    let mut own = announce(Envelope::AggregateBonded, &[A]);
    let lock = HashLock { pending: P, amount: Amount(10_000_000), duration_blocks: 3 };
    own.transaction.push(M, Body::HashLock(lock));
    expect(&protocol, &start(false), &[(own, Refused(Refusal::NotEmbeddable))]);
    protocol.switches.bonded_aggregates = false;
    let unknown = Refused(Refusal::UnknownType);
    let steps = [
        (deposit_of_the_multisig(&[A, B]), Accepted),
        (announce(Envelope::AggregateBonded, &[A]), unknown),
        (announce(Envelope::AggregateComplete, &[A, B]), Accepted),
        (announce(Envelope::AggregateComplete, &[A, B]), Rejected(Reason::HashAlreadyExists)),
    ];
    expect(&protocol, &start(false), &steps);
}

/// Whoever has lost a key asks the chain nothing: the auditor is not asked either.
#[test]
fn a_lost_key_signs_nothing_and_no_check_objects() {
    let protocol = preset("symbol-mainnet");
    let pay = |signers: &[AccountId]| Step::submit(payment(Envelope::AggregateComplete, signers));
    let lost = Refused(Refusal::LostKey);
    let steps = [
        (pay(&[A, B]), Accepted),
        (Step::of(Act::Lose(vec![B])), Accepted),
        (pay(&[A, B]), lost),
        (
            Step {
                block: vec![payment(Envelope::AggregateComplete, &[A, B])],
                ..Step::of(Act::Block)
            },
            lost,
        ),
        (Step::of(Act::Cosign(P, B)), lost),
        (pay(&[A]), Rejected(Reason::AggregateMissingCosignatures)),
    ];
    expect(&protocol, &start(false), &steps);
}

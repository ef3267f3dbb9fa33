//! What the recorded traces do not reach: custom switches, refused shapes, bonded life, mosaics, fees,
//! blocks and the way back.

use super::*;
use crate::protocol::EligibleAddition;
use crate::transaction::{
    Action, Body, Change, Envelope, HashLock, Modification, MosaicDefinition, MosaicSupplyChange,
    Transfer,
};
use crate::unit::{Height, Span};
use crate::verdict::Refusal;
use Verdict::{Accepted, Pending, Refused, Rejected};

const M: AccountId = AccountId(0);
const A: AccountId = AccountId(1);
const B: AccountId = AccountId(2);
const C: AccountId = AccountId(3);
const X: AccountId = AccountId(4);
const OWNER: AccountId = AccountId(8);
const HARVESTER: AccountId = AccountId(9);
const P: PendingId = PendingId(1);
const TOKEN: MosaicId = MosaicId(1);
const XEM: u64 = 1_000_000;

fn protocol(base: Base) -> Protocol {
    Protocol::of_base(base)
}

/// A world in which `M` is multisig and everybody has a thousand units of a million.
fn world(
    protocol: &Protocol,
    min_approval: u32,
    min_removal: u32,
    members: &[AccountId],
) -> Auditor {
    let mut auditor = Auditor::new(protocol);
    for account in (0..10).map(AccountId) {
        auditor.set_balance(account, MosaicId::CURRENCY, Amount(1_000 * XEM));
    }
    let cosignatories = members.iter().copied().collect();
    auditor.set_entry(M, Entry { min_approval, min_removal, cosignatories });
    auditor
}

fn enveloped(envelope: Envelope, signers: &[AccountId]) -> Transaction {
    let (signer, cosignatures) = signers.split_first().unwrap_or((&M, &[]));
    let mut transaction = Transaction::new(envelope, *signer);
    transaction.cosignatures = cosignatures.to_vec();
    transaction
}

/// A transfer of `amount` by `M`.
fn payment(envelope: Envelope, signers: &[AccountId], amount: u64) -> Transaction {
    let mut transaction = enveloped(envelope, signers);
    transaction.push_transfer(M, X, Amount(amount));
    transaction
}

/// A modification of `M`.
fn change(
    envelope: Envelope,
    signers: &[AccountId],
    deltas: (i32, i32),
    additions: &[AccountId],
    deletions: &[AccountId],
) -> Transaction {
    let mut transaction = enveloped(envelope, signers);
    transaction.push_modification(M, deltas, additions, deletions);
    transaction
}

fn aggregate(
    signers: &[AccountId],
    deltas: (i32, i32),
    additions: &[AccountId],
    deletions: &[AccountId],
) -> Transaction {
    change(Envelope::AggregateComplete, signers, deltas, additions, deletions)
}

fn bare(signer: AccountId, body: Body) -> Transaction {
    let mut transaction = Transaction::new(Envelope::Bare, signer);
    transaction.push(signer, body);
    transaction
}

fn lock_for(auditor: &Auditor, duration_blocks: u64) -> Transaction {
    let amount = Amount(auditor.protocol.limits.hash_lock_amount);
    bare(OWNER, Body::HashLock(HashLock { pending: P, amount, duration_blocks }))
}

fn currency(auditor: &Auditor, account: AccountId) -> u64 {
    auditor.balance(account, MosaicId::CURRENCY).0
}

const THOUSAND: u64 = 1_000 * XEM;
const DEPOSIT: u64 = 10 * XEM;

// ---- refused shapes

#[test]
fn types_that_a_protocol_lacks_are_refused() {
    let mut symbol = world(&protocol(Base::Symbol), 1, 1, &[A]);
    assert_eq!(symbol.submit(&payment(Envelope::Multisig, &[A], 1)), Refused(Refusal::UnknownType));
    let top_level = change(Envelope::Bare, &[M], (0, 0), &[B], &[]);
    assert_eq!(symbol.submit(&top_level), Refused(Refusal::NotEmbeddable));

    let mut nis1 = world(&protocol(Base::Nis1), 1, 0, &[A]);
    for envelope in [Envelope::AggregateComplete, Envelope::AggregateBonded] {
        assert_eq!(nis1.submit(&payment(envelope, &[A], 1)), Refused(Refusal::UnknownType));
    }
    let lock = lock_for(&nis1, 1);
    assert_eq!(nis1.submit(&lock), Refused(Refusal::UnknownType));
    let empty = enveloped(Envelope::Multisig, &[A]);
    assert_eq!(nis1.submit(&empty), Refused(Refusal::NotOneInnerTransaction));
    let mut nested = enveloped(Envelope::Multisig, &[A]);
    nested.push(M, Body::Nested);
    assert_eq!(nis1.submit(&nested), Refused(Refusal::NotEmbeddable));
}

#[test]
fn a_list_holds_255_entries() {
    let many: Vec<AccountId> = (100..356).map(AccountId).collect();
    let (most, _) = many.split_at(255);
    let mut protocol = protocol(Base::CatapultV1);
    protocol.limits.max_cosignatures_per_aggregate = 1_000;
    for (base, both_lists_may_be_full) in [(Base::CatapultV1, false), (Base::Symbol, true)] {
        protocol.base = base;
        let mut auditor = world(&protocol, 1, 1, &[A]);
        let fits = auditor.submit(&aggregate(&[A], (0, 0), most, &[]));
        assert_eq!(fits, Rejected(Reason::AggregateMissingCosignatures));
        let long = auditor.submit(&aggregate(&[A], (0, 0), &many, &[]));
        assert_eq!(long, Refused(Refusal::TooManyEntries));
        let two_lists = auditor.submit(&aggregate(&[A], (0, 0), most, &[B]));
        assert_eq!(two_lists != Refused(Refusal::TooManyEntries), both_lists_may_be_full);
    }
}

#[test]
fn nis1_modifications_have_a_version_and_something_to_say() {
    let auditor = world(&protocol(Base::Nis1), 0, 0, &[]);
    let submit = |version, delta_present, adds: bool| {
        let mut transaction = Transaction::new(Envelope::Bare, M);
        if adds {
            transaction.changes.push(Change { action: Action::Add, account: A });
        }
        let changes = Span::between(0, transaction.changes.len());
        let empty = Modification::default();
        let modification = Modification { version, delta_present, changes, ..empty };
        transaction.push(M, Body::Modification(modification));
        auditor.clone().submit(&transaction)
    };
    let empty = Refused(Refusal::EmptyModification);
    assert_eq!([submit(1, false, true), submit(2, true, false)], [Accepted, Accepted]);
    assert_eq!([submit(1, true, true), submit(1, false, false)], [empty, empty]);
    assert_eq!([submit(2, false, false), submit(0, false, false)], [empty, empty]);
    assert_eq!(submit(3, true, true), Refused(Refusal::UnknownVersion));
}

// ---- switches

#[test]
fn without_opt_in_an_added_account_need_not_sign() {
    let mut protocol = protocol(Base::Symbol);
    let question = aggregate(&[A], (0, 0), &[B], &[]);
    let missing = Rejected(Reason::AggregateMissingCosignatures);
    assert_eq!(world(&protocol, 1, 1, &[A]).submit(&question), missing);
    protocol.switches.opt_in = false;
    assert_eq!(world(&protocol, 1, 1, &[A]).submit(&question), Accepted);
}

#[test]
fn a_removal_is_judged_by_the_threshold_the_protocol_names() {
    let mut protocol = protocol(Base::Symbol);
    let missing = Rejected(Reason::AggregateMissingCosignatures);
    let removal = aggregate(&[A], (-1, 0), &[], &[C]);
    let mixed = aggregate(&[A, X], (0, 0), &[X], &[C]);
    let mut submit = |threshold, question| {
        protocol.switches.removal_threshold = threshold;
        protocol.switches.mixed_threshold = threshold;
        world(&protocol, 3, 1, &[A, B, C]).submit(question)
    };
    assert_eq!(submit(Threshold::Removal, &removal), Accepted);
    assert_eq!(submit(Threshold::Approval, &removal), missing);
    assert_eq!(submit(Threshold::Larger, &removal), missing);
    assert_eq!(submit(Threshold::Removal, &mixed), Accepted);
    assert_eq!(submit(Threshold::Larger, &mixed), missing);
}

#[test]
fn nested_levels_are_judged_by_the_same_operation_unless_it_is_not_passed_down() {
    let mut protocol = protocol(Base::Symbol);
    let question = aggregate(&[B], (0, 0), &[], &[A]);
    let mut submit = |pass_down| {
        protocol.switches.pass_down = pass_down;
        let mut auditor = world(&protocol, 1, 1, &[A, X]);
        let cosignatories = [B, C].into();
        auditor.set_entry(X, Entry { min_approval: 2, min_removal: 1, cosignatories });
        auditor.submit(&question)
    };
    assert_eq!(submit(true), Accepted);
    assert_eq!(submit(false), Rejected(Reason::AggregateMissingCosignatures));
}

#[test]
fn as_many_deletions_as_the_protocol_allows() {
    for (base, deltas) in [(Base::Symbol, (0, 0)), (Base::CatapultV1, (0, 0))] {
        let mut protocol = protocol(base);
        let question = aggregate(&[A], deltas, &[], &[B, C]);
        let multiple = Rejected(Reason::MultisigMultipleDeletes);
        assert_eq!(world(&protocol, 1, 1, &[A, B, C]).submit(&question), multiple);
        protocol.switches.max_deletions_per_modification = 2;
        assert_eq!(world(&protocol, 1, 1, &[A, B, C]).submit(&question), Accepted);
        let twice = aggregate(&[A], deltas, &[], &[B, B]);
        let redundant = Rejected(Reason::MultisigRedundantModification);
        assert_eq!(world(&protocol, 1, 1, &[A, B, C]).submit(&twice), redundant);
    }
}

#[test]
fn an_addition_makes_its_own_key_or_its_leaves_eligible() {
    let mut protocol = protocol(Base::Symbol);
    let mut submit = |eligible_addition, signers: &[AccountId]| {
        protocol.switches.eligible_addition = eligible_addition;
        let mut auditor = world(&protocol, 1, 1, &[A]);
        let cosignatories = [B].into();
        auditor.set_entry(X, Entry { min_approval: 1, min_removal: 1, cosignatories });
        auditor.submit(&aggregate(signers, (0, 0), &[X], &[]))
    };
    let ineligible = Rejected(Reason::AggregateIneligibleCosignatories);
    let missing = Rejected(Reason::AggregateMissingCosignatures);
    assert_eq!(submit(EligibleAddition::Leaves, &[A, B]), Accepted);
    assert_eq!(submit(EligibleAddition::Leaves, &[A, X]), ineligible);
    assert_eq!(submit(EligibleAddition::OwnKey, &[A, B]), ineligible);
    assert_eq!(submit(EligibleAddition::OwnKey, &[A, X]), missing);
}

#[test]
fn strictly_only_embedded_signers_sign_and_ineligible_comes_first() {
    let mut protocol = protocol(Base::Symbol);
    protocol.switches.strict_cosignature_check = true;
    let mut auditor = world(&protocol, 0, 0, &[]);
    let mut submit = |signers: &[AccountId]| {
        let mut question = enveloped(Envelope::AggregateComplete, signers);
        question.push_transfer(A, X, Amount(1)).push_transfer(B, X, Amount(1));
        auditor.submit(&question)
    };
    assert_eq!(submit(&[A, B]), Accepted);
    assert_eq!(submit(&[A]), Rejected(Reason::AggregateMissingCosignatures));
    assert_eq!(submit(&[A, C]), Rejected(Reason::AggregateIneligibleCosignatories));
}

#[test]
fn n_of_n_removal_needs_the_others_or_all() {
    let mut protocol = protocol(Base::Nis1);
    let mut submit = |by_others, signers: &[AccountId]| {
        protocol.switches.n_of_n_removal_by_others = by_others;
        let question = change(Envelope::Multisig, signers, (-1, 0), &[], &[C]);
        world(&protocol, 3, 0, &[A, B, C]).submit(&question)
    };
    let invalid = Rejected(Reason::MultisigInvalidCosigners);
    assert_eq!([submit(true, &[A, B]), submit(true, &[A, B, C])], [Accepted, Accepted]);
    assert_eq!([submit(true, &[A, C]), submit(false, &[A, B])], [invalid, invalid]);
    assert_eq!(submit(false, &[A, B, C]), Accepted);
}

// ---- bonded life

fn waiting(duration_blocks: u64) -> Auditor {
    let mut auditor = world(&protocol(Base::Symbol), 2, 1, &[A, B, C]);
    let lock = lock_for(&auditor, duration_blocks);
    assert_eq!(auditor.submit(&lock), Accepted);
    let question = payment(Envelope::AggregateBonded, &[A], 5);
    assert_eq!(auditor.announce(P, &question), Pending);
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
    auditor.advance(2);
    assert_eq!(auditor.announce(P, &question), Rejected(Reason::LockHashInactiveHash));
    assert_eq!(auditor.submit(&lock), Accepted);
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
    assert_eq!(auditor.cosign(P, A), Rejected(Reason::AggregateRedundantCosignatures));
    assert_eq!(auditor.cosign(P, X), Rejected(Reason::AggregateIneligibleCosignatories));
    assert!(auditor.is_waiting(P));
    assert_eq!(currency(&auditor, OWNER), THOUSAND - DEPOSIT);
    assert_eq!(auditor.cosign(P, B), Accepted);
    assert_eq!(currency(&auditor, OWNER), THOUSAND);
    assert_eq!(currency(&auditor, X), THOUSAND + 5);
    assert_eq!(auditor.cosign(P, C), Refused(Refusal::NotPending));
    let again = payment(Envelope::AggregateBonded, &[A], 5);
    assert_eq!(auditor.announce(P, &again), Refused(Refusal::AlreadyAnnounced));
    auditor.advance(20);
    assert_eq!(auditor.uncollected(), Amount::ZERO);
}

#[test]
fn a_sufficient_aggregate_executes_as_it_is_announced() {
    let mut auditor = world(&protocol(Base::Symbol), 2, 1, &[A, B]);
    let lock = lock_for(&auditor, 10);
    assert_eq!(auditor.submit(&lock), Accepted);
    let question = payment(Envelope::AggregateBonded, &[A, B], 5);
    assert_eq!(auditor.judge_bonded(&question), Accepted);
    assert_eq!(auditor.announce(P, &question), Accepted);
    assert_eq!(currency(&auditor, X), THOUSAND + 5);
}

#[test]
fn what_looks_complete_may_fail_by_the_full_rules_and_waits_no_longer() {
    let mut auditor = world(&protocol(Base::Symbol), 1, 1, &[A, B]);
    let lock = lock_for(&auditor, 10);
    assert_eq!(auditor.submit(&lock), Accepted);
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
    let lock = lock_for(&auditor, 10);
    assert_eq!(auditor.submit(&lock), Accepted);
    assert_eq!(auditor.announce(P, &payment(Envelope::AggregateBonded, &[A, B], 5)), Pending);
    assert_eq!(auditor.submit(&aggregate(&[A], (-1, 0), &[], &[B])), Accepted);
    assert_eq!(auditor.cosign(P, X), Rejected(Reason::AggregateIneligibleCosignatories));
    assert_eq!(auditor.cosign(P, C), Accepted);
}

#[test]
fn the_harvester_of_the_block_gets_an_expired_deposit() {
    let mut auditor = waiting(3);
    auditor.advance(2);
    assert_eq!(auditor.height(), Height(3));
    assert!(auditor.is_waiting(P));
    auditor.advance(1);
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
    let lock = lock_for(&short, 50);
    assert_eq!(short.submit(&lock), Accepted);
    assert_eq!(short.announce(P, &payment(Envelope::AggregateBonded, &[A], 5)), Pending);
    short.advance(5);
    auditor.advance(49);
    assert!(short.is_waiting(P) && auditor.is_waiting(P));
    short.advance(1);
    assert!(!short.is_waiting(P));
    short.advance(44);
    assert_eq!((short.height(), short.uncollected()), (Height(51), Amount::ZERO));
    short.advance(u64::MAX);
    assert_eq!(short.uncollected(), Amount(DEPOSIT));
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
    assert_eq!(auditor.cosign(P, C), Refused(Refusal::NotPending));
}

#[test]
fn a_repeated_nis1_signature_is_neutral_and_a_day_is_the_end() {
    let mut auditor = world(&protocol(Base::Nis1), 3, 0, &[A, B, C]);
    assert_eq!(auditor.announce(P, &payment(Envelope::Multisig, &[A], 5)), Pending);
    assert_eq!(auditor.cosign(P, B), Pending);
    assert_eq!(auditor.cosign(P, B), Rejected(Reason::Neutral));
    auditor.advance(24 * 60);
    assert!(auditor.is_waiting(P));
    auditor.advance(1);
    assert_eq!(auditor.cosign(P, C), Refused(Refusal::NotPending));
}

// ---- mosaics and messages

fn definition(transferable: bool, supply_mutable: bool) -> Body {
    let mosaic = TOKEN;
    Body::MosaicDefinition(MosaicDefinition {
        mosaic,
        divisibility: 0,
        supply_mutable,
        transferable,
    })
}

fn supply(increase: bool, delta: u64) -> Body {
    Body::MosaicSupplyChange(MosaicSupplyChange { mosaic: TOKEN, increase, delta: Amount(delta) })
}

fn passed_on(from: AccountId, recipient: AccountId, amount: u64) -> Transaction {
    let mut transaction = Transaction::new(Envelope::Bare, from);
    transaction.amounts.push((TOKEN, Amount(amount)));
    let transfer = Transfer { recipient, amounts: Span::between(0, 1), message: Span::default() };
    transaction.push(from, Body::Transfer(transfer));
    transaction
}

#[test]
fn only_the_owner_defines_again_and_changes_the_supply() {
    for base in [Base::Symbol, Base::Nis1] {
        let mut auditor = world(&protocol(base), 0, 0, &[]);
        let mut submit = |signer, body| auditor.submit(&bare(signer, body));
        assert_eq!(submit(A, supply(true, 1)), Rejected(Reason::MosaicUnknown));
        assert_eq!(submit(A, definition(true, true)), Accepted);
        assert_eq!(submit(B, definition(true, true)), Rejected(Reason::MosaicOwnerConflict));
        assert_eq!(submit(B, supply(true, 1)), Rejected(Reason::MosaicOwnerConflict));
        assert_eq!(submit(A, supply(true, 10)), Accepted);
        assert_eq!(submit(A, supply(true, u64::MAX)), Rejected(Reason::MosaicSupplyExceeded));
        assert_eq!(submit(A, supply(false, 11)), Rejected(Reason::MosaicSupplyNegative));
        assert_eq!(auditor.submit(&passed_on(A, B, 4)), Accepted);
        let negative = Rejected(Reason::MosaicSupplyNegative);
        assert_eq!(auditor.submit(&bare(A, supply(false, 7))), negative);
        assert_eq!(auditor.submit(&bare(A, supply(false, 6))), Accepted);
        let left = auditor.definition(TOKEN).map(|definition| definition.supply);
        assert_eq!((left, auditor.balance(B, TOKEN)), (Some(Amount(4)), Amount(4)));
    }
}

#[test]
fn an_immutable_supply_is_set_once_and_an_untransferable_token_touches_its_owner() {
    let mut auditor = world(&protocol(Base::Symbol), 0, 0, &[]);
    let unknown = Rejected(Reason::MosaicUnknown);
    assert_eq!(auditor.submit(&passed_on(A, B, 1)), unknown);
    assert_eq!(auditor.submit(&bare(A, definition(false, false))), Accepted);
    assert_eq!(auditor.submit(&bare(A, supply(true, 10))), Accepted);
    let immutable = Rejected(Reason::MosaicSupplyImmutable);
    assert_eq!(auditor.submit(&bare(A, supply(true, 1))), immutable);
    assert_eq!(auditor.submit(&passed_on(A, B, 5)), Accepted);
    assert_eq!(auditor.submit(&passed_on(B, C, 1)), Rejected(Reason::MosaicNonTransferable));
    assert_eq!(auditor.submit(&passed_on(B, A, 6)), Rejected(Reason::InsufficientBalance));
    assert_eq!(auditor.submit(&passed_on(B, A, 5)), Accepted);
}

fn message(from: AccountId, bytes: usize) -> Transaction {
    let mut transaction = Transaction::new(Envelope::Bare, from);
    transaction.text = "m".repeat(bytes);
    let message = Span::between(0, bytes);
    let transfer = Transfer { recipient: X, amounts: Span::default(), message };
    transaction.push(from, Body::Transfer(transfer));
    transaction
}

#[test]
fn a_message_has_a_longest_length() {
    for base in [Base::Symbol, Base::CatapultV3, Base::Nis1] {
        let mut auditor = world(&protocol(base), 0, 0, &[]);
        assert_eq!(auditor.submit(&message(A, 1_024)), Accepted);
        assert_eq!(auditor.submit(&message(A, 1_025)), Rejected(Reason::MessageTooLarge));
    }
}

// ---- fees and blocks of NIS1

#[test]
fn a_transfer_costs_by_amount_and_message() {
    let mut auditor = world(&protocol(Base::Nis1), 0, 0, &[]);
    auditor.set_balance(A, MosaicId::CURRENCY, Amount(1_000_000 * XEM));
    let mut fee = |transaction: &Transaction| {
        let before = auditor.uncollected().0;
        assert_eq!(auditor.submit(transaction), Accepted);
        auditor.uncollected().0 - before
    };
    let mut of_amount = |xem: u64| {
        let mut transaction = Transaction::new(Envelope::Bare, A);
        transaction.push_transfer(A, A, Amount(xem * XEM));
        fee(&transaction)
    };
    assert_eq!([0, 19_999, 20_000].map(&mut of_amount), [50_000, 50_000, 100_000]);
    assert_eq!([250_000, 900_000].map(&mut of_amount), [1_250_000, 1_250_000]);
    let of_message = |bytes| fee(&message(A, bytes));
    assert_eq!([0, 1, 31, 32].map(of_message), [50_000, 100_000, 100_000, 150_000]);
}

#[test]
fn one_micro_xem_too_little_fails_before_every_multisig_rule() {
    let mut auditor = world(&protocol(Base::Nis1), 2, 0, &[A, B]);
    let question = payment(Envelope::Multisig, &[A, B], 7);
    let stranger = payment(Envelope::Multisig, &[X], 1_000 * XEM);
    auditor.set_balance(M, MosaicId::CURRENCY, Amount(350_000 + 6));
    assert_eq!(auditor.submit(&question), Rejected(Reason::InsufficientBalance));
    assert_eq!(auditor.submit(&stranger), Rejected(Reason::InsufficientBalance));
    auditor.set_balance(M, MosaicId::CURRENCY, Amount(350_000 + 7));
    assert_eq!(auditor.submit(&question), Accepted);
    assert_eq!(currency(&auditor, M), 0);
}

#[test]
fn fees_go_to_a_harvester_who_signed_nothing() {
    let mut auditor = world(&protocol(Base::Nis1), 0, 0, &[]);
    assert_eq!(auditor.submit(&message(A, 0)), Accepted);
    assert_eq!(auditor.seal_block(Some(A)), Rejected(Reason::SelfSignedTransaction));
    assert_eq!(auditor.height(), Height(1));
    assert_eq!(auditor.seal_block(Some(B)), Accepted);
    assert_eq!(currency(&auditor, B), THOUSAND + 50_000);
    assert_eq!(auditor.seal_block(Some(A)), Accepted);
}

#[test]
fn a_block_is_all_or_nothing_and_judged_as_a_whole_at_the_end() {
    let mut auditor = world(&protocol(Base::Nis1), 1, 0, &[A]);
    let add = |account| change(Envelope::Multisig, &[A], (0, 0), &[account], &[]);
    let conflicting = Rejected(Reason::ConflictingMultisigModification);
    assert_eq!(auditor.submit_block(&[add(B), add(C)]), conflicting);
    assert_eq!(auditor.entries().next().map(|(_, entry)| entry.cosignatories.len()), Some(1));
    let already = Rejected(Reason::MultisigAlreadyACosignatory);
    assert_eq!(auditor.submit_block(&[add(B), add(B)]), already);
    let most = vec![payment(Envelope::Multisig, &[A], 0); 60];
    assert_eq!(auditor.submit_block(&most), Accepted);
    let mut more = most;
    more.push(message(X, 0));
    assert_eq!(auditor.submit_block(&more), Rejected(Reason::TooManyTransactions));
    assert_eq!(auditor.height(), Height(2));
}

// ---- the way back

#[test]
fn a_rollback_restores_state_and_waiting() {
    let mut auditor = waiting(2_000);
    let at_start = auditor.clone();
    auditor.advance(3);
    assert_eq!(auditor.cosign(P, B), Accepted);
    assert_eq!(auditor.submit(&aggregate(&[A], (-1, 0), &[], &[C])), Accepted);
    assert_eq!(auditor.seal_block(None), Accepted);
    assert_eq!(auditor.height(), Height(5));
    assert_eq!(auditor.roll_back(5), Refused(Refusal::BeyondHorizon));
    assert_eq!(auditor.roll_back(1), Accepted);
    assert_eq!(auditor.height(), Height(4));
    assert!(auditor.is_waiting(P));
    let mut expected = at_start.state.clone();
    expected.height = Height(4);
    assert_eq!(auditor.state, expected);
    assert_eq!(auditor.roll_back(3), Accepted);
    assert_eq!((auditor.height(), auditor.is_waiting(P)), (Height(1), false));
    assert_eq!(currency(&auditor, OWNER), THOUSAND);
    auditor.advance(5_000);
    assert_eq!(auditor.roll_back(1_001), Refused(Refusal::BeyondHorizon));
    assert_eq!(auditor.roll_back(1_000), Accepted);
    assert_eq!(auditor.height(), Height(4_001));
}

#[test]
fn rolling_back_no_block_empties_the_open_one() {
    let mut auditor = world(&protocol(Base::Nis1), 0, 0, &[]);
    assert_eq!(auditor.submit(&message(A, 0)), Accepted);
    assert_eq!(auditor.roll_back(0), Accepted);
    assert_eq!(currency(&auditor, A), THOUSAND);
}

#[test]
fn a_loop_that_somebody_drew_hangs_nothing() {
    let mut auditor = world(&protocol(Base::Symbol), 1, 1, &[A]);
    let cosignatories: BTreeSet<AccountId> = [M].into();
    auditor.set_entry(A, Entry { min_approval: 1, min_removal: 1, cosignatories });
    assert!(!auditor.approves(M, &[M, A].into()));
    let question = aggregate(&[B], (0, 0), &[B], &[]);
    assert_eq!(auditor.submit(&question), Rejected(Reason::AggregateMissingCosignatures));
}

#[test]
fn keys_that_have_no_say_do_not_spoil_an_approval() {
    let mut nis1 = world(&protocol(Base::Nis1), 0, 0, &[A, B]);
    assert!(nis1.approves(M, &[A, B, C].into()));
    assert!(!nis1.approves(M, &[A, M].into()));
    assert!(nis1.approves(C, &[C].into()) && !nis1.approves(C, &[A].into()));
    nis1.set_entry(M, Entry { min_approval: 1, min_removal: 0, cosignatories: [A, B].into() });
    assert!(nis1.approves(M, &[A].into()));
}

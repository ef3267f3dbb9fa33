//! What the recorded traces do not reach: refused shapes, custom switches and structures here;
//! bonded life, mosaics, fees, blocks and the way back in the files below.

mod blocks;
mod bonded;

use super::*;
use crate::protocol::EligibleAddition;
use crate::transaction::{
    Action, Body, CosignatoryModification, Envelope, HashLock, Modification, MosaicDefinition,
    MosaicSupplyChange, Transfer,
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
            transaction.changes.push(CosignatoryModification { action: Action::Add, account: A });
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
fn the_older_eras_walk_the_list_and_symbol_takes_additions_first() {
    let mut question = enveloped(Envelope::AggregateComplete, &[A]);
    question.changes.push(CosignatoryModification { action: Action::Remove, account: X });
    question.changes.push(CosignatoryModification { action: Action::Add, account: A });
    let changes = Span::between(0, 2);
    question.push(M, Body::Modification(Modification { changes, ..Modification::default() }));
    let submit = |base| world(&protocol(base), 1, 1, &[A]).submit(&question);
    assert_eq!(submit(Base::Symbol), Rejected(Reason::MultisigAlreadyACosignatory));
    assert_eq!(submit(Base::CatapultV1), Rejected(Reason::MultisigNotACosignatory));
    assert_eq!(submit(Base::CatapultV3), Rejected(Reason::MultisigNotACosignatory));
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

// ---- structures that no transaction makes, and approvals

#[test]
fn a_loop_that_somebody_drew_hangs_nothing() {
    let mut auditor = world(&protocol(Base::Symbol), 1, 1, &[A]);
    let cosignatories = [M].into();
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

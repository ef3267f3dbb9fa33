//! Mosaics and messages; the fees and blocks of NIS1.

use super::*;

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
    // Of a mosaic that nobody defined everybody holds nothing.
    let nothing = Rejected(Reason::InsufficientBalance);
    assert_eq!(auditor.submit(&passed_on(A, B, 1)), nothing);
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
fn everything_else_costs_the_same_whatever_its_size() {
    let mut auditor = world(&protocol(Base::Nis1), 2, 0, &[A, B]);
    let mut fee = |transaction: &Transaction| {
        let before = (auditor.uncollected().0, currency(&auditor, M));
        assert_eq!(auditor.submit(transaction), Accepted);
        let paid = auditor.uncollected().0 - before.0;
        (paid, before.1 - currency(&auditor, M))
    };
    // The initiator's own signature and a repeated one are dropped: wrapper, one signature, inner.
    let signers = [A, A, B, B];
    let payment = payment(Envelope::Multisig, &signers, 0);
    assert_eq!(fee(&payment), (350_000, 350_000));
    let both = change(Envelope::Multisig, &signers, (0, 0), &[C, X], &[]);
    assert_eq!(fee(&both), (800_000, 800_000));
    assert_eq!(fee(&bare(C, definition(true, true))), (150_000, 0));
    assert_eq!(fee(&bare(C, supply(true, 5))), (150_000, 0));
}

#[test]
fn fees_go_to_a_harvester_who_signed_nothing() {
    let mut auditor = world(&protocol(Base::Nis1), 0, 0, &[]);
    assert_eq!(auditor.submit(&message(A, 0)), Accepted);
    assert_eq!(auditor.seal_block(Some(A)), Rejected(Reason::SelfSignedTransaction));
    assert_eq!(auditor.height(), Height(1));
    // The refused block was dropped whole: its transaction comes again.
    assert_eq!(auditor.submit(&message(A, 0)), Accepted);
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

#[test]
fn rolling_back_no_block_empties_the_open_one() {
    let mut auditor = world(&protocol(Base::Nis1), 0, 0, &[]);
    assert_eq!(auditor.submit(&message(A, 0)), Accepted);
    assert_eq!(auditor.roll_back(0), Accepted);
    assert_eq!(currency(&auditor, A), THOUSAND);
}

/// Copies of the world are written over once nobody needs them; a copy of the auditor has the same spare ones.
#[test]
fn the_way_back_of_a_copy_is_its_own() {
    let mut first = world(&protocol(Base::Symbol), 1, 1, &[A]);
    let pay = |auditor: &mut Auditor, amount: u64| {
        let paid = payment(Envelope::AggregateComplete, &[A], amount);
        assert_eq!(auditor.submit(&paid), Accepted);
    };
    let has = |auditor: &Auditor| auditor.balance(X, MosaicId::CURRENCY).0 - 1_000 * XEM;
    for round in 0..3 {
        pay(&mut first, 1);
        let _ = first.seal_block(None);
        pay(&mut first, 10);
        assert_eq!(first.roll_back(1), Accepted);
        assert_eq!(has(&first), 0, "{round}");
    }
    let mut second = first.clone();
    for (auditor, amount) in [(&mut first, 100), (&mut second, 1_000)] {
        pay(auditor, amount);
        let _ = auditor.seal_block(None);
        pay(auditor, amount);
        let _ = auditor.seal_block(None);
        pay(auditor, amount);
    }
    for (auditor, amount) in [(&mut first, 100), (&mut second, 1_000)] {
        for left in [2, 1, 0] {
            assert_eq!(auditor.roll_back(u64::from(left < 2)), Accepted);
            assert_eq!(has(auditor), left * amount, "{left}");
        }
    }
}

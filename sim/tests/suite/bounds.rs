//! Every bound of every rule: one below it, at it, and one above it. What each limit counts is a row of a
//! table; ledger, invariants and auditor judge every question.

use Verdict::{Accepted, Pending, Refused, Rejected};
use quorate::account::AccountId;
use quorate::ledger::{Entry, Genesis, Ledger, Minima};
use quorate::mosaic::{Definition, MosaicId};
use quorate::protocol::{Base, EligibleAddition, Limits, PRESETS, Protocol, Threshold};
use quorate::scenario::{Act, Step};
use quorate::transaction::{
    Body, Envelope, HashLock, MosaicSupplyChange, PendingId, Transaction, Transfer,
};
use quorate::trial::Trial;
use quorate::unit::{Amount, Span};
use quorate::verdict::{Reason, Refusal, Verdict};

const RICH: u64 = 1_000_000_000_000;
const P: PendingId = PendingId(0);
/// Of limits that a question is not about.
const ROOM: u32 = 1_000;

fn id(number: u32) -> AccountId {
    AccountId(number)
}

fn ids(numbers: std::ops::Range<u32>) -> Vec<AccountId> {
    numbers.map(AccountId).collect()
}

/// A preset with room in every limit, and each account with enough of everything.
fn roomy(preset: &str) -> Protocol {
    let mut protocol = Protocol::preset(preset).unwrap();
    let limits = &mut protocol.limits;
    limits.max_cosignatories_per_account = ROOM;
    limits.max_transactions_per_block = ROOM;
    limits.max_message_bytes = ROOM;
    // A nested account can consent to be added in every era.
    protocol.switches.eligible_addition = EligibleAddition::Leaves;
    if protocol.base != Base::Nis1 {
        limits.max_cosigned_accounts_per_account = ROOM;
        limits.max_multisig_depth = ROOM;
        limits.max_cosignatures_per_aggregate = ROOM;
        limits.max_transactions_per_aggregate = ROOM;
    }
    protocol
}

/// Thresholds of 1, of which NIS1 has one.
fn ones(base: Base) -> (u32, u32) {
    (1, u32::from(base != Base::Nis1))
}

/// A start: who is multisig, of whom, with which thresholds.
fn start(accounts: u32, entries: &[(u32, (u32, u32), Vec<AccountId>)]) -> Genesis {
    let mut genesis = Genesis::of_accounts(accounts as usize);
    genesis.balances =
        ids(0..accounts).into_iter().map(|one| (one, MosaicId::CURRENCY, Amount(RICH))).collect();
    genesis.entries = entries
        .iter()
        .map(|(account, (approval, removal), cosignatories)| Entry {
            account: id(*account),
            minima: Minima { approval: *approval, removal: *removal },
            cosignatories: cosignatories.clone(),
        })
        .collect();
    genesis
}

/// The answer of the ledger, with which the auditor agrees and no invariant is broken.
#[track_caller]
fn judged(protocol: &Protocol, genesis: &Genesis, steps: &[Step]) -> Verdict {
    let mut trial = Trial::new(protocol, protocol.clone(), genesis, true).unwrap();
    let mut verdict = Accepted;
    for step in steps {
        verdict = trial.step(step).unwrap();
    }
    assert_eq!(trial.end(), Ok(()));
    verdict
}

/// The modification that makes an account multisig, signed by everybody whom it names.
fn converting(
    base: Base,
    account: u32,
    (approval, removal): (i32, i32),
    added: &[AccountId],
) -> Step {
    Step::submit(if base == Base::Nis1 {
        let mut one = Transaction::new(Envelope::Bare, id(account));
        one.push_modification(id(account), (approval, 0), added, &[]);
        one
    } else {
        let mut one = Transaction::new(Envelope::AggregateComplete, id(account));
        one.cosignatures.extend_from_slice(added);
        one.push_modification(id(account), (approval, removal), added, &[]);
        one
    })
}

/// An aggregate, or on NIS1 a wrapper, of these signers.
fn signed(base: Base, signers: &[AccountId]) -> Transaction {
    let envelope =
        if base == Base::Nis1 { Envelope::Multisig } else { Envelope::AggregateComplete };
    let mut one = Transaction::new(envelope, signers[0]);
    one.cosignatures.extend_from_slice(&signers[1..]);
    one
}

/// A question that uses exactly so many of what a limit counts.
type Question = fn(&Protocol, u32) -> (Genesis, Vec<Step>);

/// One way to meet one limit.
struct Row {
    name: &'static str,
    bases: &'static [Base],
    slot: fn(&mut Limits) -> &mut u32,
    ask: Question,
    above: Reason,
    above_nis1: Reason,
}

const ALL: &[Base] = &[Base::Symbol, Base::CatapultV1, Base::CatapultV3, Base::Nis1];
const CATAPULT: &[Base] = &[Base::Symbol, Base::CatapultV1, Base::CatapultV3];
const NIS1: &[Base] = &[Base::Nis1];

/// A chain of so many multisig accounts, each of the next: the last one is plain.
fn chain(first: u32, levels: u32) -> Vec<(u32, (u32, u32), Vec<AccountId>)> {
    (first..first + levels).map(|one| (one, (1, 1), vec![id(one + 1)])).collect()
}

/// `above` levels over a new link and `below` under it.
fn joined(protocol: &Protocol, above: u32, below: u32) -> (Genesis, Vec<Step>) {
    let mut entries = chain(0, above);
    let top = above + 1;
    entries.extend(chain(top, below));
    let genesis = start(above + below + 2, &entries);
    // The plain account at the end of the upper chain takes the first of the lower one in.
    let mut one = Transaction::new(Envelope::AggregateComplete, id(above));
    one.cosignatures.push(id(top + below));
    let _ = protocol;
    one.push_modification(id(above), (1, 1), &[id(top)], &[]);
    (genesis, vec![Step::submit(one)])
}

const LIMITS: &[Row] = &[
    Row {
        name: "cosignatories, by a conversion",
        bases: ALL,
        slot: |limits| &mut limits.max_cosignatories_per_account,
        ask: |protocol, count| {
            let step = converting(protocol.base, 0, (1, 1), &ids(1..count + 1));
            (start(count + 1, &[]), vec![step])
        },
        above: Reason::MultisigMaxCosignatories,
        above_nis1: Reason::TooManyMultisigCosigners,
    },
    Row {
        name: "cosignatories, by one more",
        bases: ALL,
        slot: |limits| &mut limits.max_cosignatories_per_account,
        ask: |protocol, count| {
            let entries =
                if count > 1 { vec![(0, ones(protocol.base), ids(1..count))] } else { Vec::new() };
            let mut one = signed(protocol.base, &ids(1..count.max(2)));
            if count == 1 {
                return ((start(2, &[])), vec![converting(protocol.base, 0, (1, 1), &[id(1)])]);
            }
            if protocol.base != Base::Nis1 {
                one.cosignatures.push(id(count));
            }
            one.push_modification(id(0), (0, 0), &[id(count)], &[]);
            (start(count + 1, &entries), vec![Step::submit(one)])
        },
        above: Reason::MultisigMaxCosignatories,
        above_nis1: Reason::TooManyMultisigCosigners,
    },
    Row {
        name: "cosignatories, one goes and two come",
        bases: CATAPULT,
        slot: |limits| &mut limits.max_cosignatories_per_account,
        ask: |protocol, count| {
            let before = count - 1;
            if before == 0 {
                return (start(2, &[]), vec![converting(protocol.base, 0, (1, 1), &[id(1)])]);
            }
            let mut one = signed(protocol.base, &ids(1..count + 2));
            one.push_modification(id(0), (0, 0), &ids(count..count + 2), &[id(1)]);
            (start(count + 2, &[(0, (1, 1), ids(1..count))]), vec![Step::submit(one)])
        },
        above: Reason::MultisigMaxCosignatories,
        above_nis1: Reason::TooManyMultisigCosigners,
    },
    Row {
        name: "cosigned accounts",
        bases: CATAPULT,
        slot: |limits| &mut limits.max_cosigned_accounts_per_account,
        ask: |protocol, count| {
            let entries: Vec<_> = (1..count).map(|one| (one, (1, 1), vec![id(0)])).collect();
            let step = converting(protocol.base, count, (1, 1), &[id(0)]);
            (start(count + 1, &entries), vec![step])
        },
        above: Reason::MultisigMaxCosignedAccounts,
        above_nis1: Reason::Neutral,
    },
    Row {
        name: "depth, a link below all",
        bases: CATAPULT,
        slot: |limits| &mut limits.max_multisig_depth,
        ask: |protocol, levels| joined(protocol, levels - 1, 0),
        above: Reason::MultisigMaxMultisigDepth,
        above_nis1: Reason::Neutral,
    },
    Row {
        name: "depth, a link above all",
        bases: CATAPULT,
        slot: |limits| &mut limits.max_multisig_depth,
        ask: |protocol, levels| joined(protocol, 0, levels - 1),
        above: Reason::MultisigMaxMultisigDepth,
        above_nis1: Reason::Neutral,
    },
    Row {
        name: "depth, a link in the middle",
        bases: CATAPULT,
        slot: |limits| &mut limits.max_multisig_depth,
        ask: |protocol, levels| joined(protocol, (levels - 1) / 2, levels - 1 - (levels - 1) / 2),
        above: Reason::MultisigMaxMultisigDepth,
        above_nis1: Reason::Neutral,
    },
    Row {
        name: "signatures of an aggregate",
        bases: CATAPULT,
        slot: |limits| &mut limits.max_cosignatures_per_aggregate,
        ask: |protocol, count| {
            let mut one = signed(protocol.base, &ids(1..count + 1));
            one.push_transfer(id(0), id(1), Amount(1));
            (start(count + 1, &[(0, (1, 1), ids(1..count + 1))]), vec![Step::submit(one)])
        },
        above: Reason::AggregateTooManyCosignatures,
        above_nis1: Reason::Neutral,
    },
    Row {
        name: "transactions of an aggregate",
        bases: CATAPULT,
        slot: |limits| &mut limits.max_transactions_per_aggregate,
        ask: |protocol, count| {
            let mut one = signed(protocol.base, &[id(0)]);
            (0..count).for_each(|_| {
                one.push_transfer(id(0), id(1), Amount(1));
            });
            (start(2, &[]), vec![Step::submit(one)])
        },
        above: Reason::AggregateTooManyTransactions,
        above_nis1: Reason::Neutral,
    },
    Row {
        name: "transactions of a block",
        bases: NIS1,
        slot: |limits| &mut limits.max_transactions_per_block,
        ask: |_, count| {
            let mut one = Transaction::new(Envelope::Bare, id(0));
            one.push_transfer(id(0), id(1), Amount(1));
            let block = vec![one; count as usize];
            (start(2, &[]), vec![Step { block, ..Step::of(Act::Block) }])
        },
        above: Reason::Neutral,
        above_nis1: Reason::TooManyTransactions,
    },
    Row {
        name: "transactions of a block, inner ones and signatures counted",
        bases: NIS1,
        slot: |limits| &mut limits.max_transactions_per_block,
        ask: |protocol, count| {
            let (bare, signers) = if count < 2 { (count, 0) } else { (0, count - 1) };
            let mut steps = Vec::new();
            let mut one = Transaction::new(Envelope::Bare, id(0));
            one.push_transfer(id(0), id(1), Amount(1));
            steps.extend((0..bare).map(|_| Step::submit(one.clone())));
            let mut genesis = start(3 + signers, &[]);
            if signers > 0 {
                // The wrapper, what is inside, and all signatures but the first signer's.
                let all = ids(2..2 + signers);
                genesis = start(3 + signers, &[(1, (1, 0), all.clone())]);
                let mut wrapper = signed(protocol.base, &all);
                wrapper.push_transfer(id(1), id(0), Amount(1));
                steps.push(Step::submit(wrapper));
            }
            steps.push(Step::of(Act::SealBlock(None)));
            (genesis, steps)
        },
        above: Reason::Neutral,
        above_nis1: Reason::TooManyTransactions,
    },
    Row {
        name: "bytes of a message",
        bases: ALL,
        slot: |limits| &mut limits.max_message_bytes,
        ask: |_, count| {
            let mut one = Transaction::new(Envelope::Bare, id(0));
            one.text = "x".repeat(count as usize);
            let message = Span::between(0, count as usize);
            let body = Transfer { recipient: id(1), message, ..Transfer::default() };
            one.push(id(0), Body::Transfer(body));
            (start(2, &[]), vec![Step::submit(one)])
        },
        above: Reason::MessageTooLarge,
        above_nis1: Reason::MessageTooLarge,
    },
];

/// Every limit has a row here, or a test of its own below or in `time`.
#[test]
fn every_limit_is_asked_at_its_bound() {
    let mut protocol = Protocol::preset("symbol-mainnet").unwrap();
    let Limits {
        max_cosignatories_per_account,
        max_cosigned_accounts_per_account,
        max_multisig_depth,
        max_cosignatures_per_aggregate,
        max_transactions_per_aggregate,
        max_transactions_per_block,
        max_message_bytes,
        // `hash_locks_are_taken_at_their_bounds`
        hash_lock_amount: _,
        hash_lock_duration_blocks_max: _,
        // `an_ended_lock_keeps_others_out_exactly_so_long`
        max_rollback_blocks: _,
        // `time`
        transaction_lifetime_seconds: _,
        bonded_lifetime_seconds: _,
        block_time_seconds: _,
    } = &mut protocol.limits;
    let slots = [
        std::ptr::from_mut(max_cosignatories_per_account),
        std::ptr::from_mut(max_cosigned_accounts_per_account),
        std::ptr::from_mut(max_multisig_depth),
        std::ptr::from_mut(max_cosignatures_per_aggregate),
        std::ptr::from_mut(max_transactions_per_aggregate),
        std::ptr::from_mut(max_transactions_per_block),
        std::ptr::from_mut(max_message_bytes),
    ];
    for slot in slots {
        let asks = |row: &Row| std::ptr::eq((row.slot)(&mut protocol.limits), slot);
        assert!(LIMITS.iter().any(asks));
    }
}

#[test]
fn a_limit_is_met_and_not_exceeded() {
    for row in LIMITS {
        let presets = PRESETS.iter().map(|(name, _)| *name);
        for preset in
            presets.filter(|name| row.bases.contains(&Protocol::preset(name).unwrap().base))
        {
            let shipped = *(row.slot)(&mut Protocol::preset(preset).unwrap().limits);
            let own = (shipped <= 120).then_some(shipped);
            for limit in [1, 2, 3, 4, 7].into_iter().chain(own) {
                for count in [limit - 1, limit, limit + 1] {
                    if count == 0 && !row.name.contains("bytes") {
                        continue;
                    }
                    let mut protocol = roomy(preset);
                    let (genesis, steps) = (row.ask)(&protocol, count);
                    *(row.slot)(&mut protocol.limits) = limit;
                    let above =
                        if protocol.base == Base::Nis1 { row.above_nis1 } else { row.above };
                    let expected = if count > limit { Rejected(above) } else { Accepted };
                    let found = judged(&protocol, &genesis, &steps);
                    assert_eq!(found, expected, "{preset}: {}, {count} of {limit}", row.name);
                }
            }
        }
    }
}

#[test]
fn a_start_keeps_the_limits_that_a_transaction_keeps() {
    type Start = fn(u32) -> Genesis;
    type Slot = fn(&mut Limits) -> &mut u32;
    let rows: [(Slot, Start); 3] = [
        (
            |limits| &mut limits.max_cosignatories_per_account,
            |count| start(count + 1, &[(0, (1, 1), ids(1..count + 1))]),
        ),
        (
            |limits| &mut limits.max_cosigned_accounts_per_account,
            |count| {
                let entries: Vec<_> = (1..=count).map(|one| (one, (1, 1), vec![id(0)])).collect();
                start(count + 1, &entries)
            },
        ),
        (|limits| &mut limits.max_multisig_depth, |levels| start(levels + 1, &chain(0, levels))),
    ];
    for (slot, begun) in rows {
        for preset in ["symbol-mainnet", "catapult-v1", "catapult-v3"] {
            for limit in [1, 2, 5] {
                for count in [limit - 1, limit, limit + 1] {
                    let mut protocol = roomy(preset);
                    *slot(&mut protocol.limits) = limit;
                    let ledger = Ledger::from_genesis(protocol, &begun(count));
                    // Nobody at all is not what an entry is for.
                    let entries = begun(count).entries;
                    let empty = entries.iter().any(|entry| entry.cosignatories.is_empty());
                    assert_eq!(
                        ledger.is_ok(),
                        count <= limit && !empty,
                        "{preset}: {count} of {limit}"
                    );
                }
            }
        }
    }
}

#[test]
fn thresholds_lie_between_one_and_the_number_of_cosignatories() {
    for (preset, _) in PRESETS {
        let protocol = roomy(preset);
        let is_nis1 = protocol.base == Base::Nis1;
        for count in 1..=4_i32 {
            let members = ids(1..count as u32 + 1);
            let least = if is_nis1 { 0 } else { 1 };
            let removals = if is_nis1 { 0..=0 } else { -1..=count + 1 };
            for (approval, removal) in
                (-1..=count + 1).flat_map(|one| removals.clone().map(move |two| (one, two)))
            {
                let (smaller, larger) = if is_nis1 {
                    (approval, approval)
                } else {
                    (approval.min(removal), approval.max(removal))
                };
                let expected = match is_nis1 {
                    true if !(0..=count).contains(&approval) => {
                        Rejected(Reason::MultisigMinCosignatoriesOutOfRange)
                    }
                    false if smaller < 1 => Rejected(Reason::MultisigMinSettingOutOfRange),
                    false if larger > count => {
                        Rejected(Reason::MultisigMinSettingLargerThanNumCosignatories)
                    }
                    _ => Accepted,
                };
                let words = format!("{preset}: {approval}/{removal} of {count}");
                let step = converting(protocol.base, 0, (approval, removal), &members);
                let plain = start(count as u32 + 1, &[]);
                assert_eq!(judged(&protocol, &plain, &[step]), expected, "{words}");
                // The same thresholds, reached from others.
                let mut change = signed(protocol.base, &members);
                let deltas = (approval - 1, if is_nis1 { 0 } else { removal - 1 });
                change.push_modification(id(0), deltas, &[], &[]);
                let one = (1, if is_nis1 { 0 } else { 1 });
                let genesis = start(count as u32 + 1, &[(0, one, members.clone())]);
                let found = judged(&protocol, &genesis, &[Step::submit(change)]);
                assert_eq!(found, expected, "{words}, from 1/1");
                // And as a start.
                if approval >= 0 && removal >= 0 {
                    let minima = (approval as u32, removal as u32);
                    let genesis = start(count as u32 + 1, &[(0, minima, members.clone())]);
                    let taken = Ledger::from_genesis(protocol.clone(), &genesis).is_ok();
                    let in_range = smaller >= least && larger <= count;
                    assert_eq!(taken, in_range, "{words}, as a start");
                }
            }
        }
    }
}

#[test]
fn a_start_of_nis1_has_one_threshold() {
    let protocol = roomy("nis1");
    for (removal, taken) in [(0, true), (1, false), (2, false)] {
        let genesis = start(3, &[(0, (1, removal), ids(1..3))]);
        assert_eq!(Ledger::from_genesis(protocol.clone(), &genesis).is_ok(), taken, "{removal}");
    }
}

#[test]
fn a_threshold_change_of_any_size_is_judged_as_it_is() {
    for (preset, _) in PRESETS {
        let protocol = roomy(preset);
        let is_nis1 = protocol.base == Base::Nis1;
        for delta in [i32::MIN, -257, -256, -255, -129, -128, 127, 128, 255, 256, 257, i32::MAX] {
            let members = ids(1..3);
            let genesis = start(3, &[(0, (1, u32::from(!is_nis1)), members.clone())]);
            let mut change = signed(protocol.base, &members);
            change.push_modification(id(0), (delta, 0), &[], &[]);
            let found = judged(&protocol, &genesis, &[Step::submit(change)]);
            assert!(matches!(found, Rejected(_)), "{preset}: {delta}: {found:?}");
        }
    }
}

/// How many of four cosignatories must sign, for each kind of change and each pair of thresholds.
#[test]
fn so_many_signatures_are_enough_and_one_less_is_not() {
    for (preset, _) in PRESETS {
        let healthy = roomy(preset);
        let is_nis1 = healthy.base == Base::Nis1;
        let removals: &[u32] = if is_nis1 { &[0] } else { &[1, 2, 3, 4] };
        let pairs =
            (u32::from(!is_nis1)..=4).flat_map(|one| removals.iter().map(move |&two| (one, two)));
        let thresholds = [Threshold::Approval, Threshold::Removal, Threshold::Larger];
        for ((approval, removal), (alone, mixed)) in
            pairs.flat_map(|pair| thresholds.iter().map(move |&one| (pair, (one, one))))
        {
            let mut protocol = healthy.clone();
            protocol.switches.removal_threshold = alone;
            protocol.switches.mixed_threshold = mixed;
            let of = |threshold| match threshold {
                Threshold::Approval => approval,
                Threshold::Removal => removal,
                Threshold::Larger => approval.max(removal),
            };
            let all = approval == 0 || approval == 4;
            for kind in ["pay", "add", "remove", "exchange"] {
                let needed = match (is_nis1, kind) {
                    (true, "remove" | "exchange") if all => 3,
                    (true, _) if all => 4,
                    (true, _) => approval,
                    (false, "remove") => of(alone),
                    (false, "exchange") => of(mixed),
                    (false, _) => approval,
                };
                for count in [needed - 1, needed].into_iter().filter(|&count| count > 0) {
                    // Those who stay sign first: on NIS1 the one who goes counts for nothing.
                    let signers = ids(1..count + 1);
                    let mut one = signed(protocol.base, &signers);
                    // Whoever is to become a cosignatory consents.
                    if matches!(kind, "add" | "exchange") && protocol.switches.opt_in {
                        one.cosignatures.push(id(5));
                    }
                    // Thresholds above three could not stay: they go down with the removal.
                    let down = |threshold: u32| if threshold == 4 { -1 } else { 0 };
                    let deltas = (down(approval), if is_nis1 { 0 } else { down(removal) });
                    match kind {
                        "pay" => one.push_transfer(id(0), id(5), Amount(1)),
                        "add" => one.push_modification(id(0), (0, 0), &[id(5)], &[]),
                        "remove" => one.push_modification(id(0), deltas, &[], &[id(4)]),
                        _ => one.push_modification(id(0), (0, 0), &[id(5)], &[id(4)]),
                    };
                    let genesis = start(6, &[(0, (approval, removal), ids(1..5))]);
                    let found = judged(&protocol, &genesis, &[Step::submit(one)]);
                    let missing = match is_nis1 {
                        true => Reason::MultisigInvalidCosigners,
                        false => Reason::AggregateMissingCosignatures,
                    };
                    let expected = if count < needed { Rejected(missing) } else { Accepted };
                    assert_eq!(
                        found, expected,
                        "{preset}: {kind}, {approval}/{removal}, {alone:?}: {count} of {needed}"
                    );
                }
            }
        }
    }
}

#[test]
fn so_many_deletions_and_no_more() {
    for (preset, _) in PRESETS {
        for limit in 0..=3_u32 {
            for count in [limit.saturating_sub(1), limit, limit + 1] {
                let mut protocol = roomy(preset);
                protocol.switches.max_deletions_per_modification = limit;
                let members = ids(1..7);
                let removal = u32::from(protocol.base != Base::Nis1);
                let genesis = start(7, &[(0, (1, removal), members.clone())]);
                // Whoever goes does not count on NIS1: those who stay sign.
                let mut one = signed(protocol.base, &ids(5..7));
                one.push_modification(id(0), (0, 0), &[], &ids(1..count + 1));
                let found = judged(&protocol, &genesis, &[Step::submit(one)]);
                let expected = match count > limit {
                    true => Rejected(Reason::MultisigMultipleDeletes),
                    false => Accepted,
                };
                assert_eq!(found, expected, "{preset}: {count} of {limit}");
            }
        }
    }
}

#[test]
fn a_list_holds_as_many_entries_as_a_byte_counts() {
    let many = Refused(Refusal::TooManyEntries);
    for (preset, added, removed, too_many) in [
        ("symbol-mainnet", 255, 0, false),
        ("symbol-mainnet", 0, 255, false),
        ("symbol-mainnet", 255, 255, false),
        ("symbol-mainnet", 254, 2, false),
        ("symbol-mainnet", 256, 0, true),
        ("symbol-mainnet", 0, 256, true),
        ("symbol-mainnet", 256, 255, true),
        ("symbol-mainnet", 255, 256, true),
        ("catapult-v1", 255, 0, false),
        ("catapult-v1", 127, 128, false),
        ("catapult-v1", 128, 128, true),
        ("catapult-v1", 256, 0, true),
        ("catapult-v3", 0, 255, false),
        ("catapult-v3", 1, 255, true),
        ("nis1", 256, 0, false),
        ("nis1", 0, 256, false),
    ] {
        let protocol = roomy(preset);
        let mut one = match protocol.base {
            Base::Nis1 => Transaction::new(Envelope::Bare, id(0)),
            _ => signed(protocol.base, &[id(0)]),
        };
        one.push_modification(id(0), (1, 0), &ids(1..added + 1), &ids(300..300 + removed));
        let found = judged(&protocol, &start(600, &[]), &[Step::submit(one)]);
        assert_eq!(found == many, too_many, "{preset}: {added} and {removed}: {found:?}");
    }
}

/// A modification of NIS1 in its versions, with and without entries and a threshold change.
#[test]
fn a_version_of_a_modification_has_what_belongs_to_it() {
    let protocol = roomy("nis1");
    for version in 0..=3_u8 {
        for (entries, delta) in [(false, false), (false, true), (true, false), (true, true)] {
            let mut one = signed(Base::Nis1, &ids(1..3));
            let added = if entries { ids(3..4) } else { Vec::new() };
            one.push_modification(id(0), (i32::from(delta), 0), &added, &[]);
            let Body::Modification(body) = &mut one.parts[0].body else { panic!() };
            (body.version, body.delta_present) = (version, delta);
            let genesis = start(4, &[(0, (1, 0), ids(1..3))]);
            let found = judged(&protocol, &genesis, &[Step::submit(one)]);
            let expected = match (version, entries, delta) {
                (1, true, false) | (0 | 2, true, _) | (0 | 2, false, true) => Accepted,
                (0..=2, ..) => Refused(Refusal::EmptyModification),
                _ => Refused(Refusal::UnknownVersion),
            };
            assert_eq!(found, expected, "version {version}, {entries}, {delta}");
        }
    }
}

fn lock(amount: u64, duration_blocks: u64) -> Step {
    let mut one = Transaction::new(Envelope::Bare, id(0));
    let amount = Amount(amount);
    one.push(id(0), Body::HashLock(HashLock { pending: P, amount, duration_blocks }));
    Step::submit(one)
}

#[test]
fn hash_locks_are_taken_at_their_bounds() {
    let (deposit, duration) =
        (Reason::LockHashInvalidMosaicAmount, Reason::LockHashInvalidDuration);
    for preset in ["symbol-mainnet", "symbol-private", "catapult-v1", "catapult-v3"] {
        let shipped = Protocol::preset(preset).unwrap().limits;
        for (amount, longest) in
            [(shipped.hash_lock_amount, shipped.hash_lock_duration_blocks_max), (1, 1), (7, 2)]
        {
            let mut protocol = roomy(preset);
            protocol.limits.hash_lock_amount = amount;
            protocol.limits.hash_lock_duration_blocks_max = longest;
            let ask = |amount, blocks| judged(&protocol, &start(1, &[]), &[lock(amount, blocks)]);
            assert_eq!(ask(amount, 1), Accepted);
            assert_eq!(ask(amount, longest), Accepted);
            assert_eq!(ask(amount, 0), Rejected(duration));
            assert_eq!(ask(amount, longest + 1), Rejected(duration));
            assert_eq!(ask(amount - 1, 1), Rejected(deposit));
            assert_eq!(ask(amount + 1, 1), Rejected(deposit));
            // Exactly the deposit, and one unit less of it.
            for (held, expected) in
                [(amount, Accepted), (amount - 1, Rejected(Reason::InsufficientBalance))]
            {
                let mut genesis = start(1, &[]);
                genesis.balances[0].2 = Amount(held);
                assert_eq!(judged(&protocol, &genesis, &[lock(amount, 1)]), expected, "{preset}");
            }
        }
    }
}

#[test]
fn an_ended_lock_keeps_others_out_exactly_so_long() {
    for preset in ["symbol-mainnet", "symbol-private", "catapult-v1", "catapult-v3"] {
        for kept in [0, 1, 2, 5, 40] {
            for duration in [1, 3] {
                let mut protocol = roomy(preset);
                protocol.limits.max_rollback_blocks = kept;
                // Made at height 1, it ends with the block of this height.
                let end = 1 + duration;
                let free = if protocol.base == Base::Symbol { end } else { end + kept + 1 };
                for (height, expected) in
                    [(free - 1, Rejected(Reason::LockHashHashAlreadyExists)), (free, Accepted)]
                {
                    let deposit = protocol.limits.hash_lock_amount;
                    let steps = [
                        lock(deposit, duration),
                        Step::of(Act::Advance(height - 1)),
                        lock(deposit, 1),
                    ];
                    let found = judged(&protocol, &start(1, &[]), &steps);
                    assert_eq!(found, expected, "{preset}: {kept} {duration} at {height}");
                }
            }
        }
    }
}

const FEE: u64 = 50_000;
const POOR: Verdict = Rejected(Reason::InsufficientBalance);

/// What one holds covers what one pays, to the last unit.
#[test]
fn a_balance_is_spent_to_its_last_unit() {
    for (preset, _) in PRESETS {
        let protocol = roomy(preset);
        let is_nis1 = protocol.base == Base::Nis1;
        for amount in [0, 1, 5_000_000] {
            let whole = amount + if is_nis1 { FEE } else { 0 };
            for (held, expected) in [(whole, Accepted), (whole.wrapping_sub(1), POOR)] {
                if whole == 0 && held != whole {
                    continue;
                }
                let mut genesis = start(2, &[]);
                genesis.balances[0].2 = Amount(held);
                genesis.balances.truncate(1);
                let mut one = Transaction::new(Envelope::Bare, id(0));
                one.push_transfer(id(0), id(1), Amount(amount));
                let found = judged(&protocol, &genesis, &[Step::submit(one)]);
                assert_eq!(found, expected, "{preset}: {held} of {whole}");
            }
        }
    }
}

/// NIS1: amount, fee, wrapper and each signature come from the multisig account, to the last unit.
#[test]
fn a_multisig_account_of_nis1_pays_all_fees_to_the_last_unit() {
    let protocol = roomy("nis1");
    for signers in 1..=4_u32 {
        let signatures = u64::from(signers - 1);
        let whole = 7 + FEE + 3 * FEE + signatures * 3 * FEE;
        for (held, expected) in [(whole, Accepted), (whole - 1, POOR)] {
            let mut genesis = start(6, &[(0, (signers, 0), ids(1..5))]);
            genesis.balances[0].2 = Amount(held);
            let mut one = signed(Base::Nis1, &ids(1..signers + 1));
            one.push_transfer(id(0), id(5), Amount(7));
            assert_eq!(judged(&protocol, &genesis, &[Step::submit(one)]), expected, "{signers}");
        }
    }
}

/// NIS1: a signature for what waits costs its fee at the moment it comes; exactly so much is enough.
#[test]
fn a_signature_of_nis1_is_taken_where_the_balance_just_covers_it() {
    let protocol = roomy("nis1");
    for (left, expected) in [(3 * FEE, Pending), (3 * FEE - 1, POOR), (3 * FEE + 1, Pending)] {
        let genesis = start(6, &[(0, (0, 0), ids(1..5))]);
        let announced = {
            let mut one = signed(Base::Nis1, &[id(1)]);
            one.push_transfer(id(0), id(5), Amount(1));
            Step { transaction: one, ..Step::of(Act::Announce(P)) }
        };
        // Another wrapper, with all signatures, takes what the account has down to what is left.
        let mut drain = signed(Base::Nis1, &ids(1..5));
        let fees = 3 * FEE + 3 * 3 * FEE;
        let amount = RICH - left - fees - 25 * FEE;
        drain.push_transfer(id(0), id(5), Amount(amount));
        let steps = [announced, Step::submit(drain), Step::of(Act::Cosign(P, id(2)))];
        assert_eq!(judged(&protocol, &genesis, &steps), expected, "{left}");
    }
}

/// A mosaic's owner destroys what there is and no more, and creates up to the greatest number.
#[test]
fn a_supply_ends_at_nothing_and_at_the_greatest_number() {
    for (preset, _) in PRESETS {
        let protocol = roomy(preset);
        let mosaic = MosaicId(1);
        for (held, increase, delta, expected) in [
            (9, false, 9, Accepted),
            (9, false, 10, Rejected(Reason::MosaicSupplyNegative)),
            (9, true, u64::MAX - 9, Accepted),
            (9, true, u64::MAX - 8, Rejected(Reason::MosaicSupplyExceeded)),
        ] {
            let mut genesis = start(2, &[]);
            let definition = Definition {
                owner: id(0),
                supply_mutable: true,
                transferable: true,
                ..Definition::default()
            };
            genesis.definitions.push((mosaic, definition));
            genesis.balances.push((id(0), mosaic, Amount(held)));
            let mut one = Transaction::new(Envelope::Bare, id(0));
            let body = MosaicSupplyChange { mosaic, increase, delta: Amount(delta) };
            one.push(id(0), Body::MosaicSupplyChange(body));
            let found = judged(&protocol, &genesis, &[Step::submit(one)]);
            assert_eq!(found, expected, "{preset}: {held} {increase} {delta}");
        }
    }
}

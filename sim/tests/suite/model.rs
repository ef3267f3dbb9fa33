//! Properties over the public API: the ledger against the auditor as a state machine, scenarios
//! written and read, and the way back.

use std::io::Cursor;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest_state_machine::{ReferenceStateMachine, StateMachineTest, prop_state_machine};
use quorate::account::AccountId;
use quorate::auditor::Auditor;
use quorate::choice::Seeded;
use quorate::generate::{Sequence, World, names};
use quorate::ledger::{Genesis, Ledger, View};
use quorate::mosaic::MosaicId;
use quorate::protocol::Protocol;
use quorate::scenario::{Header, Layout, Step, open_reader, source, write};
use quorate::transaction::{Envelope, Transaction};
use quorate::unit::Amount;
use quorate::verdict::Verdict;

const ACCOUNTS: u32 = 6;
const RICH: u64 = 100_000_000;

/// One thing to do.
#[derive(Clone, Debug)]
enum Move {
    Modify {
        account: u32,
        added: Vec<u32>,
        removed: Vec<u32>,
        deltas: (i32, i32),
        signers: Vec<u32>,
    },
    Pay {
        account: u32,
        recipient: u32,
        amount: u64,
        signers: Vec<u32>,
    },
    Seal(Option<u32>),
    RollBack(u64),
}

fn transaction(nis1: bool, account: u32, signers: &[u32]) -> Transaction {
    let (signer, others) =
        signers.split_first().map_or((account, &[][..]), |(one, all)| (*one, all));
    let envelope = match (nis1, signer == account) {
        (true, true) => Envelope::Bare,
        (true, false) => Envelope::Multisig,
        (false, _) => Envelope::AggregateComplete,
    };
    let mut made = Transaction::new(envelope, AccountId(signer));
    if envelope != Envelope::Bare {
        made.cosignatures.extend(others.iter().map(|&id| AccountId(id)));
    }
    made
}

fn ids(list: &[u32]) -> Vec<AccountId> {
    list.iter().map(|&id| AccountId(id)).collect()
}

impl Move {
    fn question(&self, nis1: bool) -> Option<Transaction> {
        match self {
            Self::Modify { account, added, removed, deltas, signers } => {
                let mut made = transaction(nis1, *account, signers);
                let deltas = if nis1 { (deltas.0, 0) } else { *deltas };
                made.push_modification(AccountId(*account), deltas, &ids(added), &ids(removed));
                Some(made)
            }
            Self::Pay { account, recipient, amount, signers } => {
                let mut made = transaction(nis1, *account, signers);
                made.push_transfer(AccountId(*account), AccountId(*recipient), Amount(*amount));
                Some(made)
            }
            Self::Seal(_) | Self::RollBack(_) => None,
        }
    }
}

fn moves() -> BoxedStrategy<Move> {
    let account = 0..ACCOUNTS;
    let signers = || vec(0..ACCOUNTS, 0..5);
    let modify = (
        account.clone(),
        vec(0..ACCOUNTS, 0..3),
        vec(0..ACCOUNTS, 0..2),
        (-2..3, -2..3),
        signers(),
    )
        .prop_map(|(account, added, removed, deltas, signers)| Move::Modify {
            account,
            added,
            removed,
            deltas,
            signers,
        });
    let convert = (account.clone(), vec(0..ACCOUNTS, 1..3)).prop_map(|(account, added)| {
        let signers = [vec![account], added.clone()].concat();
        Move::Modify { account, added, removed: Vec::new(), deltas: (1, 1), signers }
    });
    let pay = (account.clone(), account.clone(), 0..2 * RICH, signers()).prop_map(
        |(account, recipient, amount, signers)| Move::Pay { account, recipient, amount, signers },
    );
    prop_oneof![
        4 => modify,
        4 => convert,
        2 => pay,
        1 => proptest::option::of(account).prop_map(Move::Seal),
        1 => (0..3_u64).prop_map(Move::RollBack),
    ]
    .boxed()
}

/// The rules as the auditor reads them.
#[derive(Clone, Debug)]
struct Rules {
    auditor: Auditor,
    verdict: Option<Verdict>,
}

fn protocol(nis1: bool) -> Protocol {
    let mut protocol = Protocol::preset(if nis1 { "nis1" } else { "symbol-private" }).unwrap();
    protocol.limits.max_cosignatories_per_account = 3;
    if !nis1 {
        protocol.limits.max_cosigned_accounts_per_account = 2;
    }
    protocol
}

struct Reference<const NIS1: bool>;

impl<const NIS1: bool> ReferenceStateMachine for Reference<NIS1> {
    type State = Rules;
    type Transition = Move;

    fn init_state() -> BoxedStrategy<Rules> {
        let mut auditor = Auditor::new(&protocol(NIS1));
        for account in (0..ACCOUNTS).map(AccountId) {
            auditor.set_balance(account, MosaicId::CURRENCY, Amount(RICH));
        }
        Just(Rules { auditor, verdict: None }).boxed()
    }

    fn transitions(_: &Rules) -> BoxedStrategy<Move> {
        moves()
    }

    fn apply(mut rules: Rules, step: &Move) -> Rules {
        let auditor = &mut rules.auditor;
        rules.verdict = Some(match (step, step.question(NIS1)) {
            (_, Some(question)) => auditor.submit(&question),
            (Move::RollBack(blocks), _) => auditor.roll_back(*blocks),
            (Move::Seal(harvester), _) => auditor.seal_block(harvester.map(AccountId)),
            _ => return rules,
        });
        rules
    }
}

struct Machine<const NIS1: bool>;

impl<const NIS1: bool> StateMachineTest for Machine<NIS1> {
    type SystemUnderTest = Ledger;
    type Reference = Reference<NIS1>;

    fn init_test(_: &Rules) -> Ledger {
        let mut genesis = Genesis::of_accounts(ACCOUNTS as usize);
        let rich = (0..ACCOUNTS).map(|id| (AccountId(id), MosaicId::CURRENCY, Amount(RICH)));
        genesis.balances.extend(rich);
        Ledger::from_genesis(protocol(NIS1), &genesis).unwrap()
    }

    fn apply(mut ledger: Ledger, rules: &Rules, step: Move) -> Ledger {
        let verdict = match (&step, step.question(NIS1)) {
            (_, Some(question)) => ledger.submit(&question),
            (Move::RollBack(blocks), _) => ledger.roll_back(*blocks),
            (Move::Seal(harvester), _) => ledger.seal_block(harvester.map(AccountId)),
            _ => return ledger,
        };
        assert_eq!(Some(verdict), rules.verdict, "{step:?}");
        ledger
    }

    fn check_invariants(ledger: &Ledger, rules: &Rules) {
        for account in (0..ACCOUNTS).map(AccountId) {
            let (links, entry) = (ledger.state().links(), rules.auditor.entry(account));
            assert!(links.cosignatories_of(account).iter().copied().eq(&entry.cosignatories));
            let minima = links.minima(account);
            assert_eq!((minima.approval, minima.removal), (entry.min_approval, entry.min_removal));
            let held = ledger.state().balance(account, MosaicId::CURRENCY);
            assert_eq!(held, rules.auditor.balance(account, MosaicId::CURRENCY));
        }
        assert_eq!(ledger.height(), rules.auditor.height().0);
    }
}

prop_state_machine! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn symbol_agrees_with_the_auditor(sequential 1..60 => Machine<false>);

    #[test]
    fn nis1_agrees_with_the_auditor(sequential 1..60 => Machine<true>);
}

/// A world without shapes that no scenario can tell, and its first steps.
fn drawn(preset: &str, seed: u64, count: usize) -> (World, Vec<Step>, u32) {
    let mut choices = Seeded::new(seed);
    let mut world = World::draw(&mut choices, &Protocol::preset(preset).unwrap());
    world.weights.absurd = 0;
    let mut ledger = Ledger::from_genesis(world.protocol.clone(), &world.genesis).unwrap();
    let mut sequence = Sequence::new(&world);
    let mut steps = Vec::new();
    for _ in 0..count {
        let mut step = Step::default();
        sequence.next(&mut choices, &ledger, &mut step);
        let _ = take(&mut ledger, &step);
        steps.push(step);
    }
    (world, steps, sequence.pending_count())
}

fn take(ledger: &mut Ledger, step: &Step) -> Verdict {
    step.put_to(ledger).unwrap()
}

fn written(header: &Header, steps: &[Step]) -> String {
    let base = header.protocol.base;
    let records: Vec<_> = steps.iter().map(|step| write::step(&header.names, base, step)).collect();
    write::document(header, &records).unwrap()
}

fn read(text: &str) -> (Header, Vec<Step>) {
    let bytes = Cursor::new(text.to_owned().into_bytes());
    let (mut header, mut reader) = open_reader("written", source(bytes), Layout::Json).unwrap();
    let (mut steps, mut step) = (Vec::new(), Step::default());
    while reader.next(&mut header, &mut step).unwrap().is_some() {
        steps.push(step.clone());
    }
    (header, steps)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(seed: u64, preset in 0..5_usize) {
        let (preset, _) = quorate::protocol::PRESETS[preset];
        let (world, steps, pending) = drawn(preset, seed, 60);
        let header = Header {
            name: "round trip".to_owned(),
            description: String::new(),
            names: names(&world.protocol, world.genesis.accounts, pending),
            protocol: world.protocol,
            genesis: world.genesis,
            lost: Vec::new(),
            stolen: Vec::new(),
        };
        let text = written(&header, &steps);
        let (again, steps) = read(&text);
        prop_assert_eq!(&again.protocol, &header.protocol);
        prop_assert_eq!(written(&again, &steps), text);
    }

    #[test]
    fn rolling_back_restores_the_state(seed: u64, preset in 0..5_usize, blocks in 0..4_u64) {
        let (preset, _) = quorate::protocol::PRESETS[preset];
        let (world, steps, _) = drawn(preset, seed, 90);
        let mut ledger = Ledger::from_genesis(world.protocol, &world.genesis).unwrap();
        let mut openings = vec![(ledger.height(), ledger.state().clone())];
        for step in steps {
            let _ = take(&mut ledger, &step);
            openings.retain(|(height, _)| *height <= ledger.height());
            if openings.last().is_some_and(|(height, _)| *height < ledger.height()) {
                openings.push((ledger.height(), ledger.state().clone()));
            }
        }
        let target = ledger.height().saturating_sub(blocks);
        if let Some((_, before)) = openings.iter().find(|(height, _)| *height == target) {
            prop_assert_eq!(ledger.roll_back(blocks), Verdict::Accepted);
            prop_assert!(ledger.state() == before);
            prop_assert_eq!(ledger.height(), target);
        }
    }
}

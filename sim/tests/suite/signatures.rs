//! What `explain` says of missing signatures, against brute force: every set of keys is put to the
//! ledger, and where the analysis answers the same question, its sets are the same.

use std::collections::{BTreeMap, BTreeSet};

use quorate::account::{AccountId, Accounts};
use quorate::analysis::{Budget, Options, Structure, answers};
use quorate::choice::{Choices, Seeded};
use quorate::ledger::{Entry, Genesis, Ledger, Minima, View};
use quorate::mosaic::MosaicId;
use quorate::protocol::{Base, Protocol, Threshold};
use quorate::reason::{self, Explanation, Signing, Solver, signing};
use quorate::scenario::{Act, Step};
use quorate::transaction::{Body, Envelope, HashLock, PendingId, Transaction};
use quorate::unit::Amount;
use quorate::verdict::{Reason, Verdict};

type Names = BTreeSet<String>;

/// Accounts of a case and what they are asked.
struct Case {
    accounts: Accounts,
    entries: Vec<Entry>,
    ledger: Ledger,
    transaction: Transaction,
}

struct Draw(Seeded);

impl Draw {
    fn upto(&mut self, most: usize) -> usize {
        self.0.below(most as u32 + 1) as usize
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.upto(99) < percent
    }

    fn of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.upto(all.len() - 1)]
    }

    /// Some of these, each once, at least one.
    fn some(&mut self, all: &[AccountId], most: usize) -> Vec<AccountId> {
        let mut left = all.to_vec();
        let count = 1 + self.upto(most.min(left.len()) - 1);
        let mut taken: Vec<AccountId> =
            (0..count).map(|_| left.swap_remove(self.upto(left.len() - 1))).collect();
        taken.sort();
        taken
    }
}

/// A preset, some with one switch changed.
fn protocol(draw: &mut Draw) -> Protocol {
    let name = draw.of(&["symbol-mainnet", "catapult-v1", "catapult-v3", "nis1", "nis1"]);
    let mut protocol = Protocol::preset(name).unwrap();
    let switches = &mut protocol.switches;
    match draw.upto(11) {
        0 => switches.pass_down = false,
        1 => switches.opt_in = false,
        2 => switches.strict_cosignature_check = true,
        3 => switches.mixed_threshold = Threshold::Removal,
        4 => switches.removal_threshold = Threshold::Larger,
        5 => switches.n_of_n_removal_by_others = !switches.n_of_n_removal_by_others,
        _ => {}
    }
    protocol
}

fn case(seed: u64) -> Option<Case> {
    let mut draw = Draw(Seeded::new(seed));
    let protocol = protocol(&mut draw);
    let nis1 = protocol.base == Base::Nis1;
    let keys = if draw.chance(6) { 12 } else { 3 + draw.upto(5) };
    let multisigs = if nis1 { 1 + draw.upto(1) } else { 1 + draw.upto(3) };
    let names: Vec<String> = (0..keys)
        .map(|at| format!("k{at:02}"))
        .chain((0..multisigs).map(|at| format!("m{at}")))
        .chain(["z".to_owned()])
        .collect();
    let accounts = Accounts::new(&names).unwrap();
    let all: Vec<AccountId> = accounts.ids().collect();
    let mut entries = Vec::new();
    for at in 0..multisigs {
        let lower = if nis1 { &all[..keys] } else { &all[..keys + at] };
        // The accounts made last are likelier, so that trees are deep.
        let mut cosignatories = draw.some(lower, 5);
        if at > 0 && !nis1 && draw.chance(60) && !cosignatories.contains(&all[keys + at - 1]) {
            cosignatories.push(all[keys + at - 1]);
        }
        let count = cosignatories.len();
        let approval = if nis1 { draw.upto(count) } else { 1 + draw.upto(count - 1) } as u32;
        let removal = if nis1 { 0 } else { 1 + draw.upto(count - 1) as u32 };
        let minima = Minima { approval, removal };
        entries.push(Entry { account: all[keys + at], minima, cosignatories });
    }
    let mut genesis = Genesis::of_accounts(accounts.len());
    genesis.balances = all.iter().map(|&one| (one, MosaicId::CURRENCY, Amount(1 << 40))).collect();
    genesis.entries = entries.clone();
    let ledger = Ledger::from_genesis(protocol, &genesis).ok()?;
    let transaction = transaction(&mut draw, nis1, &all[..keys], &entries);
    Some(Case { accounts, entries, ledger, transaction })
}

fn transaction(draw: &mut Draw, nis1: bool, keys: &[AccountId], entries: &[Entry]) -> Transaction {
    let parts = if nis1 { 1 } else { 1 + usize::from(draw.chance(30)) };
    let chosen: Vec<usize> = (0..parts).map(|_| draw.upto(entries.len() - 1)).collect();
    let below = &entries[chosen[0]].cosignatories;
    let plain: Vec<AccountId> =
        below.iter().copied().filter(|account| keys.contains(account)).collect();
    let likely = if plain.is_empty() { keys } else { &plain };
    let signer = if draw.chance(85) { draw.of(likely) } else { draw.of(keys) };
    let envelope = if nis1 { Envelope::Multisig } else { Envelope::AggregateComplete };
    let mut made = Transaction::new(envelope, signer);
    for at in chosen {
        let Entry { account, minima, cosignatories } = &entries[at];
        let outside: Vec<AccountId> = keys
            .iter()
            .copied()
            .chain(entries.iter().map(|entry| entry.account).filter(|_| !nis1))
            .filter(|one| one != account && !cosignatories.contains(one))
            .collect();
        let (adds, removes) = draw.of(&[(0, 0), (1, 0), (0, 1), (1, 1), (0, 2)]);
        if removes == 2 {
            made.push_transfer(*account, keys[0], Amount(0));
            continue;
        }
        let added = match outside.is_empty() {
            true => Vec::new(),
            false => vec![draw.of(&outside); adds],
        };
        let removed = vec![draw.of(cosignatories); removes];
        let left = (cosignatories.len() + added.len() - removed.len()) as i32;
        let fitting = |threshold: u32| (left - threshold as i32).min(0);
        let deltas = (fitting(minima.approval), fitting(minima.removal));
        made.push_modification(*account, deltas, &added, &removed);
    }
    let share = draw.of(&[0, 10, 30, 60]);
    for &key in keys {
        if key != signer && draw.chance(share) {
            made.cosignatures.push(key);
        }
    }
    made
}

/// All sets of unsigned keys with which the ledger executes the transaction, without those that hold a
/// smaller one; found by trying all of them.
fn minimal_by_force(case: &mut Case, answer: &Signing) -> Vec<Names> {
    let mut transaction = case.transaction.clone();
    let counts = |account: &AccountId| {
        let name = case.accounts.label(*account);
        !answer.ineligible.iter().any(|one| one.account == name)
    };
    transaction.cosignatures.retain(counts);
    let links = case.ledger.state().links();
    let asked: Vec<AccountId> = case
        .accounts
        .ids()
        .filter(|&one| !links.is_multisig(one) && !transaction.is_signed_by(one))
        .collect();
    let mut minimal: Vec<u32> = Vec::new();
    let mut masks: Vec<u32> = (0..1 << asked.len()).collect();
    masks.sort_by_key(|mask| mask.count_ones());
    for mask in masks {
        if minimal.iter().any(|smaller| smaller & mask == *smaller) {
            continue;
        }
        let chosen = |(at, &account): (usize, &AccountId)| (mask >> at & 1 == 1).then_some(account);
        let mut tried = transaction.clone();
        tried.cosignatures.extend(asked.iter().enumerate().filter_map(chosen));
        let mark = case.ledger.mark();
        if case.ledger.submit(&tried) == Verdict::Accepted {
            minimal.push(mask);
        }
        case.ledger.undo_to(mark);
    }
    let names = |mask: &u32| {
        let set = asked.iter().enumerate().filter(|(at, _)| mask >> at & 1 == 1);
        set.map(|(_, &account)| case.accounts.label(account).to_owned()).collect()
    };
    minimal.iter().map(names).collect()
}

fn sets(lists: &[Vec<String>]) -> BTreeSet<Names> {
    lists.iter().map(|set| set.iter().cloned().collect()).collect()
}

/// The minimal sets of the analysis for a payment, without the keys that signed.
fn by_analysis(case: &Case, target: AccountId) -> BTreeSet<Names> {
    let name = |account: AccountId| case.accounts.label(account).to_owned();
    let entries = case.entries.iter().map(|entry| {
        let below = entry.cosignatories.iter().map(|&one| name(one)).collect();
        let Minima { approval, removal } = entry.minima;
        let removal = if case.ledger.protocol().base == Base::Nis1 { approval } else { removal };
        (name(entry.account), approval, removal, below)
    });
    let structure = Structure::new(entries, case.ledger.protocol()).unwrap();
    let target = structure.target(&name(target)).unwrap();
    let found = answers(&structure, target, &BTreeMap::new(), &Options::default());
    let signed: Names = case.transaction.signatures().map(name).collect();
    let left: BTreeSet<Names> = sets(&found.now.spend.sets.unwrap())
        .into_iter()
        .map(|set| set.difference(&signed).cloned().collect())
        .collect();
    let holds = |set: &Names| left.iter().any(|less| less != set && less.is_subset(set));
    left.iter().filter(|set| !holds(set)).cloned().collect()
}

#[test]
fn missing_signatures_are_those_that_brute_force_finds() {
    let mut compared: BTreeMap<(String, String), usize> = BTreeMap::new();
    let mut with_the_analysis = 0;
    for seed in 0..1_500 {
        let Some(mut case) = case(seed) else { continue };
        let answer =
            signing(&mut case.ledger, &case.accounts, &case.transaction, &[], Budget::default());
        let what = format!("seed {seed}: {:?}: {answer:#?}", case.entries);
        assert!(answer.confirmed, "{what}");
        let forced = minimal_by_force(&mut case, &answer);
        let Some(fewest) = forced.iter().map(BTreeSet::len).min() else {
            // Refused for another reason, or no signatures complete it.
            let never = answer.missing.fewest.is_none();
            assert!(never || answer.verdict_completed != "Success", "{what}");
            continue;
        };
        assert_eq!(answer.missing.fewest, Some(fewest), "{what}");
        assert!(answer.missing.proved, "{what}");
        assert_eq!(answer.missing.count, Some(forced.len().to_string()), "{what}");
        assert_eq!(answer.verdict_completed.to_lowercase(), "success", "{what}");
        assert_eq!(answer.complete, fewest == 0, "{what}");
        let listed = sets(&answer.missing.sets);
        assert_eq!(listed.len(), answer.missing.sets.len(), "{what}");
        let forced: BTreeSet<Names> = forced.into_iter().collect();
        match forced.len() <= 20 {
            true => assert_eq!(listed, forced, "{what}"),
            false => assert!(listed.is_subset(&forced), "{what}"),
        }
        let whole = answer.parts.iter().all(|part| part.satisfied);
        assert_eq!(whole, answer.complete, "{what}");
        let switches = &case.ledger.protocol().switches;
        if let [part] = answer.parts.as_slice() {
            assert_eq!(part.missing, answer.missing, "{what}");
            let root = part.tree.iter().find(|branch| branch.account == part.account);
            assert!(root.is_none_or(|root| root.agreed == part.agreed), "{what}");
            let base = case.ledger.protocol().base.name().to_owned();
            *compared.entry((base, part.kind.clone())).or_default() += 1;
            let plain = part.kind == "transfer" && answer.ineligible.is_empty();
            if plain && !switches.strict_cosignature_check && forced.len() <= 20 {
                let target = case.accounts.find(&part.account).unwrap();
                assert_eq!(listed, by_analysis(&case, target), "{what}");
                with_the_analysis += 1;
            }
        }
    }
    if std::env::var_os("SHOW").is_some() {
        println!("{compared:#?} {with_the_analysis}");
    }
    let kinds = ["addition", "removal of", "removal and", "transfer"];
    for base in ["symbol", "catapult-v1", "catapult-v3", "nis1"] {
        for kind in kinds {
            let of =
                |one: &(&(String, String), &usize)| one.0.0 == base && one.0.1.starts_with(kind);
            let count: usize = compared.iter().filter(of).map(|one| one.1).sum();
            assert!(count >= 10, "{base} {kind}: {count} cases: {compared:#?}");
        }
    }
    assert!(with_the_analysis >= 100, "{with_the_analysis}");
}

/// A ledger on which `transaction` may be announced: its lock is sealed.
fn locked(case: &Case) -> Ledger {
    let mut ledger = case.ledger.clone();
    let amount = Amount(ledger.protocol().limits.hash_lock_amount);
    let owner = case.accounts.find("z").unwrap();
    let mut lock = Transaction::new(Envelope::Bare, owner);
    let body = HashLock { pending: PENDING, amount, duration_blocks: 100 };
    lock.push(owner, Body::HashLock(body));
    assert_eq!(ledger.submit(&lock), Verdict::Accepted);
    assert_eq!(ledger.seal_block(None), Verdict::Accepted);
    ledger
}

const PENDING: PendingId = PendingId(0);

/// What an aggregate that waits is said to lack, against the ledger to which it is announced.
#[test]
fn an_announced_aggregate_is_answered_as_the_ledger_answers_it() {
    let mut met: BTreeMap<&str, usize> = BTreeMap::new();
    for seed in 0..3_000 {
        let Some(mut case) = case(seed) else { continue };
        if !case.ledger.protocol().base.has_aggregates() {
            continue;
        }
        case.transaction.envelope = Envelope::AggregateBonded;
        let answer =
            signing(&mut case.ledger, &case.accounts, &case.transaction, &[], Budget::default());
        let what = format!("seed {seed}: {:?}: {answer:#?}", case.entries);
        assert!(answer.confirmed, "{what}");
        let mut ledger = locked(&case);
        let name = |ledger: &Ledger, verdict| ledger.protocol().result_name(verdict);
        let step = Step {
            act: Act::Announce(PENDING),
            transaction: case.transaction.clone(),
            ..Step::default()
        };
        let solver = Solver::new(Budget::default());
        let reason = reason::of(&mut ledger, &case.accounts, &step, &solver);
        let verdict = ledger.announce(PENDING, &case.transaction);
        let rejected = |reason| name(&ledger, Verdict::Rejected(reason));
        let lacks = [
            rejected(Reason::AggregateMissingCosignatures),
            rejected(Reason::AggregateIneligibleCosignatories),
        ];
        if verdict == Verdict::Pending {
            let waits = if answer.complete { ["Pending", "Pending"] } else { lacks };
            assert!(waits.contains(&answer.verdict.as_str()), "{what}");
        } else {
            assert_eq!(answer.verdict, name(&ledger, verdict), "{what}");
        }
        let missing = |one: &Option<Explanation>| one.as_ref().and_then(|one| one.missing.clone());
        let (waits, fails) = (missing(&reason), missing(&answer.reason));
        // Of what lacks signatures the check names the first part; the one that waits is asked as a whole.
        let same = verdict == Verdict::Pending && !answer.complete;
        assert!(same || waits == fails, "{what}");
        *met.entry(name(&ledger, verdict)).or_default() += 1;
        if verdict != Verdict::Pending {
            continue;
        }
        if answer.complete {
            // What it carries beside the signatures that count was left out, and nothing was looked at since.
            assert!(!answer.ineligible.is_empty(), "{what}");
            *met.entry("complete and waits").or_default() += 1;
            continue;
        }
        let cosigned = |set: &[String]| {
            let mut ledger = ledger.clone();
            let cosign = |key: &String| ledger.cosign(PENDING, case.accounts.find(key).unwrap());
            set.iter().map(cosign).last().unwrap_or(Verdict::Pending)
        };
        let goes = answer.verdict_completed.eq_ignore_ascii_case("success");
        for (index, set) in answer.missing.sets.iter().enumerate() {
            let verdict = cosigned(set);
            let same = answer.verdict_completed == name(&ledger, verdict);
            assert!(same || index > 0, "{set:?}: {what}");
            assert_eq!(verdict == Verdict::Accepted, goes, "{set:?}: {what}");
            for left_out in set {
                let rest: Vec<String> =
                    set.iter().filter(|key| *key != left_out).cloned().collect();
                assert_eq!(cosigned(&rest), Verdict::Pending, "{rest:?}: {what}");
            }
            *met.entry("completed").or_default() += 1;
            *met.entry("fails when complete").or_default() +=
                usize::from(verdict != Verdict::Accepted);
        }
        *met.entry("never").or_default() += usize::from(answer.missing.fewest.is_none());
    }
    for (word, least) in [
        ("Success", 50),
        ("Pending", 200),
        ("Failure_Aggregate_Missing_Cosigners", 3),
        ("completed", 200),
        ("fails when complete", 20),
        ("never", 10),
        ("complete and waits", 5),
    ] {
        assert!(met.get(word).is_some_and(|count| *count >= least), "{word}: {met:#?}");
    }
}

/// All minimal sets of keys with which some cosignatory of `target` is removed, and another account `z`
/// added where `adds`: by trying every set on the ledger.
fn removals_by_force(case: &mut Case, target: &Entry, adds: bool) -> BTreeSet<Names> {
    let z = case.accounts.find("z").unwrap();
    let protocol = case.ledger.protocol().clone();
    let (nis1, opt_in) = (protocol.base == Base::Nis1, protocol.switches.opt_in);
    let links = case.ledger.state().links();
    let mut keys = Vec::new();
    let mut open = vec![target.account];
    while let Some(account) = open.pop() {
        match links.is_multisig(account) {
            true => open.extend(links.cosignatories(account)),
            false => keys.push(account),
        }
    }
    keys.sort();
    keys.dedup();
    let mut minimal: Vec<u32> = Vec::new();
    let mut masks: Vec<u32> = (1..1 << keys.len()).collect();
    masks.sort_by_key(|mask| mask.count_ones());
    let chosen = |mask: u32| {
        let chosen = keys.iter().enumerate().filter(move |(at, _)| mask >> at & 1 == 1);
        chosen.map(|(_, &key)| key).collect::<Vec<AccountId>>()
    };
    for mask in masks {
        if minimal.iter().any(|smaller| smaller & mask == *smaller) {
            continue;
        }
        let signers = chosen(mask);
        let removes = |&removed: &AccountId| {
            let envelope = if nis1 { Envelope::Multisig } else { Envelope::AggregateComplete };
            let mut tried = Transaction::new(envelope, signers[0]);
            tried.cosignatures.extend(&signers[1..]);
            tried.cosignatures.extend((adds && opt_in && !nis1).then_some(z));
            let left = target.cosignatories.len() as i32 - 1 + i32::from(adds);
            let fitting = |threshold: u32| (left - threshold as i32).min(0);
            let Minima { approval, removal } = target.minima;
            let deltas = (fitting(approval), fitting(removal));
            let added = if adds { &[z][..] } else { &[] };
            tried.push_modification(target.account, deltas, added, &[removed]);
            let mark = case.ledger.mark();
            let verdict = case.ledger.submit(&tried);
            case.ledger.undo_to(mark);
            verdict == Verdict::Accepted
        };
        if target.cosignatories.iter().any(removes) {
            minimal.push(mask);
        }
    }
    let names = |mask: &u32| {
        chosen(*mask).into_iter().map(|key| case.accounts.label(key).to_owned()).collect()
    };
    minimal.iter().map(names).collect()
}

/// The account tree of a case as a file for `analyze`.
fn tree(case: &Case) -> serde_json::Value {
    let name = |account: AccountId| case.accounts.label(account).to_owned();
    let accounts: serde_json::Map<String, serde_json::Value> = case
        .entries
        .iter()
        .map(|entry| {
            let below: Vec<String> = entry.cosignatories.iter().map(|&one| name(one)).collect();
            let Minima { approval, removal } = entry.minima;
            let value = match case.ledger.protocol().base {
                Base::Nis1 => serde_json::json!({
                    "min_cosignatories": approval, "cosignatories": below,
                }),
                _ => serde_json::json!({
                    "min_approval": approval, "min_removal": removal, "cosignatories": below,
                }),
            };
            (name(entry.account), value)
        })
        .collect();
    let described = quorate::protocol::json::describe(case.ledger.protocol());
    let mut protocol = serde_json::to_value(described).unwrap();
    let known = ["format", "version", "name", "base", "limits", "switches"];
    protocol.as_object_mut().unwrap().retain(|field, _| known.contains(&field.as_str()));
    // What the base does not have is described as none.
    for part in ["limits", "switches"] {
        protocol[part].as_object_mut().unwrap().retain(|_, value| !value.is_null());
    }
    serde_json::json!({"format": "account-tree", "protocol": protocol, "accounts": accounts})
}

#[test]
fn who_can_remove_and_replace_a_cosignatory_is_what_brute_force_finds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("tree.json");
    let mut compared: BTreeMap<String, usize> = BTreeMap::new();
    for seed in 10_000..10_120 {
        let Some(mut case) = case(seed) else { continue };
        std::fs::write(&path, tree(&case).to_string()).unwrap();
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"))
            .args(["analyze", path.to_str().unwrap(), "--format", "json"])
            .output()
            .unwrap();
        let answer: serde_json::Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{seed}: {}", String::from_utf8_lossy(&output.stderr)));
        for entry in case.entries.clone() {
            let name = case.accounts.label(entry.account).to_owned();
            let told =
                answer.as_array().unwrap().iter().find(|one| one["account"] == name.as_str());
            let told = told.unwrap();
            for (field, adds) in [("removal", false), ("mixed", true)] {
                let forced = removals_by_force(&mut case, &entry, adds);
                let what = format!("seed {seed} {name} {field}: {:?} {told:#}", case.entries);
                if case.ledger.protocol().switches.strict_cosignature_check {
                    continue; // nobody signs for a multisig account then, for a payment neither
                }
                let told = &told[field];
                let listed: Vec<Vec<String>> =
                    serde_json::from_value(told["sets"].clone()).unwrap_or_default();
                assert_eq!(sets(&listed), forced, "{what}");
                assert_eq!(told["count"], forced.len(), "{what}");
                let fewest = forced.iter().map(BTreeSet::len).min();
                assert_eq!(told["fewest"], serde_json::json!(fewest), "{what}");
                let base = case.ledger.protocol().base.name();
                *compared.entry(format!("{base} {field}")).or_default() += 1;
            }
        }
    }
    assert!(compared.len() == 8 && compared.values().all(|&count| count > 20), "{compared:#?}");
}

//! `analyze --want`: the smallest changes against every choice of thresholds, and what is said of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::{Command, Output};

use proptest::prelude::*;
use quorate::account::AccountId;
use quorate::analysis::{Budget, Group, Structure, View, can_spend};
use quorate::goal::{Advice, Goal, Proposal, ProposalKind, State, advice, next};
use quorate::plan::Account;
use quorate::protocol::{Base, Protocol};

/// How many thresholds change, and by how much in sum.
type Cost = (u32, u32);

/// Thresholds of an account and what they cost.
type Priced = (Cost, (u32, u32));

#[derive(Clone, Debug)]
struct Case {
    protocol: usize,
    rows: Vec<Account>,
    groups: Vec<Group>,
    goal: Goal,
}

const PROTOCOLS: [&str; 3] = ["symbol-mainnet", "catapult-v3", "nis1"];

/// One to three accounts over five keys: `m0` over the others.
fn cases() -> impl Strategy<Value = Case> {
    let row = || (0..4_u32, 0..4_u32, 1..32_u8);
    let rows = proptest::collection::vec(row(), 1..4);
    let groups = proptest::collection::vec(1..32_u8, 0..3);
    (0..PROTOCOLS.len(), rows, groups, 0..3_usize, 0..4_usize).prop_map(
        |(protocol, rows, groups, survive, resist)| {
            let nis1 = PROTOCOLS[protocol] == "nis1";
            let keys = |bits: u8| -> Vec<String> {
                let all = (0..5).filter(|key| bits >> key & 1 == 1);
                all.map(|key| format!("k{key}")).collect()
            };
            let count = if nis1 { 1 } else { rows.len() };
            let row = |(at, &(approval, removal, bits)): (usize, &(u32, u32, u8))| {
                let mut below = keys(bits);
                below.truncate(if at == 0 { 3 } else { 2 });
                if at == 0 {
                    below.extend((1..count).map(|row| format!("m{row}")));
                }
                let all = below.len() as u32;
                let approval = approval % all + 1;
                let removal = if nis1 { approval } else { removal % all + 1 };
                (format!("m{at}"), approval, removal, below)
            };
            let rows = rows.iter().take(count).enumerate().map(row).collect();
            let group =
                |(at, &bits): (usize, &u8)| Group { name: format!("g{at}"), keys: keys(bits) };
            let groups = groups.iter().enumerate().map(group).collect();
            Case { protocol, rows, groups, goal: Goal { survive, resist } }
        },
    )
}

impl Case {
    fn protocol(&self) -> Protocol {
        Protocol::preset(PROTOCOLS[self.protocol]).unwrap()
    }
}

/// The groups with their keys, and each key in none.
fn units(structure: &Structure, target: AccountId, groups: &[Group]) -> Vec<BTreeSet<AccountId>> {
    let below = structure.below(target);
    let keys: BTreeSet<AccountId> = below.into_iter().filter(|&id| structure.is_key(id)).collect();
    let group = |group: &Group| -> BTreeSet<AccountId> {
        let ids = group.keys.iter().filter_map(|key| structure.target(key));
        ids.filter(|id| keys.contains(id)).collect()
    };
    let mut units: Vec<BTreeSet<AccountId>> =
        groups.iter().map(group).filter(|unit| !unit.is_empty()).collect();
    let grouped: BTreeSet<AccountId> = units.iter().flatten().copied().collect();
    units.extend(keys.difference(&grouped).map(|&key| BTreeSet::from([key])));
    units
}

/// How many losses are survived, how many of them by payments at once, and how many thefts resisted.
fn level(rows: &[Account], protocol: &Protocol, groups: &[Group]) -> (usize, usize, usize) {
    let structure = Structure::new(rows.to_vec(), protocol).unwrap();
    let target = structure.target("m0").unwrap();
    let units = units(&structure, target, groups);
    let all: BTreeSet<AccountId> = units.iter().flatten().copied().collect();
    let spends = |keys: &BTreeSet<AccountId>, view| {
        can_spend(&structure, target, &keys.iter().copied().collect::<Vec<_>>(), view)
    };
    let (mut lock, mut lock_now, mut spend) = (usize::MAX, usize::MAX, usize::MAX);
    for set in 0..1_usize << units.len() {
        let inside = units.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1);
        let keys: BTreeSet<AccountId> = inside.flat_map(|(_, unit)| unit.clone()).collect();
        let rest: BTreeSet<AccountId> = all.difference(&keys).copied().collect();
        let size = set.count_ones() as usize;
        if spends(&keys, View::Eventually) {
            spend = spend.min(size);
        }
        if !spends(&rest, View::Eventually) {
            lock = lock.min(size);
        }
        if !spends(&rest, View::Now) {
            lock_now = lock_now.min(size);
        }
    }
    (lock - 1, lock_now - 1, spend - 1)
}

/// The least cost of thresholds by which these rows reach the goal, compared with those of `old`: every
/// choice is tried.
fn least(rows: &[Account], old: &[Account], case: &Case) -> Option<Cost> {
    let protocol = case.protocol();
    let nis1 = protocol.base == Base::Nis1;
    // the cheapest thresholds of each account for each number that controls it
    let mut choices: Vec<BTreeMap<u32, Priced>> = Vec::new();
    for (row, before) in rows.iter().zip(old) {
        let count = row.3.len() as u32;
        let mut known: BTreeMap<u32, Priced> = BTreeMap::new();
        for approval in 1..=count {
            for removal in 1..=count {
                if nis1 && removal != approval {
                    continue;
                }
                let by = [approval.abs_diff(before.1), removal.abs_diff(before.2)];
                let by = if nis1 { &by[..1] } else { &by[..] };
                let cost = (by.iter().filter(|by| **by > 0).count() as u32, by.iter().sum());
                let counts = protocol.eventual_threshold(approval, removal, count);
                let one = known.entry(counts).or_insert((cost, (approval, removal)));
                *one = (*one).min((cost, (approval, removal)));
            }
        }
        choices.push(known);
    }
    let mut all: Vec<(Cost, Vec<(u32, u32)>)> = vec![((0, 0), Vec::new())];
    for known in choices {
        let longer = |(cost, minima): &(Cost, Vec<(u32, u32)>)| {
            let (cost, minima) = (*cost, minima.clone());
            known
                .values()
                .map(move |&(more, one)| {
                    let mut minima = minima.clone();
                    minima.push(one);
                    ((cost.0 + more.0, cost.1 + more.1), minima)
                })
                .collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all.sort();
    let reached = all.into_iter().find(|(_, minima)| {
        let mut rows = rows.to_vec();
        for (row, minima) in rows.iter_mut().zip(minima) {
            (row.1, row.2) = *minima;
        }
        let (survive, _, resist) = level(&rows, &protocol, &case.groups);
        survive >= case.goal.survive && resist >= case.goal.resist
    });
    reached.map(|(cost, _)| cost)
}

/// All accounts with one new key in one of them.
fn with_a_key(rows: &[Account]) -> Vec<Vec<Account>> {
    let with = |at: usize| {
        let mut rows = rows.to_vec();
        rows[at].3.push("new".to_owned());
        rows
    };
    (0..rows.len()).map(with).collect()
}

/// All accounts with the cosignatories of one of them in its place.
fn with_a_level_less(rows: &[Account]) -> Vec<Vec<Account>> {
    let mut all = Vec::new();
    for level in &rows[1..] {
        let mut rows = rows.to_vec();
        rows[0].3.retain(|name| *name != level.0);
        let fresh: Vec<String> =
            level.3.iter().filter(|name| !rows[0].3.contains(name)).cloned().collect();
        rows[0].3.extend(fresh);
        all.push(rows);
    }
    all
}

/// The accounts after a change.
fn applied(rows: &[Account], change: &Proposal, nis1: bool) -> Vec<Account> {
    let mut rows = rows.to_vec();
    for settings in &change.settings {
        let row = rows.iter_mut().find(|row| row.0 == settings.account).unwrap();
        row.3.retain(|name| !settings.removed.contains(name));
        row.3.extend(settings.added.iter().cloned());
        row.1 = settings.min_approval[1];
        row.2 = if nis1 { row.1 } else { settings.min_removal.unwrap()[1] };
    }
    rows
}

fn check(case: &Case) -> Result<(), TestCaseError> {
    let protocol = case.protocol();
    let state = State {
        protocol: &protocol,
        accounts: &case.rows,
        groups: &case.groups,
        lost: &[],
        stolen: &[],
        target: "m0",
    };
    let found = advice(&state, case.goal, &Budget::default()).unwrap();
    prop_assert!(found.complete, "{:?}", found);
    let (survive, survive_now, resist) = level(&case.rows, &protocol, &case.groups);
    prop_assert_eq!(
        (found.has.survive, found.has.survive_now, found.has.resist),
        (Some(survive), Some(survive_now), Some(resist))
    );
    let met = survive >= case.goal.survive && resist >= case.goal.resist;
    prop_assert_eq!(found.met, Some(met));
    if met {
        prop_assert!(found.changes.is_empty());
        return Ok(());
    }
    let smallest = |shapes: &[Vec<Account>]| {
        shapes.iter().filter_map(|rows| least(rows, &case.rows, case)).min()
    };
    let mut best: Option<Cost> = None;
    for (kind, shapes) in [
        (ProposalKind::Thresholds, vec![case.rows.clone()]),
        (ProposalKind::Key, with_a_key(&case.rows)),
        (ProposalKind::Level, with_a_level_less(&case.rows)),
    ] {
        let truth = smallest(&shapes).filter(|cost| best.is_none_or(|best| *cost < best));
        let told: BTreeSet<Cost> =
            found.changes.iter().filter(|one| one.kind == kind).map(Proposal::cost).collect();
        prop_assert_eq!(told, truth.into_iter().collect::<BTreeSet<_>>(), "{:?}", kind);
        best = truth.or(best);
    }
    prop_assert_eq!(found.why.is_empty(), !found.changes.is_empty());
    for change in &found.changes {
        let rows = applied(&case.rows, change, protocol.base == Base::Nis1);
        let (survive, survive_now, resist) = level(&rows, &protocol, &case.groups);
        prop_assert!(survive >= case.goal.survive && resist >= case.goal.resist);
        prop_assert_eq!(
            (change.level.survive, change.level.survive_now, change.level.resist),
            (Some(survive), Some(survive_now), Some(resist))
        );
        prop_assert!(change.plan.possible == Some(true) && change.plan.transactions > Some(0));
    }
    let next = next(&state, &Budget::default()).unwrap().unwrap();
    for (step, goal) in [
        (&next.survive, Goal { survive: survive + 1, resist: 0 }),
        (&next.resist, Goal { survive: 0, resist: resist + 1 }),
    ] {
        prop_assert_eq!(step.want, goal);
        let truth = least(&case.rows, &case.rows, &Case { goal, ..case.clone() });
        prop_assert_eq!(step.change.as_ref().map(Proposal::cost), truth);
        prop_assert_eq!(step.why.is_none(), truth.is_some());
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, ..ProptestConfig::default() })]

    /// What is told is the smallest of its kind, and where nothing is told there is nothing: every choice
    /// of thresholds is tried, with each key more and each level less, over keys and over groups.
    #[test]
    fn the_smallest_changes_are_those_of_trying_everything(case in cases()) {
        check(&case)?;
    }
}

fn run(folder: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

fn tree(folder: &Path, name: &str, protocol: &str, accounts: &str) {
    let text =
        format!(r#"{{"format":"account-tree","protocol":"{protocol}","accounts":{{{accounts}}}}}"#);
    std::fs::write(folder.join(name), text).unwrap();
}

fn asked(folder: &Path, file: &str, want: &str) -> Advice {
    let output = run(folder, &["analyze", file, "--want", want, "--format", "json"]);
    let found: Advice = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    assert_eq!(output.status.code(), Some(i32::from(!found.is_good())));
    found
}

#[test]
fn what_forbids_a_goal_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let symbol = "symbol-mainnet";
    let x = |name: &str, protocol: &str, least: u32, keys: usize| {
        let keys: Vec<String> = (0..keys).map(|key| format!("\"k{key:02}\"")).collect();
        let keys = keys.join(",");
        let thresholds = match protocol {
            "nis1" => format!("\"min_cosignatories\":{least}"),
            _ => format!("\"min_approval\":{least},\"min_removal\":{least}"),
        };
        tree(here, name, protocol, &format!(r#""x":{{{thresholds},"cosignatories":[{keys}]}}"#));
    };
    x("one.json", symbol, 1, 1);
    let one = asked(here, "one.json", "survive=1,resist=1");
    assert!(one.changes.is_empty() && one.complete);
    assert_eq!(
        one.why[0],
        "what is left after 1 lost must spend and 1 stolen must not: that takes at least 3 keys, \
         and there is 1"
    );
    // one key more does it where two are missing one
    x("two.json", symbol, 1, 2);
    let two = asked(here, "two.json", "survive=1,resist=1");
    assert_eq!(two.changes.len(), 1);
    assert_eq!((two.changes[0].kind, two.changes[0].cost()), (ProposalKind::Key, (2, 2)));
    // the limit on cosignatories
    x("full.json", symbol, 13, 25);
    let full = asked(here, "full.json", "survive=13,resist=12");
    assert!(full.why.iter().any(|why| why.contains("25 cosignatories, the limit")), "{full:?}");
    // the cap on signatures: 16 keys may be asked for, an aggregate holds 15
    x("capped.json", "symbol-private", 1, 1);
    let keys: Vec<String> = (0..16).map(|key| format!("\"k{key:02}\"")).collect();
    let part = |keys: &[String]| {
        format!(r#"{{"min_approval":4,"min_removal":4,"cosignatories":[{}]}}"#, keys.join(","))
    };
    let parts: Vec<String> =
        keys.chunks(4).enumerate().map(|(at, keys)| format!("\"p{at}\":{}", part(keys))).collect();
    let top = r#""x":{"min_approval":3,"min_removal":3,"cosignatories":["p0","p1","p2","p3"]}"#;
    tree(here, "capped.json", "symbol-private", &format!("{top},{}", parts.join(",")));
    let capped = run(
        here,
        &["analyze", "capped.json", "--account", "x", "--want", "resist=15", "--format", "json"],
    );
    let capped: Advice = serde_json::from_slice(&capped.stdout).unwrap();
    assert!(
        capped.why.iter().any(|why| why.contains("16 signatures; an aggregate holds 15")),
        "{capped:?}"
    );
    // NIS1: all of them are one fewer in the end
    x("nis1.json", "nis1", 0, 3);
    let nis1 = asked(here, "nis1.json", "resist=2");
    assert!(nis1.changes.iter().all(|change| change.kind == ProposalKind::Key), "{nis1:?}");
    assert_eq!(asked(here, "nis1.json", "resist=1").met, Some(true));
    let told = String::from_utf8(run(here, &["analyze", "nis1.json"]).stdout).unwrap();
    let why = "not by thresholds: whatever the thresholds are, k00, k01 can take it over";
    assert!(told.contains(&format!("to resist 2 stolen keys: {why}")), "{told}");
}

#[test]
fn a_saved_change_meets_its_goal_and_has_such_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let accounts = r#""x":{"min_approval":3,"min_removal":1,"cosignatories":["a","b","c","d"]}"#;
    tree(here, "old.json", "symbol-mainnet", accounts);
    let want = "survive=1,resist=2";
    let output =
        run(here, &["analyze", "old.json", "--want", want, "--save", "new", "--html", "page.html"]);
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(told.contains("x: min removal 1 -> 3 (1 transaction)"), "{told}");
    assert_eq!(asked(here, "new/x-want-1.json", want).met, Some(true));
    let plan = run(here, &["plan", "old.json", "new/x-want-1.json"]);
    let plan = String::from_utf8(plan.stdout).unwrap();
    assert!(plan.contains("possible in 1 transaction, no window"), "{plan}");
    // a saved answer gives the same page
    let json = run(here, &["analyze", "old.json", "--want", want, "--format", "json"]).stdout;
    std::fs::write(here.join("answer.json"), json).unwrap();
    assert!(run(here, &["report", "answer.json", "--html", "again.html"]).status.success());
    let pages = ["page.html", "again.html"].map(|page| std::fs::read(here.join(page)).unwrap());
    assert!(pages[0] == pages[1] && pages[0].windows(9).any(|part| part == b"1 -&gt; 3"));
}

#[test]
fn a_goal_or_account_that_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let accounts = r#""x":{"min_approval":1,"min_removal":1,"cosignatories":["y","a"]},
        "y":{"min_approval":1,"min_removal":1,"cosignatories":["b"]}"#;
    tree(here, "t.json", "symbol-mainnet", accounts);
    for want in ["", "survive", "survive=-1", "survive=1,survive=1", "resist=x", "lose=1"] {
        let output = run(here, &["analyze", "t.json", "--want", want]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{want}: {error}");
        assert!(want.is_empty() || error.contains("as in `survive=1,resist=2`"), "{error}");
    }
    for (account, expected) in [
        (&[][..], "t.json: accounts x, y; `--want` is about one; name it with `--account`"),
        (&["--account", "a"], "t.json: `a` is no multisig account; expected an account with"),
        (&["--account", "q"], "t.json: no account `q`; expected a name"),
    ] {
        let output = run(here, &[&["analyze", "t.json", "--want", "survive=1"], account].concat());
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(error.contains(expected), "{error}");
    }
}

/// Five accounts of five under one, with so many keys in two of them.
fn five_by_five(shared: usize) -> Vec<Account> {
    let part = |at: usize| {
        let key = |key: usize| match at * 5 + key {
            one if one % 5 == 0 && at > 0 && at <= shared => format!("k{:02}", one - 4),
            one => format!("k{one:02}"),
        };
        (format!("p{at}"), 3, 2, (0..5).map(key).collect())
    };
    let top = ("m0".to_owned(), 3, 2, (0..5).map(|at| format!("p{at}")).collect());
    std::iter::once(top).chain((0..5).map(part)).collect()
}

#[test]
fn twenty_five_keys_are_answered_within_the_work() {
    for shared in [0, 4] {
        let rows = five_by_five(shared);
        let protocol = Protocol::preset("symbol-mainnet").unwrap();
        let state = State {
            protocol: &protocol,
            accounts: &rows,
            groups: &[],
            lost: &[],
            stolen: &[],
            target: "m0",
        };
        for (survive, resist) in [(4, 6), (12, 3), (20, 20)] {
            let found = advice(&state, Goal { survive, resist }, &Budget::default()).unwrap();
            assert!(found.complete, "{survive} {resist}: {found:?}");
            assert!(found.is_good() || (survive, resist) != (4, 6));
        }
        assert!(next(&state, &Budget::default()).unwrap().is_some());
    }
}

//! Plans against everything that a ledger takes, in worlds small enough to try it all.

use std::collections::{BTreeMap, BTreeSet};

use quorate::account::{AccountId, Accounts};
use quorate::analysis::{Budget, Structure, View, can_spend};
use quorate::ledger::{Entry, Genesis, Ledger, Minima, View as _};
use quorate::mosaic::MosaicId;
use quorate::plan::{Plan, Task, plan};
use quorate::protocol::{Base, Protocol};
use quorate::replay::{Options, Replay};
use quorate::scenario::{Layout, Step, open_reader, source};
use quorate::transaction::{Envelope, Transaction};
use quorate::unit::Amount;

/// Multisig accounts: thresholds and cosignatories, by id.
type State = BTreeMap<u32, Row>;

/// Min approval, min removal, cosignatories.
type Row = (u32, u32, BTreeSet<u32>);

/// An account and how it stands after a modification.
type Edit = (u32, Option<Row>);

/// A world: the names, whom each account that may be multisig may take, and who cannot sign.
struct World {
    protocol: Protocol,
    names: Vec<&'static str>,
    candidates: Vec<(u32, Vec<u32>)>,
    barred: Vec<u32>,
}

fn subsets(of: &[u32]) -> Vec<BTreeSet<u32>> {
    let set = |bits: u32| {
        of.iter().enumerate().filter(|(at, _)| bits >> at & 1 == 1).map(|(_, &id)| id).collect()
    };
    (0..1 << of.len()).map(set).collect()
}

impl World {
    fn nis1(&self) -> bool {
        self.protocol.base == Base::Nis1
    }

    /// Every row an account may have.
    fn rows(&self, candidates: &[u32]) -> Vec<Option<Row>> {
        let mut rows = vec![None];
        for members in subsets(candidates).into_iter().filter(|members| !members.is_empty()) {
            let count = members.len() as u32;
            for approval in u32::from(!self.nis1())..=count {
                let removals = if self.nis1() { 0..=0 } else { 1..=count };
                rows.extend(removals.map(|removal| Some((approval, removal, members.clone()))));
            }
        }
        rows
    }

    fn genesis(&self, state: &State) -> Genesis {
        let entry = |(&account, (approval, removal, members)): (&u32, &Row)| Entry {
            account: AccountId(account),
            minima: Minima { approval: *approval, removal: *removal },
            cosignatories: members.iter().map(|&id| AccountId(id)).collect(),
        };
        let balance = |&(account, _): &(u32, Vec<u32>)| {
            (AccountId(account), MosaicId::CURRENCY, Amount(1_000_000_000))
        };
        Genesis {
            entries: state.iter().map(entry).collect(),
            balances: self.candidates.iter().map(balance).collect(),
            ..Genesis::of_accounts(self.names.len())
        }
    }

    fn read(&self, ledger: &Ledger) -> State {
        let links = ledger.state().links();
        let row = |account: AccountId| {
            let minima = links.minima(account);
            let members = links.cosignatories_of(account).iter().map(|id| id.0).collect();
            (account.0, (minima.approval, minima.removal, members))
        };
        links.multisig_accounts().map(row).collect()
    }

    /// Every state that a ledger can hold.
    fn states(&self) -> Vec<State> {
        let mut all: Vec<State> = vec![State::new()];
        for (account, candidates) in &self.candidates {
            let rows = self.rows(candidates);
            let with = |state: &State, row: &Option<Row>| {
                let mut state = state.clone();
                row.clone().into_iter().for_each(|row| {
                    state.insert(*account, row);
                });
                state
            };
            all = all
                .iter()
                .flat_map(|state| rows.iter().map(|row| with(state, row)).collect::<Vec<_>>())
                .collect();
        }
        let holds = |state: &State| {
            Ledger::from_genesis(self.protocol.clone(), &self.genesis(state)).is_ok()
        };
        all.into_iter().filter(holds).collect()
    }

    /// The modification of one account from a row to another.
    fn modify(&self, transaction: &mut Transaction, from: &State, account: u32, to: Option<&Row>) {
        let empty = (0, 0, BTreeSet::new());
        let (before, after) = (from.get(&account).unwrap_or(&empty), to.unwrap_or(&empty));
        let ids = |set: Vec<&u32>| set.into_iter().map(|&id| AccountId(id)).collect::<Vec<_>>();
        let add = ids(after.2.difference(&before.2).collect());
        let remove = ids(before.2.difference(&after.2).collect());
        let deltas = (after.0 as i32 - before.0 as i32, after.1 as i32 - before.1 as i32);
        transaction.push_modification(AccountId(account), deltas, &add, &remove);
    }

    /// Every state that one transaction leads to, whoever signs it.
    fn next(&self, from: &State, parts_max: usize) -> BTreeSet<State> {
        let start = Ledger::from_genesis(self.protocol.clone(), &self.genesis(from)).unwrap();
        let keys: Vec<u32> =
            (0..self.names.len() as u32).filter(|id| !self.barred.contains(id)).collect();
        let mut found = BTreeSet::new();
        let mut chains: Vec<Vec<Edit>> = vec![Vec::new()];
        for _ in 0..parts_max {
            let mut longer = Vec::new();
            for chain in &chains {
                for (account, candidates) in &self.candidates {
                    for row in self.rows(candidates) {
                        longer.push([&chain[..], &[(*account, row)]].concat());
                    }
                }
            }
            for chain in &longer {
                for signers in subsets(&keys).into_iter().filter(|set| !set.is_empty()) {
                    for first in signers.iter().take(if self.nis1() { 9 } else { 1 }) {
                        let mut ledger = start.clone();
                        let transaction = self.transaction(from, chain, *first, &signers);
                        if ledger.submit(&transaction).is_accepted() {
                            found.insert(self.read(&ledger));
                        }
                    }
                }
            }
            chains = longer;
        }
        found
    }

    fn transaction(
        &self,
        from: &State,
        chain: &[Edit],
        first: u32,
        signers: &BTreeSet<u32>,
    ) -> Transaction {
        let envelope = match (self.nis1(), from.contains_key(&chain[0].0)) {
            (false, _) => Envelope::AggregateComplete,
            (true, true) => Envelope::Multisig,
            (true, false) => Envelope::Bare,
        };
        let mut transaction = Transaction::new(envelope, AccountId(first));
        let others = signers.iter().filter(|&&id| id != first);
        transaction.cosignatures.extend(others.map(|&id| AccountId(id)));
        let mut now = from.clone();
        for (account, row) in chain {
            self.modify(&mut transaction, &now, *account, row.as_ref());
            match row {
                Some(row) => now.insert(*account, row.clone()),
                None => now.remove(account),
            };
        }
        transaction
    }

    fn task(&self, old: &State, new: &State) -> Task {
        Task {
            protocol: self.protocol.clone(),
            accounts: Accounts::new(&self.names).unwrap(),
            old: self.genesis(old),
            new: self.genesis(new).entries,
            lost: self.barred.iter().map(|&id| AccountId(id)).collect(),
            stolen: Vec::new(),
        }
    }

    /// Which sets of keys, by bits, spend from an account in a view.
    fn power(&self, state: &State, account: u32, view: View) -> Vec<bool> {
        let name = |id: &u32| self.names[*id as usize].to_owned();
        let row = |(account, (approval, removal, members)): (&u32, &Row)| {
            let removal = if self.nis1() { *approval } else { *removal };
            (name(account), *approval, removal, members.iter().map(name).collect())
        };
        let mut rows: Vec<_> = state.iter().map(row).collect();
        if !rows.iter().any(|row: &(String, u32, u32, Vec<String>)| {
            row.0 == name(&account) || row.3.contains(&name(&account))
        }) {
            rows.push((name(&account), 0, 0, Vec::new()));
        }
        let structure = Structure::new(rows, &self.protocol).unwrap();
        let target = structure.target(&name(&account)).unwrap();
        let spends = |bits: u32| {
            let keys = (0..self.names.len() as u32)
                .filter(|id| bits >> id & 1 == 1 && !self.barred.contains(id));
            let keys: Vec<AccountId> = keys.filter_map(|id| structure.target(&name(&id))).collect();
            can_spend(&structure, target, &keys, view)
        };
        (0..1 << self.names.len()).map(spends).collect()
    }

    /// Locks, sets that gain, and whether anything opens in a state between two others.
    fn width(&self, between: &State, old: &State, new: &State) -> [usize; 3] {
        let (mut locks, mut sets) = (0, 0);
        for (account, _) in &self.candidates {
            for view in [View::Now, View::Eventually] {
                let [m, o, n] = [between, old, new].map(|state| self.power(state, *account, view));
                let barred = self.barred.iter().fold(0, |all, id| all | 1_usize << id);
                let minimal = |set: usize| {
                    (0..self.names.len()).all(|key| set >> key & 1 == 0 || !m[set & !(1 << key)])
                };
                let gains = (0..m.len()).filter(|&set| {
                    set & barred == 0 && m[set] && !o[set] && !n[set] && minimal(set)
                });
                sets += gains.count();
                let all = m.len() - 1;
                locks += usize::from(!m[all] && o[all] && n[all]);
            }
        }
        [locks, sets, usize::from(locks + sets > 0)]
    }
}

/// The width of a plan's windows as its answer lists them.
fn told(answer: &Plan) -> [usize; 3] {
    let times = |when: &str| if when == "now and eventually" { 2 } else { 1 };
    let locks =
        answer.windows.iter().filter(|one| one.lose_count > 0).map(|one| times(&one.when)).sum();
    let sets = answer.windows.iter().map(|one| one.gain_count * times(&one.when)).sum();
    let states: BTreeSet<usize> = answer.windows.iter().map(|one| one.after).collect();
    [locks, sets, states.len()]
}

/// The fewest transactions and the narrowest windows of all shortest plans, by trying everything.
fn tried(
    world: &World,
    edges: &BTreeMap<State, BTreeSet<State>>,
    old: &State,
    new: &State,
) -> Option<(usize, [usize; 3])> {
    let mut level = BTreeMap::from([(old.clone(), [0; 3])]);
    let mut seen: BTreeSet<State> = BTreeSet::from([old.clone()]);
    for length in 0.. {
        if let Some(width) = level.get(new) {
            return Some((length, *width));
        }
        let mut next: BTreeMap<State, [usize; 3]> = BTreeMap::new();
        for (state, width) in &level {
            for to in edges[state].iter().filter(|to| !seen.contains(*to)) {
                let own = if to == new { [0; 3] } else { world.width(to, old, new) };
                let sum = [width[0] + own[0], width[1] + own[1], width[2] + own[2]];
                let known = next.entry(to.clone()).or_insert(sum);
                *known = sum.min(*known);
            }
        }
        if next.is_empty() {
            return None;
        }
        seen.extend(next.keys().cloned());
        level = next;
    }
    None
}

/// Replays a plan: everything as expected, and the ledger takes no transaction with fewer signatures.
fn no_fewer_sign(names: &[&str], text: &str) {
    let reader = source(std::io::Cursor::new(text.as_bytes().to_vec()));
    let (header, mut steps) = open_reader("plan", reader, Layout::Json).unwrap();
    let mut replay = Replay::new(header, Options::default()).unwrap();
    let mut step = Step::default();
    let all: Vec<u32> = (0..names.len() as u32).collect();
    while let Some(record) = steps.next(replay.header_mut(), &mut step).unwrap() {
        let count = step.transactions().first().map_or(0, |one| one.signatures().count());
        for set in subsets(&all).into_iter().filter(|set| !set.is_empty() && set.len() < count) {
            for &first in &set {
                let mut fewer = step.transaction.clone();
                fewer.signer = AccountId(first);
                fewer.cosignatures =
                    set.iter().filter(|&&id| id != first).map(|&id| AccountId(id)).collect();
                assert!(!replay.ledger().clone().submit(&fewer).is_accepted(), "{set:?}\n{text}");
            }
        }
        let _flow = replay.step(&step, &record).unwrap();
    }
    assert!(replay.outcome().failures.is_empty(), "{text}");
}

/// Compares every so-manieth pair of states; returns how many plans had how many transactions.
fn compare(world: &World, parts_max: usize, every: usize) -> BTreeMap<Option<usize>, usize> {
    let states = world.states();
    let edges: BTreeMap<State, BTreeSet<State>> =
        states.iter().map(|state| (state.clone(), world.next(state, parts_max))).collect();
    let mut lengths = BTreeMap::new();
    let pairs = states.iter().flat_map(|old| states.iter().map(move |new| (old, new)));
    for (old, new) in pairs.step_by(every) {
        let truth = tried(world, &edges, old, new);
        let answer = plan(&world.task(old, new), &Budget::default()).unwrap();
        let what = format!("{:?}\n{old:?}\n{new:?}\n{answer:?}", world.protocol.name);
        assert!(answer.complete, "{what}");
        assert_eq!(answer.possible, truth.is_some(), "{what}");
        assert_eq!(answer.possible, answer.why.is_none(), "{what}");
        if let Some(scenario) = &answer.scenario {
            no_fewer_sign(&world.names, &scenario.text());
        }
        if let Some((length, width)) = truth {
            assert_eq!(answer.transactions.len(), length, "{truth:?} {what}");
            assert_eq!(told(&answer), width, "{what}");
        }
        *lengths.entry(truth.map(|truth| truth.0)).or_default() += 1;
    }
    lengths
}

fn protocol(name: &str, limits: impl Fn(&mut quorate::protocol::Limits)) -> Protocol {
    let mut protocol = Protocol::preset(name).unwrap();
    limits(&mut protocol.limits);
    protocol
}

fn flat(protocol: Protocol, barred: &[u32]) -> World {
    let names = vec!["a", "b", "c", "x"];
    World { protocol, names, candidates: vec![(3, vec![0, 1, 2])], barred: barred.to_vec() }
}

#[test]
fn one_modification_a_transaction_on_each_protocol_as_everything_tried() {
    for name in ["symbol", "catapult-v3", "catapult-v1", "nis1"] {
        for barred in [&[][..], &[1]] {
            let protocol = protocol(name, |limits| limits.max_transactions_per_aggregate = 1);
            let lengths = compare(&flat(protocol, barred), 1, 5);
            assert!(lengths.keys().max().unwrap() >= &Some(2), "{name}: {lengths:?}");
            assert!(lengths.contains_key(&None) || barred.is_empty(), "{name}: {lengths:?}");
        }
    }
}

#[test]
fn few_signatures_and_two_modifications_a_transaction_as_everything_tried() {
    for name in ["symbol", "catapult-v3"] {
        for cap in [2, 3] {
            let protocol = protocol(name, |limits| {
                limits.max_transactions_per_aggregate = 2;
                limits.max_cosignatures_per_aggregate = cap;
            });
            let lengths = compare(&flat(protocol, &[]), 2, 23);
            assert!(lengths.contains_key(&Some(2)), "{name} {cap}: {lengths:?}");
        }
    }
}

#[test]
fn accounts_above_each_other_as_everything_tried() {
    for (name, depth) in [("symbol", 3), ("symbol", 1), ("catapult-v3", 3)] {
        let protocol = protocol(name, |limits| {
            limits.max_transactions_per_aggregate = 1;
            limits.max_multisig_depth = depth;
        });
        let names = vec!["a", "b", "x", "y"];
        let candidates = vec![(2, vec![0, 1, 3]), (3, vec![0, 1])];
        let world = World { protocol, names, candidates, barred: Vec::new() };
        let lengths = compare(&world, 1, 401);
        assert!(lengths.keys().max().unwrap() >= &Some(3), "{name}: {lengths:?}");
    }
}

fn quorate(arguments: &str) -> (Option<i32>, String, String) {
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_quorate"))
        .args(shlex::split(arguments).unwrap())
        .current_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/.."))
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

const BOARD: &str = "plan sim/examples/board.json sim/examples/board-new.json";

#[test]
fn a_saved_plan_replays_to_the_new_accounts_and_its_page_shows_each_step() {
    let folder = tempfile::tempdir().unwrap();
    let (saved, page) = (folder.path().join("plan.json"), folder.path().join("plan.html"));
    let [saved, page] = [saved, page].map(|path| path.to_str().unwrap().to_owned());
    let (code, json, _) =
        quorate(&format!("{BOARD} --format json --save '{saved}' --html '{page}'"));
    assert_eq!(code, Some(0), "{json}");
    let answer: Plan = serde_json::from_str(&json).unwrap();
    assert!(answer.possible && answer.shortest && answer.transactions.len() == 1);
    let (code, told, _) = quorate(&format!("replay '{saved}'"));
    assert_eq!(code, Some(0), "{told}");
    // nothing is left to change
    let (code, told, _) = quorate(&format!("plan '{saved}' sim/examples/board-new.json"));
    assert!(code == Some(0) && told.contains("nothing changes"), "{told}");
    let page = std::fs::read_to_string(&page).unwrap();
    assert!(
        page.contains("Step by step") && page.matches("<svg").count() >= 2,
        "no tree in the page"
    );
    // a saved answer gives the same page
    let (answer, again) = (folder.path().join("answer.json"), folder.path().join("again.html"));
    std::fs::write(&answer, json).unwrap();
    let (code, _, error) =
        quorate(&format!("report '{}' --html '{}'", answer.display(), again.display()));
    assert_eq!(code, Some(0), "{error}");
}

#[test]
fn more_keys_than_can_be_searched_still_get_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    let tree = |name: &str, keys: &[String]| {
        let path = folder.path().join(name);
        let accounts = serde_json::json!({"x": {"min_approval": 15, "min_removal": 15, "cosignatories": keys}});
        let tree = serde_json::json!({"format": "account-tree", "protocol": "symbol-mainnet", "accounts": accounts});
        std::fs::write(&path, tree.to_string()).unwrap();
        path.display().to_string()
    };
    let keys = |prefix: &str, count: usize| -> Vec<String> {
        (0..count).map(|at| format!("{prefix}{at:02}")).collect()
    };
    let old = tree("old.json", &keys("k", 25));
    let new = tree("new.json", &[keys("k", 5), keys("n", 20)].concat());
    let (_, json, error) = quorate(&format!("plan '{old}' '{new}' --format json"));
    let answer: Plan = serde_json::from_str(&json).unwrap_or_else(|_| panic!("{json}{error}"));
    assert!(answer.possible && answer.transactions.len() == 2, "{json}");
    assert!(answer.transactions.iter().all(|one| one.signers.len() <= 25));
}

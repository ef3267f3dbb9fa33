//! The multisig accounts of a moment as a picture, and what is new in it.

use std::collections::{BTreeMap, BTreeSet};

use crate::account::AccountId;
use crate::ledger::{Entry, Links, Minima, View};
use crate::protocol::Base;
use crate::replay::Replay;
use crate::report::tree::{Marks, News, Node, remark, scene};
use crate::scenario::{Header, Names};

/// Most accounts and keys of one picture; more could not be read.
const NODES_MAX: usize = 80;

/// Thresholds and cosignatories of every multisig account.
type State = BTreeMap<AccountId, (Minima, Vec<AccountId>)>;

/// How the accounts stood when they were last drawn.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    state: State,
    lost: usize,
    stolen: usize,
}

impl Scene {
    /// The picture of the beginning.
    pub fn beginning(&mut self, header: &Header) -> String {
        let entry = |one: &Entry| {
            let mut cosignatories = one.cosignatories.clone();
            cosignatories.sort_unstable();
            (one.account, (one.minima, cosignatories))
        };
        self.state = header.genesis.entries.iter().map(entry).collect();
        (self.lost, self.stolen) = (header.lost.len(), header.stolen.len());
        Comparison { header, before: &self.state, after: &self.state }.picture()
    }

    /// The picture after a step; empty if nothing in it is new.
    pub fn after(&mut self, replay: &Replay) -> String {
        let (header, links) = (replay.header(), replay.ledger().state().links());
        let keys = (header.lost.len(), header.stolen.len());
        if keys == (self.lost, self.stolen) && self.is(links) {
            return String::new();
        }
        let after: State = links
            .multisig_accounts()
            .map(|one| (one, (links.minima(one), links.cosignatories_of(one).to_vec())))
            .collect();
        let picture = Comparison { header, before: &self.state, after: &after }.picture();
        self.state = after;
        (self.lost, self.stolen) = keys;
        picture
    }

    fn is(&self, links: &Links) -> bool {
        links.multisig_account_count() == self.state.len()
            && self.state.iter().all(|(&account, (minima, cosignatories))| {
                links.minima(account) == *minima && links.cosignatories_of(account) == cosignatories
            })
    }
}

/// Two states of one story.
struct Comparison<'a> {
    header: &'a Header,
    before: &'a State,
    after: &'a State,
}

impl Comparison<'_> {
    fn picture(&self) -> String {
        let all: BTreeSet<AccountId> =
            self.before.keys().chain(self.after.keys()).copied().collect();
        if all.is_empty() {
            return remark("no multisig account");
        }
        // What is drawn: everything, or only the accounts that changed if that is too much.
        let everything = self.nodes(&all, true).or_else(|| self.nodes(&all, false));
        let changed = || {
            let changed = |one: &AccountId| self.before.get(one) != self.after.get(one);
            self.nodes(&all.iter().copied().filter(changed).collect(), false)
        };
        let drawn = everything.or_else(changed).filter(|nodes| !nodes.is_empty());
        match drawn {
            Some(nodes) => scene(&self.sentence(), &nodes),
            None => {
                let count = self.after.len();
                let words = format!("{count} multisig accounts: too many to draw");
                remark(&words)
            }
        }
    }

    /// The picture in a sentence, for those who do not see it.
    fn sentence(&self) -> String {
        let (names, base) = (&self.header.names, self.header.protocol.base);
        let told = self.after.iter().take(12).map(|(&account, (minima, cosignatories))| {
            let thresholds = thresholds(base, *minima, cosignatories.len());
            let keys: Vec<&str> =
                cosignatories.iter().take(12).map(|&key| names.accounts.label(key)).collect();
            format!("{} {thresholds}: {}", names.accounts.label(account), keys.join(", "))
        });
        let told: Vec<String> = told.collect();
        if told.is_empty() { "no multisig account".to_owned() } else { told.join("; ") }
    }

    /// Nodes below these accounts, each after all it cosigns for; `None` if they are too many, or if
    /// what is gone and what is new together would go in a loop.
    fn nodes(&self, of: &BTreeSet<AccountId>, with_left: bool) -> Option<Vec<Node>> {
        let empty = Vec::new();
        let now = |one: AccountId| self.after.get(&one).map_or(&empty, |entry| &entry.1);
        let then = |one: AccountId| self.before.get(&one).map_or(&empty, |entry| &entry.1);
        let below = |one: AccountId| {
            let left = then(one).iter().filter(move |key| !now(one).contains(key));
            now(one).iter().chain(left.filter(move |_| with_left)).copied()
        };
        let order = sorted(of, &below).filter(|order| order.len() <= NODES_MAX)?;
        let places: BTreeMap<AccountId, usize> =
            order.iter().enumerate().map(|(place, &account)| (account, place)).collect();
        let mut above: BTreeMap<AccountId, usize> = BTreeMap::new();
        order
            .iter()
            .flat_map(|&one| below(one))
            .for_each(|one| *above.entry(one).or_default() += 1);
        let placed = |list: &mut dyn Iterator<Item = AccountId>| -> Vec<usize> {
            list.filter_map(|one| places.get(&one).copied()).collect()
        };
        let node = |&account: &AccountId| {
            let kept = |key: &&AccountId| then(account).contains(key);
            let left = below(account).filter(|key| !now(account).contains(key));
            Node {
                below: placed(&mut now(account).iter().copied()),
                joined: placed(&mut now(account).iter().filter(|key| !kept(key)).copied()),
                left: placed(&mut left.into_iter()),
                news: self.news(account),
                ..self.node(account, above.get(&account).is_some_and(|&count| count > 1))
            }
        };
        Some(order.iter().map(node).collect())
    }

    fn node(&self, account: AccountId, shared: bool) -> Node {
        let Header { names, protocol, lost, stolen, .. } = self.header;
        let thresholds = match self.after.get(&account) {
            Some((minima, cosignatories)) => {
                thresholds(protocol.base, *minima, cosignatories.len())
            }
            None => String::new(),
        };
        let marks = Marks {
            shared,
            lost: lost.contains(&account),
            stolen: stolen.contains(&account),
            ..Marks::default()
        };
        Node { name: label(names, account), thresholds, marks, ..Node::default() }
    }

    fn news(&self, account: AccountId) -> News {
        let has = |state: &State| {
            state.contains_key(&account)
                || state.values().any(|(_, cosignatories)| cosignatories.contains(&account))
        };
        match (has(self.before), has(self.after)) {
            (false, true) => News::New,
            (true, false) => News::Gone,
            _ => {
                let minima = |state: &State| state.get(&account).map(|entry| entry.0);
                match minima(self.before) == minima(self.after) {
                    true => News::None,
                    false => News::Changed,
                }
            }
        }
    }
}

fn label(names: &Names, account: AccountId) -> String {
    names.accounts.label(account).to_owned()
}

/// Approval and removal of how many, as pictures say it.
fn thresholds(base: Base, minima: Minima, count: usize) -> String {
    base.short_thresholds((minima.approval, minima.removal), count)
}

/// These accounts and all below them, each after all it cosigns for; `None` for a loop. Accounts of
/// equal rank stand in the order of their names.
fn sorted<I: Iterator<Item = AccountId>>(
    of: &BTreeSet<AccountId>,
    below: &impl Fn(AccountId) -> I,
) -> Option<Vec<AccountId>> {
    let mut waiting: BTreeMap<AccountId, usize> = of.iter().map(|&one| (one, 0)).collect();
    let mut open: Vec<AccountId> = of.iter().copied().collect();
    let mut seen: BTreeSet<AccountId> = of.clone();
    while let Some(account) = open.pop() {
        for one in below(account) {
            *waiting.entry(one).or_default() += 1;
            if seen.insert(one) {
                open.push(one);
            }
        }
    }
    let mut ready: BTreeSet<AccountId> =
        waiting.iter().filter(|entry| *entry.1 == 0).map(|entry| *entry.0).collect();
    let mut order = Vec::with_capacity(waiting.len());
    while let Some(account) = ready.pop_first() {
        order.push(account);
        for one in below(account) {
            if let Some(count) = waiting.get_mut(&one) {
                *count -= 1;
                if *count == 0 {
                    ready.insert(one);
                }
            }
        }
    }
    (order.len() == waiting.len()).then_some(order)
}

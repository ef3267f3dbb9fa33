//! Accounts and who cosigns for them: the graph every question of this room is asked about.

use crate::account::{AccountId, Accounts, LabelError, PerAccount};
use crate::protocol::Protocol;

/// Which thresholds count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum View {
    /// One plain transfer in the present state: min approval at every level.
    Now,
    /// Any chain of transactions the signers can get accepted: [`Protocol::eventual_threshold`].
    Eventually,
}

/// Accounts that do not make a structure.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StructureError {
    /// An account stands twice in the list, or a name cannot be one.
    #[error(transparent)]
    Name(#[from] LabelError),
    /// An account lists one cosignatory twice.
    #[error("account `{account}` lists cosignatory `{cosignatory}` twice; each counts once")]
    CosignatoryTwice {
        /// The account.
        account: String,
        /// Its cosignatory.
        cosignatory: String,
    },
    /// A threshold that its number of cosignatories does not allow.
    #[error(
        "{threshold} of account `{account}` is {found}; expected {least} to {most}, its number of \
         cosignatories"
    )]
    Threshold {
        /// The account.
        account: String,
        /// `min approval` or `min removal`.
        threshold: &'static str,
        /// The number found.
        found: u32,
        /// The least number allowed.
        least: u32,
        /// The number of its cosignatories.
        most: u32,
    },
    /// A plain account has no cosignatories and no thresholds.
    #[error(
        "account `{account}` has no cosignatories, but {threshold} {found}; expected 0 for a plain \
         account"
    )]
    PlainThreshold {
        /// The account.
        account: String,
        /// `min approval` or `min removal`.
        threshold: &'static str,
        /// The number found.
        found: u32,
    },
    /// Accounts that cosign for each other in a circle.
    #[error("accounts cosign for each other in a loop: {}", .0.join(" -> "))]
    Loop(
        /// The accounts of the loop, each followed by a cosignatory of it; first and last agree.
        Vec<String>,
    ),
}

/// A multisig account: its cosignatories and its threshold in either view.
#[derive(Clone, Debug, Default)]
struct Entry {
    cosignatories: Vec<AccountId>,
    minima: (u32, u32),
    now: u32,
    eventually: u32,
    lost: bool,
}

/// An account or key of a structure that is made of another one.
pub(super) struct Node {
    pub name: String,
    /// How many of those below it needs now, and eventually; 0 for a key.
    pub thresholds: [u32; 2],
    pub lost: bool,
    pub below: Vec<String>,
}

/// A loop-free graph of accounts. An account without cosignatories is a key.
#[derive(Clone, Debug)]
pub struct Structure {
    accounts: Accounts,
    entries: PerAccount<Entry>,
    /// All accounts, every cosignatory before the accounts it cosigns for.
    order: Vec<AccountId>,
}

impl Structure {
    /// The structure of these accounts: name, min approval, min removal, cosignatories. A cosignatory
    /// that is no account of the list is a key; so is an account of the list without cosignatories.
    /// On NIS1 both thresholds are `min_cosignatories`, 0 standing for all.
    ///
    /// # Errors
    /// A name twice or empty, a cosignatory twice, a threshold out of range, a loop.
    pub fn new<S: AsRef<str>>(
        entries: impl IntoIterator<Item = (S, u32, u32, Vec<S>)>,
        protocol: &Protocol,
    ) -> Result<Self, StructureError> {
        let entries: Vec<_> = entries.into_iter().collect();
        let accounts = names_of(&entries)?;
        let mut table = PerAccount::new(accounts.len());
        for (name, approval, removal, cosignatories) in &entries {
            let name = name.as_ref();
            let entry = entry_of(name, [*approval, *removal], cosignatories, &accounts, protocol)?;
            if let Some(account) = accounts.find(name) {
                table[account] = entry;
            }
        }
        let order = order_of(&accounts, &table)?;
        Ok(Self { accounts, entries: table, order })
    }

    /// The structure of these nodes: names once each, thresholds in range, no loop, as a structure that is
    /// already one has them.
    pub(super) fn of_nodes(nodes: Vec<Node>) -> Self {
        let names: Vec<&str> = nodes.iter().map(|node| node.name.as_str()).collect();
        let accounts = Accounts::new(&names).unwrap_or_default();
        let mut entries: PerAccount<Entry> = PerAccount::new(accounts.len());
        for node in &nodes {
            let Some(id) = accounts.find(&node.name) else { continue };
            let [now, eventually] = node.thresholds;
            let below = node.below.iter().filter_map(|name| accounts.find(name));
            let (cosignatories, minima) = (below.collect(), (now, eventually));
            entries[id] = Entry { cosignatories, minima, now, eventually, lost: node.lost };
        }
        let order = order_of(&accounts, &entries).unwrap_or_default();
        Self { accounts, entries, order }
    }

    /// The account or key of this name.
    #[must_use]
    pub fn target(&self, name: &str) -> Option<AccountId> {
        self.accounts.find(name)
    }

    /// The account or key whose name is nearest in spelling, for a hint behind an unknown one.
    #[must_use]
    pub fn nearest(&self, name: &str) -> Option<&str> {
        self.accounts.nearest(name)
    }

    /// The name of an account or key; empty for an id of another structure.
    #[must_use]
    pub fn name(&self, account: AccountId) -> &str {
        self.accounts.label(account)
    }

    /// The number of accounts and keys.
    #[must_use]
    pub fn len(&self) -> usize {
        self.accounts.len()
    }

    /// Whether there is no account.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.accounts.is_empty()
    }

    /// The multisig accounts, in the order of their names.
    pub fn multisigs(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.accounts.ids().filter(|&account| !self.is_key(account))
    }

    /// The cosignatories of an account, as given; none for a key.
    #[must_use]
    pub fn cosignatories(&self, account: AccountId) -> &[AccountId] {
        self.entries.0.get(account.index()).map_or(&[], |entry| &entry.cosignatories)
    }

    /// How many cosignatories an account needs in this view; 0 for a key.
    #[must_use]
    pub fn threshold(&self, account: AccountId, view: View) -> u32 {
        let entry = self.entries.0.get(account.index());
        entry.map_or(0, |entry| match view {
            View::Now => entry.now,
            View::Eventually => entry.eventually,
        })
    }

    /// Min approval and min removal as given; 0 for a key.
    #[must_use]
    pub fn minima(&self, account: AccountId) -> (u32, u32) {
        self.entries.0.get(account.index()).map_or((0, 0), |entry| entry.minima)
    }

    /// The same accounts, asked for a modification of `target` that removes a cosignatory and, where it
    /// `adds`, adds another one, instead of a payment: the thresholds of [`View::Now`] are those that
    /// it needs. Whether an added account agrees is not asked. `None` where the protocol has no such
    /// modification, and for a key.
    #[must_use]
    pub fn asked_for_removal(
        &self,
        protocol: &Protocol,
        target: AccountId,
        adds: bool,
    ) -> Option<Self> {
        if self.is_key(target) || protocol.switches.max_deletions_per_modification == 0 {
            return None;
        }
        let mut asked = self.clone();
        for (at, entry) in asked.entries.0.iter_mut().enumerate() {
            let count = entry.cosignatories.len() as u32;
            let same = at == target.index() || protocol.switches.pass_down;
            if same && count > 0 {
                entry.now = protocol.deletion_threshold(entry.minima, count, adds);
            }
        }
        Some(asked)
    }

    /// Whether `target` asks for the same signatures now as it does in another structure of the same
    /// accounts.
    #[must_use]
    pub fn asks_the_same(&self, other: &Self, target: AccountId) -> bool {
        let now = |structure: &Self, account| structure.threshold(account, View::Now);
        self.below(target).into_iter().all(|account| now(self, account) == now(other, account))
    }

    /// Nobody can sign with this key any more.
    pub fn lose(&mut self, key: AccountId) {
        if let Some(entry) = self.entries.0.get_mut(key.index()) {
            entry.lost = true;
        }
    }

    /// All lost keys sign again.
    pub fn find_again(&mut self) {
        self.entries.0.iter_mut().for_each(|entry| entry.lost = false);
    }

    /// Whether nobody can sign with this key any more.
    #[must_use]
    pub fn is_lost(&self, key: AccountId) -> bool {
        self.entries.0.get(key.index()).is_some_and(|entry| entry.lost && self.is_key(key))
    }

    /// The keys and accounts below `target`, itself included, that the keys left can still make sign
    /// in this view.
    #[must_use]
    pub fn alive(&self, target: AccountId, view: View) -> PerAccount<bool> {
        let mut alive: PerAccount<bool> = PerAccount::new(self.len());
        for account in self.below(target) {
            alive[account] = match self.cosignatories(account) {
                [] => !self.is_lost(account),
                below => {
                    let ready = below.iter().filter(|&&cosignatory| alive[cosignatory]).count();
                    ready >= self.threshold(account, view) as usize
                }
            };
        }
        alive
    }

    /// The keys and accounts below `target`, itself included, that the owners of `keys` together can make
    /// sign in this view.
    #[must_use]
    pub fn signing(&self, target: AccountId, keys: &[AccountId], view: View) -> PerAccount<bool> {
        let mut held: PerAccount<bool> = PerAccount::new(self.len());
        for &key in keys.iter().filter(|key| key.index() < self.len()) {
            held[key] = self.is_key(key) && !self.is_lost(key);
        }
        for account in self.below(target) {
            let cosignatories = self.cosignatories(account);
            if !cosignatories.is_empty() {
                let ready = cosignatories.iter().filter(|&&cosignatory| held[cosignatory]).count();
                held[account] = ready >= self.threshold(account, view) as usize;
            }
        }
        held
    }

    /// Gives a multisig account other thresholds, each 1 to the number of its cosignatories (on NIS1 both
    /// `min_cosignatories`).
    pub fn set_minima(&mut self, account: AccountId, minima: (u32, u32), protocol: &Protocol) {
        let Some(entry) = self.entries.0.get_mut(account.index()) else { return };
        let count = entry.cosignatories.len() as u32;
        entry.minima = minima;
        entry.now = protocol.approval_threshold(minima.0, count);
        entry.eventually = protocol.eventual_threshold(minima.0, minima.1, count);
    }

    /// Whether all keys that are left together do not control `target` in this view.
    #[must_use]
    pub fn is_locked(&self, target: AccountId, view: View) -> bool {
        !self.alive(target, view).0.get(target.index()).copied().unwrap_or(false)
    }

    /// Whether this is a key: an account without cosignatories.
    #[must_use]
    pub fn is_key(&self, account: AccountId) -> bool {
        self.cosignatories(account).is_empty()
    }

    /// All accounts and keys, in the order of their names.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + use<> {
        self.accounts.ids()
    }

    /// All accounts and keys, every cosignatory before the accounts it cosigns for.
    #[must_use]
    pub fn order(&self) -> &[AccountId] {
        &self.order
    }

    /// The target and all that lie below it, every cosignatory before the accounts it cosigns for.
    #[must_use]
    pub fn below(&self, target: AccountId) -> Vec<AccountId> {
        let mut reached: PerAccount<bool> = PerAccount::new(self.len());
        if let Some(first) = reached.0.get_mut(target.index()) {
            *first = true;
        }
        for &account in self.order.iter().rev().filter(|_| target.index() < self.len()) {
            if reached[account] {
                for &cosignatory in self.cosignatories(account) {
                    reached[cosignatory] = true;
                }
            }
        }
        self.order.iter().copied().filter(|&account| reached[account]).collect()
    }
}

/// Whether the owners of `keys` together control `target`, in this view. The own key of a multisig
/// account is worth nothing, so an id in `keys` that is no key counts for nothing.
#[must_use]
pub fn can_spend(structure: &Structure, target: AccountId, keys: &[AccountId], view: View) -> bool {
    structure.signing(target, keys, view).0.get(target.index()).copied().unwrap_or(false)
}

fn names_of<S: AsRef<str>>(entries: &[(S, u32, u32, Vec<S>)]) -> Result<Accounts, LabelError> {
    let mut listed: Vec<&str> = entries.iter().map(|entry| entry.0.as_ref()).collect();
    listed.sort_unstable();
    if let Some(name) = twice_in(&listed) {
        return Err(LabelError::Twice(name.to_owned()));
    }
    let below = entries.iter().flat_map(|entry| entry.3.iter().map(S::as_ref));
    let mut all: Vec<&str> = listed.iter().copied().chain(below).collect();
    all.sort_unstable();
    all.dedup();
    Accounts::new(&all)
}

/// The first value that stands twice in a sorted list.
fn twice_in<T: Copy + PartialEq>(sorted: &[T]) -> Option<T> {
    let mut pairs = sorted.iter().zip(sorted.iter().skip(1));
    pairs.find(|(one, next)| one == next).map(|(&one, _)| one)
}

fn entry_of<S: AsRef<str>>(
    name: &str,
    [approval, removal]: [u32; 2],
    cosignatories: &[S],
    accounts: &Accounts,
    protocol: &Protocol,
) -> Result<Entry, StructureError> {
    let count = u32::try_from(cosignatories.len()).unwrap_or(u32::MAX);
    let least = u32::from(!protocol.base.has_zero_for_all());
    for (threshold, found) in [("min approval", approval), ("min removal", removal)] {
        let account = name.to_owned();
        if count == 0 && found != 0 {
            return Err(StructureError::PlainThreshold { account, threshold, found });
        }
        if count > 0 && !(least..=count).contains(&found) {
            return Err(StructureError::Threshold {
                account,
                threshold,
                found,
                least,
                most: count,
            });
        }
    }
    let ids: Vec<AccountId> =
        cosignatories.iter().filter_map(|name| accounts.find(name.as_ref())).collect();
    let mut sorted = ids.clone();
    sorted.sort_unstable();
    if let Some(twice) = twice_in(&sorted) {
        let cosignatory = accounts.label(twice).to_owned();
        return Err(StructureError::CosignatoryTwice { account: name.to_owned(), cosignatory });
    }
    Ok(Entry {
        cosignatories: ids,
        minima: (approval, removal),
        lost: false,
        now: protocol.approval_threshold(approval, count),
        eventually: protocol.eventual_threshold(approval, removal, count),
    })
}

/// Cosignatories first, or the loop that makes it impossible. Iterative: a chain may be long.
fn order_of(
    accounts: &Accounts,
    entries: &PerAccount<Entry>,
) -> Result<Vec<AccountId>, StructureError> {
    let mut order = Vec::with_capacity(accounts.len());
    let mut visited: PerAccount<bool> = PerAccount::new(accounts.len());
    let mut open: PerAccount<bool> = PerAccount::new(accounts.len());
    for start in accounts.ids() {
        let mut path = if visited[start] { Vec::new() } else { vec![(start, 0)] };
        visited[start] = true;
        while let Some((account, next)) = path.last_mut() {
            let account = *account;
            open[account] = true;
            match entries[account].cosignatories.get(*next) {
                None => {
                    open[account] = false;
                    order.push(account);
                    path.pop();
                }
                Some(&below) if open[below] => return Err(loop_of(accounts, &path, below)),
                Some(&below) => {
                    *next += 1;
                    if !visited[below] {
                        visited[below] = true;
                        path.push((below, 0));
                    }
                }
            }
        }
    }
    Ok(order)
}

fn loop_of(accounts: &Accounts, path: &[(AccountId, usize)], back: AccountId) -> StructureError {
    let round = path.iter().map(|step| step.0).skip_while(|&account| account != back);
    let names = round.chain([back]).map(|account| accounts.label(account).to_owned());
    StructureError::Loop(names.collect())
}

#[cfg(test)]
mod tests;

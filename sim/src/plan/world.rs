//! The accounts that a change concerns, small enough to be searched.

use std::collections::BTreeSet;

use super::Task;
use crate::account::{AccountId, Accounts, PerAccount, SET_ACCOUNTS_MAX, SmallSet};
use crate::ledger::{Entry, Minima, View};
use crate::protocol::Protocol;

/// Most accounts that may be modified: a bit for each.
const SLOTS_MAX: usize = 128;

/// One account: its cosignatories and thresholds; none and 0 for a plain one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Row {
    pub members: SmallSet,
    pub approval: u32,
    pub removal: u32,
}

/// The rows of the accounts that may change, in the order of [`World::movable`].
pub type Rows = Vec<Row>;

/// All accounts that have to do with a change.
pub struct World<'t> {
    pub protocol: &'t Protocol,
    /// The names of all that are connected with a changed account.
    pub accounts: Accounts,
    /// The accounts that may be modified.
    pub movable: Vec<AccountId>,
    /// Which of them an account is.
    slots: PerAccount<Option<usize>>,
    /// The others as they stay.
    fixed: PerAccount<Row>,
    /// All accounts that are, or may become, multisig.
    holders: Vec<AccountId>,
    /// Whom each movable account may take as cosignatories: those of either state.
    pub candidates: Vec<SmallSet>,
    pub old: Rows,
    pub new: Rows,
    /// Keys that nobody can sign with.
    pub lost: SmallSet,
    /// Keys that are not asked for signatures: lost or stolen.
    pub barred: SmallSet,
}

/// Which accounts a plan may modify.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Those that change, and those above one that becomes plain.
    Changed,
    /// All that are connected with one that changes.
    Connected,
    /// The same, and each may take any account for a while.
    Anybody,
}

impl Scope {
    /// From the narrowest to the widest.
    pub const ALL: [Self; 3] = [Self::Changed, Self::Connected, Self::Anybody];
}

impl<'t> World<'t> {
    /// The accounts connected with a change; `None` if they are too many.
    pub fn new(task: &'t Task, scope: Scope) -> Option<Self> {
        let connected = connected(task);
        let labels: Vec<&str> = connected.iter().map(|&id| task.accounts.label(id)).collect();
        let accounts = Accounts::new(&labels).ok()?;
        if accounts.len() > SET_ACCOUNTS_MAX {
            return None;
        }
        let find = |id: AccountId| accounts.find(task.accounts.label(id));
        let set = |ids: &[AccountId]| SmallSet::of(ids.iter().filter_map(|&id| find(id)));
        let table = |entries: &[Entry]| {
            let mut rows: PerAccount<Row> = PerAccount::new(accounts.len());
            for entry in entries {
                if let Some(account) = find(entry.account) {
                    let Minima { approval, removal } = entry.minima;
                    rows[account] = Row { members: set(&entry.cosignatories), approval, removal };
                }
            }
            rows
        };
        let (old, new) = (table(&task.old.entries), table(&task.new));
        let movable: Vec<AccountId> = accounts
            .ids()
            .filter(|&account| match scope {
                Scope::Changed => {
                    old[account] != new[account] || is_above_plain(account, &old, &new)
                }
                Scope::Connected | Scope::Anybody => {
                    old[account] != new[account] || !old[account].members.is_empty()
                }
            })
            .collect();
        if movable.len() > SLOTS_MAX {
            return None;
        }
        let mut slots = PerAccount::new(accounts.len());
        movable.iter().enumerate().for_each(|(slot, &account)| slots[account] = Some(slot));
        let holds = |id: &AccountId| slots[*id].is_some() || !old[*id].members.is_empty();
        let (lost, stolen) = (set(&task.lost), set(&task.stolen));
        let candidate = |&id: &AccountId| match scope {
            Scope::Changed | Scope::Connected => old[id].members.or(new[id].members),
            Scope::Anybody => SmallSet::of(accounts.ids().filter(|&other| other != id)),
        };
        let candidates = movable.iter().map(candidate).collect();
        Some(Self {
            protocol: &task.protocol,
            holders: accounts.ids().filter(holds).collect(),
            candidates,
            old: movable.iter().map(|&id| old[id]).collect(),
            new: movable.iter().map(|&id| new[id]).collect(),
            accounts,
            movable,
            slots,
            fixed: old,
            lost,
            barred: lost.or(stolen),
        })
    }

    /// Whether everything that can be tried in this world can be tried in the other.
    pub fn is_like(&self, other: &Self) -> bool {
        (&self.movable, &self.candidates) == (&other.movable, &other.candidates)
    }

    /// How everything stands with these rows.
    pub const fn look<'a>(&'a self, rows: &'a [Row]) -> Look<'a> {
        Look { world: self, rows }
    }

    /// Most signatures of one transaction; `None` where there is no limit.
    pub fn cap(&self) -> Option<usize> {
        self.protocol.max_signatures().map(|most| most as usize)
    }

    /// Most modifications of one transaction.
    pub const fn parts_max(&self) -> usize {
        self.protocol.max_parts() as usize
    }

    /// The thresholds that ask for fewest signatures, for an account of these cosignatories.
    pub fn least(&self, members: SmallSet) -> (u32, u32) {
        match members.is_empty() {
            true => (0, 0),
            false => (1, self.protocol.base.stored_removal(1)),
        }
    }

    /// The name of an account.
    pub fn name(&self, account: AccountId) -> &str {
        self.accounts.label(account)
    }

    /// The names of these accounts, in order.
    pub fn names(&self, set: SmallSet) -> Vec<String> {
        set.iter().map(|account| self.name(account).to_owned()).collect()
    }

    /// The row of this slot.
    pub fn row(&self, rows: &[Row], slot: usize) -> Row {
        rows.get(slot).copied().unwrap_or_default()
    }
}

/// Whether a cosignatory of this account becomes plain: an account that cosigns cannot.
fn is_above_plain(account: AccountId, old: &PerAccount<Row>, new: &PerAccount<Row>) -> bool {
    let becomes_plain = |id: AccountId| !old[id].members.is_empty() && new[id].members.is_empty();
    old[account].members.iter().any(becomes_plain)
}

/// The changed accounts and all that are connected with one of them by links of either state.
fn connected(task: &Task) -> BTreeSet<AccountId> {
    let rows = || task.old.entries.iter().chain(&task.new);
    let mut inside: BTreeSet<AccountId> = changed(task);
    loop {
        let before = inside.len();
        for entry in rows() {
            let all = || std::iter::once(entry.account).chain(entry.cosignatories.iter().copied());
            if all().any(|id| inside.contains(&id)) {
                inside.extend(all());
            }
        }
        if inside.len() == before {
            return inside;
        }
    }
}

/// The accounts that are not the same in both states.
pub fn changed(task: &Task) -> BTreeSet<AccountId> {
    let sorted = |entry: &Entry| {
        let mut below = entry.cosignatories.clone();
        below.sort_unstable();
        (entry.account, entry.minima, below)
    };
    let lists = [&task.old.entries, &task.new]
        .map(|entries| entries.iter().map(sorted).collect::<Vec<_>>());
    let [old, new] = &lists;
    let only = |one: &'_ [Sorted], other: &'_ [Sorted]| -> Vec<AccountId> {
        one.iter().filter(|entry| !other.contains(entry)).map(|entry| entry.0).collect()
    };
    only(old, new).into_iter().chain(only(new, old)).collect()
}

/// An account with its cosignatories in order.
type Sorted = (AccountId, Minima, Vec<AccountId>);

/// How all accounts stand.
#[derive(Clone, Copy)]
pub struct Look<'a> {
    pub world: &'a World<'a>,
    pub rows: &'a [Row],
}

impl Look<'_> {
    /// The row of any account.
    pub fn row(&self, account: AccountId) -> Row {
        match self.world.slots.0.get(account.index()) {
            Some(Some(slot)) => self.world.row(self.rows, *slot),
            Some(None) => self.world.fixed[account],
            None => Row::default(),
        }
    }

    /// All accounts that are, or may become, multisig.
    pub fn holders(&self) -> &[AccountId] {
        &self.world.holders
    }

    /// The keys at the bottom of an account's tree; the account itself where it is plain.
    pub fn leaves(&self, account: AccountId) -> SmallSet {
        let row = self.row(account);
        match row.members.is_empty() {
            true => SmallSet::of([account]),
            false => {
                row.members.iter().fold(SmallSet::default(), |all, one| all.or(self.leaves(one)))
            }
        }
    }

    /// The accounts with this one among their cosignatories.
    pub fn above(&self, account: AccountId) -> SmallSet {
        let holds = |above: &AccountId| self.row(*above).members.contains(account);
        SmallSet::of(self.world.holders.iter().copied().filter(holds))
    }
}

impl View for Look<'_> {
    fn cosignatories(&self, account: AccountId) -> impl Iterator<Item = AccountId> + '_ {
        self.row(account).members.iter()
    }

    fn multisigs(&self, account: AccountId) -> impl Iterator<Item = AccountId> + '_ {
        self.above(account).iter()
    }

    fn cosignatory_count(&self, account: AccountId) -> u32 {
        self.row(account).members.len() as u32
    }

    fn multisig_count(&self, account: AccountId) -> u32 {
        self.above(account).len() as u32
    }

    fn minima(&self, account: AccountId) -> Minima {
        let Row { approval, removal, .. } = self.row(account);
        Minima { approval, removal }
    }

    fn is_cosignatory(&self, multisig: AccountId, cosignatory: AccountId) -> bool {
        self.row(multisig).members.contains(cosignatory)
    }
}

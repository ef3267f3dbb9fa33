//! The legal modifications out of a skeleton.
//!
//! Which cosignatories may change does not depend on thresholds, so it is asked once for a skeleton.
//! What signatures can do may depend on them: a modification that even the hardest thresholds let
//! pass is legal under all; any other is judged again in every state.
//!
//! Two plain accounts that cosign for the same accounts are interchangeable: of a set of such twins
//! only the first ones are taken, and the modification counts for all choices.

use super::judge::{Edit, Judge, subsets};
use super::packed::{ACCOUNTS_MAX, Graph, Packed, Renaming, Scale, Set, all};
use super::symmetry::{Skeleton, Symmetry, multisig_set};
use crate::ledger::{Minima, bits};
use crate::protocol::Protocol;
use crate::verdict::Reason;

/// Whose signatures there are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Keys {
    /// Every account's key signs.
    #[default]
    All,
    /// Only the keys of the coloured accounts do.
    Coloured,
}

/// A modification of cosignatories (perhaps of none) that is legal, whatever thresholds it sets.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// The modified account.
    pub multisig: u8,
    /// The added cosignatories.
    pub additions: Set,
    /// The removed ones.
    pub deletions: Set,
    /// Number of cosignatories afterwards.
    pub count: u8,
    /// For how many labelled modifications it stands.
    pub multiplicity: u32,
    /// Whether it is legal under all thresholds; otherwise each state is to be asked.
    pub uniform: bool,
    /// Whose signatures it may carry.
    pub eligible: Set,
    /// The canonical skeleton it leads to.
    pub target: Skeleton,
    /// How the accounts are renamed on the way.
    pub renaming: Renaming,
}

impl Move {
    /// Whether only thresholds change.
    #[must_use]
    pub const fn keeps_cosignatories(&self) -> bool {
        self.additions == 0 && self.deletions == 0
    }

    /// The modification that sets these thresholds.
    #[must_use]
    pub const fn edit(&self, minima: Minima) -> Edit {
        Edit {
            multisig: self.multisig,
            additions: self.additions,
            deletions: self.deletions,
            thresholds: (minima.approval as u8, minima.removal as u8),
        }
    }
}

/// Finds the moves out of skeletons.
#[derive(Clone, Debug)]
pub struct Mover<'p> {
    accounts: usize,
    keys: Keys,
    scale: Scale,
    /// The judge whose verdicts the moves are.
    pub judge: Judge<'p>,
    /// Canonical forms.
    pub symmetry: Symmetry,
}

/// For every account the set of accounts that are interchangeable with it, itself included.
#[derive(Clone, Copy, Debug)]
struct Twins([Set; ACCOUNTS_MAX]);

impl Twins {
    #[inline]
    fn of(&self, account: usize) -> Set {
        self.0.get(account).copied().unwrap_or(0)
    }
}

fn twins(accounts: usize, skeleton: Skeleton) -> Twins {
    let graph = Graph::new(Packed { rows: skeleton.rows, thresholds: 0 });
    let plain = !multisig_set(skeleton.rows);
    let is_plain = |account: usize| plain >> account & 1 == 1;
    let sort = |account: usize| (graph.column(account), skeleton.colour >> account & 1);
    let class = |account: usize| {
        let same = |&other: &usize| {
            other == account || is_plain(account) && is_plain(other) && sort(account) == sort(other)
        };
        (0..accounts).filter(same).fold(0, |set, other| set | 1 << other)
    };
    Twins(std::array::from_fn(|account| if account < accounts { class(account) } else { 0 }))
}

/// The number of ways to choose `k` of `n`, both at most 10.
pub(crate) fn choose(n: u32, k: u32) -> u32 {
    (0..k.min(n)).fold(1, |ways, i| ways * (n - i) / (i + 1)) * u32::from(k <= n)
}

/// For how many sets this one stands, if it takes the first of each set of twins; else `None`.
fn multiplicity(twins: &Twins, pool: Set, chosen: Set) -> Option<u32> {
    let mut ways = 1;
    let mut rest = chosen;
    while rest != 0 {
        let first = rest.trailing_zeros() as usize;
        let class = twins.of(first) & pool;
        let taken = class & chosen;
        let skipped = class & !chosen;
        if skipped != 0 && skipped.trailing_zeros() < Set::BITS - taken.leading_zeros() {
            return None;
        }
        ways *= choose(class.count_ones(), taken.count_ones());
        rest &= !class;
    }
    Some(ways)
}

/// The order of the automorphisms that move plain accounts alone: twins in all their orders.
pub(crate) fn twin_orders(accounts: usize, skeleton: Skeleton) -> u64 {
    let twins = twins(accounts, skeleton);
    let factorial = |n: u32| (1..=u64::from(n)).product::<u64>();
    (0..accounts)
        .map(|account| (account, twins.of(account)))
        .filter(|&(account, class)| class.trailing_zeros() as usize == account)
        .map(|(_, class)| factorial(class.count_ones()))
        .product()
}

impl<'p> Mover<'p> {
    /// For graphs of so many accounts under this protocol.
    #[must_use]
    pub fn new(protocol: &'p Protocol, accounts: usize, keys: Keys) -> Self {
        Self {
            accounts: accounts.min(ACCOUNTS_MAX),
            keys,
            scale: Scale(protocol.base),
            judge: Judge::new(protocol),
            symmetry: Symmetry::new(accounts),
        }
    }

    /// The keys that sign in this skeleton.
    #[must_use]
    pub const fn keys(&self, skeleton: Skeleton) -> Set {
        match self.keys {
            Keys::All => all(self.accounts),
            Keys::Coloured => skeleton.colour,
        }
    }

    /// All legal moves out of a skeleton, into `moves`, always in the same order.
    pub fn moves(&mut self, skeleton: Skeleton, moves: &mut Vec<Move>) {
        moves.clear();
        let twins = twins(self.accounts, skeleton);
        let graph = Graph::new(self.hardest(skeleton.rows));
        for multisig in 0..self.accounts {
            let class = twins.of(multisig);
            if class.trailing_zeros() as usize == multisig {
                let others = Twins(twins.0.map(|class| class & !(1 << multisig)));
                self.moves_of(skeleton, &graph, &others, multisig, class.count_ones(), moves);
            }
        }
    }

    /// The thresholds that ask for most: all cosignatories everywhere.
    fn hardest(&self, rows: u128) -> Packed {
        let state = Packed { rows, thresholds: 0 };
        bits(u64::from(multisig_set(rows))).fold(state, |state, account| {
            let count = state.row(account).count_ones();
            let minima = self.scale.minima(count, self.scale.values(count) - 1);
            state.with(account, state.row(account), minima)
        })
    }

    fn moves_of(
        &mut self,
        skeleton: Skeleton,
        graph: &Graph,
        twins: &Twins,
        multisig: usize,
        multisigs: u32,
        moves: &mut Vec<Move>,
    ) {
        let row = graph.state.row(multisig);
        let protocol = self.judge.protocol();
        let most = protocol.limits.max_cosignatories_per_account;
        let deletions_max = protocol.switches.max_deletions_per_modification;
        let addable = self.addable(graph, twins, multisig);
        for deletions in subsets(row).filter(|set| set.count_ones() <= deletions_max) {
            let Some(ways_out) = multiplicity(twins, row, deletions) else { continue };
            let stay = row.count_ones() - deletions.count_ones();
            for additions in subsets(addable).filter(|set| stay + set.count_ones() <= most) {
                let Some(ways_in) = multiplicity(twins, addable, additions) else { continue };
                if row | additions == 0 {
                    continue;
                }
                let count = (stay + additions.count_ones()) as u8;
                let change = (multisig as u8, additions, deletions, count);
                if let Some(mut found) = self.judged(skeleton, graph, change) {
                    found.multiplicity = multisigs * ways_in * ways_out;
                    moves.push(found);
                }
            }
        }
    }

    /// The accounts that may become cosignatories, each asked alone: additions do not disturb each
    /// other, and a deletion beside them only matters for the number.
    fn addable(&mut self, graph: &Graph, twins: &Twins, multisig: usize) -> Set {
        let row = graph.state.row(multisig);
        let mut addable = 0;
        for candidate in 0..self.accounts {
            let class = twins.of(candidate);
            if row >> candidate & 1 == 1 || class.trailing_zeros() as usize != candidate {
                continue;
            }
            let edit = Edit {
                multisig: multisig as u8,
                additions: 1 << candidate,
                deletions: 0,
                thresholds: (1, 1),
            };
            match self.judge.judge_change(graph, edit) {
                Ok(_)
                | Err(Reason::MultisigMaxCosignatories | Reason::TooManyMultisigCosigners) => {
                    addable |= class;
                }
                Err(_) => {}
            }
        }
        addable
    }

    fn judged(
        &mut self,
        skeleton: Skeleton,
        graph: &Graph,
        (multisig, additions, deletions, count): (u8, Set, Set, u8),
    ) -> Option<Move> {
        let values = self.scale.values(u32::from(count));
        let settings = |number| self.scale.minima(u32::from(count), number);
        let (least, most) = (settings(0), settings(values - 1));
        let mut found = Move {
            multisig,
            additions,
            deletions,
            count,
            multiplicity: 1,
            uniform: true,
            eligible: 0,
            target: Skeleton::default(),
            renaming: Renaming::default(),
        };
        self.judge.judge_change(graph, found.edit(least)).ok()?;
        if values > 1 {
            self.judge.judge_change(graph, found.edit(most)).ok()?;
        }
        found.eligible = self.judge.eligible(graph, found.edit(least), self.keys(skeleton));
        if found.eligible == 0 {
            return None;
        }
        found.uniform = self.is_uniform(graph, &found);
        let rows = found.edit(least).applied(graph.state).rows;
        let after = Skeleton { rows, colour: skeleton.colour };
        (found.target, found.renaming) = self.symmetry.canonical(after);
        Some(found)
    }

    /// Whether the signatures suffice under all thresholds: under the hardest (Catapult), under each
    /// setting of the modified account, which alone counts (NIS1).
    fn is_uniform(&mut self, graph: &Graph, found: &Move) -> bool {
        let account = found.multisig as usize;
        let row = graph.state.row(account);
        let count = row.count_ones();
        let values = self.scale.values(count);
        let numbers =
            if self.scale.0.has_removal_threshold() { values - 1..values } else { 0..values };
        numbers.into_iter().all(|number| {
            let state = graph.state.with(account, row, self.scale.minima(count, number));
            self.allows(&Graph::new(state), found)
        })
    }

    /// Whether a move is legal in this very state.
    pub fn allows(&mut self, graph: &Graph, found: &Move) -> bool {
        let least = self.scale.minima(u32::from(found.count), 0);
        self.judge.signers_among(graph, found.edit(least), found.eligible).is_some()
    }
}

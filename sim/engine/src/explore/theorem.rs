//! The closed form of eventual control, held against a search.
//!
//! The closed form says that a coalition controls an account in the end if it controls enough of its
//! cosignatories: the least threshold that any kind of modification needs. Here nothing of that is
//! believed. For every state and every coalition all modifications that the coalition's keys can sign
//! are followed to the end, and what it can spend then is compared.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::expansion::{Setting, Share, Shelf, restricted};
use super::family::{Family, Passage};
use super::moves::{Keys, Move, Mover};
use super::numbers::Numbers;
use super::packed::{ACCOUNTS_MAX, Graph, Renaming, Set, all};
use super::symmetry::{Skeleton, Symmetry};
use super::{Bounds, ExploreError, Explorer, Question};
use crate::account::AccountId;
use crate::hazard::{Control, When};
use crate::ledger::{View, bits};
use crate::version::Version;

/// How far closed form and search agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Agreement {
    /// The protocol.
    pub protocol: String,
    /// Number of accounts.
    #[cfg_attr(feature = "schemas", schemars(range(min = 1)))]
    pub accounts: usize,
    /// The limits that bound the graphs.
    pub limits: Bounds,
    /// Canonical states.
    #[serde(rename = "states_canonical")]
    pub states: u64,
    /// States together with a coalition, up to renaming, thresholds distinguished.
    pub coalitions: u64,
    /// Answers compared: each of those for each account.
    pub answers: u64,
    /// Those in which some multisig account is spendable in the end, but not now.
    pub gained: u64,
    /// Whether they agree in all of them.
    pub agrees: bool,
    /// The first difference, if there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub disagreement: Option<Disagreement>,
    /// Digest of the protocol: equal for equal rule sets, limits and switches.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^[0-9a-f]{16}$")))]
    pub protocol_digest: String,
    /// Version of the program that answered.
    #[serde(rename = "quorate")]
    pub version: Version,
}

/// A state and a coalition over which closed form and search differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Disagreement {
    /// The state.
    pub state: String,
    /// The accounts whose keys the coalition holds, a bit for each.
    pub coalition: Set,
    /// The accounts it controls by the closed form.
    pub closed_form: Set,
    /// The accounts it controls by search.
    pub search: Set,
}

/// What was compared.
#[derive(Clone, Debug, Default)]
struct Compared {
    coalitions: u64,
    answers: u64,
    gained: u64,
    disagreement: Option<Disagreement>,
}

/// A move of a coalition.
#[derive(Clone, Debug)]
struct Edge {
    target: u32,
    passage: Passage,
    renaming: Renaming,
    allowed: Option<Numbers>,
}

impl Edge {
    fn bytes(&self, from: &Family) -> usize {
        let allowed = if self.allowed.is_some() { Numbers::bytes(from.size()) } else { 0 };
        size_of::<Self>() + self.passage.bytes() + allowed
    }
}

/// How many families' edges are looked for before their memory is counted.
const BATCH: usize = 512;

/// What a coalition can spend in each state of one family, one set of accounts for each.
type Spendable = Vec<Set>;

/// Compares closed form and search in every state that so many accounts can reach.
///
/// # Errors
/// A question that cannot be explored, or more states than fit the memory.
pub fn control_theorem(question: &Question<'_>) -> Result<Agreement, ExploreError> {
    let Question { protocol, accounts, jobs, bytes_max, .. } = *question;
    let small = || ExploreError::Memory(bytes_max);
    let plain = Question { jobs, bytes_max, ..Question::new(protocol, accounts) };
    let mut explorer = Explorer::new(plain)?;
    let never = std::sync::atomic::AtomicBool::new(false);
    while explorer.level(&never).map_err(|_| small())? {}
    let Explorer { pool, search, counts, .. } = explorer;
    let setting = Setting { keys: Keys::Coloured, share: Share::default(), ..search.setting };
    let compared = pool.install(|| {
        let shelf = coalitions(&setting, &search.shelf, bytes_max)?;
        let edges = edges(&setting, &shelf, bytes_max)?;
        let now = spendable(&setting, &shelf, When::Now);
        let found = followed(&shelf, &edges, now.clone());
        Some(compared(&setting, &shelf, &now, &found))
    });
    let compared = compared.ok_or_else(small)?;
    Ok(Agreement {
        protocol: protocol.name.clone(),
        accounts,
        limits: Bounds::of(protocol),
        states: counts.states_canonical,
        coalitions: compared.coalitions,
        answers: compared.answers,
        gained: compared.gained,
        agrees: compared.disagreement.is_none(),
        disagreement: compared.disagreement,
        protocol_digest: protocol.digest(),
        version: Version::default(),
    })
}

/// Every skeleton with every coalition, up to renaming; `None` if they do not fit the memory.
fn coalitions(setting: &Setting<'_>, plain: &Shelf, bytes_max: usize) -> Option<Shelf> {
    let mut shelf = Shelf::default();
    let mut symmetry = Symmetry::new(setting.accounts);
    for family in &plain.families {
        for colour in super::judge::subsets(all(setting.accounts)) {
            let skeleton = Skeleton { rows: family.skeleton.rows, colour };
            shelf.find_or_make(setting, symmetry.canonical(skeleton).0, bytes_max)?;
        }
    }
    Some(shelf)
}

/// The moves of each coalition; `None` if they, and what is to be compared, do not fit the memory.
fn edges(setting: &Setting<'_>, shelf: &Shelf, bytes_max: usize) -> Option<Vec<Vec<Edge>>> {
    let start = || (Mover::new(setting.protocol, setting.accounts, setting.keys), Vec::new());
    let states: usize = shelf.families.iter().map(|family| family.size() as usize).sum();
    // Four sets for each state: now, found so far, found next, by the closed form.
    let sets = states.checked_mul(4 * size_of::<Set>())?;
    let mut left = bytes_max.checked_sub(shelf.bytes)?.checked_sub(sets)?;
    let mut edges = Vec::with_capacity(shelf.families.len());
    for families in shelf.families.chunks(BATCH) {
        let of = |(mover, moves): &mut _, family: &Family| {
            edges_of(setting, shelf, mover, moves, family)
        };
        let found: Vec<Vec<Edge>> = families.par_iter().map_init(start, of).collect();
        for (family, found) in families.iter().zip(&found) {
            left = left.checked_sub(found.iter().map(|edge| edge.bytes(family)).sum())?;
        }
        edges.extend(found);
    }
    Some(edges)
}

fn edges_of(
    setting: &Setting<'_>,
    shelf: &Shelf,
    mover: &mut Mover<'_>,
    moves: &mut Vec<Move>,
    from: &Family,
) -> Vec<Edge> {
    mover.moves(from.skeleton, moves);
    let numbers = Numbers::all(from.size());
    let edge = |found: &Move| {
        let allowed = restricted(setting, mover, from, found, &numbers);
        let target = shelf.find(found.target)?;
        let to = shelf.get(target)?;
        let passage = Passage::new(&from.digits, &to.digits, found.multisig, found.renaming);
        Some(Edge { target, passage, renaming: found.renaming, allowed })
    };
    moves.iter().filter_map(edge).collect()
}

/// What each coalition can spend in each state, by the tables of control.
fn spendable(setting: &Setting<'_>, shelf: &Shelf, when: When) -> Vec<Spendable> {
    let of = |family: &super::family::Family, number| {
        let graph = Graph::new(family.state(setting.scale, number));
        let control = Control::new(setting.protocol, &graph, setting.accounts, when);
        let holds = |account: &u32| control.of(AccountId(*account)).holds(family.skeleton.colour);
        (0..setting.accounts as u32).filter(holds).fold(0, |set, account| set | 1 << account)
    };
    let families = shelf.families.par_iter();
    families.map(|family| (0..family.size()).map(|number| of(family, number)).collect()).collect()
}

/// Follows all edges backwards from what can be spent now, until nothing is added.
fn followed(shelf: &Shelf, edges: &[Vec<Edge>], mut known: Vec<Spendable>) -> Vec<Spendable> {
    loop {
        let more: Vec<Spendable> = shelf
            .families
            .par_iter()
            .zip(edges)
            .zip(&known)
            .map(|((_, edges), before)| {
                let after = |(number, &set): (usize, &Set)| {
                    edges.iter().fold(set, |set, edge| set | gained(edge, number as u32, &known))
                };
                before.iter().enumerate().map(after).collect()
            })
            .collect();
        if more == known {
            return known;
        }
        known = more;
    }
}

/// What can be spent behind one edge, under the names before it.
fn gained(edge: &Edge, number: u32, known: &[Spendable]) -> Set {
    if edge.allowed.as_ref().is_some_and(|allowed| !allowed.has(number)) {
        return 0;
    }
    let Some(behind) = known.get(edge.target as usize) else { return 0 };
    let base = edge.passage.base(number);
    let at = |value| behind.get((base + value * edge.passage.stride) as usize).copied();
    let set = (0..edge.passage.values).filter_map(at).fold(0, |all, set| all | set);
    (0..ACCOUNTS_MAX)
        .filter(|&old| set >> edge.renaming.place(old) & 1 == 1)
        .fold(0, |all, old| all | 1 << old)
}

fn compared(
    setting: &Setting<'_>,
    shelf: &Shelf,
    now: &[Spendable],
    found: &[Spendable],
) -> Compared {
    let closed_form = spendable(setting, shelf, When::Eventually);
    let mut agreement = Compared::default();
    let all = shelf.families.iter().zip(now).zip(found).zip(&closed_form);
    for (((family, now), found), closed_form) in all {
        for (number, ((now, found), closed)) in now.iter().zip(found).zip(closed_form).enumerate() {
            let state = family.state(setting.scale, number as u32);
            let graph = Graph::new(state);
            let is_multisig = |account: &usize| graph.is_multisig(AccountId(*account as u32));
            agreement.coalitions += 1;
            agreement.answers += setting.accounts as u64;
            let gained = bits(u64::from(found & !now)).filter(is_multisig).count();
            agreement.gained += u64::from(gained > 0);
            if found != closed && agreement.disagreement.is_none() {
                agreement.disagreement = Some(Disagreement {
                    state: format!("{state:?}"),
                    coalition: family.skeleton.colour,
                    closed_form: *closed,
                    search: *found,
                });
            }
        }
    }
    agreement
}

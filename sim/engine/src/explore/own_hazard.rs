//! Hazards of one's own, looked for beside those of this crate.

use super::packed::{Graph, Packed, Renaming, Set};
use super::state_invariant::StateInvariant;
use super::{ExploreError, Question, Subject};
use crate::account::AccountId;
use crate::hazard::Hazard;

/// Whether a state hurts an account.
type Predicate = dyn Fn(&Graph, AccountId) -> bool + Send + Sync;

/// A hazard of your own: a name, and a predicate on a state and an account, put into
/// [`Question::own`]. What is found comes with the nearest state and the way to it, as the hazards of
/// this crate do; an invariant of your own is looked for as the hazard that a state breaks it.
///
/// The predicate may hold state of its own and is asked from several threads. It is asked about one
/// state of all those that differ in names alone, and so must not depend on which account is which:
/// where the accounts are renamed, its answer is the same for the account under its new name. A state
/// for which it is not ends the search ([`Stop::Asymmetric`](super::Stop::Asymmetric)): every state is
/// asked about under two more orders of the accounts.
///
/// ```
/// use quorate::explore::{Explorer, Graph, OwnHazard, Question, Subject};
/// use quorate::ledger::View;
/// use quorate::protocol::Protocol;
///
/// let protocol = Protocol::preset("symbol-mainnet").unwrap();
/// let own = [OwnHazard::new("two-masters", |state: &Graph, account| {
///     state.multisig_count(account) >= 2
/// })];
/// let report = Explorer::new(Question { own: &own, ..Question::new(&protocol, 3) }).unwrap().run();
/// assert_eq!((report.hazards[0].subject, report.hazards[0].depth), (Subject::Own(0), 2));
/// ```
pub struct OwnHazard {
    name: String,
    predicate: Box<Predicate>,
}

impl std::fmt::Debug for OwnHazard {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_tuple("OwnHazard").field(&self.name).finish()
    }
}

impl OwnHazard {
    /// The hazard of this name. `predicate` says whether a state hurts an account, multisig or not.
    #[must_use]
    pub fn new(
        name: impl Into<String>,
        predicate: impl Fn(&Graph, AccountId) -> bool + Send + Sync + 'static,
    ) -> Self {
        Self { name: name.into(), predicate: Box::new(predicate) }
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Those of so many accounts that a state hurts.
    #[must_use]
    pub fn affected(&self, state: Packed, accounts: usize) -> Set {
        let graph = Graph::new(state);
        let hurt = |account: &u32| (self.predicate)(&graph, AccountId(*account));
        (0..accounts as u32).filter(hurt).fold(0, |set, account| set | 1 << account)
    }

    /// Whether the accounts that a state hurts are those that it hurts under other names. The two
    /// renamings together make all others.
    pub(super) fn is_symmetric(&self, state: Packed, accounts: usize, hurt: Set) -> bool {
        let next = |account: usize| (account + 1) % accounts;
        let swapped = |account: usize| if account < 2 { 1 - account } else { account };
        let [rotation, swap] = [renaming(accounts, next), renaming(accounts.max(2), swapped)];
        let same = |renaming: Renaming| {
            self.affected(state.renamed(renaming), accounts) == renaming.set(hurt)
        };
        accounts < 2 || same(rotation) && same(swap)
    }
}

/// So many accounts renamed; what is beyond them keeps its name.
fn renaming(accounts: usize, place: impl Fn(usize) -> usize) -> Renaming {
    let places = (0..16).map(|account| if account < accounts { place(account) } else { account });
    Renaming(places.rev().fold(0, |word, place| word << 4 | place as u64))
}

impl Question<'_> {
    /// All hazards that are looked for.
    pub fn sought(&self) -> impl Iterator<Item = Subject> + '_ {
        let own = (0..self.own.len()).map(Subject::Own);
        self.find.iter().copied().map(Subject::Hazard).chain(own)
    }

    /// The name of what was found.
    #[must_use]
    pub fn name_of(&self, subject: Subject) -> String {
        match subject {
            Subject::Invariant(invariant) => invariant.name().to_owned(),
            Subject::Hazard(hazard) => hazard.to_string(),
            Subject::Own(at) => self.own.get(at).map_or_else(String::new, |own| own.name.clone()),
        }
    }

    /// Refuses names of hazards that could be taken for another's.
    pub(super) fn check_names(&self) -> Result<(), ExploreError> {
        for (at, own) in self.own.iter().enumerate() {
            let name = own.name.as_str();
            let is_known = StateInvariant::ALL.iter().any(|invariant| invariant.name() == name)
                || name.parse::<Hazard>().is_ok();
            let is_twice = self.own.iter().take(at).any(|other| other.name == name);
            if name.is_empty() || is_known || is_twice {
                return Err(ExploreError::OwnName(own.name.clone()));
            }
        }
        Ok(())
    }
}

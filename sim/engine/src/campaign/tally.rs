//! Every result, counted by the depth of the account it is about.

use crate::account::AccountId;
use crate::ledger::Links;
use crate::protocol::Protocol;
use crate::verdict::{Reason, Refusal, Verdict};

/// Depths distinguished: a plain account, one level, two, three, more.
pub const DEPTHS: usize = 5;

const ROWS: usize = 2 + Reason::ALL.len() + Refusal::ALL.len();

/// Counts of results.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tally {
    counts: Vec<[u64; DEPTHS]>,
    /// Modifications put to the ledger: every part that is one, inside an aggregate or not, also in a
    /// transaction that was refused or failed at an earlier part.
    pub modifications: u64,
    /// States met for the first time in their run.
    pub states: u64,
}

impl Default for Tally {
    fn default() -> Self {
        Self { counts: vec![[0; DEPTHS]; ROWS], modifications: 0, states: 0 }
    }
}

fn row(verdict: Verdict) -> usize {
    match verdict {
        Verdict::Accepted => 0,
        Verdict::Pending => 1,
        Verdict::Rejected(reason) => 2 + reason as usize,
        Verdict::Refused(refusal) => 2 + Reason::ALL.len() + refusal as usize,
    }
}

/// All results in the order of the rows.
fn verdicts() -> impl Iterator<Item = Verdict> {
    let reasons = Reason::ALL.into_iter().map(Verdict::Rejected);
    let refusals = Refusal::ALL.into_iter().map(Verdict::Refused);
    [Verdict::Accepted, Verdict::Pending].into_iter().chain(reasons).chain(refusals)
}

impl Tally {
    /// Counts one result at this depth.
    #[inline]
    pub fn count(&mut self, verdict: Verdict, depth: usize) {
        if let Some(cell) = self.counts.get_mut(row(verdict)).and_then(|row| row.get_mut(depth)) {
            *cell += 1;
        }
    }

    /// Adds another tally.
    pub fn add(&mut self, other: &Self) {
        for (own, other) in self.counts.iter_mut().flatten().zip(other.counts.iter().flatten()) {
            *own += other;
        }
        self.modifications += other.modifications;
        self.states += other.states;
    }

    /// Steps counted.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.counts.iter().flatten().sum()
    }

    /// Steps that were executed.
    #[must_use]
    pub fn accepted(&self) -> u64 {
        self.counts.first().map_or(0, |row| row.iter().sum())
    }

    /// How many different results were met.
    #[must_use]
    pub fn results_met(&self) -> u64 {
        self.counts.iter().filter(|row| row.iter().any(|&count| count > 0)).count() as u64
    }

    /// The names of all results under this protocol, in the order of the rows.
    pub fn names(protocol: &Protocol) -> impl Iterator<Item = &'static str> {
        verdicts().map(|verdict| protocol.result_name(verdict))
    }

    /// Every result the protocol can give, with its counts by depth; a refusal only if it came.
    pub fn rows<'t>(
        &'t self,
        protocol: &'t Protocol,
    ) -> impl Iterator<Item = (&'static str, [u64; DEPTHS])> + 't {
        verdicts().zip(&self.counts).filter_map(|(verdict, &counts)| {
            let came = counts.iter().any(|&count| count > 0);
            let native = match verdict {
                Verdict::Rejected(reason) => protocol.reasons().any(|own| own == reason),
                Verdict::Refused(_) => false,
                Verdict::Accepted | Verdict::Pending => true,
            };
            (native || came).then(|| (protocol.result_name(verdict), counts))
        })
    }
}

/// How many levels stand below an account, at most as many as are distinguished.
#[must_use]
pub fn depth(links: &Links, account: AccountId) -> usize {
    fn below(links: &Links, account: AccountId, left: usize) -> usize {
        let mut deepest = 0;
        if left > 0 {
            for &cosignatory in links.cosignatories_of(account) {
                let further = match links.cosignatories_of(cosignatory) {
                    [] => 0,
                    _ => below(links, cosignatory, left - 1),
                };
                deepest = deepest.max(1 + further);
                if deepest == left {
                    break;
                }
            }
        }
        deepest
    }
    below(links, account, DEPTHS - 1)
}

//! One step after another through the ledger, every invariant and the auditor.
//!
//! A [`Trial`] is what the campaign, the shrinker and the coverage-guided targets have in common: it
//! says whether a step went as it should, and if not, what kind of failure it is.

mod compare;
mod failure;

pub use failure::{Failure, FailureKind};

use crate::auditor::{Auditor, Entry};
use crate::invariant::{Invariant, Watch};
use crate::ledger::{Genesis, GenesisError, Ledger};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::scenario::{Act, Step};
use crate::unit::Amount;
use crate::verdict::Verdict;

/// A ledger under watch.
#[derive(Clone, Debug)]
pub struct Trial {
    ledger: Ledger,
    watch: Watch,
    auditor: Option<Auditor>,
}

impl Trial {
    /// Stands a ledger that follows `followed` on a start and judges it by `healthy`.
    ///
    /// # Errors
    /// A start that no chain of transactions could have reached.
    pub fn new(
        healthy: &Protocol,
        followed: Protocol,
        genesis: &Genesis,
        audited: bool,
    ) -> Result<Self, GenesisError> {
        let ledger = Ledger::from_genesis(followed, genesis)?;
        let watch = Watch::new(healthy.clone(), &ledger, false);
        let auditor = audited.then(|| auditor_of(healthy, genesis));
        Ok(Self { ledger, watch, auditor })
    }

    /// Checks these invariants, too, after every step from now on.
    pub fn add(&mut self, invariants: &[Invariant]) {
        invariants.iter().for_each(|&invariant| self.watch.add(invariant));
    }

    /// The ledger as it stands.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// A digest of the accounts as they stand.
    #[must_use]
    pub const fn digest(&self) -> u64 {
        self.watch.digest()
    }

    /// Takes a step and looks at it from all sides.
    ///
    /// # Errors
    /// What is wrong about it: a broken invariant before a disagreement.
    pub fn step(&mut self, step: &Step) -> Result<Verdict, Box<Failure>> {
        let Some(verdict) = step.put_to(&mut self.ledger) else { return Ok(Verdict::Accepted) };
        let other = self.auditor.as_mut().and_then(|auditor| audit(auditor, step));
        let watched = match step.event() {
            Some(event) => self.watch.step(&self.ledger, event, verdict),
            None => Ok(()),
        };
        let judged = self.compare(step, verdict, other);
        match (watched, judged) {
            (Ok(()), Ok(())) => Ok(verdict),
            (Ok(()), Err(failure)) => Err(failure),
            (Err(breach), judged) => {
                let disagrees = judged.is_err();
                Err(Failure::of_breach(breach, self.watch.broken().to_vec(), disagrees))
            }
        }
    }

    /// Looks at everything once more.
    ///
    /// # Errors
    /// An invariant that is broken somewhere.
    pub fn end(&mut self) -> Result<(), Box<Failure>> {
        let ended = self.watch.end(&self.ledger);
        ended.map_err(|breach| {
            let name = breach.invariant;
            Failure::of_breach(breach, vec![name], false)
        })
    }
}

/// Puts a step to the auditor.
fn audit(auditor: &mut Auditor, step: &Step) -> Option<Verdict> {
    Some(match &step.act {
        Act::Transaction => auditor.submit(&step.transaction),
        Act::Block => auditor.submit_block(&step.block),
        Act::Announce(pending) => auditor.announce(*pending, &step.transaction),
        Act::Cosign(pending, signer) => auditor.cosign(*pending, *signer),
        Act::SealBlock(harvester) => auditor.seal_block(*harvester),
        Act::Advance(blocks) => auditor.advance(*blocks),
        Act::RollBack(blocks) => auditor.roll_back(*blocks),
        Act::Lose(_) | Act::Steal(_) | Act::Check(_) => return None,
    })
}

/// The auditor's own world, on the same start.
fn auditor_of(protocol: &Protocol, genesis: &Genesis) -> Auditor {
    let mut auditor = Auditor::new(protocol);
    for &(mosaic, mut definition) in &genesis.definitions {
        let held = genesis.balances.iter().filter(|(_, other, _)| *other == mosaic);
        definition.supply = Amount(held.map(|(_, _, amount)| amount.0).sum());
        auditor.set_definition(mosaic, definition);
    }
    for &(account, mosaic, amount) in &genesis.balances {
        auditor.set_balance(account, mosaic, amount);
    }
    for entry in &genesis.entries {
        let cosignatories = entry.cosignatories.iter().copied().collect();
        let (min_approval, min_removal) = (entry.minima.approval, entry.minima.removal);
        auditor.set_entry(entry.account, Entry { min_approval, min_removal, cosignatories });
    }
    auditor
}

/// The currency and the mosaics that a comparison looks at.
const MOSAICS: [MosaicId; 3] = [MosaicId::CURRENCY, MosaicId(1), MosaicId(2)];

#[cfg(test)]
mod tests;

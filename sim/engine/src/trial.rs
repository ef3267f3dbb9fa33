//! One step after another through the ledger, every invariant and the auditor.
//!
//! A [`Trial`] is what replay, campaign, shrinker and the coverage-guided targets have in common: it
//! says whether a step went as it should, and if not, what kind of failure it is.

mod compare;
mod failure;

pub use failure::{Failure, FailureKind};

use crate::account::{AccountId, PerAccount};
use crate::auditor::{Auditor, Entry};
use crate::invariant::{Invariant, Watch};
use crate::ledger::{Genesis, GenesisError, Ledger};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::scenario::{Act, Step};
use crate::unit::Amount;
use crate::verdict::{Refusal, Verdict};

/// A ledger, under watch or not.
#[derive(Clone, Debug)]
pub struct Trial {
    ledger: Ledger,
    /// Which keys do not sign; none until the first one is lost.
    lost: Option<PerAccount<bool>>,
    checks: Option<Checks>,
}

/// Who looks on.
#[derive(Clone, Debug)]
struct Checks {
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
        let trial = Self::bare(Ledger::from_genesis(followed, genesis)?);
        let mut trial = trial.watched(healthy.clone(), false);
        if let Some(checks) = &mut trial.checks {
            checks.auditor = audited.then(|| auditor_of(healthy, genesis));
        }
        Ok(trial)
    }

    /// A ledger whose steps nothing checks.
    #[must_use]
    pub const fn bare(ledger: Ledger) -> Self {
        Self { ledger, lost: None, checks: None }
    }

    /// Checks every invariant after every step, by this protocol. `thorough`: look at everything every time.
    #[must_use]
    pub fn watched(self, protocol: Protocol, thorough: bool) -> Self {
        let watch = Watch::new(protocol, &self.ledger, thorough);
        Self { checks: Some(Checks { watch, auditor: None }), ..self }
    }

    /// A second trial that stands where this one does, whose steps nothing checks.
    #[must_use]
    pub fn fork(&self) -> Self {
        Self { ledger: self.ledger.clone(), lost: self.lost.clone(), checks: None }
    }

    /// Checks these invariants, too, from the next step on; nothing where no invariant is checked.
    pub fn add(&mut self, invariants: &[Invariant]) {
        let Some(checks) = &mut self.checks else { return };
        invariants.iter().for_each(|&invariant| checks.watch.add(invariant));
    }

    /// From now on these keys do not sign.
    pub fn lose(&mut self, keys: &[AccountId]) {
        let none = || PerAccount::new(self.ledger.state().len());
        let lost = self.lost.get_or_insert_with(none);
        keys.iter().for_each(|&key| lost[key] = true);
    }

    /// The ledger as it stands.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// The ledger, for whoever leaves it as it stands.
    pub(crate) const fn ledger_mut(&mut self) -> &mut Ledger {
        &mut self.ledger
    }

    /// Whether this key does not sign.
    #[must_use]
    pub fn is_lost(&self, key: AccountId) -> bool {
        self.lost.as_ref().is_some_and(|lost| lost[key])
    }

    /// What the invariant of this name states; nothing for a name that none has.
    pub(crate) fn statement(&self, name: &str) -> &'static str {
        self.checks.as_ref().map_or("", |checks| checks.watch.statement(name))
    }

    /// A digest of the accounts as they stand.
    #[must_use]
    pub fn digest(&self) -> u64 {
        self.checks.as_ref().map_or_else(|| self.ledger.state().digest(), |one| one.watch.digest())
    }

    /// Takes a step and looks at it from all sides.
    ///
    /// # Errors
    /// What is wrong about it: a broken invariant before a disagreement.
    pub fn step(&mut self, step: &Step) -> Result<Verdict, Box<Failure>> {
        let Some(verdict) = self.put(step) else { return Ok(Verdict::Accepted) };
        self.judge(step, verdict).map(|()| verdict)
    }

    /// Puts a step to the ledger and looks at nothing; `None` for one that only tells of keys or looks.
    pub fn put(&mut self, step: &Step) -> Option<Verdict> {
        if let Act::Lose(keys) = &step.act {
            self.lose(keys);
        }
        if self.needs_a_lost_key(step) {
            return Some(Verdict::Refused(Refusal::LostKey));
        }
        step.put_to(&mut self.ledger)
    }

    /// Looks from all sides at the step that the ledger just answered ([`Trial::put`]).
    ///
    /// # Errors
    /// As [`Trial::step`].
    pub fn judge(&mut self, step: &Step, verdict: Verdict) -> Result<(), Box<Failure>> {
        let Some(checks) = &mut self.checks else { return Ok(()) };
        let other = match verdict {
            // Who has lost a key does not ask the chain.
            Verdict::Refused(Refusal::LostKey) => None,
            _ => checks.auditor.as_mut().and_then(|auditor| audit(auditor, step)),
        };
        let watched = match step.event() {
            Some(event) => checks.watch.step(&self.ledger, event, verdict),
            None => Ok(()),
        };
        let judged = checks.compare(&self.ledger, step, verdict, other);
        match watched {
            Ok(()) => judged,
            Err(breach) => {
                let broken = checks.watch.broken().to_vec();
                Err(Failure::of_breach(breach, broken, judged.is_err()))
            }
        }
    }

    /// Looks at everything once more.
    ///
    /// # Errors
    /// An invariant that is broken somewhere.
    pub fn end(&mut self) -> Result<(), Box<Failure>> {
        let Some(checks) = &mut self.checks else { return Ok(()) };
        let ended = checks.watch.end(&self.ledger);
        ended.map_err(|breach| {
            let name = breach.invariant;
            Failure::of_breach(breach, vec![name], false)
        })
    }

    fn needs_a_lost_key(&self, step: &Step) -> bool {
        let Some(lost) = &self.lost else { return false };
        let mut transactions = step.transactions().iter();
        let cosigned = matches!(step.act, Act::Cosign(_, signer) if lost[signer]);
        cosigned || transactions.any(|one| one.signatures().any(|signer| lost[signer]))
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

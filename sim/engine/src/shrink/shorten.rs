//! Fewer steps where leaving steps out does not help: one for two, and limits that are reached sooner.

use super::plain::Plain;
use super::{Case, Shrinker};
use crate::protocol::Limit;
use crate::scenario::{Act, Step};
use crate::transaction::{Envelope, Transaction};

/// Limits up to this are tried in any case.
const LIMIT_MAX: u64 = 6;

impl<J: FnMut(&Case) -> Option<usize>, F: FnMut(&Case)> Shrinker<'_, J, F> {
    /// Puts the work of two steps into one wherever the failure allows.
    pub(super) fn merge_steps(&mut self) -> bool {
        let before = self.case.steps.len();
        let mut second = 1;
        while second < self.case.steps.len() && !self.is_stopped() {
            let merges = (0..second).rev().any(|first| self.merges(first, second));
            second += usize::from(!merges);
        }
        self.case.steps.len() < before
    }

    fn merges(&mut self, first: usize, second: usize) -> bool {
        let (Some(one), Some(other)) = (self.case.steps.get(first), self.case.steps.get(second))
        else {
            return false;
        };
        let Some(both) = merged(one, other) else { return false };
        self.adopt(|case| {
            case.steps.remove(second);
            if let Some(place) = case.steps.get_mut(first) {
                *place = both;
            }
        })
    }

    /// Lowers a limit of the protocol where fewer steps then do: to a small number, or to about as many
    /// as there are steps, so that what fills it can be left out bit by bit. Limits that somebody wrote stay.
    pub(super) fn narrow_limits(&mut self) -> bool {
        if self.case.names.is_some() {
            return false;
        }
        let narrowed = [
            Limit::BlockTransactions,
            Limit::Transactions,
            Limit::Cosignatures,
            Limit::Cosignatories,
            Limit::Cosigned,
            Limit::Depth,
        ];
        let steps = self.case.steps.len() as u64;
        let values = (1..=LIMIT_MAX).chain(steps.saturating_sub(1)..=steps + 1);
        narrowed.into_iter().any(|limit| values.clone().any(|value| self.narrows(limit, value)))
    }

    fn narrows(&mut self, limit: Limit, value: u64) -> bool {
        if limit.of(&self.case.protocol.limits) <= value || self.is_stopped() {
            return false;
        }
        let before = self.case.clone();
        let adopted = self.adopt(|case| {
            limit.set(&mut case.protocol.limits, value);
            case.protocol.name = format!("{}-tight", case.wide.name);
        });
        if adopted {
            self.drop_steps();
            if self.case.steps.len() < before.steps.len() {
                return true;
            }
            self.case = before;
        }
        false
    }
}

/// One step that does what two do: an aggregate with the parts of both, an announcement that carries
/// the cosignature already, or time that passes at once.
fn merged(one: &Step, other: &Step) -> Option<Step> {
    match (&one.act, &other.act) {
        (Act::Transaction, Act::Transaction) => {
            let complete = |step: &Step| step.transaction.envelope == Envelope::AggregateComplete;
            let both = complete(one) && complete(other);
            both.then(|| Step::submit(joined(&one.transaction, &other.transaction)))
        }
        (Act::Announce(announced), Act::Cosign(cosigned, signer)) if announced == cosigned => {
            let mut both = one.clone();
            both.transaction.cosignatures.push(*signer);
            Some(both)
        }
        (first, second) => {
            Some(Step::of(Act::Advance(blocks(first)?.checked_add(blocks(second)?)?)))
        }
    }
}

/// How many blocks a step seals that nobody harvests.
const fn blocks(act: &Act) -> Option<u64> {
    match act {
        Act::SealBlock(None) => Some(1),
        Act::Advance(blocks) => Some(*blocks),
        _ => None,
    }
}

/// An aggregate with the parts of both and everybody's signature once.
fn joined(one: &Transaction, other: &Transaction) -> Transaction {
    let mut both = Plain::of(one);
    both.parts.extend(Plain::of(other).parts);
    for signer in other.signatures() {
        if !one.signatures().any(|known| known == signer) {
            both.cosignatures.push(signer);
        }
    }
    both.transaction()
}

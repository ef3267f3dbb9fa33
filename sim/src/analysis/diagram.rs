//! Decision diagrams.

use num_bigint::BigUint;

use super::Budget;
use super::gate::Effect;
use super::policy::Policy;
use super::scaled::Chance;

pub(super) struct Diagram {}

impl Diagram {
    pub fn of(_policy: &Policy, _budget: &Budget) -> Option<Self> {
        None
    }
    pub fn dual(&self) -> Self {
        Self {}
    }
    pub fn effect(&self, _chances: &[Chance]) -> Effect {
        todo!()
    }
    pub fn count(&self, _numbers: &[BigUint], _budget: &Budget) -> Option<BigUint> {
        None
    }
}

pub(super) fn bounds(_policy: &Policy, _chances: &[Chance], _budget: &Budget) -> (Chance, Chance) {
    (Chance::new(0.0), Chance::new(1.0))
}

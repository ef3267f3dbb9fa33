//! Few shared variables under many of one's own.

use num_bigint::BigUint;

use super::Budget;
use super::gate::Effect;
use super::policy::Policy;
use super::scaled::Chance;

pub(super) struct Tree {}

impl Tree {
    pub fn of(_policy: &Policy) -> Self {
        Self {}
    }
    pub fn is_cheaper_than_table(&self) -> bool {
        false
    }
    pub fn effect(&self, _chances: &[Chance]) -> Effect {
        todo!()
    }
    pub fn count(&self, _numbers: &[BigUint], _budget: &Budget) -> Option<BigUint> {
        todo!()
    }
}

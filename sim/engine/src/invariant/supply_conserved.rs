//! No step creates or destroys currency.

use super::{Finding, Scene, broken};
use crate::mosaic::MosaicId;

pub(super) fn check(scene: &Scene<'_>) -> Finding {
    let state = scene.ledger.state();
    let outside = u128::from(state.uncollected().0) + u128::from(state.locked().0);
    let (mut before, mut after) = (scene.before.outside, outside);
    // Who holds what it held adds the same to both sides.
    for &account in scene.moved {
        before += u128::from(scene.before.entry(account).currency);
        after += u128::from(state.balance(account, MosaicId::CURRENCY).0);
    }
    if before == after {
        return Ok(());
    }
    broken(format!("the accounts of this step and all pots held {before} and hold {after}"), &[])
}

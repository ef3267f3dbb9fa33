//! The invariants of every state, recomputed from the packed state and never through the rules.
//!
//! All but that of thresholds speak of links alone, so that they are asked once for all states that
//! share them.

use super::packed::{ACCOUNTS_MAX, LANE_BITS, Packed, all, lane, minima_of, transposed};
use super::symmetry::multisig_set;
use crate::ledger::bits;
use crate::protocol::{Base, Limits};

/// An invariant of a state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateInvariant {
    /// No account is, through others, its own cosignatory.
    NoLoop,
    /// No chain of multisig accounts is longer than the limit.
    Depth,
    /// No account has more cosignatories than the limit.
    CosignatoryLimit,
    /// No account cosigns for more accounts than the limit.
    CosignedLimit,
    /// Thresholds are at least 1 (NIS1: 0) and at most the number of cosignatories; a plain account
    /// has none.
    ThresholdRange,
    /// An account cosigns for exactly those that name it as cosignatory, and all of them exist.
    LinksSymmetric,
}

impl StateInvariant {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::NoLoop,
        Self::Depth,
        Self::CosignatoryLimit,
        Self::CosignedLimit,
        Self::ThresholdRange,
        Self::LinksSymmetric,
    ];

    /// The name used in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::NoLoop => "no-loop",
            Self::Depth => "depth-limit",
            Self::CosignatoryLimit => "cosignatory-limit",
            Self::CosignedLimit => "cosigned-limit",
            Self::ThresholdRange => "threshold-range",
            Self::LinksSymmetric => "links-symmetric",
        }
    }
}

/// The most levels and the most cosigned accounts; NIS1 knows one level and no limit on the others,
/// whatever a protocol of one's own says.
fn limits_of(base: Base, limits: &Limits) -> (u32, u32) {
    match base.has_levels() {
        true => (limits.max_multisig_depth, limits.max_cosigned_accounts_per_account),
        false => (1, u32::MAX),
    }
}

/// The first invariant that a state of so many accounts breaks.
#[must_use]
pub fn broken(
    base: Base,
    limits: &Limits,
    accounts: usize,
    state: Packed,
) -> Option<StateInvariant> {
    broken_links(base, limits, accounts, state.rows).or_else(|| broken_thresholds(base, state))
}

/// The first invariant of links that these, between so many accounts, break.
pub(super) fn broken_links(
    base: Base,
    limits: &Limits,
    accounts: usize,
    rows: u128,
) -> Option<StateInvariant> {
    let columns = transposed(rows);
    let within = |word: u128, most: u32| {
        (0..ACCOUNTS_MAX).all(|account| lane(word, account).count_ones() <= most)
    };
    let (levels_max, cosigned_max) = limits_of(base, limits);
    match height(rows) {
        None => return Some(StateInvariant::NoLoop),
        Some(levels) if levels > levels_max => return Some(StateInvariant::Depth),
        Some(_) => {}
    }
    if !within(rows, limits.max_cosignatories_per_account) {
        return Some(StateInvariant::CosignatoryLimit);
    }
    if !within(columns, cosigned_max) {
        return Some(StateInvariant::CosignedLimit);
    }
    (!links_symmetric(accounts, rows, columns)).then_some(StateInvariant::LinksSymmetric)
}

/// Whether links are such as a search can meet: between the accounts there are, and without a loop.
pub(super) fn is_possible(accounts: usize, rows: u128) -> bool {
    links_symmetric(accounts, rows, transposed(rows)) && height(rows).is_some()
}

/// The longest chain of multisig accounts; `None` where a loop makes it endless.
fn height(rows: u128) -> Option<u32> {
    let mut above = multisig_set(rows);
    let mut levels = 0;
    while above != 0 {
        let stands = |&account: &usize| lane(rows, account) & above != 0;
        let rest = bits(u64::from(above)).filter(stands).fold(0, |set, account| set | 1 << account);
        if rest == above {
            return None;
        }
        above = rest;
        levels += 1;
    }
    Some(levels)
}

/// The invariant of thresholds, if these break it.
#[inline]
pub(super) fn broken_thresholds(base: Base, state: Packed) -> Option<StateInvariant> {
    let (mut rows, mut thresholds) = (state.rows, state.thresholds);
    while rows | thresholds != 0 {
        let count = lane(rows, 0).count_ones();
        let minima = minima_of(lane(thresholds, 0));
        let least = count.min(1);
        let range = least..=count;
        let holds = match base.has_removal_threshold() {
            true => range.contains(&minima.approval) && range.contains(&minima.removal),
            false => minima.approval <= count && minima.removal == 0,
        };
        if !holds {
            return Some(StateInvariant::ThresholdRange);
        }
        (rows, thresholds) = (rows >> LANE_BITS, thresholds >> LANE_BITS);
    }
    None
}

/// Every link is counted once from each side, and none leads out of the accounts there are.
fn links_symmetric(accounts: usize, rows: u128, columns: u128) -> bool {
    let existing = |word: u128| {
        let beyond = word.checked_shr(LANE_BITS * accounts as u32).unwrap_or(0);
        beyond == 0 && (0..accounts).all(|account| lane(word, account) & !all(accounts) == 0)
    };
    let own = (0..accounts).any(|account| lane(rows, account) >> account & 1 == 1);
    rows.count_ones() == columns.count_ones() && existing(rows) && existing(columns) && !own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Minima;
    use crate::protocol::Protocol;

    fn judged(base: Base, change: impl Fn(&mut Limits), state: Packed) -> Option<StateInvariant> {
        let mut limits = Protocol::of_base(base).limits;
        change(&mut limits);
        broken(base, &limits, 4, state)
    }

    const ONE: Minima = Minima { approval: 1, removal: 1 };

    #[test]
    fn each_promise_is_broken_by_its_own_state() {
        let chain = Packed::default().with(0, 0b0010, ONE).with(1, 0b0100, ONE);
        let none = |_: &mut Limits| {};
        assert_eq!(judged(Base::Symbol, none, chain), None);
        let looped = chain.with(2, 0b0001, ONE);
        assert_eq!(judged(Base::Symbol, none, looped), Some(StateInvariant::NoLoop));
        let low = |limits: &mut Limits| limits.max_multisig_depth = 1;
        assert_eq!(judged(Base::Symbol, low, chain), Some(StateInvariant::Depth));
        let wide = Packed::default().with(0, 0b0110, ONE);
        let few = |limits: &mut Limits| limits.max_cosignatories_per_account = 1;
        assert_eq!(judged(Base::Symbol, few, wide), Some(StateInvariant::CosignatoryLimit));
        let busy = Packed::default().with(0, 0b0100, ONE).with(1, 0b0100, ONE);
        let once = |limits: &mut Limits| limits.max_cosigned_accounts_per_account = 1;
        assert_eq!(judged(Base::Symbol, once, busy), Some(StateInvariant::CosignedLimit));
        let high = Packed::default().with(0, 0b0110, Minima { approval: 3, removal: 1 });
        assert_eq!(judged(Base::Symbol, none, high), Some(StateInvariant::ThresholdRange));
        let zero = Packed::default().with(0, 0b0110, Minima { approval: 0, removal: 1 });
        assert_eq!(judged(Base::Symbol, none, zero), Some(StateInvariant::ThresholdRange));
        let left_over = Packed { rows: 0, thresholds: 0x11 };
        assert_eq!(judged(Base::Symbol, none, left_over), Some(StateInvariant::ThresholdRange));
        let nobody = Packed::default().with(0, 0b1_0000, ONE);
        assert_eq!(judged(Base::Symbol, none, nobody), Some(StateInvariant::LinksSymmetric));
        let all = Packed::default().with(0, 0b0110, Minima { approval: 0, removal: 0 });
        assert_eq!(judged(Base::Nis1, none, all), None);
    }
}

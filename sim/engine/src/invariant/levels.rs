//! A tree of accounts level by level, downwards or upwards, with nothing allocated where levels are narrow.

use smallvec::SmallVec;

use crate::account::AccountId;

/// Some accounts, each once.
pub(super) type Level = SmallVec<[AccountId; 16]>;

/// The accounts one level further on than these.
pub(super) fn beyond<'l>(
    level: &[AccountId],
    next: impl Fn(AccountId) -> &'l [AccountId],
) -> Level {
    let mut beyond = Level::new();
    level.iter().for_each(|&account| beyond.extend_from_slice(next(account)));
    beyond.sort_unstable();
    beyond.dedup();
    beyond
}

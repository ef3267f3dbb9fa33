//! Which accounts are multisig.

use crate::account::AccountId;

/// The accounts that are multisig, enumerable in order without looking at the others.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster {
    words: Vec<u64>,
    summary: Vec<u64>,
    pub(super) count: usize,
}

impl Roster {
    pub(super) fn new(count: usize) -> Self {
        let words = count.div_ceil(64);
        Self { words: vec![0; words], summary: vec![0; words.div_ceil(64)], count: 0 }
    }

    pub(super) fn set(&mut self, account: AccountId, present: bool) {
        let (word, bit) = (account.index() / 64, 1u64 << (account.index() % 64));
        let Some(slot) = self.words.get_mut(word) else { return };
        if (*slot & bit != 0) == present {
            return;
        }
        *slot ^= bit;
        self.count = if present { self.count + 1 } else { self.count - 1 };
        let occupied = *slot != 0;
        if let Some(summary) = self.summary.get_mut(word / 64) {
            let bit = 1u64 << (word % 64);
            *summary = if occupied { *summary | bit } else { *summary & !bit };
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = AccountId> + '_ {
        self.summary.iter().enumerate().flat_map(move |(upper, &summary)| {
            bits(summary).flat_map(move |lower| {
                let word = upper * 64 + lower;
                let occupied = self.words.get(word).copied().unwrap_or(0);
                bits(occupied).map(move |bit| AccountId((word * 64 + bit) as u32))
            })
        })
    }
}

/// The positions of the set bits, ascending.
pub fn bits(mut word: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        if word == 0 {
            return None;
        }
        let bit = word.trailing_zeros() as usize;
        word &= word - 1;
        Some(bit)
    })
}

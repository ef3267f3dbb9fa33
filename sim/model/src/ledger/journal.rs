//! Undo: what every write found before it, kept as far back as the horizon.
//!
//! Going back restores saved copies in reverse order; nothing is ever computed backwards. (The
//! servers' inverse operations lost thresholds of dissolved accounts and old values of absolute
//! settings; a saved copy cannot.)

use std::collections::VecDeque;

use super::links::Minima;
use super::pending::{Lock, Waiting};
use crate::account::AccountId;
use crate::mosaic::{Definition, MosaicId};
use crate::protocol::conduct::{Conduct, MinimaUndo};
use crate::transaction::PendingId;

/// What was there before one write.
#[derive(Clone, Debug)]
pub(super) enum Record {
    /// The link was absent.
    Linked { multisig: AccountId, cosignatory: AccountId },
    /// The link was present.
    Unlinked { multisig: AccountId, cosignatory: AccountId },
    /// The account's thresholds.
    Minima { account: AccountId, before: Minima },
    /// The account's balance of the currency.
    Currency { account: AccountId, before: u64 },
    /// The content of a slot of other mosaics' balances.
    Holding { slot: u32, before: u64 },
    /// Currency not yet collected.
    Uncollected { before: u64 },
    /// Currency held by hash locks.
    Locked { before: u64 },
    /// The open block's counters.
    Counters { transactions: u32, conflicting: bool },
    /// A stamp of the open block: of a signer, or of a modified account.
    Stamp { account: AccountId, signed: bool, before: u32 },
    /// Something seldom and large.
    Rare(Box<Rare>),
}

/// What was there before a seldom write.
#[derive(Clone, Debug)]
pub(super) enum Rare {
    /// A mosaic's definition.
    Definition { mosaic: MosaicId, before: Option<Definition> },
    /// A hash lock.
    Lock { pending: PendingId, before: Option<Lock> },
    /// The height at which an identity was executed.
    Executed { id: PendingId, before: u64 },
    /// A waiting transaction.
    Waiting { pending: PendingId, before: Option<Waiting> },
}

/// Where a sealed block's records begin.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mark {
    /// Number of records ever written when the block was opened.
    pub records: u64,
    /// The block's height.
    pub height: u64,
}

/// The records of the last blocks.
#[derive(Clone, Debug, Default)]
pub(super) struct Journal {
    records: Vec<Record>,
    /// Number of records that stood before the first one kept.
    dropped: u64,
    /// The beginnings of the sealed blocks that can be rolled back, oldest first.
    blocks: VecDeque<Mark>,
    /// Whether the open block's beginning is still kept.
    open_start: u64,
    horizon_blocks: usize,
    /// How going back goes about it.
    pub conduct: Conduct,
}

/// Most records kept; where a block holds more, the horizon shrinks (16 bytes each).
const RECORDS_MAX: usize = 1 << 21;

impl Journal {
    pub(super) fn new(horizon_blocks: usize, conduct: Conduct) -> Self {
        Self { horizon_blocks, conduct, ..Self::default() }
    }

    /// Makes the records above `end` ready to be taken off one by one, newest first.
    pub(super) fn prepare_undo(&mut self, end: u64) {
        if self.conduct.undo_newest_first {
            return;
        }
        let from = end.saturating_sub(self.dropped) as usize;
        if let Some(records) = self.records.get_mut(from..) {
            records.reverse();
        }
    }

    /// The thresholds that come back: `now` stands, `before` was saved.
    pub(super) fn minima_undone(&self, now: Minima, before: Minima) -> Minima {
        match self.conduct.minima_undo {
            MinimaUndo::Saved => before,
            MinimaUndo::LostOnDissolution if now == Minima::default() => now,
            MinimaUndo::LostOnDissolution => before,
            MinimaUndo::Never => now,
        }
    }

    #[inline]
    pub(super) fn push(&mut self, record: Record) {
        self.records.push(record);
    }

    /// The present end, to come back to.
    #[inline]
    pub(super) fn end(&self) -> u64 {
        self.dropped + self.records.len() as u64
    }

    /// Takes off the newest record unless the journal already ends at `end`.
    pub(super) fn pop_above(&mut self, end: u64) -> Option<Record> {
        if self.end() > end { self.records.pop() } else { None }
    }

    /// Closes the open block of `height`.
    pub(super) fn seal(&mut self, height: u64) {
        self.blocks.push_back(Mark { records: self.open_start, height });
        if self.blocks.len() > self.horizon_blocks {
            self.blocks.pop_front();
        }
        self.open_start = self.end();
        let kept_from = self.blocks.front().map_or(self.open_start, |mark| mark.records);
        let surplus = kept_from.saturating_sub(self.dropped) as usize;
        if surplus > 1024 && surplus > self.records.len() / 2 {
            self.drop_front(surplus);
        }
    }

    fn drop_front(&mut self, count: usize) {
        let count = count.min(self.records.len());
        self.records.drain(..count);
        self.dropped += count as u64;
    }

    /// Makes room between two steps: an endless open block may not eat the memory.
    #[inline]
    pub(super) fn trim(&mut self) {
        if self.records.len() >= RECORDS_MAX {
            self.drop_front(RECORDS_MAX / 2);
            let dropped = self.dropped;
            self.blocks.retain(|mark| mark.records >= dropped);
        }
    }

    /// The beginning of the open block, if it is still kept.
    pub(super) fn open_start(&self) -> Option<u64> {
        (self.open_start >= self.dropped).then_some(self.open_start)
    }

    /// What the open block wrote, oldest first, as far as it is kept.
    pub(super) fn open_records(&self) -> &[Record] {
        let from = self.open_start.saturating_sub(self.dropped) as usize;
        self.records.get(from..).unwrap_or_default()
    }

    /// Forgets the last `blocks` sealed blocks and tells where the oldest of them began; 0 means the
    /// open block. `None` beyond the horizon; then nothing is forgotten.
    pub(super) fn reopen(&mut self, blocks: u64) -> Option<Mark> {
        let kept = (self.blocks.len() as u64).checked_sub(blocks)? as usize;
        let mark = match self.blocks.get(kept) {
            Some(&mark) => mark,
            None => Mark { records: self.open_start, height: u64::MAX },
        };
        if mark.records < self.dropped {
            return None;
        }
        self.blocks.truncate(kept);
        self.open_start = mark.records;
        Some(mark)
    }

    /// Forgets all sealed blocks: what comes next lies more than a horizon ahead.
    pub(super) fn forget(&mut self) {
        self.blocks.clear();
        self.dropped += self.records.len() as u64;
        self.records.clear();
        self.open_start = self.dropped;
    }

    /// Number of sealed blocks that are kept at most.
    pub(super) fn horizon(&self) -> usize {
        self.horizon_blocks
    }

    /// Number of sealed blocks that can be rolled back.
    pub(super) fn blocks(&self) -> usize {
        self.blocks.len()
    }

    /// Bytes in use.
    pub(super) fn bytes(&self) -> usize {
        self.records.capacity() * size_of::<Record>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_16_bytes() {
        assert_eq!(size_of::<Record>(), 16);
    }

    #[test]
    fn the_horizon_is_kept_and_the_rest_dropped() {
        let mut journal = Journal::new(2, Conduct::default());
        for height in 1..=2000 {
            for _ in 0..10 {
                journal.push(Record::Uncollected { before: height });
            }
            journal.seal(height);
        }
        assert!(journal.records.len() < 3000, "{} records kept", journal.records.len());
        assert!(journal.reopen(3).is_none());
        assert_eq!(journal.reopen(2).map(|mark| mark.height), Some(1999));
    }

    /// As many records as are kept, and one block more: what is dropped is no block to come back to.
    #[test]
    fn beyond_the_most_records_the_horizon_shrinks() {
        let mut journal = Journal::new(10, Conduct::default());
        let block = |journal: &mut Journal, height: u64, records: usize| {
            (0..records).for_each(|_| journal.push(Record::Uncollected { before: height }));
            journal.seal(height);
        };
        let half = RECORDS_MAX / 2;
        block(&mut journal, 1, half);
        block(&mut journal, 2, half - 1);
        journal.trim();
        assert_eq!(
            (journal.blocks(), journal.end()),
            (2, RECORDS_MAX as u64 - 1),
            "one is missing"
        );
        block(&mut journal, 3, 1);
        journal.trim();
        // The first block is gone; the second begins with the first record that is kept.
        assert_eq!((journal.blocks(), journal.end()), (2, RECORDS_MAX as u64));
        assert_eq!(journal.records.len(), half);
        assert!(journal.blocks.iter().map(|mark| mark.height).eq([2, 3]));
        assert!(journal.reopen(3).is_none() && journal.open_start().is_some());
        assert_eq!(
            journal.reopen(2).map(|mark| (mark.height, mark.records)),
            Some((2, half as u64))
        );
        // An open block without an end loses its own beginning.
        (0..2 * RECORDS_MAX).for_each(|_| {
            journal.push(Record::Uncollected { before: 4 });
            journal.trim();
        });
        assert!(journal.records.len() <= RECORDS_MAX && journal.open_start().is_none());
        assert!(journal.reopen(0).is_none());
    }
}

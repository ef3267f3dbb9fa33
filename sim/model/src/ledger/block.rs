//! What the NIS1 block validators ask of the open block.

use crate::account::{AccountId, PerAccount};

/// Counters and stamps of the open block. A stamp equal to `serial` means "in this
/// block".
#[derive(Clone, Debug, Default)]
pub(super) struct OpenBlock {
    serial: u32,
    /// Transactions so far, inner ones and signatures counted.
    pub transactions: u32,
    /// Whether one account was modified twice.
    pub conflicting: bool,
    signed: PerAccount<u32>,
    modified: PerAccount<u32>,
}

impl OpenBlock {
    pub fn new(accounts: usize) -> Self {
        let (signed, modified) = (PerAccount::new(accounts), PerAccount::new(accounts));
        Self { serial: 1, signed, modified, ..Self::default() }
    }

    pub fn begin(&mut self) {
        self.transactions = 0;
        self.conflicting = false;
        self.serial = self.serial.wrapping_add(1);
        if self.serial == 0 {
            self.signed.0.fill(0);
            self.modified.0.fill(0);
            self.serial = 1;
        }
    }

    /// Begins to count for a block of its own; what was counted so far is handed out.
    pub fn suspend(&mut self) -> (u32, u32, bool) {
        let counted = (self.serial, self.transactions, self.conflicting);
        self.begin();
        counted
    }

    /// Counts on where [`OpenBlock::suspend`] stopped.
    pub fn resume(&mut self, (serial, transactions, conflicting): (u32, u32, bool)) {
        self.serial = serial;
        self.transactions = transactions;
        self.conflicting = conflicting;
    }

    /// Whether the account signed a top-level transaction of this block.
    pub fn has_signed(&self, account: AccountId) -> bool {
        self.signed[account] == self.serial
    }

    /// Notes a top-level signer; returns the stamp it had.
    pub fn sign(&mut self, account: AccountId) -> u32 {
        std::mem::replace(&mut self.signed[account], self.serial)
    }

    /// Notes a modified account; returns the stamp it had.
    pub fn modify(&mut self, account: AccountId) -> u32 {
        let before = std::mem::replace(&mut self.modified[account], self.serial);
        self.conflicting |= before == self.serial;
        before
    }

    /// Puts a stamp back.
    pub fn restore(&mut self, account: AccountId, signed: bool, stamp: u32) {
        let stamps = if signed { &mut self.signed } else { &mut self.modified };
        stamps[account] = stamp;
    }
}

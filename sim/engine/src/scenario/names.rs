//! The names of a scenario: accounts are fixed by the header, mosaics and waiting transactions are
//! numbered as they come.

use hashbrown::HashMap;

use crate::account::{AccountId, Accounts};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::transaction::PendingId;

/// Words numbered in the order in which they first occur.
#[derive(Clone, Debug, Default)]
pub struct Words {
    index: HashMap<Box<str>, u32, foldhash::fast::FixedState>,
    list: Vec<Box<str>>,
}

impl Words {
    /// The number of a word that occurred.
    #[must_use]
    pub fn find(&self, word: &str) -> Option<u32> {
        self.index.get(word).copied()
    }

    /// The number of a word, given now if it is new.
    pub fn number(&mut self, word: &str) -> u32 {
        if let Some(number) = self.find(word) {
            return number;
        }
        let number = self.list.len() as u32;
        self.list.push(word.into());
        self.index.insert(word.into(), number);
        number
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> usize {
        self.list.len()
    }

    /// The word of a number.
    #[must_use]
    pub fn word(&self, number: u32) -> &str {
        self.list.get(number as usize).map_or("", |word| word)
    }
}

/// All names of one scenario.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// The accounts.
    pub accounts: Accounts,
    mosaics: Words,
    pending: Words,
}

/// Words that always mean the currency unless the scenario defines a mosaic of that name.
const CURRENCY_WORDS: [&str; 4] = ["xem", "xym", "cat.currency", "currency"];

impl Names {
    /// The names of a scenario under this protocol.
    #[must_use]
    pub fn new(accounts: Accounts, protocol: &Protocol) -> Self {
        let mut mosaics = Words::default();
        mosaics.number(protocol.currency);
        Self { accounts, mosaics, pending: Words::default() }
    }

    /// The same names, but of these accounts alone, ascending and each once: the first is number 0.
    #[must_use]
    pub fn of_accounts(self, used: &[AccountId]) -> Self {
        let labels: Vec<&str> = used.iter().map(|&one| self.accounts.label(one)).collect();
        // Labels of one scenario are different and not empty, and stay in order.
        let accounts = Accounts::new(&labels).unwrap_or_default();
        Self { accounts, ..self }
    }

    /// The mosaic of this name, numbered now if it is new.
    pub fn mosaic(&mut self, name: &str) -> MosaicId {
        match self.mosaics.find(name) {
            Some(number) => MosaicId(number),
            None if CURRENCY_WORDS.contains(&name) => MosaicId::CURRENCY,
            None => MosaicId(self.mosaics.number(name)),
        }
    }

    /// Numbers a mosaic that the scenario defines, even under a name that else means the currency.
    pub fn define_mosaic(&mut self, name: &str) -> MosaicId {
        MosaicId(self.mosaics.number(name))
    }

    /// The name of a mosaic.
    #[must_use]
    pub fn mosaic_name(&self, mosaic: MosaicId) -> &str {
        self.mosaics.word(mosaic.0)
    }

    /// The waiting transaction of this name, numbered now if it is new.
    pub fn pending(&mut self, name: &str) -> PendingId {
        PendingId(self.pending.number(name))
    }

    /// Number of waiting transactions that have a name so far; their ids are below it.
    #[must_use]
    pub fn pending_count(&self) -> usize {
        self.pending.count()
    }

    /// The name of a waiting transaction.
    #[must_use]
    pub fn pending_name(&self, pending: PendingId) -> &str {
        self.pending.word(pending.0)
    }
}

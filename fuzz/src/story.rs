//! Bytes into a story: a world and its steps.
//!
//! Bytes that begin with `{` are a scenario file, so that seeds can be read and written by hand. All
//! others are decisions, a byte each: which preset, then one step after another until they are spent.
//! The worlds are small and dense: eight accounts, a few names a list, thresholds near zero.

use std::io::Cursor;

use quorate::account::{AccountId, Accounts};
use quorate::ledger::Genesis;
use quorate::mosaic::MosaicId;
use quorate::protocol::{Base, PRESETS, Protocol};
use quorate::scenario::record::StepRecord;
use quorate::scenario::{Act, Header, Layout, Names, Step, open_reader, source, write};
use quorate::transaction::{Body, Envelope, HashLock, PendingId, Transaction};
use quorate::unit::Amount;

/// Number of accounts in every world.
const ACCOUNTS: u8 = 8;
/// What every account holds at the start.
const BALANCE: u64 = 1_000_000_000_000;
/// Most steps of a story.
const STEPS_MAX: usize = 64;

/// The story of these bytes; `None` if they are too few, or a scenario that cannot be read.
#[must_use]
pub fn story(bytes: &[u8]) -> Option<(Header, Vec<Step>)> {
    if bytes.starts_with(b"{") {
        return written(bytes);
    }
    let mut choices = Choices(bytes);
    let mut header = choices.header()?;
    let mut steps = Vec::new();
    while steps.len() < STEPS_MAX
        && let Some(step) = choices.step(&mut header)
    {
        steps.push(step);
    }
    Some((header, steps))
}

/// The story as a scenario file.
///
/// # Panics
/// If the story cannot be written, which no story should do.
#[must_use]
pub fn document(header: &Header, steps: &[Step]) -> String {
    let base = header.protocol.base;
    let records: Vec<StepRecord<'_>> =
        steps.iter().map(|step| write::step(&header.names, base, step)).collect();
    let document = write::document(header, &records);
    document.unwrap_or_else(|error| panic!("cannot be written: {error}"))
}

fn written(bytes: &[u8]) -> Option<(Header, Vec<Step>)> {
    let source = source(Cursor::new(bytes.to_vec()));
    let (mut header, mut steps) = open_reader("seed", source, Layout::Json).ok()?;
    let mut all = Vec::new();
    loop {
        let mut step = Step::default();
        match steps.next(&mut header, &mut step).ok()? {
            Some(_) => all.push(step),
            None => return Some((header, all)),
        }
    }
}

/// Decisions that bytes make, one a byte.
struct Choices<'a>(&'a [u8]);

impl Choices<'_> {
    /// A number below `count`; `None` when the bytes are spent.
    fn below(&mut self, count: u8) -> Option<u8> {
        let (&first, rest) = self.0.split_first()?;
        self.0 = rest;
        first.checked_rem(count)
    }

    fn account(&mut self) -> Option<AccountId> {
        self.below(ACCOUNTS).map(|number| AccountId(u32::from(number)))
    }

    /// A few accounts; the eight bits of one byte tell which.
    fn accounts(&mut self) -> Option<Vec<AccountId>> {
        let mask = self.below(u8::MAX)?;
        let chosen = (0..ACCOUNTS).filter(|number| mask >> number & 1 == 1);
        Some(chosen.map(|number| AccountId(u32::from(number))).collect())
    }

    fn header(&mut self) -> Option<Header> {
        let preset = self.below(PRESETS.len() as u8)?;
        let (name, _) = PRESETS.get(usize::from(preset))?;
        let protocol = Protocol::preset(name)?;
        let labels: Vec<String> = (0..ACCOUNTS).map(|number| format!("a{number}")).collect();
        let names = Names::new(Accounts::new(&labels).ok()?, &protocol);
        let mut genesis = Genesis::of_accounts(usize::from(ACCOUNTS));
        let balance = |account| (account, MosaicId::CURRENCY, Amount(BALANCE));
        genesis.balances.extend(names.accounts.ids().map(balance));
        let (name, description) = (String::new(), String::new());
        Some(Header { name, description, protocol, names, genesis, lost: vec![], stolen: vec![] })
    }

    fn step(&mut self, header: &mut Header) -> Option<Step> {
        let base = header.protocol.base;
        Some(match self.below(16)? {
            0..=9 => Step::submit(self.transaction(base)?),
            10 => Step::of(Act::SealBlock(Some(self.account()?))),
            11 => Step::of(Act::Advance(u64::from(self.below(200)?))),
            12 => Step::of(Act::RollBack(u64::from(self.below(5)?))),
            13 => Step::of(Act::Cosign(self.pending(header)?, self.account()?)),
            14 if base != Base::Nis1 => self.bonded(header)?,
            14 => {
                let act = Act::Announce(self.pending(header)?);
                Step { act, transaction: self.transaction(base)?, ..Step::default() }
            }
            _ => {
                let inner = (0..self.below(4)?).map(|_| self.transaction(base));
                let block = inner.collect::<Option<Vec<_>>>()?;
                Step { act: Act::Block, block, ..Step::default() }
            }
        })
    }

    /// A hash lock, or an aggregate that waits under one.
    fn bonded(&mut self, header: &mut Header) -> Option<Step> {
        let pending = self.pending(header)?;
        if self.below(2)? == 1 {
            let mut transaction = self.transaction(header.protocol.base)?;
            transaction.envelope = Envelope::AggregateBonded;
            return Some(Step { act: Act::Announce(pending), transaction, ..Step::default() });
        }
        let payer = self.account()?;
        let amount = Amount(header.protocol.limits.hash_lock_amount);
        let mut lock = Transaction::new(Envelope::Bare, payer);
        lock.push(payer, Body::HashLock(HashLock { pending, amount, duration_blocks: 100 }));
        Some(Step::submit(lock))
    }

    fn pending(&mut self, header: &mut Header) -> Option<PendingId> {
        let number = self.below(4)?;
        Some(header.names.pending(&format!("p{number}")))
    }

    fn transaction(&mut self, base: Base) -> Option<Transaction> {
        let signer = self.account()?;
        let wrapped = self.below(8)? > 0;
        let envelope = match (base, wrapped) {
            (_, false) => Envelope::Bare,
            (Base::Nis1, true) => Envelope::Multisig,
            (_, true) => Envelope::AggregateComplete,
        };
        let mut transaction = Transaction::new(envelope, signer);
        let parts = match envelope {
            Envelope::AggregateComplete => self.below(3)? + 1,
            _ => 1,
        };
        if wrapped {
            transaction.cosignatures = self.accounts()?;
            transaction.cosignatures.retain(|&cosignatory| cosignatory != signer);
        }
        for _ in 0..parts {
            let owner = if wrapped { self.account()? } else { signer };
            self.part(&mut transaction, owner)?;
        }
        Some(transaction)
    }

    fn part(&mut self, transaction: &mut Transaction, owner: AccountId) -> Option<()> {
        if self.below(4)? == 0 {
            let amount = Amount(u64::from(self.below(100)?));
            transaction.push_transfer(owner, self.account()?, amount);
            return Some(());
        }
        let mut delta = || self.below(8).map(|number| i32::from(number) - 3);
        let deltas = (delta()?, delta()?);
        let (additions, deletions) = match self.below(4)? {
            0 => (Vec::new(), vec![self.account()?]),
            1 => (self.accounts()?, self.accounts()?),
            _ => (self.accounts()?, Vec::new()),
        };
        transaction.push_modification(owner, deltas, &additions, &deletions);
        Some(())
    }
}

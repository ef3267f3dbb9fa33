//! One step after another, each with an eye on the ledger.

use super::identity::Known;
use super::world::{Weights, World};
use crate::account::AccountId;
use crate::choice::Choices;
use crate::ledger::{BitMarks, Ledger, Links};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::scenario::{Act, Step};
use crate::transaction::{
    Body, Envelope, MosaicDefinition, MosaicSupplyChange, PendingId, Transaction, Transfer,
};
use crate::unit::{Amount, Span};

/// Draws steps.
#[derive(Clone, Debug)]
pub struct Sequence {
    pub(super) protocol: Protocol,
    pub(super) weights: Weights,
    weights_total: u32,
    pub(super) accounts: u32,
    hot: u32,
    /// The next number of a transaction that waits or may come again.
    pub(super) pending: u32,
    /// The last hash lock that no aggregate was announced for, and the height it was drawn at.
    pub(super) locked: Option<(PendingId, u64)>,
    /// What was drawn under each number: the same number is the same transaction.
    pub(super) known: Known,
    /// Who has to sign what is being drawn.
    pub(super) signers: Vec<AccountId>,
    /// The same, as marks.
    pub(super) signing: BitMarks,
}

/// NIS1: a message costs one unit more for every so many bytes.
const MESSAGE_UNIT_BYTES: usize = 32;

/// No run numbers more transactions than this.
pub(super) const PENDING_MAX: u32 = 48;

impl Sequence {
    /// A sequence in this world.
    #[must_use]
    pub fn new(world: &World) -> Self {
        Self {
            protocol: world.protocol.clone(),
            weights: world.weights,
            weights_total: world.weights.total(),
            accounts: world.genesis.accounts as u32,
            hot: world.hot,
            pending: 0,
            locked: None,
            known: Known::default(),
            signers: Vec::new(),
            signing: BitMarks::default(),
        }
    }

    /// How many transactions were numbered so far.
    #[must_use]
    pub const fn pending_count(&self) -> u32 {
        self.pending
    }

    /// Draws the next step into `step`, keeping its memory.
    pub fn next(&mut self, choices: &mut impl Choices, ledger: &Ledger, step: &mut Step) {
        let links = ledger.state().links();
        let weights = self.weights;
        let mut left = choices.below(self.weights_total);
        let mut falls = |weight: u8| {
            let weight = u32::from(weight);
            let here = left < weight;
            left = left.wrapping_sub(weight);
            here
        };
        let transaction = &mut step.transaction;
        step.act = Act::Transaction;
        if falls(weights.modify) {
            self.modify(choices, links, transaction);
        } else if falls(weights.spend) {
            self.spend(choices, ledger, transaction);
        } else if falls(weights.plain) {
            self.plain(choices, ledger, transaction);
        } else if falls(weights.wait) {
            self.wait(choices, ledger, step);
        } else if falls(weights.seal) {
            step.act = self.seal(choices);
        } else if falls(weights.roll_back) {
            step.act = Act::RollBack(self.roll_back(choices, ledger));
        } else if falls(weights.block) {
            self.block(choices, ledger, step);
        } else {
            self.absurd(choices, links, transaction);
        }
        if step.act == Act::Transaction {
            self.number(choices, &mut step.transaction);
        }
    }

    /// Any account, a hot one mostly.
    #[inline]
    pub(super) fn account(&self, choices: &mut impl Choices) -> AccountId {
        let of = if choices.chance(208) { self.hot } else { self.accounts };
        AccountId(choices.below(of))
    }

    /// A multisig account if a few looks find one, else any.
    pub(super) fn multisig(&self, choices: &mut impl Choices, links: &Links) -> AccountId {
        let mut account = self.account(choices);
        for _ in 0..3 {
            if !links.cosignatories_of(account).is_empty() {
                break;
            }
            account = self.account(choices);
        }
        account
    }

    /// Whether something that is done to modifications in this run is done to this one.
    #[inline]
    pub(super) fn bends(&self, choices: &mut impl Choices) -> bool {
        choices.chance(self.weights.bend)
    }

    /// Whether this set of signatures is bent.
    #[inline]
    pub(super) fn forges(&self, choices: &mut impl Choices) -> bool {
        choices.chance(self.weights.forge)
    }

    /// A number for a transaction that was not used yet, as long as there are any.
    pub(super) fn fresh_pending(&mut self) -> PendingId {
        let id = PendingId(self.pending.min(PENDING_MAX - 1));
        self.pending = (self.pending + 1).min(PENDING_MAX);
        id
    }

    /// A transfer on behalf of a multisig account.
    fn spend(
        &mut self,
        choices: &mut impl Choices,
        ledger: &Ledger,
        transaction: &mut Transaction,
    ) {
        let links = ledger.state().links();
        transaction.reset(self.protocol.base.signed_envelope(), AccountId(0));
        let parts = if self.protocol.base.has_aggregates() { 1 + choices.below(2) } else { 1 };
        for _ in 0..parts {
            let account = self.multisig(choices, links);
            self.transfer(choices, ledger, transaction, account);
        }
        self.sign(choices, links, transaction);
    }

    /// A part that moves something.
    pub(super) fn transfer(
        &self,
        choices: &mut impl Choices,
        ledger: &Ledger,
        transaction: &mut Transaction,
        sender: AccountId,
    ) {
        let recipient = if choices.chance(48) { sender } else { self.account(choices) };
        let held = ledger.state().balance(sender, MosaicId::CURRENCY).0;
        let amount = match choices.below(8) {
            0 => 0,
            1 => held,
            2 => held.saturating_add(1),
            3 => held / 2,
            _ => u64::from(choices.below(100_000)),
        };
        let start = transaction.amounts.len();
        let mosaics = choices.below(8);
        if mosaics != 1 {
            transaction.amounts.push((MosaicId::CURRENCY, Amount(amount)));
        }
        if mosaics < 2 {
            let mosaic = MosaicId(1 + choices.below(2));
            let held = ledger.state().balance(sender, mosaic).0;
            let amount = match choices.below(6) {
                0 => held,
                1 => held / 2,
                2 => held / 1_000,
                _ => u64::from(choices.below(20)),
            };
            transaction.amounts.push((mosaic, Amount(amount)));
        }
        let amounts = Span::between(start, transaction.amounts.len());
        let message = self.message(choices, transaction);
        transaction.push(sender, Body::Transfer(Transfer { recipient, amounts, message }));
    }

    /// A message that is seldom there, and then about as long as the limit or as a unit of the fee.
    fn message(&self, choices: &mut impl Choices, transaction: &mut Transaction) -> Span {
        let start = transaction.text.len();
        let longest = self.protocol.limits.max_message_bytes as usize;
        let about = match choices.below(40) {
            0 | 1 => longest.min(2_000) + 1,
            2 => MESSAGE_UNIT_BYTES + 1,
            3 => 2 * MESSAGE_UNIT_BYTES,
            _ => return Span::default(),
        };
        let bytes = about.saturating_sub(choices.below(3) as usize);
        transaction.text.extend(std::iter::repeat_n('m', bytes));
        Span::between(start, transaction.text.len())
    }

    /// A bare transfer or a mosaic's definition or supply.
    fn plain(
        &mut self,
        choices: &mut impl Choices,
        ledger: &Ledger,
        transaction: &mut Transaction,
    ) {
        let signer = self.account(choices);
        transaction.reset(Envelope::Bare, signer);
        let mosaic = MosaicId(choices.below(3));
        match choices.below(6) {
            0 => {
                let (supply_mutable, transferable) = (choices.chance(128), choices.chance(128));
                let divisibility = choices.below(7) as u8;
                let body = MosaicDefinition { mosaic, divisibility, supply_mutable, transferable };
                transaction.push(signer, Body::MosaicDefinition(body));
            }
            1 => {
                let (increase, delta) = (choices.chance(128), Amount(choices.below(50).into()));
                let body = MosaicSupplyChange { mosaic, increase, delta };
                transaction.push(signer, Body::MosaicSupplyChange(body));
            }
            _ => self.transfer(choices, ledger, transaction, signer),
        }
    }

    pub(super) fn seal(&self, choices: &mut impl Choices) -> Act {
        match choices.below(16) {
            0..4 => Act::SealBlock(None),
            4..7 => Act::Advance(u64::from(choices.below(5))),
            7 => Act::Advance(self.long_time(choices)),
            _ => Act::SealBlock(Some(self.account(choices))),
        }
    }

    /// About as long as an older era remembers a hash lock that has ended.
    fn long_time(&self, choices: &mut impl Choices) -> u64 {
        let remembered = match self.protocol.base.has_ordered_changes() {
            true => self.protocol.limits.max_rollback_blocks.min(100),
            false => 0,
        };
        remembered.saturating_sub(4).saturating_add(u64::from(choices.below(8)))
    }

    fn roll_back(&self, choices: &mut impl Choices, ledger: &Ledger) -> u64 {
        let kept = ledger.horizon_blocks() as u64;
        match choices.below(16) {
            0 => kept + 1,
            1 => kept,
            _ => u64::from(choices.below(4)).min(kept),
        }
    }

    /// Several transactions at once. The later ones may rest on the earlier ones.
    fn block(&mut self, choices: &mut impl Choices, ledger: &Ledger, step: &mut Step) {
        step.act = Act::Block;
        let count = 1 + choices.below(4) as usize;
        step.block.resize_with(count, Transaction::default);
        for transaction in &mut step.block {
            match choices.below(3) {
                0 => self.spend(choices, ledger, transaction),
                1 => self.modify(choices, ledger.state().links(), transaction),
                _ => self.plain(choices, ledger, transaction),
            }
            self.number(choices, transaction);
        }
    }
}

//! A step with names turned into ids.

use crate::account::AccountId;
use crate::invariant::Event;
use crate::ledger::{Entry, Ledger};
use crate::mosaic::MosaicId;
use crate::transaction::{Body, EmbeddedTransaction, PendingId, Transaction};
use crate::unit::Amount;
use crate::verdict::Verdict;

/// What a step does. The transaction of [`Act::Transaction`] and [`Act::Announce`] stands in
/// [`Step::transaction`], those of [`Act::Block`] in [`Step::block`], so that a step can be filled
/// again without allocating.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Act {
    /// Submits a transaction.
    #[default]
    Transaction,
    /// Submits a block of transactions, all or nothing.
    Block,
    /// Announces a transaction that may have to wait.
    Announce(PendingId),
    /// Adds a cosignature to one that waits.
    Cosign(PendingId, AccountId),
    /// Seals the open block for a harvester.
    SealBlock(Option<AccountId>),
    /// Lets so many blocks pass.
    Advance(u64),
    /// Takes so many sealed blocks back.
    RollBack(u64),
    /// From now on these keys do not sign.
    Lose(Vec<AccountId>),
    /// From now on these keys sign for a thief.
    Steal(Vec<AccountId>),
    /// Compares the state with expectations.
    Check(Box<Check>),
}

/// A question about a set of keys or an account, and the expected answers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Ability {
    /// The account.
    pub account: AccountId,
    /// The keys in question.
    pub keys: Vec<AccountId>,
    /// In the present state.
    pub now: Option<bool>,
    /// After any chain of transactions.
    pub eventually: Option<bool>,
}

/// Key sets, each sorted.
pub type KeySets = Vec<Vec<AccountId>>;

/// Expectations about the state.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Check {
    /// Who holds what.
    pub balances: Vec<(AccountId, MosaicId, Amount)>,
    /// All multisig accounts.
    pub state: Option<Vec<Entry>>,
    /// Whether some keys can spend.
    pub can_spend: Option<Ability>,
    /// Whether the keys that are left cannot.
    pub locked: Option<Ability>,
    /// The minimal key sets of an account: now, eventually.
    pub quorums: Option<(AccountId, Option<KeySets>, Option<KeySets>)>,
}

/// One step.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Step {
    /// What it does.
    pub act: Act,
    /// The transaction, where the act has one.
    pub transaction: Transaction,
    /// The transactions, where the act is a block.
    pub block: Vec<Transaction>,
}

impl Step {
    /// A step that submits this transaction.
    #[must_use]
    pub fn submit(transaction: Transaction) -> Self {
        Self { transaction, ..Self::default() }
    }

    /// A step that does this and carries no transaction.
    #[must_use]
    pub fn of(act: Act) -> Self {
        Self { act, ..Self::default() }
    }

    /// The transactions this step puts to the ledger.
    #[must_use]
    pub fn transactions(&self) -> &[Transaction] {
        match self.act {
            Act::Transaction | Act::Announce(_) => std::slice::from_ref(&self.transaction),
            Act::Block => &self.block,
            _ => &[],
        }
    }

    /// The identities this step names, one by one and perhaps twice.
    pub fn ids(&self) -> impl Iterator<Item = PendingId> + '_ {
        let act = match self.act {
            Act::Announce(pending) | Act::Cosign(pending, _) => Some(pending),
            _ => None,
        };
        let lock = |part: &EmbeddedTransaction| match &part.body {
            Body::HashLock(body) => Some(body.pending),
            _ => None,
        };
        let of = move |one: &Transaction| [one.id, one.inner_id].into_iter().flatten();
        let own = self.transactions().iter().flat_map(of);
        let parts = self.transactions().iter().flat_map(|one| &one.parts);
        act.into_iter().chain(own).chain(parts.filter_map(lock))
    }

    /// Puts the step to a ledger; `None` for one that only tells of keys or looks.
    pub fn put_to(&self, ledger: &mut Ledger) -> Option<Verdict> {
        Some(match &self.act {
            Act::Transaction => ledger.submit(&self.transaction),
            Act::Block => ledger.submit_block(&self.block),
            Act::Announce(pending) => ledger.announce(*pending, &self.transaction),
            Act::Cosign(pending, signer) => ledger.cosign(*pending, *signer),
            Act::SealBlock(harvester) => ledger.seal_block(*harvester),
            Act::Advance(blocks) => ledger.advance(*blocks),
            Act::RollBack(blocks) => ledger.roll_back(*blocks),
            Act::Lose(_) | Act::Steal(_) | Act::Check(_) => return None,
        })
    }

    /// The step as invariants see it; `None` for one that passes no time and asks nothing.
    #[must_use]
    pub fn event(&self) -> Option<Event<'_>> {
        Some(match &self.act {
            Act::Transaction => Event::Submit(std::slice::from_ref(&self.transaction)),
            Act::Block => Event::Submit(&self.block),
            Act::Announce(pending) => Event::Announce(*pending, &self.transaction),
            Act::Cosign(pending, signer) => Event::Cosign(*pending, *signer),
            Act::SealBlock(harvester) => Event::Seal(*harvester),
            Act::Advance(_) => Event::Seal(None),
            Act::RollBack(blocks) => Event::RollBack(*blocks),
            Act::Lose(_) | Act::Steal(_) | Act::Check(_) => return None,
        })
    }
}

//! The question put to a ledger: one flat record for every kind of transaction.
//!
//! A transaction is an [`Envelope`] around one or more [`EmbeddedTransaction`]s; a bare transfer is one part without
//! an envelope. The lists of all parts lie in shared pools, so that a record can be filled again and
//! again without allocating.

use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::unit::{Amount, Span};

/// What the parts are wrapped in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Envelope {
    /// Nothing: the one part is a transaction of its own.
    #[default]
    Bare,
    /// A Catapult aggregate that carries all its cosignatures.
    AggregateComplete,
    /// A Catapult aggregate whose cosignatures arrive one by one.
    AggregateBonded,
    /// The NIS1 multisig wrapper around one inner transaction.
    Multisig,
}

/// What a modification does with one account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Action {
    /// The account becomes a cosignatory.
    Add,
    /// The account stops being a cosignatory.
    Remove,
    /// An action byte that means nothing (the older Catapult eras can carry one).
    Invalid,
}

/// One entry of a modification's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CosignatoryModification {
    /// Added, removed or meaningless.
    pub action: Action,
    /// The cosignatory that it is about.
    pub account: AccountId,
}

/// A multisig modification: changes of the cosignatories and of the thresholds.
///
/// On NIS1 `approval_delta` is the relative change of the one threshold and `removal_delta` is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Modification {
    /// Change of min approval (NIS1: of min cosignatories), signed.
    pub approval_delta: i32,
    /// Change of min removal, signed, -128 to 127; NIS1: 0.
    pub removal_delta: i32,
    /// NIS1: whether the relative change is present at all (0 may be).
    pub delta_present: bool,
    /// The transaction's version where it was named; 0 = the protocol's own. NIS1 knows 1 and 2.
    pub version: u8,
    /// The entries, in [`Transaction::changes`], in the order they are written.
    pub changes: Span,
}

/// A transfer of one or several mosaics.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Transfer {
    /// Who receives.
    pub recipient: AccountId,
    /// What, in [`Transaction::amounts`].
    pub amounts: Span,
    /// The message, in [`Transaction::text`]; bytes.
    pub message: Span,
}

/// A dense number for a transaction that a scenario names: the same number is the same bytes, its
/// cosignatures aside. A waiting aggregate (or NIS1 multisig) is announced and cosigned by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PendingId(pub u32);

/// A deposit that lets a bonded aggregate wait for its cosignatures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct HashLock {
    /// The aggregate it speaks for.
    pub pending: PendingId,
    /// The deposit in the currency's smallest unit.
    pub amount: Amount,
    /// How long it holds, in blocks, at least 1.
    pub duration_blocks: u64,
}

/// A new mosaic, or a new description of an existing one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MosaicDefinition {
    /// Which mosaic.
    pub mosaic: MosaicId,
    /// Decimal places, 0 to 6.
    pub divisibility: u8,
    /// Whether the supply may change once units exist.
    pub supply_mutable: bool,
    /// Whether others than the owner may pass it on.
    pub transferable: bool,
}

/// More or fewer units of a mosaic, in the hands of its owner.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct MosaicSupplyChange {
    /// Which mosaic.
    pub mosaic: MosaicId,
    /// True: units are created; false: they are destroyed.
    pub increase: bool,
    /// How many, in the smallest unit.
    pub delta: Amount,
}

/// What one part does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Body {
    /// Moves mosaics.
    Transfer(Transfer),
    /// Changes a multisig account.
    Modification(Modification),
    /// Locks a deposit for a bonded aggregate.
    HashLock(HashLock),
    /// Defines a mosaic.
    MosaicDefinition(MosaicDefinition),
    /// Changes a mosaic's supply.
    MosaicSupplyChange(MosaicSupplyChange),
    /// An envelope inside an envelope: a shape that no server takes.
    Nested,
}

impl Body {
    /// What it is, in words: `hash lock`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Transfer(_) => "transfer",
            Self::Modification(_) => "modification",
            Self::HashLock(_) => "hash lock",
            Self::MosaicDefinition(_) => "mosaic definition",
            Self::MosaicSupplyChange(_) => "mosaic supply change",
            Self::Nested => "nested aggregate",
        }
    }

    /// Whether it changes a mosaic itself: its definition or its supply.
    #[must_use]
    pub const fn changes_mosaic(&self) -> bool {
        matches!(self, Self::MosaicDefinition(_) | Self::MosaicSupplyChange(_))
    }
}

/// One transaction inside its envelope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct EmbeddedTransaction {
    /// On whose behalf it acts; for a modification the account that is modified.
    pub signer: AccountId,
    /// What it does.
    pub body: Body,
}

/// A transaction: envelope, signatures, parts, and the pools their lists lie in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Transaction {
    /// What the parts are wrapped in.
    pub envelope: Envelope,
    /// Who signs the whole; for a bare transaction the signer of its part.
    pub signer: AccountId,
    /// What it is known by; `None`: it is unlike any other transaction. An announcement names the
    /// transaction itself and leaves this `None`, a bare hash lock always does.
    pub id: Option<PendingId>,
    /// NIS1: what the transaction inside a wrapper is known by.
    pub inner_id: Option<PendingId>,
    /// The deadline, in seconds from the time of the block that is open when it is put to the ledger
    /// (under this id: for the first time, for the same id is the same bytes). Below 0: it has passed.
    /// `None`: as late as the protocol allows.
    pub deadline_seconds: Option<i64>,
    /// Who else signs, in order, as written; the signer is not repeated here by a good writer.
    pub cosignatures: Vec<AccountId>,
    /// What is to be done, in order.
    pub parts: Vec<EmbeddedTransaction>,
    /// The pool of all modifications' entries.
    pub changes: Vec<CosignatoryModification>,
    /// The pool of all transfers' amounts.
    pub amounts: Vec<(MosaicId, Amount)>,
    /// The pool of all messages.
    pub text: String,
}

impl Transaction {
    /// An empty transaction of this envelope.
    #[must_use]
    pub fn new(envelope: Envelope, signer: AccountId) -> Self {
        Self { envelope, signer, ..Self::default() }
    }

    /// Empties the record and keeps its memory.
    pub fn reset(&mut self, envelope: Envelope, signer: AccountId) {
        self.envelope = envelope;
        self.signer = signer;
        (self.id, self.inner_id, self.deadline_seconds) = (None, None, None);
        self.cosignatures.clear();
        self.parts.clear();
        self.changes.clear();
        self.amounts.clear();
        self.text.clear();
    }

    /// Copies `other` into this record and keeps this record's memory.
    pub fn copy_from(&mut self, other: &Self) {
        self.reset(other.envelope, other.signer);
        self.id = other.id;
        self.inner_id = other.inner_id;
        self.deadline_seconds = other.deadline_seconds;
        self.cosignatures.extend_from_slice(&other.cosignatures);
        self.parts.extend_from_slice(&other.parts);
        self.changes.extend_from_slice(&other.changes);
        self.amounts.extend_from_slice(&other.amounts);
        self.text.push_str(&other.text);
    }

    /// Adds a part.
    pub fn push(&mut self, signer: AccountId, body: Body) -> &mut Self {
        self.parts.push(EmbeddedTransaction { signer, body });
        self
    }

    /// Adds a transfer of the currency.
    pub fn push_transfer(
        &mut self,
        signer: AccountId,
        recipient: AccountId,
        amount: Amount,
    ) -> &mut Self {
        let start = self.amounts.len();
        self.amounts.push((MosaicId::CURRENCY, amount));
        let amounts = Span::between(start, self.amounts.len());
        self.push(signer, Body::Transfer(Transfer { recipient, amounts, ..Transfer::default() }))
    }

    /// Adds a modification: additions first, then deletions.
    pub fn push_modification(
        &mut self,
        signer: AccountId,
        (approval_delta, removal_delta): (i32, i32),
        additions: &[AccountId],
        deletions: &[AccountId],
    ) -> &mut Self {
        let start = self.changes.len();
        let entry =
            |action| move |&account: &AccountId| CosignatoryModification { action, account };
        self.changes.extend(additions.iter().map(entry(Action::Add)));
        self.changes.extend(deletions.iter().map(entry(Action::Remove)));
        let changes = Span::between(start, self.changes.len());
        self.push(
            signer,
            Body::Modification(Modification {
                approval_delta,
                removal_delta,
                delta_present: true,
                version: 0,
                changes,
            }),
        )
    }

    /// The entries of a modification of this transaction.
    #[must_use]
    pub fn changes_of(&self, modification: &Modification) -> &[CosignatoryModification] {
        modification.changes.of(&self.changes)
    }

    /// The entries of a part that is a modification; none of another.
    #[must_use]
    pub fn changes_in(&self, part: &EmbeddedTransaction) -> &[CosignatoryModification] {
        match &part.body {
            Body::Modification(modification) => self.changes_of(modification),
            _ => &[],
        }
    }

    /// The amounts of a transfer of this transaction.
    #[must_use]
    pub fn amounts_of(&self, transfer: &Transfer) -> &[(MosaicId, Amount)] {
        transfer.amounts.of(&self.amounts)
    }

    /// Whether both are the same but for cosignatures, identity and deadline.
    #[must_use]
    pub fn is_same_as(&self, other: &Self) -> bool {
        let head = |one: &Self| (one.envelope, one.signer, one.parts.len());
        let mut pairs = self.parts.iter().zip(&other.parts);
        head(self) == head(other)
            && pairs.all(|(mine, theirs)| {
                mine.signer == theirs.signer && self.is_same_body(&mine.body, other, &theirs.body)
            })
    }

    /// The same with its lists, wherever they lie in their pools.
    fn is_same_body(&self, mine: &Body, other: &Self, theirs: &Body) -> bool {
        match (mine, theirs) {
            (Body::Transfer(mine), Body::Transfer(theirs)) => {
                mine.recipient == theirs.recipient
                    && self.amounts_of(mine) == other.amounts_of(theirs)
                    && mine.message.of_text(&self.text) == theirs.message.of_text(&other.text)
            }
            (Body::Modification(mine), Body::Modification(theirs)) => {
                let head = |one: &Modification| Modification { changes: Span::default(), ..*one };
                head(mine) == head(theirs) && self.changes_of(mine) == other.changes_of(theirs)
            }
            (mine, theirs) => mine == theirs,
        }
    }

    /// Every account named anywhere in this transaction, repeats included.
    pub fn accounts(&self) -> impl Iterator<Item = AccountId> + '_ {
        let parts = self.parts.iter().flat_map(|part| {
            let recipient = match &part.body {
                Body::Transfer(transfer) => Some(transfer.recipient),
                _ => None,
            };
            std::iter::once(part.signer).chain(recipient)
        });
        std::iter::once(self.signer)
            .chain(self.cosignatures.iter().copied())
            .chain(parts)
            .chain(self.changes.iter().map(|change| change.account))
    }

    /// Shows every account named anywhere in this transaction, repeats included, in the order of
    /// [`Transaction::accounts`].
    #[inline]
    pub fn each_account(&self, mut show: impl FnMut(AccountId)) {
        show(self.signer);
        self.cosignatures.iter().for_each(|&account| show(account));
        for part in &self.parts {
            show(part.signer);
            if let Body::Transfer(transfer) = &part.body {
                show(transfer.recipient);
            }
        }
        self.changes.iter().for_each(|change| show(change.account));
    }

    /// Whether the transaction carries this account's signature.
    #[must_use]
    #[inline]
    pub fn is_signed_by(&self, account: AccountId) -> bool {
        self.signer == account || self.cosignatures.contains(&account)
    }

    /// Everyone whose signature the transaction carries: the signer, then the cosignatures.
    pub fn signatures(&self) -> impl Iterator<Item = AccountId> + '_ {
        std::iter::once(self.signer).chain(self.cosignatures.iter().copied())
    }
}

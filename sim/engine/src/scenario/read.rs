//! From records to ids: who is meant, which fields a transaction may have, what is out of range.

mod fields;

use fields::{
    FIELDS_BLOCK, FIELDS_DEFINITION, FIELDS_ENVELOPE, FIELDS_HASH_LOCK, FIELDS_LISTED,
    FIELDS_MODIFICATION_NIS1, FIELDS_ORDERED, FIELDS_SUPPLY, FIELDS_TOP, FIELDS_TRANSFER,
    FIELDS_WRAPPED, acts, check_fields, need, several_actions, within,
};

use super::header::entries;
use super::names::Names;
use super::record::{
    AdvanceRecord, AnnounceRecord, ChangeKind, CheckRecord, HoldingRecord, Name, Pairs, StepRecord,
    SupplyAction, TransactionRecord, TransactionType,
};
use super::step::{Ability, Act, Check, KeySets, Step};
use crate::account::{AccountId, did_you_mean};
use crate::mosaic::MosaicId;
use crate::protocol::Protocol;
use crate::transaction::{
    Action, Body, CosignatoryModification, Envelope, HashLock, Modification, MosaicDefinition,
    MosaicSupplyChange, Transaction, Transfer,
};
use crate::unit::{Amount, Span};

/// What does not fit in a step: a sentence for the reader, without a place.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Misfit(pub String);

pub(super) fn misfit<T>(what: impl Into<String>) -> Result<T, Misfit> {
    Err(Misfit(what.into()))
}

impl Names {
    /// The account of this name.
    ///
    /// # Errors
    /// A name the header does not list; a similar one is offered.
    pub fn account(&self, name: &Name<'_>) -> Result<AccountId, Misfit> {
        match self.accounts.find(&name.0) {
            Some(account) => Ok(account),
            None => Err(self.unknown(&name.0)),
        }
    }

    #[cold]
    fn unknown(&self, name: &str) -> Misfit {
        let hint = did_you_mean(self.accounts.nearest(name));
        Misfit(format!("unknown account `{name}`; expected one of the header's `accounts`{hint}"))
    }

    fn all(&self, names: &[Name<'_>], accounts: &mut Vec<AccountId>) -> Result<(), Misfit> {
        names.iter().try_for_each(|name| {
            accounts.push(self.account(name)?);
            Ok(())
        })
    }

    /// Fills `step` from a record.
    ///
    /// # Errors
    /// No action or several, an unknown account, a field that the transaction does not have or lacks,
    /// a number out of its range.
    pub fn read(
        &mut self,
        protocol: &Protocol,
        record: &StepRecord<'_>,
        step: &mut Step,
    ) -> Result<(), Misfit> {
        if let (Some(transaction), 1) = (&record.transaction, acts(record)) {
            return self.read_transaction(protocol, transaction, step);
        }
        match acts(record) {
            1 => {}
            0 => {
                return misfit(
                    "a step without an action; expected one of `transaction`, `announce`, `cosign`, \
                     `seal_block`, `advance`, `roll_back`, `lose`, `steal`, `check`",
                );
            }
            _ => return misfit(several_actions(record)),
        }
        step.act = self.read_act(protocol, record, &mut step.transaction)?;
        Ok(())
    }

    fn read_transaction(
        &mut self,
        protocol: &Protocol,
        record: &TransactionRecord<'_>,
        step: &mut Step,
    ) -> Result<(), Misfit> {
        if record.kind != TransactionType::Block {
            step.act = Act::Transaction;
            return self.envelope(protocol, record, &mut step.transaction);
        }
        step.act = Act::Block;
        check_fields(record, FIELDS_BLOCK)?;
        let inner = need(record.transactions.as_ref(), record, "transactions")?;
        step.block.resize_with(inner.len(), Transaction::default);
        let mut pairs = inner.iter().zip(step.block.iter_mut());
        pairs.try_for_each(|(inner, transaction)| match inner.kind {
            TransactionType::Block => misfit("a `block` inside a `block`; expected transactions"),
            _ => self.envelope(protocol, inner, transaction),
        })
    }

    fn read_act(
        &mut self,
        protocol: &Protocol,
        record: &StepRecord<'_>,
        transaction: &mut Transaction,
    ) -> Result<Act, Misfit> {
        let list = |names: &Self, list: &[Name<'_>]| {
            let mut accounts = Vec::with_capacity(list.len());
            names.all(list, &mut accounts).map(|()| accounts)
        };
        if let Some(announce) = &record.announce {
            if announce.transaction.kind == TransactionType::Block {
                return misfit("a `block` cannot be announced; expected a transaction");
            }
            return self.announce(protocol, announce, transaction);
        }
        if let Some(cosign) = &record.cosign {
            let signer = self.account(&cosign.signer)?;
            return Ok(Act::Cosign(self.pending(&cosign.id.0), signer));
        }
        if let Some(seal) = &record.seal_block {
            let harvester = seal.harvester.as_ref().map(|name| self.account(name));
            return Ok(Act::SealBlock(harvester.transpose()?));
        }
        if let Some(lost) = &record.lose {
            return Ok(Act::Lose(list(self, lost)?));
        }
        if let Some(stolen) = &record.steal {
            return Ok(Act::Steal(list(self, stolen)?));
        }
        if let Some(check) = &record.check {
            return Ok(Act::Check(Box::new(self.check(protocol, check)?)));
        }
        match (&record.advance, &record.roll_back) {
            (Some(advance), _) => Ok(Act::Advance(blocks(protocol, advance)?)),
            (_, Some(roll_back)) => Ok(Act::RollBack(roll_back.blocks.0)),
            _ => misfit("a step without an action"),
        }
    }

    /// An announcement names the transaction; the deadline may stand on either.
    fn announce(
        &mut self,
        protocol: &Protocol,
        announce: &AnnounceRecord<'_>,
        transaction: &mut Transaction,
    ) -> Result<Act, Misfit> {
        self.envelope(protocol, &announce.transaction, transaction)?;
        let pending = self.pending(&announce.id.0);
        if transaction.id.take().is_some_and(|id| id != pending) {
            return misfit(format!(
                "an announcement and its transaction have different `id`s; expected `{}` or one of them",
                announce.id.0
            ));
        }
        let (blocks, seconds) = (announce.deadline_blocks, announce.deadline_seconds);
        if let Some(seconds) = deadline(protocol, blocks, seconds)?
            && transaction.deadline_seconds.replace(seconds).is_some()
        {
            return misfit(
                "a deadline for an announcement and its transaction; expected one of them",
            );
        }
        Ok(Act::Announce(pending))
    }

    /// Fills a transaction from its record.
    ///
    /// # Errors
    /// As [`Names::read`].
    pub fn envelope(
        &mut self,
        protocol: &Protocol,
        record: &TransactionRecord<'_>,
        transaction: &mut Transaction,
    ) -> Result<(), Misfit> {
        let signer = self.account(need(record.signer.as_ref(), record, "signer")?)?;
        let envelope = match record.kind {
            TransactionType::AggregateComplete => Envelope::AggregateComplete,
            TransactionType::AggregateBonded => Envelope::AggregateBonded,
            TransactionType::Multisig => Envelope::Multisig,
            _ => {
                transaction.reset(Envelope::Bare, signer);
                self.part(protocol, record, FIELDS_TOP, transaction)?;
                return self.top(protocol, record, transaction);
            }
        };
        check_fields(record, FIELDS_ENVELOPE | FIELDS_TOP)?;
        transaction.reset(envelope, signer);
        self.top(protocol, record, transaction)?;
        let cosignatures = record.cosignatures.as_deref().unwrap_or(&[]);
        self.all(cosignatures, &mut transaction.cosignatures)?;
        let inner = need(record.transactions.as_ref(), record, "transactions")?;
        let more = if envelope == Envelope::Multisig { FIELDS_WRAPPED } else { 0 };
        for record in inner {
            self.part(protocol, record, more, transaction)?;
            if let (Some(id), true) = (&record.id, more != 0) {
                transaction.inner_id = Some(self.pending(&id.0));
            }
        }
        Ok(())
    }

    /// What no transaction inside another one has: identity and deadline. The `id` of a hash lock is
    /// that of its aggregate.
    #[inline]
    fn top(
        &mut self,
        protocol: &Protocol,
        record: &TransactionRecord<'_>,
        transaction: &mut Transaction,
    ) -> Result<(), Misfit> {
        if let (Some(id), false) = (&record.id, record.kind == TransactionType::HashLock) {
            transaction.id = Some(self.pending(&id.0));
        }
        let (blocks, seconds) = (record.deadline_blocks, record.deadline_seconds);
        transaction.deadline_seconds = deadline(protocol, blocks, seconds)?;
        Ok(())
    }

    /// `more`: the fields that it has where it stands.
    fn part(
        &mut self,
        protocol: &Protocol,
        record: &TransactionRecord<'_>,
        more: u32,
        transaction: &mut Transaction,
    ) -> Result<(), Misfit> {
        let signer = self.account(need(record.signer.as_ref(), record, "signer")?)?;
        let body = match record.kind {
            TransactionType::Transfer => self.transfer(record, more, transaction)?,
            TransactionType::MultisigModification => {
                self.modification(protocol, record, more, transaction)?
            }
            TransactionType::HashLock => self.hash_lock(record, more)?,
            TransactionType::MosaicDefinition => self.mosaic_definition(record, more)?,
            TransactionType::MosaicSupplyChange => self.mosaic_supply_change(record, more)?,
            TransactionType::AggregateComplete
            | TransactionType::AggregateBonded
            | TransactionType::Multisig
            | TransactionType::Block => Body::Nested,
        };
        transaction.push(signer, body);
        Ok(())
    }

    fn transfer(
        &mut self,
        record: &TransactionRecord<'_>,
        more: u32,
        transaction: &mut Transaction,
    ) -> Result<Body, Misfit> {
        check_fields(record, FIELDS_TRANSFER | more)?;
        let recipient = self.account(need(record.recipient.as_ref(), record, "recipient")?)?;
        let start = transaction.amounts.len();
        match (&record.amount, &record.mosaics) {
            (Some(amount), None) => {
                transaction.amounts.push((MosaicId::CURRENCY, Amount(amount.0)));
            }
            (None, Some(Pairs(mosaics))) => {
                for (name, amount) in mosaics {
                    let mosaic = self.mosaic(&name.0);
                    transaction.amounts.push((mosaic, Amount(amount.0)));
                }
            }
            (Some(_), Some(_)) => {
                return misfit("a transfer with `amount` and `mosaics`; expected one of them");
            }
            (None, None) => return misfit("a transfer without `amount`; expected it or `mosaics`"),
        }
        let amounts = Span::between(start, transaction.amounts.len());
        let start = transaction.text.len();
        transaction.text.push_str(record.message.as_ref().map_or("", |text| &text.0));
        let message = Span::between(start, transaction.text.len());
        Ok(Body::Transfer(Transfer { recipient, amounts, message }))
    }

    fn modification(
        &mut self,
        protocol: &Protocol,
        record: &TransactionRecord<'_>,
        more: u32,
        transaction: &mut Transaction,
    ) -> Result<Body, Misfit> {
        let start = transaction.changes.len();
        let (approval_delta, removal_delta, delta_present) =
            match protocol.base.has_removal_threshold() {
                false => {
                    check_fields(record, FIELDS_MODIFICATION_NIS1 | more)?;
                    let delta = record.min_cosignatories_delta;
                    (within::<i32>(delta, "min_cosignatories_delta")?, 0, delta.is_some())
                }
                true => {
                    let ordered = protocol.base.has_ordered_changes();
                    let fields = if ordered { FIELDS_ORDERED } else { FIELDS_LISTED };
                    check_fields(record, fields | more)?;
                    let approval = within::<i8>(record.min_approval_delta, "min_approval_delta")?;
                    let removal = within::<i8>(record.min_removal_delta, "min_removal_delta")?;
                    (i32::from(approval), i32::from(removal), true)
                }
            };
        let pool = &mut transaction.changes;
        for entry in record.modifications.as_deref().unwrap_or(&[]) {
            let action = match entry.action {
                ChangeKind::Add => Action::Add,
                ChangeKind::Remove => Action::Remove,
                ChangeKind::Invalid => Action::Invalid,
            };
            pool.push(CosignatoryModification {
                action,
                account: self.account(&entry.cosignatory)?,
            });
        }
        for (action, names) in
            [(Action::Add, &record.additions), (Action::Remove, &record.deletions)]
        {
            for name in names.as_deref().unwrap_or(&[]) {
                pool.push(CosignatoryModification { action, account: self.account(name)? });
            }
        }
        let changes = Span::between(start, transaction.changes.len());
        let version = record.version.unwrap_or(0);
        Ok(Body::Modification(Modification {
            approval_delta,
            removal_delta,
            delta_present,
            version,
            changes,
        }))
    }

    fn hash_lock(&mut self, record: &TransactionRecord<'_>, more: u32) -> Result<Body, Misfit> {
        check_fields(record, FIELDS_HASH_LOCK | more)?;
        let pending = self.pending(&need(record.id.as_ref(), record, "id")?.0);
        let amount = Amount(need(record.amount.as_ref(), record, "amount")?.0);
        let duration_blocks = need(record.duration_blocks.as_ref(), record, "duration_blocks")?.0;
        Ok(Body::HashLock(HashLock { pending, amount, duration_blocks }))
    }

    fn mosaic_definition(
        &mut self,
        record: &TransactionRecord<'_>,
        more: u32,
    ) -> Result<Body, Misfit> {
        check_fields(record, FIELDS_DEFINITION | more)?;
        let name = need(record.mosaic.as_ref(), record, "mosaic")?;
        let divisibility = record.divisibility.unwrap_or(0);
        if divisibility > 6 {
            return misfit(format!("`divisibility` is {divisibility}; expected 0 to 6"));
        }
        Ok(Body::MosaicDefinition(MosaicDefinition {
            mosaic: self.mosaic(&name.0),
            divisibility,
            supply_mutable: record.supply_mutable.unwrap_or(true),
            transferable: record.transferable.unwrap_or(true),
        }))
    }

    fn mosaic_supply_change(
        &mut self,
        record: &TransactionRecord<'_>,
        more: u32,
    ) -> Result<Body, Misfit> {
        check_fields(record, FIELDS_SUPPLY | more)?;
        let name = need(record.mosaic.as_ref(), record, "mosaic")?;
        let action = *need(record.action.as_ref(), record, "action")?;
        Ok(Body::MosaicSupplyChange(MosaicSupplyChange {
            mosaic: self.mosaic(&name.0),
            increase: action == SupplyAction::Increase,
            delta: Amount(need(record.amount.as_ref(), record, "amount")?.0),
        }))
    }

    fn check(&mut self, protocol: &Protocol, record: &CheckRecord<'_>) -> Result<Check, Misfit> {
        let mut check = Check::default();
        for (name, holding) in record.balance.iter().flat_map(|pairs| &pairs.0) {
            let account = self.account(name)?;
            self.holding(account, holding, &mut check.balances);
        }
        if let Some(state) = &record.state {
            check.state = Some(entries(self, protocol, state)?);
        }
        if let Some(record) = &record.can_spend {
            let mut keys = Vec::with_capacity(record.keys.len());
            self.all(&record.keys, &mut keys)?;
            let account = self.account(&record.account)?;
            let (now, eventually) = (record.now, record.eventually);
            check.can_spend = Some(Ability { account, keys, now, eventually });
        }
        if let Some(record) = &record.locked {
            let account = self.account(&record.account)?;
            let (now, eventually) = (record.now, record.eventually);
            check.locked = Some(Ability { account, keys: Vec::new(), now, eventually });
        }
        if let Some(record) = &record.quorums {
            let account = self.account(&record.account)?;
            let now = record.now.as_ref().map(|sets| self.key_sets(sets)).transpose()?;
            let later = record.eventually.as_ref().map(|sets| self.key_sets(sets)).transpose()?;
            check.quorums = Some((account, now, later));
        }
        Ok(check)
    }

    fn key_sets(&self, sets: &[Vec<Name<'_>>]) -> Result<KeySets, Misfit> {
        let set = |names: &Vec<Name<'_>>| {
            let mut accounts = Vec::with_capacity(names.len());
            self.all(names, &mut accounts)?;
            accounts.sort_unstable();
            Ok(accounts)
        };
        sets.iter().map(set).collect()
    }

    /// Adds what a holding says to a list of balances.
    pub(super) fn holding(
        &mut self,
        account: AccountId,
        holding: &HoldingRecord<'_>,
        balances: &mut Vec<(AccountId, MosaicId, Amount)>,
    ) {
        match holding {
            HoldingRecord::Currency(amount) => {
                balances.push((account, MosaicId::CURRENCY, Amount(*amount)));
            }
            HoldingRecord::Mosaics(Pairs(pairs)) => {
                for (name, amount) in pairs {
                    balances.push((account, self.mosaic(&name.0), Amount(amount.0)));
                }
            }
        }
    }
}

/// A deadline in seconds, from here.
#[inline]
fn deadline(
    protocol: &Protocol,
    blocks: Option<i64>,
    seconds: Option<i64>,
) -> Result<Option<i64>, Misfit> {
    match (blocks, seconds) {
        (None, seconds) => Ok(seconds),
        (Some(blocks), None) => {
            let block_time = i64::try_from(protocol.limits.block_time_seconds).ok();
            match block_time.and_then(|block_time| blocks.checked_mul(block_time)) {
                None => misfit(format!("`deadline_blocks` is {blocks}; expected fewer")),
                seconds => Ok(seconds),
            }
        }
        _ => misfit("a deadline in `deadline_blocks` and `deadline_seconds`; expected one of them"),
    }
}

/// Number of blocks in a span of time.
fn blocks(protocol: &Protocol, record: &AdvanceRecord) -> Result<u64, Misfit> {
    match (record.blocks, record.seconds) {
        (Some(blocks), None) => Ok(blocks.0),
        (None, Some(seconds)) => Ok(seconds.0.div_ceil(protocol.limits.block_time_seconds.max(1))),
        (None, None) => misfit("an `advance` by nothing; expected `blocks` or `seconds`"),
        _ => misfit("an `advance` by `blocks` and `seconds`; expected one of them"),
    }
}

//! Ledger to bytes.

use std::borrow::Cow;

use super::super::catapult::{
    Aggregate, Body, Changes, EmbeddableBody, Embedded, HashLock, Modification,
    Transaction as Catapult, Transfer, add_byte, is_aligned, versions,
};
use super::super::{Era, FieldError, Payload, nis1};
use super::Courier;
use crate::account::AccountId;
use crate::mosaic::MosaicId;
use crate::transaction::{self as ledger, Action, Envelope, Transaction};
use crate::unit::Amount;

fn unsayable(what: &str, era: Era) -> FieldError {
    FieldError::new("transaction", what, format_args!("something that era {era} has bytes for"))
}

impl Courier {
    /// The payload of a transaction.
    pub(super) fn payload(
        &self,
        transaction: &Transaction,
        generation_hash: Option<&[u8; 32]>,
    ) -> Result<Payload<'static>, FieldError> {
        if self.era == Era::N {
            return self.nis1(transaction, generation_hash.is_some());
        }
        let body = match transaction.envelope {
            Envelope::Bare => {
                let [part] = transaction.parts.as_slice() else {
                    return Err(unsayable("no part, or several without an envelope", self.era));
                };
                Body::Single(self.part(transaction, part)?)
            }
            Envelope::AggregateComplete => self.aggregate(transaction, false)?,
            Envelope::AggregateBonded => self.aggregate(transaction, true)?,
            Envelope::Multisig => return Err(unsayable("a nis1 wrapper", self.era)),
        };
        let versions = versions(self.era, body.kind());
        let version = match (self.era, versions) {
            (Era::C, [_, second, _]) => *second,
            (_, [version, ..]) => *version,
            (_, []) => return Err(unsayable("a type without a layout", self.era)),
        };
        let mut payload = Payload::Catapult {
            era: self.era,
            transaction: Catapult {
                signature: [0; 64],
                signer: self.public(transaction.signer)?,
                version,
                network: self.network,
                max_fee: 0,
                deadline: 0,
                body,
            },
        };
        if let Some(hash) = generation_hash {
            payload.sign(self.pair(transaction.signer)?, Some(hash))?;
        }
        self.cosign(&mut payload, transaction, generation_hash)?;
        Ok(payload)
    }

    fn cosign(
        &self,
        payload: &mut Payload<'_>,
        transaction: &Transaction,
        generation_hash: Option<&[u8; 32]>,
    ) -> Result<(), FieldError> {
        for &cosignatory in &transaction.cosignatures {
            let pair = self.pair(cosignatory)?;
            if generation_hash.is_some() {
                payload.cosign(pair, generation_hash)?;
                continue;
            }
            let Payload::Catapult { transaction: outer, .. } = &mut *payload else { continue };
            let Body::Aggregate(aggregate) = &mut outer.body else {
                return Err(unsayable("a cosignature without an aggregate", self.era));
            };
            let signer = pair.public().0;
            let signature = [0; 64];
            aggregate.cosignatures.push(super::super::catapult::Cosignature { signer, signature });
        }
        Ok(())
    }

    fn pair(&self, account: AccountId) -> Result<&crate::key::KeyPair, FieldError> {
        let none = || FieldError::new("account", account, "an account of this ledger");
        self.key(account).ok_or_else(none)
    }

    fn public(&self, account: AccountId) -> Result<[u8; 32], FieldError> {
        self.pair(account).map(|pair| pair.public().0)
    }

    fn aggregate(
        &self,
        transaction: &Transaction,
        bonded: bool,
    ) -> Result<Body<'static>, FieldError> {
        let embedded = |part: &ledger::EmbeddedTransaction| {
            let signer = self.public(part.signer)?;
            let part = self.part(transaction, part)?;
            let version = versions(self.era, part.kind()).first().copied();
            let version = version.ok_or_else(|| unsayable("a type without a layout", self.era))?;
            Ok(Embedded { signer, version, network: self.network, part })
        };
        let transactions =
            transaction.parts.iter().map(embedded).collect::<Result<_, FieldError>>()?;
        let (transactions_hash, cosignatures) = ([0; 32], Vec::new());
        let mut aggregate = Aggregate { bonded, transactions_hash, transactions, cosignatures };
        if is_aligned(self.era) {
            aggregate.transactions_hash = aggregate.merkle_root(self.era)?;
        }
        Ok(Body::Aggregate(aggregate))
    }

    fn part(
        &self,
        transaction: &Transaction,
        part: &ledger::EmbeddedTransaction,
    ) -> Result<EmbeddableBody<'static>, FieldError> {
        match &part.body {
            ledger::Body::Transfer(transfer) => self.transfer(transaction, transfer),
            ledger::Body::Modification(modification) => {
                self.modification(transaction, modification)
            }
            ledger::Body::HashLock(lock) => Ok(EmbeddableBody::HashLock(HashLock {
                mosaic: u64::from(MosaicId::CURRENCY.0),
                amount: lock.amount.0,
                duration: lock.duration_blocks,
                hash: hash_of(lock.pending),
            })),
            other => Err(unsayable(&format!("a {}", other.name()), self.era)),
        }
    }

    fn transfer(
        &self,
        transaction: &Transaction,
        transfer: &ledger::Transfer,
    ) -> Result<EmbeddableBody<'static>, FieldError> {
        let address = self.address_of(transfer.recipient)?;
        let mut recipient = [0; 25];
        for (to, from) in recipient.iter_mut().zip(address.bytes()) {
            *to = *from;
        }
        let mut amounts = transaction.amounts_of(transfer).to_vec();
        if self.era == Era::C {
            amounts.sort_by_key(|(mosaic, _)| *mosaic);
        }
        let entry = |(mosaic, amount): (MosaicId, Amount)| {
            (u128::from(mosaic.0) | (u128::from(amount.0) << 64)).to_le_bytes()
        };
        Ok(EmbeddableBody::Transfer(Transfer {
            recipient,
            mosaics: Cow::Owned(amounts.into_iter().map(entry).collect()),
            message: Cow::Owned(transfer.message.of_text(&transaction.text).as_bytes().to_vec()),
        }))
    }

    fn address_of(&self, account: AccountId) -> Result<crate::key::Address, FieldError> {
        let none = || FieldError::new("account", account, "an account of this ledger");
        self.address(account).ok_or_else(none)
    }

    fn modification(
        &self,
        transaction: &Transaction,
        modification: &ledger::Modification,
    ) -> Result<EmbeddableBody<'static>, FieldError> {
        let delta = |value: i32| {
            i8::try_from(value)
                .map_err(|_| FieldError::new("delta", value, "a signed whole number of 8 bits"))
        };
        let changes = transaction.changes_of(modification);
        let changes = match self.era {
            Era::C => Changes::Addresses {
                additions: Cow::Owned(self.addresses(changes, Action::Add)?),
                deletions: Cow::Owned(self.addresses(changes, Action::Remove)?),
            },
            Era::B2 => Changes::Keys {
                additions: Cow::Owned(self.publics(changes, Action::Add)?),
                deletions: Cow::Owned(self.publics(changes, Action::Remove)?),
            },
            _ => Changes::Ordered(Cow::Owned(self.ordered(changes)?)),
        };
        Ok(EmbeddableBody::Modification(Modification {
            removal_delta: delta(modification.removal_delta)?,
            approval_delta: delta(modification.approval_delta)?,
            changes,
        }))
    }

    fn ordered(
        &self,
        changes: &[ledger::CosignatoryModification],
    ) -> Result<Vec<[u8; 33]>, FieldError> {
        let entry = |change: &ledger::CosignatoryModification| {
            let action = match change.action {
                Action::Add => add_byte(self.era),
                Action::Remove => 1 - add_byte(self.era),
                Action::Invalid => return Err(unsayable("an action without meaning", self.era)),
            };
            let mut entry = [action; 33];
            for (to, from) in entry.iter_mut().skip(1).zip(self.public(change.account)?) {
                *to = from;
            }
            Ok(entry)
        };
        changes.iter().map(entry).collect()
    }

    /// The accounts of one action; the order among additions and among deletions is kept, that between
    /// the two lists is not, and no server of these eras knows it.
    fn publics(
        &self,
        changes: &[ledger::CosignatoryModification],
        action: Action,
    ) -> Result<Vec<[u8; 32]>, FieldError> {
        if changes.iter().any(|change| change.action == Action::Invalid) {
            return Err(unsayable("an action without meaning", self.era));
        }
        let of_action = changes.iter().filter(|change| change.action == action);
        of_action.map(|change| self.public(change.account)).collect()
    }

    fn addresses(
        &self,
        changes: &[ledger::CosignatoryModification],
        action: Action,
    ) -> Result<Vec<[u8; 24]>, FieldError> {
        if changes.iter().any(|change| change.action == Action::Invalid) {
            return Err(unsayable("an action without meaning", self.era));
        }
        let mut addresses = Vec::new();
        for change in changes.iter().filter(|change| change.action == action) {
            addresses.extend(self.address_of(change.account)?.bytes().first_chunk().copied());
        }
        Ok(addresses)
    }

    fn nis1(&self, transaction: &Transaction, sign: bool) -> Result<Payload<'static>, FieldError> {
        let [part] = transaction.parts.as_slice() else {
            return Err(unsayable("no part, or several", self.era));
        };
        let inner = self.nis1_part(transaction, part)?;
        let outer = match transaction.envelope {
            Envelope::Bare => inner,
            Envelope::Multisig => self.nis1_wrapper(transaction, part.signer, inner, sign)?,
            _ => return Err(unsayable("an aggregate", self.era)),
        };
        self.nis1_signed(outer, transaction.signer, sign)
    }

    fn nis1_wrapper(
        &self,
        transaction: &Transaction,
        multisig: AccountId,
        inner: nis1::Transaction<'static>,
        sign: bool,
    ) -> Result<nis1::Transaction<'static>, FieldError> {
        let other_hash = crate::key::Scheme::Keccak.hash(&[&inner.server_bytes()?]);
        let address = self.address_of(multisig)?.to_string();
        let multisig_address = address.as_bytes().first_chunk().copied().unwrap_or([b'A'; 40]);
        let mut cosignatures = Vec::new();
        for &cosignatory in &transaction.cosignatures {
            let body = nis1::Body::Cosignature { other_hash, multisig_address };
            let one = self.nis1_one(cosignatory, 1, body)?;
            if let Payload::Nis1(one) = self.nis1_signed(one, cosignatory, sign)? {
                cosignatures.push(one);
            }
        }
        let cosignatures = Some(cosignatures);
        let body = nis1::Body::Multisig { inner: Box::new(inner), cosignatures };
        self.nis1_one(transaction.signer, 1, body)
    }

    fn nis1_one(
        &self,
        signer: AccountId,
        version: u8,
        body: nis1::Body<'static>,
    ) -> Result<nis1::Transaction<'static>, FieldError> {
        Ok(nis1::Transaction {
            version,
            network: self.network,
            timestamp: 0,
            signer: self.public(signer)?,
            signature: None,
            fee: 0,
            deadline: 0,
            body,
        })
    }

    fn nis1_signed(
        &self,
        mut transaction: nis1::Transaction<'static>,
        signer: AccountId,
        sign: bool,
    ) -> Result<Payload<'static>, FieldError> {
        if !sign {
            transaction.signature = Some([0; 64]);
            return Ok(Payload::Nis1(transaction));
        }
        let mut payload = Payload::Nis1(transaction);
        payload.sign(self.pair(signer)?, None)?;
        Ok(payload)
    }

    fn nis1_part(
        &self,
        transaction: &Transaction,
        part: &ledger::EmbeddedTransaction,
    ) -> Result<nis1::Transaction<'static>, FieldError> {
        let (version, body) = match &part.body {
            ledger::Body::Transfer(transfer) => self.nis1_transfer(transaction, transfer)?,
            ledger::Body::Modification(modification) => {
                let changes = transaction.changes_of(modification);
                let mut entries = Vec::with_capacity(changes.len());
                for change in changes {
                    if change.action == Action::Invalid {
                        return Err(unsayable("an action without meaning", self.era));
                    }
                    let adds = change.action == Action::Add;
                    entries.push(nis1::entry(adds, &self.public(change.account)?));
                }
                let version = if modification.delta_present { 2 } else { 1 };
                if modification.version != 0 && modification.version != version {
                    return Err(unsayable("a version with the fields of another", self.era));
                }
                let relative_change =
                    modification.delta_present.then_some(modification.approval_delta);
                let entries = Cow::Owned(entries);
                (version, nis1::Body::Modification { entries, relative_change })
            }
            _ => return Err(unsayable("neither a transfer nor a modification", self.era)),
        };
        let mut one = self.nis1_one(part.signer, version, body)?;
        one.canonicalize();
        Ok(one)
    }

    /// One amount of the currency goes by version 1; mosaics by version 2, one times their quantities.
    fn nis1_transfer(
        &self,
        transaction: &Transaction,
        transfer: &ledger::Transfer,
    ) -> Result<(u8, nis1::Body<'static>), FieldError> {
        let address = self.address_of(transfer.recipient)?.to_string();
        let recipient = address.as_bytes().first_chunk().copied().unwrap_or([b'A'; 40]);
        let text = transfer.message.of_text(&transaction.text);
        let message = (!text.is_empty())
            .then(|| nis1::Message { kind: 1, payload: Cow::Owned(text.as_bytes().to_vec()) });
        let (version, amount, mosaics) = match transaction.amounts_of(transfer) {
            [(MosaicId::CURRENCY, amount)] => (1, amount.0, None),
            amounts => {
                let mosaic = |&(mosaic, amount): &(MosaicId, Amount)| nis1::Mosaic {
                    namespace: Cow::Borrowed("quorate"),
                    name: Cow::Owned(mosaic.0.to_string()),
                    quantity: amount.0,
                };
                (2, 1_000_000, Some(amounts.iter().map(mosaic).collect()))
            }
        };
        let transfer = nis1::Transfer { recipient, amount, message, mosaics };
        Ok((version, nis1::Body::Transfer(transfer)))
    }
}

/// The hash a waiting transaction goes by: its number, for the ledger knows it by no other.
fn hash_of(pending: ledger::PendingId) -> [u8; 32] {
    let mut hash = [0; 32];
    for (to, from) in hash.iter_mut().zip(pending.0.to_le_bytes()) {
        *to = from;
    }
    hash
}

//! Bytes to ledger.

use super::super::Era;
use super::super::catapult::{
    Body, Changes, EmbeddableBody, Modification, Transfer, mosaic_fields,
};
use super::super::{FieldError, Payload, nis1};
use super::Courier;
use crate::account::AccountId;
use crate::key::{Address, PublicKey};
use crate::mosaic::MosaicId;
use crate::transaction::{
    self as ledger, Action, CosignatoryModification, Envelope, HashLock, PendingId, Transaction,
};
use crate::unit::{Amount, Span};

/// What the keys, addresses, mosaics and hashes of a payload are called in a ledger.
pub trait Directory {
    /// The account of a public key.
    fn by_key(&self, key: &PublicKey) -> Option<AccountId>;
    /// The account of an address.
    fn by_address(&self, address: &Address) -> Option<AccountId>;
    /// The mosaic of a Catapult id.
    fn mosaic(&self, id: u64) -> Option<MosaicId>;
    /// The mosaic of a NIS1 name.
    fn mosaic_of_name(&self, namespace: &str, name: &str) -> Option<MosaicId>;
    /// The transaction that a hash lock speaks for.
    fn pending(&self, hash: &[u8; 32]) -> PendingId;
    /// What stands for a transaction of this signer that is carried unread; `None` refuses it.
    fn unread(&self, signer: AccountId) -> Option<ledger::Body>;
    /// The text of a message's bytes; `None` refuses them.
    fn text(&self, bytes: &[u8]) -> Option<String>;
}

impl Directory for Courier {
    fn by_key(&self, key: &PublicKey) -> Option<AccountId> {
        self.by_key.get(key).copied()
    }

    fn by_address(&self, address: &Address) -> Option<AccountId> {
        self.by_address.get(address).copied()
    }

    fn mosaic(&self, id: u64) -> Option<MosaicId> {
        u32::try_from(id).ok().map(MosaicId)
    }

    fn mosaic_of_name(&self, namespace: &str, name: &str) -> Option<MosaicId> {
        name.parse().ok().filter(|_| namespace == "quorate").map(MosaicId)
    }

    fn pending(&self, hash: &[u8; 32]) -> PendingId {
        let [a, b, c, d, ..] = *hash;
        PendingId(u32::from_le_bytes([a, b, c, d]))
    }

    fn unread(&self, _: AccountId) -> Option<ledger::Body> {
        None
    }

    fn text(&self, bytes: &[u8]) -> Option<String> {
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
}

/// The ledger's transaction of a payload, with the names that `directory` gives.
///
/// # Errors
/// An account or mosaic that the directory does not hold, a transaction that is carried unread, a message
/// that is no text, or a cosignature on its own.
pub fn transaction_of(
    payload: &Payload<'_>,
    directory: &impl Directory,
) -> Result<Transaction, FieldError> {
    Receiver { era: payload.era(), directory }.transaction(payload)
}

struct Receiver<'d, D> {
    era: Era,
    directory: &'d D,
}

impl<D: Directory> Receiver<'_, D> {
    fn transaction(&self, payload: &Payload<'_>) -> Result<Transaction, FieldError> {
        match payload {
            Payload::Catapult { transaction, .. } => {
                let signer = self.by_key(&transaction.signer)?;
                let mut received = Transaction::new(Envelope::Bare, signer);
                match &transaction.body {
                    Body::Single(part) => self.receive_part(&mut received, signer, part)?,
                    Body::Aggregate(aggregate) => {
                        received.envelope = match aggregate.bonded {
                            true => Envelope::AggregateBonded,
                            false => Envelope::AggregateComplete,
                        };
                        for embedded in &aggregate.transactions {
                            let signer = self.by_key(&embedded.signer)?;
                            self.receive_part(&mut received, signer, &embedded.part)?;
                        }
                        for cosignature in &aggregate.cosignatures {
                            received.cosignatures.push(self.by_key(&cosignature.signer)?);
                        }
                    }
                }
                Ok(received)
            }
            Payload::Nis1(transaction) => self.receive_nis1(transaction),
            Payload::Detached(_) => {
                Err(FieldError::new("payload", "a cosignature on its own", "a transaction"))
            }
        }
    }

    fn by_key(&self, key: &[u8; 32]) -> Result<AccountId, FieldError> {
        let key = PublicKey(*key);
        let none = || FieldError::new("public key", key, "that of an account of this ledger");
        self.directory.by_key(&key).ok_or_else(none)
    }

    fn by_address(&self, bytes: &[u8]) -> Result<AccountId, FieldError> {
        let address = Address::from_bytes(bytes);
        let account = address.and_then(|address| self.directory.by_address(&address));
        account.ok_or_else(|| {
            let found = address.map_or_else(String::new, |address| address.to_string());
            FieldError::new("address", found, "that of an account of this ledger")
        })
    }

    fn by_address_text(&self, text: &[u8; 40]) -> Result<AccountId, FieldError> {
        let address = std::str::from_utf8(text).ok();
        let address = address.and_then(|text| Address::from_text(text).ok());
        self.by_address(address.as_ref().map_or(&[], Address::bytes))
    }

    fn receive_part(
        &self,
        received: &mut Transaction,
        signer: AccountId,
        part: &EmbeddableBody<'_>,
    ) -> Result<(), FieldError> {
        let body = match part {
            EmbeddableBody::Transfer(transfer) => self.receive_transfer(received, transfer)?,
            EmbeddableBody::Modification(modification) => {
                self.receive_modification(received, modification)?
            }
            EmbeddableBody::HashLock(lock) => ledger::Body::HashLock(HashLock {
                pending: self.directory.pending(&lock.hash),
                amount: Amount(lock.amount),
                duration_blocks: lock.duration,
            }),
            EmbeddableBody::Opaque { kind, .. } => {
                self.directory.unread(signer).ok_or_else(|| {
                    let found = format!("a transaction of type {kind:#06x}, carried unread");
                    FieldError::new("type", found, "one this ledger has rules for")
                })?
            }
        };
        received.push(signer, body);
        Ok(())
    }

    fn receive_transfer(
        &self,
        received: &mut Transaction,
        transfer: &Transfer<'_>,
    ) -> Result<ledger::Body, FieldError> {
        let address = transfer.recipient.get(..self.era.address_bytes()).unwrap_or_default();
        let recipient = self.by_address(address)?;
        let start = received.amounts.len();
        for entry in transfer.mosaics.iter() {
            let (id, amount) = mosaic_fields(entry);
            let mosaic = self.directory.mosaic(id).ok_or_else(|| unknown_mosaic(id))?;
            received.amounts.push((mosaic, Amount(amount)));
        }
        let amounts = Span::between(start, received.amounts.len());
        let message = self.push_text(received, &transfer.message)?;
        Ok(ledger::Body::Transfer(ledger::Transfer { recipient, amounts, message }))
    }

    fn receive_modification(
        &self,
        received: &mut Transaction,
        modification: &Modification<'_>,
    ) -> Result<ledger::Body, FieldError> {
        let start = received.changes.len();
        let mut push = |adds: bool, account| {
            let action = if adds { Action::Add } else { Action::Remove };
            received.changes.push(CosignatoryModification { action, account });
        };
        match &modification.changes {
            Changes::Ordered(_) => {
                for (adds, key) in modification.ordered(self.era) {
                    push(adds, self.by_key(key)?);
                }
            }
            Changes::Keys { additions, deletions } => {
                for (list, adds) in [(additions, true), (deletions, false)] {
                    for key in list.iter() {
                        push(adds, self.by_key(key)?);
                    }
                }
            }
            Changes::Addresses { additions, deletions } => {
                for (list, adds) in [(additions, true), (deletions, false)] {
                    for address in list.iter() {
                        push(adds, self.by_address(address)?);
                    }
                }
            }
        }
        Ok(ledger::Body::Modification(ledger::Modification {
            approval_delta: modification.approval_delta.into(),
            removal_delta: modification.removal_delta.into(),
            delta_present: true,
            version: 0,
            changes: Span::between(start, received.changes.len()),
        }))
    }

    fn receive_nis1(&self, transaction: &nis1::Transaction<'_>) -> Result<Transaction, FieldError> {
        let signer = self.by_key(&transaction.signer)?;
        let nis1::Body::Multisig { inner, cosignatures } = &transaction.body else {
            let mut received = Transaction::new(Envelope::Bare, signer);
            self.receive_nis1_part(&mut received, transaction)?;
            return Ok(received);
        };
        let mut received = Transaction::new(Envelope::Multisig, signer);
        self.receive_nis1_part(&mut received, inner)?;
        for cosignature in cosignatures.iter().flatten() {
            received.cosignatures.push(self.by_key(&cosignature.signer)?);
        }
        Ok(received)
    }

    fn receive_nis1_part(
        &self,
        received: &mut Transaction,
        part: &nis1::Transaction<'_>,
    ) -> Result<(), FieldError> {
        let signer = self.by_key(&part.signer)?;
        let body = match &part.body {
            nis1::Body::Modification { entries, relative_change } => {
                let start = received.changes.len();
                for entry in entries.iter() {
                    let (adds, key) = nis1::entry_fields(entry);
                    let action = if adds { Action::Add } else { Action::Remove };
                    received
                        .changes
                        .push(CosignatoryModification { action, account: self.by_key(&key)? });
                }
                ledger::Body::Modification(ledger::Modification {
                    approval_delta: relative_change.unwrap_or(0),
                    removal_delta: 0,
                    delta_present: relative_change.is_some(),
                    version: part.version,
                    changes: Span::between(start, received.changes.len()),
                })
            }
            nis1::Body::Transfer(transfer) => self.receive_nis1_transfer(received, transfer)?,
            nis1::Body::Multisig { .. } => ledger::Body::Nested,
            nis1::Body::Cosignature { .. } | nis1::Body::Opaque { .. } => {
                let is_unread = matches!(part.body, nis1::Body::Opaque { .. });
                let stands_in = is_unread.then(|| self.directory.unread(signer)).flatten();
                stands_in.ok_or_else(|| {
                    let found = format!("a transaction of type {:#06x}", part.body.kind());
                    FieldError::new("type", found, "one this ledger has rules for")
                })?
            }
        };
        received.push(signer, body);
        Ok(())
    }

    fn receive_nis1_transfer(
        &self,
        received: &mut Transaction,
        transfer: &nis1::Transfer<'_>,
    ) -> Result<ledger::Body, FieldError> {
        let recipient = self.by_address_text(&transfer.recipient)?;
        let start = received.amounts.len();
        match &transfer.mosaics {
            Some(mosaics) if !mosaics.is_empty() => {
                for mosaic in mosaics {
                    let id = self.directory.mosaic_of_name(&mosaic.namespace, &mosaic.name);
                    let id = id.ok_or_else(|| unknown_mosaic(&mosaic.name))?;
                    received.amounts.push((id, Amount(transfer.moved(mosaic))));
                }
            }
            // without mosaics the amount is what moves, in version 2 too
            _ => received.amounts.push((MosaicId::CURRENCY, Amount(transfer.amount))),
        }
        let amounts = Span::between(start, received.amounts.len());
        let payload = transfer.message.as_ref().map_or(&[][..], |message| &message.payload);
        let message = self.push_text(received, payload)?;
        Ok(ledger::Body::Transfer(ledger::Transfer { recipient, amounts, message }))
    }

    fn push_text(&self, received: &mut Transaction, bytes: &[u8]) -> Result<Span, FieldError> {
        let start = received.text.len();
        match self.directory.text(bytes) {
            Some(text) => received.text.push_str(&text),
            None => return Err(FieldError::new("message", "bytes that are no text", "text")),
        }
        Ok(Span::between(start, received.text.len()))
    }
}

fn unknown_mosaic(id: impl std::fmt::Display) -> FieldError {
    FieldError::new("mosaic", id, "a mosaic of this ledger")
}

#[cfg(test)]
mod tests {
    use super::super::super::{Era, Network};
    use super::*;
    use crate::account::Accounts;

    const HASH: [u8; 32] = [4; 32];

    fn courier(era: Era) -> (Courier, [AccountId; 4]) {
        let accounts = Accounts::new(&["alice", "bob", "carol", "joint"]).unwrap();
        let ids = ["alice", "bob", "carol", "joint"].map(|name| accounts.find(name).unwrap());
        (Courier::new(&accounts, era, Network::Testnet), ids)
    }

    fn there_and_back(courier: &Courier, transaction: &Transaction) -> Transaction {
        let unsigned = courier.send(transaction, None).unwrap();
        let signed = courier.send(transaction, Some(&HASH)).unwrap();
        assert_eq!(unsigned.len(), signed.len());
        assert!(courier.receive(&unsigned, Some(&HASH)).is_err(), "zeros sign nothing");
        assert_eq!(
            courier.receive(&unsigned, None).unwrap(),
            courier.receive(&signed, Some(&HASH)).unwrap()
        );
        courier.receive(&signed, Some(&HASH)).unwrap()
    }

    #[test]
    fn an_aggregate_comes_back_as_it_was_sent() {
        for era in [Era::A, Era::A1, Era::B, Era::C] {
            let (courier, [alice, bob, carol, joint]) = courier(era);
            for envelope in [Envelope::AggregateComplete, Envelope::AggregateBonded] {
                let mut sent = Transaction::new(envelope, alice);
                sent.push_modification(joint, (2, -1), &[alice, bob], &[carol]);
                sent.push_transfer(joint, carol, Amount(u64::MAX));
                let lock =
                    HashLock { pending: PendingId(7), amount: Amount(9), duration_blocks: 3 };
                sent.push(bob, ledger::Body::HashLock(lock));
                sent.cosignatures = vec![bob, joint];
                assert_eq!(there_and_back(&courier, &sent), sent, "{era}");
            }
        }
    }

    #[test]
    fn a_nis1_wrapper_comes_back_as_it_was_sent() {
        let (courier, [alice, bob, carol, joint]) = courier(Era::N);
        let mut sent = Transaction::new(Envelope::Multisig, alice);
        sent.push_modification(joint, (-2, 0), &[bob, carol], &[alice]);
        sent.cosignatures = vec![bob];
        let mut received = there_and_back(&courier, &sent);
        if let ledger::Body::Modification(modification) = &mut received.parts[0].body {
            assert_eq!(std::mem::take(&mut modification.version), 2);
        }
        assert_eq!(received, sent);
        let mut sent = Transaction::new(Envelope::Bare, alice);
        sent.push_transfer(alice, bob, Amount(5));
        assert_eq!(there_and_back(&courier, &sent), sent);
    }

    #[test]
    fn what_the_bytes_cannot_say_is_refused() {
        let (courier, [alice, bob, _, joint]) = courier(Era::C);
        let mut many = Transaction::new(Envelope::Bare, joint);
        many.push_modification(joint, (0, 0), &[bob; 256], &[]);
        assert!(courier.send(&many, None).unwrap_err().to_string().contains("at most 255"));
        let mut wide = Transaction::new(Envelope::Bare, joint);
        wide.push_modification(joint, (200, 0), &[bob], &[]);
        assert!(courier.send(&wide, None).unwrap_err().to_string().contains("8 bits"));
        let mut nested = Transaction::new(Envelope::AggregateComplete, alice);
        nested.push(alice, ledger::Body::Nested);
        assert!(courier.send(&nested, None).is_err());
        let stranger = Transaction::new(Envelope::AggregateComplete, AccountId(99));
        assert_eq!(courier.send(&stranger, None).unwrap_err().path, "account");
    }
}

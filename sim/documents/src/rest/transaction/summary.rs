//! What a transaction says, in one shape for all eras and forms.

use super::TransactionDocument;
use super::type_name::{UNKNOWN, catapult_type_name, nis1_type_name};
use crate::key::{Address, Era, Network, PublicKey, Scheme};
use crate::transaction::Action;
use crate::wire::catapult::{self, Changes, EmbeddableBody, mosaic_fields};
use crate::wire::{FieldError, Payload, nis1};

/// An account of a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Party {
    /// Its address; an alias where the transaction names a namespace.
    pub address: Address,
    /// Its public key, where the transaction holds it.
    pub public_key: Option<PublicKey>,
}

impl Party {
    /// Whether it is named by a namespace, which only the chain resolves.
    #[must_use]
    pub const fn is_alias(&self) -> bool {
        self.address.network().is_none()
    }
}

/// How a transaction is signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionKind {
    /// By its signer alone.
    Bare,
    /// An aggregate that carries all its cosignatures.
    Complete,
    /// An aggregate whose cosignatures arrive later.
    Bonded,
    /// NIS1's wrapper around one transaction of a multisig account.
    Multisig,
    /// NIS1's signature for a waiting wrapper.
    Cosignature,
}

/// A transaction with the accounts it names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedDocument {
    /// The byte format; its [`Era::base`] names the rules.
    pub era: Era,
    /// The network it is for.
    pub network: Network,
    /// How it is signed.
    pub kind: TransactionKind,
    /// The version of the outer layout.
    pub version: u8,
    /// Who signs the whole; `None` where the document does not say it.
    pub signer: Option<Party>,
    /// Whether the signer's signature is there (not whether it holds).
    pub is_signed: bool,
    /// Who else has signed, in order.
    pub cosignatures: Vec<Party>,
    /// What is to be done, in order.
    pub parts: Vec<SignedPart>,
    /// Its hash, where the document says it or where it can be computed.
    pub hash: Option<[u8; 32]>,
    /// NIS1: the hash of the inner transaction, which cosignatures name.
    pub inner_hash: Option<[u8; 32]>,
    /// Catapult: milliseconds since the network's first block; NIS1: seconds.
    pub deadline: u64,
    /// Catapult: the most the signer pays; NIS1: the fee.
    pub max_fee: u64,
    /// The height of its block; `None` while it waits or is unconfirmed.
    pub height: Option<u64>,
}

/// One transaction of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedPart {
    /// On whose behalf it acts; `None` for a transaction of its own whose signer is not known.
    pub signer: Option<Party>,
    /// The type's number.
    pub kind: u32,
    /// What it does.
    pub body: SignedPartBody,
}

/// What one transaction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignedPartBody {
    /// Changes a multisig account.
    Modification {
        /// Change of min approval, on NIS1 of min cosignatories; `None` where it is not named.
        approval_delta: Option<i32>,
        /// Change of min removal; 0 on NIS1.
        removal_delta: i32,
        /// Who is added and removed, in order.
        changes: Vec<(Action, Party)>,
    },
    /// Moves mosaics.
    Transfer {
        /// Who receives.
        recipient: Party,
        /// Mosaic and how much of it moves; the id in 16 hex digits, on NIS1 `namespace:name`.
        mosaics: Vec<(String, u64)>,
        /// The bytes of the message, on Catapult with its type in front.
        message: Vec<u8>,
    },
    /// Locks a deposit.
    HashLock {
        /// The mosaic's id.
        mosaic: u64,
        /// How much of it.
        amount: u64,
        /// For how many blocks.
        duration: u64,
        /// The hash of the aggregate it speaks for.
        hash: [u8; 32],
    },
    /// Signs a waiting NIS1 transaction.
    Cosignature {
        /// The hash of the inner transaction.
        hash: [u8; 32],
        /// The multisig account.
        account: Party,
    },
    /// Something else: judged for its signatures only.
    Other,
}

impl SignedPart {
    /// What the type is called, such as `mosaic definition`.
    #[must_use]
    pub fn type_name(&self, era: Era) -> &'static str {
        match era {
            Era::N => nis1_type_name(self.kind),
            _ => u16::try_from(self.kind).map_or(UNKNOWN, catapult_type_name),
        }
    }
}

impl SignedDocument {
    /// Every account that the transaction names, repeats included.
    pub fn parties(&self) -> impl Iterator<Item = &Party> {
        let parts = self.parts.iter().flat_map(|part| {
            let named: Vec<&Party> = match &part.body {
                SignedPartBody::Modification { changes, .. } => {
                    changes.iter().map(|(_, party)| party).collect()
                }
                SignedPartBody::Transfer { recipient, .. } => vec![recipient],
                SignedPartBody::Cosignature { account, .. } => vec![account],
                SignedPartBody::HashLock { .. } | SignedPartBody::Other => Vec::new(),
            };
            part.signer.iter().chain(named)
        });
        self.signer.iter().chain(&self.cosignatures).chain(parts)
    }
}

/// Era and network, which make addresses of keys.
#[derive(Clone, Copy)]
struct Place {
    era: Era,
    network: Network,
}

impl Place {
    fn by_key(self, key: &[u8; 32]) -> Party {
        let key = PublicKey(*key);
        Party { address: Address::of(&key, self.era, self.network), public_key: Some(key) }
    }

    fn by_address(bytes: &[u8]) -> Result<Party, FieldError> {
        let address = Address::from_bytes(bytes)
            .ok_or_else(|| FieldError::new("address", "another length", "24 or 25 bytes"))?;
        Ok(Party { address, public_key: None })
    }

    fn by_text(text: &[u8; 40]) -> Result<Party, FieldError> {
        let text = String::from_utf8_lossy(text);
        let address = Address::from_text(&text)
            .map_err(|error| FieldError::new("address", error, "40 characters of base32"))?;
        Ok(Party { address, public_key: None })
    }
}

pub(super) fn of(document: &TransactionDocument) -> Result<SignedDocument, FieldError> {
    match &document.payload {
        Payload::Catapult { era, transaction } => {
            of_catapult(document, Place { era: *era, network: transaction.network }, transaction)
        }
        Payload::Nis1(transaction) => of_nis1(document, transaction),
        Payload::Detached(_) => {
            let found = "a cosignature on its own";
            Err(FieldError::new("document", found, "the transaction that it signs"))
        }
    }
}

fn of_catapult(
    document: &TransactionDocument,
    place: Place,
    transaction: &catapult::Transaction<'_>,
) -> Result<SignedDocument, FieldError> {
    let signer = document.has_signer.then(|| place.by_key(&transaction.signer));
    let part = |signer, part: &EmbeddableBody<'_>| {
        Ok(SignedPart { signer, kind: part.kind().into(), body: catapult_body(place, part)? })
    };
    let (kind, parts, cosignatures) = match &transaction.body {
        catapult::Body::Single(single) => {
            (TransactionKind::Bare, vec![part(signer, single)?], Vec::new())
        }
        catapult::Body::Aggregate(aggregate) => {
            let kind = match aggregate.bonded {
                true => TransactionKind::Bonded,
                false => TransactionKind::Complete,
            };
            let embedded = aggregate.transactions.iter();
            let parts = embedded.map(|one| part(Some(place.by_key(&one.signer)), &one.part));
            let parts = parts.collect::<Result<Vec<SignedPart>, FieldError>>()?;
            let cosignatures = aggregate.cosignatures.iter();
            (kind, parts, cosignatures.map(|one| place.by_key(&one.signer)).collect())
        }
    };
    Ok(SignedDocument {
        era: place.era,
        network: place.network,
        kind,
        version: transaction.version,
        signer,
        is_signed: transaction.signature != [0; 64],
        cosignatures,
        parts,
        hash: document.hash(),
        inner_hash: None,
        deadline: transaction.deadline,
        max_fee: transaction.max_fee,
        height: document.meta.height,
    })
}

fn catapult_body(place: Place, part: &EmbeddableBody<'_>) -> Result<SignedPartBody, FieldError> {
    Ok(match part {
        EmbeddableBody::Modification(modification) => SignedPartBody::Modification {
            approval_delta: Some(modification.approval_delta.into()),
            removal_delta: modification.removal_delta.into(),
            changes: catapult_changes(place, modification)?,
        },
        EmbeddableBody::Transfer(transfer) => {
            let recipient = transfer.recipient.get(..place.era.address_bytes());
            let mosaics = transfer.mosaics.iter().map(mosaic_fields);
            SignedPartBody::Transfer {
                recipient: Place::by_address(recipient.unwrap_or_default())?,
                mosaics: mosaics.map(|(id, amount)| (format!("{id:016X}"), amount)).collect(),
                message: transfer.message.to_vec(),
            }
        }
        EmbeddableBody::HashLock(lock) => SignedPartBody::HashLock {
            mosaic: lock.mosaic,
            amount: lock.amount,
            duration: lock.duration,
            hash: lock.hash,
        },
        EmbeddableBody::Opaque { .. } => SignedPartBody::Other,
    })
}

fn catapult_changes(
    place: Place,
    modification: &catapult::Modification<'_>,
) -> Result<Vec<(Action, Party)>, FieldError> {
    let action = |adds| if adds { Action::Add } else { Action::Remove };
    match &modification.changes {
        Changes::Ordered(_) => Ok(modification
            .ordered(place.era)
            .map(|(adds, key)| (action(adds), place.by_key(key)))
            .collect()),
        Changes::Keys { additions, deletions } => {
            let added = additions.iter().map(|key| (Action::Add, place.by_key(key)));
            let deleted = deletions.iter().map(|key| (Action::Remove, place.by_key(key)));
            Ok(added.chain(deleted).collect())
        }
        Changes::Addresses { additions, deletions } => {
            let added = additions.iter().map(|address| (Action::Add, address));
            let deleted = deletions.iter().map(|address| (Action::Remove, address));
            let party =
                |(action, address): (Action, &[u8; 24])| Ok((action, Place::by_address(address)?));
            added.chain(deleted).map(party).collect()
        }
    }
}

fn of_nis1(
    document: &TransactionDocument,
    transaction: &nis1::Transaction<'_>,
) -> Result<SignedDocument, FieldError> {
    let place = Place { era: Era::N, network: transaction.network };
    let signer = Some(place.by_key(&transaction.signer));
    let (kind, inner, cosignatures) = match &transaction.body {
        nis1::Body::Multisig { inner, cosignatures } => {
            (TransactionKind::Multisig, &**inner, cosignatures.as_deref().unwrap_or_default())
        }
        nis1::Body::Cosignature { .. } => (TransactionKind::Cosignature, transaction, &[][..]),
        _ => (TransactionKind::Bare, transaction, &[][..]),
    };
    let has_inner_hash = kind == TransactionKind::Multisig && document.unread.is_empty();
    let inner_hash = match has_inner_hash {
        true => Some(Scheme::Keccak.hash(&[&inner.server_bytes()?])),
        false => None,
    };
    Ok(SignedDocument {
        era: Era::N,
        network: transaction.network,
        kind,
        version: transaction.version,
        signer,
        is_signed: transaction.signature.is_some_and(|signature| signature != [0; 64]),
        cosignatures: cosignatures.iter().map(|one| place.by_key(&one.signer)).collect(),
        parts: vec![SignedPart {
            signer: Some(place.by_key(&inner.signer)),
            kind: inner.body.kind(),
            body: nis1_body(place, &inner.body)?,
        }],
        hash: document.hash(),
        inner_hash,
        deadline: transaction.deadline.into(),
        max_fee: transaction.fee,
        height: document.meta.height,
    })
}

fn nis1_body(place: Place, body: &nis1::Body<'_>) -> Result<SignedPartBody, FieldError> {
    Ok(match body {
        nis1::Body::Modification { entries, relative_change } => {
            let change = |entry: &[u8; 44]| {
                let (adds, key) = nis1::entry_fields(entry);
                (if adds { Action::Add } else { Action::Remove }, place.by_key(&key))
            };
            let changes = entries.iter().map(change).collect();
            SignedPartBody::Modification {
                approval_delta: *relative_change,
                removal_delta: 0,
                changes,
            }
        }
        nis1::Body::Transfer(transfer) => {
            let mosaics = match &transfer.mosaics {
                Some(mosaics) if !mosaics.is_empty() => mosaics
                    .iter()
                    .map(|one| (format!("{}:{}", one.namespace, one.name), transfer.moved(one)))
                    .collect(),
                _ => vec![("nem:xem".to_owned(), transfer.amount)],
            };
            let message = transfer.message.as_ref().map(|message| message.payload.to_vec());
            SignedPartBody::Transfer {
                recipient: Place::by_text(&transfer.recipient)?,
                mosaics,
                message: message.unwrap_or_default(),
            }
        }
        nis1::Body::Cosignature { other_hash, multisig_address } => SignedPartBody::Cosignature {
            hash: *other_hash,
            account: Place::by_text(multisig_address)?,
        },
        nis1::Body::Multisig { .. } | nis1::Body::Opaque { .. } => SignedPartBody::Other,
    })
}

//! NIS1's transactions as its nodes write them in JSON.
//!
//! Source: NemProject/nem, `core/model/*Transaction.java`: `serializeImpl` names the fields; `version` holds
//! the network in its highest byte.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::{Form, Options, TransactionDocument};
use crate::key::{Address, Network};
use crate::wire::nis1::{
    Body, COSIGNATURE, MODIFICATION, MULTISIG, Message, Mosaic, TRANSFER, Transaction, Transfer,
    entry,
};
use crate::wire::{FieldError, Fields, Payload};

/// Reads one transaction; a wrapper with its inner transaction and signatures.
pub(super) fn read(
    value: &Value,
    path: &str,
    options: &Options,
) -> Result<TransactionDocument, FieldError> {
    let mut has_unread = false;
    let transaction = read_one(value, path, Place::Top, &mut has_unread)?;
    let document = TransactionDocument::of(Payload::Nis1(transaction), Form::Rest, options);
    let unread = if has_unread { vec![0] } else { Vec::new() };
    Ok(TransactionDocument { unread, ..document })
}

/// Gives an announced transaction its signature; its cosignatures are announced one by one, so there are
/// none.
pub(super) fn put_signature(transaction: &mut Transaction<'_>, signature: [u8; 64]) {
    transaction.signature = Some(signature);
    if let Body::Multisig { cosignatures, .. } = &mut transaction.body {
        *cosignatures = Some(Vec::new());
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Top,
    Inner,
    Cosignature,
}

fn read_one(
    value: &Value,
    path: &str,
    place: Place,
    has_unread: &mut bool,
) -> Result<Transaction<'static>, FieldError> {
    let mut fields = Fields::new(value, path)?;
    let kind: u32 = fields.number("type")?;
    let (version, network) = read_version(&mut fields)?;
    let signature = match (place, fields.optional("signature")) {
        (Place::Inner, _) | (_, None | Some(Value::Null)) => None,
        _ => Some(fields.bytes("signature")?),
    };
    let body = match (kind, place) {
        (COSIGNATURE, Place::Cosignature | Place::Top) => read_cosignature(&mut fields)?,
        (_, Place::Cosignature) => {
            return Err(fields.error("type", kind, format_args!("{COSIGNATURE}, a cosignature")));
        }
        (MULTISIG, Place::Top) => read_multisig(&mut fields, signature.is_some(), has_unread)?,
        (MULTISIG | COSIGNATURE, Place::Inner) => {
            return Err(fields.error("type", kind, "a transaction that may be wrapped"));
        }
        (MODIFICATION, _) => read_modification(&mut fields, version)?,
        (TRANSFER, _) => Body::Transfer(read_transfer(&mut fields, version)?),
        (kind, _) => {
            *has_unread = true;
            Body::Opaque { kind, body: Cow::Borrowed(&[]) }
        }
    };
    Ok(Transaction {
        version,
        network,
        timestamp: fields.number("timeStamp")?,
        signer: fields.bytes("signer")?,
        signature,
        fee: fields.number("fee")?,
        deadline: fields.number("deadline")?,
        body,
    })
}

/// The highest byte is the network, as a signed number of 32 bits; the lowest the version.
fn read_version(fields: &mut Fields<'_>) -> Result<(u8, Network), FieldError> {
    let value = fields.required("version")?;
    let number = value.as_i64().filter(|number| (-(1 << 31)..1 << 32).contains(number));
    let [version, _, _, network] = (number.unwrap_or_default() as u32).to_le_bytes();
    let network =
        Network::from_byte(network).filter(|network| network.exists_in(crate::key::Era::N));
    match (network, version) {
        (Some(network), 1..) => Ok((version, network)),
        _ => {
            let expected = "a version with the network in its highest byte, such as 1744830465 or \
                            -1744830463";
            Err(fields.error("version", value, expected))
        }
    }
}

fn read_cosignature(fields: &mut Fields<'_>) -> Result<Body<'static>, FieldError> {
    let mut hash = Fields::new(fields.required("otherHash")?, fields.path("otherHash"))?;
    let other_hash = hash.bytes("data")?;
    Ok(Body::Cosignature { other_hash, multisig_address: read_address(fields, "otherAccount")? })
}

fn read_multisig(
    fields: &mut Fields<'_>,
    is_signed: bool,
    has_unread: &mut bool,
) -> Result<Body<'static>, FieldError> {
    let path = fields.path("otherTrans");
    let inner =
        Box::new(read_one(fields.required("otherTrans")?, &path, Place::Inner, has_unread)?);
    let mut cosignatures = Vec::new();
    if fields.optional("signatures").is_some_and(|list| !list.is_null()) {
        for (path, value) in fields.list("signatures")? {
            cosignatures.push(read_one(value, &path, Place::Cosignature, has_unread)?);
        }
    }
    Ok(Body::Multisig { inner, cosignatures: is_signed.then_some(cosignatures) })
}

fn read_modification(fields: &mut Fields<'_>, version: u8) -> Result<Body<'static>, FieldError> {
    let mut entries = Vec::new();
    for (path, value) in fields.list("modifications")? {
        let mut fields = Fields::new(value, path)?;
        let kind: u32 = fields.number("modificationType")?;
        if !matches!(kind, 1 | 2) {
            return Err(fields.error("modificationType", kind, "1 (add) or 2 (delete)"));
        }
        entries.push(entry(kind == 1, &fields.bytes("cosignatoryAccount")?));
    }
    let relative_change = match (version, fields.optional("minCosignatories")) {
        (1, _) => None,
        (_, None) => return Err(fields.error("minCosignatories", "nothing", "the field")),
        (_, Some(value)) if value.as_object().is_some_and(Map::is_empty) => Some(0),
        (_, Some(value)) => {
            Some(Fields::new(value, fields.path("minCosignatories"))?.signed("relativeChange")?)
        }
    };
    Ok(Body::Modification { entries: Cow::Owned(entries), relative_change })
}

fn read_address(fields: &mut Fields<'_>, key: &str) -> Result<[u8; 40], FieldError> {
    let text = fields.text(key)?;
    let plain = text.replace('-', "");
    let address = Address::from_text(&plain).ok().filter(|address| address.bytes().len() == 25);
    let text: Option<[u8; 40]> =
        address.and_then(|address| address.to_string().as_bytes().try_into().ok());
    text.ok_or_else(|| {
        fields.error(key, format_args!("`{plain}`"), "an address of 40 characters or 50 hex digits")
    })
}

fn read_transfer(fields: &mut Fields<'_>, version: u8) -> Result<Transfer<'static>, FieldError> {
    let message = match fields.optional("message") {
        None | Some(Value::Null) => None,
        Some(value) if value.as_object().is_some_and(Map::is_empty) => None,
        Some(value) => {
            let mut message = Fields::new(value, fields.path("message"))?;
            let payload = Cow::Owned(message.hex("payload")?);
            Some(Message { kind: message.number("type")?, payload })
        }
    };
    let mut mosaics = Vec::new();
    if fields.optional("mosaics").is_some_and(|list| !list.is_null()) {
        for (path, value) in fields.list("mosaics")? {
            let mut fields = Fields::new(value, path)?;
            let mut id = Fields::new(fields.required("mosaicId")?, fields.path("mosaicId"))?;
            mosaics.push(Mosaic {
                namespace: Cow::Owned(id.text("namespaceId")?.to_owned()),
                name: Cow::Owned(id.text("name")?.to_owned()),
                quantity: fields.number("quantity")?,
            });
        }
    }
    let recipient = read_address(fields, "recipient")?;
    let amount = fields.number("amount")?;
    Ok(Transfer { recipient, amount, message, mosaics: (version > 1).then_some(mosaics) })
}

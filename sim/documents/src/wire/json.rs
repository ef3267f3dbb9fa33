//! Payloads as JSON: the fields of the layout under their own names, and back.
//!
//! Integers of 64 bits are decimal strings (a number is read too), bytes are upper-case hex (lower case
//! is read too). What the layout implies (`size`, `payload_size`, `entity_type`, `network_byte`,
//! `action_byte`) is written always and need not be given; given, it must be right.

mod catapult;
mod fields;
mod nis1;

use serde_json::Value;

use super::{Era, FieldError, Payload};

pub(crate) use catapult::{ModificationLayout, entry_of, read_modification, recipient_of};
pub(crate) use fields::{Fields, hex};

impl Payload<'_> {
    /// The fields as JSON.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self {
            Self::Catapult { era, transaction } => catapult::to_json(transaction, *era),
            Self::Detached(cosignature) => catapult::detached_to_json(cosignature),
            Self::Nis1(transaction) => nis1::to_json(transaction),
        }
    }

    /// Reads what [`Self::to_json`] writes.
    ///
    /// # Errors
    /// A field that is missing, unknown, of the wrong kind or out of range, with its path.
    pub fn from_json(json: &Value, era: Era) -> Result<Payload<'static>, FieldError> {
        match era {
            Era::N => nis1::from_json(json).map(Payload::Nis1),
            Era::C if json.get("parent_hash").is_some() => {
                catapult::detached_from_json(json).map(Payload::Detached)
            }
            _ => catapult::from_json(json, era)
                .map(|transaction| Payload::Catapult { era, transaction }),
        }
    }
}

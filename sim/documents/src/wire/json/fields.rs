//! A JSON object read field by field: nothing missing, nothing left over, every refusal with its path.

use data_encoding::{HEXUPPER, HEXUPPER_PERMISSIVE};
use serde_json::{Map, Value};

use super::super::FieldError;
use crate::key::{Era, Network};
use crate::unit::count_of;

/// Upper-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    HEXUPPER.encode(bytes)
}

/// An object whose fields are taken one by one.
pub(crate) struct Fields<'v> {
    map: &'v Map<String, Value>,
    path: String,
    taken: Vec<&'v str>,
}

impl<'v> Fields<'v> {
    /// The fields of an object at `path`.
    pub fn new(value: &'v Value, path: impl Into<String>) -> Result<Self, FieldError> {
        let path = path.into();
        match value {
            Value::Object(map) => Ok(Self { map, path, taken: Vec::new() }),
            other => Err(FieldError::new(path, kind_of(other), "an object")),
        }
    }

    /// The path of a field.
    pub fn path(&self, key: &str) -> String {
        format!("{}.{key}", self.path)
    }

    /// A refusal of a field.
    pub fn error(&self, key: &str, found: impl ToString, expected: impl ToString) -> FieldError {
        FieldError::new(self.path(key), found.to_string(), expected.to_string())
    }

    /// A field that may be absent.
    pub fn optional(&mut self, key: &str) -> Option<&'v Value> {
        let (key, value) = self.map.get_key_value(key)?;
        self.taken.push(key);
        Some(value)
    }

    /// A field that must be there.
    pub fn required(&mut self, key: &str) -> Result<&'v Value, FieldError> {
        match self.optional(key) {
            Some(value) => Ok(value),
            None => Err(self.error(key, "nothing", "the field")),
        }
    }

    /// Text.
    pub fn text(&mut self, key: &str) -> Result<&'v str, FieldError> {
        let value = self.required(key)?;
        value.as_str().ok_or_else(|| self.error(key, kind_of(value), "text"))
    }

    /// An unsigned number, as a number or a decimal string, that fits `T`.
    pub fn number<T: TryFrom<u64>>(&mut self, key: &str) -> Result<T, FieldError> {
        let value = self.required(key)?;
        let number = match value {
            Value::String(text) if is_decimal(text) => text.parse().ok(),
            other => other.as_u64(),
        };
        number.and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let bits = 8 * size_of::<T>();
            self.error(key, value, format!("a whole number of at most {bits} bits"))
        })
    }

    /// A signed number that fits `T`.
    pub fn signed<T: TryFrom<i64>>(&mut self, key: &str) -> Result<T, FieldError> {
        let value = self.required(key)?;
        value.as_i64().and_then(|number| T::try_from(number).ok()).ok_or_else(|| {
            let bits = 8 * size_of::<T>();
            self.error(key, value, format!("a signed whole number of {bits} bits"))
        })
    }

    /// Bytes in hex.
    pub fn hex(&mut self, key: &str) -> Result<Vec<u8>, FieldError> {
        let text = self.text(key)?;
        HEXUPPER_PERMISSIVE
            .decode(text.as_bytes())
            .map_err(|_| self.error(key, format_args!("`{}`", shortened(text)), "hex digits"))
    }

    /// Exactly `N` bytes in hex.
    pub fn bytes<const N: usize>(&mut self, key: &str) -> Result<[u8; N], FieldError> {
        let bytes = self.hex(key)?;
        let found = count_of(bytes.len() as u64, "byte");
        bytes.try_into().map_err(|_| self.error(key, found, format!("{N}")))
    }

    /// A list, each entry with its path.
    pub fn list(&mut self, key: &str) -> Result<Vec<(String, &'v Value)>, FieldError> {
        let value = self.required(key)?;
        let Value::Array(entries) = value else {
            return Err(self.error(key, kind_of(value), "a list"));
        };
        let path = self.path(key);
        Ok(entries.iter().enumerate().map(|(i, entry)| (format!("{path}[{i}]"), entry)).collect())
    }

    /// The network by its name, with its byte where that is given too.
    pub fn network(&mut self, era: Era) -> Result<Network, FieldError> {
        let name = self.text("network")?;
        let network = Network::from_name(name).filter(|network| network.exists_in(era));
        let network = network.ok_or_else(|| {
            let expected = format!("a network of era {era}: mainnet, testnet, mijin or mijin_test");
            self.error("network", format_args!("`{name}`"), expected)
        })?;
        self.stated("network_byte", network.byte().into())?;
        Ok(network)
    }

    /// A field that may be absent and else must say what the others imply.
    pub fn stated(&mut self, key: &str, implied: u64) -> Result<(), FieldError> {
        match self.optional(key) {
            Some(value) if value.as_u64() != Some(implied) => {
                Err(self.error(key, value, format_args!("{implied}, as the other fields make it")))
            }
            _ => Ok(()),
        }
    }

    /// Refuses fields that were not taken.
    pub fn finish(self) -> Result<(), FieldError> {
        match self.map.keys().find(|key| !self.taken.contains(&key.as_str())) {
            None => Ok(()),
            Some(key) => Err(self.error(key, "an unknown field", "none of this name")),
        }
    }
}

fn is_decimal(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

fn shortened(text: &str) -> String {
    let start: String = text.chars().take(24).collect();
    if start.len() < text.len() { format!("{start}...") } else { start }
}

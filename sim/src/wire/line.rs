//! One payload a line in, one JSON object a line out, and back: what `decode` and `encode` do.

use data_encoding::{DecodeKind, HEXUPPER_PERMISSIVE};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::json::hex;
use super::{Era, FieldError, Payload, Signatures, WireError, step};

/// Reads one line: hex digits, or an object with `hex` (or NIS1's announced `data`, with `signature` or
/// without) and perhaps `generation_hash`, which goes before the one given here.
///
/// The answer holds `era`, `json` (all fields), `hash` and `signatures` (null where a generation hash is
/// needed and missing), and the same payload as a scenario step: `transaction` (or `cosign`) and
/// `wire`. Era A without a generation hash is hashed as servers before v0.4.0.1 did, if the signature
/// holds that way.
///
/// # Errors
/// No hex, or bytes that the era's layout does not allow.
pub fn decode_line(
    text: &str,
    era: Era,
    generation_hash: Option<[u8; 32]>,
) -> Result<Decoded, WireError> {
    decode(text, era, generation_hash, Look::Sealed)
}

/// As [`decode_line`], without `hash` and `signatures`: they cost a hundred times what the rest does.
///
/// # Errors
/// As [`decode_line`].
pub fn decode_line_unsealed(text: &str, era: Era) -> Result<Decoded, WireError> {
    decode(text, era, None, Look::Unsealed)
}

/// Whether an answer tells the hash and which signatures hold.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Look {
    /// With a generation hash from outside, if any.
    Sealed,
    /// The line says by itself which generation hash there is, or that there is none.
    Told,
    /// Not at all.
    Unsealed,
}

fn decode(
    text: &str,
    era: Era,
    generation_hash: Option<[u8; 32]>,
    look: Look,
) -> Result<Decoded, WireError> {
    if !text.starts_with('{') {
        return decode_bytes(&bytes_of_hex(text)?, era, generation_hash, look);
    }
    let line: Value = serde_json::from_str(text).map_err(|error| {
        WireError::new(error.column().saturating_sub(1), error, "hex digits or a JSON object")
    })?;
    let (generation_hash, look) = match (line.get("generation_hash"), look) {
        (None, _) | (_, Look::Unsealed) => (generation_hash, look),
        (Some(Value::Null), _) => (None, Look::Told),
        (Some(value), _) => (Some(hash_of(value)?), Look::Told),
    };
    let text = |key: &str| line.get(key).and_then(Value::as_str);
    match (text("hex"), text("data")) {
        (Some(digits), _) => decode_bytes(&bytes_of_hex(digits)?, era, generation_hash, look),
        (None, Some(data)) if era == Era::N => decode_announced(data, text("signature"), look),
        _ => Err(WireError::new(0, "an object without `hex`", "`hex` with the payload's digits")),
    }
}

fn hash_of(value: &Value) -> Result<[u8; 32], WireError> {
    let bytes = bytes_of_hex(value.as_str().unwrap_or_default())?;
    let count = bytes.len();
    bytes.try_into().map_err(|_| {
        WireError::new(0, format_args!("a generation hash of {count} bytes"), "32 bytes")
    })
}

/// The bytes that hex digits stand for; blanks, prefixes and line ends are none.
///
/// # Errors
/// The position of the first character that is no hex digit, or of the end behind an odd number.
pub fn bytes_of_hex(text: &str) -> Result<Vec<u8>, WireError> {
    HEXUPPER_PERMISSIVE.decode(text.as_bytes()).map_err(|error| {
        let digits = text.bytes().take_while(u8::is_ascii_hexdigit).count();
        match (error.kind, text.get(digits..).and_then(|rest| rest.chars().next())) {
            (_, Some(character)) => {
                let found = format!("`{}` in the hex text", character.escape_debug());
                WireError::new(digits, found, "a hex digit")
            }
            (DecodeKind::Length, None) => {
                let found = format!("{digits} hex digits");
                WireError::new(digits, found, "an even number, two for each byte")
            }
            (_, None) => WireError::new(digits, error, "hex digits"),
        }
    })
}

fn decode_bytes(
    bytes: &[u8],
    era: Era,
    generation_hash: Option<[u8; 32]>,
    look: Look,
) -> Result<Decoded, WireError> {
    let payload = Payload::decode(bytes, era)?;
    payload.check_order()?;
    Ok(answer(&payload, generation_hash, look))
}

/// The announced form: the signature, if given, goes where the verifiable form has it; a wrapper's
/// cosignatures are announced one by one and so there are none.
fn decode_announced(data: &str, signature: Option<&str>, look: Look) -> Result<Decoded, WireError> {
    let bytes = bytes_of_hex(data)?;
    let mut payload = Payload::decode_announced(&bytes)?;
    payload.check_order()?;
    if let (Payload::Nis1(transaction), Some(signature)) = (&mut payload, signature) {
        let signature = bytes_of_hex(signature)?;
        let count = signature.len();
        transaction.signature = Some(signature.try_into().map_err(|_| {
            WireError::new(0, format_args!("a signature of {count} bytes"), "64 bytes")
        })?);
        if let super::nis1::Body::Multisig { cosignatures, .. } = &mut transaction.body {
            *cosignatures = Some(Vec::new());
        }
    }
    Ok(answer(&payload, None, look))
}

/// A payload that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Decoded {
    /// Whose layout it is.
    #[schemars(extend("enum" = ["A", "A1", "B", "B2", "C", "N"]))]
    pub era: String,
    /// Every field of the bytes.
    #[schemars(with = "Map<String, Value>")]
    pub json: Value,
    /// The hash and which signatures hold; absent if that was not asked for.
    #[serde(flatten)]
    pub seal: Option<Seal>,
    /// The payload as a step of a scenario: `transaction` or `cosign`.
    #[serde(flatten)]
    pub step: Map<String, Value>,
    /// What a scenario's step does not carry, so that encoding gives the same bytes.
    #[schemars(with = "Map<String, Value>")]
    pub wire: Value,
}

/// What it takes the generation hash to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Seal {
    /// The hash; null where a generation hash is needed and missing.
    #[schemars(regex(pattern = r"^([0-9A-Fa-f]{2})*$"))]
    pub hash: Option<String>,
    /// Which signatures hold; null where nothing says how they were made.
    pub signatures: Option<Signatures>,
}

/// A payload that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Encoded {
    /// Its bytes as hex digits.
    #[schemars(regex(pattern = r"^([0-9A-Fa-f]{2})*$"))]
    pub hex: String,
}

/// A line that was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RefusedLine {
    /// What was found and what was expected.
    pub error: String,
    /// The byte at which reading ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset: Option<usize>,
    /// The field that does not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
}

impl std::fmt::Display for Decoded {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&serde_json::to_string(self).map_err(|_| std::fmt::Error)?)
    }
}

impl From<WireError> for RefusedLine {
    fn from(error: WireError) -> Self {
        Self { error: error.to_string(), offset: Some(error.offset), path: None }
    }
}

impl From<FieldError> for RefusedLine {
    fn from(error: FieldError) -> Self {
        Self { error: error.to_string(), offset: None, path: Some(error.path) }
    }
}

fn answer(payload: &Payload<'_>, generation_hash: Option<[u8; 32]>, look: Look) -> Decoded {
    let seal = (look != Look::Unsealed).then(|| {
        let (hash, signatures) = seal(payload, generation_hash.as_ref(), look);
        Seal { hash: hash.map(|hash| hex(&hash)), signatures }
    });
    let (step, wire) = step::split(payload);
    let step = match step {
        Value::Object(step) => step,
        _ => Map::new(),
    };
    Decoded { era: payload.era().name().to_owned(), json: payload.to_json(), seal, step, wire }
}

/// The hash, and which signatures hold; neither where nothing says how they were made.
fn seal(
    payload: &Payload<'_>,
    generation_hash: Option<&[u8; 32]>,
    look: Look,
) -> (Option<[u8; 32]>, Option<Signatures>) {
    let signatures = payload.verify(generation_hash).ok().flatten();
    let early = payload.era() == Era::A && generation_hash.is_none() && look != Look::Told;
    if early && signatures.as_ref().is_some_and(|found| found.signer != Some(true)) {
        return (None, None);
    }
    (payload.hash(generation_hash).ok().flatten(), signatures)
}

/// Writes one line's payload as hex: from `{"era", "json"}`, from a step with its `wire`, or from the
/// bare fields where the era is given here. What is written is read again before it is handed out.
///
/// # Errors
/// JSON that cannot be read, fields that make no payload, no era, two eras, or `json` and step that say
/// different things.
pub fn encode_line(text: &str, era: Option<Era>) -> Result<String, FieldError> {
    let line: Value = serde_json::from_str(text)
        .map_err(|error| FieldError::new("line", error, "a JSON object"))?;
    let era = era_of(&line, era)?;
    let from_step = match line.get("wire") {
        Some(wire) => Some((step::join(&line, wire)?, "step")),
        None => None,
    };
    if let (Some((payload, _)), Some(era)) = (&from_step, era)
        && payload.era() != era
    {
        return Err(FieldError::new("wire.era", payload.era(), format_args!("{era}, as told")));
    }
    let has_step = line.get("transaction").is_some() || line.get("cosign").is_some();
    if has_step && from_step.is_none() && line.get("json").is_none() {
        let expected = "the part that `decode` shows beside a step";
        return Err(FieldError::new("wire", "nothing", expected));
    }
    let from_json = match (line.get("json"), &from_step) {
        (Some(json), _) => Some((read_json(json, era)?, "json")),
        (None, None) => Some((read_json(&line, era)?, "json")),
        (None, Some(_)) => None,
    };
    if let (Some((one, _)), Some((other, _))) = (&from_step, &from_json)
        && one.encode()? != other.encode()?
    {
        let found = "a `json` and a step that make different bytes";
        return Err(FieldError::new("line", found, "one of them, or both alike"));
    }
    let Some((payload, path)) = from_step.or(from_json) else {
        return Err(FieldError::new("line", "neither", "`json` or a step with its `wire`"));
    };
    let bytes = payload.encode()?;
    check(&payload, &bytes, path)?;
    Ok(hex(&bytes))
}

fn era_of(line: &Value, era: Option<Era>) -> Result<Option<Era>, FieldError> {
    let Some(named) = line.get("era") else { return Ok(era) };
    let read = named.as_str().and_then(Era::from_name);
    let read = read.ok_or_else(|| FieldError::new("era", named, "A, A1, B, B2, C or N"))?;
    match era {
        Some(era) if era != read => {
            Err(FieldError::new("era", read, format_args!("{era}, as told")))
        }
        _ => Ok(Some(read)),
    }
}

fn read_json(json: &Value, era: Option<Era>) -> Result<Payload<'static>, FieldError> {
    let era = era.ok_or_else(|| FieldError::new("era", "none", "A, A1, B, B2, C or N"))?;
    Payload::from_json(json, era)
}

/// A reader that refuses what this writer wrote: an order of mosaics, an alias, a modification.
fn check(payload: &Payload<'_>, bytes: &[u8], path: &str) -> Result<(), FieldError> {
    let read = match payload {
        Payload::Nis1(transaction) if transaction.signature.is_none() => {
            Payload::decode_announced(bytes)
        }
        _ => Payload::decode(bytes, payload.era()),
    };
    read.and_then(|payload| payload.check_order())
        .map_err(|error| FieldError::new(path, error.found, error.expected))
}

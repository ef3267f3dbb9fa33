//! One payload a line in, one JSON object a line out, and back: what `decode` and `encode` do.

use data_encoding::{DecodeKind, HEXUPPER_PERMISSIVE};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::json::hex;
use super::{Era, FieldError, Payload, Signatures, WireError, step};
use crate::unit::count_of;

/// Reads one line: hex digits, or an object with `hex` (or NIS1's announced `data`, with `signature` or
/// without) and perhaps `generation_hash`, which goes before the one given here.
///
/// The answer holds `era`, `json` (all fields), `hash` and `signatures` (null where a generation hash is
/// needed and missing), and the same payload as a scenario step: `transaction` (or `cosign`) and
/// `wire`. Where a NIS1 server changes the transaction before it verifies it, `server` says how
/// (`changes`) and by which `hash` the server knows it; `signatures` are judged over what it verifies. Era A
/// without a generation hash is hashed as servers before v0.4.0.1 did, if the signature holds that way.
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
    Given,
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
        (Some(Value::Null), _) => (None, Look::Given),
        (Some(value), _) => (Some(hash_of(value)?), Look::Given),
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
    let found = count_of(bytes.len() as u64, "byte");
    bytes
        .try_into()
        .map_err(|_| WireError::new(0, format_args!("a generation hash of {found}"), "32 bytes"))
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
                let found = count_of(digits as u64, "hex digit");
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
    let changes = payload.server_changes()?;
    let sealed = (look != Look::Unsealed).then(|| seal(&payload, generation_hash.as_ref(), look));
    let others = super::eras_of(bytes).into_iter().filter(|&other| other != era);
    let also = others.map(|other| other.name().to_owned()).collect();
    Ok(Decoded { also, ..answer(&payload, changes, sealed) })
}

/// Hash and signatures of a payload, where they are known.
type Sealed = (Option<[u8; 32]>, Option<Signatures>);

/// The answer about a payload, as [`decode_line`] gives it; `hash` and `signatures` as they are given here,
/// none of them without.
///
/// # Errors
/// The order of a NIS1 modification, as [`Payload::check_order`].
pub fn decoded(payload: &Payload<'_>, sealed: Option<Sealed>) -> Result<Decoded, WireError> {
    let changes = payload.server_changes()?;
    Ok(answer(payload, changes, sealed))
}

/// The announced form: the signature, if given, goes where the verifiable form has it; a wrapper's
/// cosignatures are announced one by one and so there are none.
fn decode_announced(data: &str, signature: Option<&str>, look: Look) -> Result<Decoded, WireError> {
    let bytes = bytes_of_hex(data)?;
    let mut payload = Payload::decode_announced(&bytes)?;
    let changes = payload.server_changes()?;
    if let (Payload::Nis1(transaction), Some(signature)) = (&mut payload, signature) {
        let signature = bytes_of_hex(signature)?;
        let found = count_of(signature.len() as u64, "byte");
        transaction.signature =
            Some(signature.try_into().map_err(|_| {
                WireError::new(0, format_args!("a signature of {found}"), "64 bytes")
            })?);
        if let super::nis1::Body::Multisig { cosignatures, .. } = &mut transaction.body {
            *cosignatures = Some(Vec::new());
        }
    }
    let sealed = (look != Look::Unsealed).then(|| seal(&payload, None, look));
    Ok(answer(&payload, changes, sealed))
}

/// A payload that was read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemas", schemars(extend(
    "oneOf" = [{"required": ["transaction"]}, {"required": ["cosign"]}],
    "anyOf" = [{"required": ["wire"]}, {"required": ["not_shown"]}],
)))]
pub struct Decoded {
    /// Whose layout it is.
    #[cfg_attr(feature = "schemas", schemars(extend("enum" = ["A", "A1", "B", "B2", "C", "N"])))]
    pub era: String,
    /// Every field of the bytes.
    #[cfg_attr(feature = "schemas", schemars(with = "Map<String, Value>"))]
    pub json: Value,
    /// The hash and which signatures hold; absent if that was not asked for.
    #[serde(flatten)]
    pub seal: Option<Seal>,
    /// What a NIS1 server changes before it verifies; absent where it changes nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub server: Option<ServerChanges>,
    /// The payload as a step of a scenario: `transaction` or `cosign`.
    #[serde(flatten)]
    pub step: Map<String, Value>,
    /// What a scenario's step does not carry, so that encoding gives the same bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemas", schemars(with = "Map<String, Value>"))]
    pub wire: Option<Value>,
    /// The other eras that accept the same bytes; absent where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemas", schemars(inner(regex(pattern = r"^(A1?|B2?|C|N)$"))))]
    pub also: Vec<String>,
    /// The form it was brought in; absent for a payload whose era was given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemas", schemars(with = "String"))]
    #[cfg_attr(feature = "schemas", schemars(extend("enum" = ["rest", "payload", "signing_data", "announcement", "decoded"])))]
    pub form: Option<String>,
    /// The height of its block, as the node says; absent while it waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schemas", schemars(with = "u64", range(min = 1)))]
    pub height: Option<u64>,
    /// What the document does not show of the bytes; then there is no `wire`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schemas", schemars(length(min = 1)))]
    pub not_shown: Vec<String>,
}

/// What it takes the generation hash to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Seal {
    /// The hash; null where a generation hash is needed and missing.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^([0-9A-Fa-f]{2})*$")))]
    pub hash: Option<String>,
    /// Which signatures hold, on NIS1 over what a server verifies; null where nothing says how they were
    /// made.
    pub signatures: Option<Signatures>,
}

/// What a NIS1 server changes before it verifies.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct ServerChanges {
    /// What it changes, a phrase each.
    pub changes: Vec<String>,
    /// The hash of what the server verifies, by which it knows the transaction; absent if that was not
    /// asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

/// A payload that was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
pub struct Encoded {
    /// Its bytes as hex digits.
    #[cfg_attr(feature = "schemas", schemars(regex(pattern = r"^([0-9A-Fa-f]{2})*$")))]
    pub hex: String,
}

/// A line that was refused.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
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

fn answer(payload: &Payload<'_>, changes: Vec<String>, sealed: Option<Sealed>) -> Decoded {
    let server = (!changes.is_empty()).then(|| ServerChanges {
        changes,
        hash: sealed.as_ref().and_then(|_| server_hash(payload)),
    });
    let seal =
        sealed.map(|(hash, signatures)| Seal { hash: hash.map(|hash| hex(&hash)), signatures });
    let (step, wire) = step::split(payload);
    let step = match step {
        Value::Object(step) => step,
        _ => Map::new(),
    };
    Decoded {
        era: payload.era().name().to_owned(),
        json: payload.to_json(),
        seal,
        server,
        step,
        wire: Some(wire),
        also: Vec::new(),
        form: None,
        height: None,
        not_shown: Vec::new(),
    }
}

/// The hash by which a NIS1 server knows the transaction.
fn server_hash(payload: &Payload<'_>) -> Option<String> {
    let Payload::Nis1(transaction) = payload else { return None };
    let bytes = transaction.server_bytes().ok()?;
    Some(hex(&crate::key::Scheme::Keccak.hash(&[&bytes])))
}

/// The hash, and which signatures hold; neither where nothing says how they were made.
fn seal(payload: &Payload<'_>, generation_hash: Option<&[u8; 32]>, look: Look) -> Sealed {
    let signatures = payload.verify(generation_hash).ok().flatten();
    let early = payload.era() == Era::A && generation_hash.is_none() && look != Look::Given;
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
    let line: Value =
        serde_json::from_str(text).map_err(|error| FieldError::no_json("line", text, &error))?;
    if !line.is_object() {
        return Err(FieldError::new("line", "something else", "a JSON object"));
    }
    let era = era_of(&line, era)?;
    let from_step = match line.get("wire") {
        Some(wire) => Some((step::join(&line, wire)?, "step")),
        None => None,
    };
    if let (Some((payload, _)), Some(era)) = (&from_step, era)
        && payload.era() != era
    {
        return Err(FieldError::new(
            "wire.era",
            payload.era(),
            format_args!("{era}, as asked for"),
        ));
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
            Err(FieldError::new("era", read, format_args!("{era}, as asked for")))
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

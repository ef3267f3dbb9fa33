//! Single configuration values: how a server's text becomes a number, a span or a flag.
//!
//! Source: the servers' `utils/ConfigurationValueParsers`. One difference is meant: a number that
//! overflows its type is refused here, while the servers' own test misses some (there a `u8` of
//! `300` is read as 44).

use std::fmt;
use thiserror::Error;

/// The type that a server gives a configuration value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// A whole number up to 2^8 - 1.
    U8,
    /// A whole number up to 2^16 - 1.
    U16,
    /// A whole number up to 2^32 - 1.
    U32,
    /// A whole number up to 2^64 - 1.
    U64,
    /// A mosaic id: `0x` and upper-case hexadecimal digits, up to 2^64 - 1.
    MosaicId,
    /// A span of time with the unit `ms`, `s`, `m` or `h`; its number is in milliseconds.
    TimespanMs,
    /// A span of blocks with the unit `m`, `h` or `d`; its number is in seconds.
    BlockspanSeconds,
    /// `true` or `false`; its number is 1 or 0.
    Bool,
}

impl ValueType {
    /// Every kind, in the order of the enum.
    pub const ALL: [Self; 8] = [
        Self::U8,
        Self::U16,
        Self::U32,
        Self::U64,
        Self::MosaicId,
        Self::TimespanMs,
        Self::BlockspanSeconds,
        Self::Bool,
    ];

    /// The kind's name: `u8`, `u16`, `u32`, `u64`, `mosaic_id`, `timespan_ms`, `blockspan_seconds`
    /// or `bool`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::U8 => "u8",
            Self::U16 => "u16",
            Self::U32 => "u32",
            Self::U64 => "u64",
            Self::MosaicId => "mosaic_id",
            Self::TimespanMs => "timespan_ms",
            Self::BlockspanSeconds => "blockspan_seconds",
            Self::Bool => "bool",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    const fn max(self) -> u64 {
        match self {
            Self::U8 => u8::MAX as u64,
            Self::U16 => u16::MAX as u64,
            Self::U32 => u32::MAX as u64,
            Self::Bool => 1,
            Self::U64 | Self::MosaicId | Self::TimespanMs | Self::BlockspanSeconds => u64::MAX,
        }
    }

    /// The units a span may have, each with its size in the kind's own unit.
    const fn units(self) -> &'static [(&'static str, u64)] {
        match self {
            Self::TimespanMs => &[("ms", 1), ("s", 1000), ("m", 60_000), ("h", 3_600_000)],
            Self::BlockspanSeconds => &[("m", 60), ("h", 3600), ("d", 86_400)],
            _ => &[],
        }
    }
}

impl fmt::Display for ValueType {
    /// What a value of this kind looks like, for "expected ...".
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::U8 | Self::U16 | Self::U32 | Self::U64 => {
                write!(formatter, "a number from 0 to {}, such as `10` or `1'000`", self.max())
            }
            Self::MosaicId => formatter.write_str(
                "`0x` and up to 16 upper-case hexadecimal digits, such as `0x6BED'913F'A202'23F8`",
            ),
            Self::TimespanMs => {
                formatter.write_str("a time span in `ms`, `s`, `m` or `h`, such as `15s`")
            }
            Self::BlockspanSeconds => {
                formatter.write_str("a block span in `m`, `h` or `d`, such as `2d`")
            }
            Self::Bool => formatter.write_str("`true` or `false`"),
        }
    }
}

/// Why a value cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flaw {
    /// There is nothing.
    Empty,
    /// A prefix or a unit without digits.
    NoDigits,
    /// A `'` that does not stand between two digits.
    Separator,
    /// A `+` or `-` in front.
    Sign,
    /// Hexadecimal where decimal digits are expected.
    Hexadecimal,
    /// `1e3` and the like.
    Exponent,
    /// A mosaic id without `0x`.
    Prefix,
    /// A mosaic id in lower case.
    LowerCase,
    /// A space or tab inside.
    Space,
    /// A comment behind the value.
    Comment,
    /// Any other character.
    Character(char),
    /// A span without a unit.
    NoUnit,
    /// A span with a unit of another kind of span.
    Unit,
    /// A number beyond its type.
    Overflow,
    /// Neither `true` nor `false`.
    NotABool,
}

impl fmt::Display for Flaw {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Empty => "is empty",
            Self::NoDigits => "has no digits",
            Self::Separator => "has a separator `'` that does not stand between two digits",
            Self::Sign => "has a sign",
            Self::Hexadecimal => "is hexadecimal",
            Self::Exponent => "has an exponent",
            Self::Prefix => "does not start with `0x`",
            Self::LowerCase => "has lower-case digits",
            Self::Space => "has a space inside",
            Self::Comment => "has a comment behind it, which needs a line of its own",
            Self::Character(character) => {
                return write!(formatter, "has the character `{}`", character.escape_debug());
            }
            Self::NoUnit => "has no unit",
            Self::Unit => "has a unit that does not belong here",
            Self::Overflow => "is too large",
            Self::NotABool => "is neither",
        })
    }
}

/// A value that cannot be read as its kind.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{}, expected {kind}", said(found, *flaw))]
pub struct ValueError {
    /// What stands there, its first 40 characters.
    pub found: String,
    /// What is wrong with it.
    pub flaw: Flaw,
    /// What it should be.
    pub kind: ValueType,
}

/// The flaw as a sentence about what stands there.
fn said(found: &str, flaw: Flaw) -> String {
    match flaw {
        Flaw::Empty => "there is no value".to_owned(),
        flaw => format!("`{found}` {flaw}"),
    }
}

/// Reads one value of `kind`: a number in the kind's unit, 1 or 0 for a flag.
///
/// ```
/// use quorate::protocol::properties::{ValueType, read_value};
/// assert_eq!(read_value(ValueType::U32, "1'000"), Ok(1000));
/// assert_eq!(read_value(ValueType::BlockspanSeconds, "2d"), Ok(172_800));
/// assert!(read_value(ValueType::U8, "256").is_err());
/// ```
///
/// # Errors
///
/// What the servers refuse, and every overflow of the kind's type.
pub fn read_value(kind: ValueType, text: &str) -> Result<u64, ValueError> {
    let outcome = match kind {
        _ if text.is_empty() => Err(Flaw::Empty),
        ValueType::Bool => flag(text),
        ValueType::MosaicId => mosaic_id(text),
        ValueType::TimespanMs | ValueType::BlockspanSeconds => span(kind, text),
        ValueType::U8 | ValueType::U16 | ValueType::U32 | ValueType::U64 => number(text, 10),
    };
    let outcome = outcome.and_then(|number| match number <= kind.max() {
        true => Ok(number),
        false => Err(Flaw::Overflow),
    });
    outcome.map_err(|flaw| ValueError { found: excerpt(text), flaw: refined(flaw, text), kind })
}

/// The first 40 characters of what stands in a file, with control characters made visible.
pub(super) fn excerpt(text: &str) -> String {
    let mut shown: String = text.chars().take(40).flat_map(char::escape_debug).collect();
    if text.chars().nth(40).is_some() {
        shown.push_str("...");
    }
    shown.replace("\\'", "'").replace("\\\"", "\"")
}

/// A comment behind a value is the commonest slip, and hides behind any other flaw.
fn refined(flaw: Flaw, text: &str) -> Flaw {
    let comment = [" #", " ;", "\t#", "\t;"].iter().any(|mark| text.contains(mark));
    if comment { Flaw::Comment } else { flaw }
}

fn flag(text: &str) -> Result<u64, Flaw> {
    match text {
        "true" => Ok(1),
        "false" => Ok(0),
        _ => Err(Flaw::NotABool),
    }
}

fn mosaic_id(text: &str) -> Result<u64, Flaw> {
    number(text.strip_prefix("0x").ok_or(Flaw::Prefix)?, 16)
}

fn span(kind: ValueType, text: &str) -> Result<u64, Flaw> {
    let digits = text.trim_end_matches(|character: char| character.is_ascii_alphabetic());
    let unit = text.strip_prefix(digits).unwrap_or("");
    let count = number(digits, 10)?;
    if unit.is_empty() {
        return Err(Flaw::NoUnit);
    }
    let known = kind.units().iter().find(|(name, _)| *name == unit);
    let (_, size) = known.ok_or(Flaw::Unit)?;
    count.checked_mul(*size).ok_or(Flaw::Overflow)
}

/// Digits with single separators between them.
fn number(text: &str, radix: u32) -> Result<u64, Flaw> {
    if text.is_empty() {
        return Err(Flaw::NoDigits);
    }
    let mut value = Some(0_u64);
    let mut after_digit = false;
    for character in text.chars() {
        if character == '\'' {
            if !after_digit {
                return Err(Flaw::Separator);
            }
            after_digit = false;
            continue;
        }
        let digit = digit(character, radix).ok_or_else(|| flaw_of(character, text, radix))?;
        after_digit = true;
        value = value
            .and_then(|value| value.checked_mul(u64::from(radix)))
            .and_then(|value| value.checked_add(u64::from(digit)));
    }
    if !after_digit {
        return Err(Flaw::Separator);
    }
    value.ok_or(Flaw::Overflow)
}

fn digit(character: char, radix: u32) -> Option<u32> {
    if character.is_ascii_lowercase() { None } else { character.to_digit(radix) }
}

/// The word for a character that is no digit.
fn flaw_of(character: char, text: &str, radix: u32) -> Flaw {
    match character {
        '+' | '-' => Flaw::Sign,
        ' ' | '\t' => Flaw::Space,
        'a'..='f' if radix == 16 => Flaw::LowerCase,
        'x' | 'X' if radix == 10 && text.starts_with('0') => Flaw::Hexadecimal,
        'e' | 'E' if radix == 10 => Flaw::Exponent,
        other => Flaw::Character(other),
    }
}

//! Amounts, heights and spans, with arithmetic that cannot wrap in silence.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An amount of a mosaic in its smallest unit, 0 to 2^64 - 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub u64);

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// The sum, or `None` beyond 2^64 - 1.
    #[must_use]
    pub const fn checked_add(self, other: Self) -> Option<Self> {
        match self.0.checked_add(other.0) {
            Some(sum) => Some(Self(sum)),
            None => None,
        }
    }

    /// The difference, or `None` below zero.
    #[must_use]
    pub const fn checked_sub(self, other: Self) -> Option<Self> {
        match self.0.checked_sub(other.0) {
            Some(rest) => Some(Self(rest)),
            None => None,
        }
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// The height of a block; the block that is open after the start has height 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Height(pub u64);

impl fmt::Display for Height {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

/// What is said in place of a count that is beyond its type.
pub const UNCOUNTED: &str = "more than can be counted";

/// A count of saturating arithmetic in digits; [`UNCOUNTED`] where it is saturated.
#[must_use]
pub fn count_text(count: u64) -> String {
    if count == u64::MAX { UNCOUNTED.to_owned() } else { count.to_string() }
}

/// A number with its thousands set apart; [`UNCOUNTED`] where it is saturated.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = count_text(number);
    if number == u64::MAX {
        return digits;
    }
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `1 step`, `2 steps`, `1,000 cosignatories`: a count with its noun, given in the singular.
#[must_use]
pub fn count_of(count: u64, noun: &str) -> String {
    let number = grouped(count);
    if count == 1 {
        return format!("{number} {noun}");
    }
    match noun.strip_suffix('y').filter(|stem| !stem.ends_with(['a', 'e', 'i', 'o', 'u'])) {
        Some(stem) => format!("{number} {stem}ies"),
        None => format!("{number} {noun}s"),
    }
}

/// A count of saturating arithmetic. In JSON it is a number, or the text [`UNCOUNTED`] where it is
/// saturated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(from = "CountRecord", into = "CountRecord")]
pub struct Count(pub u64);

/// A count as JSON has it.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
#[serde(untagged)]
enum CountRecord {
    Number(u64),
    Uncounted(Uncounted),
}

/// The text that stands for a saturated count.
#[derive(Serialize, Deserialize)]
#[cfg_attr(feature = "schemas", derive(schemars::JsonSchema))]
enum Uncounted {
    #[serde(rename = "more than can be counted")]
    Uncounted,
}

impl From<CountRecord> for Count {
    fn from(record: CountRecord) -> Self {
        match record {
            CountRecord::Number(number) => Self(number),
            CountRecord::Uncounted(Uncounted::Uncounted) => Self(u64::MAX),
        }
    }
}

impl From<Count> for CountRecord {
    fn from(count: Count) -> Self {
        match count.0 {
            u64::MAX => Self::Uncounted(Uncounted::Uncounted),
            number => Self::Number(number),
        }
    }
}

#[cfg(feature = "schemas")]
impl schemars::JsonSchema for Count {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Count".into()
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        CountRecord::json_schema(generator)
    }
}

/// A run of entries in one of a transaction's shared lists: `start` included, `end` not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Span {
    /// Index of the first entry.
    pub start: u32,
    /// Index behind the last entry.
    pub end: u32,
}

impl Span {
    /// The entries this span names in `list`; empty where the span does not fit the list.
    #[must_use]
    pub fn of<T>(self, list: &[T]) -> &[T] {
        list.get(self.start as usize..self.end as usize).unwrap_or(&[])
    }

    /// The text this span names in `text`, in bytes; empty where it does not fit.
    #[must_use]
    pub fn of_text(self, text: &str) -> &str {
        text.get(self.start as usize..self.end as usize).unwrap_or("")
    }

    /// Number of entries.
    #[must_use]
    pub const fn len(self) -> usize {
        self.end.saturating_sub(self.start) as usize
    }

    /// Whether there is no entry.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.end <= self.start
    }

    /// The span from `start` to the end of a list of `end` entries.
    #[must_use]
    pub fn between(start: usize, end: usize) -> Self {
        let clamp = |index: usize| u32::try_from(index).unwrap_or(u32::MAX);
        Self { start: clamp(start), end: clamp(end) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_count_agrees_with_its_noun() {
        let words = [count_of(0, "step"), count_of(1, "day"), count_of(2, "day")];
        assert_eq!(words, ["0 steps", "1 day", "2 days"]);
        assert_eq!(count_of(1_692_700, "cosignatory"), "1,692,700 cosignatories");
    }

    #[test]
    fn amounts_do_not_wrap() {
        assert_eq!(Amount(u64::MAX).checked_add(Amount(1)), None);
        assert_eq!(Amount(1).checked_sub(Amount(2)), None);
        assert_eq!(Amount(2).checked_sub(Amount(2)), Some(Amount::ZERO));
    }

    #[test]
    fn a_saturated_count_is_no_number() {
        let last = u64::MAX - 1;
        let json = |count| serde_json::to_value(Count(count)).unwrap();
        assert_eq!((count_text(last), json(last)), (last.to_string(), last.into()));
        assert_eq!((count_text(u64::MAX).as_str(), json(u64::MAX)), (UNCOUNTED, UNCOUNTED.into()));
        let read = |count| serde_json::from_value::<Count>(json(count)).unwrap();
        assert_eq!((read(last), read(u64::MAX)), (Count(last), Count(u64::MAX)));
    }

    #[test]
    fn a_span_outside_its_list_is_empty() {
        let span = Span { start: 1, end: 9 };
        assert!(span.of(&[1, 2, 3]).is_empty());
        assert_eq!(Span::between(1, 3).of(&[1, 2, 3]), &[2, 3]);
    }
}

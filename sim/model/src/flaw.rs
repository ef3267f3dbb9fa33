//! What is wrong with a JSON document, in the words of whoever wrote it: the place, what was found, what was
//! expected, and the nearest known word for a misspelt one.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::account::{did_you_mean, nearest};
use crate::encoding::printable;

/// What is wrong with a document, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{line}:{column}: {what}")]
pub struct Flaw {
    /// The line, from 1.
    pub line: usize,
    /// The column in bytes, from 1.
    pub column: usize,
    /// What was found and what was expected.
    pub what: String,
}

impl Flaw {
    /// Why this text was refused.
    #[must_use]
    pub fn new(text: &str, error: &serde_json::Error) -> Self {
        let what = match text.trim().is_empty() {
            true => "the file is empty".to_owned(),
            false => explain(error),
        };
        Self { line: error.line().max(1), column: error.column().max(1), what }
    }

    /// Why this text is no document of a format, or none of those without a `format`, which are expected in
    /// words: where it calls itself another, that is why.
    #[must_use]
    pub fn of_format(text: &str, error: &serde_json::Error, expected: &str) -> Self {
        let format = error.is_data().then(|| format_of(text)).flatten();
        match format {
            Some((offset, found)) if found != expected => {
                let (line, column) = place_at(text, offset);
                Self { line, column, what: other_format(&found, expected) }
            }
            _ => Self::new(text, error),
        }
    }

    /// The same with what the whole document should be, where nothing says yet what was expected.
    #[must_use]
    pub fn expecting(mut self, expected: &str) -> Self {
        if !self.what.contains("expected") {
            self.what = format!("{}; expected {expected}", self.what);
        }
        self
    }
}

/// The documents that say in `format` what they are.
const FORMATS: [(&str, &str); 3] = [
    ("multisig-trace", "a scenario"),
    ("multisig-protocol", "a protocol"),
    ("account-tree", "an account tree"),
];

/// The message for a document that calls itself something else than what is read here.
#[must_use]
pub fn other_format(found: &str, expected: &str) -> String {
    let kind =
        |name: &str| FORMATS.iter().find(|(format, _)| *format == name).map(|(_, kind)| *kind);
    let what = format!("`format` is `{found}`");
    match (kind(found), kind(expected)) {
        (Some(found), Some(own)) => {
            format!("{what}; expected `{expected}`: this is {found}, not {own}")
        }
        (Some(found), None) => format!("{what}: this is {found}; expected {expected}"),
        (None, Some(_)) => format!("{what}; expected `{expected}`"),
        (None, None) => format!("{what}; expected {expected}"),
    }
}

/// What the first object of a text calls itself, and where.
fn format_of(text: &str) -> Option<(usize, String)> {
    #[derive(Deserialize)]
    struct Head<'a> {
        #[serde(borrow)]
        format: &'a RawValue,
    }
    let is_object = text.trim_start().starts_with('{');
    let mut reader = serde_json::Deserializer::from_str(text);
    let head = is_object.then(|| Head::deserialize(&mut reader).ok()).flatten()?;
    let offset = head.format.get().as_ptr() as usize - text.as_ptr() as usize;
    Some((offset, serde_json::from_str(head.format.get()).ok()?))
}

/// Line and column in bytes, both from 1, of this byte of a text.
#[must_use]
pub fn place_at(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or("");
    let line_start = before.rfind('\n').map_or(0, |newline| newline + 1);
    (1 + before.matches('\n').count(), 1 + offset - line_start)
}

/// The reader's words for the parser's.
const WORDS: [(&str, &str); 13] = [
    ("expected u8", "expected a whole number from 0 to 255"),
    ("expected u32", "expected a whole number from 0 to 4294967295"),
    ("expected u64", "expected a whole number from 0 to 18446744073709551615"),
    ("expected usize", "expected a whole number from 0"),
    ("expected i64", "expected a whole number"),
    ("expected f64", "expected a number"),
    ("expected a boolean", "expected `true` or `false`"),
    ("expected a sequence", "expected a list"),
    ("expected a map", "expected an object"),
    ("expected a string", "expected a text in quotes"),
    ("invalid type: map", "invalid type: an object"),
    ("invalid type: sequence", "invalid type: a list"),
    ("invalid type: null", "invalid type: `null`"),
];

/// The message of a JSON error without its place, in the words of the format: what was found, what was expected,
/// and the nearest known word for a misspelt one.
pub fn explain(error: &serde_json::Error) -> String {
    let text = error.to_string();
    // a name that is not known may hold anything
    let text = printable(&text).replace('\n', "\\n");
    let place = format!(" at line {} column {}", error.line(), error.column());
    let text = text.strip_suffix(&place).unwrap_or(&text);
    if let Some(inside) = text.strip_prefix("EOF while parsing ") {
        return format!(
            "the text ends inside {inside}; expected the rest of it (is the file cut off?)"
        );
    }
    match text {
        "recursion limit exceeded" => {
            return "nested more than 100 levels deep; expected at most ten".to_owned();
        }
        "trailing characters" => {
            return "something stands behind the object; expected the end of it".to_owned();
        }
        "expected value" | "expected ident" => return "no JSON: no value begins here".to_owned(),
        _ => {}
    }
    if error.is_syntax() {
        return format!("no JSON: {text}");
    }
    if text.starts_with("missing field") {
        return format!("{text}; it is required");
    }
    if text.starts_with("duplicate ") {
        return format!("{text}; expected it once");
    }
    let mut plain = text.replacen(", expected", "; expected", 1);
    for (word, own) in WORDS {
        if plain.ends_with(word) || plain.starts_with(word) {
            plain = plain.replace(word, own);
        }
    }
    // The type of a record without words of its own.
    if let Some((before, _)) = plain.split_once("expected struct ") {
        plain = format!("{before}expected an object");
    }
    plain + &hint(text)
}

/// "Did you mean", for an unknown field or word.
fn hint(text: &str) -> String {
    let mut words = text.split('`').skip(1).step_by(2);
    let (true, Some(found)) = (text.starts_with("unknown "), words.next()) else {
        return String::new();
    };
    // The parser cuts nothing, so the words are few: the fields of one object.
    did_you_mean(nearest(found, words))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Record {
        note: Option<String>,
        lose: Option<Vec<String>>,
        roll_back: Option<Blocks>,
        kind: Option<Kind>,
    }

    #[derive(Debug, Deserialize)]
    struct Blocks {
        blocks: u64,
    }

    #[derive(Debug, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Kind {
        Transfer,
    }

    fn flaw(text: &str, format: &str) -> Flaw {
        let error = serde_json::from_str::<Record>(text).unwrap_err();
        Flaw::of_format(text, &error, format)
    }

    fn message(text: &str) -> String {
        flaw(text, "multisig-trace").what
    }

    #[test]
    fn a_misspelt_field_is_recognized() {
        let text = message("{\"rol_back\":{}}");
        assert!(text.starts_with("unknown field `rol_back`; expected one of `note`"), "{text}");
        assert!(text.ends_with("; did you mean `roll_back`?"), "{text}");
        assert!(!message("{\"zebra\":{}}").contains("did you mean"));
        let text = message(r#"{"kind":"a\nb\u001bc"}"#);
        assert!(text.starts_with(r"unknown variant `a\nb\u{1b}c`"), "{text}");
        let record: Record = serde_json::from_str(r#"{"kind":"transfer"}"#).unwrap();
        assert!(matches!(record.kind, Some(Kind::Transfer)), "{record:?}");
        assert!(record.note.is_none() && record.lose.is_none(), "{record:?}");
        assert!(record.roll_back.is_none_or(|back| back.blocks == 0));
    }

    #[test]
    fn the_parsers_words_become_the_readers() {
        let cases = [
            ("{\"roll_back\":{\"blocks\":1.5}}", "expected a whole number from 0"),
            ("{\"roll_back\":{\"blocks\":-1}}", "expected a whole number from 0"),
            ("{\"note\":5}", "invalid type: integer `5`; expected a text in quotes"),
            ("{\"lose\":5}", "invalid type: integer `5`; expected a list"),
            ("{\"roll_back\":{}}", "missing field `blocks`; it is required"),
            ("{\"roll_back\":[]}", "invalid length 0; expected an object"),
            ("{\"roll_back\":5}", "invalid type: integer `5`; expected an object"),
            ("{\"note\":\"a\",\"note\":\"b\"}", "duplicate field `note`; expected it once"),
            ("{\"note\":\"a\"} x", "something stands behind the object; expected the end of it"),
            ("{\"note\":", "the text ends inside a value; expected the rest of it"),
            ("{note:1}", "no JSON: key must be a string"),
            ("hello", "no JSON: no value begins here"),
            ("", "the file is empty"),
        ];
        for (text, expected) in cases {
            assert!(message(text).contains(expected), "{text}: {}", message(text));
        }
        assert_eq!(flaw("", "").expecting("x").to_string(), "1:1: the file is empty; expected x");
    }

    #[test]
    fn a_document_of_another_format_is_named_whatever_else_is_wrong_with_it() {
        let tree = "{\"x\":{\"format\":\"no\"},\n \"format\":\"account-tree\"}\n{}";
        assert_eq!(
            flaw(tree, "multisig-trace").to_string(),
            "2:11: `format` is `account-tree`; expected `multisig-trace`: this is an account tree, not a \
             scenario"
        );
        assert!(flaw(tree, "account-tree").what.contains("unknown field `x`"));
        assert!(flaw("[\"account-tree\"]", "multisig-trace").what.contains("expected"));
    }
}

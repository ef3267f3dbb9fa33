//! What a JSON error means for somebody who writes scenarios: what was found, what was expected, and
//! the nearest known word for a misspelt one.

use crate::account::distance;
use crate::encoding::printable;

/// The reader's words for the parser's.
const WORDS: [(&str, &str); 11] = [
    ("expected u8", "expected a whole number from 0 to 255"),
    ("expected u32", "expected a whole number from 0 to 4294967295"),
    ("expected u64", "expected a whole number from 0 to 18446744073709551615"),
    ("expected i64", "expected a whole number"),
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
            return "nested more than 100 levels deep; expected a scenario, which needs ten"
                .to_owned();
        }
        "trailing characters" => {
            return "something stands behind the object; expected the end of it".to_owned();
        }
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
    plain + &hint(text)
}

/// "Did you mean", for an unknown field or word.
fn hint(text: &str) -> String {
    let mut words = text.split('`').skip(1).step_by(2);
    let (true, Some(found)) = (text.starts_with("unknown "), words.next()) else {
        return String::new();
    };
    let limit = 1 + found.chars().count() / 3;
    // The parser cuts nothing, so the words are few: the fields of one object.
    let near = words.map(|known| (distance(known, found), known)).min();
    match near {
        Some((edits, known)) if edits <= limit => format!("; did you mean `{known}`?"),
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::record::StepRecord;

    fn message(text: &str) -> String {
        explain(&serde_json::from_str::<StepRecord<'_>>(text).unwrap_err())
    }

    #[test]
    fn a_misspelt_field_is_recognized() {
        let text = message("{\"trasaction\":{}}");
        assert!(text.starts_with("unknown field `trasaction`; expected one of `note`"), "{text}");
        assert!(text.ends_with("; did you mean `transaction`?"), "{text}");
        assert!(!message("{\"zebra\":{}}").contains("did you mean"));
        let text = message(r#"{"transaction":{"type":"a\nb\u001bc"}}"#);
        assert!(text.starts_with(r"unknown variant `a\nb\u{1b}c`"), "{text}");
        let text = message("{\"transaction\":{\"type\":\"transfr\"}}");
        assert!(text.ends_with("; did you mean `transfer`?"), "{text}");
    }

    #[test]
    fn the_parsers_words_become_the_readers() {
        let cases = [
            ("{\"roll_back\":{\"blocks\":18446744073709551616}}", "more than 18446744073709551615"),
            ("{\"roll_back\":{\"blocks\":1.5}}", "expected a whole number from 0"),
            ("{\"roll_back\":{\"blocks\":-1}}", "expected a whole number from 0"),
            ("{\"note\":5}", "invalid type: integer `5`; expected a text in quotes"),
            ("{\"lose\":5}", "invalid type: integer `5`; expected a list"),
            ("{\"roll_back\":{}}", "missing field `blocks`; it is required"),
            ("{\"note\":\"a\",\"note\":\"b\"}", "duplicate field `note`; expected it once"),
            ("{\"note\":\"a\"} x", "something stands behind the object; expected the end of it"),
            ("{\"note\":", "the text ends inside a value; expected the rest of it"),
            ("{note:1}", "no JSON: key must be a string"),
        ];
        for (text, expected) in cases {
            assert!(message(text).contains(expected), "{text}: {}", message(text));
        }
    }
}

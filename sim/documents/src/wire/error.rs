//! Why a field of a JSON document, or of a model on its way to bytes, cannot be taken.

use std::fmt;

use crate::flaw::Flaw;
use crate::key::Era;

/// Why a field cannot be taken: where it stands, what stands there, and what should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{path}: found {found}, expected {expected}")]
pub struct FieldError {
    /// Where in the JSON: field names with dots, indices in brackets.
    pub path: String,
    /// What stands there.
    pub found: String,
    /// What should stand there.
    pub expected: String,
}

impl FieldError {
    /// A refusal of what stands at `path`.
    #[cold]
    #[must_use]
    pub fn new(
        path: impl Into<String>,
        found: impl fmt::Display,
        expected: impl fmt::Display,
    ) -> Self {
        Self { path: path.into(), found: found.to_string(), expected: expected.to_string() }
    }

    /// A refusal of a text that the JSON parser does not take.
    #[cold]
    #[must_use]
    pub fn no_json(path: &str, text: &str, error: &serde_json::Error) -> Self {
        let Flaw { line, column, what } = Flaw::new(text, error);
        let what = what.strip_prefix("no JSON: ").unwrap_or(&what);
        Self::new(path, format_args!("no JSON at line {line}, column {column} ({what})"), "JSON")
    }

    #[cold]
    pub(super) fn too_many(field: &str, found: usize, most: u32) -> Self {
        Self::new(field, format_args!("{found}"), format_args!("at most {most} {field}"))
    }

    #[cold]
    pub(super) fn other_era(field: &str, era: Era) -> Self {
        Self::new(field, "the layout of another era", format_args!("that of era {era}"))
    }
}

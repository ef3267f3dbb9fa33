//! Why a field of a JSON document, or of a model on its way to bytes, cannot be taken.

use std::fmt;

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

    #[cold]
    pub(super) fn too_many(field: &str, found: usize, most: u32) -> Self {
        Self::new(field, format_args!("{found}"), format_args!("at most {most} {field}"))
    }

    #[cold]
    pub(super) fn other_era(field: &str, era: Era) -> Self {
        Self::new(field, "the layout of another era", format_args!("that of era {era}"))
    }
}

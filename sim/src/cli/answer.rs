//! How a command answers: one value, as JSON or as text, and as a page beside it.

use serde::Serialize;

use super::Fatal;
use super::output::{Reader, columns, print, print_json};
use super::report::Page;
use crate::report::sheet::Sheet;
use crate::report::text;

/// Output format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Prints an answer, and writes its page where one was asked for. Nothing is built that nobody wants.
///
/// # Errors
/// Standard output or a page that cannot be written to.
pub fn give<'a, A>(answer: &'a A, format: Format, page: &Page) -> Result<Reader, Fatal>
where
    A: Serialize,
    Sheet: From<&'a A>,
{
    page.save(|| Sheet::from(answer))?;
    give_text(answer, format, false)
}

/// Prints an answer that has no page; `details` writes what is folded, too.
///
/// # Errors
/// Standard output that cannot be written to.
pub fn give_text<'a, A>(answer: &'a A, format: Format, details: bool) -> Result<Reader, Fatal>
where
    A: Serialize,
    Sheet: From<&'a A>,
{
    match format {
        Format::Json => print_json(&json(answer)?),
        Format::Text => show(&Sheet::from(answer), details),
    }
}

/// Prints a sheet as text; `details` writes what is folded, too.
///
/// # Errors
/// Standard output that cannot be written to.
pub fn show(sheet: &Sheet, details: bool) -> Result<Reader, Fatal> {
    print(&text::page(sheet, text::Options { width: columns().unwrap_or(text::WIDTH), details }))
}

/// An answer as one line of JSON.
///
/// # Errors
/// Only what the writer reports.
pub fn json(answer: &impl Serialize) -> Result<String, Fatal> {
    let text = serde_json::to_string(answer);
    text.map(|text| text + "\n").map_err(|error| Fatal(format!("cannot write JSON: {error}")))
}

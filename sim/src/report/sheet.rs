//! What a page says, before any format writes it down: a verdict, facts, sections of blocks.
//!
//! Commands fill a [`Sheet`]; `html` writes it as one page without knowing what it is about.

use crate::protocol::Protocol;
use crate::scenario::Document;

pub use super::chart::Chart;
pub use crate::unit::grouped;

/// The name of the fact that says which version answered.
pub const VERSION_FACT: &str = "quorate";

/// A page.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sheet {
    /// The title, as a person would say it.
    pub title: String,
    /// The answer in a few words, with its colour; none for pages without one.
    pub verdict: Option<(Mark, String)>,
    /// A sentence or two below the verdict.
    pub lead: String,
    /// What a reader needs to repeat it: version, protocol, digest, seed, command; name and value.
    pub facts: Vec<(String, String)>,
    /// The sections in reading order.
    pub sections: Vec<Section>,
    /// The command that comes to the same answer; none where nothing failed.
    pub reproduce: Option<String>,
    /// The verdict once more and what to do about it, at the end of a text.
    pub conclusion: Option<String>,
}

/// A part of a page with a heading of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Section {
    /// The heading.
    pub title: String,
    /// What stands below it.
    pub blocks: Vec<Block>,
}

/// A piece of a section.
#[derive(Clone, Debug, PartialEq)]
pub enum Block {
    /// A paragraph.
    Text(String),
    /// A smaller heading.
    Heading(String),
    /// A table.
    Table(Table),
    /// A drawing with what it shows.
    Picture {
        /// The drawing as SVG, made by `tree`, `plot` or `chart`.
        svg: String,
        /// What it shows, in a sentence.
        caption: String,
    },
    /// Two drawings side by side: before and after.
    Change {
        /// The first drawing as SVG.
        before: String,
        /// The second.
        after: String,
        /// What lies between them, in a sentence.
        caption: String,
    },
    /// Curves, drawn by whoever shows them.
    Chart(Chart),
    /// Lines as they are: a tree drawn with letters.
    Verbatim(String),
    /// Command lines, to be copied.
    Command(String),
    /// A scenario: its file, or a timeline to be stepped through.
    Scenario(Document),
    /// A scenario, to be stepped through.
    Timeline(Timeline),
    /// For a page; a text leaves it out unless details are wanted.
    OnPage(Vec<Block>),
    /// For a text; a page leaves it out, it shows the same in another way.
    InText(Vec<Block>),
    /// Details, closed until somebody opens them.
    Folded {
        /// What is inside.
        title: String,
        /// The details.
        blocks: Vec<Block>,
    },
}

/// A table; every row has as many cells as there are headings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// The headings.
    pub head: Vec<String>,
    /// The rows.
    pub rows: Vec<Vec<Cell>>,
}

/// A cell of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// What it says.
    pub text: String,
    /// How it is meant; a mark is never colour alone, the text says it, too.
    pub mark: Mark,
    /// Whether it is a number and stands to the right.
    pub number: bool,
}

/// How something is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mark {
    /// Neither good nor bad.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Legal, and hurts.
    Warning,
    /// Broken.
    Bad,
    /// Less important.
    Quiet,
}

/// A scenario as a sequence of moments.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Timeline {
    /// The scenario's name.
    pub title: String,
    /// Its description.
    pub description: String,
    /// Moment 0 is the beginning, the others are the steps.
    pub moments: Vec<Moment>,
}

impl Sheet {
    /// A page with the facts that every report names: this program's version, and each protocol with
    /// its digest.
    #[must_use]
    pub fn new<'p>(
        title: impl Into<String>,
        protocols: impl IntoIterator<Item = &'p Protocol>,
    ) -> Self {
        let version = (VERSION_FACT.to_owned(), env!("CARGO_PKG_VERSION").to_owned());
        let protocols = protocols.into_iter().map(|protocol| {
            ("protocol".to_owned(), format!("{} (digest {})", protocol.name, protocol.digest()))
        });
        let facts = std::iter::once(version).chain(protocols).collect();
        Self { title: title.into(), facts, ..Self::default() }
    }
}

/// A step of a scenario and how the accounts stand after it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Moment {
    /// What was done, in words.
    pub what: String,
    /// The step's own note; may be empty.
    pub note: String,
    /// Who signed, the initiator first.
    pub signers: Vec<String>,
    /// What was decided, in the protocol's own spelling; empty for steps without a verdict.
    pub decision: String,
    /// How that is meant.
    pub mark: Mark,
    /// The multisig accounts as they stand, as SVG; empty: as at the moment before.
    pub picture: String,
    /// What failed here, if something did: expected and found.
    pub failures: Vec<String>,
    /// How many steps before this one are left out, so that long stories stay short.
    pub skipped: u64,
}

impl Cell {
    /// Plain words.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A number, to the right.
    #[must_use]
    pub fn number(number: impl ToString) -> Self {
        Self { text: number.to_string(), number: true, ..Self::default() }
    }

    /// The same cell, meant as `mark` says.
    #[must_use]
    pub fn marked(self, mark: Mark) -> Self {
        Self { mark, ..self }
    }
}

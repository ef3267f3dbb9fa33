//! Reports beside the answer: the files that `--junit`, `--sarif` and `--html` name.

mod bench;
mod results;

use std::path::{Path, PathBuf};

pub use results::{Arguments, run};

use super::Fatal;
use crate::report::sheet::Sheet;
use crate::report::{Report, file, html, junit, sarif};

/// Where to write reports.
#[derive(Debug, Default, clap::Args)]
pub struct Files {
    /// Write a JUnit XML report
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// Write a SARIF 2.1.0 report
    #[arg(long, value_name = "FILE")]
    sarif: Option<PathBuf>,
    #[command(flatten)]
    page: Page,
}

/// Where to write a page.
#[derive(Debug, Default, clap::Args)]
pub struct Page {
    /// Write a report to look at: one HTML page that needs no network
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Page {
    /// Whether a page was asked for.
    pub const fn is_wanted(&self) -> bool {
        self.html.is_some()
    }

    /// Writes the page if it was asked for.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, sheet: impl FnOnce() -> Sheet) -> Result<(), Fatal> {
        match &self.html {
            Some(path) => save(path, &html::page(&sheet())),
            None => Ok(()),
        }
    }
}

impl Files {
    /// Writes the reports that were asked for.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, report: impl FnOnce() -> Report) -> Result<(), Fatal> {
        if self.junit.is_none() && self.sarif.is_none() {
            return Ok(());
        }
        let report = &report();
        if let Some(path) = &self.junit {
            let text = junit::document(report).map_err(|error| unwritable(path, &error))?;
            save(path, &text)?;
        }
        if let Some(path) = &self.sarif {
            save(path, &format!("{:#}\n", sarif::document(report)))?;
        }
        Ok(())
    }

    /// The page, if one was asked for.
    pub const fn page_options(&self) -> &Page {
        &self.page
    }

    /// Where the page goes that was asked for.
    pub fn page_path(&self) -> Option<&Path> {
        self.page.html.as_deref()
    }

    /// Whether a page was asked for, too.
    pub const fn has_page(&self) -> bool {
        self.page.is_wanted()
    }

    /// Writes the page if it was asked for.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn page(&self, sheet: impl FnOnce() -> Sheet) -> Result<(), Fatal> {
        self.page.save(sheet)
    }
}

fn save(path: &Path, text: &str) -> Result<(), Fatal> {
    file::save(path, text).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &dyn std::error::Error) -> Fatal {
    Fatal(format!("{}: cannot write: {error}", path.display()))
}

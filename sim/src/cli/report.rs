//! Reports beside the answer: the files that `--junit` and `--sarif` name.

use std::path::{Path, PathBuf};

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
}

impl Files {
    /// Writes the reports that were asked for.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, report: &Report) -> Result<(), Fatal> {
        if let Some(path) = &self.junit {
            let text = junit::document(report).map_err(|error| unwritable(path, &error))?;
            save(path, &text)?;
        }
        if let Some(path) = &self.sarif {
            save(path, &format!("{:#}\n", sarif::document(report)))?;
        }
        Ok(())
    }
}

/// Where to write a page for people.
#[derive(Debug, Default, clap::Args)]
pub struct Page {
    /// Write a page to look at
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
}

impl Page {
    /// Writes the page if it was asked for.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn save(&self, sheet: impl FnOnce() -> Sheet) -> Result<(), Fatal> {
        self.html.as_ref().map_or(Ok(()), |path| save_page(path, &sheet()))
    }
}

/// Writes a sheet as a page.
///
/// # Errors
/// A file that cannot be written.
pub fn save_page(path: &Path, sheet: &Sheet) -> Result<(), Fatal> {
    save(path, &html::page(sheet))
}

fn save(path: &Path, text: &str) -> Result<(), Fatal> {
    file::save(path, text).map_err(|error| unwritable(path, &error))
}

fn unwritable(path: &Path, error: &dyn std::error::Error) -> Fatal {
    Fatal(format!("{}: cannot write: {error}", path.display()))
}

//! `replay --export-graph`: accounts as a node would tell of them when the scenario is over.

use std::fs;
use std::path::{Component, Path, PathBuf};

use crate::account::AccountId;
use crate::cli::Fatal;
use crate::cli::output::{Reader, print_json, remark};
use crate::replay::{Replay, Report};
use crate::report::sheet::Sheet;
use crate::report::{file, text};

/// What to export, and where to.
pub enum Export<'a> {
    /// Nothing.
    Nothing,
    /// One account, to standard output.
    Account(&'a str),
    /// All top accounts, each to a file.
    Folder(&'a Path),
}

impl<'a> Export<'a> {
    /// Reads the option: a folder that exists or ends in `/`, else an account.
    ///
    /// # Errors
    /// An account of several scenarios.
    pub fn new(option: Option<&'a str>, files: &[PathBuf]) -> Result<Self, Fatal> {
        let Some(text) = option else { return Ok(Self::Nothing) };
        let path = Path::new(text);
        if text.ends_with('/') || path.is_dir() {
            return Ok(Self::Folder(path));
        }
        match files {
            [_] => Ok(Self::Account(text)),
            _ => Err(Fatal(format!(
                "--export-graph {text}: an account of {} scenarios; expected one scenario, or a \
                 folder (ending in /) to write to",
                files.len()
            ))),
        }
    }

    /// Whether the document is all that standard output gets.
    pub const fn is_answer(&self) -> bool {
        matches!(self, Self::Account(_))
    }

    /// Says on standard error that the scenario failed, for standard output holds the document.
    pub fn remark(&self, report: &Report) -> Reader {
        if report.failed > 0 {
            remark(text::page(&Sheet::from(report), text::Options::default()).trim_end());
        }
        Reader::Listens
    }

    /// Exports what the ledger holds now.
    ///
    /// # Errors
    /// An account the scenario does not know, or a file that cannot be written.
    pub fn save(&self, scenario: &Path, replay: &Replay) -> Result<(), Fatal> {
        match self {
            Self::Nothing => Ok(()),
            Self::Account(name) => {
                let accounts = &replay.header().names.accounts;
                let account = accounts.find(name).ok_or_else(|| {
                    let scenario = scenario.display();
                    Fatal(format!(
                        "{scenario}: no account `{name}`; expected one of its `accounts`"
                    ))
                })?;
                print_json(&text(replay, account)?).map(|_| ())
            }
            Self::Folder(folder) => {
                let folder = folder_of(folder, scenario);
                let unwritable = |path: &Path, error: &dyn std::error::Error| {
                    Fatal(format!("{}: cannot write: {error}", path.display()))
                };
                for account in replay.top_accounts() {
                    fs::create_dir_all(&folder).map_err(|error| unwritable(&folder, &error))?;
                    let label = replay.header().names.accounts.label(account);
                    let path = folder.join(file::name_of(label) + ".json");
                    file::save(&path, &text(replay, account)?)
                        .map_err(|error| unwritable(&path, &error))?;
                }
                Ok(())
            }
        }
    }
}

fn text(replay: &Replay, account: AccountId) -> Result<String, Fatal> {
    let document = replay.graph(account).map_err(|error| Fatal(error.to_string()))?;
    Ok(format!("{:#}\n", document.to_wrapper()))
}

/// A folder for each scenario, at the scenario's own path inside the given one.
fn folder_of(folder: &Path, scenario: &Path) -> PathBuf {
    let normal = scenario.components().filter(|part| matches!(part, Component::Normal(_)));
    let inside: PathBuf = normal.collect();
    let name = inside.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let stem = name.split(".json").next().unwrap_or_default();
    folder.join(inside.with_file_name(stem))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_account_has_a_file_of_its_own() {
        let folder = folder_of(Path::new("out/"), Path::new("../scenarios/takeover/x.jsonl.gz"));
        assert_eq!(folder, Path::new("out/scenarios/takeover/x"));
        assert_eq!(file::name_of("alice-1"), "alice-1");
        assert_eq!(file::name_of("../é"), "%2E%2E%2F%C3%A9");
    }
}

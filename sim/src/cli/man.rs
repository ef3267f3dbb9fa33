//! `quorate man`: the manual, made from the same definition as `--help`.

use std::fs;
use std::path::PathBuf;

use clap::Command;
use clap_mangen::Man;

use super::output::{Reader, print, print_file};
use super::{Exit, Fatal};
use crate::report::file;

/// Write the manual page to standard output, or a page for every command into a folder.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate man
  quorate man ~/.local/share/man/man1")]
pub struct Arguments {
    /// The folder; made if it is not there
    folder: Option<PathBuf>,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let mut definition = super::definition().disable_help_subcommand(true);
    definition.build();
    let Some(folder) = &arguments.folder else {
        return print_file(&page(definition)?).map(|_| Exit::Good);
    };
    let unwritable = |error| Fatal(format!("{}: cannot write: {error}", folder.display()));
    fs::create_dir_all(folder).map_err(unwritable)?;
    let mut pages = Vec::new();
    collect(definition, &mut pages);
    for command in pages {
        let path = folder.join(format!("{}.1", command.get_display_name().unwrap_or("quorate")));
        file::save(&path, &page(command)?).map_err(unwritable)?;
        if print(&format!("{}\n", path.display()))? == Reader::Left {
            break;
        }
    }
    Ok(Exit::Good)
}

/// The command and all below it.
fn collect(command: Command, pages: &mut Vec<Command>) {
    let below: Vec<Command> = command.get_subcommands().cloned().collect();
    pages.push(command);
    below.into_iter().for_each(|command| collect(command, pages));
}

fn page(command: Command) -> Result<String, Fatal> {
    let mut text = Vec::new();
    let written = Man::new(command).render(&mut text);
    written.map_err(|error| Fatal(format!("cannot write the manual: {error}")))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

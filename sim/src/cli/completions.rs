//! `quorate completions`: what a shell needs to complete commands and options.

use clap_complete::Shell;

use super::output::print_file;
use super::{Exit, Fatal};

/// Write the completions of a shell to standard output.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:
  quorate completions bash > ~/.local/share/bash-completion/completions/quorate
  quorate completions zsh > ~/.zfunc/_quorate
  quorate completions fish > ~/.config/fish/completions/quorate.fish")]
pub struct Arguments {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<Exit, Fatal> {
    let mut text = Vec::new();
    clap_complete::generate(arguments.shell, &mut super::definition(), "quorate", &mut text);
    print_file(&String::from_utf8_lossy(&text)).map(|_| Exit::Good)
}

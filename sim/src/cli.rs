//! The door: the command line. Reads files, prints answers, turns them into exit codes.

mod analyze;
mod answer;
mod apply;
mod completions;
mod conform;
mod count;
mod decode;
mod diff;
mod encode;
mod explain;
mod interrupt;
mod explore;
mod input;
mod duration;
mod faults;
mod fmt;
mod fuzz;
mod generate;
mod guard;
mod idle;
mod limits;
mod man;
mod output;
mod payloads;
mod plan;
mod progress;
mod protocol;
mod protocols;
mod replay;
mod report;
pub mod state;
mod validate;
mod watcher;

use std::io::Write as _;
use std::process::ExitCode;

use clap::{FromArgMatches as _, Parser, Subcommand};

use crate::encoding::printable;

/// A deterministic testbench for multisignature protocols: NEM NIS1, two Catapult eras, Symbol.
#[derive(Debug, Parser)]
#[command(name = "quorate", version = env!("QUORATE_VERSION"), propagate_version = true, max_term_width = 100)]
#[command(
    after_help = "Exit codes: 0 all as expected; 1 an expectation or an invariant is broken; \
2 wrong usage or input that cannot be read; 3 a peer program failed; 130 stopped by Ctrl-C."
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Validate(Box<validate::Arguments>),
    Analyze(Box<analyze::Arguments>),
    Plan(Box<plan::Arguments>),
    Replay(replay::Arguments),
    Report(report::Arguments),
    Apply(apply::Arguments),
    Conform(conform::Arguments),
    Decode(decode::Arguments),
    Encode(encode::Arguments),
    Explain(explain::Arguments),
    Explore(Box<explore::Arguments>),
    Protocols(protocols::Arguments),
    Faults(faults::Arguments),
    Fuzz(Box<fuzz::Arguments>),
    Generate(generate::Arguments),
    Fmt(fmt::Arguments),
    Diff(diff::Arguments),
    Completions(completions::Arguments),
    Man(man::Arguments),
}

/// How a command ended; the number is what a shell sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// All as expected.
    Good = 0,
    /// An expectation, an invariant or an agreement is broken.
    Broken = 1,
    /// Wrong usage, or input that cannot be read.
    Unreadable = 2,
    /// A peer program failed.
    PeerFailed = 3,
    /// Stopped by Ctrl-C.
    Stopped = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// A message for a person, after which nothing can be done.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Fatal(pub String);

impl From<crate::scenario::ScenarioError> for Fatal {
    fn from(error: crate::scenario::ScenarioError) -> Self {
        Self(error.to_string())
    }
}

/// The definition of the whole command line: what `--help`, completions and man pages are made of.
#[must_use]
pub fn definition() -> clap::Command {
    <Arguments as clap::CommandFactory>::command()
}

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    interrupt::end_on_panic();
    let parsed = definition().try_get_matches().and_then(|matches| {
        let arguments = Arguments::from_arg_matches(&matches)?;
        Ok((arguments, guard::check(&matches).and_then(|()| idle::refuse(&matches))))
    });
    let (arguments, allowed) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => return usage(&error).into(),
    };
    let result = interrupt::listen().and(allowed).and_then(|()| execute(arguments.command));
    match result {
        Ok(exit) => exit.into(),
        Err(Fatal(message)) => {
            output::complain(&message);
            Exit::Unreadable.into()
        }
    }
}

/// Prints help, the version, or what is wrong with the command line.
fn usage(error: &clap::Error) -> Exit {
    let plain = error.to_string();
    let shown = printable(&plain);
    let printed = match error.use_stderr() && shown != plain {
        true => writeln!(std::io::stderr(), "{}", shown.trim_end()),
        false => error.print(),
    };
    let printed = printed.and_then(|()| std::io::stdout().flush()).map_err(|error| error.kind());
    match printed {
        Ok(()) | Err(std::io::ErrorKind::BrokenPipe) if !error.use_stderr() => Exit::Good,
        _ => Exit::Unreadable,
    }
}

fn execute(command: Command) -> Result<Exit, Fatal> {
    match command {
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Plan(arguments) => plan::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Apply(arguments) => apply::run(&arguments),
        Command::Conform(arguments) => conform::run(&arguments),
        Command::Decode(arguments) => decode::run(&arguments),
        Command::Encode(arguments) => encode::run(&arguments),
        Command::Explain(arguments) => explain::run(&arguments),
        Command::Explore(arguments) => explore::run(&arguments),
        Command::Protocols(arguments) => protocols::run(&arguments),
        Command::Faults(arguments) => faults::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Generate(arguments) => generate::run(&arguments),
        Command::Fmt(arguments) => fmt::run(&arguments),
        Command::Diff(arguments) => diff::run(&arguments),
        Command::Completions(arguments) => completions::run(&arguments),
        Command::Man(arguments) => man::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every command, those below others included, with its words.
    fn commands(command: &clap::Command, words: &str, list: &mut Vec<(String, clap::Command)>) {
        for below in command.get_subcommands() {
            let words = format!("{words} {}", below.get_name());
            list.push((words.clone(), below.clone()));
            commands(below, &words, list);
        }
    }

    /// The words of the `quorate` in a line of a shell: what stands before and behind it is the shell's.
    fn words(line: &str) -> Option<Vec<String>> {
        let words = shlex::split(line)?;
        let start = words.iter().position(|word| word == "quorate")?;
        let shell = |word: &String| ["|", "<", ">", ":::", "&&"].contains(&word.as_str());
        // `parallel` puts numbers in the place of {}.
        let words = words[start..].iter().take_while(|word| !shell(word));
        let hash = "0".repeat(64);
        Some(words.map(|word| word.replace("{}", "1").replace("HASH", &hash)).collect())
    }

    #[test]
    fn every_command_has_examples_and_each_of_them_is_understood() {
        let mut list = Vec::new();
        commands(&definition(), "quorate", &mut list);
        assert!(list.len() > 15, "{} commands", list.len());
        for (name, command) in list {
            let help = command.get_after_help().map(ToString::to_string).unwrap_or_default();
            assert!(help.contains("Example"), "`{name} --help` shows no examples");
            let examples =
                help.lines().filter(|line| line.starts_with("  ") && line.contains("quorate"));
            let mut count = 0;
            for line in examples {
                let words = words(line).unwrap_or_else(|| panic!("{name}: {line}"));
                let result = definition().try_get_matches_from(&words);
                assert!(result.is_ok(), "{line}\n{}", result.err().unwrap());
                count += usize::from(line.contains(&name));
            }
            assert!(count > 0, "`{name} --help` shows no examples");
        }
    }

    #[test]
    fn the_definition_is_sound() {
        definition().debug_assert();
    }
}

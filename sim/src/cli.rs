//! The door: the command line. Reads files, prints answers, turns them into exit codes.

mod analyze;
mod apply;
mod conform;
mod decode;
mod encode;
mod interrupt;
mod explore;
mod duration;
mod faults;
mod fuzz;
mod limits;
mod output;
mod payloads;
mod protocol;
mod protocols;
mod replay;
mod report;
mod validate;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A deterministic testbench for multisignature protocols: NEM NIS1, two Catapult eras, Symbol.
#[derive(Debug, Parser)]
#[command(name = "quorate", version, propagate_version = true, max_term_width = 100)]
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
    Analyze(Box<analyze::Arguments>),
    Replay(replay::Arguments),
    Report(report::Arguments),
    Apply(apply::Arguments),
    Conform(conform::Arguments),
    Decode(decode::Arguments),
    Encode(encode::Arguments),
    Explore(Box<explore::Arguments>),
    Protocols(protocols::Arguments),
    Faults(faults::Arguments),
    Fuzz(Box<fuzz::Arguments>),
    Validate(Box<validate::Arguments>),
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

/// Runs the command line of this process.
#[must_use]
pub fn run() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { 2 } else { 0 });
        }
    };
    let result = match arguments.command {
        Command::Analyze(arguments) => analyze::run(&arguments),
        Command::Replay(arguments) => replay::run(&arguments),
        Command::Report(arguments) => report::run(&arguments),
        Command::Apply(arguments) => apply::run(&arguments),
        Command::Conform(arguments) => conform::run(&arguments),
        Command::Decode(arguments) => decode::run(&arguments),
        Command::Encode(arguments) => encode::run(&arguments),
        Command::Explore(arguments) => explore::run(&arguments),
        Command::Protocols(arguments) => protocols::run(&arguments),
        Command::Faults(arguments) => faults::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Validate(arguments) => validate::run(&arguments),
    };
    match result {
        Ok(exit) => exit.into(),
        Err(Fatal(message)) => {
            eprintln!("error: {message}");
            Exit::Unreadable.into()
        }
    }
}

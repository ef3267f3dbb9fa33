//! A trace of a scenario: step by step what was done, what was answered, how the accounts stand now.

use std::fmt::Write as _;

use crate::cli::Fatal;
use crate::cli::output::{Reader, print};
use crate::ledger::View;
use crate::replay::{Replay, account_tree};
use crate::report::record::words;
use crate::scenario::Header;
use crate::scenario::record::StepRecord;

/// Prints every step of a scenario as it is taken.
pub struct Trace {
    reader: Reader,
    drawn: String,
}

impl Trace {
    /// Prints the scenario's title.
    ///
    /// # Errors
    /// Standard output that cannot be written to.
    pub fn new(header: &Header) -> Result<Self, Fatal> {
        Ok(Self { reader: print(&title(header))?, drawn: String::new() })
    }

    /// Prints a step that was taken.
    pub fn step(&mut self, replay: &Replay, record: &StepRecord<'_>) {
        if self.reader == Reader::Listens {
            let text = step(replay, record, &mut self.drawn);
            self.reader = print(&text).unwrap_or(Reader::Left);
        }
    }
}

fn title(header: &Header) -> String {
    let mut text = String::new();
    if !header.name.is_empty() {
        let _ = writeln!(text, "{} ({})", header.name, header.protocol.name);
    }
    for line in wrapped(&header.description, 98) {
        let _ = writeln!(text, "  {line}");
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text
}

fn step(replay: &Replay, record: &StepRecord<'_>, drawn: &mut String) -> String {
    let number = replay.outcome().steps;
    let what = match &record.note {
        Some(note) => wrapped(&note.0, 90).join("\n      "),
        None => {
            let (what, signers) = words::step(record, replay.header().protocol.currency);
            let signed = if signers.is_empty() { "" } else { "; signed by " };
            format!("{what}{signed}{}", signers.join(", "))
        }
    };
    let protocol = replay.ledger().protocol();
    let answer = replay.verdict().map_or("", |verdict| protocol.result_name(verdict));
    let mut text = format!("{number:>4}. {what}\n");
    if !answer.is_empty() {
        let _ = writeln!(text, "      -> {answer}");
    }
    if let Some(reason) = replay.reason() {
        for line in wrapped(&reason.text, 88) {
            let _ = writeln!(text, "         {line}");
        }
    }
    let links = replay.ledger().state().links();
    let header = replay.header();
    let top = |&account: &_| links.multisigs_of(account).is_empty() && links.is_multisig(account);
    let roots: Vec<_> = links.multisig_accounts().filter(top).collect();
    let tree = account_tree(&header.names, protocol.base, links, &header.lost, &roots);
    if tree != *drawn {
        for line in tree.lines() {
            let _ = writeln!(text, "         {line}");
        }
        *drawn = tree;
    }
    text
}

/// The text in lines of at most so many bytes, words whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split_whitespace() {
        match lines.last_mut() {
            Some(line) if line.len() + 1 + word.len() <= width => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
}
